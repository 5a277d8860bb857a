"""See in a workbook what a reader of values does not tell: hidden rows, formulas, errors, size.

Enters: inflated parts of an .xlsx; the bytes of an old .xls, none of whose marks are seen if it is older than
Excel 97. Leaves: `Marks` per sheet. Rule: a formula without a stored result is never read as 0 or as nothing.
In XML, plain searches decide first whether there is anything to look for, since most sheets have nothing.

References
----------
MS-XLS, sections 2.4.127 (Formula), 2.4.53 (ColInfo), 2.4.221 (Row), 2.4.28 (BoundSheet8), 2.4.24 (BoolErr).
"""

from __future__ import annotations

import io
import posixpath
import re
import struct
from collections.abc import Iterator, Mapping
from html import unescape

import olefile
from xlsxwriter.utility import xl_cell_to_rowcol

from platform_utils.errors import FileError
from platform_utils.returns.archive import holds
from platform_utils.returns.sheet import Marks

__all__ = ["check_extent", "read_marks", "read_xls_marks", "sheet_parts"]

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

_BOF, _EOF, _BOUNDSHEET = 0x809, 0x0A, 0x85
_ROW_RECORD, _COLINFO, _FORMULA_RECORD, _BOOLERR = 0x208, 0x7D, 0x06, 0x205
_BIFF8 = 0x0600


def sheet_parts(parts: Mapping[str, bytes]) -> dict[str, str]:
    """Return the name of each sheet's part, by the sheet's name."""
    workbook = next(
        (name for name in parts if re.fullmatch(r"xl/workbook[^/]*\.xml", name, re.IGNORECASE)), ""
    )
    relations = parts.get(
        posixpath.join(posixpath.dirname(workbook), "_rels", posixpath.basename(workbook) + ".rels"), b""
    )
    targets = {}
    for match in _RELATION.finditer(relations):
        values = _attributes(match[1])
        # a target is relative to the workbook, or, with a slash, to the archive
        joined = posixpath.join("/", posixpath.dirname(workbook), values.get("Target", ""))
        targets[values.get("Id", "")] = posixpath.normpath(joined).lstrip("/")
    found = {}
    for match in _SHEET.finditer(parts.get(workbook, b"")):
        values = _attributes(match[1])
        identifier = next((value for key, value in values.items() if key.endswith(":id")), "")
        found[values.get("name", "")] = targets.get(identifier, "")
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
    # one cell of each column will do: there may be a million
    first = {f"{letters.decode()}1" for letters, _ in cells}
    columns = max((xl_cell_to_rowcol(cell)[1] + 1 for cell in first), default=1)
    if rows * columns > _LARGEST:
        raise FileError("E-122", file=file, sheet=sheet)


def read_marks(xml: bytes, *, is_hidden: bool, recalculated_on_opening: bool) -> Marks:
    """Return what a sheet's XML says besides its values.

    Parameters
    ----------
    xml : bytes
        ``xl/worksheets/sheetN.xml``.
    recalculated_on_opening : bool
        The workbook asks to be calculated when it is opened (``fullCalcOnLoad``): a program wrote it, and a
        stored 0 is no result.
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
        is_folded = values.get("outlineLevel", "0") != "0"  # a group that anybody opens with a click
        if (values.get("hidden") in ("1", "true") and not is_folded) or values.get("width") == "0":
            last = min(_number(values.get("max", "")), 2000)
            found.update(range(_number(values.get("min", "")) - 1, last))
    return frozenset(found)


def _formulas(xml: bytes, recalculated: bool) -> dict[tuple[int, int], bool]:
    found: dict[tuple[int, int], bool] = {}
    # an empty sheet has one tag and no cells; formulas after it belong to lists of permitted values
    start, end = max(xml.find(b"sheetData"), 0), max(xml.rfind(b"sheetData"), 0)
    if not holds(xml, b"<f" if _is_plain(xml) else b":f", start, end):
        return found
    for match in _FORMULA.finditer(xml, start, end):
        row, column, cell = _cell_at(xml, match.start())
        result = _RESULT.search(cell)
        value = result[1].strip() if result else b""
        found[row, column] = value != b"" and not (recalculated and value in (b"0", b"0.0"))
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
    reference = re.search(rb"\sr\s*=\s*[\"']([A-Z]{1,3}\d{1,7})[\"']", cell[: cell.find(b">") + 1])
    if reference:
        return *xl_cell_to_rowcol(reference[1].decode()), cell
    above = None  # a program may leave references out: then rows and cells are counted
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


def read_xls_marks(data: bytes, file: str) -> dict[str, Marks]:
    """Return what the records of each sheet say besides its values, by sheet name.

    Raises
    ------
    FileError
        E-106 if it is damaged.
    """
    try:
        with olefile.OleFileIO(io.BytesIO(data)) as container:
            if not container.exists("Workbook"):
                return {}
            stream = container.openstream("Workbook").read()
        return {name: _sheet_marks(stream, offset) for name, offset in _sheets(stream)}
    except (OSError, ValueError, IndexError, struct.error) as error:
        raise FileError("E-106", file=file) from error


def _records(stream: bytes, offset: int) -> Iterator[tuple[int, bytes]]:
    """Yield the records of one substream, without those of charts that lie in it."""
    depth = 0
    while offset + 4 <= len(stream):
        kind, size = struct.unpack_from("<HH", stream, offset)
        body = stream[offset + 4 : offset + 4 + size]
        offset += 4 + size
        depth += (kind == _BOF) - (kind == _EOF)
        if depth <= 0:
            return
        if depth == 1:
            yield kind, body


def _sheets(stream: bytes) -> Iterator[tuple[str, int]]:
    for kind, body in _records(stream, 0):
        if kind == _BOF and struct.unpack_from("<H", body)[0] != _BIFF8:
            return
        if kind == _BOUNDSHEET and body[5] == 0:
            count, wide = body[6], body[7] & 1
            text = body[8 : 8 + count * (1 + wide)]
            yield text.decode("utf-16-le" if wide else "latin-1"), struct.unpack_from("<I", body)[0]


def _sheet_marks(stream: bytes, offset: int) -> Marks:
    rows: set[int] = set()
    columns: set[int] = set()
    errors: set[tuple[int, int]] = set()
    formulas: dict[tuple[int, int], bool] = {}
    for kind, body in _records(stream, offset):
        if kind == _ROW_RECORD and struct.unpack_from("<H", body, 12)[0] & 0x20:
            rows.add(struct.unpack_from("<H", body)[0])
        elif kind == _COLINFO and struct.unpack_from("<H", body, 8)[0] & 1:
            first, last = struct.unpack_from("<HH", body)
            columns.update(range(first, min(last, 2000) + 1))
        elif kind == _BOOLERR and body[7]:
            errors.add(struct.unpack_from("<HH", body))
        elif kind == _FORMULA_RECORD:
            at = struct.unpack_from("<HH", body)
            result, special, calculate = body[6:14], body[12:14] == b"\xff\xff", body[14] & 2
            if special and result[0] == 2:
                errors.add(at)
            formulas[at] = not (special and result[0] == 3) and not (calculate and not any(result))
    return Marks(frozenset(rows), frozenset(columns), formulas, frozenset(errors))
