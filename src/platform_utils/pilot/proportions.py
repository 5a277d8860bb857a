"""Confidence intervals for one share: Wilson, Clopper-Pearson and mid-P.

Enters: whole counts. Leaves: ``Estimate``. Serves: every single share that the evaluation shows.
"""

from __future__ import annotations

import numpy as np
from scipy import stats
from scipy.optimize import brentq

from platform_utils.pilot.results import Estimate, check_counts

__all__ = ["clopper_pearson", "mid_p_interval", "wilson"]


def wilson(events: int, n: int, level: float = 0.95) -> Estimate:
    """Return the score interval of Wilson for a single share, without continuity correction.

    Parameters
    ----------
    events, n : int
        Persons with the outcome, of persons.
    level : float
        Confidence level.

    Returns
    -------
    Estimate
        Share (0-1) with limits inside 0-1; 0 of n has lower limit exactly 0.

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
    check_counts(events, n)
    z = float(stats.norm.isf((1 - level) / 2))
    share = events / n
    centre = (share + z * z / (2 * n)) / (1 + z * z / n)
    half = z / (1 + z * z / n) * np.sqrt(share * (1 - share) / n + z * z / (4 * n * n))
    lower = 0.0 if events == 0 else max(0.0, float(centre - half))
    upper = 1.0 if events == n else min(1.0, float(centre + half))
    return Estimate(share, lower, upper, level, "Wilson score")


def clopper_pearson(events: int, n: int, level: float = 0.95) -> Estimate:
    """Return the exact interval of Clopper and Pearson: each tail holds at most half of 1 - level.

    Parameters
    ----------
    events, n : int
        Persons with the outcome, of persons.
    level : float
        Confidence level.

    Returns
    -------
    Estimate
        Share with limits; coverage is at least ``level`` for every true share. With 0 of n the lower limit
        is 0 and the upper limit keeps its half tail (0 of 20: 0.1684, not 0.1391).

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
    check_counts(events, n)
    tail = (1 - level) / 2
    lower = 0.0 if events == 0 else float(stats.beta.ppf(tail, events, n - events + 1))
    upper = 1.0 if events == n else float(stats.beta.isf(tail, events + 1, n - events))
    return Estimate(events / n, lower, upper, level, "Clopper-Pearson exact")


def mid_p_interval(events: int, n: int, level: float = 0.95) -> Estimate:
    """Return the Clopper-Pearson interval with half the probability of the observed count in each tail.

    Parameters
    ----------
    events, n : int
        Persons with the outcome, of persons.
    level : float
        Confidence level, on average over shares; single shares may fall below.

    Returns
    -------
    Estimate
        Share with limits. 0 of n and n of n keep their half tail on the open side.

    Raises
    ------
    ContractError
        E-701 if the counts are not usable.

    References
    ----------
    Newcombe RG (1998) Stat Med 17:857-872, method 6.

    Examples
    --------
    >>> interval = mid_p_interval(1, 29)
    >>> round(interval.lower, 4), round(interval.upper, 4)
    (0.0017, 0.1585)
    """
    check_counts(events, n)
    tail = (1 - level) / 2

    def above(share: float) -> float:
        half = stats.binom.pmf(events, n, share) / 2
        return float(stats.binom.sf(events, n, share) + half - tail)

    def below(share: float) -> float:
        half = stats.binom.pmf(events, n, share) / 2
        return float(stats.binom.cdf(events - 1, n, share) + half - tail)

    lower = 0.0 if events == 0 else float(brentq(above, 0.0, events / n, xtol=1e-14))
    upper = 1.0 if events == n else float(brentq(below, events / n, 1.0, xtol=1e-14))
    return Estimate(events / n, lower, upper, level, "Clopper-Pearson mid-P")
