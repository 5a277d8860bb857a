"""The tables of one year, counted: what the gate protects and the report then shows."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping

import pandas as pd

from platform_utils.count.rows import Declared, Rows, panel_of
from platform_utils.count.tally import count_table
from platform_utils.spec.clean import CleanYear
from platform_utils.spec.counts import TOTAL, CountTable, Universe, codes_in
from platform_utils.spec.plan import PlannedTable, load_plan


def annual_tables(
    years: Mapping[int, CleanYear], year: int, corrections: Iterable[Declared] = ()
) -> list[CountTable]:
    """Count every table of the plan for one year.

    Parameters
    ----------
    years : mapping of int to CleanYear
        The year itself, and the year before where it is at hand.
    corrections : iterable of Declared
        The corrections that the year's rows carry.

    Returns
    -------
    list of CountTable
        In the order of the plan. A table that the year did not ask has ``asked`` False; comparisons
        with the year before are left out if that year is not there, and what repeats a table without large
        cases where there are none.
    """
    plan, own = load_plan(), Rows(years[year], years.get(year - 1), tuple(corrections))
    tables = []
    for planned in plan.tables:
        if planned.measure.grain == "side" or (own.before is None and plan.compares(planned)):
            continue
        rows = own.a_year_earlier if planned.year_before else own
        has_large = rows.in_large_cases > 0
        if planned.whole and not has_large:
            continue
        table = count_table(plan.without_large(planned) if has_large else planned, plan, rows)
        if not table.asked or table.data["count"].iloc[-1] >= planned.at_least:  # the margin is last
            tables.append(table)
    return tables


def tables_of_sides(rows: Rows) -> list[CountTable]:
    """Count who came and who went since an edition by what did it; nothing if nobody has moved."""
    plan = load_plan()
    asked = [one for one in plan.tables if one.measure.grain == "side" and rows.sides]
    return [count_table(one, plan, rows) for one in asked]


def asked_tables(clean: CleanYear, asked: Iterable[PlannedTable]) -> list[CountTable]:
    """Count tables that somebody asks for beside the plan, in the order asked."""
    plan, rows = load_plan(), Rows(clean)
    return [count_table(planned, plan, rows) for planned in asked]


Kept = tuple[Universe, tuple[str, ...], tuple[str, ...]]
"""Universe, dimensions and codes of a cell."""


def must_show(tables: Iterable[CountTable], at_least: int) -> list[Kept]:
    """Return the cells that the plan keeps in sight.

    Parameters
    ----------
    at_least : int
        Fewest persons of a cell that may be asked for; a smaller one is the gate's to decide, a zero is not.
    """
    return _kept(tables, lambda planned: planned.must_show, at_least)


def said_first(tables: Iterable[CountTable], at_least: int) -> list[Kept]:
    """Return the cells that a table's first fact says, such as how many have reported; as `must_show`."""
    return _kept(tables, lambda planned: planned.facts[0].codes if planned.facts else (), at_least)


def _kept(
    tables: Iterable[CountTable], wanted: Callable[[PlannedTable], Collection[str]], at_least: int
) -> list[Kept]:
    planned = load_plan().by_key
    kept: list[Kept] = []
    for table in tables:
        large = table.data[table.data["count"].eq(0) | table.data["count"].ge(at_least)]
        codes = wanted(planned[table.name]) if table.name in planned else ()
        kept += [
            (table.universe, table.dimensions, cell)
            for cell in codes_in(large, table.dimensions)
            if (cell[0] if cell else TOTAL) in codes
        ]
    return kept


def persons_of(years: Mapping[int, CleanYear], year: int) -> pd.DataFrame:
    """Return the persons of a year with all that tables count them by, as far as the years beside it tell."""
    rows = Rows(years[year], years.get(year - 1)).persons
    if year - 1 not in years:
        rows = rows.drop(columns="panel")
    if year + 1 in years:
        rows = rows.assign(panel_next=panel_of(rows, years[year], years[year + 1]))
    return rows
