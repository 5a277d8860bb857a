"""What has been received: one receipt per file, in the order of receipt; the members, and who is missing.

Enters: ``receipts.toml``, ``members.toml``. Leaves: receipts, and the same file written whole; members in the
order of their list.
Restricted: it lies with the returns.
"""

from __future__ import annotations

import tomllib
from collections.abc import Sequence
from dataclasses import asdict, dataclass, fields
from typing import Literal

from platform_utils.errors import FileError, SettingsError
from platform_utils.paths import Workspace, write_whole
from platform_utils.returns.cover import MEMBER_ID
from platform_utils.spec.entries import read_entry, read_toml, written_entries
from platform_utils.spec.returns import Member
from platform_utils.spec.text import is_name


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
        Hash of the reduced copy; empty for a file of others, which is kept as it came.
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
    status: Literal["current", "replaced", "duplicate"] = "current"
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
        entries = enumerate(read_toml(path).get("receipt", []), start=1)
        return tuple(read_entry(Receipt, entry, path.name, str(number)) for number, entry in entries)
    except FileNotFoundError:
        return ()
    except (OSError, ValueError) as error:
        raise FileError("E-135", file=name, problem="TOML") from error
    except SettingsError as error:
        raise FileError("E-135", file=name, problem=error.fields["name"]) from error


def write_receipts(workspace: Workspace, source: str, year: object, receipts: Sequence[Receipt]) -> None:
    """Write all receipts of one year.

    Raises
    ------
    FileError
        E-012 if the file cannot be written.
    """
    write_whole(workspace.receipts(source, year), written_entries("receipt", map(asdict, receipts)))


def load_members(workspace: Workspace, source: str, year: int) -> tuple[Member, ...]:
    """Return the members of one year, in the order of ``members.toml``.

    Raises
    ------
    FileError
        E-134 if the list is missing or not usable.
    """
    path = workspace.members(source, year)
    name = workspace.relative(path)
    try:
        entries = tomllib.loads(path.read_text(encoding="utf-8-sig"))["member"]
        members = tuple(
            Member(**{field.name: str(entry.get(field.name, "")) for field in fields(Member)})
            for entry in entries
        )
    except FileNotFoundError as error:
        raise FileError("E-134", file=name, problem="-") from error
    except (OSError, ValueError, KeyError, AttributeError, TypeError) as error:
        raise FileError("E-134", file=name, problem="TOML") from error
    identifiers = [member.id for member in members]
    if not all(map(MEMBER_ID.fullmatch, identifiers)) or len(set(identifiers)) != len(identifiers):
        raise FileError("E-134", file=name, problem="id")
    if not all(is_name(member.name) for member in members):
        raise FileError("E-134", file=name, problem="name")
    return members


def missing_members(workspace: Workspace, source: str, year: int) -> tuple[Member, ...]:
    """Return the members on the list that have no current return, in the order of the list.

    Raises
    ------
    FileError
        E-134, E-135 if the list or the receipts are not usable.
    """
    returned = {
        receipt.member_id for receipt in load_receipts(workspace, source, year) if receipt.status == "current"
    }
    return tuple(member for member in load_members(workspace, source, year) if member.id not in returned)
