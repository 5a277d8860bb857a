from dataclasses import dataclass

import pandas as pd
import pytest

from platform_utils.clean import clean_year, summarise_ledger
from platform_utils.errors import ContractError
from platform_utils.spec.returns import LedgerEntry
from platform_utils.validate import Correction, check_return


@dataclass(frozen=True)
class Listed:
    id: str
    membership_form: str = ""
    county: str = ""


MEMBERS = (Listed("M01", "fullt", "Skåne"), Listed("M02", "network"), Listed("M03"))


def clean(*raws, year=2024, members=MEMBERS):
    return clean_year([check_return(raw) for raw in raws], year=year, source="demo", members=members)


def column(table, *names):
    return table.loc[:, list(names)].astype("object").values.tolist()


def told(result):
    return [(e.file, e.grain, e.reason, e.rows, e.detail) for e in result.ledger]


def test_rows_are_sorted_and_codes_are_text(make_return):
    result = clean(make_return({}, file="b.xlsx", member="M02"), make_return({}, {"person_code": "P2"}))
    assert [["M01", 5], ["M01", 6], ["M02", 5]] == column(result.case, "member_id", "row")
    assert "str" == result.case["role"].dtype == result.case["sex_by_age"].dtype
    assert "Int64" == result.case["age_years"].dtype
    assert "bool" == result.case["is_possible_duplicate"].dtype
    assert ["member_id", "year", "file", "sheet", "row"] == list(result.case.columns[-5:])


def test_derived_variables(make_return):
    result = clean(
        make_return(
            {"county": "Skåne", "residence_status": "betänketid"},
            {
                "person_code": "P2",
                "sex": "okänt",
                "county": "",
                "identified_by": "själv",
                "origin_country": "",
                "origin_group": "Sverige",
            },
            {
                "person_code": "P3",
                "sex": "annat kön",
                "age_years": "",
                "age_band": "",
                "residence_status": "okänt",
            },
        )
    )
    assert [
        ["adult", "woman", "third_country", "victim_permit", "state", "syd"],
        ["adult", "unknown", "eu", "blank", "self_or_civil", "blank"],
        ["blank", "other", "third_country", "unknown", "state", "blank"],
    ] == column(
        result.case,
        "adult_or_child",
        "sex_by_age",
        "origin_eu",
        "residence_status_group",
        "identified_by_group",
        "police_region",
    )


def test_gaps_are_filled_from_answers_of_the_same_row_and_recorded(make_return):
    result = clean(
        make_return(
            {"age_years": "17", "age_band": "", "origin_group": "okänt"},
            {
                "person_code": "P2",
                "children_count": "0",
                "children_with_person": "",
                "children_home_country": "",
                "children_in_care": "okänt",
            },
        )
    )
    assert [["16_17", "third_country"], ["27_35", "third_country"]] == column(
        result.case, "age_band", "origin_group"
    )
    places = ["children_with_person", "children_home_country", "children_elsewhere"]
    assert [0, 0, 0] == result.case.loc[1, places].tolist()
    assert ["unknown", "given"] == [
        result.case.loc[1, "children_in_care_status"],
        result.case.loc[1, "children_elsewhere_status"],
    ]
    recodes = result.recodes[result.recodes["raw"].str.startswith("←")]
    assert [
        ["svar.xlsx", "age_band", "← age_years 17", "16_17", 1],
        ["svar.xlsx", "children_elsewhere", "← children_count 0", "0", 1],
        ["svar.xlsx", "children_home_country", "← children_count 0", "0", 1],
        ["svar.xlsx", "children_with_person", "← children_count 0", "0", 1],
        ["svar.xlsx", "origin_group", "← origin_country NG", "third_country", 1],
    ] == recodes.values.tolist()


@pytest.mark.parametrize(("year", "group"), [(2019, "other_eu"), (2020, "third_country")])
def test_membership_of_the_eu_is_that_of_the_year(make_return, year, group):
    row = {"origin_country": "Storbritannien", "origin_group": ""}
    drop = ("police_report_timing", "police_report_by", "crime_heading__trafficking")
    result = clean(make_return(row, year=year, leave_out=drop), year=year)
    assert [[group, "eu" if group == "other_eu" else group]] == column(
        result.case, "origin_group", "origin_eu"
    )


def test_an_answer_that_nobody_can_read_counts_among_the_unknown(make_return):
    result = clean(make_return({"county": "Norge", "days_to_last_contact": "länge", "case_id": "!"}))
    assert [["unknown", "unknown", "unknown"]] == column(
        result.case, "county", "days_to_last_contact_status", "case_id"
    )
    recodes = result.recodes.set_index("variable")["code"]
    assert ["unreadable"] * 2 == recodes[["county", "days_to_last_contact"]].tolist()


