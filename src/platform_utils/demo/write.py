"""Write one return as the kind of file that its member uses.

Enters: a ``DemoReturn``. Leaves: a file whose bytes depend on nothing else: this project's form, a workbook
as older forms were, or a text file in an encoding and with a separator that members' programs use.
"""

from __future__ import annotations

import codecs
import csv
import io
from collections.abc import Sequence
from datetime import date, datetime
from pathlib import Path

import pandas as pd
from xlsxwriter import Workbook
from xlsxwriter.format import Format
from xlsxwriter.worksheet import Worksheet

from platform_utils.demo.pages import Cell, DemoReturn, Page
from platform_utils.form import write_template
from platform_utils.messages import label

ENCODINGS = {
    "csv_windows": ("cp1252", ";", b""),
    "csv_mac": ("mac_roman", ";", b""),
    "csv_bom": ("utf-8", ",", codecs.BOM_UTF8),
    "csv_utf16": ("utf-16-le", "\t", codecs.BOM_UTF16_LE),
}
"""Kind of text file to encoding, separator and byte order mark."""

_TEXT_STAYS_TEXT = {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}


def write_file(one: DemoReturn, folder: Path) -> Path:
    """Write a return into ``folder`` under its own name, and return the path."""
    path = folder / one.name
    if one.kind in ENCODINGS:
        path.write_bytes(csv_bytes(one.page("case").grid(), one.kind))
    elif one.kind == "form":
        _write_form(one, path)
    else:
        _write_old_form(one, path)
    return path


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
    writer.writerows([csv_cell(value, kind) for value in row] for row in rows)
    return mark + memory.getvalue().encode(encoding)


def csv_cell(value: Cell, kind: str) -> str:
    """Return a cell as the file holds it; numbers have a decimal comma where the separator is a semicolon."""
    if isinstance(value, (int, float)) and ENCODINGS[kind][1] == ";":
        return f"{float(value):.1f}".replace(".", ",")
    return str(value)


def _write_form(one: DemoReturn, path: Path) -> None:
    tables = {
        page.grain: pd.DataFrame(
            [row.cells for row in page.rows], columns=list(page.headings), dtype=object
        ).fillna("")
        for page in one.pages
    }
    write_template(
        path, one.year, one.lang, member_id=one.member_id, member_name=one.member_name, tables=tables
    )


def _write_old_form(one: DemoReturn, path: Path) -> None:
    """Write a workbook as older forms were: merged titles, headings of the year, hidden rows, formulas."""
    with Workbook(path, {**_TEXT_STAYS_TEXT, "in_memory": True, "date_1904": one.starts_1904}) as workbook:
        workbook.set_properties({"created": datetime(one.year, 1, 1)})  # noqa: DTZ001 - Excel's dates have no zone
        bold, day = workbook.add_format({"bold": True}), workbook.add_format({"num_format": "yyyy-mm-dd"})
        cover = workbook.add_worksheet(label("L-template-sheet-cover", one.lang))
        stated = {
            "member-id": one.member_id, "member": one.member_name,
            "year": one.year, "form-version": f"{one.year}-{one.lang}",
        }  # fmt: skip
        for number, (key, value) in enumerate(stated.items()):
            cover.write_row(number, 0, [label(f"L-template-cover-{key}", one.lang), value])
        for page in one.pages:
            sheet = workbook.add_worksheet(page.name)
            last = max(1, len(page.headings) - 1)
            for number, title in enumerate(page.titles):
                sheet.merge_range(number, 0, number, last, title, bold)
            sheet.write_row(page.header_row - 1, 0, page.headings.values(), bold)
            _write_rows(sheet, page, day)


def _write_rows(sheet: Worksheet, page: Page, day: Format) -> None:
    for number, row in enumerate(page.rows, start=page.header_row):
        if row.is_hidden:
            sheet.set_row(number, None, None, {"hidden": True})
        for place, column in enumerate(page.headings):
            value = row.cells.get(column, "")
            if column in row.formulas:
                formula, result = row.formulas[column]
                sheet.write_formula(number, place, formula, None, result or "")
            elif isinstance(value, date):
                sheet.write_datetime(number, place, value, day)
            elif value != "":
                sheet.write(number, place, value)
