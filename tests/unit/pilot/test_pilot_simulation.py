"""Small versions of the benchmarks: errors stay below their level, effects are found, wrong methods fail."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path

import pytest

from platform_utils.pilot.power import foresee, smallest_effect, years_needed

ROOT = Path(__file__).parents[3] / "benchmarks"


@pytest.fixture(scope="module")
def errors():
    sys.path.insert(0, str(ROOT))
    try:
        spec = importlib.util.spec_from_file_location("pilot_errors", ROOT / "pilot_errors.py")
        module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
    finally:
        sys.path.remove(str(ROOT))
    return module


@pytest.mark.parametrize(
    "name", ["no clustering", "correlation 0.15", "one dominant member", "informative loss, correlation 0.15"]
)
def test_no_effect_is_found_in_at_most_one_in_twenty_and_few_are_silent(errors, name):
    draws = 250
    chances = errors.simulate(errors.NULLS[name], errors.PLAN, draws, seed=41)
    assert chances.any_found <= 0.05 + 3 * (0.05 * 0.95 / draws) ** 0.5
    assert chances.shares["report"].get("none", 0.0) <= 0.10 + 3 * (0.1 * 0.9 / draws) ** 0.5


def test_half_the_leaving_is_no_finding_on_reports(errors):
    chances = errors.simulate(errors.HALVED["half the leaving, informative loss"], errors.PLAN, 250, seed=42)
    assert chances.found("report") <= 0.05
    assert chances.shares["report"]["none"] > 0.5


def test_a_true_effect_is_found_in_three_of_four(errors):
    alone = errors.world(lost=(0.0, 0.0), report=(0.44, 0.20), other_ends=0.0)
    by_person = errors.replace(alone, sizes_1=(60,), sizes_0=(60,))
    assert errors.simulate(by_person, errors.PERSON, 150, 43).found("report") >= 0.72
    assert errors.simulate(alone, errors.PLAN, 200, 44).found("report") >= 0.68
    clustered = errors.replace(alone, correlation=0.1)
    assert errors.simulate(clustered, errors.PLAN, 200, 44).found("report") < 0.6


def test_three_members_a_side_see_nothing_and_years_help(errors):
    few = errors.world(report=(0.9, 0.1), sizes_1=(20,) * 3, sizes_0=(20,) * 3)
    assert 0.0 == errors.simulate(few, errors.PLAN, 50, 1).any_found
    strong = errors.replace(errors.PLAN, risk_with=0.7, risk_without=0.1, correlation=0.02)
    assert years_needed(strong, 6, 6, draws=40) in (1, 2, 3)
    assert years_needed(errors.replace(strong, risk_with=0.12), 6, 6, draws=20) is None


def test_the_smallest_effect_lies_where_the_curve_crosses(errors):
    plan = errors.replace(errors.PLAN, correlation=0.0, power_draws=80)
    chances, curve = foresee(plan, "report", 6, 90)
    assert (0.0, 0.05) == tuple(size for size, _ in curve[:2])
    assert curve[0][1] <= 0.1 < curve[-1][1]
    assert 0.15 < smallest_effect(curve) < 0.5
    assert 1.0 == pytest.approx(sum(chances.shares["report"].values()))
