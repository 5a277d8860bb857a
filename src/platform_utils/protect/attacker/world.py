"""Everything a reader can put together: each group of people once, with what is known of how many.

Enters: seen tables, links, what others have published, a member's own rows. Leaves: a world of bounds and
constraints over whole numbers. Written apart from the protector on purpose: nothing of its model is used.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from platform_utils.protect.attacker.seen import Seen, SeenTable, is_margin
from platform_utils.protect.links import Links
from platform_utils.spec.codebook import SPECIAL_CODES

__all__ = ["Group", "Limit", "Number", "World", "group_at", "world_of"]

Group = tuple[str, int, frozenset[tuple[str, str]]]
"""Universe, year, and the codes that everybody in the group has."""


@dataclass(frozen=True)
class Number:
    """One published number: where it stands."""

    table: str
    codes: tuple[str, ...]


@dataclass(frozen=True)
class Limit:
    """``low <= sum(weight * count) <= high`` (None: open).

    Parameters
    ----------
    weights : tuple of (int, int)
        Group and weight.
    low, high : int or None
        Ends.
    number : int, optional
        The published share that says so; without it the limit holds whatever is published.
    believed : bool
        True where it follows from how variables are defined, not from the table itself: a reader gives it
        up when the published numbers contradict it.
    """

    weights: tuple[tuple[int, int], ...]
    low: int | None
    high: int | None
    number: int | None = None
    believed: bool = False


@dataclass
class World:
    """Groups, bounds and limits.

    Parameters
    ----------
    groups : list of Group
        Every group that is printed somewhere or needed to tie two that are.
    low, high : list of int or None
        What is known of each group's count, from all published numbers together.
    told_by : list of list of int
        Which published numbers speak of a group.
    numbers : list of (Number, Seen)
        All published numbers.
    limits : list of Limit
        How groups add up.
    wider : list of (int, int, str)
        A group, the same group of a narrower universe, and the table that prints it: those in the first and
        not in the second are people too.
    """

    groups: list[Group] = field(default_factory=list)
    low: list[int] = field(default_factory=list)
    high: list[int | None] = field(default_factory=list)
    told_by: list[list[int]] = field(default_factory=list)
    numbers: list[tuple[Number, Seen]] = field(default_factory=list)
    limits: list[Limit] = field(default_factory=list)
    wider: list[tuple[int, int, str]] = field(default_factory=list)
    index: dict[Group, int] = field(default_factory=dict)
    printed: set[int] = field(default_factory=set)

    def at(self, group: Group) -> int:
        """Return the index of a group, entered as unknown if it is new."""
        if group not in self.index:
            self.index[group] = len(self.groups)
            self.groups.append(group)
            self.low.append(0)
            self.high.append(None)
            self.told_by.append([])
        return self.index[group]

    def tell(self, group: int, number: Number, seen: Seen) -> None:
        """Enter a published number."""
        if seen.low > 0 or seen.high is not None:
            self.told_by[group].append(len(self.numbers))
        self.numbers.append((number, seen))
        self.bound(group, seen)

    def bound(self, group: int, seen: Seen) -> None:
        """Narrow what is known of a group."""
        self.low[group] = max(self.low[group], seen.low)
        if seen.high is not None:
            known = self.high[group]
            self.high[group] = seen.high if known is None else min(known, seen.high)

    def limit(
        self,
        plus: Iterable[int],
        minus: Iterable[int],
        low: int | None,
        high: int | None,
        *,
        believed: bool = False,
    ) -> None:
        """Enter that ``sum(plus) - sum(minus)`` lies between ``low`` and ``high``."""
        weights: dict[int, int] = {}
        for group in plus:
            weights[group] = weights.get(group, 0) + 1
        for group in minus:
            weights[group] = weights.get(group, 0) - 1
        kept = tuple(sorted((g, w) for g, w in weights.items() if w))
        if kept:
            self.limits.append(Limit(kept, low, high, None, believed))


def group_at(table: SeenTable, codes: tuple[str, ...], links: Links) -> Group:
    """Return the group of people that a cell of a table counts."""
    conditions: set[tuple[str, str]] = set()
    for dimension, code in zip(table.dimensions, codes, strict=True):
        if is_margin(code):
            continue
        if dimension in table.multiple and code not in SPECIAL_CODES:
            conditions.add((f"{dimension}__{code}", "yes"))
        else:
            conditions.add((dimension, code))
    return _rooted(table.universe, table.year, conditions, links)


def world_of(
    tables: Sequence[SeenTable],
    links: Links,
    *,
    elsewhere: Iterable[tuple[Group, Seen, str]] = (),
    own_rows: Mapping[Group, int] | None = None,
) -> World:
    """Return the world that ``tables`` and other knowledge describe, each table for itself.

    Parameters
    ----------
    tables : sequence of SeenTable
        All releases together.
    links : Links
        What a reader knows of how variables and universes hang together.
    elsewhere : iterable of (Group, Seen, str)
        What others have published, with the source's name.
    own_rows : mapping of Group to int, optional
        What an insider has of each group, zeros included: the others keep every limit without it.
    """
    world = World()
    indexed = []
    for table in tables:
        cells = {codes: world.at(group_at(table, codes, links)) for codes in table.cells}
        for codes, seen in table.cells.items():
            world.tell(cells[codes], Number(table.name, codes), seen)
        indexed.append((table, cells))
    for table, cells in indexed:
        _add_up(world, table, cells, links)
        _shares(world, table, cells)
    together = [set(cells.values()) for _, cells in indexed]
    world.printed = set().union(*together)
    for table, cells in indexed:
        _coarser(world, table, cells, links)
        _combined(world, table, cells, links)
        _wider(world, table, cells, links, together)
    for group, seen, source in elsewhere:
        if group in world.index:
            world.tell(world.index[group], Number(source, ()), seen)
    for group, least in (own_rows or {}).items():
        if group in world.index:
            world.bound(world.index[group], Seen(least))
    if own_rows:
        _take_away_own(world, own_rows)
    return world


def _take_away_own(world: World, own_rows: Mapping[Group, int]) -> None:
    """Narrow each limit by the insider's own part: those outside a code are people of its own too."""
    for at, limit in enumerate(world.limits):
        groups = [world.groups[group] for group, _ in limit.weights]
        if limit.number is None and limit.low == 0 and limit.high is None and set(groups) <= set(own_rows):
            mine = sum(weight * own_rows[world.groups[group]] for group, weight in limit.weights)
            world.limits[at] = replace(limit, low=max(0, mine))


