"""Count one table of the plan: cells, margin, and which member stands behind each cell.

Enters: the rows of a year and a planned table. Leaves: a ``CountTable``. Nothing is hidden here. What a table
counts, by what and among whom is the plan's: a new sheet, measure or variable needs nothing of this.
"""

from __future__ import annotations

from dataclasses import replace

import pandas as pd

from platform_utils.count.rows import Rows, answered
from platform_utils.paths import SOURCES
from platform_utils.spec import codebook
from platform_utils.spec.codebook import SPECIAL_CODES, Derived, Variable
from platform_utils.spec.counts import NOT_ASKED, TOTAL, CountTable, Universe
from platform_utils.spec.plan import Computed, PlannedTable, TablePlan
from platform_utils.spec.sources import row_unit

_NUMBER = "number"


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
    found = rows.of(measure.grain)
    empty = _empty(planned, universe)
    if not rows.is_defined(found, planned.population) or not _is_asked(planned, plan, found, universe):
        return empty
    if measure.sum and measure.sum not in found.columns:
        return empty
    found = found[_looked_at(planned, plan, found)]
    found = _numbered(rows.select(found, planned.population), planned)
    long = _one_row_per_code(planned, plan, found, year)
    counted_by = (plan.variable(name, measure.grain) for name in planned.dimensions)
    multiple = any(getattr(one, "kind", "code") == "multi" for one in counted_by)
    behind = long.groupby([*planned.dimensions, "member_id"], sort=True)[_NUMBER].sum().rename("count")
    return replace(
        empty,
        data=_cells(planned, plan, long, year),
        asked=True,
        multiple=multiple,
        contributors=behind.reset_index() if source in SOURCES else None,  # others' files name no member
    )


def _empty(planned: PlannedTable, universe: Universe) -> CountTable:
    """Return the table of a year that did not ask."""
    columns = {name: pd.Series([], dtype="str") for name in planned.dimensions}
    data = pd.DataFrame(columns | {"count": pd.Series([], dtype="int64")})
    told = (planned.key, universe, planned.dimensions, data, planned.disclosure_class)
    return CountTable(*told, asked=False, notes=planned.notes)


def _looked_at(planned: PlannedTable, plan: TablePlan, rows: pd.DataFrame) -> list[str]:
    """Return the columns that a table needs: choosing rows of all of them takes most of a count's time."""
    measure, parts = planned.measure, [f"{name}__" for name in planned.dimensions]
    for name in planned.dimensions:
        variable = plan.variable(name, measure.grain)
        if isinstance(variable, Computed) and variable.split:
            parts.append(variable.split)
    named = {"member_id", measure.sum, *measure.distinct, *planned.dimensions, *planned.population.where}
    return [column for column in rows.columns if column in named or column.startswith(tuple(parts))]


def _is_asked(planned: PlannedTable, plan: TablePlan, rows: pd.DataFrame, universe: Universe) -> bool:
    """Say whether the year asked what the table shows: by the form, and by what was handed in.

    Of files that others published only their columns decide: our forms did not ask there.
    """
    book, grain = codebook.load(), planned.measure.grain
    for name in planned.dimensions:
        variable = plan.variable(name, grain)
        if isinstance(variable, Computed) and variable.split:
            continue
        columns = [column for column in rows.columns if column == name or column.startswith(f"{name}__")]
        told = answered(rows, columns)
        if not columns or (len(told) and (told == NOT_ASKED).all(axis=None)):
            return False
        asked: list[Variable | Derived | Computed] = [variable]
        if isinstance(variable, Derived) and grain == "case":
            asked = [book.variable(source) for source in variable.sources]
        by_form = universe.source in SOURCES
        if by_form and any(isinstance(one, Variable) and not one.is_asked(universe.year) for one in asked):
            return False
    return True


