"""The steps of a case: what must come before what, and that a plain walk over the order finds the same."""

import random

import pytest

from platform_utils.programme import check_steps, load_rules

RULES = load_rules()
BEGUN = ("identified", "applied")
SUPPORTED = (*BEGUN, "confirmed", "initial_assessment", "support_days")


@pytest.mark.parametrize(
    ("taken", "days", "found"),
    [
        (BEGUN, {}, []),
        ((*SUPPORTED, "integration", "closed"), {"confirmed": 2, "support_days": 9, "closed": 90}, []),
        ((*BEGUN, "refused"), {}, []),
        ((*BEGUN, "left"), {}, []),
        ((*BEGUN, "support_days"), {}, [("support_days", "before")]),
        ((*BEGUN, "confirmed", "refused"), {}, [("refused", "not_with")]),
        ((*SUPPORTED, "closed", "left"), {}, [("left", "two_ends")]),
        ((*BEGUN, "confirmed", "integration"), {}, [("integration", "before")]),
        (SUPPORTED, {"confirmed": 9, "support_days": 2}, [("support_days", "day")]),
        (("applied",), {}, [("applied", "before")]),
    ],
)
def test_steps_that_do_not_fit_are_named(taken, days, found):
    assert found == [(one.step, one.why) for one in check_steps(taken, days, RULES)]


@pytest.mark.parametrize("lang", ["sv", "en"])
def test_a_misstep_is_told_in_plain_words(lang):
    (said,) = check_steps((*BEGUN, "confirmed", "refused"), {}, RULES)
    expected = {
        "sv": "avslag fast ärendet också har bekräftelse",
        "en": "refusal although the case also has confirmation",
    }
    assert expected[lang] == said.trace(lang)


NEEDED = {
    "applied": {"identified"}, "confirmed": {"applied"}, "initial_assessment": {"confirmed"},
    "comprehensive_assessment": {"initial_assessment"}, "support_days": {"initial_assessment"},
    "complement": {"initial_assessment"}, "integration": {"support_days", "complement"},
    "return": {"support_days", "complement"}, "closed": {"support_days", "complement"},
    "left": {"applied"}, "refused": {"applied"},
}  # fmt: skip


def test_generated_steps_are_judged_as_an_oracle_judges_them():
    rng, names = random.Random("steps"), ["identified", *NEEDED]
    for _ in range(500):
        taken = {name for name in names if rng.random() < 0.6}
        expected = {(name, "before") for name in taken & set(NEEDED) if not NEEDED[name] & taken}
        expected |= {("refused", "not_with")} if {"refused", "confirmed"} <= taken else set()
        ends = [name for name in ("closed", "left", "refused") if name in taken]
        expected |= {(ends[-1], "two_ends")} if len(ends) > 1 else set()
        assert expected == {(one.step, one.why) for one in check_steps(taken, {}, RULES)}
