"""The last step before the gate issues tables: the attacker, who knows everything else, must fail.

Enters: what is about to be released, and the case that it is judged by: true counts, what is public already,
what must stay hidden. Leaves: what the attacker could rule out; nothing, or there is no release.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

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
from platform_utils.protect.cells import universe_key
from platform_utils.protect.demand import Demand, Elsewhere
from platform_utils.protect.model import System
from platform_utils.protect.primaries import Primary
from platform_utils.spec.counts import CountTable
from platform_utils.spec.disclosure import DisclosureRule

Rows = Mapping[Group, int]
"""A member's own rows in each group of people."""


@dataclass(frozen=True)
class Case:
    """What a release is judged by: restricted.

    Attributes
    ----------
    elsewhere : tuple
        What others have published that holds here.
    exempt : frozenset of int
        Places that are public by decision or already.
    primaries : mapping of int to Primary
        What the gate guards; the attacker finds the small counts again by itself.
    insiders : mapping of str to mapping of int to int
        Own rows by place of each member against whom something is guarded.
    """

    demand: Demand
    system: System
    elsewhere: tuple
    exempt: frozenset[int]
    primaries: Mapping[int, Primary] = field(default_factory=dict)
    insiders: Mapping[str, Mapping[int, int]] = field(default_factory=dict)

    def own_rows(self, member: str) -> Rows:
        """Return a member's own rows by group."""
        return {self.system.cells[place].group: count for place, count in self.insiders[member].items()}

    def world(self, tables: Sequence[SeenTable], own: Rows | None = None) -> World:
        """Return what tables say together with what was released earlier and elsewhere."""
        seen = [*tables, *self.demand.earlier]
        return put_together(seen, self.system.links, elsewhere=self.elsewhere, own_rows=own)


def prove(released: Sequence[SeenTable], case: Case) -> list[Finding]:
    """Return what anybody breaks, or a reader inside a member, with the published numbers that break it."""
    world = case.world(released)
    targets = _open_targets(world, released, case)
    asked = {(target.expression, target.hidden_values) for target in targets}
    for target in _guarded(world, case, None):
        if (target.expression, target.hidden_values) not in asked:
            targets.append(target)
    broken = _broken(world, targets, released, case, None)
    for member in sorted(case.insiders):
        inside = list(_guarded(world, case, member))
        if inside:
            own = case.own_rows(member)
            broken += _broken(case.world(released, own), inside, released, case, own)
    return broken


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


def what_is_hidden(table: CountTable, rule: DisclosureRule) -> tuple[int, ...]:
    """Return the counts that the rule of a table hides: 1 up to the smallest count shown, less one."""
    return tuple(
        range(1, rule.class_of(table.disclosure_class, table.dimensions, table.universe.name).min_released)
    )


def drop_what_is_known(case: Case, places: Collection[int]) -> None:
    """Leave out of the values at some places those that were ruled out before anything of this was shown."""
    if case.exempt or case.elsewhere:
        _drop_impossible(case, [*_public_only(case), *case.demand.earlier], places)


def _public_only(case: Case) -> list[SeenTable]:
    """Return the tables as they are known before this release: nothing but what is public already."""
    known = {place: Seen(case.system.values[place], case.system.values[place]) for place in case.exempt}
    seen = []
    for entered in case.system.tables:
        cells = {
            codes: known.get(place, Seen())
            for codes, place in zip(entered.codes, entered.places, strict=True)
        }
        table = entered.table
        who = universe_key(table.universe), table.universe.year
        seen.append(SeenTable(table.name, *who, table.dimensions, entered.multiple, cells))
    return seen


def _drop_impossible(case: Case, public: Sequence[SeenTable], places: Collection[int]) -> None:
    """Leave out of the values at some places those that ``public`` and publications elsewhere have ruled out.

    For a member's own view, what the member could rule out before this release.
    """
    world = put_together(public, case.system.links, elsewhere=case.elsewhere)
    reach = Reach(world)
    if not reach.consistent:
        return
    # Where nothing has an upper end, adding up least counts is exact, and much faster than asking.
    only_least = all(high is None for high in world.high)
    for place in places:
        primary, expression = case.primaries[place], _expression(world, case.system, place)
        if expression is None:
            continue
        if only_least:
            least, _ = reach.known(expression)
            primary.values = {value for value in primary.values if value >= least}
        else:
            primary.values &= set(reach.possible(expression, sorted(primary.values)))
    for member in case.insiders:
        own = case.own_rows(member)
        told = put_together(public, case.system.links, elsewhere=case.elsewhere, own_rows=own)
        known = Reach(told)
        for place in places:
            wanted, expression = case.primaries[place].by_member, _expression(told, case.system, place)
            if known.consistent and wanted.get(member) and expression is not None:
                wanted[member] = set(known.possible(expression, sorted(wanted[member])))


