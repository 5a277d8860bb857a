"""Intervals against the tables in which their authors published them."""

from __future__ import annotations

import math

import pytest

from platform_utils.errors import ContractError
from platform_utils.pilot.intervals import (
    clopper_pearson,
    miettinen_nurminen,
    newcombe,
    odds_ratio,
    risk_ratio,
    stratified_difference,
    wilson,
)
from platform_utils.pilot.results import TwoGroups

# Newcombe (1998) Stat Med 17:857-872, table I: methods 3 (Wilson) and 5 (exact)
SINGLE = [
    (81, 263, (0.2553, 0.3662), (0.2527, 0.3676)),
    (15, 148, (0.0624, 0.1605), (0.0578, 0.1617)),
    (0, 20, (0.0, 0.1611), (0.0, 0.1684)),
    (1, 29, (0.0061, 0.1718), (0.0009, 0.1776)),
]
# Newcombe (1998) Stat Med 17:873-890, table II: methods 10 (hybrid score) and 6 (Miettinen-Nurminen)
INDEPENDENT = [
    ((56, 70, 48, 80), (0.0524, 0.3339), (0.0528, 0.3382)),
    ((9, 10, 3, 10), (0.1705, 0.8090), (0.1700, 0.8406)),
    ((6, 7, 2, 7), (0.0582, 0.8062), (0.0342, 0.8534)),
    ((5, 56, 0, 29), (-0.0381, 0.1926), (-0.0326, 0.1933)),
    ((0, 10, 0, 20), (-0.1611, 0.2775), (-0.1658, 0.2844)),
    ((0, 10, 0, 10), (-0.2775, 0.2775), (-0.2879, 0.2879)),
    ((10, 10, 0, 20), (0.6791, 1.0), (0.7156, 1.0)),
    ((10, 10, 0, 10), (0.6075, 1.0), (0.6636, 1.0)),
]


def limits(estimate):
    return round(estimate.lower, 4), round(estimate.upper, 4)


@pytest.mark.parametrize(("events", "n", "score", "exact"), SINGLE)
def test_single_shares_are_newcombes(events, n, score, exact):
    assert score == limits(wilson(events, n))
    assert exact == limits(clopper_pearson(events, n))


def test_single_share_of_fagerland_chapter_2():
    # Ligarden et al. (2010) in Fagerland, Lydersen and Laake (2017): 13 of 16
    assert (0.5699, 0.9341) == limits(wilson(13, 16))
    assert (0.5435, 0.9595) == limits(clopper_pearson(13, 16))


def test_page_quotes_of_wilson():
    assert (0.09, 0.23) == tuple(round(x, 2) for x in limits(wilson(15, 100)))
    assert (0.16, 0.45) == tuple(round(x, 2) for x in limits(wilson(10, 35)))


@pytest.mark.parametrize(("table", "hybrid", "score"), INDEPENDENT)
def test_independent_differences_are_newcombes(table, hybrid, score):
    assert hybrid == limits(newcombe(TwoGroups(*table)))
    assert score == limits(miettinen_nurminen(TwoGroups(*table)))


def test_zero_cells_of_fagerland_chapter_4():
    # Ritland et al. (2007): 0 of 16 against 15 of 72; Perondi et al. (2004): 7 of 34 against 1 of 34
    assert (-0.3164, -0.0056) == limits(miettinen_nurminen(TwoGroups(0, 16, 15, 72)))
    assert (0.0189, 0.3404) == limits(newcombe(TwoGroups(7, 34, 1, 34)))


def test_ratios_of_fagerland_chapter_4():
    assert (1.2086, 43.0330) == limits(risk_ratio(TwoGroups(7, 34, 1, 34)))
    assert (1.0934, 28.9419) == limits(odds_ratio(TwoGroups(9, 13, 4, 14)))
    without_limit = risk_ratio(TwoGroups(3, 4, 0, 2))
    assert (math.inf, 0.7113, math.inf) == (
        without_limit.value,
        round(without_limit.lower, 4),
        without_limit.upper,
    )
    assert 0.0313 == round(odds_ratio(TwoGroups(1, 11, 0, 2)).lower, 4)


def test_ratio_of_no_events_has_no_value():
    nothing = risk_ratio(TwoGroups(0, 5, 0, 6))
    assert math.isnan(nothing.value)
    assert (0.0, math.inf) == (nothing.lower, nothing.upper)


def test_odds_ratio_of_all_against_none_has_a_lower_limit():
    # the score test of 10 of 10 against 0 of 10 rejects every odds ratio below 24.46
    there, back = odds_ratio(TwoGroups(10, 10, 0, 10)), odds_ratio(TwoGroups(0, 10, 10, 10))
    assert (24.46, math.inf) == (round(there.lower, 2), there.upper)
    assert (0.0, 0.0409) == limits(back)


@pytest.mark.parametrize("measure", [risk_ratio, odds_ratio])
@pytest.mark.parametrize(
    "cells", [(10, 10, 0, 10), (9, 9, 14, 21), (0, 16, 15, 72), (3, 4, 0, 2), (7, 34, 1, 34), (1, 1, 1, 2)]
)
def test_swapping_groups_inverts_every_ratio(measure, cells):
    there, back = measure(TwoGroups(*cells)), measure(TwoGroups(*cells[2:], *cells[:2]))
    inverted = [math.inf if limit == 0 else 1 / limit for limit in (back.upper, back.lower)]
    assert inverted == pytest.approx([there.lower, there.upper], rel=1e-6)


def test_strata_of_thirteen_cisapride_trials():
    # trials of Hartung and Knapp (2001) Stat Med 20:3875; limits by maximising each stratum's likelihood
    # numerically under a common difference and weighting by n1 n0 / (n1 + n0)
    tables = [
        (15, 16, 9, 16), (12, 16, 1, 16), (29, 34, 18, 34), (42, 56, 31, 56), (14, 22, 6, 22),
        (44, 54, 17, 55), (14, 17, 7, 15), (29, 58, 23, 58), (10, 14, 3, 15), (17, 26, 6, 27),
        (38, 44, 12, 45), (19, 29, 22, 30), (21, 38, 19, 38),
    ]  # fmt: skip
    common = stratified_difference([TwoGroups(*cells) for cells in tables])
    assert 0.30886 == round(common.value, 5)
    assert (0.2453, 0.3700) == limits(common)


def test_strata_with_the_same_difference_give_it_back():
    tables = [TwoGroups(6, 10, 3, 10), TwoGroups(12, 20, 9, 30)]
    assert math.isclose(0.3, stratified_difference(tables).value)
    alone = miettinen_nurminen(tables[0])
    assert limits(alone) == limits(stratified_difference(tables[:1]))


def test_swapping_groups_mirrors_every_difference():
    for cells in ((9, 9, 14, 21), (0, 12, 3, 8), (5, 7, 2, 30)):
        there, back = TwoGroups(*cells), TwoGroups(*cells[2:], *cells[:2])
        for interval in (newcombe, miettinen_nurminen):
            one, other = interval(there), interval(back)
            assert math.isclose(one.lower, -other.upper, abs_tol=1e-9)
            assert math.isclose(one.upper, -other.lower, abs_tol=1e-9)


@pytest.mark.parametrize("cells", [(-1, 10, 1, 10), (11, 10, 1, 10), (1, 0, 1, 10), (0.5, 10, 1, 10)])
def test_impossible_counts_are_refused(cells):
    with pytest.raises(ContractError) as caught:
        TwoGroups(*cells)
    assert "E-701" == caught.value.code
