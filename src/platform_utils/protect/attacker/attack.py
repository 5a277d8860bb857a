"""The attack: which values that a rule hides can a reader rule out.

Enters: everything published, and, inside the gate only, the true counts. Leaves: findings, each with the
published numbers that give a count away. Every claim of safety in this project is made against this.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from platform_utils.errors import ContractError
from platform_utils.protect.attacker.expose import smallest_exposure
from platform_utils.protect.attacker.reach import Expression, Reach
from platform_utils.protect.attacker.seen import SeenTable
from platform_utils.protect.attacker.world import Group, Number, World, group_at
from platform_utils.protect.links import Links
from platform_utils.spec.codebook import SPECIAL_CODES

__all__ = ["Finding", "Target", "attack", "hidden_targets", "is_broken", "strictest", "true_targets"]


@dataclass(frozen=True)
class Target:
    """A count that must stay open.

    Parameters
    ----------
    name : str
        Table.
    codes : tuple of str
        Codes of the cell; for the people *outside* a code, that code.
    expression : Expression
        What is counted, in groups of the world.
    hidden_values : tuple of int
        Values of which none may be ruled out, if the count is one of them.
    truth : int or None
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

    Parameters
    ----------
    target : Target
        The count.
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
    world: World,
    targets: Sequence[Target],
    *,
    explain: bool = False,
    bounds: bool = True,
) -> list[Finding]:
    """Attack each target.

    Parameters
    ----------
    world : World
        From `put_together`.
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
    world, reach = _believable(world)
    findings = []
    for target in targets:
        possible = reach.possible(target.expression, target.hidden_values)
        low, high = (reach.bounds if bounds else reach.known)(target.expression)
        exact = high is not None and low == high
        broken = is_broken(target, low, high, possible)
        exposed: tuple[Number, ...] = ()
        if broken and explain:
            gone = next((v for v in target.hidden_values if v not in possible), None)
            exposed = () if gone is None else smallest_exposure(world, target.expression, gone)
        findings.append(Finding(target, low, high, possible, exact, broken, exposed))
    return findings


def is_broken(target: Target, low: int, high: int | None, possible: Sequence[int]) -> bool:
    """Say whether the rule is broken for a target.

    With the true count known: it is one that the rule hides, and some hidden value is ruled out. Without:
    the count is surely one that the rule hides, and some hidden value is ruled out.
    """
    whole = len(possible) == len(target.hidden_values)
    if target.truth is not None:
        return target.truth in target.hidden_values and not whole
    surely = low >= min(target.hidden_values) and high is not None and high <= max(target.hidden_values)
    return surely and not whole


def hidden_targets(
    world: World, tables: Sequence[SeenTable], hidden_values: Mapping[str, tuple[int, ...]], links: Links
) -> list[Target]:
    """Return every count of ``tables`` that is not printed, and the people outside each multi-select code.

    Parameters
    ----------
    world : World
        From `put_together`.
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
    found: dict[tuple[Expression, bool], Target] = {}
    for table in tables:
        values = hidden_values[table.name]
        for codes, seen in table.cells.items():
            group = world.index[group_at(table, codes, links)]
            known = None if truth is None else truth.get(world.groups[group])
            if set(SPECIAL_CODES) & set(codes):
                continue
            if truth is not None or not seen.is_exact:
                target = Target(table.name, codes, ((group, 1),), values, known)
                _keep(found, target)
            for outside in _outside(world, table, codes, links):
                count = None
                if truth is not None and all(world.groups[g] in truth for g, _ in outside):
                    count = sum(w * truth[world.groups[g]] for g, w in outside)
                target = Target(table.name, codes, outside, values, count, outside=True)
                _keep(found, target)
        for above, below, name in world.wider:
            if name == table.name:
                codes = tuple(code for _, code in sorted(world.groups[below][2]))
                expression = ((above, 1), (below, -1))
                count = None
                if truth is not None and all(world.groups[g] in truth for g, _ in expression):
                    count = sum(w * truth[world.groups[g]] for g, w in expression)
                _keep(found, Target(name, codes, expression, values, count, outside=True))
    return list(found.values())


def strictest(targets: Iterable[Target]) -> list[Target]:
    """Return all targets, the one with the most hidden values where two ask about the same people."""
    found: dict[tuple[Expression, bool], Target] = {}
    for target in targets:
        _keep(found, target)
    return list(found.values())


def _keep(found: dict[tuple[Expression, bool], Target], target: Target) -> None:
    """Keep the strictest of several tables' rules for the same people."""
    key = (target.expression, target.outside)
    if key not in found or len(target.hidden_values) > len(found[key].hidden_values):
        found[key] = target


def _outside(world: World, table: SeenTable, codes: tuple[str, ...], links: Links) -> list[Expression]:
    expressions: list[Expression] = []
    for place, dimension in enumerate(table.dimensions):
        if dimension not in table.multiple or codes[place] == "total":
            continue
        total = (*codes[:place], "total", *codes[place + 1 :])
        part = world.index[group_at(table, codes, links)]
        whole = world.index[group_at(table, total, links)]
        expressions.append(((whole, 1), (part, -1)))
    return expressions


def _believable(world: World) -> tuple[World, Reach]:
    reach = Reach(world)
    if reach.consistent:
        return world, reach
    sober = replace(world, limits=[limit for limit in world.limits if not limit.believed])
    reach = Reach(sober)
    if not reach.consistent:
        raise ContractError("E-440")
    return sober, reach
