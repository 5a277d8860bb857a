"""The register of members: judged and counted as plain loops do it; applications read like returns."""

import csv
import json
import random
import stat
from datetime import date, timedelta

import openpyxl
import pytest

from platform_utils.books import count_members, load_register
from platform_utils.cli import main
from platform_utils.paths import Workspace

RIGHT = {"full": ["organisation"], "individual": ["person"], "network": ["organisation", "person"]}
FAR = date(9999, 12, 31)


@pytest.fixture
def workspace(tmp_path, monkeypatch):
    (tmp_path / "_quarto.yml").touch()
    monkeypatch.setenv("PLATFORM_UTILS_HOME", str(tmp_path))
    monkeypatch.chdir(tmp_path)
    return Workspace(tmp_path)


def keep(workspace, entries):
    path = workspace.books("demo", "register.toml")
    path.parent.mkdir(parents=True, exist_ok=True)
    lines = []
    for entry in entries:
        lines.append("[[membership]]")
        for key, value in entry.items():
            named = key if key.isidentifier() else json.dumps(key)
            lines.append(f"{named} = {value.isoformat() if isinstance(value, date) else json.dumps(value)}")
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")


def one(code="M01", form="full", first=date(2020, 3, 1), left=None, holder="organisation", **other):
    entry = {"id": code, "holder": holder, "form": form}
    if holder == "organisation":
        entry["name"] = f"Organisation {code}"
    entry |= {"applied": first - timedelta(30), "admitted": first, "joined": first}
    last = left.year if left else 2025
    entry |= {"paid": list(range(first.year, last + 1))} | ({"left": left} if left else {}) | other
    return {key: value for key, value in entry.items() if value is not None}


# ------------------------------------------------------------------ the oracle: loops, no code of ours


def judged(entries):
    found = []
    for at, e in enumerate(entries, start=1):
        if e["form"] not in RIGHT:
            found.append(("E-381", at, None))
            continue
        days = [e[k] for k in ("applied", "admitted", "joined", "left") if k in e]
        if "left" in e and "joined" in e and e["left"] < e["joined"]:
            found.append(("E-383", at, None))
        elif days != sorted(days):
            found.append(("E-384", at, None))
        if ("joined" in e or "left" in e) and "admitted" not in e:
            found.append(("E-385", at, None))
        outside = False
        for year in e["paid"]:
            first = e["joined"].year if "joined" in e else 9999
            last = e["left"].year if "left" in e else 9999
            if year < first or year > last or e["paid"].count(year) > 1:
                outside = True
        if e["paid"] and "admitted" not in e:
            found.append(("E-386", at, None))
        elif outside:
            found.append(("E-387", at, None))
        if e["holder"] not in RIGHT[e["form"]]:
            found.append(("E-388", at, None))
        if e["holder"] == "organisation" and not e.get("name"):
            found.append(("E-389", at, None))
        if e["holder"] == "person" and e.get("name"):
            found.append(("E-390", at, None))
        if any(sign in e.get("name", "") for sign in ("070-174", "=", "\a")):
            found.append(("E-391", at, None))
    for a, e in enumerate(entries, start=1):
        for b, f in enumerate(entries, start=1):
            if b <= a or e["form"] not in RIGHT or f["form"] not in RIGHT:
                continue
            same = e.get("name", "").lower() == f.get("name", "").lower()
            if e["id"] == f["id"]:
                if not same or e["holder"] != f["holder"]:
                    found.append(("E-392", a, b))
                days = ("admitted", "joined", "left")
                if not any(day in e or day in f for day in days):
                    found.append(("E-393", a, b))
                elif "joined" in e and "joined" in f:
                    if e["joined"] <= f.get("left", FAR) and f["joined"] <= e.get("left", FAR):
                        found.append(("E-393", a, b))
            elif same and e.get("name"):
                found.append(("E-394", a, b))
    return sorted(found, key=str)


def counted(entries, year):
    bad = {n for _, a, b in judged(entries) for n in (a, b)}
    good = [e for at, e in enumerate(entries, start=1) if at not in bad]
    paying, unpaid, new, left, waiting = {}, 0, 0, 0, 0
    for code in sorted({e["id"] for e in good}):
        own = sorted((e for e in good if e["id"] == code and "joined" in e), key=lambda e: e["joined"])
        here = [e for e in own if e["joined"].year <= year <= e.get("left", FAR).year]
        if any(year in e["paid"] for e in here):
            key = (here[-1]["form"], here[-1]["holder"])
            paying[key] = paying.get(key, 0) + 1
        elif here:
            unpaid += 1
        if own and own[0]["joined"].year == year:
            new += 1
        if own and own[-1].get("left", FAR).year == year:
            left += 1
    for e in good:
        if e["applied"] <= date(year, 12, 31) and e.get("admitted", FAR) > date(year, 12, 31):
            waiting += 1
    return paying, unpaid, new, left, waiting


