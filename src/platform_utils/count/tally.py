"""Count one table of the plan: cells, margin, and which member stands behind each cell.

Enters: the rows of a year and a planned table. Leaves: a ``CountTable``. Nothing is hidden here. What a table
counts, by what and among whom is the plan's: a new sheet, measure or variable needs nothing of this.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from typing import TypeGuard

import numpy as np
import pandas as pd

from platform_utils.count.rows import Rows, Sheet
from platform_utils.paths import SOURCES
from platform_utils.spec import codebook
from platform_utils.spec.codebook import SPECIAL_CODES, Derived, Variable
from platform_utils.spec.counts import TOTAL, CountTable, Universe
from platform_utils.spec.plan import Computed, PlannedTable, TablePlan
from platform_utils.spec.sources import row_unit

_By = Variable | Derived | Computed
_ROW, _NUMBER = " row", " number"
"""Columns of entries beside the dimensions: none of these has a name with a space."""


def count_table(planned: PlannedTable, plan: TablePlan, rows: Rows) -> CountTable:
    """Count the rows of a table's population by its dimensions.

    Parameters
    ----------
    planned : PlannedTable
        At most one of its dimensions is multi-select.

    Returns
    -------
    CountTable
        With margins, zeros included, in codebook order; ``asked`` False if the year did not ask.
    """
    measure, year, source = planned.measure, rows.clean.year, rows.clean.source
    unit = row_unit(source) if measure.unit == "persons" else measure.unit
    universe = Universe(planned.population.name, year, source, unit)
    told = (planned.key, universe, planned.dimensions)
    sheet = rows.of(measure.grain)
    summed = measure.sum is None or measure.sum in sheet.frame.columns
    if not (summed and rows.is_defined(planned.population) and _is_asked(planned, plan, sheet, universe)):
        data = _frame(planned.dimensions, [[]] * len(planned.dimensions), np.zeros(0, np.int64))
        return CountTable(*told, data, planned.disclosure_class, asked=False, notes=planned.notes)
    counted_by = [plan.variable(name, measure.grain) for name in planned.dimensions]
    several = tuple(one.name for one in counted_by if _is_multi(one))
    tally = _counted(planned, counted_by, sheet, year)
    return CountTable(
        *told,
        _cells(planned, plan, tally, year),
        planned.disclosure_class,
        multiple=bool(several),
        contributors=_behind(planned, tally) if source in SOURCES else None,  # others' files name no member
        notes=planned.notes,
        multiple_dimensions=several,
    )


def _is_asked(planned: PlannedTable, plan: TablePlan, sheet: Sheet, universe: Universe) -> bool:
    """Say whether the year asked what the table shows: by the form, and by what was handed in.

    Of files that others published only their columns decide: our forms did not ask there.
    """
    book, grain = codebook.load(), planned.measure.grain
    for name in planned.dimensions:
        variable = plan.variable(name, grain)
        if isinstance(variable, Computed) and variable.split:
            continue
        columns = [one for one in sheet.frame.columns if one == name or one.startswith(f"{name}__")]
        if all(sheet.is_closed(column) for column in columns):  # also where there is none
            return False
        asked: list[_By] = [variable]
        if isinstance(variable, Derived) and grain == "case":
            asked = [book.variable(source) for source in variable.sources]
        by_form = universe.source in SOURCES
        if by_form and any(isinstance(one, Variable) and not one.is_asked(universe.year) for one in asked):
            return False
    return True


def _is_multi(variable: _By) -> TypeGuard[Variable]:
    return isinstance(variable, Variable) and variable.kind == "multi"


@dataclass(frozen=True)
class _Tally:
    """The sum of each cell and member that rows stand in.

    Attributes
    ----------
    codes : list of list of str
        Per dimension, and last the members: sorted, the margin among them.
    positions : list of ndarray of int, shape (n_sums,)
        Positions in ``codes`` of each sum, in their order.
    """

    codes: list[list[str]]
    positions: list[np.ndarray]
    sums: np.ndarray


def _counted(planned: PlannedTable, counted_by: Sequence[_By], sheet: Sheet, year: int) -> _Tally:
    """Sum each row's number in each cell that it stands in: one per code that it has, and the margins."""
    summed = planned.measure.sum
    rows = _distinct(planned, sheet)
    number = np.ones(len(rows), np.int64) if summed is None else _whole(sheet, summed)[rows]
    entries, listed = {_ROW: rows, _NUMBER: number}, []
    for name, variable in zip(planned.dimensions, counted_by, strict=True):
        if isinstance(variable, Computed) and variable.split:
            codes, numbers = _split(sheet, variable, entries)
            at, taken = np.nonzero(numbers > 0)
            within = entries = _taken(entries, taken) | {name: at, _NUMBER: numbers[at, taken]}
        elif _is_multi(variable):
            codes, has = _options(sheet, codebook.load().columns(variable, year))
            at, taken = np.nonzero(has[:, entries[_ROW]])
            within = _taken(entries, taken) | {name: at}
        else:
            positions, codes = sheet.column(name)
            within = entries | {name: positions[entries[_ROW]]}
        margin = entries | {name: np.full(len(entries[_ROW]), len(codes))}
        entries = {key: np.concatenate([column, margin[key]]) for key, column in within.items()}
        listed.append([*codes, TOTAL])
    members, names = sheet.column("member_id")
    cells = [entries[name] for name in planned.dimensions]
    return _summed([*listed, names], [*cells, members[entries[_ROW]]], entries[_NUMBER])


