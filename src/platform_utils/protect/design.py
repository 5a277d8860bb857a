"""Which set of tables to release: merge first, suppress second, keep as much as can be kept.

Enters: a wish list of tables and the codebook's trees. Leaves: a set that is safe as a whole, what was merged
or left out and why, and the alternatives with what each would have kept. Greedy: table by table, the one
that loses most first; a merge stays only if the whole set then shows more.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from platform_utils.errors import DisclosureError
from platform_utils.protect.cells import Cell
from platform_utils.protect.decide import Decision, decide
from platform_utils.protect.gate import Protected, protect_set
from platform_utils.protect.links import Links, packaged_links
from platform_utils.protect.merge import Merge, merge_table
from platform_utils.protect.merge_options import merge_options
from platform_utils.protect.rules import DisclosureRule
from platform_utils.spec.counts import CountTable

__all__ = ["Alternative", "Design", "design_tables", "merges_that_would_do", "stuck_table"]


@dataclass(frozen=True)
class Alternative:
    """One way to release one table.

    Parameters
    ----------
    table : str
        Name.
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

    Parameters
    ----------
    protected : Protected
        The set, sealed.
    merges : tuple of Merge
        What was merged, in order.
    left_out : tuple of str
        Tables that no merge makes safe.
    alternatives : tuple of Alternative
        What was looked at.
    """

    protected: Protected
    merges: tuple[Merge, ...]
    left_out: tuple[str, ...]
    alternatives: tuple[Alternative, ...]


def design_tables(
    tables: Sequence[CountTable],
    rule: DisclosureRule,
    *,
    must_show: Collection[Cell] = (),
    links: Links | None = None,
    trees: Mapping[str, Mapping[str, str]] | None = None,
    rounds: int = 5,
    **options: Any,
) -> Design:
    """Find an informative set of tables that is safe as a whole.

    Parameters
    ----------
    tables : sequence of CountTable
        The wish list.
    rule : DisclosureRule
        Limits.
    must_show : collection of Cell
        Cells that are never hidden; a table that holds one in a dimension is not merged there.
    links : Links, optional
        As in `protect_set`.
    trees : mapping of str to mapping of str to str, optional
        Parents of codes by dimension; those of ``links`` if not given.
    rounds : int
        How many tables are looked at with the whole set.
    **options
        Passed on to `protect_set`.

    Raises
    ------
    DisclosureError
        E-432, E-433 if the must-show list itself cannot be made safe.
    """
    links = links or packaged_links(max((table.universe.year for table in tables), default=0))
    trees = trees if trees is not None else _trees(links)
    kept = list(tables)
    left_out: list[str] = []
    merges: list[Merge] = []
    seen: list[Alternative] = []

    def decided(trial: list[CountTable]) -> Decision:
        return decide(trial, rule, must_show=must_show, links=links, **options)

    best: Decision | None = None
    while best is None:
        try:
            best = decided(kept)
        except DisclosureError as error:
            stuck = stuck_table(error, kept)
            repair = next(iter(_looked_at(stuck, kept, rule, trees, links, must_show, seen)), None)
            if repair is None or any(m.table == stuck.name for m in merges):
                kept = [table for table in kept if table.name != stuck.name]
                merges = [m for m in merges if m.table != stuck.name]
                left_out.append(stuck.name)
            else:
                merges.append(repair[1])
                kept = _apply(kept, [repair[1]])
    tried: set[str] = set()
    for _ in range(rounds):
        worst = _worst(best, tried)
        if worst is None:
            break
        tried.add(worst)
        table = next(t for t in kept if t.name == worst)
        now = _kept(best, worst)
        seen.append(Alternative(worst, None, *now))
        ranked = _looked_at(table, kept, rule, trees, links, must_show, seen)
        for merge in [merge for shown, merge in ranked if shown > now[0]][:2]:
            trial = _apply(kept, [merge])
            try:
                done = decided(trial)
            except DisclosureError:
                continue
            if done.shown() > best.shown():
                best, kept, merges = done, trial, [*merges, merge]
                break
    chosen = [replace(one, chosen=one.merge in merges) if one.merge else one for one in seen]
    protected = protect_set(kept, rule, must_show=must_show, links=links, **options)
    return Design(protected, tuple(merges), tuple(left_out), tuple(chosen))


def merges_that_would_do(
    tables: Sequence[CountTable],
    rule: DisclosureRule,
    names: Collection[str],
    *,
    must_show: Collection[Cell] = (),
    links: Links | None = None,
    **options: Any,
) -> list[Alternative]:
    """Return single merges of the tables ``names`` that make a refused set safe, the best first.

    Parameters
    ----------
    tables, rule, must_show, links, **options
        As in `design_tables`; must-show cells that a merge swallows are given up in it.
    names : collection of str
        The tables that were refused.
    """
    links = links or packaged_links(max((table.universe.year for table in tables), default=0))
    found = []
    for table in (table for table in tables if table.name in names):
        for merge in merge_options(table, tables, rule, links, _trees(links)):
            swallowed = {(merge.dimension, code) for code in merge.into}
            kept = [cell for cell in must_show if not swallowed & set(cell.codes)]
            trial = _apply(tables, [merge])
            try:
                done = decide(trial, rule, must_show=kept, links=links, **options)
            except DisclosureError:
                continue
            found.append(Alternative(table.name, merge, *_kept(done, table.name)))
    return sorted(found, key=lambda one: -one.shown)


def _trees(links: Links) -> dict[str, dict[str, str]]:
    trees: dict[str, dict[str, str]] = {}
    for refinement in links.refinements:
        if refinement.fine == refinement.coarse:
            tree = {c: p for c, p in refinement.parent_of.items() if c != p}
            trees.setdefault(refinement.fine, {}).update(tree)
    return trees


def _apply(tables: Sequence[CountTable], merges: Sequence[Merge]) -> list[CountTable]:
    done = list(tables)
    for merge in merges:
        done = [merge_table(table, merge) if table.name == merge.table else table for table in done]
    return done


def _kept(decision: Decision, name: str) -> tuple[int, int]:
    """Return how many cells with persons in them one table shows, and how many cells it hides."""
    system, hidden = decision.system, decision.choice.hidden
    places = next(entered.places for entered in system.tables if entered.table.name == name)
    shown = sum(system.values[place] > 0 and place not in hidden for place in places)
    return shown, sum(place in hidden for place in places)


def _worst(decision: Decision, tried: Collection[str]) -> str | None:
    names = [entered.table.name for entered in decision.system.tables]
    lost = {name: _kept(decision, name)[1] for name in names if name not in tried}
    return max((name for name, hidden in lost.items() if hidden > 1), key=lost.__getitem__, default=None)


def stuck_table(error: DisclosureError, tables: Sequence[CountTable]) -> CountTable:
    """Return the table that no pattern protects; the largest, if several are named."""
    names = str(error.fields.get("tables", "")).split(", ")
    found = [table for table in tables if table.name in names]
    if error.code != "E-433" or not found:
        raise error
    return max(found, key=lambda table: (len(table.dimensions), len(table.data), table.name))


def _alone(table: CountTable, rule: DisclosureRule, links: Links) -> tuple[int, int] | None:
    """Return what one table shows and hides on its own, its grand total shown; None if nothing is safe."""
    total = Cell.named(table.universe.name, table.universe.year)
    unit = table.universe.unit
    whole = total if unit == "persons" else total._replace(universe=f"{table.universe.name}:{unit}")
    try:
        return _kept(decide([table], rule, must_show=[whole], links=links, elsewhere=()), table.name)
    except DisclosureError:
        return None


def _looked_at(
    table: CountTable,
    tables: Sequence[CountTable],
    rule: DisclosureRule,
    trees: Mapping[str, Mapping[str, str]],
    links: Links,
    must_show: Collection[Cell],
    seen: list[Alternative],
) -> list[tuple[int, Merge]]:
    ranked = []
    fixed = {d for cell in must_show if cell.universe == table.universe.name for d, _ in cell.codes}
    for merge in merge_options(table, tables, rule, links, trees, fixed):
        merged = merge_table(table, merge)
        safe = _alone(merged, rule, links)
        if safe is not None:
            seen.append(Alternative(table.name, merge, *safe))
            ranked.append((safe[0], merge))
    return sorted(ranked, key=lambda one: -one[0])
