"""Which set of tables to release: merge first, suppress second, keep as much as can be kept.

Enters: a demand and a strategy. Leaves: a set that is safe as a whole, what was merged or left out, and the
alternatives with what each would have shown.

`SameRows` is for a report of every year, whose readers want the same rows again: only rows
go together that hiding alone would hide, so that no row is lost that could stand by itself, only inside one
parent, and only if the whole set then shows more and nothing less. In a table with one breakdown its merged
row says no more than a reader could work out by subtraction. It says it in print, instead of dots.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import reduce
from typing import Protocol

from platform_utils.errors import DisclosureError
from platform_utils.protect.cells import universe_key
from platform_utils.protect.complement import Choice
from platform_utils.protect.decide import Decision, decide
from platform_utils.protect.demand import Demand
from platform_utils.protect.gate import Protected, prove_and_issue
from platform_utils.protect.merge import (
    Merge,
    can_be_merged,
    families,
    leaves_all_possible,
    margin_of,
    merge_all,
    smallest_row,
)
from platform_utils.spec.counts import TOTAL, CountTable
from platform_utils.spec.layout import Form, Layout, join_codes, record_of
from platform_utils.spec.plan import load_plan
from platform_utils.spec.safe import SafeTable

_FEW_ROWS = 3
"""Rows that may always go together; more only if as many stay by themselves, else nothing is told apart."""


@dataclass(frozen=True)
class Alternative:
    """One way to release one table.

    Attributes
    ----------
    merge : Merge or None
        What would be merged; None is the table as wished for.
    shown, hidden : int
        Cells with persons in them that would be shown, and cells that would be hidden.
    chosen : bool
        Whether it is in the design.
    """

    table: str
    merge: Merge | None
    shown: int
    hidden: int
    chosen: bool = False


@dataclass(frozen=True)
class Design:
    """A safe set of tables.

    Attributes
    ----------
    left_out : tuple of str
        Tables that nothing makes safe.
    alternatives : tuple of Alternative
        What was looked at: restricted.
    layouts : tuple of Layout
        How tables are laid out, or could have been: restricted. In the order of the tables.
    alone, shown : int
        Cells with persons in them that are shown by hiding alone, and by this design.
    """

    protected: Protected
    merges: tuple[Merge, ...]
    left_out: tuple[str, ...]
    alternatives: tuple[Alternative, ...]
    layouts: tuple[Layout, ...]
    alone: int
    shown: int

    @property
    def tables(self) -> tuple[SafeTable, ...]:
        """The tables, in the order of the demand."""
        return self.protected.tables

    def record(self) -> str:
        """Return what may stand beside the tables, as JSON."""
        return record_of(self.layouts, tables=len(self.tables), alone=self.alone, shown=self.shown)


@dataclass(frozen=True)
class Found:
    """What a strategy came to: the best decision, the merges in it, and everything that it looked at."""

    decision: Decision
    merges: tuple[Merge, ...]
    looked_at: tuple[Alternative, ...]


class Strategy(Protocol):
    """How a set is sought that shows more than hiding alone."""

    def repairs(self, stuck: CountTable, demand: Demand, /) -> list[Alternative]:
        """Return merges that make a table safe that no pattern protects."""

    def improve(self, first: Decision) -> Found:
        """Return the best decision that merging leads to, from the decision without these merges."""


def design(demand: Demand, strategy: Strategy) -> Design:
    """Find an informative set of tables that is safe as a whole; what nothing links is designed apart.

    Raises
    ------
    ContractError, DisclosureError
        As in `gate.protect`; a table for which no pattern exists is merged or left out instead, unless no
        table about persons would be left, or none at all.
    """
    demand = replace(demand, links=demand.linked)
    known, apart = {universe for universe, _ in demand.rows}, dict[bool, list[CountTable]]()
    for table in demand.tables:
        root, _ = demand.linked.root_of(universe_key(table.universe))
        apart.setdefault(root.partition(":")[0] in known, []).append(table)  # persons, and what has no rows
    parts = [
        _design(replace(demand, tables=tables), strategy, stays=known_rows or len(apart) == 1)
        for known_rows, tables in apart.items()
    ]
    return reduce(_joined, parts) if len(parts) > 1 else parts[0]


def _joined(one: Design, other: Design) -> Design:
    """Return two sets as one, in the order of the plan; places in a choice are each part's own."""
    choices = one.protected.choice, other.protected.choice
    at = {name: place for place, name in enumerate(load_plan().by_key)}
    tables = sorted((*one.tables, *other.tables), key=lambda table: at.get(table.name, len(at)))
    layouts = sorted((*one.layouts, *other.layouts), key=lambda layout: at.get(layout.table, len(at)))
    choice = Choice(frozenset(), sum(c.cost for c in choices), sum(c.bound for c in choices), {})
    merges, left_out = one.merges + other.merges, one.left_out + other.left_out
    looked_at, alone = one.alternatives + other.alternatives, one.alone + other.alone
    protected, shown = Protected(tuple(tables), choice), one.shown + other.shown
    return Design(protected, merges, left_out, looked_at, tuple(layouts), alone, shown)


