"""The table annex as a workbook: cover, contents, notes, one table a sheet; or as rows.

Enters: a report. Leaves: XLSX, ODS or CSV, the same bytes for the same tables. Sheets follow what statistical
offices agreed on: from A1, one table each, no merged cell, no empty row; notes have numbers, and marks stand
where a number is missing.
"""

from __future__ import annotations

import csv
import datetime as dt
import io
import re
import zipfile
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING
from xml.sax.saxutils import escape, quoteattr

from platform_utils.messages import say
from platform_utils.publish.inline import JOINER
from platform_utils.publish.table import cells_of, no_table, notes_of, source_text
from platform_utils.publish.words import asked_for, population_of, title_of
from platform_utils.spec.plan import load_plan
from platform_utils.spec.safe import HIDDEN, SafeTable

if TYPE_CHECKING:
    from platform_utils.publish.report import Report

Cell = str | int
_NUMBER = re.compile(r"(\u2212?)(\d[\d\u00a0,]*?)\u00a0?(%?)")
_LINK = re.compile(r"\[([^\]]*)\]\([^)]*\)")
_WIDEST, _NARROWEST, _LETTER = 60, 9, 2.0
"""Letters of a column at most and at least; millimetres of one."""
_MARKS = ("hidden", "not_asked", "nobody", "zero")
_MIME = "application/vnd.oasis.opendocument.spreadsheet"
_OASIS = "urn:oasis:names:tc:opendocument:xmlns:"
_ODS = (
    f'<?xml version="1.0" encoding="UTF-8"?><office:document-content xmlns:office="{_OASIS}office:1.0"'
    f' xmlns:table="{_OASIS}table:1.0" xmlns:text="{_OASIS}text:1.0" xmlns:style="{_OASIS}style:1.0"'
    f' xmlns:fo="{_OASIS}xsl-fo-compatible:1.0" office:version="1.3"><office:automatic-styles>'
    '<style:style style:name="head" style:family="table-cell"><style:text-properties fo:font-weight="bold"/>'
    "</style:style>{}</office:automatic-styles><office:body><office:spreadsheet>{}</office:spreadsheet>"
    "</office:body></office:document-content>"
)
_MANIFEST = (
    f'<?xml version="1.0" encoding="UTF-8"?><m:manifest xmlns:m="{_OASIS}manifest:1.0" m:version="1.3">'
    f'<m:file-entry m:full-path="/" m:media-type="{_MIME}"/>'
    '<m:file-entry m:full-path="content.xml" m:media-type="text/xml"/></m:manifest>'
)


@dataclass(frozen=True)
class Sheet:
    """One sheet: lines above, a row of headings, rows."""

    name: str
    above: Sequence[str]
    heading: Sequence[str]
    rows: Sequence[Sequence[Cell]]

    @property
    def widths(self) -> list[int]:
        """Letters that each column has room for."""
        columns = zip(self.heading, *self.rows, strict=True)
        longest = (max(len(str(cell)) for cell in cells) + 2 for cells in columns)
        return [min(_WIDEST, max(_NARROWEST, width)) for width in longest]

    @property
    def grid(self) -> list[list[Cell]]:
        """All of it, line by line."""
        above: list[list[Cell]] = [[line] for line in self.above]
        return [*above, list(self.heading), *map(list, self.rows)]


def sheet_of(number: int, table: SafeTable, title: str, lang: str, *, what: str, notes: str = "") -> Sheet:
    """Return the sheet of a table, called by its number.

    Parameters
    ----------
    what : str
        What the form asks, for a year that did not.
    notes : str
        Numbers of its notes, after the title.
    """
    unit = load_plan().units[table.universe.unit].label(lang)
    who, source = population_of(table.universe.name, lang), source_text(table.universe.source, lang)
    about = [
        say("workbook", word, lang, **{word: text})
        for word, text in (("who", who), ("unit", unit), ("source", source))
    ]
    if table.asked:
        heading, rows = cells_of(table, lang)
        typed = [[cells[0], *map(_typed, cells[1:])] for cells, _ in rows]
        share = say("words", "column_share", lang)  # its cells are numbers here, and say no unit
        heading = [f"{one} (%)" if one == share else one for one in heading]
    else:
        said = say("words", "not_asked_table", lang, what=what, year=table.universe.year)
        heading, typed = [say("workbook", "nothing", lang)], [[said.strip("* \n")]]
    return Sheet(str(number), [f"{title}, {table.universe.year}{notes}", *about], heading, typed)


