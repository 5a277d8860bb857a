"""Which years a stage reads: asked by the code that reads and by the graph that says what must run again."""

from __future__ import annotations

from collections.abc import Iterable


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
