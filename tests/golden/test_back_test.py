"""Every published figure of the demo years comes out again: counted, protected, and read in the report."""

import csv
import shutil
import tomllib
from collections import Counter
from decimal import ROUND_HALF_EVEN, ROUND_HALF_UP, Decimal

import openpyxl
import pytest
from published_lines import (
    REFERENCE,
    TESTED,
    base_cell,
    counted_cells,
    judge,
    lines,
    lines_to_test,
    persons_in,
)
from report_page import Page, whole

from platform_utils import pipeline, returns
from platform_utils.analyse import load_plan
from platform_utils.paths import Workspace, resource
from platform_utils.publish.words import code_label, load_texts, say

YEARS = range(2018, 2025)
LINES = pytest.mark.parametrize("line", lines_to_test(), ids=lambda line: line["id"])
IN_REPORTS = [
    pytest.param(line, id=line["id"], marks=pytest.mark.xdist_group(f"report-{line['year'] % 2}"))
    for line in lines_to_test()
]


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


@LINES
def test_the_universe_is_that_of_the_table(line):
    planned = load_plan().table(line["table"])
    assert line["universe"] in (planned.population.name, "direct" if line["table"] == "role" else None)


# ------------------------------------------------------------------ counted


@LINES
@pytest.mark.xdist_group("demo")
def test_a_line_holds_after_corrections(demo_years, line):
    assert "" == judge(line, lambda year, table, row: cell_of(demo_years.counts(year)[table])(row))


@LINES
@pytest.mark.xdist_group("demo")
def test_before_corrections_a_line_is_short_by_exactly_the_held_rows(demo_years, line):
    for cell in {*counted_cells(line), base_cell(line)}:
        year, table, row = cell
        after = cell_of(demo_years.counts(year)[table])(row)
        before = cell_of(demo_years.counts(year, corrected=False)[table])(row)
        held = sum(persons_in(cell, fault["answers"]) for fault in held_rows(demo_years.before(), year))
        assert after - held == before


@pytest.mark.parametrize("year", YEARS)
@pytest.mark.xdist_group("demo")
def test_rows_are_held_in_every_year(demo_years, year):
    persons = sum(fault["persons"] for fault in held_rows(demo_years.before(), year))
    assert persons >= 3
    role = cell_of(demo_years.counts(year, corrected=False)["role"])
    assert cell_of(demo_years.counts(year)["role"])("total") - persons == role("total")


def held_rows(workspace, year):
    path = workspace.returns("demo", year) / "planted_faults.toml"
    faults = tomllib.loads(path.read_text(encoding="utf-8"))["fault"]
    return [fault for fault in faults if fault.get("held") and fault["persons"] and fault["grain"] == "case"]


# ------------------------------------------------------------------ protected


@LINES
@pytest.mark.xdist_group("demo")
def test_a_line_holds_in_what_the_gate_lets_out(demo_years, line):
    assert "" == judge(line, lambda year, table, row: cell_of(demo_years.safe(year)[table])(row))


# ------------------------------------------------------------------ as a reader finds it


def read_number(page, table, row, lang):
    """The number in a cell of the page, found by the label of its row and the heading of its column."""
    dimension = load_plan().table(table).dimensions[0]
    unit = "sek" if load_plan().table(table).measure == "sek" else "count"
    return page.number(id_of(table), code_label(dimension, row, lang), say("words", f"column_{unit}", lang))


def id_of(table):
    return f"tbl-{table.replace('_', '-')}"


@pytest.fixture(scope="module")
def page_of(demo_years):
    pages = {}

    def read(year, lang="sv"):
        if (year, lang) not in pages:
            pages[year, lang] = Page(demo_years.report(year, lang).read_text(encoding="utf-8"))
        return pages[year, lang]

    return read


@pytest.mark.parametrize("line", IN_REPORTS)
def test_a_line_holds_in_the_report(page_of, line):
    def count(year, table, row):
        if line["column"] == "rows":
            return page_of(year).number_in_sentence(load_texts("sentences")[line["fact"]]["sv"], line["fact"])
        return read_number(page_of(year), table, row, "sv")

    assert "" == judge(line, count)


@pytest.mark.parametrize("line", [one for one in IN_REPORTS if one.values[0]["column"] == "share"])
def test_the_share_beside_the_count_is_the_share_of_the_denominator(page_of, line):
    page = page_of(line["year"])
    dimension = load_plan().table(line["table"]).dimensions[0]
    shown = page.cell(
        id_of(line["table"]), code_label(dimension, line["row"], "sv"), say("words", "column_share", "sv")
    )
    number, base = (
        read_number(page, table, row, "sv") for _, table, row in (*counted_cells(line), base_cell(line))
    )
    share = 100 * Decimal(number) / Decimal(base)
    rounded = {int(share.quantize(Decimal(1), rule)) for rule in (ROUND_HALF_UP, ROUND_HALF_EVEN)}
    assert whole(shown.removesuffix("%")) in rounded


@pytest.mark.xdist_group("report-1")
def test_captions_name_what_the_tables_count(page_of):
    page = page_of(2023)
    assert "Personer efter roll, 2023." in page.captions["tbl-role"]
    assert all(
        "2023" in page.captions[id_of(line["table"])] for line in lines_to_test() if line["year"] == 2023
    )


@pytest.mark.xdist_group("report-0")
def test_182_is_never_printed_for_2018(page_of):
    cells = [cell for rows in page_of(2018).tables.values() for row in rows for cell in row[1:]]
    assert "122" in cells
    assert "182" not in cells


@pytest.mark.xdist_group("report-0")
def test_five_rows_less_in_a_return_are_five_less_in_the_report(demo_years, page_of, tmp_path):
    source, year = demo_years.made(), 2018
    workspace = Workspace(tmp_path)
    shutil.copytree(source.root / "reports", workspace.root / "reports")
    shutil.copy(source.root / "_quarto.yml", workspace.root)
    shutil.copytree(source.returns("demo", year), workspace.returns("demo", year))
    receipt = next(one for one in returns.load_receipts(source, "demo", year) if one.member_id == "M01")
    shorter = take_rows_out(
        source.returns("demo", year) / receipt.file, tmp_path / "shorter.xlsx", role="direkt utsatt"
    )
    returns.receive([shorter], workspace=workspace, source="demo", year=year, date="2019-06-01")

    pipeline.clean(year, "demo", workspace=workspace)
    pipeline.count_and_protect(year, "demo", workspace=workspace)
    pipeline.execute_report("annual", year, "demo", "sv", workspace=workspace)
    (path,) = pipeline.render_report("annual", year, "demo", "sv", ["html"], "embedded", workspace=workspace)

    before, after = page_of(year), Page(path.read_text(encoding="utf-8"))
    for row in ("direct", "total"):
        assert read_number(before, "role", row, "sv") - 5 == read_number(after, "role", row, "sv")


def take_rows_out(path, target, *, role, number=5):
    book = openpyxl.load_workbook(path)
    sheet = book["Personer"]
    head = next(row for row in range(1, 10) if sheet.cell(row, 1).value == "Personkod")
    headings = {sheet.cell(head, column).value: column for column in range(1, sheet.max_column + 1)}
    fitting = [
        row
        for row in range(head + 1, sheet.max_row + 1)
        if sheet.cell(row, headings["Roll"]).value == role
        and sheet.cell(row, headings["Insats inom NSP"]).value == "nej"
    ]
    for row in reversed(fitting[:number]):
        sheet.delete_rows(row)
    book.save(target)
    return target


def test_the_lines_stand_in_the_package():
    assert resource("back_test.toml").is_file()
