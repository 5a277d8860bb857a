"""Everything that is shown around one verdict: intervals, curves, adjusted estimates, sensitivity.

Enters: the decision, the population and its histories. Leaves: an ``OutcomeReport`` of items for the gate,
each with the cells it rests on. Nothing here can change the verdict.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any, TypeVar

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from platform_utils.errors import ContractError
from platform_utils.pilot import adjusted, exact, intervals, sensitivity, strategies
from platform_utils.pilot.adjusted import Jackknife
from platform_utils.pilot.bayes import two_group_posterior
from platform_utils.pilot.competing import aalen_johansen, gray_test
from platform_utils.pilot.decide import OutcomeDecision
from platform_utils.pilot.firth import firth_logistic
from platform_utils.pilot.histories import CAUSES, Histories, full_follow_up
from platform_utils.pilot.permutation import Arrangements, arrangements, permutation_interval
from platform_utils.pilot.plan import Plan
from platform_utils.pilot.results import Estimate, TwoGroups
from platform_utils.pilot.sensitivity import TippingPoint
from platform_utils.spec.counts import Estimated

GROUPS = {True: "with", False: "without"}
"""What names of items call those with access and those without."""
Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]
Rows = NDArray[np.int64]
T = TypeVar("T")


@dataclass(frozen=True)
class OutcomeReport:
    """Everything about one outcome.

    Attributes
    ----------
    found : mapping of str to Estimated
        What the gate may show, by name without the outcome; what does not exist at these numbers is left out.
    tipping : TippingPoint or None
        How many leavers would overturn a finding on reports.
    cautions : sequence of str
        What is fragile: ``positivity``, ``separated``, ``not-adjusted``.
    """

    outcome: str
    decision: OutcomeDecision
    found: Mapping[str, Estimated]
    tipping: TippingPoint | None
    cautions: Sequence[str]


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
        All of them; whoever was followed for a shorter window only is in its difference.
    ways : Arrangements or None
        Of the units, for the plan's interval.
    unequal_contact : bool
        Being lost was measured by different rules: bounds are added.
    """
    outcome, table, level = decision.outcome, decision.table, 1 - plan.level
    followed = full_follow_up(histories, plan.primary_window, plan.contact_gap)
    primary, people = histories.take(followed), population[followed]
    difference = _interval(primary, table, outcome, plan.primary_window, plan, ways)
    cautions: list[str] = []
    tipping = None
    if outcome == "report" and "tipping_point" in plan.sensitivity:
        groups = primary.known_and_left(plan.primary_window)
        tipping = sensitivity.tipping_point(*groups, plan.level)
    tested = {"p": decision.p_adjusted, "level": plan.level}
    items = [
        difference.item("difference", "difference", table.cells),
        Estimated("test", "test", tested, table.cells, "permutation, Holm"),
        *(
            ratio(table, level).item(ratio.__name__, "ratio", table.cells)
            for ratio in (intervals.risk_ratio, intervals.odds_ratio)
            if not np.isnan(ratio(table, level).value)
        ),
        *_curves(primary, outcome, plan),
        *_if_members_did_not_matter(table, plan),
        *_windows(histories, outcome, plan),
        *_adjusted(people, primary, outcome, plan, cautions),
        *_sensitivity(decision, people, primary, plan, unequal_contact),
    ]
    if tipping is not None and tipping.leavers:
        values = {"estimate": tipping.leavers / tipping.of}
        under = (tipping.leavers, tipping.of - tipping.leavers)
        items.append(Estimated("tipping", "share", values, under, "tipping point"))
    # where a share is hidden, whatever is computed from it is hidden too
    shares = [(f"{outcome}_share_{group}", "estimate") for group in GROUPS.values()]
    found = {
        item.name: replace(
            item,
            name=f"{outcome}_{item.name}",
            needs=item.needs or (() if item.kind == "curve" else shares),
        )
        for item in items
    }
    return OutcomeReport(outcome, decision, found, tipping, cautions)


