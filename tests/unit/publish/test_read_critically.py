"""What readers stumbled over on finished pages, each as a rule: names, rows, comparisons, links, labels."""

import re

import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from platform_utils.publish.compared import _draw_trend, show_change, show_series
from platform_utils.publish.opening import show_links
from platform_utils.publish.table import show_crossing, show_table
from platform_utils.publish.words import code_label
from platform_utils.spec.reports import Period


@pytest.fixture
def years(safe):
    """2022 and 2023, between which the base breaks; 2023 with a large case."""

    def of(year, total, direct, **more):
        roles = [("direct", direct), ("child", total - direct), ("total", total)]
        return {
            "headline": safe("headline", [((), total)], universe="all", year=year),
            "role": safe("role", roles, dimension="role", universe="all", year=year),
        } | more

    without = [("direct", 232), ("child", 51), ("total", 283)]
    large = {
        "headline_without_mass": safe("headline_without_mass", [((), 283)], universe="all_without_mass"),
        "role_without_mass": safe(
            "role_without_mass", without, dimension="role", universe="all_without_mass"
        ),
    }
    return {2022: of(2022, 194, 166), 2023: of(2023, 520, 469, **large)}


def test_each_column_of_the_long_series_has_a_name_of_its_own(years):
    heading, _, *rows = show_series(years, "demo", "sv")._repr_markdown_().splitlines()
    names = [name.strip() for name in heading.strip("| ").split("|")]
    assert len(set(names)) == len(names)
    (last,) = [row for row in rows if row.startswith("| 2023")]
    of = dict(zip(names, [cell.strip() for cell in last.strip("| ").split("|")], strict=True))
    assert ("520", "283") == (of["alla personer"], of["alla personer, utan stora ärenden"])


def test_no_change_is_computed_across_a_break_of_the_base(years):
    markdown = show_change(years, 2023, "demo", "en")._repr_markdown_()
    changes = {
        row.split("|")[1].strip(): row.split("|")[4].strip() for row in markdown.splitlines() if "194" in row
    }
    assert {"all persons": "–", "all persons, large cases left out": "–"} == changes


def test_a_crossing_keeps_each_answer_whose_number_is_shown(safe):
    form = safe("sex_sexual", [("woman", 90), ("man", 0), ("total", 90)], dimension="sex", universe="sexual")
    everybody = [("woman", 120), ("man", 40), ("unknown", 9), ("total", 169)]
    rows = show_crossing([form, safe("sex", everybody, dimension="sex")], "en")._repr_markdown_()
    assert ["woman or girl", "man or boy", "**total**"] == re.findall(
        r"^\| ([^|:]+?) \| \**\d", rows, re.MULTILINE
    )


@pytest.mark.parametrize(
    ("year", "name"),
    [(2015, "stöd och skydd"), (2021, "stöd och skydd"), (2022, "rehabilitering"), (2024, "rehabilitering")],
)
def test_an_intervention_has_the_name_of_its_years_rules(year, name):
    assert name == code_label("nsp_intervention", "support_protection", "sv", year)


def test_months_have_no_share(safe):
    cells = [("nord", 12), ("syd", 12), ("total", 24)]
    table = safe("nsp_months", cells, dimension="police_region", universe="nsp_coverage", unit="months")
    assert "Share" not in show_table(table, "en")._repr_markdown_()


@pytest.mark.parametrize(
    ("report", "period", "there", "not_there"),
    [
        ("annual", Period.of(2023), ("[English](annual-2023.en.html)", "annual-2023.sv.pdf", "annual_tables-2023.sv.xlsx"), ()),
        ("annual_tables", Period.of(2023), ("[Rapporten](annual-2023.sv.html)", "annual_tables-2023.en.html"), ("pdf",)),
        ("series", Period("series"), ("[English](series.en.html)", "series.sv.docx"), ()),
        ("activity_report", Period.of(2024), ("activity_report-2024.sv.pdf",), ("English",)),
    ],
)  # fmt: skip
def test_a_page_links_to_the_other_language_and_files_that_it_has(
    report, period, there, not_there, monkeypatch, demo_years
):
    monkeypatch.setenv("PLATFORM_UTILS_HOME", str(demo_years.root))
    shown = show_links(report, period, "sv")._repr_markdown_()
    assert all(one in shown for one in there)
    assert not [one for one in not_there if one in shown]


@pytest.mark.parametrize("ends", [(63, 27), (40, 38), (5, 4), (90, 2)])
@pytest.mark.parametrize("lang", ["sv", "en"])
def test_the_names_of_two_lines_lie_on_nothing_else(ends, lang):
    points = [
        (key, 0, year, end - (2024 - year))
        for key, end in zip(("sexual_share", "labour_share"), ends, strict=True)
        for year in range(2018, 2025)
        if end >= 2024 - year
    ]
    figure = Figure(figsize=(4.7, 1.5), layout="constrained")
    axes = figure.subplots()
    _draw_trend(axes, points, (), lang)
    canvas = FigureCanvasAgg(figure)
    canvas.draw()
    boxes = [
        (text.get_text(), text.get_window_extent())
        for text in axes.texts
        if not text.get_text()[:1].isdigit()
    ]
    (one, first), (other, second) = boxes
    assert one != other
    assert not first.overlaps(second)
    assert max(first.x1, second.x1) <= figure.bbox.x1
