"""See in the XML of an .xlsx what a reader of values does not tell: hidden rows, formulas, errors, size.

Enters: inflated parts. Leaves: `Marks` per sheet. Rule: a formula without a stored result is never read
as 0. Plain searches decide first whether there is anything to look for, since most sheets have nothing.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Mapping
from html import unescape

from platform_utils.errors import FileError
from platform_utils.returns.sheet import Marks
from platform_utils.returns.signs import holds

__all__ = ["check_extent", "read_marks", "sheet_parts"]

_SHEET = re.compile(rb"<(?:\w+:)?sheet\s([^>]*)>")
_RELATION = re.compile(rb"<(?:\w+:)?Relationship\s([^>]*)>")
_ATTRIBUTE = re.compile(rb"([\w:]+)\s*=\s*(?:\"([^\"]*)\"|'([^']*)')")
_EMPTY_ROW = re.compile(rb"<row [^>]*/>")
_ROW = re.compile(rb"<(?:\w+:)?row\b([^>]*)>")
_COLUMN = re.compile(rb"<(?:\w+:)?col\b([^>]*)>")
_FORMULA = re.compile(rb"<(?:\w+:)?f[\s/>]")
_RESULT = re.compile(rb"<(?:\w+:)?v\b[^>]*>([^<]+)<")
_ERROR = re.compile(rb"\st=[\"']e[\"']")
_FAR_CELL = re.compile(rb"r=[\"'](?:[A-Z]{3}\d|[A-Z]{1,2}\d{5})")
_ANY_CELL = re.compile(rb"r=[\"']([A-Z]{1,3})(\d{1,7})[\"']")
_CELL = re.compile(rb"<(?:\w+:)?c[\s>]")
_LARGEST = 40_000_000


def sheet_parts(parts: Mapping[str, bytes]) -> dict[str, tuple[str, bool]]:
    """Return each sheet's part and whether the sheet is hidden, by its name, in the order of the workbook."""
    workbook = next(
        (name for name in parts if re.fullmatch(r"xl/workbook[^/]*\.xml", name, re.IGNORECASE)), ""
    )
    relations = parts.get(
        posixpath.join(posixpath.dirname(workbook), "_rels", posixpath.basename(workbook) + ".rels"), b""
    )
    targets = {}
    for match in _RELATION.finditer(relations):
        values = _attributes(match[1])
        target = values.get("Target", "")
        joined = (
            target.lstrip("/")
            if target.startswith("/")
            else posixpath.join(posixpath.dirname(workbook), target)
        )
        targets[values.get("Id", "")] = posixpath.normpath(joined)
    found = {}
    for match in _SHEET.finditer(parts.get(workbook, b"")):
        values = _attributes(match[1])
        identifier = next((value for key, value in values.items() if key.endswith(":id")), "")
        found[values.get("name", "")] = (
            targets.get(identifier, ""),
            values.get("state", "visible") != "visible",
        )
    return found


def check_extent(xml: bytes, file: str, sheet: str) -> None:
    """Refuse a sheet whose cells lie so far apart that a reader would fill the memory with empty ones.

    Raises
    ------
    FileError
        E-122; E-106 if rows are not closed, which readers pass over.
    """
    start, end = _cells_between(xml)
    opened, closed = xml.count(b"<row", start, end), xml.count(b"</row>", start, end)
    if opened != closed and opened != closed + len(_EMPTY_ROW.findall(xml)):
        raise FileError("E-106", file=file)
    if not _FAR_CELL.search(xml):
        return
    cells = {match.groups() for match in _ANY_CELL.finditer(xml)}
    rows = max((int(row) for _, row in cells), default=1)
    columns = max(
        (_position(letters.decode()) + 1 for letters in {letters for letters, _ in cells}), default=1
    )
    if rows * columns > _LARGEST:
        raise FileError("E-122", file=file, sheet=sheet)


def read_marks(xml: bytes, *, is_hidden: bool, recalculated_on_opening: bool) -> Marks:
    """Return what a sheet's XML says besides its values.

    Parameters
    ----------
    xml : bytes
        ``xl/worksheets/sheetN.xml``.
    is_hidden : bool
        From the workbook part.
    recalculated_on_opening : bool
        The workbook asks to be calculated when it is opened (``fullCalcOnLoad``): a program wrote it, and a
        stored 0 is no result.

    Returns
    -------
    Marks
    """
    return Marks(
        hidden_rows=_hidden_rows(xml),
        hidden_columns=_hidden_columns(xml),
        formulas=_formulas(xml, recalculated_on_opening),
        errors=_errors(xml),
        is_hidden=is_hidden,
    )


