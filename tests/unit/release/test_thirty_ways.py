"""Ways of cutting, swapping, restoring and forging what was released: each is noticed, and by which command.

The table of the method notes (``docs/disclosure.*.md``) has a row for each way of `WAYS`.
"""

import hashlib
import json
import shutil
from dataclasses import asdict
from datetime import date
from pathlib import Path

import pandas as pd
import pytest
import signing

from platform_utils import cli
from platform_utils.paths import Workspace
from platform_utils.protect import Demand, Ledger, content_of, digest_of_contents, load_rule, protect
from platform_utils.protect.anchors import open_ledger
from platform_utils.release import Candidate, SignOff, open_reader, read_sign_offs, write_sign_off
from platform_utils.release.contents import checksums, digest_of
from platform_utils.release.freeze import Release
from platform_utils.release.outgoing import let_out
from platform_utils.release.readers import demo_key, is_signed, public_of
from platform_utils.release.sign_off import check_signatures, require_two, sealed, signed_by_two
from platform_utils.spec.counts import CountTable, Universe
from platform_utils.spec.entries import written_entry

DAY = date(2024, 8, 15)
COUNTS = {"woman": 60, "man": 50, "other": 2, "unknown": 5, "total": 117}
READERS = ("A. Ett", "B. Två")


def gated(name, woman=60):
    """Return one small table by sex that has passed the gate."""
    counts = COUNTS | {"woman": woman, "total": woman + 57}
    data = pd.DataFrame({"sex": list(counts), "count": list(counts.values())})
    one = CountTable(name, Universe("direct", 2021, "demo"), ("sex",), data)
    return protect(Demand([one], load_rule())).tables


def begun(ledger):
    """A ledger with what others had published, if nothing has gone out yet."""
    if ledger.entries:
        return ledger
    content = content_of(gated("others")[0]) | {"origin": "published"}
    return ledger.with_line("published", content, day=DAY, release="published", edition=1)


def out(place, name, folder, number=60):
    """Let a release out as `freeze_release` and `hand_over` do, with one small table of the gate."""
    tables = gated(name, number)
    files = {"tables/gate.json": f"{number}".encode(), "tables/sex.csv": b"60,50"}
    if place.ledger("demo").is_file() and "/" not in folder:
        files["ledger/ledger.jsonl"] = place.ledger("demo").read_bytes()

    def ended(ledger):
        about = asdict(Release(name, 2021, "demo", DAY.isoformat(), digest_of(files), ()))
        grown = begun(ledger).with_release(tables, release=name, day=DAY)
        return sealed(grown, name, about, day=DAY)

    for reader in READERS:
        signing.sign(place, reader, lambda ledger: Candidate.of(ledger, ended(ledger)))
    ledger = open_ledger(place.releases("demo"))
    ledger = signed_by_two(place, ledger, ended(ledger))
    about = ledger.lines[-1].content["about"] | {"head": ledger.head, "length": len(ledger.lines)}
    let_out(place.releases("demo") / folder, files | own_files(files, about), ledger.write)


def own_files(files, about):
    said = {"release.toml": written_entry(about).encode()}
    return {"SHA256SUMS": checksums(files).encode(), "release.sha256": checksums(said).encode(), **said}


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    """Two readers, a release, an answer, and a corrected release; and what the minutes say."""
    place = Workspace(tmp_path_factory.mktemp("whole"))
    (place.root / "_quarto.yml").touch()
    signing.enrol(place, *READERS)
    out(place, "2021-1", "2021-1")
    shutil.copytree(place.releases("demo"), place.root / "older")
    out(place, "request-a", "requests/a", 61)
    (place.releases("demo") / "requests" / "a" / "release.sha256").unlink()
    out(place, "2021-2", "2021-2", 62)
    return place


@pytest.fixture
def place(whole, tmp_path):
    shutil.copytree(whole.root, tmp_path / "w")
    return Workspace(tmp_path / "w")


# ------------------------------------------------------------------------------------- hands of the adversary


def lines(place):
    return place.ledger("demo").read_text(encoding="utf-8").splitlines(keepends=True)


