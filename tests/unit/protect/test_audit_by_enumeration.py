"""`audit` and `protect` beside every population that the printed numbers allow."""

import numpy as np
import pytest
from everybody import CASES

from platform_utils.protect import load_rule
from platform_utils.protect.foreign.audit import audit_tables
from platform_utils.protect.foreign.described import read_described
from platform_utils.protect.foreign.hide import protect_described

RULE = load_rule()


@pytest.mark.parametrize("name", CASES)
def test_ranges_and_exact_counts_are_those_of_all_populations(name, tmp_path):
    case, random = CASES[name](), np.random.default_rng(11)
    for share_hidden in (0.2, 0.35, 0.5, 0.7, 0.9):
        drawn = case.draw(random, share_hidden)
        found = audit_tables(read_described(drawn.write(case, tmp_path)), RULE, explain=False, ranges=True)
        known = drawn.known()
        assert known == {one.place: (one.low, one.high) for one in found.hidden}
        exact = [one for one in found.given_away if one.kind == "exact" and not one.outside]
        assert {place: (one.low, one.high) for one in exact for place in one.places} == {
            place: ends for place, ends in known.items() if ends[0] == ends[1]
        }
        assert not found.undecided and not found.too_large


@pytest.mark.parametrize("name", ["linked", "ring of four", "some silent", "within"])
def test_the_numbers_that_are_named_force_the_count(name, tmp_path):
    case, random = CASES[name](), np.random.default_rng(5)
    drawn = case.draw(random, 0.3)
    found = audit_tables(read_described(drawn.write(case, tmp_path)), RULE)
    exact = [one for one in found.given_away if one.kind == "exact" and not one.outside]
    assert exact
    for one in exact:
        told = [(number.table, number.codes) for number in one.exposed_by]
        assert {one.low} == drawn.forced(one.places[0], told)


@pytest.mark.parametrize("name", ["two ways", "linked", "some silent", "two trees"])
def test_what_protect_hides_stays_open_in_all_populations(name, tmp_path):
    case, random = CASES[name]().with_open_number(), np.random.default_rng(2)
    drawn = case.draw(random, 0)
    described = read_described(drawn.write(case, tmp_path))
    done = protect_described(described, RULE, weights="kept", method="auto", merging=False)
    cells = {(t.name, at): n for t in done.tables for at, n in zip(t.cells, t.counts, strict=True)}
    drawn.hidden = np.array([cells[key] is None for key in drawn.keys])
    assert drawn.hidden.any()
    for key, count, hidden in zip(drawn.keys, drawn.truth, drawn.hidden, strict=True):
        values = drawn.values(key)
        assert len(values) > 1 or not hidden
        assert not 1 <= count <= 3 or "unknown" in key[1] or {1, 2, 3} <= values
