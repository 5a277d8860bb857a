"""Open a return of any kind as sheets: what it is is seen, then it is unlocked, looked at and read.

Enters: a path. Leaves: sheet names and sheets, or a text table, or a refusal. Rules: a file is what stands in
it, not what it is called; nothing reads a file before it has been looked at.
"""

from __future__ import annotations

import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path, PurePath
from typing import Literal, Protocol

from platform_utils.errors import FileError
from platform_utils.returns.archive import DAMAGED, open_archive, parts_left_out
from platform_utils.returns.delimited import TextTable, open_text
from platform_utils.returns.ods import open_ods
from platform_utils.returns.passwords import Password, remove_password
from platform_utils.returns.sheet import Sheet
from platform_utils.returns.source_file import check_readable, file_name, read_bytes
from platform_utils.returns.workbook import open_workbook

FileKind = Literal["xlsx", "xls", "ods", "ole", "text"]
"""``"ole"`` is the container of old ``.xls`` and of workbooks with a password."""

_HEAD = 4096
_EXPECTED: Mapping[FileKind, tuple[str, ...]] = {
    "xlsx": (".xlsx", ".xlsm"),
    "xls": (".xls",),
    "ods": (".ods",),
    "text": (".csv", ".tsv", ".txt"),
}
_WORKBOOKS = (".xlsx", ".xlsm", ".xls", ".ods")
_ZIP = (b"PK\x03\x04", b"PK\x05\x06", b"PK\x07\x08")
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_BIFF = (
    b"\x09\x08\x08\x00", b"\x09\x08\x10\x00", b"\x09\x04\x06\x00", b"\x09\x02\x06\x00", b"\x09\x00\x04\x00",
)  # fmt: skip
_OTHER = {
    b"%PDF": "PDF", b"\xff\xd8\xff": "JPEG", b"\x89PNG": "PNG", b"GIF8": "GIF", b"{\\rtf": "RTF",
    b"Rar!": "RAR", b"7z\xbc\xaf": "7z", b"\x1f\x8b": "gzip", b"BZh": "bzip2", b"PAR1": "Parquet",
    b"SQLite format 3": "SQLite", b"MZ": "EXE", b"\x7fELF": "ELF", b"BM": "BMP", b"II*\x00": "TIFF",
    b"MM\x00*": "TIFF", b"From ": "e-mail", b"\xfd7zXZ": "xz", b"\x28\xb5\x2f\xfd": "zstd",
}  # fmt: skip
_MARKUP = (b"<html", b"<!doctype", b"<?xml", b"<table", b"<workbook", b"<svg")


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

    Attributes
    ----------
    file : str
        Name, NFC.
    suffix : str
        The suffix that such a file should have.
    is_renamed : bool
        Its name says something else.
    sheets : Sheets, optional
        Of a workbook.
    text : TextTable, optional
        Of a text file.
    left_out : tuple of str
        Kinds of parts that nothing reads, such as ``"comments"``.
    """

    file: str
    suffix: str
    is_renamed: bool
    sheets: Sheets | None = None
    text: TextTable | None = None
    left_out: tuple[str, ...] = ()


def open_return(path: Path, password: Password = None) -> Opened:
    """Open a return.

    Raises
    ------
    FileError
        E-101 to E-113, E-117, E-123.
    """
    check_readable(path)
    file = file_name(path)
    head = read_bytes(path, _HEAD)
    data = read_bytes(path) if head[:2] in (b"PK", b"\xd0\xcf") or head[:1] == b"\x09" else None
    kind = _kind_of(head, data, file)
    if kind == "ole" and data is not None:
        data = remove_password(data, password, file)
        kind = "xls" if data.startswith(head[:8]) else _kind_of(data[:_HEAD], data, file)
    given = PurePath(file).suffix.lower()
    suffix = given if given in _EXPECTED[kind] else _EXPECTED[kind][0]
    if data is None:
        return Opened(file, suffix, given != suffix, text=open_text(path, file))
    parts = open_archive(data, file) if kind in ("xlsx", "ods") else {}
    sheets: Sheets = open_ods(parts, file) if kind == "ods" else open_workbook(data, parts, file)
    left_out = parts_left_out(data) if parts else ("properties",)
    return Opened(file, suffix, given != suffix, sheets=sheets, left_out=left_out)


def _kind_of(head: bytes, data: bytes | None, file: str) -> FileKind:
    """Return what a file is from its first bytes; of a zip archive, all bytes are needed."""
    if not head.strip(b"\x00\xef\xbb\xbf\xff\xfe \t\r\n"):
        raise FileError("E-104", file=file)
    if head.startswith(_ZIP):
        return _kind_of_archive(data if data is not None else head, file)
    if head.startswith(_OLE):
        return "ole"
    if head.startswith(_BIFF):
        return "xls"
    for magic, name in _OTHER.items():
        if head.startswith(magic) and not (len(magic) == 2 and _reads_as_text(head)):
            raise FileError("E-105", file=file, found=name)
    if head.lstrip(b"\xef\xbb\xbf \t\r\n").lower().startswith(_MARKUP):
        raise FileError("E-105", file=file, found="HTML/XML")
    if not _reads_as_text(head):
        is_cut_off = PurePath(file).suffix.lower() in _WORKBOOKS
        raise FileError("E-106" if is_cut_off else "E-105", file=file, found="binary")
    return "text"


def _kind_of_archive(data: bytes, file: str) -> FileKind:
    try:
        with zipfile.ZipFile(BytesIO(data)) as archive:
            names = {name.lower().replace("\\", "/") for name in archive.namelist()}
            kind = b""
            if "mimetype" in archive.namelist():
                with archive.open("mimetype") as stream:
                    kind = stream.read(80)
    except DAMAGED as error:
        raise FileError("E-106", file=file) from error
    if kind.startswith(b"application/vnd.oasis.opendocument.spreadsheet"):
        return "ods"
    if "xl/workbook.xml" in names:
        return "xlsx"
    if kind:
        raise FileError("E-105", file=file, found="OpenDocument")
    for part, name in {
        "word/document.xml": "Word",
        "ppt/presentation.xml": "PowerPoint",
        "xl/workbook.bin": "XLSB",
    }.items():
        if part in names:
            raise FileError("E-105", file=file, found=name)
    if "[content_types].xml" in names:
        raise FileError("E-106", file=file)
    raise FileError("E-105", file=file, found="ZIP")


def _reads_as_text(head: bytes) -> bool:
    """Say whether bytes read as text in UTF-8, UTF-16 or an eight-bit encoding."""
    if head.startswith((b"\xff\xfe", b"\xfe\xff")):
        return True
    zeros = head.count(0)
    if zeros:
        return zeros > 0.4 * len(head) and max(head[0::2].count(0), head[1::2].count(0)) == zeros
    odd = sum(byte < 32 and byte not in (9, 10, 13, 12, 27) for byte in head)
    return odd <= 0.02 * len(head) + 4
