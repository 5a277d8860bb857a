"""A report stands whichever table could not be released: what reads it says so, or is left out."""

import re
from pathlib import Path

import pytest

from platform_utils.publish import report as reports

ROOT = Path(__file__).parents[2]
YEAR = 2023
CELL = re.compile(r"^```\{python\}\n(.*?)^```$|`\{python\} (.*?)`", re.MULTILINE | re.DOTALL)
ALWAYS = "headline"


def expressions(name, lang):
    """What a document asks of its report, in order."""
    text = (ROOT / "reports" / lang / f"{name}.qmd").read_text(encoding="utf-8")
    found = [cell or inline for cell, inline in CELL.findall(text)]
    return [one.strip() for one in found if one.lstrip().startswith("report.")]


@pytest.fixture(scope="module")
def years(demo_years):
    return {year: dict(demo_years.safe(year)) for year in (YEAR,)}


@pytest.mark.parametrize("lang", ["sv", "en"])
@pytest.mark.parametrize("name", ["annual", "annual_tables", "nsp"])
def test_a_document_stands_whichever_tables_are_left_out(demo_years, years, name, lang):
    asked = expressions(name, lang)
    assert len(asked) > 5
    tables = years[YEAR]
    for kept in ([], [*tables][::2], [*tables][1::2]):
        there = {YEAR: {key: tables[key] for key in (ALWAYS, *kept)}}
        report = reports.Report(
            there, year=YEAR, lang=lang, source="demo", workspace=demo_years.workspace, name=name
        )
        for one in asked:
            eval(one, {"report": report})
