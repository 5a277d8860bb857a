"""All tables of one year, counted: what the gate protects and the report then shows."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Protocol

import pandas as pd

from platform_utils.count.population import is_defined, members_in, persons, select, with_behind
from platform_utils.count.tally import codes_of, count_rows, empty_table, tally
from platform_utils.spec import codebook
from platform_utils.spec.clean import CleanYear
from platform_utils.spec.counts import NOT_ASKED, TOTAL, CountTable, Universe
from platform_utils.spec.plan import PlannedTable, TablePlan, load_plan
from platform_utils.spec.sources import row_unit

__all__ = ["Declared", "annual_tables"]


class Declared(Protocol):
    """A declared correction, as far as it is counted."""

    @property
    def action(self) -> str:
        """``"set"``, ``"alias"``, ``"accept"`` or ``"drop"``."""


def annual_tables(
    years: Mapping[int, CleanYear], year: int, corrections: Iterable[Declared] = ()
) -> list[CountTable]:
    """Count every table of the plan for one year.

    Parameters
    ----------
    years : mapping of int to CleanYear
        The year itself, and the year before where it is at hand.
    year : int
        Support year.
    corrections : iterable of Declared
        The corrections that the year's rows carry.

    Returns
    -------
    list of CountTable
        In the order of the plan. A table that the year did not ask has ``asked`` False; comparisons
        with the year before are left out if that year is not there.
    """
    plan = load_plan()
    clean, before = years[year], years.get(year - 1)
    panel = members_in(clean) & members_in(before) if before is not None else frozenset()
    rows = with_behind(persons(clean, panel))
    earlier = persons(before, panel).rename(columns={"panel": "panel_next"}) if before is not None else None
    tables = []
    for planned in plan.tables:
        if {"panel", "panel_next", "panel_member"} & set(planned.dimensions) and before is None:
            continue
        if planned.year_before and before is not None and earlier is not None:
            tables.append(_count(planned, plan, before, earlier))
        elif "panel_member" in planned.dimensions and before is not None:
            tables.append(_panel_members(planned, plan, clean, before))
        elif planned.measure == "corrections":
            tables.append(_corrections(planned, plan, clean, corrections))
        else:
            tables.append(_count(planned, plan, clean, rows))
    return tables


def _count(planned: PlannedTable, plan: TablePlan, clean: CleanYear, rows: pd.DataFrame) -> CountTable:
    unit = "sek" if planned.measure == "sek" else planned.population.unit
    if unit == "persons":
        unit = row_unit(clean.source)
    universe = Universe(planned.population.name, clean.year, clean.source, unit)
    if not is_defined(rows, planned.population):
        return empty_table(planned, universe)
    match planned.measure:
        case "person_count":
            return count_rows(planned, plan, select(rows, planned.population), universe)
        case "children":
            return _children(planned, plan, select(rows, planned.population), universe)
        case "members":
            return _members(planned, plan, clean, universe)
        case "rows":
            return _rows(planned, plan, clean, universe)
        case _:
            return _programme(planned, plan, clean, universe)


def _children(planned: PlannedTable, plan: TablePlan, rows: pd.DataFrame, universe: Universe) -> CountTable:
    if len(rows) and "children_count_status" in rows and rows["children_count_status"].eq(NOT_ASKED).all():
        return empty_table(planned, universe)
    places = {code: f"children_{code}" for code in plan.computed["children_location"]}
    numbers = rows[["children_count", *places.values()]].astype("Int64").fillna(0).astype("int64")
    known = numbers[list(places.values())].sum(axis=1)
    number = numbers["children_count"].clip(lower=known)
    parts = [(code, numbers[column]) for code, column in places.items()]
    parts += [("unknown", number - known), (TOTAL, number)]
    long = pd.concat(
        [rows[["member_id"]].assign(children_location=code, number=values) for code, values in parts]
    )
    long = long[(long["number"] > 0) | (long["children_location"] == TOTAL)]
    return tally(planned, universe, long, [codes_of("children_location", plan, universe.year)], "number")


def _programme(planned: PlannedTable, plan: TablePlan, clean: CleanYear, universe: Universe) -> CountTable:
    if not len(clean.programme) and clean.case["nsp"].eq(NOT_ASKED).all():
        return empty_table(planned, universe)
    dimension = planned.dimensions[0]
    rows = with_behind(clean.programme).assign(number=1)
    if planned.measure == "beneficiaries":
        rows = rows.drop_duplicates(["member_id", "person_code", dimension])
    if planned.measure == "sek":
        rows = rows.assign(number=rows["amount_sek"].astype("Int64").fillna(0).astype("int64"))
    long = pd.concat([rows, rows.assign(**{dimension: TOTAL})])[["member_id", dimension, "number"]]
    return tally(planned, universe, long, [codes_of(dimension, plan, universe.year)], "number")


def _members(planned: PlannedTable, plan: TablePlan, clean: CleanYear, universe: Universe) -> CountTable:
    members = clean.member_year
    (dimension,) = planned.dimensions
    if universe.name == "certified_members":
        members = members[members["certified"].eq("yes")]
        regions = {code.code: code.parent_in(clean.year) for code in codebook.load().lists["county"]}
        codes = members["member_county"].map(lambda code: regions.get(code, code))
    elif dimension == "return_form":
        codes = pd.Series("persons", index=members.index, dtype="str")
        codes = codes.mask(members["is_totals_only"].astype(bool), "totals_only")
        codes = codes.mask(~members["has_returned"].astype(bool), "not_returned")
    else:
        codes = members[dimension]
    rows = pd.DataFrame({"member_id": members["member_id"], dimension: codes, "number": 1})
    long = pd.concat([rows, rows.assign(**{dimension: TOTAL})])
    return tally(planned, universe, long, [codes_of(dimension, plan, universe.year)], "number")


def _panel_members(planned: PlannedTable, plan: TablePlan, clean: CleanYear, before: CleanYear) -> CountTable:
    universe = Universe(planned.population.name, clean.year, clean.source, planned.population.unit)
    now, then = members_in(clean), members_in(before)
    told = [("both", now & then), ("only_now", now - then), ("only_before", then - now)]
    return _listed(planned, plan, universe, [(one, code, 1) for code, group in told for one in sorted(group)])


def _rows(planned: PlannedTable, plan: TablePlan, clean: CleanYear, universe: Universe) -> CountTable:
    told = [(entry.file, entry.reason, entry.rows) for entry in clean.ledger if entry.grain == "case"]
    return _listed(planned, plan, universe, told)


def _corrections(
    planned: PlannedTable, plan: TablePlan, clean: CleanYear, corrections: Iterable[Declared]
) -> CountTable:
    universe = Universe(planned.population.name, clean.year, clean.source, planned.population.unit)
    return _listed(planned, plan, universe, [("", one.action, 1) for one in corrections])


def _listed(
    planned: PlannedTable, plan: TablePlan, universe: Universe, told: list[tuple[str, str, int]]
) -> CountTable:
    (dimension,) = planned.dimensions
    listed = [(behind, code, number) for behind, named, number in told for code in (named, TOTAL)]
    long = pd.DataFrame(listed or [("", TOTAL, 0)], columns=["member_id", dimension, "number"])
    return tally(planned, universe, long, [codes_of(dimension, plan, universe.year)], "number")
