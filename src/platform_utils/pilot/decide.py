"""The confirmatory decision: one test per outcome at the level of assignment, Holm, and when to stay silent.

Enters: histories with full follow-up and the plan. Leaves: a verdict per outcome. This is all that the
type-I error rests on; everything else in the evaluation is shown beside it and cannot change it.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import stats

from platform_utils.errors import ContractError
from platform_utils.pilot.exact import barnard, boschloo, fisher
from platform_utils.pilot.histories import Histories
from platform_utils.pilot.multiplicity import tarone_holm
from platform_utils.pilot.permutation import Arrangements, arrangements, permutation_test
from platform_utils.pilot.plan import Plan
from platform_utils.pilot.results import TestResult, TwoGroups

__all__ = ["OutcomeDecision", "decide", "person_level_test"]


@dataclass(frozen=True)
class OutcomeDecision:
    """Verdict on one co-primary outcome.

    Parameters
    ----------
    outcome : {"lost", "report"}
        Which.
    verdict : {"more", "fewer", "insufficient", "none"}
        With access more or fewer persons had the outcome; evidence insufficient; or no verdict given.
    reasons : tuple of str
        Label keys of what stood in the way.
    table : TwoGroups
        Counts by the primary window.
    statistic : float
        Risk difference.
    p_value : float
        Of the primary test.
    p_stay : float
        For reports: of the same test on log-rank scores that end observation when contact ends (``nan``
        for being lost). A report verdict needs both.
    p_adjusted : float
        After Holm over the outcomes that could have rejected.
    attainable : float
        Smallest p that this number of events could have given.
    """

    outcome: str
    verdict: str
    reasons: tuple[str, ...]
    table: TwoGroups
    statistic: float
    p_value: float
    p_stay: float
    p_adjusted: float
    attainable: float


def decide(
    histories: Histories,
    plan: Plan,
    ways: Arrangements | None = None,
    lost_unequal: bool = False,
) -> list[OutcomeDecision]:
    """Return the verdict on each outcome of the plan.

    Parameters
    ----------
    histories : Histories
        Persons with full follow-up.
    plan : Plan
        Test, unit, level, outcomes.
    ways : Arrangements, optional
        To reuse over many cohorts with the same units; made from the units if left out.
    lost_unequal : bool
        True when being lost was measured by different rules in the two groups: then it has no verdict.

    Returns
    -------
    list of OutcomeDecision
        In the plan's order.

    Raises
    ------
    ContractError
        E-710 if a group is empty, E-711 if no outcome has any event.
    """
    window = plan.primary_window
    if histories.access.all() or not histories.access.any():
        raise ContractError("E-710", group="no" if histories.access.all() else "yes")
    if not any(histories.happened(outcome, window).any() for outcome in plan.outcomes):
        raise ContractError("E-711")
    if ways is None and plan.test == "permutation":
        ways = arrangements(histories.by_unit(histories.access)[2], seed=plan.seed)
    primary = {outcome: _test(histories, outcome, plan, ways) for outcome in plan.outcomes}
    stay = _stay(histories, plan, ways) if "report" in plan.outcomes else (float("nan"), 0.0)
    joint, least = [], []
    for outcome in plan.outcomes:
        p_value, _, attainable = primary[outcome]
        joint.append(max(p_value, stay[0]) if outcome == "report" else p_value)
        least.append(attainable)
    adjusted = tarone_holm(joint, least, plan.level)
    p_leaving, gap, _ = _test(histories, "lost", plan, ways)
    differs = p_leaving <= plan.leaving_level or abs(gap) > plan.leaving_tolerance
    decisions = []
    for place, outcome in enumerate(plan.outcomes):
        p_value, statistic, attainable = primary[outcome]
        reasons = _reasons(outcome, differs, lost_unequal)
        if outcome == "report" and adjusted[place] <= plan.level and statistic * stay[1] <= 0:
            reasons = (*reasons, "L-pilot-reason-stay-differs")
        verdict = "insufficient"
        if reasons:
            verdict = "none"
        elif adjusted[place] <= plan.level:
            verdict = "more" if statistic > 0 else "fewer"
        elif attainable > plan.level:
            reasons = ("L-pilot-reason-too-few-events",)
        decisions.append(
            OutcomeDecision(
                outcome,
                verdict,
                reasons,
                histories.table(outcome, window),
                statistic,
                p_value,
                stay[0] if outcome == "report" else float("nan"),
                adjusted[place],
                attainable,
            )
        )
    return decisions


def person_level_test(table: TwoGroups, test: str) -> TestResult:
    """Return a test that takes persons as independent: right only if access was decided person by person."""
    if test == "boschloo":
        return boschloo(table)
    return barnard(table) if test == "barnard" else fisher(table)


def _test(
    histories: Histories, outcome: str, plan: Plan, ways: Arrangements | None
) -> tuple[float, float, float]:
    window = plan.primary_window
    if plan.test == "permutation" and plan.unit != "person":
        totals, sizes, _ = histories.by_unit(histories.scores(outcome, window))
        result = permutation_test(totals, sizes, ways=ways)
        return result.p_value, histories.table(outcome, window).difference, result.attainable
    table = histories.table(outcome, window)
    p_value = person_level_test(table, plan.test).p_value
    return p_value, table.difference, _least_p(table, plan.test)


def _stay(histories: Histories, plan: Plan, ways: Arrangements | None) -> tuple[float, float]:
    scores = histories.residuals("report", plan.primary_window)
    if plan.unit == "person":
        return _score_test(scores, histories.access)
    totals, sizes, _ = histories.by_unit(scores)
    result = permutation_test(totals, sizes, ways=ways)
    return result.p_value, result.statistic


def _score_test(scores: NDArray[np.float64], access: NDArray[np.bool_]) -> tuple[float, float]:
    # permutation of persons, by its exact mean and variance and the normal curve (60 persons and more)
    n, n_1 = len(scores), int(access.sum())
    variance = scores.var(ddof=1) * n / (n_1 * (n - n_1))
    statistic = float(scores[access].mean() - scores[~access].mean())
    if variance <= 0:
        return 1.0, 0.0
    return float(2 * stats.norm.sf(abs(statistic) / np.sqrt(variance))), statistic


def _least_p(table: TwoGroups, test: str) -> float:
    # the most uneven tables with the same number of events and the same group sizes
    total = table.events_1 + table.events_0
    high = min(total, table.n_1)
    low = max(0, total - table.n_0)
    ends = [TwoGroups(x, table.n_1, total - x, table.n_0) for x in (low, high)]
    return min(person_level_test(end, test).p_value for end in ends)


def _reasons(outcome: str, leaving_differs: bool, lost_unequal: bool) -> tuple[str, ...]:
    if outcome == "lost":
        return ("L-pilot-reason-lost-unequal",) if lost_unequal else ()
    if leaving_differs:
        return ("L-pilot-reason-leaving-differs",)
    return ("L-pilot-reason-leaving-unequal",) if lost_unequal else ()
