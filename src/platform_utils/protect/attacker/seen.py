"""What a reader sees: published tables, with every number as far as it is known.

Enters: safe tables, or frames of numbers, marks, rounded counts or shares. Leaves: seen tables. An exact
count is an interval of one number; a hidden one is open; a rounded one lies between its ends.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from platform_utils.spec.counts import TOTAL, codes_in
from platform_utils.spec.safe import SafeTable

__all__ = ["Seen", "SeenTable", "Share", "see_table"]


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
    """A printed share: ``low``/``base`` to ``high``/``base`` of another cell of the same table.

    Parameters
    ----------
    of : tuple of str
        Codes of the cell that it is a share of.
    low, high, base : int
        Ends of the rounding interval as whole numbers over ``base``.
    """

    of: tuple[str, ...]
    low: int
    high: int
    base: int


@dataclass(frozen=True)
class SeenTable:
    """One published table.

    Parameters
    ----------
    name : str
        How it is named in answers: table, and release if it is an earlier one.
    universe : str
        Key of the universe, with unit if not persons.
    year : int
        Support year.
    dimensions : tuple of str
        Variables in order.
    multiple : frozenset of str
        Dimensions in which one person may stand in several rows.
    cells : mapping of tuple of str to Seen
        By codes; ``"total"`` is a margin.
    shares : mapping of tuple of str to Share
        Printed shares by codes.
    """

    name: str
    universe: str
    year: int
    dimensions: tuple[str, ...]
    multiple: frozenset[str]
    cells: Mapping[tuple[str, ...], Seen]
    shares: Mapping[tuple[str, ...], Share] = field(default_factory=dict)


def see_table(
    table: SafeTable,
    *,
    name: str | None = None,
    zeros_printed: bool = False,
    largest_hidden: int | None = None,
) -> SeenTable:
    """Return what a reader sees of a safe table.

    Parameters
    ----------
    table : SafeTable
        As released.
    name : str, optional
        Name in answers, if not the table's own.
    zeros_printed : bool
        True where zeros are always printed: a hidden count is then at least 1.
    largest_hidden : int, optional
        True upper end of hidden counts, where nothing else is ever hidden.
    """
    content = table.data
    at = codes_in(content, table.dimensions)
    hidden = Seen(1 if zeros_printed else 0, largest_hidden)
    cells = {
        cell: hidden if mark else Seen(int(count), int(count))
        for cell, count, mark in zip(at, content["count"].tolist(), content["mark"].tolist(), strict=True)
    }
    unit = table.universe.unit
    universe = table.universe.name if unit == "persons" else f"{table.universe.name}:{unit}"
    multiple = frozenset(table.multiple_dimensions)
    return SeenTable(name or table.name, universe, table.universe.year, table.dimensions, multiple, cells)


def is_margin(code: str) -> bool:
    """Say whether a code stands for everybody."""
    return code == TOTAL
