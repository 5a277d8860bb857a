"""What follows because the same people stand behind several tables.

Enters: tables and other knowledge. Leaves: the world, with further limits. Three tables that break the
same people down by two of three variables each must come from one table of all three; and people who are
outside a code in a narrower universe are outside it in the wider one.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import combinations, product
from math import prod

from platform_utils.protect.attacker.seen import Seen, SeenTable, with_total
from platform_utils.protect.attacker.world import Group, World, group_at, world_of
from platform_utils.protect.links import Links
from platform_utils.spec.counts import TOTAL

Pairs = dict[frozenset[str], dict[str, frozenset[str]]]
"""Codes of two variables that are crossed in print."""
_MOST_LOOKED_AT, _MOST = 20_000, 4_000
"""Combinations of three codes up to which they are looked at, and, without those of nobody, followed."""


def put_together(
    tables: Sequence[SeenTable],
    links: Links,
    *,
    elsewhere: Iterable[tuple[Group, Seen, str]] = (),
    own_rows: Mapping[Group, int] | None = None,
    to_the_end: bool = False,
) -> World:
    """Return the world that ``tables`` and other knowledge describe, as tables of the same people.

    Counts of people in three codes at once are entered as groups that nobody prints. Other parameters as in
    `world_of`.

    Parameters
    ----------
    to_the_end : bool
        Know that who answered has ticked something; three codes are then left to `close_rings`.
    """
    world = world_of(tables, links, elsewhere=elsewhere, own_rows=own_rows, floors=to_the_end)
    _neither(world, links)
    for like, pairs in () if to_the_end else _paired(tables, links):
        for triple in combinations(sorted(frozenset().union(*pairs)), 3):
            edges = [frozenset(edge) for edge in combinations(triple, 2)]
            if all(edge in pairs for edge in edges) and not _is_printed(tables, like, triple, links):
                codes = [{pairs[edge][name] for edge in edges if name in edge} for name in triple]
                if all(len(one) == 1 for one in codes):
                    behind = replace(like, dimensions=triple)
                    _one_table(world, behind, [sorted(min(one)) for one in codes], links)
    return world


def _neither(world: World, links: Links) -> None:
    """Say that nobody can be missing: those in neither of two groups are at least none.

    Whole - one - other + both >= 0: two groups of a population may overlap, but not hold more than it.
    """
    marks = {mark for nested in links.universes.values() for mark in nested.where.items()}
    for both, (universe, year, conditions) in list(enumerate(world.groups)):
        for one in sorted(conditions & marks):
            for other in sorted(conditions - {one}):
                if not ("__" in other[0] or (other in marks and one < other)):
                    continue  # adding up says it already
                base = conditions - {one, other}
                around = [world.index.get((universe, year, base | more)) for more in (set(), {one}, {other})]
                whole, left, right = around
                if whole is not None and left is not None and right is not None:
                    world.limit([whole, both], [left, right])


def _paired(tables: Sequence[SeenTable], links: Links) -> Iterator[tuple[SeenTable, Pairs]]:
    """Yield, for each population, which pairs of variables are crossed in print, with their codes."""
    found: dict[Group, tuple[SeenTable, Pairs]] = {}
    for table in tables:
        single = [name for name in table.dimensions if name not in table.multiple]
        for edge in combinations(single, 2):
            _, pairs = found.setdefault(group_at(table, table.everybody, links), (table, {}))
            pairs[frozenset(edge)] = {name: _codes(table, name, links) for name in edge}
    yield from (one for one in found.values() if len(one[1]) > 2)


def _codes(table: SeenTable, dimension: str, links: Links) -> frozenset[str]:
    """Return the codes of a variable that make up everybody, each person once."""
    at = table.dimensions.index(dimension)
    codes = dict.fromkeys(one[at] for one in table.cells if one[at] != TOTAL)
    return frozenset(next((parts for whole, parts in links.sums(dimension, codes) if whole == TOTAL), ()))


def _is_printed(tables: Sequence[SeenTable], like: SeenTable, triple: Sequence[str], links: Links) -> bool:
    everybody = group_at(like, like.everybody, links)
    return any(
        set(triple) <= set(table.dimensions) and group_at(table, table.everybody, links) == everybody
        for table in tables
    )


def _one_table(world: World, behind: SeenTable, codes: Sequence[Sequence[str]], links: Links) -> None:
    """Enter the table of three variables that must stand behind three tables of two.

    Its cells are nobody's to read, but each of the two-way counts is a sum of them. That rules out more than
    the two-way tables do one by one, and grows as the product of the codes: hence the two limits.
    """
    if prod(map(len, codes)) > _MOST_LOOKED_AT:
        return
    sums: dict[int, list[tuple[str, ...]]] = {}
    for at in product(*codes):
        crossed = [world.index.get(group_at(behind, with_total(at, out), links)) for out in range(len(at))]
        known = [pair for pair in crossed if pair is not None]
        if len(known) < len(crossed):
            return  # a code that one of the tables does not cross
        nobody = any(world.high[pair] == 0 for pair in known)
        for pair in known:
            sums.setdefault(pair, []).extend([] if nobody else [at])
    if len({at for parts in sums.values() for at in parts}) > _MOST:
        return
    for pair, parts in sorted(sums.items()):
        if parts or world.high[pair] != 0:
            world.limit([pair], [world.at(group_at(behind, at, links)) for at in parts], exact=True)
