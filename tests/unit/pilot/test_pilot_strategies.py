"""Clone, censor, weight; landmark; adjustment; interrupted series."""

from __future__ import annotations

import math

import numpy as np
import pytest
import statsmodels.api as sm

from platform_utils.errors import ContractError
from platform_utils.pilot.adjusted import Jackknife, g_computation, inverse_probability, positivity_holds
from platform_utils.pilot.series import interrupted_series
from platform_utils.pilot.strategies import clone_censor_weight, landmark

NEVER = math.nan


def test_clones_by_hand():
    # grace 10, horizon 30. A enters day 2, event day 20. B enters day 10, no event. C never, event day 5.
    # D never, event day 25. E never, none.
    entry = [2, 10, NEVER, NEVER, NEVER]
    time, event = [20, 30, 5, 25, 30], [1, 0, 1, 1, 0]
    result = clone_censor_weight(entry, time, event, grace=10, horizon=30)
    # enter: C's event among five; then A and B stand for the four left: one of two has the event
    assert 1 / 5 + 4 / 5 * 1 / 2 == pytest.approx(result.risk_enter)
    # do not: A leaves on day 2 (weights 5/4), C's event among the four left (each 5/4), B leaves on day 10
    # (of B, D, E: weights 15/8), then D's event of D and E
    assert 1 / 4 + 3 / 4 * 1 / 2 == pytest.approx(result.risk_stay)


def test_waiting_makes_no_difference_where_there_is_none():
    # half are lost, early rather than late; who is still there may enter: cloning sees no effect,
    # comparing entrants with the others sees a large one
    generator = np.random.default_rng(8)
    cloned, naive = [], []
    for _ in range(60):
        lost = np.ceil(90 * (generator.exponential(1.0, 200) / 0.7) ** 2)
        entry = np.floor(generator.exponential(8.0, 200))
        entry = np.where((generator.random(200) < 0.6) & (entry < lost), entry, np.nan)
        time, event = np.minimum(lost, 90), (lost <= 90).astype(int)
        cloned.append(clone_censor_weight(entry, time, event, grace=14, horizon=90).difference.value)
        entered = ~np.isnan(entry)
        naive.append(event[entered].mean() - event[~entered].mean())
    assert abs(np.mean(cloned)) < 3 * np.std(cloned) / math.sqrt(60)
    assert np.mean(naive) < -0.1


def test_clones_find_a_measured_cause_of_entering():
    # a covariate makes entering likelier and the event likelier; entering does nothing
    generator = np.random.default_rng(9)
    plain, adjusted = [], []
    for _ in range(40):
        worse = generator.integers(0, 2, 300)
        time = np.ceil(generator.exponential(np.where(worse, 60, 300)))
        entry = np.floor(generator.exponential(6.0, 300))
        enters = (generator.random(300) < np.where(worse, 0.7, 0.3)) & (entry < time)
        entry = np.where(enters, entry, np.nan)
        observed, event = np.minimum(time, 90), (time <= 90).astype(int)
        settings = {"grace": 14, "horizon": 90}
        plain.append(clone_censor_weight(entry, observed, event, **settings).difference.value)
        result = clone_censor_weight(entry, observed, event, covariates=worse, **settings)
        adjusted.append(result.difference.value)
    assert np.mean(plain) > 0.1
    assert abs(np.mean(adjusted)) < 0.03


def test_clone_limits_repeat_and_contain_the_estimate():
    generator = np.random.default_rng(10)
    entry = np.where(generator.random(80) < 0.5, generator.integers(0, 14, 80), np.nan)
    time, event = generator.integers(15, 91, 80), generator.integers(0, 2, 80)
    units = np.arange(80) // 8
    found = clone_censor_weight(entry, time, event, grace=14, horizon=90, units=Jackknife(units)).difference
    assert (
        found
        == clone_censor_weight(entry, time, event, grace=14, horizon=90, units=Jackknife(units)).difference
    )
    assert found.lower < found.value < found.upper


def test_leaving_out_members_is_the_error_of_their_means():
    # the jackknife of a difference of means over units of one size is the textbook's error, t with 4 + 4 - 2
    generator = np.random.default_rng(11)
    units, access = np.repeat(np.arange(8), 10), np.repeat([1, 0], 40)
    outcome = generator.random(80) < 0.4
    means = outcome.reshape(8, 10).mean(axis=1)
    error, freedom = Jackknife(units).error(
        lambda rows: float(outcome[rows][access[rows] == 1].mean() - outcome[rows][access[rows] == 0].mean()),
        access,
    )
    variance = means[:4].var(ddof=1) / 4 + means[4:].var(ddof=1) / 4
    assert (math.sqrt(variance), 6) == pytest.approx((error, freedom))
    nothing = Jackknife(np.repeat([0, 1], [40, 40])).limits(lambda rows: 0.0, access)
    assert np.isnan(nothing).all()


def test_nobody_entering_is_refused():
    with pytest.raises(ContractError) as caught:
        clone_censor_weight([NEVER, NEVER], [5, 9], [1, 0], grace=14, horizon=90)
    assert "E-710" == caught.value.code
    with pytest.raises(ContractError) as caught:
        clone_censor_weight([-1, NEVER], [5, 9], [1, 0], grace=14, horizon=90)
    assert ("E-707", "1") == (caught.value.code, caught.value.fields["rows"])


