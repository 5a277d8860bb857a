import zipfile
from string import Formatter

import pytest
from openpyxl import load_workbook

from platform_utils import messages
from platform_utils.spec.returns import Finding
from platform_utils.validate import (
    check_return,
    describe,
    group_findings,
    printed_check,
    receipt_path,
    write_receipt,
)


def test_a_finding_says_what_where_expected_and_what_to_do(make_return):
    (finding,) = check_return(make_return({"sex": "kvina"})).findings
    assert ("E-203", "svar.xlsx", "Personer", 5, "Kön") == (
        finding.code, finding.file, finding.sheet, finding.row, finding.column,
    )  # fmt: skip
    assert (
        "Svaret finns inte bland dem som kan väljas. "
        "Väntat: ett av svaren kvinna, man, annat kön, okänt. "
        "Välj ett svar i listan. Passar inget svar: skriv till Plattformen, gissa inte."
    ) == " ".join(describe(finding, "sv").lines("sv"))
    assert (
        "The answer is not among those that can be chosen. "
        "Expected: one of the answers woman, man, other sex, unknown. "
        "Choose an answer from the list. If none fits: write to the Platform, do not guess."
    ) == " ".join(describe(finding, "en").lines("en"))


@pytest.mark.parametrize(
    ("row", "expected"),
    [
        ({"county": "Norge"}, "ett av de 21 svaren i formulärets kodlista, eller okänt."),
        ({"children_count": "2024-01-01"}, "ett helt tal från 0 till 20, eller okänt."),
        ({"form__begging": "kanske"}, "ett av svaren ja, nej, okänt."),
        ({"form__surrogacy": "ja"}, "ett av svaren ja, nej, okänt."),
        ({"person_count": "0"}, "ett helt tal från 1 till 2000."),
    ],
)
def test_what_is_expected_comes_from_the_codebook(make_return, row, expected):
    finding = next(f for f in check_return(make_return(row)).findings if f.variable in row)
    assert expected == describe(finding, "sv").expected


READ = [code for code in messages.catalogue() if code[:4] in ("E-15", "W-15", "E-16", "W-16")]


@pytest.mark.parametrize("lang", ["sv", "en"])
@pytest.mark.parametrize("code", READ)
def test_findings_of_reading_are_split_where_they_say_what_was_expected(code, lang):
    names = {name for _, name, _, _ in Formatter().parse(messages.catalogue()[code][lang]) if name}
    said = describe(Finding(code, "f.xlsx", "Blad", 3, "Kön", dict.fromkeys(names, "7")), lang)
    assert 3 == len(said.lines(lang))
    assert "f.xlsx" not in said.what


def test_a_message_without_expectation_is_one_sentence(monkeypatch):
    texts = messages.catalogue() | {"E-209": {"en": "Just this."}}
    monkeypatch.setattr(messages, "catalogue", lambda: texts)
    assert ["Just this."] == describe(Finding("E-209", "f.xlsx"), "en").lines("en")


def test_equal_findings_are_said_once_with_their_rows_errors_first(make_return):
    rows = [
        {"labour_branch__car": "ja"},
        {"person_code": "P2", "sex": "x"},
        {"person_code": "P3", "sex": "y"},
    ]
    groups = group_findings(check_return(make_return(*rows)).findings)
    assert [("E-203", (6, 7)), ("W-233", (5,))] == [(finding.code, rows) for finding, rows in groups]


def test_the_print_ends_with_a_receipt_and_what_nobody_checked(make_return):
    lines = list(printed_check(check_return(make_return({"sex": "x"}, {"person_code": "P2"})), "en"))
    assert "Check of svar.xlsx (member M01, year 2024)" == lines[0]
    assert "Rows              read      accepted    to correct     set aside" in lines
    assert "Personer             2             1             1             0" in lines
    assert lines[-1].startswith("with another member") or "Nobody has checked" in lines[-1]


def test_nothing_to_act_on_is_said(make_return):
    assert "Inget att åtgärda hittades." in list(printed_check(check_return(make_return({})), "sv"))


def test_many_rows_are_cut_short(make_return):
    rows = [{"person_code": f"P{n}", "sex": "x"} for n in range(30)]
    text = "\n".join(printed_check(check_return(make_return(*rows)), "sv"))
    assert "22, 23, 24 och 10 till" in text


def test_the_receipt_names_every_place_and_no_content(make_return, tmp_path):
    rows = [
        {"sex": "hemligt"},
        {"person_code": "P2", "age_years": "hemligt"},
        {"person_code": "P3", "labour_branch__car": "ja"},
    ]
    checked = check_return(make_return(*rows))
    path = receipt_path(tmp_path / "svar.xlsx", "sv")
    assert "svar.kvitto.xlsx" == path.name
    write_receipt(checked, path, "sv")
    book = load_workbook(path)
    assert ["Kvitto", "Att göra", "Luckor"] == book.sheetnames
    todo = [[cell.value for cell in row] for row in book["Att göra"].iter_rows()]
    assert [
        "Allvar",
        "Blad",
        "Rad",
        "Kolumn",
        "Vad som är fel",
        "Vad som väntas",
        "Gör så här",
        "Kod",
        "Klart",
    ] == todo[0]
    assert [
        ["Fel", "Personer", 5, "Kön", "E-203"], ["Varning", "Personer", 6, "Ålder (år)", "E-204"],
        ["Varning", "Personer", 7, "Bransch: biltvätt och bilverkstad", "W-233"],
    ] == [[*row[:4], row[7]] for row in todo[1:]]  # fmt: skip
    assert ("A2", "A1:I4") == (book["Att göra"].freeze_panes, book["Att göra"].auto_filter.ref)
    gaps = {row[0].value: [cell.value for cell in row[1:]] for row in book["Luckor"].iter_rows(min_row=4)}
    assert [2, 0, 0, 0] == gaps["Kön"]
    assert [1, 1, 0, 0] == gaps["Ålder (år)"]
    assert [0, 0, 2, 0] == gaps["Län för kontakten"]
    with zipfile.ZipFile(path) as archive:
        content = b"".join(archive.read(name) for name in archive.namelist())
    assert b"hemligt" not in content
    assert b"P2" not in content


def test_the_receipt_has_the_same_bytes_each_time(make_return, tmp_path):
    checked = check_return(make_return({"sex": "x"}))
    for name in ("a", "b"):
        write_receipt(checked, tmp_path / f"{name}.xlsx", "en")
    assert (tmp_path / "a.xlsx").read_bytes() == (tmp_path / "b.xlsx").read_bytes()


def test_a_receipt_without_findings_thanks(make_return, tmp_path):
    write_receipt(check_return(make_return({})), tmp_path / "r.xlsx", "en")
    book = load_workbook(tmp_path / "r.xlsx")
    assert "Every row can be counted. Thank you!" == book["Receipt"]["A2"].value
    assert "Nothing to act on was found." == book["To do"]["A2"].value
