"""The sheet Check: nothing on an empty or complete form, exactly what is planted on another."""

import pandas as pd
import pytest
from python_calamine import CalamineWorkbook

from platform_utils.form import write_template
from platform_utils.spec import codebook

BOOK = codebook.load()
YEAR = 2025


def complete_rows(lang, codes):
    """Persons whose every question is answered and agrees with the others."""
    base = {
        "role": "direct", "sex": "woman", "age_years": 30, "age_band": "27_35", "first_contact_quarter": "q2",
        "first_contact_month": 5, "origin_group": "third_country", "origin_country": "NG",
        "residence_status": "asylum_seeker", "recruitment": "false_promise", "movement": "across_borders",
        "county": "01", "perpetrator_relation": "network", "identified_by": "police", "police_report": "yes",
        "police_report_timing": "after", "police_report_by": "person", "days_to_report": 10,
        "formal_identification": "yes", "reflection_period_applied": "yes", "reflection_period_granted": "yes",
        "reflection_applicant": "social_board", "temporary_permit": "pending", "asylum": "yes", "dublin": "no",
        "asylum_statement": "no", "mmm_access": "no", "mmm_refusal_reason": "not_believed", "authority_support": "no",
        "support_refused": "no", "children_count": 2, "children_with_person": 1, "children_home_country": 1,
        "children_in_care": 0, "children_elsewhere": 0, "exit_kind": "in_contact", "nsp": "yes", "days_to_last_contact": 90,
    }  # fmt: skip
    row = {}
    for column, (variable, code) in BOOK.grain_columns("case", YEAR).items():
        if code is not None:
            row[column] = BOOK.lists["yes_no"][0].label(lang)
        elif column in base and variable.is_number:
            row[column] = base[column]
        elif column in base:
            row[column] = BOOK.label(column, base[column], lang)
        else:
            row[column] = ""
    return pd.DataFrame([row | {"person_code": code, "person_count": 1} for code in codes]).astype(object)


def interventions(lang, codes):
    texts = {
        "beneficiary": "adult",
        "nsp_intervention": "rest",
        "rule_version": "2022",
        "nsp_step": "support_days",
    }
    labels = {name: BOOK.label(name, code, lang, "programme") for name, code in texts.items()}
    numbers = {"days_granted": 30, "days_used": 20, "amount_sek": 1000}
    return pd.DataFrame([{"person_code": code} | labels | numbers for code in codes]).astype(object)


def check(folder, lang, tables=None, member_id="M01"):
    path = folder / "form.xlsx"
    write_template(path, YEAR, lang, member_id=member_id, tables=tables)
    sheet = {"sv": "Kontroll", "en": "Check"}[lang]
    rows = CalamineWorkbook.from_path(str(path)).get_sheet_by_name(sheet).to_python(skip_empty_area=False)
    verdict = (rows[2][0], rows[2][2], rows[2][3])
    lines = {}
    for place, column, text, kind, count, first, _, code in (
        row[:8] for row in rows if row[3] in ("Fel", "Varning", "Error", "Warning")
    ):
        lines[place, code, column, text, kind] = (kind, int(count), first)
    sums = {row[0]: int(row[4]) for row in rows[5:12]}
    return verdict, lines, sums


def hits(lines):
    """What is counted at all: code and question to kind, number and first row."""
    return {(code, column): line for (_, code, column, *_), line in lines.items() if line[1]}


@pytest.mark.parametrize("lang", ["sv", "en"])
def test_an_empty_form_has_nothing_to_correct(tmp_path, lang):
    verdict, lines, sums = check(tmp_path, lang, member_id=None)
    assert {0} == {count for _kind, count, _row in lines.values()}
    assert {0} == set(sums.values())
    assert len(lines) > 75
    assert ["0", "0", "0"] == [text.rsplit(": ", 1)[1] for text in verdict]


@pytest.mark.parametrize("lang", ["sv", "en"])
def test_a_complete_form_has_nothing_to_correct(tmp_path, lang):
    codes = ["P1", "P2", "P3"]
    verdict, lines, sums = check(
        tmp_path, lang, {"case": complete_rows(lang, codes), "programme": interventions(lang, codes)}
    )
    assert {} == hits(lines)
    assert ["0", "0", "0"] == [text.rsplit(": ", 1)[1] for text in verdict]
    assert [3, 3, 3, 6, 3, 3000, 0] == list(sums.values())


