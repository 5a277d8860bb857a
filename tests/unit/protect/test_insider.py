"""A member that knows its own rows: what is left when it takes them away stays open, over releases too."""

from dataclasses import replace

import pandas as pd
import pytest
from counts import protect_tables, shown, table

from platform_utils.protect import Cell, Links, Nested, Refinement, load_rule
from platform_utils.protect.attacker import group_at, put_together, see_table
from platform_utils.protect.attacker.reach import Reach
from platform_utils.spec.counts import Universe

RULE = load_rule()
TOTAL = Cell.named("direct", 2021)
LINKS = Links((Refinement("origin_country", "origin_group", {"NG": "africa", "RO": "eu", "TH": "asia"}),))
COUNTRIES = {"NG": 22, "RO": 30, "TH": 18, "total": 70}
GROUPS = {"africa": 22, "eu": 30, "asia": 18, "total": 70}


def behind(dimension, rows):
    return pd.DataFrame(rows, columns=[dimension, "member_id", "count"])


def of_members(dimension, first, second, third):
    """M1 holds 20 of the first group and M2 and M3 one each; the others are spread."""
    spread = [(code, member, 6) for code in (second, third) for member in ("M1", "M2", "M3")]
    rows = [(first, "M1", 20), (first, "M2", 1), (first, "M3", 1), *spread, (second, "M4", 12)]
    sums = pd.DataFrame(rows).groupby(1)[2].sum()
    return behind(dimension, [*rows, *(("total", member, count) for member, count in sums.items())])


def country_table(**options):
    contributors = of_members("origin_country", "NG", "RO", "TH")
    return table(COUNTRIES, "origin_country", name="country", contributors=contributors, **options)


def others_of_m1(known, *safe):
    """The counts of the others that a reader inside M1 cannot rule out for Nigeria."""
    own = {("direct", 2021, frozenset({("origin_country", "NG")})): 20, ("direct", 2021, frozenset()): 32}
    world = put_together([see_table(one, name=str(at)) for at, one in enumerate(safe)], LINKS, own_rows=own)
    group = world.index[group_at(see_table(known), ("NG",), LINKS)]
    return tuple(one - 20 for one in Reach(world).possible(((group, 1),), range(20, 30)))


def test_an_answer_may_not_tell_a_member_what_an_earlier_class_b_table_hid_from_it():
    earlier_counts = country_table()
    (earlier,) = protect_tables([earlier_counts], RULE, must_show=[TOTAL], links=LINKS, elsewhere=())
    assert earlier.count(origin_country="NG") is None
    assert {1, 2, 3} <= set(others_of_m1(earlier, earlier))
    asked = table(GROUPS, "origin_group", name="answer")
    known = {"must_show": [TOTAL], "links": LINKS, "elsewhere": (), "earlier": [see_table(earlier)]}
    (naive,) = protect_tables([asked], RULE, context=[replace(earlier_counts, contributors=None)], **known)
    assert (2,) == others_of_m1(earlier, earlier, naive)
    (safe,) = protect_tables([asked], RULE, context=[earlier_counts], **known)
    assert safe.count(origin_group="africa") is None
    assert {1, 2, 3} <= set(others_of_m1(earlier, earlier, safe))


def test_what_a_member_could_work_out_before_does_not_stop_a_release_that_adds_nothing():
    earlier_counts = country_table()
    (earlier,) = protect_tables(
        [replace(earlier_counts, contributors=None)], RULE, must_show=[TOTAL], links=LINKS, elsewhere=()
    )
    assert 22 == earlier.count(origin_country="NG")
    asked = table(GROUPS, "origin_group", name="answer")
    (safe,) = protect_tables(
        [asked], RULE, must_show=[TOTAL], links=LINKS, elsewhere=(), earlier=[see_table(earlier)],
        context=[earlier_counts],
    )  # fmt: skip
    assert [22, 30, 18, 70] == shown(safe)


def test_those_outside_a_multi_select_code_are_guarded_against_a_member_too():
    """22 of 62 do not have the code, 20 of them met by M1: the other two are M1's to count."""
    counts = {("nord", "labour"): 40, ("nord", "total"): 62, ("total", "labour"): 40, ("total", "total"): 62}
    rows = [
        (region, form, member, count)
        for region in ("nord", "total")
        for form, each in (("labour", (10, 15, 15)), ("total", (30, 16, 16)))
        for member, count in zip(("M1", "M2", "M3"), each, strict=True)
    ]
    contributors = pd.DataFrame(rows, columns=["police_region", "form", "member_id", "count"])
    one = table(
        counts,
        "police_region",
        "form",
        multiple=True,
        multiple_dimensions=("form",),
        contributors=contributors,
    )
    (safe,) = protect_tables([one], RULE, must_show=[TOTAL], elsewhere=())
    assert safe.count(form="labour") is None
    (plain,) = protect_tables([replace(one, contributors=None)], RULE, must_show=[TOTAL], elsewhere=())
    assert 40 == plain.count(form="labour")


@pytest.mark.parametrize("own", [{}, {"whole": 30, "part": 28}])
def test_a_reader_inside_takes_its_own_people_from_those_outside_a_narrower_universe(own):
    every = table(
        {"yes": 100, "total": 160}, "nsp", name="all", universe=Universe("all", 2021, "demo"), multiple=True
    )
    women = table(
        {"yes": 96, "total": 128},
        "nsp",
        name="women",
        universe=Universe("women", 2021, "demo"),
        multiple=True,
    )
    links = Links(universes={"women": Nested("all", {"sex": "woman"})})
    seen = [
        replace(see_table(one), cells={c: s for c, s in see_table(one).cells.items() if c != ("yes",)})
        for one in protect_tables([every, women], RULE, links=Links(), elsewhere=())
    ]
    groups = {"whole": ("all", 2021, frozenset()), "part": ("all", 2021, frozenset({("sex", "woman")}))}
    world = put_together(
        [seen[0], replace(seen[1], cells={("total",): replace(seen[1].cells["total",], low=0, high=None)})],
        links, own_rows={groups[key]: count for key, count in own.items()},
    )  # fmt: skip
    part = world.index[groups["part"]]
    assert (158 if own else 160) == Reach(world).bounds(((part, 1),))[1]