def put(place, kept):
    place.ledger("demo").write_text("".join(kept), encoding="utf-8")


def rechained(entries):
    """The same lines in a chain that is whole."""
    ledger = Ledger(Path("nowhere"))
    for one in entries:
        ledger = ledger.with_line(
            one["kind"], one["content"], day=date.fromisoformat(one["day"]), release=one["release"],
            method=one["method"], edition=one["edition"],
        )  # fmt: skip
    return ledger


def forge(place, change, *, heads=True):
    """Write the whole chain anew with other content; with ``heads`` also what every folder remembers."""
    ledger = rechained([found for one in map(json.loads, lines(place)) if (found := change(one))])
    ledger.path = place.ledger("demo")
    ledger.write()
    for name, (number, seal) in ledger.seals.items() if heads else ():
        folder = place.releases("demo") / name.replace("request-", "requests/")
        about = seal.content["about"] | {"head": seal.hash, "length": number}
        write(folder / "release.toml", written_entry(about))


def write(path, text):
    path.parent.mkdir(parents=True, exist_ok=True)
    if path.exists():
        path.chmod(0o644)
    path.write_bytes(text if isinstance(text, bytes) else text.encode())


def told(place, folder, old, new, name="release.toml"):
    path = place.releases("demo") / folder / name
    write(path, path.read_text(encoding="utf-8").replace(old, new))


def agreed(place, folder, name, content):
    """Change a file of a release together with every hash that stands in its folder."""
    home = place.releases("demo") / folder
    write(home / name, content)
    own = ("SHA256SUMS", "release.toml", "release.sha256")
    files = {
        path.relative_to(home).as_posix(): path.read_bytes()
        for path in home.rglob("*")
        if path.is_file() and path.name not in own
    }
    before = (home / "SHA256SUMS").read_bytes()
    write(home / "SHA256SUMS", checksums(files))
    told(
        place,
        folder,
        hashlib.sha256(before).hexdigest(),
        hashlib.sha256(checksums(files).encode()).hexdigest(),
    )
    write(home / "release.sha256", checksums({"release.toml": (home / "release.toml").read_bytes()}))


def restored(place, name):
    shutil.rmtree(place.releases("demo") / name, ignore_errors=True)
    (place.releases("demo") / name).unlink(missing_ok=True) if name == "ledger.jsonl" else None
    source = place.root / "older" / name
    (shutil.copytree if source.is_dir() else shutil.copy)(source, place.releases("demo") / name)


def gone(place, *names):
    for name in names:
        path = place.releases("demo") / name
        shutil.rmtree(path) if path.is_dir() else path.unlink()


def other_count(one):
    text = json.dumps(one, ensure_ascii=False)
    return json.loads(text.replace("60, 50", "60, 49")) if one["release"] == "2021-1" else one


def other_reader(one):
    return json.loads(json.dumps(one, ensure_ascii=False).replace("B. Två", "C. Tre"))


def without(*kinds, release=None):
    def change(one):
        return None if one["kind"] in kinds and release in (None, one["release"]) else one

    return change


def one_key_twice(place):
    """The second reader's signature is made by the first reader's key under the second's name."""
    entries = [json.loads(one) for one in lines(place)]

    def change(one):
        if one["kind"] == "sealed" and one["release"] == "2021-2":
            first, second = one["content"]["signed"]
            one["content"]["signed"] = [first, first | {"name": second["name"]}]
        return one

    assert entries
    forge(place, change)


def closed_before(place):
    """The second reader's key is closed by a line put before the last release."""
    entries = [json.loads(one) for one in lines(place)]
    reader = next(one for one in entries if one["kind"] == "reader" and one["content"]["name"] == "B. Två")
    at = next(n for n, one in enumerate(entries) if one["release"] == "2021-2")
    entries.insert(at, reader | {"kind": "reader closed", "method": "reader closed"})
    forge_list(place, entries)


def enrolled_after(place):
    """The second reader is enrolled by a line after what that reader signed."""
    entries = [json.loads(one) for one in lines(place)]
    reader = next(one for one in entries if one["kind"] == "reader" and one["content"]["name"] == "B. Två")
    forge_list(place, [one for one in entries if one is not reader] + [reader])


