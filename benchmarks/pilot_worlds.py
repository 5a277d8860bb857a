"""Simulated comparisons for the pilot benchmarks: histories drawn directly, without a file in between."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from platform_utils.pilot.histories import Histories


@dataclass(frozen=True)
class World:
    """A truth: risks of being lost and of reporting within 90 days if nothing else ended contact."""

    lost_with: float = 0.32
    lost_without: float = 0.32
    report_with: float = 0.25
    report_without: float = 0.25
    other_ends: float = 0.10
    correlation: float = 0.0
    members: int = 5
    persons: int = 60


def draw(world: World, generator: np.random.Generator) -> Histories:
    """Return one comparison with full follow-up; access by member, persons spread evenly."""
    n = 2 * world.persons
    access = np.arange(n) < world.persons
    member = np.arange(n) % world.persons * world.members // world.persons
    member = np.where(access, member, member + world.members)
    lost = _days(_risks(world.lost_with, world.lost_without, world, generator)[member], 0.5, generator)
    report = _days(_risks(world.report_with, world.report_without, world, generator)[member], 1.0, generator)
    other = _days(np.full(n, world.other_ends), 1.0, generator)
    end = np.minimum(np.minimum(lost, other), 150.0)
    lost_code = np.where(end >= 150, 0, np.where(lost <= other, 1, 4))
    seen = report <= end
    report_code = np.where(seen, 1, np.where(end >= 150, 0, np.where(lost <= other, 2, 4)))
    return Histories(
        access=access,
        unit=np.char.mod("M%03d", member),
        follow_up=np.full(n, 150.0),
        entry_day=np.full(n, np.nan),
        time={"lost": end, "report": np.where(seen, report, end)},
        event={"lost": lost_code, "report": report_code},
        any_report=np.where(report <= 150, report, np.inf),
        recontacted=np.zeros(n, dtype=bool),
        recontact_report=np.zeros(n, dtype=bool),
    )


def _risks(with_access, without, world, generator):
    risk = np.repeat([with_access, without], world.members).astype(float)
    if world.correlation <= 0:
        return risk
    strength = 1 / world.correlation - 1
    inside = (risk > 0) & (risk < 1)
    safe = np.where(inside, risk, 0.5)
    return np.where(inside, generator.beta(safe * strength, (1 - safe) * strength), risk)


def _days(risk, shape, generator):
    hazard = -np.log1p(-np.minimum(risk, 0.999999))
    with np.errstate(divide="ignore"):
        days = 90.0 * (generator.exponential(1.0, len(risk)) / hazard) ** (1 / shape)
    return np.ceil(np.minimum(days, 1e6))
