"""What has been received: one receipt per file, in the order of receipt.

Enters: ``receipts.toml``. Leaves: receipts, and the same file written whole.
Restricted: it lies with the returns.
"""

from __future__ import annotations

import tomllib
from collections.abc import Sequence
from dataclasses import asdict, dataclass, fields
from typing import Any

from platform_utils.errors import FileError
from platform_utils.paths import Workspace, write_atomically
from platform_utils.spec.entries import written_entry

_STATUSES = ("current", "replaced", "duplicate")


@dataclass(frozen=True)
class Receipt:
    """One file received.

    Parameters
    ----------
    file : str
        Name under which it is kept; made of member, year and hash.
    received_as : str
        Name under which it came, with "…" for words that are not of the form or of files.
    sha256 : str
        Hash of the bytes that came.
    bytes : int
        How many they were.
    member_id : str
        Who sent it.
    form_version : str
        Such as ``"2023-sv"``; empty if the file does not say.
    grains : tuple of str
        Sheets of the form that it fills.
    rows : int
        Rows read: handed on and set aside.
    received : str
        Day of receipt, ISO.
    replaces : tuple of str
        Files that it replaces.
    status : {"current", "replaced", "duplicate"}
        Only current files are used; the others stay.
    kept_sha256 : str
        Hash of the reduced copy; empty where an earlier version kept the file whole.
    left_out : tuple of str
        Places and parts of the file that are not in the copy.
    """

    file: str
    received_as: str
    sha256: str
    bytes: int
    member_id: str
    form_version: str
    grains: tuple[str, ...]
    rows: int
    received: str
    replaces: tuple[str, ...] = ()
    status: str = "current"
    kept_sha256: str = ""
    left_out: tuple[str, ...] = ()


def load_receipts(workspace: Workspace, source: str, year: object) -> tuple[Receipt, ...]:
    """Return the receipts of one year, in the order of receipt; none if nothing was received.

    Raises
    ------
    FileError
        E-135 if ``receipts.toml`` is not usable.
    """
    path = workspace.receipts(source, year)
    name = workspace.relative(path)
    try:
        entries = tomllib.loads(path.read_text(encoding="utf-8")).get("receipt", [])
    except FileNotFoundError:
        return ()
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise FileError("E-135", file=name, problem="TOML") from error
    known = {field.name for field in fields(Receipt)}
    receipts = []
    for number, entry in enumerate(entries, start=1):
        values: dict[str, Any] = {
            key: tuple(value) if isinstance(value, list) else value for key, value in entry.items()
        }
        try:
            receipt = Receipt(**values)
        except TypeError as error:
            problem = ", ".join(sorted(known ^ set(values)))
            raise FileError("E-135", file=name, problem=f"{number}: {problem}") from error
        if receipt.status not in _STATUSES:
            raise FileError("E-135", file=name, problem=f"{number}: status")
        receipts.append(receipt)
    return tuple(receipts)


def write_receipts(workspace: Workspace, source: str, year: object, receipts: Sequence[Receipt]) -> None:
    """Write all receipts of one year.

    Raises
    ------
    FileError
        E-012 if the file cannot be written.
    """
    path = workspace.receipts(source, year)
    text = "\n".join(f"[[receipt]]\n{written_entry(asdict(receipt))}" for receipt in receipts)
    with write_atomically(path) as partial:
        partial.write_text(text, encoding="utf-8", newline="\n")
