"""Codes are dealt out exactly, whoever gets them."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from platform_utils.demo.deal import apportion, deal, deal_several, seeded

WEIGHTS = st.dictionaries(
    st.text("abcdef", min_size=1, max_size=3), st.integers(1, 50), min_size=1, max_size=6
)


@given(st.integers(0, 600), WEIGHTS)
def test_apportion_gives_out_everything_and_is_never_off_by_a_whole_one(total, weights):
    shared = apportion(total, weights)
    assert total == sum(shared.values())
    whole = sum(weights.values())
    assert all(abs(shared[code] - total * weight / whole) < 1 for code, weight in weights.items())


@pytest.mark.parametrize(
    ("total", "weights", "expected"),
    [
        (3, {"a": 1, "b": 1}, {"a": 2, "b": 1}),
        (0, {"a": 1}, {"a": 0}),
        (122, {"yes": 8, "no": 2}, {"yes": 98, "no": 24}),
    ],
)
def test_apportion_in_small(total, weights, expected):
    assert expected == apportion(total, weights)


def test_deal_meets_the_counts_and_prefers():
    women = np.array([True] * 4 + [False] * 6)
    counts = {"sexual": 4, "labour": 6}
    times = {"women": 0}
    for seed in range(20):
        dealt = deal(counts, seeded(seed, "test"), {"sexual": women})
        assert counts == {code: int((dealt == code).sum()) for code in counts}
        times["women"] += int((dealt[women] == "sexual").sum())
    assert times["women"] > 20 * 4 * 0.6


def test_everybody_who_knows_has_at_least_one_answer():
    counts = {"a": 5, "b": 3, "c": 4, "unknown": 2}
    for seed in range(20):
        columns = deal_several(counts, 12, seeded(seed, "test"))
        unknown = columns["a"] == "unknown"
        assert 2 == unknown.sum()
        assert {"a": 5, "b": 3, "c": 4} == {
            code: int((answer == "yes").sum()) for code, answer in columns.items()
        }
        some = np.logical_or.reduce([answer == "yes" for answer in columns.values()])
        assert (some | unknown).all()


def test_a_generator_depends_on_its_words_only():
    assert seeded(1, 2023, "sex").integers(1000) == seeded(1, 2023, "sex").integers(1000)
    assert seeded(1, 2023, "sex").integers(1000) != seeded(1, 2023, "form").integers(1000)
