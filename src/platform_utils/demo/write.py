"""Write one return as the kind of file that its member uses.

Enters: a ``DemoReturn``. Leaves: a file whose bytes depend on nothing else.
"""

from __future__ import annotations

import io
from datetime import date, datetime
from pathlib import Path

import pandas as pd
from xlsxwriter import Workbook

from platform_utils.demo.pages import Cell, DemoReturn, Page
from platform_utils.demo.write_csv import ENCODINGS, csv_bytes
from platform_utils.demo.write_locked import locked_bytes
from platform_utils.demo.write_ods import ods_bytes
from platform_utils.demo.write_xls import xls_bytes
from platform_utils.messages import label
from platform_utils.returns import write_template

__all__ = ["write_file"]


def write_file(one: DemoReturn, folder: Path) -> Path:
    """Write a return into ``folder`` under its own name, and return the path."""
    path = folder / one.name
    if one.kind == "form":
        _write_form(one, path)
    elif one.kind in ENCODINGS:
        path.write_bytes(csv_bytes(one.page("case").grid(), one.kind))
    elif one.kind in ("xls", "xls_1904"):
        sheets = {page.name: page.grid() for page in one.pages}
        path.write_bytes(xls_bytes(sheets, starts_1904=one.kind == "xls_1904"))
    elif one.kind == "ods":
        sheets = {label("L-template-sheet-cover", one.lang): _cover(one)} | {
            p.name: p.grid() for p in one.pages
        }
        path.write_bytes(ods_bytes(sheets))
    elif one.kind == "locked":
        path.write_bytes(locked_bytes(_old_workbook(one), one.password, f"{one.member_id}-{one.year}"))
    else:
        path.write_bytes(_old_workbook(one))
    return path


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


def _cover(one: DemoReturn) -> list[list[Cell]]:
    keys = ("member-id", "member", "year", "form-version")
    values: tuple[Cell, ...] = (one.member_id, one.member_name, one.year, f"{one.year}-{one.lang}")
    labels = [label(f"L-template-cover-{key}", one.lang) for key in keys]
    return [[name, value] for name, value in zip(labels, values, strict=True)]


def _old_workbook(one: DemoReturn) -> bytes:
    """Return a workbook as older forms were: merged titles, headings of the year, hidden rows, formulas."""
    memory = io.BytesIO()
    has_dates = any(
        isinstance(v, date) for page in one.pages for row in page.rows for v in row.cells.values()
    )
    options = {
        "in_memory": True,
        "strings_to_formulas": False,
        "strings_to_urls": False,
        "strings_to_numbers": False,
    }
    workbook = Workbook(memory, {**options, "date_1904": has_dates})
    workbook.set_properties({"created": datetime(one.year, 1, 1)})  # noqa: DTZ001 - Excel's dates have no zone
    bold, day = workbook.add_format({"bold": True}), workbook.add_format({"num_format": "yyyy-mm-dd"})
    cover = workbook.add_worksheet(label("L-template-sheet-cover", one.lang))
    for number, cells in enumerate(_cover(one)):
        cover.write_row(number, 0, cells)
    for page in one.pages:
        sheet = workbook.add_worksheet(page.name)
        last = max(1, len(page.headings) - 1)
        for number, title in enumerate(page.titles):
            sheet.merge_range(number, 0, number, last, title, bold)
        sheet.write_row(page.header_row - 1, 0, page.headings.values(), bold)
        _write_rows(sheet, page, day)
    workbook.close()
    return memory.getvalue()


def _write_rows(sheet: object, page: Page, day: object) -> None:
    for number, row in enumerate(page.rows, start=page.header_row):
        if row.is_hidden:
            sheet.set_row(number, None, None, {"hidden": True})  # type: ignore[attr-defined]
        for place, column in enumerate(page.headings):
            if column in row.formulas:
                formula, result = row.formulas[column]
                sheet.write_formula(number, place, formula, None, result or "")  # type: ignore[attr-defined]
                continue
            value = row.cells.get(column, "")
            if isinstance(value, date):
                sheet.write_datetime(number, place, value, day)  # type: ignore[attr-defined]
            elif value != "":
                sheet.write(number, place, value)  # type: ignore[attr-defined]
