"""Read the sheets of an .ods workbook as text, with hidden rows, formulas and errors.

Enters: the inflated parts. Leaves: `Sheet` objects. Rule: repeated cells and rows are counted before they
are laid out, so that no small file fills the memory.
"""

from __future__ import annotations

import unicodedata
import xml.etree.ElementTree as ET
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from platform_utils.errors import FileError
from platform_utils.returns.sheet import Marks, Sheet, to_text
from platform_utils.returns.stray import sheet_label

__all__ = ["OdsWorkbook", "open_ods"]

_TABLE = "{urn:oasis:names:tc:opendocument:xmlns:table:1.0}"
_OFFICE = "{urn:oasis:names:tc:opendocument:xmlns:office:1.0}"
_TEXT = "{urn:oasis:names:tc:opendocument:xmlns:text:1.0}"
_CALC = "{urn:org:documentfoundation:names:experimental:calc:xmlns:calcext:1.0}"
_STYLE = "{urn:oasis:names:tc:opendocument:xmlns:style:1.0}"
_GROUPS = {f"{_TABLE}table-header-rows", f"{_TABLE}table-rows", f"{_TABLE}table-row-group"}
_COLUMN_GROUPS = {f"{_TABLE}table-header-columns", f"{_TABLE}table-columns", f"{_TABLE}table-column-group"}
_LARGEST = 4_000_000
"""Cells of one sheet."""
_LONGEST_PART = 64_000_000
"""Bytes of XML that are held as a tree."""


@dataclass(frozen=True)
class OdsWorkbook:
    """An open ``.ods`` workbook; names are in the order of its sheets."""

    names: tuple[str, ...]
    _file: str
    _tables: Mapping[str, ET.Element] = field(repr=False)
    _hidden_styles: frozenset[str] = field(repr=False)

    def read(self, name: str) -> Sheet:
        """Return one sheet.

        Raises
        ------
        FileError
            E-122 if its cells lie too far apart.
        """
        table = self._tables[name]
        label = sheet_label(name, self.names.index(name) + 1)
        layout = _Layout(self._file, unicodedata.normalize("NFC", name), label)
        return layout.lay_out(table, self._hidden_styles)


