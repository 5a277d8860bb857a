"""E-values, worst-case bounds, tipping point, misclassification, leave-one-out, power."""

from __future__ import annotations

import math

import pytest

from platform_utils.errors import ContractError
from platform_utils.pilot.exact import fisher
from platform_utils.pilot.power import Scenario, simulate_power, years_needed
from platform_utils.pilot.results import TwoGroups
from platform_utils.pilot.sensitivity import (
    KnownAndLeft,
    corrected_difference,
    e_value,
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
        e_value(0.0, 0.0, 1.0)


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
    before = fisher(TwoGroups(26, 60, 12 + point.leavers - 1, 60)).p_value
    assert before <= 0.05 < point.p_value
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


def test_power_falls_with_clustering_and_rises_with_members():
    free = simulate_power(Scenario(0.5, 0.2, 60, 5), draws=300).share
    clustered = simulate_power(Scenario(0.5, 0.2, 60, 5, correlation=0.1), draws=300).share
    many = simulate_power(Scenario(0.5, 0.2, 60, 10, correlation=0.1), draws=300).share
    assert clustered < many <= free + 0.1
    assert clustered < free - 0.15


def test_three_members_a_side_see_nothing():
    assert 0.0 == simulate_power(Scenario(0.9, 0.1, 60, 3), draws=50).share


def test_years_of_pooling():
    effect = Scenario(0.44, 0.20, 1, members_per_group=8)
    years = years_needed(effect, 45, draws=200)
    assert years in (2, 3)
    assert years_needed(Scenario(0.22, 0.20, 1, 6, 0.05), 45, most_years=2, draws=100) is None
