"""Two releases together: the gate refuses the pairs that leak and no others, by every table written out."""

from dataclasses import dataclass, replace
from datetime import date

import differencing as pairs
import numpy as np
import pandas as pd
import pytest

from platform_utils.errors import DisclosureError
from platform_utils.protect import Demand, Ledger, Links, Nested, beside, check_release, load_rule
from platform_utils.protect.editions import refuse_moved
from platform_utils.protect.gate import issue_table
from platform_utils.spec.counts import CountTable, Universe

ALL = Universe("all", 2021, "demo")
SOME = Universe("some", 2021, "demo")
LINKS = Links(universes={"some": Nested("all", {"column": "x"})})
RULE = load_rule()
DAY = date(2024, 5, 2)


def as_tables(release, truth):
    """A release as a count table and as the safe table that somebody made of it."""
    if release.name == "both":
        dimensions, universe = ("row", "column"), ALL
    else:
        dimensions, universe = ("row",), SOME if release.name == "request" else ALL
    cells = [cell[: len(dimensions)] for cell in release.cells]
    counts = [int(pairs.value(truth[None], cell)[0]) for cell in release.cells]
    data = pd.DataFrame(cells, columns=list(dimensions)).assign(count=counts)
    table = CountTable(release.name, universe, dimensions, data)
    hidden = {at for at, count in enumerate(release.cells.values()) if count is None}
    return table, issue_table(table, hidden, "A4")


def is_refused(truth, first, second, folder):
    ledger = Ledger(folder / "ledger.jsonl")
    before, out = as_tables(first, truth)
    ledger.add([out], release="annual", day=DAY)
    new, safe = as_tables(second, truth)
    try:
        check_release([safe], beside(Demand([new, before], RULE, links=LINKS), ledger))
    except DisclosureError as error:
        assert error.code in ("E-434", "E-435")
        return True
    return False


def drawn(kind, seed):
    """A first release that is safe alone, and a second one."""
    truth = pairs.draw(seed)
    first = pairs.one_way(truth)
    first = pairs.one_way(truth, pairs.pattern(first, seed))
    make = pairs.two_way if kind == "finer" else pairs.request
    plain = make(truth)
    hidden = pairs.pattern(plain, seed + 1)
    return truth, first, make(truth, pairs.hidden_whole(hidden) if kind == "finer" else hidden)


@pytest.mark.parametrize("kind", ["finer", "request"])
def test_the_gate_refuses_exactly_the_pairs_that_leak(kind, tmp_path):
    verdicts = {True: 0, False: 0}
    for seed in range(400):
        truth, first, second = drawn(kind, seed)
        if pairs.leaks(truth, first):
            continue
        leak = pairs.leaks(truth, first, second)
        if verdicts[leak] >= 12:
            continue
        folder = tmp_path / str(seed)
        assert leak == is_refused(truth, first, second, folder), (kind, seed)
        verdicts[leak] += 1
    assert {True: 12, False: 12} == verdicts


@dataclass(frozen=True)
class Edition:
    """A year, the same year corrected and partly hidden, and who came and went per row."""

    first: pairs.Release
    second: pairs.Release
    before: np.ndarray
    after: np.ndarray
    moved: pd.DataFrame
    leaks: bool


def edition_of(seed):
    """Draw a correction: some small, some of enough persons."""
    rng = np.random.default_rng(seed)
    before = pairs.draw(seed) * 5
    came = rng.multinomial(int(rng.integers(0, 12)), np.full(6, 1 / 6)).reshape(3, 2)
    went = np.minimum(rng.multinomial(int(rng.integers(0, 5)), np.full(6, 1 / 6)).reshape(3, 2), before)
    if rng.random() < 0.5:
        came, went = came * 4, np.zeros_like(went)
    after = before + came - went
    second = pairs.one_way(after, pairs.pattern(pairs.one_way(after), seed))
    shown = {cell for cell, count in second.cells.items() if count is not None}
    rows = [
        (row, 1, way, way, sign * int(pairs.value(persons[None], (row, "total"))[0]))
        for row in (*pairs.ROWS, "total")
        for way, sign, persons in (("came", 1, came), ("went", -1, went))
    ]
    moved = pd.DataFrame(rows, columns=["row", "since", "person", "pool", "count"])
    return Edition(
        pairs.one_way(before), second, before, after, moved, pairs.edition_leaks(came, went, shown)
    )


def is_edition_refused(one, folder):
    ledger = Ledger(folder / "ledger.jsonl")
    ledger.add([as_tables(one.first, one.before)[1]], release="annual", day=DAY)
    new, safe = as_tables(one.second, one.after)
    try:
        refuse_moved([safe], beside(Demand([replace(new, moved=one.moved)], RULE), ledger))
    except DisclosureError as error:
        assert error.code == "E-439"
        return True
    return False


def test_a_corrected_year_is_refused_exactly_when_a_shown_cell_changed_by_one_to_three(tmp_path):
    verdicts = {True: 0, False: 0}
    for seed in range(400):
        one = edition_of(seed)
        if verdicts[one.leaks] < 15:
            assert one.leaks == is_edition_refused(one, tmp_path / str(seed)), seed
            verdicts[one.leaks] += 1
    assert {True: 15, False: 15} == verdicts


def test_a_refusal_names_the_earlier_release(tmp_path):
    truth = np.array([[2, 6], [0, 5], [4, 4]])
    first = pairs.one_way(truth)
    ledger = Ledger(tmp_path / "ledger.jsonl")
    ledger.add([as_tables(first, truth)[1]], release="annual-2021", day=DAY)
    finer = pairs.two_way(truth, {("a", "x"), ("total", "x"), ("b", "x"), ("c", "x"), ("a", "total")})
    new, safe = as_tables(finer, truth)
    with pytest.raises(DisclosureError) as caught:
        check_release([safe], beside(Demand([new], RULE, links=LINKS), ledger))
    assert ("E-435", "annual-2021/rows") == (caught.value.code, caught.value.fields["earlier"])
