"""What a check of the form may say about its cells: once as a formula, once as a mask.

Enters: a grid and the cells that fill it. Leaves: conditions that Excel counts while the member types and
that we count when we write, so that the stored result of every formula is its true one.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from platform_utils.returns.template_grid import Grid, cells

__all__ = ["Answers", "Condition"]

Mask = np.ndarray


@dataclass(frozen=True)
class Condition:
    """Something that holds for some rows (or cells) of a sheet.

    Attributes
    ----------
    formula : str
        Array expression with 1 or TRUE where it holds.
    mask : callable
        Gives the same for the cells given: booleans, shape (n_rows,) or (n_rows, n_columns).
    """

    formula: str
    mask: Callable[[], Mask]

    def __and__(self, other: Condition) -> Condition:
        return Condition(f"{self.formula}*{other.formula}", lambda: self.mask() & other.mask())

    def __or__(self, other: Condition) -> Condition:
        return Condition(f"(({self.formula})+({other.formula})>0)", lambda: self.mask() | other.mask())

    def __invert__(self) -> Condition:
        return Condition(f"(1-({self.formula}))", lambda: ~self.mask())


class Answers:
    """The data cells of one sheet, as formulas and as the values that fill them.

    Parameters
    ----------
    table : DataFrame, shape (n_rows, n_columns)
        Cells by column name; columns that it lacks are empty.
    """

    def __init__(self, grid: Grid, table: pd.DataFrame | None) -> None:
        self.grid = grid
        self.row_count = 0 if table is None else len(table)
        self._cells: Mapping[str, np.ndarray] = (
            {} if table is None else {str(c): np.array(cells(table[c]), dtype=object) for c in table.columns}
        )
        self._texts: dict[str, np.ndarray] = {}
        self._numbers: dict[str, np.ndarray] = {}
        self._counts: np.ndarray | None = None

    def __contains__(self, column: str) -> bool:
        return column in self.grid.columns

    def texts(self, column: str) -> np.ndarray:
        """Return a column as Excel compares texts: without regard to case; numbers as their digits."""
        if column not in self._texts:
            values = self._cells.get(column, np.full(self.row_count, "", dtype=object))
            self._texts[column] = np.array([_as_text(v) for v in values], dtype=object)
        return self._texts[column]

    def numbers(self, column: str) -> np.ndarray:
        """Return a column's numbers, NaN where the cell holds text or nothing."""
        if column not in self._numbers:
            values = self._cells.get(column, np.full(self.row_count, "", dtype=object))
            self._numbers[column] = np.array(
                [np.nan if isinstance(v, str) else float(v) for v in values], dtype=float
            )
        return self._numbers[column]

    def empty(self, column: str) -> Condition:
        """Hold where the cell is empty."""
        return Condition(f'({self.grid.range(column)}="")', lambda: self.texts(column) == "")

    def filled(self, column: str) -> Condition:
        """Hold where the cell is filled."""
        return Condition(f'({self.grid.range(column)}<>"")', lambda: self.texts(column) != "")

    def any_filled(self, columns: Iterable[str]) -> Condition:
        """Hold where at least one of the cells is filled."""
        return _any(self.filled(column) for column in columns)

    def says(self, column: str, *codes: str) -> Condition:
        """Hold where the cell says the label of one of the codes."""
        variable, _code = self.grid.columns[column]
        offered = {each.code: each.label(self.grid.lang) for each in self.grid.book.answers(variable)}
        labels = [offered[code] for code in codes]
        folded = [text.casefold() for text in labels]
        cell = self.grid.range(column)
        return _any(
            Condition(f'({cell}="{label}")', lambda text=text: self.texts(column) == text)  # type: ignore[misc]
            for label, text in zip(labels, folded, strict=True)
        )

    def any_says(self, columns: Iterable[str], code: str) -> Condition:
        """Hold where at least one of the cells says the label of the code."""
        return _any(self.says(column, code) for column in columns)

    def number(self, column: str) -> Condition:
        """Hold where the cell is a number."""
        return Condition(f"ISNUMBER({self.grid.range(column)})", lambda: ~np.isnan(self.numbers(column)))

    def within(self, column: str, low: float, high: float) -> Condition:
        """Hold where a number lies between the limits, both included."""
        cell = self.grid.range(column)
        return self.number(column) & Condition(
            f"({cell}>={low:g})*({cell}<={high:g})",
            lambda: (self.numbers(column) >= low) & (self.numbers(column) <= high),
        )

    def less(self, column: str, other: str) -> Condition:
        """Hold where both cells are numbers, the first less than the second."""
        return (
            self.number(column)
            & self.number(other)
            & Condition(
                f"({self.grid.range(column)}<{self.grid.range(other)})",
                lambda: self.numbers(column) < self.numbers(other),
            )
        )

    def sum_differs(self, total: str, parts: Iterable[str]) -> Condition:
        """Hold where the parts, empty ones as 0, do not add up to the total."""
        names = list(parts)
        difference = "-".join(
            f"IF(ISNUMBER({cell}),{cell},0)" for cell in map(self.grid.range, (total, *names))
        )
        return self.number(total) & Condition(
            f"(({difference})<>0)",
            lambda: self.numbers(total) != sum(np.nan_to_num(self.numbers(name)) for name in names),
        )

    def repeated(self, *columns: str) -> Condition:
        """Hold where the first cell is filled and another row has the same in all the columns."""
        pairs = ",".join(f'{self.grid.range(c)},{self.grid.range(c)}&""' for c in columns)
        return self.filled(columns[0]) & Condition(f"(COUNTIFS({pairs})>1)", lambda: self._repeated(columns))

    def in_other(self, column: str, other: Answers, other_column: str) -> Condition:
        """Hold where the cell's text stands in a column of another sheet."""
        return Condition(
            f'(COUNTIF({other.grid.range(other_column)},{self.grid.range(column)}&"")>0)',
            lambda: np.isin(self.texts(column).astype(str), other.texts(other_column).astype(str)),
        )

    def no_code(self, column: str) -> Condition:
        """Hold where a filled cell cannot be a running code: small letters, or too many of anything."""
        cell = self.grid.range(column)
        own = self.grid.own_part(cell)
        digits = "+".join(f'LEN({own})-LEN(SUBSTITUTE({own},"{digit}",""))' for digit in range(10))
        wrong = f"(ABS({digits}-2.5)>1.5)+(LEN({own})-({digits})>3)+(1-EXACT({cell},UPPER({cell})))"
        return self.filled(column) & Condition(f"(({wrong})>0)", lambda: self._no_code(column))

    def outside(self, first: str, last: str, range_name: str) -> Condition:
        """Hold where a filled cell of the block says what its drop-down does not offer."""
        block = self.grid.range(first, last)
        allowed = {answer.casefold() for answer in self.grid.answers(first)}
        names = list(self.grid.columns)
        columns = names[names.index(first) : names.index(last) + 1]
        return Condition(
            f'({block}<>"")*(COUNTIF({range_name},{block}&"")=0)',
            lambda: (
                np.column_stack(
                    [[t != "" and t not in allowed for t in self.texts(c)] for c in columns]
                ).astype(bool)
                if self.row_count
                else np.zeros((0, len(columns)), dtype=bool)
            ),
        )

    def started(self, helper: str | None = None) -> Condition:
        """Hold where a row has a filled cell; ``helper`` is a range that counts the filled cells."""
        columns = list(self.grid.columns)
        formula = f"({helper}>0)" if helper else self.any_filled(columns).formula
        return Condition(formula, lambda: self.filled_counts() > 0)

    def filled_counts(self) -> np.ndarray:
        """Return how many cells of each row are filled."""
        if self._counts is None:
            self._counts = np.zeros(self.row_count, dtype=int)
            for column in self._cells:
                self._counts += self.texts(column) != ""
        return self._counts

    def _no_code(self, column: str) -> Mask:
        values = self._cells.get(column, np.full(self.row_count, "", dtype=object))
        texts = [value if isinstance(value, str) else f"{value:.15g}" for value in values]
        own = [text.replace(self.grid.member_id, "", 1) if self.grid.member_id else text for text in texts]
        wrong = (
            not 1 <= _digits(part) <= 4 or len(part) - _digits(part) > 3 or text != text.upper()
            for text, part in zip(texts, own, strict=True)
        )
        return np.fromiter(wrong, bool, len(texts))

    def _repeated(self, columns: tuple[str, ...]) -> Mask:
        keys = pd.Series(list(zip(*(self.texts(c) for c in columns), strict=True)), dtype=object)
        return keys.duplicated(keep=False).to_numpy()


def _any(conditions: Iterable[Condition]) -> Condition:
    listed = list(conditions)
    if len(listed) == 1:
        return listed[0]
    return Condition(
        "((" + ")+(".join(each.formula for each in listed) + ")>0)",
        lambda: np.logical_or.reduce([each.mask() for each in listed]),
    )


def _as_text(value: object) -> str:
    if isinstance(value, str):
        return value.casefold()
    return f"{value:.15g}"


def _digits(text: str) -> int:
    return sum(character in "0123456789" for character in text)
