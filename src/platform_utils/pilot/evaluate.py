"""The whole evaluation under a plan: checks, designs, verdicts, and what surrounds them.

Enters: a plan and a cohort as text. Leaves: an ``Evaluation``, every number with the counts behind it and no
text, for the gate, which decides what may be shown. The same call serves the notebook, the command and
anybody's file.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from platform_utils.errors import ContractError
from platform_utils.pilot.checks import (
    DataCheck,
    DesignLine,
    Flow,
    Groups,
    check_data,
    groups_in,
    list_designs,
    part_groups,
    select_population,
)
from platform_utils.pilot.cohort import check_cohort, has_no_dates
from platform_utils.pilot.decide import FOUND, decide
from platform_utils.pilot.histories import Histories, build_histories, full_follow_up
from platform_utils.pilot.outcome import OutcomeReport, describe_outcome
from platform_utils.pilot.permutation import arrangements
from platform_utils.pilot.plan import Plan, Registration
from platform_utils.pilot.power import Chances, Scenario, simulate, years_needed
from platform_utils.pilot.results import TwoGroups
from platform_utils.pilot.series import SeriesResult, interrupted_series


@dataclass(frozen=True)
class Note:
    """A key of the catalogue with counts for its text: a deviation from the plan, or something refused."""

    key: str
    fields: Mapping[str, int | float | str] = field(default_factory=dict)


@dataclass(frozen=True)
class Evaluation:
    """The whole evaluation.

    Attributes
    ----------
    verdict : {"planned", "exploratory", "descriptive"}
        Whether effects are claimed under a registered plan, under an unregistered one, or not at all.
    stopped_by : tuple of DataCheck
        Why it is descriptive; empty otherwise.
    shares : mapping of str to TwoGroups
        Descriptive shares per outcome.
    baseline : mapping of (variable, code) to (set of int, set of int)
        Persons followed with each answer at time zero, per group.
    outcomes : tuple of OutcomeReport
        In the plan's order; empty when descriptive.
    chances : mapping of str to Chances
        Per outcome: what these members and persons could have seen of the plan's effect, every veto in.
    years_needed : int or None
        Years of pooling that effect needs on every outcome; None if more than twelve, 0 if not asked.
    deviations : tuple of Note
        Where what was done differs from what was planned.
    """

    plan: Plan
    registration: Registration
    verdict: str
    checks: tuple[DataCheck, ...]
    flow: Flow
    shares: Mapping[str, TwoGroups]
    stopped_by: tuple[DataCheck, ...] = ()
    designs: tuple[DesignLine, ...] = ()
    baseline: Mapping[tuple[str, str], Groups] = field(default_factory=dict)
    outcomes: tuple[OutcomeReport, ...] = ()
    series: SeriesResult | Note | None = None
    chances: Mapping[str, Chances] = field(default_factory=dict)
    years_needed: int | None = 0
    deviations: tuple[Note, ...] = ()


def evaluate(plan: Plan, data: pd.DataFrame, registration: Registration | None = None) -> Evaluation:
    """Evaluate a cohort under a plan.

    Parameters
    ----------
    data : DataFrame
        From `read_cohort`: every cell as text.
    registration : Registration, optional
        From `read_registration`; without it everything is exploratory.

    Returns
    -------
    Evaluation
        Restricted: it holds counts of persons. Only the gate turns it into something to show.

    Raises
    ------
    ContractError
        E-705 to E-743 for a file that cannot be used, E-710 for an empty group, E-729 if nobody in a group is
        followed for the primary window, E-711 if no outcome of the plan has any event among those who are.
    """
    registered = registration or Registration()
    # a person is a place in the file
    cohort = check_cohort(data, plan).reset_index(drop=True)
    if has_no_dates(data):
        return _without_dates(plan, cohort, registered)
    population, flow = select_population(cohort, plan)
    designs = tuple(list_designs(population, plan))
    checks = tuple(check_data(cohort, population, plan))
    # units that met both kinds of persons cannot be permuted: that, and no number of them, is the cause
    if all(check.ok for check in checks if check.key == "constant_access"):
        checks += (_attainable(designs[0]),)
    stopped = tuple(check for check in checks if check.stops and not check.ok)
    histories = build_histories(population, plan)
    primary = histories.take(_followed(histories, plan))
    described = Evaluation(
        plan=plan,
        registration=registered,
        verdict="descriptive",
        checks=checks,
        flow=_to_the_end(flow, primary, plan),
        shares=_shares(primary, plan),
        stopped_by=stopped,
        designs=designs,
        baseline=_baseline(population[_followed(histories, plan)], plan),
    )
    if stopped:
        return described
    ways = None
    if plan.unit != "person":
        ways = arrangements(primary.by_unit(primary.access)[2], seed=plan.seed)
    unequal = any(check.key == "contact_rule" and not check.ok for check in checks)
    decisions = decide(primary, plan, ways, lost_unequal=unequal)
    outcomes = tuple(describe_outcome(one, population, histories, plan, ways, unequal) for one in decisions)
    sampled = 0 if ways is None or ways.exact else len(ways.groups)
    chances = _chances(primary, plan)
    found = any(one.verdict in FOUND for one in decisions)
    years = 0 if found else years_needed(plan, *_units(primary, plan), draws=plan.power_draws // 2)
    return replace(
        described,
        verdict="exploratory" if registered.exploratory else "planned",
        outcomes=outcomes,
        series=_series(cohort, plan),
        chances=chances,
        years_needed=years,
        deviations=tuple(_deviations(outcomes, plan, sampled, flow)),
    )


def _followed(histories: Histories, plan: Plan) -> NDArray[np.bool_]:
    followed = full_follow_up(histories, plan.primary_window, plan.contact_gap)
    for group, access in (("yes", histories.access), ("no", ~histories.access)):
        if access.any() and not (followed & access).any():
            days = plan.primary_window + plan.contact_gap
            raise ContractError("E-729", group=group, days=days)
    return followed


def _attainable(primary: DesignLine) -> DataCheck:
    shown = f"{primary.attainable:.2g}"
    fields: dict[str, int | str] = {"units_1": primary.units_1, "units_0": primary.units_0, "p": shown}
    return DataCheck("attainable", primary.testable, True, fields)


def _without_dates(plan: Plan, data: pd.DataFrame, registered: Registration) -> Evaluation:
    groups, shares = part_groups(data), {}
    for outcome, name in (("lost", "lost"), ("report", "reported")):
        hit = frozenset(data.index[data[name] == "yes"].tolist())
        shares[outcome] = TwoGroups.of(tuple(part for who in groups for part in (who & hit, who - hit)))
    check = DataCheck("dates", False, True)
    flow = Flow({"read": groups})
    return Evaluation(plan, registered, "descriptive", (check,), flow, shares, stopped_by=(check,))


def _shares(histories: Histories, plan: Plan) -> dict[str, TwoGroups]:
    if histories.access.all() or not histories.access.any():
        return {}
    return {outcome: histories.table(outcome, plan.primary_window) for outcome in plan.outcomes}


def _to_the_end(flow: Flow, histories: Histories, plan: Plan) -> Flow:
    # whoever left or reported before entering is counted beside those who entered, not dropped
    first = np.minimum(histories.time["lost"], histories.time["report"])
    entered = (histories.entry_day <= plan.grace_days) & (histories.entry_day <= first)
    early = ~entered & (first <= plan.grace_days)
    ended = histories.event["lost"]
    by_window = histories.time["lost"] <= plan.primary_window
    steps = {
        "entered": entered,
        "early": early,
        "waiting": ~entered & ~early,
        "reported": histories.happened("report", plan.primary_window),
        "lost": (ended == 1) & by_window,
        "other_end": (ended > 1) & by_window,
        "in_contact": (ended == 0) | ~by_window,
    }
    parts = {key: histories.cells(who) for key, who in steps.items()}
    return Flow({**flow.persons, **{key: (one, zero) for key, (one, _, zero, _) in parts.items()}})


def _baseline(followed: pd.DataFrame, plan: Plan) -> dict[tuple[str, str], Groups]:
    return {
        (name, str(code) or "blank"): groups_in(followed[followed[name] == code])
        for name in plan.covariates
        for code in sorted(followed[name].unique())
    }


def _series(cohort: pd.DataFrame, plan: Plan) -> SeriesResult | Note:
    kept = cohort[cohort["programme_at_zero"] != "mmm"]
    kept = kept[(kept["reported_before"] == "no") & (kept["first_contact_month"] >= plan.programme_from)]
    histories = build_histories(kept, plan)
    followed = full_follow_up(histories, plan.primary_window, plan.contact_gap)
    if not followed.any():
        return Note("L-pilot-series-refused-empty")
    first = _month_number(plan.programme_from)
    place = np.array([_month_number(month) - first for month in kept.loc[followed, "first_contact_month"]])
    size = int(place.max()) + 1
    hits = histories.take(followed).happened("report", plan.primary_window)
    persons, counts = np.bincount(place, minlength=size), np.bincount(place, weights=hits, minlength=size)
    closed_from = _month_number(plan.closed_from) - first
    reopened = min(_month_number(plan.reopened) - first, size)
    months = int((persons[:closed_from] > 0).sum())
    if months < plan.min_before:
        return Note("L-pilot-series-refused-short", {"months": months})
    limits = {"min_before": plan.min_before, "min_closed": plan.min_closed}
    try:
        return interrupted_series(counts, persons, closed_from, reopened, **limits)
    except ContractError as error:
        return Note(f"L-pilot-series-refused-{error.code}")


def _month_number(month: str) -> int:
    year, number = month.split("-")
    return int(year) * 12 + int(number) - 1


def _units(histories: Histories, plan: Plan) -> tuple[int, int]:
    _, _, access = histories.by_unit(histories.access)
    return (1, 1) if plan.unit == "person" else (int(access.sum()), int((~access).sum()))


def _chances(histories: Histories, plan: Plan) -> dict[str, Chances]:
    _, sizes, access = histories.by_unit(histories.access)
    if plan.unit == "person":
        sizes, access = np.array([access.sum(), (~access).sum()]), np.array([True, False])
    groups = (tuple(int(size) for size in sizes[side]) for side in (access, ~access))
    one, zero = groups
    # who is in the file has been followed
    return {
        outcome: simulate(replace(Scenario.of(plan, outcome, one, zero), unseen=0.0), plan)
        for outcome in plan.outcomes
    }


def _deviations(outcomes: tuple[OutcomeReport, ...], plan: Plan, sampled: int, flow: Flow) -> Iterator[Note]:
    cut = sum(flow.steps["population"]) - sum(flow.steps["followed"])
    if cut:
        yield Note("L-pilot-deviation-follow-up", {"persons": cut})
    if sampled:
        yield Note("L-pilot-deviation-sampled", {"arrangements": sampled})
    for report in outcomes:
        if report.decision.attainable > plan.level:
            yield Note("L-pilot-deviation-left-out", {"outcome": report.outcome})
    for report in outcomes:
        for key in report.cautions:
            yield Note(f"L-pilot-deviation-{key}", {"outcome": report.outcome})
