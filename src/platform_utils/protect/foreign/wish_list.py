"""Merges of tables that nobody reads every year: any that let the whole set show more.

Enters: a demand. Leaves: the best decision that merging inside the codebook's trees leads to, the table that
loses most first; single merges that would make a refused demand safe.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace

from platform_utils.protect.cells import Cell, universe_key
from platform_utils.protect.decide import Decision
from platform_utils.protect.demand import Demand
from platform_utils.protect.design import Alternative, Found, alternative, tried
from platform_utils.protect.merge import Merge, merge_options
from platform_utils.spec.counts import CountTable


@dataclass(frozen=True)
class WishList:
    """Merge greedily: table by table, the one that loses most first.

    Attributes
    ----------
    rounds : int
        How many tables are looked at with the whole set.
    """

    rounds: int = 5

    def repairs(self, stuck: CountTable, demand: Demand, /) -> list[Alternative]:
        """Return the merges after which the table is safe by itself, with what it then shows."""
        fixed = {
            d for cell in demand.must_show if cell.universe == stuck.universe.name for d, _ in cell.codes
        }
        total = Cell(universe_key(stuck.universe), stuck.universe.year)
        alone = Demand([stuck], demand.rule, must_show=[total], links=demand.links, elsewhere=())
        found = []
        for merge in merge_options(stuck, demand.tables, demand.rule, demand.linked, fixed):
            done = tried(alone, [merge])
            if done is not None:
                found.append(alternative(done, stuck.name, merge))
        return found

    def improve(self, first: Decision) -> Found:
        """Merge the table that hides most, as long as the whole set then shows more."""
        best = first
        merges: list[Merge] = []
        looked_at: list[Alternative] = []
        looked: set[str] = set()
        for _ in range(self.rounds):
            demand = best.case.demand
            lost = {t.name: len(best.hidden(t.name)) for t in demand.tables if t.name not in looked}
            worst = max(
                (name for name, hidden in lost.items() if hidden > 1), key=lost.__getitem__, default=None
            )
            if worst is None:
                break
            looked.add(worst)
            now = alternative(best, worst, None)
            options = self.repairs(next(t for t in demand.tables if t.name == worst), demand)
            looked_at += [now, *options]
            more = sorted((o for o in options if o.shown > now.shown), key=lambda one: -one.shown)
            for merge in [o.merge for o in more if o.merge is not None][:2]:
                done = tried(demand, [merge])
                if done is not None and len(done.shown()) > len(best.shown()):
                    best, merges = done, [*merges, merge]
                    break
        return Found(best, tuple(merges), tuple(looked_at))


def merges_that_would_do(demand: Demand, names: Collection[str]) -> list[Alternative]:
    """Return single merges of the tables ``names`` that make a refused demand safe, the best first.

    Must-show cells that a merge swallows are given up in it.
    """
    found = []
    for table in (table for table in demand.tables if table.name in names):
        for merge in merge_options(table, demand.tables, demand.rule, demand.linked):
            swallowed = {(merge.dimension, code) for code in merge.into}
            kept = [cell for cell in demand.must_show if not swallowed & set(cell.codes)]
            done = tried(replace(demand, must_show=kept), [merge])
            if done is not None:
                found.append(alternative(done, table.name, merge))
    return sorted(found, key=lambda one: -one.shown)
