"""Text files of members' programs are what they say they are."""

import csv
import io

import pytest

from platform_utils.demo.write import csv_bytes

ROWS = [["Kön", "Ålder", ""], ["kvinna", 31, 0.5], ["", "", "<&>"]]


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
