"""The receipt workbook: what a member has to correct, where, and how; nothing from the member's cells.

Enters: a checked return. Leaves: an Excel workbook with three sheets, the same bytes for the same return.
"""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

from xlsxwriter import Workbook
from xlsxwriter.format import Format
from xlsxwriter.worksheet import Worksheet

from platform_utils.messages import label
from platform_utils.paths import write_atomically
from platform_utils.spec import codebook
from platform_utils.spec.codebook import SPECIAL_CODES, UNREADABLE
from platform_utils.spec.returns import CheckedReturn
from platform_utils.validate.describe import describe, rows_per_sheet
from platform_utils.validate.judge import grain_columns

_NO_DATE = datetime(2000, 1, 1, tzinfo=UTC).replace(tzinfo=None)
_INK, _BLUE, _RED, _AMBER, _GREEN = "#1F2933", "#1F4E79", "#9B1C1C", "#8A5A00", "#1E6B3A"
_COLUMNS = (
    ("severity", 10), ("worksheet", 13), ("row", 7), ("column", 24), ("what", 44),
    ("expected", 44), ("remedy", 44), ("code", 8), ("done", 8),
)  # fmt: skip


def receipt_path(file: Path, lang: str) -> Path:
    """Return where a file's receipt is written: beside it, ``svar.kvitto.xlsx`` or ``svar.receipt.xlsx``."""
    return file.with_name(f"{file.stem}.{label('L-receipt-suffix', lang)}.xlsx")


def write_receipt(checked: CheckedReturn, path: Path, lang: str) -> None:
    """Write the receipt of one return; headings stay as they stand in the return.

    Raises
    ------
    FileError
        E-012 if the file cannot be written, for example because it is open in Excel.
    """
    with write_atomically(path) as partial:
        workbook = Workbook(str(partial), {"strings_to_formulas": False, "strings_to_urls": False})
        workbook.set_properties({"title": label("L-receipt-title", lang), "created": _NO_DATE})
        _write_front(workbook, checked, lang)
        _write_findings(workbook, checked, lang)
        _write_gaps(workbook, checked, lang)
        workbook.close()


def _write_front(workbook: Workbook, checked: CheckedReturn, lang: str) -> None:
    sheet = _sheet(workbook, label("L-receipt-sheet", lang), lang)
    bold, title = _text(workbook, bold=True), _text(workbook, bold=True, font_size=18)
    sheet.set_column(0, 0, 26)
    sheet.set_column(1, 4, 14)
    sheets = rows_per_sheet(checked.ledger)
    read = sum(counts["read"] - counts["set_aside"] for _, counts in sheets)
    held = sum(counts["held"] for _, counts in sheets)
    sheet.write(0, 0, label("L-receipt-title", lang), title)
    key = "L-receipt-verdict-held" if held else "L-receipt-verdict-good"
    verdict = _text(workbook, bold=True, font_size=13, font_color=_RED if held else _GREEN)
    sheet.write(1, 0, label(key, lang, number=held, read=read), verdict)
    facts = {"file": checked.file, "member": checked.member_id, "year": checked.year}
    for at, (name, value) in enumerate((facts | {"form": checked.form_version}).items(), start=3):
        sheet.write(at, 0, label(f"L-receipt-{name}", lang), bold)
        sheet.write(at, 1, value or "–", _text(workbook, align="left"))
    at = 8
    sides = ("read", "accepted", "held", "set_aside")
    for column, name in enumerate(
        [label("L-check-receipt", lang), *(label(f"L-check-{side}", lang) for side in sides)]
    ):
        sheet.write(at, column, name, _header(workbook, align="left" if column == 0 else "right"))
    for name, counts in sheets:
        at += 1
        sheet.write(at, 0, name or checked.file, _cell(workbook))
        for column, side in enumerate(sides, start=1):
            colour = _RED if side == "held" and counts[side] else _INK
            sheet.write(at, column, counts[side], _cell(workbook, num_format="#,##0", font_color=colour))
    at += 2
    wrapped = _text(workbook, text_wrap=True, valign="top")
    heading = _text(workbook, bold=True, font_size=12, font_color=_BLUE)
    for key in ("how-title", "how-1", "how-2", "how-3", "no-content", "unchecked-title"):
        style, height = (heading, 20) if key.endswith("title") else (wrapped, 32)
        sheet.merge_range(at, 0, at, 4, label(f"L-receipt-{key}", lang), style)
        sheet.set_row(at, height)
        at += 1
    sheet.merge_range(at, 0, at, 4, label("L-check-unchecked", lang), wrapped)
    sheet.set_row(at, 32)
    sheet.print_area(0, 0, at, 4)
    sheet.fit_to_pages(1, 1)