def forge_list(place, entries):
    rest = iter(entries)
    put(place, [])
    write(place.ledger("demo"), "".join(json.dumps(one) + "\n" for one in entries))
    forge(place, lambda _: next(rest))


def unsigned_more(place):
    """One more release is entered in the chain by hand, with its folder."""
    ledger = Ledger(place.ledger("demo"))
    tables = gated("more")
    ledger.add(tables, release="2021-3", day=DAY)
    (place.releases("demo") / "2021-3").mkdir()


def signature_of_another(place):
    """The signatures of the first release stand under the last one."""
    ends = {one["release"]: one for one in map(json.loads, lines(place)) if one["kind"] == "sealed"}

    def change(one):
        if one["kind"] == "sealed" and one["release"] == "2021-2":
            one["content"]["signed"] = ends["2021-1"]["content"]["signed"]
        return one

    forge(place, change)


def other_word(place):
    """A reader's reason is another one."""
    forge(place, lambda one: json.loads(json.dumps(one).replace('"checked"', '"not looked at"')))


def last_two_swapped(place):
    kept = lines(place)
    put(place, [*kept[:-2], kept[-1], kept[-2]])


def entries(place):
    return [json.loads(one) for one in lines(place)]


def forge_last(place, **change):
    """Lines of the last release say something else; what is no part of a line, its end says of the release."""

    def changed(one):
        if one["release"] == "2021-2" and one["kind"] == "table":
            return one | {name: value for name, value in change.items() if name in one}
        if one["release"] == "2021-2":
            one["day"] = change.get("date", one["day"])
            one["content"]["about"] |= {name: value for name, value in change.items() if name not in one}
        return one

    forge_all(place, changed)


def put_in(place, at, **change):
    """The last table stands once more at a place, as something else."""
    kept = entries(place)
    table = next(one for one in reversed(kept) if one["kind"] == "table")
    forge_list(place, [*kept[:at], table | change, *(kept[at:] if at else [])])


def capitals(one):
    return one | {"content": {"name": "C. Tre", "key": one["content"]["key"].upper()}}


def another(place):
    return entries(place)[0] | {"content": {"name": "C. Tre", "key": public_of(demo_key("C. Tre"))}}


def linked(place, name):
    path = place.releases("demo") / name
    path.parent.chmod(0o755)
    path.rename(place.root / "away.csv")
    path.symlink_to(place.root / "away.csv")


def other_source(place):
    shutil.copytree(place.releases("demo"), place.releases("members"))
    put(Workspace(place.root), lines(place))


