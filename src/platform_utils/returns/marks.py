"""See in a workbook what a reader of values does not tell: hidden rows, formulas, errors, size.

Enters: inflated parts of an .xlsx; the bytes of an old .xls, none of whose marks are seen if it is older than
Excel 97. Leaves: `Marks` per sheet. Rule: a formula without a stored result is never read as 0 or as nothing.
In XML, plain searches decide first whether there is anything to look for, since most sheets have nothing; the
others are read once, from the first cell to the last.

References
----------
MS-XLS, sections 2.4.127 (Formula), 2.4.53 (ColInfo), 2.4.221 (Row), 2.4.28 (BoundSheet8), 2.4.24 (BoolErr),
2.4.90 (Dimensions), 2.4.265 (SST).
"""

from __future__ import annotations

import io
import posixpath
import re
import struct
from collections.abc import Iterator, Mapping
from functools import lru_cache, reduce

import olefile

from platform_utils.errors import FileError
from platform_utils.returns.archive import holds
from platform_utils.returns.budget import MOST_CELLS, Budget, parse
from platform_utils.returns.sheet import Marks

_SHORTEST_CELL, _USUAL_CELL = 4, 40
"""Bytes of a cell: of the shortest that there is, and about of one with an answer."""
_CELLS = (b"<c ", b"<c>", b"<c/", b":c ", b":c/", b":c>")
_EMPTY_ROW = re.compile(rb"<row [^<>]*/>")
_SIGNS = (b"<f", b'hidden="1', b'hidden="t', b"hidden='", b't="e"', b"t='e'", b"<!")
_ODD_CELL = re.compile(rb"<c(?! r=\"[A-Z]{1,2}\d{1,4}\")[\s/>]")
_ODD_REFERENCE = re.compile(rb"<c(?! r=\"[A-Z]{1,3}\d{1,7}\")[\s/>]")
_CELL_AT = re.compile(rb"<c r=\"([A-Z]+)(\d+)")
_REFERENCE = re.compile(r"([A-Za-z]{1,9})(\d{1,19})")
_TRUE = ("1", "true")

_BOF, _EOF, _BOUNDSHEET, _SST, _DIMENSIONS = 0x809, 0x0A, 0x85, 0xFC, 0x200
_ROW_RECORD, _COLINFO, _FORMULA_RECORD, _BOOLERR = 0x208, 0x7D, 0x06, 0x205
_CELL_RECORDS = frozenset({0x06, 0x201, 0x203, 0x204, 0x205, 0x27E, 0xBD, 0xBE, 0xD6, 0xFD})
_BIFF8 = 0x0600


def sheet_parts(parts: Mapping[str, bytes], budget: Budget) -> dict[str, str]:
    """Return the name of each sheet's part, by the sheet's name.

    Raises
    ------
    FileError
        E-106, E-119, E-120.
    """
    workbook = next(
        (name for name in parts if re.fullmatch(r"xl/workbook[^/]*\.xml", name, re.IGNORECASE)), ""
    )
    beside = posixpath.join(posixpath.dirname(workbook), "_rels", posixpath.basename(workbook) + ".rels")
    targets: dict[str, str] = {}
    found: list[tuple[str, str]] = []

    def relation(name: str, values: dict[str, str]) -> None:
        if name == "Relationship":
            # a target is relative to the workbook, or, with a slash, to the archive
            joined = posixpath.join("/", posixpath.dirname(workbook), values.get("Target", ""))
            targets[values.get("Id", "")] = posixpath.normpath(joined).lstrip("/")

    def sheet(name: str, values: dict[str, str]) -> None:
        if name == "sheet":
            identifier = next((value for key, value in values.items() if key.endswith(" id")), "")
            found.append((values.get("name", ""), targets.get(identifier, "")))
            budget.check_sheets(len(found))

    for part, handler in ((beside, relation), (workbook, sheet)):
        if parts.get(part):
            parse(parts[part], budget.file, handler)
    return dict(found)


