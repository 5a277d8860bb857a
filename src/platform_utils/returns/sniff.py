"""Say what a file is by what stands in it, not by what it is called.

Enters: the first bytes and, for zip archives, the parts. Leaves: one of a few kinds, or a refusal.
"""

from __future__ import annotations

import zipfile
import zlib
from io import BytesIO
from pathlib import PurePath
from typing import Literal

from platform_utils.errors import FileError

__all__ = ["SUFFIXES", "FileKind", "sniff_kind"]

FileKind = Literal["xlsx", "xls", "ods", "ole", "text"]

SUFFIXES = (".xlsx", ".xlsm", ".xls", ".ods", ".csv", ".tsv")
"""What members may hand in; ``.txt`` is read too if it holds a table."""

_ZIP = (b"PK\x03\x04", b"PK\x05\x06", b"PK\x07\x08")
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_BIFF = (
    b"\x09\x08\x08\x00",
    b"\x09\x08\x10\x00",
    b"\x09\x04\x06\x00",
    b"\x09\x02\x06\x00",
    b"\x09\x00\x04\x00",
)
_OTHER = {
    b"%PDF": "PDF", b"\xff\xd8\xff": "JPEG", b"\x89PNG": "PNG", b"GIF8": "GIF", b"{\\rtf": "RTF",
    b"Rar!": "RAR", b"7z\xbc\xaf": "7z", b"\x1f\x8b": "gzip", b"BZh": "bzip2", b"PAR1": "Parquet",
    b"SQLite format 3": "SQLite", b"MZ": "EXE", b"\x7fELF": "ELF", b"BM": "BMP", b"II*\x00": "TIFF",
    b"MM\x00*": "TIFF", b"From ": "e-mail", b"\xfd7zXZ": "xz", b"\x28\xb5\x2f\xfd": "zstd",
}  # fmt: skip
_MARKUP = (b"<html", b"<!doctype", b"<?xml", b"<table", b"<workbook", b"<svg")


def sniff_kind(head: bytes, data: bytes | None, file: str) -> FileKind:
    """Return what a file is.

    Parameters
    ----------
    head : bytes
        Its first bytes, at least 1024 where there are so many.
    data : bytes, optional
        The whole file; needed for zip archives only.
    file : str
        Its name, for messages and for telling a cut-off workbook from a text.

    Returns
    -------
    {"xlsx", "xls", "ods", "ole", "text"}
        ``"ole"`` is the container of old ``.xls`` and of workbooks with a password.

    Raises
    ------
    FileError
        E-104 if it is empty, E-105 if it is something else, E-106 if it is a cut-off archive.
    """
    if not head.strip(b"\x00\xef\xbb\xbf\xff\xfe \t\r\n"):
        raise FileError("E-104", file=file)
    if head.startswith(_ZIP):
        return _sniff_archive(data if data is not None else head, file)
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
        raise FileError(
            "E-106" if PurePath(file).suffix.lower() in SUFFIXES[:4] else "E-105", file=file, found="binary"
        )
    return "text"


def _sniff_archive(data: bytes, file: str) -> FileKind:
    try:
        with zipfile.ZipFile(BytesIO(data)) as archive:
            names = {name.lower().replace("\\", "/") for name in archive.namelist()}
            kind = b""
            if "mimetype" in archive.namelist():
                with archive.open("mimetype") as stream:
                    kind = stream.read(80)
    except (
        zipfile.BadZipFile,
        zlib.error,
        NotImplementedError,
        OSError,
        EOFError,
        ValueError,
        RuntimeError,
    ) as error:
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
