"""One sheet as it was stored: text of every cell, and what a reader of values alone would miss."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

__all__ = ["Marks", "Sheet"]


@dataclass(frozen=True)
class Marks:
    """What stands in a sheet besides its values; rows and columns count from 0.

    Parameters
    ----------
    hidden_rows, hidden_columns : frozenset of int
        Hidden by hand, by a filter or by a height of nought.
    formulas : mapping of (int, int) to bool
        Cells with a formula; True where its result is stored.
    errors : frozenset of (int, int)
        Cells that show an error such as ``#REF!``.
    is_hidden : bool
        The whole sheet is hidden.
    """

    hidden_rows: frozenset[int] = frozenset()
    hidden_columns: frozenset[int] = frozenset()
    formulas: Mapping[tuple[int, int], bool] = field(default_factory=dict)
    errors: frozenset[tuple[int, int]] = frozenset()
    is_hidden: bool = False


@dataclass(frozen=True)
class Sheet:
    """One sheet.

    Parameters
    ----------
    name : str
        Name, NFC.
    rows : list of list of str
        Text of every cell from A1 on; all rows are as long as the longest.
    dates : frozenset of (int, int)
        Cells stored as a date or time.
    merged : tuple of (int, int, int, int)
        First row, first column, last row, last column of merged cells.
    marks : Marks
        Hidden rows, formulas, errors.
    """

    name: str
    rows: list[list[str]] = field(repr=False)
    dates: frozenset[tuple[int, int]] = frozenset()
    merged: tuple[tuple[int, int, int, int], ...] = ()
    marks: Marks = Marks()
