"""One return, saved as every kind of file that other programs write, gives the same rows."""

import datetime as dt

import pandas as pd
import pytest
import xlwt
from filled import save_ods

SHEETS = {
    "Omslag": [["Medlems-id", "M07"], ["År", 2023], ["Formulärversion", "2023-sv"]],
    "Personer": [
        ["Personkod", "Roll", "Kön", "Antal personer"],
        ["A-1", "direkt utsatt", " kvinna  ", 1],
        ["A-2", "syskon till utsatt", "ma\u00adn", 2],
        ["A-3", "barn till utsatt", "<&>", ""],
    ],
    "Insatser": [["Personkod", "Insats", "Belopp (kr)"], ["A-1", "Vila & återhämtning", 12500]],
}


def save_xls(path, sheets, *, starts_1904=False):
    book = xlwt.Workbook()
    book.dates_1904 = starts_1904
    day = xlwt.easyxf(num_format_str="yyyy-mm-dd")
    for name, lines in sheets.items():
        sheet = book.add_sheet(name)
        for number, line in enumerate(lines):
            for place, value in enumerate(line):
                if value != "":
                    sheet.write(number, place, value, *[day] * isinstance(value, dt.date))
    book.save(str(path))
    return path


@pytest.mark.parametrize("kind", ["xls", "xls_1904", "ods", "locked"])
def test_every_kind_of_file_gives_the_rows_of_the_xlsx(tmp_path, write_xlsx, read, found, encrypt, kind):
    expected = read(write_xlsx(SHEETS))
    if kind == "ods":
        raw = read(save_ods(tmp_path / "a.ods", SHEETS))
    elif kind == "locked":
        raw = read(encrypt(write_xlsx(SHEETS, name="a.xlsx"), "hemligt"), password="hemligt")
    else:
        raw = read(save_xls(tmp_path / "a.xls", SHEETS, starts_1904=kind == "xls_1904"))
    assert {"case", "programme"} == set(expected.tables) == set(raw.tables)
    for grain, table in expected.tables.items():
        pd.testing.assert_frame_equal(table.drop(columns="file"), raw.tables[grain].drop(columns="file"))
    assert (expected.form_version, found(expected)) == (raw.form_version, found(raw))
    assert [entry.rows for entry in expected.ledger] == [entry.rows for entry in raw.ledger]


def test_a_day_of_an_old_excel_file_is_the_same_whichever_year_days_are_counted_from(tmp_path, read, found):
    heading, *_ = SHEETS["Personer"]
    lines = [
        [*heading, "Kvartal för första kontakt"],
        ["A-1", "direkt utsatt", "man", 1, dt.date(2022, 5, 14)],
    ]
    for starts_1904 in (False, True):
        raw = read(save_xls(tmp_path / "a.xls", {"Personer": lines}, starts_1904=starts_1904))
        assert ["2022-05-14"] == raw.tables["case"]["first_contact_quarter"].tolist()
        assert ["W-156"] == [code for code, *_ in found(raw)]
