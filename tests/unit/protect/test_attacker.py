"""What a reader can work out: adding and taking away, whole numbers, shares, insiders, other publications."""

import ast
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import pytest

import platform_utils
from platform_utils.errors import ContractError
from platform_utils.protect import Links, Nested, Refinement
from platform_utils.protect.attacker import (
    Seen,
    SeenTable,
    Share,
    attack,
    group_at,
    hidden_targets,
    put_together,
    true_targets,
)
from platform_utils.protect.attacker.reach import Reach

RULE = (1, 2, 3)


def seen(counts, *dimensions, name="t", universe="all", low=0, high=None, **options):
    """Counts as a reader sees them: None is hidden."""
    cells = {
        (key if isinstance(key, tuple) else (key,)): Seen(low, high) if count is None else Seen(count, count)
        for key, count in counts.items()
    }
    return SeenTable(name, universe, 2021, dimensions, options.pop("multiple", frozenset()), cells, **options)


def findings(*tables, links=None, **options):
    links = links or Links()
    world = put_together(tables, links, **options)
    targets = hidden_targets(world, tables, {t.name: RULE for t in tables}, links)
    return {(f.target.name, f.target.codes): f for f in attack(world, targets, explain=True)}


def test_a_lone_gap_under_a_printed_total_is_read_off():
    found = findings(seen({"woman": 30, "man": None, "total": 32}, "sex"))["t", ("man",)]
    assert (2, 2, True, True) == (found.low, found.high, found.exact, found.broken)
    assert {("woman",), ("total",)} == {number.codes for number in found.exposed_by}


def test_a_number_is_named_with_the_year_of_its_table():
    counts = {"woman": 30, "man": None, "total": 32}
    both = [replace(seen(counts, "sex"), year=year) for year in (2021, 2022)]
    world = put_together(both, Links())
    found = attack(world, hidden_targets(world, both, {"t": RULE}, Links()), explain=True)
    assert [{2021}, {2022}] == [{number.year for number in one.exposed_by} for one in found]


def test_two_gaps_keep_each_other_open():
    found = findings(seen({"woman": None, "man": None, "unknown": 20, "total": 32}, "sex"))
    assert not any(one.broken for one in found.values())
    assert (0, 12) == (found["t", ("man",)].low, found["t", ("man",)].high)


def test_a_sum_of_two_is_too_small_to_hide_a_three():
    found = findings(seen({"woman": None, "man": None, "unknown": 20, "total": 22}, "sex", low=1))
    assert all(one.broken and one.possible == (1,) for one in found.values())


def test_only_the_numbers_that_matter_are_named():
    counts = {
        ("w", "n"): None, ("w", "s"): 30, ("w", "total"): 32, ("m", "n"): 9, ("m", "s"): 40, ("m", "total"): 49,
        ("total", "n"): 11, ("total", "s"): 70, ("total", "total"): 81,
    }  # fmt: skip
    found = findings(seen(counts, "sex", "region"))["t", ("w", "n")]
    assert 2 == len(found.exposed_by)


def test_whole_numbers_rule_out_what_halves_would_allow():
    """Three counts of which each two add up to an odd number: x = (a + b - c) / 2 is whole or nothing."""
    tables = [
        seen({("p", "total"): None, ("q", "total"): None, ("total", "total"): 5}, "one", "x", name="a"),
        seen({"p": None, "q": None, "total": 5}, "one", name="b"),
    ]
    world = put_together(tables, Links())
    reach = Reach(world)
    group = world.index[group_at(tables[1], ("p",), Links())]
    assert (0, 1, 2, 3, 4, 5) == reach.possible(((group, 1),), range(8))


def test_another_table_of_the_same_people_gives_it_away():
    by_sex = seen({"woman": 30, "man": None, "other": None, "total": 60}, "sex", name="sex")
    by_both = seen(
        {("man", "yes"): 10, ("man", "no"): 18, ("man", "total"): None, ("woman", "total"): 30,
         ("other", "total"): None, ("total", "total"): 60},
        "sex", "nsp", name="both",
    )  # fmt: skip
    found = findings(by_sex, by_both)
    assert found["sex", ("other",)].broken
    assert "both" in {number.table for number in found["sex", ("other",)].exposed_by}
    assert not findings(by_sex)["sex", ("other",)].broken


