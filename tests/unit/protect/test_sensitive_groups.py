"""What all or none of a group share is hidden: one answer, several answers, and groups of answers."""

import pytest
from counts import crossed, protect_set, protect_tables, shown, table

from platform_utils.protect import load_rule
from platform_utils.protect.links import Links, Nested
from platform_utils.protect.model import build_system
from platform_utils.protect.primaries import find_primaries
from platform_utils.spec.counts import Universe


def groups(*counted, decided=(), links=None):
    """Counts that are hidden because of a group, with what must stay possible."""
    system = build_system(counted, links or Links())
    places = [place for place, cell in enumerate(system.cells) if cell.codes in decided]
    found = find_primaries(system, load_rule(), decided=places)
    return {system.cells[at].codes: one.values for at, one in found.items() if "group" in one.reasons}


def several(with_person, home_country, in_care, *, unknown=0, whole=26):
    counts = {"with_person": with_person, "home_country": home_country, "in_care": in_care}
    return table(
        counts | {"unknown": unknown, "total": whole}, "children_location", name="where", multiple=True
    )


ALL, NONE = (("children_location__with_person", "yes"),), (("children_location__in_care", "yes"),)


@pytest.mark.parametrize(
    ("counts", "unknown", "expected"),
    [
        ((20, 9, 7), 0, {}),
        ((26, 9, 7), 0, {ALL: {25}}),
        ((20, 9, 0), 0, {NONE: {1}}),
        ((26, 9, 0), 0, {ALL: {25}, NONE: {1}}),
        ((20, 9, 7), 6, {}),
        ((0, 0, 0), 26, {}),
    ],
)
def test_each_of_several_answers_may_be_of_all_or_of_none(counts, unknown, expected):
    assert expected == groups(several(*counts, unknown=unknown))


def test_what_is_decided_for_one_answer_is_not_decided_for_another():
    assert {NONE: {1}} == groups(several(26, 9, 0), decided=[ALL])


def test_the_gate_hides_it_and_keeps_the_rest():
    (safe,) = protect_set([several(26, 9, 0)], load_rule(), elsewhere=()).tables
    assert [None, 9, None, 0, 26] == shown(safe)


def test_a_group_in_a_crossed_table_is_guarded_in_each_row():
    counted = crossed(
        {"columns": ["yes", "no"], "rows": {"woman": (20, 0), "man": (10, 12)}}, "sex", "asylum"
    )
    assert {(("asylum", "no"), ("sex", "woman")): {1}} == groups(counted)


def test_the_groups_of_residence_status_are_as_sensitive_as_the_statuses():
    counts = {"permit": 30, "no_permit": 0, "total": 30}
    for dimension in ("residence_status", "residence_status_group"):
        (safe,) = protect_tables([table(counts, dimension)], load_rule())
        assert [30, None, None] == shown(safe)


REFERRED = Links(
    universes={
        "direct": Nested("all", {"role": "direct"}),
        "reported": Nested("all", {"role": "direct", "police_report": "yes"}),
    }
)


def reported(counts, dimension):
    return table(counts, dimension, name="reported", universe=Universe("reported", 2021, "demo"))


@pytest.mark.parametrize(
    ("state", "other", "expected"),
    [(12, 0, {"other": {1}}), (12, 6, {"other": {5}}), (20, 3, {"state": {19}}), (12, 3, {})],
)
def test_a_group_is_guarded_too_where_the_attribute_marks_a_population(state, other, expected):
    """The group stands in one table, and those of it who have the attribute in another."""
    whole = table({"state": 20, "other": 6, "total": 26}, "referred")
    inside = reported({"state": state, "other": other, "total": state + other}, "referred")
    found = groups(whole, inside, links=REFERRED)
    assert expected == {dict(codes)["referred"]: values for codes, values in found.items()}


def test_what_everybody_knows_to_go_together_is_no_news():
    """An investigation is opened on a report: that all who are identified have one tells nothing."""
    whole = table({"yes": 20, "no": 10, "total": 30}, "formal_identification")
    inside = reported({"yes": 20, "no": 4, "total": 24}, "formal_identification")
    assert {} == groups(whole, inside, links=REFERRED)


def test_where_nobody_was_asked_that_nobody_says_yes_is_no_news():
    whole = table({"state": 12, "total": 12}, "referred")
    answers = crossed(
        {"columns": ["yes", "no", "blank"], "rows": {"state": (0, 0, 12)}}, "referred", "police_report"
    )
    inside = reported({"state": 0, "total": 0}, "referred")
    assert {} == groups(whole, answers, inside, links=REFERRED)
