"""Passwords of protected returns, from a key file or from somebody who is asked, and taking them off.

Enters: a key file that the analyst keeps; the bytes of a workbook. Leaves: passwords to try, one after the
other; the bytes without protection. Rule: a password is used and forgotten; no code of ours writes one
anywhere, logs it or repeats it in a message.

A key file is TOML::

    [passwords]
    M07 = "the password of this member's files"
    "return 2023.xlsx" = "the password of the file that came under this name"
"""

from __future__ import annotations

import io
import re
import tomllib
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path

import msoffcrypto
import olefile

from platform_utils.errors import FileError
from platform_utils.returns.source_file import file_name

_TURNS = re.compile(rb'spinCount="(\d{1,10})')
_MOST_TURNS = 1_000_000
"""How often a password may be stirred before it opens a file: Excel says 100 000."""

Password = str | Iterable[str] | Callable[[], str | None] | None
"""A password, several to try one after the other, a function that asks for one, or None."""

Ask = Callable[[str], str | None]
"""Asks for the password of the file named; None or empty gives up."""


def load_keys(path: Path | None) -> Mapping[str, str]:
    """Return the passwords of a key file by member id or file name; none without a key file.

    Raises
    ------
    FileError
        E-138 if it is missing or not usable.
    """
    if path is None:
        return {}
    try:
        keys = tomllib.loads(path.read_text(encoding="utf-8-sig"))["passwords"].items()
        if not all(isinstance(value, str) for _, value in keys):
            raise FileError("E-138", file=file_name(path))
        return {unicodedata.normalize("NFC", name): value for name, value in keys}
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError, KeyError, AttributeError) as error:
        raise FileError("E-138", file=file_name(path)) from error


def passwords_for(keys: Mapping[str, str], *names: str, ask: Ask | None = None) -> Iterator[str]:
    """Yield passwords to try for a file: its own, its member's, every other, and at last what somebody types.

    Parameters
    ----------
    *names : str
        The file's names and its member, best first; the first is shown when asking.
    ask : callable, optional
        Asked once, and only if no key fits.

    Examples
    --------
    >>> list(passwords_for({"M01": "a", "M07": "b"}, "x.xlsx", "M07"))
    ['b', 'a']
    """
    own = [keys[name] for name in names if name in keys]
    yield from dict.fromkeys([*own, *keys.values()])
    typed = ask(names[0]) if ask is not None else None
    if typed:
        yield typed


def remove_password(data: bytes, password: Password, file: str) -> bytes:
    """Return a workbook's bytes without password; passwords are asked for only where one is needed.

    Parameters
    ----------
    data : bytes
        An OLE container: an old ``.xls``, or a workbook with a password.

    Raises
    ------
    FileError
        E-105 if the container holds no workbook, E-106 if it is damaged, E-111 if a password is needed,
        E-112 if it is wrong, E-113 if the protection is of a kind that cannot be taken off here.
    """
    if not _holds_workbook(data, file):
        raise FileError("E-105", file=file, found="OLE")
    try:
        office = msoffcrypto.OfficeFile(io.BytesIO(data))
        if not office.is_encrypted():
            return data
    except Exception as error:  # the library raises whatever its parsers meet
        raise FileError("E-106", file=file) from error
    tried = False
    for secret in _secrets(password):
        tried = True
        plain = io.BytesIO()
        try:
            office.load_key(password=secret)
            office.decrypt(plain)
        except msoffcrypto.exceptions.InvalidKeyError:
            continue
        except msoffcrypto.exceptions.DecryptionError as error:
            raise FileError("E-113", file=file) from error
        except Exception as error:  # damaged key data reaches the parsers beneath the library
            raise FileError("E-106", file=file) from error
        return plain.getvalue()
    raise FileError("E-112" if tried else "E-111", file=file)


def _secrets(password: Password) -> Iterable[str]:
    found = password() if callable(password) else password
    if found is None or isinstance(found, str):
        return [found] if found else []
    return found


def _holds_workbook(data: bytes, file: str) -> bool:
    try:
        with olefile.OleFileIO(io.BytesIO(data)) as container:
            is_locked = container.exists("EncryptionInfo")
            turns = _TURNS.search(container.openstream("EncryptionInfo").read()) if is_locked else None
            found = any(container.exists(name) for name in ("Workbook", "Book", "EncryptedPackage"))
    except Exception as error:  # the library raises whatever its parsers meet
        raise FileError("E-106", file=file) from error
    if turns and int(turns[1]) > _MOST_TURNS:
        raise FileError("E-113", file=file)
    return found
