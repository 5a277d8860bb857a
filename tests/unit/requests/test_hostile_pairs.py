"""Forty pairs of notebook and request that mean harm: nothing is run at the desk, each gets a clear word or the gate."""

import hashlib
import io
import json
import os
import zipfile
from pathlib import Path

import pandas as pd
import pytest
from test_requests import REQUEST, clean_year

from platform_utils import clean as cleaning
from platform_utils import cli
from platform_utils.errors import FileError, UsageError
from platform_utils.paths import Workspace
from platform_utils.requests import answer_request, read_request
from platform_utils.requests.tidy import COLUMNS, tidy_answer

DAY = ["--source", "demo", "--lang", "en", "--date", "2026-05-01"]
BAD = "__import__('pathlib').Path('{canary}').touch()"


def notebook(*sources, **more):
    cells = [
        {"cell_type": "code", "id": f"c{n}", "metadata": {}, "outputs": [], "execution_count": None, "source": source}
        for n, source in enumerate(sources)
    ]  # fmt: skip
    return json.dumps({"cells": cells, "metadata": {}, "nbformat": 4, "nbformat_minor": 5} | more)


def table(**keys):
    entry = {"name": "t", "universe": "direct", "dimensions": ["sex"], "why": "To know it."} | keys
    return "[[table]]\n" + "\n".join(f"{key} = {json.dumps(value)}" for key, value in entry.items()) + "\n"


def but(old, new):
    assert old in REQUEST
    return REQUEST.replace(old, new)


def only(*tables, extra=""):
    return REQUEST.partition("[[table]]")[0] + extra + "\n".join(tables)


SOUND, HONEST = REQUEST, notebook("1 + 1")
ISOLATING = only(
    table(name="a", dimensions=["police_report", "sex"]),
    table(name="b", dimensions=["police_report"]),
    table(name="c", dimensions=["sex"], universe="reported"),
    table(name="d", dimensions=["sex"], universe="women_direct"),
    table(name="e", dimensions=["sex", "police_report"]),
)

PAIRS = {
    # code where data is expected: the answer goes through the gate, or a word says no
    "code in a cell": (notebook(BAD), SOUND, 0),
    "code in a parameters cell": (notebook(f"year = {BAD}"), SOUND, 0),
    "code in a magic": (notebook("!touch {canary}", "%run {canary}", "%%bash\ntouch {canary}"), SOUND, 0),
    "code in metadata": (notebook("1", metadata={"kernelspec": {"name": "x; touch {canary}", "argv": ["touch", "{canary}"]}}), SOUND, 0),
    "code in a startup line": (notebook("1", metadata={"papermill": {"parameters": {"a": BAD}}}), SOUND, 0),
    "an attachment": (notebook("1", cells=[{"cell_type": "markdown", "metadata": {}, "source": "x", "attachments": {"../../a.sh": {"text/plain": BAD}}}]), SOUND, 0),
    "code in Quarto": ("---\nexecute: {eval: true}\n---\n```{python}\n" + BAD + "\n```\n`{python} " + BAD + "`\n", SOUND, 0),
    "a huge cell": (notebook("x = 1\n" * 400_000), SOUND, 0),
    "a cell larger than a notebook": (notebook("x" * 6_000_000), SOUND, 11),
    "a notebook that is none": ("\x7fELF" + BAD, SOUND, 11),
    "a notebook nested without end": ("[" * 200_000, SOUND, 11),
    "a notebook with a personal number": (notebook("# 811228-9874"), SOUND, 11),
    "code for an id": (HONEST, but('"2026-01"', f'"{BAD}"'), 12),
    "code for a role": (HONEST, but("doctoral student, criminology", "=cmd|' /C touch {canary}'!A0"), 12),
    "code for a purpose": (HONEST, but("A thesis.", "$(touch {canary}) `touch {canary}` {{{{1+1}}}} <script>x</script>"), 0),
    "code for a language": (HONEST, but('lang = "en"', 'lang = "en; touch {canary}"'), 12),
    "code for a variable": (HONEST, but('["police_report", "sex"]', f'["{BAD}"]'), 12),
    "an attribute for a variable": (HONEST, but('["police_report", "sex"]', '["__class__"]'), 12),
    "code for a population": (HONEST, but('"direct"', '"direct\' OR 1=1 --"'), 12),
    # names that lead elsewhere
    "a path for an id": (HONEST, but('"2026-01"', '"../../members"'), 12),
    "a drive for an id": (HONEST, but('"2026-01"', '"C:\\\\x"'), 12),
    "a path for a table": (HONEST, but('"report_by_sex"', '"../report"'), 12),
    "a NUL for an id": (HONEST, but('"2026-01"', '"a\\u0000b"'), 12),
    "a table that takes the report's name": (HONEST, but('"report_by_sex"', '"police_report"'), 0),
    # texts that are not what they look like
    "right to left": (HONEST, but("A thesis.", "A \\u202esiseht."), 12),
    "invisible letters": (HONEST, but("doctoral student", "doc\\u200btoral student"), 12),
    "a letter of another alphabet": (HONEST, but('"sex"]', '"s\u0435x"]'), 12),
    "a purpose of a megabyte": (HONEST, but("A thesis.", "A thesis. " * 100_000), 11),
    "a personal number in a comment": (HONEST, REQUEST + "# 811228-9874\n", 12),
    "an address of mail for a role": (HONEST, but("doctoral student, criminology", "anna@example.org"), 12),
    # TOML that costs
    "a list nested without end": (HONEST, "years = " + "[" * 60_000, 11),
    "a file of ten megabytes": (HONEST, REQUEST + "#" * 10_000_000, 11),
    "ten thousand questions": (HONEST, only(*(table(name=f"t{n}") for n in range(10_000))), 11),
    "a hundred questions": (HONEST, only(*(table(name=f"t{n}") for n in range(100))), 12),
    "years without end": (HONEST, but("[2023]", str([*range(2018, 9_000)])), 11),
    "a year that nobody has": (HONEST, but("[2023]", f"[{10**30}]"), 11),
    "a moment for a day": (HONEST, but("2026-12-31", "2026-12-31T00:00:00"), 12),
    # questions shaped to isolate a person
    "a place finer than a region": (HONEST, only(table(dimensions=["county", "sex"])), 12),
    "three breakdowns by the population": (HONEST, only(table(universe="unmet_medical", dimensions=["origin_country", "age_band"])), 12),
    "the same people in five ways": (HONEST, ISOLATING, 0),
}  # fmt: skip


