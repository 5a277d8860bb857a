"""The tables of somebody else's file: its own questions and answers, and what became of its rows.

Enters: per batch of rows, who gave which answer in the file's own words and how many each row stands for.
Leaves: ``CountTable`` with one breakdown each. A question that the year's rows do not answer is not asked.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

import numpy as np
import pandas as pd

from platform_utils.spec.counts import TOTAL, CountTable, Universe
from platform_utils.spec.sources import CASES, ROWS, Asked

Answers = tuple[Mapping[str, Mapping[str, np.ndarray]], np.ndarray]
"""Per question and answer the rows that have it, and how many each row stands for."""


def case_tables(
    batches: Iterable[Answers],
    asks: Sequence[Asked],
    fates: Mapping[str, int],
    universe: Universe,
    files: tuple[str, ...],
) -> list[CountTable]:
    """Count a file by each of its questions; the whole comes first and the fates of its rows last.

    Fates and answers stand in an order of their own: that of bands, else that of letters.

    Parameters
    ----------
    asks : sequence of Asked
        In the order of the report.
    fates : mapping of str to int
        Rows by what became of them, complete once the batches have been read.
    files : tuple of str
        What was read: a note under the table of rows.
    """
    counted: dict[str, Counter[str]] = {asked.name: Counter() for asked in asks}
    everybody = 0
    for answers, persons in batches:
        everybody += int(persons.sum())
        for name, given in answers.items():
            counted[name].update({code: int(persons[rows].sum()) for code, rows in given.items()})
    tables = [_table(CASES, universe, {}, everybody, is_multiple=False)]
    for asked in asks:
        numbers = counted[asked.name]
        blank = +Counter(blank=numbers.pop("blank", 0))
        found = {code: numbers[code] for code in sorted(numbers, key=_in_order)}
        if found:
            tables.append(
                _table(asked.name, universe, found | blank, everybody, is_multiple=asked.is_multiple)
            )
    read = {fate: rows for fate, rows in fates.items() if rows}
    whole = Universe(ROWS, universe.year, universe.source, "rows")
    rows = _table(ROWS, whole, read, sum(read.values()), is_multiple=False)
    return [*tables, replace(rows, notes=files)]


def _table(
    name: str, universe: Universe, found: Mapping[str, int], total: int, *, is_multiple: bool
) -> CountTable:
    """Return a table of one breakdown, or of none, with its margin."""
    if not found:
        return CountTable(name, universe, (), pd.DataFrame({"count": [total]}), "B")
    data = pd.DataFrame({name: pd.array([*found, TOTAL], dtype="str"), "count": [*found.values(), total]})
    return CountTable(name, universe, (name,), data, "B", multiple=is_multiple)


def _in_order(code: str) -> tuple[int, str]:
    number = re.match(r"\d+", code)
    return (int(number[0]) if number else -1, code)
