"""Competing outcomes: cumulative incidence by Aalen and Johansen, time lost, and what 1 - KM would have said.

Enters: a time, an event code (0 = end of observation) and, where observation starts late, an entry time per
person. Leaves: step functions with variances and log-log limits.

Conventions: a person is at risk at time t if ``entry < t <= time``; without entry times everybody is at risk
from the start, so events at time 0 count. At a tied time all events share one risk set and observations that
end there are still in it. No time is shifted to break a tie.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import stats

from platform_utils.errors import ContractError
from platform_utils.pilot.results import Estimate

__all__ = [
    "CumulativeIncidence",
    "aalen_johansen",
    "cumulative_risk",
    "log_log_limits",
    "one_minus_kaplan_meier",
    "restricted_mean_time_lost",
]

Floats = NDArray[np.float64]
Variance = Literal["greenwood", "jackknife"]


@dataclass(frozen=True)
class CumulativeIncidence:
    """Cumulative incidence of each cause at the distinct times of the data.

    Parameters
    ----------
    times : ndarray, shape (n_times,)
        Distinct observed times, ascending.
    causes : tuple of int
        Event codes, ascending.
    at_risk : ndarray, shape (n_times,)
        Persons (or their weights) at risk just before each time.
    events : ndarray, shape (n_times, n_causes)
        Events of each cause at each time.
    survival : ndarray, shape (n_times,)
        Share with no event of any cause just after each time.
    incidence : ndarray, shape (n_times, n_causes)
        Share with each cause by each time.
    greenwood : ndarray, shape (n_times, n_causes)
        Variance of ``incidence``: Greenwood's for the matrix; p(1 - p)/n without censoring, ties or not.
    influence : ndarray, shape (n_persons, n_times, n_causes)
        Change of ``incidence`` per person's weight; its sum of squares is the jackknife variance.
    """

    times: Floats
    causes: tuple[int, ...]
    at_risk: Floats
    events: Floats
    survival: Floats
    incidence: Floats
    greenwood: Floats
    influence: Floats

    def at(self, time: float, cause: int, level: float = 0.95, variance: Variance = "greenwood") -> Estimate:
        """Return the cumulative incidence of ``cause`` by ``time``, inclusive, with log-log limits.

        The limits are ``F ** exp(+-z * se / (F * log F))``; at 0 and at 1 they do not exist (``nan``) on
        the open side: use `clopper_pearson` on the counts there.
        """
        value, squared = self._step(time, cause, variance)
        return log_log_limits(value, float(np.sqrt(squared)), level)

    def standard_error(self, time: float, cause: int, variance: Variance = "greenwood") -> float:
        """Return the standard error of the cumulative incidence of ``cause`` by ``time``."""
        return float(np.sqrt(self._step(time, cause, variance)[1]))

    def _step(self, time: float, cause: int, variance: Variance) -> tuple[float, float]:
        if cause not in self.causes:
            return 0.0, 0.0
        column = self.causes.index(cause)
        row = int(np.searchsorted(self.times, time, side="right")) - 1
        if row < 0:
            return 0.0, 0.0
        if variance == "greenwood":
            squared = self.greenwood[row, column]
        else:
            squared = (self.influence[:, row, column] ** 2).sum()
        return float(self.incidence[row, column]), float(squared)


def aalen_johansen(
    time: ArrayLike,
    event: ArrayLike,
    entry: ArrayLike | None = None,
    weights: ArrayLike | None = None,
) -> CumulativeIncidence:
    """Return the Aalen-Johansen estimate of the cumulative incidence of every cause.

    Parameters
    ----------
    time : array, shape (n_persons,)
        Days to the first event or the end of observation, >= 0.
    event : array, shape (n_persons,)
        0 for the end of observation, otherwise the cause (1, 2, ...).
    entry : array, shape (n_persons,), optional
        Days at which observation starts (late entry); must lie before ``time``.
    weights : array, shape (n_persons,), optional
        Weight of each row; with weights use the jackknife variance.

    Returns
    -------
    CumulativeIncidence

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
    days, codes, starts, weight = _checked(time, event, entry, weights)
    times = np.unique(days)
    causes = tuple(int(code) for code in np.unique(codes) if code > 0)
    at_risk = np.empty(len(times))
    events = np.zeros((len(times), len(causes)))
    survival = np.empty(len(times))
    incidence = np.zeros((len(times), len(causes)))
    greenwood = np.zeros((len(times), len(causes)))
    influence = np.zeros((len(days), len(times), len(causes)))
    state, covariance = 1.0, np.zeros((len(causes) + 1, len(causes) + 1))
    current = np.zeros(len(causes))
    moved_state, moved = np.zeros(len(days)), np.zeros((len(days), len(causes)))
    for row, day in enumerate(times):
        inside = (starts < day) & (days >= day)
        size = float(weight[inside].sum())
        happened = np.array([(codes == cause) & (days == day) for cause in causes]).reshape(len(causes), -1)
        count = happened @ weight
        at_risk[row], events[row] = size, count
        if count.sum() > 0:
            hazard = count / size
            jump = np.eye(len(causes) + 1)
            jump[0, 0] = 1 - hazard.sum()
            jump[1:, 0] = hazard
            spread = np.diag(hazard) - np.outer(hazard, hazard)
            total = spread.sum(axis=0)
            noise = np.block([[np.array([[total.sum()]]), -total[None, :]], [-total[:, None], spread]])
            covariance = jump @ covariance @ jump.T + state**2 * noise / size
            change = (happened.T - inside[:, None] * hazard) / size
            moved = moved + moved_state[:, None] * hazard + state * change
            moved_state = moved_state * (1 - hazard.sum()) - state * change.sum(axis=1)
            current = current + state * hazard
            state *= 1 - hazard.sum()
        survival[row], incidence[row] = state, current
        greenwood[row] = np.diag(covariance)[1:]
        influence[:, row, :] = moved * weight[:, None]
    return CumulativeIncidence(times, causes, at_risk, events, survival, incidence, greenwood, influence)


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
    time, event, entry, weights
        As in `aalen_johansen`.
    cause : int
        The cause.
    day : float
        By when, inclusive.

    Returns
    -------
    float
        Between 0 and 1.

    Raises
    ------
    ContractError
        As in `aalen_johansen`.

    Examples
    --------
    >>> round(cumulative_risk([1, 2, 2, 3, 4], [1, 1, 2, 0, 2], cause=2, day=4), 3)
    0.6
    """
    days, codes, starts, weight = _checked(time, event, entry, weights)
    times, place = np.unique(days, return_inverse=True)
    order = np.argsort(starts, kind="stable")
    begun = np.concatenate([[0.0], np.cumsum(weight[order])])
    ended = np.bincount(place, weights=weight, minlength=len(times))
    at_risk = begun[np.searchsorted(starts[order], times, side="left")] - (np.cumsum(ended) - ended)
    happened = np.bincount(place, weights=weight * (codes > 0), minlength=len(times))
    of_cause = np.bincount(place, weights=weight * (codes == cause), minlength=len(times))
    size = np.maximum(at_risk, 1e-300)
    survival = np.concatenate([[1.0], np.cumprod(1 - happened / size)[:-1]])
    return float((survival * of_cause / size)[times <= day].sum())


def one_minus_kaplan_meier(time: ArrayLike, event: ArrayLike, cause: int, day: float) -> float:
    """Return 1 - Kaplan-Meier for one cause with the others treated as ends of observation.

    Shown only beside `aalen_johansen`, to see how much too high it is: it answers what would have
    happened had nobody left for another reason, and only if leaving said nothing about the cause.

    Parameters
    ----------
    time, event : array, shape (n_persons,)
        As in `aalen_johansen`.
    cause : int
        The cause of interest.
    day : float
        By when.

    Returns
    -------
    float
        Between the cumulative incidence and 1.

    Examples
    --------
    >>> round(one_minus_kaplan_meier([1, 2, 2, 3, 4], [2, 1, 2, 2, 1], cause=1, day=4), 3)
    1.0
    """
    codes = np.asarray(event)
    return cumulative_risk(time, np.where(codes == cause, 1, 0), cause=1, day=day)


def restricted_mean_time_lost(
    curve: CumulativeIncidence, cause: int, horizon: float, level: float = 0.95
) -> Estimate:
    """Return the mean time lost to a cause before ``horizon``: the area under its cumulative incidence.

    Parameters
    ----------
    curve : CumulativeIncidence
        From `aalen_johansen`.
    cause : int
        The cause.
    horizon : float
        Days; the end of the area.
    level : float
        Confidence level.

    Returns
    -------
    Estimate
        Days lost, with normal limits from the jackknife variance.

    References
    ----------
    Andersen PK (2013) Stat Med 32:5278-5285.

    Examples
    --------
    >>> restricted_mean_time_lost(aalen_johansen([2, 4], [1, 2]), cause=1, horizon=10).value
    4.0
    """
    if cause not in curve.causes:
        return Estimate(0.0, 0.0, 0.0, level, "area under the cumulative incidence")
    column = curve.causes.index(cause)
    edges = np.append(curve.times[curve.times < horizon], horizon)
    widths = np.diff(edges)
    rows = len(widths)
    value = float(curve.incidence[:rows, column] @ widths)
    error = float(np.sqrt(((curve.influence[:, :rows, column] @ widths) ** 2).sum()))
    z = float(stats.norm.isf((1 - level) / 2))
    return Estimate(
        value, max(0.0, value - z * error), value + z * error, level, "area under the cumulative incidence"
    )


def log_log_limits(value: float, error: float, level: float) -> Estimate:
    """Return limits of a share on the log(-log) scale, inside 0-1."""
    method = "Aalen-Johansen, log-log limits"
    if value <= 0:
        return Estimate(0.0, 0.0, float("nan"), level, method)
    if value >= 1:
        return Estimate(1.0, float("nan"), 1.0, level, method)
    z = float(stats.norm.isf((1 - level) / 2))
    reach = z * error / abs(value * np.log(value))
    return Estimate(value, float(value ** np.exp(reach)), float(value ** np.exp(-reach)), level, method)


def _checked(
    time: ArrayLike, event: ArrayLike, entry: ArrayLike | None, weights: ArrayLike | None
) -> tuple[Floats, NDArray[np.int64], Floats, Floats]:
    days = np.asarray(time, dtype=float)
    codes = np.asarray(event, dtype=float)
    if len(days) == 0:
        raise ContractError("E-711")
    if not np.isfinite(days).all() or (days < 0).any():
        bad = np.flatnonzero(~np.isfinite(days) | (days < 0)) + 1
        raise ContractError("E-707", column="time", rows=_listed(bad))
    if not np.isfinite(codes).all() or (codes < 0).any() or (codes != np.floor(codes)).any():
        bad = np.flatnonzero(~np.isfinite(codes) | (codes < 0) | (codes != np.floor(codes))) + 1
        raise ContractError("E-709", column="event", rows=_listed(bad), expected="0, 1, 2, ...")
    starts = np.full(len(days), -np.inf) if entry is None else np.asarray(entry, dtype=float)
    if (starts >= days).any():
        raise ContractError("E-713", rows=_listed(np.flatnonzero(starts >= days) + 1))
    weight = np.ones(len(days)) if weights is None else np.asarray(weights, dtype=float)
    return days, codes.astype(np.int64), starts, weight


def _listed(rows: NDArray[np.int64]) -> str:
    shown = ", ".join(str(int(row)) for row in rows[:10])
    return shown + (", …" if len(rows) > 10 else "")
