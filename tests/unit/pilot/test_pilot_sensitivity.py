"""E-values, bounds with limits, tipping point, misclassification, leave-one-out, a Bayesian reading."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy import stats

from platform_utils.errors import ContractError
from platform_utils.pilot.bayes import two_group_posterior
from platform_utils.pilot.exact import fisher
from platform_utils.pilot.results import TwoGroups
from platform_utils.pilot.sensitivity import (
    KnownAndLeft,
    corrected_difference,
    e_value,
    imbens_manski,
    leave_one_out,
    manski_bounds,
    recontact_bounds,
    tipping_point,
)


def test_e_value_of_vanderweele_and_ding():
    values = e_value(3.9, 1.8, 8.7)
    assert (7.26, 3.0) == (round(values.estimate, 2), round(values.limit, 2))


def test_e_value_of_smoking_and_lung_cancer():
    # Hammond and Horn (1958) in Ding and VanderWeele (2016): 10.73 (8.02 to 14.36) gives 20.9 and 15.5
    values = e_value(10.73, 8.02, 14.36)
    assert (20.9, 15.5) == (round(values.estimate, 1), round(values.limit, 1))


def test_e_value_of_a_protective_ratio_is_that_of_its_inverse():
    # VanderWeele and Ding (2017): 0.80 (0.71 to 0.91) gives 1.81 and 1.43
    values = e_value(0.80, 0.71, 0.91)
    assert (1.81, 1.43) == (round(values.estimate, 2), round(values.limit, 2))


def test_limits_around_one_need_no_hidden_cause():
    assert 1.0 == e_value(1.3, 0.9, 1.9).limit
    assert 1.0 == e_value(1.0, 0.5, 2.0).estimate
    with pytest.raises(ContractError):
        e_value(-0.1, -0.2, 1.0)


@pytest.mark.parametrize("ratio", [(0.0, 0.0, 0.25), (np.inf, 4.0, np.inf)])
def test_a_ratio_without_limit_has_the_e_value_of_its_nearer_limit(ratio):
    values = e_value(*ratio)
    assert np.inf == values.estimate
    assert e_value(0.5, 0.3, 0.25 + 0.25).estimate == pytest.approx(2 + 2**0.5)
    assert 4 + 12**0.5 == pytest.approx(values.limit)


def test_bounds_by_hand():
    lower, upper = manski_bounds(KnownAndLeft(50, 20, 5), KnownAndLeft(40, 10, 8))
    assert 20 / 50 - 18 / 40 == pytest.approx(lower)
    assert 25 / 50 - 10 / 40 == pytest.approx(upper)
    assert 5 / 50 + 8 / 40 == pytest.approx(upper - lower)


def test_nobody_left_leaves_a_point():
    lower, upper = manski_bounds(KnownAndLeft(50, 20, 0), KnownAndLeft(40, 10, 0))
    assert (0.15, 0.15) == pytest.approx((lower, upper))


def test_reaching_leavers_narrows_but_never_widens():
    groups = KnownAndLeft(60, 20, 12), KnownAndLeft(60, 15, 20)
    free = manski_bounds(*groups)
    some = recontact_bounds(KnownAndLeft(60, 20, 12, 6, 1), KnownAndLeft(60, 15, 20, 10, 2))
    everybody = recontact_bounds(KnownAndLeft(60, 20, 12, 12, 2), KnownAndLeft(60, 15, 20, 20, 4))
    assert free[0] <= some[0] < some[1] <= free[1]
    assert everybody == pytest.approx((22 / 60 - 19 / 60, 22 / 60 - 19 / 60))
    assert free == pytest.approx(recontact_bounds(*groups))
    with pytest.raises(ContractError):
        recontact_bounds(KnownAndLeft(60, 20, 12, 13, 1), groups[1])


def test_tipping_point_is_the_first_that_does_not_reject():
    point = tipping_point(KnownAndLeft(60, 26, 6), KnownAndLeft(60, 12, 20), test=fisher)
    before, there = (fisher(TwoGroups(26, 60, 12 + point.leavers - less, 60)).p_value for less in (1, 0))
    assert before <= 0.05 < there
    assert 0 == tipping_point(KnownAndLeft(20, 5, 2), KnownAndLeft(20, 4, 2)).leavers
    assert tipping_point(KnownAndLeft(60, 50, 0), KnownAndLeft(60, 5, 3)).leavers is None


def test_misclassification_of_rogan_and_gladen():
    assert 0.0 == pytest.approx(corrected_difference(TwoGroups(18, 60, 12, 60), (0.9, 0.6), (1.0, 1.0)))
    assert 0.1 == pytest.approx(corrected_difference(TwoGroups(18, 60, 12, 60), (1.0, 1.0), (1.0, 1.0)))
    with pytest.raises(ContractError):
        corrected_difference(TwoGroups(18, 60, 12, 60), (0.4, 0.9), (0.5, 1.0))


def test_leave_one_out_by_hand():
    found = leave_one_out([5, 1, 2, 0], [10, 10, 10, 10], [True, True, False, False])
    assert [0.0, 0.4, 0.3, 0.1] == pytest.approx(found)
    assert math.isnan(leave_one_out([5, 1], [10, 10], [True, False])[0])


def test_e_value_for_another_truth():
    # R's EValue, its vignette: a risk ratio of 2.5 for a truth of 1.5 gives 2.72
    assert 2.72 == round(e_value(2.5, 1.8, 3.2, truth=1.5).estimate, 2)
    assert e_value(2.5, 1.8, 3.2).estimate > e_value(2.5, 1.8, 3.2, truth=1.5).estimate
    assert 1.0 == e_value(2.5, 1.8, 3.2, truth=2.0).limit


@pytest.mark.parametrize(("gap", "reach"), [(0.0, 1.960), (0.5, 1.770), (1.0, 1.681), (6.0, 1.645)])
def test_limits_of_imbens_and_manski_go_from_two_sides_to_one(gap, reach):
    lower, upper = imbens_manski(0.0, gap, (1.0, 1.0))
    assert reach == pytest.approx(-lower, abs=1e-3)
    assert reach == pytest.approx(upper - gap, abs=1e-3)
    # their equation: the probability to hold a value at the edge is the level
    assert 0.95 == pytest.approx(stats.norm.cdf(upper) - stats.norm.cdf(lower), abs=1e-9)


def test_limits_of_bounds_with_few_units_and_refusals():
    assert imbens_manski(0.0, 0.2, (0.1, 0.1), freedom=10)[1] > imbens_manski(0.0, 0.2, (0.1, 0.1))[1]
    assert (0.1, 0.3) == imbens_manski(0.1, 0.3, (0.0, 0.0))
    with pytest.raises(ContractError):
        imbens_manski(0.3, 0.1, (0.1, 0.1))


# deaths in 12 hospitals that operated on babies' hearts: Surgical, BUGS Examples volume 1 (Spiegelhalter et
# al. 1996), whose random-effects model has the population mean 0.073 (0.053 to 0.095) and spread 0.41
OPERATIONS = [47, 148, 119, 810, 211, 196, 148, 215, 207, 97, 256, 360]
DEATHS = [0, 18, 8, 46, 8, 13, 9, 31, 14, 8, 29, 24]


def test_the_posterior_of_hospitals_is_that_of_bugs():
    twice = [*DEATHS, *DEATHS], [*OPERATIONS, *OPERATIONS], [True] * 12 + [False] * 12
    found = two_group_posterior(*twice, scales=(5.0, 5.0, 1.0))
    assert 0.5 == pytest.approx(found.above_zero, abs=1e-9)
    # averaged over hospitals, so a little above the median hospital of BUGS
    assert 0.073 < found.risk_1 < 0.085
    assert found.risk_1 == pytest.approx(found.risk_0, rel=1e-9)
    assert 0.33 < found.spread < 0.48


def test_the_posterior_without_members_is_that_of_two_shares():
    # many members of one person each have no spread to see; a flat prior on the logit is almost flat on risks
    hits = np.r_[np.repeat([1, 0], [24, 36]), np.repeat([1, 0], [12, 48])]
    found = two_group_posterior(hits, np.ones(120), np.arange(120) < 60, scales=(1.8, 5.0, 1e-3))
    generator = np.random.default_rng(3)
    exact = generator.beta(24.5, 36.5, 400_000) - generator.beta(12.5, 48.5, 400_000)
    assert (exact > 0).mean() == pytest.approx(found.above_zero, abs=4e-3)
    assert np.quantile(exact, [0.025, 0.975]) == pytest.approx([found.lower, found.upper], abs=0.012)


def test_members_that_differ_make_the_posterior_less_sure():
    sizes, access = [20] * 6, [True] * 3 + [False] * 3
    alike = two_group_posterior([8, 8, 8, 4, 4, 4], sizes, access, relevant=0.1)
    apart = two_group_posterior([16, 6, 2, 9, 2, 1], sizes, access, relevant=0.1)
    assert alike.above_zero > apart.above_zero
    assert alike.above_relevant < alike.above_zero
    fewer = two_group_posterior([4, 4, 4, 8, 8, 8], sizes, access, relevant=-0.1)
    assert alike.above_relevant == pytest.approx(fewer.above_relevant, abs=0.03)
    with pytest.raises(ContractError):
        two_group_posterior([1, 2], [5, 5], [True, True])