def read_marks(xml: bytes, budget: Budget, sheet: str, marks: Marks, *, is_recalculated: bool) -> Marks:
    """Return marks with what a sheet's XML says besides its values.

    Parameters
    ----------
    xml : bytes
        ``xl/worksheets/sheetN.xml``.
    sheet : str
        What messages call it.
    is_recalculated : bool
        The workbook asks to be calculated when it is opened (``fullCalcOnLoad``): a program wrote it, and a
        stored 0 is no result.

    Raises
    ------
    FileError
        E-106 if it is not well-formed, E-118 to E-122 if it is larger than any return.
    """
    scan = _Scan(marks, is_recalculated=is_recalculated)
    start, end = xml.find(b"<sheetData"), xml.rfind(b"</sheetData")
    if len(xml) // _SHORTEST_CELL > MOST_CELLS and sum(map(xml.count, _CELLS)) > MOST_CELLS:
        raise FileError("E-118", file=budget.file, most=MOST_CELLS)
    budget.spend(len(xml) // _USUAL_CELL)
    is_plain = start >= 0 and _is_plain(xml, start, max(end, start))
    is_far = is_plain and _ODD_CELL.search(xml, start) is not None
    if is_plain and not (is_far and _ODD_REFERENCE.search(xml, start)):
        if is_far:
            scan.span(xml, start)
        parse(xml[:start], budget.file, scan.start, is_whole=False)
    else:
        parse(xml, budget.file, scan.start, scan.end, scan.text)
    budget.check_area(scan.height, scan.width, sheet)
    return scan.marks


def _is_plain(xml: bytes, start: int, end: int) -> bool:
    """Say whether there is nothing to look for in a sheet, and its rows are closed."""
    rows, closed = xml.count(b"<row", start, end), xml.count(b"</row>", start, end)
    return (rows == closed or rows == closed + len(_EMPTY_ROW.findall(xml, start, end))) and not any(
        holds(xml, sign, start, end) for sign in _SIGNS
    )


class _Scan:
    """What a sheet says, gathered while it is read from the first cell to the last."""

    def __init__(self, marks: Marks, *, is_recalculated: bool) -> None:
        self.marks, self.is_recalculated = marks, is_recalculated
        self.height = self.width = 0
        self.row, self.column = -1, -1
        self.value: list[str] | None = None
        self.has_formula = False
        self.result = ""

    def span(self, xml: bytes, start: int) -> None:
        """Take how far the cells of a plain sheet reach."""
        letters, rows = zip(*_CELL_AT.findall(xml, start), strict=True)
        self.width = max(_column(each.decode()) for each in set(letters)) + 1
        self.height = max(map(int, set(rows)))

    def start(self, name: str, values: dict[str, str]) -> None:
        if name == "c":
            self._cell(values)
        elif name == "row":
            self.row = _number(values.get("r", ""), self.row + 2) - 1
            self.column = -1
            if values.get("hidden") in _TRUE:
                self.marks.hidden_rows.add(self.row)
        elif name == "f":
            self.has_formula = True
        elif name == "v":
            self.value = []
        elif name == "col":
            is_folded = values.get("outlineLevel", "0") != "0"  # a group that anybody opens with a click
            if (values.get("hidden") in _TRUE and not is_folded) or values.get("width") == "0":
                last = min(_number(values.get("max", ""), 0), 2000)
                self.marks.hidden_columns.update(range(_number(values.get("min", ""), 1) - 1, last))

    def _cell(self, values: dict[str, str]) -> None:
        at = _REFERENCE.fullmatch(values.get("r", ""))
        # a program may leave references out: then rows and cells are counted
        self.row, self.column = (
            (int(at[2]) - 1, _column(at[1].upper())) if at else (self.row, self.column + 1)
        )
        self.height, self.width = max(self.height, self.row + 1), max(self.width, self.column + 1)
        self.has_formula, self.result = False, ""
        if values.get("t") == "e":
            self.marks.errors.add((self.row, self.column))

    def text(self, piece: str) -> None:
        if self.value is not None:
            self.value.append(piece)

    def end(self, name: str) -> None:
        if name == "v":
            self.result, self.value = "".join(self.value or ()).strip(), None
        elif name == "c" and self.has_formula:
            is_left = self.is_recalculated and self.result in ("0", "0.0")
            self.marks.formulas[self.row, self.column] = self.result != "" and not is_left


@lru_cache(maxsize=20_000)
def _column(letters: str) -> int:
    return reduce(lambda before, letter: 26 * before + ord(letter) - 64, letters, 0) - 1


def _number(text: str, otherwise: int) -> int:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else otherwise


def read_xls_marks(data: bytes, budget: Budget) -> dict[str, Marks]:
    """Return what the records of each sheet say besides its values, by sheet name.

    Raises
    ------
    FileError
        E-106 if it is damaged, E-118 to E-122 if it is larger than any return.
    """
    try:
        with olefile.OleFileIO(io.BytesIO(data)) as container:
            if not container.exists("Workbook"):
                return {}
            stream = container.openstream("Workbook").read()
        return {name: _sheet_marks(stream, offset, budget) for name, offset in _sheets(stream, budget)}
    except (OSError, ValueError, IndexError, struct.error) as error:
        raise FileError("E-106", file=budget.file) from error


def _records(stream: bytes, offset: int, budget: Budget) -> Iterator[tuple[int, bytes]]:
    """Yield the records of one substream, without those of charts that lie in it; each costs a cell."""
    depth = 0
    while offset + 4 <= len(stream):
        kind, size = struct.unpack_from("<HH", stream, offset)
        body = stream[offset + 4 : offset + 4 + size]
        offset += 4 + size
        budget.spend(1)
        depth += (kind == _BOF) - (kind == _EOF)
        if depth <= 0:
            return
        if depth == 1:
            yield kind, body


def _sheets(stream: bytes, budget: Budget) -> Iterator[tuple[str, int]]:
    found = 0
    for kind, body in _records(stream, 0, budget):
        if kind == _BOF and struct.unpack_from("<H", body)[0] != _BIFF8:
            return
        if kind == _SST and struct.unpack_from("<I", body, 4)[0] > MOST_CELLS:  # room is made for as many
            raise FileError("E-118", file=budget.file, most=MOST_CELLS)
        if kind == _BOUNDSHEET and body[5] == 0:
            found += 1
            budget.check_sheets(found)
            count, wide = body[6], body[7] & 1
            text = body[8 : 8 + count * (1 + wide)]
            yield text.decode("utf-16-le" if wide else "latin-1"), struct.unpack_from("<I", body)[0]


def _sheet_marks(stream: bytes, offset: int, budget: Budget) -> Marks:
    marks, height, width = Marks(), 0, 0
    for kind, body in _records(stream, offset, budget):
        if kind in _CELL_RECORDS:
            row, column = struct.unpack_from("<HH", body)
            last = struct.unpack_from("<H", body, len(body) - 2)[0] if kind in (0xBD, 0xBE) else column
            height, width = max(height, row + 1), max(width, last + 1)
        elif kind == _DIMENSIONS:  # room is made for what it claims
            height = max(height, struct.unpack_from("<I", body, 4)[0])
            width = max(width, struct.unpack_from("<H", body, 10)[0])
        if kind == _ROW_RECORD and struct.unpack_from("<H", body, 12)[0] & 0x20:
            marks.hidden_rows.add(struct.unpack_from("<H", body)[0])
        elif kind == _COLINFO and struct.unpack_from("<H", body, 8)[0] & 0x0701 == 1:  # hidden, in no group
            first, last = struct.unpack_from("<HH", body)
            marks.hidden_columns.update(range(first, min(last, 2000) + 1))
        elif kind == _BOOLERR and body[7]:
            marks.errors.add(struct.unpack_from("<HH", body))
        elif kind == _FORMULA_RECORD:
            at = struct.unpack_from("<HH", body)
            result, special, calculate = body[6:14], body[12:14] == b"\xff\xff", body[14] & 2
            if special and result[0] == 2:
                marks.errors.add(at)
            marks.formulas[at] = not (special and result[0] == 3) and not (calculate and not any(result))
    budget.spend(budget.check_area(height, width, "-"))
    return marks
