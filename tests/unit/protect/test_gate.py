"""What the gate hides for its own sake, what else it hides, and what it refuses."""

from dataclasses import replace
from datetime import date
from itertools import product

import pandas as pd
import pytest
from counts import DIRECT, crossed, protect_set, protect_tables, shown, table

from platform_utils.errors import ContractError, DisclosureError
from platform_utils.protect import Cell, Demand, Exemption, Links, Nested, load_rule
from platform_utils.protect.attacker import see_table
from platform_utils.protect.decide import decide
from platform_utils.protect.links import packaged_links
from platform_utils.spec.counts import Universe

RULE = load_rule()
TOTAL = Cell.named("direct", 2021)


def test_a_small_count_takes_another_with_it_and_the_total_stays():
    counts = {"woman": 180, "man": 50, "other": 2, "unknown": 5, "total": 237}
    (safe,) = protect_tables([table(counts, "sex")], RULE, must_show=[TOTAL])
    assert [180, 50, None, None, 237] == shown(safe)
    assert 2 == safe.n_hidden
    assert "A4" == safe.rule


def test_zero_stays_zero_and_unknown_is_never_hidden_for_its_own_sake():
    counts = {"yes": 40, "no": 60, "unknown": 2, "total": 102}
    (safe,) = protect_tables([table(counts, "nsp")], RULE)
    assert [40, 60, 2, 102] == shown(safe)


def test_a_multi_select_row_is_hidden_when_few_people_do_not_have_it():
    counts = {"sexual": 98, "labour": 20, "total": 100}
    (safe,) = protect_tables([table(counts, "form", multiple=True)], RULE, must_show=[TOTAL])
    assert [None, 20, 100] == shown(safe)


def test_a_row_whose_total_is_hidden_is_hidden_whole_zeros_included():
    inner = {"columns": ["yes", "no"], "rows": {"eu": [20, 30], "third": [25, 40], "sweden": [0, 2]}}
    (safe,) = protect_tables([crossed(inner, "origin", "nsp")], RULE, must_show=[TOTAL])
    rows = safe.data.set_index(["origin", "nsp"])["mark"]
    assert ["..", "..", ".."] == rows.loc["sweden"].tolist()
    hidden = [code for code in ("eu", "third", "sweden") if rows.loc[(code, "total")]]
    assert all((rows.loc[code] == "..").all() for code in hidden)


def test_tables_are_linked_through_the_people_they_count():
    by_sex = table({"woman": 100, "man": 20, "total": 120}, "sex", name="sex")
    inner = {"columns": ["woman", "man"], "rows": {"yes": [60, 2], "no": [40, 18]}}
    done = protect_tables([by_sex, crossed(inner, "nsp", "sex", name="nsp_sex")], RULE, must_show=[TOTAL])
    crossing = done[1]
    assert crossing.count(nsp="yes", sex="man") is None
    assert crossing.count(nsp="no", sex="man") is None or done[0].count(sex="man") is None


def test_a_narrower_universe_may_not_give_the_few_outside_it_away():
    every = table(
        {"yes": 100, "no": 60, "total": 160}, "nsp", name="all", universe=Universe("all", 2021, "demo")
    )
    women = table(
        {"yes": 98, "no": 30, "total": 128}, "nsp", name="women", universe=Universe("women", 2021, "demo")
    )
    links = Links(universes={"women": Nested("all", {"sex": "woman"})})
    must = [Cell.named("all", 2021), Cell.named("women", 2021)]
    first, second = protect_tables([every, women], RULE, links=links, must_show=must)
    assert first.count(nsp="yes") is None or second.count(nsp="yes") is None
    unknown = protect_tables([every, women], RULE, links=Links(), must_show=must)
    assert [100, 60, 160] == shown(unknown[0])


def test_class_b_follows_from_the_dimension_whatever_the_table_declares():
    counts = {"nord": 4, "syd": 40, "vast": 30, "total": 74}
    (safe,) = protect_tables([table(counts, "police_region", disclosure_class="A")], RULE, must_show=[TOTAL])
    assert "B5" == safe.rule
    assert safe.count(police_region="nord") is None


