"""The cells of a form as they stand in it: what its formulas see.

Enters: a grid and the cells that fill it. Leaves: `expressions.Rows`, so that the stored result of every
formula is its true one.
"""

from __future__ import annotations

from functools import cache

import numpy as np
import pandas as pd

from platform_utils.form.grid import Grid, cells


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
