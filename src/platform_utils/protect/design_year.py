"""The table set of a year: rows that would be hidden one by one go together, then cells are hidden.

Enters: the counted tables of the plan, and which of them may have rows together. Leaves: a sealed set, how
its tables are laid out, and the alternatives with what each would have shown.

A reader wants the same rows every year, so merging is restrained, unlike in `design`: only rows go together
that hiding alone would hide, so that no row is lost that could stand by itself; only inside one parent of
the codebook's trees; only if the whole set then shows more and nothing less. In a table with one breakdown
a merged row says no more than a reader could work out by subtraction. It says it in print, instead of a
column of dots. A merge is also only made where the merged count leaves every hidden count possible for each
of its parts, although the reader knows that all of them are at least 1.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from platform_utils.errors import DisclosureError
from platform_utils.protect.attacker import SeenTable
from platform_utils.protect.decide import Decision, Guard, decide
from platform_utils.protect.design import stuck_table
from platform_utils.protect.gate import Protected, prove_and_seal
from platform_utils.protect.links import Links, packaged_links
from platform_utils.protect.merge import Merge, merge_table
from platform_utils.protect.merge_options import can_be_merged, families
from platform_utils.protect.merged_links import parents_in
from platform_utils.protect.rules import DisclosureRule
from platform_utils.spec.counts import TOTAL, CountTable
from platform_utils.spec.layout import Form, Layout, record_of
from platform_utils.spec.merged import all_but, join_codes
from platform_utils.spec.safe import SafeTable

__all__ = ["YearDesign", "design_year"]

_FEW_ROWS = 3
"""Rows that may always go together; more only if as many stay by themselves, else nothing is told apart."""


@dataclass(frozen=True)
class YearDesign:
    """The safe table set of a year.

    Parameters
    ----------
    protected : Protected
        The set, sealed.
    layouts : tuple of Layout
        What was looked at, chosen or not: restricted. In the order of the tables.
    alone, shown : int
        Cells with persons in them that are shown by hiding alone, and by this design.
    """

    protected: Protected
    layouts: tuple[Layout, ...]
    alone: int
    shown: int

    @property
    def tables(self) -> tuple[SafeTable, ...]:
        """The tables, in the order of the wish list."""
        return self.protected.tables

    def record(self) -> str:
        """Return what may stand beside the tables, as JSON."""
        return record_of(self.layouts, tables=len(self.tables), alone=self.alone, shown=self.shown)


def design_year(
    tables: Sequence[CountTable],
    rule: DisclosureRule,
    *,
    mergeable: Mapping[str, str],
    links: Links | None = None,
    earlier: Sequence[SeenTable] = (),
    guarded: Callable[[Sequence[CountTable]], Guard] | None = None,
    **options: Any,
) -> YearDesign:
    """Lay out and protect the tables of a year.

    Parameters
    ----------
    tables : sequence of CountTable
        The wish list: the counted tables of the plan.
    rule : DisclosureRule
        Limits.
    mergeable : mapping of str to {"small", "neighbours", "unnamed"}
        How rows of a table may go together: any small ones; those that follow each other; without being
        named one by one. Tables that are left out stay as they are.
    links : Links, optional
        As in `protect_set`.
    earlier : sequence of SeenTable
        As in `protect_set`.
    guarded : callable, optional
        Returns what to guard as in `protect_set`, in the tables as they are laid out then.
    **options
        Passed on to `protect_set`.

    Raises
    ------
    DisclosureError
        E-4xx as in `protect_set`; a table for which no pattern exists is left out instead.
    """
    known = links or packaged_links(max((table.universe.year for table in tables), default=0))
    kept = list(tables)
    left_out: list[str] = []

    def decided(trial: Sequence[CountTable], also: Guard | None = None) -> Decision:
        guard = {**(guarded(trial) if guarded is not None else {}), **(also or {})}
        return decide(trial, rule, links=known, earlier=earlier, guard=guard, **options)

    first: Decision | None = None
    while first is None:
        try:
            first = decided(kept)
        except DisclosureError as error:
            stuck = stuck_table(error, kept)
            kept = [table for table in kept if table.name != stuck.name]
            left_out.append(stuck.name)
    best, merges, refused = _merged(kept, first, decided, mergeable, rule, known)
    considered = [Layout(name, "no_pattern") for name in left_out]
    considered += [_layout(one, first, best, chosen=True) for one in merges]
    considered += [_layout(one, first, best, chosen=False) for one in refused]
    laid_out = [entered.table for entered in best.system.tables]
    protected = prove_and_seal(
        best,
        rule,
        earlier=earlier,
        context=options.get("context", ()),
        again=lambda also: decided(laid_out, also),
    )
    for safe in protected.tables:
        form = _empty_form(safe)
        if form is not None:
            alone, shown = (len(_shown(one, safe.name)) for one in (first, best))
            considered.append(Layout(safe.name, form, alone=alone, shown=shown))
    order = {table.name: place for place, table in enumerate(tables)}
    considered.sort(key=lambda layout: order[layout.table])
    return YearDesign(protected, tuple(considered), first.shown(), best.shown())


def _merged(
    tables: Sequence[CountTable],
    first: Decision,
    decided: Callable[[Sequence[CountTable]], Decision],
    mergeable: Mapping[str, str],
    rule: DisclosureRule,
    links: Links,
) -> tuple[Decision, list[Merge], list[Merge]]:
    """Return the best decision, the merges in it, and those that would show no more.

    All merges are tried at once, then without those whose table shows no more by them; if something else
    would be lost, one by one.
    """
    wished = [
        _merge(table, _hidden_codes(first, table), mergeable.get(table.name, ""), tables, rule, links)
        for table in tables
    ]
    merges = [merge for merge in wished if merge is not None]
    refused: list[Merge] = []
    while merges:
        done = _tried(tables, merges, decided)
        idle = [m for m in merges if done and len(_shown(done, m.table)) <= len(_shown(first, m.table))]
        if done is None or (not idle and not _is_better(done, first)):
            return _one_by_one(tables, first, decided, merges, refused)
        if not idle:
            return done, merges, refused
        merges, refused = [merge for merge in merges if merge not in idle], [*refused, *idle]
    return first, [], refused


def _one_by_one(
    tables: Sequence[CountTable],
    first: Decision,
    decided: Callable[[Sequence[CountTable]], Decision],
    merges: Sequence[Merge],
    refused: list[Merge],
) -> tuple[Decision, list[Merge], list[Merge]]:
    best = first
    made: list[Merge] = []
    for merge in merges:
        done = _tried(tables, [*made, merge], decided)
        if done is not None and _is_better(done, best):
            best, made = done, [*made, merge]
        else:
            refused = [*refused, merge]
    return best, made, refused


def _tried(
    tables: Sequence[CountTable],
    merges: Sequence[Merge],
    decided: Callable[[Sequence[CountTable]], Decision],
) -> Decision | None:
    by_table = {merge.table: merge for merge in merges}
    trial = [merge_table(one, by_table[one.name]) if one.name in by_table else one for one in tables]
    try:
        return decided(trial)
    except DisclosureError:
        return None


def _is_better(done: Decision, before: Decision) -> bool:
    """Say whether a decision shows more than another and loses nothing that it showed."""
    return done.shown() > before.shown() and _shown(before) <= _shown(done)


def _layout(merge: Merge, first: Decision, best: Decision, *, chosen: bool) -> Layout:
    rows = tuple(dict.fromkeys(merge.into.values()))
    alone = len(_shown(first, merge.table))
    shown = len(_shown(best, merge.table)) if chosen else alone
    return Layout(merge.table, "merged", merge.dimension, rows, alone, shown, chosen)


def _hidden_codes(decision: Decision, table: CountTable) -> list[str]:
    """Return the codes of a table with one breakdown that hold persons and are hidden, in order."""
    if len(table.dimensions) != 1:
        return []
    entered = next(one for one in decision.system.tables if one.table.name == table.name)
    return [
        codes[0]
        for codes, place in zip(entered.codes, entered.places, strict=True)
        if codes[0] != TOTAL and place in decision.choice.hidden and decision.system.values[place]
    ]


def _shown(decision: Decision, name: str | None = None) -> set[tuple[str, tuple[str, ...]]]:
    """Return the cells with persons in them that are shown, in all tables or in one."""
    return {
        (entered.table.name, codes)
        for entered in decision.system.tables
        if name in (None, entered.table.name)
        for codes, place in zip(entered.codes, entered.places, strict=True)
        if decision.system.values[place] and place not in decision.choice.hidden
    }


def _merge(
    table: CountTable,
    hidden: Sequence[str],
    how: str,
    tables: Sequence[CountTable],
    rule: DisclosureRule,
    links: Links,
) -> Merge | None:
    """Return what unites the hidden rows of a table, family by family; None if nothing can go together."""
    if not how or table.multiple or not can_be_merged(table, table.dimensions[0], tables, links):
        return None
    (dimension,) = table.dimensions
    counts = dict(zip(table.data[dimension], table.data["count"].astype(int), strict=True))
    codes = [code for code in counts if code != TOTAL and code not in rule.never_primary]
    least = max(
        rule.class_of(table.disclosure_class, table.dimensions).min_released,
        rule.minimum_by_dimension.get(dimension, 0),
    )
    parents = parents_in(links, dimension)
    into: dict[str, str] = {}
    for family in families(codes, dimension, links):
        named = [code for code in family if code not in hidden]
        for run in _runs(family, hidden) if how == "neighbours" else [[c for c in family if c in hidden]]:
            enough = sum(counts[code] for code in run) >= (least - 1) + (len(run) - 1)
            left = sum(counts[code] > 0 for code in codes) - len(run)
            most = len(codes) if how == "unnamed" else max(_FEW_ROWS, left)
            if not 2 <= len(run) <= most or not enough or (how == "unnamed" and run[0] not in parents):
                continue
            row = all_but(parents[run[0]], named) if how == "unnamed" else join_codes(run)
            into |= dict.fromkeys(run, row)
    # If no row stays by itself, the table says no more than its total, or than the table of the parents.
    by_itself = any(counts[code] for code in codes if code not in into)
    return Merge(table.name, dimension, into) if into and by_itself else None


def _runs(family: Sequence[str], hidden: Collection[str]) -> list[list[str]]:
    """Return the hidden codes of a family that follow each other."""
    runs: list[list[str]] = [[]]
    for code in family:
        if code in hidden:
            runs[-1].append(code)
        else:
            runs.append([])
    return runs


def _empty_form(table: SafeTable) -> Form | None:
    """Say whether a table shows nothing but its total, or not even that."""
    data = table.data
    if not table.dimensions or not data["mark"].ne("").any():
        return None
    is_total = (data[list(table.dimensions)] == TOTAL).all(axis=1)
    if data.loc[~is_total, "count"].fillna(0).gt(0).any():
        return None
    return "total" if data.loc[is_total, "mark"].eq("").all() else "nothing"
