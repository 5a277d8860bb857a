import pytest

from platform_utils.errors import UsageError
from platform_utils.publish.facts import read_fact
from platform_utils.publish.inline import percent, signed_percent, whole
from platform_utils.publish.sentences import write_sentence

NBSP = "\N{NO-BREAK SPACE}"
HIDDEN = "..\N{WORD JOINER}"


@pytest.fixture
def years(safe):
    """2019 and 2020 with the published counts."""
    made = {}
    for year, direct, child in ((2019, 140, 37), (2020, 253, 69)):
        total = direct + child
        made[year] = {
            "role": safe(
                "role", [("direct", direct), ("child", child), ("total", total)], dimension="role",
                universe="all", year=year,
            ),
            "headline": safe("headline", [((), total)], universe="all", year=year),
            "mass_case": safe(
                "mass_case", [("yes", 0), ("no", total), ("total", total)], dimension="mass_case",
                universe="all", year=year,
            ),
        }  # fmt: skip
    return made


def test_a_count_and_a_share_come_from_released_cells(years):
    assert "253" == read_fact("direct", years, 2020, "sv").text
    assert f"79{NBSP}%" == read_fact("direct_share", years, 2020, "sv").text


def test_change_is_taken_from_the_year_before(years):
    assert "+81%" == read_fact("direct_signed", years, 2020, "en").text
    assert f"en ökning med 81{NBSP}%" == read_fact("direct_change", years, 2020, "sv").text


def test_without_the_year_before_there_is_no_change(years):
    assert "absent" == read_fact("direct_change", years, 2019, "sv").state


def test_a_hidden_cell_makes_a_hidden_fact(safe):
    table = safe("sex", [("woman", 2), ("man", 60), ("other", 0), ("total", 62)], dimension="sex")

    fact = read_fact("women", {2023: {"sex": table}}, 2023, "sv")

    assert ("hidden", HIDDEN, None) == (fact.state, fact.text, fact.number)


def test_nobody_with_a_special_code_is_a_true_zero(safe):
    table = safe("sex", [("woman", 40), ("man", 60), ("total", 100)], dimension="sex")

    assert 0 == read_fact("sex_unknown", {2023: {"sex": table}}, 2023, "sv").number


def route_top(table):
    return read_fact("route_top", {2023: {"return_route": table}}, 2023, "en")


def test_the_largest_group_is_named_with_number_and_share(safe):
    cells = [("programme", 50), ("own_contacts", 30), ("by_decision", 0), ("unknown", 70), ("total", 150)]
    table = safe("return_route", cells, dimension="return_route")

    assert "“assisted return programme” (50, 33%)" == route_top(table).text


def test_a_hidden_group_that_could_be_larger_silences_the_largest(safe):
    cells = [("programme", 8), ("own_contacts", 2), ("by_decision", 7), ("total", 17)]
    table = safe("return_route", cells, dimension="return_route")

    assert "hidden" == route_top(table).state


def test_a_sentence_fills_in_facts(years):
    assert (
        "Compared with 2019 that is an increase of 82% for all roles together and an increase of 81% for the "
        "directly exploited."
    ) == str(write_sentence("headline_change", years, 2020, "en"))


def test_a_sentence_without_its_other_year_says_so(years):
    assert str(write_sentence("headline_change", years, 2019, "sv")).startswith(
        "Någon jämförelse med 2018 går inte"
    )


def test_a_zero_has_words_of_its_own(years):
    assert "Inga massärenden rapporterades för 2020." == str(write_sentence("mass", years, 2020, "sv"))


def test_a_question_that_was_not_asked_is_named_in_words(unasked):
    said = str(write_sentence("mmm", {2018: {"mmm_access": unasked}}, 2018, "en"))

    assert "*The form for 2018 did not ask for “support within MMM”.*" == said


@pytest.mark.parametrize("call", [write_sentence, read_fact])
def test_an_unknown_key_is_refused_by_name(call, years):
    with pytest.raises(UsageError) as refused:
        call("nobody", years, 2020, "sv")

    assert ("E-652", "nobody") == (refused.value.code, refused.value.fields["key"])


@pytest.mark.parametrize(
    ("part", "base", "sv"),
    [(95, 122, "78"), (1, 200, "1"), (1, 500, "<1"), (499, 500, ">99"), (0, 9, "0"), (1, 8, "13")],
)
def test_shares_are_whole_per_cent(part, base, sv):
    assert (f"{sv}{NBSP}%", f"{sv}%") == (percent(part, base, "sv"), percent(part, base, "en"))


def test_numbers_of_both_languages():
    assert (f"1{NBSP}234{NBSP}567", "1,234,567") == (whole(1234567, "sv"), whole(1234567, "en"))
    assert (f"\N{MINUS SIGN}36{NBSP}%", "0%") == (signed_percent(64, 100, "sv"), signed_percent(7, 7, "en"))
