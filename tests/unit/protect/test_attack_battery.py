"""The judge of the attack battery against every population written out, and a small battery."""

import random
import sys
from itertools import combinations_with_replacement, product
from pathlib import Path

import numpy as np
import pytest

sys.path.insert(0, str(Path(__file__).parents[3] / "benchmarks"))

from attack_battery import YEAR, Told, judged, one_chain
from attack_judge import Highs, judge
from attack_world import Printed
from invented_years import draw_chain

from platform_utils import count

COLUMNS = ("m__x", "m__y", "m__z")


def everybody(sizes):
    """Every person who can be: a state of each block, and the codes of the multi-select block ``m``."""
    for states in product(*(range(size) for size in sizes.values())):
        said = dict(zip(sizes, states, strict=True))
        if said["m"] == 0:  # answered: some code is ticked
            for ticked in product((False, True), repeat=len(COLUMNS)):
                if any(ticked):
                    yield said, {c for c, yes in zip(COLUMNS, ticked, strict=True) if yes}
        else:
            yield said, set()


def counts(number, person):
    said, ticked = person
    holds = all(said[block] in states for block, states in number["where"].items())
    return holds and (number["column"] is None or number["column"] in ticked)


def tiny_world(seed):
    draw = random.Random(seed)
    sizes = {"a": draw.choice([2, 3]), "b": 2, "c": 2, "m": 2}
    persons = list(everybody(sizes))
    people = [draw.choice(persons) for _ in range(3)]
    wanted = [({}, None)]
    for _ in range(draw.choice([2, 3, 4])):
        blocks = draw.sample("abc", draw.choice([1, 2]))
        column = draw.choice([None, None, *COLUMNS])
        every = product(*(range(sizes[block]) for block in blocks))
        wanted += [({b: [s] for b, s in zip(blocks, states, strict=True)}, column) for states in every]
    numbers = []
    for where, column in wanted:
        number = {"where": where, "column": column, "kinds": ["free"]}
        count = sum(counts(number, person) for person in people)
        hidden = bool(where) and draw.random() < 0.6
        numbers.append(number | {"low": 0 if hidden else count, "high": None if hidden else count})
    hidden = [at for at, number in enumerate(numbers) if number["high"] is None]
    world = {
        "name": str(seed),
        "kinds": [{"name": "free", "weight": 1, "states": {b: list(range(s)) for b, s in sizes.items()}}],
        "groups": [],
        "numbers": numbers,
        "columns": {c: {"question": "m", "block": "m", "among": [0]} for c in COLUMNS},
        "floors": {"m": [{"among": [0], "columns": list(COLUMNS)}]},
        "targets": [{"terms": [[at, 1]], "values": [0, 1, 2, 3]} for at in hidden],
    }
    return world, persons


@pytest.mark.parametrize("seed", range(12))
def test_the_judge_says_what_every_population_written_out_says(seed):
    world, persons = tiny_world(seed)
    told = np.array(
        [[counts(number, person) for number in world["numbers"]] for person in persons], dtype=int
    )
    told = np.unique(told, axis=0)
    every = np.array(
        [told[list(at)].sum(axis=0) for at in combinations_with_replacement(range(len(told)), 3)]
    )
    low = np.array([number["low"] for number in world["numbers"]])
    high = np.array([3 if number["high"] is None else number["high"] for number in world["numbers"]])
    agree = every[((low <= every) & (every <= high)).all(axis=1)]
    for target, verdict in zip(world["targets"], judge(world, Highs), strict=True):
        seen = set(agree[:, target["terms"][0][0]].tolist())
        assert {v: "possible" if v in seen else "impossible" for v in range(4)} == verdict


def test_a_large_case_is_moved_whole():
    number = {"column": None, "kinds": ["free", "large"]}
    world = {
        "name": "large",
        "kinds": [
            {"name": "free", "weight": 1, "states": {"sex": [0, 1]}},
            {"name": "large", "weight": 237, "states": {"sex": [0, 1, 2]}},
        ],
        "groups": [[["large"], 1, 1]],
        "numbers": [
            number | {"where": {}, "low": 249, "high": 249},
            number | {"where": {"sex": [0]}, "low": 9, "high": 9},
            number | {"where": {"sex": [1]}, "low": 0, "high": None},
        ],
        "columns": {},
        "floors": {},
        "targets": [{"terms": [[2, 1]], "values": [1, 2, 3, 240]}],
    }
    assert [{1: "impossible", 2: "impossible", 3: "possible", 240: "possible"}] == judge(world, Highs)


@pytest.mark.parametrize("seed", [2, 3])
def test_rings_of_tables_pass_the_gate_without_a_count_narrowed(seed):
    told = one_chain((80, seed, "", True))
    assert [] == [*told.leaks, *told.open]
    assert told.sums["asked outside"]


def test_what_is_only_hidden_where_it_is_small_is_found_to_leak():
    clean, planned = draw_chain(80, 2)
    rows = count.persons_of({YEAR: clean}, YEAR)
    told = Told()
    judged([Printed.naive(table, 4) for table in count.asked_tables(clean, planned)], rows, "naive", told, "")
    assert told.sums["narrowed outside"]
    assert told.sums["narrowed outside"] == len(told.leaks)