def that_hold(system: System, elsewhere: Elsewhere) -> tuple:
    """Return what others say of our groups, where it is true of the people counted here."""
    return tuple(
        (group, seen, source)
        for group, seen, source in elsewhere
        if (place := system.by_group.get(group)) is not None
        and seen.low <= system.values[place]
        and (seen.high is None or system.values[place] <= seen.high)
    )


def _open_targets(world: World, released: Sequence[SeenTable], case: Case) -> list[Target]:
    """Return what the rules of the tables hide, but for what counts nobody or is public."""
    demand, system = case.demand, case.system
    ours = {table.name: what_is_hidden(table, demand.rule) for table in (*demand.tables, *demand.context)}
    least = tuple(range(1, demand.rule.classes["A"].min_released))
    # An earlier table of today's name has the class that this one has; its own is not known any more.
    hides = ours | {seen.name: ours.get(seen.name.rpartition("/")[2], least) for seen in demand.earlier}
    nobody = {
        system.cells[place].group
        for entered in system.tables
        for place, codes in zip(entered.places, entered.codes, strict=True)
        if demand.rule.is_open(entered.table.dimensions, codes, entered.table.universe.name)
        and place not in case.primaries
    }
    open_groups = {system.cells[place].group for place in case.exempt} | nobody
    truth = {group: system.values[place] for group, place in system.by_group.items()}
    told = true_targets(world, [*released, *demand.earlier], hides, system.links, truth)
    unknown = hidden_targets(world, demand.earlier, hides, system.links)
    return [
        *(t for t in told if t.outside or world.groups[t.expression[0][0]] not in open_groups),
        *(t for t in unknown if not all(world.groups[group] in truth for group, _ in t.expression)),
    ]


def _guarded(world: World, case: Case, member: str | None) -> Iterator[Target]:
    """Yield what the gate guards against everybody, or against a reader inside a member."""
    system = case.system
    for place, primary in case.primaries.items():
        expression = _expression(world, system, place)
        values = primary.values if member is None else primary.by_member.get(member)
        if values and expression is not None:
            value = system.values[place]
            codes = tuple(code for _, code in system.cells[place].codes)
            name = next(iter(system.names_at([place])), "")
            yield Target(name, codes, expression, tuple(sorted({*values, value})), value)


def _expression(world: World, system: System, place: int) -> Expression | None:
    """Return a cell as groups of the attacker's world, the rest of a whole as whole less parts."""
    group = world.index.get(system.cells[place].group)
    if group is not None:
        return ((group, 1),)
    for relation in system.relations_of.get(place, ()):
        others = [p for p in relation.parts if p != place]
        named = [world.index.get(system.cells[p].group) for p in (relation.whole, *others)]
        if None not in named:
            whole, *parts = [n for n in named if n is not None]
            return ((whole, 1), *((part, -1) for part in parts))
    return None


def _broken(
    world: World, targets: Sequence[Target], released: Sequence[SeenTable], case: Case, own: Rows | None
) -> list[Finding]:
    """Attack, and return what the release breaks that was not broken before it."""
    public = {case.system.cells[place].group for place in case.exempt}
    prior = Reach(_before(world, public, released, case, own))
    any_before = bool(public or case.demand.earlier) and prior.consistent
    found = [finding for finding in attack(world, targets, explain=True, bounds=False) if finding.broken]
    return [finding for finding in found if not any_before or _is_new(finding, prior)]


def _before(
    world: World, public: Collection[Group], released: Sequence[SeenTable], case: Case, own: Rows | None
) -> World:
    """Return the same world as it is known before the release: what is public, and earlier releases."""
    unseen = [replace(table, cells=dict.fromkeys(table.cells, Seen()), shares={}) for table in released]
    known = case.world(unseen, own)
    for group in public:
        if group in known.index and group in world.index:
            at = world.index[group]
            known.bound(known.index[group], Seen(world.low[at], world.high[at]))
    return known


def _is_new(finding: Finding, prior: Reach) -> bool:
    """Say whether the release rules out a value that was possible before."""
    gone = [v for v in finding.target.hidden_values if v not in finding.possible]
    return any(prior.is_possible(finding.target.expression, value) for value in gone)
