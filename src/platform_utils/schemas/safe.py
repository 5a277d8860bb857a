"""Counts and estimates that have passed the gate: all that a reader may see.

Enters: what ``protect`` decided. Leaves: to ``publish``. Only ``protect`` constructs these, or
``SafeTable.read`` from a file whose hash stands in the gate's record.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import pandas as pd

from platform_utils.schemas.counts import Universe

__all__ = ["HIDDEN", "SafeTable"]

HIDDEN = ".."
"""The mark of a hidden count."""


@dataclass(frozen=True)
class SafeTable:
    """Protected counts.

    Parameters
    ----------
    name, universe, dimensions, multiple, asked, notes
        As in ``CountTable``.
    data : DataFrame, shape (n_cells, n_dimensions + 2)
        A code per dimension, ``count`` (nullable whole number) and ``mark`` (``""`` or ``".."``).
    rule : str
        Name of the disclosure rule that was applied.
    hidden : mapping of str to int
        How many cells were hidden, by reason.
    """

    name: str
    universe: Universe
    dimensions: tuple[str, ...]
    data: pd.DataFrame
    rule: str
    multiple: bool = False
    asked: bool = True
    notes: tuple[str, ...] = ()
    hidden: Mapping[str, int] = field(default_factory=dict)

    def count(self, **cell: str) -> int | None:
        """Return the released count of a cell (margin where a dimension is not named), or None if hidden.

        Raises
        ------
        KeyError
            If the table has no such cell.
        """
        chosen = self.data
        for dimension in self.dimensions:
            chosen = chosen[chosen[dimension] == cell.get(dimension, "total")]
        if len(chosen) != 1:
            raise KeyError(f"{self.name} has no cell {sorted(cell.items())}")
        value = chosen["count"].iloc[0]
        return None if pd.isna(value) else int(value)
