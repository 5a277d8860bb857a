"""What to hide in a whole set of linked tables, decided and not yet issued.

Enters: a demand. Leaves: a decision, in true counts: restricted. Only `gate` makes safe tables of it, after
the attacker has failed.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Iterator
from dataclasses import dataclass, replace
from functools import partial

from platform_utils.errors import DisclosureError
from platform_utils.protect.attacker import SeenTable, group_at
from platform_utils.protect.check import check_tables
from platform_utils.protect.complement import Choice, hide_complements
from platform_utils.protect.demand import Demand, check_exemptions
from platform_utils.protect.editions import LEAST_MOVED, find_moved, find_superseded
from platform_utils.protect.foreign.elsewhere import read_elsewhere
from platform_utils.protect.merge import name_only_the_large, with_merged
from platform_utils.protect.model import System, build_system
from platform_utils.protect.primaries import Primaries, find_primaries, own_rows
from platform_utils.protect.proof import Case, drop_what_is_known, that_hold
from platform_utils.spec.counts import TOTAL
from platform_utils.spec.layout import is_merged


@dataclass(frozen=True)
class Decision:
    """What to hide, and everything that it rests on: restricted.

    Attributes
    ----------
    case : Case
        True counts, and what is hidden for its own sake.
    choice : Choice
        What else is hidden.
    fixed : frozenset of int
        Cells that cannot be hidden.
    """

    case: Case
    choice: Choice
    fixed: frozenset[int]

    def shown(
        self, name: str | None = None, year: int | None = None
    ) -> set[tuple[str, int, tuple[str, ...]]]:
        """Return the shown cells with persons in them, as table, year and codes, in all tables or one."""
        values, hidden = self.case.system.values, self.choice.hidden
        return {at for at, place in self._cells(name, year) if values[place] and place not in hidden}

    def hidden(self, name: str, year: int | None = None) -> list[tuple[str, ...]]:
        """Return the codes of the cells of one table that are hidden, in order."""
        return [at[-1] for at, place in self._cells(name, year) if place in self.choice.hidden]

    def _cells(
        self, name: str | None, year: int | None
    ) -> Iterator[tuple[tuple[str, int, tuple[str, ...]], int]]:
        for entered in self.case.system.tables:
            own = entered.table.name, entered.table.universe.year
            if name in (None, own[0]) and year in (None, own[1]):
                for codes, place in zip(entered.codes, entered.places, strict=True):
                    yield (*own, codes), place


def case_of(demand: Demand) -> Case:
    """Return the case of a demand before anything is guarded.

    Raises
    ------
    ContractError
        E-401 … E-409 if a table does not keep its contract.
    DisclosureError
        E-430 for a bad exemption; E-446 if the same people were counted otherwise before.
    """
    links = with_merged(demand.linked, [*demand.tables, *demand.earlier])
    check_tables([*demand.tables, *demand.context], demand.rule, links)
    system = build_system(demand.tables, links, demand.context)
    told = that_hold(system, read_elsewhere(links) if demand.elsewhere is None else demand.elsewhere)
    public = _already_public(system, demand.earlier)
    exempt = system.places(check_exemptions(demand.exemptions)) | public
    return Case(demand, system, told, frozenset(exempt))


def case_of_release(demand: Demand) -> Case:
    """Return the case of tables that have been decided on: what the rule hides in them must stay hidden."""
    known = case_of(demand)
    case = _with_primaries(known, _primaries(known))
    drop_what_is_known(case, case.primaries)
    return case


def decide(demand: Demand) -> Decision:
    """Decide what to hide; errors as in `gate.protect`, without those of the attack.

    A code that may be named from so many persons only is shown or not named: dots beside a name would say
    that there are as many.
    """
    apart: set[tuple[str, str]] = set()
    naming = partial(name_only_the_large, demand.tables, demand.rule, demand.linked)
    tables, same = naming(apart), False
    while not same:
        decision = _decide(replace(demand, tables=tables))
        apart |= {code for place, code in named_rows(decision.case) if place in decision.choice.hidden}
        before, tables = tables, naming(apart)
        same = all(one.data.equals(other.data) for one, other in zip(before, tables, strict=True))
    return decision


def named_rows(case: Case) -> Iterator[tuple[int, tuple[str, str]]]:
    """Yield place, dimension and code of the rows that may be named from so many persons only."""
    for entered in case.system.tables:
        for place, codes in zip(entered.places, entered.codes, strict=True):
            pairs = [(d, c) for d, c in zip(entered.table.dimensions, codes, strict=True) if c != TOTAL]
            careful = len(pairs) == 1 and pairs[0][0] in case.demand.rule.minimum_by_dimension
            if careful and not is_merged(pairs[0][1]):
                yield place, pairs[0]


def _decide(demand: Demand) -> Decision:
    known = case_of(demand)
    system, primaries = known.system, _primaries(known)
    _guard(primaries, known)
    _refuse_hidden(primaries, known)
    case = _with_primaries(known, primaries)
    passing = {
        place
        for entered in system.tables
        if entered.table.universe.unit not in demand.rule.protected_units
        for place in entered.places
    }
    fixed = frozenset(system.places(demand.must_show) | case.exempt | passing)
    least = {system.by_group[group]: seen.low for group, seen, _ in case.elsewhere if seen.low}
    costs, readers = costs_of(case), {"": least, **case.insiders}
    method = "witnessed" if demand.rows and demand.method == "auto" else demand.method
    pattern = partial(hide_complements, shown=fixed, cost=costs, least=readers, method=method)
    choice = pattern(system, primaries)
    if choice.failing:  # perhaps values that nobody could believe even before: these need not stay possible
        drop_what_is_known(case, choice.failing)
        choice = pattern(system, primaries)
    if choice.failing:
        raise DisclosureError("E-433", tables=", ".join(system.names_at(choice.failing)))
    return Decision(case, choice, fixed)


def _primaries(known: Case) -> Primaries:
    zero_or_all = [one.cell for one in known.demand.exemptions if one.reason == "group_decided"]
    decided = known.system.places(zero_or_all)
    return find_primaries(known.system, known.demand.rule, known.exempt, decided)


def _with_primaries(known: Case, primaries: Primaries) -> Case:
    own = own_rows(known.system, known.demand.rule)
    asked = sorted({member for primary in primaries.values() for member in primary.by_member})
    return replace(known, primaries=primaries, insiders={member: own[member] for member in asked})


def _already_public(system: System, earlier: Collection[SeenTable]) -> set[int]:
    """Return the cells that an earlier release shows of the same people, with the same count.

    Another count of the same people says that somebody came or went since, and nobody knows who: E-446.
    """
    public: set[int] = set()
    contradicted: set[str] = set()
    for table in earlier:
        for codes, seen in table.cells.items():
            place = system.by_group.get(group_at(table, codes, system.links))
            if place is not None and seen.is_exact:
                if seen.low == system.values[place]:
                    public.add(place)
                else:
                    contradicted.add(table.name)
    if contradicted:
        raise DisclosureError("E-446", earlier=", ".join(sorted(contradicted)))
    return public


def _guard(primaries: Primaries, case: Case) -> None:
    """Hide too what changed by too few persons since an older edition, and what the demand guards."""
    system, demand = case.system, case.demand
    # What moved is asked of the tables as this variant lays them out: a merged row is a cell of its own.
    moved = {cell: ("edition", (count, count + 1)) for (_, cell), count in find_moved(demand).items()}
    for cell, (reason, values) in {**moved, **demand.guard}.items():
        place = system.at(cell)
        if place is not None:  # else nobody can tell the group apart in this layout
            primaries.note(place, reason, values)
    for place in find_superseded(system, demand.superseded, case.exempt):
        primaries.note(place, "edition", (system.values[place], system.values[place] + 1))


def _refuse_hidden(primaries: Primaries, case: Case) -> None:
    """Refuse to hide what must be shown, or in an edition stay in sight: E-432, E-439."""
    system, demand = case.system, case.demand
    changed = {place for place, primary in primaries.items() if "edition" in primary.reasons}
    waits = changed & system.places(demand.in_sight)
    if waits:
        raise DisclosureError("E-439", tables=", ".join(system.names_at(waits)), least=LEAST_MOVED)
    for position, cell in enumerate(sorted(demand.must_show), start=1):
        place = system.at(cell)
        stuck = None if place is None else primaries.get(place)
        if stuck is not None and stuck.reasons == {"edition"}:
            named = ", ".join(system.names_at([stuck.place]))
            raise DisclosureError("E-439", tables=named, least=LEAST_MOVED)
        if stuck is not None:
            raise DisclosureError("E-432", position=position, universe=cell.universe, year=cell.year)


def costs_of(case: Case) -> dict[int, float]:
    """Return the cost of hiding each printed cell: protection never depends on these, information does.

    ``"cells"``: 1 for each group of people. ``"counts"``: its count, at least 1. ``"kept"``: each time it is
    printed, 1 and a little more for a large count, less for a zero, an unknown or a merged row.
    """
    system, demand = case.system, case.demand
    costs: dict[int, float] = {}
    for entered in system.tables:
        for place, codes in zip(entered.places, entered.codes, strict=True):
            count = system.values[place]
            if demand.weights == "cells":
                costs[place] = 1.0
            elif demand.weights == "counts":
                costs[place] = float(max(1, count))
            else:
                silent = bool(demand.rule.never_primary & set(codes))
                lost = 0.25 if count == 0 else 0.5 if silent else 1.0 + math.log10(count) / 10
                if any(map(is_merged, codes)):  # hidden instead of a row with a name, it costs nobody a name
                    lost *= 0.75
                costs[place] = costs.get(place, 0.0) + lost
    given = ((system.at(cell), weight) for cell, weight in demand.cell_weights.items())
    return costs | {at: max(weight, costs.get(at, 0.0)) for at, weight in given if at is not None}