ROOT = Path(__file__).parents[3]
OPENING = ("ledger", "release", "request", "report", "verify")
"""Commands that refuse at once."""
WAYS = {
    # cut
    "the ledger is deleted": (lambda p: gone(p, "ledger.jsonl"), "E-460", OPENING),
    "the ledger is emptied": (lambda p: put(p, []), "E-460", OPENING),
    "its last line is cut": (lambda p: put(p, lines(p)[:-1]), "E-461", OPENING),
    "its last release is cut": (lambda p: put(p, lines(p)[:-2]), "E-460", OPENING),
    "half of its last line is cut": (lambda p: put(p, [*lines(p)[:-1], lines(p)[-1][:40]]), "E-436", OPENING),
    "its first line is cut": (lambda p: put(p, lines(p)[1:]), "E-436", OPENING),
    "a line in the middle is cut": (lambda p: put(p, [*lines(p)[:3], *lines(p)[4:]]), "E-436", OPENING),
    "a line in the middle is cut, the chain made anew": (
        lambda p: forge(p, without("table", release="request-a"), heads=False), "E-461", OPENING,
    ),
    "a whole answer is cut with its folder, the chain and all heads made anew": (
        lambda p: (gone(p, "requests/a"), forge_without_answer(p)), "E-461", OPENING,
    ),
    "the last release is cut, its folder kept under another name": (
        lambda p: (put(p, lines(p)[:-2]), rename(p, "2021-2", "2021-9")), "E-460", OPENING,
    ),
    "a release's folder is deleted": (lambda p: gone(p, "2021-1"), "E-464", ("ledger",)),
    "an answer's folder is deleted": (lambda p: gone(p, "requests/a"), "E-464", ("ledger",)),
    # swap
    "two lines are swapped": (last_two_swapped, "E-436", OPENING),
    "a line is there twice": (lambda p: put(p, [*lines(p), lines(p)[-1]]), "E-436", OPENING),
    "two releases' folders are swapped": (lambda p: swapped(p, "2021-1", "2021-2"), "E-46", OPENING),
    "a table of a release is changed": (
        lambda p: write(p.releases("demo") / "2021-1/tables/sex.csv", "1"), "E-462", ("ledger", "verify"),
    ),
    "a table and the gate's record are changed, with all hashes": (
        lambda p: agreed(p, "2021-1", "tables/gate.json", b"1"), "E-462", OPENING,
    ),
    "a table of an answer is changed": (
        lambda p: write(p.releases("demo") / "requests/a/tables/sex.csv", "1"), "E-462", ("ledger",),
    ),
    "a file is added to an answer": (
        lambda p: write(p.releases("demo") / "requests/a/more.csv", "1"), "E-462", ("ledger",),
    ),
    "who signed is rewritten, with its hash": (
        lambda p: (told(p, "2021-2", "B. Två", "C. Tre"), rehashed(p, "2021-2")), "E-462", OPENING,
    ),
    "a release's head is taken out": (lambda p: headless(p, "2021-2"), "E-462", OPENING),
    # restore
    "an older ledger is restored": (lambda p: restored(p, "ledger.jsonl"), "E-460", OPENING),
    "an older ledger is restored, with sign-offs": (
        lambda p: (restored(p, "ledger.jsonl"), restored(p, "sign_off")), "E-460", OPENING,
    ),
    "everything is restored from an older copy": (
        lambda p: (shutil.rmtree(p.releases("demo")), shutil.copytree(p.root / "older", p.releases("demo"))),
        "E-465", ("ledger --head",),
    ),
    "everything is deleted": (lambda p: shutil.rmtree(p.releases("demo")), "E-465", ("ledger --head",)),
    # forge
    "a count in the ledger is changed": (
        lambda p: put(p, [one.replace("60,50", "60,49") for one in lines(p)]), "E-436", OPENING,
    ),
    "a count is changed, the chain made anew": (
        lambda p: forge(p, other_count, heads=False), "E-461", OPENING,
    ),
    "a count is changed, chain and all heads made anew": (
        lambda p: (forge_all(p, other_count)), "E-463", OPENING,
    ),
    "a signer's name is changed, chain and all heads made anew": (
        lambda p: forge_all(p, other_reader), "E-463", OPENING,
    ),
    "signatures are taken out, chain and all heads made anew": (
        lambda p: forge_all(p, without("sealed")), "E-46", OPENING,
    ),
    "one key signs under two names": (lambda p: bare(p, one_key_twice), "E-463", OPENING),
    "a signature stands under another release": (lambda p: bare(p, signature_of_another), "E-463", OPENING),
    "a reader's words are changed": (lambda p: bare(p, other_word), "E-463", OPENING),
    "a reader is enrolled after signing": (lambda p: bare(p, enrolled_after), "E-463", OPENING),
    "a reader is closed before signing": (lambda p: bare(p, closed_before), "E-463", OPENING),
    "a release is entered without signatures": (unsigned_more, "E-463", OPENING),
    "a release's own words are torn": (
        lambda p: write(p.releases("demo") / "2021-1/release.toml", b"\xff"),
        "E-462",
        OPENING,
    ),
    "a byte of the ledger is no text": (
        lambda p: write(p.ledger("demo"), p.ledger("demo").read_bytes().replace(b"woman", b"w\xffman", 1)),
        "E-436",
        OPENING,
    ),
    "a folder is put among the releases": (
        lambda p: shutil.copytree(p.releases("demo") / "2021-1", p.releases("demo") / "2021-4"), "E-460", OPENING,
    ),
    "releases of one source are taken for another's": (other_source, "E-463", ("ledger --source members",)),
    # what the lines say besides their tables
    "tables are called published, chain and all heads made anew": (
        lambda p: forge_last(p, kind="published"), "E-463", OPENING,
    ),
    "an edition is changed, chain and all heads made anew": (
        lambda p: forge_last(p, edition=9), "E-463", OPENING,
    ),
    "a method is changed, chain and all heads made anew": (
        lambda p: forge_last(p, method="rounding"), "E-463", OPENING,
    ),
    "a day is put before the signatures, chain and all heads made anew": (
        lambda p: forge_last(p, day="2018-01-01", date="2018-01-01"), "E-463", OPENING,
    ),
    "a table has another day than its release, chain and all heads made anew": (
        lambda p: forge_last(p, day="2025-01-01"), "E-463", OPENING,
    ),
    "what a release replaces is changed, chain and all heads made anew": (
        lambda p: forge_last(p, replaces="2021-1", reason="a count"), "E-463", OPENING,
    ),
    "published figures are put before the last release, chain and all heads made anew": (
        lambda p: bare(p, lambda p: put_in(p, -2, release="others", kind="published")), "E-463", OPENING,
    ),
    "a reader is enrolled before the last release, chain and all heads made anew": (
        lambda p: bare(p, lambda p: forge_list(p, [*entries(p)[:-2], another(p), *entries(p)[-2:]])), "E-463", OPENING,
    ),
    "published figures are put at the end": (
        lambda p: put_in(p, None, release="others", kind="published"), "E-463", OPENING,
    ),
    "published figures of the first release are taken out, chain and all heads made anew": (
        lambda p: forge_all(p, without("published")), "E-463", OPENING,
    ),
    "a table of no release is put at the end": (lambda p: put_in(p, None, release=""), "E-436", OPENING),
    "a key stands twice in a line": (
        lambda p: put(p, [one.replace("{", '{"edition":1,', 1) for one in lines(p)]), "E-436", OPENING,
    ),
    "a key is enrolled again in capitals": (
        lambda p: forge_list(p, [*entries(p), capitals(entries(p)[0])]), "E-436", OPENING,
    ),
    # beside and inside
    "a release's folder is deleted, an empty one waits for its name": (
        lambda p: (gone(p, "2021-1"), (p.releases("demo") / ".outgoing-2021-1").mkdir()), "E-462", OPENING,
    ),
    "an answer's folder is deleted, an empty one waits for its name": (
        lambda p: (gone(p, "requests/a"), (p.releases("demo") / "requests/.outgoing-a").mkdir()),
        "E-462", OPENING,
    ),
    "an empty folder is put in a release": (
        lambda p: (p.releases("demo") / "2021-1/more").mkdir(), "E-462", ("ledger", "verify"),
    ),
    "a link is put in a release": (
        lambda p: (p.releases("demo") / "2021-1/more").symlink_to(p.root), "E-462", ("ledger", "verify"),
    ),
    "a table of a release becomes a link": (
        lambda p: linked(p, "2021-1/tables/sex.csv"), "E-462", ("ledger", "verify"),
    ),
    "a file is put beside the releases": (
        lambda p: write(p.releases("demo") / "2021-9.zip", "1"), "E-460", ("ledger",),
    ),
    "a hidden folder is put beside the releases": (
        lambda p: shutil.copytree(p.releases("demo") / "2021-1", p.releases("demo") / ".2021-9"),
        "E-460", ("ledger",),
    ),
    "the last release is cut with its folder and its sign-offs": (
        lambda p: (put(p, lines(p)[:-2]), gone(p, "2021-2", "sign_off")), "E-465", ("ledger --head",),
    ),
}  # fmt: skip


