"""One good row, then one bad row per constraint, each with its code."""

import pytest

from platform_utils import messages
from platform_utils.spec import codebook
from platform_utils.validate import check_return

BAD = [
    ("E-201", "role", [{"role": ""}]),
    ("E-201", "person_code", [{"person_code": " "}]),
    ("E-203", "sex", [{"sex": "kvina"}]),
    ("E-203", "form__sexual", [{"form__sexual": "kanske"}]),
    ("E-204", "person_count", [{"person_count": "okänt"}]),
    ("E-205", "person_count", [{"person_count": "0"}]),
    ("E-207", "children_count", [{"children_count": "03/04/2024"}]),
    ("E-208", "children_count", [{"children_count": "2,5"}]),
    ("E-209", "children_count", [{"children_count": "-1"}]),
    ("E-210", "age_years", [{"age_years": "12"}]),
    ("E-211", "police_report_by", [{"police_report": "nej", "police_report_timing": "", "crime_heading__trafficking": ""}]),
    ("E-211", "dropout_stage", [{"exit_kind": "kvar i kontakt", "dropout_stage": "senare"}]),
    ("E-212", "children_count", [{"children_count": "1"}]),
    ("E-213", "reflection_period_granted", [{"reflection_period_applied": "nej", "reflection_period_granted": "ja"}]),
    ("E-214", "case_id", [{"person_count": "12"}]),
    ("E-214", "case_id", [{"person_count": "12", "case_id": "okänt"}]),
    ("E-215", "case_id", [
        {"person_count": "12", "case_id": "Å 1"}, {"person_code": "P2", "person_count": "3", "case_id": "å 1"},
    ]),
    ("E-216", "person_code", [{}, {"sex": "man"}]),
    ("E-216", "person_code", [{}, {"sex": ""}]),
    ("E-235", "person_code", [{}, {}]),
    ("E-236", "role", [{"age_years": "16", "age_band": "16–17 år", "role": "barn", "form__sexual": "ja", "children_count": "0", "children_with_person": "",
                        "children_home_country": ""}]),
    ("E-217", "form__surrogacy", [{"form__surrogacy": "ja"}]),
    ("E-219", "person_code", [{"person_code": "Anna"}]),
    ("E-219", "person_code", [{"person_code": "P" + "1" * 40}]),
    ("E-219", "person_code", [{"person_code": "=P1"}]),
    ("E-221", "first_contact_month", [{"first_contact_quarter": "kv2", "first_contact_month": "7"}]),
]  # fmt: skip
UNREADABLE = [
    ("E-203", "county", [{"county": "Norge"}]),
    ("E-203", "origin_country", [{"origin_country": "no"}]),
    ("E-204", "age_years", [{"age_years": "ca 30", "age_band": ""}]),
    ("E-204", "age_years", [{"age_years": "30-35", "age_band": ""}]),
    ("E-205", "age_years", [{"age_years": "111", "age_band": ""}]),
    ("E-206", "first_contact_quarter", [{"first_contact_quarter": "2024-04-03"}]),
    ("E-206", "first_contact_quarter", [{"first_contact_quarter": "45019"}]),
    ("E-206", "first_contact_month", [{"first_contact_month": "3 april 2024"}]),
    ("E-206", "age_years", [{"age_years": "45019", "age_band": ""}]),
    ("E-207", "first_contact_quarter", [{"first_contact_quarter": "03/04"}]),
]  # fmt: skip
WARNED = [
    ("W-230", "police_report_by", [{"police_report": "", "police_report_timing": "", "crime_heading__trafficking": ""}]),
    ("W-222", "children_with_person", [{"children_with_person": "", "children_home_country": ""}]),
    ("W-224", "police_report_by", [{"age_years": "9", "age_band": "6–12 år"}]),
    ("W-225", "reflection_period_applied", [{"reflection_period_granted": "ja"}]),
    ("W-227", "days_to_report", [{"days_to_report": "9", "days_to_last_contact": "8"}]),
    ("W-232", "children_count", [{"role": "barn till utsatt", "age_years": "9", "age_band": "6–12 år", "police_report_by": "myndighet"}]),
    ("W-233", "labour_branch__cleaning", [{"labour_branch__cleaning": "ja"}]),
    ("W-234", "children_count", [{"children_count": "3", "children_in_care": "0", "children_elsewhere": "0"}]),
    ("W-235", "origin_group", [{"origin_group": "övriga EU"}]),
    ("W-237", "case_id", [{"case_id": "A1"}]),
    ("W-241", "role", [{"role": "barn till utsatt", "children_count": "0", "children_with_person": "", "children_home_country": ""}]),
    ("W-242", "residence_status", [{"residence_status": "EU-medborgare"}]),
    ("W-243", "form__sexual", [{"form__sexual": "nej"}]),
    ("W-244", "police_report_by", [{"police_report_by": ""}]),
    ("W-244", "dropout_stage", [{"exit_kind": "avvek", "contact_regained": "nej"}]),
    ("W-248", "funder__nsp", [{"funder__nsp": "ja", "nsp": "nej"}]),
    ("W-249", "children_count", [{"children_count": ""}]),
]  # fmt: skip


def identify(value):
    return value if isinstance(value, str) else ""


def test_the_good_row_has_no_finding(make_return):
    checked = check_return(make_return({}, programme=[{}], organisation=[{}]))
    assert () == checked.findings
    assert ["accepted"] * 3 == [entry.reason for entry in checked.ledger]


