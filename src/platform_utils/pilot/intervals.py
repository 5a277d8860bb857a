"""Confidence intervals that keep their level at small counts: one share, a difference, a ratio.

Enters: whole counts. Leaves: ``Estimate``; differences are first share minus second share, ratios are ``nan``
for 0/0 and ``inf`` where they have no upper limit. No correction is added to a zero cell. Wilson's,
Clopper's and Newcombe's limits are statsmodels'; its score limits fail or go astray at zero cells (0.15: in 1
of 2 tables of up to 40 a group), so those are ours.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from scipy import stats
from scipy.optimize import brentq

from platform_utils.errors import ContractError
from platform_utils.pilot.results import Estimate, TwoGroups, check_counts


def wilson(events: int, n: int, level: float = 0.95) -> Estimate:
    """Return the score interval of Wilson for a single share, without continuity correction.

    Raises
    ------
    ContractError
        E-701 if the counts are not usable.

    References
    ----------
    Wilson EB (1927) J Am Stat Assoc 22:209-212. Newcombe RG (1998) Stat Med 17:857-872, method 3.

    Examples
    --------
    >>> interval = wilson(15, 148)
    >>> round(interval.lower, 4), round(interval.upper, 4)
    (0.0624, 0.1605)
    """
    return _one_share(events, n, level, "wilson", "Wilson score")


def clopper_pearson(events: int, n: int, level: float = 0.95) -> Estimate:
    """Return the exact interval of Clopper and Pearson: each tail holds at most half of 1 - level.

    With 0 of n the upper limit keeps its half tail (0 of 20: 0.1684, not 0.1391).

    Raises
    ------
    ContractError
        E-701 if the counts are not usable.

    References
    ----------
    Clopper C, Pearson ES (1934) Biometrika 26:404-413. Newcombe (1998), method 5.

    Examples
    --------
    >>> interval = clopper_pearson(0, 20)
    >>> round(interval.lower, 4), round(interval.upper, 4)
    (0.0, 0.1684)
    """
    return _one_share(events, n, level, "beta", "Clopper-Pearson exact")


def newcombe(table: TwoGroups, level: float = 0.95) -> Estimate:
    """Return Newcombe's hybrid score interval: the Wilson limits of both shares, squared and added.

    References
    ----------
    Newcombe RG (1998) Stat Med 17:873-890, table II, method 10.

    Examples
    --------
    >>> interval = newcombe(TwoGroups(56, 70, 48, 80))
    >>> round(interval.lower, 4), round(interval.upper, 4)
    (0.0524, 0.3339)
    """
    from statsmodels.stats.proportion import confint_proportions_2indep

    counts = (table.events_1, table.n_1, table.events_0, table.n_0)
    lower, upper = confint_proportions_2indep(*counts, method="newcomb", compare="diff", alpha=1 - level)
    return Estimate(table.difference, float(lower), float(upper), level, "Newcombe hybrid score")


def miettinen_nurminen(table: TwoGroups, level: float = 0.95) -> Estimate:
    """Return the score interval of Miettinen and Nurminen for a difference of independent shares.

    The limits invert the score test with restricted maximum likelihood shares and variance multiplied by
    N / (N - 1) (Mee's interval leaves that factor out).

    References
    ----------
    Miettinen O, Nurminen M (1985) Stat Med 4:213-226. Values: Newcombe (1998), table II, method 6.

    Examples
    --------
    >>> interval = miettinen_nurminen(TwoGroups(9, 10, 3, 10))
    >>> round(interval.lower, 4), round(interval.upper, 4)
    (0.17, 0.8406)
    """
    return _score_difference([table], level, "Miettinen-Nurminen score")


def stratified_difference(tables: Sequence[TwoGroups], level: float = 0.95) -> Estimate:
    """Return the common risk difference over strata with Miettinen and Nurminen's stratified score limits.

    Weighted by Mantel-Haenszel sample-size weights ``n_1 n_0 / (n_1 + n_0)``.

    Parameters
    ----------
    tables : sequence of TwoGroups
        One per stratum; both groups must be present in each.

    Raises
    ------
    ContractError
        E-701 if there is no stratum.

    References
    ----------
    Miettinen and Nurminen (1985), section on strata; weights fixed as in Lu K (2008) Stat Med 27:6022.

    Examples
    --------
    >>> both = stratified_difference([TwoGroups(7, 10, 3, 10), TwoGroups(5, 20, 4, 40)])
    >>> round(both.value, 4)
    0.2182
    """
    if not tables:
        raise ContractError("E-701")
    return _score_difference(tables, level, "Miettinen-Nurminen score, Mantel-Haenszel weights")


def risk_ratio(table: TwoGroups, level: float = 0.95) -> Estimate:
    """Return the ratio of two shares with Miettinen and Nurminen's score limits.

    x/0 is ``inf`` with a finite lower limit, 0/x is 0 with a finite upper limit, 0/0 is ``nan`` with limits
    0 and ``inf``.

    References
    ----------
    Miettinen O, Nurminen M (1985) Stat Med 4:213-226. Values: Fagerland, Lydersen and Laake (2017), ch. 4.

    Examples
    --------
    >>> ratio = risk_ratio(TwoGroups(7, 34, 1, 34))
    >>> round(ratio.value, 4), round(ratio.lower, 4), round(ratio.upper, 3)
    (7.0, 1.2086, 43.033)
    """
    n_1, n_0, x_1, x_0 = table.n_1, table.n_0, table.events_1, table.events_0
    n = n_1 + n_0

    def score(log_ratio: float) -> float:
        ratio = float(np.exp(log_ratio))
        a, b = n * ratio, -(n_1 * ratio + x_1 + n_0 + x_0 * ratio)
        root = np.sqrt(max(0.0, b * b - 4 * a * (x_1 + x_0)))
        # restricted maximum likelihood: the smaller root, written so that nothing cancels
        risk_0 = min(2 * (x_1 + x_0) / (-b + root), 1.0, 1.0 / ratio)
        risk_1 = ratio * risk_0
        variance = risk_1 * (1 - risk_1) / n_1 + ratio**2 * risk_0 * (1 - risk_0) / n_0
        return _standardise(table.risk_1 - ratio * table.risk_0, variance * (n / (n - 1)))

    return _score_ratio(score, _divide(table.risk_1, table.risk_0), level, "risk ratio")


def odds_ratio(table: TwoGroups, level: float = 0.95) -> Estimate:
    """Return the sample odds ratio (unconditional) with Miettinen and Nurminen's score limits.

    References
    ----------
    Miettinen and Nurminen (1985). Values: Fagerland, Lydersen and Laake (2017), ch. 4.

    Examples
    --------
    >>> ratio = odds_ratio(TwoGroups(9, 9, 14, 21))
    >>> ratio.value, ratio.upper
    (inf, inf)
    """
    n_1, n_0, x_1, x_0 = table.n_1, table.n_0, table.events_1, table.events_0
    spared = TwoGroups(n_1 - x_1, n_1, n_0 - x_0, n_0)

    def score(log_ratio: float) -> float:
        if log_ratio < 0:
            # the same odds ratio of persons without the outcome, so that no small share is lost in rounding
            return -_odds_score(spared, float(np.exp(-log_ratio)))
        return _odds_score(table, float(np.exp(log_ratio)))

    return _score_ratio(score, _divide(x_1 * (n_0 - x_0), (n_1 - x_1) * x_0), level, "odds ratio")


def _one_share(events: int, n: int, level: float, method: str, said: str) -> Estimate:
    # imported where it is called: it takes a second that only an evaluation should pay
    from statsmodels.stats.proportion import proportion_confint

    check_counts(events, n)
    lower, upper = proportion_confint(events, n, alpha=1 - level, method=method)
    # rounding would leave 1e-17 where a limit is exactly 0 or 1
    edges = (0.0 if events == 0 else float(lower), 1.0 if events == n else float(upper))
    return Estimate(events / n, *edges, level, said)


def _score_difference(tables: Sequence[TwoGroups], level: float, method: str) -> Estimate:
    weights = np.array([table.n_1 * table.n_0 / (table.n_1 + table.n_0) for table in tables])
    weights = weights / weights.sum()
    value = float(sum(w * table.difference for w, table in zip(weights, tables, strict=True)))
    critical = float(stats.chi2.isf(1 - level, 1))

    def excess(delta: float) -> float:
        gap = variance = 0.0
        for weight, table in zip(weights, tables, strict=True):
            risk_1, risk_0 = _restricted(table, delta)
            n = table.n_1 + table.n_0
            one = risk_1 * (1 - risk_1) / table.n_1 + risk_0 * (1 - risk_0) / table.n_0
            gap += weight * (table.difference - delta)
            variance += weight * weight * max(0.0, one) * n / (n - 1)
        if variance > 1e-300:
            # brentq needs finite ends
            return float(min(gap * gap / variance - critical, 1e6))
        return -critical if gap * gap < 1e-24 else 1e6

    # at exactly -1 and 1 the variance is 0: a limit that is not met just inside lies on the edge
    edge = 1 - 1e-12
    lower, upper = -1.0, 1.0
    if value > -edge and excess(-edge) > 0:
        lower = float(brentq(excess, -edge, value, xtol=1e-12, rtol=1e-12))
    if value < edge and excess(edge) > 0:
        upper = float(brentq(excess, value, edge, xtol=1e-12, rtol=1e-12))
    return Estimate(value, lower, upper, level, method)


def _restricted(table: TwoGroups, delta: float) -> tuple[float, float]:
    # closed form of the cubic for the shares that are most likely when they differ by delta
    # (Miettinen and Nurminen 1985, appendix I)
    n_1, n_0, x_1, x_0 = table.n_1, table.n_0, table.events_1, table.events_0
    n = n_1 + n_0
    l_2 = (n_1 + 2 * n_0) * delta - n - (x_1 + x_0)
    l_1 = (n_0 * delta - n - 2 * x_0) * delta + x_1 + x_0
    l_0 = x_0 * delta * (1 - delta)
    q = l_2**3 / (3 * n) ** 3 - l_1 * l_2 / (6 * n * n) + l_0 / (2 * n)
    p = np.copysign(np.sqrt(max(0.0, l_2**2 / (3 * n) ** 2 - l_1 / (3 * n))), q)
    cosine = 1.0 if p == 0 else float(np.clip(q / p**3, -1.0, 1.0))
    angle = (np.pi + np.arccos(cosine)) / 3
    risk_0 = float(np.clip(2 * p * np.cos(angle) - l_2 / (3 * n), max(0.0, -delta), min(1.0, 1.0 - delta)))
    return risk_0 + delta, risk_0


def _odds_score(table: TwoGroups, ratio: float) -> float:
    # for a ratio of 1 or more: first share likely under it minus expected, standardised
    n_1, n_0, x_1, x_0 = table.n_1, table.n_0, table.events_1, table.events_0
    n = n_1 + n_0
    b = n_1 * ratio + n_0 - (x_1 + x_0) * (ratio - 1)
    root = np.sqrt(max(0.0, b * b + 4 * n_0 * (ratio - 1) * (x_1 + x_0)))
    # the root of the quadratic in the form that does not cancel
    risk_0 = (root - b) / (2 * n_0 * (ratio - 1)) if b < 0 else 2 * (x_1 + x_0) / (b + root)
    risk_0 = float(np.clip(risk_0, 0.0, 1.0))
    whole = 1 - risk_0 + risk_0 * ratio
    risk_1, rest_1 = risk_0 * ratio / whole, (1 - risk_0) / whole
    weights = (n_1 * risk_1 * rest_1, n_0 * risk_0 * (1 - risk_0))
    information = 1 / (1 / weights[0] + 1 / weights[1]) if min(weights) > 1e-300 else 0.0
    # when nearly everybody is expected, those expected without the outcome are the exact side
    gap = x_1 - n_1 * risk_1 if risk_1 < 0.5 else n_1 * rest_1 - (n_1 - x_1)
    return _standardise(gap, n / (n - 1) * information)


def _standardise(gap: float, variance: float) -> float:
    if variance > 1e-300:
        return float(gap / np.sqrt(variance))
    return 0.0 if abs(gap) < 1e-12 else float(np.copysign(1e6, gap))


def _divide(numerator: float, denominator: float) -> float:
    if denominator:
        return numerator / denominator
    return float("inf") if numerator else float("nan")


def _score_ratio(score: Callable[[float], float], value: float, level: float, what: str) -> Estimate:
    # the score falls as the ratio grows: lower limit where it equals z, upper limit where it equals -z
    z, edge = float(stats.norm.isf((1 - level) / 2)), 40.0
    lower, upper = 0.0, float("inf")
    if value > 0 and score(-edge) > z:
        lower = float(np.exp(brentq(lambda t: score(t) - z, -edge, edge, xtol=1e-13)))
    if value < np.inf and score(edge) < -z:
        upper = float(np.exp(brentq(lambda t: score(t) + z, -edge, edge, xtol=1e-13)))
    return Estimate(value, lower, upper, level, f"Miettinen-Nurminen score, {what}")