def bare(place, change):
    """Forge where nothing but the chain remembers: copies of the ledger and sign-offs are taken away."""
    gone(place, "sign_off")
    for folder in ("2021-1", "2021-2"):
        write(place.releases("demo") / folder / "ledger" / "ledger.jsonl", b"")
    change(place)


def forge_all(place, change):
    bare(place, lambda p: forge(p, change))


def forge_without_answer(place):
    kept = place.releases("demo") / "sign_off"
    shutil.rmtree(kept)
    forge(place, without("table", "sealed", release="request-a"))


def rename(place, old, new):
    (place.releases("demo") / old).rename(place.releases("demo") / new)


def swapped(place, one, other):
    rename(place, one, "away")
    rename(place, other, one)
    rename(place, "away", other)


def rehashed(place, folder):
    home = place.releases("demo") / folder
    write(home / "release.sha256", checksums({"release.toml": (home / "release.toml").read_bytes()}))


def headless(place, folder):
    path = place.releases("demo") / folder / "release.toml"
    kept = [
        one for one in path.read_text(encoding="utf-8").splitlines() if not one.startswith(("head", "length"))
    ]
    write(path, "\n".join(kept) + "\n")
    rehashed(place, folder)


ARGUMENTS = {
    "ledger": ("ledger", "--source", "demo"),
    "ledger --source members": ("ledger", "--source", "members"),
    "release": ("release", "2021", "--date", "2024-09-01", "--source", "demo"),
    "request": ("request", "answer", "request.toml", "--source", "demo"),
    "report": ("report", "annual", "2021", "--source", "demo", "--dry-run"),
    "verify": ("verify", "2021-1", "--source", "demo"),
}


