"""Who came and who went: a person is known again by the code, else only the member's change is certain."""

import pytest

from platform_utils.count import Released, annual_tables, with_movement
from platform_utils.protect.editions import came_and_went

YEAR = 2018


@pytest.fixture(scope="module")
def rows(demo_years):
    return demo_years.clean(YEAR)


@pytest.fixture(scope="module")
def moved(rows):
    """Return a function: per cell of each table that is named, who came and who went."""
    counted = annual_tables({YEAR: rows}, YEAR)

    def ask(before, now, *names):
        tables = with_movement(counted, {YEAR: now}, {1: Released({YEAR: before})}, YEAR)
        found = {one.name: came_and_went(one, 1) for one in tables if one.name in names}
        return [found[name] for name in names]

    return ask


def changed(rows, edit):
    case = rows.case.copy()
    return rows.with_tables(case=edit(case))


def largest(case, code):
    """Rows of the largest member that gave an answer."""
    return case.index[case["member_id"].eq(case["member_id"].mode()[0]) & case["police_report"].eq(code)]


def test_the_same_rows_in_another_order_are_nobody(rows, moved):
    assert [{}] == moved(
        rows, changed(rows, lambda case: case.iloc[::-1].reset_index(drop=True)), "police_report"
    )


def test_one_whose_answer_changed_goes_out_of_one_cell_and_into_another(rows, moved):
    def edit(case):
        case.loc[largest(case, "no")[:2], "police_report"] = "yes"
        return case

    expected = [{("no",): (0, 2), ("yes",): (2, 0)}, {}]
    assert expected == moved(rows, changed(rows, edit), "police_report", "headline")


def test_one_in_and_one_out_of_a_cell_are_two_although_the_count_is_the_same(rows, moved):
    def edit(case):
        case.loc[[largest(case, "yes")[0], largest(case, "no")[0]], "police_report"] = ["no", "yes"]
        return case

    assert [{("no",): (1, 1), ("yes",): (1, 1)}] == moved(rows, changed(rows, edit), "police_report")


def test_persons_without_codes_are_matched_by_their_answers(rows, moved):
    unnamed = changed(rows, lambda case: case.assign(person_code=""))

    def edit(case):
        case.loc[largest(case, "no")[:1], "police_report"] = "yes"
        return case.iloc[::-1].reset_index(drop=True)

    expected = [{("no",): (0, 1), ("yes",): (1, 0)}, {}]
    assert expected == moved(unnamed, changed(unnamed, edit), "police_report", "headline")


def test_codes_given_anew_do_not_make_everybody_another_person(rows, moved):
    """All rows stand one code further down and one answer has changed: not a whole member that came and went."""

    def edit(case):
        of_one = case["member_id"].eq(case["member_id"].mode()[0])
        codes = case.loc[of_one, "person_code"].tolist()
        case.loc[of_one, "person_code"] = [*codes[1:], codes[0]]
        case.loc[largest(case, "no")[:1], "police_report"] = "yes"
        return case

    assert [{("no",): (0, 1), ("yes",): (1, 0)}] == moved(rows, changed(rows, edit), "police_report")


def test_a_balanced_change_that_is_not_certain_is_too_few_to_be_shown(rows, moved):
    unnamed = changed(rows, lambda case: case.assign(person_code=""))

    def edit(case):
        case.loc[[*largest(case, "yes")[:3], *largest(case, "no")[:3]], "police_report"] = ["no"] * 3 + [
            "yes"
        ] * 3
        return case

    assert [{("no",): (1, 1), ("yes",): (1, 1)}] == moved(unnamed, changed(unnamed, edit), "police_report")


def test_a_new_member_has_come_with_everybody(rows, moved):
    before = changed(rows, lambda case: case[~case["member_id"].eq("M02")].reset_index(drop=True))
    number = int(rows.case["member_id"].eq("M02").sum())
    assert [{(): (number, 0)}] == moved(before, rows, "headline")
