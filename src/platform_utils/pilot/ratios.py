"""Ratios of two shares or two odds, with score intervals that keep their meaning at zero cells.

Enters: whole counts. Leaves: ``Estimate``; ``nan`` for 0/0, ``inf`` where the ratio has no upper limit.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from scipy import stats
from scipy.optimize import brentq

from platform_utils.pilot.results import Estimate, TwoGroups

__all__ = ["odds_ratio", "risk_ratio"]


def risk_ratio(table: TwoGroups, level: float = 0.95) -> Estimate:
    """Return the ratio of two shares with Miettinen and Nurminen's score limits.

    Parameters
    ----------
    table : TwoGroups
        Counts of both groups.
    level : float
        Confidence level.

    Returns
    -------
    Estimate
        First share over second share. No correction is added to zero cells: x/0 is ``inf`` with a finite
        lower limit, 0/x is 0 with a finite upper limit, 0/0 is ``nan`` with limits 0 and ``inf``.

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
        # the smaller root, written so that nothing cancels
        risk_0 = min(2 * (x_1 + x_0) / (-b + root), 1.0, 1.0 / ratio)
        risk_1 = ratio * risk_0
        variance = risk_1 * (1 - risk_1) / n_1 + ratio**2 * risk_0 * (1 - risk_0) / n_0
        variance *= n / (n - 1)
        return _standardise(table.risk_1 - ratio * table.risk_0, variance)

    return _score_estimate(score, _divide(table.risk_1, table.risk_0), level, "risk ratio")


def odds_ratio(table: TwoGroups, level: float = 0.95) -> Estimate:
    """Return the ratio of two odds with Miettinen and Nurminen's score limits.

    Parameters
    ----------
    table : TwoGroups
        Counts of both groups.
    level : float
        Confidence level.

    Returns
    -------
    Estimate
        Sample odds ratio (unconditional), no correction at zero cells.

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

    def score(log_ratio: float) -> float:
        if log_ratio < 0:
            # the same odds ratio of persons without the outcome, so that no small share is lost in rounding
            return -_odds_score(TwoGroups(n_1 - x_1, n_1, n_0 - x_0, n_0), float(np.exp(-log_ratio)))
        return _odds_score(table, float(np.exp(log_ratio)))

    value = _divide(x_1 * (n_0 - x_0), (n_1 - x_1) * x_0)
    return _score_estimate(score, value, level, "odds ratio")


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


def _score_estimate(score: Callable[[float], float], value: float, level: float, what: str) -> Estimate:
    # the score falls as the ratio grows: lower limit where it equals z, upper limit where it equals -z
    z = float(stats.norm.isf((1 - level) / 2))
    edge = 40.0
    method = f"Miettinen-Nurminen score, {what}"
    if np.isnan(value):
        return Estimate(value, 0.0, float("inf"), level, method)
    lower = 0.0
    if value > 0 and score(-edge) > z:
        lower = float(np.exp(brentq(lambda t: score(t) - z, -edge, edge, xtol=1e-13)))
    upper = float("inf")
    if value < np.inf and score(edge) < -z:
        upper = float(np.exp(brentq(lambda t: score(t) + z, -edge, edge, xtol=1e-13)))
    return Estimate(value, lower, upper, level, method)
