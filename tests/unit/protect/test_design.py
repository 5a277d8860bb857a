"""Merge first, suppress second: more is shown, and what was done is recorded and can be done again."""

import sys
from dataclasses import replace

import pandas as pd
import pytest
from counts import DIRECT, crossed, protect_set, shown, table

from platform_utils.errors import DisclosureError
from platform_utils.protect import Cell, Demand, Links, Refinement, load_rule
from platform_utils.protect.design import SameRows, design
from platform_utils.protect.foreign.wish_list import WishList, merges_that_would_do
from platform_utils.protect.merge import Merge, merge_table
from platform_utils.spec.counts import CountTable, Universe

RULE = load_rule()
TOTAL = Cell.named("direct", 2021)
TREE = Links((Refinement("area", "area", {"n1": "north", "n2": "north", "s1": "south", "s2": "south"}),))
INNER = {"columns": ["yes", "no"], "rows": {"n1": [2, 30], "n2": [20, 3], "s1": [1, 12], "s2": [9, 2]}}


def test_a_merge_adds_counts_and_keeps_margins_and_order():
    one = crossed(INNER, "area", "nsp")
    merged = merge_table(one, Merge("t", "area", {"n1": "north", "n2": "north"}))
    assert ["north", "s1", "s2", "total"] == list(dict.fromkeys(merged.data["area"]))
    assert [22, 33, 55] == merged.data.query("area == 'north'")["count"].tolist()
    assert (
        one.data.query("area == 'total'")["count"].tolist()
        == merged.data.query("area == 'total'")["count"].tolist()
    )
    assert 16 == len(one.data) + 1


def test_contributors_are_merged_with_their_table():
    behind = pd.DataFrame({"sex": ["woman", "man"], "member_id": ["M1", "M1"], "count": [3, 4]})
    one = table({"woman": 13, "man": 14, "total": 27}, "sex", contributors=behind)
    merged = merge_table(one, Merge("t", "sex", {"woman": "both", "man": "both"}))
    assert [("both", "M1", 7)] == list(merged.contributors.itertuples(index=False, name=None))


def test_multi_select_rows_are_left_out_never_added():
    one = table({"sexual": 40, "labour": 2, "total": 60}, "form", multiple=True)
    with pytest.raises(ValueError, match="form"):
        merge_table(one, Merge("t", "form", {"sexual": "both", "labour": "both"}))
    left = merge_table(one, Merge("t", "form", {"labour": ""}))
    assert ["sexual", "total"] == left.data["form"].tolist()


def test_the_design_shows_more_than_hiding_alone_and_is_safe():
    one = crossed(INNER, "area", "nsp", name="area_nsp")
    plain = protect_set([one], RULE, must_show=[TOTAL], links=TREE, elsewhere=())
    demand = Demand([one], RULE, must_show=[TOTAL], links=TREE, elsewhere=())
    found = design(demand, WishList())
    kept = [sum(count or 0 for count in shown(done.tables[0])) for done in (plain, found.protected)]
    assert kept[1] > kept[0]
    assert [("area_nsp", "area")] == [(merge.table, merge.dimension) for merge in found.merges]
    assert any(one.chosen for one in found.alternatives)
    assert found.tables == design(demand, WishList()).tables


def test_a_table_that_nothing_makes_safe_is_left_out_and_named():
    small = table({"a": 1, "b": 1, "total": 2}, "nsp", name="tiny")
    must = [Cell.named("direct", 2021, nsp="total")]
    with pytest.raises(DisclosureError):
        protect_set([small], RULE, must_show=must, elsewhere=())
    fine = table(
        {"x": 20, "y": 30, "total": 50},
        "mmm_access",
        name="fine",
        universe=DIRECT.__class__("all", 2021, "demo"),
    )
    stuck = table({"a": 2, "b": 40, "total": 42}, "nsp", name="stuck")
    cell = Cell.named("direct", 2021, nsp="b")
    demand = Demand([fine, stuck], RULE, must_show=[TOTAL, cell], links=Links(), elsewhere=())
    found = design(demand, WishList())
    assert ("stuck",) == found.left_out
    assert ["fine"] == [one.name for one in found.tables]


def test_the_only_table_of_other_things_is_left_out_and_the_last_about_persons_is_not():
    stuck = table({"a": 2, "b": 40, "total": 42}, "nsp", name="stuck", universe=Universe("x", 2021, "demo"))
    fine = table({"x": 20, "y": 30, "total": 50}, "mmm_access", name="fine")
    must = [Cell.named("x", 2021, nsp="total"), Cell.named("x", 2021, nsp="b")]
    people = pd.DataFrame({"mmm_access": ["x"] * 20 + ["y"] * 30, "member_id": "M1", "year": 2021})
    both = Demand([fine, stuck], RULE, must_show=must, links=Links(), elsewhere=())
    with_rows = replace(both, rows={("direct", 2021): {"now": people}})
    found = design(with_rows, SameRows({}))
    assert (["fine"], ("stuck",)) == ([one.name for one in found.tables], found.left_out)
    assert [("stuck", "no_pattern")] == [(one.table, one.form) for one in found.layouts]
    for alone in (replace(both, tables=[stuck]), replace(with_rows, tables=[stuck], rows={("x", 2021): {}})):
        with pytest.raises(DisclosureError, match="E-433"):
            design(alone, SameRows({}))


def test_a_table_goes_with_its_other_reading_and_a_total_never_goes(monkeypatch):
    fine = table({"x": 20, "y": 22, "total": 42}, "mmm_access", name="fine")
    both = [table({"a": 2, "b": 40, "total": 42}, "nsp", name=name) for name in ("form", "form_without_mass")]
    total = CountTable("headline", DIRECT, (), pd.DataFrame({"count": [42]}))
    must = [TOTAL, Cell.named("direct", 2021, nsp="b")]
    demand = Demand([total, fine, *both], RULE, must_show=must, links=Links(), elsewhere=())
    assert {"form", "form_without_mass"} == set(design(demand, SameRows({})).left_out)

    def refused(_):
        raise DisclosureError("E-434", tables="headline")

    monkeypatch.setattr(sys.modules[design.__module__], "decide", refused)
    with pytest.raises(DisclosureError, match="E-434"):
        design(demand, SameRows({}))


def test_merges_that_would_do_are_safe():
    one = crossed(INNER, "area", "nsp", name="area_nsp")
    must = [
        TOTAL,
        *(
            Cell.named("direct", 2021, area=a, nsp=b)
            for a, b in (("n1", "no"), ("s1", "no"), ("s2", "yes"), ("n2", "yes"))
        ),
    ]
    must += [Cell.named("direct", 2021, area=a) for a in INNER["rows"]]
    with pytest.raises(DisclosureError, match="E-433"):
        protect_set([one], RULE, must_show=must, links=TREE, elsewhere=())
    demand = Demand([one], RULE, must_show=must, links=TREE, elsewhere=())
    found = merges_that_would_do(demand, ["area_nsp"])
    assert {"north", "south"} in [set(alternative.merge.into.values()) for alternative in found]
