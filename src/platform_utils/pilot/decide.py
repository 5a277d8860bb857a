"""The confirmatory decision: one test per outcome at the level of assignment, Holm, and when to stay silent.

Enters: histories with full follow-up and the plan. Leaves: a verdict per outcome. This is all that the
type-I error rests on; everything else in the evaluation is shown beside it and cannot change it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from scipy import stats

from platform_utils.errors import ContractError
from platform_utils.pilot.exact import barnard, boschloo, fisher
from platform_utils.pilot.histories import Histories
from platform_utils.pilot.permutation import Arrangements, arrangements, permutation_test
from platform_utils.pilot.plan import Plan
from platform_utils.pilot.results import TestResult, TwoGroups

FOUND = ("more", "fewer")
"""Verdicts that are findings."""
_TESTS: dict[str, Callable[[TwoGroups], TestResult]] = {"boschloo": boschloo, "barnard": barnard}


@dataclass(frozen=True)
class OutcomeDecision:
    """Verdict on one co-primary outcome.

    Attributes
    ----------
    outcome : {"lost", "report"}
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
    histories: Histories, plan: Plan, ways: Arrangements | None = None, lost_unequal: bool = False
) -> list[OutcomeDecision]:
    """Return the verdict on each outcome of the plan, in its order.

    Parameters
    ----------
    histories : Histories
        Persons with full follow-up.
    ways : Arrangements, optional
        To reuse over many cohorts with the same units; made from the units if left out.
    lost_unequal : bool
        True when being lost was measured by different rules in the two groups: then it has no verdict.

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
    tested = {outcome: _test(histories, outcome, plan, ways) for outcome in {*plan.outcomes, "lost"}}
    stay = {"lost": (float("nan"), 0.0)}
    if "report" in plan.outcomes:
        stay["report"] = _stay(histories, plan, ways)
    # a report verdict needs both tests, so their larger p is the one that enters Holm
    joint = [float(np.fmax(tested[outcome][0], stay[outcome][0])) for outcome in plan.outcomes]
    adjusted = tarone_holm(joint, [tested[outcome][2] for outcome in plan.outcomes], plan.level)
    # by the design's own test and not by a fixed difference: members differ in leaving without any effect
    differs = tested["lost"][0] <= plan.leaving_level
    decisions = []
    for outcome, p_adjusted in zip(plan.outcomes, adjusted, strict=True):
        p_value, statistic, attainable = tested[outcome]
        p_stay, direction = stay[outcome]
        reasons = _reasons(outcome, differs, lost_unequal)
        if outcome == "report" and p_adjusted <= plan.level and statistic * direction <= 0:
            reasons = (*reasons, "L-pilot-reason-stay-differs")
        verdict = "insufficient"
        if reasons:
            verdict = "none"
        elif p_adjusted <= plan.level:
            verdict = "more" if statistic > 0 else "fewer"
        elif attainable > plan.level:
            reasons = ("L-pilot-reason-too-few-events",)
        elif p_value <= plan.level:
            # the interval leaves out 0
            reasons = ("L-pilot-reason-stay-unsure" if p_stay > plan.level else "L-pilot-reason-together",)
        table = histories.table(outcome, window)
        decisions.append(
            OutcomeDecision(
                outcome, verdict, reasons, table, statistic, p_value, p_stay, p_adjusted, attainable
            )
        )
    return decisions


def holm(p_values: Sequence[float]) -> list[float]:
    """Return Holm's adjusted p-values, in the order given.

    References
    ----------
    Holm S (1979) Scand J Stat 6:65-70.

    Examples
    --------
    >>> holm([0.5, 0.01, 0.03, 0.02])
    [0.5, 0.04, 0.06, 0.06]
    """
    # statsmodels' multipletests gives the same and collects all garbage of the process at each call
    given = np.asarray(p_values, dtype=float)
    order = np.argsort(given)
    adjusted = np.empty(len(given))
    adjusted[order] = np.maximum.accumulate(given[order] * np.arange(len(given), 0, -1))
    return [float(p) for p in np.minimum(adjusted, 1.0)]


def tarone_holm(p_values: Sequence[float], attainable: Sequence[float], level: float = 0.05) -> list[float]:
    """Return Holm's adjusted p-values over the outcomes that could have rejected at all; 1 for the others.

    An outcome with no events in either group has smallest attainable p = 1: counting it in the family
    would halve the level of the others for nothing. The attainable p is a function of the total number of
    events and of the design, never of who had them, so the family-wise error stays at ``level``.

    Parameters
    ----------
    attainable : sequence of float
        Smallest p that each test could have had, given its total number of events.

    References
    ----------
    Tarone RE (1990) Biometrics 46:515-522. Hommel G, Krummenauer F (1998) Stat Med 17:2673-2680.

    Examples
    --------
    >>> tarone_holm([0.04, 1.0], [0.001, 1.0])
    [0.04, 1.0]
    """
    smallest = np.asarray(attainable, dtype=float)
    # Tarone's K: the smallest family whose level per test leaves no more than K tests that could reach it
    size = 1
    while size < len(smallest) and int((smallest <= level / size).sum()) > size:
        size += 1
    inside = [index for index, value in enumerate(smallest) if value <= level / size]
    adjusted = [1.0] * len(smallest)
    for index, value in zip(inside, holm([p_values[index] for index in inside]), strict=True):
        adjusted[index] = value
    return adjusted


def _test(
    histories: Histories, outcome: str, plan: Plan, ways: Arrangements | None
) -> tuple[float, float, float]:
    table = histories.table(outcome, plan.primary_window)
    if plan.test == "permutation" and plan.unit != "person":
        totals, sizes, _ = histories.by_unit(histories.scores(outcome, plan.primary_window))
        result = permutation_test(totals, sizes, ways=ways)
        # by whole events: how early they came breaks ties, and is no evidence where shares cannot differ
        hits, *_ = histories.by_unit(histories.happened(outcome, plan.primary_window))
        return result.p_value, table.difference, permutation_test(hits, sizes, ways=ways).attainable
    # persons as independent: right only because access was decided person by person
    test = _TESTS.get(plan.test, fisher)
    total = table.events_1 + table.events_0
    # the most uneven tables with the same number of events and the same group sizes
    fewest, most = max(0, total - table.n_0), min(total, table.n_1)
    ends = [TwoGroups(events, table.n_1, total - events, table.n_0) for events in (fewest, most)]
    return test(table).p_value, table.difference, min(test(end).p_value for end in ends)


def _stay(histories: Histories, plan: Plan, ways: Arrangements | None) -> tuple[float, float]:
    scores, access = histories.residuals("report", plan.primary_window), histories.access
    if plan.unit != "person":
        totals, sizes, _ = histories.by_unit(scores)
        result = permutation_test(totals, sizes, ways=ways)
        return result.p_value, result.statistic
    # permutation of persons, by its exact mean and variance and the normal curve (60 persons and more)
    n, n_1 = len(scores), int(access.sum())
    variance = scores.var(ddof=1) * n / (n_1 * (n - n_1))
    if variance <= 0:
        return 1.0, 0.0
    statistic = float(scores[access].mean() - scores[~access].mean())
    return float(2 * stats.norm.sf(abs(statistic) / np.sqrt(variance))), statistic


def _reasons(outcome: str, leaving_differs: bool, lost_unequal: bool) -> tuple[str, ...]:
    if outcome == "lost":
        return ("L-pilot-reason-lost-unequal",) if lost_unequal else ()
    if leaving_differs:
        return ("L-pilot-reason-leaving-differs",)
    return ("L-pilot-reason-leaving-unequal",) if lost_unequal else ()
