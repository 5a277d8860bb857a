"""Everything that is shown around one verdict: intervals, curves, adjusted estimates, sensitivity.

Enters: the decision, the population and its histories. Leaves: an ``OutcomeReport``. Nothing here can change
the verdict.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from platform_utils.errors import ContractError
from platform_utils.pilot.adjusted import (
    Bootstrap,
    Positivity,
    g_computation,
    inverse_probability,
    positivity,
)
from platform_utils.pilot.competing import aalen_johansen, one_minus_kaplan_meier, restricted_mean_time_lost
from platform_utils.pilot.decide import OutcomeDecision
from platform_utils.pilot.exact import barnard, boschloo, fisher, fisher_mid_p
from platform_utils.pilot.firth import LogisticFit, firth_logistic
from platform_utils.pilot.histories import CAUSES, Histories, full_follow_up
from platform_utils.pilot.intervals import (
    miettinen_nurminen,
    newcombe,
    odds_ratio,
    risk_ratio,
    stratified_difference,
)
from platform_utils.pilot.permutation import Arrangements, permutation_interval
from platform_utils.pilot.plan import Plan
from platform_utils.pilot.results import Estimate, TestResult, TwoGroups
from platform_utils.pilot.sensitivity import (
    EValue,
    TippingPoint,
    corrected_difference,
    e_value,
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
    """Cumulative incidence of one cause by one day in one group.

    ``naive`` is 1 - Kaplan-Meier for the same cause and day, shown beside it; ``at_risk`` are persons
    still observed without any event after the day, ``persons`` all at the start.
    """

    day: int
    cause: str
    access: bool
    estimate: Estimate
    naive: float
    events: int
    at_risk: int
    persons: int


@dataclass(frozen=True)
class WindowRow:
    """Risk difference by the end of one window, among persons followed for it and the gap."""

    window: int
    table: TwoGroups
    newcombe: Estimate


@dataclass(frozen=True)
class Adjusted:
    """Estimates adjusted for the plan's covariates, all secondary; None where they do not exist."""

    covariates: tuple[str, ...]
    positivity: Positivity | None
    g_computation: Estimate | None
    inverse_probability: Estimate | None
    firth: LogisticFit | None
    stratified: Estimate | None
    clone: CloneResult | None
    landmark: LandmarkResult | None


