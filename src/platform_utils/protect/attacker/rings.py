"""Rings of tables: what they give away only together, by the one population that stands behind them.

Enters: a world and its tables. Leaves: the same world with that population in it. Tables that share variables
without closing a ring (a×b, b×c) always fit together once their common margins do; a ring (a×b, b×c, c×d,
d×a) need not. For a ring each combination of codes becomes a group that nobody prints, and every printed
number a sum of them, up to so many combinations; a ring of more is named, for it has not been looked at.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain, combinations
from math import prod

import numpy as np

from platform_utils.protect.attacker.reach import Reach
from platform_utils.protect.attacker.seen import SeenTable
from platform_utils.protect.attacker.world import Group, World, tie_answers
from platform_utils.protect.links import Links
from platform_utils.spec.codebook import SPECIAL_CODES
from platform_utils.spec.counts import TOTAL

_MOST_LOOKED_AT, _MOST = 20_000, 4_000
"""Combinations up to which they are looked at, and, without those of nobody, followed."""
_MOST_ANSWERS = 10
"""Answers of a question up to which each set of them is a code of its own."""

Condition = tuple[str, str]


@dataclass(frozen=True)
class Variable:
    """Something of which everybody has just one value, and the values that each condition covers."""

    size: int
    covers: Mapping[Condition, frozenset[int]]


@dataclass
class Population:
    """The tables of one population, and what they say of it.

    Attributes
    ----------
    schemes : list of frozenset of str
        Variables that each table crosses, those that mark its universe among them.
    asked : dict of str to list of str
        Codes of each question of several answers.
    coarse : dict of str to list
        Refinements of each variable that settle the code of another one.
    """

    root: str
    year: int
    tables: list[SeenTable]
    schemes: list[frozenset[str]]
    asked: dict[str, list[str]]
    coarse: dict[str, list]
    links: Links

    def __post_init__(self) -> None:
        wide = [table for table in self.tables if not self.links.root_of(table.universe)[1]]
        self.everybody = {d for table in wide for d in table.dimensions}


def close_rings(world: World, tables: Sequence[SeenTable], links: Links) -> tuple[str, ...]:
    """Enter the population behind each ring of tables; return the tables of rings that are too large.

    Rings in which every count is known are left out.
    """
    reach = Reach(world)
    too_large: dict[str, None] = {}
    for population in _populations(tables, links):
        for ring in _rings(population):
            groups = _groups_of(world, population, ring)
            if all(len(set(reach.known(((group, 1),)))) == 1 for group in groups):
                continue
            if not _enter(world, population, ring, reach):
                most = len(world.groups) + _MOST
                for some in chain(combinations(sorted(ring), 3), combinations(sorted(ring), 4)):
                    within = [scheme & set(some) for scheme in population.schemes]
                    if _core(within) and len(world.groups) < most:
                        _enter(world, population, frozenset(some), reach)
                crossed = zip(population.tables, population.schemes, strict=True)
                too_large |= dict.fromkeys(t.name for t, scheme in crossed if len(scheme & ring) > 1)
    return tuple(too_large)


def _populations(tables: Sequence[SeenTable], links: Links) -> list[Population]:
    found: dict[tuple[str, int], list[SeenTable]] = {}
    for table in tables:
        found.setdefault((links.root_of(table.universe)[0], table.year), []).append(table)
    populations = []
    for (root, year), ours in found.items():
        single = {d for table in ours for d in table.dimensions if d not in table.multiple}
        asked: dict[str, list[str]] = {}
        for table in ours:
            for at, dimension in enumerate(table.dimensions):
                if dimension in table.multiple:
                    codes = [cell[at] for cell in table.cells if cell[at] != TOTAL]
                    asked[dimension] = list(dict.fromkeys([*asked.get(dimension, ()), *codes]))
        coarse: dict[str, list] = {}
        for one in links.refinements:
            if one.exact and one.fine != one.coarse and {one.fine, one.coarse} <= single:
                coarse.setdefault(one.fine, []).append(one)
        schemes = []
        for table in ours:
            marks = {dimension for dimension, _ in links.root_of(table.universe)[1]}
            scheme = {*table.dimensions, *marks}
            schemes.append(frozenset(scheme | {r.coarse for d in scheme for r in coarse.get(d, ())}))
        populations.append(Population(root, year, ours, schemes, asked, coarse, links))
    return populations


def _rings(population: Population) -> list[frozenset[str]]:
    """Return the variables of each ring, and of each table that crosses two questions of several answers."""
    crossed = [scheme for scheme in population.schemes if len(scheme & set(population.asked)) > 1]
    found: list[frozenset[str]] = []
    for edge in [*_core(population.schemes), *crossed]:
        touching = [ring for ring in found if ring & edge]
        found = [ring for ring in found if not ring & edge] + [edge.union(*touching)]
    return found


def _core(schemes: Iterable[frozenset[str]]) -> list[frozenset[str]]:
    """Return what is left when variables of one table only, and tables inside others, are taken away."""
    edges = list(dict.fromkeys(schemes))
    while True:
        often = Counter(variable for edge in edges for variable in edge)
        cut = [frozenset(v for v in edge if often[v] > 1) for edge in edges]
        kept = [edge for edge in dict.fromkeys(cut) if edge and not any(edge < other for other in cut)]
        if kept == edges:
            return edges
        edges = kept


def _groups_of(
    world: World, population: Population, ring: frozenset[str]
) -> dict[int, list[tuple[str, Condition]]]:
    """Return the groups that the ring's variables tell apart, each with its conditions by variable."""
    of: dict[str, str] = {name: name for name in ring}
    for name in sorted(ring):
        of |= {f"{name}__{code}": name for code in population.asked.get(name, ())}
        of |= {one.coarse: name for one in population.coarse.get(name, ()) if name in population.everybody}
    return {
        group: [(of[condition[0]], condition) for condition in sorted(conditions)]
        for group, (root, year, conditions) in enumerate(world.groups)
        if (root, year) == (population.root, population.year) and all(d in of for d, _ in conditions)
    }