def _if_members_did_not_matter(table: TwoGroups, plan: Plan) -> Iterator[Estimated]:
    if "person_level" not in plan.sensitivity:
        return
    for interval in (intervals.newcombe, intervals.miettinen_nurminen):
        found = interval(table, 1 - plan.level)
        yield found.item(f"person_{interval.__name__}", "difference", table.cells)
    tests = {
        "fisher": exact.fisher(table),
        "fisher_mid_p": exact.fisher_mid_p(table),
        "barnard_pooled": exact.barnard(table),
        "barnard_unpooled": exact.barnard(table, pooled=False),
        "boschloo": exact.boschloo(table),
    }
    for key, result in tests.items():
        yield result.item(f"person_{key}", plan.level, table.cells)


def _interval(
    histories: Histories, table: TwoGroups, outcome: str, window: int, plan: Plan, ways: Arrangements | None
) -> Estimate:
    if ways is None:
        return getattr(intervals, plan.interval)(table, 1 - plan.level)
    scores, sizes, _ = histories.by_unit(histories.scores(outcome, window))
    found = permutation_interval(scores, sizes, ways, 1 - plan.level)
    return Estimate(table.difference, found.lower, found.upper, found.level, found.method)


@lru_cache(maxsize=4)
def _ways(access: tuple[bool, ...], seed: int) -> Arrangements:
    return arrangements(access, seed=seed)


def _windows(histories: Histories, outcome: str, plan: Plan) -> Iterator[Estimated]:
    # among persons followed for the window and the gap, and never others than in the plan's comparison:
    # between two populations that are nearly the same, a few persons could be told
    for window in plan.windows:
        longest = max(window, plan.primary_window)
        observed = histories.take(full_follow_up(histories, longest, plan.contact_gap))
        if observed.access.any() and not observed.access.all():
            table, ways = observed.table(outcome, window), None
            if plan.unit != "person":
                # whoever was followed for this window may be at other units than for the primary one
                ways = _ways(tuple(observed.by_unit(observed.access)[2].tolist()), plan.seed)
            found = _interval(observed, table, outcome, window, plan, ways)
            item = found.item(f"window_{window}", "difference", table.cells)
            curves = [f"{outcome}_curve_{outcome}_{group}" for group in GROUPS.values()]
            needs = [(curve, f"day_{window}") for curve in curves]
            yield replace(item, tells=[table.contrast], needs=needs)


def _curves(histories: Histories, outcome: str, plan: Plan) -> Iterator[Estimated]:
    # by cause and group, limits as if members did not matter; at risk are those observed after the day
    for access, group in GROUPS.items():
        inside = histories.access == access
        time, event = histories.time[outcome][inside], histories.event[outcome][inside]
        person = histories.person[inside]
        curve = aalen_johansen(time, event)
        at_risk = {day: int((time > day).sum()) for day in plan.windows}
        for code, cause in CAUSES[outcome].items():
            by_day = {
                day: frozenset(person[(event == code) & (time <= day)].tolist()) for day in plan.windows
            }
            points = {
                day: _with_edges(curve.at(day, code, 1 - plan.level), len(by_day[day]), len(event))
                for day in plan.windows
            }
            # the same persons and events under each, so that the gate shows the same days of all three
            limits = {"": "value"} | ({"_lower": "lower", "_upper": "upper"} if cause == outcome else {})
            for ending, part in limits.items():
                yield Estimated(
                    f"curve_{cause}_{group}{ending}",
                    "curve",
                    {day: getattr(point, part) for day, point in points.items()},
                    (),
                    points[plan.windows[0]].method,
                    at_risk,
                    by_day,
                    plan.primary_window,
                )


def _with_edges(estimate: Estimate, events: int, persons: int) -> Estimate:
    # at 0 and 1 there are no log-log limits
    if np.isfinite([estimate.lower, estimate.upper]).all():
        return estimate
    limits = intervals.clopper_pearson(events, persons, estimate.level)
    return replace(estimate, lower=limits.lower, upper=limits.upper, method=limits.method)


