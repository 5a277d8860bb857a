"""Tables of the same people: what one table of persons behind several of them gives away, and is not given."""

import numpy as np
import pandas as pd
import pytest
from counts import protect_set

from platform_utils.protect import Links, cell_of, load_rule
from platform_utils.protect.attacker import attack, put_together, see_table, true_targets
from platform_utils.protect.attacker.attack import group_at
from platform_utils.protect.links import Nested
from platform_utils.spec.counts import CountTable, Universe

RULE = load_rule()
CROSSED = Links(
    (),
    (),
    {
        "direct": Nested("all", {"role": "direct"}),
        "without": Nested("all", {"mass": "no"}),
        "both": Nested("all", {"role": "direct", "mass": "no"}),
    },
)


def table(name, rows, dimensions, universe="all", multiple=()):
    data = pd.DataFrame(rows, columns=[*dimensions, "count"])
    about = Universe(universe, 2023, "demo")
    return CountTable(name, about, dimensions, data, multiple=bool(multiple), multiple_dimensions=multiple)


def crossed(name, dimensions, persons):
    """Count a table of two variables with its margins, out of persons by three codes."""
    at = ["abc".index(d) for d in dimensions]
    codes = [(*sorted({p[i] for p in persons}), "total") for i in at]
    rows = [
        (x, y, sum(n for p, n in persons.items() if x in (p[at[0]], "total") and y in (p[at[1]], "total")))
        for x in codes[0]
        for y in codes[1]
    ]
    return table(name, rows, dimensions)


PERSONS = {
    ("a1", "b1", "c1"): 3, ("a1", "b1", "c2"): 7, ("a1", "b2", "c1"): 8, ("a2", "b2", "c2"): 3,
    ("a2", "b2", "c3"): 10, ("a2", "b3", "c2"): 9, ("a2", "b3", "c3"): 2,
}  # fmt: skip


def triangle():
    return [crossed(x + y, (x, y), PERSONS) for x, y in ("ab", "ac", "bc")]


def of_forms():
    """Five in all are not of the first form; so at least three of the eight exploited directly are."""
    wide = [("f1", 15), ("f2", 5), ("total", 20)]
    narrow = [("f1", 3), ("f2", 5), ("total", 8)]
    return [table("wide", wide, ("form",), multiple=("form",)),
            table("narrow", narrow, ("form",), "direct", ("form",))]  # fmt: skip


def of_universes():
    """Twelve and eleven of twenty children: at least three are both."""
    counts = {"all": (20, 115), "direct": (12, 70), "without": (11, 60), "both": (3, 40)}
    return [
        table(name, [("child", c), ("adult", a), ("total", c + a)], ("age",), name)
        for name, (c, a) in counts.items()
    ]


CASES = {"triangle": (triangle, Links(), ("bc", ("b1", "c1"))),
         "outside a form": (of_forms, CROSSED, ("narrow", ("f1",))),
         "two universes": (of_universes, CROSSED, ("both", ("child",)))}  # fmt: skip


def hidden(tables, hide):
    """Return the tables as a reader sees them when only ``hide`` is hidden."""
    from platform_utils.protect.gate import issue_table

    return [
        see_table(
            issue_table(
                one,
                {
                    at
                    for at, codes in enumerate(
                        one.data[list(one.dimensions)].itertuples(index=False, name=None)
                    )
                    if (one.name, codes) in hide
                },
                "A4",
            )
        )
        for one in tables
    ]


def ruled_out(seen, tables, links, target):
    world = put_together(seen, links)
    truth = {
        group_at(one, tuple(codes), links): int(count)
        for one, counted in zip(seen, tables, strict=True)
        for *codes, count in counted.data.itertuples(index=False, name=None)
    }
    hides = {one.name: (1, 2, 3) for one in seen}
    found = attack(world, true_targets(world, seen, hides, links, truth), bounds=False)
    return any(f.broken for f in found if (f.target.name, f.target.codes) == target)


@pytest.mark.parametrize("case", CASES)
def test_the_attacker_sees_one_population_behind_several_tables(case):
    make, links, target = CASES[case]
    tables = make()
    alone = {target} | ({("bc", ("b1", "c3")), ("bc", ("b3", "c3")), ("bc", ("b3", "c1"))})
    assert ruled_out(hidden(tables, alone), tables, links, target)


@pytest.mark.parametrize("case", CASES)
def test_the_gate_hides_what_the_attacker_would_need(case):
    make, links, target = CASES[case]
    tables = make()
    totals = [cell_of(one.universe, (), ()) for one in tables]
    done = protect_set(tables, RULE, must_show=totals, links=links, elsewhere=())
    seen = [see_table(one) for one in done.tables]
    assert not ruled_out(seen, tables, links, target)
    shown = {one.name: one.data for one in done.tables}
    assert all(data["mark"].eq("").to_numpy()[np.all(data.iloc[:, :-2] == "total", axis=1)].all()
               for data in shown.values())  # fmt: skip


def test_a_ring_without_hidden_counts_is_left_alone():
    doubled = {codes: 4 * count for codes, count in PERSONS.items()}
    tables = [crossed(x + y, (x, y), doubled) for x, y in ("ab", "ac", "bc")]
    done = protect_set(tables, RULE, links=Links(), elsewhere=())
    assert not any(one.data["mark"].ne("").any() for one in done.tables)
