"""Everything that is shown around one verdict: intervals, curves, adjusted estimates, sensitivity.

Enters: the decision, the population and its histories. Leaves: an ``OutcomeReport``. Nothing here can change
the verdict.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any, TypeVar

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from platform_utils.errors import ContractError
from platform_utils.pilot.adjusted import (
    Jackknife,
    Positivity,
    g_computation,
    indicators,
    inverse_probability,
    positivity,
    stratified_by,
)
from platform_utils.pilot.bayes import Posterior, two_group_posterior
from platform_utils.pilot.competing import aalen_johansen, gray_test
from platform_utils.pilot.decide import OutcomeDecision
from platform_utils.pilot.exact import barnard, boschloo, fisher, fisher_mid_p
from platform_utils.pilot.firth import LogisticFit, firth_logistic
from platform_utils.pilot.histories import CAUSES, Histories, full_follow_up
from platform_utils.pilot.intervals import (
    clopper_pearson,
    miettinen_nurminen,
    newcombe,
    odds_ratio,
    risk_ratio,
)
from platform_utils.pilot.permutation import Arrangements, arrangements, permutation_interval
from platform_utils.pilot.plan import Plan
from platform_utils.pilot.results import Estimate, TestResult, TwoGroups
from platform_utils.pilot.sensitivity import (
    EValue,
    TippingPoint,
    corrected_difference,
    e_value,
    imbens_manski,
    leave_one_out,
    manski_bounds,
    recontact_bounds,
    tipping_point,
)
from platform_utils.pilot.strategies import CloneResult, LandmarkResult, clone_censor_weight, landmark

__all__ = ["Adjusted", "CurvePoint", "OutcomeReport", "Sensitivity", "WindowRow", "describe_outcome"]

Floats = NDArray[np.float64]
T = TypeVar("T")


@dataclass(frozen=True)
class CurvePoint:
    """Cumulative incidence of one cause by one day in one group, with limits as if members did not matter.

    ``at_risk`` are persons still observed without any event after the day, ``persons`` all at the start.
    """

    day: int
    cause: str
    access: bool
    estimate: Estimate
    events: int
    at_risk: int
    persons: int


@dataclass(frozen=True)
class WindowRow:
    """Risk difference by the end of one window, among persons followed for it and the gap."""

    window: int
    table: TwoGroups
    difference: Estimate


@dataclass(frozen=True)
class Adjusted:
    """Estimates adjusted for the plan's covariates, all secondary; None where they do not exist.

    ``clone`` and ``landmark`` compare entry with no entry among those with access: the others could not.
    """

    covariates: tuple[str, ...]
    positivity: Positivity | None
    g_computation: Estimate | None
    inverse_probability: Estimate | None
    firth: LogisticFit | None
    stratified: Estimate | None
    clone: CloneResult | None
    landmark: tuple[LandmarkResult, Estimate] | None


@dataclass(frozen=True)
class Sensitivity:
    """What would change the answer; None where the plan leaves it out or it does not exist.

    ``e_value_relevant`` is for a true effect of the size that the plan calls relevant; ``manski`` holds the
    bounds, ``manski_limits`` their Imbens-Manski limits, members as units.
    """

    e_value: EValue | None = None
    e_value_relevant: EValue | None = None
    gray: TestResult | None = None
    bayes: Posterior | None = None
    manski: Estimate | None = None
    manski_limits: Estimate | None = None
    recontact: tuple[float, float] | None = None
    tipping_point: TippingPoint | None = None
    misclassification: float | None = None
    leave_one_out: tuple[float, ...] = ()
    unequal_contact: tuple[float, float] | None = None


@dataclass(frozen=True)
class OutcomeReport:
    """Everything about one outcome.

    Attributes
    ----------
    difference : Estimate
        Risk difference by the primary window with the plan's interval.
    person_level : mapping of str to TestResult or Estimate
        "If members did not matter": Newcombe, Miettinen-Nurminen, Fisher, mid-P, Barnard, Boschloo.
    windows : tuple of WindowRow
        All windows of the plan.
    curve : tuple of CurvePoint
        Cumulative incidence of every cause at the plan's days.
    """

    outcome: str
    decision: OutcomeDecision
    difference: Estimate
    person_level: Mapping[str, TestResult | Estimate]
    risk_ratio: Estimate
    odds_ratio: Estimate
    windows: tuple[WindowRow, ...]
    curve: tuple[CurvePoint, ...]
    adjusted: Adjusted
    sensitivity: Sensitivity


def describe_outcome(
    decision: OutcomeDecision,
    population: pd.DataFrame,
    histories: Histories,
    plan: Plan,
    ways: Arrangements | None,
    unequal_contact: bool,
) -> OutcomeReport:
    """Return everything that is shown around one verdict.

    Parameters
    ----------
    population : DataFrame
        Persons of the plan's population, in the order of ``histories``.
    histories : Histories
        All of them, also those not followed for the whole window (curves use them).
    ways : Arrangements or None
        Of the units, for the plan's interval.
    unequal_contact : bool
        Being lost was measured by different rules: bounds are added.
    """
    outcome, table, level = decision.outcome, decision.table, 1 - plan.level
    followed = full_follow_up(histories, plan.primary_window, plan.contact_gap)
    primary = histories.take(followed)
    person_level: dict[str, TestResult | Estimate] = {}
    if "person_level" in plan.sensitivity:
        person_level = {
            "newcombe": newcombe(table, level),
            "miettinen_nurminen": miettinen_nurminen(table, level),
            "fisher": fisher(table),
            "fisher_mid_p": fisher_mid_p(table),
            "barnard_pooled": barnard(table),
            "barnard_unpooled": barnard(table, pooled=False),
            "boschloo": boschloo(table),
        }
    return OutcomeReport(
        outcome=outcome,
        decision=decision,
        difference=_interval(primary, table, outcome, plan.primary_window, plan, ways),
        person_level=person_level,
        risk_ratio=risk_ratio(table, level),
        odds_ratio=odds_ratio(table, level),
        windows=tuple(_windows(histories, outcome, plan)),
        curve=tuple(_curves(histories, outcome, plan)),
        adjusted=_adjusted(population[followed], primary, outcome, plan),
        sensitivity=_sensitivity(decision, population[followed], primary, plan, unequal_contact),
    )


def _interval(
    histories: Histories, table: TwoGroups, outcome: str, window: int, plan: Plan, ways: Arrangements | None
) -> Estimate:
    if ways is None:
        interval = miettinen_nurminen if plan.interval == "miettinen_nurminen" else newcombe
        return interval(table, 1 - plan.level)
    scores, sizes, _ = histories.by_unit(histories.scores(outcome, window))
    found = permutation_interval(scores, sizes, ways, 1 - plan.level)
    return Estimate(table.difference, found.lower, found.upper, found.level, found.method)


@lru_cache(maxsize=4)
def _ways(access: tuple[bool, ...], seed: int) -> Arrangements:
    return arrangements(access, seed=seed)


def _windows(histories: Histories, outcome: str, plan: Plan) -> Iterator[WindowRow]:
    for window in plan.windows:
        observed = histories.take(full_follow_up(histories, window, plan.contact_gap))
        if observed.access.any() and not observed.access.all():
            table, ways = observed.table(outcome, window), None
            if plan.unit != "person":
                # whoever was followed for this window may be at other units than for the primary one
                ways = _ways(tuple(observed.by_unit(observed.access)[2].tolist()), plan.seed)
            yield WindowRow(window, table, _interval(observed, table, outcome, window, plan, ways))


def _curves(histories: Histories, outcome: str, plan: Plan) -> Iterator[CurvePoint]:
    for access in (True, False):
        group = histories.access == access
        time, event = histories.time[outcome][group], histories.event[outcome][group]
        curve = aalen_johansen(time, event)
        for code, cause in CAUSES[outcome].items():
            for day in plan.windows:
                estimate = _with_edges(curve.at(day, code, 1 - plan.level), event == code, time <= day)
                events, at_risk = int(((event == code) & (time <= day)).sum()), int((time > day).sum())
                yield CurvePoint(day, cause, access, estimate, events, at_risk, len(time))


def _with_edges(estimate: Estimate, event: NDArray[np.bool_], by_day: NDArray[np.bool_]) -> Estimate:
    # at 0 and 1 there are no log-log limits
    if np.isfinite([estimate.lower, estimate.upper]).all():
        return estimate
    exact = clopper_pearson(int((event & by_day).sum()), len(event), estimate.level)
    return replace(estimate, lower=exact.lower, upper=exact.upper, method=exact.method)


def _adjusted(followed: pd.DataFrame, primary: Histories, outcome: str, plan: Plan) -> Adjusted:
    window, level = plan.primary_window, 1 - plan.level
    names, rows = indicators(followed, plan.covariates)
    hit = primary.happened(outcome, window).astype(float)
    group = primary.access.astype(float)
    units = Jackknife(primary.unit, level)
    strata = None
    if "identified_by" in followed:
        codes = followed["identified_by"].to_numpy(dtype=str)
        strata = _try(stratified_by, codes, hit, primary.access, units)
    # entering is compared among those who could
    able = primary.take(primary.access)
    entry = (able.entry_day, able.time[outcome], able.event[outcome])
    inside = {"units": Jackknife(able.unit, level), "horizon": window}
    clone = None
    if plan.method == "clone":
        known = rows[primary.access]
        clone = _try(clone_censor_weight, *entry, grace=plan.grace_days, covariates=known, **inside)
    return Adjusted(
        covariates=tuple(names),
        positivity=_try(positivity, group, rows) if names else None,
        g_computation=_try(g_computation, hit, group, rows, units) if names else None,
        inverse_probability=_try(inverse_probability, hit, group, rows, units) if names else None,
        firth=_try(firth_logistic, np.column_stack([group, rows]), hit, ["access", *names], level),
        stratified=strata,
        clone=clone,
        landmark=_try(_landmark, *entry, day=plan.grace_days, **inside),
    )


def _landmark(
    entry_day: Floats, time: Floats, event: Floats, *, day: float, horizon: float, units: Jackknife
) -> tuple[LandmarkResult, Estimate]:
    def statistic(chosen: NDArray[np.int64]) -> float:
        some = (entry_day[chosen], time[chosen], event[chosen])
        return landmark(*some, day=day, horizon=horizon).table.difference

    found = landmark(entry_day, time, event, day=day, horizon=horizon)
    limits = units.limits(statistic, np.zeros(len(time)))
    return found, Estimate(found.table.difference, *limits, units.level, "landmark, units left out in turn")


def _sensitivity(
    decision: OutcomeDecision, followed: pd.DataFrame, primary: Histories, plan: Plan, unequal_contact: bool
) -> Sensitivity:
    wanted, table, window = plan.sensitivity, decision.table, plan.primary_window
    outcome, level = decision.outcome, 1 - plan.level
    # a fall in being lost, or a rise in reports, is what would matter
    relevant = plan.relevant if outcome == "report" else -plan.relevant
    found: dict[str, Any] = {}
    if "e_value" in wanted:
        found |= _e_values(table, relevant, level)
    if "gray" in wanted:
        seen = (primary.time[outcome], primary.event[outcome])
        ended = seen[0] <= window
        # what came after the window is not compared
        time, event = np.minimum(seen[0], window), np.where(ended, seen[1], 0)
        found["gray"] = _try(gray_test, time, event, primary.access)
    hits, sizes, access = primary.by_unit(primary.happened(outcome, window))
    if "bayes" in wanted and plan.unit != "person":
        found["bayes"] = two_group_posterior(hits, sizes, access, relevant=relevant, level=level)
    if "leave_one_out" in wanted and plan.unit != "person":
        left_out = leave_one_out(hits, sizes, access)
        found["leave_one_out"] = tuple(value for value in left_out if not np.isnan(value))
    if outcome != "report":
        if unequal_contact:
            found["unequal_contact"] = _unequal_bounds(followed, primary, window)
        return Sensitivity(**found)
    groups = primary.known_and_left(window)
    if "manski" in wanted:
        found |= _bounds(primary, window, level)
        if any(group.asked for group in groups):
            found["recontact"] = recontact_bounds(*groups)
    if "tipping_point" in wanted:
        found["tipping_point"] = tipping_point(*groups, plan.level)
    if "misclassification" in wanted:
        found["misclassification"] = corrected_difference(table, plan.report_sensitivity, (1.0, 1.0))
    return Sensitivity(**found)


def _e_values(table: TwoGroups, relevant: float, level: float) -> dict[str, EValue]:
    ratio = risk_ratio(table, level)
    if not 0 < ratio.value < np.inf:
        return {}
    found = {"e_value": e_value(ratio.value, ratio.lower, ratio.upper)}
    truth = (table.risk_0 + relevant) / table.risk_0
    # only of an effect beyond what is relevant can be asked what would make it no larger
    if truth > 0 and (ratio.value - truth) * relevant > 0:
        found["e_value_relevant"] = e_value(ratio.value, ratio.lower, ratio.upper, truth)
    return found


def _bounds(primary: Histories, window: int, level: float) -> dict[str, Estimate]:
    units, none = Jackknife(primary.unit, level), float("nan")
    known = primary.any_report <= window
    perhaps = known | ((primary.event["report"] > 1) & (primary.time["report"] <= window))

    def bound(one: NDArray[np.bool_], zero: NDArray[np.bool_]) -> Callable[[NDArray[np.int64]], float]:
        return lambda rows: float(
            one[rows][primary.access[rows]].mean() - zero[rows][~primary.access[rows]].mean()
        )

    low, high = bound(known, perhaps), bound(perhaps, known)
    bounds = manski_bounds(*primary.known_and_left(window))
    value = (bounds[0] + bounds[1]) / 2
    found = {"manski": Estimate(value, *bounds, none, "worst-case bounds")}
    (one, freedom), (two, _) = (units.error(each, primary.access) for each in (low, high))
    if np.isfinite([one, two]).all():
        limits = imbens_manski(*bounds, (one, two), level, freedom)
        found["manski_limits"] = Estimate(value, *limits, level, "Imbens-Manski, units left out in turn")
    return found


def _unequal_bounds(followed: pd.DataFrame, primary: Histories, window: int) -> tuple[float, float]:
    # persons whose contact is dated by funded days alone may or may not have been lost
    unsure = np.asarray(followed["contact_source"] == "funded_days")
    hit = primary.happened("lost", window)
    low, high = hit & ~unsure, hit | unsure
    one, zero = primary.access, ~primary.access
    return float(low[one].mean() - high[zero].mean()), float(high[one].mean() - low[zero].mean())


def _try(compute: Callable[..., T], *given: Any, **named: Any) -> T | None:
    # a secondary estimate that does not exist at these numbers is left out and noted, not an error
    try:
        return compute(*given, **named)
    except ContractError:
        return None
