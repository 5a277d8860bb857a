"""Passwords of protected returns, from a key file or from somebody who is asked.

Enters: a key file that the analyst keeps. Leaves: passwords to try, one after the other. Rule: no code of
ours writes a password anywhere.

A key file is TOML::

    [passwords]
    M07 = "the password of this member's files"
    "return 2023.xlsx" = "the password of the file that came under this name"
"""

from __future__ import annotations

import tomllib
import unicodedata
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

from platform_utils.errors import FileError
from platform_utils.returns.source_file import file_name

__all__ = ["Ask", "load_keys", "passwords_for"]

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
    keys : mapping of str to str
        From `load_keys`.
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
