"""Exact tests: published tables, conventions at zero cells and ties, agreement with scipy."""

from __future__ import annotations

from fractions import Fraction
from math import comb

import numpy as np
import pytest
from scipy.stats import barnard_exact, boschloo_exact, fisher_exact

from platform_utils.pilot.exact import barnard, boschloo, fisher, fisher_mid_p
from platform_utils.pilot.results import TwoGroups

ZERO_CELL = TwoGroups(9, 9, 14, 21)
TRANSPOSED = TwoGroups(9, 23, 0, 7)


def random_tables(count, seed, largest=40):
    generator = np.random.default_rng(seed)
    for _ in range(count):
        n_1, n_0 = (int(n) for n in generator.integers(2, largest + 1, 2))
        yield TwoGroups(int(generator.integers(0, n_1 + 1)), n_1, int(generator.integers(0, n_0 + 1)), n_0)


def as_columns(table):
    return [
        [table.events_1, table.events_0],
        [table.n_1 - table.events_1, table.n_0 - table.events_0],
    ]


def test_zero_cell_case_with_groups_as_columns():
    assert 0.071 == round(fisher(ZERO_CELL).p_value, 3)
    assert 0.056 == round(barnard(ZERO_CELL).p_value, 3)
    assert 0.053 == round(boschloo(ZERO_CELL).p_value, 3)


def test_transposing_moves_the_unconditional_tests_only():
    assert 0.071 == round(fisher(TRANSPOSED).p_value, 3)
    assert 0.051 == round(barnard(TRANSPOSED).p_value, 3)
    assert 0.045 == round(boschloo(TRANSPOSED).p_value, 3)


def test_conventions_are_said():
    assert "group sizes fixed" in barnard(ZERO_CELL).convention
    assert "unpooled" in barnard(ZERO_CELL, pooled=False).convention
    assert "twice the smaller" in boschloo(ZERO_CELL).convention
    assert "both margins fixed" in fisher(ZERO_CELL).convention


def test_barnards_own_table():
    # Barnard (1945) Nature 156:177: 3 of 3 against 0 of 3 has p = 1/32
    assert 1 / 32 == pytest.approx(barnard(TwoGroups(3, 3, 0, 3)).p_value, abs=1e-12)


def test_vaccine_trial_of_mehta_and_senchaudhuri():
    # 7 of 15 against 12 of 15: one-sided 0.0341 (Fisher 0.0641), two-sided twice that by symmetry
    table = TwoGroups(7, 15, 12, 15)
    assert 0.0341 == round(barnard(table, alternative="less").p_value, 4)
    assert 0.0641 == round(fisher(table).p_value / 2, 4)
    two_sided = barnard(table).p_value
    assert 2 * barnard(table, alternative="less").p_value == pytest.approx(two_sided, abs=1e-9)


def test_perondi_and_ritland_in_fagerland_chapter_4():
    assert 0.0281 == round(barnard(TwoGroups(7, 34, 1, 34)).p_value, 4)
    assert 0.0544 == round(fisher(TwoGroups(7, 34, 1, 34)).p_value, 4)
    assert 0.06287 == round(fisher(TwoGroups(0, 16, 15, 72)).p_value, 5)
    assert 0.04466 == round(fisher_mid_p(TwoGroups(0, 16, 15, 72)).p_value, 5)


def test_fisher_counts_tables_of_equal_probability():
    # without a tolerance for rounding these come out at about half
    for cells, expected in (
        ((0, 2, 5, 8), Fraction(4, 9)),
        ((0, 2, 7, 12), Fraction(6, 13)),
        ((4, 5, 1, 4), Fraction(13, 63)),
    ):
        assert float(expected) == pytest.approx(fisher(TwoGroups(*cells)).p_value, abs=1e-12)


def test_equal_to_scipy_to_nine_digits():
    equal = 0
    for table in random_tables(60, seed=11):
        theirs = as_columns(table)
        assert fisher_exact(theirs)[1] == pytest.approx(fisher(table).p_value, abs=1e-9)
        # where it drops a mirror image of the table as less extreme, its p is the smaller one
        ours = barnard(table).p_value
        assert barnard_exact(theirs).pvalue <= ours + 1e-9
        equal += barnard_exact(theirs).pvalue == pytest.approx(ours, abs=1e-9)
        assert boschloo_exact(theirs).pvalue == pytest.approx(boschloo(table).p_value, abs=1e-9)
    assert equal > 45


