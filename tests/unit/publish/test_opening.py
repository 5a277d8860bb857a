"""What a document says of itself, and what it refuses when Quarto runs it."""

import sys

import pytest

from platform_utils.errors import UsageError
from platform_utils.publish.opening import check_told, show_opening
from platform_utils.spec.reports import Period

DECLARES = '#| tags: [parameters]\nyear = 2023\nsource = "demo"\n'


@pytest.fixture
def under_quarto(monkeypatch):
    """Run as a cell does that Quarto executes, after a cell of parameters that it was given."""

    def set_up(profile, given=""):
        monkeypatch.setenv("QUARTO_PROJECT_ROOT", "somewhere")
        monkeypatch.setenv("QUARTO_PROFILE", profile)
        cells = ["", DECLARES, f"# Injected Parameters\n{given}\n"] if given else ["", DECLARES]
        monkeypatch.setattr(sys.modules["__main__"], "In", cells, raising=False)

    return set_up


@pytest.mark.parametrize(
    ("lang", "title", "mark"),
    [
        ("sv", "Civilsamhällets lägesrapport 2023", "DEMODATA – påhittade siffror, inte statistik"),
        ("en", "Civil society’s situation report 2023", "DEMO DATA – invented figures, not statistics"),
    ],
)
def test_a_document_says_its_title_with_the_year_its_mark_and_its_name(lang, title, mark):
    said = show_opening("annual", Period.of(2023), "demo", lang)._repr_markdown_()
    assert said.startswith(
        f'::: {{.document-says title="{title}" mark="{mark}" name="annual-2023.{lang}"}}\n:::\n'
    )
    assert "::: {.callout-warning}" in said


def test_more_marks_stand_side_by_side_and_members_data_are_a_draft():
    said = show_opening("pilot", Period("pilot"), "members", "en", "Exploratory")._repr_markdown_()
    assert 'mark="DRAFT – not to be passed on · Exploratory"' in said
    assert 'name="pilot.en"' in said


@pytest.mark.parametrize(
    ("given", "code"), [("yaer = 2020", "E-504"), ('year = "2020"', "E-505"), ("year = True", "E-505")]
)
def test_a_parameter_that_the_document_does_not_have_or_of_another_type_is_refused(given, code, under_quarto):
    under_quarto("demo", given)
    with pytest.raises(UsageError) as caught:
        check_told("demo", "annual")
    assert code == caught.value.code


def test_members_data_need_their_profile(under_quarto):
    under_quarto("demo,local")
    with pytest.raises(UsageError) as caught:
        check_told("members", "annual")
    assert "E-664" == caught.value.code
    under_quarto("members", "year = 2024")
    check_told("members", "annual")


def test_what_is_declared_may_be_given_and_outside_quarto_nothing_is_asked(under_quarto, monkeypatch):
    under_quarto("demo", 'year = 2024\nsource = "demo"')
    check_told("demo", "annual")
    monkeypatch.delenv("QUARTO_PROJECT_ROOT")
    check_told("members", "annual")
