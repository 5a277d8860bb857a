import pandas as pd

from platform_utils.spec.returns import Finding, LedgerEntry
from platform_utils.validate import check_return


def answers(checked, *columns):
    return checked.tables["case"].loc[:, list(columns)].astype("object").values.tolist()


def test_spellings_in_two_languages_and_stray_characters_become_codes(make_return):
    raw = make_return(
        {"sex": " KVINNA\u00a0"},
        {"person_code": "P2", "sex": "fe\u00admale"},
        {"person_code": "P3", "sex": "annat ko\u0308n"},
    )
    assert [["woman"], ["woman"], ["other"]] == answers(check_return(raw), "sex")


def test_unknown_blank_and_not_asked_stay_apart_and_stand_beside_numbers(make_return):
    raw = make_return(
        {"sex": "vet ej", "children_count": "okänt", "children_with_person": "", "children_home_country": ""},
        {
            "person_code": "P2",
            "sex": "",
            "children_count": "",
            "children_with_person": "",
            "children_home_country": "",
        },
        leave_out=("county", "days_to_last_contact"),
    )
    table = check_return(raw).tables["case"]
    assert ["unknown", "blank"] == table["sex"].tolist()
    assert ["unknown", "blank"] == table["children_count_status"].tolist()
    assert [True, True] == table["children_count"].isna().tolist()
    assert ["not_asked", "not_asked"] == table["county"].tolist()
    assert ["not_asked", "not_asked"] == table["days_to_last_contact_status"].tolist()


def test_a_dependent_question_is_not_asked_exactly_where_its_condition_does_not_hold(make_return):
    empty = {"police_report_timing": "", "police_report_by": "", "crime_heading__trafficking": ""}
    raw = make_return(
        {"police_report": "ja"} | empty,
        {"person_code": "P2", "police_report": "nej"} | empty | {"crime_heading__trafficking": "nej"},
        {"person_code": "P3", "police_report": "okänt"} | empty | {"police_report_by": "vet ej"},
        {"person_code": "P4", "police_report": ""} | empty,
    )
    assert [
        ["yes", "blank", "blank", "blank"],
        ["no", "not_asked", "not_asked", "not_asked"],
        ["unknown", "not_asked", "not_asked", "not_asked"],
        ["blank", "not_asked", "not_asked", "not_asked"],
    ] == answers(
        check_return(raw),
        "police_report",
        "police_report_timing",
        "police_report_by",
        "crime_heading__trafficking",
    )


def test_a_mass_case_is_one_row_with_a_count(make_return):
    checked = check_return(make_return({"person_count": "237", "case_id": "Å-1"}, {"person_code": "P2"}))
    assert [[237, "given", "Å-1"], [1, "given", "not_asked"]] == answers(
        checked, "person_count", "person_count_status", "case_id"
    )


def test_all_findings_come_at_once_in_the_order_of_rows_and_columns(make_return):
    raw = make_return(
        {"sex": "kvina", "county": "Norge"},
        {"person_code": "P2", "age_years": "12"},
        programme=[{"amount_sek": "x"}],
    )
    assert [
        ("E-203", "Personer", 5, "Kön"), ("E-203", "Personer", 5, "Län för kontakten"),
        ("E-210", "Personer", 6, "Ålder (år)"), ("E-204", "Insatser", 5, "Belopp (kr)"),
    ] == [(f.code, f.sheet, f.row, f.column) for f in check_return(raw).findings]  # fmt: skip


def test_a_finding_never_holds_a_cell(make_return):
    raw = make_return(
        {"sex": "hemligt", "age_years": "hemligt", "person_code": "hemligt namn", "case_id": "hemligt"}
    )
    assert "hemligt" not in repr(check_return(raw).findings)


def test_an_error_of_reading_holds_its_row_its_sheet_or_its_file(make_return):
    cell = Finding("E-153", "svar.xlsx", "Personer", 6, "Antal egna barn", variable="children_count")
    rows = ({}, {"person_code": "P2"})
    assert [("accepted", "", 1), ("held", "E-153", 1)] == fates(
        check_return(make_return(*rows, findings=[cell]))
    )
    sheet = Finding("E-199", "svar.xlsx", "Personer")
    assert [("held", "E-199", 2)] == fates(check_return(make_return(*rows, findings=[sheet])))
    file = Finding("E-199", "svar.xlsx")
    assert [("held", "E-199", 2)] == fates(check_return(make_return(*rows, findings=[file])))
    warning = Finding("W-154", "svar.xlsx", "Personer", 6)
    assert [("accepted", "", 2)] == fates(check_return(make_return(*rows, findings=[warning])))


def fates(checked):
    return [(e.reason, e.detail, e.rows) for e in checked.ledger]


def test_a_row_with_several_errors_is_held_once_under_the_lowest_code(make_return):
    checked = check_return(make_return({"sex": "x", "role": "", "age_years": "y"}))
    assert [("held", "E-201", 1)] == fates(checked)
    assert 3 == len(checked.findings)


def test_what_reading_set_aside_stays_in_the_ledger(make_return):
    title = LedgerEntry("svar.xlsx", "Personer", "case", "title", 4)
    assert (title, LedgerEntry("svar.xlsx", "Personer", "case", "accepted", 1)) == check_return(
        make_return({}, ledger=[title])
    ).ledger


def test_each_changed_spelling_is_recorded_once_with_its_rows_and_held_rows_are_not(make_return):
    raw = make_return(
        {"sex": "kvinna"}, {"person_code": "P2", "sex": "kvinna"}, {"person_code": "P3", "sex": "woman"},
        {"person_code": "P4", "sex": "kvinna", "role": ""},
    )  # fmt: skip
    recodes = check_return(raw).recodes
    assert [["svar.xlsx", "sex", "kvinna", "woman", 2]] == recodes[
        recodes["variable"] == "sex"
    ].values.tolist()
    ages = recodes[recodes["variable"] == "amount_sek"]
    assert 0 == len(ages)


def test_a_year_aware_list(make_return):
    checked = check_return(
        make_return({"form__surrogacy": "nej"}, {"person_code": "P2", "form__surrogacy": ""})
    )
    assert [["not_asked"], ["not_asked"]] == answers(checked, "form__surrogacy")
    later = check_return(make_return({"form__surrogacy": "ja"}, year=2025))
    assert [["yes"]] == answers(later, "form__surrogacy")


def test_dictionary_encoded_columns_give_the_same(make_return):
    raw = make_return({}, {"person_code": "P2", "sex": "kvina"}, {"person_code": "P3", "sex": ""})
    coded = raw.tables["case"].astype({"sex": "category", "role": "category", "children_count": "category"})
    again = check_return(type(raw)(raw.member_id, raw.year, raw.file, raw.form_version, {"case": coded}))
    once = check_return(raw)
    assert once.findings == again.findings
    pd.testing.assert_frame_equal(once.tables["case"], again.tables["case"])


def test_the_raw_return_is_left_as_it_was(make_return):
    raw = make_return({"sex": "kvina"}, {"person_code": "P2"})
    before = raw.tables["case"].copy()
    check_return(raw)
    pd.testing.assert_frame_equal(before, raw.tables["case"])