def _enter(world: World, population: Population, ring: frozenset[str], reach: Reach) -> bool:
    """Enter each combination of codes of a ring and what is printed as sums of them, unless too many."""
    groups = _groups_of(world, population, ring)
    held = {variable for conditions in groups.values() for variable, _ in conditions}
    asked = [name for name in population.asked if name in held]
    # of questions that are crossed, all but the one of most answers become sets of answers
    crossed = {d for t in population.tables for d in t.multiple if len(set(t.multiple) & ring) > 1}
    largest = max(sorted(crossed), key=lambda name: len(population.asked[name]), default="")
    beliefs = {limit.believed for limit in world.limits}
    loose = [name for name in asked if name not in crossed or name == largest]
    variables: dict[str, Variable] = {}
    for name in sorted(held - set(loose)):
        conditions = {c for told in groups.values() for variable, c in told if variable == name}
        one = (
            _sets_of_answers(name, population.asked[name], beliefs)
            if name in asked
            else _codes_of(name, conditions, population)
        )
        if one is None:
            return False
        variables[name] = one
    if prod(one.size for one in variables.values()) > _MOST_LOOKED_AT:
        return False
    sizes = [one.size for one in variables.values()]
    kinds = np.indices(sizes).reshape(len(sizes), -1)
    among: dict[int, np.ndarray] = {}
    somebody = np.ones(kinds.shape[1], dtype=bool)
    for group, told in groups.items():
        fits = np.ones(kinds.shape[1], dtype=bool)
        for at, (name, one) in enumerate(variables.items()):
            for variable, condition in told:
                if variable == name:
                    fits &= np.isin(kinds[at], list(one.covers[condition]))
        among[group] = fits
        if reach.known(((group, 1),)) == (0, 0) and not any(variable in loose for variable, _ in told):
            somebody &= ~fits
    if int(somebody.sum()) * (1 + sum(len(population.asked[name]) for name in loose)) > _MOST:
        return False
    _tie(world, population, groups, among, loose)
    return True


