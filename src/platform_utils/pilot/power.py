"""What numbers of this size could have seen, by simulation with clustering and loss.

Enters: risks, sizes, members, correlation inside members. Leaves: the share of draws in which the primary
test rejects, with its Monte Carlo error.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from platform_utils.pilot.exact import boschloo
from platform_utils.pilot.permutation import arrangements, permutation_test
from platform_utils.pilot.results import TwoGroups

__all__ = ["Power", "Scenario", "simulate_power", "years_needed"]


@dataclass(frozen=True)
class Scenario:
    """A comparison that might have been.

    Attributes
    ----------
    risk_1, risk_0 : float
        True risk with and without access.
    persons_per_group : int
        Followed in each group before loss.
    members_per_group : int
        Units of assignment in each group; 0 if access was decided person by person.
    correlation : float
        Of outcomes inside a member (beta-binomial).
    unseen : float
        Share of persons whose outcome is never known, the same in both groups: they are left out.
    """

    risk_1: float
    risk_0: float
    persons_per_group: int
    members_per_group: int = 5
    correlation: float = 0.0
    unseen: float = 0.0


@dataclass(frozen=True)
class Power:
    """Share of draws that reject, and its Monte Carlo standard error."""

    share: float
    error: float
    draws: int


def simulate_power(scenario: Scenario, level: float = 0.05, draws: int = 1000, seed: int = 1) -> Power:
    """Return how often the primary test would reject under a scenario.

    By `permutation_test` over members, or by `boschloo` when access was decided person by person.

    Parameters
    ----------
    level : float
        Two-sided level of this outcome (with Holm over two outcomes: half of the overall level).

    Examples
    --------
    >>> simulate_power(Scenario(0.5, 0.5, 30, members_per_group=3), draws=50).share
    0.0
    """
    generator = np.random.default_rng(seed)
    groups = scenario.members_per_group
    ways = arrangements(np.arange(2 * groups) < groups, limit=1000, sample=1000) if groups else None
    hits = 0
    for _ in range(draws):
        events, sizes = _draw_units(scenario, generator)
        if ways is None:
            table = TwoGroups(*(int(x) for x in (events[0], max(1, sizes[0]), events[1], max(1, sizes[1]))))
            hits += boschloo(table).p_value <= level
        else:
            # the day of an event breaks ties between arrangements, as in the evaluation
            scores = events + 1e-6 * generator.binomial(90 * events, 0.5) / 90
            hits += permutation_test(scores, sizes, ways=ways).p_value <= level
    share = hits / draws
    return Power(share, float(np.sqrt(share * (1 - share) / draws)), draws)


def years_needed(
    scenario: Scenario,
    entrants_per_year: int,
    level: float = 0.025,
    target: float = 0.8,
    most_years: int = 12,
    draws: int = 400,
    seed: int = 1,
) -> int | None:
    """Return how many years of entrants an effect needs, or None if ``most_years`` do not suffice.

    More persons in the same members help little when outcomes inside a member are alike.

    Parameters
    ----------
    scenario : Scenario
        The effect looked for; its number of persons is replaced, its members stay.
    entrants_per_year : int
        Adult entrants a year (40-50 in 2023 and 2024); the comparison group is taken as large.
    level, target : float
        Level of the outcome and power wanted.
    """
    for years in range(1, most_years + 1):
        pooled = replace(scenario, persons_per_group=entrants_per_year * years)
        if simulate_power(pooled, level, draws, seed).share >= target:
            return years
    return None


def _draw_units(
    scenario: Scenario, generator: np.random.Generator
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    members = scenario.members_per_group or 1
    share, rest = divmod(scenario.persons_per_group, members)
    sizes = np.tile(np.full(members, share) + (np.arange(members) < rest), 2)
    if scenario.unseen:
        sizes = np.maximum(1, generator.binomial(sizes, 1 - scenario.unseen))
    risk = np.repeat([scenario.risk_1, scenario.risk_0], members)
    if scenario.correlation > 0:
        strength = 1 / scenario.correlation - 1
        # a beta distribution has no form at risk 0 or 1
        inside = (risk > 0) & (risk < 1)
        safe = np.where(inside, risk, 0.5)
        risk = np.where(inside, generator.beta(safe * strength, (1 - safe) * strength), risk)
    return generator.binomial(sizes, risk), sizes