@pytest.mark.parametrize(("code", "column", "rows"), BAD, ids=identify)
def test_a_bad_row_is_held_with_its_code_and_nothing_else(make_return, code, column, rows):
    checked = check_return(make_return(*rows))
    assert {(code, column)} == {(f.code, f.variable) for f in checked.findings}
    assert [("held", code, len(rows))] == [(e.reason, e.detail, e.rows) for e in checked.ledger]
    assert 0 == len(checked.tables["case"])


@pytest.mark.parametrize(("code", "column", "rows"), UNREADABLE, ids=identify)
def test_an_answer_that_nobody_waits_for_is_unreadable_and_the_person_stays(make_return, code, column, rows):
    checked = check_return(make_return(*rows))
    assert [(code, column, "warning")] == [(f.code, f.variable, f.severity) for f in checked.findings]
    assert [("accepted", 1)] == [(e.reason, e.rows) for e in checked.ledger]
    status = f"{column}_status"
    table = checked.tables["case"]
    assert ["unreadable"] == table[status if status in table else column].tolist()


@pytest.mark.parametrize(("code", "column", "rows"), WARNED, ids=identify)
def test_a_doubtful_row_passes_with_its_warning(make_return, code, column, rows):
    checked = check_return(make_return(*rows))
    assert {(code, column)} == {(f.code, f.variable) for f in checked.findings}
    assert [("accepted", len(rows))] == [(e.reason, e.rows) for e in checked.ledger]


def test_an_answer_to_a_question_of_another_year_is_not_counted(make_return):
    checked = check_return(make_return({"county": "Skåne"}, year=2018, leave_out=("origin_country",)))
    assert [("W-231", "county")] == [(f.code, f.variable) for f in checked.findings if f.variable == "county"]
    assert ["not_asked"] == checked.tables["case"]["county"].tolist()


def test_a_sheet_without_a_required_column_is_held_whole_and_said_once(make_return):
    checked = check_return(make_return({}, {"person_code": "P2"}, leave_out=("role",)))
    assert [("E-202", None, "Roll")] == [(f.code, f.row, f.column) for f in checked.findings]
    assert [("held", "E-202", 2)] == [(e.reason, e.detail, e.rows) for e in checked.ledger]


@pytest.mark.parametrize(
    ("code", "column", "row"),
    [
        ("E-218", "person_code", {"person_code": "P9"}),
        ("E-203", "nsp_intervention", {"nsp_intervention": "vila"}),
        ("E-204", "amount_sek", {"amount_sek": "tusen"}),
        ("W-240", "days_used", {"days_used": "31"}),
        ("W-223", "days_granted", {"days_granted": "31"}),
    ],
    ids=identify,
)
def test_interventions(make_return, code, column, row):
    checked = check_return(make_return({}, programme=[row]))
    assert [(code, column, "Insatser", 5)] == [(f.code, f.variable, f.sheet, f.row) for f in checked.findings]


def test_a_child_in_the_home_country_need_not_be_on_the_sheet_of_persons(make_return):
    row = {"person_code": "P9", "beneficiary": "barn i hemlandet"}
    assert () == check_return(make_return({}, programme=[row])).findings


def test_an_intervention_for_a_person_who_is_said_to_have_none(make_return):
    checked = check_return(make_return({"nsp": "nej"}, programme=[{}]))
    assert [("W-239", "Insatser")] == [(f.code, f.sheet) for f in checked.findings]


def test_a_form_whose_cover_names_no_member_is_held_whole(make_return):
    checked = check_return(make_return({}, {"person_code": "P2"}, member=""))
    assert ["E-226"] == [f.code for f in checked.findings]
    assert [("held", "E-226", 2)] == [(e.reason, e.detail, e.rows) for e in checked.ledger]


def test_an_organisation_has_one_row(make_return):
    checked = check_return(make_return(organisation=[{}, {}]))
    assert [("E-220", 6)] == [(f.code, f.row) for f in checked.findings]


def test_totals_beside_rows_are_set_aside(make_return):
    checked = check_return(make_return({}, total=[{}, {"sex": "man"}]))
    assert [("W-238", "Endast totaler", None)] == [(f.code, f.sheet, f.row) for f in checked.findings]
    assert [("case", "accepted", 1), ("total", "total_row", 2)] == [
        (e.grain, e.reason, e.rows) for e in checked.ledger
    ]


def test_every_error_and_warning_of_validation_is_tested_here():
    tested = {code for code, *_ in BAD + UNREADABLE + WARNED} | {
        "E-202",
        "E-218",
        "E-220",
        "E-226",
        "E-227",
        "W-223",
        "W-231",
        "W-238",
        "W-239",
        "W-240", "E-231", "E-232", "E-233", "E-234", "E-237", "W-245", "W-246", "W-247",
    }  # fmt: skip
    known = {
        code
        for code in messages.catalogue()
        if code[:3] in ("E-2", "W-2") and code < "W-250" and code[:4] != "E-25"
    }
    assert known == tested


@pytest.mark.parametrize("grain", ["case", "programme", "organisation", "total"])
def test_every_choice_refuses_what_is_not_in_its_list(make_return, grain):
    book = codebook.load()
    for column, (variable, _) in book.grain_columns(grain, 2024).items():
        if variable.is_number or variable.kind == "text_code":
            continue
        row = {column: "något annat"}
        raw = make_return(row) if grain == "case" else make_return(**{grain: [row]})
        found = {(f.code, f.variable) for f in check_return(raw).findings}
        assert ("E-203", column) in found
