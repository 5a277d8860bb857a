"""The attack: which values that a rule hides can a reader rule out.

Enters: everything published, and, inside the gate only, the true counts. Leaves: findings, each with the
published numbers that give a count away. Every claim of safety in this project is made against this.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from scipy import sparse
from scipy.optimize import linprog

from platform_utils.errors import ContractError
from platform_utils.protect.attacker.reach import Expression, Reach
from platform_utils.protect.attacker.seen import SeenTable
from platform_utils.protect.attacker.world import Group, Number, World, group_at
from platform_utils.protect.links import Links
from platform_utils.spec.codebook import SPECIAL_CODES

_NO_PULL = 1e-9
"""Multipliers below this are none."""
_FARTHEST = 8
"""Steps, from limit to limit, up to which a published number is near what it gives away."""


@dataclass(frozen=True)
class Target:
    """A count that must stay open.

    Attributes
    ----------
    name : str
        Table.
    codes : tuple of str
        Codes of the cell; for the people *outside* a code, that code.
    expression : Expression
        What is counted, in groups of the world.
    hidden_values : tuple of int
        Values of which none may be ruled out, if the count is one of them.
    truth : int, optional
        True count, where known.
    outside : bool
        True for the people who are not in the cell (n - k).
    """

    name: str
    codes: tuple[str, ...]
    expression: Expression
    hidden_values: tuple[int, ...]
    truth: int | None = None
    outside: bool = False


@dataclass(frozen=True)
class Finding:
    """What an attack found about one target.

    Attributes
    ----------
    low, high : int, int or None
        Bounds by linear programming.
    possible : tuple of int
        Those of the hidden values that are still possible.
    exact : bool
        True if the count is one number.
    broken : bool
        True if a value that the rule hides has been ruled out for a count that the rule hides.
    exposed_by : tuple of Number
        Published numbers that do it; empty unless asked for.
    """

    target: Target
    low: int
    high: int | None
    possible: tuple[int, ...]
    exact: bool
    broken: bool
    exposed_by: tuple[Number, ...] = ()


def attack(
    world: World, targets: Sequence[Target], *, explain: bool = False, bounds: bool = True
) -> list[Finding]:
    """Attack each target.

    Parameters
    ----------
    targets : sequence of Target
        From `true_targets` (inside the gate) or `hidden_targets` (any published tables).
    explain : bool
        Name the published numbers that give broken targets away.
    bounds : bool
        Compute bounds by linear programming as well.

    Raises
    ------
    ContractError
        E-440 if the published numbers contradict each other.
    """
    world = believable(world)
    reach = Reach(world)
    findings = []
    for target in targets:
        possible = reach.possible(target.expression, target.hidden_values)
        low, high = (reach.bounds if bounds else reach.known)(target.expression)
        gone = [value for value in target.hidden_values if value not in possible]
        broken = bool(gone) and _is_hidden(target, low, high)
        exposed = smallest_exposure(world, target.expression, gone[0]) if broken and explain else ()
        findings.append(Finding(target, low, high, possible, low == high, broken, exposed))
    return findings


def _is_hidden(target: Target, low: int, high: int | None) -> bool:
    """Say whether the count is one that the rule hides: by the true count, or surely by its bounds."""
    if target.truth is not None:
        return target.truth in target.hidden_values
    return low >= min(target.hidden_values) and high is not None and high <= max(target.hidden_values)


def hidden_targets(
    world: World, tables: Sequence[SeenTable], hidden_values: Mapping[str, tuple[int, ...]], links: Links
) -> list[Target]:
    """Return every count of ``tables`` that is not printed, and the people outside each multi-select code.

    Parameters
    ----------
    tables : sequence of SeenTable
        The tables asked about.
    hidden_values : mapping of str to tuple of int
        What the rule of each table hides.
    links : Links
        As the world was put together with.
    """
    return _targets(world, tables, hidden_values, links, None)


def true_targets(
    world: World,
    tables: Sequence[SeenTable],
    hidden_values: Mapping[str, tuple[int, ...]],
    links: Links,
    truth: Mapping[Group, int],
) -> list[Target]:
    """Return the counts that the rule hides, by the true counts: shown ones too, which are then broken."""
    return [t for t in _targets(world, tables, hidden_values, links, truth) if t.truth in t.hidden_values]


def _targets(
    world: World,
    tables: Sequence[SeenTable],
    hidden_values: Mapping[str, tuple[int, ...]],
    links: Links,
    truth: Mapping[Group, int] | None,
) -> list[Target]:
    found = []
    for table in tables:
        asked: list[tuple[tuple[str, ...], Expression, bool]] = []
        codes_of: dict[int, tuple[str, ...]] = {}
        for codes, seen in table.cells.items():
            if set(SPECIAL_CODES) & set(codes):
                continue
            group = world.index[group_at(table, codes, links)]
            codes_of[group] = codes
            if truth is not None or not seen.is_exact:
                asked.append((codes, ((group, 1),), False))
            wholes = [world.index[group_at(table, total, links)] for total in table.around(codes)]
            asked += [(codes, ((whole, 1), (group, -1)), True) for whole in wholes]
        for above, below, name in world.wider:
            if name == table.name and below in codes_of:
                asked.append((codes_of[below], ((above, 1), (below, -1)), True))
        for codes, expression, outside in asked:
            count = _true_count(world, expression, truth or {})
            found.append(Target(table.name, codes, expression, hidden_values[table.name], count, outside))
    return strictest(found)


def _true_count(world: World, expression: Expression, truth: Mapping[Group, int]) -> int | None:
    known = [(truth.get(world.groups[group]), weight) for group, weight in expression]
    counts = [count * weight for count, weight in known if count is not None]
    return sum(counts) if len(counts) == len(known) else None


def strictest(targets: Iterable[Target]) -> list[Target]:
    """Return all targets, the one with the most hidden values where two ask about the same people."""
    found: dict[tuple[Expression, bool], Target] = {}
    for target in targets:
        kept = found.setdefault((target.expression, target.outside), target)
        if len(target.hidden_values) > len(kept.hidden_values):
            found[target.expression, target.outside] = target
    return list(found.values())


def believable(world: World, *, surely: bool = False) -> World:
    """Return the world that a reader believes: without the beliefs that the published numbers deny.

    Parameters
    ----------
    surely : bool
        Look for whole numbers that keep every limit; else only for what adding and taking away contradicts.

    Raises
    ------
    ContractError
        E-440 if the published numbers contradict each other.
    """
    beliefs = sorted({limit.believed for limit in world.limits} - {""})
    if _holds(world, set(beliefs), surely):
        return world
    if not _holds(world, set(), surely):
        raise ContractError("E-440")
    kept: set[str] = set()
    for belief in beliefs:
        if _holds(world, {*kept, belief}, surely):
            kept.add(belief)
    return _with_beliefs(world, kept)


def _holds(world: World, beliefs: Collection[str], surely: bool) -> bool:
    reach = Reach(_with_beliefs(world, beliefs))
    return reach.consistent and (not surely or reach.has_a_solution())


def _with_beliefs(world: World, kept: Collection[str]) -> World:
    return replace(world, limits=[limit for limit in world.limits if limit.believed in ("", *kept)])


def smallest_exposure(world: World, expression: Expression, value: int) -> tuple[Number, ...]:
    """Return published numbers that rule out a value, which is not possible, so that none of them is idle."""
    return exposure(world, expression, lambda reach: not reach.is_possible(expression, value))


def exposure(
    world: World,
    expression: Expression,
    given_away: Callable[[Reach], bool],
    *,
    patience: float | None = None,
) -> tuple[Number, ...]:
    """Return published numbers that give something away about a sum of groups, so that none of them is idle.

    Taking numbers away one at a time costs a solver's run each, so few are tried first: those that a linear
    programme's duals name, else those within so few steps that they give it away alone. The farthest are
    taken away first.
    """
    every = set(range(len(world.numbers)))
    steps = _steps(world, expression)
    kept, local = every, world
    named = _by_duals(world, expression)
    if given_away(Reach(world, every - named, patience=patience)):
        kept = named
    else:
        for farthest in range(1, _FARTHEST):
            inside = {group for group, step in steps.items() if step <= farthest}
            limits = [limit for limit in world.limits if all(group in inside for group, _ in limit.weights)]
            near = {number for group in inside for number in world.told_by[group]}
            near |= {limit.number for limit in limits if limit.number is not None}
            trial = replace(world, limits=limits)
            if given_away(Reach(trial, every - near, patience=patience)):
                kept, local = near, trial
                break
    distance = {number: step for group, step in steps.items() for number in world.told_by[group]}
    for number in sorted(kept, key=lambda n: (-distance.get(n, _FARTHEST + 1), n)):
        if given_away(Reach(local, every - kept | {number}, patience=patience)):
            kept = kept - {number}
    return tuple(world.numbers[number][0] for number in sorted(kept))


def _by_duals(world: World, expression: Expression) -> set[int]:
    """Return the numbers that hold a sum of groups at its ends, by the multipliers of a linear programme."""
    size = len(world.groups)
    goal = np.zeros(size)
    for group, weight in expression:
        goal[group] += weight
    entries = [(w, at, g) for at, limit in enumerate(world.limits) for g, w in limit.weights]
    weights, rows, columns = np.array(entries, dtype=float).reshape(-1, 3).T
    matrix = sparse.csr_array(
        (weights, (rows.astype(int), columns.astype(int))), shape=(len(world.limits), size)
    )
    low = np.array([limit.low for limit in world.limits], dtype=float)
    exact = np.array([limit.exact for limit in world.limits], dtype=bool)
    bounds = np.column_stack([world.low, [np.inf if high is None else high for high in world.high]])
    used: set[int] = set()
    for sign in (1.0, -1.0):
        answer = linprog(
            sign * goal,
            A_ub=-matrix[~exact],
            b_ub=-low[~exact],
            A_eq=matrix[exact],
            b_eq=low[exact],
            bounds=bounds,
            method="highs",
        )
        if answer.status == 0:
            pulled = np.abs(answer.lower.marginals) + np.abs(answer.upper.marginals) > _NO_PULL
            used |= {number for group in np.flatnonzero(pulled) for number in world.told_by[group]}
            held = np.flatnonzero(~exact)[np.abs(answer.ineqlin.marginals) > _NO_PULL]
            used |= {n for at in held.tolist() if (n := world.limits[at].number) is not None}
    return used


def _steps(world: World, expression: Expression) -> dict[int, int]:
    """Return in how many steps each group is reached, from limit to limit."""
    steps = {group: 0 for group, _ in expression}
    for step in range(1, _FARTHEST + 1):
        for limit in world.limits:
            groups = [group for group, _ in limit.weights]
            if any(steps.get(group, step) < step for group in groups):
                for group in groups:
                    steps.setdefault(group, step)
    return steps