CHILDREN = [
    name for name in BOOK.grain_columns("case", YEAR) if name.startswith("children_") and "__" not in name
]
PLANTED = [
    ({"role": ""}, "E-201", "Roll"),
    ({"person_code": ""}, "E-201", "Personkod"),
    ({"person_code": "19800101-1234"}, "E-219", "Personkod"),
    ({"person_code": "p2"}, "E-219", "Personkod"),
    ({"person_count": 237}, "E-214", "Ärende-id"),
    ({"case_id": "A1"}, "W-237", "Ärende-id"),
    ({"age_years": 17}, "E-210", "Ålder (år)"),
    ({"role": "barn till utsatt", **dict.fromkeys(CHILDREN, "")}, "W-241", "Roll"),
    ({"origin_country": "Rumänien"}, "W-235", "Ursprung"),
    ({"residence_status": "EU-medborgare"}, "W-242", "Uppehållsstatus"),
    ({"first_contact_month": 7}, "E-221", "Månad för första kontakt"),
    ({"police_report_by": ""}, "W-244", "Polisanmälan av"),
    ({"mmm_access": "ja"}, "E-211", "Skäl till inget stöd inom MMM"),
    ({"mmm_access": "okänt"}, "W-230", "Skäl till inget stöd inom MMM"),
    ({"age_band": "6–12 år", "age_years": 9}, "W-224", "Polisanmälan av"),
    ({"reflection_period_applied": "nej", "reflection_applicant": ""}, "E-213", "Betänketid beviljad"),
    ({"reflection_period_applied": "", "reflection_applicant": ""}, "W-225", "Betänketid sökt"),
    ({"days_to_report": 91}, "W-227", "Dagar från kontakt till anmälan"),
    ({"children_count": 1}, "E-212", "Antal egna barn"),
    ({"children_count": 3}, "W-234", "Antal egna barn"),
    ({"sex": "kvinnna"}, "E-203", "Personen"),
    ({"children_count": "två"}, "E-204", ""),
]  # fmt: skip


@pytest.mark.parametrize(("change", "code", "column"), PLANTED, ids=[code for _, code, _ in PLANTED])
def test_what_is_planted_in_row_6_is_counted_once_and_found_there(tmp_path, change, code, column):
    codes = ["P1", "P2", "P3"]
    rows = complete_rows("sv", codes)
    for name, value in change.items():
        rows.loc[1, name] = value
    _, lines, _ = check(tmp_path, "sv", {"case": rows, "programme": interventions("sv", codes)})
    expected = {(code, column): ("Fel" if code[0] == "E" else "Varning", 1, 6)}
    if change.get("person_code", "p2") != "p2":
        expected["E-218", "Personkod"] = ("Fel", 1, 6)
    assert expected == hits(lines)


def test_the_same_code_twice_and_a_stranger_among_the_interventions(tmp_path):
    tables = {"case": complete_rows("sv", ["P1", "P1", "P3"]), "programme": interventions("sv", ["P1", "P9"])}
    _, lines, _ = check(tmp_path, "sv", tables)
    expected = {("E-216", "Personkod"): ("Fel", 2, 5), ("E-218", "Personkod"): ("Fel", 1, 6)}
    assert expected == hits(lines)


def test_totals_beside_persons_are_said_and_a_missing_member_is_seen(tmp_path):
    totals = pd.DataFrame(
        {"role": ["direkt utsatt"], "sex": ["kvinna"], "adult_or_child": [""], "person_count": [9]}
    )
    tables = {"case": complete_rows("sv", ["P1"]), "programme": interventions("sv", ["P1"]), "total": totals}
    _, lines, sums = check(tmp_path, "sv", tables, member_id=None)
    expected = {("E-226", "Medlems-id"): ("Fel", 1, 4), ("W-238", ""): ("Varning", 1, 5)}
    assert expected == hits(lines)
    assert sums["Personer på bladet Endast totaler"] == 9
