"""Small instances, solved by writing out every table: the optimiser's cost and the attacker's answers agree."""

from dataclasses import replace
from functools import cache

import enumerator
import numpy as np
import pandas as pd
import pytest
from counts import protect_set

from platform_utils.errors import DisclosureError
from platform_utils.protect import Cell, Links, Refinement, load_rule
from platform_utils.protect.attacker import Seen, attack, group_at, put_together, see_table, true_targets
from platform_utils.protect.gate import issue_table
from platform_utils.spec.counts import CountTable, Universe

ALL = Universe("all", 2021, "demo")
VALUES = (1, 2, 3)
RULE = load_rule()
TOTAL = Cell("all", 2021)


@cache
def layout(kind, total):
    if kind == "grid":
        return enumerator.grid(2, 3, total)
    return getattr(enumerator, kind)(total)


def as_tables(kind, truth, names):
    links = Links()
    if kind == "grid":
        data = pd.DataFrame(names, columns=["row", "column"]).assign(count=truth)
        return [CountTable("grid", ALL, ("row", "column"), data)], links
    if kind == "tree":
        data = pd.DataFrame({"area": names, "count": truth})
        links = Links(
            (Refinement("area", "area", {"a": "g0", "b": "g0", "c": "g1", "d": "g1"}, nested=True),)
        )
        return [CountTable("tree", ALL, ("area",), data)], links
    if kind == "several_answers":
        data = pd.DataFrame(names, columns=["form", "sex"]).assign(count=truth)
        return [
            CountTable("form", ALL, ("form", "sex"), data, multiple=True, multiple_dimensions=("form",))
        ], links
    tables = []
    for name in ("age", "origin"):
        rows = [(*name_[1:], count) for name_, count in zip(names, truth, strict=True) if name_[0] == name]
        if name == "origin":
            rows += [(sex, "total", truth[names.index(("age", sex, "total"))]) for sex in ("w", "m", "total")]
        tables.append(
            CountTable(name, ALL, ("sex", name), pd.DataFrame(rows, columns=["sex", name, "count"]))
        )
    return tables, links


def instances():
    for kind, totals, number in (
        ("grid", (9, 11), 70), ("linked", (8, 9), 60), ("tree", (14, 20), 50), ("several_answers", (8, 9), 40),
    ):  # fmt: skip
        for seed in range(number):
            yield kind, totals[seed % len(totals)], seed


@pytest.mark.parametrize("part", range(10))
def test_cost_and_feasible_sets_agree_with_writing_out_every_table(part):
    seen = 0
    for kind, total, seed in [one for i, one in enumerate(instances()) if i % 10 == part]:
        small = layout(kind, total)
        truth = small.worlds[np.random.default_rng(seed).integers(len(small.worlds))]
        tables, links = as_tables(kind, truth.tolist(), small.names)
        shown = {small.names[-1] if kind != "linked" else ("age", "total", "total")}
        best = small.cheapest(truth, shown, VALUES, [1] * len(truth))
        try:
            done = protect_set(tables, RULE, links=links, must_show=[TOTAL], weights="cells", elsewhere=())
        except DisclosureError as error:
            assert "E-433" == error.code
            assert best is None, (kind, seed)
            continue
        assert best == done.choice.cost, (kind, seed)
        assert 0 == done.choice.gap
        check_attacker(small, truth, tables, done.tables, links, kind)
        seen += 1
    assert seen > 5


@pytest.mark.parametrize("part", range(4))
def test_where_zeros_are_always_printed_the_attacker_knows_as_much_as_writing_out_every_table(part):
    """Small counts hidden and nothing else: a hidden count is then at least 1."""
    for kind, total, seed in [one for i, one in enumerate(instances()) if i % 4 == part]:
        small = layout(kind, total)
        truth = small.worlds[np.random.default_rng(seed).integers(len(small.worlds))]
        tables, links = as_tables(kind, truth.tolist(), small.names)
        naive = [
            issue_table(
                table,
                {at for at, count in enumerate(table.data["count"].tolist()) if count in VALUES},
                "A4",
            )
            for table in tables
        ]
        check_attacker(small, truth, tables, naive, links, kind, zeros_printed=True)


def check_attacker(small, truth, tables, safe, links, kind, *, zeros_printed=False):
    """What the attacker calls possible is what is left among all tables, for every guarded count."""
    seen = [see_table(table) for table in safe]
    if zeros_printed:
        told = [{c: s if s.is_exact else Seen(1) for c, s in one.cells.items()} for one in seen]
        seen = [replace(one, cells=cells) for one, cells in zip(seen, told, strict=True)]
    world = put_together(seen, links)
    by_group = {}
    hidden = set()
    for table, one, of in zip(tables, safe, seen, strict=True):
        named = table.data[list(table.dimensions)].itertuples(index=False)
        for codes, value in zip(named, one.counts, strict=True):
            name = codes[0] if len(codes) == 1 else tuple(codes)
            if kind == "linked":
                name = (table.name, *codes) if codes[1] != "total" else ("age", *codes)
            at = small.names.index(name)
            by_group[group_at(of, tuple(codes), links)] = int(truth[at])
            if value is None:
                hidden.add(at)
    left = small.left(truth, hidden)
    if zeros_printed:
        left = left[(left[:, sorted(hidden)] > 0).all(axis=1)]
    targets = true_targets(world, seen, {t.name: tuple(range(8)) for t in tables}, links, by_group)
    place = {group: at for at, group in enumerate(world.groups)}
    names = {}
    for group, at in place.items():
        names[at] = group
    for finding in attack(world, targets, bounds=False):
        sums = np.zeros(len(left), dtype=int)
        for group, weight in finding.target.expression:
            sums = sums + weight * left[:, column_of(small, names[group], kind)]
        assert set(range(8)) & set(sums.tolist()) == set(finding.possible)


def column_of(small, group, kind):
    codes = dict(group[2])
    if kind == "grid":
        return small.names.index((codes.get("row", "total"), codes.get("column", "total")))
    if kind == "tree":
        return small.names.index(codes.get("area", "total"))
    if kind == "several_answers":
        form = next((name.removeprefix("form__") for name in codes if name.startswith("form__")), "total")
        return small.names.index((form, codes.get("sex", "total")))
    table = "origin" if "origin" in codes else "age"
    return small.names.index((table, codes.get("sex", "total"), codes.get(table, "total")))
