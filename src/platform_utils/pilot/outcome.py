"""Everything that is shown around one verdict: intervals, curves, adjusted estimates, sensitivity.

Enters: the decision, the population and its histories. Leaves: an ``OutcomeReport``. Nothing here can change
the verdict.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from platform_utils.errors import ContractError
from platform_utils.pilot.adjusted import g_computation, inverse_probability, positivity
from platform_utils.pilot.competing import (
    CumulativeIncidence,
    aalen_johansen,
    one_minus_kaplan_meier,
    restricted_mean_time_lost,
)
from platform_utils.pilot.decide import OutcomeDecision
from platform_utils.pilot.differences import miettinen_nurminen, newcombe, stratified_difference
from platform_utils.pilot.evaluation import (
    Adjusted,
    CurvePoint,
    OutcomeReport,
    Sensitivity,
    WindowRow,
)
from platform_utils.pilot.exact import barnard, boschloo, fisher, fisher_mid_p
from platform_utils.pilot.firth import firth_logistic
from platform_utils.pilot.histories import CAUSES, Histories, full_follow_up
from platform_utils.pilot.permutation import Arrangements, permutation_interval
from platform_utils.pilot.plan import Plan
from platform_utils.pilot.ratios import odds_ratio, risk_ratio
from platform_utils.pilot.results import Estimate, TestResult, TwoGroups
from platform_utils.pilot.sensitivity import (
    bounds_estimate,
    corrected_difference,
    e_value,
    leave_one_out,
    manski_bounds,
    recontact_bounds,
    tipping_point,
)
from platform_utils.pilot.strategies import clone_censor_weight, landmark

__all__ = ["describe_outcome"]

Floats = NDArray[np.float64]
T = TypeVar("T")


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
    decision : OutcomeDecision
        From `decide`.
    population : DataFrame
        Persons of the plan's population, in the order of ``histories``.
    histories : Histories
        All of them, also those not followed for the whole window (curves use them).
    plan : Plan
        What to show.
    ways : Arrangements or None
        Of the units, for the plan's interval.
    unequal_contact : bool
        Being lost was measured by different rules: bounds are added.

    Returns
    -------
    OutcomeReport
    """
    outcome, window = decision.outcome, plan.primary_window
    followed = full_follow_up(histories, window, plan.contact_gap)
    primary = histories.take(followed)
    table = decision.table
    person_level: dict[str, TestResult | Estimate] = {
        "newcombe": newcombe(table, 1 - plan.level),
        "miettinen_nurminen": miettinen_nurminen(table, 1 - plan.level),
        "fisher": fisher(table),
        "fisher_mid_p": fisher_mid_p(table),
        "barnard_pooled": barnard(table),
        "barnard_unpooled": barnard(table, pooled=False),
        "boschloo": boschloo(table),
    }
    curves = [_curve(histories, outcome, access) for access in (True, False)]
    lost = [restricted_mean_time_lost(curve, 1, window, 1 - plan.level) for curve in curves]
    return OutcomeReport(
        outcome=outcome,
        decision=decision,
        difference=_interval(primary, outcome, plan, ways),
        person_level=person_level if "person_level" in plan.sensitivity else {},
        risk_ratio=risk_ratio(table, 1 - plan.level),
        odds_ratio=odds_ratio(table, 1 - plan.level),
        windows=tuple(_windows(histories, outcome, plan)),
        curve=tuple(_points(histories, outcome, plan)),
        time_lost=(lost[0], lost[1]),
        adjusted=_adjusted(population[followed], primary, outcome, plan),
        sensitivity=_sensitivity(decision, population[followed], primary, plan, unequal_contact),
    )


def _interval(primary: Histories, outcome: str, plan: Plan, ways: Arrangements | None) -> Estimate:
    table = primary.table(outcome, plan.primary_window)
    if ways is None:
        shape = {"newcombe": newcombe, "miettinen_nurminen": miettinen_nurminen}
        return shape.get(plan.interval, newcombe)(table, 1 - plan.level)
    scores, sizes, _ = primary.by_unit(primary.scores(outcome, plan.primary_window))
    found = permutation_interval(scores, sizes, ways, 1 - plan.level)
    return Estimate(table.difference, found.lower, found.upper, found.level, found.method)


def _windows(histories: Histories, outcome: str, plan: Plan) -> list[WindowRow]:
    rows = []
    for window in plan.windows:
        observed = histories.take(full_follow_up(histories, window, plan.contact_gap))
        if observed.access.any() and not observed.access.all():
            table = observed.table(outcome, window)
            rows.append(WindowRow(window, table, newcombe(table, 1 - plan.level)))
    return rows


def _curve(histories: Histories, outcome: str, access: bool) -> CumulativeIncidence:
    group = histories.access == access
    return aalen_johansen(histories.time[outcome][group], histories.event[outcome][group])


def _points(histories: Histories, outcome: str, plan: Plan) -> list[CurvePoint]:
    points = []
    for access in (True, False):
        group = histories.access == access
        time, event = histories.time[outcome][group], histories.event[outcome][group]
        curve = aalen_johansen(time, event)
        for code, cause in CAUSES[outcome].items():
            for day in plan.windows:
                estimate = curve.at(day, code, 1 - plan.level)
                naive = one_minus_kaplan_meier(time, event, code, day)
                count = int(((event == code) & (time <= day)).sum())
                left = int((time > day).sum())
                points.append(CurvePoint(day, cause, access, estimate, naive, count, left, int(group.sum())))
    return points


