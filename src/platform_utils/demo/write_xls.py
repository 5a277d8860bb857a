"""Write a plain old ``.xls``: the few BIFF8 records that texts and numbers need, in their container.

Enters: grids. Leaves: bytes that depend on nothing else. The container is a compound file of one stream.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from struct import pack

from platform_utils.demo.pages import Cell

__all__ = ["xls_bytes"]

_SECTOR = 512
_END, _FREE, _FAT = 0xFFFFFFFE, 0xFFFFFFFF, 0xFFFFFFFD
_SMALLEST = 4096
"""Streams below this size would stand in a container of their own."""


def xls_bytes(sheets: Mapping[str, Sequence[Sequence[Cell]]], *, starts_1904: bool = False) -> bytes:
    """Return a workbook of texts and numbers.

    Parameters
    ----------
    sheets : mapping of str to rows
        Cells from A1 on; ``""`` is an empty cell.
    starts_1904 : bool
        Whether its days are counted from 1904.

    Returns
    -------
    bytes
    """
    parts = [_sheet(rows) for rows in sheets.values()]
    names = list(sheets)
    length = len(_globals(names, [0] * len(names), starts_1904=starts_1904))
    offsets = []
    for part in parts:
        offsets.append(length)
        length += len(part)
    stream = _globals(names, offsets, starts_1904=starts_1904) + b"".join(parts)
    return _compound(stream.ljust(_SMALLEST, b"\0"))


def _record(number: int, data: bytes = b"") -> bytes:
    return pack("<HH", number, len(data)) + data


def _unicode(text: str, length: str) -> bytes:
    return pack(f"<{length}B", len(text), 1) + text.encode("utf-16-le")


def _globals(names: Sequence[str], offsets: Sequence[int], *, starts_1904: bool) -> bytes:
    font = pack("<HHHHHBBBB", 200, 0, 0x7FFF, 400, 0, 0, 0, 0, 0) + _unicode("Arial", "B")
    style = pack("<HHHBBBBIiH", 0, 0, 0xFFF5, 0x20, 0, 0, 0, 0, 0, 0x20C0)
    cell = pack("<HHHBBBBIiH", 0, 0, 0x0001, 0x20, 0, 0, 0, 0, 0, 0x20C0)
    records = [
        _record(0x0809, pack("<HHHHII", 0x0600, 0x0005, 0x0DBB, 0x07CC, 0, 6)),
        _record(0x0042, pack("<H", 1200)),
        _record(0x003D, pack("<HHHHHHHHH", 0, 0, 0x4000, 0x2000, 0x38, 0, 0, 1, 600)),
        _record(0x0022, pack("<H", int(starts_1904))),
        *[_record(0x0031, font)] * 4,
        *[_record(0x00E0, style)] * 15,
        _record(0x00E0, cell),
        _record(0x0293, pack("<HBB", 0x8000, 0, 0xFF)),
    ]
    for name, offset in zip(names, offsets, strict=True):
        records.append(_record(0x0085, pack("<IH", offset, 0) + _unicode(name, "B")))
    return b"".join([*records, _record(0x000A)])


def _sheet(rows: Sequence[Sequence[Cell]]) -> bytes:
    width = max((len(row) for row in rows), default=0)
    records = [
        _record(0x0809, pack("<HHHHII", 0x0600, 0x0010, 0x0DBB, 0x07CC, 0, 6)),
        _record(0x0200, pack("<IIHHH", 0, len(rows), 0, width, 0)),
    ]
    for line, row in enumerate(rows):
        for place, value in enumerate(row):
            if isinstance(value, str):
                if value:
                    records.append(_record(0x0204, pack("<HHH", line, place, 15) + _unicode(value, "H")))
            else:
                records.append(_record(0x0203, pack("<HHHd", line, place, 15, value)))
    records.append(_record(0x023E, pack("<HHHHHHI", 0x06B6, 0, 0, 0x40, 0, 0, 0)))
    return b"".join([*records, _record(0x000A)])


def _compound(stream: bytes) -> bytes:
    """Return a compound file that holds ``stream`` as ``Workbook``: header, FAT, directory, stream."""
    sectors = -(-len(stream) // _SECTOR)
    fats = 1
    while fats * (_SECTOR // 4) < fats + 1 + sectors:
        fats += 1
    first = fats + 1
    chain = [_FAT] * fats + [_END] + [*range(first + 1, first + sectors), _END]
    table = b"".join(pack("<I", entry) for entry in chain)
    table = table.ljust(fats * _SECTOR, b"\xff")
    header = (
        b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 16
        + pack("<HHHHH", 0x003E, 3, 0xFFFE, 9, 6) + b"\0" * 6
        + pack("<IIIIIIIII", 0, fats, fats, 0, _SMALLEST, _END, 0, _END, 0)
        + b"".join(pack("<I", sector) for sector in range(fats)).ljust(109 * 4, b"\xff")
    )  # fmt: skip
    directory = _entry("Root Entry", 5, _FREE, 1, _END, 0) + _entry(
        "Workbook", 2, _FREE, _FREE, first, len(stream)
    )
    directory += _entry("", 0, _FREE, _FREE, 0, 0) * 2
    return header + table + directory + stream.ljust(sectors * _SECTOR, b"\0")


def _entry(name: str, kind: int, side: int, child: int, start: int, size: int) -> bytes:
    text = (name + "\0").encode("utf-16-le") if name else b""
    return (
        text.ljust(64, b"\0") + pack("<HBBIII", len(text), kind, 1, side, side, child)
        + b"\0" * 36 + pack("<III", start, size, 0)
    )  # fmt: skip
