"""Write a table as members' programs export it: in the encodings and with the separators they use.

Enters: one grid. Leaves: bytes.
"""

from __future__ import annotations

import codecs
import csv
import io
from collections.abc import Sequence

from platform_utils.demo.pages import Cell

__all__ = ["ENCODINGS", "csv_bytes", "csv_cell"]

ENCODINGS = {
    "csv_windows": ("cp1252", ";", b""),
    "csv_mac": ("mac_roman", ";", b""),
    "csv_bom": ("utf-8", ",", codecs.BOM_UTF8),
    "csv_utf16": ("utf-16-le", "\t", codecs.BOM_UTF16_LE),
}
"""Kind of file to encoding, separator and byte order mark."""


def csv_bytes(rows: Sequence[Sequence[Cell]], kind: str) -> bytes:
    """Return a table in one of ``ENCODINGS``.

    Raises
    ------
    UnicodeEncodeError
        If a cell holds a character that the encoding lacks.
    """
    encoding, separator, mark = ENCODINGS[kind]
    memory = io.StringIO(newline="")
    writer = csv.writer(memory, delimiter=separator, lineterminator="\r" if kind == "csv_mac" else "\r\n")
    for row in rows:
        writer.writerow([csv_cell(value, kind) for value in row])
    return mark + memory.getvalue().encode(encoding)


def csv_cell(value: Cell, kind: str) -> str:
    """Return a cell as the file holds it; numbers have a decimal comma where the separator is a semicolon."""
    if isinstance(value, (int, float)) and ENCODINGS[kind][1] == ";":
        return f"{float(value):.1f}".replace(".", ",")
    return str(value)
