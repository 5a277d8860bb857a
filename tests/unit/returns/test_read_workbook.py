"""A workbook becomes rows of text, with everything said that a glance at the sheet would miss."""

import datetime as dt
import zipfile

import openpyxl
import pytest
import xlwt

from platform_utils import form, returns


def test_a_form_that_was_filled_in_is_read_as_it_stands(tmp_path):
    import pandas as pd

    path = tmp_path / "form.xlsx"
    case = pd.DataFrame(
        {"person_code": ["A-1"], "role": ["direkt utsatt"], "form__begging": ["ja"], "age_years": [31]}
    )
    form.write_template(path, 2023, "sv", member_id="M07", tables={"case": case})
    raw = returns.read_return(path, year=2023)
    row = raw.tables["case"].iloc[0]
    assert ("M07", "2023-sv", ["case"], ()) == (
        raw.member_id,
        raw.form_version,
        list(raw.tables),
        raw.findings,
    )
    assert ["A-1", "direkt utsatt", "ja", "31", ""] == row[
        ["person_code", "role", "form__begging", "age_years", "sex"]
    ].tolist()
    assert ["M07", 2023, "form.xlsx", "Personer", 5] == row[
        ["member_id", "year", "file", "sheet", "row"]
    ].tolist()


def test_headings_are_found_under_titles_on_a_renamed_sheet_in_any_order_and_language(
    write_xlsx, read, set_aside
):
    lines = [
        ["Statistics 2023"],
        [],
        ["Number of persons", "Sex", "Role", "Person code"],
        [3, "woman", "", "A-1"],
    ]
    merge = lambda _, sheet: sheet.merge_range(0, 0, 0, 3, "Statistics 2023")  # noqa: E731
    raw = read(write_xlsx({"Blad1": lines}, change=merge))
    assert [["A-1", "3", "", "woman", 4]] == raw.tables["case"][
        ["person_code", "person_count", "role", "sex", "row"]
    ].to_numpy().tolist()
    assert {("Blad1", "title"): 1, ("Blad1", "blank_row"): 1} == set_aside(raw)


def test_an_old_form_is_read_through_its_column_map(write_xlsx, read, found):
    headings = ["Löpnummer", "Relation till utsattheten", "Antal"]
    raw = read(write_xlsx({"Personer": [headings, ["A-1", "direkt utsatt", 2]]}), year=2018)
    assert [["A-1", "direkt utsatt", "2"]] == raw.tables["case"][
        ["person_code", "role", "person_count"]
    ].to_numpy().tolist()
    assert [] == found(raw)


def test_rows_that_are_no_answers_are_set_aside_and_counted(write_xlsx, read, headings, rows, set_aside):
    more = [[], ["\u00a0", "\u200b"], ["Summa", "", "", 3], headings, ["Exempel 1", "direkt utsatt"]]
    raw = read(write_xlsx({"P": [headings, *rows, *more, ["A-3", "direkt utsatt"]]}))
    assert [("A-1", 2), ("A-2", 3), ("A-3", 9)] == list(
        raw.tables["case"][["person_code", "row"]].itertuples(index=False, name=None)
    )
    expected = {"blank_row": 2, "total_row": 1, "repeated_header": 1, "example_row": 1}
    assert {("P", reason): count for reason, count in expected.items()} == set_aside(raw)


@pytest.mark.parametrize(
    ("value", "text"),
    [(3.0, "3"), (2.5, "2.5"), (True, "yes"), (False, "no"), ("1,5", "1,5"), (0, "0"), ("e\u0301", "é")],
)
def test_a_cell_becomes_the_text_that_a_person_sees(write_xlsx, read, headings, value, text):
    raw = read(write_xlsx({"P": [headings, ["A-1", "direkt utsatt", "man", value]]}))
    assert text == raw.tables["case"]["person_count"].item()


@pytest.mark.parametrize("date_1904", [False, True])
def test_a_date_cell_is_iso_text_and_is_reported(write_xlsx, read, headings, found, date_1904):
    def change(workbook, sheet):
        sheet.write_datetime(1, 3, dt.date(2023, 4, 3), workbook.add_format({"num_format": "yyyy-mm-dd"}))

    raw = read(write_xlsx({"P": [headings, ["A-1", "direkt utsatt"]]}, change=change, date_1904=date_1904))
    assert "2023-04-03" == raw.tables["case"]["person_count"].item()
    assert [("W-156", "P", 2, "Antal personer")] == found(raw)


def test_hidden_rows_columns_and_sheets_are_read_and_reported(write_xlsx, read, headings, rows, found):
    def change(_, front, sheet):
        sheet.set_row(1, None, None, {"hidden": True})
        sheet.set_column(2, 2, None, None, {"hidden": True})
        sheet.hide()

    raw = read(write_xlsx({"Omslag": [["År", 2023]], "P": [headings, *rows]}, change=change))
    assert 2 == len(raw.tables["case"])
    assert [("W-158", "P", None, ""), ("W-154", "P", None, ""), ("W-155", "P", None, "Kön")] == found(raw)
    assert "2" == next(f.fields["rows"] for f in raw.findings if f.code == "W-154")


def test_a_formula_is_reported_and_holds_its_row_if_its_result_is_not_stored(
    write_xlsx, read, headings, rows, found
):
    def change(_, sheet):
        sheet.write_formula(1, 3, "=1+1", None, 2)
        sheet.write_formula(2, 3, "=1+1", None, "")
        sheet.write_formula(3, 3, "=1+1")

    raw = read(write_xlsx({"P": [headings, *rows, ["A-3", "direkt utsatt", "man"]]}, change=change))
    assert ["2", "", ""] == raw.tables["case"]["person_count"].tolist()
    column = "Antal personer"
    assert [("E-153", "P", 3, column), ("E-153", "P", 4, column), ("W-153", "P", None, column)] == found(raw)


