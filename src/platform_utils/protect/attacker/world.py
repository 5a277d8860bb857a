"""Everything a reader can put together: each group of people once, with what is known of how many.

Enters: seen tables, links, what others have published, a member's own rows. Leaves: a world of bounds and
constraints over whole numbers. Written apart from the protector on purpose: nothing of its model is used.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from platform_utils.protect.attacker.seen import Seen, SeenTable, with_total
from platform_utils.protect.links import Links
from platform_utils.spec.codebook import SPECIAL_CODES
from platform_utils.spec.counts import TOTAL

Group = tuple[str, int, frozenset[tuple[str, str]]]
"""Universe, year, and the codes that everybody in the group has."""
Cells = Mapping[tuple[str, ...], int]
"""Group of each cell of a table."""


@dataclass(frozen=True)
class Number:
    """One published number: where it stands; the year of its table, 0 of what is no table."""

    table: str
    codes: tuple[str, ...]
    year: int = 0


@dataclass(frozen=True)
class Limit:
    """``sum(weight * count)`` over groups is at least ``low``; just that where ``exact``.

    Attributes
    ----------
    number : int, optional
        The published share that says so; without it the limit holds whatever is published.
    believed : str
        What is believed, where the limit follows from how variables are defined, not from the table itself:
        a reader gives it up when the published numbers contradict it.
    """

    weights: tuple[tuple[int, int], ...]
    low: int = 0
    exact: bool = False
    number: int | None = None
    believed: str = ""


@dataclass
class World:
    """Groups, bounds and limits.

    Attributes
    ----------
    groups : list of Group
        Every group that is printed somewhere or needed to tie two that are.
    low, high : list of int or None
        What is known of each group's count, from all published numbers together.
    told_by : list of list of int
        Which published numbers speak of a group; each number speaks of one.
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
        self, whole: Iterable[int], parts: Iterable[int], *, exact: bool = False, believed: str = ""
    ) -> None:
        """Enter that the parts are no more than the whole, or just the whole if ``exact``."""
        weights = Counter(whole)
        weights.subtract(Counter(parts))
        kept = tuple(sorted((group, weight) for group, weight in weights.items() if weight))
        if kept:
            self.limits.append(Limit(kept, exact=exact, believed=believed))


def group_at(table: SeenTable, codes: tuple[str, ...], links: Links) -> Group:
    """Return the group of people that a cell of a table counts."""
    universe, marks = links.root_of(table.universe)
    conditions = set(marks)
    for dimension, code in zip(table.dimensions, codes, strict=True):
        if dimension in table.multiple and code not in (*SPECIAL_CODES, TOTAL):
            conditions.add((f"{dimension}__{code}", "yes"))
        elif code != TOTAL:
            conditions.add((dimension, code))
    for combination in links.combinations:
        for code, means in combination.means.items():
            if (combination.dimension, code) in conditions:
                conditions = (conditions - {(combination.dimension, code)}) | set(means)
    return (universe, table.year, frozenset(conditions))


def world_of(
    tables: Sequence[SeenTable],
    links: Links,
    *,
    elsewhere: Iterable[tuple[Group, Seen, str]] = (),
    own_rows: Mapping[Group, int] | None = None,
    floors: bool = False,
) -> World:
    """Return the world that ``tables`` and other knowledge describe, each table for itself.

    Parameters
    ----------
    tables : sequence of SeenTable
        All releases together.
    elsewhere : iterable of (Group, Seen, str)
        What others have published, with the source's name.
    own_rows : mapping of Group to int, optional
        What an insider has of each group, zeros included: the others keep every limit without it.
    floors : bool
        Know that who answered a question of several answers at all has ticked one.
    """
    world = World()
    indexed = []
    for table in tables:
        cells = {codes: world.at(group_at(table, codes, links)) for codes in table.cells}
        for codes, seen in table.cells.items():
            world.tell(cells[codes], Number(table.name, codes, table.year), seen)
        indexed.append((table, cells))
    for table, cells in indexed:
        _add_up(world, table, cells, links, floors=floors)
        _shares(world, table, cells)
    # from here on groups are tied across tables, so every printed one must have been entered
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
        if limit.number is None and not limit.exact and set(groups) <= set(own_rows):
            mine = sum(weight * own_rows[world.groups[group]] for group, weight in limit.weights)
            world.limits[at] = replace(limit, low=max(0, mine))


