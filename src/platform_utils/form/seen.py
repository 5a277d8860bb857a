"""What an expression is seen over: the cells of an empty form, or the rows of a return or a filled form.

Enters: grids; sheets, judged or as typed. Leaves: the two sides from which a rule is read.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Protocol

import numpy as np
import pandas as pd

from platform_utils.form.grid import Grid, cells
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


class Typed:
    """The data cells of one sheet.

    Parameters
    ----------
    table : DataFrame, shape (n_rows, n_columns)
        Cells by column name; columns that it lacks are empty.
    """

    def __init__(self, grid: Grid, table: pd.DataFrame | None) -> None:
        self.grid = grid
        self._row_count = 0 if table is None else len(table)
        self._cells = {} if table is None else {str(name): cells(table[name]) for name in table}
        self.key = cache(self._key)
        self.is_answered = cache(self._is_answered)

    def __len__(self) -> int:
        return self._row_count

    def is_started(self) -> np.ndarray:
        """Return which rows say anything."""
        return self.filled_counts() > 0

    def filled_counts(self) -> np.ndarray:
        """Return how many cells of each row are filled."""
        return np.sum(
            [np.zeros(len(self), int), *(self.key(column) != "" for column in self.grid.told)], axis=0
        )

    def is_code(self, column: str, *codes: str) -> np.ndarray:
        """Return where a column says one of the codes in the form's own words."""
        asked = [code for code in codes if code != "not_asked"] if column in self.grid.columns else []
        return np.isin(
            self.key(column).astype(str), [self.grid.text(column, one).casefold() for one in asked]
        )

    def number(self, column: str) -> np.ndarray:
        """Return the numbers of a column, 0 where none is given."""
        return np.array([int(value) if _is_whole(value) else 0 for value in self._values(column)], np.int64)

    def _values(self, column: str) -> list[str | float]:
        return list(self._cells.get(column, [""] * len(self)))

    def _key(self, column: str) -> np.ndarray:
        """Return a column as Excel compares texts: without regard to case; numbers as their digits."""
        texts = (v.casefold() if isinstance(v, str) else f"{v:.15g}" for v in self._values(column))
        return np.array([*texts, None], object)[:-1]

    def _is_answered(self, column: str) -> np.ndarray:
        variable = self.grid.columns[column][0]
        if variable.is_number:
            return np.array([_is_whole(value) for value in self._values(column)], bool)
        if variable.kind == "text_code":
            return np.array([self._is_own_code(value) for value in self._values(column)], bool)
        *offered, _unknown = (text.casefold() for text in self.grid.answers(column))
        return np.isin(self.key(column).astype(str), offered)

    def _is_own_code(self, value: str | float) -> bool:
        text = value if isinstance(value, str) else f"{value:.15g}"
        own = text.replace(self.grid.member_id, "", 1) if self.grid.member_id else text
        digits = sum(character in "0123456789" for character in own)
        most, signs = self.grid.code_limits
        is_written_so = not self.grid.is_persons or text == text.upper()
        return text != "" and 1 <= digits <= most and len(own) - digits <= signs and is_written_so


def _is_whole(value: str | float) -> bool:
    return not isinstance(value, str) and value >= 0 and float(value).is_integer()
