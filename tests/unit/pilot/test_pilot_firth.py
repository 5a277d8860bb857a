"""Firth's regression against logistf's data set; separation found, plain logit refused."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.special import logit

from platform_utils.errors import ContractError
from platform_utils.pilot.firth import firth_logistic, firth_predictor

NAMES = ("age", "oc", "vic", "vicl", "vis", "dia")
# urinary infections in 239 college women (Cytel), data set sex2 of the R package logistf:
# digits are case, age, oc, vic, vicl, vis, dia; the number after them is how many women
SEX2 = """
0000010 1 0001000 2 0001010 1 0001100 8 0001110 18 0010000 42 0010010 1 0011000 1 0011100 5 0011110 6
0101100 2 0101110 4 0110000 14 0110010 1 0111000 1 0111110 2 1000010 1 1001000 14 1001010 3 1001100 10
1001110 12 1001111 1 1010000 44 1010001 3 1011000 15 1011001 1 1011010 2 1011100 7 1011110 3 1101000 2
1101010 1 1101011 1 1101100 1 1101111 1 1110000 5 1111000 3
"""
# logistf(case ~ age + oc + vic + vicl + vis + dia): coefficients, profile limits, intercept last
COEFFICIENTS = [-1.10598131, -0.06881673, 2.26887464, -2.11140817, -0.78831694, 3.09601166, 0.12025405]
LOWER = [-1.9737884, -0.9414363, 1.2730216, -3.2608611, -1.6080879, 0.7745682, -0.8185591]
UPPER = [-0.30742514, 0.78920202, 3.43543273, -1.11773495, 0.01518468, 8.03029352, 1.07315122]
# p-values as printed in logistf's help page
P_VALUES = [6.143e-03, 8.752e-01, 1.679e-06, 1.238e-05, 5.450e-02, 4.952e-03, 8.020e-01]


def sex2():
    words = SEX2.split()
    rows = [[int(digit) for digit in code] for code in words[::2]]
    data = np.repeat(np.array(rows), [int(count) for count in words[1::2]], axis=0)
    return data[:, 1:], data[:, 0]


def test_sex2_has_its_239_women():
    _, case = sex2()
    assert (239, 130) == (len(case), int(case.sum()))


def test_coefficients_and_profile_limits_are_logistfs():
    fit = firth_logistic(*sex2(), names=NAMES)
    assert fit.coefficients == pytest.approx(COEFFICIENTS, abs=2e-6)
    assert fit.lower == pytest.approx(LOWER, abs=2e-5)
    assert fit.upper == pytest.approx(UPPER, abs=5e-5)
    assert fit.p_values == pytest.approx(P_VALUES, rel=2e-3)


def test_the_order_of_rows_changes_no_digit():
    # at the package's own tolerance half of the orders gave nan
    rows, case = sex2()
    first, generator = firth_logistic(rows, case), np.random.default_rng(7)
    for _ in range(20):
        order = generator.permutation(len(case))
        other = firth_logistic(rows[order], case[order])
        assert np.isfinite(other.p_values).all()
        assert first.p_values == pytest.approx(other.p_values, abs=1e-9)


def test_the_fit_that_is_resampled_has_the_same_coefficients():
    data, case = sex2()
    zero, each = np.zeros((1, 6)), np.eye(6)
    predict = firth_predictor(data, case)
    intercept = logit(predict(zero))
    assert [*(logit(predict(each)) - intercept), *intercept] == pytest.approx(COEFFICIENTS, abs=2e-6)


def test_a_likelihood_without_a_top_is_an_error():
    days = np.array([0, 0, 0, 0, 3, 9, 9, 11, 13, 14, 14, 14])
    with pytest.raises(ContractError) as caught:
        firth_predictor(days, days > 9)
    assert "E-722" == caught.value.code


def test_separation_by_diaphragm_is_found_and_named():
    assert ("dia",) == firth_logistic(*sex2(), names=NAMES).separated


def test_what_has_not_converged_is_never_nan_in_silence():
    # at a tolerance of 1e-9 the package gave nan p-values for cohorts such as these, with a warning only
    generator = np.random.default_rng(5)
    for draw in range(60):
        rows = (generator.random((generator.integers(12, 80), 3)) < 0.4).astype(float)
        outcome = (generator.random(len(rows)) < 0.2).astype(int)
        outcome[rows[:, 0] == (1 if draw % 3 == 0 else 2)] = 1
        try:
            fit = firth_logistic(rows, outcome)
        except ContractError as error:
            assert error.code in ("E-711", "E-722")
            continue
        assert np.isfinite([*fit.coefficients, *fit.lower, *fit.upper, *fit.p_values]).all()


def test_firth_of_a_saturated_table_adds_a_half_to_each_cell():
    access = np.repeat([1, 0, 0], [9, 14, 7])
    outcome = np.repeat([1, 1, 0], [9, 14, 7])
    fit = firth_logistic(access, outcome, names=["access"])
    assert np.log(9.5 * 7.5 / (0.5 * 14.5)) == pytest.approx(fit.coefficients[0], abs=1e-6)
    assert ("access",) == fit.separated
    assert np.isfinite([fit.lower[0], fit.upper[0]]).all()


def test_one_outcome_and_collinear_covariates_are_refused():
    with pytest.raises(ContractError) as caught:
        firth_logistic([[0], [1]], [1, 1])
    assert "E-711" == caught.value.code
    with pytest.raises(ContractError) as caught:
        firth_logistic([[0, 0], [1, 1], [1, 1]], [0, 1, 0])
    assert "E-722" == caught.value.code
