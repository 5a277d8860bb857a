"""A year's tables beside their earlier editions: rows that went together, and codes that nobody has any more."""

from dataclasses import replace
from datetime import date

import pandas as pd
import pytest
from counts import table

from platform_utils.errors import DisclosureError
from platform_utils.protect import Demand, Ledger, Links, SameRows, beside, check_year, design, load_rule

RULE = load_rule()
DAY = date(2024, 5, 2)
STAGES = {"before_application": 20, "in_rest": 12, "in_support": 3, "later": 2, "total": 37}


def stages(counts=STAGES, moved=()):
    """The stages at which people left; ``moved`` is (code, person, +1 or -1), margins included."""
    rows = [(code, 1, person, person, change) for code, person, change in moved]
    columns = ["dropout_stage", "since", "person", "pool", "count"]
    one = table(counts, "dropout_stage", name="stage")
    return replace(one, moved=pd.DataFrame(rows, columns=columns))


def demanded(one, ledger):
    return beside(Demand([one], RULE, links=Links(), elsewhere=()), ledger)


def designed(one, ledger):
    return design(demanded(one, ledger), SameRows({"stage": "neighbours"})).tables


def rows(safe):
    data = safe.data
    counts = [None if pd.isna(count) else int(count) for count in data["count"]]
    return dict(zip(data["dropout_stage"], counts, strict=True))


@pytest.fixture
def ledger(tmp_path):
    book = Ledger(tmp_path / "ledger.jsonl")
    first = designed(table(STAGES, "dropout_stage", name="stage"), book)
    assert 5 == rows(first[0])["in_support+later"]
    book.add(first, release="2021-1", day=DAY)
    return book


def test_one_who_moved_inside_a_merged_row_changes_nothing(ledger):
    moved = [("in_support", "a", -1), ("later", "a", 1)]
    one = stages(dict(STAGES, in_support=2, later=3), moved)
    (safe,) = designed(one, ledger)
    assert {"before_application": 20, "in_rest": 12, "in_support+later": 5, "total": 37} == rows(safe)
    check_year([safe], demanded(one, ledger))


def test_a_merged_row_that_one_has_left_is_hidden_however_it_is_laid_out(ledger):
    moved = [("in_support", "a", -1), ("in_rest", "a", 1)]
    one = stages(dict(STAGES, in_support=2, in_rest=13), moved)
    (safe,) = designed(one, ledger)
    shown = rows(safe)
    assert shown.get("in_support+later") is None
    assert None in (shown.get("in_support"), shown.get("later"))
    assert (None, 37) == (shown.get("in_rest"), shown["total"])
    check_year([safe], demanded(one, ledger))


def test_parts_of_a_merged_row_may_not_stand_where_they_add_up_to_it(ledger):
    """Two came to each part, so that both are large enough; their sum, which was printed, changed by three."""
    moved = [("in_support", "a", 1), ("in_support", "b", 1), ("later", "c", 1)]
    moved += [("in_rest", person, -1) for person in "abc"]
    one = stages(dict(STAGES, in_support=5, later=3, in_rest=9), moved)
    (safe,) = designed(one, ledger)
    shown = rows(safe)
    assert shown.get("in_support+later") is None
    assert None in (shown.get("in_support"), shown.get("later"))


def test_a_code_that_was_named_and_that_nobody_has_any_more_keeps_its_row(tmp_path):
    book = Ledger(tmp_path / "ledger.jsonl")
    before = dict(STAGES, in_support=8, later=9, total=49)
    book.add(designed(table(before, "dropout_stage", name="stage"), book), release="2021-1", day=DAY)
    gone = {code: count for code, count in before.items() if code != "later"} | {"in_rest": 21}
    moved = [(code, str(at), change) for at in range(9) for code, change in (("later", -1), ("in_rest", 1))]
    one = stages(gone, moved)
    (safe,) = designed(one, book)
    assert gone | {"later": 0} == rows(safe)
    check_year([safe], demanded(one, book))


def test_a_table_that_shows_what_changed_by_one_is_refused(ledger):
    one = stages(dict(STAGES, in_rest=13, total=38), [("in_rest", "a", 1), ("total", "a", 1)])
    (careless,) = designed(replace(one, moved=None, universe=replace(one.universe, name="elsewhere")), ledger)
    assert 13 == rows(careless)["in_rest"]
    plain = Ledger(ledger.path.with_name("none.jsonl"))
    (shown,) = designed(replace(one, moved=None), plain)
    with pytest.raises(DisclosureError, match="E-439"):
        check_year([shown], demanded(one, ledger))


def test_without_knowing_who_moved_other_counts_are_refused(ledger):
    with pytest.raises(DisclosureError, match=r"E-446 .*2021-1/stage"):
        designed(table(dict(STAGES, in_rest=17, total=42), "dropout_stage", name="stage"), ledger)
