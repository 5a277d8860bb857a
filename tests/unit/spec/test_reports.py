"""Which reports there are, and the period that a document is about."""

from pathlib import Path

import pytest

from platform_utils.errors import SettingsError
from platform_utils.messages import LANGUAGES
from platform_utils.paths import Workspace
from platform_utils.spec import reports
from platform_utils.spec.reports import Period, load_reports

PROJECT = Workspace(Path(__file__).parents[3])


def test_a_year_is_a_period_and_so_is_a_report_that_has_none():
    assert (str(Period.of(2023)), Period.of(2023).year) == ("2023", 2023)
    assert (str(Period("pilot")), Period("pilot").year) == ("pilot", None)
    assert Period.of(2023).parameters("demo") == {"source": "demo", "year": 2023}
    assert Period("pilot").parameters("demo") == {"source": "demo"}


def test_a_yearly_report_has_a_period_for_each_year_and_another_one():
    known = load_reports()

    assert known["annual"].periods((2022, 2023)) == (Period("2022"), Period("2023"))
    assert known["pilot"].periods((2022, 2023)) == (Period("pilot"),)
    assert known["annual"].draft(PROJECT, Period("2023"), "demo", "sv").name == "annual-2023.sv"
    assert known["series"].draft(PROJECT, Period("series"), "published", "en").name == "series.en"


def test_published_figures_are_the_same_whatever_source_is_asked_for():
    assert {name: report.source("demo") for name, report in load_reports().items()} == {
        "activity_report": "demo",
        "annual": "demo",
        "annual_tables": "demo",
        "casefile": "demo",
        "hundred_women": "demo",
        "nsp": "demo",
        "pilot": "demo",
        "series": "published",
    }


SWEDISH = ("activity_report",)
"""Documents of the association itself, which has them in Swedish alone."""


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("name", load_reports())
def test_a_report_has_a_document_of_the_same_title_in_each_language(name, lang):
    report = load_reports()[name]
    if name in SWEDISH and lang != "sv":
        assert not report.document(PROJECT, lang).exists()
        return
    title = report.label(lang).replace(" {period}", "")

    assert f'title: "{title}"' in report.document(PROJECT, lang).read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("line", "name", "expected"),
    [
        ('from = "retuns"', "nsp.from: retuns", "returns"),
        ('period = "month"', "nsp.period: month", "none, year"),
        ('perid = "year"', "nsp: perid", "period"),
        ('en = "NSP"\nsv = 3', "nsp.sv", '"…"'),
    ],
)
def test_a_report_that_cannot_be_used_is_refused_with_file_and_key(
    tmp_path, monkeypatch, line, name, expected
):
    said = {"sv": '"NSP {period}"', "en": '"NSP {period}"', "from": '"returns"', "period": '"year"'}
    changed = {part.split(" = ")[0] for part in line.splitlines()}
    kept = [f"{key} = {value}" for key, value in said.items() if key not in changed]
    (tmp_path / "reports.toml").write_text("\n".join(["[nsp]", *kept, line]), encoding="utf-8")
    monkeypatch.setattr(reports, "resource", lambda name: tmp_path / name)

    with pytest.raises(SettingsError) as error:
        load_reports.__wrapped__()

    assert error.value.fields == {"name": name, "file": "reports.toml", "expected": expected}
