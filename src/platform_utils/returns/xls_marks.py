"""See in the records of an old .xls what a reader of values does not tell: hidden rows, formulas, errors.

Enters: the file's bytes. Leaves: `Marks` per sheet, none for files older than Excel 97. Rule: a formula
without a stored result is never read as nothing.

References
----------
MS-XLS, sections 2.4.127 (Formula), 2.4.53 (ColInfo), 2.4.221 (Row), 2.4.28 (BoundSheet8), 2.4.24 (BoolErr).
"""

from __future__ import annotations

import io
import struct
from collections.abc import Iterator

import olefile

from platform_utils.errors import FileError
from platform_utils.returns.sheet import Marks

__all__ = ["read_xls_marks"]

_BOF, _EOF, _BOUNDSHEET, _ROW, _COLINFO, _FORMULA, _BOOLERR = 0x809, 0x0A, 0x85, 0x208, 0x7D, 0x06, 0x205
_BIFF8 = 0x0600


def read_xls_marks(data: bytes, file: str) -> dict[str, Marks]:
    """Return what the records of each sheet say besides its values, by sheet name.

    Parameters
    ----------
    data : bytes
        The whole file, without password.
    file : str
        Its name, for messages.

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
        if kind == _ROW and struct.unpack_from("<H", body, 12)[0] & 0x20:
            rows.add(struct.unpack_from("<H", body)[0])
        elif kind == _COLINFO and struct.unpack_from("<H", body, 8)[0] & 1:
            first, last = struct.unpack_from("<HH", body)
            columns.update(range(first, min(last, 2000) + 1))
        elif kind == _BOOLERR and body[7]:
            errors.add(struct.unpack_from("<HH", body))
        elif kind == _FORMULA:
            at = struct.unpack_from("<HH", body)
            result, special, calculate = body[6:14], body[12:14] == b"\xff\xff", body[14] & 2
            if special and result[0] == 2:
                errors.add(at)
            formulas[at] = not (special and result[0] == 3) and not (calculate and not any(result))
    return Marks(frozenset(rows), frozenset(columns), formulas, frozenset(errors))
