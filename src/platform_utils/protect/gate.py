"""The gate: a whole set of linked tables goes in, the same tables come out with what is unsafe hidden.

Enters: count tables that will be released together, and what is already public. Leaves: sealed tables and
how they were protected. Serves: every number a reader sees has passed here.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace

from platform_utils.errors import ContractError, DisclosureError
from platform_utils.protect.attacker import Finding, SeenTable, see_table
from platform_utils.protect.cells import Cell
from platform_utils.protect.complement import Choice
from platform_utils.protect.decide import Decision, Guard, decide
from platform_utils.protect.exemptions import Exemption
from platform_utils.protect.issue import issue_table
from platform_utils.protect.links import Links
from platform_utils.protect.model import System, TableCells
from platform_utils.protect.primaries import Primary
from platform_utils.protect.proof import Elsewhere, prove, refuse
from platform_utils.protect.rules import DisclosureRule
from platform_utils.spec.counts import CountTable
from platform_utils.spec.safe import SafeTable

__all__ = ["Protected", "protect_set", "protect_tables", "prove_and_seal", "what_is_hidden"]

_NEEDED = "to_protect_others"


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
    superseded: Mapping[int, Sequence[SeenTable]] | None = None,
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
    superseded : mapping of int to sequence of SeenTable, optional
        Tables of older editions by edition, from `Ledger.superseded`: a group that they give away is hidden
        unless its count of today differs by enough persons, or the newest edition shows it.
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
        release collides with an earlier one; E-439 if a cell that must be shown differs by too few persons
        from an older edition; E-446 if the same people were counted otherwise before.
    """
    done = protect_set(
        tables,
        rule,
        must_show=must_show,
        exemptions=exemptions,
        links=links,
        earlier=earlier,
        superseded=superseded,
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
    superseded: Mapping[int, Sequence[SeenTable]] | None = None,
    context: Sequence[CountTable] = (),
    elsewhere: Elsewhere | None = None,
    weights: str | Mapping[str, float] = "kept",
    guard: Guard | None = None,
    in_sight: Collection[Cell] = (),
    cell_weights: Mapping[Cell, float] | None = None,
    method: str = "auto",
) -> Protected:
    """Protect as `protect_tables`, and return how good the choice is as well.

    Parameters
    ----------
    tables, rule, must_show, exemptions, links, earlier, superseded, context, elsewhere, weights
        As in `protect_tables`.
    guard : mapping of Cell to (str, collection of int), optional
        Further cells to hide, each with a reason and the values that must stay possible.
    in_sight : collection of Cell
        Cells that may be hidden to protect others, but not because they changed since an older edition.
    cell_weights : mapping of Cell to float, optional
        What single cells cost, instead of ``weights``.
    method : {"auto", "optimal", "heuristic"}
        As in `hide_complements`.
    """

    def decided(also: Guard) -> Decision:
        return decide(
            tables,
            rule,
            must_show=must_show,
            exemptions=exemptions,
            links=links,
            earlier=earlier,
            superseded=superseded,
            context=context,
            elsewhere=elsewhere,
            weights=weights,
            guard={**(guard or {}), **also},
            in_sight=in_sight,
            cell_weights=cell_weights,
            method=method,
        )

    return prove_and_seal(decided({}), rule, earlier=earlier, context=context, again=decided)


def prove_and_seal(
    decision: Decision,
    rule: DisclosureRule,
    *,
    earlier: Sequence[SeenTable] = (),
    context: Sequence[CountTable] = (),
    again: Callable[[Guard], Decision],
) -> Protected:
    """Attack what a decision would show, and seal its tables if nothing is given away.

    The attacker knows more than the model that decides: that one table of persons stands behind several.
    Where that gives something away, a number that the attacker needed is hidden too, and all is decided
    and attacked again. The bound on the cost holds; that the pattern is optimal is no longer proven.

    Parameters
    ----------
    decision : Decision
        From `decide`, of the same rule, ``earlier`` and ``context``.
    rule, earlier, context
        As in `protect_tables`.
    again : callable
        Decides again, with further cells to guard.

    Raises
    ------
    DisclosureError
        E-433 if nothing can be hidden against the attacker in this layout; E-434, E-435 if it succeeds.
    """
    also: dict[Cell, tuple[str, Collection[int]]] = {}
    bound = decision.choice.bound
    while True:
        sealed = _sealed(decision.system, decision.primaries, decision.choice, rule)
        broken = _attacked(decision, sealed, rule, earlier, context)
        more = _needed(decision, broken, set(also))
        if not more:
            break
        also |= more
        try:
            decision = again(also)
        except DisclosureError as error:
            if error.code == "E-433":
                raise
            break  # what leaks is said below
    refuse(broken, {one.name for one in earlier})
    choice = replace(decision.choice, bound=min(bound, decision.choice.bound))
    small = sum(1 for place in _for_its_own_sake(decision) if decision.system.printed[place])
    return Protected(tuple(sealed), choice, small)


