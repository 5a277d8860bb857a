"""Small versions of the benchmarks: errors stay below their level, effects are found, wrong methods fail."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path

import pytest

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


@pytest.mark.parametrize("correlation", [0.0, 0.1])
def test_no_effect_is_found_in_at_most_one_in_twenty(errors, correlation):
    draws = 250
    shares = errors.run(errors.World(correlation=correlation), draws, seed=41)
    noise = 3 * (0.05 * 0.95 / draws) ** 0.5
    assert shares["any"] <= 0.05 + noise
    if correlation:
        assert shares["fisher_lost"] > 0.08


def test_half_the_leaving_is_no_finding_on_reports(errors):
    shares = errors.run(errors.World(0.25, 0.5), 250, seed=42)
    assert shares.get("report_more", 0.0) <= 0.01
    assert shares["report_none"] > 0.6


def test_a_true_effect_is_found_in_three_of_four(errors):
    person = errors.replace(errors.PLAN, unit="person", test="boschloo", interval="newcombe")
    world = errors.World(0.0, 0.0, 0.44, 0.20, other_ends=0.0)
    assert errors.found(errors.run(world, 200, 43, person), "report") >= 0.75
    assert errors.found(errors.run(errors.replace(world, members=10), 200, 44), "report") >= 0.68
