"""Look at a path before it is opened: whether it is there, a file, and free to be read.

Enters: a path. Leaves: its bytes or first bytes. Rule: what Excel holds open or a cloud service has not
brought down is answered with what to do, not with a traceback.
"""

from __future__ import annotations

import hashlib
import re
import stat
import unicodedata
from functools import cache
from pathlib import Path

from platform_utils.errors import FileError
from platform_utils.messages import label
from platform_utils.returns.budget import MOST_BYTES

_IGNORED = (".ds_store", "thumbs.db", "desktop.ini")
_IGNORED_STARTS = ("~$", ".~lock.", "._")
_SUFFIXES = (".xlsx", ".xlsm", ".xls", ".ods", ".csv", ".tsv", ".txt", ".json")
_YEAR = re.compile(r"(?<!\d)20[0-4]\d(?!\d)")
_MOST_DIGITS, _MOST_OF_A_NUMBER = 5, 2
_AWAY = 0x1000 | 0x40000 | 0x400000
"""Windows: offline, recall on open, recall on data access."""
_LARGEST = MOST_BYTES


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
    """Return a file's name in NFC as messages may repeat it: no odd characters, long numbers or addresses.

    Examples
    --------
    >>> file_name(Path("return 2023.xlsx")), file_name(Path("Anna 811228-9874.xlsx"))
    ('return 2023.xlsx', '….xlsx')
    """
    name = "".join(c if c.isprintable() else "_" for c in unicodedata.normalize("NFC", path.name)) or "-"
    digits = sum(map(str.isdigit, _YEAR.sub("", name)))
    return f"…{_suffix(name)}" if digits >= _MOST_DIGITS or "@" in name else name


def known_words(name: str) -> str:
    """Return a file's name as it may be written down: a word that no form or program gives becomes "…".

    Examples
    --------
    >>> known_words("Statistik 2023 Anna Svensson (2).xlsx")
    'Statistik 2023 … … (2).xlsx'
    """
    suffix = _suffix(name)

    def said(match: re.Match[str]) -> str:
        word = match[0]
        is_number = word.isdigit() and (len(word) <= _MOST_OF_A_NUMBER or _YEAR.fullmatch(word) is not None)
        is_known = is_number or word.casefold() in _words()
        return word if is_known else "…"

    # a word is what no space and no sign of ASCII parts: in many scripts a vowel is a mark, not a letter
    return re.sub(r"[^\s!-/:-@\[-`{-~]+", said, name.removesuffix(suffix)) + suffix


def _suffix(name: str) -> str:
    return next((name[-len(end) :] for end in _SUFFIXES if name.casefold().endswith(end)), "")


@cache
def _words() -> frozenset[str]:
    """Return the words of file names that say nothing of anybody: of forms, and of programs that copy."""
    said = label("L-receive-words", "sv"), label("L-receive-words", "en")
    return frozenset(" ".join(said).casefold().split())


def check_readable(path: Path) -> None:
    """Refuse a path that is no file of somebody's, or cannot be read now.

    Raises
    ------
    FileError
        E-101 not there, E-102 a folder, a link or a device, E-103 open elsewhere or kept in a cloud,
        E-104 empty, E-107 larger than any return.
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
        if found.st_size > _LARGEST:
            raise FileError("E-107", file=name, limit=_LARGEST >> 20)
        with path.open("rb") as file:
            file.read(1)
    except (FileNotFoundError, NotADirectoryError) as error:
        raise FileError("E-101", file=name) from error
    except (OSError, ValueError) as error:
        raise FileError("E-103", file=name) from error


def read_bytes(path: Path, most: int = -1) -> bytes:
    """Return a file's bytes, all of them or the first ones.

    Raises
    ------
    FileError
        E-103 if it cannot be read.
    """
    try:
        with path.open("rb") as file:
            return file.read(most)
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
