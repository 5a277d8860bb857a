"""Counts and estimates before the gate: what is counted, of which years, and nothing about persons' rows.

Enters: what ``count`` counted and ``pilot`` estimated. Leaves: to ``protect`` only. No reader ever sees one.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pandas as pd

TOTAL = "total"
"""The code of a margin in any dimension of a table."""

NOT_ASKED = "not_asked"

Cell = int | frozenset[int]
"""Persons of a cell: how many, or which."""


@dataclass(frozen=True)
class Universe:
    """Who or what is counted.

    Parameters
    ----------
    name : str
        Key of the universe, such as ``"direct"`` (directly exploited persons met during the year).
    year : int
        Support year.
    source : str
        ``"demo"``, ``"members"``, ``"external-<name>"`` or ``"published"``.
    unit : str
        ``"persons"``, ``"children"``, ``"rows"``, ``"interventions"``, ``"members"`` or ``"sek"``.
    """

    name: str
    year: int
    source: str
    unit: str = "persons"


@dataclass(frozen=True)
class CountTable:
    """Counts of one table, margins included, not yet protected.

    Parameters
    ----------
    name : str
        Key of the table in the table plan, unique within a year.
    universe : Universe
        Who is counted.
    dimensions : tuple of str
        Names of codebook variables (or derived ones), in order. Empty for a single number.
    data : DataFrame, shape (n_cells, n_dimensions + 1)
        One row per cell: a code per dimension (``"total"`` is a margin) and ``count`` (whole, >= 0).
    disclosure_class : {"A", "B"}
        Class of the disclosure rule.
    multiple : bool
        True when codes of one person may be several (multi-select): rows do not add up to the total.
    asked : bool
        False when the year's form did not ask: ``data`` is then empty.
    contributors : DataFrame, optional
        Restricted: one row per cell and member (dimensions, ``member_id``, ``count``).
    notes : tuple of str
        Label keys of notes that stand under the table.
    multiple_dimensions : tuple of str
        The multi-select dimensions; without it, those of a ``multiple`` table that do not add up.
    moved : DataFrame, optional
        Restricted: who came and who went since each edition that is out: one row per cell, edition and
        person (dimensions, ``since``, ``person``, ``pool``, signed ``count``). Persons of one pool cannot be
        told apart for certain. Without it nobody knows.
    """

    name: str
    universe: Universe
    dimensions: tuple[str, ...]
    data: pd.DataFrame
    disclosure_class: str = "A"
    multiple: bool = False
    asked: bool = True
    contributors: pd.DataFrame | None = field(default=None, repr=False)
    notes: tuple[str, ...] = ()
    multiple_dimensions: tuple[str, ...] = ()
    moved: pd.DataFrame | None = field(default=None, repr=False)


@dataclass(frozen=True)
class Estimated:
    """One estimate, not yet protected.

    Attributes
    ----------
    name : str
        Key, such as ``"lost_difference"``.
    kind : {"difference", "share", "ratio", "test", "range", "curve"}
    values : mapping
        Numbers by key (``"p"`` for a test, days for a curve, places for a range).
    under : sequence of int or set of int
        Every cell that it rests on, in persons: events and non-events of each group. Who they are, by
        place in the file, where it stands beside other estimates: cells can then be subtracted.
    method : str
        Which interval or test, in words.
    at_risk : mapping of int to int
        Persons at risk on a day, for curves only.
    events : mapping of int to set of int
        Whose events came by a day, for curves only.
    first : int, optional
        Day of a curve decided on before the others, such as the plan's; then from the earliest on.
    tells : sequence of mapping of set of int to float
        What its numbers tell where they do not tell each cell: weights of cells in a sum.
    needs : sequence of (str, str)
        Names and keys of other estimates: where one of these is hidden, this is.
    """

    name: str
    kind: str
    values: Mapping[Any, float]
    under: Sequence[Cell]
    method: str = ""
    at_risk: Mapping[int, int] = field(default_factory=dict)
    events: Mapping[int, frozenset[int]] = field(default_factory=dict)
    first: int | None = None
    tells: Sequence[Mapping[frozenset[int], float]] = ()
    needs: Sequence[tuple[str, str]] = ()


def codes_in(frame: pd.DataFrame, dimensions: Iterable[str]) -> list[tuple[str, ...]]:
    """Return the codes of each row of a table's data; ``()`` for the row of a table without dimensions.

    Examples
    --------
    >>> import pandas as pd
    >>> codes_in(pd.DataFrame({"sex": ["woman", "total"], "count": [7, 9]}), ("sex",))
    [('woman',), ('total',)]
    """
    if frame.empty:  # a table that was not asked has no columns either
        return []
    columns = [frame[dimension].tolist() for dimension in dimensions]
    return list(zip(*columns, strict=True)) if columns else [()] * len(frame)


def years_counted(year: int, known: Iterable[int]) -> tuple[int, ...]:
    """Return the years whose rows the counts of a year are made from: its own, and a known one before it.

    Examples
    --------
    >>> years_counted(2023, (2021, 2022, 2023)), years_counted(2023, (2021,))
    ((2022, 2023), (2023,))
    """
    return (year - 1, year) if year - 1 in known else (year,)


def years_shown(year: int, known: Iterable[int]) -> tuple[int, ...]:
    """Return the known years whose tables a report of a year shows: all up to its own.

    Examples
    --------
    >>> years_shown(2022, (2021, 2022, 2023))
    (2021, 2022)
    """
    return tuple(sorted(each for each in known if each <= year))