def _write_findings(workbook: Workbook, checked: CheckedReturn, lang: str) -> None:
    sheet = _sheet(workbook, label("L-receipt-sheet-findings", lang), lang)
    sheet.set_landscape()
    for column, (name, width) in enumerate(_COLUMNS):
        sheet.set_column(column, column, width)
        sheet.write(0, column, label(f"L-receipt-{name}", lang), _header(workbook))
    sheet.set_row(0, 24)
    cell = _cell(workbook, text_wrap=True, valign="top")
    centre = _cell(workbook, valign="top", align="center")
    loud = {
        "error": _cell(workbook, valign="top", bold=True, font_color=_RED),
        "warning": _cell(workbook, valign="top", bold=True, font_color=_AMBER),
    }
    findings = sorted(checked.findings, key=lambda one: one.severity != "error")
    for at, finding in enumerate(findings, start=1):
        said = describe(finding, lang)
        sheet.write_string(at, 0, label(f"L-receipt-{finding.severity}", lang), loud[finding.severity])
        sheet.write_string(at, 1, finding.sheet, cell)
        sheet.write(at, 2, finding.row if finding.row is not None else "", centre)
        expected = said.expected[:1].upper() + said.expected[1:]
        parts = (finding.column, said.what, expected, said.remedy, finding.code)
        for column, part in enumerate(parts, start=3):
            sheet.write_string(at, column, part, cell)
        sheet.write_blank(at, 8, None, cell)
        lines = [_lines(part, width) for part, (_, width) in zip(parts[:4], _COLUMNS[3:7], strict=True)]
        sheet.set_row(at, 15.5 * max(lines))
    if not findings:
        sheet.merge_range(1, 0, 1, 8, label("L-check-nothing-found", lang), cell)
    last = max(1, len(findings))
    sheet.autofilter(0, 0, last, len(_COLUMNS) - 1)
    sheet.freeze_panes(1, 0)
    sheet.repeat_rows(0)
    sheet.fit_to_pages(1, 0)
    sheet.print_area(0, 0, last, len(_COLUMNS) - 1)


def _write_gaps(workbook: Workbook, checked: CheckedReturn, lang: str) -> None:
    table = checked.tables.get("case")
    if table is None or not len(table):
        return
    sheet = _sheet(workbook, label("L-receipt-sheet-gaps", lang), lang)
    sheet.set_column(0, 0, 56)
    sheet.set_column(1, 4, 12)
    sheet.merge_range(
        0, 0, 0, 4, label("L-receipt-gaps-lead", lang), _text(workbook, text_wrap=True, valign="top")
    )
    sheet.set_row(0, 34)
    for column, name in enumerate(("question", "answered", "unknown", "blank", "not-asked")):
        look = _header(workbook, align="right" if column else "left")
        sheet.write(2, column, label(f"L-receipt-{name}", lang), look)
    shown = "en" if checked.form_version.endswith("-en") else "sv"
    cell, number = _cell(workbook), _cell(workbook, num_format="#,##0")
    at = 2
    for name in grain_columns("case"):
        values = table[f"{name}_status"] if f"{name}_status" in table.columns else table[name]
        special = {code: int((values == code).sum()) for code in SPECIAL_CODES}
        special["unknown"] += int((values == UNREADABLE).sum())
        if special["not_asked"] == len(table):
            continue
        at += 1
        sheet.write_string(at, 0, codebook.load().heading(name, shown, year=checked.year), cell)
        for column, count in enumerate([len(table) - sum(special.values()), *special.values()], start=1):
            sheet.write_number(at, column, count, number)
    shading = {"type": "2_color_scale", "min_type": "num", "min_value": 0, "min_color": "#FFFFFF"}
    sheet.conditional_format(
        3, 3, at, 3, shading | {"max_type": "num", "max_value": len(table), "max_color": "#F2C97D"}
    )
    sheet.autofilter(2, 0, at, 4)
    sheet.freeze_panes(3, 1)
    sheet.repeat_rows(2)
    sheet.fit_to_pages(1, 0)
    sheet.print_area(0, 0, at, 4)


def _sheet(workbook: Workbook, name: str, lang: str) -> Worksheet:
    sheet = workbook.add_worksheet(name)
    sheet.hide_gridlines(2)
    sheet.set_paper(9)
    sheet.set_margins(left=0.5, right=0.5, top=0.6, bottom=0.7)
    sheet.set_footer("&L&A&R" + label("L-receipt-page", lang))
    return sheet


def _text(workbook: Workbook, **look: object) -> Format:
    return workbook.add_format({"font_color": _INK, "font_name": "Calibri", "font_size": 11} | look)


def _header(workbook: Workbook, **look: object) -> Format:
    base = {"bold": True, "font_color": "#FFFFFF", "bg_color": _BLUE, "valign": "vcenter", "text_wrap": True}
    return _text(workbook, **(base | look))


def _cell(workbook: Workbook, **look: object) -> Format:
    return _text(workbook, **({"border": 1, "border_color": "#D5DAE0"} | look))


def _lines(text: str, width: int) -> int:
    """Estimate how many lines a text takes in a cell of ``width`` characters."""
    return max(1, -(-len(text) // max(1, width - 4)))
