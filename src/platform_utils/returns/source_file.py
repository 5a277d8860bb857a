"""Look at a path before it is opened: whether it is there, a file, and free to be read.

Enters: a path. Leaves: its bytes or first bytes. Rule: what Excel holds open or a cloud service has not
brought down is answered with what to do, not with a traceback.
"""

from __future__ import annotations

import hashlib
import stat
import unicodedata
from pathlib import Path

from platform_utils.errors import FileError

__all__ = ["check_readable", "file_hash", "file_name", "is_ignored", "read_bytes"]

_IGNORED = (".ds_store", "thumbs.db", "desktop.ini")
_IGNORED_STARTS = ("~$", ".~lock.", "._")
_AWAY = 0x1000 | 0x40000 | 0x400000
"""Windows: offline, recall on open, recall on data access."""
_LARGEST = 400_000_000


def is_ignored(path: Path) -> bool:
    """Say whether a file is only the trace of a program: ``~$…``, ``.DS_Store``, ``Thumbs.db``.

    Examples
    --------
    >>> is_ignored(Path("~$return.xlsx")), is_ignored(Path("return.xlsx"))
    (True, False)
    """
    name = path.name.casefold()
    return name in _IGNORED or name.startswith(_IGNORED_STARTS)


def file_name(path: Path) -> str:
    """Return a file's name in NFC, without characters that a message should not repeat."""
    name = unicodedata.normalize("NFC", path.name)
    return "".join(c if c.isprintable() else "_" for c in name) or "-"


def check_readable(path: Path) -> None:
    """Refuse a path that is no file of somebody's, or cannot be read now.

    Raises
    ------
    FileError
        E-101 not there, E-102 a folder, a link or a device, E-103 open elsewhere or kept in a cloud,
        E-104 empty.
    """
    name = file_name(path)
    try:
        found = path.lstat()
        if stat.S_ISLNK(found.st_mode) or not stat.S_ISREG(found.st_mode):
            raise FileError("E-102", file=name)
        if getattr(found, "st_file_attributes", 0) & _AWAY or _is_placeholder(path):
            raise FileError("E-103", file=name)
        if path.with_name(f"~${path.name}").exists() or path.with_name(f".~lock.{path.name}#").exists():
            raise FileError("E-103", file=name)
        if found.st_size == 0:
            raise FileError("E-104", file=name)
        with path.open("rb") as file:
            file.read(1)
    except (FileNotFoundError, NotADirectoryError) as error:
        raise FileError("E-101", file=name) from error
    except (OSError, ValueError) as error:
        raise FileError("E-103", file=name) from error


def read_bytes(path: Path) -> bytes:
    """Return a file's bytes.

    Raises
    ------
    FileError
        E-103 if it cannot be read, E-107 if it is larger than any return.
    """
    try:
        if path.stat().st_size > _LARGEST:
            raise FileError("E-107", file=file_name(path), limit=_LARGEST // 1_000_000)
        return path.read_bytes()
    except OSError as error:
        raise FileError("E-103", file=file_name(path)) from error


def file_hash(path: Path, file: str) -> str:
    """Return the SHA-256 of a file's bytes; ``file`` is its name in messages.

    Raises
    ------
    FileError
        E-101 if it is gone, E-103 if it cannot be read.
    """
    try:
        with path.open("rb") as opened:
            return hashlib.file_digest(opened, "sha256").hexdigest()
    except FileNotFoundError as error:
        raise FileError("E-101", file=file) from error
    except OSError as error:
        raise FileError("E-103", file=file) from error


def _is_placeholder(path: Path) -> bool:
    """Say whether a file is the stub that macOS leaves for a file kept in iCloud."""
    return path.suffix == ".icloud" and path.name.startswith(".") and path.stat().st_size < 10_000
