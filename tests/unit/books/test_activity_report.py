"""The year's books: accounts that add up or name the line, and the activity report with every printed figure in it."""

import csv
import json
import re
import shutil
import tomllib
from pathlib import Path

import pytest

from platform_utils import pipeline
from platform_utils.books import store_year
from platform_utils.demo.make import make_returns
from platform_utils.errors import PlatformError
from platform_utils.paths import Workspace, resource
from platform_utils.publish.published import PublishedFigure, texts
from platform_utils.spec.reports import Period
from platform_utils.workflow.actions import execute_report, render_report, store_books

ROOT = Path(__file__).parents[3]
PRINTED = ROOT / "data_raw" / "published"


@pytest.fixture(scope="module")
def shared(tmp_path_factory):
    """A workspace with invented books and what has been published."""
    place = Workspace(tmp_path_factory.mktemp("books"))
    for name in ("_extensions", "reports"):
        shutil.copytree(ROOT / name, place.root / name)
    for path in ROOT.glob("_quarto*.yml"):
        shutil.copy(path, place.root)
    shutil.copytree(PRINTED, place.published)
    make_returns(place, [2018], 1)
    return place


@pytest.fixture
def place(shared, tmp_path):
    place = Workspace(tmp_path)
    shutil.copytree(shared.books("demo"), place.books("demo"))
    shutil.copytree(PRINTED, place.published)
    return place


@pytest.fixture(scope="module")
def page(shared):
    """The tables of the rendered page by their label, and all its text."""
    pipeline.admit_published(workspace=shared)
    store_books(2024, "demo", workspace=shared)
    what = ("activity_report", Period.of(2024), "demo", "sv")
    execute_report(*what, workspace=shared)
    render_report(*what, ["html"], "embedded", workspace=shared)
    html = (shared.drafts("demo", 2024) / "activity_report-2024.sv.html").read_text(encoding="utf-8")
    return html, tables_in(html)


def plain(text):
    return " ".join(re.sub(r"<[^>]+>", " ", text).replace("\u2060", "").split())


def tables_in(html):
    found = {}
    for part in re.split(r'(?=<div id="tbl-)', html)[1:]:
        rows = re.findall(r"<tr.*?</tr>", part.partition("</table>")[0], re.DOTALL)
        cells = [[plain(cell) for cell in re.findall(r"<t[hd].*?</t[hd]>", row, re.DOTALL)] for row in rows]
        found[re.match(r'<div id="tbl-([\w-]+)"', part)[1]] = cells
    return found


def printed(*series):
    with (PRINTED / "published_figures.csv").open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            if row["series"] in series:
                names = ("series", "year", "measure", "category", "value", "unit")
                yield PublishedFigure(*(row[name] for name in names), ())


UNITS = ("SEK", "date", "days", "month", "year", "years")


@pytest.mark.parametrize(
    "one",
    [*printed("membership"), *(f for f in printed("nsp") if f.year in ("2023", "2024"))],
    ids=lambda one: f"{one.series}-{one.year}-{one.measure}"[:60],
)
def test_a_printed_figure_of_the_platform_stands_beside_its_label(page, one):
    base = "" if one.category in UNITS else one.base("sv")
    line = [plain(text) for text in (one.label("sv"), base, one.period("sv"), one.text("sv"))]
    assert line in [row[:4] for row in page[1][one.series]]


def test_the_books_give_what_is_printed_of_2024(page):
    rows = {row[0]: row[1:] for row in page[1]["members"][1:]}
    expected = {
        "Betalande medlemmar": 27, "varav organisationer": 26, "Fullt medlemskap": 20, "Nätverkande medlemskap": 6,
        "Individuellt medlemskap": 1, "Nya medlemmar under året": 4, "Avslutade medlemskap året före": 0,
        "Ledamöter i styrelsen": 6, "Plattformsmöten": 2, "Medlemsfikor": 2,
        "Skyddade boenden certifierade för stödprogrammet": 2,
    }  # fmt: skip
    assert {name: str(number) for name, number in expected.items()} == {k: v[0] for k, v in rows.items()}
    assert {name: v[0] for name, v in rows.items()} == {k: v[1].split()[0] for k, v in rows.items()}


def test_the_report_follows_the_chapters_of_2024_and_names_nobody(page):
    html, tables = page
    heads = [plain(text) for text in re.findall(r"<h[23][^>]*>(.*?)</h[23]>", html, re.DOTALL)]
    order = [
        "Vårt uppdrag", "Organisation", "Styrelse", "Medlemskap", "Organisationsutveckling",
        "Internationellt kunskapsutbyte", "Civilsamhällets lägesrapport", "Löpande verksamhet", "Arbetet med utsatta",
        "Påverkansarbete", "Kunskapsutbyte", "Kunskapsöverföring", "Ekonomi",
    ]  # fmt: skip
    at = [next(n for n, head in enumerate(heads) if head.startswith(o)) for o in order]
    assert sorted(at) == at
    assert ["mars", "–", "–", "–"] in tables["months"]
    assert set(tables["months"][0]) == {"Månad", "Vad", "Med", "Utfall"}
    assert 12 == len({row[0] for row in tables["months"][1:]})
    assert {row[2] for row in tables["board"][1:]} == {"…………………………"}
    assert "engelska, spanska, polska, ukrainska, thai, franska, rumänska" in html
    assert "DEMODATA" in html
    assert 1 == html.count("<h1")


