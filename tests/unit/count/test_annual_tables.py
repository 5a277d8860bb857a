from dataclasses import replace

import pandas as pd
import pytest

from platform_utils.count import annual_tables, asked_tables, must_show
from platform_utils.spec import codebook
from platform_utils.spec.clean import CleanYear
from platform_utils.spec.counts import codes_in
from platform_utils.spec.plan import load_plan
from platform_utils.spec.returns import LedgerEntry

YEAR = 2022


def case(**answers):
    """One good row; what is not named is answered no, or blank."""
    book = codebook.load()
    row = {"member_id": "M01", "year": YEAR, "file": "a.xlsx", "sheet": "Personer", "row": 2}
    for column, (variable, _) in book.grain_columns("case").items():
        asked = variable.is_asked(YEAR)
        if variable.is_number:
            row[column] = pd.NA
        else:
            row[column] = (
                ("no" if variable.kind in ("multi", "yes_no") else "blank") if asked else "not_asked"
            )
    row |= {one.name: "unknown" for one in book.derived}
    return row | {"person_count": 1, "role": "direct"} | answers


def year(cases, *, totals=(), members=None, ledger=(), programme=(), number=YEAR):
    frame = pd.DataFrame(list(cases))
    for column in frame.columns:
        kind = "Int64" if column in NUMBERS else ("int64" if column in ("year", "row") else "str")
        frame[column] = frame[column].astype(kind)
    listed = members or {"M01": (True, False), "M02": (True, False)}
    return CleanYear(
        year=number,
        source="demo",
        tables={
            "case": frame,
            "programme": pd.DataFrame(
                list(programme),
                columns=["member_id", "person_code", "beneficiary", "nsp_intervention", "amount_sek"],
            ),
            "total": pd.DataFrame(
                list(totals), columns=["member_id", "role", "sex", "adult_or_child", "person_count"]
            ),
            "organisation": pd.DataFrame(
                {
                    "member_id": list(listed),
                    "has_returned": [returned for returned, _ in listed.values()],
                    "is_totals_only": [only for _, only in listed.values()],
                    "membership_form": "full",
                    "certified": "yes",
                    "member_county": "12",
                }
            ),
        },
        recodes=pd.DataFrame(),
        ledger=ledger,
    )


NUMBERS = {
    column for column, (variable, _) in codebook.load().grain_columns("case").items() if variable.is_number
}


def counts(tables, name):
    table = next(table for table in tables if table.name == name)
    if not table.dimensions:
        return int(table.data["count"].iloc[0])
    rows = table.data.set_index(list(table.dimensions))["count"]
    return {code: int(count) for code, count in rows.items() if count}


def test_a_mass_case_counts_all_its_persons():
    tables = annual_tables({YEAR: year([case(), case(person_count=237), case(role="child")])}, YEAR)

    assert 239 == counts(tables, "headline")
    assert {"direct": 238, "child": 1, "total": 239} == counts(tables, "role")
    assert {"yes": 237, "no": 2, "total": 239} == counts(tables, "mass_case")


def test_a_case_of_a_few_is_as_many_persons_and_makes_no_second_reading():
    """Else a reader who takes one reading from the other has the answers of two persons."""
    few = annual_tables({YEAR: year([case(sex="woman"), case(person_count=9, sex="man")])}, YEAR)
    both = [case(sex="woman"), case(person_count=2, sex="man"), case(person_count=12, sex="woman")]
    many = annual_tables({YEAR: year(both)}, YEAR)

    assert {"no": 10, "total": 10} == counts(few, "mass_case")
    assert not [table.name for table in few if table.universe.name.endswith("without_mass")]
    assert {"yes": 12, "no": 3, "total": 15} == counts(many, "mass_case")
    assert {"woman": 1, "man": 2, "total": 3} == counts(many, load_plan().twins["sex"])


def test_special_codes_are_rows_of_their_own():
    rows = [case(sex="woman"), case(sex="unknown"), case(sex="blank"), case(sex="not_asked")]

    tables = annual_tables({YEAR: year(rows)}, YEAR)

    assert {"woman": 1, "unknown": 1, "blank": 1, "not_asked": 1, "total": 4} == counts(tables, "sex")


def test_codes_that_nobody_has_are_true_zeros_in_the_order_of_the_codebook():
    table = next(t for t in annual_tables({YEAR: year([case(sex="man")])}, YEAR) if t.name == "sex")

    assert [("woman", 0), ("man", 1), ("other", 0), ("total", 1)] == list(
        table.data.itertuples(index=False, name=None)
    )


def test_one_person_stands_in_several_rows_of_a_multi_select_table_and_once_in_its_margin():
    rows = [
        case(form__sexual="yes", form__labour="yes"),
        case(form__sexual="unknown"),
        case(form__sexual="blank", form__labour="unknown"),
        case(),
    ]

    tables = annual_tables({YEAR: year(rows)}, YEAR)

    assert {"sexual": 1, "labour": 1, "unknown": 2, "total": 4} == counts(tables, "form")
    assert next(t for t in tables if t.name == "form").multiple


