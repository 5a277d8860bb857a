"""The last step before the gate seals: the attacker, who knows everything else, must fail.

Enters: what is about to be released, the true counts, and what is already public. Leaves: what the attacker
could rule out; nothing, or there is no release.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace

from platform_utils.errors import DisclosureError
from platform_utils.protect.attacker import (
    Finding,
    Group,
    Seen,
    SeenTable,
    Target,
    World,
    attack,
    hidden_targets,
    put_together,
    true_targets,
)
from platform_utils.protect.attacker.reach import Expression, Reach
from platform_utils.protect.cells import Cell
from platform_utils.protect.links import Links
from platform_utils.protect.model import System
from platform_utils.protect.primaries import Primary
from platform_utils.protect.rules import DisclosureRule

__all__ = ["Elsewhere", "drop_impossible", "group_of", "prove", "refuse", "that_hold"]

Elsewhere = Iterable[tuple[Group, Seen, str]]
"""What others have published: a group, how far its count is known, and the source's name."""


def group_of(cell: Cell) -> Group:
    """Return the attacker's name of a cell."""
    return (cell.universe, cell.year, frozenset(cell.codes))


def prove(
    released: Sequence[SeenTable],
    earlier: Sequence[SeenTable],
    system: System,
    primaries: Mapping[int, Primary],
    rules: Mapping[str, tuple[int, ...]],
    rule: DisclosureRule,
    links: Links,
    *,
    exempt: Collection[int] = (),
    elsewhere: Elsewhere = (),
    insiders: Mapping[str, Mapping[int, int]] | None = None,
    explain: bool = True,
) -> list[Finding]:
    """Return what the attacker breaks, with the published numbers that break it.

    Parameters
    ----------
    released, earlier : sequence of SeenTable
        The release, and everything released before.
    system : System
        True counts.
    primaries : mapping of int to Primary
        What the gate guards; the attacker finds the small counts again by itself.
    rules : mapping of str to tuple of int
        What the rule of each table hides.
    rule : DisclosureRule
        Knows the codes that count nobody.
    links : Links
        What readers know of variables and universes.
    exempt : collection of int
        Places that are public by decision or already.
    elsewhere : iterable
        What others have published.
    insiders : mapping of str to mapping of int to int, optional
        Each member's own rows by place.
    explain : bool
        Name the published numbers.
    """
    seen = [*released, *earlier]
    world = put_together(seen, links, elsewhere=elsewhere)
    truth = {group_of(system.cells[at]): system.values[at] for at in range(len(system.cells))}
    nobody = {
        group_of(system.cells[place])
        for entered in system.tables
        for place, codes in zip(entered.places, entered.codes, strict=True)
        if rule.is_open(entered.table.dimensions, codes)
    }
    open_groups = {group_of(system.cells[at]) for at in exempt} | nobody
    targets = [
        target
        for target in true_targets(world, seen, rules, links, truth)
        if target.outside or world.groups[target.expression[0][0]] not in open_groups
    ]
    unknown = [t for t in hidden_targets(world, earlier, rules, links) if not _is_known(world, t, truth)]
    asked = {(target.expression, target.hidden_values) for target in targets}
    guarded = [
        target
        for target in _guarded(world, system, primaries)
        if (target.expression, target.hidden_values) not in asked
    ]
    public = {group_of(system.cells[at]) for at in exempt}
    prior = Reach(_prior(world, public, released, earlier, links, elsewhere))
    broken = [
        finding
        for finding in attack(world, [*targets, *unknown, *guarded], explain=explain, bounds=False)
        if finding.broken and _is_new(finding, prior, bool(public) or bool(earlier))
    ]
    for member, rows in sorted((insiders or {}).items()):
        inside = _inside(world, system, primaries, member)
        if inside:
            own = _by_group(system, rows)
            told = put_together(seen, links, elsewhere=elsewhere, own_rows=own)
            before = Reach(_prior(told, public, released, earlier, links, elsewhere, own))
            broken += [
                finding
                for finding in attack(told, inside, explain=explain, bounds=False)
                if finding.broken and _is_new(finding, before, bool(public) or bool(earlier))
            ]
    return broken