def _cells_between(xml: bytes) -> tuple[int, int]:
    """Return where the cells of a sheet begin and end."""
    start, end = max(xml.find(b"sheetData"), 0), xml.rfind(b"sheetData")
    return start, end if end > start else len(xml)


def _is_plain(xml: bytes) -> bool:
    """Say whether a sheet is written as Excel writes it: no prefixes, double quotation marks."""
    start = xml.find(b"<sheetData")
    return start >= 0 and b"='" not in xml[start : start + 500]


def _hidden_rows(xml: bytes) -> frozenset[int]:
    start, end = _cells_between(xml)
    if not holds(xml, b"hidden=", start, end):
        return frozenset()
    found, number = set(), 0
    for match in _ROW.finditer(xml, start, end):
        values = _attributes(match[1])
        number = _number(values.get("r", "")) or number + 1
        if values.get("hidden") in ("1", "true"):
            found.add(number - 1)
    return frozenset(found)


def _hidden_columns(xml: bytes) -> frozenset[int]:
    found: set[int] = set()
    for match in _COLUMN.finditer(xml, 0, max(xml.find(b"sheetData"), 0)):
        values = _attributes(match[1])
        if values.get("hidden") in ("1", "true") or values.get("width") == "0":
            last = min(_number(values.get("max", "")), 2000)
            found.update(range(_number(values.get("min", "")) - 1, last))
    return frozenset(found)


def _formulas(xml: bytes, recalculated: bool) -> dict[tuple[int, int], bool]:
    found: dict[tuple[int, int], bool] = {}
    start, end = max(xml.find(b"sheetData"), 0), xml.rfind(b"sheetData")
    if not holds(xml, b"<f" if _is_plain(xml) else b":f", start, end):
        return found
    for match in _FORMULA.finditer(xml, start, max(end, 0)):
        row, column, cell = _cell_at(xml, match.start())
        result = _RESULT.search(cell)
        stored = result is not None and bool(result[1].strip())
        if stored and recalculated and result is not None and result[1].strip() in (b"0", b"0.0"):
            stored = False
        found[row, column] = stored
    return found


def _errors(xml: bytes) -> frozenset[tuple[int, int]]:
    start, end = _cells_between(xml)
    if not holds(xml, b't="e"', start, end) and not holds(xml, b"t='e'", start, end):
        return frozenset()
    return frozenset(_cell_at(xml, match.start())[:2] for match in _ERROR.finditer(xml, start, end))


def _cell_at(xml: bytes, position: int) -> tuple[int, int, bytes]:
    """Return row, column and XML of the cell around a position."""
    start = max(
        xml.rfind(b"<c ", 0, position + 1),
        xml.rfind(b":c ", 0, position + 1),
        xml.rfind(b"<c>", 0, position + 1),
        0,
    )
    end = xml.find(b"c>", position)
    cell = xml[start : end if end > 0 else len(xml)]
    reference = re.search(rb"\sr\s*=\s*[\"']([A-Z]{1,3})(\d{1,7})[\"']", cell[: cell.find(b">") + 1])
    if reference:
        return int(reference[2]) - 1, _position(reference[1].decode()), cell
    above = None
    rows = 0
    for above in _ROW.finditer(xml, 0, start):
        rows = _number(_attributes(above[1]).get("r", "")) or rows + 1
    since = above.end() if above else 0
    return rows - 1, sum(1 for _ in _CELL.finditer(xml, since, start)), cell


def _attributes(text: bytes) -> dict[str, str]:
    return {
        match[1].decode(): unescape(
            (match[2] if match[2] is not None else match[3]).decode("utf-8", "replace")
        )
        for match in _ATTRIBUTE.finditer(text)
    }


def _number(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else 0


def _position(letters: str) -> int:
    value = 0
    for letter in letters:
        value = 26 * value + ord(letter) - ord("A") + 1
    return value - 1
