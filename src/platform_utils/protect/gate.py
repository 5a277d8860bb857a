"""The gate: a whole set of linked tables goes in, the same tables come out with what is unsafe hidden.

Enters: count tables that will be released together, and what is already public. Leaves: sealed tables and
how they were protected. Serves: every number a reader sees has passed here.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from platform_utils.errors import DisclosureError
from platform_utils.protect.attacker import Finding, SeenTable, group_at, see_table
from platform_utils.protect.cells import Cell
from platform_utils.protect.check import check_tables
from platform_utils.protect.complement import Choice, hide_complements
from platform_utils.protect.costs import cell_costs
from platform_utils.protect.elsewhere import read_elsewhere
from platform_utils.protect.exemptions import Exemption, check_exemptions
from platform_utils.protect.issue import issue_table
from platform_utils.protect.links import Links, packaged_links
from platform_utils.protect.model import System, build_system
from platform_utils.protect.primaries import Primary, find_primaries, own_rows
from platform_utils.protect.proof import Elsewhere, drop_impossible, group_of, prove
from platform_utils.protect.rules import DisclosureRule
from platform_utils.schemas.counts import CountTable
from platform_utils.schemas.safe import SafeTable

__all__ = ["Protected", "protect_set", "protect_tables", "what_is_hidden"]


@dataclass(frozen=True)
class Protected:
    """A protected set and how it came about.

    Parameters
    ----------
    tables : tuple of SafeTable
        In the order given.
    choice : Choice
        Cost, bound and methods.
    primary : int
        How many printed cells were hidden for their own sake.
    """

    tables: tuple[SafeTable, ...]
    choice: Choice
    primary: int


def protect_tables(
    tables: Sequence[CountTable],
    rule: DisclosureRule,
    *,
    must_show: Collection[Cell] = (),
    exemptions: Collection[Exemption] = (),
    links: Links | None = None,
    earlier: Sequence[SeenTable] = (),
    context: Sequence[CountTable] = (),
    elsewhere: Elsewhere | None = None,
    weights: str | Mapping[str, float] = "kept",
) -> list[SafeTable]:
    """Hide what a set of tables may not show, attack the result, and seal the tables.

    Parameters
    ----------
    tables : sequence of CountTable
        Everything that is released together; of one or several years.
    rule : DisclosureRule
        From `load_rule`.
    must_show : collection of Cell
        Cells that are never hidden: headline, roles, figures that are tested against printed ones.
    exemptions : collection of Exemption
        Cells that may be shown although the rule hides them.
    links : Links, optional
        Trees, combined variables and nested universes; from codebook and table plan if not given.
    earlier : sequence of SeenTable
        What has been released before, from the ledger: shown again, never hidden, and attacked together.
    context : sequence of CountTable
        True counts of ``earlier`` tables, where they are still known, so that what was hidden there stays
        hidden.
    elsewhere : iterable
        What others have published, from `read_elsewhere`; the packaged list if not given.
    weights : {"kept", "cells", "counts"} or mapping of str to float
        What a hidden cell costs; see `cell_costs`.

    Returns
    -------
    list of SafeTable
        In the order given.

    Raises
    ------
    ContractError
        E-401 … E-409 if a table does not keep its contract.
    DisclosureError
        E-430 for a bad exemption; E-432 if a cell that must be shown is one that the rule hides; E-433 if
        no safe pattern exists in this layout; E-434 if the attacker succeeds nevertheless; E-435 if the
        release collides with an earlier one.
    """
    done = protect_set(
        tables,
        rule,
        must_show=must_show,
        exemptions=exemptions,
        links=links,
        earlier=earlier,
        context=context,
        elsewhere=elsewhere,
        weights=weights,
    )
    return list(done.tables)


def protect_set(
    tables: Sequence[CountTable],
    rule: DisclosureRule,
    *,
    must_show: Collection[Cell] = (),
    exemptions: Collection[Exemption] = (),
    links: Links | None = None,
    earlier: Sequence[SeenTable] = (),
    context: Sequence[CountTable] = (),
    elsewhere: Elsewhere | None = None,
    weights: str | Mapping[str, float] = "kept",
    guard: Mapping[Cell, tuple[str, Collection[int]]] | None = None,
    cell_weights: Mapping[Cell, float] | None = None,
    method: str = "auto",
) -> Protected:
    """Protect as `protect_tables`, and return how good the choice is as well.

    Parameters
    ----------
    tables, rule, must_show, exemptions, links, earlier, context, elsewhere, weights
        As in `protect_tables`.
    guard : mapping of Cell to (str, collection of int), optional
        Further cells to hide, each with a reason and the values that must stay possible.
    cell_weights : mapping of Cell to float, optional
        What single cells cost, instead of ``weights``.
    method : {"auto", "optimal", "heuristic"}
        As in `hide_complements`.
    """
    links = links or packaged_links(max((table.universe.year for table in tables), default=0))
    check_tables([*tables, *context], rule, links)
    allowed = check_exemptions(exemptions)
    system = build_system([*tables, *context], links)
    told_elsewhere = _that_hold(system, read_elsewhere(links) if elsewhere is None else elsewhere)
    system.tables, behind = system.tables[: len(tables)], system.tables[len(tables) :]
    printed = {place for entered in system.tables for place in entered.places}
    system.printed = [place in printed for place in range(len(system.cells))]
    public = _already_public(system, earlier, links)
    exempt = _places(system, links, allowed) | public
    primaries = _primaries(system, behind, rule, exempt, _places(system, links, _decided(allowed)))
    for cell, (reason, values) in (guard or {}).items():
        place = system.place[links.canonical(cell)]
        primaries.setdefault(place, Primary(place)).reasons.add(reason)
        primaries[place].values |= set(values)
    for position, cell in enumerate(sorted(must_show), start=1):
        if system.place.get(links.canonical(cell)) in primaries:
            raise DisclosureError("E-432", position=position, universe=cell.universe, year=cell.year)
    if exempt or told_elsewhere:
        public_before = [*_public_only(system, exempt), *earlier]
        drop_impossible(primaries, system, public_before, links, told_elsewhere)
    open_cells = {
        place
        for entered in system.tables
        if entered.table.universe.unit not in rule.protected_units
        for place in entered.places
    }
    insiders = _insiders(system, rule)
    place_of = {group_of(cell): place for place, cell in enumerate(system.cells)}
    least = {place_of[group]: seen.low for group, seen, _ in told_elsewhere if seen.low}
    cost = cell_costs(system, rule, weights)
    for cell, weight in (cell_weights or {}).items():
        cost[system.place[links.canonical(cell)]] = weight
    choice = hide_complements(
        system,
        primaries,
        shown=_places(system, links, must_show) | exempt | open_cells,
        cost=cost,
        least={"": least} | insiders,
        method=method,
    )
    if choice.failing:
        raise DisclosureError("E-433", tables=", ".join(_tables_of(system, choice.failing)))
    sealed = _sealed(system, primaries, choice, rule)
    hides = {t.name: what_is_hidden(t, rule) for t in [*tables, *context]}
    hides |= {seen.name: tuple(range(1, rule.classes["A"].min_released)) for seen in earlier}
    seen = [see_table(t) for t in sealed if t.universe.unit in rule.protected_units]
    broken = prove(
        seen,
        earlier,
        system,
        primaries,
        hides,
        links,
        exempt=exempt,
        elsewhere=told_elsewhere,
        insiders=insiders,
    )
    _refuse(broken, {one.name for one in earlier})
    small = sum(1 for place in primaries if system.printed[place])
    return Protected(tuple(sealed), choice, small)


def what_is_hidden(table: CountTable | SafeTable, rule: DisclosureRule) -> tuple[int, ...]:
    """Return the counts that the rule of a table hides: 1 up to the smallest count shown, less one."""
    declared = getattr(table, "disclosure_class", "A")
    return tuple(range(1, rule.class_of(declared, table.dimensions).min_released))


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


def _that_hold(system: System, elsewhere: Elsewhere) -> tuple:
    """Return what others say of our groups, where it is true of the people counted here."""
    by_group = {group_of(cell): system.values[place] for place, cell in enumerate(system.cells)}
    return tuple(
        (group, seen, source)
        for group, seen, source in elsewhere
        if group in by_group
        and seen.low <= by_group[group]
        and (seen.high is None or by_group[group] <= seen.high)
    )


def _primaries(
    system: System, behind: list, rule: DisclosureRule, exempt: set[int], decided: set[int]
) -> dict[int, Primary]:
    ours = system.tables
    system.tables = [*ours, *behind]
    primaries = find_primaries(system, rule, exempt=exempt, decided=decided)
    system.tables = ours
    return primaries


def _public_only(system: System, exempt: set[int]) -> list[SeenTable]:
    """Return the tables as they are known before this release: nothing but what is public already."""
    seen = []
    for entered in system.tables:
        hidden = {at: "" for at, place in enumerate(entered.places) if place not in exempt}
        seen.append(see_table(issue_table(entered.table, hidden, "none")))
    return seen


def _insiders(system: System, rule: DisclosureRule) -> dict[str, dict[int, int]]:
    """Return what each member knows of the class B cells: its own rows."""
    known: dict[str, dict[int, int]] = {}
    for entered in system.tables:
        limit = rule.class_of(entered.table.disclosure_class, entered.table.dimensions)
        if limit.min_without_largest and entered.table.universe.unit in rule.protected_units:
            for member, rows in own_rows(system, entered).items():
                known.setdefault(member, {}).update(rows)
    return known


def _tables_of(system: System, places: Collection[int]) -> list[str]:
    wanted = set(places)
    near = wanted | {p for r in system.relations if wanted & set(r.parts) for p in (r.whole, *r.parts)}
    named = [t.table.name for t in system.tables if wanted & set(t.places)]
    return named or [t.table.name for t in system.tables if near & set(t.places)]


def _sealed(
    system: System, primaries: Mapping[int, Primary], choice: Choice, rule: DisclosureRule
) -> list[SafeTable]:
    guarded = set(system.rests) & set(primaries)
    beside = {p for r in system.relations if guarded & set(r.parts) for p in r.parts}
    reasons = {}
    for place in choice.hidden:
        if place in primaries:
            reasons[place] = min(primaries[place].reasons)
        else:
            reasons[place] = "complement" if place in beside else "to_protect_others"
    sealed = []
    for entered in system.tables:
        hidden = {at: reasons[place] for at, place in enumerate(entered.places) if place in reasons}
        limit = rule.class_of(entered.table.disclosure_class, entered.table.dimensions)
        sealed.append(issue_table(entered.table, hidden, rule.name_of(limit)))
    return sealed


def _refuse(broken: Sequence[Finding], earlier: Collection[str]) -> None:
    if not broken:
        return
    named = sorted({number.table for finding in broken for number in finding.exposed_by})
    collides = [name for name in named if name in earlier]
    if collides:
        raise DisclosureError("E-435", earlier=", ".join(collides), table=broken[0].target.name)
    raise DisclosureError("E-434", tables=", ".join(sorted({f.target.name for f in broken})))