def drop_impossible(
    primaries: Mapping[int, Primary],
    system: System,
    public: Sequence[SeenTable],
    links: Links,
    elsewhere: Elsewhere = (),
    insiders: Mapping[str, Mapping[int, int]] | None = None,
) -> None:
    """Leave out of each primary's values those that earlier publications have ruled out already.

    For a member's own view, what the member could rule out before this release.
    """
    world = put_together(public, links, elsewhere=elsewhere)
    reach = Reach(world)
    if not reach.consistent:
        return
    only_least = all(high is None for high in world.high)
    for place, primary in primaries.items():
        expression = _expression(world, system, place)
        if expression is None:
            continue
        if only_least:  # nothing has an upper end, so adding up is exact
            least, _ = reach.known(expression)
            primary.values = {value for value in primary.values if value >= least}
        else:
            primary.values &= set(reach.possible(expression, sorted(primary.values)))
    for member, rows in (insiders or {}).items():
        told = put_together(public, links, elsewhere=elsewhere, own_rows=_by_group(system, rows))
        known = Reach(told)
        for place, primary in primaries.items():
            expression = _expression(told, system, place)
            wanted = primary.by_member.get(member)
            if known.consistent and wanted and expression is not None:
                primary.by_member[member] = set(known.possible(expression, sorted(wanted)))


def that_hold(system: System, elsewhere: Elsewhere) -> tuple:
    """Return what others say of our groups, where it is true of the people counted here."""
    by_group = {group_of(cell): system.values[place] for place, cell in enumerate(system.cells)}
    return tuple(
        (group, seen, source)
        for group, seen, source in elsewhere
        if group in by_group
        and seen.low <= by_group[group]
        and (seen.high is None or by_group[group] <= seen.high)
    )


def _by_group(system: System, rows: Mapping[int, int]) -> dict[Group, int]:
    return {group_of(system.cells[place]): count for place, count in rows.items()}


def _is_known(world: World, target: Target, truth: Mapping[Group, int]) -> bool:
    return all(world.groups[group] in truth for group, _ in target.expression)


def _expression(world: World, system: System, place: int) -> Expression | None:
    group = world.index.get(group_of(system.cells[place]))
    if group is not None:
        return ((group, 1),)
    for relation in system.relations:
        if place in relation.parts:
            others = [p for p in relation.parts if p != place]
            named = [world.index.get(group_of(system.cells[p])) for p in (relation.whole, *others)]
            if None not in named:
                whole, *parts = [n for n in named if n is not None]
                return ((whole, 1), *((part, -1) for part in parts))
    return None


def _guarded(world: World, system: System, primaries: Mapping[int, Primary]) -> list[Target]:
    targets = []
    for place, primary in primaries.items():
        expression = _expression(world, system, place)
        if expression is not None and primary.values:
            value = system.values[place]
            values = tuple(sorted(primary.values | {value}))
            codes = tuple(code for _, code in system.cells[place].codes)
            targets.append(Target(_table_of(system, place), codes, expression, values, value))
    return targets


def _inside(world: World, system: System, primaries: Mapping[int, Primary], member: str) -> list[Target]:
    found = []
    for place, primary in primaries.items():
        expression = _expression(world, system, place)
        values = primary.by_member.get(member)
        if values and expression is not None:
            value = system.values[place]
            codes = tuple(code for _, code in system.cells[place].codes)
            name = _table_of(system, place)
            found.append(Target(name, codes, expression, tuple(sorted(values | {value})), value))
    return found


def _table_of(system: System, place: int) -> str:
    near = {place} | {p for r in system.relations if place in r.parts for p in (r.whole, *r.parts)}
    named = [t.table.name for t in system.tables if place in t.places]
    return (named or [t.table.name for t in system.tables if near & set(t.places)] or [""])[0]


def _prior(
    world: World,
    public: Collection[Group],
    released: Sequence[SeenTable],
    earlier: Sequence[SeenTable],
    links: Links,
    elsewhere: Elsewhere,
    own: Mapping[Group, int] | None = None,
) -> World:
    """Return the same world as it is known before the release: what is public, and earlier releases."""
    unseen = [replace(table, cells=dict.fromkeys(table.cells, Seen()), shares={}) for table in released]
    known = put_together([*unseen, *earlier], links, elsewhere=elsewhere, own_rows=own)
    for group in public:
        if group in known.index and group in world.index:
            at = world.index[group]
            known.bound(known.index[group], Seen(world.low[at], world.high[at]))
    return known


def _is_new(finding: Finding, prior: Reach, matters: bool) -> bool:
    """Say whether the release rules out a value that was possible before."""
    if not matters or not prior.consistent:
        return True
    gone = [v for v in finding.target.hidden_values if v not in finding.possible]
    return any(prior.is_possible(finding.target.expression, value) for value in gone)


def refuse(broken: Sequence[Finding], earlier: Collection[str]) -> None:
    """Raise what an attack found, if it found anything.

    Raises
    ------
    DisclosureError
        E-435 where an earlier release helped, else E-434.
    """
    if not broken:
        return
    named = sorted({number.table for finding in broken for number in finding.exposed_by})
    collides = [name for name in named if name in earlier]
    if collides:
        raise DisclosureError("E-435", earlier=", ".join(collides), table=broken[0].target.name)
    raise DisclosureError("E-434", tables=", ".join(sorted({f.target.name for f in broken})))
