"""What stands on the sheets of one return, and the kind of file that its member writes it to.

Enters: a ``DemoReturn``. Leaves: a file whose bytes depend on nothing else: this project's form, a workbook
as older forms were, or a text file in an encoding and with a separator that members' programs use.
"""

from __future__ import annotations

import codecs
import csv
import io
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path

import pandas as pd
from xlsxwriter import Workbook
from xlsxwriter.format import Format
from xlsxwriter.worksheet import Worksheet

from platform_utils.form import write_template
from platform_utils.messages import label

Cell = str | int | float | date


@dataclass(eq=False)
class Row:
    """One row under the headings.

    Attributes
    ----------
    cells : dict of column to Cell
        A column without an entry is an empty cell.
    truth : dict of column to code
        What the member knows; empty for a row that is nobody of its own.
    formulas : dict of column to (str, str or None)
        Formula and stored result (None: never calculated).
    """

    cells: dict[str, Cell] = field(default_factory=dict)
    truth: dict[str, str] = field(default_factory=dict)
    is_hidden: bool = False
    formulas: dict[str, tuple[str, str | None]] = field(default_factory=dict)


@dataclass
class Page:
    """One sheet.

    Attributes
    ----------
    headings : dict of column to str
        In order.
    titles : sequence of str
        Lines above the headings; merged over the columns where the file can.
    header_row : int
        Row number of the headings, 1-based.
    """

    grain: str
    name: str
    headings: dict[str, str]
    rows: list[Row]
    titles: Sequence[str]
    header_row: int

    def row_number(self, row: Row) -> int:
        """Row number of a row in the sheet, 1-based."""
        return self.header_row + 1 + self.rows.index(row)

    def grid(self) -> list[list[Cell]]:
        """Return titles, headings and rows as they stand from A1 on."""
        width = len(self.headings)
        lines: list[list[Cell]] = [[title, *[""] * (width - 1)] for title in self.titles]
        lines.append(list(self.headings.values()))
        lines += [[row.cells.get(column, "") for column in self.headings] for row in self.rows]
        return lines


@dataclass
class DemoReturn:
    """One file that a member sends.

    Attributes
    ----------
    kind : str
        How it is written: ``"form"``, ``"old"`` or one of ``write.ENCODINGS``.
    name : str
        File name.
    received : str
        Date of receipt, ISO.
    starts_1904 : bool
        Days of the workbook are counted from 1904.
    """

    member_id: str
    member_name: str
    year: int
    lang: str
    kind: str
    name: str
    received: str
    pages: list[Page]
    starts_1904: bool = False

    def page(self, grain: str) -> Page:
        """Return the sheet of a grain."""
        return next(page for page in self.pages if page.grain == grain)


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
