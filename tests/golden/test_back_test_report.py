"""Every published figure of the demo years stands in the rendered table annex, where a reader looks for it."""

import shutil
from decimal import ROUND_HALF_EVEN, ROUND_HALF_UP, Decimal

import pytest
from published_lines import (
    base_cell,
    counted_cells,
    held_rows,
    hidden_lines,
    judge,
    lines_to_test,
    persons_in,
    released_lines,
)
from report_page import Page, whole

from platform_utils import form, pipeline, returns
from platform_utils.messages import say, texts
from platform_utils.paths import Workspace
from platform_utils.publish.words import code_label
from platform_utils.spec.plan import load_plan
from platform_utils.spec.reports import Period
from platform_utils.spec.returns import PROVENANCE
from platform_utils.spec.safe import HIDDEN as DOTS
from platform_utils.workflow.actions import execute_report, render_report

RELEASED = pytest.mark.parametrize("line", released_lines(), ids=lambda line: line["id"])
HIDDEN = pytest.mark.parametrize("line", hidden_lines(), ids=lambda line: line["id"])
SHARES = [line for line in released_lines() if line["column"] == "share"]


def read_cell(page, table, row, lang):
    """The text of a cell of the page, found by the label of its row and the heading of its column."""
    entry = load_plan().by_key[table]
    unit = entry.measure.unit
    heading = (
        say("words", "column_count", lang)
        if unit in ("persons", "members")
        else load_plan().units[unit].label(lang)
    )
    return page.cell(
        id_of(table), code_label(entry.dimensions[0], row, lang), heading[:1].upper() + heading[1:]
    )


def read_number(page, table, row, lang):
    """The whole number in such a cell; a hidden one is no number."""
    return whole(read_cell(page, table, row, lang))


def id_of(table):
    return f"tbl-{table.replace('_', '-')}"


@pytest.fixture(scope="module")
def page_of(demo_years):
    pages = {}

    def read(year, *, corrected=True, name="annual_tables"):
        key = (year, corrected, name)
        if key not in pages:
            path = demo_years.report(year, "sv", corrected=corrected, name=name)
            pages[key] = Page(path.read_text(encoding="utf-8"))
        return pages[key]

    return read


@RELEASED
def test_a_line_holds_in_the_report(page_of, line):
    def count(year, table, row):
        if line["column"] == "rows":
            return page_of(year, name="annual").number_in_sentence(
                texts("sentences")[line["fact"]]["sv"], line["fact"]
            )
        return read_number(page_of(year), table, row, "sv")

    assert "" == judge(line, count)


@HIDDEN
def test_a_line_that_a_rule_hides_has_dots_in_the_report_or_no_table(page_of, line):
    for year, table, row in counted_cells(line):
        page = page_of(year)
        if id_of(table) in page.tables:  # else nothing but its total is left to show
            assert read_cell(page, table, row, "sv") == DOTS


@pytest.mark.parametrize(
    "line", [line for line in released_lines() if line["year"] == 2018], ids=lambda line: line["id"]
)
def test_before_corrections_the_report_is_short_by_exactly_the_held_rows(demo_years, page_of, line):
    held = held_rows(demo_years.before(), 2018)
    assert 6 == len(held)
    for cell in (*counted_cells(line), base_cell(line)):
        before, after = (
            read_number(page_of(2018, corrected=corrected), *cell[1:], "sv") for corrected in (False, True)
        )
        assert after - sum(persons_in(cell, fault["answers"]) for fault in held) == before


@pytest.mark.parametrize("line", SHARES, ids=lambda line: line["id"])
def test_the_share_beside_the_count_is_the_share_of_the_denominator(page_of, line):
    page = page_of(line["year"])
    dimension = load_plan().by_key[line["table"]].dimensions[0]
    shown = page.cell(
        id_of(line["table"]), code_label(dimension, line["row"], "sv"), say("words", "column_share", "sv")
    )
    number, base = (
        read_number(page, table, row, "sv") for _, table, row in (*counted_cells(line), base_cell(line))
    )
    share = 100 * Decimal(number) / Decimal(base)
    rounded = {int(share.quantize(Decimal(1), rule)) for rule in (ROUND_HALF_UP, ROUND_HALF_EVEN)}
    assert whole(shown.removesuffix("%")) in rounded


