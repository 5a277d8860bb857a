import pytest

from platform_utils.spec.codebook import load
from platform_utils.validate.typed_numbers import date_fault, read_number

AGE, AMOUNT = load().variable("age_years"), load().variable("amount_sek", "programme")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("31", (31, None)), (" 31\u00a0", (31, None)), ("31.0", (31, None)), ("31,00", (31, None)), ("0", (0, None)),
        ("111", (111, "E-205")), ("trettio", (None, "E-204")), ("ca 30", (None, "E-204")), ("30-35", (None, "E-204")),
        ("1e1", (None, "E-204")), ("31,5", (None, "E-208")), ("31.5", (None, "E-208")), ("-3", (None, "E-209")),
        ("\u22123", (None, "E-209")), ("-3,5", (None, "E-209")), ("2024-04-03", (None, "E-206")),
        ("2024-04-03T00:00:00", (None, "E-206")), ("45019", (45019, "E-206")), ("99999", (99999, "E-205")),
        ("03/04", (None, "E-207")), ("25/12", (None, "E-206")), ("²", (None, "E-204")),
    ],
)  # fmt: skip
def test_a_typed_age(text, expected):
    assert expected == read_number(text, AGE)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("4 500", (4500, None)), ("4\u00a0500 kr", (4500, None)), ("4500:-", (4500, None)), ("1 234 567", (1234567, None)),
        ("4500,50", (None, "E-208")), ("45 00", (None, "E-204")), ("2 000 001", (2000001, "E-205")), ("45019", (45019, None)),
    ],
)  # fmt: skip
def test_a_typed_amount(text, expected):
    assert expected == read_number(text, AMOUNT)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2024-04-03 12:30", "E-206"), ("20240403", "E-206"), ("2024-04", "E-206"), ("3 april", "E-206"),
        ("3 Apr. 2024", "E-206"), ("3/4 2024", "E-207"), ("03.04.2024", "E-207"), ("04/04/24", "E-206"),
        ("31.12.2024", "E-206"), ("03.04", "E-207"), ("12/2024", None), ("kv1", None), ("6-12", None), ("3.4", None),
        ("33999", None), ("0/4", None), ("40/41", None),
    ],
)  # fmt: skip
def test_what_is_a_date(text, expected):
    assert expected == date_fault(text)