def test_a_crossing_says_which_question_has_several_answers_even_if_all_rows_add_up():
    rows = [case(sex="woman", form__sexual="yes"), case(sex="man", form__labour="yes")]
    planned = replace(load_plan().by_key["sex"], key="crossing", dimensions=("sex", "form"))
    (crossing,) = asked_tables(year(rows), [planned])
    assert ("form",) == crossing.multiple_dimensions


def test_totals_only_enter_margins_and_stand_as_not_asked_elsewhere():
    totals = [("M02", "direct", "woman", "child", 3), ("M02", "child", "blank", "child", 2)]

    tables = annual_tables({YEAR: year([case(sex="woman", adult_or_child="adult")], totals=totals)}, YEAR)

    assert {"direct": 4, "child": 2, "total": 6} == counts(tables, "role")
    assert {"woman": 4, "total": 4} == counts(tables, "sex")
    assert {"child": 3, "adult": 1, "total": 4} == counts(tables, "adult_or_child")
    assert {"girl": 3, "unknown": 1, "total": 4} == counts(tables, "sex_by_age")
    assert {"no": 1, "not_asked": 3, "total": 4} == counts(tables, "police_report")


def test_a_year_that_did_not_ask_gives_an_empty_table():
    old = [case() | {"exit_kind": "not_asked", "year": 2018}]

    tables = annual_tables({2018: year(old, number=2018)}, 2018)

    exits = next(t for t in tables if t.name == "exit_kind")
    assert (False, 0) == (exits.asked, len(exits.data))


def test_a_file_that_asks_nothing_of_it_counts_as_not_asked_whatever_the_form_said():
    tables = annual_tables({YEAR: year([case(police_report="not_asked")])}, YEAR)

    assert not next(t for t in tables if t.name == "police_report").asked


def test_narrow_populations_count_only_their_own():
    rows = [
        case(police_report="yes", police_report_timing="after"),
        case(police_report="no", police_report_timing="after"),
        case(police_report="yes", police_report_timing="before", role="child"),
    ]

    assert {"after": 1, "total": 1} == counts(annual_tables({YEAR: year(rows)}, YEAR), "police_report_timing")


def test_children_are_counted_wherever_they_live_and_the_rest_is_unknown():
    rows = [
        case(children_count=3, children_with_person=1, children_home_country=1),
        case(children_count=0, children_with_person=0),
        case(),
    ]

    tables = annual_tables({YEAR: year(rows)}, YEAR)

    assert {"with_person": 1, "home_country": 1, "unknown": 1, "total": 3} == counts(
        tables, "children_location"
    )


def test_having_children_keeps_blank_apart_from_no():
    rows = [case(sex="woman", children_count=n) for n in (2, 0)] + [case(sex="woman"), case(sex="man")]

    assert {"yes": 1, "no": 1, "blank": 1, "total": 3} == counts(
        annual_tables({YEAR: year(rows)}, YEAR), "has_children"
    )


def test_members_by_what_they_handed_in():
    members = {"M01": (True, False), "M02": (True, True), "M03": (False, False)}

    tables = annual_tables({YEAR: year([case()], members=members)}, YEAR)

    assert {"persons": 1, "totals_only": 1, "not_returned": 1, "total": 3} == counts(tables, "members")


def test_the_panel_compares_members_that_reported_in_both_years():
    before = year([case(), case(), case(member_id="M02")], number=YEAR - 1)
    now = year(
        [case(), case(member_id="M03"), case(member_id="M03")],
        members={"M01": (True, False), "M02": (False, False), "M03": (True, False)},
    )

    tables = annual_tables({YEAR - 1: before, YEAR: now}, YEAR)

    assert {"same": 1, "other": 2, "total": 3} == counts(tables, "panel")
    assert {"same": 2, "other": 1, "total": 3} == counts(tables, "panel_last_year")
    compared = [t for t in tables if t.name in ("panel", "panel_last_year")]
    assert [(YEAR, "B"), (YEAR - 1, "B")] == [(t.universe.year, t.disclosure_class) for t in compared]
    assert {"both": 1, "only_now": 1, "only_before": 1, "total": 3} == counts(tables, "panel_members")


def test_an_organisation_that_hands_in_totals_instead_of_rows_is_not_the_same():
    before = year([case(), case(member_id="M02")], number=YEAR - 1)
    now = year([case(), case(member_id="M02")], members={"M01": (True, False), "M02": (True, True)})

    tables = annual_tables({YEAR - 1: before, YEAR: now}, YEAR)

    assert {"same": 1, "other": 1, "total": 2} == counts(tables, "panel")


def test_those_who_came_back_are_another_group_than_those_who_had_been_there():
    """Of one year, "same" in its own report and in the next year's are not the same persons."""
    plan = {planned.key: planned.dimensions for planned in load_plan().tables}
    assert plan["panel"] != plan["panel_last_year"]
    assert plan["panel_without_mass"] != plan["panel_last_year_without_mass"]