@dataclass(frozen=True)
class Sensitivity:
    """What would change the answer; None where the plan leaves it out or it does not exist."""

    e_value: EValue | None = None
    manski: Estimate | None = None
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
    time_lost : tuple of Estimate
        Mean days lost to the outcome within the primary window, with access and without.
    """

    outcome: str
    decision: OutcomeDecision
    difference: Estimate
    person_level: Mapping[str, TestResult | Estimate]
    risk_ratio: Estimate
    odds_ratio: Estimate
    windows: tuple[WindowRow, ...]
    curve: tuple[CurvePoint, ...]
    time_lost: tuple[Estimate, Estimate]
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
    points, lost = _curves(histories, outcome, plan)
    return OutcomeReport(
        outcome=outcome,
        decision=decision,
        difference=_interval(primary, table, outcome, plan, ways),
        person_level=person_level,
        risk_ratio=risk_ratio(table, level),
        odds_ratio=odds_ratio(table, level),
        windows=tuple(_windows(histories, outcome, plan)),
        curve=tuple(points),
        time_lost=(lost[0], lost[1]),
        adjusted=_adjusted(population[followed], primary, outcome, plan),
        sensitivity=_sensitivity(decision, population[followed], primary, plan, unequal_contact),
    )


def _interval(
    primary: Histories, table: TwoGroups, outcome: str, plan: Plan, ways: Arrangements | None
) -> Estimate:
    if ways is None:
        interval = miettinen_nurminen if plan.interval == "miettinen_nurminen" else newcombe
        return interval(table, 1 - plan.level)
    scores, sizes, _ = primary.by_unit(primary.scores(outcome, plan.primary_window))
    found = permutation_interval(scores, sizes, ways, 1 - plan.level)
    return Estimate(table.difference, found.lower, found.upper, found.level, found.method)


def _windows(histories: Histories, outcome: str, plan: Plan) -> Iterator[WindowRow]:
    for window in plan.windows:
        observed = histories.take(full_follow_up(histories, window, plan.contact_gap))
        if observed.access.any() and not observed.access.all():
            table = observed.table(outcome, window)
            yield WindowRow(window, table, newcombe(table, 1 - plan.level))


def _curves(histories: Histories, outcome: str, plan: Plan) -> tuple[list[CurvePoint], list[Estimate]]:
    points, lost = [], []
    for access in (True, False):
        group = histories.access == access
        time, event = histories.time[outcome][group], histories.event[outcome][group]
        curve = aalen_johansen(time, event)
        lost.append(restricted_mean_time_lost(curve, 1, plan.primary_window, 1 - plan.level))
        points += [
            CurvePoint(
                day=day,
                cause=cause,
                access=access,
                estimate=curve.at(day, code, 1 - plan.level),
                naive=one_minus_kaplan_meier(time, event, code, day),
                events=int(((event == code) & (time <= day)).sum()),
                at_risk=int((time > day).sum()),
                persons=len(time),
            )
            for code, cause in CAUSES[outcome].items()
            for day in plan.windows
        ]
    return points, lost


def _adjusted(followed: pd.DataFrame, primary: Histories, outcome: str, plan: Plan) -> Adjusted:
    window, level = plan.primary_window, 1 - plan.level
    names, rows = _indicators(followed, plan.covariates)
    hit = primary.happened(outcome, window).astype(float)
    group = primary.access.astype(float)
    resampling = Bootstrap(primary.unit, plan.bootstrap_draws, plan.seed, level)
    strata = []
    if "identified_by" in followed:
        strata = _strata(followed["identified_by"].to_numpy(dtype=str), hit, primary.access)
    entry = (primary.entry_day, primary.time[outcome], primary.event[outcome])
    days: dict[str, Any] = {"horizon": window, "covariates": rows, "resampling": resampling}
    return Adjusted(
        covariates=tuple(names),
        positivity=_try(positivity, group, rows) if names else None,
        g_computation=_try(g_computation, hit, group, rows, resampling) if names else None,
        inverse_probability=_try(inverse_probability, hit, group, rows, resampling) if names else None,
        firth=_try(firth_logistic, np.column_stack([group, rows]), hit, ["access", *names], level),
        stratified=_try(stratified_difference, strata, level),
        clone=_try(clone_censor_weight, *entry, grace=plan.grace_days, **days)
        if plan.method == "clone"
        else None,
        landmark=_try(landmark, *entry, day=plan.grace_days, horizon=window),
    )


def _sensitivity(
    decision: OutcomeDecision, followed: pd.DataFrame, primary: Histories, plan: Plan, unequal_contact: bool
) -> Sensitivity:
    wanted, table, window = plan.sensitivity, decision.table, plan.primary_window
    found: dict[str, Any] = {}
    ratio = risk_ratio(table, 1 - plan.level)
    if "e_value" in wanted and 0 < ratio.value < np.inf:
        found["e_value"] = e_value(ratio.value, ratio.lower, ratio.upper)
    if "leave_one_out" in wanted and plan.unit != "person":
        units = primary.by_unit(primary.happened(decision.outcome, window))
        found["leave_one_out"] = tuple(value for value in leave_one_out(*units) if not np.isnan(value))
    if decision.outcome != "report":
        if unequal_contact:
            found["unequal_contact"] = _unequal_bounds(followed, primary, window)
        return Sensitivity(**found)
    groups = primary.known_and_left(window)
    if "manski" in wanted:
        bounds, none = manski_bounds(*groups), float("nan")
        found["manski"] = Estimate(table.difference, *bounds, none, "worst-case bounds")
        if any(group.asked for group in groups):
            found["recontact"] = recontact_bounds(*groups)
    if "tipping_point" in wanted:
        found["tipping_point"] = tipping_point(*groups, plan.level)
    if "misclassification" in wanted:
        found["misclassification"] = corrected_difference(table, plan.report_sensitivity, (1.0, 1.0))
    return Sensitivity(**found)


def _unequal_bounds(followed: pd.DataFrame, primary: Histories, window: int) -> tuple[float, float]:
    # persons whose contact is dated by funded days alone may or may not have been lost
    unsure = np.asarray(followed["contact_source"] == "funded_days")
    hit = primary.happened("lost", window)
    low, high = hit & ~unsure, hit | unsure
    one, zero = primary.access, ~primary.access
    return float(low[one].mean() - high[zero].mean()), float(high[one].mean() - low[zero].mean())


def _indicators(table: pd.DataFrame, names: tuple[str, ...]) -> tuple[list[str], Floats]:
    # one column per covariate, its commonest code against the rest: more would not fit these numbers
    kept: list[str] = []
    columns: list[Floats] = [np.zeros((len(table), 0))]
    for name in names:
        counts = table[name].value_counts().sort_index()
        if len(counts) > 1:
            kept.append(f"{name}={counts.idxmax()}")
            columns.append((table[name] == counts.idxmax()).to_numpy().reshape(-1, 1).astype(float))
    return kept, np.hstack(columns)


def _strata(codes: NDArray[np.str_], hit: Floats, access: NDArray[np.bool_]) -> list[TwoGroups]:
    tables = []
    for code in np.unique(codes):
        one, zero = (codes == code) & access, (codes == code) & ~access
        if one.any() and zero.any():
            counts = (hit[one].sum(), one.sum(), hit[zero].sum(), zero.sum())
            tables.append(TwoGroups(*(int(count) for count in counts)))
    return tables


def _try(compute: Callable[..., T], *given: Any, **named: Any) -> T | None:
    # a secondary estimate that does not exist at these numbers is left out and noted, not an error
    try:
        return compute(*given, **named)
    except ContractError:
        return None
