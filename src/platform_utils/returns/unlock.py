"""Take the password off a workbook in memory.

Enters: bytes and a password, or a way to ask for one. Leaves: the bytes without protection.
Rule: a password is used and forgotten; it is never stored, logged or repeated in a message.
"""

from __future__ import annotations

import io
from collections.abc import Callable, Iterable

import msoffcrypto
import olefile

from platform_utils.errors import FileError

__all__ = ["Password", "remove_password"]

Password = str | Iterable[str] | Callable[[], str | None] | None
"""A password, several to try one after the other, a function that asks for one, or None."""


def remove_password(data: bytes, password: Password, file: str) -> tuple[bytes, bool]:
    """Return a workbook's bytes without password, and whether there was one.

    Parameters
    ----------
    data : bytes
        An OLE container: an old ``.xls``, or a workbook with a password.
    password : str, iterable of str, callable or None
        The password, passwords to try, or a function without arguments that returns it; called, or gone
        through, only where one is needed.
    file : str
        Name of the file, for messages.

    Returns
    -------
    tuple of (bytes, bool)

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
            return data, False
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
        return plain.getvalue(), True
    raise FileError("E-112" if tried else "E-111", file=file)


def _secrets(password: Password) -> Iterable[str]:
    found = password() if callable(password) else password
    if found is None or isinstance(found, str):
        return [found] if found else []
    return found


def _holds_workbook(data: bytes, file: str) -> bool:
    try:
        with olefile.OleFileIO(io.BytesIO(data)) as container:
            return any(container.exists(name) for name in ("Workbook", "Book", "EncryptedPackage"))
    except Exception as error:  # the library raises whatever its parsers meet
        raise FileError("E-106", file=file) from error