def _rooted(universe: str, year: int, conditions: set[tuple[str, str]], links: Links) -> Group:
    name, _, unit = universe.partition(":")
    while name in links.universes and links.universes[name].where:
        conditions |= set(links.universes[name].where.items())
        name = links.universes[name].within
    for combination in links.combinations:
        for code, means in combination.means.items():
            if (combination.dimension, code) in conditions:
                conditions = (conditions - {(combination.dimension, code)}) | set(means)
    return (f"{name}:{unit}" if unit else name, year, frozenset(conditions))


def _add_up(world: World, table: SeenTable, cells: Mapping[tuple[str, ...], int], links: Links) -> None:
    for place, dimension in enumerate(table.dimensions):
        trees = [r.parent_of for r in links.refinements if r.nested and r.fine == r.coarse == dimension]
        parents = {code: parent for tree in trees for code, parent in tree.items()}
        lines: dict[tuple[str, ...], dict[str, int]] = {}
        for codes, group in cells.items():
            rest = codes[:place] + codes[place + 1 :]
            lines.setdefault(rest, {})[codes[place]] = group
        for rest, line in lines.items():
            total_codes = (*rest[:place], "total", *rest[place:])
            whole = cells.get(total_codes)
            if whole is None:
                whole = world.at(group_at(table, total_codes, links))
            parts = {code: group for code, group in line.items() if not is_margin(code)}
            if not parts:
                continue
            if dimension in table.multiple:
                silent = [g for code, g in parts.items() if code in SPECIAL_CODES]
                chosen = [g for code, g in parts.items() if code not in SPECIAL_CODES]
                for group in chosen:
                    world.limit([whole], [group], 0, None)
                    world.limit([whole], [group, *silent], 0, None, believed=True)
                world.limit([whole], silent, 0, None)
                continue
            inner: dict[str, list[int]] = {}
            top = []
            for code, group in parts.items():
                parent = parents.get(code, code)
                if parent != code and parent in parts:
                    inner.setdefault(parent, []).append(group)
                else:
                    top.append(group)
            world.limit([whole], top, 0, 0)
            for parent, groups in inner.items():
                world.limit([parts[parent]], groups, 0, 0)


