"""A report stands whichever tables are left out: what reads them says so, and nothing half is said."""

import re
from pathlib import Path

import pytest

from platform_utils.messages import texts
from platform_utils.publish import report as reports
from platform_utils.publish import show_rules
from platform_utils.publish.words import left_out_of, title_of
from platform_utils.publish.workbook import WORKBOOKS
from platform_utils.spec.plan import load_plan

ROOT = Path(__file__).parents[2]
YEAR = 2023
CELL = re.compile(r"^```\{python\}\n(.*?)^```$|`\{python\} (.*?)`", re.MULTILINE | re.DOTALL)
NOT_TOLD = re.compile(r"^:{3,}.*$|^\{\{<.*$", re.MULTILINE)
NOTHING = {"sv": "uppgift saknas", "en": "not available"}
OF_LARGE = {"sv": "Med stora ärenden", "en": "With large cases"}


def always(planned):
    """Persons without a breakdown are in every year."""
    return not planned.dimensions and planned.measure.unit == "persons"


def kept(tables, every):
    """Tables of a year of which some are left out: those with two readings together."""
    plan, whole = load_plan(), [key for key in tables if not load_plan().by_key[key].whole]
    there = {*every(whole), *(key for key in whole if always(plan.by_key[key]))}
    return {key: table for key, table in tables.items() if key in there or plan.by_key[key].whole in there}


WITHOUT = {
    "all": lambda keys: [],
    "the second half": lambda keys: keys[::2],
    "the first half": lambda keys: keys[1::2],
    "roles": lambda keys: [key for key in keys if key != "role"],
    "rows and members": lambda keys: [key for key in keys if key not in ("rows_read", "members")],
}


@pytest.fixture(scope="module")
def tables(demo_years):
    return dict(demo_years.safe(YEAR))


@pytest.fixture(params=WITHOUT)
def there(request, tables):
    return kept(tables, WITHOUT[request.param])


@pytest.fixture(params=["sv", "en"])
def lang(request):
    return request.param


@pytest.fixture
def made(demo_years, there, lang):
    def make(name):
        return reports.Report(
            {YEAR: there}, year=YEAR, lang=lang, source="demo", workspace=demo_years.workspace, name=name
        )

    return make


def written(report, name):
    """A document's text, as a report fills it."""
    text = (ROOT / "reports" / report.lang / f"{name}.qmd").read_text(encoding="utf-8")

    def put(found):
        asked = (found[1] or found[2]).strip()
        if asked.startswith("publish.show_rules"):
            return str(show_rules(report.lang))
        return eval(asked, {"report": report})._repr_markdown_() if asked.startswith("report.") else ""

    return CELL.sub(put, text.split("---", 2)[2])


def empty_headings(text):
    """Headings under which nothing stands before the next that is as high."""
    parts = re.split(r"^(#+) (.*)$", NOT_TOLD.sub("", text), flags=re.MULTILINE)[1:]
    levels, names, bodies = parts[::3], parts[1::3], parts[2::3]
    for at, (level, name, body) in enumerate(zip(levels, names, bodies, strict=True)):
        deeper = len(levels) > at + 1 and len(levels[at + 1]) > len(level)
        if not name.strip() or not (body.strip() or deeper):
            yield name


@pytest.mark.parametrize("name", ["annual", "annual_tables", "nsp"])
def test_a_document_says_what_is_left_out_and_has_no_empty_heading(made, there, lang, name):
    text = written(made(name), name)
    left = left_out_of({YEAR: there}, YEAR, ["nsp"] if name == "nsp" else [])

    assert not [key for key in left if title_of(key, lang) not in text]
    assert not [*empty_headings(text)]
    assert NOTHING[lang] not in text and " · \n" not in text


def test_no_number_of_the_first_page_and_no_sentence_stands_half(made, lang):
    for name in ("annual", "nsp"):
        told = str(made(name).key_numbers)
        assert NOTHING[lang] not in told and "**..\u2060**" not in told
    for key in texts("sentences"):
        if f"{key}_large" in texts("sentences"):
            assert not str(made("annual").sentence(key)).startswith(OF_LARGE[lang])


def test_the_rows_of_the_annex_name_what_is_left_out(made, there, lang):
    rows = WORKBOOKS["csv"](made("annual_tables")).decode()

    assert not [
        key
        for key in left_out_of({YEAR: there}, YEAR)
        if f'\n{key},"' not in rows and f"\n{key}," not in rows
    ]
