"""What an expression is seen over: the cells of an empty form, or the rows of a return.

Enters: grids; sheets, judged or as typed. Leaves: the two sides from which a rule is read.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from platform_utils.form.grid import Grid
from platform_utils.spec.codebook import load

Mask = np.ndarray


class Rows(Protocol):
    """The rows of one sheet, judged or as typed; every array has shape (n_rows,)."""

    def __len__(self) -> int: ...

    def is_started(self) -> Mask:
        """Return which rows say anything."""

    def is_code(self, column: str, *codes: str) -> Mask:
        """Return where a column holds one of the codes, special ones among them."""

    def is_answered(self, column: str) -> Mask:
        """Return where a column holds an answer that can be used and is not a special code."""

    def number(self, column: str) -> np.ndarray:
        """Return the numbers of a column, 0 where none is given."""

    def key(self, column: str) -> np.ndarray:
        """Return what the answers of a column are told apart by."""


@dataclass(frozen=True)
class Answers:
    """The sheets of a return, seen from one of them."""

    sheets: Mapping[str, Rows]
    grain: str
    year: int

    @property
    def rows(self) -> Rows:
        """The sheet seen from."""
        return self.sheets[self.grain]

    def whole(self, column: str) -> Mask:
        """Return where a column holds a whole number within the limits of its question."""
        low, high = load().grain_columns(self.grain)[column][0].limits
        number = self.rows.number(column)
        return self.rows.is_answered(column) & (number >= low) & (number <= high)


@dataclass(frozen=True)
class Form:
    """The sheets of an empty form, seen from one of them.

    Attributes
    ----------
    counts : str
        Range that counts the filled cells of each person's row.
    in_row : bool
        The formula stands in the first row of answers and is copied down, as a cell's colour is.
    """

    grids: Mapping[str, Grid]
    grain: str
    counts: str
    in_row: bool = False

    @property
    def grid(self) -> Grid:
        """The sheet seen from."""
        return self.grids[self.grain]

    def cells(self, column: str) -> str:
        """Return the cells of a column, or the one of the row that the formula stands in."""
        return f"${self.grid.letter(column)}{self.grid.first_row}" if self.in_row else self.grid.range(column)

    def whole(self, column: str) -> str:
        """Return where a cell is a whole number within the limits of its question."""
        cell, (low, high) = self.cells(column), self.grid.columns[column][0].limits
        return f"IF(ISNUMBER({cell}),({cell}>={low})*({cell}<={high})*({cell}=INT({cell})),0)"