def test_each_publication_says_how_many_figures_our_list_has_from_it(page):
    quoted = {row[0]: row[3] for row in page[1]["publications"][1:]}
    assert ("27", "19", "0") == (
        quoted["Verksamhetsberättelse 2024"], quoted["Statistik 2019"], quoted["NSP:s årsrapport 2024"],
    )  # fmt: skip
    with (PRINTED / "publications.csv").open(encoding="utf-8", newline="") as file:
        sources = {one["sources"] for one in csv.DictReader(file)} - {""}
    assert sources <= set(texts()["source"])


def test_money_stands_to_the_krona(page):
    lines = {row[0]: row[1] for row in page[1]["account"]}
    assert ("3 200 000", "2 544 827") == (
        lines["Jämställdhetsmyndigheten: Nationella stödprogrammet (NSP)"], lines["Direkta stödinsatser inom NSP"],
    )  # fmt: skip
    assert ("4 152 500", "4 120 000", "32 500") == tuple(
        lines[name] for name in ("Summa intäkter", "Summa kostnader", "Årets resultat")
    )


# ------------------------------------------------------------------ books that are wrong


def change(place, file, old, new):
    path = place.books("demo", 2024) / file
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")


@pytest.mark.parametrize(
    ("old", "new", "lines"),
    [
        ("sek = 900000", "sek = 900001", "total.grants"),
        ("sek = 12000 ", "sek = 21000 ", "total.income"),
        ("sek = 640000", "sek = 460000", "total.costs"),
        ("result = 32500", "result = -32500", "total.result"),
        ("costs = 4120000", "costs = 4210000", "total.costs, total.result"),
        ("sek = 45000", "sek = 54000", "total.assets, asset, debt"),
        ("assets = 1355000, ", "", "total.assets"),
        ("debts = 1355000", "debts = 1355000, profit = 1", "total.profit"),
    ],
)
def test_accounts_that_do_not_add_up_name_the_line(place, old, new, lines):
    change(place, "accounts.toml", old, new)
    with pytest.raises(PlatformError) as caught:
        store_year(2024, "demo", workspace=place)
    assert ("E-398", lines) == (caught.value.code, caught.value.fields["lines"])
    assert not place.controlled("demo", 2024).exists()


@pytest.mark.parametrize(
    ("file", "old", "new", "key"),
    [
        ("accounts.toml", "sek = 900000", 'sek = "Anna"', "grant.sek"),
        ("accounts.toml", "sek = 900000", "sek = 900000.5", "grant.sek"),
        ("activities.toml", 'kind = "article"', 'kind = "Anna Andersson"', "activity 1: kind"),
        ("activities.toml", "month = 2", "month = 13", "activity 4: month"),
        ("activities.toml", 'outcome = "granted"', 'anna = "granted"', "activity"),
        ("activities.toml", "Medel för 2024", "070-174 06 05", "activity 4: text"),
        ("activities.toml", "[[activity]]", "[[activity", "-"),
    ],
)
def test_an_entry_that_cannot_be_used_is_named_by_its_key_alone(place, file, old, new, key):
    change(place, file, old, new)
    with pytest.raises(PlatformError) as caught:
        store_year(2024, "demo", workspace=place)
    assert "E-397" == caught.value.code
    assert key in caught.value.text("en")
    assert "anna" not in caught.value.text("sv").casefold()


def test_a_year_without_books_and_a_register_that_contradicts_itself_are_refused(place):
    for year, code in ((2023, "E-397"), (2024, "E-399")):
        if year == 2024:
            path = place.books("demo", "register.toml")
            path.write_text(path.read_text(encoding="utf-8").replace("admitted", "left", 1), encoding="utf-8")
        with pytest.raises(PlatformError) as caught:
            store_year(year, "demo", workspace=place)
        assert code == caught.value.code


def test_kinds_and_outcomes_of_the_demo_are_all_of_the_closed_lists_in_use():
    done = tomllib.loads(resource("demo", "books", "activities.toml").read_text(encoding="utf-8"))["activity"]
    words = tomllib.loads(resource("activities.toml").read_text(encoding="utf-8"))
    assert {one["kind"] for one in done} == set(words["kind"])
    assert {one["outcome"] for one in done} == set(words["outcome"])


def test_what_is_stored_has_the_same_bytes_again(place):
    store_year(2024, "demo", workspace=place)
    folder = place.controlled("demo", 2024) / "books"
    first = {path.name: path.read_bytes() for path in folder.iterdir()}
    store_year(2024, "demo", workspace=place)
    assert first == {path.name: path.read_bytes() for path in folder.iterdir()}
    assert {"told.json", "books.parquet", "gate.json"} == set(first)
    assert "M27" not in json.dumps(json.loads(first["told.json"]))
