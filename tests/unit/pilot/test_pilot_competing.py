"""Competing outcomes: a published data set with ties at day 0, late entry, and 1 - KM failing beside it."""

from __future__ import annotations

import math

import numpy as np
import pytest

from platform_utils.errors import ContractError
from platform_utils.pilot.competing import (
    aalen_johansen,
    cumulative_risk,
    gray_test,
)

# Scrucca, Santucci and Aversa (2007) Bone Marrow Transplant 40:381-387: disease (0 ALL, 1 AML), months,
# status (0 censored, 1 transplant-related death, 2 relapse); expected values as cuminc() of R gives them
BMT = """
0,13,2 0,1,1 0,72,0 0,7,2 0,8,2 1,67,0 0,9,2 0,5,2 1,70,0 1,4,0 1,7,0 1,68,0 0,1,2 1,10,2 1,7,2 1,3,1
1,4,1 1,4,1 1,3,1 1,3,1 0,22,2 1,8,1 1,2,2 0,0,2 0,0,1 0,35,0 1,35,0 0,4,2 0,14,2 0,26,2 0,3,2 1,2,0
1,8,0 1,32,0 0,12,1
"""
ROWS = np.array([[int(cell) for cell in row.split(",")] for row in BMT.split()])


def bmt(disease=None):
    rows = ROWS if disease is None else ROWS[ROWS[:, 0] == disease]
    return rows[:, 1], rows[:, 2]


def error(curve, day):
    """Greenwood's standard error of the first cause by a day."""
    row = np.searchsorted(curve.times, day, side="right") - 1
    return math.sqrt(curve.greenwood[row, 0])


@pytest.mark.parametrize(
    ("disease", "month", "death", "relapse"),
    [
        (None, 0, 0.02857143, 0.02857143),
        (None, 3, 0.14581281, 0.11527094),
        (None, 8, 0.23771164, 0.27050544),
        (None, 72, 0.27283899, 0.48126955),
        (0, 4, 0.11764706, 0.23529412),
        (0, 72, 0.17647059, 0.70588235),
        (1, 2, 0.0, 0.05555556),
        (1, 4, 0.29513889, 0.05555556),
        (1, 10, 0.36818576, 0.20570747),
    ],
)
def test_bone_marrow_transplants(disease, month, death, relapse):
    curve = aalen_johansen(*bmt(disease))
    assert death == pytest.approx(curve.at(month, 1).value, abs=1e-8)
    assert relapse == pytest.approx(curve.at(month, 2).value, abs=1e-8)
    assert relapse == pytest.approx(cumulative_risk(*bmt(disease), cause=2, day=month), abs=1e-8)


def test_one_cause_is_kaplan_meier_with_greenwood():
    # Freireich et al. (1963), 6-MP arm: S(23) = 0.448, Greenwood standard error 0.1346
    weeks = [6, 6, 6, 6, 7, 9, 10, 10, 11, 13, 16, 17, 19, 20, 22, 23, 25, 32, 32, 34, 35]
    event = [1, 1, 1, 0, 1, 0, 1, 0, 0, 1, 1, 0, 0, 0, 1, 1, 0, 0, 0, 0, 0]
    curve = aalen_johansen(weeks, event)
    assert 0.4482 == round(1 - curve.at(23, 1).value, 4)
    assert 0.1346 == round(error(curve, 23), 4)


def test_without_censoring_it_is_the_plain_share_with_its_variance_ties_or_not():
    time, event = [1, 1, 2, 2, 2, 3, 3, 5, 5, 6], [1, 2, 1, 1, 2, 2, 1, 1, 2, 2]
    curve = aalen_johansen(time, event)
    for day, share in ((1, 0.1), (2, 0.3), (3, 0.4), (6, 0.5)):
        assert share == pytest.approx(curve.at(day, 1).value)
        expected = math.sqrt(share * (1 - share) / 10)
        assert expected == pytest.approx(error(curve, day))