def test_without_the_year_before_nothing_is_compared():
    names = {table.name for table in annual_tables({YEAR: year([case()])}, YEAR)}

    assert not {name for name in names if name.startswith("panel")}


def test_programme_counts_persons_interventions_and_money():
    rows = [
        ("M01", "P1", "adult", "rest", 1000),
        ("M01", "P1", "adult", "integration", 500),
        ("M01", "P1", "child_abroad", "rest", 200),
        ("M02", "P1", "adult", "rest", 300),
    ]

    tables = annual_tables({YEAR: year([case(nsp="yes")], programme=rows)}, YEAR)

    assert {"adult": 2, "child_abroad": 1, "total": 3} == counts(tables, "nsp_beneficiary")
    assert {"rest": 3, "integration": 1, "total": 4} == counts(tables, "nsp_intervention")
    assert {"rest": 1500, "integration": 500, "total": 2000} == counts(tables, "nsp_money")


def test_a_year_without_interventions_has_true_zeros():
    assert {} == counts(annual_tables({YEAR: year([case(nsp="no")])}, YEAR), "nsp_beneficiary")


def test_rows_that_are_not_counted_are_told_by_fate_and_no_others():
    """The year less its accepted rows would be who handed in totals only."""
    ledger = [
        LedgerEntry("a.xlsx", "Personer", "case", "accepted", 5),
        LedgerEntry("a.xlsx", "Personer", "case", "held", 1, "E-203"),
        LedgerEntry("b.xlsx", "Personer", "case", "held", 2, "E-205"),
        LedgerEntry("a.xlsx", "Insatser", "programme", "accepted", 9),
    ]

    tables = annual_tables({YEAR: year([case()], ledger=ledger)}, YEAR)

    assert {"held": 3, "total": 3} == counts(tables, "rows_read")


def test_declared_corrections_are_told_by_kind():
    class Declared:
        def __init__(self, action):
            self.action = action

    tables = annual_tables({YEAR: year([case()])}, YEAR, [Declared("set"), Declared("set"), Declared("drop")])

    assert {"set": 2, "drop": 1, "total": 3} == counts(tables, "corrections")


def test_every_cell_knows_which_members_stand_behind_it():
    table = next(
        t
        for t in annual_tables({YEAR: year([case(), case(member_id="M02"), case()])}, YEAR)
        if t.name == "role"
    )

    behind = table.contributors.set_index(["role", "member_id"])["count"].to_dict()
    assert {("direct", "M01"): 2, ("direct", "M02"): 1, ("total", "M01"): 2, ("total", "M02"): 1} == behind


def test_rows_of_a_synthetic_file_are_never_called_persons():
    clean = year([case()])
    synthetic = CleanYear(**{**vars(clean), "source": "external-ctdc-synthetic"})

    tables = annual_tables({YEAR: synthetic}, YEAR)

    assert {"rows"} == {t.universe.unit for t in tables if t.name in ("headline", "role", "sex")}


def test_the_input_is_not_changed():
    clean = year([case(), case(person_count=4)])
    was = clean.case.copy()

    annual_tables({YEAR: clean}, YEAR)

    pd.testing.assert_frame_equal(was, clean.case)


@pytest.mark.parametrize(("name", "codes"), [("headline", [()]), ("role", [("direct",), ("total",)])])
def test_headline_and_roles_must_stay_in_sight(name, codes):
    kept = must_show(annual_tables({YEAR: year([case(person_count=5)])}, YEAR), 5)
    wanted = {"headline": (), "role": ("role",)}[name]

    assert codes == [
        cell for universe, dimensions, cell in kept if dimensions == wanted and universe.name == "all"
    ]


def test_a_cell_that_a_rule_hides_need_not_stay_in_sight():
    tables = annual_tables({YEAR: year([case()])}, YEAR)
    kept = must_show(tables, 5)

    in_sight = {(names, cell) for universe, names, cell in kept if universe.name in ("all", "direct")}
    counts = {
        (one.dimensions, codes): count
        for one in tables
        for codes, count in zip(codes_in(one.data, one.dimensions), one.data["count"], strict=True)
    }
    assert {0} == {counts[cell] for cell in in_sight}  # a zero is not a cell that the rule hides


def test_nothing_is_asked_of_a_population_that_the_year_could_not_tell():
    tables = annual_tables({YEAR: year([case(police_report="not_asked", children_count=pd.NA)])}, YEAR)

    assert [False, False] == [t.asked for t in tables if t.name in ("police_report_timing", "crime_heading")]


def test_files_of_others_name_no_member_behind_a_cell():
    clean = year([case()])
    other = CleanYear(**{**vars(clean), "source": "external-ctdc"})

    assert {None} == {t.contributors for t in annual_tables({YEAR: other}, YEAR)}
