"""Competing outcomes: cumulative incidence by Aalen and Johansen, Gray's test.

Enters: a time, an event code (0 = end of observation) and, where observation starts late, an entry time per
person. Leaves: step functions with variances and log-log limits.

Conventions: a person is at risk at time t if ``entry < t <= time``; without entry times everybody is at risk
from the start, so events at time 0 count. At a tied time all events share one risk set and observations that
end there are still in it. No time is shifted to break a tie.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import stats

from platform_utils.errors import ContractError
from platform_utils.pilot.results import Estimate, TestResult

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class CumulativeIncidence:
    """Cumulative incidence of each cause at the distinct times of the data.

    Attributes
    ----------
    times : ndarray, shape (n_times,)
        Distinct observed times, ascending.
    causes : tuple of int
        Event codes, ascending.
    at_risk : ndarray, shape (n_times,)
        Persons at risk just before each time.
    incidence : ndarray, shape (n_times, n_causes)
        Share with each cause by each time.
    greenwood : ndarray, shape (n_times, n_causes)
        Variance of ``incidence``: Greenwood's for the matrix; p(1 - p)/n without censoring, ties or not.
    """

    times: Floats
    causes: tuple[int, ...]
    at_risk: Floats
    incidence: Floats
    greenwood: Floats

    def at(self, time: float, cause: int, level: float = 0.95) -> Estimate:
        """Return the cumulative incidence of ``cause`` by ``time``, inclusive, with log-log limits.

        The limits are ``F ** exp(+-z * se / (F * log F))``; at 0 and at 1 they do not exist (``nan``) on
        the open side: use `clopper_pearson` on the counts there.
        """
        method = "Aalen-Johansen, log-log limits"
        row = int(np.searchsorted(self.times, time, side="right")) - 1
        if row < 0 or cause not in self.causes:
            return Estimate(0.0, 0.0, float("nan"), level, method)
        column = self.causes.index(cause)
        value = float(self.incidence[row, column])
        if value <= 0 or value >= 1:
            edges = (0.0, float("nan")) if value <= 0 else (float("nan"), 1.0)
            return Estimate(edges[value >= 1], *edges, level, method)
        z = float(stats.norm.isf((1 - level) / 2))
        reach = z * float(np.sqrt(self.greenwood[row, column])) / abs(value * np.log(value))
        return Estimate(value, float(value ** np.exp(reach)), float(value ** np.exp(-reach)), level, method)


def aalen_johansen(time: ArrayLike, event: ArrayLike, entry: ArrayLike | None = None) -> CumulativeIncidence:
    """Return the Aalen-Johansen estimate of the cumulative incidence of every cause.

    Parameters
    ----------
    time : array, shape (n_persons,)
        Days to the first event or the end of observation, >= 0.
    event : array, shape (n_persons,)
        0 for the end of observation, otherwise the cause (1, 2, ...). Without any event there is no cause,
        and every incidence is 0.
    entry : array, shape (n_persons,), optional
        Days at which observation starts (late entry); must lie before ``time``.

    Raises
    ------
    ContractError
        E-707 for a negative or missing time, E-709 for a code that is not a whole number >= 0,
        E-713 for an entry that is not before its time, E-711 for no rows.

    References
    ----------
    Aalen OO, Johansen S (1978) Scand J Stat 5:141-150. Variance: Andersen PK et al. (1993) Statistical
    Models Based on Counting Processes, section IV.4; Allignol A et al. (2010) Biom J 52:126-137. Values:
    Scrucca L, Santucci A, Aversa F (2007) Bone Marrow Transplant 40:381-387 (35 patients, ties at day 0).

    Examples
    --------
    >>> curve = aalen_johansen([1, 2, 2, 3, 4], [1, 1, 2, 0, 2])
    >>> round(curve.at(2, cause=1).value, 3), round(curve.at(4, cause=2).value, 3)
    (0.4, 0.6)
    """
    days, codes, starts = _checked(time, event, entry)
    causes = tuple(int(code) for code in np.unique(codes) if code > 0)
    k = len(causes)
    times, at_risk, survival, events = _steps(days, codes, starts, np.ones(len(days)), causes)
    hazards = events / np.maximum(at_risk, 1e-300)[:, None]
    incidence = np.cumsum(survival[:, None] * hazards, axis=0)
    greenwood, covariance = np.zeros((len(times), k)), np.zeros((k + 1, k + 1))
    # states are "no event yet" and the causes: whoever has an event leaves the first for another. The
    # recursion carries the state's error through each day's transition matrix (Allignol 2010)
    leave = np.vstack([-np.ones((1, k)), np.eye(k)])
    for row, (hazard, size) in enumerate(zip(hazards, at_risk, strict=True)):
        if events[row].any():
            step = leave @ (np.diag(hazard) - np.outer(hazard, hazard)) @ leave.T
            jump = np.eye(k + 1)
            jump[:, 0] += leave @ hazard
            covariance = jump @ covariance @ jump.T + survival[row] ** 2 * step / size
        greenwood[row] = np.diag(covariance)[1:]
    return CumulativeIncidence(times, causes, at_risk, incidence, greenwood)


def cumulative_risk(
    time: ArrayLike,
    event: ArrayLike,
    *,
    cause: int,
    day: float,
    entry: ArrayLike | None = None,
    weights: ArrayLike | None = None,
) -> float:
    """Return the Aalen-Johansen cumulative incidence of one cause by one day, without its variance.

    Parameters
    ----------
    time, event, entry
        As in `aalen_johansen`.
    day : float
        By when, inclusive.
    weights : array, shape (n_persons,), optional
        Weight of each row.

    Raises
    ------
    ContractError
        As in `aalen_johansen`.

    Examples
    --------
    >>> round(cumulative_risk([1, 2, 2, 3, 4], [1, 1, 2, 0, 2], cause=2, day=4), 3)
    0.6
    """
    days, codes, starts = _checked(time, event, entry)
    weight = np.ones(len(days)) if weights is None else np.asarray(weights, dtype=float)
    times, at_risk, survival, events = _steps(days, codes, starts, weight, (cause,))
    return float((survival * events[:, 0] / np.maximum(at_risk, 1e-300))[times <= day].sum())


def gray_test(time: ArrayLike, event: ArrayLike, access: ArrayLike, cause: int = 1) -> TestResult:
    """Test whether the cumulative incidence of a cause is the same in two groups, the others competing.

    Compares subdistribution hazards over time, weights as in the log-rank test (Gray's rho 0), persons taken
    as independent. The statistic is chi-square with one degree of freedom.

    Parameters
    ----------
    time, event
        As in `aalen_johansen`, one entry per person.
    access : array of bool, shape (n_persons,)
        Group of each person.

    Raises
    ------
    ContractError
        E-710 if a group is empty; E-707, E-709, E-711 as in `aalen_johansen`.

    References
    ----------
    Gray RJ (1988) Ann Stat 16:1141-1154. Values: the transplants of Scrucca, Santucci and Aversa (2007), by
    R's cmprsk 2.2: 1.3016 for death and 7.0823 for relapse.

    Examples
    --------
    >>> round(gray_test([1, 2, 3, 4, 5, 6], [1, 1, 1, 0, 2, 1], [True] * 3 + [False] * 3).p_value, 3)
    0.028
    """
    days, codes, _ = _checked(time, event, None)
    group = np.asarray(access, dtype=bool)
    if group.all() or not group.any():
        raise ContractError("E-710", group="no" if group.all() else "yes")
    times, place = np.unique(days, return_inverse=True)

    def counted(rows: NDArray[np.bool_]) -> Floats:
        return np.array(
            [np.bincount(place, rows & side, len(times)) for side in (group, ~group)], dtype=float
        )

    hits, others, ended = (
        counted(codes == cause),
        counted((codes > 0) & (codes != cause)),
        counted(codes >= 0),
    )
    at_risk = ended[:, ::-1].cumsum(axis=1)[:, ::-1]
    risk = np.maximum(at_risk, 1)
    after = np.cumprod(1 - (hits + others) / risk, axis=1)
    before = _lagged(after, 1.0)
    incidence = np.cumsum(before * hits / risk, axis=1)
    # persons at risk, those with a competing outcome kept in (Gray's R), and the pooled incidence
    held = np.where(before > 0, at_risk / np.maximum(before, 1e-300), 0.0)
    kept = held * (1 - _lagged(incidence, 0.0))
    total = hits.sum(axis=0)
    step = np.divide(total, held.sum(axis=0), out=np.zeros(len(times)), where=total > 0)
    pooled = np.cumsum(step)
    free = np.maximum(1 - _lagged(pooled, 0.0), 1e-300)
    expected = np.divide(total * kept[0], kept.sum(axis=0), out=np.zeros(len(times)), where=total > 0)
    score = float((hits[0] - expected).sum())
    # what one more event at a time does to the score: at once, and through all later weights
    both = held.sum(axis=0)
    weight = np.divide(held[0] * held[1], both, out=np.zeros(len(times)), where=both > 0)
    carried = weight * step / free
    later = carried[::-1].cumsum()[::-1] - carried
    ratio = np.divide(1 - pooled, after, out=np.zeros_like(after), where=after > 0)
    # events at one time are drawn without replacement
    ties = 1 - np.divide(
        total - 1, both * before - 1, out=np.zeros_like(before), where=(total > 1) & (before > 0)
    )
    ties_other = 1 - np.divide(others - 1, at_risk - 1, out=np.zeros_like(others), where=others > 1)
    own = (weight + later * (1 - ratio)) ** 2 * ties * before * step / risk
    other = (ratio * later) ** 2 * ties_other * before**2 * others / risk**2
    variance = float((own + other)[at_risk > 0].sum())
    statistic = score**2 / variance if variance > 0 else 0.0
    convention = "chi-square, 1 degree of freedom; persons as independent"
    return TestResult(float(stats.chi2.sf(statistic, 1)), statistic, convention)


def _steps(
    days: Floats, codes: NDArray[np.int64], starts: Floats, weight: Floats, causes: tuple[int, ...]
) -> tuple[Floats, Floats, Floats, Floats]:
    """Return distinct times, weight at risk and share without event before each, and events by cause."""
    times, place = np.unique(days, return_inverse=True)

    def by_time(rows: NDArray[np.bool_]) -> Floats:
        return np.asarray(np.bincount(place, weight * rows, len(times)), dtype=float)

    order = np.argsort(starts, kind="stable")
    begun = np.concatenate([[0.0], np.cumsum(weight[order])])
    ended = by_time(np.ones(len(days), dtype=bool))
    at_risk = begun[np.searchsorted(starts[order], times, side="left")] - (np.cumsum(ended) - ended)
    left = np.cumprod(1 - by_time(codes > 0) / np.maximum(at_risk, 1e-300))
    events = np.array([by_time(codes == cause) for cause in causes]).reshape(len(causes), len(times)).T
    return times, at_risk, np.concatenate([[1.0], left[:-1]]), events


def _lagged(values: Floats, first: float) -> Floats:
    # just before each time
    return np.concatenate([np.full((*values.shape[:-1], 1), first), values[..., :-1]], axis=-1)


def _checked(
    time: ArrayLike, event: ArrayLike, entry: ArrayLike | None
) -> tuple[Floats, NDArray[np.int64], Floats]:
    days, codes = np.asarray(time, dtype=float), np.asarray(event, dtype=float)
    if len(days) == 0:
        raise ContractError("E-711")
    wrong = ~np.isfinite(days) | (days < 0)
    if wrong.any():
        raise ContractError("E-707", column="time", rows=rows_listed(wrong))
    wrong = ~np.isfinite(codes) | (codes < 0) | (codes != np.floor(codes))
    if wrong.any():
        raise ContractError("E-709", column="event", rows=rows_listed(wrong), expected="0, 1, 2, ...")
    starts = np.full(len(days), -np.inf) if entry is None else np.asarray(entry, dtype=float)
    if (starts >= days).any():
        raise ContractError("E-713", rows=rows_listed(starts >= days))
    return days, codes.astype(np.int64), starts


def rows_listed(wrong: NDArray[np.bool_]) -> str:
    """Return the numbers of the rows that are wrong, from 1, ten at most."""
    rows = np.flatnonzero(wrong) + 1
    return ", ".join(str(int(row)) for row in rows[:10]) + (", …" if len(rows) > 10 else "")
