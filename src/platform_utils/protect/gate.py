"""The gate: a whole set of linked tables goes in, the same tables come out with what is unsafe hidden.

Enters: a demand: count tables that will be released together, and what is already public. Leaves: safe tables
and how they were protected. Serves: every number a reader sees has passed here; nothing else makes a safe
table of counts.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial

from platform_utils.errors import ContractError, DisclosureError
from platform_utils.protect.attacker import Finding, see_table
from platform_utils.protect.cells import Cell
from platform_utils.protect.check import multiple_dimensions
from platform_utils.protect.complement import Choice
from platform_utils.protect.decide import Decision, case_of_release, costs_of, decide, named_rows
from platform_utils.protect.demand import Demand, Guard
from platform_utils.protect.editions import refuse_moved
from platform_utils.protect.merge import laid_out_as
from platform_utils.protect.model import TableCells
from platform_utils.protect.proof import Case, prove, refuse
from platform_utils.protect.witness.judge import Invented, judge, mend, refuse_unwitnessed
from platform_utils.spec.counts import CountTable, codes_in
from platform_utils.spec.safe import SafeTable

_NEEDED = "to_protect_others"


@dataclass(frozen=True)
class Protected:
    """A protected set, in the order of the demand, and how good the choice of what to hide is."""

    tables: tuple[SafeTable, ...]
    choice: Choice


def protect(demand: Demand) -> Protected:
    """Hide what a set of tables may not show, attack the result, and issue the tables.

    Raises
    ------
    ContractError
        E-401 … E-409 if a table does not keep its contract.
    DisclosureError
        E-430 for a bad exemption; E-432 if a cell that must be shown is one that the rule hides; E-433 if
        no safe pattern exists in this layout; E-434 if the attacker succeeds nevertheless; E-435 if the
        release collides with an earlier one; E-439 if a cell that must be shown differs by too few persons
        from an older edition; E-446 if the same people were counted otherwise before.
    """
    return prove_and_issue(decide(demand))


def prove_and_issue(decision: Decision) -> Protected:
    """Issue the tables of a decision, once nothing in them can be worked out.

    With the rows at hand each hidden number is given its witnesses, and what has none is hidden further.
    Without them an attacker is asked, who knows more than the model that decides; where a number gives
    something away it is hidden too, and all is decided and attacked again. The bound on the cost holds; that
    the pattern is optimal is no longer proven.

    Raises
    ------
    DisclosureError
        E-433 if nothing can be hidden in this layout; E-434, E-435 if something is given away nevertheless.
    """
    prove = partial(_witnessed, invented={}) if decision.case.demand.rows else _attacked
    bound = decision.choice.bound
    while True:
        done, more = prove(decision)
        if done is not None:
            return replace(done, choice=replace(done.choice, bound=min(bound, done.choice.bound)))
        demand = decision.case.demand
        decision = decide(replace(demand, guard={**demand.guard, **more}))


def check_release(released: Sequence[SafeTable], demand: Demand) -> None:
    """Refuse tables with which a reader could rule out a count that the rule hides.

    Serves releases whose tables were protected one by one, and tables that others may have given away since.
    The tables of the demand are the true counts of today, laid out as released.

    Raises
    ------
    DisclosureError
        E-434 if the release leaks alone; E-435 if it does together with an earlier one, which is named.
    """
    case = case_of_release(demand)
    seen = [see_table(table) for table in _about_people(released, case)]
    if demand.rows:
        refuse_unwitnessed(judge(seen, case), case)
    else:
        refuse(prove(seen, case), {one.name for one in demand.earlier})


def check_year(released: Sequence[SafeTable], demand: Demand) -> None:
    """Attack the tables of a year once more on the day of their release: others may have gone out meanwhile.

    The tables of the demand are as counted today, with who has ``moved`` where an edition of the year is out.

    Raises
    ------
    DisclosureError
        E-447 if the tables are not those of today's counts; E-434, E-435 as in `check_release`; E-439 if a
        table shows a cell that changed by too few persons since an edition.
    """
    counted = {table.name: table for table in demand.tables}
    today = {
        safe.name: laid_out_as(counted[safe.name], safe.codes(), demand.linked)
        for safe in released
        if safe.name in counted
    }
    changed = sorted(safe.name for safe in released if not _counts_agree(safe, today.get(safe.name)))
    if changed:
        raise DisclosureError("E-447", tables=", ".join(changed))
    as_released = replace(demand, tables=tuple(today.values()), links=demand.linked)
    check_release(released, as_released)
    refuse_moved(released, as_released)


def issue_table(table: CountTable, hidden: Collection[int], rule: str) -> SafeTable:
    """Return a table in which the rows of ``hidden``, counted from 0, are hidden."""
    values = [int(value) for value in table.data["count"].tolist()] if len(table.data) else []
    return SafeTable(
        name=table.name,
        universe=table.universe,
        rule=rule,
        dimensions=tuple(table.dimensions),
        cells=tuple(codes_in(table.data, table.dimensions)),
        counts=tuple(None if at in hidden else value for at, value in enumerate(values)),
        multiple_dimensions=tuple(sorted(multiple_dimensions(table))),
        asked=table.asked,
        notes=tuple(table.notes),
    )


def _about_people(released: Sequence[SafeTable], case: Case) -> list[SafeTable]:
    return [table for table in released if table.universe.unit in case.demand.rule.protected_units]


def _counts_agree(safe: SafeTable, table: CountTable | None) -> bool:
    """Say whether a table has the rows of today, and shows no other count than today's."""
    rows = [] if table is None else codes_in(table.data, table.dimensions)
    now = dict(zip(rows, [] if table is None else table.data["count"].tolist(), strict=True))
    shown = zip(safe.cells, safe.counts, strict=True)
    return set(safe.cells) == now.keys() and all(count in (None, now[codes]) for codes, count in shown)


