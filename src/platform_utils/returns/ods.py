"""Read the sheets of an .ods workbook as text, with hidden rows, formulas and errors.

Enters: the inflated parts. Leaves: `Sheet` objects. Rule: the content is read once, as a stream; repeated
cells and rows are counted before they are laid out, so that no small file fills the memory.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field

from platform_utils.errors import FileError
from platform_utils.returns.budget import MOST_ROWS, Budget, parse
from platform_utils.returns.cover import sheet_label
from platform_utils.returns.sheet import Marks, Sheet, to_text

_TABLE = "urn:oasis:names:tc:opendocument:xmlns:table:1.0 "
_OFFICE = "urn:oasis:names:tc:opendocument:xmlns:office:1.0 "
_TEXT = "urn:oasis:names:tc:opendocument:xmlns:text:1.0 "
_CALC = "urn:org:documentfoundation:names:experimental:calc:xmlns:calcext:1.0 "
_STYLE = "urn:oasis:names:tc:opendocument:xmlns:style:1.0 "
_HIDDEN = ("collapse", "filter")
_LONGEST = 2000
"""Characters of a cell that are kept: any answer is shorter, and longer ones are only said to be too long."""
_READ = frozenset({"p", "span", "a", "s", "tab", "line-break", "ruby", "ruby-base"})
"""What somebody who looks at a cell reads as its text: no note, drawing, script or hidden text."""


@dataclass(frozen=True)
class OdsWorkbook:
    """An open ``.ods`` workbook; names are in the order of its sheets."""

    names: tuple[str, ...]
    _sheets: Mapping[str, Sheet] = field(repr=False)

    def read(self, name: str) -> Sheet:
        """Return one sheet."""
        return self._sheets[name]


def open_ods(parts: Mapping[str, bytes], file: str) -> OdsWorkbook:
    """Open an ``.ods`` workbook from the parts that `open_archive` gives.

    Raises
    ------
    FileError
        E-106 if it is damaged, E-113 if it has a password, E-118 to E-122 if it is larger than any return.
    """
    if b"encryption-data" in parts.get("META-INF/manifest.xml", b""):
        raise FileError("E-113", file=file)
    if "content.xml" not in parts:
        raise FileError("E-106", file=file)
    content = _Content(Budget(file))
    parse(parts["content.xml"], file, content.start, content.end, content.text)
    return OdsWorkbook(tuple(content.sheets), content.sheets)


class _Content:
    """The tables of a document, laid out as rows while they are read."""

    def __init__(self, budget: Budget) -> None:
        self.budget = budget
        self.sheets: dict[str, Sheet] = {}
        self.hidden_styles: set[str] = set()
        self.style = ""
        self.open: list[str] = []
        self.cell: dict[str, str] = {}
        self.tables = 0  # a table within a cell is none of the workbook's

    def start(self, name: str, values: dict[str, str]) -> None:
        self.open.append(name)
        if name == "table":
            self.tables += 1
            if self.tables == 1:
                self.budget.check_sheets(len(self.sheets) + 1)
                self._start_table(values)
        elif self.tables > 1:
            return
        elif name == "style":
            self.style = values.get(f"{_STYLE}name", "")
        elif name == "table-properties" and values.get(f"{_TABLE}display") == "false":
            self.hidden_styles.add(self.style)
        elif self.tables and name == "table-row":
            self.row.clear()
            self.times, self.column = _times(values, "number-rows-repeated"), 0
            self.is_hidden_row = values.get(f"{_TABLE}visibility") in _HIDDEN
        elif self.tables and name in ("table-cell", "covered-table-cell"):
            self.cell, self.is_covered = values, name != "table-cell"
            self.paragraphs.clear()
            self.level, self.length = len(self.open), 0
        elif self.tables and name == "table-column":
            self._column(values)
        elif self.tables == 1 and 0 < self.level < len(self.open):
            self._inside(name, values)

    def _start_table(self, values: dict[str, str]) -> None:
        self.name = values.get(f"{_TABLE}name", "")
        self.marks = Marks(is_hidden=values.get(f"{_TABLE}style-name", "") in self.hidden_styles)
        self.rows: list[list[str]] = []
        self.number = self.position = self.level = self.length = self.column = 0
        self.row: list[str] = []
        self.paragraphs: list[list[str]] = []
        self.times, self.is_hidden_row, self.is_covered = 1, False, False
        self.dates: set[tuple[int, int]] = set()
        self.merged: list[tuple[int, int, int, int]] = []

    def _column(self, values: dict[str, str]) -> None:
        times = _times(values, "number-columns-repeated")
        # a group that anybody opens with a click hides nothing
        if values.get(f"{_TABLE}visibility") in _HIDDEN and "table-column-group" not in self.open:
            self.marks.hidden_columns.update(range(self.position, self.position + min(times, 2000)))
        self.position += times

    def _inside(self, name: str, values: dict[str, str]) -> None:
        """Take what stands in a cell: its own paragraphs, without those of notes and drawings."""
        if len(self.open) == self.level + 1 and name == "p":
            self.paragraphs.append([])
        elif name == "s":
            count = values.get(f"{_TEXT}c", "1")
            self.text(" " * min(int(count) if count.isdigit() else 1, 1000))
        elif name in ("tab", "line-break"):
            self.text(" ")

    def text(self, piece: str) -> None:
        if self.tables == 1 and self.level > 0 and len(self.open) > self.level and self.length < _LONGEST:
            own = self.open[self.level :]
            if own[0] == "p" and _READ.issuperset(own):
                self.paragraphs[-1].append(piece)
                self.length += len(piece)

    def end(self, name: str) -> None:
        if self.tables == 1 and name in ("table-cell", "covered-table-cell") and len(self.open) == self.level:
            self._end_cell()
            self.level = 0
        elif self.tables == 1 and name == "table-row":
            self._end_row()
        elif name == "table":
            self.tables -= 1
            if not self.tables:
                self._end_table()
        self.open.pop()

    def _end_cell(self) -> None:
        times = _times(self.cell, "number-columns-repeated")
        text = _value(self.cell, self.paragraphs)
        if not self.is_covered:
            down, right = (
                _times(self.cell, "number-rows-spanned"),
                _times(self.cell, "number-columns-spanned"),
            )
            if down > 1 or right > 1:
                corner = (self.number, self.column)
                self.merged.append((*corner, self.number + down - 1, self.column + right - 1))
            if text or f"{_TABLE}formula" in self.cell:
                self._place(text, times)
        self.column += times

    def _place(self, text: str, times: int) -> None:
        is_error = self.cell.get(f"{_CALC}value-type") == "error" or text.startswith(
            ("#REF!", "#N/A", "#DIV/0!", "Err:")
        )
        self.budget.check_area(self.times, self.column + times, sheet_label(self.name, len(self.sheets) + 1))
        self.budget.spend(self.times * times)
        self.row += [""] * (self.column - len(self.row)) + ["" if is_error else text] * times
        is_date = self.cell.get(f"{_OFFICE}value-type") in ("date", "time")
        if is_error or is_date or f"{_TABLE}formula" in self.cell:
            rows, columns = (
                range(self.number, self.number + self.times),
                range(self.column, self.column + times),
            )
            at = [(row, column) for row in rows for column in columns]
            self.dates.update(at if is_date else ())
            if is_error:
                self.marks.errors.update(at)
            elif f"{_TABLE}formula" in self.cell:
                self.marks.formulas.update(dict.fromkeys(at, bool(text)))

    def _end_row(self) -> None:
        if self.row:
            label = sheet_label(self.name, len(self.sheets) + 1)
            self.budget.check_area(self.number + self.times, len(self.row), label)
            if self.number + self.times > MOST_ROWS:
                raise FileError("E-126", file=self.budget.file, most=MOST_ROWS)
            self.rows += [[] for _ in range(self.number - len(self.rows))]
            self.rows += [list(self.row)] * self.times
        if self.is_hidden_row:
            self.marks.hidden_rows.update(range(self.number, self.number + min(self.times, 10_000)))
        self.number += self.times

    def _end_table(self) -> None:
        width = max(map(len, self.rows), default=0)
        area = self.budget.check_area(len(self.rows), width, sheet_label(self.name, len(self.sheets) + 1))
        self.budget.spend(max(0, area - sum(map(len, self.rows))))
        rows = [row + [""] * (width - len(row)) for row in self.rows]
        name = unicodedata.normalize("NFC", self.name)
        self.sheets[self.name] = Sheet(name, rows, frozenset(self.dates), tuple(self.merged), self.marks)


def _value(cell: Mapping[str, str], paragraphs: list[list[str]]) -> str:
    kind = cell.get(f"{_OFFICE}value-type")
    if kind in ("float", "percentage", "currency"):
        try:
            return to_text(float(cell.get(f"{_OFFICE}value", "")))
        except ValueError:
            return ""
    if kind == "boolean":
        return to_text(cell.get(f"{_OFFICE}boolean-value") == "true")
    if kind == "date":
        return cell.get(f"{_OFFICE}date-value", "").removesuffix("T00:00:00").replace("T", " ")
    if kind == "time":
        return cell.get(f"{_OFFICE}time-value", "")
    return unicodedata.normalize("NFC", "\n".join("".join(pieces) for pieces in paragraphs))


def _times(values: Mapping[str, str], name: str) -> int:
    text = values.get(f"{_TABLE}{name}", "1")
    return max(1, int(text)) if text.isascii() and text.isdigit() and len(text) < 10 else 1