def test_captions_name_what_the_tables_count(page_of):
    page = page_of(2023)
    assert "Personer efter roll, 2023." in page.captions["tbl-role"]
    assert all(
        "2023" in page.captions[id_of(line["table"])] for line in lines_to_test() if line["year"] == 2023
    )


def test_182_is_never_printed_for_2018(page_of):
    cells = [cell for rows in page_of(2018).tables.values() for row in rows for cell in row[1:]]
    assert "122" in cells
    assert "182" not in cells


@pytest.mark.parametrize(
    ("row", "before", "now"),
    [
        ("personer som omfattades", "68", "63"),
        ("barn i hemlandet", "5", "7"),
        ("polisregioner med certifierad aktör", "4", "5"),
        ("kronor fördelade", "2 215 600", "2 544 827"),
    ],
)
def test_the_programme_report_has_the_year_and_the_year_before_to_the_digit(page_of, row, before, now):
    page = page_of(2024, name="nsp")
    assert [before, now] == [page.cell("tbl-before", row, year) for year in ("2023", "2024")]


@pytest.mark.parametrize(
    ("year", "base", "number"),
    [
        (2020, "stödsökande", "1 av 10"),
        (2024, "barn", "7 personer"),
        (2024, "Region Nord", "2 boenden"),
        (2024, "av 7 polisregioner", "5 regioner"),
    ],
)
def test_what_members_do_not_hand_in_stands_in_the_programme_report_as_printed(page_of, year, base, number):
    rows = page_of(year, name="nsp").tables["tbl-printed"]
    assert [number] == [row[2] for row in rows if row[1] == base]


def test_five_rows_less_in_a_return_are_five_less_in_the_report(demo_years, page_of, tmp_path):
    source, year = demo_years.made(), 2018
    workspace = Workspace(tmp_path)
    demo_years.furnish(workspace)
    shutil.copytree(source.returns("demo", year), workspace.returns("demo", year))
    sent = next(
        one for one in returns.read_year(source, "demo", year) if one.member_id == "M01" and one.tables
    )
    shorter = take_rows_out(sent, tmp_path / "shorter.xlsx", role="direkt utsatt")
    returns.receive([shorter], workspace=workspace, source="demo", year=year, date="2019-06-01")

    pipeline.clean(year, "demo", workspace=workspace)
    pipeline.count_and_protect(year, "demo", workspace=workspace)
    execute_report("annual_tables", Period.of(year), "demo", "sv", workspace=workspace)
    render_report("annual_tables", Period.of(year), "demo", "sv", ["html"], "embedded", workspace=workspace)
    path = workspace.drafts("demo", year) / f"annual_tables-{year}.sv.html"

    before, after = page_of(year), Page(path.read_text(encoding="utf-8"))
    for row in ("direct", "total"):
        assert read_number(before, "role", row, "sv") - 5 == read_number(after, "role", row, "sv")


def take_rows_out(raw, target, *, role, number=5):
    """Write a return again as the form, without some rows that no other sheet hangs on."""
    tables = {grain: table.drop(columns=list(PROVENANCE)) for grain, table in raw.tables.items()}
    case = tables["case"]
    others = [
        table["person_code"] for grain, table in tables.items() if grain != "case" and "person_code" in table
    ]
    elsewhere = case["person_code"].isin([code for codes in others for code in codes])
    fitting = case.index[(case["role"] == role) & (case["nsp"] == "nej") & ~elsewhere]
    tables["case"] = case.drop(index=fitting[:number])
    form.write_template(target, raw.year, "sv", member_id=raw.member_id, tables=tables)
    return target