def _add_up(world: World, table: SeenTable, cells: Cells, links: Links, *, floors: bool) -> None:
    """Tie each line of a table to its margin; answers of several kinds are each a part of it, no more."""
    every = _with_margins(world, table, cells, links)
    for place, dimension in enumerate(table.dimensions):
        lines: dict[tuple[str, ...], dict[str, int]] = {}
        for codes, group in every.items():
            if codes[place] != TOTAL:
                lines.setdefault(with_total(codes, place), {})[codes[place]] = group
        for margin, parts in lines.items():
            whole = every[margin] if margin in every else world.at(group_at(table, margin, links))
            if dimension in table.multiple:
                tie_answers(world, dimension, whole, parts, floors=floors)
                continue
            for above, inside in links.sums(dimension, parts):
                world.limit([parts.get(above, whole)], [parts[code] for code in inside], exact=True)


def _with_margins(world: World, table: SeenTable, cells: Cells, links: Links) -> dict[tuple[str, ...], int]:
    """Return a table's cells and the margins that it does not print: sums all the same.

    Only where all codes are broken down alike: where one is printed as a total only, the rest is no sum.
    """
    every = dict(cells)
    for place in range(len(table.dimensions)):
        alike: dict[tuple[bool, ...], set[str]] = {}
        for codes in every:
            if codes[place] != TOTAL:
                alike.setdefault(tuple(code == TOTAL for code in codes), set()).add(codes[place])
        whole = set().union(*alike.values())
        for codes in list(every):
            margin = with_total(codes, place)
            if margin not in every and alike[tuple(code == TOTAL for code in codes)] == whole:
                every[margin] = world.at(group_at(table, margin, links))
    return every


def tie_answers(world: World, question: str, whole: int, parts: Mapping[str, int], *, floors: bool) -> None:
    """Tie those who chose each answer of a question to all who were asked."""
    silent = [group for code, group in parts.items() if code in SPECIAL_CODES]
    chosen = [group for code, group in parts.items() if code not in SPECIAL_CODES]
    for group in chosen:
        world.limit([whole], [group])
        # who chose something has not been silent; a reader who sees otherwise gives that up
        world.limit([whole], [group, *silent], believed=question)
    world.limit([whole], silent)
    if floors and chosen:
        world.limit([*chosen, *silent], [whole], believed=f"{question} >= 1")


def _shares(world: World, table: SeenTable, cells: Cells) -> None:
    """Enter each printed share as two limits: it is rounded, so it lies between two ends."""
    for codes, share in table.shares.items():
        number = len(world.numbers)
        # whoever has a share of more than nothing is somebody
        seen = Seen(1 if share.low else 0)
        world.tell(cells[codes], Number(f"{table.name} (%)", codes), seen)
        for sign, end in ((1, share.low), (-1, share.high)):
            weights = Counter({cells[codes]: sign * share.base})
            weights[cells[share.of]] -= sign * end
            # a share that may be 0 says nothing of its whole from below
            kept = tuple((group, weight) for group, weight in weights.items() if weight)
            if kept:
                world.limits.append(Limit(kept, number=number))


def _coarser(world: World, table: SeenTable, cells: Cells, links: Links) -> None:
    """Tie codes to the coarser codes that they lie in, such as counties to regions, in other tables too."""
    for refinement in links.refinements:
        fine, coarse = refinement.fine, refinement.coarse
        if refinement.nested or fine not in table.dimensions:
            continue
        at = table.dimensions.index(fine)
        printed = sorted({codes[at] for codes in cells if codes[at] != TOTAL})
        made_of = links.groups(refinement, printed)
        inside: dict[Group, list[int]] = {}
        for codes, group in cells.items():
            universe, year, conditions = world.groups[group]
            others = frozenset(c for c in conditions if c[0] != fine)
            for parent, fine_codes in made_of.items():
                if codes[at] in fine_codes:
                    inside.setdefault((universe, year, others | {(coarse, parent)}), []).append(group)
        for wide, parts in inside.items():
            if refinement.exact or wide in world.index:
                world.limit([world.at(wide)], parts, exact=refinement.exact, believed=f"{fine} in {coarse}")


def _combined(world: World, table: SeenTable, cells: Cells, links: Links) -> None:
    """Tie a combined code to those that it combines: girls are some of the women, and of the children."""
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
            world.limit([world.index[wide]], sorted(parts), believed=combination.dimension)


def _wider(world: World, table: SeenTable, cells: Cells, links: Links, together: Sequence[set[int]]) -> None:
    """Say that a narrower universe's group is never larger than the same group of a wider one."""
    _, marks = links.root_of(table.universe)
    for codes, group in cells.items():
        universe, year, conditions = world.groups[group]
        wide = [(universe, year, conditions - {mark}) for mark in sorted(marks & conditions)]
        if len(marks) > 1:
            wide.append((universe, year, conditions - marks))
        for above in (world.index.get(one) for one in wide):
            if above is None or above == group:
                continue
            world.limit([above], [group])
            tabled = any({above, group} <= groups for groups in together)
            if not tabled and not set(SPECIAL_CODES) & set(codes) and above in world.printed:
                world.wider.append((above, group, table.name))