def invented(seed):
    """Some thirty memberships, a third of them with something wrong, or a second one of the same member."""
    draw = random.Random(seed)
    entries = []
    for number in range(1, draw.randint(8, 32)):
        form = draw.choice(["full", "full", "full", "network", "individual"])
        holder = draw.choice(RIGHT[form])
        first = date(2017, 1, 1) + timedelta(draw.randrange(2800))
        left = first + timedelta(draw.randrange(400, 1500)) if draw.random() < 0.3 else None
        entry = one(f"M{number:02d}", form, first, left, holder)
        if draw.random() < 0.3:
            wrong = draw.randrange(12)
            if wrong == 0:
                entry["left"] = first - timedelta(draw.randrange(1, 90))
            elif wrong == 1:
                entry["admitted"] = first + timedelta(20)
            elif wrong == 2:
                entry.pop("admitted")
            elif wrong == 3:
                entry = {k: v for k, v in entry.items() if k not in ("admitted", "joined", "left")}
                entry["paid"] = draw.choice([[], [2024]])
            elif wrong == 4:
                entry["paid"] = draw.choice([[2015], [2024, 2024], []])
            elif wrong == 5:
                entry["form"] = draw.choice(["full", "individual", "patron"])
            elif wrong == 6:
                entry.pop("name", None)
            elif wrong == 7:
                entry["name"] = "Somebody"
            elif wrong == 8:
                entry["name"] = draw.choice(("{} 070-174 06 05", "={}", "{}\a")).format(entry.get("name", ""))
            elif wrong == 9 and entries:
                entry["name"] = draw.choice(entries).get("name", "x").upper()
            elif entries:
                entry["id"] = draw.choice(entries)["id"]
        entries.append(entry)
        if left and draw.random() < 0.4:
            again = left + timedelta(draw.choice([-40, 1, 300]))
            entries.append(one(entry["id"], draw.choice(["full", "network"]), again, None, holder))
    return entries


def test_two_hundred_invented_registers_are_judged_and_counted_as_by_plain_loops(workspace):
    seen = set()
    for seed in range(200):
        entries = invented(seed)
        keep(workspace, entries)
        register = load_register(workspace, "demo")
        found = [(code, said["entry"], said.get("other")) for code, said in register.contradictions]
        assert judged(entries) == sorted(found, key=str), seed
        seen |= {code for code, *_ in found}
        for year in (2017, 2020, 2023, 2024):
            c = count_members(register, year)
            assert counted(entries, year) == (dict(c.paying), c.unpaid, c.new, c.left, c.waiting), (
                seed,
                year,
            )
    assert {f"E-{n}" for n in (381, *range(383, 395))} == seen


@pytest.mark.parametrize(
    ("entry", "said"),
    [
        (one(left=date(2019, 1, 1), paid=[]), "Membership 1 (M01): left before joined."),
        (one(admitted=None, joined=None, paid=[2024]), "Membership 1 (M01): paid without being admitted."),
        (one("M02", holder="person"), "Membership 1 (M02): a form that this holder cannot have."),
        (one("Anna Andersson"), "Membership 1: id is no short code."),
        (one(form="Anna Andersson"), "Membership 1: form cannot be used."),
        (one(joined="in spring"), "Membership 1: joined cannot be used."),
        (one(payed=[2024]), "Membership 1: payed cannot be used."),
        (one(**{"Anna Andersson": 1}), "Membership 1: - cannot be used."),
        (one(name="=Anna()"), "Membership 1 (M01): the name holds a personal number"),
    ],
)
def test_a_contradiction_is_named_without_what_was_typed_and_holds_the_entry(workspace, capsys, entry, said):
    keep(workspace, [entry, one("M09")])
    assert 12 == main(["members", "2024", "--source", "demo", "--lang", "en"])
    out, err = capsys.readouterr()
    assert said in out
    assert "2024: 1 paying members, 1 of them organisations: 1 full, 0 network, 0 individual." in out
    assert err.startswith("E-399 The register contradicts itself in 1 of 2 entries")
    assert "Anna" not in out + err


@pytest.mark.parametrize(
    ("text", "key"),
    [
        (None, "-"),
        ("", "-"),
        ("membership = 3", "-"),
        ("[[membership]\n", "-"),
        ("\x00", "-"),
        ('[[membership]]\nid = "M1"\n[[memberships]]\nid = "M2"\n', "memberships"),
    ],
)
def test_what_is_no_register_is_refused_calmly_with_the_key_that_is_wrong(workspace, capsys, text, key):
    keep(workspace, [])
    path = workspace.books("demo", "register.toml")
    path.unlink() if text is None else path.write_text(text, encoding="utf-8")
    assert 11 == main(["members", "2024", "--lang", "en"])
    said = capsys.readouterr().err
    assert said.startswith("E-380 data_raw/demo/books/register.toml is missing")
    assert f"({key})" in said


