"""The whole evaluation under a plan: checks, designs, verdicts, and what surrounds them.

Enters: a plan and a cohort as text. Leaves: an ``Evaluation``. The same call serves the notebook, the command
and anybody's file.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from platform_utils.errors import ContractError
from platform_utils.pilot.checks import DataCheck, Flow, check_data, select_population
from platform_utils.pilot.cohort import check_cohort, has_no_dates
from platform_utils.pilot.decide import OutcomeDecision, decide
from platform_utils.pilot.designs import DesignLine, list_designs
from platform_utils.pilot.evaluation import BaselineRow, Evaluation, Note, OutcomeReport
from platform_utils.pilot.histories import Histories, build_histories, full_follow_up
from platform_utils.pilot.outcome import describe_outcome
from platform_utils.pilot.permutation import Arrangements, arrangements
from platform_utils.pilot.plan import Plan
from platform_utils.pilot.power import Power, Scenario, simulate_power, years_needed
from platform_utils.pilot.registration import Registration
from platform_utils.pilot.results import TwoGroups
from platform_utils.pilot.series import SeriesResult, interrupted_series

__all__ = ["evaluate"]


def evaluate(plan: Plan, data: pd.DataFrame, registration: Registration | None = None) -> Evaluation:
    """Evaluate a cohort under a plan.

    Parameters
    ----------
    plan : Plan
        From `plan.read_plan`.
    data : DataFrame
        From `cohort.read_cohort`: every cell as text.
    registration : Registration, optional
        From `registration.read_registration`; without it everything is exploratory.

    Returns
    -------
    Evaluation
        Restricted: it holds counts of persons. Only the gate turns it into something to show.

    Raises
    ------
    ContractError
        E-705 to E-718 for a file that cannot be used, E-710 for an empty group, E-711 if no outcome of the
        plan has any event among persons followed for the primary window.
    """
    registered = registration if registration is not None else Registration()
    if has_no_dates(data):
        return _without_dates(plan, data, registered)
    cohort = check_cohort(data, plan)
    population, flow = select_population(cohort, plan)
    checks = tuple(check_data(cohort, population, plan))
    designs = tuple(list_designs(population, plan))
    checks = (*checks, _attainable(designs[0]))
    stopped = tuple(check for check in checks if check.stops and not check.ok)
    histories = build_histories(population, plan)
    followed = full_follow_up(histories, plan.primary_window, plan.contact_gap)
    flow = _to_the_end(flow, histories.take(followed), plan)
    baseline = _baseline(population, plan)
    if stopped:
        shares = _shares(histories.take(followed), plan)
        return Evaluation(
            plan, registered, "descriptive", checks, stopped, designs, flow, baseline, shares, (), None,
            None, None, (),
        )  # fmt: skip
    primary = histories.take(followed)
    ways = None
    if plan.unit != "person":
        ways = arrangements(primary.by_unit(primary.access)[2], seed=plan.seed)
    unequal = any(check.key == "contact_rule" and not check.ok for check in checks)
    decisions = decide(primary, plan, ways, lost_unequal=unequal)
    outcomes = tuple(
        describe_outcome(decision, population, histories, plan, ways, unequal) for decision in decisions
    )
    power, years = _power(primary, plan)
    return Evaluation(
        plan,
        registered,
        "exploratory" if registered.exploratory else "planned",
        checks,
        (),
        designs,
        flow,
        baseline,
        _shares(primary, plan),
        outcomes,
        _series(cohort, plan),
        power,
        years,
        _deviations(decisions, plan.level, outcomes, ways, flow),
    )


def _attainable(primary: DesignLine) -> DataCheck:
    shown = f"{primary.attainable:.2g}"
    fields: dict[str, int | str] = {"units_1": primary.units_1, "units_0": primary.units_0, "p": shown}
    return DataCheck("attainable", primary.testable, True, fields)


def _without_dates(plan: Plan, data: pd.DataFrame, registered: Registration) -> Evaluation:
    for name in ("access", "reported", "lost"):
        if name not in data:
            raise ContractError("E-705", columns=name)
    one, zero = data["access"] == "yes", data["access"] == "no"
    for group, code in ((one, "yes"), (zero, "no")):
        if not group.any():
            raise ContractError("E-710", group=code)
    shares = {}
    for outcome, name in (("lost", "lost"), ("report", "reported")):
        hit = data[name] == "yes"
        counts = (int((hit & one).sum()), int(one.sum()), int((hit & zero).sum()), int(zero.sum()))
        shares[outcome] = TwoGroups(*counts)
    check = DataCheck("dates", False, True)
    flow = Flow((("read", int(one.sum()), int(zero.sum())),))
    return Evaluation(
        plan, registered, "descriptive", (check,), (check,), (), flow, (), shares, (), None, None, None, ()
    )


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
    steps = [
        ("entered", entered),
        ("early", early),
        ("waiting", ~entered & ~early),
        ("reported", histories.happened("report", plan.primary_window)),
        ("lost", (ended == 1) & by_window),
        ("other_end", (ended > 1) & by_window),
        ("in_contact", (ended == 0) | ~by_window),
    ]
    one, zero = histories.access, ~histories.access
    counted = [(key, int((who & one).sum()), int((who & zero).sum())) for key, who in steps]
    return Flow((*flow.steps, *counted))


def _baseline(population: pd.DataFrame, plan: Plan) -> tuple[BaselineRow, ...]:
    rows = []
    for name in plan.covariates:
        codes, with_access = population[name], population["access"] == "yes"
        for code in sorted(codes.unique()):
            here = codes == code
            one, zero = int((here & with_access).sum()), int((here & ~with_access).sum())
            rows.append(BaselineRow(name, str(code), one, zero))
    return tuple(rows)


def _series(cohort: pd.DataFrame, plan: Plan) -> SeriesResult | Note:
    kept = cohort[cohort["programme_at_zero"] != "mmm"]
    kept = kept[(kept["reported_before"] == "no") & (kept["first_contact_month"] >= plan.programme_from)]
    histories = build_histories(kept, plan)
    followed = full_follow_up(histories, plan.primary_window, plan.contact_gap)
    kept, histories = kept[followed], histories.take(followed)
    if len(kept) == 0:
        return Note("L-pilot-series-refused-empty")
    months = [_month_number(month) for month in kept["first_contact_month"]]
    first, last = _month_number(plan.programme_from), max(months)
    place = np.array(months) - first
    size = last - first + 1
    persons = np.bincount(place, minlength=size)
    counts = np.bincount(place, weights=histories.happened("report", plan.primary_window), minlength=size)
    closed_from = _month_number(plan.closed_from) - first
    reopened = min(_month_number(plan.reopened) - first, size)
    if int((persons[:closed_from] > 0).sum()) < plan.min_before:
        return Note("L-pilot-series-refused-short", {"months": int((persons[:closed_from] > 0).sum())})
    try:
        return interrupted_series(
            counts,
            persons,
            closed_from,
            reopened,
            min_before=plan.min_before,
            min_closed=plan.min_closed,
        )
    except ContractError as error:
        return Note(f"L-pilot-series-refused-{error.code}")


def _month_number(month: str) -> int:
    year, number = month.split("-")
    return int(year) * 12 + int(number) - 1


def _power(histories: Histories, plan: Plan) -> tuple[Power, int | None]:
    _, _, access = histories.by_unit(histories.access)
    members = 0 if plan.unit == "person" else int(min(access.sum(), (~access).sum()))
    smaller = int(min(histories.access.sum(), (~histories.access).sum()))
    correlation = 0.0 if plan.unit == "person" else plan.correlation
    scenario = Scenario(plan.risk_with, plan.risk_without, smaller, members, correlation)
    level = plan.level / len(plan.outcomes)
    now = simulate_power(scenario, level, plan.power_draws, plan.seed)
    later = Scenario(plan.risk_with, plan.risk_without, 1, members, correlation, plan.unseen)
    years = years_needed(later, plan.entrants_per_year, level, draws=plan.power_draws, seed=plan.seed)
    return now, years


def _deviations(
    decisions: list[OutcomeDecision],
    level: float,
    outcomes: tuple[OutcomeReport, ...],
    ways: Arrangements | None,
    flow: Flow,
) -> tuple[Note, ...]:
    notes = []
    steps = {key: (one, zero) for key, one, zero in flow.steps}
    cut = sum(steps["population"]) - sum(steps["followed"])
    if cut:
        notes.append(Note("L-pilot-deviation-follow-up", {"persons": cut}))
    if ways is not None and not ways.exact:
        notes.append(Note("L-pilot-deviation-sampled", {"arrangements": len(ways.groups)}))
    notes += [
        Note("L-pilot-deviation-left-out", {"outcome": decision.outcome})
        for decision in decisions
        if decision.attainable > level
    ]
    for report in outcomes:
        adjusted = report.adjusted
        if adjusted.positivity is not None and not adjusted.positivity.holds:
            notes.append(Note("L-pilot-deviation-positivity", {"outcome": report.outcome}))
        if adjusted.firth is not None and adjusted.firth.separated:
            names = ", ".join(adjusted.firth.separated)
            notes.append(Note("L-pilot-deviation-separated", {"outcome": report.outcome, "columns": names}))
        if adjusted.g_computation is None and adjusted.covariates:
            notes.append(Note("L-pilot-deviation-not-adjusted", {"outcome": report.outcome}))
    return tuple(notes)
