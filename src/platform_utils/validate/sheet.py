"""One sheet while it is judged: every column as codes, and the findings so far.

Every column stands as an array of positions in its list of values, so that rules compare whole columns.

The special codes, decided once. ``unknown``: the member answered that it is not known. ``blank``: the form
asked and the cell is empty. ``not_asked``: the question was not put for this person, because the year did
not ask it, because the form version has no such column, or because it depends on another answer that this
person does not have (who made the police report, where there is none). So a dependent question is
``not_asked`` exactly where its condition does not hold, and its denominator is everybody else. Numbers
cannot hold a code: beside each stands ``<name>_status`` with ``given`` or a special code.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
import pandas as pd
import pyarrow as pa

from platform_utils.spec.codebook import SPECIAL_CODES, UNREADABLE, Variable

MARKS = (*SPECIAL_CODES, UNREADABLE)
"""What stands for an answer where there is none; last in the answers of every column."""

FAULTY = -1
"""Position of a cell without a usable answer: the last of `MARKS`, unless its row is held."""


MOST_PLACES = 20
"""Rows that one message names."""


@dataclass(frozen=True)
class Report:
    """One kind of finding in one column: which rows have it.

    Attributes
    ----------
    rows : ndarray of bool, shape (n_rows,)
    column : str
        Codebook column, empty for the whole row.
    fields : mapping
        Further fields of the text.
    """

    code: str
    rows: np.ndarray
    column: str = ""
    fields: Mapping[str, object] = field(default_factory=dict)


@dataclass
class Column:
    """One column as it is judged.

    Attributes
    ----------
    answers : tuple of str
        What a position in ``codes`` stands for; marks last.
    codes : ndarray of int16, shape (n_rows,)
        Position in ``answers``, ``FAULTY`` where there is no usable answer.
    positions, texts
        The cells as typed, from `encode`; no texts if the sheet lacks the column.
    numbers : ndarray of int64, optional
        For number columns, 0 where none is given.
    identifiers : ndarray of object, optional
        For identifier columns, cleaned text.
    """

    variable: Variable
    answers: tuple[str, ...]
    codes: np.ndarray
    positions: np.ndarray
    texts: list[str]
    numbers: np.ndarray | None = None
    identifiers: np.ndarray | None = None


@dataclass
class Sheet:
    """One table while it is judged.

    Attributes
    ----------
    raw : DataFrame, shape (n_rows, n_columns)
        As read, corrections applied.
    columns : dict of str to Column
        In codebook order.
    reports : list of Report
        Findings so far.
    """

    grain: str
    year: int
    raw: pd.DataFrame
    columns: dict[str, Column] = field(default_factory=dict)
    reports: list[Report] = field(default_factory=list)

    def __len__(self) -> int:
        return len(self.raw)

    def has(self, column: str) -> bool:
        """Say whether the sheet handed in has the column, and the year asked it."""
        return column in self.columns and bool(self.columns[column].texts)

    def report(self, code: str, rows: np.ndarray, column: str = "", **fields: object) -> None:
        """Note that a finding holds in some rows; with ``holds="answer"`` it makes the answer unreadable."""
        if rows.any():
            self.reports.append(Report(code, rows, column, fields))

    def report_unreadable(self, code: str, rows: np.ndarray, column: str, **fields: object) -> None:
        """Note answers that cannot be read: they hold rows only where nobody is counted without them."""
        holds = {} if self.columns[column].variable.holds_rows else {"holds": "answer"}
        self.report(code, rows, column, **fields, **holds)

    def places(self, rows: np.ndarray) -> str:
        """Return the numbers of rows as messages name them, with their sheets where these are several."""
        names, numbers = self.raw["sheet"].astype("str").to_numpy(), self.raw["row"].to_numpy()
        several = len(set(names)) > 1
        at = np.flatnonzero(rows)[:MOST_PLACES]
        said = [f"{names[one]} {numbers[one]}" if several else str(numbers[one]) for one in at]
        return ", ".join(said) + (" …" if rows.sum() > MOST_PLACES else "")

    def is_code(self, column: str, *codes: str) -> np.ndarray:
        """Return where a column holds one of ``codes``."""
        column_ = self.columns[column]
        wanted = [column_.answers.index(code) for code in codes if code in column_.answers]
        return np.isin(column_.codes, wanted) if len(wanted) != 1 else column_.codes == wanted[0]

    def is_answered(self, column: str) -> np.ndarray:
        """Return where a column holds an answer other than a special code."""
        answers = len(self.columns[column].answers) - len(MARKS)
        codes = self.columns[column].codes
        return (codes >= 0) & (codes < answers)

    def number(self, column: str) -> np.ndarray:
        """Return the numbers of a column, 0 where none is given."""
        numbers = self.columns[column].numbers
        return np.zeros(len(self), dtype=np.int64) if numbers is None else numbers

    def identifiers(self, column: str) -> np.ndarray:
        """Return the identifiers of a column as they are compared: upper and lower case are the same."""
        found = self.columns[column].identifiers
        return np.array([text.casefold() for text in ([""] * len(self) if found is None else found)], object)

    def is_started(self) -> np.ndarray:
        """Return which rows say anything: all that were read."""
        return np.ones(len(self), bool)

    def key(self, column: str) -> np.ndarray:
        """Return what the answers of a column are told apart by."""
        is_identifier = self.columns[column].identifiers is not None
        return self.identifiers(column) if is_identifier else self.columns[column].codes

    def put_number(self, column: str, rows: np.ndarray, other: str, times: int) -> None:
        """Set a number to that of another column times a factor in some rows, where the other is given."""
        target, source = self.columns[column], self.columns[other]
        target.codes[rows] = source.codes[rows]
        if target.numbers is not None:
            target.numbers[rows] = times * self.number(other)[rows]

    def put(self, column: str, rows: np.ndarray, code: str) -> None:
        """Set a column to a code in some rows."""
        target = self.columns[column]
        target.codes[rows] = target.answers.index(code)
        if target.numbers is not None:
            target.numbers[rows] = 0


def encode(values: pd.Series) -> tuple[np.ndarray, list[str]]:
    """Return the position of each cell's text among the distinct texts, and the distinct texts.

    A thousand rows of yes and no hold two texts; whoever judges texts instead of cells is as fast as the
    number of spellings is small. Dictionary-encoded (categorical) columns are taken as they are.

    Parameters
    ----------
    values : Series of str
        Cells; a missing one counts as an empty text.

    Returns
    -------
    positions : ndarray of int, shape (n_rows,)
        Index into ``texts``.
    texts : list of str
        In order of appearance.

    Examples
    --------
    >>> encode(pd.Series(["ja", "", "ja"], dtype="str"))
    (array([0, 1, 0]), ['ja', ''])
    """
    if isinstance(values.dtype, pd.CategoricalDtype):
        texts = [str(text) for text in values.cat.categories]
        positions = values.cat.codes.to_numpy().astype(np.int64)
        if (positions < 0).any():
            positions = np.where(positions < 0, len(texts), positions)
            texts.append("")
        return positions, texts
    arrow = _as_arrow(values).dictionary_encode(null_encoding="encode")
    texts = ["" if text is None else text for text in arrow.dictionary.to_pylist()]
    return arrow.indices.to_numpy(zero_copy_only=False).astype(np.int64), texts


def _as_arrow(values: pd.Series) -> pa.Array:
    convert = getattr(values.array, "__arrow_array__", None)
    arrow = convert() if convert is not None else pa.array(values.astype("str").array, from_pandas=True)
    return arrow.combine_chunks() if isinstance(arrow, pa.ChunkedArray) else arrow
