"""Every published figure of the demo years comes out again: counted, before and after corrections, and protected."""

import csv
from collections import Counter

import pytest
from published_lines import (
    REFERENCE,
    TESTED,
    base_cell,
    counted_cells,
    held_rows,
    hidden_lines,
    judge,
    lines,
    lines_to_test,
    persons_in,
    released_lines,
)

from platform_utils.paths import Workspace
from platform_utils.spec.plan import load_plan

YEARS = range(2018, 2025)
LINES = pytest.mark.parametrize("line", lines_to_test(), ids=lambda line: line["id"])
RELEASED = pytest.mark.parametrize("line", released_lines(), ids=lambda line: line["id"])
HIDDEN = pytest.mark.parametrize("line", hidden_lines(), ids=lambda line: line["id"])


def cell_of(table):
    """A function that gives the count in a row of a table; ``any`` counts the rows that are not empty."""

    def count(row):
        data = table.data
        if row == "any":
            codes = data.loc[data[table.dimensions[0]] != "total", "count"]
            return int((codes > 0).sum())
        here = data[data[table.dimensions[0]] == row]
        assert len(here) == 1, f"{table.name} has no row {row}"
        number = here["count"].iloc[0]
        assert number == number, f"{table.name} {row} is hidden"  # noqa: PLR0124 - NA is not equal to itself
        return int(number)

    return count


# ------------------------------------------------------------------ the list itself


def test_every_published_row_of_those_years_has_a_line(demo_years):
    path = Workspace(demo_years.root).published / "published_figures.csv"
    if not path.exists():
        pytest.skip("the published figures are not in this checkout; the lines are tested without them")
    with path.open(encoding="utf-8", newline="") as file:
        rows = [row for row in csv.DictReader(file) if concerns_the_demo(row)]
    named = Counter(tuple(str(line[key]) for key in REFERENCE) for line in lines())
    published = Counter(tuple(row[key] for key in REFERENCE) for row in rows)
    assert max(published.values()) == 1
    assert set(published) - set(named) == set()
    assert {reference for reference in named if reference[0] != "membership"} - set(published) == set()


def concerns_the_demo(row):
    if row["series"] == "membership":
        return row["year"] == "2024"
    return row["series"] in ("member_statistics", "nsp") and any(str(year) in row["year"] for year in YEARS)


def test_every_line_says_what_it_needs():
    kinds = (*TESTED, "contradicted", "excluded")
    assert len(lines()) == len({line["id"] for line in lines()})
    for line in lines():
        assert line["kind"] in kinds
        assert line["printed"]
        if line["kind"] not in TESTED:
            assert line["reason"]
            continue
        assert {"universe", "table", "row", "column"} <= set(line), line["id"]
        if line["kind"] == "words":
            assert line["low"] <= line["high"]
            assert line["because"]
        if line["column"] in ("share", "change", "times", "ratio"):
            assert line["denominator"], line["id"]


def test_four_lines_are_hidden_by_a_rule():
    assert {"hidden by rule B": 4} == Counter(line["released"] for line in lines() if "released" in line)


@LINES
def test_the_universe_is_that_of_the_table(line):
    planned = load_plan().by_key[line["table"]]
    assert line["universe"] in (planned.population.name, "direct" if line["table"] == "role" else None)


# ------------------------------------------------------------------ counted


@LINES
def test_a_line_holds_after_corrections(demo_years, line):
    assert "" == judge(line, lambda year, table, row: cell_of(demo_years.counts(year)[table])(row))


@LINES
def test_before_corrections_a_line_is_short_by_exactly_the_held_rows(demo_years, line):
    for cell in {*counted_cells(line), base_cell(line)}:
        year, table, row = cell
        after = cell_of(demo_years.counts(year)[table])(row)
        before = cell_of(demo_years.counts(year, corrected=False)[table])(row)
        held = sum(persons_in(cell, fault["answers"]) for fault in held_rows(demo_years.before(), year))
        assert after - held == before


@pytest.mark.parametrize("year", YEARS)
def test_rows_are_held_in_every_year(demo_years, year):
    persons = sum(fault["persons"] for fault in held_rows(demo_years.before(), year))
    assert persons >= 1
    role = cell_of(demo_years.counts(year, corrected=False)["role"])
    assert cell_of(demo_years.counts(year)["role"])("total") - persons == role("total")


# ------------------------------------------------------------------ protected


@RELEASED
def test_a_line_holds_in_what_the_gate_lets_out(demo_years, line):
    assert "" == judge(line, lambda year, table, row: cell_of(demo_years.safe(year)[table])(row))


@HIDDEN
def test_a_line_that_a_rule_hides_is_hidden_in_a_table_of_that_class(demo_years, line):
    for year, name, row in counted_cells(line):
        table = demo_years.safe(year)[name]
        assert table.rule.startswith(line["released"].removeprefix("hidden by rule "))
        assert table.counts[table.cells.index((row,))] is None
