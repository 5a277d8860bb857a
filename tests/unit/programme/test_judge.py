"""Rules by date: what may have held when, what a case breaks under each, and that nothing else is judged."""

import pytest
from histories import MONTHS, generated, oracle, versions

from platform_utils.programme import Case, Spell, days_beyond, judge_case, load_rules

RULES = load_rules()


def broken(case):
    return {
        (b.version, b.what, b.kind, b.person, b.measure, b.most, b.source)
        for verdict in judge_case(case, RULES)
        for b in verdict.breaches
    }


@pytest.mark.parametrize("era", MONTHS)
def test_generated_histories_are_judged_as_an_oracle_of_plain_loops_judges_them(era):
    found = set()
    for case in generated(era, 500):
        expected = oracle(case)
        assert expected == broken(case)
        assert versions(case.month) == [verdict.period.name for verdict in judge_case(case, RULES)]
        found |= expected
    assert bool(found) == (era in ("2017", "closed", "reopened", "2022", "tightened"))


@pytest.mark.parametrize(
    ("month", "names"),
    [
        ("2015-01", ["not_found"]), ("2016-12", ["not_found"]), ("2017-01", ["2017"]), ("2018-06", ["not_found"]),
        ("2019-01", ["closed"]), ("2020-05", ["closed", "not_found"]), ("2021-12", ["not_found"]),
        ("2022-01", ["2022"]), ("2022-12", ["2022"]), ("2023-01", ["2022", "tightened"]), ("2014-12", []), ("", []),
    ],
)  # fmt: skip
def test_a_month_is_shown_under_all_that_may_have_held(month, names):
    case = Case(month, (Spell("P1", "rest", granted=31),))
    verdicts = judge_case(case, RULES)
    assert names == [verdict.period.name for verdict in verdicts]
    assert all(not verdict.breaches for verdict in verdicts if verdict.period.state == "not_found")
    assert [name in ("2017", "2022", "tightened") for name in names] == [v.is_judged for v in verdicts]


@pytest.mark.parametrize(
    ("case", "version", "sv", "en"),
    [
        (
            Case("2017-05", (Spell("P1", "rest", used=31),)), "2017",
            "använt: dag 31 av akut viloperiod; högst 30 sedan 2017, bilder den 15 mars 2017",
            "used: day 31 of recovery period; 30 at most since 2017, slides of 15 March 2017",
        ),
        (
            Case("2017-05", (), certified=False), "2017",
            "den som ansökte var inte certifierad; bara certifierade aktörer får ansöka sedan 2017, bilder den 15 mars 2017",
            "the applicant was not accredited; only accredited providers may apply since 2017, slides of 15 March 2017",
        ),
        (
            Case("2022-05", tuple(Spell("P1", "support_protection", n, granted=60) for n in (1, 2, 3, 4))), "2022",
            "period 4 av rehabilitering; högst 3 sedan 2022, Plattformens sida om NSP 2022",
            "period 4 of rehabilitation; 3 at most since 2022, the Platform's page on NSP in 2022",
        ),
    ],
)  # fmt: skip
def test_a_breach_says_version_and_source_in_plain_words(case, version, sv, en):
    breaches = [b for verdict in judge_case(case, RULES) for b in verdict.breaches]
    assert [version] == [breach.version for breach in breaches]
    assert (sv, en) == (breaches[0].trace("sv"), breaches[0].trace("en"))


def test_the_days_of_integration_stand_outside_the_four_and_the_ten_months():
    full = [Spell("P1", "rest", granted=30), Spell("P1", "support_protection", granted=90)]
    integration = Spell("P1", "integration", granted=45)
    assert set() == broken(Case("2024-03", (*full, integration)))
    spot = Spell("P1", "specific_support", granted=1)
    assert {("tightened", "total")} == {(b[0], b[2]) for b in broken(Case("2024-03", (*full, spot)))}


@pytest.mark.parametrize(
    ("wanted", "version", "beyond"),
    [
        ({"rest": 30, "support_protection": 90}, "tightened", 0),
        ({"rest": 40, "support_protection": 100}, "tightened", 20),
        ({"support_protection": 200}, "tightened", 110),
        ({"support_protection": 200}, "2022", 0),
        ({"support_protection": 300, "integration": 50}, "2022", 35),
        ({"rest": 30, "support_protection": 90, "specific_support": 7}, "tightened", 7),
        ({"rest": 31}, "2017", 1),
    ],
)
def test_days_needed_beyond_the_limits_are_counted_once(wanted, version, beyond):
    spells = [Spell("P1", kind, wanted=days) for kind, days in wanted.items()]
    assert beyond == days_beyond(spells, version, RULES)


def test_every_limit_and_period_names_a_source_with_an_address():
    named = {one.source for one in (*RULES.periods, *RULES.limits, *RULES.rights)}
    assert named == set(RULES.sources)
    assert all(source.address for source in RULES.sources.values())
