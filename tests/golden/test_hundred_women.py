"""Every printed figure of the hundred women stands on the rendered page, found by its label; what does not fit is named."""

import csv
import shutil

import pytest
from report_page import Page

from platform_utils import pipeline
from platform_utils.messages import say
from platform_utils.paths import Workspace
from platform_utils.publish.published import PublishedFigure, texts
from platform_utils.spec.reports import Period
from platform_utils.workflow.actions import execute_report, render_report

YEAR = 2018


@pytest.fixture(scope="module")
def workspace(demo_years, tmp_path_factory):
    """A workspace with the tables of one year and what others have published, as the gate let them out."""
    demo_years.safe(YEAR)
    place = Workspace(tmp_path_factory.mktemp("hundred"))
    demo_years.furnish(place)
    pipeline.admit_published(workspace=place)
    shutil.copytree(demo_years.made().controlled("demo", YEAR), place.controlled("demo", YEAR))
    return place


@pytest.fixture(scope="module", params=["sv", "en"])
def page(request, workspace):
    what = ("hundred_women", Period.of(YEAR), "demo", request.param)
    execute_report(*what, workspace=workspace)
    render_report(*what, ["html"], "embedded", workspace=workspace)
    path = workspace.drafts("demo", YEAR) / f"hundred_women-{YEAR}.{request.param}.html"
    return request.param, Page(path.read_text(encoding="utf-8"))


def plain(text):
    return " ".join(text.split())


def test_every_printed_figure_stands_beside_its_label_and_base(page, demo_years):
    lang, read = page
    file = demo_years.root / "data_raw" / "published" / "published_figures.csv"
    with file.open(encoding="utf-8", newline="") as opened:
        rows = [row for row in csv.DictReader(opened) if row["series"] == "hundred_women"]
    assert 17 == len(rows)
    words = ("series", "year", "measure", "category", "value", "unit")
    lines = [[cell for at, cell in enumerate(line) if at < 4] for line in read.tables["tbl-hundred-women"]]
    for row in rows:
        one = PublishedFigure(*(row[name] for name in words), ())
        base = "" if one.category in ("date", "days", "month", "year", "years", "SEK") else one.base(lang)
        assert [one.label(lang), base, one.period(lang), plain(one.text(lang))] in lines


def test_what_does_not_fit_is_named_and_the_parts_add_up(page):
    lang, read = page
    said = {line[0]: line[1] for line in read.tables["tbl-contradictions"][1:]}
    (fourteen,) = [told for label, told in said.items() if "14 av 80" in label or "14 of 80" in label]
    assert all(number in fourteen for number in ("14 ", "80 ", "100 "))
    assert any("40" in told and "15" in told for told in said.values())
    assert "45 + 55 = 100" == read.tables["tbl-checks"][1][1]
    assert say("series", "yes", lang) == read.tables["tbl-checks"][1][3]


def test_our_year_stands_beside_with_its_base(page, demo_years):
    lang, read = page
    label = texts()["measure"]["sexual exploitation"] if lang == "sv" else "sexual exploitation"
    direct = demo_years.safe(YEAR)["form"]
    number, base = direct.count(form="sexual"), direct.count()
    told = read.cell("tbl-asked-again", label, str(YEAR))
    assert told.endswith(f"{number} {'av' if lang == 'sv' else 'of'} {base}")
    assert told.split(",")[0] == read.cell("tbl-over-the-years", label, str(YEAR))
