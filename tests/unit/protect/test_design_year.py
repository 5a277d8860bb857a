"""The table set of a year: rows that would be hidden go together, nothing that can stand alone is lost."""

import json
import sys

import pytest
from counts import DIRECT, protect_set, shown, table

from platform_utils.errors import DisclosureError
from platform_utils.protect import Cell, Demand, Links, Refinement, load_rule, packaged_links
from platform_utils.protect.attacker import see_table
from platform_utils.protect.decide import decide
from platform_utils.protect.design import SameRows, design
from platform_utils.protect.merge import can_be_merged, families
from platform_utils.spec.counts import Universe

RULE = load_rule()
STAGES = {"before_application": 20, "in_rest": 12, "in_support": 3, "later": 2, "total": 37}
COUNTRIES = {"BG": 12, "ES": 9, "HU": 5, "NG": 31, "TH": 14, "AL": 9, "VN": 8, "blank": 20, "total": 108}
REGIONS = {"nord": 30, "mitt": 3, "ost": 9, "syd": 40, "total": 82}


def designed(*tables, links=None, **how):
    return design(Demand(tables, RULE, links=links or Links(), elsewhere=()), SameRows(how))


def rows(safe):
    return dict(zip(safe.data[safe.dimensions[0]], shown(safe), strict=True))


def test_rows_that_would_both_be_hidden_go_together_and_the_others_stay():
    done = designed(table(STAGES, "dropout_stage", name="stage"), stage="neighbours")
    expected = {"before_application": 20, "in_rest": 12, "in_support+later": 5, "total": 37}
    assert expected == rows(done.tables[0])
    assert (3, 4) == (done.alone, done.shown)


def test_without_leave_rows_stay_as_they_are_every_year():
    done = designed(table(STAGES, "dropout_stage", name="stage"))
    assert list(STAGES) == list(rows(done.tables[0]))
    assert () == done.layouts


def test_neighbours_are_rows_that_follow_each_other():
    apart = {"before_application": 3, "in_rest": 12, "in_support": 20, "later": 2, "total": 37}
    done = designed(table(apart, "dropout_stage", name="stage"), stage="neighbours")
    assert list(apart) == list(rows(done.tables[0]))
    done = designed(table(apart, "dropout_stage", name="stage"), stage="small")
    assert 5 == rows(done.tables[0])["before_application+later"]


def test_no_row_that_hiding_alone_shows_is_ever_lost():
    one = table(REGIONS, "police_region", name="region")
    alone = protect_set([one], RULE, links=Links(), elsewhere=()).tables[0]
    done = designed(one, region="small").tables[0]
    assert {code: count for code, count in rows(alone).items() if count}.items() <= rows(done).items()
    assert 12 == rows(done)["mitt+ost"]


def test_countries_go_together_within_one_parent_and_are_not_named():
    done = designed(
        table(COUNTRIES, "origin_country", name="country"), links=packaged_links(2023), country="unnamed"
    )
    assert {"BG", "NG", "TH", "third_country-NG-TH", "other_eu-BG", "blank", "total"} == set(
        rows(done.tables[0])
    )
    assert [14, 17] == [rows(done.tables[0])[code] for code in ("other_eu-BG", "third_country-NG-TH")]
    assert not {"ES", "HU", "AL", "VN"} & set(done.record().replace('"', " ").split())


def test_rows_of_two_parents_never_go_together():
    tree = Links((Refinement("way", "group", {"a": "x", "b": "x", "c": "y", "d": "y"}),))
    assert [["a", "b"], ["c", "d"]] == families(["a", "b", "c", "d"], "way", tree)
    ways = {"a": 30, "b": 2, "c": 40, "d": 2, "total": 74}
    groups = table({"x": 32, "y": 42, "total": 74}, "group", name="groups")
    alone = designed(table(ways, "way", name="ways"), ways="small").tables[0]
    assert {"a": 30, "b+d": 4, "c": 40, "total": 74} == rows(alone)
    beside = designed(table(ways, "way", name="ways"), groups, links=tree, ways="small")
    assert [("ways", "total")] == [(one.table, one.form) for one in beside.layouts]
    assert list(ways) == list(rows(beside.tables[0]))


@pytest.mark.parametrize("dimension", ["exit_kind", "sex", "sex_by_age", "adult_or_child"])
def test_a_variable_that_other_tables_hang_on_is_not_merged(dimension):
    one = table({"a": 2, "b": 2, "c": 30, "total": 34}, dimension)
    assert not can_be_merged(one, dimension, [one], packaged_links(2023))


def test_a_variable_of_two_universes_is_not_merged():
    one, other = (
        table({"a": 9, "b": 9, "c": 9, "total": 27}, "way", name=name, universe=Universe(name, 2021, "demo"))
        for name in ("all", "direct")
    )
    assert can_be_merged(one, "way", [one], Links())
    assert not can_be_merged(one, "way", [one, other], Links())