def _tables(report: Report) -> list[Sheet]:
    lang, notes, made = report.lang, _notes(report), []
    for number, (key, table) in enumerate(report.in_order.items(), 1):
        own = "".join(f" [{say('workbook', 'note', lang)} {notes[note]}]" for note in _notes_of(table, lang))
        what = asked_for(key, lang)
        made.append(sheet_of(number, table, title_of(key, lang), lang, what=what, notes=own))
    return made


def _notes_of(table: SafeTable, lang: str) -> list[str]:
    return notes_of(table, lang) if table.asked else []


def _notes(report: Report) -> dict[str, int]:
    """Give the notes of all tables numbers, in the order in which they are met."""
    every = (note for table in report.in_order.values() for note in _notes_of(table, report.lang))
    return {note: number for number, note in enumerate(dict.fromkeys(every), 1)}


def front(cover: Sequence[str], tables: Sequence[Sheet], notes: Iterable[str], lang: str) -> list[Sheet]:
    """Return the sheets that stand before tables: cover with the marks, contents, notes by number."""
    rows: dict[str, list[list[Cell]]] = {
        "cover": [[*said.split("|")] for key in _MARKS for said in [say("workbook", f"mark_{key}", lang)]],
        "contents": [[sheet.name, *sheet.above[:2]] for sheet in tables],
        "notes": [[number, note] for number, note in enumerate(notes, start=1)],
    }
    names = {key: say("workbook", key, lang) for key in rows}
    above = {"cover": cover, "contents": [names["contents"]], "notes": [names["notes"]]}
    return [
        Sheet(names[key], above[key], say("workbook", f"head_{key}", lang).split("|"), rows[key])
        for key in rows
        if rows[key]
    ]


def _sheets(report: Report) -> list[Sheet]:
    said = "\n".join(map(repr, (report.edition, report.origin, report.how_to_cite)))
    lines = _LINK.sub(r"\1", said).replace("*", "").split("\n")
    cover, tables = [report.title, *filter(None, map(str.strip, lines))], _tables(report)
    return [*front(cover, [*tables, *_left_out(report)], _notes(report), report.lang), *tables]


def _left_out(report: Report) -> list[Sheet]:
    """Return what is told of tables that are left out: why, whom and what they count; they have no sheet."""
    plan, lang, made = load_plan(), report.lang, []
    for key in report.not_there():
        planned = plan.by_key[key]
        who, unit = planned.population.label(lang), plan.units[planned.measure.unit].label(lang)
        about = [say("workbook", "who", lang, who=who), say("workbook", "unit", lang, unit=unit)]
        made.append(Sheet("", [no_table(key, report.of, lang), *about], [], []))
    return made


def _typed(text: str) -> Cell:
    """Return a number as a number, a share in whole per cent; a mark stays a mark."""
    found = _NUMBER.fullmatch(text.replace(JOINER, ""))
    if not found:
        return text.replace(JOINER, "").replace("\u00a0", " ")
    return int(re.sub(r"\D", "", found[2])) * (-1 if found[1] else 1)


