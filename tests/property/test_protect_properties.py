"""What holds for every set of tables: nothing small survives, stricter never shows more, zero stays zero."""

import pandas as pd
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from platform_utils import protect as gate
from platform_utils.errors import DisclosureError
from platform_utils.protect import Cell, Demand, Links, load_rule
from platform_utils.protect.attacker import attack, group_at, put_together, see_table, true_targets
from platform_utils.spec.counts import CountTable, Universe

RULE = load_rule()
ALL = Universe("all", 2021, "demo")
TOTAL = Cell("all", 2021)
PEOPLE = st.lists(
    st.tuples(st.sampled_from("wmo"), st.sampled_from("abcd"), st.sampled_from(["yes", "no", "unknown"])),
    min_size=8,
    max_size=60,
)


def tables_of(people):
    """Two linked tables of the same people: sex by area and sex by answer."""
    rows = pd.DataFrame(people, columns=["sex", "area", "nsp"])
    tables = []
    for second, codes in (("area", "abcd"), ("nsp", ["yes", "no", "unknown"])):
        crossed = pd.crosstab(rows["sex"], rows[second], margins=True, margins_name="total")
        full = crossed.reindex(index=[*"wmo", "total"], columns=[*codes, "total"], fill_value=0)
        long = full.rename_axis(columns=second).stack().rename("count").reset_index().astype({second: "str"})
        tables.append(CountTable(second, ALL, ("sex", second), long))
    return tables


def protect(tables, rule=RULE, **options):
    try:
        return gate.protect(Demand(tables, rule, must_show=[TOTAL], links=Links(), elsewhere=(), **options))
    except DisclosureError as error:
        assert error.code == "E-433"
        return None


@settings(max_examples=12, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow])
@given(PEOPLE, st.permutations(range(2)))
def test_what_holds_for_any_two_tables_of_the_same_people(people, order):
    """Every rule below for each draw, which is protected five times: 12 draws, since that is what takes time."""
    tables = tables_of(people)
    done = protect(tables, method="optimal")
    if done is not None:
        nothing_small_survives_and_the_attacker_fails(tables, done)
        what_is_shown_is_true_and_zero_stays_zero(tables, done)
        a_row_whose_total_is_hidden_is_hidden_whole(done)
    a_stricter_profile_never_costs_less(tables)
    the_order_of_tables_and_rows_does_not_matter_to_the_cost(tables, done, order)
    the_heuristic_keeps_the_same_promise_and_costs_no_less_than_the_optimum(tables, done)


def nothing_small_survives_and_the_attacker_fails(tables, done):
    truth = {}
    for table, safe in zip(tables, done.tables, strict=True):
        for (*codes, count), mark in zip(
            table.data.itertuples(index=False, name=None), safe.data["mark"], strict=True
        ):
            assert mark == ".." or count == 0 or count >= 4 or "unknown" in codes
            truth[group_at(see_table(safe), tuple(codes), Links())] = count
    seen = [see_table(safe) for safe in done.tables]
    world = put_together(seen, Links())
    targets = true_targets(world, seen, {t.name: (1, 2, 3) for t in tables}, Links(), truth)
    assert [] == [finding.target.codes for finding in attack(world, targets) if finding.broken]


def what_is_shown_is_true_and_zero_stays_zero(tables, done):
    for table, safe in zip(tables, done.tables, strict=True):
        both = safe.data.assign(true=table.data["count"].to_numpy())
        shown = both[both["mark"] == ""]
        assert (shown["count"] == shown["true"]).all()
        assert both[both["mark"] == ".."]["count"].isna().all()


def a_stricter_profile_never_costs_less(tables):
    loose, strict = (
        protect(tables, weights="cells"),
        protect(tables, RULE.tighten(min_released=6), weights="cells"),
    )
    if loose and strict:
        assert loose.choice.cost <= strict.choice.cost


def the_order_of_tables_and_rows_does_not_matter_to_the_cost(tables, done, order):
    turned = [tables[i] for i in order]
    turned = [
        CountTable(t.name, t.universe, t.dimensions, t.data.iloc[::-1].reset_index(drop=True)) for t in turned
    ]
    again = protect(turned)
    assert (done is None) == (again is None)
    if done and again:
        assert abs(done.choice.cost - again.choice.cost) < 1e-6


def the_heuristic_keeps_the_same_promise_and_costs_no_less_than_the_optimum(tables, best):
    quick = protect(tables, method="heuristic")
    assert (best is None) == (quick is None)
    if best and quick:
        assert quick.choice.cost >= best.choice.cost - 1e-9
        assert quick.choice.bound <= best.choice.cost + 1e-9


def a_row_whose_total_is_hidden_is_hidden_whole(done):
    for safe in done.tables:
        frame = safe.data
        first, second = safe.dimensions
        for one, other in ((first, second), (second, first)):
            totals = frame[(frame[other] == "total") & (frame["mark"] == "..") & (frame[one] != "total")]
            for code in totals[one]:
                assert (frame[frame[one] == code]["mark"] == "..").all()
