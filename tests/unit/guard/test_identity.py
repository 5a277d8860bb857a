"""What names a person is recognised, and what members' own codes look like is not."""

import pytest

from platform_utils.guard.identity import find_identity

# The personal number is the well-known example of the tax agency, the phone numbers are reserved for fiction.
# What is no such example has a bar in it: the hook reads this file too.


@pytest.mark.parametrize(
    "text",
    [
        "811228-9874", "8112289874", "19811228-9874", "198112289874", "811228+9874", "811228 9874",
        "811228–9874", "nr 19811228-9874, se brev", "nr.8112289874", "_8112289874_", "811288-9871",
        "811228-9875", "81.12.28-98.74", "81 12 28 98 74", "1981-12-28-9874", "1981/12/28 9874", "811228−9874",
        "８１１２２８-９８７４", "٨١١٢٢٨-٩٨٧٤", "8112\u200b28\u00ad9874", "811228&#45;9874", "8112**28-98**74",
        "8112<b>28</b>9874", "811228-¦T123", "198112289875", "LMA ¦12345678", "tf-¦12 34 56 78",
        "Dossnr: ¦1234567", "070-174 06 05", "0701740605", "070 1740605", "070.174.06.05", "07 01 74 06 05",
        "701740605", "46701740605", "+46 70 174 06 05", "+46701740605", "+46 (0)70-174 06 05",
        "0046 70 174 06 05", "08-465 004 00", "031-390 06 00", "Ring +4670-1740605",
        "070\u2011174\u00a006\u202f05", "någon@example.org", "mejl: a.b@¦bolag.se tack",
        "a.b (at) ¦bolag.se", "x＠¦bolag.se", "a&#64;¦bolag.se",
    ],
)  # fmt: skip
def test_a_person_is_recognised_in_any_dress(text):
    assert find_identity(text.replace("¦", ""))


@pytest.mark.parametrize(
    "text",
    [
        "", "ja", "A-17", "2023-0142", "M07-2023-0142", "000142", "1234567890", "811328-9874", "2023-01 – 2023-03",
        "10 11 12 13 15", "a" * 20 + "8112289874" + "b" * 20,
        "556677-8899", "2 544 827", "2544827", "1 234,50", "100000000", "2023-04-03", "03/04", "04-05-2023",
        "2023-04-03 10:20:30", "18–26 år", "0,5", "@", "a@b", "12 av 20", "99999999999", "0.811228", "1.23456789012346E+19",
    ],
)  # fmt: skip
def test_other_texts_are_not(text):
    assert find_identity(text) is None
