"""What may be kept is listed: answers, codes of one grammar, numbers; an identifier in any dress is not."""

import pytest

from platform_utils.returns.answers import may_be_kept
from platform_utils.spec.codebook import load

IDENTIFIERS = [
    "811228-9874", "81.12.28-98.74", "811228.9874", "811228/9874", "81 12 28 98 74", "8112289874", "198112289874",
    "19811228–9874", "8112\u200b289874", "811228\u20609874", "811228-9875", "19870512", "1987-05-12", "12/05/1987",
    "T811228-¦1234", "TF¦12345678", "LMA ¦12345678", "070-174 06 05", "0701740605", "701740605", "+46 70 174 06 05",
    "08-465 004 00", "a@b.se", "Anna Svensson", "Anna-Svensson", "AnnaSvensson", "Svensson, A", "Anna född 1987", "8.507122394E9",
    "8507122.394", "Storgatan 1", "Anna-3",
    "20190403-¦1234", "31,6408¦233234", "31.6408¦233234", "1,070¦1740605", "31.4670¦1740605", "64.08¦23 32.34",
    "81,12¦28 98,74", "19/03/81", "22.12.81", "18-5-79", "24 12 79", "24/12-64", "23 aug 64", "28 december 81", "22-12¦-81 98:74",
    "2019¦0304 12:34", "＠fatima92", "﹫fatima", "王小明", "김민수", "فاطمة‌حسن", "annaʼsvensson", "kvinnaㅤzqxson",
    "Storgatan5", "storgatan12b", "C4KTPLRF2", "八一一二二八九八七四", "April Juni", "Per April", "Per Dag",
]  # fmt: skip
ANSWERS = {
    "sex": ["Kvinna", "kvina", "kod 7", "9", "okänt", " kv\u00adinna\u00a0"],
    "first_contact_quarter": ["2023-04-03", "03/04", "25/04/2023", "45019", "43557", "Q1 2023", "jan-mars", "3 apr",
                              "2023-01 – 2023-03", "2023-05-14 00:00:00"],
    "age_years": ["31", "31,5", "ca 30", "30-35", "0.0099009900990099", "12 år", "1e-05", "-5", "450"],
    "amount_sek": ["12 500", "12.500,50 kr", "12500:-", "10 000–12 000 kr", "4950.4950495049507", "12 5OO"],
    "person_code": ["A-1", "AB-0142", "M07-12", "12", "NO-0001-b1", "ÅÄ-3", "A–1"],
    "origin_country": ["Sverige; Norge", "Georgien"],
    "age_band": ["18 till 26", "18 år", "27-35"],
}  # fmt: skip
QUESTIONS = [
    "sex",
    "role",
    "first_contact_quarter",
    "age_years",
    "amount_sek",
    "days_to_report",
    "person_code",
]


@pytest.mark.parametrize("name", QUESTIONS)
def test_no_identifier_may_be_kept_under_any_question(name):
    variable = load().variable(name)
    assert [] == [text for text in IDENTIFIERS if may_be_kept(text.replace("¦", ""), variable, "M07", 2023)]


@pytest.mark.parametrize("text", ["2019-03-04", "20190304", "4/3 2019", "04.03.19"])
def test_a_date_under_an_age_is_a_day_of_birth(text):
    assert not may_be_kept(text, load().variable("age_years"), "M07", 2023)
    assert may_be_kept(text, load().variable("first_contact_quarter"), "M07", 2023)


@pytest.mark.parametrize("name", ANSWERS)
def test_no_answer_is_lost(name):
    variable = load().variable(name)
    assert [] == [text for text in ANSWERS[name] if not may_be_kept(text, variable, "M07", 2023)]


def test_every_answer_of_the_codebook_may_be_kept():
    for variable in load().variables:
        for code in () if variable.is_number or variable.kind == "text_code" else load().answers(variable):
            for text in (code.sv, code.en, code.sv.upper(), *code.aliases):
                assert may_be_kept(text, variable, "M07", 2023), (variable.name, code.code)


@pytest.mark.parametrize(
    "text",
    ["Anna", "Georgien", "870512", "ABC-1", "a b", "2023-0142", "ab-12", "p1", "Ab-12", "m07-12", "XYZ-12"],
)
def test_a_code_is_nothing_but_a_code(text):
    assert not may_be_kept(text, load().variable("person_code"), "M07", 2023)
