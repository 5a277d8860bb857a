"""Two strategies from one time zero: enter within a grace period, or do not.

Only persons who could enter belong here: whoever could not is in neither strategy.
Enters: for each person the day of entry (if any), the day and code of the first event (1: the event of
interest), and covariates at time zero. Leaves: risks under both strategies, by cloning, censoring and
weighting, or at a landmark.

Nobody is assigned by what happened later: until the grace period ends, each person's history fits both
strategies, so each is cloned into both and leaves one when the history stops fitting it. Whoever had an
event before entering counts in both.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from platform_utils.errors import ContractError
from platform_utils.pilot.adjusted import Jackknife
from platform_utils.pilot.competing import cumulative_risk, rows_listed
from platform_utils.pilot.firth import firth_predictor
from platform_utils.pilot.results import Estimate, TwoGroups

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]


@dataclass(frozen=True)
class CloneResult:
    """Risks under the two strategies.

    Attributes
    ----------
    difference : Estimate
        Risk if all enter within the grace period minus risk if none does.
    risk_enter, risk_stay : float
        The two cumulative incidences by the horizon.
    """

    difference: Estimate
    risk_enter: float
    risk_stay: float


class _People(NamedTuple):
    """Day of entry (``inf`` if never), day and code of the first event, covariates."""

    entered: Floats
    days: Floats
    codes: Ints
    rows: Floats


class _Spells(NamedTuple):
    """Stretches under observation: start, stop, code at the stop, weight."""

    start: Floats
    stop: Floats
    code: Ints
    weight: Floats


def clone_censor_weight(
    entry_day: ArrayLike,
    time: ArrayLike,
    event: ArrayLike,
    *,
    grace: float,
    horizon: float,
    covariates: ArrayLike | None = None,
    units: Jackknife | None = None,
) -> CloneResult:
    """Estimate what entering within the grace period changes, by cloning, censoring and weighting.

    Clones that "enter" leave at the end of the grace period if they have not; those who have are weighted
    by one over the chance of having entered, given event-free then. Clones that "do not" leave on the day
    of entry; the rest is weighted up from that day on by one over the chance of not entering.
    Entering on the very day of an event counts as entered.

    Parameters
    ----------
    entry_day : array, shape (n_persons,)
        Day of entry from time zero; ``nan`` if never.
    time, event : array, shape (n_persons,)
        As in `aalen_johansen`; 1 is the event of interest.
    grace : float
        Last day on which entry counts as in time.
    horizon : float
        Day by which the risk is read.
    covariates : array, shape (n_persons, n_covariates), optional
        Known at time zero; they model the chance of entering. Without them the weights depend on time only.
    units : Jackknife, optional
        Without it there are no limits.

    Raises
    ------
    ContractError
        E-710 if nobody entered in time or nobody was left waiting; E-707, E-709 as in `aalen_johansen`.

    References
    ----------
    Hernan MA, Robins JM (2016) Am J Epidemiol 183:758-764. Maringe C et al. (2020) Int J Epidemiol
    49:1719-1729.
    """
    people = _people(entry_day, time, event, covariates)
    in_time, _ = _split(people, grace)

    def arms(chosen: Ints) -> list[_Spells]:
        entered, days, codes, rows = people
        some = _People(entered[chosen], days[chosen], codes[chosen], rows[chosen])
        return [_arm_enter(some, grace), _arm_stay(some, grace)]

    def risk(arm: _Spells) -> float:
        return cumulative_risk(arm.stop, arm.code, cause=1, day=horizon, entry=arm.start, weights=arm.weight)

    def difference(chosen: Ints) -> float:
        enter, stay = arms(chosen)
        return risk(enter) - risk(stay)

    enter, stay = (risk(arm) for arm in arms(np.arange(len(people.days))))
    limits, level = (float("nan"), float("nan")), 0.95
    if units is not None:
        limits, level = units.limits(difference, in_time), units.level
    return CloneResult(
        difference=Estimate(enter - stay, *limits, level, "clone-censor-weight, units left out in turn"),
        risk_enter=enter,
        risk_stay=stay,
    )


def landmark(
    entry_day: ArrayLike, time: ArrayLike, event: ArrayLike, *, day: float, horizon: float
) -> TwoGroups:
    """Count outcomes after a landmark day, by whether a person had entered on it.

    The risks are those of persons who got past the landmark: whose event came before is in neither group.

    Parameters
    ----------
    entry_day, time, event
        As in `clone_censor_weight`.
    day : float
        The landmark.
    horizon : float
        Day by which events count; everybody left must be observed until then.

    Raises
    ------
    ContractError
        E-710 if a group is empty on the landmark; E-707, E-709 as in `aalen_johansen`.

    References
    ----------
    Anderson JR, Cain KC, Gelber RD (1983) J Clin Oncol 1:710-719.
    """
    people = _people(entry_day, time, event, None)
    past = people.days > day
    in_time, waiting = _split(people, day, past)
    hit = (people.codes == 1) & (people.days <= horizon)
    parts = (hit & in_time, ~hit & in_time, hit & waiting, ~hit & waiting)
    return TwoGroups.of(tuple(frozenset(np.flatnonzero(who).tolist()) for who in parts))


def _people(entry_day: ArrayLike, time: ArrayLike, event: ArrayLike, covariates: ArrayLike | None) -> _People:
    entered, days = np.asarray(entry_day, dtype=float), np.asarray(time, dtype=float)
    # refuses times and codes that are none
    cumulative_risk(days, event, cause=1, day=0)
    if (entered < 0).any():
        raise ContractError("E-707", column="entry_day", rows=rows_listed(entered < 0))
    rows = np.zeros((len(days), 0)) if covariates is None else np.asarray(covariates, dtype=float)
    entered = np.where(np.isnan(entered), np.inf, entered)
    return _People(entered, days, np.asarray(event, dtype=np.int64), rows.reshape(len(days), -1))


def _in_time(people: _People, grace: float) -> Bools:
    return (people.entered <= grace) & (people.entered <= people.days)


def _split(people: _People, grace: float, among: Bools | None = None) -> tuple[Bools, Bools]:
    in_time = _in_time(people, grace) & (True if among is None else among)
    waiting = ~in_time & (people.days > grace)
    for group, name in ((in_time, "yes"), (waiting, "no")):
        if not group.any():
            raise ContractError("E-710", group=name)
    return in_time, waiting


def _arm_enter(people: _People, grace: float) -> _Spells:
    days, codes = people.days, people.codes
    in_time, later = _in_time(people, grace), days > grace
    chance = _chance(people.rows[later], in_time[later])
    kept = later & in_time
    # everybody until the grace period ends; from then on those who have entered stand for all that are left
    n = len(days)
    first = _Spells(np.full(n, -1.0), np.minimum(days, grace), np.where(later, 0, codes), np.ones(n))
    weight = 1 / chance[in_time[later]]
    return _stack([first, _Spells(np.full(int(kept.sum()), grace), days[kept], codes[kept], weight)])


def _arm_stay(people: _People, grace: float) -> _Spells:
    entered, days = people.entered, people.days
    in_time = _in_time(people, grace)
    steps = np.unique(entered[in_time])
    if not len(steps):
        # a resampled cohort may hold nobody who entered
        raise ContractError("E-710", group="yes")
    # hazards of entering per distinct entry day, among those still waiting (Maringe 2020)
    waiting = [np.flatnonzero((days >= step) & (entered >= step)) for step in steps]
    person = np.concatenate(waiting)
    step_of = np.repeat(steps, [len(who) for who in waiting])
    hazard = _hazards(people.rows[person], step_of, entered[person] == step_of)
    stop, code = np.where(in_time, entered, days), np.where(in_time, 0, people.codes)
    survived, left = np.ones(len(days)), np.full(len(days), -1.0)
    spells = []
    # one stretch per person between entry days: the weight changes only there
    for step in [*steps, np.inf]:
        open_ = (stop > left) & (left < step)
        spells.append(
            _Spells(
                left[open_],
                np.minimum(stop, step)[open_],
                np.where(stop <= step, code, 0)[open_],
                1 / survived[open_],
            )
        )
        here = step_of == step
        left = np.where(open_, step, left)
        survived[person[here]] *= 1 - hazard[here]
    return _stack(spells)


def _chance(rows: Floats, happened: Bools) -> Floats:
    if rows.shape[1] == 0 or happened.all() or not happened.any():
        return np.full(len(rows), max(float(happened.mean()), 1e-12))
    return firth_predictor(rows, happened)(rows)


def _hazards(rows: Floats, step_of: Floats, happened: Bools) -> Floats:
    steps, place = np.unique(step_of, return_inverse=True)
    if rows.shape[1] == 0 or happened.all():
        return np.minimum(np.bincount(place, happened) / np.bincount(place), 1 - 1e-12)[place]
    design = np.column_stack([rows, step_of]) if len(steps) > 1 else rows
    return firth_predictor(design, happened)(design)


def _stack(spells: list[_Spells]) -> _Spells:
    return _Spells(*(np.concatenate(column) for column in zip(*spells, strict=True)))
