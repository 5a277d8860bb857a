"""One sheet as it was stored: text of every cell, and what a reader of values alone would miss.

Enters: what a workbook stores. Leaves: what a person sees, without judging it; numbers lose a superfluous
``.0``, dates become ISO.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime, time


@dataclass
class Marks:
    """What stands in a sheet besides its values, gathered while it is read; rows and columns count from 0.

    Attributes
    ----------
    hidden_rows, hidden_columns : set of int
        Hidden by hand, by a filter or by a height of nought.
    formulas : dict of (int, int) to bool
        Cells with a formula; True where its result is stored.
    errors : set of (int, int)
        Cells that show an error such as ``#REF!``.
    is_hidden : bool
        The whole sheet is.
    """

    hidden_rows: set[int] = field(default_factory=set)
    hidden_columns: set[int] = field(default_factory=set)
    formulas: dict[tuple[int, int], bool] = field(default_factory=dict)
    errors: set[tuple[int, int]] = field(default_factory=set)
    is_hidden: bool = False


@dataclass(frozen=True)
class Sheet:
    """One sheet.

    Attributes
    ----------
    name : str
        In NFC.
    rows : list of list of str
        Text of every cell from A1 on; all rows are as long as the longest.
    dates : frozenset of (int, int)
        Cells stored as a date or time.
    merged : tuple of (int, int, int, int)
        First row, first column, last row, last column of merged cells.
    """

    name: str
    rows: list[list[str]] = field(repr=False)
    dates: frozenset[tuple[int, int]] = frozenset()
    merged: tuple[tuple[int, int, int, int], ...] = ()
    marks: Marks = field(default_factory=Marks)


def to_text(value: object) -> str:
    """Return a stored value as text.

    Examples
    --------
    >>> to_text(3.0), to_text(0.1 + 0.2), to_text(True), to_text(date(2023, 3, 4)), to_text(None)
    ('3', '0.3', 'yes', '2023-03-04', '')
    """
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() and abs(value) < 1e15 else format(value, ".15g")
    if isinstance(value, datetime):
        return value.date().isoformat() if value.time() == time() else value.isoformat(" ", "seconds")
    if isinstance(value, (date, time)):
        return value.isoformat()
    return "" if value is None else str(value)