def test_a_day_that_is_none_is_asked_for_by_its_own_flag(workspace, capsys):
    keep(workspace, [one()])
    assert 2 == main(["members", "2024", "--on", "2024-02-30", "--lang", "en"])
    assert "Pass --on." in capsys.readouterr().err


def test_the_demo_counts_what_the_platform_has_printed_for_2024(workspace, capsys):
    assert 0 == main(["demo", "--years", "2024"])
    assert 0 == main(["members", "2024", "--on", "2024-04-20"])
    out = capsys.readouterr().out
    assert (
        "2024: 27 betalande medlemmar, varav 26 organisationer: 20 fulla, 6 nätverkande, 1 individuella."
        in out
    )
    assert "Nya 4, lämnade 0, utan årets avgift 0" in out
    counts = count_members(load_register(workspace, "demo"), 2023)
    assert (0, 23) == (counts.left, counts.of())
    folder = workspace.restricted("demo", 2024) / "meeting"
    assert {0o600} == {stat.S_IMODE(path.stat().st_mode) for path in folder.iterdir()}
    assert 0o600 == stat.S_IMODE(workspace.books("demo", "register.toml").stat().st_mode)
    text = (folder / "arsmote_2024-04-20.csv").read_text(encoding="utf-8-sig")
    rows = list(csv.reader(text.splitlines(), delimiter=";"))
    assert 28 == len(rows)
    assert 20 == sum(row[5] == "ja" for row in rows[1:])
    assert ["(enskild person)", "individuellt medlemskap", "ja", "ja", "–", "–", "", ""] == rows[-1]
    assert ["–", "som observatör", "–", "–"] == rows[21][2:6]
    sheet = openpyxl.load_workbook(folder / "arsmote_2024-04-20.xlsx").active
    assert rows[1:] == [[cell or "" for cell in row] for row in sheet.iter_rows(min_row=5, values_only=True)]
    assert "M27" not in (folder / "arsmote_2024-04-20.txt").read_text(encoding="utf-8")


# ------------------------------------------------------------------ applications

FILLED = {
    "full": ["Jouren Ny", "förening", "802400-1234", "ja", "ja"],
    "individual": ["ja", "Ja "],
    "network": ["enskild person", "", "ja"],
}


def filled(form, answers, lang="sv", **places):
    assert 0 == main(["members", "2025", "--application", form, "--lang", lang])
    path = f"{'ansokan' if lang == 'sv' else 'application'}_{form}.xlsx"
    book = openpyxl.load_workbook(path)
    for row, answer in enumerate(answers, start=5):
        book.active.cell(row, 2).value = answer or None
    for place, text in places.items():
        book.active[place] = text
    book.save(path)
    return path


@pytest.mark.parametrize("form", FILLED)
def test_an_application_comes_back_into_the_register_once(workspace, capsys, form):
    keep(workspace, [one("M27")])
    path = filled(form, FILLED[form], D9="Anna Andersson 070-174 06 05")
    assert 0 == main(["members", "2025", "--receive", path, "--date", "2025-02-01"])
    assert capsys.readouterr().out.splitlines()[-1].startswith("M28: ansökan om ")
    register = load_register(workspace, "demo")
    assert () == register.contradictions
    new = register.memberships[-1]
    assert (form, date(2025, 2, 1), None) == (new.form, new.applied, new.admitted)
    assert (
        ("Jouren Ny", "organisation") == (new.name, new.holder) if form == "full" else new.holder == "person"
    )
    assert 1 == count_members(register, 2025).waiting
    kept = [path for path in workspace.books("demo").rglob("*") if path.is_file()]
    assert 3 == len(kept)
    assert {0o600} == {stat.S_IMODE(path.stat().st_mode) for path in kept}
    assert "Anna" not in "".join(path.read_text(encoding="utf-8") for path in kept)
    assert "D9" in (workspace.books("demo") / "receipts.toml").read_text(encoding="utf-8")
    assert 0 == main(["members", "2025", "--receive", path, "--date", "2025-02-02"])
    assert 2 == load_register(workspace, "demo").entries


def test_a_person_who_writes_a_name_is_kept_without_it(workspace):
    path = filled("network", ["enskild person", "Anna Andersson", "ja"])
    assert 0 == main(["members", "2025", "--receive", path, "--date", "2025-02-01"])
    kept = "".join(p.read_text(encoding="utf-8") for p in workspace.books("demo").rglob("*") if p.is_file())
    assert "Anna" not in kept