def _adjusted(
    people: pd.DataFrame, primary: Histories, outcome: str, plan: Plan, cautions: list[str]
) -> Iterator[Estimated]:
    # all secondary; clone and landmark compare entry with no entry among those with access: others could not
    window, level = plan.primary_window, 1 - plan.level
    names, rows = adjusted.indicators(people, plan.covariates)
    hit, group = primary.happened(outcome, window).astype(float), primary.access.astype(float)
    under, units = primary.table(outcome, window).cells, Jackknife(primary.unit, level)
    found: dict[str, Estimate | None] = {}
    if names:
        found["g_computation"] = _try(adjusted.g_computation, hit, group, rows, units)
        found["inverse_probability"] = _try(adjusted.inverse_probability, hit, group, rows, units)
        if found["g_computation"] is None:
            cautions.append("not-adjusted")
        if _try(adjusted.positivity_holds, group, rows) is False:
            cautions.append("positivity")
    fit = _try(firth_logistic, np.column_stack([group, rows]), hit)
    if fit is not None and fit.separated:
        # not by what: it would tell what the few with that answer did
        cautions.append("separated")
    if "identified_by" in people:
        codes = people["identified_by"].to_numpy(dtype=str)
        found["stratified"] = _try(adjusted.stratified_by, codes, hit, primary.access, units)
    for key, estimate in found.items():
        if estimate is not None:
            yield estimate.item(key, "difference", under)
    able = primary.take(primary.access)
    entry = (able.entry_day, able.time[outcome], able.event[outcome])
    inside = {"units": Jackknife(able.unit, level), "horizon": window}
    if plan.method == "clone":
        known = rows[primary.access]
        clone = _try(
            strategies.clone_censor_weight, *entry, grace=plan.grace_days, covariates=known, **inside
        )
        if clone is not None:
            entered = able.entry_day <= np.minimum(plan.grace_days, able.time[outcome])
            waiting = ~entered & (able.time[outcome] > plan.grace_days)
            both = (able.cells(entered)[0], able.cells(waiting)[0])
            yield clone.difference.item("clone", "difference", (*both, *under))
    mark = _try(_landmark, *entry, day=plan.grace_days, **inside)
    if mark is not None:
        parts = tuple(frozenset(able.person[sorted(who)].tolist()) for who in mark[0].who)
        tells = [TwoGroups.of(parts).contrast]
        yield replace(mark[1].item("landmark", "difference", parts), tells=tells)


def _landmark(
    entry_day: Floats, time: Floats, event: Floats, *, day: float, horizon: float, units: Jackknife
) -> tuple[TwoGroups, Estimate]:
    def statistic(chosen: Rows) -> float:
        some = (entry_day[chosen], time[chosen], event[chosen])
        return strategies.landmark(*some, day=day, horizon=horizon).difference

    table = strategies.landmark(entry_day, time, event, day=day, horizon=horizon)
    limits = units.limits(statistic, np.zeros(len(time)))
    return table, Estimate(table.difference, *limits, units.level, "landmark, units left out in turn")


def _sensitivity(
    decision: OutcomeDecision, people: pd.DataFrame, primary: Histories, plan: Plan, unequal_contact: bool
) -> Iterator[Estimated]:
    wanted, table, window = plan.sensitivity, decision.table, plan.primary_window
    outcome, level, under = decision.outcome, 1 - plan.level, decision.table.cells
    # a fall in being lost, or a rise in reports, is what would matter
    relevant = plan.relevant if outcome == "report" else -plan.relevant
    if "e_value" in wanted:
        yield from _e_values(table, relevant, level)
    if "gray" in wanted:
        seen, ended = primary.time[outcome], primary.time[outcome] <= window
        # what came after the window is not compared
        time, event = np.minimum(seen, window), np.where(ended, primary.event[outcome], 0)
        gray = _try(gray_test, time, event, primary.access)
        if gray is not None:
            yield gray.item("person_gray", plan.level, under)
    hits, sizes, access = primary.by_unit(primary.happened(outcome, window))
    if "bayes" in wanted and plan.unit != "person":
        found = two_group_posterior(hits, sizes, access, relevant=relevant, level=level)
        values = {"estimate": found.mean, "lower": found.lower, "upper": found.upper}
        yield Estimated("bayes", "difference", values, under, "posterior, members as random effects")
        above = found.above_zero if outcome == "report" else 1 - found.above_zero
        for key, chance in (("bayes_effect", above), ("bayes_relevant", found.above_relevant)):
            yield Estimated(key, "share", {"estimate": _chance(chance)}, under, "posterior")
    if outcome == "report" and "manski" in wanted:
        yield from _bounds(primary, window, level)
    if outcome == "lost" and unequal_contact:
        # persons whose contact is dated by funded days alone may or may not have been lost
        unsure, hit = np.asarray(people["contact_source"] == "funded_days"), primary.happened("lost", window)
        low, high = (TwoGroups.of(primary.cells(who)) for who in (hit & ~unsure, hit | unsure))
        yield _pair("unequal_contact", _crossed(low, high))
    if outcome == "report" and "misclassification" in wanted:
        corrected = sensitivity.corrected_difference(table, plan.report_sensitivity, (1.0, 1.0))
        yield Estimated("misclassification", "difference", {"estimate": corrected}, under, "Rogan-Gladen")
    if "leave_one_out" in wanted and plan.unit != "person":
        left_out = [value for value in sensitivity.leave_one_out(hits, sizes, access) if not np.isnan(value)]
        if left_out:
            places: dict[Any, float] = dict(enumerate(left_out))
            yield Estimated("leave_one_out", "range", places, under, "each member left out in turn")


