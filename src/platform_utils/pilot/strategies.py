"""Two strategies from one time zero: enter within a grace period, or do not.

Enters: for each person the day of entry (if any), the day and code of the first event, and covariates at
time zero. Leaves: risks under both strategies, by cloning, censoring and weighting, or at a landmark.

Nobody is assigned by what happened later: until the grace period ends, each person's history fits both
strategies, so each is cloned into both and leaves one when the history stops fitting it. Whoever had an
event before entering counts in both.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from platform_utils.errors import ContractError
from platform_utils.pilot.adjusted import cluster_bootstrap
from platform_utils.pilot.competing import cumulative_risk
from platform_utils.pilot.firth import firth_predictor
from platform_utils.pilot.results import Estimate, TwoGroups

__all__ = ["CloneResult", "LandmarkResult", "clone_censor_weight", "landmark"]

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class CloneResult:
    """Risks under the two strategies.

    Parameters
    ----------
    difference : Estimate
        Risk if all enter within the grace period minus risk if none does.
    risk_enter, risk_stay : float
        The two cumulative incidences by the horizon.
    entered, not_entered, early : int
        Persons who entered in time, who were still waiting when it ended, and who had an event or left
        observation before either.
    largest_weight : float
        Largest weight in either arm.
    """

    difference: Estimate
    risk_enter: float
    risk_stay: float
    entered: int
    not_entered: int
    early: int
    largest_weight: float


@dataclass(frozen=True)
class LandmarkResult:
    """Risks after a landmark day, among those still waiting or entered and event-free on it.

    Parameters
    ----------
    table : TwoGroups
        Counts after the landmark: entered by then, or not.
    before : int
        Persons whose event came by the landmark: counted here, in neither group.
    before_of_interest : int
        Of these, events of the cause of interest.
    """

    table: TwoGroups
    before: int
    before_of_interest: int


def clone_censor_weight(
    entry_day: ArrayLike,
    time: ArrayLike,
    event: ArrayLike,
    *,
    cause: int,
    grace: float,
    horizon: float,
    covariates: ArrayLike | None = None,
    units: ArrayLike | None = None,
    draws: int = 0,
    seed: int = 1,
    level: float = 0.95,
) -> CloneResult:
    """Estimate what entering within the grace period changes, by cloning, censoring and weighting.

    Parameters
    ----------
    entry_day : array, shape (n_persons,)
        Day of entry from time zero; ``nan`` if never.
    time, event : array, shape (n_persons,)
        Day and code of the first event, as in `aalen_johansen`.
    cause : int
        The event of interest.
    grace : float
        Last day on which entry counts as in time.
    horizon : float
        Day by which the risk is read.
    covariates : array, shape (n_persons, n_covariates), optional
        Known at time zero; they model the chance of entering. Without them the weights depend on time only.
    units : array, shape (n_persons,), optional
        Units that are resampled; persons if left out.
    draws, seed : int
        Bootstrap draws (0: no limits) and their seed.
    level : float
        Confidence level.

    Returns
    -------
    CloneResult

    Raises
    ------
    ContractError
        E-710 if nobody entered in time or nobody was left waiting; E-707, E-709 as in `aalen_johansen`.

    Notes
    -----
    Clones that "enter" leave at the end of the grace period if they have not; those who have are weighted
    by one over the chance of having entered, given event-free then. Clones that "do not" leave on the day
    of entry; the rest is weighted up from that day on by one over the chance of not entering.
    Entering on the very day of an event counts as entered.

    References
    ----------
    Hernan MA, Robins JM (2016) Am J Epidemiol 183:758-764. Maringe C et al. (2020) Int J Epidemiol
    49:1719-1729.
    """
    entered, days, codes = _histories(entry_day, time, event)
    rows = np.zeros((len(days), 0)) if covariates is None else np.asarray(covariates, dtype=float)
    rows = rows.reshape(len(days), -1)
    in_time = (entered <= grace) & (entered <= days)
    waiting = ~in_time & (days > grace)
    _refuse_empty(in_time, waiting)

    def risks(chosen: NDArray[np.int64]) -> tuple[float, float, float]:
        arms = (_arm_enter, _arm_stay)
        data = (entered[chosen], days[chosen], codes[chosen], rows[chosen])
        found, largest = [], 0.0
        for arm in arms:
            start, stop, code, weight = arm(*data, grace)
            risk = cumulative_risk(stop, code, cause=cause, day=horizon, entry=start, weights=weight)
            found.append(risk)
            largest = max(largest, float(weight.max()))
        return found[0], found[1], largest

    def difference(chosen: NDArray[np.int64]) -> float:
        enter, stay, _ = risks(chosen)
        return enter - stay

    everybody = np.arange(len(days))
    enter, stay, largest = risks(everybody)
    limits = (float("nan"), float("nan"))
    if draws:
        limits = cluster_bootstrap(
            difference, everybody if units is None else units, in_time, draws, seed, level
        )
    estimate = Estimate(enter - stay, *limits, level, "clone-censor-weight, units resampled")
    early = int((~in_time & ~waiting).sum())
    return CloneResult(estimate, enter, stay, int(in_time.sum()), int(waiting.sum()), early, largest)


def landmark(
    entry_day: ArrayLike, time: ArrayLike, event: ArrayLike, *, cause: int, day: float, horizon: float
) -> LandmarkResult:
    """Count outcomes after a landmark day, by whether a person had entered on it.

    Parameters
    ----------
    entry_day, time, event : array, shape (n_persons,)
        As in `clone_censor_weight`.
    cause : int
        The event of interest.
    day : float
        The landmark.
    horizon : float
        Day by which events count; everybody left must be observed until then.

    Returns
    -------
    LandmarkResult
        The risks are those of persons who got past the landmark; what came before is counted beside them.

    Raises
    ------
    ContractError
        E-710 if a group is empty on the landmark; E-707, E-709 as in `aalen_johansen`.

    References
    ----------
    Anderson JR, Cain KC, Gelber RD (1983) J Clin Oncol 1:710-719.
    """
    entered, days, codes = _histories(entry_day, time, event)
    past = days > day
    in_time = (entered <= day) & past
    waiting = ~in_time & past
    _refuse_empty(in_time, waiting)
    hit = (codes == cause) & (days <= horizon)
    table = TwoGroups(
        int((hit & in_time).sum()), int(in_time.sum()), int((hit & waiting).sum()), int(waiting.sum())
    )
    return LandmarkResult(table, int((~past).sum()), int((hit & ~past).sum()))


def _histories(
    entry_day: ArrayLike, time: ArrayLike, event: ArrayLike
) -> tuple[Floats, Floats, NDArray[np.int64]]:
    entered = np.asarray(entry_day, dtype=float)
    days = np.asarray(time, dtype=float)
    cumulative_risk(days, event, cause=1, day=0)
    if (entered < 0).any():
        bad = ", ".join(str(int(row)) for row in (np.flatnonzero(entered < 0) + 1)[:10])
        raise ContractError("E-707", column="entry_day", rows=bad)
    return np.where(np.isnan(entered), np.inf, entered), days, np.asarray(event, dtype=np.int64)


def _refuse_empty(in_time: NDArray[np.bool_], waiting: NDArray[np.bool_]) -> None:
    for group, name in ((in_time, "yes"), (waiting, "no")):
        if not group.any():
            raise ContractError("E-710", group=name)


_Rows = tuple[Floats, Floats, NDArray[np.int64], Floats]


def _arm_enter(entered: Floats, days: Floats, codes: NDArray[np.int64], rows: Floats, grace: float) -> _Rows:
    in_time = (entered <= grace) & (entered <= days)
    later = days > grace
    chance = _chance(rows[later], in_time[later])
    first = (np.full(len(days), -1.0), np.minimum(days, grace), np.where(later, 0, codes), np.ones(len(days)))
    kept = later & in_time
    weight = 1 / chance[in_time[later]]
    second = (np.full(int(kept.sum()), grace), days[kept], codes[kept], weight)
    return _stack(first, second)


def _arm_stay(entered: Floats, days: Floats, codes: NDArray[np.int64], rows: Floats, grace: float) -> _Rows:
    # hazards of entering per distinct entry day, among those still waiting; a piece per interval
    in_time = (entered <= grace) & (entered <= days)
    steps = np.unique(entered[in_time])
    at, who, enters = [], [], []
    for step in steps:
        inside = np.flatnonzero((days >= step) & (entered >= step))
        at.append(np.full(len(inside), step))
        who.append(inside)
        enters.append(entered[inside] == step)
    person, step_of, happened = np.concatenate(who), np.concatenate(at), np.concatenate(enters)
    hazard = _hazards(rows[person], step_of, happened)
    stop = np.where(in_time, entered, days)
    code = np.where(in_time, 0, codes)
    survived = np.ones(len(days))
    left = np.full(len(days), -1.0)
    pieces = []
    for step in steps:
        here = np.flatnonzero(step_of == step)
        rows_here = person[here]
        open_ = (stop > left) & (left < step)
        ends = np.minimum(stop, step)
        ended = stop <= step
        pieces.append((left[open_], ends[open_], np.where(ended, code, 0)[open_], 1 / survived[open_]))
        left = np.where(open_, step, left)
        survived[rows_here] *= 1 - hazard[here]
    open_ = stop > left
    pieces.append((left[open_], stop[open_], code[open_], 1 / survived[open_]))
    return _stack(*pieces)


def _chance(rows: Floats, happened: NDArray[np.bool_]) -> Floats:
    if rows.shape[1] == 0 or happened.all() or not happened.any():
        return np.full(len(rows), max(float(happened.mean()), 1e-12))
    return firth_predictor(rows, happened).predict(rows)


def _hazards(rows: Floats, step_of: Floats, happened: NDArray[np.bool_]) -> Floats:
    if rows.shape[1] == 0 or happened.all():
        result = np.empty(len(step_of))
        for step in np.unique(step_of):
            here = step_of == step
            result[here] = happened[here].mean()
        return np.minimum(result, 1 - 1e-12)
    several = len(np.unique(step_of)) > 1
    design = np.column_stack([rows, step_of]) if several else rows
    return firth_predictor(design, happened).predict(design)


def _stack(*pieces: _Rows) -> _Rows:
    start, stop, code, weight = (np.concatenate(part) for part in zip(*pieces, strict=True))
    return start, stop, code.astype(np.int64), weight