def test_an_organisation_that_applies_for_another_form_keeps_its_code(workspace):
    keep(workspace, [one("M03", "network"), one("M27")])
    path = filled("full", ["ORGANISATION m03", *FILLED["full"][1:]], "en")
    assert 0 == main(["members", "2025", "--receive", path, "--date", "2025-02-01"])
    assert "M03" == load_register(workspace, "demo").memberships[-1].id


def test_the_same_applicant_has_one_open_entry_also_when_its_file_has_changed(workspace):
    for name, day in (("Jouren Ny", "2025-02-01"), ("jouren  ny", "2025-03-01")):
        path = filled("full", [name, *FILLED["full"][1:]])
        assert 0 == main(["members", "2025", "--receive", path, "--date", day])
    register = load_register(workspace, "demo")
    assert (1, 1, date(2025, 2, 1)) == (
        register.entries,
        count_members(register, 2025).waiting,
        register.memberships[0].applied,
    )
    assert 2 == len(list((workspace.books("demo") / "applications").iterdir()))


@pytest.mark.parametrize("form", ["full", "individual"])
def test_an_application_that_a_restored_register_lacks_is_entered_again(workspace, capsys, form):
    keep(workspace, [one("M27")])
    before, path = workspace.books("demo", "register.toml").read_bytes(), filled(form, FILLED[form])
    for _ in range(2):
        assert 0 == main(["members", "2025", "--receive", path, "--date", "2025-02-01"])
        assert capsys.readouterr().out.splitlines()[-1].startswith("M28: ansökan om ")
        kept = {path.name: path.read_bytes() for path in workspace.books("demo").rglob("*") if path.is_file()}
        workspace.books("demo", "register.toml").write_bytes(before)
    assert kept["register.toml"].startswith(before.rstrip())
    assert 3 == len(kept)
    assert 1 == kept["receipts.toml"].decode().count("[[receipt]]")


def test_killed_before_the_register_is_written_the_next_receipt_enters_the_application(
    workspace, monkeypatch
):
    from platform_utils.books import register as books

    path, write = filled("individual", FILLED["individual"]), books.write_whole
    monkeypatch.setattr(books, "write_whole", lambda *_: (_ for _ in ()).throw(KeyboardInterrupt))
    assert 130 == main(["members", "2025", "--receive", path, "--date", "2025-02-01"])
    monkeypatch.setattr(books, "write_whole", write)
    assert 0 == main(["members", "2025", "--receive", path, "--date", "2025-02-01"])
    assert ["M01"] == [each.id for each in load_register(workspace, "demo").memberships]


@pytest.mark.parametrize("lang", ["sv", "en"])
def test_what_an_application_lacks_is_asked_in_the_language_of_the_desk(workspace, capsys, lang):
    path = filled("full", ["", *FILLED["full"][1:]])
    assert 12 == main(["members", "2025", "--receive", path, "--lang", lang, "--date", "2025-02-01"])
    named = {"sv": "Organisationens namn", "en": "Name of the organisation"}
    said = capsys.readouterr().err
    assert [lang] == [each for each, question in named.items() if question in said]


@pytest.mark.parametrize(
    ("at", "answer", "question"),
    [
        (0, "", "Organisationens namn"),
        (0, "=cmd|' /C calc'!A0", "Organisationens namn"),
        (0, "Jouren 070-174 06 05", "Organisationens namn"),
        (0, "Jouren\u202eyN", "Organisationens namn"),
        (1, "klubb", "Organisationsform"),
        (2, "811228-9874", "Organisationsnummer"),
        (4, "nej", "Delar ni ändamålen i Plattformens stadgar?"),
    ],
)
def test_an_application_that_nobody_can_decide_enters_nothing(workspace, capsys, at, answer, question):
    answers = [*FILLED["full"]]
    answers[at] = answer
    status = main(["members", "2025", "--receive", filled("full", answers), "--date", "2025-02-01"])
    said = capsys.readouterr().err
    assert status in (11, 12)
    assert question in said or said.startswith("E-1")
    assert "811228" not in said
    assert not workspace.books("demo", "register.toml").exists()


def test_a_workbook_that_is_no_application_is_refused(workspace, capsys):
    book = openpyxl.Workbook()
    book.active["A1"] = "Anna Andersson"
    book.save("x.xlsx")
    assert 11 == main(["members", "2025", "--receive", "x.xlsx", "--date", "2025-02-01", "--lang", "en"])
    assert capsys.readouterr().err.startswith("E-395 x.xlsx is no application.")