def to_xlsx(sheets: Sequence[Sheet], title: str, year: int) -> bytes:
    """Return sheets as an Excel workbook; ``year`` is that of the tables: no clock."""
    from xlsxwriter import Workbook

    stream, numbered = io.BytesIO(), {sheet.name for sheet in sheets if sheet.name.isdigit()}
    book = Workbook(stream, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False})
    day = dt.datetime(year + 1, 1, 1)  # noqa: DTZ001 - Excel's dates have no zone, and this one is fixed
    book.set_properties({"title": title, "created": day})
    bold, wrapped = book.add_format({"bold": True}), book.add_format({"text_wrap": True, "valign": "top"})
    for sheet in sheets:
        page, first = book.add_worksheet(sheet.name), len(sheet.above)
        for at, row in enumerate(sheet.grid):
            for column, cell in enumerate(row):
                page.write(at, column, cell, bold if at in (0, first) else wrapped if at > first else None)
                if at > first and not column and cell in numbered:
                    page.write_url(at, 0, f"internal:'{cell}'!A1", string=cell)
        for column, width in enumerate(sheet.widths):
            page.set_column(column, column, width)
        page.freeze_panes(first + 1, 0)
    book.close()
    return stream.getvalue()


def to_ods(sheets: Sequence[Sheet]) -> bytes:
    """Return sheets as an OpenDocument spreadsheet."""
    parts = {"mimetype": _MIME, "META-INF/manifest.xml": _MANIFEST}
    styles = "".join(
        f'<style:style style:name="w{width}" style:family="table-column">'
        f'<style:table-column-properties style:column-width="{width * _LETTER:.1f}mm"/></style:style>'
        for width in sorted({width for sheet in sheets for width in sheet.widths})
    )
    parts["content.xml"] = _ODS.format(styles, "".join(map(_ods_table, sheets)))
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        for name, text in parts.items():
            info = zipfile.ZipInfo(name)  # of 1980: no clock
            info.compress_type = zipfile.ZIP_STORED if name == "mimetype" else zipfile.ZIP_DEFLATED
            archive.writestr(info, text.encode())
    return stream.getvalue()


def _ods_table(sheet: Sheet) -> str:
    rows = [
        f"<table:table-row>{_ods_cells(row, at in (0, len(sheet.above)))}</table:table-row>"
        for at, row in enumerate(sheet.grid)
    ]
    rows[len(sheet.above)] = f"<table:table-header-rows>{rows[len(sheet.above)]}</table:table-header-rows>"
    columns = "".join(f'<table:table-column table:style-name="w{width}"/>' for width in sheet.widths)
    return f"<table:table table:name={quoteattr(sheet.name)}>{columns}{''.join(rows)}</table:table>"


def _ods_cells(row: Iterable[Cell], is_head: bool) -> str:
    style = ' table:style-name="head"' if is_head else ""
    kinds = (f'float" office:value="{cell}' if isinstance(cell, int) else "string" for cell in row)
    start = f"<table:table-cell{style} office:value-type="
    return "".join(
        f'{start}"{kind}"><text:p>{escape(str(cell))}</text:p></table:table-cell>'
        for kind, cell in zip(kinds, row, strict=True)
    )


def _csv(report: Report) -> bytes:
    """Write one row per cell: its table, whom and what that counts, row, column, number or mark."""
    stream = io.StringIO()
    out = csv.writer(stream, lineterminator="\n")
    out.writerow(say("workbook", "csv", report.lang).split("|"))
    for key, sheet in zip(report.in_order, _tables(report), strict=True):
        for row in sheet.rows:
            cells = zip(sheet.heading[1:], row[1:], strict=True) if row[1:] else [("", ".")]
            out.writerows([key, *sheet.above[:3], row[0], column, cell] for column, cell in cells)
    for key, sheet in zip(report.not_there(), _left_out(report), strict=True):
        out.writerow([key, *sheet.above, "", "", HIDDEN])
    return stream.getvalue().encode("utf-8")


WORKBOOKS: Mapping[str, Callable[[Report], bytes]] = {
    "xlsx": lambda report: to_xlsx(_sheets(report), report.title, report.of),
    "ods": lambda report: to_ods(_sheets(report)),
    "csv": _csv,
}
"""What makes each kind of file of a report's tables."""