def open_ods(parts: Mapping[str, bytes], file: str) -> OdsWorkbook:
    """Open an ``.ods`` workbook from the parts that `open_archive` gives.

    Raises
    ------
    FileError
        E-106 if it is damaged, E-107 if its content is larger than any return, E-113 if it has a password.
    """
    if len(parts.get("content.xml", b"")) > _LONGEST_PART:
        raise FileError("E-107", file=file, limit=_LONGEST_PART // 1_000_000)
    if b"encryption-data" in parts.get("META-INF/manifest.xml", b""):
        raise FileError("E-113", file=file)
    try:
        root = ET.fromstring(parts["content.xml"])  # noqa: S314 - document types and entities were refused before
    except (KeyError, ET.ParseError, RecursionError) as error:
        raise FileError("E-106", file=file) from error
    hidden = frozenset(
        style.get(f"{_STYLE}name", "")
        for style in root.iter(f"{_STYLE}style")
        if (properties := style.find(f"{_STYLE}table-properties")) is not None
        and properties.get(f"{_TABLE}display") == "false"
    )
    tables = {table.get(f"{_TABLE}name", ""): table for table in root.iter(f"{_TABLE}table")}
    return OdsWorkbook(tuple(tables), file, tables, hidden)


class _Layout:
    """Lays the cells of one table out as rows."""

    def __init__(self, file: str, name: str, label: str) -> None:
        self.file, self.name, self.label = file, name, label
        self.cells: dict[tuple[int, int], str] = {}
        self.dates: set[tuple[int, int]] = set()
        self.errors: set[tuple[int, int]] = set()
        self.formulas: dict[tuple[int, int], bool] = {}
        self.merged: list[tuple[int, int, int, int]] = []
        self.hidden_rows: set[int] = set()

    def lay_out(self, table: ET.Element, hidden_styles: frozenset[str]) -> Sheet:
        number = 0
        for row in _children(table, f"{_TABLE}table-row", _GROUPS):
            times = _times(row, "number-rows-repeated")
            filled = list(self._filled(row, number))
            if filled:
                self._check(times * max(1, len(filled)))
                for offset in range(times):
                    self._place(filled, number + offset)
            if row.get(f"{_TABLE}visibility") in ("collapse", "filter"):
                self.hidden_rows.update(range(number, number + min(times, 10_000)))
            number += times
        height = max((row for row, _ in self.cells), default=-1) + 1
        width = max((column for _, column in self.cells), default=-1) + 1
        self._check(height * width)
        rows = [[""] * width for _ in range(height)]
        for (row_number, column), text in self.cells.items():
            rows[row_number][column] = text
        marks = Marks(
            frozenset(self.hidden_rows),
            frozenset(_hidden_columns(table)),
            self.formulas,
            frozenset(self.errors),
            table.get(f"{_TABLE}style-name", "") in hidden_styles,
        )
        return Sheet(self.name, rows, frozenset(self.dates), tuple(self.merged), marks)

    def _filled(self, row: ET.Element, number: int) -> Iterator[tuple[int, str, ET.Element]]:
        column = 0
        for cell in row:
            times = _times(cell, "number-columns-repeated")
            if cell.tag == f"{_TABLE}table-cell":
                text = _text(cell)
                if text or cell.get(f"{_TABLE}formula"):
                    self._check(times)
                    for offset in range(times):
                        yield column + offset, text, cell
                down, right = _times(cell, "number-rows-spanned"), _times(cell, "number-columns-spanned")
                if down > 1 or right > 1:
                    self.merged.append((number, column, number + down - 1, column + right - 1))
            column += times

    def _place(self, filled: list[tuple[int, str, ET.Element]], number: int) -> None:
        for column, text, cell in filled:
            at = (number, column)
            self.cells[at] = text
            if cell.get(f"{_OFFICE}value-type") in ("date", "time"):
                self.dates.add(at)
            if cell.get(f"{_CALC}value-type") == "error" or text.startswith(
                ("#REF!", "#N/A", "#DIV/0!", "Err:")
            ):
                self.errors.add(at)
                self.cells[at] = ""
            elif cell.get(f"{_TABLE}formula"):
                self.formulas[at] = bool(text)
        self._check(len(self.cells))

    def _check(self, cells: int) -> None:
        if cells > _LARGEST:
            raise FileError("E-122", file=self.file, sheet=self.label)


def _text(cell: ET.Element) -> str:
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
    paragraphs = ("".join(_pieces(paragraph)) for paragraph in cell.findall(f"{_TEXT}p"))
    return unicodedata.normalize("NFC", "\n".join(paragraphs))


def _pieces(paragraph: ET.Element) -> Iterator[str]:
    yield paragraph.text or ""
    for child in paragraph:
        if child.tag == f"{_TEXT}s":
            count = child.get(f"{_TEXT}c", "1")
            yield " " * min(int(count) if count.isdigit() else 1, 1000)
        elif child.tag in (f"{_TEXT}tab", f"{_TEXT}line-break"):
            yield " "
        elif child.tag != f"{_OFFICE}annotation":
            yield from _pieces(child)
        yield child.tail or ""


def _hidden_columns(table: ET.Element) -> Iterator[int]:
    position, tag = 0, f"{_TABLE}table-column"
    # a group that anybody opens with a click hides nothing
    folded = {id(one) for group in table.iter(f"{tag}-group") for one in group.iter(tag)}
    for column in _children(table, tag, _COLUMN_GROUPS):
        times = _times(column, "number-columns-repeated")
        if column.get(f"{_TABLE}visibility") in ("collapse", "filter") and id(column) not in folded:
            yield from range(position, position + min(times, 2000))
        position += times


def _children(parent: ET.Element, tag: str, groups: set[str]) -> Iterator[ET.Element]:
    for child in parent:
        if child.tag == tag:
            yield child
        elif child.tag in groups:
            yield from _children(child, tag, groups)


def _times(element: ET.Element, name: str) -> int:
    text = element.get(f"{_TABLE}{name}", "1")
    return max(1, int(text)) if text.isascii() and text.isdigit() and len(text) < 10 else 1
