"""Which published numbers give a count away: a smallest set that cannot do without any of its members.

Enters: a world, a count and a value that is no longer possible. Leaves: published numbers that together rule
the value out, so that taking away any one of them makes it possible again.
"""

from __future__ import annotations

from dataclasses import replace

from platform_utils.protect.attacker.reach import Expression, Reach
from platform_utils.protect.attacker.world import Number, World

__all__ = ["smallest_exposure"]


def smallest_exposure(world: World, expression: Expression, value: int) -> tuple[Number, ...]:
    """Return published numbers that rule ``value`` out, none of them idle.

    Parameters
    ----------
    world : World
        In which ``value`` is not possible.
    expression : Expression
        What is asked about.
    value : int
        The value that is ruled out.
    """
    every = set(range(len(world.numbers)))
    kept, local = every, world
    for reach in range(1, 8):
        steps = _steps(world, expression, reach)
        near = _told(world, steps)
        trial = replace(world, limits=[x for x in world.limits if all(g in steps for g, _ in x.weights)])
        if not Reach(trial, every - near).is_possible(expression, value):
            kept, local = near, trial
            break
    distance = _distances(world, expression)
    for number in sorted(kept, key=lambda n: (-distance.get(n, 9), n)):
        fewer = kept - {number}
        if not Reach(local, every - fewer).is_possible(expression, value):
            kept = fewer
    return tuple(world.numbers[number][0] for number in sorted(kept))


def _steps(world: World, expression: Expression, reach: int) -> dict[int, int]:
    steps = {group: 0 for group, _ in expression}
    for step in range(1, reach + 1):
        for limit in world.limits:
            groups = [group for group, _ in limit.weights]
            if any(steps.get(group, reach + 1) < step for group in groups):
                for group in groups:
                    steps.setdefault(group, step)
    return steps


def _told(world: World, steps: dict[int, int]) -> set[int]:
    told = {number for group in steps for number in world.told_by[group]}
    shares = {
        limit.number
        for limit in world.limits
        if limit.number is not None and all(group in steps for group, _ in limit.weights)
    }
    return told | shares


def _distances(world: World, expression: Expression) -> dict[int, int]:
    distances: dict[int, int] = {}
    for group, step in sorted(_steps(world, expression, 8).items()):
        for number in world.told_by[group]:
            distances[number] = min(step, distances.get(number, step))
    return distances
