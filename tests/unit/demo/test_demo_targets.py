"""The numbers of the demo are marked, and add up to what was printed."""

import tomllib
from collections import Counter

import pytest

from platform_utils.demo.targets import demo_years, load_members, load_target
from platform_utils.paths import resource
from platform_utils.spec.codebook import load


def marks(entry):
    """The mark of every number: the last of its cell, or in ``marks`` beside it."""
    if isinstance(entry, dict):
        if "marks" in entry:
            return [*entry["marks"].values()]
        return [mark for each in entry.values() for mark in marks(each)]
    if isinstance(entry, list) and entry and not isinstance(entry[0], (dict, list)):
        return [entry[-1]]
    return [mark for each in entry for mark in marks(each)] if isinstance(entry, list) else []


@pytest.mark.parametrize("year", demo_years())
def test_every_number_is_published_derived_or_invented(year):
    said = tomllib.loads(resource("demo", "targets.toml").read_text(encoding="utf-8"))
    of_year = [entry for entry in (*said["year"], *said["margin"]) if entry["year"] == year]
    found = marks(of_year)
    assert len(found) > 30
    assert {"published", "derived", "invented"} >= set(found)


@pytest.mark.parametrize("year", demo_years())
def test_margins_count_everybody_once(year):
    target = load_target(year)
    rows = target.role["direct"] - target.mass_persons - target.in_totals("direct")
    for variable, counts in target.margins.items():
        if variable not in ("form", "place"):
            assert rows == sum(counts.values()), variable


@pytest.mark.parametrize("year", demo_years())
def test_margins_use_codes_of_the_codebook_that_the_year_asked(year):
    book = load()
    for variable, counts in load_target(year).margins.items():
        asked = book.variable(variable)
        assert asked.is_asked(year)
        assert set(counts) <= {code.code for code in book.codes(asked, year)} | {"unknown", "blank"}


@pytest.mark.parametrize(
    ("year", "expected"),
    [(2018, 122), (2019, 140 + 28 + 5 + 4), (2020, 253 + 69), (2021, 279), (2022, 166 + 28), (2023, 520)],
)
def test_roles_add_up_to_what_was_printed(year, expected):
    assert expected == sum(load_target(year).role.values())


def test_the_rest_is_said_to_be_invented():
    assert "all invented" in resource("demo", "distributions.toml").read_text(encoding="utf-8")


def test_members_of_2024_are_those_of_the_annual_report_and_their_names_say_that_they_are_invented():
    members = load_members()
    assert Counter(full=20, network=6, individual=1) == Counter(member.membership_form for member in members)
    assert all(member.name.startswith("Demo") and member.name.endswith("(påhittad)") for member in members)
    assert 20 == sum(member.has_returned(2023) for member in members)
    regions = {
        load().code(load().variable("county", "case"), m.county).parent
        for m in members
        if m.is_certified(2024)
    }
    assert 5 == len(regions)