def _tie(
    world: World,
    population: Population,
    groups: Mapping[int, list[tuple[str, Condition]]],
    among: Mapping[int, np.ndarray],
    loose: Collection[str],
) -> None:
    """Make each group the sum of its combinations, or of who chose an answer in each of them."""
    beliefs = {limit.believed for limit in world.limits}
    mark = f"combination {len(world.groups)}"
    cells: dict[tuple[int, Condition | None], int] = {}

    def cell(at: int, condition: Condition | None = None) -> int:
        if (at, condition) not in cells:
            whole: Group = (population.root, population.year, frozenset({(mark, f"{at}: {condition or ''}")}))
            cells[at, condition] = world.at(whole)
        return cells[at, condition]

    for group, told in groups.items():
        chosen = [condition for variable, condition in told if variable in loose]
        if len(chosen) < 2:
            answer = chosen[0] if chosen else None
            world.limit(
                [group], [cell(at, answer) for at in np.flatnonzero(among[group]).tolist()], exact=True
            )
    every = sorted({at for at, _ in cells})
    for name in loose:
        for at in every:
            parts = {
                code: cell(at, (name, code) if code in SPECIAL_CODES else (f"{name}__{code}", "yes"))
                for code in population.asked[name]
            }
            tie_answers(world, name, cell(at), parts, floors=f"{name} >= 1" in beliefs)


def _sets_of_answers(name: str, codes: Sequence[str], beliefs: Collection[str]) -> Variable | None:
    """Return a question of several answers as one variable: which of them somebody ticked."""
    ticked = [code for code in codes if code not in SPECIAL_CODES]
    silent = [code for code in codes if code in SPECIAL_CODES]
    if len(ticked) > _MOST_ANSWERS or (silent and name not in beliefs):
        return None
    least = 1 if f"{name} >= 1" in beliefs else 0
    sets = [set(one) for size in range(least, len(ticked) + 1) for one in combinations(ticked, size)]
    covers = {
        (f"{name}__{code}", "yes"): frozenset(at for at, one in enumerate(sets) if code in one)
        for code in ticked
    }
    covers |= {(name, code): frozenset([len(sets) + at]) for at, code in enumerate(silent)}
    return Variable(len(sets) + len(silent), covers)


def _codes_of(name: str, conditions: Collection[Condition], population: Population) -> Variable:
    """Return a variable by its finest codes; people of whom no table says the code have one of their own."""
    trees = [r.parent_of for r in population.links.refinements if r.fine == r.coarse == name]
    below: dict[str, set[str]] = {}
    for tree in trees:
        for code, whole in tree.items():
            if code != whole:
                below.setdefault(whole, set()).add(code)
    leaves = {code: _leaves(code, below) for dimension, code in conditions if dimension == name}
    finest = sorted(set().union(*leaves.values()))
    reaches = {(name, code): inside for code, inside in leaves.items()}
    for one in population.coarse.get(name, ()):
        for condition in conditions:
            if condition[0] == one.coarse:
                reaches[condition] = {c for c in finest if one.parent_of.get(c, c) == condition[1]}
    alike: dict[frozenset[Condition], int] = {}
    for code in finest:  # codes that no printed one tells apart are one
        alike.setdefault(frozenset(c for c, inside in reaches.items() if code in inside), len(alike))
    if name not in population.everybody:
        alike.setdefault(frozenset(), len(alike))
    covers = {c: frozenset(at for held, at in alike.items() if c in held) for c in conditions}
    return Variable(len(alike), covers)


def _leaves(code: str, below: Mapping[str, set[str]]) -> set[str]:
    return {leaf for part in below.get(code, ()) for leaf in _leaves(part, below)} or {code}