def _adjusted(followed: pd.DataFrame, primary: Histories, outcome: str, plan: Plan) -> Adjusted:
    window, level = plan.primary_window, 1 - plan.level
    names, rows = _indicators(followed, plan.covariates)
    hit = primary.happened(outcome, window).astype(float)
    group = primary.access.astype(float)
    draws, seed, unit = plan.bootstrap_draws, plan.seed, primary.unit
    strata = []
    if "identified_by" in followed:
        strata = _strata(followed["identified_by"].to_numpy(dtype=str), hit, primary.access)
    design = np.column_stack([group, rows])
    by_model = by_weight = spread = clone = None
    if rows.shape[1] > 0:
        spread = _try(lambda: positivity(group, rows))
        by_model = _try(lambda: g_computation(hit, group, rows, unit, draws, seed, level))
        by_weight = _try(lambda: inverse_probability(hit, group, rows, unit, draws, seed, level))
    time, event = primary.time[outcome], primary.event[outcome]
    if plan.method == "clone":
        clone = _try(
            lambda: clone_censor_weight(
                primary.entry_day,
                time,
                event,
                cause=1,
                grace=plan.grace_days,
                horizon=window,
                covariates=rows,
                units=unit,
                draws=draws,
                seed=seed,
                level=level,
            )
        )
    return Adjusted(
        covariates=tuple(names),
        positivity=spread,
        g_computation=by_model,
        inverse_probability=by_weight,
        firth=_try(lambda: firth_logistic(design, hit, ["access", *names], level)),
        stratified=_try(lambda: stratified_difference(strata, level)) if strata else None,
        clone=clone,
        landmark=_try(
            lambda: landmark(primary.entry_day, time, event, cause=1, day=plan.grace_days, horizon=window)
        ),
    )


def _sensitivity(
    decision: OutcomeDecision,
    followed: pd.DataFrame,
    primary: Histories,
    plan: Plan,
    unequal_contact: bool,
) -> Sensitivity:
    wanted, outcome, window = plan.sensitivity, decision.outcome, plan.primary_window
    ratio = risk_ratio(decision.table, 1 - plan.level)
    strength = None
    if "e_value" in wanted and 0 < ratio.value < np.inf:
        strength = e_value(ratio.value, ratio.lower, ratio.upper)
    alone: tuple[float, ...] = ()
    if "leave_one_out" in wanted and plan.unit != "person":
        events, sizes, access = primary.by_unit(primary.happened(outcome, window))
        alone = tuple(value for value in leave_one_out(events, sizes, access) if not np.isnan(value))
    if outcome != "report":
        bounds = _unequal_bounds(followed, primary, window) if unequal_contact else None
        return Sensitivity(e_value=strength, leave_one_out=alone, unequal_contact=bounds)
    groups, reached = primary.known_and_left(window), primary.reached(window)
    free = bounds_estimate(manski_bounds(*groups), decision.table.difference)
    narrowed = None
    if any(asked for _, asked in reached):
        narrowed = _try(lambda: recontact_bounds(*groups, *reached))
    perfect = (1.0, 1.0)
    return Sensitivity(
        e_value=strength,
        manski=free if "manski" in wanted else None,
        recontact=narrowed if "manski" in wanted else None,
        tipping_point=tipping_point(*groups, plan.level) if "tipping_point" in wanted else None,
        misclassification=(
            corrected_difference(decision.table, plan.report_sensitivity, perfect)
            if "misclassification" in wanted
            else None
        ),
        leave_one_out=alone,
    )


def _unequal_bounds(followed: pd.DataFrame, primary: Histories, window: int) -> tuple[float, float]:
    # persons whose contact is dated by funded days alone may or may not have been lost
    unsure = np.asarray(followed["contact_source"] == "funded_days")
    hit = primary.happened("lost", window)
    low, high = hit & ~unsure, hit | unsure
    one, zero = primary.access, ~primary.access
    return float(low[one].mean() - high[zero].mean()), float(high[one].mean() - low[zero].mean())


def _indicators(table: pd.DataFrame, names: tuple[str, ...]) -> tuple[list[str], Floats]:
    # one column per covariate, its commonest code against the rest: more would not fit these numbers
    kept, columns = [], []
    for name in names:
        counts = table[name].value_counts().sort_index()
        if len(counts) < 2:
            continue
        kept.append(f"{name}={counts.idxmax()}")
        columns.append((table[name] == counts.idxmax()).to_numpy(dtype=float))
    return kept, np.column_stack(columns) if columns else np.zeros((len(table), 0))


def _strata(codes: NDArray[np.str_], hit: Floats, access: NDArray[np.bool_]) -> list[TwoGroups]:
    tables = []
    for code in np.unique(codes):
        one, zero = (codes == code) & access, (codes == code) & ~access
        if one.any() and zero.any():
            counts = (int(hit[one].sum()), int(one.sum()), int(hit[zero].sum()), int(zero.sum()))
            tables.append(TwoGroups(*counts))
    return tables


def _try(compute: Callable[[], T]) -> T | None:
    # a secondary estimate that does not exist at these numbers is left out and noted, not an error
    try:
        return compute()
    except ContractError:
        return None