@pytest.fixture(scope="module")
def desk(tmp_path_factory):
    root = tmp_path_factory.mktemp("hostile")
    (root / "_quarto.yml").touch()
    workspace = Workspace(root)
    cleaning.write_year(clean_year(), workspace.restricted("demo", 2023))
    return workspace


def beside_requests(desk):
    return {path for path in desk.root.rglob("*.*") if not {"requests", ".setup"} & {*path.parts}}


@pytest.mark.parametrize("name", PAIRS)
def test_a_pair_is_never_run_and_gets_a_word_or_the_gate(name, desk, tmp_path, monkeypatch, capsys):
    monkeypatch.setenv("PLATFORM_UTILS_HOME", str(desk.root))
    for way in (
        "platform_utils.execute.run_document",
        "platform_utils.ask.collect.run_document",
        "subprocess.Popen",
    ):
        monkeypatch.setattr(way, lambda *_, **__: pytest.fail("something was run"))
    book, request, expected = PAIRS[name]
    canary = tmp_path / "canary"
    sent, asked = tmp_path / ("n.qmd" if book.startswith("---") else "n.ipynb"), tmp_path / "r.toml"
    sent.write_text(book.replace("{canary}", str(canary)), encoding="utf-8")
    asked.write_text(request.replace("{canary}", "canary"), encoding="utf-8")
    before = beside_requests(desk)
    status = cli.main(["request", "answer", str(asked), "--notebook", str(sent), *DAY])
    said = capsys.readouterr().err
    assert expected == status, said
    assert not canary.exists()
    assert before == beside_requests(desk)
    assert (status != 0) is said.startswith("E-")
    assert "Traceback" not in said
    folder = desk.controlled("demo", "requests")
    assert {path.name for path in folder.glob("*")} <= {"2026-01"}
    if status == 0:
        made = folder / "2026-01"
        shown = pd.read_csv(made / "tables.csv")["person_count"].dropna()
        assert [] == [number for number in shown if 0 < number < 4]
        assert sent.read_bytes() == (made / f"notebook{sent.suffix}").read_bytes()
        assert {p.name for p in made.iterdir()} == {p.name for p in made.rglob("*")}


@pytest.mark.skipif(os.name == "nt", reason="links need rights on Windows")
def test_a_link_or_a_pipe_brings_nothing_of_the_desk_into_an_answer(desk, tmp_path, monkeypatch):
    monkeypatch.setenv("PLATFORM_UTILS_HOME", str(desk.root))
    secret = desk.restricted("demo", 2023) / "run.ipynb"
    secret.write_text(notebook("rows of persons"), encoding="utf-8")
    sound, link, pipe = tmp_path / "r.toml", tmp_path / "n.ipynb", tmp_path / "p.ipynb"
    sound.write_text(SOUND, encoding="utf-8")
    link.symlink_to(secret)
    os.mkfifo(pipe)
    for path in (link, pipe, tmp_path):
        assert 11 == cli.main(["request", "answer", str(sound), "--notebook", str(path), *DAY])
    assert 11 == cli.main(["request", "answer", str(pipe), *DAY])
    secret.unlink()