def _attacked(
    decision: Decision,
    sealed: Sequence[SafeTable],
    rule: DisclosureRule,
    earlier: Sequence[SeenTable],
    context: Sequence[CountTable],
) -> list[Finding]:
    hides = {t.name: what_is_hidden(t, rule) for t in [*(e.table for e in decision.system.tables), *context]}
    hides |= {seen.name: tuple(range(1, rule.classes["A"].min_released)) for seen in earlier}
    return prove(
        [see_table(t) for t in sealed if t.universe.unit in rule.protected_units],
        earlier,
        decision.system,
        _for_its_own_sake(decision),
        hides,
        rule,
        decision.links,
        exempt=decision.exempt,
        elsewhere=decision.elsewhere,
        insiders=decision.insiders,
    )


def _for_its_own_sake(decision: Decision) -> dict[int, Primary]:
    """Return what must stay hidden, without what the attacker needed and is hidden only for that."""
    return {place: one for place, one in decision.primaries.items() if one.reasons != {_NEEDED}}


def _needed(decision: Decision, broken: Sequence[Finding], known: Collection[Cell]) -> Guard:
    """Return, per finding, the least number that the attacker needed and that can be hidden too."""
    at = {
        (entered.table.name, codes): place
        for entered in decision.system.tables
        for codes, place in zip(entered.codes, entered.places, strict=True)
    }
    system = decision.system
    more: dict[Cell, tuple[str, Collection[int]]] = {}
    for finding in broken:
        used = {at.get((number.table, number.codes), -1) for number in finding.exposed_by} - {-1}
        free = [
            (-len(system.cells[place].codes), system.values[place], place)
            for place in used - decision.choice.hidden - decision.fixed
            if system.cells[place] not in known
        ]
        if free:
            place = min(free)[-1]
            count = system.values[place]
            more[system.cells[place]] = (_NEEDED, (count, count + 1))
    return more


def what_is_hidden(table: CountTable | SafeTable, rule: DisclosureRule) -> tuple[int, ...]:
    """Return the counts that the rule of a table hides: 1 up to the smallest count shown, less one."""
    declared = getattr(table, "disclosure_class", "A")
    return tuple(range(1, rule.class_of(declared, table.dimensions).min_released))


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
            reasons[place] = "complement" if place in beside else _NEEDED
    sealed = []
    for entered in system.tables:
        hidden = {at: reasons[place] for at, place in enumerate(entered.places) if place in reasons}
        if entered.table.universe.unit in rule.sum_units and entered.table.dimensions:
            hidden = _as_the_counts(entered, system, reasons, rule)
        limit = rule.class_of(entered.table.disclosure_class, entered.table.dimensions)
        sealed.append(issue_table(entered.table, hidden, limit.short_name))
    return sealed


def _as_the_counts(
    entered: TableCells, system: System, reasons: Mapping[int, str], rule: DisclosureRule
) -> dict[int, str]:
    """Return which sums to hide: those of cells whose counts are hidden in a table beside them."""
    table = entered.table
    beside = [
        other
        for other in system.tables
        if other.table.universe.unit in rule.protected_units
        and other.table.dimensions == table.dimensions
        and other.table.universe.year == table.universe.year
    ]
    if table.asked and not beside:
        expected = "a table of counts with the same breakdown"
        raise ContractError("E-408", table=table.name, name=table.universe.unit, expected=expected)
    known: set[tuple[str, ...]] = set()
    hidden: set[tuple[str, ...]] = set()
    for other in beside:
        for codes, place in zip(other.codes, other.places, strict=True):
            (hidden if place in reasons else known).add(codes)
    return {at: "sum" for at, codes in enumerate(entered.codes) if codes in hidden or codes not in known}