def _witnessed(decision: Decision, invented: Invented) -> tuple[Protected | None, Guard]:
    """Return the tables with all hidden that witnesses need, or rows that must go together instead."""
    case = decision.case
    every = [issue_table(entered.table, (), "") for entered in case.system.tables]
    costs = {place: cost for place, cost in costs_of(case).items() if place not in decision.fixed}
    seen = [see_table(table) for table in _about_people(every, case)]
    mended = mend(seen, case, decision.choice.hidden, costs, invented)
    refuse_unwitnessed(mended.failed, case)
    dotted = ({place for place, _ in named_rows(case)} & mended.hidden) - decision.choice.hidden
    if dotted:
        return None, _guard(case, dotted)
    choice = replace(
        decision.choice, hidden=mended.hidden, cost=sum(costs.get(at, 0.0) for at in mended.hidden)
    )
    return Protected(tuple(_issued(replace(decision, choice=choice))), choice), {}


def _attacked(decision: Decision) -> tuple[Protected | None, Guard]:
    """Return the tables, or what an attacker needed and can be hidden too."""
    case, issued = decision.case, tuple(_issued(decision))
    own = {place: one for place, one in case.primaries.items() if one.reasons != {_NEEDED}}
    broken = prove([see_table(table) for table in _about_people(issued, case)], replace(case, primaries=own))
    more = _needed(decision, broken)
    if more:
        return None, more
    refuse(broken, {one.name for one in case.demand.earlier})
    return Protected(issued, decision.choice), {}


def _guard(case: Case, places: Collection[int]) -> Guard:
    values, cells = case.system.values, case.system.cells
    return {cells[place]: (_NEEDED, (values[place], values[place] + 1)) for place in sorted(places)}


def _needed(decision: Decision, broken: Sequence[Finding]) -> Guard:
    """Return, per finding, the least number that the attacker needed and that can be hidden too."""
    system = decision.case.system
    at = {
        (entered.table.name, entered.table.universe.year, codes): place
        for entered in system.tables
        for codes, place in zip(entered.codes, entered.places, strict=True)
    }
    more: dict[Cell, tuple[str, Collection[int]]] = {}
    for finding in broken:
        used = {at.get((number.table, number.year, number.codes), -1) for number in finding.exposed_by} - {-1}
        free = [
            (-len(system.cells[place].codes), system.values[place], place)
            for place in used - decision.choice.hidden - decision.fixed
            if system.cells[place] not in decision.case.demand.guard
        ]
        if free:  # cells of most codes first, they tell a reader least; of those the smallest count
            place = min(free)[-1]
            more[system.cells[place]] = (_NEEDED, (system.values[place], system.values[place] + 1))
    return more


def _issued(decision: Decision) -> Iterator[SafeTable]:
    """Yield the tables as they may be read."""
    rule = decision.case.demand.rule
    for entered in decision.case.system.tables:
        hidden = {at for at, place in enumerate(entered.places) if place in decision.choice.hidden}
        if entered.table.universe.unit in rule.sum_units and entered.table.dimensions:
            hidden = _as_the_counts(entered, decision)
        table = entered.table
        limit = rule.class_of(table.disclosure_class, table.dimensions, table.universe.name)
        yield issue_table(table, hidden, limit.short_name)


def _as_the_counts(entered: TableCells, decision: Decision) -> set[int]:
    """Return which sums to hide: those of cells whose counts are hidden in a table beside them."""
    table = entered.table
    beside = [
        other
        for other in decision.case.system.tables
        if other.table.universe.unit in decision.case.demand.rule.protected_units
        and other.table.dimensions == table.dimensions
        and other.table.universe.year == table.universe.year
    ]
    if table.asked and not beside:
        expected = "a table of counts with the same breakdown"
        raise ContractError("E-408", table=table.name, name=table.universe.unit, expected=expected)
    counts = [pair for other in beside for pair in zip(other.codes, other.places, strict=True)]
    known = {codes for codes, _ in counts}
    hidden = {codes for codes, place in counts if place in decision.choice.hidden}
    return {at for at, codes in enumerate(entered.codes) if codes in hidden or codes not in known}