def test_landmark_leaves_out_what_came_before_it():
    entry = [2, 20, NEVER, NEVER, 3]
    time, event = [40, 60, 5, 30, 10], [1, 0, 1, 1, 2]
    result = landmark(entry, time, event, day=14, horizon=90)
    assert (1, 1, 1, 2) == (result.events_1, result.n_1, result.events_0, result.n_0)


def test_adjustment_removes_a_measured_cause():
    generator = np.random.default_rng(12)
    worse = generator.integers(0, 2, 4000)
    access = (generator.random(4000) < np.where(worse, 0.7, 0.3)).astype(int)
    outcome = (generator.random(4000) < np.where(worse, 0.5, 0.2)).astype(int)
    crude = outcome[access == 1].mean() - outcome[access == 0].mean()
    units = np.arange(4000)
    assert crude > 0.09
    for method in (g_computation, inverse_probability):
        assert abs(method(outcome, access, worse, Jackknife(units // 100)).value) < 0.03


def test_weights_are_fragile_where_some_could_hardly_have_been_in_the_other_group():
    access, covariate = np.repeat([1, 0], 50), np.tile([0, 1], 50)
    assert positivity_holds(access, covariate)
    assert not positivity_holds(np.repeat([1, 0], [97, 3]), np.r_[np.zeros(97), 1, 1, 1])


def series(before=36, closed=18, after=30, drop=1.0, share=0.3, persons=11, seed=1):
    generator = np.random.default_rng(seed)
    months = np.arange(before + closed + after)
    inside = (months >= before) & (months < before + closed)
    odds = share / (1 - share) * np.exp(0.3 * np.sin(2 * np.pi * months / 12)) * np.where(inside, drop, 1)
    met = generator.integers(persons - 3, persons + 3, len(months))
    return generator.binomial(met, odds / (1 + odds)), met


def test_series_finds_a_closure_that_halved_the_odds():
    counts, persons = series(drop=0.5, persons=60, seed=2)
    result = interrupted_series(counts, persons, 36, 54)
    assert result.level[0].lower < 0.5 < result.level[0].upper < 1
    assert result.level[1].lower < 2.0 < result.level[1].upper
    assert result.slope[0].lower < 1 < result.slope[0].upper
    assert result.p_level[0] < 0.01


def test_series_finds_a_slope_that_no_step_explains():
    generator = np.random.default_rng(2)
    months, persons = np.arange(84), np.full(84, 80)
    odds = 0.5 * np.exp(-0.9 * np.maximum(months - 36, 0) / 12 * (months < 54))
    result = interrupted_series(generator.binomial(persons, odds / (1 + odds)), persons, 36, 54)
    assert result.slope[0].lower < math.exp(-0.9) < result.slope[0].upper < 1
    assert result.level[0].lower < 1 < result.level[0].upper


def test_series_without_effect_rejects_as_often_as_it_says():
    hits = [interrupted_series(*series(seed=seed), 36, 54).p_level[0] <= 0.05 for seed in range(300)]
    # as Poisson counts these shares gave 0.007
    assert 6 <= sum(hits) <= 27


@pytest.mark.parametrize(("before", "closed"), [(23, 18), (36, 11)])
def test_short_series_are_refused(before, closed):
    counts, persons = series(before, closed)
    with pytest.raises(ContractError) as caught:
        interrupted_series(counts, persons, before, before + closed)
    assert "E-720" == caught.value.code


@pytest.mark.parametrize("nobody", [True, False])
def test_series_in_which_nobody_or_everybody_has_the_outcome_is_refused(nobody):
    counts, persons = series()
    counts[36:54] = 0 if nobody else persons[36:54]
    with pytest.raises(ContractError) as caught:
        interrupted_series(counts, persons, 36, 54)
    assert "E-711" == caught.value.code


def test_series_matches_statsmodels():
    counts, persons = series(seed=3)
    months = np.arange(len(counts))
    steps = [part for start in (36, 54) for part in (months >= start, np.maximum(months - start, 0) / 12)]
    waves = [np.sin(2 * np.pi * months / 12), np.cos(2 * np.pi * months / 12)]
    design = np.column_stack([np.ones(len(counts)), (months - months.mean()) / 12, *steps, *waves])
    both = np.column_stack([counts, persons - counts])
    fit = sm.GLM(both, design, family=sm.families.Binomial()).fit(scale="X2")
    result = interrupted_series(counts, persons, 36, 54)
    assert np.exp(fit.params[2:6]) == pytest.approx(
        [result.level[0].value, result.slope[0].value, result.level[1].value, result.slope[1].value]
    )
    expected = persons * fit.fittedvalues
    pearson = (counts - expected) ** 2 / (expected * (1 - fit.fittedvalues))
    assert pearson.sum() / fit.df_resid == pytest.approx(result.dispersion)
    never = interrupted_series(counts[:54], persons[:54], 36, 54)
    assert np.isnan([never.level[1].value, never.p_level[1]]).all()