def _design(demand: Demand, strategy: Strategy, *, stays: bool) -> Design:
    """Return a safe set of tables; without any of them, or a total, only if the set goes out with others."""
    asked, left_out = demand, list[str]()
    while True:
        try:
            return _designed(demand, strategy, left_out)
        except DisclosureError as error:
            stuck = _stuck_table(error, demand.tables)
            left_out += _goes_with(stuck, demand)
            demand = replace(asked, tables=[one for one in asked.tables if one.name not in left_out])
            if stays and not (demand.tables and stuck.dimensions):  # a year says nothing without its total
                raise


def _designed(demand: Demand, strategy: Strategy, left_out: Sequence[str]) -> Design:
    """Return a safe set of all tables, beside those that are left out."""
    order = [*left_out, *(table.name for table in demand.tables)]
    repaired: list[Merge] = []
    looked_at: list[Alternative] = []
    first: Decision | None = None
    while first is None:
        try:
            first = decide(demand)
        except DisclosureError as error:
            stuck = _stuck_table(error, demand.tables)
            mended = any(merge.table == stuck.name for merge in repaired)
            options = [] if mended else strategy.repairs(stuck, demand)
            looked_at += options
            best = max(options, key=lambda one: one.shown, default=None)
            if best is None or best.merge is None:
                raise
            repaired.append(best.merge)
            demand = replace(demand, tables=merge_all(demand.tables, repaired[-1:]))
    found = strategy.improve(first)
    merges = (*repaired, *found.merges)
    alternatives = tuple(
        replace(one, chosen=one.merge is not None and one.merge in merges)
        for one in (*looked_at, *found.looked_at)
    )
    protected = prove_and_issue(found.decision)
    layouts = [Layout(name, "no_pattern") for name in left_out]
    layouts += _layouts(alternatives, protected.tables, first, found.decision)
    return Design(
        protected,
        merges,
        tuple(left_out),
        alternatives,
        tuple(sorted(layouts, key=lambda layout: order.index(layout.table))),
        len(first.shown()),
        len(found.decision.shown()),
    )


@dataclass(frozen=True)
class SameRows:
    """Keep a report's rows the same every year, but for those that hiding alone would hide.

    Attributes
    ----------
    mergeable : mapping of str to {"small", "neighbours"}
        How rows of a table may go together: any small ones; those that follow each other. Tables that are
        left out stay as they are.
    """

    mergeable: Mapping[str, str]

    def repairs(self, _stuck: CountTable, _demand: Demand, /) -> list[Alternative]:
        """Return nothing: a table for which no pattern exists is left out."""
        return []

    def improve(self, first: Decision) -> Found:
        """Try all merges at once, then without those whose table shows no more by them.

        If something else would be lost, one by one.
        """
        demand = first.case.demand
        wished = [self._merge(table, demand, first) for table in demand.tables]
        merges = [merge for merge in wished if merge is not None]
        refused: list[Merge] = []
        while merges:
            done = tried(demand, merges)
            idle = [m for m in merges if done and len(done.shown(m.table)) <= len(first.shown(m.table))]
            if done is None or (not idle and not _is_better(done, first)):
                break
            if not idle:
                return _found(done, merges, refused)
            merges, refused = [merge for merge in merges if merge not in idle], [*refused, *idle]
        best, made = first, list[Merge]()
        for merge in merges:
            done = tried(demand, [*made, merge])
            if done is not None and _is_better(done, best):
                best, made = done, [*made, merge]
            else:
                refused = [*refused, merge]
        return _found(best, made, refused)

    def _merge(self, table: CountTable, demand: Demand, first: Decision) -> Merge | None:
        """Return what unites the hidden rows of a table, by family; None if nothing can go together."""
        how, links = self.mergeable.get(table.name, ""), demand.linked
        if not how or table.multiple or len(table.dimensions) != 1:
            return None
        (dimension,) = table.dimensions
        if not can_be_merged(table, dimension, demand.tables, links):
            return None
        counts = margin_of(table, dimension)
        codes = [code for code in counts if code != TOTAL and code not in demand.rule.never_primary]
        out = first.hidden(table.name, table.universe.year)
        hidden = [code for (code,) in out if code != TOTAL and counts[code]]
        least = smallest_row(table, dimension, demand.rule)
        into: dict[str, str] = {}
        for family in families(codes, dimension, links):
            for run in _runs(family, hidden) if how == "neighbours" else [[c for c in family if c in hidden]]:
                left = sum(counts[code] > 0 for code in codes) - len(run)
                if 2 <= len(run) <= max(_FEW_ROWS, left) and leaves_all_possible(run, counts, least):
                    into |= dict.fromkeys(run, join_codes(run))
        # If no row stays by itself, the table says no more than its total, or than the table of the parents.
        by_itself = any(counts[code] for code in codes if code not in into)
        return Merge(table.name, dimension, into) if into and by_itself else None


