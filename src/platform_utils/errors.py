"""Every error that a person may see: a code, a place, and what to do.

The tree, and the exit status of each branch::

    PlatformError
    ├── UsageError           2   a flag or a parameter is wrong
    ├── SettingsError       10   a setting, rule or resource is wrong
    ├── FileError           11   a file cannot be received, read or written
    ├── ContractError       12   a table does not keep its contract
    ├── DisclosureError     13   the gate says no
    ├── NotReproducible     14   a rebuild differs
    └── NotSignedOff        15   a sign-off is missing

Texts stand in ``resources/messages``; an error carries a code and fields, never a cell's content.
"""

from __future__ import annotations

import builtins
from typing import ClassVar

from platform_utils import messages

__all__ = [
    "ContractError",
    "DisclosureError",
    "FileError",
    "NotReproducible",
    "NotSignedOff",
    "PlatformError",
    "SettingsError",
    "UsageError",
    "known_class",
]


class PlatformError(Exception):
    """An error with a code, shown to people without a traceback.

    Parameters
    ----------
    code : str
        A code of the catalogue, such as ``"E-203"``.
    **fields : object
        What the catalogue's text asks for: file, sheet, row, column. Never a cell's content.
    """

    exit_status: ClassVar[int] = 1
    shown_in: ClassVar[str] = "en"

    def __init__(self, code: str, **fields: object) -> None:
        self.code = code
        self.fields = fields
        super().__init__(code)

    def text(self, lang: str = "en") -> str:
        """Return the message in ``lang`` (``"sv"`` or ``"en"``), code first."""
        return messages.text(self.code, lang, **self.fields)

    def __str__(self) -> str:
        return self.text("en")

    def _render_traceback_(self) -> list[str]:
        """Return what a notebook shows: the text in the notebook's language, without the way there."""
        return [self.text(self.shown_in)]

    def __reduce__(self) -> tuple[object, ...]:
        return (_rebuild, (type(self), self.code, self.fields))


def _rebuild(kind: type[PlatformError], code: str, fields: dict[str, object]) -> PlatformError:
    return kind(code, **fields)


class UsageError(PlatformError):
    """A command, flag or parameter is wrong."""

    exit_status = 2


class SettingsError(PlatformError):
    """A setting, rule file or resource is wrong or missing."""

    exit_status = 10


class FileError(PlatformError):
    """A file cannot be received, read or written."""

    exit_status = 11


class ContractError(PlatformError):
    """A table does not keep its contract."""

    exit_status = 12


class DisclosureError(PlatformError):
    """The gate refuses: a person could be worked out."""

    exit_status = 13


class NotReproducible(PlatformError):
    """A rebuild gives something else."""

    exit_status = 14


class NotSignedOff(PlatformError):
    """A sign-off is missing or does not match."""

    exit_status = 15


_OF_LIBRARIES = (
    "ArrowInvalid", "ArrowNotImplementedError", "ArrowTypeError", "EmptyDataError", "InvalidIndexError",
    "LinAlgError", "MergeError", "OutOfBoundsDatetime",
    "ParserError", "UndefinedVariableError", "UnsortedIndexError",
)  # fmt: skip


def known_class(name: str) -> str:
    """Return the name of an error's class if it is ours, Python's or a known library's, else ``"Exception"``.

    A cell may make a class of its own and name it after a person.

    Examples
    --------
    >>> known_class("KeyError"), known_class("AnnaAndersson")
    ('KeyError', 'Exception')
    """
    made = getattr(builtins, name, None)
    is_pythons = isinstance(made, type) and issubclass(made, BaseException)
    return name if is_pythons or name in __all__ or name in _OF_LIBRARIES else "Exception"
