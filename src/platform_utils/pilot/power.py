"""What a plan could see before any outcome is known: the whole procedure on invented cohorts.

Enters: a plan and a scenario of risks, members, persons, correlation and loss. Leaves: how often each verdict
comes, every veto in, with its Monte Carlo error; and the smallest effect that is seen in 80 of 100.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from platform_utils.errors import ContractError
from platform_utils.pilot.decide import FOUND, decide
from platform_utils.pilot.histories import Histories
from platform_utils.pilot.permutation import arrangements
from platform_utils.pilot.plan import Plan

Floats = NDArray[np.float64]
Curve = list[tuple[float, float]]
_TARGET, _MOST_YEARS, _STEP = 0.8, 12, 0.05
# more arrangements than this are sampled: p is then known to a thousandth
_ARRANGEMENTS = 1000


@dataclass(frozen=True)
class Scenario:
    """A comparison that might be.

    Attributes
    ----------
    lost, report : tuple of float
        Risk by the primary window with access and without, if nothing else ended contact.
    sizes_1, sizes_0 : tuple of int
        Persons of each unit with access and without.
    correlation : float
        Of outcomes inside a unit (beta-distributed risks).
    unseen : float
        Share of persons who are not followed for the whole window: they are left out.
    other_ends : float
        Chance that contact ends otherwise within the window.
    left_factor : float
        What the hazard of reporting is multiplied by for those who will be lost: 1 if leaving tells nothing.
    """

    lost: tuple[float, float]
    report: tuple[float, float]
    sizes_1: tuple[int, ...]
    sizes_0: tuple[int, ...]
    correlation: float = 0.0
    unseen: float = 0.0
    other_ends: float = 0.10
    left_factor: float = 1.0

    @classmethod
    def of(cls, plan: Plan, outcome: str, sizes_1: tuple[int, ...], sizes_0: tuple[int, ...]) -> Scenario:
        """Return the plan's effect on one outcome, the other one being the same in both groups.

        More reports with access, from ``risk_without`` to ``risk_with``; or fewer lost, the other way round.
        """
        effect, same = (plan.risk_with, plan.risk_without), (plan.risk_without, plan.risk_without)
        lost, report = ((plan.risk_lost,) * 2, effect) if outcome == "report" else (effect[::-1], same)
        by_person = plan.unit == "person"
        return cls(lost, report, sizes_1, sizes_0, 0.0 if by_person else plan.correlation, plan.unseen)


@dataclass(frozen=True)
class Chances:
    """How often each verdict comes.

    Attributes
    ----------
    shares : mapping of str to mapping of str to float
        Per outcome and verdict.
    any_found : float
        Share of draws with a finding on any outcome.
    """

    shares: Mapping[str, Mapping[str, float]]
    any_found: float

    def found(self, outcome: str) -> float:
        """Return the share of draws with a finding on an outcome."""
        return sum(self.shares[outcome].get(verdict, 0.0) for verdict in FOUND)


def spread_evenly(persons: int, units: int) -> tuple[int, ...]:
    """Return the sizes of so many units when persons are spread evenly over them.

    Examples
    --------
    >>> spread_evenly(7, 3)
    (3, 2, 2)
    """
    each, rest = divmod(persons, units)
    return tuple(each + (place < rest) for place in range(units))


def foresee(
    plan: Plan, outcome: str, units: int, persons: int, draws: int | None = None
) -> tuple[Chances, Curve]:
    """Return how often each verdict comes under the plan's effect on an outcome, and the curve of effects.

    Parameters
    ----------
    units, persons : int
        In each group.
    """
    sizes = spread_evenly(persons, 1 if plan.unit == "person" else units)
    scenario = Scenario.of(plan, outcome, sizes, sizes)
    return simulate(scenario, plan, draws), effect_curve(
        scenario, plan, outcome, (draws or plan.power_draws) // 2
    )


def simulate(scenario: Scenario, plan: Plan, draws: int | None = None, seed: int | None = None) -> Chances:
    """Return how often each verdict comes when the plan's whole procedure is run on a scenario.

    Parameters
    ----------
    draws, seed : int, optional
        The plan's if left out.
    """
    generator = np.random.default_rng(plan.seed if seed is None else seed)
    access = np.repeat([True, False], [len(scenario.sizes_1), len(scenario.sizes_0)])
    ways = None
    if plan.unit != "person":
        ways = arrangements(access, limit=_ARRANGEMENTS, sample=_ARRANGEMENTS, seed=plan.seed)
    counts: dict[str, dict[str, int]] = {outcome: {} for outcome in plan.outcomes}
    total, any_found = draws or plan.power_draws, 0
    for _ in range(total):
        try:
            decisions = decide(draw_histories(scenario, plan, generator), plan, ways)
        except ContractError:
            # no event at all: nothing is found
            continue
        for one in decisions:
            counts[one.outcome][one.verdict] = counts[one.outcome].get(one.verdict, 0) + 1
        any_found += any(one.verdict in FOUND for one in decisions)
    shares = {key: {name: n / total for name, n in found.items()} for key, found in counts.items()}
    return Chances(shares, any_found / total)


def draw_histories(scenario: Scenario, plan: Plan, generator: np.random.Generator) -> Histories:
    """Return one invented cohort with full follow-up; contact is lost early rather than late."""
    sizes = np.array([*scenario.sizes_1, *scenario.sizes_0])
    if scenario.unseen:
        sizes = np.maximum(1, generator.binomial(sizes, 1 - scenario.unseen))
    unit = np.repeat(np.arange(len(sizes)), sizes)
    with_access = np.arange(len(sizes)) < len(scenario.sizes_1)
    n, window = len(unit), float(plan.primary_window)
    end_day = window + plan.contact_gap

    def days(risk: Floats, shape: float) -> Floats:
        hazard = -np.log1p(-np.minimum(risk, 0.999999))
        with np.errstate(divide="ignore"):
            return np.asarray(window * (generator.exponential(1.0, n) / hazard) ** (1 / shape))

    def risks(pair: tuple[float, float]) -> Floats:
        return _clustered(np.where(with_access, *pair), scenario.correlation, generator)[unit]

    lost = np.ceil(np.minimum(days(risks(scenario.lost), 0.5), 1e6))
    reporting = days(risks(scenario.report), 1.0)
    # a hazard that is multiplied makes times longer by as much
    reporting = np.where(lost <= window, reporting / scenario.left_factor, reporting)
    report = np.ceil(np.minimum(reporting, 1e6))
    other = np.ceil(np.minimum(days(np.full(n, scenario.other_ends), 1.0), 1e6))
    end = np.minimum(np.minimum(lost, other), end_day)
    ended = end < end_day
    seen = report <= end
    codes = np.where(lost <= other, 1, 4)
    return Histories(
        person=np.arange(n),
        access=with_access[unit],
        unit=np.char.mod("%05d", np.arange(n) if plan.unit == "person" else unit),
        follow_up=np.full(n, end_day),
        entry_day=np.full(n, np.nan),
        time={"lost": end, "report": np.where(seen, report, end)},
        event={
            "lost": np.where(ended, codes, 0),
            "report": np.where(seen, 1, np.where(ended, np.where(lost <= other, 2, 4), 0)),
        },
        any_report=np.where(report <= end_day, report, np.inf),
        recontacted=np.zeros(n, dtype=bool),
        recontact_report=np.zeros(n, dtype=bool),
    )


def effect_curve(scenario: Scenario, plan: Plan, outcome: str, draws: int | None = None) -> Curve:
    """Return, for effects from none up to the largest possible, the size and how often it is found.

    More reports, or fewer lost, with access, in steps of five points; the risk without access stays.
    """
    risk = getattr(scenario, outcome)[1]
    most = 1 - risk if outcome == "report" else risk
    sign = 1 if outcome == "report" else -1
    curve: Curve = []
    for size in np.arange(0, most + 1e-9, _STEP):
        pair = (float(risk + sign * size), risk)
        changed = replace(scenario, lost=pair) if outcome == "lost" else replace(scenario, report=pair)
        curve.append((float(size), simulate(changed, plan, draws).found(outcome)))
        if len(curve) > 1 and min(curve[-1][1], curve[-2][1]) > 0.99:
            break
    return curve


def smallest_effect(curve: Curve, target: float = _TARGET) -> float | None:
    """Return the smallest effect on a curve that is seen as often as wanted, or None if none is.

    Examples
    --------
    >>> round(smallest_effect([(0.0, 0.05), (0.1, 0.4), (0.2, 0.9)]), 2), smallest_effect([(0.0, 0.05)])
    (0.18, None)
    """
    for (low, before), (high, after) in pairwise(curve):
        if after >= target:
            return low + (high - low) * max(0.0, target - before) / max(after - before, 1e-9)
    return None


def years_needed(plan: Plan, units_1: int, units_0: int, draws: int | None = None) -> int | None:
    """Return how many years of entrants the plan's effect needs on every outcome; None if twelve are too few.

    More persons in the same units help little when outcomes inside a unit are alike.
    """

    def enough(years: int) -> bool:
        persons = plan.entrants_per_year * years
        sizes = spread_evenly(persons, units_1), spread_evenly(persons, units_0)
        return all(
            simulate(Scenario.of(plan, outcome, *sizes), plan, draws).found(outcome) >= _TARGET
            for outcome in plan.outcomes
        )

    low, high = 0, _MOST_YEARS + 1
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if enough(middle) else (middle, high)
    return high if high <= _MOST_YEARS else None


def _clustered(risk: Floats, correlation: float, generator: np.random.Generator) -> Floats:
    if correlation <= 0:
        return risk
    strength = 1 / correlation - 1
    # a beta distribution has no form at risk 0 or 1
    inside = (risk > 0) & (risk < 1)
    safe = np.where(inside, risk, 0.5)
    return np.where(inside, generator.beta(safe * strength, (1 - safe) * strength), risk)
