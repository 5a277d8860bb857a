"""Files of members' old programs are what they say they are, and the same every time."""

import csv
import io

import msoffcrypto
import odf.opendocument
import odf.table
import pytest
import xlrd

from platform_utils.demo.write_csv import csv_bytes
from platform_utils.demo.write_locked import locked_bytes
from platform_utils.demo.write_ods import ods_bytes
from platform_utils.demo.write_xls import xls_bytes

ROWS = [["Kön", "Ålder", ""], ["kvinna", 31, 0.5], ["", "", "<&>"]]


@pytest.mark.parametrize("rows", [1, 60, 9_000])
def test_an_xls_is_read_by_others(rows):
    grid = [*ROWS, *([f"rad {number}", number, "å"] for number in range(rows))]
    book = xlrd.open_workbook(file_contents=xls_bytes({"Personer": grid, "Två": ROWS}, starts_1904=True))
    sheet = book.sheet_by_name("Personer")
    assert 1 == book.datemode
    assert ["Personer", "Två"] == book.sheet_names()
    assert len(grid) == sheet.nrows
    assert ["kvinna", 31.0, 0.5] == sheet.row_values(1)
    assert grid[-1] == sheet.row_values(len(grid) - 1)


def test_an_ods_is_read_by_others():
    book = odf.opendocument.load(io.BytesIO(ods_bytes({"Personer": ROWS}, {"Personer": [3]})))
    (table,) = book.getElementsByType(odf.table.Table)
    rows = table.getElementsByType(odf.table.TableRow)
    cells = [[str(cell) for cell in row.getElementsByType(odf.table.TableCell)] for row in rows]
    assert [["Kön", "Ålder", ""], ["kvinna", "31", "0.5"], ["", "", "<&>"]] == cells
    assert [None, None, "collapse"] == [row.getAttribute("visibility") for row in rows]


@pytest.mark.parametrize(
    ("kind", "encoding", "separator"),
    [
        ("csv_windows", "cp1252", ";"),
        ("csv_mac", "mac_roman", ";"),
        ("csv_bom", "utf-8-sig", ","),
        ("csv_utf16", "utf-16", "\t"),
    ],
)
def test_a_text_file_has_its_encoding_and_separator(kind, encoding, separator):
    text = csv_bytes(ROWS, kind).decode(encoding)
    number = ("31,0", "0,5") if separator == ";" else ("31", "0.5")
    expected = [["Kön", "Ålder", ""], ["kvinna", *number], ["", "", "<&>"]]
    assert expected == list(csv.reader(io.StringIO(text, newline=None), delimiter=separator))


def test_a_locked_workbook_opens_with_its_password_only_and_is_the_same_every_time():
    plain = ods_bytes({"Personer": [[f"rad {number}", number * number] for number in range(3000)]})
    locked = locked_bytes(plain, "demo-lösen", "M02-2023")
    assert locked == locked_bytes(plain, "demo-lösen", "M02-2023")
    assert locked != locked_bytes(plain, "demo-lösen", "M02-2024")
    opened = io.BytesIO()
    office = msoffcrypto.OfficeFile(io.BytesIO(locked))
    office.load_key(password="demo-lösen", verify_password=True)
    office.decrypt(opened, verify_integrity=True)
    assert plain == opened.getvalue()
    with pytest.raises(msoffcrypto.exceptions.InvalidKeyError):
        msoffcrypto.OfficeFile(io.BytesIO(locked)).load_key(password="demo", verify_password=True)
