"""One cell, one name: the same group of people has the same key in every table of a set.

Enters: tables. Leaves: keys. A key is who is counted and which codes they have; margins leave the
dimension out, so the row total of one table and the single row of another are one cell.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import NamedTuple

from platform_utils.spec.codebook import SPECIAL_CODES
from platform_utils.spec.counts import TOTAL, Universe

Group = tuple[str, int, frozenset[tuple[str, str]]]
"""A cell named by the set of its codes, as who attacks tables names it."""


class Cell(NamedTuple):
    """A group of people, wherever it is printed.

    Attributes
    ----------
    universe : str
        Key of the universe; ``"key:unit"`` where the unit is not persons.
    codes : tuple of (str, str)
        Dimension and code, in the order of the dimensions' names; margins are left out.
    """

    universe: str
    year: int
    codes: tuple[tuple[str, str], ...] = ()

    @classmethod
    def named(cls, universe: str, year: int, /, **codes: str) -> Cell:
        """Return the cell of the people in ``universe`` with these codes.

        Examples
        --------
        >>> Cell.named("direct", 2021, sex="woman")
        Cell(universe='direct', year=2021, codes=(('sex', 'woman'),))
        """
        return cls(universe, year, tuple(sorted((d, c) for d, c in codes.items() if c != TOTAL)))

    @property
    def group(self) -> Group:
        """The attacker's name of the group."""
        return (self.universe, self.year, frozenset(self.codes))


def cell_of(
    universe: Universe, dimensions: tuple[str, ...], codes: tuple[str, ...], multiple: Collection[str] = ()
) -> Cell:
    """Return the cell that stands in a table at ``codes``.

    A multi-select code is a yes of its own: ``form`` = ``labour`` is ``form__labour`` = ``yes``.
    """
    pairs = sorted(
        (f"{dimension}__{code}", "yes")
        if dimension in multiple and code not in SPECIAL_CODES
        else (dimension, code)
        for dimension, code in zip(dimensions, codes, strict=True)
        if code != TOTAL
    )
    return Cell(universe_key(universe), universe.year, tuple(pairs))


def universe_key(universe: Universe) -> str:
    """Return the key under which cells of a universe are known."""
    return universe.name if universe.unit == "persons" else f"{universe.name}:{universe.unit}"
