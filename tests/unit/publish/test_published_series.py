"""The published series: every figure with its source, no line across a change of base, texts complete."""

import base64
import csv
import io
import re
from pathlib import Path

import pandas as pd
import pytest

from platform_utils import protect, publish
from platform_utils.errors import ContractError, DisclosureError, FileError, UsageError
from platform_utils.paths import Workspace
from platform_utils.publish.figure import line_numbers
from platform_utils.publish.published import (
    PublishedFigure,
    Source,
    panels,
    pick,
    plan,
    published_figures,
    texts,
)
from platform_utils.publish.series import Series

ROOT = Path(__file__).parents[3]
FILE = ROOT / "data_raw" / "published" / "published_figures.csv"
WHERE = "https://manniskohandel.se/"


@pytest.fixture(scope="module")
def rows():
    with FILE.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@pytest.fixture(scope="module")
def tables(rows):
    frame = pd.DataFrame(rows)
    return protect.as_published(
        frame.assign(source_url=frame["source_url"].where(frame["source_url"] != "", WHERE))
    )


@pytest.fixture(scope="module")
def figures(tables):
    return published_figures(tables)


@pytest.fixture(scope="module", params=["sv", "en"])
def series(request, figures):
    return Series(figures, lang=request.param, fonts=ROOT / "_extensions" / "platform" / "fonts")


def figure(value, unit, year="2020", series="nsp"):
    return PublishedFigure(series, year, "total funding", "SEK", value, unit, (Source("x", "", "seed"),))


def test_the_file_has_no_quotations_and_every_row_its_source(rows):
    assert [
        "series",
        "year",
        "measure",
        "category",
        "value",
        "unit",
        "source",
        "source_url",
        "confidence",
    ] == list(rows[0])
    assert len(rows) == 379
    assert all(row["source"] and row["confidence"] in texts()["confidence"] for row in rows)


def test_every_text_of_the_file_has_its_swedish_and_none_is_left_over(rows):
    for name in ("measure", "category"):
        assert {row[name] for row in rows} == set(texts()[name])
        assert all(texts()[name].values())
    assert {row["series"] for row in rows} == set(texts()["series"])
    sources = {row["source"]: row["confidence"] for row in rows}
    assert sources == {name: entry["confidence"] for name, entry in texts()["source"].items()}
    on_web = {row["source"] for row in rows if row["source_url"]}
    assert on_web == {name for name, entry in texts()["source"].items() if entry.get("on_web", True)}


def test_every_row_stands_in_the_figures_once(rows, figures):
    keys = {
        tuple(row[name] for name in ("series", "year", "measure", "category", "value", "unit"))
        for row in rows
    }
    found = [(f.series, f.year, f.measure, f.category, f.value, f.unit) for f in figures]
    assert sorted(keys) == sorted(found)
    pairs = {
        (tuple(row[n] for n in ("series", "year", "measure", "category", "value", "unit")), row["source"])
        for row in rows
    }
    assert len(pairs) == sum(len(f.sources) for f in figures)


@pytest.mark.parametrize(
    ("value", "unit", "swedish", "english"),
    [
        ("2544827", "SEK", "2\xa0544\xa0827\xa0kronor", "2,544,827\xa0SEK"),
        ("about 2530000", "SEK", "ungefär 2\xa0530\xa0000\xa0kronor", "about 2,530,000\xa0SEK"),
        ("17.2", "percent", "17,2\xa0%", "17.2%"),
        ("over 50", "percent", "över 50\xa0%", "over 50%"),
        ("about 7", "of 10", "ungefär 7 av 10", "about 7 of 10"),
        ("8-10", "children", "8–10\xa0barn", "8–10\xa0children"),
        ("1", "members", "1\xa0medlem", "1\xa0member"),
        ("more than 237", "persons", "mer än 237\xa0personer", "more than 237\xa0persons"),
        ("majority", "qualitative", "en majoritet", "majority"),
        ("about half", "qualitative", "ungefär hälften", "about half"),
        ("2019-01-01", "date", "1 januari 2019", "1 January 2019"),
        ("2024-08", "month", "augusti 2024", "August 2024"),
        ("2015-2018", "years", "2015–2018", "2015–2018"),
        ("4", "times", "4\xa0gånger", "4\xa0times"),
    ],
)
def test_a_figure_is_shown_as_printed(value, unit, swedish, english):
    assert (swedish, english) == (figure(value, unit).text("sv"), figure(value, unit).text("en"))


def test_every_figure_can_be_shown_in_both_languages(figures):
    for one in figures:
        for lang in ("sv", "en"):
            assert one.text(lang) and one.label(lang) and one.base(lang) and one.period(lang)
            assert all(source.title(lang) for source in one.sources)


def test_single_persons_of_2010_to_2014_are_not_repeated(figures, series):
    hidden = [f for f in figures if f.is_hidden]
    assert [("2010-2014", "1"), ("2010-2014", "1")] == [(f.year, f.value) for f in hidden]
    assert {"..\u2060"} == {f.text("sv") for f in hidden}
    assert {None} == {f.number for f in hidden}
    told = [row for row in data(series.everything) if row[3] == "2010–2014" and row[4].startswith("..")]
    assert [("..", "")] * 2 == [(row[4], row[5]) for row in told]


def data(shown):
    """Return the rows of the CSV that a page carries, its heading left out."""
    text = re.search(r"base64,([\w+/=]+)\)\{download=", shown._repr_markdown_())[1]
    return list(csv.reader(io.StringIO(base64.b64decode(text).decode())))[1:]


def lines(panel):
    """Return the years of each line that joins points."""
    points = panel.joined
    years = points["year"].astype(str).groupby(line_numbers(points)).agg(list)
    return [line for line in years if len(line) > 1]