def test_a_merged_count_leaves_every_hidden_count_possible():
    # Three rows of 1, 1 and 2 persons: if 4 stood in print, nobody who knows that each is at least 1 would
    # believe that one of them is 3.
    tight = {"a": 1, "b": 1, "c": 2, "d": 50, "total": 54}
    assert "a+b+c" not in rows(designed(table(tight, "way", name="t"), t="small").tables[0])
    wide = {"a": 1, "b": 2, "c": 2, "d": 50, "total": 55}
    assert 5 == rows(designed(table(wide, "way", name="t"), t="small").tables[0])["a+b+c"]


def test_a_table_with_nothing_but_its_total_is_said_so():
    done = designed(
        table({"yes": 2, "no": 40, "total": 42}, "nsp", name="nsp"),
        table({"set": 1, "alias": 1, "total": 2}, "way", name="few", universe=Universe("x", 2021, "demo")),
    )
    assert [("nsp", "total"), ("few", "nothing")] == [(one.table, one.form) for one in done.layouts]


def test_the_record_names_rows_and_reasons_and_no_merge_that_was_not_made():
    done = designed(table(STAGES, "dropout_stage", name="stage"), stage="neighbours")
    said = json.loads(done.record())
    assert {"by_hiding_alone": 3, "by_design": 4} == said["cells_shown"]
    assert [["in_support+later"]] == [one["rows"] for one in said["laid_out"]]
    assert (
        done.record() == designed(table(STAGES, "dropout_stage", name="stage"), stage="neighbours").record()
    )


def test_a_merge_whose_row_would_be_hidden_again_is_not_made_and_not_recorded():
    tree = Links((Refinement("way", "group", {"a": "x", "b": "x", "c": "y", "d": "y", "e": "y"}),))
    ways = table({"a": 3, "b": 3, "c": 2, "d": 40, "e": 30, "total": 78}, "way", name="ways")
    done = designed(ways, links=tree, ways="small")
    assert [("a+b",)] == [one.rows for one in done.layouts if not one.chosen]
    assert "a+b" not in done.record()
    assert {"a", "b"} <= set(rows(done.tables[0]))


def test_merges_that_do_not_go_together_are_tried_one_by_one(monkeypatch):
    def both_refused(demand):
        merged = [one for one in demand.tables if any("+" in code for code in one.data[one.dimensions[0]])]
        if len(merged) > 1:
            raise DisclosureError("E-433", tables="region")
        return decide(demand)

    monkeypatch.setattr(sys.modules[design.__module__], "decide", both_refused)
    stage = table(STAGES, "dropout_stage", name="stage", universe=Universe("left", 2021, "demo"))
    done = designed(stage, table(REGIONS, "police_region", name="region"), stage="neighbours", region="small")
    assert [("stage", True), ("region", False)] == [(one.table, one.chosen) for one in done.layouts]


def test_many_rows_go_together_only_where_as_many_stay():
    few = {"a": 3, "b": 3, "c": 3, "d": 3, "e": 40, "total": 52}
    assert "a+b+c+d" not in rows(designed(table(few, "way", name="t"), t="small").tables[0])
    many = few | {"f": 20, "g": 20, "h": 20, "total": 112}
    assert 12 == rows(designed(table(many, "way", name="t"), t="small").tables[0])["a+b+c+d"]


def test_a_merged_row_is_tied_to_its_codes_in_a_table_asked_for_later():
    released = designed(table(REGIONS, "police_region", name="region"), region="small").tables[0]
    seen = see_table(released, name="annual-2021/region")
    answer = table(REGIONS, "police_region", name="request")
    done = protect_set([answer], RULE, links=Links(), earlier=[seen], elsewhere=()).tables[0]
    assert [None, None] == [rows(done)[code] for code in ("mitt", "ost")]


def test_the_same_year_again_beside_its_own_release_is_laid_out_alike():
    tables = [
        table(STAGES, "dropout_stage", name="stage", universe=Universe("left", 2021, "demo")),
        table(REGIONS, "police_region", name="region"),
    ]
    first = designed(*tables, stage="neighbours", region="small")
    seen = [see_table(one, name=f"annual-2021/{one.name}") for one in first.tables]
    demand = Demand(tables, RULE, links=Links(), earlier=seen, elsewhere=())
    again = design(demand, SameRows({"stage": "neighbours", "region": "small"}))
    assert first.tables == again.tables


def test_a_table_that_no_pattern_makes_safe_is_left_out_and_named():
    stuck = table({"a": 2, "b": 40, "total": 42}, "nsp", name="stuck")
    fine = table({"x": 20, "y": 22, "total": 42}, "mmm_access", name="fine")
    must = [Cell.named("direct", 2021), Cell.named("direct", 2021, nsp="b")]
    demand = Demand([stuck, fine], RULE, links=Links(), must_show=must, elsewhere=())
    done = design(demand, SameRows({}))
    assert ["fine"] == [one.name for one in done.tables]
    assert [("stuck", "no_pattern")] == [(one.table, one.form) for one in done.layouts]
    assert DIRECT.year == done.tables[0].universe.year
