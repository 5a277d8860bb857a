"""Open a return of any kind as sheets: sniffed, unlocked, looked at, then read.

Enters: a path. Leaves: sheet names and sheets, or a text table. Rule: nothing reads a file before it has
been looked at.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path, PurePath
from typing import Protocol

from platform_utils.errors import FileError
from platform_utils.returns.archive import open_archive
from platform_utils.returns.delimited import TextTable, open_text
from platform_utils.returns.identity import find_identity
from platform_utils.returns.ods import open_ods
from platform_utils.returns.sheet import Sheet
from platform_utils.returns.sniff import FileKind, sniff_kind
from platform_utils.returns.source_file import check_readable, file_name, read_bytes
from platform_utils.returns.stray import look_at_comments
from platform_utils.returns.unlock import Password, remove_password
from platform_utils.returns.workbook import open_workbook

__all__ = ["Opened", "Sheets", "open_return", "proper_suffix"]

_HEAD = 4096
_EXPECTED: Mapping[FileKind, tuple[str, ...]] = {
    "xlsx": (".xlsx", ".xlsm"),
    "xls": (".xls",),
    "ods": (".ods",),
    "text": (".csv", ".tsv", ".txt"),
}


class Sheets(Protocol):
    """Sheets by name, read one at a time."""

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the sheets, in order."""

    def read(self, name: str) -> Sheet:
        """Return one sheet."""


@dataclass(frozen=True)
class Opened:
    """An opened return.

    Parameters
    ----------
    file : str
        Name, NFC.
    kind : {"xlsx", "xls", "ods", "text"}
        What it is.
    suffix : str
        The suffix that such a file should have.
    is_renamed : bool
        Its name says something else.
    sheets : Sheets, optional
        Of a workbook.
    text : TextTable, optional
        Of a text file.
    """

    file: str
    kind: FileKind
    suffix: str
    is_renamed: bool
    sheets: Sheets | None = None
    text: TextTable | None = None


def open_return(path: Path, password: Password = None) -> Opened:
    """Open a return.

    Parameters
    ----------
    path : Path
        File.
    password : str, callable or None
        Its password, or a function that asks for it.

    Raises
    ------
    FileError
        E-101 to E-113, E-117, E-118, E-123.
    """
    check_readable(path)
    file = file_name(path)
    if find_identity(file, is_code=True) == "E-118":
        raise FileError("E-124")
    head = _first_bytes(path)
    data = read_bytes(path) if head[:2] in (b"PK", b"\xd0\xcf") or head[:1] == b"\x09" else None
    kind = sniff_kind(head, data, file)
    if kind == "ole" and data is not None:
        data, _ = remove_password(data, password, file)
        kind = "xls" if data.startswith(head[:8]) else sniff_kind(data[:_HEAD], data, file)
    given = PurePath(file).suffix.lower()
    suffix = _proper(given, kind)
    if data is None:
        return Opened(file, kind, suffix, given != suffix, text=open_text(path, file))
    parts = open_archive(data, file) if kind in ("xlsx", "ods") else {}
    look_at_comments(parts, file)
    sheets: Sheets = open_ods(parts, file) if kind == "ods" else open_workbook(data, parts, file)
    return Opened(file, kind, suffix, given != suffix, sheets=sheets)


def proper_suffix(path: Path) -> str:
    """Return the suffix under which a file is kept: its own if it tells the truth, else the right one.

    A workbook with a password cannot be looked into: it keeps its own, or gets ``.xlsx``.
    """
    head = _first_bytes(path)
    given = path.suffix.lower()
    if head[:2] == b"\xd0\xcf":
        return given if given in (".xls", *_EXPECTED["xlsx"]) else ".xlsx"
    data = read_bytes(path) if head[:2] == b"PK" else None
    return _proper(given, sniff_kind(head, data, file_name(path)))


def _proper(given: str, kind: FileKind) -> str:
    return given if given in _EXPECTED[kind] else _EXPECTED[kind][0]


def _first_bytes(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            return file.read(_HEAD)
    except OSError as error:
        raise FileError("E-103", file=file_name(path)) from error
