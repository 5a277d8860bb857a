"""What is demanded of the gate: one value that says what is asked, what is known, and what must stay hidden.

Enters: counted tables, and files of exemptions. Leaves: to ``gate`` and ``design``. A variant of a demand is
made with ``dataclasses.replace``.
"""

from __future__ import annotations

import tomllib
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

import pandas as pd

from platform_utils.errors import DisclosureError, SettingsError
from platform_utils.protect.attacker import Group, Seen, SeenTable
from platform_utils.protect.cells import Cell
from platform_utils.protect.ledger import Ledger
from platform_utils.protect.links import Links, packaged_links
from platform_utils.spec.counts import CountTable
from platform_utils.spec.disclosure import DisclosureRule

Guard = Mapping[Cell, tuple[str, Collection[int]]]
"""Cells to hide, each with a reason and the values that must stay possible."""

Elsewhere = Iterable[tuple[Group, Seen, str]]
"""What others have published: a group, how far its count is known, and the source's name."""

WEIGHTS = ("kept", "cells", "counts")
"""A cell that says something counts for more; any group of people alike; the people in it."""

REASONS = ("already_public", "identifies_nobody", "group_decided")
"""Public for the same persons; a category that identifies nobody; a 0 % or 100 % that was decided."""


@dataclass(frozen=True)
class Exemption:
    """One cell that may be shown although a rule hides it.

    Attributes
    ----------
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


@dataclass(frozen=True)
class Demand:
    """Everything that the gate is told of one release.

    Attributes
    ----------
    tables : sequence of CountTable
        Asked: all that is released together; of one or several years.
    must_show : collection of Cell
        Asked: never hidden: headline, roles, figures that are tested against printed ones.
    in_sight : collection of Cell
        Asked: may be hidden to protect others, but not because they changed since an older edition.
    weights : {"kept", "cells", "counts"}
        Asked: what a hidden cell costs, one of `WEIGHTS`.
    cell_weights : mapping of Cell to float
        Asked: what single cells cost instead.
    earlier : sequence of SeenTable
        Known: what has been released before; shown again, never hidden, and attacked together.
    superseded : mapping of int to sequence of SeenTable
        Known: tables of older editions, by edition. A group that they give away is hidden unless its count
        of today differs by enough persons, or the newest edition shows it.
    ledger : Ledger, optional
        Known: where released cells stand, for who came and went since; see `beside`, which sets all three.
    context : sequence of CountTable
        Known: true counts of ``earlier`` tables, as far as they still are, so that what was hidden there
        stays hidden.
    elsewhere : iterable, optional
        Known: what others have published; the packaged list if not given.
    links : Links, optional
        Known: trees, combined variables, nested universes; from codebook and table plan if not given.
    guard : mapping of Cell to (str, collection of int)
        Must stay: further cells to hide.
    exemptions : collection of Exemption
        Cells that may be shown although the rule hides them.
    method : {"auto", "optimal", "heuristic"}
        How complements are chosen; ``"auto"`` leaves large blocks to the heuristic.
    rows : mapping of (str, int) to mapping of str to DataFrame
        Restricted: what the tables count, by widest universe and year: the rows ``"now"``, and as each
        edition that is out counted them. With them every hidden number needs a witness.
    """

    tables: Sequence[CountTable]
    rule: DisclosureRule
    must_show: Collection[Cell] = ()
    in_sight: Collection[Cell] = ()
    weights: str = "kept"
    cell_weights: Mapping[Cell, float] = field(default_factory=dict)
    earlier: Sequence[SeenTable] = ()
    superseded: Mapping[int, Sequence[SeenTable]] = field(default_factory=dict)
    ledger: Ledger | None = None
    context: Sequence[CountTable] = ()
    elsewhere: Elsewhere | None = None
    links: Links | None = None
    guard: Guard = field(default_factory=dict)
    exemptions: Collection[Exemption] = ()
    method: str = "auto"
    rows: Mapping[tuple[str, int], Mapping[str, pd.DataFrame]] = field(default_factory=dict, repr=False)

    @property
    def linked(self) -> Links:
        """The links that are known, those of merged codes not among them."""
        return self.links or packaged_links(max((table.universe.year for table in self.tables), default=0))


def check_exemptions(exemptions: Iterable[Exemption], on: date | None = None) -> dict[Cell, Exemption]:
    """Return the exemptions by cell.

    Parameters
    ----------
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
        entries = tomllib.loads(path.read_text(encoding="utf-8")).get("exemption", [])
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
        raise SettingsError("E-406", file=path.name) from error
    check_exemptions(read)
    return read
