"""Groups with numbers of persons nest or are apart; what lets a person stand in two rows is held."""

import pytest

from platform_utils.validate import check_return, persons_counted

WOMEN, MEN = {"sex": "kvinna", "person_count": "20"}, {"sex": "man", "person_count": "5"}
ALL = {"sex": "", "adult_or_child": "", "person_count": "25"}
GIRLS, ADULTS = (
    {"sex": "kvinna", "adult_or_child": age, "person_count": count}
    for age, count in (("barn", "5"), ("vuxen", "15"))
)


@pytest.mark.parametrize(
    ("rows", "code", "counted", "said"),
    [
        ([WOMEN, MEN], "", 25, {}),
        ([WOMEN, MEN, ALL], "W-245", 25, {"places": "5, 6", "once": 25}),
        ([ALL, {**WOMEN, "adult_or_child": ""}, GIRLS, ADULTS, MEN], "W-245", 25, {}),
        ([WOMEN, MEN, {**ALL, "person_count": "30"}], "E-233", 0, {"places": "5, 6, 7", "apart": 55, "once": 30}),
        ([WOMEN, MEN, {**ALL, "person_count": "3"}], "E-233", 0, {"apart": 28, "once": 25}),
        ([WOMEN, MEN, {**ALL, "sex": "okänt", "adult_or_child": "okänt"}], "E-234", 0, {"apart": 50, "once": 25}),
        ([WOMEN, MEN, {"sex": "okänt", "person_count": "3"}], "", 28, {}),
        ([WOMEN, WOMEN, MEN], "E-231", 5, {"places": "5, 6", "apart": 40, "once": 20}),
        ([{**WOMEN, "adult_or_child": ""}, {"sex": "", "person_count": "9"}], "E-232", 0, {"apart": 29, "once": 20}),
        ([WOMEN, {**WOMEN, "role": "barn till utsatt"}], "", 40, {}),
        ([WOMEN, {**ALL, "person_count": "0"}], "", 20, {}),
    ],
)  # fmt: skip
def test_nobody_is_counted_twice(make_return, rows, code, counted, said):
    checked = check_return(make_return(total=rows))
    assert {code} - {""} == {finding.code for finding in checked.findings}
    assert counted == persons_counted(checked)
    for finding in checked.findings:
        assert said == {name: finding.fields[name] for name in said}


def test_groups_of_two_sheets_are_one_set_and_named_with_their_sheets(make_return):
    raw = make_return(total=[WOMEN, WOMEN])
    raw.tables["total"]["sheet"] = ["Vår", "Höst"]
    assert {"Vår 5, Höst 6"} == {finding.fields["places"] for finding in check_return(raw).findings}