def test_a_formula_that_another_program_left_uncalculated_is_never_read_as_nought(
    tmp_path, read, headings, found
):
    workbook = openpyxl.Workbook()
    for line in (headings, ["A-1", "direkt utsatt", "man", "=1+1"]):
        workbook.active.append(line)
    workbook.save(tmp_path / "a.xlsx")
    raw = read(tmp_path / "a.xlsx")
    assert ("", [("E-153", "Sheet", 2, "Antal personer")]) == (
        raw.tables["case"]["person_count"].item(),
        found(raw),
    )


def test_an_error_cell_holds_its_row(write_xlsx, read, headings, rows, found):
    change = lambda _, sheet: sheet.write_formula(1, 3, "=A0", None, "#REF!")  # noqa: E731
    raw = read(write_xlsx({"P": [headings, *rows]}, change=change))
    assert [("E-154", "P", 2, "Antal personer")] == found(raw)


def test_merged_cells_hold_the_rows_that_they_cover(write_xlsx, read, headings, rows, found):
    change = lambda _, sheet: sheet.merge_range(1, 1, 2, 1, "direkt utsatt")  # noqa: E731
    raw = read(write_xlsx({"P": [headings, *rows]}, change=change))
    assert [("E-157", "P", 3, "Roll")] == found(raw)


def test_unknown_repeated_and_untimely_headings_are_reported(write_xlsx, read, headings, found):
    headings = [*headings, "Anteckning", "", "Kön", "Månad för första kontakt", "Tom"]
    raw = read(write_xlsx({"P": [headings, ["A-1", "direkt utsatt", "man", 1, "x", "y", "man", 2]]}))
    expected = [
        ("W-152", "P", None, "Månad för första kontakt"),
        ("W-150", "P", None, "E"),
        ("E-151", "P", None, "Kön"),
        ("E-158", "P", 2, "F"),
    ]
    assert expected == found(raw)


def test_a_second_heading_row_with_other_columns_is_an_error(write_xlsx, read, headings, rows, found):
    raw = read(write_xlsx({"P": [headings, rows[0], ["Personkod", "Kön", "Roll"], rows[1]]}))
    assert [("E-152", "P", 3, "")] == found(raw)


def test_rows_on_two_sheets_of_a_kind_are_read_together(write_xlsx, read, headings, rows):
    raw = read(write_xlsx({"Blad1": [headings, rows[0]], "Personer": [headings[:2], rows[1][:2]]}))
    table = raw.tables["case"]
    assert [["A-1", "kvinna", "Blad1", 2], ["A-2", "", "Personer", 2]] == table[
        ["person_code", "sex", "sheet", "row"]
    ].to_numpy().tolist()


def test_a_renamed_list_of_codes_is_not_read_as_persons(write_xlsx, read, headings, rows, found):
    raw = read(write_xlsx({"P": [headings, *rows], "Listor": [["Roll", "Kön"], ["direkt utsatt", "kvinna"]]}))
    assert (2, [("W-157", "#2", None, "")]) == (len(raw.tables["case"]), found(raw))


def test_totals_are_told_from_persons(write_xlsx, read):
    lines = [["Roll", "Kön", "Vuxen eller barn", "Antal personer"], ["direkt utsatt", "kvinna", "vuxen", 12]]
    raw = read(write_xlsx({"Blad1": lines}))
    assert ["total"] == list(raw.tables)


def test_an_old_excel_file_shows_hidden_rows_formulas_and_dates_too(tmp_path, read, headings, rows, found):
    workbook = xlwt.Workbook()
    sheet = workbook.add_sheet("Personer")
    for number, line in enumerate([headings, *rows, ["A-3", "direkt utsatt", "man"]]):
        for position, value in enumerate(line):
            sheet.write(number, position, value)
    sheet.write(3, 3, xlwt.Formula("1+1"))
    sheet.row(1).hidden = True
    sheet.col(2).hidden = True
    workbook.save(str(tmp_path / "a.xls"))
    raw = read(tmp_path / "a.xls")
    assert ["1", "2", ""] == raw.tables["case"]["person_count"].tolist()
    expected = [
        ("W-154", "Personer", None, ""), ("W-155", "Personer", None, "Kön"), ("E-153", "Personer", 4, "Antal personer"),
    ]  # fmt: skip
    assert expected == found(raw)


@pytest.mark.parametrize(("number", "expected"), [(0, []), (1, ["W-159"])])
def test_a_file_is_what_stands_in_it_and_not_what_it_is_called(
    write_xlsx, read, headings, rows, found, number, expected
):
    path = write_xlsx({"P": [headings, *rows]}, name=("a.xlsm", "a.csv")[number])
    assert expected == [code for code, *_ in found(read(path))]


def test_cells_without_references_are_counted(write_xlsx, read, headings, rows, found):
    path = write_xlsx(
        {"P": [headings, *rows]}, change=lambda _, sheet: sheet.write_formula(2, 3, "=1", None, "")
    )
    with zipfile.ZipFile(path) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    import re

    sheet = "xl/worksheets/sheet1.xml"
    parts[sheet] = re.sub(rb' r="[A-Z]*\d+"', b"", parts[sheet])
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    assert [("E-153", "P", 3, "Antal personer")] == found(read(path))