def _stuck_table(error: DisclosureError, tables: Sequence[CountTable]) -> CountTable:
    """Return the table that no pattern protects; the largest, if several are named."""
    names = str(error.fields.get("tables", "")).split(", ")
    found = [table for table in tables if table.name in names]
    if error.code not in ("E-433", "E-434") or not found:
        raise error
    return max(found, key=lambda table: (len(table.dimensions), len(table.data), table.name))


def _goes_with(stuck: CountTable, demand: Demand) -> list[str]:
    """Return what goes with a table: it, its other reading, and sums that are hidden as its counts are."""
    year, rule = stuck.universe.year, demand.rule
    plan = load_plan().by_key
    reading = {t.name: plan[t.name].whole or t.name for t in demand.tables if t.name in plan}
    # with and without large cases: a page that had the one alone would mix it with the other
    both = [name for name, of in reading.items() if of == reading.get(stuck.name)] or [stuck.name]
    beside = {
        t.name: t.universe.unit
        for t in demand.tables
        if t.dimensions == stuck.dimensions and t.universe.year == year and t.name not in both
    }
    sums = [name for name, unit in beside.items() if unit in rule.sum_units and stuck.dimensions]
    is_last = not rule.protected_units.intersection(beside.values())
    return [*both, *(sums if is_last else ())]


def tried(demand: Demand, merges: Sequence[Merge]) -> Decision | None:
    """Return the decision with some merges made, None if there is none."""
    try:
        return decide(replace(demand, tables=merge_all(demand.tables, merges)))
    except DisclosureError:
        return None


def alternative(decision: Decision, table: str, merge: Merge | None) -> Alternative:
    """Return what a decision makes of a table."""
    return Alternative(table, merge, len(decision.shown(table)), len(decision.hidden(table)))


def _found(best: Decision, made: Sequence[Merge], refused: Sequence[Merge]) -> Found:
    looked_at = tuple(alternative(best, merge.table, merge) for merge in (*made, *refused))
    return Found(best, tuple(made), looked_at)


def _is_better(done: Decision, before: Decision) -> bool:
    """Say whether a decision shows more than another and loses nothing that it showed."""
    return before.shown() < done.shown()


def _runs(family: Sequence[str], hidden: Collection[str]) -> list[list[str]]:
    """Return the hidden codes of a family that follow each other."""
    runs: list[list[str]] = [[]]
    for code in family:
        if code in hidden:
            runs[-1].append(code)
        else:
            runs.append([])
    return runs


def _layouts(
    alternatives: Sequence[Alternative], issued: Sequence[SafeTable], first: Decision, best: Decision
) -> Iterator[Layout]:
    """Yield the merges that were made or not, and the tables that show nothing but their total."""
    for one in sorted(alternatives, key=lambda one: not one.chosen):
        if one.merge is not None:
            rows = tuple(dict.fromkeys(one.merge.into.values()))
            alone = len(first.shown(one.table))
            shown = len(best.shown(one.table)) if one.chosen else alone
            yield Layout(one.table, "merged", one.merge.dimension, rows, alone, shown, one.chosen)
    for safe in issued:
        form = _empty_form(safe)
        if form is not None:
            alone, shown = (len(d.shown(safe.name, safe.universe.year)) for d in (first, best))
            yield Layout(safe.name, form, alone=alone, shown=shown)


def _empty_form(table: SafeTable) -> Form | None:
    """Say whether a table shows nothing but its total, or not even that."""
    if not table.dimensions or None not in table.counts:
        return None
    rows = list(zip(table.cells, table.counts, strict=True))
    if any(count for codes, count in rows if set(codes) != {TOTAL}):
        return None
    return "nothing" if any(count is None for codes, count in rows if set(codes) == {TOTAL}) else "total"
