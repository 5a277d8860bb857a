"""The gate: a whole set of linked tables goes in, the same tables come out with what is unsafe hidden.

Enters: count tables that will be released together, and what is already public. Leaves: sealed tables and
how they were protected. Serves: every number a reader sees has passed here.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from platform_utils.errors import DisclosureError
from platform_utils.protect.cells import Cell
from platform_utils.protect.check import check_tables
from platform_utils.protect.complement import Choice, hide_complements
from platform_utils.protect.exemptions import Exemption, check_exemptions
from platform_utils.protect.issue import issue_table
from platform_utils.protect.links import Links, packaged_links
from platform_utils.protect.model import System, build_system
from platform_utils.protect.primaries import Primary, find_primaries, own_rows
from platform_utils.protect.rules import DisclosureRule
from platform_utils.schemas.counts import CountTable
from platform_utils.schemas.safe import SafeTable

__all__ = ["WEIGHTS", "Protected", "protect_set", "protect_tables"]

WEIGHTS = ("kept", "cells", "counts")
"""What is lost with a hidden cell: a cell that says something, any cell alike, or the people in it."""


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
    known: Mapping[Cell, int] | None = None,
    weights: str | Mapping[str, float] = "kept",
) -> list[SafeTable]:
    """Hide what a set of tables may not show, and seal the tables.

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
    known : mapping of Cell to int, optional
        What earlier releases show of the same people; such a cell is shown again, never hidden.
    weights : {"kept", "cells", "counts"} or mapping of str to float
        What a hidden cell costs; a mapping gives the weight of each table by name (1 where absent).

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
        no safe pattern exists in this layout.
    """
    done = protect_set(
        tables, rule, must_show=must_show, exemptions=exemptions, links=links, known=known, weights=weights
    )
    return list(done.tables)


def protect_set(
    tables: Sequence[CountTable],
    rule: DisclosureRule,
    *,
    must_show: Collection[Cell] = (),
    exemptions: Collection[Exemption] = (),
    links: Links | None = None,
    known: Mapping[Cell, int] | None = None,
    weights: str | Mapping[str, float] = "kept",
    method: str = "auto",
) -> Protected:
    """Protect as `protect_tables`, and return how good the choice is as well.

    Parameters
    ----------
    tables, rule, must_show, exemptions, links, known, weights
        As in `protect_tables`.
    method : {"auto", "optimal", "heuristic"}
        As in `hide_complements`.
    """
    check_tables(tables, rule)
    allowed = check_exemptions(exemptions)
    links = links or _links_of(tables)
    system = build_system(tables, links)
    named = {*must_show, *allowed, *(known or {})}
    place_of = {cell: system.place.get(links.canonical(cell)) for cell in named}
    exempt = {place_of[cell] for cell in {*allowed, *(known or {})}} - {None}
    decided = {place_of[c] for c, e in allowed.items() if e.reason == "group_decided"} - {None}
    primaries = find_primaries(system, rule, exempt=exempt, decided=decided)
    must = {place_of[cell] for cell in must_show} - {None}
    for position, cell in enumerate(sorted(must_show), start=1):
        if place_of[cell] in primaries:
            raise DisclosureError("E-432", position=position, universe=cell.universe, year=cell.year)
    open_cells = _open(system, rule)
    choice = hide_complements(
        system,
        primaries,
        shown=must | exempt | open_cells,
        cost=_costs(system, rule, weights),
        least=_insiders(system, rule),
        method=method,
    )
    if choice.failing:
        raise DisclosureError("E-433", tables=", ".join(_tables_of(system, choice.failing)))
    reasons = _reasons(system, primaries, choice)
    sealed = tuple(_issue(entered.table, system, rule, reasons) for entered in system.tables)
    small = sum(1 for place in primaries if system.printed[place])
    return Protected(sealed, choice, small)


def _links_of(tables: Sequence[CountTable]) -> Links:
    return packaged_links(max((table.universe.year for table in tables), default=0))


def _open(system: System, rule: DisclosureRule) -> set[int]:
    """Return the cells of units that count nobody."""
    return {
        place
        for entered in system.tables
        if entered.table.universe.unit not in rule.protected_units
        for place in entered.places
    }


def _costs(system: System, rule: DisclosureRule, weights: str | Mapping[str, float]) -> dict[int, float]:
    costs: dict[int, float] = {}
    for entered in system.tables:
        by_table = weights.get(entered.table.name, 1.0) if isinstance(weights, Mapping) else 1.0
        for place, codes in zip(entered.places, entered.codes, strict=True):
            count = system.values[place]
            if weights == "cells":
                costs[place] = 1.0
            elif weights == "counts":
                costs[place] = float(max(1, count))
            else:
                silent = bool(rule.never_primary & set(codes))
                lost = 0.25 if count == 0 else 0.5 if silent else 1.0 + math.log10(count) / 10
                costs[place] = costs.get(place, 0.0) + by_table * lost
    return costs


def _insiders(system: System, rule: DisclosureRule) -> dict[str, dict[int, int]]:
    """Return what each member knows of the class B cells: its own rows."""
    known: dict[str, dict[int, int]] = {}
    for entered in system.tables:
        limit = rule.class_of(entered.table.disclosure_class, entered.table.dimensions)
        if limit.min_without_largest:
            for member, rows in own_rows(system, entered).items():
                known.setdefault(member, {}).update(rows)
    return known


def _tables_of(system: System, places: Collection[int]) -> list[str]:
    wanted = set(places)
    near = wanted | {p for r in system.relations if wanted & set(r.parts) for p in (r.whole, *r.parts)}
    named = [t.table.name for t in system.tables if wanted & set(t.places)]
    return named or [t.table.name for t in system.tables if near & set(t.places)]


def _reasons(system: System, primaries: Mapping[int, Primary], choice: Choice) -> dict[int, str]:
    guarded = set(system.rests) & set(primaries)
    beside = {p for r in system.relations if guarded & set(r.parts) for p in r.parts}
    reasons = {}
    for place in choice.hidden:
        if place in primaries:
            reasons[place] = min(primaries[place].reasons)
        else:
            reasons[place] = "complement" if place in beside else "to_protect_others"
    return reasons


def _issue(table: CountTable, system: System, rule: DisclosureRule, reasons: Mapping[int, str]) -> SafeTable:
    entered = next(t for t in system.tables if t.table is table)
    hidden = {at: reasons[place] for at, place in enumerate(entered.places) if place in reasons}
    return issue_table(table, hidden, rule.name_of(rule.class_of(table.disclosure_class, table.dimensions)))
