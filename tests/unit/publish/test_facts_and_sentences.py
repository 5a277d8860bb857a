import pytest

from platform_utils.errors import UsageError
from platform_utils.publish.claims import Numbers, fill
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
    assert f"81{NBSP}% fler än 2019" == read_fact("direct_change", years, 2020, "sv").text


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

    assert "assisted voluntary return (50, 33%; for 47% the answer is not known)" == route_top(table).text


def test_a_hidden_group_that_could_be_larger_silences_the_largest(safe):
    cells = [("programme", 8), ("own_contacts", 2), ("by_decision", 7), ("total", 17)]
    table = safe("return_route", cells, dimension="return_route")

    assert "hidden" == route_top(table).state


def test_a_sentence_fills_in_facts(years):
    assert "people met the organisations. That is **82% more than in 2019**." == write_sentence(
        "key_all", years, 2020, "en"
    )


def test_no_sentence_compares_across_a_break_of_the_base(years):
    """Whatever a figure says cannot be compared, a sentence does not compare."""
    broken = {2022: years[2019], 2023: years[2020]}
    assert "shown" == read_fact("direct_change", years, 2020, "sv").state
    assert "absent" == read_fact("direct_change", broken, 2023, "sv").state
    assert "2022" not in write_sentence("key_all", broken, 2023, "en")
    assert fill("{more:direct,direct_before}", Numbers(years, 2020, "en")) == ("more", "")
    assert "" == fill("{more:direct,direct_before}", Numbers(broken, 2023, "en"))[0]


def test_a_sentence_without_its_other_year_takes_the_variant_that_stands(years):
    assert "cannot be compared with an earlier year" in write_sentence("key_all", years, 2019, "en")


def test_a_zero_has_words_of_its_own(years):
    years[2020]["role"] = years[2020]["role"]
    assert "Av 322 personer var 253 själva utsatta." in write_sentence("roles", years, 2020, "sv")


def test_what_no_variant_can_say_is_not_said(unasked):
    assert "" == write_sentence("mmm", {2018: {"mmm_access": unasked}}, 2018, "en")


# ------------------------------------------------------------------ large cases: in this year, the one before, both, none


def world(safe, year, lead, large):
    tables = {"headline": safe("headline", [((), lead + large)], universe="all", year=year)}
    if large:
        tables["headline_without_mass"] = safe(
            "headline", [((), lead)], universe="all_without_mass", year=year
        )
    return tables


@pytest.mark.parametrize(
    ("before", "now", "said"),
    [
        (
            (283, 237),
            (358, 0),
            "**27% more than in 2023**, leaving out the large cases of 2023. With them it is 31% fewer than in 2023",
        ),
        ((283, 0), (358, 237), "**27% more than in 2023**. With large cases: 595, 110% more than in 2023"),
        ((283, 237), (358, 237), "**27% more than in 2023**. With large cases: 595, 14% more than in 2023"),
        ((283, 0), (358, 0), "**27% more than in 2023**."),
    ],
)
def test_both_readings_stand_and_the_one_without_large_cases_leads(safe, before, now, said):
    years = {2023: world(safe, 2023, *before), 2024: world(safe, 2024, *now)}
    text = write_sentence("key_all", years, 2024, "en")
    assert said in text
    assert "358" == read_fact("all", years, 2024, "en").text
    assert ("With large cases" in text) is bool(now[1])


def test_the_message_of_the_first_figure_says_what_a_large_case_hides(safe):
    years = {2023: world(safe, 2023, 283, 237), 2024: world(safe, 2024, 358, 0)}
    assert "Fler möter civilsamhället – stora ärenden döljer det" == write_sentence(
        "fig_series", years, 2024, "sv"
    )


@pytest.mark.parametrize(("large", "said"), [(0, False), (237, True)])
def test_a_share_of_a_table_that_holds_large_cases_says_so_where_the_year_is_told_without_them(
    safe, large, said
):
    tables = world(safe, 2023, 283, large) | {
        "has_children": safe(
            "has_children", [("yes", 70), ("no", 60), ("total", 130)], dimension="has_children"
        ),
    }
    assert said == write_sentence("mothers", {2023: tables}, 2023, "en").endswith(", large cases included.")


def test_a_change_that_no_reader_can_see_is_none(safe):
    cells = {2021: (92, 140), 2022: (117, 179)}  # 39.7 and 39.5 per cent: both are printed as 40
    years = {
        year: {
            "police_report": safe(
                "police_report",
                [("yes", yes), ("no", no), ("total", yes + no)],
                dimension="police_report",
                year=year,
            )
        }
        for year, (yes, no) in cells.items()
    }
    assert "There is a police report for 40%, as the year before" == write_sentence(
        "fig_trend_report", years, 2022, "en"
    )


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