def _shares(world: World, table: SeenTable, cells: Mapping[tuple[str, ...], int]) -> None:
    for codes, share in table.shares.items():
        part, whole = cells[codes], cells[share.of]
        number = len(world.numbers)
        world.numbers.append((Number(f"{table.name} (%)", codes), Seen()))
        for sign, end in ((1, share.low), (-1, share.high)):
            weights = {part: 0, whole: 0}
            weights[part] += sign * share.base
            weights[whole] -= sign * end
            # a share that may be 0 says nothing of its whole from below
            kept = tuple((group, weight) for group, weight in weights.items() if weight)
            if kept:
                world.limits.append(Limit(kept, 0, None, number))


def _coarser(world: World, table: SeenTable, cells: Mapping[tuple[str, ...], int], links: Links) -> None:
    for refinement in links.refinements:
        fine, coarse = refinement.fine, refinement.coarse
        if refinement.nested or fine not in table.dimensions:
            continue
        at = table.dimensions.index(fine)
        printed = sorted({codes[at] for codes in cells if not is_margin(codes[at])})
        made_of = links.groups(refinement, printed)
        inside: dict[Group, list[int]] = {}
        for codes, group in cells.items():
            universe, year, conditions = world.groups[group]
            others = frozenset(c for c in conditions if c[0] != fine)
            for parent, fine_codes in made_of.items():
                if codes[at] in fine_codes:
                    inside.setdefault((universe, year, others | {(coarse, parent)}), []).append(group)
        for wide, parts in inside.items():
            if refinement.exact:
                world.limit([world.at(wide)], parts, 0, 0, believed=True)
            elif wide in world.index:
                world.limit([world.index[wide]], parts, 0, None, believed=True)


def _combined(world: World, table: SeenTable, cells: Mapping[tuple[str, ...], int], links: Links) -> None:
    for combination in links.combinations:
        if combination.dimension not in table.dimensions:
            continue
        parts_of = {pair for means in combination.means.values() for pair in means}
        bases = {dimension for dimension, _ in parts_of}
        inside: dict[Group, set[int]] = {}
        for group in cells.values():
            universe, year, conditions = world.groups[group]
            for pair in conditions & parts_of:
                others = frozenset(c for c in conditions if c[0] not in bases)
                wide = (universe, year, others | {pair})
                if wide in world.index and world.index[wide] != group:
                    inside.setdefault(wide, set()).add(group)
        for wide, parts in inside.items():
            world.limit([world.index[wide]], sorted(parts), 0, None, believed=True)


def _wider(
    world: World,
    table: SeenTable,
    cells: Mapping[tuple[str, ...], int],
    links: Links,
    together: Sequence[set[int]],
) -> None:
    """Say that a narrower universe's group is never larger than the same group of a wider one."""
    name = table.universe.partition(":")[0]
    marks: set[tuple[str, str]] = set()
    while name in links.universes and links.universes[name].where:
        marks |= set(links.universes[name].where.items())
        name = links.universes[name].within
    nested = links.universes.get(table.universe)
    for codes, group in cells.items():
        universe, year, conditions = world.groups[group]
        wide = [(universe, year, conditions - {mark}) for mark in sorted(marks & conditions)]
        if len(marks) > 1:
            wide.append((universe, year, conditions - marks))
        if nested is not None and not nested.where:
            wide.append(group_at(_renamed(table, nested.within), codes, links))
        for one in wide:
            above = world.index.get(one)
            if above is None or above == group:
                continue
            world.limit([above], [group], 0, None)
            tabled = any({above, group} <= groups for groups in together)
            if not tabled and not set(SPECIAL_CODES) & set(codes) and above in world.printed:
                world.wider.append((above, group, table.name))


def _renamed(table: SeenTable, universe: str) -> SeenTable:
    return SeenTable(table.name, universe, table.year, table.dimensions, table.multiple, {})
