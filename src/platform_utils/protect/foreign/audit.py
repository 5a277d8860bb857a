"""The audit: what a reader of any published tables can work out of what they hide.

Enters: described tables. Leaves: what is given away, each count with its value and the published numbers that
force it; the range of each hidden cell; and what could not be decided, which is never the same as nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from platform_utils.errors import ContractError
from platform_utils.protect.attacker import (
    Group,
    Number,
    Seen,
    SeenTable,
    Target,
    World,
    believable,
    close_rings,
    exposure,
    group_at,
    hidden_targets,
    put_together,
    strictest,
    true_targets,
)
from platform_utils.protect.attacker.reach import Expression, Reach
from platform_utils.protect.foreign.described import Described
from platform_utils.protect.foreign.written import number_in
from platform_utils.protect.links import Links
from platform_utils.protect.merge import with_merged
from platform_utils.spec.codebook import SPECIAL_CODES
from platform_utils.spec.counts import TOTAL, codes_in
from platform_utils.spec.disclosure import DisclosureRule

_PATIENCE = 20.0
"""Seconds after which one question is left undecided."""

Place = tuple[str, tuple[str, ...]]
"""Table and codes of a cell."""


@dataclass(frozen=True)
class Hidden:
    """A cell that is printed without its count, and how far the count is known: ``high`` None has no end."""

    place: Place
    low: int
    high: int | None
    decided: bool


@dataclass(frozen=True)
class GivenAway:
    """A count that is given away.

    Attributes
    ----------
    places : tuple of Place
        Where the same people stand hidden; for those outside a code, where the code stands.
    low, high : int, int or None
        How far the count is known; one number if exactly.
    kind : {"exact", "narrowed", "shown"}
        One number is left; a number that the rule hides is ruled out; the table shows it.
    outside : bool
        True for the people who are not in the cell.
    exposed_by : tuple of Number
        Published numbers that together force it, none of them idle.
    """

    places: tuple[Place, ...]
    low: int
    high: int | None
    kind: str
    outside: bool = False
    exposed_by: tuple[Number, ...] = ()


@dataclass(frozen=True)
class Audit:
    """What an audit found.

    Attributes
    ----------
    tables : mapping of str to SeenTable
        By name.
    hidden : tuple of Hidden
        Every hidden cell; with its range only where that was asked for.
    given_away : tuple of GivenAway
        Hidden cells that are known exactly, and counts for which the rule is broken.
    narrowed : int
        Hidden counts that are narrowed, but need not be ones that the rule hides.
    undecided : tuple of Place
        Counts of which a limit of the search was reached before it could be told.
    too_large : tuple of str
        Tables that form a ring of more combinations than are followed.
    """

    tables: Mapping[str, SeenTable]
    hidden: tuple[Hidden, ...]
    given_away: tuple[GivenAway, ...]
    narrowed: int
    undecided: tuple[Place, ...]
    too_large: tuple[str, ...]

    @property
    def passed(self) -> bool:
        """Whether nothing is given away, and everything was decided."""
        return not (self.given_away or self.undecided or self.too_large)


def audit_tables(
    described: Described,
    rule: DisclosureRule,
    *,
    insider: str | None = None,
    explain: bool = True,
    ranges: bool = False,
) -> Audit:
    """Attack published tables; a merged code such as ``a+b`` is tied to the rows it stands for.

    Parameters
    ----------
    described : Described
        From `read_described`. Options of its ``[audit]``: ``zeros_always_printed`` (a hidden count is at
        least 1), ``only_small_hidden`` (nothing but small counts is ever hidden).
    insider : str, optional
        A member whose own rows (``contributors`` of each table) the reader knows: what it learns of others
        is asked by class; from how many persons a code is named is asked without an insider.
    explain : bool
        Name the published numbers that give a count away.
    ranges : bool
        Work out the range of each hidden cell in whole numbers.

    Raises
    ------
    ContractError
        E-401, E-402, E-404 for bad tables; E-408 for a breakdown that is never released; E-440 if the
        numbers contradict each other; E-442 if no table says what the insider contributed.
    """
    hides = _hides(described, rule)
    seen = _seen(described, rule, hides)
    described = replace(described, links=with_merged(described.links, seen.values()))
    links = described.links
    own = _own_rows(described, seen, insider) if insider is not None else None
    alone = believable(put_together(list(seen.values()), links, own_rows=own, to_the_end=True), surely=True)
    world = _copied(alone)
    too_large = close_rings(world, list(seen.values()), links)
    reach = Reach(world, patience=_PATIENCE)
    if not (reach.consistent and reach.has_a_solution()):
        raise ContractError("E-440")
    cells = list(_hidden_cells(described, seen, world))
    search = _Search(world, reach, explain, {place for place, _ in cells})
    exact = search.exact(cells)
    passing = rule.open_units | rule.sum_units  # members and kronor: no count of people to hide
    asked = [seen[table.name] for table in described.tables if table.universe.unit not in passing]
    truth = _truth(described, seen)
    if truth:
        targets = true_targets(world, asked, hides, links, truth)
    else:
        targets = hidden_targets(world, asked, hides, links) + _shown_small(world, asked, hides, links)
    targets = [t for t in targets if t.outside or not rule.is_open(seen[t.name].dimensions, t.codes, "")]
    if own is None:
        targets = strictest([*targets, *_named_from(world, asked, rule, links, truth)])
    else:
        targets = [_others(target, world, own) for target in targets]
    tied = Reach(alone) if own is None and not truth else None
    broken, narrowed = search.broken(targets, {place for one in exact for place in one.places}, seen, tied)
    hidden = tuple(search.ranged(place, expression, ranges) for place, expression in cells)
    undecided = tuple(dict.fromkeys(search.undecided))
    return Audit(seen, hidden, (*exact, *broken), narrowed, undecided, too_large)


@dataclass
class _Search:
    world: World
    reach: Reach
    explain: bool
    hidden: set[Place]

    def __post_init__(self) -> None:
        self.undecided: list[Place] = []

    def exact(self, cells: Sequence[tuple[Place, Expression]]) -> list[GivenAway]:
        """Return the hidden cells of which only one count is possible, those of the same people together."""
        places: dict[Expression, list[Place]] = {}
        for place, expression in cells:
            places.setdefault(expression, []).append(place)
        found = []
        for expression, same in places.items():
            is_one = self.reach.is_one(expression)
            if self.reach.gave_up(expression):
                self.undecided += same
            elif is_one:
                found.append(self._exact(expression, same))
        return found

    def _exact(self, expression: Expression, same: Sequence[Place]) -> GivenAway:
        low, high = self.reach.ends(expression)
        by = self._exposed(expression, lambda reach: reach.is_one(expression))
        return GivenAway(tuple(same), low, high, "exact", False, by)

    def broken(
        self,
        targets: Sequence[Target],
        known: Collection[Place],
        seen: Mapping[str, SeenTable],
        tied: Reach | None,
    ) -> tuple[list[GivenAway], int]:
        """Return the counts for which the rule is broken, and how many more are narrowed.

        Of hidden cells that hang together (``tied``) one at least is hidden for its own sake, and one that
        hangs together with none protects none: if all that may be small are narrowed, the rule is broken.
        """
        found: list[GivenAway] = []
        narrowed: list[tuple[Target, list[int]]] = []
        whole: set[int | None] = set()
        for target in targets:
            place = (target.name, target.codes)
            shown = seen[target.name].cells.get(target.codes)
            if place in known:
                continue
            if not target.outside and shown is not None and shown.is_exact:
                found.append(GivenAway((place,), shown.low, shown.high, "shown"))
                continue
            possible = self.reach.possible(target.expression, target.hidden_values)
            if self.reach.gave_up(target.expression):
                self.undecided.append(place)
                continue
            gone = [value for value in target.hidden_values if value not in possible]
            if gone and _surely_hidden(target, self.reach):
                found.append(self._narrowed(target, gone))
            elif not target.outside and gone:
                narrowed.append((target, gone if possible else []))
            elif not target.outside and tied is not None:
                whole.add(tied.part_of(target.expression))
        others = set()
        for target, gone in narrowed:
            if gone and tied is not None and tied.part_of(target.expression) not in whole:
                found.append(self._narrowed(target, gone))
            else:
                others.add((target.name, target.codes))
        return found, len(others & self.hidden)

    def ranged(self, place: Place, expression: Expression, wanted: bool) -> Hidden:
        """Return a hidden cell with its range, if that is wanted."""
        if not wanted:
            return Hidden(place, 0, None, False)
        low, high = self.reach.ends(expression)
        gave_up = self.reach.gave_up(expression)
        self.undecided += [place] if gave_up else []
        return Hidden(place, low, high, not gave_up)

    def _narrowed(self, target: Target, gone: Sequence[int]) -> GivenAway:
        low, high = self.reach.ends(target.expression)
        expression = target.expression
        by = self._exposed(
            expression,
            lambda reach: (
                reach.ends(expression) == (low, high) and not reach.is_possible(expression, gone[0])
            ),
        )
        kind = "exact" if low == high else "narrowed"
        return GivenAway(((target.name, target.codes),), low, high, kind, target.outside, by)

    def _exposed(self, expression: Expression, given_away: Callable[[Reach], bool]) -> tuple[Number, ...]:
        if not self.explain:
            return ()

        def surely(reach: Reach) -> bool:
            return given_away(reach) and not reach.gave_up(expression)

        return exposure(self.world, expression, surely, patience=_PATIENCE)


def _surely_hidden(target: Target, reach: Reach) -> bool:
    """Say whether the count is one that the rule hides: by the true count, or surely by its range."""
    if target.truth is not None:
        return target.truth in target.hidden_values
    low, high = reach.ends(target.expression)
    return low >= min(target.hidden_values) and high is not None and high <= max(target.hidden_values)


def _hides(described: Described, rule: DisclosureRule) -> dict[str, tuple[int, ...]]:
    """Return the counts that the rule hides in each table."""
    hides = {}
    for table in described.tables:
        refused = sorted(rule.refused_dimensions & set(table.dimensions))
        if refused:
            raise ContractError("E-408", table=table.name, name=refused[0], expected="police_region")
        limits = rule.class_of(str(table.said.get("class", "A")), table.dimensions, "")
        hides[table.name] = tuple(range(1, limits.min_released))
    return hides


def _seen(
    described: Described, rule: DisclosureRule, hides: Mapping[str, tuple[int, ...]]
) -> dict[str, SeenTable]:
    """Return the tables as a reader sees them, who knows from the options how far counts are hidden."""
    named_from = [rule.minimum_by_dimension.get(d, 0) - 1 for t in described.tables for d in t.dimensions]
    largest = max([1, *named_from, *(value for values in hides.values() for value in values)])
    low = 1 if described.options.get("zeros_always_printed") else 0
    high = largest if described.options.get("only_small_hidden") else None
    return {table.name: table.seen(Seen(low, high)) for table in described.tables}


def _copied(world: World) -> World:
    """Return a world to which more can be added."""
    return replace(
        world,
        groups=[*world.groups],
        low=[*world.low],
        high=[*world.high],
        told_by=[[*numbers] for numbers in world.told_by],
        limits=[*world.limits],
        index={**world.index},
    )


def _hidden_cells(
    described: Described, seen: Mapping[str, SeenTable], world: World
) -> Iterator[tuple[Place, Expression]]:
    """Yield the cells that are printed without a count, as groups of the world."""
    for table in described.tables:
        for codes, text in zip(table.codes(), table.frame["count"].tolist(), strict=True):
            if text is None:
                group = world.index[group_at(seen[table.name], codes, described.links)]
                yield (table.name, codes), ((group, 1),)


def _named_from(
    world: World, tables: Sequence[SeenTable], rule: DisclosureRule, links: Links, truth: Mapping[Group, int]
) -> list[Target]:
    """Return the counts of codes that are named only from so many persons, hidden or too small."""
    found = []
    for table in tables:
        for codes, one in table.cells.items():
            named = [d for d, code in zip(table.dimensions, codes, strict=True) if code != TOTAL]
            least = rule.minimum_by_dimension.get(named[0], 0) if len(named) == 1 else 0
            if least < 2 or rule.is_open(table.dimensions, codes, ""):
                continue
            group = group_at(table, codes, links)
            hidden = tuple(range(1, least))
            known = truth.get(group)
            asked = known if truth else (one.low if one.is_exact else None)
            if asked in hidden or (not truth and asked is None):
                found.append(Target(table.name, codes, ((world.index[group], 1),), hidden, known))
    return found


def _others(target: Target, world: World, own: Mapping[Group, int]) -> Target:
    """Return a target as an insider sees it: what the rule hides is the count of all others."""
    mine = sum(weight * own.get(world.groups[group], 0) for group, weight in target.expression)
    return replace(target, hidden_values=tuple(mine + value for value in target.hidden_values))


def _shown_small(
    world: World, seen: Sequence[SeenTable], hides: Mapping[str, tuple[int, ...]], links: Links
) -> list[Target]:
    """Return the small counts that stand there for all to read."""
    return [
        Target(table.name, codes, ((world.index[group_at(table, codes, links)], 1),), hides[table.name])
        for table in seen
        for codes, one in table.cells.items()
        if one.is_exact and one.low in hides[table.name] and not set(SPECIAL_CODES) & set(codes)
    ]


def _own_rows(described: Described, seen: Mapping[str, SeenTable], insider: str) -> dict[Group, int]:
    own: dict[Group, int] = {}
    found = False
    for table in described.tables:
        one, behind = seen[table.name], table.contributors
        if behind is None:
            continue
        mine = behind[behind["member_id"] == insider]
        found |= bool(len(mine))
        for cell in one.cells:
            own.setdefault(group_at(one, cell, described.links), 0)
        for at, count in zip(codes_in(mine, table.dimensions), mine["count"].tolist(), strict=True):
            own[group_at(one, at, described.links)] = int(count)
    if not found:
        raise ContractError("E-442")
    return own


def _truth(described: Described, seen: Mapping[str, SeenTable]) -> dict[Group, int]:
    """Return the true counts that the tables say; none if they say none."""
    truth: dict[Group, int] = {}
    for table in described.tables:
        for codes, text in zip(table.codes(), table.frame["true_count"].tolist(), strict=True):
            number = None if text is None else number_in(text, "true_count")
            if number is not None:
                truth[group_at(seen[table.name], codes, described.links)] = int(number)
    return truth
