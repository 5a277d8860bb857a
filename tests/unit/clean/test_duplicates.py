from dataclasses import dataclass

from platform_utils.clean import clean_year
from platform_utils.clean.persons import flag_duplicates
from platform_utils.validate import check_return

FULL = {"first_contact_quarter": "kv2", "county": "Skåne"}


@dataclass(frozen=True)
class Listed:
    id: str
    membership_form: str = ""
    county: str = ""


def flags(*returns):
    members = [Listed(f"M0{n}") for n in (1, 2, 3)]
    year = clean_year([check_return(raw) for raw in returns], year=2024, source="demo", members=members)
    linked = flag_duplicates(year)
    assert len(year.case) == len(linked.case)
    return linked.case["is_possible_duplicate"].tolist()


def pair(make_return, first, second):
    return flags(make_return(FULL | first), make_return(FULL | second, member="M02", file="b.xlsx"))


def test_rows_that_agree_at_two_members_are_flagged(make_return):
    assert [True, True] == pair(make_return, {}, {"person_code": "X9", "police_report_by": "myndighet"})


def test_one_different_answer_is_enough_not_to_flag(make_return):
    for other in (
        {"sex": "man"},
        {"age_years": "32"},
        {"origin_country": "Ghana"},
        {"county": "Blekinge"},
        {"first_contact_quarter": "kv3"},
        {"role": "syskon"},
    ):
        assert [False, False] == pair(make_return, {}, other), other


def test_an_open_answer_is_never_flagged(make_return):
    for other in (
        {"sex": "okänt"},
        {"county": ""},
        {"origin_country": ""},
        {"age_years": "", "age_band": ""},
    ):
        assert [False, False] == pair(make_return, other, other), other


def test_an_age_that_one_member_leaves_open_agrees_with_the_band(make_return):
    assert [True, True] == pair(make_return, {}, {"age_years": ""})


def test_the_same_member_twice_is_not_its_question(make_return):
    assert [False, False] == flags(make_return(FULL, FULL | {"person_code": "P2"}))


def test_mass_cases_are_never_flagged(make_return):
    mass = {"person_count": "30", "case_id": "Å1"}
    assert [False, False] == pair(make_return, mass, mass)


def test_an_empty_year(make_return):
    assert [] == flags()