def test_an_answer_fed_into_the_next_request_does_not_give_away_what_it_hid(desk, tmp_path, monkeypatch):
    """Two men did not report: 22 did not, 20 of them women; whoever asks twice would have the two."""
    monkeypatch.setenv("PLATFORM_UTILS_HOME", str(desk.root))
    counts = {}
    for number, dimensions in enumerate(
        (["police_report", "sex"], ["police_report"], ["sex", "police_report"])
    ):
        path = tmp_path / f"r{number}.toml"
        path.write_text(
            only(table(name=f"t{number}", dimensions=dimensions)).replace("2026-01", f"again-{number}"),
            encoding="utf-8",
        )
        assert 0 == cli.main(["request", "hand-over", str(path), "--demo-readers", *DAY])
        out = pd.read_csv(desk.releases("demo") / "requests" / f"again-{number}" / "tables.csv")
        for line in out.to_dict("records"):
            cell = {line["code_1"], line["code_2"]} - {"total"}
            counts.setdefault(frozenset(map(str, cell)), set()).add(line["person_count"])
    for hidden in ({"no", "man"}, {"no", "woman"}, {"yes", "man"}, {"yes", "woman"}):
        assert all(pd.isna(number) for number in counts[frozenset(hidden)])


def zipped(files, sums=None):
    content = io.BytesIO()
    digests = (
        {name: hashlib.sha256(text).hexdigest() for name, text in files.items()} if sums is None else sums
    )
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as packed:
        for name, text in files.items():
            packed.writestr(name, text)
        packed.writestr("SHA256SUMS", "".join(f"{digest}  {name}\n" for name, digest in digests.items()))
    return content.getvalue()


TABLES = f"{','.join(COLUMNS)}\r\nt,2023,direct,sex,woman,,,12,,,demo,x\r\n".encode()


@pytest.mark.parametrize(
    "content",
    [
        b"PK", b"", zipped({"tables.csv": TABLES}, {}), zipped({"tables.csv": b"a,b\r\n1,2\r\n"}),
        zipped({"tables.csv": TABLES[:-20] + b"many,,,demo,x\r\n"}), zipped({"readme": b"x"}),
        zipped({"tables.csv": TABLES, "bomb": b"0" * 210_000_000}),
    ],
    ids=["torn", "empty", "not listed", "other columns", "words for numbers", "no tables", "a bomb"],
)  # fmt: skip
def test_a_zip_that_is_no_answer_is_refused(content, tmp_path):
    path = tmp_path / "answer.zip"
    path.write_bytes(content)
    with pytest.raises(FileError, match="E-873"):
        tidy_answer(path)


def test_a_zip_that_climbs_writes_nothing(tmp_path):
    inner = tmp_path / "a" / "b"
    inner.mkdir(parents=True)
    path = inner / "answer.zip"
    path.write_bytes(zipped({"tables.csv": TABLES, "../../evil": b"x", str(tmp_path / "evil"): b"x"}))
    of = tidy_answer(path)
    assert [path] == [one for one in Path(tmp_path).rglob("*") if one.is_file()]
    with pytest.raises(UsageError, match="E-872"):
        of(type("Q", (), {"name": "t", "population": "direct", "dimensions": ("sex",), "years": (2022,)}))


def test_the_same_people_in_five_ways_leave_the_small_count_open(desk, tmp_path):
    """Two men have no report: by plain arithmetic on all that is printed they may be any of 0 to 22."""
    asked = tmp_path / "r.toml"
    asked.write_text(ISOLATING, encoding="utf-8")
    answer = answer_request(read_request(asked), "demo", workspace=desk)
    printed = pd.read_csv(io.BytesIO(answer.files["tables.csv"]), encoding="utf-8-sig")
    printed = printed[printed["person_count"].notna()]
    open_ = []
    for men in range(33):  # without a report, of 32 men
        people = {
            ("no", "man"): men,
            ("yes", "man"): 32 - men,
            ("no", "woman"): 22 - men,
            ("yes", "woman"): 58 + men,
        }
        if min(people.values()) < 0:
            continue
        said = [
            sum(
                number
                for (report, sex), number in people.items()
                for codes in [{"police_report": report, "sex": sex}]
                if one.population != "reported" or report == "yes"
                if one.population != "women_direct" or sex == "woman"
                if one.code_1 in ("total", codes[one.variable_1])
                if one.variable_2 not in codes or one.code_2 in ("total", codes[one.variable_2])
            )
            for one in printed.itertuples()
        ]
        if said == printed["person_count"].astype(int).tolist():
            open_.append(men)
    assert list(range(23)) == open_