def _numbered(rows: pd.DataFrame, planned: PlannedTable) -> pd.DataFrame:
    """Return the rows that are distinct, each with the number that it counts."""
    measure = planned.measure
    if measure.distinct:
        named = [name for name in planned.dimensions if name in rows.columns]
        rows = rows.drop_duplicates([*measure.distinct, *named])
    if measure.sum is None:
        return rows.assign(**{_NUMBER: 1})
    return rows.assign(**{_NUMBER: _whole(rows[measure.sum])})


def _whole(numbers: pd.Series) -> pd.Series:
    return numbers.astype("Int64").fillna(0).astype("int64")


def _one_row_per_code(planned: PlannedTable, plan: TablePlan, rows: pd.DataFrame, year: int) -> pd.DataFrame:
    """Return a row for each row and each code that it has, and one for each margin that it stands in."""
    book, grain = codebook.load(), planned.measure.grain
    plain = [name for name in planned.dimensions if name in rows.columns]
    long = rows[[*plain, "member_id", _NUMBER]].assign(one=range(len(rows)))
    multi = []
    for name in planned.dimensions:
        variable = plan.variable(name, grain)
        if isinstance(variable, Computed) and variable.split:
            long = _split(long, rows, variable)
        elif isinstance(variable, Variable) and variable.kind == "multi":
            multi.append(name)
            listed = book.columns(variable, year)
            long = _with_codes(long, rows[[column for column in listed if column in rows.columns]], name)
    for name in planned.dimensions:
        others = [other for other in planned.dimensions if other != name]
        margin = long.drop_duplicates(["one", *others]).assign(**{name: TOTAL})
        long = pd.concat([long, margin], ignore_index=True)
    for name in multi:
        long = long[long[name] != ""]
    return long.drop(columns="one")


def _with_codes(long: pd.DataFrame, answers: pd.DataFrame, name: str) -> pd.DataFrame:
    """One row per code answered yes; rows without any yes take their special code, or none."""
    yes = answers == "yes"
    special = pd.Series("", index=answers.index, dtype="str")
    for code in (NOT_ASKED, "blank", "unknown"):
        special = special.mask((answers == code).any(axis=1), code)
    parts = [long[yes[column]].assign(**{name: column.partition("__")[2]}) for column in answers.columns]
    without = ~yes.any(axis=1)
    return pd.concat([*parts, long[without].assign(**{name: special[without]})])


def _split(long: pd.DataFrame, rows: pd.DataFrame, variable: Computed) -> pd.DataFrame:
    """One row per code that has a number of its own; what no code accounts for is unknown.

    The codes may say more than the number does: then it is their sum.
    """
    numbers = {code: _whole(rows[f"{variable.split}{code}"]) for code in variable.codes}
    known = pd.DataFrame(numbers).sum(axis=1)
    numbers["unknown"] = long[_NUMBER].clip(lower=known) - known
    parts = [long.assign(**{variable.name: c, _NUMBER: n}) for c, n in numbers.items()]  # type: ignore[arg-type]
    every = pd.concat(parts, ignore_index=True)
    return every[every[_NUMBER] > 0].assign(one=range(int((every[_NUMBER] > 0).sum())))


def _cells(planned: PlannedTable, plan: TablePlan, long: pd.DataFrame, year: int) -> pd.DataFrame:
    """Return every cell with its sum: codes in order, unlisted codes, special codes, the margin."""
    names = list(planned.dimensions)
    if not names:
        return pd.DataFrame({"count": [int(long[_NUMBER].sum())]})
    levels = []
    for name in names:
        seen, listed = set(long[name]), plan.codes(name, planned.measure.grain, year)
        kept = [code for code in listed if code in seen or not planned.present_only]
        new = sorted(seen - {*listed, *SPECIAL_CODES, TOTAL})
        levels.append([*kept, *new, *(code for code in SPECIAL_CODES if code in seen), TOTAL])
    index = (
        pd.MultiIndex.from_product(levels, names=names)
        if len(names) > 1
        else pd.Index(levels[0], name=names[0])
    )
    found = long.groupby(names, sort=True)[_NUMBER].sum()
    return found.reindex(index, fill_value=0).rename("count").astype("int64").reset_index()
