"""Every way of corrupting a return meets its own code; nothing else gets out."""

import random
import sys
from pathlib import Path

import pytest

COUNT, SEED = 100, 2


@pytest.fixture
def fuzz(monkeypatch):
    monkeypatch.syspath_prepend(Path(__file__).parents[2] / "benchmarks")
    import fuzz_returns

    yield fuzz_returns
    for name in ("fuzz_returns", "corruptions"):
        del sys.modules[name]


def test_a_hundred_corruptions_meet_their_codes(fuzz, tmp_path):
    outcomes = [fuzz.run_case(case, tmp_path) for case in fuzz.make_cases(COUNT, SEED)]
    assert COUNT == len(outcomes)
    assert [] == [
        (outcome.case.kind, outcome.case.code, outcome.codes) for outcome in outcomes if not outcome.is_right
    ]
    assert not any(fuzz.CATCH_ALL in outcome.codes for outcome in outcomes)


@pytest.mark.parametrize("kind", ["huge_cell", "mixed", "quotes", "aside", "shifted", "cut", "names"])
def test_the_same_seed_makes_the_same_file(fuzz, kind):
    first, second = (fuzz.KINDS[kind](random.Random(3)) for _ in range(2))
    assert (first.name, first.code, first.rows) == (second.name, second.code, second.rows)
    assert not first.name.endswith("csv") or first.data == second.data


def test_a_wrong_outcome_would_be_seen(fuzz, tmp_path):
    good = next(fuzz.make_cases(1, 1))
    other = fuzz.run_case(fuzz.Case("truncated", good.name, good.data, "E-111"), tmp_path)
    leaking = fuzz.Outcome(good, (good.code,), (f"{fuzz.MARK}-1",), True)
    short = fuzz.Outcome(good, (good.code,), (), False)
    assert [False, False, False] == [other.is_right, leaking.is_right, short.is_right]
