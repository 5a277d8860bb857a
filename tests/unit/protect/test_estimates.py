"""Estimates come out rounded, as a side of a level, at four days, or not at all."""

import math

import pytest
from counts import DIRECT

from platform_utils.errors import ContractError
from platform_utils.protect import load_rule, protect_estimate
from platform_utils.spec.counts import Estimated

RULE = load_rule()


def so_far(counts):
    return {day: frozenset(range(count)) for day, count in counts.items()}


def made_of(*said, **given):
    return protect_estimate(Estimated(*said, **given), DIRECT, RULE)


@pytest.mark.parametrize(("value", "points"), [(0.245, 25), (-0.245, -25), (0.004, 0), (1.0, 100)])
def test_a_difference_is_in_whole_points(value, points):
    made = made_of("d", "difference", {"estimate": value}, [20, 40, 12, 48])
    assert {"estimate": points} == made.values
    assert 120 == made.number


def test_many_two_by_two_tables_share_one_released_difference():
    """The table cannot be read back: hundreds of tables with the same groups give the same answer."""
    target = made_of("d", "difference", {"estimate": 20 / 60 - 12 / 60}, [20, 40, 12, 48])
    same = [
        (a, c)
        for a in range(4, 57)
        for c in range(4, 57)
        if made_of("d", "difference", {"estimate": a / 60 - c / 60}, [a, 60 - a, c, 60 - c]).values
        == target.values
    ]
    assert len(same) > 20


@pytest.mark.parametrize("under", [[1, 59, 12, 48], [20, 40, 57, 3], [0, 0, 0, 0]])
def test_a_cell_that_may_not_be_shown_withholds_the_estimate(under):
    made = made_of("d", "difference", {"estimate": 0.2}, under)
    assert ("withheld", {}, "few") == (made.kind, made.values, made.why)


def test_a_ratio_without_limit_says_so_and_what_does_not_exist_is_left_out():
    made = made_of("r", "ratio", {"estimate": 2.34, "lower": math.nan, "upper": math.inf}, [20, 40, 0, 60])
    assert {"estimate": "2.3", "upper": "inf"} == made.values
    assert {"lower": 3} == made_of("d", "difference", {"estimate": math.inf, "lower": 0.03}, [20, 40]).values


@pytest.mark.parametrize(("p", "side"), [(0.049, "below"), (0.05, "above"), (1e-9, "below")])
def test_a_p_value_is_a_side_of_its_level(p, side):
    assert {"p": side, "level": "0.05"} == made_of("t", "test", {"p": p}, [20, 40, 12, 48]).values
    assert "withheld" == made_of("t", "test", {"p": p}, [2, 40, 12, 48]).kind


def test_a_curve_stands_at_four_days_with_enough_at_risk_and_enough_events_between():
    at = {day: day / 200 for day in range(200)}
    events = so_far({30: 6, 60: 8, 90: 12, 180: 30})
    made = made_of("c", "curve", at, (), at_risk={30: 50, 60: 40, 90: 20, 180: 9}, events=events)
    assert {"day_30": 15, "day_90": 45} == made.values


def test_the_plans_day_of_a_curve_comes_before_the_others():
    at = {day: day / 200 for day in range(200)}
    risk = dict.fromkeys((30, 60, 90, 180), 50)
    events = so_far({30: 16, 60: 21, 90: 23, 180: 30})
    assert {"day_30", "day_60", "day_180"} == set(made_of("c", "curve", at, (), "", risk, events).values)
    made = made_of("c", "curve", at, (), "", risk, events, first=90)
    assert {"day_30", "day_90", "day_180"} == set(made.values)
    few = made_of("c", "curve", at, (), "", risk, so_far({30: 0, 60: 2, 90: 3, 180: 9}), first=90)
    assert {"day_30", "day_180"} == set(few.values)


def test_leaving_members_out_prints_only_a_range():
    values = {0: 0.21, 1: 0.18, 2: 0.30, 3: 0.05}
    made = made_of("loo", "range", values, [20, 40, 12, 48])
    assert {"lower": 5, "upper": 30} == made.values
    assert "withheld" == made_of("loo", "range", {0: 0.21, 1: 0.18}, [20, 40, 12, 48]).kind


def test_bad_counts_are_refused():
    with pytest.raises(ContractError, match="E-401"):
        made_of("d", "difference", {"estimate": 0.2}, [-1, 2])
    with pytest.raises(ContractError, match="E-405"):
        made_of("d", "median", {"estimate": 0.2}, [20, 20])