@pytest.mark.parametrize("again", [{"sex": "man"}, {"sex": ""}, {}])
def test_a_code_in_two_files_of_a_member_merges_nobody_and_is_held(make_return, again):
    result = clean(make_return({}, {"person_code": "P2"}), make_return(again, file="till.xlsx"))
    assert ["P2"] == result.case["person_code"].tolist()
    assert [
        ("svar.xlsx", "case", "accepted", 1, ""), ("svar.xlsx", "case", "held", 1, "E-310"),
        ("till.xlsx", "case", "held", 1, "E-310"),
    ] == told(result)  # fmt: skip
    assert [("E-310", "svar.xlsx", 5), ("E-310", "till.xlsx", 5)] == [
        (f.code, f.file, f.row) for f in result.findings
    ]


def test_two_equal_rows_are_two_persons_only_when_somebody_has_declared_it(make_return):
    raw = make_return({}, {})
    said = Correction(1, "accept", "two", member_id="M01", column="person_code", expect="E-235")
    checked = check_return(raw, corrections=[said])
    result = clean_year([checked], year=2024, source="demo", members=MEMBERS)
    assert (["P1", "P1"], []) == (result.case["person_code"].tolist(), list(result.findings))


def test_rows_of_another_year_are_set_aside(make_return):
    result = clean(make_return({}), make_return({}, year=2023, file="i fjol.xlsx"))
    assert 1 == len(result.case)
    assert [("i fjol.xlsx", "case", "other_year", 1, ""), ("svar.xlsx", "case", "accepted", 1, "")] == told(
        result
    )


def test_totals_count_only_for_members_without_rows(make_return):
    result = clean(
        make_return({}),
        make_return(file="tot.xlsx", total=[{}]),
        make_return(file="t2.xlsx", member="M02", total=[{}, {"sex": "man", "person_count": "2"}]),
    )
    assert [["M02", "woman", 7], ["M02", "man", 2]] == column(
        result.total, "member_id", "sex_by_age", "person_count"
    )
    assert [
        ("svar.xlsx", "accepted", ""),
        ("t2.xlsx", "accepted", ""),
        ("tot.xlsx", "total_row", "W-312"),
    ] == [(e.file, e.reason, e.detail) for e in result.ledger]
    assert ["W-312"] == [f.code for f in result.findings]


def test_one_row_per_member_on_the_list(make_return):
    result = clean(
        make_return(
            {"person_count": "3", "case_id": "Å1"}, organisation=[{"certified": "ja", "staff_years": "4"}]
        ),
        make_return(file="t2.xlsx", member="M02", total=[{}]),
    )
    assert [
        ["M01", True, "2024-sv", False, 3, "full", "yes", "12", 4, "given"],
        ["M02", True, "2024-sv", True, 7, "network", "blank", "blank", pd.NA, "blank"],
        ["M03", False, "", False, 0, "blank", "blank", "blank", pd.NA, "blank"],
    ] == column(
        result.member_year, "member_id", "has_returned", "form_version", "is_totals_only", "person_count",
        "membership_form", "certified", "member_county", "staff_years", "staff_years_status",
    )  # fmt: skip


def test_a_file_that_was_only_replaced_does_not_make_a_return(make_return):
    raw = make_return({}, member="M01")
    gone = type(raw)(
        "M02",
        2024,
        "gammal.xlsx",
        "2024-sv",
        {},
        (),
        (LedgerEntry("gammal.xlsx", "", "case", "replaced_file", 9),),
    )
    result = clean(raw, gone)
    assert [True, False, False] == result.member_year["has_returned"].tolist()
    assert [9, 1] == summarise_ledger(result.ledger)["read"].tolist()


def test_a_member_that_is_not_on_the_list_stops_the_year(make_return):
    with pytest.raises(ContractError, match="E-313"):
        clean(make_return({}, member="M09"))


def test_a_year_without_returns_has_all_columns():
    result = clean()
    assert (0, 0, 0) == (len(result.case), len(result.programme), len(result.total))
    assert {"role", "sex_by_age", "is_possible_duplicate", "row"} <= set(result.case.columns)
    assert [False, False, False] == result.member_year["has_returned"].tolist()


def test_a_ledger_that_does_not_add_up_stops_the_year(make_return):
    checked = check_return(make_return({}))
    wrong = type(checked)(
        **{**vars(checked), "ledger": (LedgerEntry("svar.xlsx", "Personer", "case", "accepted", 2),)}
    )
    with pytest.raises(ContractError, match="E-305"):
        clean_year([wrong], year=2024, source="demo", members=MEMBERS)


def test_the_summary_of_the_ledger_adds_up():
    ledger = [
        LedgerEntry("a.xlsx", "P", "case", "accepted", 5), LedgerEntry("a.xlsx", "P", "case", "held", 2, "E-203"),
        LedgerEntry("a.xlsx", "P", "case", "title", 4), LedgerEntry("a.xlsx", "P", "case", "merged", 1),
    ]  # fmt: skip
    assert [["a.xlsx", 12, 5, 2, 1, 4]] == summarise_ledger(ledger).values.tolist()
    assert [] == summarise_ledger([]).values.tolist()