@pytest.mark.parametrize(
    ("counts", "expected"),
    [
        (
            {"NG": 9, "VN": 8, "UA": 0, "RO": 40, "TH": 11},
            {"third_country-TH": 17, "TH": 11, "RO": 40},
        ),
        ({"NG": 9, "TH": 10, "RO": 40}, {"third_country": 19, "RO": 40}),
        ({"NG": 2, "TH": 11, "IQ": 12, "RO": 40}, {"third_country-IQ": 13, "IQ": 12, "RO": 40}),
    ],
)
def test_a_country_is_named_from_ten_persons_or_not_at_all(counts, expected):
    """Nobody's and small countries have no row of their own, and neither has one whose number is hidden."""
    one = table({**counts, "total": sum(counts.values())}, "origin_country")
    (safe,) = protect_tables([one], RULE, must_show=[TOTAL], links=packaged_links(2021))
    found = dict(zip([code for (code,) in safe.cells], safe.counts, strict=True))
    assert {**expected, "total": sum(counts.values())} == found


def test_not_knowing_obeys_the_rule_where_it_is_crossed_conditioned_or_comes_from_few():
    def unknown(safe, **more):
        return safe.count(police_report="unknown", **more)

    sides = {"yes": 40, "no": 60, "unknown": 2, "total": 102}
    (alone,) = protect_tables([table(sides, "police_report")], RULE)
    assert 2 == unknown(alone)
    women = Universe("women_direct", 2021, "demo")
    (conditioned,) = protect_tables([table(sides, "police_report", universe=women)], RULE)
    assert unknown(conditioned) is None
    inner = {"columns": ["yes", "no", "unknown"], "rows": {"woman": [30, 40, 2], "man": [10, 20, 20]}}
    (twice,) = protect_tables([crossed(inner, "sex", "police_report")], RULE)
    assert (None, 22) == (unknown(twice, sex="woman"), unknown(twice))
    for unknown_from, shown_count in ((("M1", "M2", "M3"), 12), (("M1", "M2"), None)):
        sides = {"yes": 40, "no": 60, "unknown": 12, "total": 112}
        behind = members(
            [("unknown", member, 12 // len(unknown_from)) for member in unknown_from]
            + [(code, f"M{i}", 10) for code, number in (("yes", 4), ("no", 6)) for i in range(number)],
            "police_report",
        )
        for who in (DIRECT, women):
            (safe,) = protect_tables([table(sides, "police_report", universe=who, contributors=behind)], RULE)
            assert shown_count == unknown(safe)


@pytest.mark.parametrize(
    ("universe", "dimensions", "expected"),
    [
        ("direct", ("sex", "police_report"), "A"),
        ("women_direct", ("temporary_permit",), "A"),
        ("women_direct", ("temporary_permit", "police_report"), "B"),
        ("women_direct", ("sex", "police_report"), "A"),
        ("direct_without_mass", ("sex", "police_report"), "A"),
    ],
)
def test_a_condition_of_the_population_is_a_breakdown(universe, dimensions, expected):
    assert expected == RULE.class_of("A", dimensions, universe).name


def test_four_breakdowns_are_refused():
    counts = {("a", "b", "c"): 9, **dict.fromkeys(product("at", "bt", "ct"), 9)}
    four = ("temporary_permit", "police_report", "asylum")
    data = {tuple("total" if part == "t" else part for part in key): 9 for key in counts}
    one = table(data, *four, universe=Universe("women_direct", 2021, "demo"))
    with pytest.raises(ContractError, match=r"E-451 .*asylum, police_report, sex, temporary_permit"):
        protect_tables([one], RULE)


def members(rows, *dimensions):
    return pd.DataFrame(rows, columns=[*dimensions, "member_id", "count"])


def test_class_b_hides_what_too_few_members_stand_behind():
    counts = {"nord": 20, "syd": 40, "vast": 30, "total": 90}
    behind = members(
        [("nord", "M1", 10), ("nord", "M2", 10)]
        + [(region, member, count) for region, count in (("syd", 10), ("vast", 7)) for member in ("M1", "M2", "M3")]
        + [("syd", "M4", 10), ("vast", "M4", 9)],
        "police_region",
    )  # fmt: skip
    (safe,) = protect_tables([table(counts, "police_region", contributors=behind)], RULE, must_show=[TOTAL])
    assert safe.count(police_region="nord") is None


def test_class_b_leaves_an_insider_in_doubt_about_the_others():
    counts = {"nord": 22, "syd": 40, "vast": 30, "total": 92}
    behind = members(
        [("nord", "M1", 20), ("nord", "M2", 1), ("nord", "M3", 1)]
        + [(region, f"M{i}", 10) for region in ("syd", "vast") for i in (1, 2, 3)]
        + [("syd", "M4", 10)],
        "police_region",
    )  # fmt: skip
    (safe,) = protect_tables([table(counts, "police_region", contributors=behind)], RULE, must_show=[TOTAL])
    assert safe.count(police_region="nord") is None


def test_nobody_in_a_group_reporting_needs_a_decision():
    inner = {"columns": ["yes", "no"], "rows": {"eu": [0, 30], "third": [25, 40], "sweden": [12, 10]}}
    one = crossed(inner, "origin_group", "police_report")
    (safe,) = protect_tables([one], RULE, must_show=[TOTAL])
    assert safe.count(origin_group="eu", police_report="yes") is None
    cell = Cell.named("direct", 2021, origin_group="eu", police_report="yes")
    decided = Exemption(cell, "group_decided", "minutes 4/2026", ("A. Ek", "B. Al"), date(2027, 1, 1))
    (safe,) = protect_tables([one], RULE, must_show=[TOTAL], exemptions=[decided])
    assert 0 == safe.count(origin_group="eu", police_report="yes")


def test_an_exempted_cell_is_shown_and_the_attacker_knows_it():
    counts = {"woman": 180, "man": 50, "other": 2, "unknown": 0, "total": 232}
    cell = Cell.named("direct", 2021, sex="other")
    public = Exemption(
        cell, "already_public", "https://example.org/2021", ("A. Ek", "B. Al"), date(2027, 1, 1)
    )
    (safe,) = protect_tables([table(counts, "sex")], RULE, must_show=[TOTAL], exemptions=[public])
    assert [180, 50, 2, 0, 232] == shown(safe)


@pytest.mark.parametrize(
    "change",
    [
        {"approved_by": ("A. Ek", "a. ek ")},
        {"source": " "},
        {"reason": "convenient"},
    ],
)
def test_an_exemption_needs_reason_source_and_two_names(change):
    cell = Cell.named("direct", 2021, sex="other")
    good = Exemption(cell, "already_public", "https://example.org", ("A. Ek", "B. Al"), date(2027, 1, 1))
    with pytest.raises(DisclosureError) as caught:
        protect_tables([table({"woman": 9, "total": 9}, "sex")], RULE, exemptions=[replace(good, **change)])
    assert "E-430" == caught.value.code


def test_a_must_show_cell_that_the_rule_hides_is_refused():
    counts = {"woman": 2, "man": 60, "total": 62}
    with pytest.raises(DisclosureError) as caught:
        protect_tables([table(counts, "sex")], RULE, must_show=[Cell.named("direct", 2021, sex="woman")])
    assert "E-432" == caught.value.code


def test_where_no_pattern_exists_the_answer_is_not_in_this_layout():
    counts = {"woman": 2, "man": 60, "total": 62}
    must = [TOTAL, Cell.named("direct", 2021, sex="man")]
    with pytest.raises(DisclosureError) as caught:
        protect_tables([table(counts, "sex", name="sex")], RULE, must_show=must)
    assert ("E-433", "sex") == (caught.value.code, caught.value.fields["tables"])
    assert "62" not in str(caught.value)


@pytest.mark.parametrize(
    ("counts", "options", "code", "position"),
    [
        ({"woman": -1, "man": 5, "total": 4}, {}, "E-401", 1),
        ({"woman": 4.5, "man": 5, "total": 9.5}, {}, "E-401", 1),
        ({"woman": 14, "man": None, "total": 14}, {}, "E-401", 2),
        ({"woman": 14, "man": 15, "total": 30}, {}, "E-403", 3),
        ({"woman": 14, "man": 15}, {}, "E-404", 1),
        ({"sexual": 14, "labour": 25, "total": 20}, {"multiple": True}, "E-403", 2),
    ],
)
def test_bad_tables_are_refused_by_table_and_position_never_by_count(counts, options, code, position):
    with pytest.raises(ContractError) as caught:
        protect_tables([table(counts, "form", name="odd", **options)], RULE)
    assert (code, position) == (caught.value.code, caught.value.fields["position"])
    for lang in ("sv", "en"):
        text = caught.value.text(lang)
        assert "odd" in text
        assert not any(str(count) in text.replace(code, "") for count in (14, 15, 25, 30))


def test_a_cell_that_stands_twice_is_refused():
    data = pd.DataFrame({"sex": ["woman", "woman", "total"], "count": [5, 5, 10]})
    with pytest.raises(ContractError) as caught:
        protect_tables([replace(table({"woman": 5, "total": 5}, "sex"), data=data)], RULE)
    assert ("E-402", 2) == (caught.value.code, caught.value.fields["position"])


def test_two_tables_that_disagree_on_the_same_people_are_refused():
    one = table({"woman": 20, "man": 10, "total": 30}, "sex", name="one")
    other = table({"woman": 19, "man": 11, "total": 30}, "sex", name="other")
    with pytest.raises(ContractError) as caught:
        protect_tables([one, other], RULE)
    assert ("E-409", "other", "one", 1) == (
        caught.value.code, *(caught.value.fields[key] for key in ("table", "other", "position"))
    )  # fmt: skip


@pytest.mark.parametrize("name", ["county", "person_code", "age_years"])
def test_nothing_finer_than_police_region_has_a_table(name):
    with pytest.raises(ContractError) as caught:
        protect_tables([table({"01": 20, "total": 20}, name)], RULE)
    assert "E-408" == caught.value.code


def test_a_sum_in_kronor_is_hidden_where_the_count_under_it_is():
    money = replace(DIRECT, name="nsp_money", unit="sek")
    (whole,) = protect_tables([table({(): 2544827}, universe=money)], RULE)
    assert [2544827] == shown(whole)
    sums = table(
        {"rest": 90000, "support": 400000, "total": 490000}, "nsp_intervention", name="sums", universe=money
    )
    with pytest.raises(ContractError, match="E-408"):
        protect_tables([sums], RULE)
    rows = replace(DIRECT, name="nsp_interventions", unit="interventions")
    counts = table({"rest": 2, "support": 40, "total": 42}, "nsp_intervention", name="counts", universe=rows)
    total = Cell("nsp_interventions:interventions", 2021)
    safe = protect_tables([sums, counts], RULE, must_show=[total])
    assert [None, None, 490000] == shown(safe[0])


def test_what_was_released_stays_and_is_attacked_together_with_the_new():
    first_wish = table({"woman": 100, "man": 50, "total": 150}, "sex", name="sex")
    (first,) = protect_tables([first_wish], RULE)
    second_wish = table({"woman": 100, "man": 48, "other": 2, "total": 150}, "sex", name="sex_finer")
    with pytest.raises((ContractError, DisclosureError)):
        protect_tables([second_wish], RULE, earlier=[see_table(first, name="r1/sex")], context=[first_wish])


def test_bounds_are_printed_and_the_same_input_gives_the_same_pattern():
    inner = {"columns": ["a", "b", "c"], "rows": {"x": [2, 8, 20], "y": [9, 1, 12], "z": [7, 14, 3]}}
    one = crossed(inner, "row", "column")
    first, second = (protect_set([one], RULE, must_show=[TOTAL]) for _ in range(2))
    assert first.tables == second.tables
    assert ({"optimal": 1}, 0.0) == (dict(first.choice.methods), first.choice.gap)


def test_each_year_of_a_table_counts_for_itself():
    years = [
        table(counts, "sex", universe=Universe("direct", year, "demo"))
        for year, counts in (
            (2021, {"woman": 40, "man": 30, "total": 70}),
            (2022, {"woman": 9, "man": 8, "total": 17}),
        )
    ]
    decision = decide(Demand(years, RULE))
    assert 6 == len(decision.shown())
    assert 3 == len(decision.shown("t", 2022))
    lost = replace(
        decision, choice=replace(decision.choice, hidden=frozenset(decision.case.system.tables[0].places))
    )
    assert [3, 0] == [len(lost.hidden("t", year)) for year in (2021, 2022)]