def test_late_entry_by_hand():
    # day 2: at risk 1, 2; day 4: at risk 2, 3 (entered on 2, after day 2); day 5: at risk 3
    curve = aalen_johansen([2, 4, 5], [1, 2, 1], entry=[0, 0, 2])
    assert [2.0, 2.0, 1.0] == curve.at_risk.tolist()
    assert 0.5 == pytest.approx(curve.at(2, 1).value)
    assert 0.25 == pytest.approx(curve.at(4, 2).value)
    assert 0.75 == pytest.approx(curve.at(5, 1).value)


def test_person_who_enters_on_an_event_day_is_not_yet_at_risk():
    assert 0.5 == pytest.approx(cumulative_risk([3, 4, 9], [1, 0, 0], cause=1, day=3, entry=[0, 0, 3]))


def test_log_log_limits_by_hand():
    estimate = aalen_johansen(*bmt(1)).at(4, 1)
    spread = error(aalen_johansen(*bmt(1)), 4)
    reach = 1.959963984540054 * spread / abs(estimate.value * math.log(estimate.value))
    assert estimate.value ** math.exp(reach) == pytest.approx(estimate.lower)
    assert estimate.value ** math.exp(-reach) == pytest.approx(estimate.upper)
    nothing = aalen_johansen(*bmt(1)).at(1, 1)
    assert 0.0 == nothing.lower
    assert math.isnan(nothing.upper)


@pytest.mark.parametrize(
    ("code", "arguments"),
    [
        ("E-707", ([1, -2], [1, 0])),
        ("E-707", ([1, math.nan], [1, 0])),
        ("E-709", ([1, 2], [1, -1])),
        ("E-709", ([1, 2], [1, 0.5])),
        ("E-711", ([], [])),
        ("E-713", ([1, 2], [1, 0], [0, 2])),
    ],
)
def test_bad_histories_are_refused(code, arguments):
    with pytest.raises(ContractError) as caught:
        aalen_johansen(*arguments)
    assert code == caught.value.code


def test_refusal_names_column_and_row():
    with pytest.raises(ContractError) as caught:
        aalen_johansen([1, 2, -3], [1, 0, 0])
    expected = (
        'E-707 Negative or missing time in column "time" (rows 3). '
        "Expected days from day 0, 0 or more. Correct the rows."
    )
    assert expected == caught.value.text("en")


def test_nobody_with_an_event_is_a_curve_at_zero():
    curve = aalen_johansen([3, 5], [0, 0])
    assert ((2, 0), 0.0) == (curve.incidence.shape, curve.at(5, 1).value)


@pytest.mark.parametrize(
    ("cause", "statistic", "p_value"), [(1, 1.3016345, 0.2539149), (2, 7.0822780, 0.0077850)]
)
def test_grays_test_of_the_transplants_is_that_of_cmprsk(cause, statistic, p_value):
    months, status = bmt()
    found = gray_test(months, status, ROWS[:, 0] == 0, cause)
    assert (statistic, p_value) == pytest.approx((found.statistic, found.p_value), abs=1e-7)
    turned = gray_test(months, status, ROWS[:, 0] == 1, cause)
    assert found.p_value == pytest.approx(turned.p_value, rel=1e-9)


def test_grays_test_keeps_its_level_and_refuses_one_group():
    generator = np.random.default_rng(4)
    p_values = []
    for _ in range(300):
        time, event = generator.integers(1, 90, 60), generator.choice([0, 1, 2], 60, p=[0.3, 0.4, 0.3])
        p_values.append(gray_test(time, event, np.arange(60) < 30).p_value)
    assert 4 <= np.sum(np.array(p_values) <= 0.05) <= 27
    assert 1.0 == gray_test([5, 6], [2, 2], [True, False]).p_value
    with pytest.raises(ContractError) as caught:
        gray_test([5, 6], [1, 1], [True, True])
    assert "E-710" == caught.value.code
