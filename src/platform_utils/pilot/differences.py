"""Intervals for a difference between two shares: independent groups, strata and pairs.

Enters: whole counts. Leaves: ``Estimate`` of first share minus second share.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from scipy import stats
from scipy.optimize import brentq

from platform_utils.errors import ContractError
from platform_utils.pilot.proportions import wilson
from platform_utils.pilot.results import Estimate, TwoGroups

__all__ = [
    "miettinen_nurminen",
    "newcombe",
    "newcombe_paired",
    "stratified_difference",
    "tango_paired",
]


def newcombe(table: TwoGroups, level: float = 0.95) -> Estimate:
    """Return Newcombe's hybrid score interval for a difference of independent shares.

    Parameters
    ----------
    table : TwoGroups
        Counts of both groups.
    level : float
        Confidence level.

    Returns
    -------
    Estimate
        Risk difference, limits by squaring and adding the Wilson limits of each share (method 10).

    References
    ----------
    Newcombe RG (1998) Stat Med 17:873-890, table II, method 10.

    Examples
    --------
    >>> interval = newcombe(TwoGroups(56, 70, 48, 80))
    >>> round(interval.lower, 4), round(interval.upper, 4)
    (0.0524, 0.3339)
    """
    first, second = wilson(table.events_1, table.n_1, level), wilson(table.events_0, table.n_0, level)
    difference = table.difference
    lower = difference - np.hypot(first.value - first.lower, second.upper - second.value)
    upper = difference + np.hypot(second.value - second.lower, first.upper - first.value)
    return Estimate(difference, float(lower), float(upper), level, "Newcombe hybrid score")


def miettinen_nurminen(table: TwoGroups, level: float = 0.95) -> Estimate:
    """Return the score interval of Miettinen and Nurminen for a difference of independent shares.

    Parameters
    ----------
    table : TwoGroups
        Counts of both groups.
    level : float
        Confidence level.

    Returns
    -------
    Estimate
        Risk difference; the limits invert the score test with restricted maximum likelihood shares and
        variance multiplied by N / (N - 1) (Mee's interval leaves that factor out).

    References
    ----------
    Miettinen O, Nurminen M (1985) Stat Med 4:213-226. Values: Newcombe (1998), table II, method 6.

    Examples
    --------
    >>> interval = miettinen_nurminen(TwoGroups(9, 10, 3, 10))
    >>> round(interval.lower, 4), round(interval.upper, 4)
    (0.17, 0.8406)
    """
    critical = float(stats.chi2.isf(1 - level, 1))

    def excess(delta: float) -> float:
        return _score_squared([table], [1.0], delta) - critical

    lower, upper = _invert(excess, table.difference)
    return Estimate(table.difference, lower, upper, level, "Miettinen-Nurminen score")


def stratified_difference(tables: Sequence[TwoGroups], level: float = 0.95) -> Estimate:
    """Return the common risk difference over strata with Miettinen and Nurminen's stratified score limits.

    Parameters
    ----------
    tables : sequence of TwoGroups
        One per stratum; both groups must be present in each.
    level : float
        Confidence level.

    Returns
    -------
    Estimate
        Difference weighted by Mantel-Haenszel sample-size weights ``n_1 n_0 / (n_1 + n_0)``. With one
        stratum it is `miettinen_nurminen`.

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
    weights = [table.n_1 * table.n_0 / (table.n_1 + table.n_0) for table in tables]
    share = np.asarray(weights) / sum(weights)
    value = float(sum(w * table.difference for w, table in zip(share, tables, strict=True)))
    critical = float(stats.chi2.isf(1 - level, 1))

    def excess(delta: float) -> float:
        return _score_squared(tables, list(share), delta) - critical

    lower, upper = _invert(excess, value)
    return Estimate(value, lower, upper, level, "Miettinen-Nurminen score, Mantel-Haenszel weights")


def newcombe_paired(both: int, first: int, second: int, neither: int, level: float = 0.95) -> Estimate:
    """Return Newcombe's interval for a difference of paired shares.

    Parameters
    ----------
    both, first, second, neither : int
        Pairs with the outcome in both members, only in the first, only in the second, in neither
        (e, f, g, h in the source).
    level : float
        Confidence level.

    Returns
    -------
    Estimate
        ``(first - second) / n`` with limits by squaring and adding, with the phi correction of method 10.

    References
    ----------
    Newcombe RG (1998) Stat Med 17:2635-2650, table III, method 10.

    Examples
    --------
    >>> interval = newcombe_paired(36, 12, 2, 0)
    >>> round(interval.lower, 4), round(interval.upper, 4)
    (0.0569, 0.3404)
    """
    n = both + first + second + neither
    one, two = wilson(both + first, n, level), wilson(both + second, n, level)
    cross = both * neither - first * second
    margins = (both + first) * (second + neither) * (both + second) * (first + neither)
    corrected = max(cross - n / 2, 0.0) if cross > 0 else float(cross)
    phi = corrected / np.sqrt(margins) if margins else 0.0
    difference = (first - second) / n
    d_1, d_2 = one.value - one.lower, two.upper - two.value
    lower = difference - np.sqrt(max(0.0, d_1**2 - 2 * phi * d_1 * d_2 + d_2**2))
    u_1, u_2 = one.upper - one.value, two.value - two.lower
    upper = difference + np.sqrt(max(0.0, u_1**2 - 2 * phi * u_1 * u_2 + u_2**2))
    return Estimate(difference, float(lower), float(upper), level, "Newcombe paired")


def tango_paired(both: int, first: int, second: int, neither: int, level: float = 0.95) -> Estimate:
    """Return Tango's score interval for a difference of paired shares.

    It inverts the score test with the restricted maximum likelihood estimate, as Miettinen and Nurminen's
    interval does for independent groups; at difference 0 its test is McNemar's without correction.

    Parameters
    ----------
    both, first, second, neither : int
        Pairs with the outcome in both members, only in the first, only in the second, in neither.
    level : float
        Confidence level.

    Returns
    -------
    Estimate
        ``(first - second) / n`` with score limits.

    References
    ----------
    Tango T (1998) Stat Med 17:891-908. Values: Fagerland MW, Lydersen S, Laake P (2017) Statistical
    Analysis of Contingency Tables, chapter 8.

    Examples
    --------
    >>> interval = tango_paired(59, 6, 16, 80)
    >>> round(interval.lower, 4), round(interval.upper, 4)
    (-0.124, -0.0054)
    """
    n = both + first + second + neither
    wilson(both + first, n, level)
    difference = (first - second) / n
    critical = float(stats.chi2.isf(1 - level, 1))

    def excess(delta: float) -> float:
        b = -first - second + (2 * n - first + second) * delta
        c = -second * delta * (1 - delta)
        q = (np.sqrt(max(0.0, b * b - 8 * n * c)) - b) / (4 * n)
        variance = n * (2 * q + delta * (1 - delta))
        gap = first - second - n * delta
        return _ratio(gap * gap, variance) - critical

    lower, upper = _invert(excess, difference)
    return Estimate(difference, lower, upper, level, "Tango paired score")


def _score_squared(tables: Sequence[TwoGroups], weights: Sequence[float], delta: float) -> float:
    gap = sum(w * (t.difference - delta) for w, t in zip(weights, tables, strict=True))
    variance = 0.0
    for weight, table in zip(weights, tables, strict=True):
        risk_1, risk_0 = _restricted(table, delta)
        n = table.n_1 + table.n_0
        one = risk_1 * (1 - risk_1) / table.n_1 + risk_0 * (1 - risk_0) / table.n_0
        variance += weight * weight * max(0.0, one) * n / (n - 1)
    return _ratio(gap * gap, variance)


def _restricted(table: TwoGroups, delta: float) -> tuple[float, float]:
    # closed form of the cubic for the shares that are most likely when they differ by delta
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


def _ratio(numerator: float, variance: float) -> float:
    if variance > 1e-300:
        return numerator / variance
    return 0.0 if numerator < 1e-24 else float("inf")


def _invert(excess: Callable[[float], float], value: float) -> tuple[float, float]:
    edge = 1 - 1e-12
    lower = -1.0 if value <= -edge or excess(-edge) <= 0 else _root(excess, -edge, value)
    upper = 1.0 if value >= edge or excess(edge) <= 0 else _root(excess, value, edge)
    return lower, upper


def _root(excess: Callable[[float], float], start: float, end: float) -> float:
    def bounded(delta: float) -> float:
        return min(excess(delta), 1e6)

    return float(brentq(bounded, start, end, xtol=1e-12, rtol=1e-12))