def test_trees_and_nested_universes_are_known_and_unknown_ones_give_no_equation():
    fine = seen({"n1": 20, "n2": None, "s": None, "total": 60}, "area", name="fine")
    coarse = seen({"n": 22, "s": 38, "total": 60}, "region", name="coarse")
    links = Links((Refinement("area", "region", {"n1": "n", "n2": "n", "s": "s"}),))
    assert findings(fine, coarse, links=links)["fine", ("n2",)].broken
    assert not findings(fine, coarse)["fine", ("n2",)].broken
    whole = seen({"direct": None, "child": None, "other": 5, "total": 60}, "role", name="role")
    direct = seen({"woman": 30, "man": 22, "total": 52}, "sex", name="sex", universe="direct")
    nested = Links(universes={"direct": Nested("all", {"role": "direct"})})
    assert findings(whole, direct, links=nested)["role", ("child",)].broken
    assert not findings(whole, direct)["role", ("child",)].broken


def test_those_outside_a_multi_select_code_are_people_too():
    found = findings(seen({"sexual": 98, "labour": 20, "total": 100}, "form", multiple=frozenset(["form"])))
    assert found["t", ("sexual",)].broken
    assert found["t", ("sexual",)].target.outside
    assert not found["t", ("labour",)].broken


def test_a_printed_share_is_an_interval():
    exact = Fraction(2, 60)
    low, high = int(exact * 200) - 1, int(exact * 200) + 1
    counts = {"yes": None, "no": None, "unknown": None, "total": 60}
    share = {("yes",): Share(("total",), 5, 7, 200)}
    found = findings(seen(counts, "nsp", shares=share))["t", ("yes",)]
    assert (low, high) <= (6, 8)
    assert (2, 2, True) == (found.low, found.high, found.broken)
    assert "t (%)" in {number.table for number in found.exposed_by}


def test_an_insider_takes_away_its_own_rows():
    table = seen({"woman": None, "man": None, "unknown": 20, "total": 32}, "sex")
    links = Links()
    own = {group_at(table, ("woman",), links): 7, group_at(table, ("man",), links): 3}
    world = put_together([table], links, own_rows=own)
    reach = Reach(world)
    assert (7, 9) == reach.bounds(((world.index[group_at(table, ("woman",), links)], 1),))


def test_what_others_published_narrows():
    table = seen({"woman": None, "man": None, "unknown": 20, "total": 32}, "sex")
    links = Links()
    world = put_together(
        [table], links, elsewhere=[(group_at(table, ("woman",), links), Seen(10), "elsewhere")]
    )
    (man,) = [
        f
        for f in attack(world, hidden_targets(world, [table], {"t": RULE}, links), explain=True)
        if f.target.codes == ("man",)
    ]
    assert (0, 2, (1, 2)) == (man.low, man.high, man.possible)


def test_with_the_truth_known_only_counts_that_the_rule_hides_are_asked_about():
    table = seen({"woman": None, "man": None, "unknown": 20, "total": 22}, "sex")
    truth = {group_at(table, (code,), Links()): count for code, count in (("woman", 2), ("man", 0))}
    world = put_together([table], Links())
    targets = true_targets(world, [table], {"t": RULE}, Links(), truth)
    assert [("woman",)] == [target.codes for target in targets]
    assert [True] == [finding.broken for finding in attack(world, targets)]


def test_contradicting_numbers_are_an_error_not_an_answer():
    with pytest.raises(ContractError) as caught:
        findings(seen({"woman": 30, "man": None, "total": 20}, "sex"))
    assert "E-440" == caught.value.code


def test_the_attacker_shares_no_code_with_the_protector():
    root = Path(platform_utils.__file__).parent / "protect"
    ours = {"platform_utils.protect.links", "platform_utils.protect.cells"}
    for path in sorted((root / "attacker").glob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("platform_utils.protect"):
                assert node.module in ours or node.module.startswith("platform_utils.protect.attacker")
    for name in ("possible", "optimum", "complement", "model", "primaries"):
        assert "attacker" not in (root / f"{name}.py").read_text(encoding="utf-8")
