"""Exemptions: one cell each, for a figure already public or a category that identifies nobody.

Enters: a declared list. Leaves: checked exemptions. Each has a reason, a source, two names and an expiry.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from platform_utils.errors import DisclosureError, SettingsError
from platform_utils.protect.cells import Cell

__all__ = ["REASONS", "Exemption", "check_exemptions", "read_exemptions"]

REASONS = ("already_public", "identifies_nobody", "group_decided")
"""Public for the same persons; a category that identifies nobody; a 0 % or 100 % that was decided."""


@dataclass(frozen=True)
class Exemption:
    """One cell that may be shown although a rule hides it.

    Parameters
    ----------
    cell : Cell
        The cell.
    reason : {"already_public", "identifies_nobody", "group_decided"}
        Why.
    source : str
        Where it is public, with address; or who decided and where that is written.
    approved_by : tuple of str
        Two different names.
    expires : date
        Last day on which it holds.
    """

    cell: Cell
    reason: str
    source: str
    approved_by: tuple[str, str]
    expires: date


def check_exemptions(exemptions: Iterable[Exemption], on: date | None = None) -> dict[Cell, Exemption]:
    """Return the exemptions by cell.

    Parameters
    ----------
    exemptions : iterable of Exemption
        As declared.
    on : date, optional
        Day of the release; without it, expiry is not looked at.

    Raises
    ------
    DisclosureError
        E-430 if an exemption lacks reason, source or two different names; E-431 if it has expired.
    """
    by_cell: dict[Cell, Exemption] = {}
    for place, exemption in enumerate(exemptions, start=1):
        names = {name.strip().casefold() for name in exemption.approved_by if name.strip()}
        whole = exemption.reason in REASONS and exemption.source.strip() and len(names) == 2
        if not whole or exemption.cell in by_cell:
            raise DisclosureError("E-430", position=place)
        if on is not None and exemption.expires < on:
            raise DisclosureError("E-431", position=place)
        by_cell[exemption.cell] = exemption
    return by_cell


def read_exemptions(path: Path) -> tuple[Exemption, ...]:
    """Read a list of exemptions: ``[[exemption]]`` with universe, year, codes and the fields above.

    Raises
    ------
    SettingsError
        E-406 if the file cannot be read.
    DisclosureError
        E-430 as `check_exemptions`.
    """
    try:
        entries = tomllib.loads(Path(path).read_text(encoding="utf-8")).get("exemption", [])
        read = tuple(
            Exemption(
                cell=Cell.named(str(entry["universe"]), int(entry["year"]), **dict(entry.get("codes", {}))),
                reason=str(entry["reason"]),
                source=str(entry["source"]),
                approved_by=tuple(map(str, entry["approved_by"])),  # type: ignore[arg-type]
                expires=entry["expires"],
            )
            for entry in entries
        )
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise SettingsError("E-406", file=Path(path).name) from error
    check_exemptions(read)
    return read
