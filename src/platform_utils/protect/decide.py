"""What to hide in a whole set of linked tables, decided and not yet sealed.

Enters: checked count tables, rules, what must be shown and what is public already. Leaves: a decision, in
true counts: restricted. Only `gate` makes safe tables of it, after the attacker has failed.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from platform_utils.errors import DisclosureError
from platform_utils.protect.attacker import SeenTable, group_at, see_table
from platform_utils.protect.cells import Cell
from platform_utils.protect.check import check_tables
from platform_utils.protect.complement import Choice, hide_complements
from platform_utils.protect.costs import cell_costs
from platform_utils.protect.exemptions import Exemption, check_exemptions
from platform_utils.protect.foreign.elsewhere import read_elsewhere
from platform_utils.protect.issue import issue_table
from platform_utils.protect.links import Links, packaged_links
from platform_utils.protect.merged_links import with_merged
from platform_utils.protect.model import System, TableCells, build_system
from platform_utils.protect.primaries import Primary, find_primaries, own_rows
from platform_utils.protect.proof import Elsewhere, drop_impossible, group_of, that_hold
from platform_utils.protect.rules import DisclosureRule
from platform_utils.protect.superseded import LEAST_MOVED, find_superseded
from platform_utils.spec.counts import CountTable

__all__ = ["Decision", "Guard", "decide"]

Guard = Mapping[Cell, tuple[str, Collection[int]]]
"""Cells to hide, each with a reason and the values that must stay possible."""


@dataclass(frozen=True)
class Decision:
    """What to hide, and everything that it rests on: true counts, restricted.

    Parameters
    ----------
    system : System
        Cells and true counts.
    primaries : mapping of int to Primary
        What is hidden for its own sake.
    choice : Choice
        What else is hidden.
    links : Links
        How the tables hang together.
    exempt : frozenset of int
        Cells that are public by decision or already.
    elsewhere : tuple
        What others have published that holds here.
    insiders : mapping of str to mapping of int to int
        Own rows by place of each member against whom something is guarded.
    fixed : frozenset of int
        Cells that cannot be hidden.
    """

    system: System
    primaries: Mapping[int, Primary]
    choice: Choice
    links: Links
    exempt: frozenset[int]
    elsewhere: tuple
    insiders: Mapping[str, Mapping[int, int]]
    fixed: frozenset[int]

    def shown(self) -> int:
        """Return how many printed cells with persons in them are shown."""
        return sum(
            self.system.values[place] > 0 and place not in self.choice.hidden
            for entered in self.system.tables
            for place in entered.places
        )


def decide(
    tables: Sequence[CountTable],
    rule: DisclosureRule,
    *,
    must_show: Collection[Cell] = (),
    exemptions: Collection[Exemption] = (),
    links: Links | None = None,
    earlier: Sequence[SeenTable] = (),
    superseded: Mapping[int, Sequence[SeenTable]] | None = None,
    context: Sequence[CountTable] = (),
    elsewhere: Elsewhere | None = None,
    weights: str | Mapping[str, float] = "kept",
    guard: Guard | None = None,
    in_sight: Collection[Cell] = (),
    cell_weights: Mapping[Cell, float] | None = None,
    method: str = "auto",
) -> Decision:
    """Decide what to hide; parameters and errors as in `protect_set`."""
    links = links or packaged_links(max((table.universe.year for table in tables), default=0))
    links = with_merged(links, [*tables, *earlier])
    check_tables([*tables, *context], rule, links)
    allowed = check_exemptions(exemptions)
    system = build_system([*tables, *context], links)
    told_elsewhere = that_hold(system, read_elsewhere(links) if elsewhere is None else elsewhere)
    system.tables, behind = system.tables[: len(tables)], system.tables[len(tables) :]
    printed = {place for entered in system.tables for place in entered.places}
    system.printed = [place in printed for place in range(len(system.cells))]
    contradicted = _contradicted(system, earlier, links)
    if contradicted:
        raise DisclosureError("E-446", earlier=", ".join(contradicted))
    public = _already_public(system, earlier, links)
    exempt = _places(system, links, allowed) | public
    primaries, insiders = _primaries(system, behind, rule, exempt, _places(system, links, _decided(allowed)))
    for cell, (reason, values) in (guard or {}).items():
        place = system.place.get(links.canonical(cell))
        if place is None:  # in this layout nobody can tell the group apart
            continue
        primaries.setdefault(place, Primary(place)).reasons.add(reason)
        primaries[place].values |= set(values)
    for place in find_superseded(system, superseded or {}, links, exempt):
        count = system.values[place]
        primaries.setdefault(place, Primary(place)).reasons.add("edition")
        primaries[place].values |= {count, count + 1}
    changed = [place for place in sorted(_places(system, links, in_sight)) if _is_changed(primaries, place)]
    if changed:
        raise DisclosureError("E-439", tables=", ".join(_tables_of(system, changed)), least=LEAST_MOVED)
    for position, cell in enumerate(sorted(must_show), start=1):
        stuck = primaries.get(system.place.get(links.canonical(cell), -1))
        if stuck is not None and stuck.reasons == {"edition"}:
            named = ", ".join(_tables_of(system, [stuck.place]))
            raise DisclosureError("E-439", tables=named, least=LEAST_MOVED)
        if stuck is not None:
            raise DisclosureError("E-432", position=position, universe=cell.universe, year=cell.year)
    if exempt or told_elsewhere:
        public_before = [*_public_only(system, exempt), *earlier]
        drop_impossible(primaries, system, public_before, links, told_elsewhere, insiders)
    open_cells = {
        place
        for entered in system.tables
        if entered.table.universe.unit not in rule.protected_units
        for place in entered.places
    }
    place_of = {group_of(cell): place for place, cell in enumerate(system.cells)}
    least = {place_of[group]: seen.low for group, seen, _ in told_elsewhere if seen.low}
    cost = cell_costs(system, rule, weights)
    for cell, weight in (cell_weights or {}).items():
        cost[system.place[links.canonical(cell)]] = weight
    fixed = frozenset(_places(system, links, must_show) | exempt | open_cells)
    choice = hide_complements(
        system,
        primaries,
        shown=fixed,
        cost=cost,
        least={"": least} | insiders,
        method=method,
    )
    if choice.failing:
        raise DisclosureError("E-433", tables=", ".join(_tables_of(system, choice.failing)))
    return Decision(system, primaries, choice, links, frozenset(exempt), told_elsewhere, insiders, fixed)


def _is_changed(primaries: Mapping[int, Primary], place: int) -> bool:
    return place in primaries and "edition" in primaries[place].reasons


def _places(system: System, links: Links, cells: Collection[Cell]) -> set[int]:
    found = (system.place.get(links.canonical(cell)) for cell in cells)
    return {place for place in found if place is not None}


def _decided(allowed: Mapping[Cell, Exemption]) -> list[Cell]:
    return [cell for cell, exemption in allowed.items() if exemption.reason == "group_decided"]


def _already_public(system: System, earlier: Sequence[SeenTable], links: Links) -> set[int]:
    """Return the cells that an earlier release shows of the same people, with the same count."""
    by_group = {group_of(cell): place for place, cell in enumerate(system.cells)}
    found = set()
    for table in earlier:
        for codes, seen in table.cells.items():
            place = by_group.get(group_at(table, codes, links))
            if place is not None and seen.is_exact and seen.low == system.values[place]:
                found.add(place)
    return found


def _contradicted(system: System, earlier: Sequence[SeenTable], links: Links) -> list[str]:
    """Return the earlier tables that print another count of the same people: somebody came or went since."""
    by_group = {group_of(cell): system.values[place] for place, cell in enumerate(system.cells)}
    return sorted(
        {
            table.name
            for table in earlier
            for codes, seen in table.cells.items()
            if seen.is_exact and by_group.get(group_at(table, codes, links), seen.low) != seen.low
        }
    )


def _primaries(
    system: System, behind: list[TableCells], rule: DisclosureRule, exempt: set[int], decided: set[int]
) -> tuple[dict[int, Primary], dict[str, dict[int, int]]]:
    """Return what is hidden for its own sake, and each member's own rows; earlier tables count in both."""
    ours = system.tables
    system.tables = [*ours, *behind]
    primaries = find_primaries(system, rule, exempt=exempt, decided=decided)
    own = own_rows(system, system.tables, rule)
    system.tables = ours
    asked = {member for primary in primaries.values() for member in primary.by_member}
    return primaries, {member: own[member] for member in sorted(asked)}


def _public_only(system: System, exempt: set[int]) -> list[SeenTable]:
    """Return the tables as they are known before this release: nothing but what is public already."""
    seen = []
    for entered in system.tables:
        hidden = {at: "" for at, place in enumerate(entered.places) if place not in exempt}
        seen.append(see_table(issue_table(entered.table, hidden, "none")))
    return seen


def _tables_of(system: System, places: Collection[int]) -> list[str]:
    wanted = set(places)
    near = wanted | {p for r in system.relations if wanted & set(r.parts) for p in (r.whole, *r.parts)}
    named = [t.table.name for t in system.tables if wanted & set(t.places)]
    return named or [t.table.name for t in system.tables if near & set(t.places)]
