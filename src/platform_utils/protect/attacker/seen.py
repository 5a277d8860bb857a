"""What a reader sees: published tables, with every number as far as it is known.

Enters: safe tables, or numbers, marks, rounded counts and shares. Leaves: seen tables. An exact count is an
interval of one number; a hidden one is open; a rounded one lies between its ends.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from platform_utils.protect.cells import universe_key
from platform_utils.spec.counts import TOTAL
from platform_utils.spec.safe import SafeTable


@dataclass(frozen=True)
class Seen:
    """How far one number is known: whole, from ``low`` to ``high`` (None: no upper end)."""

    low: int = 0
    high: int | None = None

    @property
    def is_exact(self) -> bool:
        """Whether it is one number."""
        return self.low == self.high


@dataclass(frozen=True)
class Share:
    """A printed share: ``low``/``base`` to ``high``/``base`` of the cell ``of`` in the same table."""

    of: tuple[str, ...]
    low: int
    high: int
    base: int


@dataclass(frozen=True)
class SeenTable:
    """One published table.

    Attributes
    ----------
    name : str
        How it is named in answers: table, and release if it is an earlier one.
    universe : str
        Key of the universe, with unit if not persons.
    year : int
        Support year.
    multiple : frozenset of str
        Dimensions in which one person may stand in several rows.
    cells, shares : mapping
        By codes; ``"total"`` is a margin.
    """

    name: str
    universe: str
    year: int
    dimensions: tuple[str, ...]
    multiple: frozenset[str]
    cells: Mapping[tuple[str, ...], Seen]
    shares: Mapping[tuple[str, ...], Share] = field(default_factory=dict)

    @property
    def everybody(self) -> tuple[str, ...]:
        """Codes of the grand total."""
        return (TOTAL,) * len(self.dimensions)

    def around(self, codes: tuple[str, ...]) -> list[tuple[str, ...]]:
        """Return the margin over each multi-select code: who is in it and not at ``codes`` is a count too."""
        return [
            with_total(codes, place)
            for place, dimension in enumerate(self.dimensions)
            if dimension in self.multiple and codes[place] != TOTAL
        ]


def with_total(codes: tuple[str, ...], place: int) -> tuple[str, ...]:
    """Return the margin of ``codes`` over the dimension at ``place``."""
    return (*codes[:place], TOTAL, *codes[place + 1 :])


def see_table(table: SafeTable, *, name: str | None = None) -> SeenTable:
    """Return what a reader sees of a safe table, under its own name if no other is given."""
    cells = {
        codes: Seen() if count is None else Seen(count, count)
        for codes, count in zip(table.cells, table.counts, strict=True)
    }
    universe, multiple = universe_key(table.universe), frozenset(table.multiple_dimensions)
    return SeenTable(name or table.name, universe, table.universe.year, table.dimensions, multiple, cells)
