"""What names a person is recognised, and what members' own codes look like is not."""

import pytest

from platform_utils.returns.identity import find_identity

# The personal number is the well-known example of the tax agency; the phone numbers are reserved for fiction.


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("811228-9874", "number"),
        ("8112289874", "number"),
        ("19811228-9874", "number"),
        ("198112289874", "number"),
        ("811228+9874", "number"),
        ("811228 9874", "number"),
        ("811228–9874", "number"),
        ("nr 19811228-9874, se brev", "number"),
        ("811288-9871", "number"),
        ("19811288-9871", "number"),
        ("070-174 06 05", "phone"),
        ("0701740605", "phone"),
        ("070 1740605", "phone"),
        ("701740605", "phone"),
        ("46701740605", "phone"),
        ("+46 70 174 06 05", "phone"),
        ("+46701740605", "phone"),
        ("0046 70 174 06 05", "phone"),
        ("08-465 004 00", "phone"),
        ("031-390 06 00", "phone"),
        ("Ring +4670-1740605", "phone"),
        ("någon@example.org", "mail"),
        ("mejl: a.b@example.se tack", "mail"),
    ],
)
def test_a_person_is_recognised(text, code):
    assert code == find_identity(text)


@pytest.mark.parametrize(
    "text",
    [
        "", "ja", "A-17", "2023-0142", "M07-2023-0142", "000142", "1234567890", "811228-9875", "811328-9874",
        "556677-8899", "2 544 827", "2544827", "1 234,50", "100000000", "2023-04-03", "03/04", "04-05-2023",
        "2023-04-03 10:20:30", "18–26 år", "0,5", "@", "a@b", "12 av 20", "99999999999", "0.811228", "1.23456789012346E+19",
    ],
)  # fmt: skip
def test_other_texts_are_not(text):
    assert find_identity(text) is None


def test_a_members_own_code_may_look_like_a_land_line():
    assert ("phone", None) == (find_identity("08-000123"), find_identity("08-000123", is_code=True))


def test_an_amount_may_look_like_a_mobile_number():
    assert ("phone", None) == (find_identity("701740605"), find_identity("701740605", is_amount=True))
