"""How fast the gate is: a yearly set, a 50 x 20 table with a tree, a linked set of 10,000 cells.

Run: python benchmarks/gate_speed.py. Takes about two minutes. Exit status 1 if a limit is missed.
"""

from __future__ import annotations

import time

import numpy as np
import pandas as pd
from year_sets import LINKS, draw_year, must_show

from platform_utils.protect import Cell, Demand, Links, Refinement, design, load_rule, protect
from platform_utils.protect.foreign.wish_list import WishList
from platform_utils.spec.counts import CountTable, Universe

ALL = Universe("all", 2021, "demo")
RULE = load_rule()


def with_tree(rows, columns, groups, seed):
    """Return a table of ``rows`` in ``groups`` by ``columns``, all margins included, and its tree."""
    rng = np.random.default_rng(seed)
    weights = np.outer(rng.gamma(1.2, 1, rows), rng.gamma(1.2, 1, columns))
    inner = rng.poisson(weights / weights.mean() * 12)
    per = rows // groups
    lines = {f"g{g}": inner[g * per : (g + 1) * per].sum(axis=0) for g in range(groups)}
    lines |= {f"r{r}": inner[r] for r in range(rows)} | {"total": inner.sum(axis=0)}
    cells = [
        (row, column, int(value))
        for row, values in lines.items()
        for column, value in zip(
            [*(f"c{c}" for c in range(columns)), "total"], [*values, values.sum()], strict=True
        )
    ]
    table = CountTable(
        "large", ALL, ("row", "column"), pd.DataFrame(cells, columns=["row", "column", "count"])
    )
    tree = {f"r{r}": f"g{r // per}" for r in range(rows)}
    return table, Links((Refinement("row", "row", tree, nested=True),))


def linked(people, sizes, seed):
    """Return three tables of the same people, two of three attributes each."""
    rng = np.random.default_rng(seed)
    drawn = pd.DataFrame(
        {
            name: rng.choice([f"{name}{i}" for i in range(size)], people, p=rng.dirichlet(np.full(size, 1.5)))
            for name, size in zip("abc", sizes, strict=True)
        }
    )
    tables = []
    for first, second in ("ab", "ac", "bc"):
        crossed = pd.crosstab(drawn[first], drawn[second], margins=True, margins_name="total")
        levels = [[*(f"{n}{i}" for i in range(sizes["abc".index(n)])), "total"] for n in (first, second)]
        full = crossed.reindex(index=levels[0], columns=levels[1], fill_value=0)
        long = full.reset_index().melt(id_vars=first, var_name=second, value_name="count")
        long = long.astype({first: "str", second: "str"})
        tables.append(CountTable(first + second, ALL, (first, second), long))
    return tables


def timed(title, limit, work):
    """Run ``work``, print its time and quality, return whether it kept the limit."""
    started = time.perf_counter()
    choice = work()
    seconds = time.perf_counter() - started
    quality = "proven optimal" if choice.gap == 0 else f"within {100 * choice.gap:.1f} %"
    print(
        f"{title:62s} {seconds:6.1f} s of {limit}  {quality} ({', '.join(sorted(choice.methods))})",
        flush=True,
    )
    return seconds < limit


def main():
    """Run the cases and return 1 if a limit is missed."""
    _, tables = draw_year(250, 1)
    cells = sum(len(table.data) for table in tables)
    asked = Demand(tables, RULE, must_show=must_show(tables), links=LINKS, elsewhere=())
    large, tree = with_tree(50, 20, 10, 1)
    kept = [
        timed(
            f"{len(tables)} linked tables, {cells} cells: protected, attacked", 30,
            lambda: protect(asked).choice,
        ),
        timed(
            f"{len(tables)} linked tables, {cells} cells: designed, protected, attacked", 30,
            lambda: design(asked, WishList()).protected.choice,
        ),
        timed(
            f"50 x 20 in two levels, {len(large.data)} cells: protected, attacked", 60,
            lambda: protect(
                Demand([large], RULE, must_show=[Cell("all", 2021)], links=tree, elsewhere=())
            ).choice,
        ),
    ]  # fmt: skip
    for people in (100_000, 20_000):
        many = linked(people, (60, 60, 50), 1)
        cells = sum(len(table.data) for table in many)
        small = sum(int(table.data["count"].between(1, 3).sum()) for table in many)
        kept.append(
            timed(
                f"3 linked tables, {cells} cells, {small} small: by the heuristic", 60,
                lambda many=many: protect(
                    Demand(
                        many, RULE, must_show=[Cell("all", 2021)], links=Links(), elsewhere=(),
                        method="heuristic",
                    )
                ).choice,
            )
        )  # fmt: skip
    return 0 if all(kept) else 1


if __name__ == "__main__":
    raise SystemExit(main())