def _taken(entries: Mapping[str, np.ndarray], at: np.ndarray) -> dict[str, np.ndarray]:
    return {key: column[at] for key, column in entries.items()}


def _distinct(planned: PlannedTable, sheet: Sheet) -> np.ndarray:
    """Return the rows of the population, of those that agree in what makes them one the first."""
    rows, distinct = np.flatnonzero(sheet.select(planned.population)), planned.measure.distinct
    if not distinct:
        return rows
    agreeing = [*distinct, *(name for name in planned.dimensions if name in sheet.frame.columns)]
    keys = np.column_stack([sheet.column(name)[0][rows] for name in agreeing])
    return rows[np.sort(np.unique(keys, axis=0, return_index=True)[1])]


def _whole(sheet: Sheet, name: str) -> np.ndarray:
    return sheet.frame[name].astype("Int64").fillna(0).to_numpy("int64")


def _options(sheet: Sheet, listed: Iterable[str]) -> tuple[list[str], np.ndarray]:
    """Return which rows have each code: those answered yes; without any, a row's special code or none."""
    columns = [column for column in listed if column in sheet.frame.columns]
    has = [sheet.has(column, "yes") for column in columns]
    without = ~np.logical_or.reduce(has)
    for special in SPECIAL_CODES:
        told = without & np.logical_or.reduce([sheet.has(column, special) for column in columns])
        has.append(told)
        without &= ~told
    return [*(column.partition("__")[2] for column in columns), *SPECIAL_CODES], np.array(has)


def _split(
    sheet: Sheet, variable: Computed, entries: Mapping[str, np.ndarray]
) -> tuple[list[str], np.ndarray]:
    """Return the number of each code that has one of its own; what no code accounts for is unknown.

    The codes may say more than the number does: then it is their sum.
    """
    parts = {code: _whole(sheet, f"{variable.split}{code}")[entries[_ROW]] for code in variable.codes}
    known = np.sum([*parts.values()], axis=0)
    parts["unknown"] = np.maximum(entries[_NUMBER], known) - known
    return [*parts], np.array([*parts.values()])


def _summed(listed: Sequence[Sequence[str]], at: Sequence[np.ndarray], number: np.ndarray) -> _Tally:
    """Add up what stands at the same codes; a key holds the positions of all of them."""
    codes = [sorted(set(each)) for each in listed]
    key = np.zeros(len(number), np.int64)
    for each, ordered, positions in zip(listed, codes, at, strict=True):
        rank = {code: place for place, code in enumerate(ordered)}
        key = key * len(ordered) + np.array([rank[code] for code in each], np.int64)[positions]
    keys, where = np.unique(key, return_inverse=True)
    sums = np.zeros(len(keys), np.int64)
    np.add.at(sums, where, number)
    found = []
    for ordered in reversed(codes):
        keys, positions = np.divmod(keys, max(len(ordered), 1))
        found.append(positions)
    return _Tally(codes, found[::-1], sums)


def _behind(planned: PlannedTable, tally: _Tally) -> pd.DataFrame:
    """Return the sum of each member in each cell that it has."""
    told = [np.array(codes, object)[at] for codes, at in zip(tally.codes, tally.positions, strict=True)]
    return _frame([*planned.dimensions, "member_id"], told, tally.sums)


def _cells(planned: PlannedTable, plan: TablePlan, tally: _Tally, year: int) -> pd.DataFrame:
    """Return every cell with its sum: codes in order, unlisted codes, special codes, the margin."""
    if not planned.dimensions:
        return _frame((), (), np.array([tally.sums.sum()]))
    levels, picked = [], []
    sums = np.zeros([len(codes) + 1 for codes in tally.codes[:-1]], np.int64)  # the last of each is nobody's
    np.add.at(sums, tuple(tally.positions[:-1]), tally.sums)
    for name, codes, at in zip(planned.dimensions, tally.codes, tally.positions, strict=False):
        place = {codes[position]: position for position in np.unique(at).tolist()}
        listed = plan.codes(name, planned.measure.grain, year)
        kept = [code for code in listed if code in place or not planned.present_only]
        new = sorted(place.keys() - {*listed, *SPECIAL_CODES, TOTAL})
        levels.append([*kept, *new, *(code for code in SPECIAL_CODES if code in place), TOTAL])
        picked.append([place.get(code, -1) for code in levels[-1]])
    told = list(zip(*product(*levels), strict=True))
    return _frame(planned.dimensions, told, sums[np.ix_(*picked)].ravel())


def _frame(names: Sequence[str], codes: Sequence[Sequence[str]], counts: np.ndarray) -> pd.DataFrame:
    columns = {name: pd.array(list(of), dtype="str") for name, of in zip(names, codes, strict=True)}
    return pd.DataFrame({**columns, "count": counts})