def test_points_are_joined_within_one_base_and_from_year_to_year_only(figures):
    joined = {panel.key: lines(panel) for panel in panels(figures)}
    assert {
        "direct": [["2018", "2019", "2020", "2021", "2022"]],
        "all": [["2019", "2020"]],
        "coordinators": [["2018", "2019"]],
        "migration": [["2012", "2013", "2014", "2015", "2016"], ["2019", "2020"], ["2021", "2022", "2023"]],
        "offences": [],
        "offences_sexual": [["2014", "2015"], ["2018", "2019", "2020"]],
    } == joined


def test_each_change_of_base_is_marked(figures):
    breaks = {panel.key: panel.breaks for panel in panels(figures)}
    assert {
        "direct": [],
        "all": [2022.5],
        "coordinators": [2016.5, 2017.5, 2020.5, 2021.5],
        "migration": [2016.5, 2017.5, 2020.5, 2023.5],
        "offences": [2017.5],
        "offences_sexual": [2017.5],
    } == breaks


def test_two_numbers_for_one_year_both_stay(figures):
    found = pick(figures, "migration_agency", 2018, "suspected trafficking cases", "total")
    assert ["384", "382"] == [f.value for f in found]


def test_the_tip_report_stands_beside_the_platform(figures):
    panel = next(one for one in panels(figures) if one.key == "direct")
    others = [[(f.year, f.value) for f in one.figures] for one in panel.segments if one.is_other]
    assert [[("2016", "47"), ("2017", "30"), ("2019", "162"), ("2020", "131")]] == others


def test_a_figure_that_the_plan_names_and_the_file_lacks_is_an_error(figures):
    with pytest.raises(ContractError) as caught:
        pick(figures, "nsp", 2020, "no such measure", "SEK")
    assert caught.value.code == "E-662"


def test_our_arithmetic_says_what_agrees(series):
    told = [line.split("  ") for line in str(series.checks).splitlines()[2:]]
    agrees = {"ja": True, "yes": True, "nej": False, "no": False, "–": None}
    assert len(plan()["check"]) == len(told)
    assert [*[True] * 10, False, None, None] == [agrees[line[-1]] for line in told]
    assert told[0][1] == "140 + 28 + 5 + 4 = 177"
    assert re.search(r"\+81\xa0?%$", told[10][1])
    # a base that changes is not computed across, whoever printed a comparison
    assert re.search(r"= 283; (basen ändras|the base changes)", told[11][1])


def test_contradictions_stand_side_by_side_with_their_sources(series):
    told = str(series.contradictions)
    assert len(plan()["contradiction"]) == len(told.splitlines()) - 2
    assert re.search(r"384\xa0\w+ \[\d+\]; 382\xa0\w+ \[\d+\]", told)


def test_every_figure_stands_in_the_data_with_all_its_sources(figures, series):
    rows = data(series.everything)
    assert sum(len(one.sources) for one in figures) == len(rows)
    assert ["2544827"] == [
        row[5] for row in rows if row[4].replace("\xa0", "").startswith(("2544827", "2,544"))
    ]


def test_a_chart_has_its_numbers_as_text_and_as_data_and_the_same_bytes_each_time(series):
    shown = series.figure("migration")
    assert shown._repr_markdown_() == series.figure("migration")._repr_markdown_()
    assert "684" in re.search(r'fig-alt="(.*?)"', shown._repr_markdown_())[1]
    table = str(series.table("migration")).splitlines()[2:]
    assert sorted(row[3] for row in data(shown)) == sorted(line.split("  ")[0] for line in table)


def test_the_documents_show_each_panel_and_number_of_the_plan(series):
    text = (ROOT / "reports" / series._lang / "series.qmd").read_text(encoding="utf-8")
    panels_shown = set(re.findall(r'series\.table\("(\w+)"\)', text))
    assert {entry["key"] for entry in plan()["panel"]} == panels_shown
    assert set(plan()["fact"]) <= set(re.findall(r'series\.number\("(\w+)"\)', text))
    told = {str(series.number(key)): key for key in plan()["fact"]}
    assert {"237": "berry_pickers", "0": "prosecutions", "68": "nsp_2023"}.items() <= told.items()
    assert "166" == str(series.number("direct", 2022))


def test_only_sources_of_what_is_shown_are_listed_each_once(figures, series):
    listed = re.findall(r"^(\d+)\. (.*)$", series.sources._repr_markdown_(), re.MULTILINE)
    assert [str(number) for number in range(1, len(listed) + 1)] == [number for number, _ in listed]
    assert len({text for _, text in listed}) == len(listed) < int(str(series.source_count))


def test_only_what_the_gate_has_admitted_is_shown(tmp_path, tables, rows):
    with pytest.raises(DisclosureError) as refused:
        published_figures([pd.DataFrame(rows)])
    assert refused.value.code == "E-650"
    (tmp_path / "_quarto.yml").touch()
    workspace = Workspace(tmp_path)
    with pytest.raises(FileError) as missing:
        publish.load_series(lang="sv", workspace=workspace)
    assert missing.value.code == "E-660"
    for table in tables:
        table.write(workspace.published_tables / f"{table.name}.parquet")
    assert "373" == str(publish.load_series(lang="en", workspace=workspace).count)
    with pytest.raises(UsageError) as unknown:
        publish.load_series(lang="fi", workspace=workspace)
    assert unknown.value.code == "E-001"


def test_what_the_document_asks_for_must_exist(series):
    calls = (series.table, series.figure, series.number, lambda key: series.number("direct", 1999))
    for call in calls:
        with pytest.raises(UsageError) as caught:
            call("no_such")
        assert caught.value.code == "E-652"
