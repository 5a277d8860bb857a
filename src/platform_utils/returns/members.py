"""The list of members of one year, and who has not returned.

Enters: ``members.toml`` and receipts. Leaves: members in the order of the list.
"""

from __future__ import annotations

import tomllib
from dataclasses import fields

from platform_utils.errors import FileError
from platform_utils.paths import Workspace
from platform_utils.returns.receipts import load_receipts
from platform_utils.spec.returns import Member


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
    if not all(identifiers) or len(set(identifiers)) != len(identifiers):
        raise FileError("E-134", file=name, problem="id")
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