def said_by(command, place, minutes, capsys):
    words = ARGUMENTS.get(command, (*ARGUMENTS["ledger"], "--head", minutes))
    status = cli.main([*words, "--lang", "en"])
    return status, capsys.readouterr().err


@pytest.mark.parametrize("way", WAYS)
def test_every_way_is_noticed(way, whole, place, monkeypatch, capsys):
    monkeypatch.setenv("PLATFORM_UTILS_HOME", str(place.root))
    monkeypatch.chdir(place.root)
    (place.root / "request.toml").write_text(REQUEST, encoding="utf-8")
    (place.root / "reports" / "en").mkdir(parents=True)
    (place.root / "reports" / "en" / "annual.qmd").touch()
    place.returns("demo", 2021).mkdir(parents=True)
    place.receipts("demo", 2021).touch()
    minutes = Ledger(whole.ledger("demo")).head
    change, code, commands = WAYS[way]
    change(place)
    for command in commands:
        status, told_so = said_by(command, place, minutes, capsys)
        assert status in (13, 14), (command, told_so)
        assert code in told_so or (command, status) == ("verify", 14), command
        assert "Traceback" not in told_so


def test_nothing_is_noticed_where_nothing_was_done(place, whole, monkeypatch, capsys):
    monkeypatch.setenv("PLATFORM_UTILS_HOME", str(place.root))
    head = Ledger(whole.ledger("demo")).head
    for words in ((), ("--head", head), ("--head", head[:20].upper())):
        assert 0 == cli.main(["ledger", "--source", "demo", "--lang", "en", *words])
        assert head in capsys.readouterr().out
    assert 2 == cli.main(["ledger", "--source", "demo", "--head", "beef"])


def test_a_sign_off_that_was_changed_lets_nothing_out(place):
    def ended(ledger):
        return Candidate.of(ledger, signing.ended(ledger, (), "2021-3", {"a": b"1"}))

    signed = signing.sign(place, "A. Ett", ended)
    said = signed.read_text(encoding="utf-8")
    signed.write_text(said.replace("checked", "really checked"), encoding="utf-8")
    signing.sign(place, "B. Två", ended)
    ledger = open_ledger(place.releases("demo"))
    candidate = ended(ledger)
    with pytest.raises(Exception, match="E-836"):
        require_two(read_sign_offs(place, "demo", candidate.digest), candidate, ledger, DAY)


@pytest.mark.parametrize(
    "change",
    [{"release": "2021-4"}, {"edition": 2}, {"replaces": "2021-1"}, {"day": date(2018, 12, 31)}],
)
def test_a_signature_is_given_on_whole_lines_and_before_they_go_out(place, change):
    said = {"tables": gated("three", 70), "release": "2021-3", "files": {"a": b"1"}, "day": DAY}
    for reader in READERS:
        signing.sign(place, reader, lambda ledger: Candidate.of(ledger, signing.ended(ledger, **said)))
    ledger = open_ledger(place.releases("demo"))
    assert signed_by_two(place, ledger, signing.ended(ledger, **said)).lines
    with pytest.raises(Exception, match="E-836"):
        signed_by_two(place, ledger, signing.ended(ledger, **said | change))


