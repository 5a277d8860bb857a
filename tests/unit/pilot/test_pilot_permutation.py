"""Permutation of whole units: by hand, exact coherence of test and interval, attainable p, Holm and Tarone."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pytest
from statsmodels.stats.multitest import multipletests

from platform_utils.errors import ContractError
from platform_utils.pilot.decide import holm, tarone_holm
from platform_utils.pilot.permutation import (
    arrangements,
    permutation_interval,
    permutation_test,
    smallest_attainable_p,
)


def test_smallest_attainable_p():
    assert 1 / 7 == pytest.approx(smallest_attainable_p(1, 6))
    assert 2 / 252 == pytest.approx(smallest_attainable_p(5, 5))
    assert 1 / 210 == pytest.approx(smallest_attainable_p(4, 6))
    assert 0.1 == pytest.approx(smallest_attainable_p(3, 3))
    assert 1.0 == smallest_attainable_p(0, 6)


def test_p_by_enumeration_with_unequal_units():
    events, sizes = np.array([3, 0, 2, 5, 1]), np.array([6, 4, 9, 7, 5])
    access = np.array([True, False, False, True, False])
    seen = abs(8 / 13 - 3 / 18)
    extreme = 0
    for chosen in combinations(range(5), 2):
        inside = np.isin(np.arange(5), chosen)
        gap = events[inside].sum() / sizes[inside].sum() - events[~inside].sum() / sizes[~inside].sum()
        extreme += abs(gap) >= seen - 1e-12
    result = permutation_test(events, sizes, access)
    assert extreme / 10 == pytest.approx(result.p_value)
    assert 8 / 13 - 3 / 18 == pytest.approx(result.statistic)


def test_the_interval_leaves_out_zero_exactly_when_the_test_rejects():
    generator = np.random.default_rng(5)
    rejected = 0
    for _ in range(150):
        units_1, units_0 = generator.integers(3, 6, 2)
        ways = arrangements(np.arange(units_1 + units_0) < units_1)
        sizes = generator.integers(2, 15, units_1 + units_0)
        risk = np.where(np.arange(units_1 + units_0) < units_1, 0.6, 0.25)
        events = generator.binomial(sizes, risk)
        p_value = permutation_test(events, sizes, ways=ways).p_value
        interval = permutation_interval(events, sizes, ways)
        outside = interval.lower > 1e-9 or interval.upper < -1e-9
        assert (p_value <= 0.05) == outside
        rejected += outside
    assert 20 < rejected < 140


def test_the_interval_inverts_the_test_at_other_differences():
    ways = arrangements(np.arange(8) < 4)
    events, sizes = np.array([5, 6, 7, 4, 1, 0, 2, 1.0]), np.full(8, 10.0)
    interval = permutation_interval(events, sizes, ways, 0.9)
    for delta, inside in (
        (interval.lower + 1e-6, True),
        (interval.lower - 1e-6, False),
        (interval.upper - 1e-6, True),
        (interval.upper + 1e-6, False),
    ):
        shifted = events - delta * sizes * ways.groups[0]
        assert inside == (permutation_test(shifted, sizes, ways=ways).p_value > 0.1)


def test_too_few_units_give_the_whole_scale():
    ways = arrangements([True, False, False])
    interval = permutation_interval([5, 1, 2], [10, 10, 10], ways)
    assert (-1.0, 1.0) == (interval.lower, interval.upper)


@pytest.mark.parametrize(("with_access", "without"), [(5, 5), (5, 0), (3, 3)])
def test_units_that_are_all_alike_have_no_interval(with_access, without):
    ways = arrangements([True] * 4 + [False] * 4)
    interval = permutation_interval([with_access] * 4 + [without] * 4, [5] * 8, ways)
    assert (with_access - without) / 5 == interval.value
    assert np.isnan([interval.lower, interval.upper]).all()


def test_no_events_cannot_reject():
    result = permutation_test([0] * 8, [5] * 8, [True] * 4 + [False] * 4)
    assert (1.0, 1.0) == (result.p_value, result.attainable)


def test_a_sample_of_arrangements_repeats_and_counts_the_real_one():
    access = np.arange(40) < 20
    ways = arrangements(access, limit=100, sample=500, seed=3)
    assert not ways.exact
    assert (500, 40) == ways.groups.shape
    assert (ways.groups[0] == access).all()
    assert (ways.groups.sum(axis=1) == 20).all()
    assert (ways.groups == arrangements(access, limit=100, sample=500, seed=3).groups).all()
    assert permutation_test(np.where(access, 9, 0), np.full(40, 10), ways=ways).p_value == pytest.approx(
        1 / 500
    )


@pytest.mark.parametrize(("access", "group"), [([True, True], "no"), ([False, False], "yes")])
def test_one_group_only_is_refused(access, group):
    with pytest.raises(ContractError) as caught:
        arrangements(access)
    assert ("E-710", group) == (caught.value.code, caught.value.fields["group"])


def test_holm_steps_down_and_keeps_ties():
    assert [0.5, 0.04, 0.06, 0.06] == pytest.approx(holm([0.5, 0.01, 0.03, 0.02]))
    assert [1.0, 1.0, 1.0] == holm([0.4, 0.4, 0.9])
    assert [0.03, 0.03, 0.9] == pytest.approx(holm([0.01, 0.01, 0.9]))
    assert [] == holm([])
    many = np.random.default_rng(3).random(40) ** 3
    assert multipletests(many, method="holm")[1].tolist() == holm(many)


def test_an_outcome_that_could_not_reject_is_not_paid_for():
    assert [0.04, 1.0] == pytest.approx(tarone_holm([0.04, 1.0], [0.001, 1.0]))
    assert [0.08, 0.08] == pytest.approx(tarone_holm([0.04, 0.04], [0.001, 0.001]))
    # both could reject at 0.05 but only one at 0.025: that one is tested alone
    assert [0.02, 1.0] == pytest.approx(tarone_holm([0.02, 0.04], [0.001, 0.04]))
    assert [1.0, 1.0] == tarone_holm([0.2, 0.2], [0.2, 0.2])