def _chance(probability: float) -> float:
    # in steps of five of a hundred and never 0 or 1: finer, it would tell counts and say more than it knows
    return min(0.95, max(0.05, round(20 * probability) / 20))


def _crossed(low: TwoGroups, high: TwoGroups) -> list[TwoGroups]:
    # the fewest with access against the most without, and the other way round
    return [TwoGroups.of((*one.who[:2], *zero.who[2:])) for one, zero in ((low, high), (high, low))]


def _pair(
    name: str, tables: Sequence[TwoGroups], limits: Sequence[float] = (), cells: Sequence[frozenset[int]] = ()
) -> Estimated:
    lower, upper = limits or [table.difference for table in tables]
    under = [*(cell for table in tables for cell in table.cells), *cells]
    tells = [table.contrast for table in tables] + [{cell: 1.0} for cell in cells]
    return Estimated(name, "difference", {"lower": lower, "upper": upper}, under, "bounds", tells=tells)


def _e_values(table: TwoGroups, relevant: float, level: float) -> Iterator[Estimated]:
    ratio = intervals.risk_ratio(table, level)
    if np.isnan(ratio.value):
        return
    truths = {"e_value": 1.0}
    truth = (table.risk_0 + relevant) / table.risk_0 if table.events_0 else 0.0
    # only of an effect beyond what is relevant can be asked what would make it no larger
    if truth > 0 and (ratio.value - truth) * relevant > 0:
        truths["e_value_relevant"] = truth
    for key, other in truths.items():
        strength = sensitivity.e_value(ratio.value, ratio.lower, ratio.upper, other)
        yield Estimated(key, "ratio", vars(strength), table.cells, "E-value")


def _bounds(primary: Histories, window: int, level: float) -> Iterator[Estimated]:
    units, groups = Jackknife(primary.unit, level), primary.known_and_left(window)
    known = primary.any_report <= window
    perhaps = known | ((primary.event["report"] > 1) & (primary.time["report"] <= window))

    def bound(one: Bools, zero: Bools) -> Callable[[Rows], float]:
        return lambda rows: float(
            one[rows][primary.access[rows]].mean() - zero[rows][~primary.access[rows]].mean()
        )

    tables = _crossed(TwoGroups.of(primary.cells(known)), TwoGroups.of(primary.cells(perhaps)))
    if any(group.asked for group in groups):
        asked = perhaps & ~known & primary.recontacted
        reached = (*primary.cells(asked)[::2], *primary.cells(asked & primary.recontact_report)[::2])
        yield _pair("recontact", tables, sensitivity.recontact_bounds(*groups), reached)
    bounds = sensitivity.manski_bounds(*groups)
    yield _pair("manski", tables, bounds)
    sides = (bound(known, perhaps), bound(perhaps, known))
    (one, freedom), (two, _) = (units.error(each, primary.access) for each in sides)
    if np.isfinite([one, two]).all():
        limits = sensitivity.imbens_manski(*bounds, (one, two), level, freedom)
        yield _pair("manski_limits", tables, limits)


def _try(compute: Callable[..., T], *given: Any, **named: Any) -> T | None:
    # a secondary estimate that does not exist at these numbers is left out and noted, not an error
    try:
        return compute(*given, **named)
    except ContractError:
        return None