def test_a_ledger_signed_in_the_older_form_is_read(tmp_path):
    place = Workspace(tmp_path)
    ledger, tables = signing.enrol(place, *READERS), gated("sex")
    about = asdict(Release("2021-1", 2021, "demo", "2018-01-01", "0" * 64, READERS))
    out = Candidate("demo", about["digest"], digest_of_contents(map(content_of, tables)), ledger.head, 2, 1)
    signed = [out.signed(open_reader(ledger, r), demo_key(r), day=DAY, reason="read") for r in READERS]
    grown = ledger.with_release(tables, release="2021-1", day=DAY)
    sealed(grown, "2021-1", about, signed, day=DAY).write()
    check_signatures(Ledger(place.ledger("demo")), "demo")
    forge(place, lambda one: json.loads(json.dumps(one).replace('"form": 1', '"form": 2')), heads=False)
    with pytest.raises(Exception, match="E-463"):
        check_signatures(Ledger(place.ledger("demo")), "demo")


def test_a_signature_in_capitals_is_none():
    key = demo_key("A. Ett")
    public, signature = public_of(key), key.sign(b"a").hex()
    assert is_signed("a", signature, public)
    assert not any(
        is_signed("a", *each) for each in ((signature.upper(), public), (signature, public.upper()))
    )


def test_a_second_name_on_one_key_is_one_reader(place):
    ledger = open_ledger(place.releases("demo"))
    candidate = Candidate.of(ledger, signing.ended(ledger, (), "2021-3", {"a": b"1"}))
    signed = candidate.signed(open_reader(ledger, "A. Ett"), demo_key("A. Ett"), day=DAY, reason="read")
    write_sign_off(place, "demo", signed)
    write_sign_off(place, "demo", SignOff(**{**asdict(signed), "name": "B. Två"}))
    with pytest.raises(Exception, match=r"E-8(04|36)"):
        require_two(read_sign_offs(place, "demo", candidate.digest), candidate, ledger, DAY)


def test_an_older_ledger_without_readers_is_read(tmp_path):
    place = Workspace(tmp_path)
    ledger = Ledger(place.ledger("demo"))
    ledger.add(gated("sex"), release="2021-1", day=DAY)
    folder = place.releases("demo") / "2021-1"
    files = {"a.csv": b"1"}
    about = asdict(Release("2021-1", 2021, "demo", "2022-01-01", "x", READERS))
    for name, content in (files | own_files(files, {k: about[k] for k in list(about)[:8]})).items():
        write(folder / name, content)
    assert ledger.head == open_ledger(place.releases("demo")).head
    put(place, [])
    with pytest.raises(Exception, match="E-460"):
        open_ledger(place.releases("demo"))


REQUEST = """
id = "b"
asked_by = "student"
lang = "en"
purpose = "A thesis."
legal_ground = "Statistics for research."
expires = 2030-12-31
years = [2021]

[[table]]
name = "sex"
universe = "direct"
dimensions = ["sex"]
why = "Who."
"""


@pytest.mark.parametrize("lang", ["sv", "en"])
def test_the_page_has_a_row_for_each_way(lang):
    """English names are those of `WAYS`; the Swedish table has as many rows, with the same commands."""
    page = (ROOT / "docs" / "ledger.md").read_text(encoding="utf-8").split("## English")[lang == "en"]
    rows = [one.strip("|").split(" | ") for one in page.splitlines() if one.endswith("… |") or "| E-4" in one]
    assert len(rows) == len(WAYS)
    assert [code for _, code, _ in WAYS.values()] == [row[2].strip("… ") for row in rows]
    for (way, (_, _, commands)), row in zip(WAYS.items(), rows, strict=True):
        assert way == row[0].strip() or lang == "sv"
        assert commands == OPENING or all(f"`{one}`" in row[1] for one in commands)
