"""The sheet Check: nothing on an empty or complete form, exactly what is planted on another."""

import pandas as pd
import pytest
from python_calamine import CalamineWorkbook

from platform_utils.returns import write_template
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
    verdict = (rows[2][0], rows[2][2], rows[2][5])
    lines = {}
    for _, text, kind, count, first in (
        row[:5] for row in rows if row[2] in ("Fel", "Varning", "Error", "Warning")
    ):
        if count or text not in lines:
            lines[text] = (kind, int(count), first)
    sums = {row[0]: int(row[3]) for row in rows[5:12]}
    return verdict, lines, sums


@pytest.mark.parametrize("lang", ["sv", "en"])
def test_an_empty_form_has_nothing_to_correct(tmp_path, lang):
    verdict, lines, sums = check(tmp_path, lang, member_id=None)
    assert {0} == {count for _kind, count, _row in lines.values()}
    assert {0} == set(sums.values())
    assert len(lines) > 55
    assert ["0", "0", "0"] == [text.rsplit(": ", 1)[1] for text in verdict]


@pytest.mark.parametrize("lang", ["sv", "en"])
def test_a_complete_form_has_nothing_to_correct(tmp_path, lang):
    codes = ["P1", "P2", "P3"]
    verdict, lines, sums = check(
        tmp_path, lang, {"case": complete_rows(lang, codes), "programme": interventions(lang, codes)}
    )
    assert {} == {text: line for text, line in lines.items() if line[1]}
    assert ["0", "0", "0"] == [text.rsplit(": ", 1)[1] for text in verdict]
    assert [3, 3, 3, 6, 3, 3000, 0] == list(sums.values())


PLANTED = [
    ({"role": ""}, "Rader utan roll", "Fel"),
    ({"person_code": ""}, "Rader utan personkod", "Fel"),
    ({"person_code": "19800101-1234"}, "Personkoder som inte är löpkoder", "Fel"),
    ({"person_code": "p2"}, "Personkoder som inte är löpkoder", "Fel"),
    ({"person_count": 237}, "Rader för flera personer utan ärende-id", "Varning"),
    ({"case_id": "a"}, "Ärende-id på rader för en person", "Varning"),
    ({"age_years": 17}, "Åldern stämmer inte med åldersgruppen", "Fel"),
    ({"role": "barn till utsatt"}, "”barn till utsatt” med åldersgrupp för vuxna", "Varning"),
    ({"origin_country": "Rumänien"}, "Ursprungslandet stämmer inte med ursprunget", "Varning"),
    ({"residence_status": "EU-medborgare"}, "Uppehållsstatus stämmer inte med ursprunget", "Varning"),
    ({"first_contact_month": 7}, "Månaden för första kontakt ligger utanför kvartalet", "Varning"),
    ({"police_report_by": ""}, "”Polisanmälan” är ”ja” men ”Polisanmälan av” är tom", "Varning"),
    ({"mmm_access": "ja"}, "”Skäl till inget stöd inom MMM” besvarad där ”Stöd inom MMM” inte är ”nej”", "Varning"),
    ({"form__labour": "nej"}, "Bransch angiven utan arbetskraftsexploatering", "Varning"),
    ({"age_band": "6–12 år", "age_years": 9}, "Barn under 13 år som sägs ha anmält själva", "Varning"),
    ({"reflection_period_applied": "nej", "reflection_applicant": ""}, "Betänketid beviljad men inte sökt", "Fel"),
    ({"days_to_report": 91}, "Dagar till anmälan är fler än dagar till sista kontakten", "Varning"),
    ({"children_count": 3}, "Barnen per plats blir inte antalet barn", "Fel"),
    ({"children_count": ""}, "Barn per plats, men inget antal barn", "Varning"),
    ({"sex": "kvinnna"}, "Svar utanför listorna: Personen", "Fel"),
    ({"days_to_last_contact": "2025-03-01"}, "Celler som inte är ett tal inom gränserna", "Fel"),
]  # fmt: skip


@pytest.mark.parametrize(("change", "text", "kind"), PLANTED, ids=[text for _, text, _ in PLANTED])
def test_what_is_planted_in_row_6_is_counted_once_and_found_there(tmp_path, change, text, kind):
    codes = ["P1", "P2", "P3"]
    rows = complete_rows("sv", codes)
    for column, value in change.items():
        rows.loc[1, column] = value
    _, lines, _ = check(tmp_path, "sv", {"case": rows, "programme": interventions("sv", codes)})
    assert (kind, 1, 6) == lines[text]
    allowed = {
        "Insatser för en personkod som inte finns på Personer", "Personer med insats inom NSP men ingen rad på Insatser",
        "Ursprungslandet stämmer inte med ursprunget",
    }  # fmt: skip
    assert {text} == {other for other, line in lines.items() if line[1]} - (
        allowed if "person_code" in change else set()
    )


def test_the_same_code_twice_and_a_stranger_among_the_interventions(tmp_path):
    tables = {"case": complete_rows("sv", ["P1", "P1", "P3"]), "programme": interventions("sv", ["P1", "P9"])}
    _, lines, _ = check(tmp_path, "sv", tables)
    found = {text: line for text, line in lines.items() if line[1]}
    assert {
        "Rader vars personkod finns på fler rader": ("Fel", 2, 5),
        "Insatser för en personkod som inte finns på Personer": ("Varning", 1, 6),
        "Personer med insats inom NSP men ingen rad på Insatser": ("Varning", 1, 7),
    } == found


def test_totals_beside_persons_are_an_error_and_a_missing_member_is_seen(tmp_path):
    totals = pd.DataFrame(
        {"role": ["direkt utsatt"], "sex": ["kvinna"], "adult_or_child": [""], "person_count": [9]}
    )
    tables = {"case": complete_rows("sv", ["P1"]), "programme": interventions("sv", ["P1"]), "total": totals}
    _, lines, sums = check(tmp_path, "sv", tables, member_id=None)
    found = {text: line for text, line in lines.items() if line[1]}
    assert {
        "Medlems-id saknas på omslaget": ("Fel", 1, 4),
        "Totaler trots att Personer är ifyllt": ("Fel", 1, 5),
    } == found
    assert sums["Personer på bladet Endast totaler"] == 9