@pytest.mark.parametrize("test", [fisher, fisher_mid_p, barnard, boschloo])
def test_relabelling_changes_nothing(test):
    for table in random_tables(40, seed=12, largest=25):
        seen = test(table).p_value
        groups = TwoGroups(table.events_0, table.n_0, table.events_1, table.n_1)
        outcomes = TwoGroups(table.n_1 - table.events_1, table.n_1, table.n_0 - table.events_0, table.n_0)
        assert seen == pytest.approx(test(groups).p_value, abs=1e-9)
        assert seen == pytest.approx(test(outcomes).p_value, abs=1e-9)


def test_unconditional_p_is_the_largest_over_the_common_share():
    share = np.linspace(0, 1, 4001)[1:-1]
    for table in random_tables(15, seed=13, largest=18):
        x_1, x_0 = np.meshgrid(np.arange(table.n_1 + 1), np.arange(table.n_0 + 1), indexing="ij")
        cross = (x_1 * table.n_0 - x_0 * table.n_1).astype(object)
        spread = ((x_1 + x_0) * (table.n_1 + table.n_0 - x_1 - x_0)).astype(object)
        square = [[Fraction(int(c * c), int(d)) if d else Fraction(0) for c, d in zip(a, b, strict=True)]
                  for a, b in zip(cross, spread, strict=True)]  # fmt: skip
        seen = square[table.events_1][table.events_0]
        total = np.zeros_like(share)
        for i, row in enumerate(square):
            for j, value in enumerate(row):
                if value >= seen:
                    ways = comb(table.n_1, i) * comb(table.n_0, j)
                    total += ways * share ** (i + j) * (1 - share) ** (table.n_1 + table.n_0 - i - j)
        largest = 1.0 if seen == 0 else total.max()
        assert barnard(table).p_value == pytest.approx(min(1.0, largest), abs=2e-6)
        assert barnard(table).p_value >= min(1.0, largest) - 1e-12


def exact_tail(n_1, n_0, x_1, x_0, side):
    total = x_1 + x_0
    first = range(max(0, total - n_0), x_1 + 1) if side == "less" else range(x_1, min(n_1, total) + 1)
    ways = sum(comb(n_1, k) * comb(n_0, total - k) for k in first)
    return Fraction(ways, comb(n_1 + n_0, total))


def largest_sum(extreme, n_1, n_0):
    share = np.sin((np.arange(6000) + 0.5) / 6000 * np.pi / 2) ** 2
    ways = np.zeros(n_1 + n_0 + 1)
    for i, j in extreme:
        ways[i + j] += float(comb(n_1, i) * comb(n_0, j))
    k = np.arange(n_1 + n_0 + 1)
    powers = np.outer(np.log(share), k) + np.outer(np.log1p(-share), n_1 + n_0 - k)
    return float((np.exp(powers) @ ways).max())


@pytest.mark.parametrize("cells", [(40, 46, 39, 46), (20, 31, 19, 31), (9, 9, 14, 21), (12, 24, 5, 12)])
def test_boschloo_orders_tables_as_fractions(cells):
    # 40 of 46 against 39 of 46: tails near 1 differ only in digits that floating numbers lose
    table = TwoGroups(*cells)
    sides = []
    for side in ("less", "greater"):
        seen = exact_tail(table.n_1, table.n_0, table.events_1, table.events_0, side)
        extreme = [
            (i, j)
            for i in range(table.n_1 + 1)
            for j in range(table.n_0 + 1)
            if exact_tail(table.n_1, table.n_0, i, j, side) <= seen
        ]
        sides.append(largest_sum(extreme, table.n_1, table.n_0))
    assert min(1.0, 2 * min(sides)) == pytest.approx(boschloo(table).p_value, abs=1e-6)
    assert boschloo_exact(as_columns(table)).pvalue == pytest.approx(boschloo(table).p_value, abs=1e-9)


def test_no_and_all_events_give_one():
    for cells in ((0, 9, 0, 21), (9, 9, 21, 21)):
        for test in (fisher, barnard, boschloo):
            assert 1.0 == pytest.approx(test(TwoGroups(*cells)).p_value)
