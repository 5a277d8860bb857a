"""Witnesses against every population written out, and against all combinations of a ring of tables."""

import random
from dataclasses import replace
from itertools import combinations_with_replacement, product

import numpy as np
import pandas as pd
import pytest
from counts import protect_tables as protect
from counts import shown, table
from scipy.optimize import Bounds, LinearConstraint, milp

from platform_utils import ask, count
from platform_utils.errors import DisclosureError
from platform_utils.protect import Cell, Demand, SameRows, design, load_rule
from platform_utils.protect.witness import (
    Answers,
    Number,
    Outcome,
    People,
    Search,
    packaged_answers,
    people_of,
)
from platform_utils.protect.witness.answers import ANSWERED, Kind, Rule
from platform_utils.protect.witness.members import Members, Spread
from platform_utils.protect.witness.people import FREE, MEMBER, NOW, Population
from platform_utils.spec.counts import Universe
from platform_utils.spec.plan import load_plan

SPECIAL = ("unknown", "blank")


def a(column, *codes):
    return column, frozenset(codes)


def people(rows, kinds=None, kind=None, fixed=()):
    kind = np.array(kind or [FREE] * len(rows), dtype=object)
    known = np.array([at in fixed for at in range(len(rows))], dtype=bool)
    return People(pd.DataFrame(rows), kinds or {FREE: Kind(FREE)}, kind, known)


def everybody(answers):
    """Every person who can be, multi-select answers included."""
    single = {v: codes for v, codes in answers.codes.items() if v not in answers.multiple}
    persons = [dict(zip(single, chosen, strict=True)) for chosen in product(*single.values())]
    for question, columns in answers.multiple.items():
        said = [dict(zip(columns, yes, strict=True)) for yes in product(("yes", "no"), repeat=len(columns))]
        said = [{question: ANSWERED, **one} for one in said if "yes" in one.values()]
        said += [{question: code, **dict.fromkeys(columns, code)} for code in SPECIAL]
        persons = [{**one, **more} for one in persons for more in said]
    return persons


def holds(person, where):
    return all(person[column] in codes for column, codes in where)


def nobody_else(answers):
    """What a reader knows: no single question of these tables has a row for a special code."""
    single = [v for v in answers.codes if v not in answers.multiple]
    return [
        *(Number((a(v, *SPECIAL, "not_asked"),), 0) for v in single),
        *(Number((a(v, "not_asked"),), 0) for v in answers.multiple),
    ]


def cells(answers, dimensions):
    """The cells of a table with its margins."""
    axes = []
    for v in dimensions:
        if v in answers.multiple:
            codes = [a(c, "yes") for c in answers.multiple[v]] + [a(v, code) for code in SPECIAL]
        else:
            codes = [a(v, code) for code in answers.codes[v]]
        axes.append([(), *((one,) for one in codes)])
    return [sum(chosen, ()) for chosen in product(*axes) if any(chosen)]


def tiny_world(seed):
    draw = random.Random(seed)
    codes = {v: tuple(f"{v}{at}" for at in range(draw.choice([2, 3]))) for v in "abc"[: draw.choice([2, 3])]}
    multiple = {}
    if draw.random() < 0.5:
        codes = {"a": codes["a"], "m": (ANSWERED,)}
        multiple = {"m": tuple(f"m__{at}" for at in range(draw.choice([2, 3])))}
    answers = Answers(codes, multiple)
    persons = everybody(answers)
    rows = [draw.choice(persons) for _ in range(draw.choice([3, 4]) if len(persons) < 15 else 3)]
    numbers = [Number((), len(rows)), *nobody_else(answers)]
    for _ in range(draw.choice([1, 2, 3])):
        for where in cells(answers, draw.sample(list(codes), draw.choice([1, 2]))):
            count = sum(holds(one, where) for one in rows)
            hidden = draw.random() < (0.5 if count < 3 else 0.2)
            least = int(hidden and count > 0 and draw.random() < 0.3)
            numbers.append(Number(where, None if hidden else count, least))
    return answers, persons, rows, numbers


@pytest.mark.parametrize("seed", range(8))
def test_every_population_written_out_gives_the_same_answers(seed):
    answers, persons, rows, numbers = tiny_world(seed)
    search = Search(people(rows), numbers, answers)
    counted = np.unique([[holds(one, n.where) for n in numbers] for one in persons], axis=0).astype(int)
    worlds = np.array(list(combinations_with_replacement(range(len(counted)), len(rows))))
    agree = [counts for counts in counted[worlds].sum(axis=1) if search.is_witness(counts)]
    for at, number in enumerate(numbers):
        if number.shown is None:
            possible = {int(counts[at]) for counts in agree}
            for value in range(len(rows) + 1):
                expected = "found" if value in possible else "none"
                assert search.find({at: 1}, value).found == expected, (number, value)


def test_a_number_that_asks_nothing_is_one_of_everybody():
    search = Search(people([{"a": "a0"}, {"a": "a1"}]), [Number((), None)], Answers({"a": ("a0", "a1")}, {}))
    assert "found" == search.find({0: 1}, 2).found


def ring(seed):
    """Four questions, each depending on the one before, and the four tables of neighbours."""
    draw = random.Random(seed)
    codes = {v: tuple(f"{v}{at}" for at in range(draw.choice([2, 3]))) for v in "abcd"}
    rows = []
    for _ in range(draw.choice([30, 60])):
        at, row = 0, {}
        for v, own in codes.items():
            at = min(at, len(own) - 1) if draw.random() < 0.7 else draw.randrange(len(own))
            row[v] = own[at]
        rows.append(row)
    answers = Answers(codes)
    pairs = [cells(answers, pair) for pair in (("a", "b"), ("b", "c"), ("c", "d"), ("a", "d"))]
    numbers = [Number((), len(rows)), *nobody_else(answers)]
    for where in dict.fromkeys(where for pair in pairs for where in pair):
        count = sum(holds(one, where) for one in rows)
        hidden = len(where) == 2 and (1 <= count < 4 or draw.random() < 0.3)
        numbers.append(Number(where, None if hidden else count))
    return answers, rows, numbers


@pytest.mark.parametrize("seed", range(6))
def test_a_ring_of_four_tables_leaks_where_all_combinations_say_so(seed):
    answers, rows, numbers = ring(seed)
    search = Search(people(rows), numbers, answers)
    counted = np.array([[holds(one, n.where) for one in everybody(answers)] for n in numbers], dtype=float)
    told = set()
    for at, number in enumerate(numbers):
        count = search.counts[at]
        for value in range(1, 4) if number.shown is None and 1 <= count < 4 else ():
            low = np.array([0 if n.shown is None else n.shown for n in numbers], dtype=float)
            high = np.array([np.inf if n.shown is None else n.shown for n in numbers])
            low[at] = high[at] = value
            size = counted.shape[1]
            world = milp(
                np.zeros(size),
                constraints=[LinearConstraint(counted, low, high)],
                integrality=np.ones(size),
                bounds=Bounds(0, np.inf),
            )
            expected = "none" if world.x is None else "found"
            assert search.find({at: 1}, value).found == expected, (number, value)
            told.add(expected)
    assert told


def test_one_witness_says_every_number():
    answers, rows, numbers = ring(1)
    search = Search(people(rows), numbers, answers)
    hidden = next(at for at, n in enumerate(numbers) if n.shown is None)
    outcome = search.find({hidden: 1}, int(search.counts[hidden]))
    assert outcome.found == "found"
    assert search.count(*outcome.people).tolist() == outcome.numbers.tolist()
    assert search.is_witness(outcome.numbers)


def test_who_answered_a_multi_select_question_has_said_something():
    answers = Answers({"form": (ANSWERED,)}, {"form": ("form__a", "form__b", "form__c")})
    said = [("yes", "no", "no")] * 10 + [("no", "yes", "no")] * 7 + [("no", "yes", "yes")]
    said += [("no", "no", "yes")] * 2
    rows = [{"form": ANSWERED, **dict(zip(answers.multiple["form"], one, strict=True))} for one in said]
    numbers = [
        Number((), 20),
        Number((a("form__a", "yes"),), 10),
        Number((a("form__b", "yes"),), 8),
        Number((a("form__c", "yes"),), None),
        Number((a("form", *SPECIAL, "not_asked"),), 0),
    ]
    search = Search(people(rows), numbers, answers)
    assert [search.find({3: 1}, value).found for value in (1, 2, 3)] == ["none", "found", "found"]


def test_rows_that_are_printed_only_where_somebody_is_count_at_least_one():
    answers = Answers({"reason": ("x", "y", "z")})
    rows = [{"reason": code} for code in "xyz"]
    numbers = [Number((), 3), *(Number((a("reason", code),), None, least=1) for code in "xyz")]
    search = Search(people(rows), numbers, answers)
    assert [search.find({1: 1}, value).found for value in (1, 2)] == ["found", "none"]


def test_a_large_case_moves_whole():
    answers = Answers({"sex": ("woman", "man")})
    kinds = {FREE: Kind(FREE), "large": Kind("large", 237)}
    rows = [{"sex": "man"}] * 3 + [{"sex": "woman"}] * 9 + [{"sex": "unknown"}]
    numbers = [
        Number((), 249),
        Number((a("sex", "woman"),), 9),
        Number((a("sex", "man"),), None),
        Number((a("sex", "unknown"),), None, least=1),
        Number((a("sex", "blank", "not_asked"),), 0),
    ]
    search = Search(people(rows, kinds, [FREE] * 12 + ["large"]), numbers, answers)
    assert [search.find({2: 1}, value).found for value in (1, 2, 3)] == ["found"] * 3
    known = [*numbers, Number((a("sex", "woman", "man"),), 12)]  # not in a case: nobody of unknown sex
    told = Search(people(rows, kinds, [FREE] * 12 + ["large"]), known, answers)
    assert [told.find({2: 1}, value).found for value in (1, 2, 3)] == ["none", "none", "found"]


def test_a_member_knows_its_own_rows():
    answers = Answers({"a": ("a0", "a1")})
    rows = [{"a": "a0"}] * 2 + [{"a": "a1"}] * 2
    numbers = [Number((), 4), Number((a("a", "a0"),), None), *nobody_else(answers)]
    assert Search(people(rows), numbers, answers).find({1: 1}, 1).found == "found"
    assert Search(people(rows, fixed=(0, 1)), numbers, answers).find({1: 1}, 1).found == "none"


def test_answers_keep_to_what_they_follow_from():
    rule = Rule("group", ("band",), lambda said: {"0_5": "child", "adult": "grown"}.get(said[0], said[0]))
    answers = Answers({"band": ("0_5", "adult"), "group": ("child", "grown")}, rules=(rule,))
    rows = [{"band": "0_5", "group": "child"}] * 2 + [{"band": "adult", "group": "grown"}] * 5
    numbers = [
        Number((), 7),
        Number((a("band", "0_5"),), 2),
        Number((a("group", "child"),), None),
        *(Number((a(v, *SPECIAL, "not_asked"),), 0) for v in ("band", "group")),
    ]
    search = Search(people(rows), numbers, answers)
    assert [search.find({2: 1}, value).found for value in (1, 2)] == ["none", "found"]


def test_a_question_is_asked_only_where_another_is_answered_so():
    answers = Answers(
        {"report": ("yes", "no"), "by": ("own", "other")}, asked_if={"by": ("report", frozenset(["yes"]))}
    )
    rows = [{"report": "yes", "by": "own"}] * 2 + [{"report": "yes", "by": "other"}] * 4
    rows += [{"report": "no", "by": "not_asked"}] * 3
    numbers = [
        Number((), 9),
        Number((a("report", "yes"),), None),
        Number((a("by", "own"),), 2),
        Number((a("by", "other"),), 4),
        *(Number((a(v, *SPECIAL),), 0) for v in ("report", "by")),
        Number((a("report", "not_asked"),), 0),
    ]
    search = Search(people(rows), numbers, answers)
    assert [search.find({1: 1}, value).found for value in (5, 6)] == ["none", "found"]


@pytest.mark.parametrize(
    ("told", "hidden", "rows", "impossible", "possible"),
    [
        (
            ("children_situation", "not_asked"),
            ("has_children", "yes"),
            [("answered", "yes"), ("not_asked", "no"), ("not_asked", "no"), ("unknown", "unknown")],
            3,
            2,
        ),
        (
            ("has_children", "no"),
            ("children_home", "yes"),
            [("no", "no"), ("no", "no"), ("yes", "yes"), ("yes", "no")],
            3,
            2,
        ),
        (
            ("reflection_period_applied", "no"),
            ("reflection_period_granted", "yes"),
            [("no", "not_asked"), ("no", "not_asked"), ("yes", "yes"), ("yes", "no")],
            3,
            2,
        ),
    ],
)
def test_what_accepted_rows_never_say_together_is_known(told, hidden, rows, impossible, possible):
    answers = packaged_answers(2023)
    persons = [
        dict.fromkeys(answers.multiple["children_situation"], one if one != "answered" else "no")
        | ({"children_situation__threat": "yes"} if one == "answered" else {})
        | {told[0]: one, hidden[0]: other}
        for one, other in rows
    ]
    numbers = [
        Number((), 4),
        Number((a(*told),), sum(one[told[0]] == told[1] for one in persons)),
        Number((a(*hidden),), None),
    ]
    found = [Search(people(persons), numbers, answers).find({2: 1}, n).found for n in (impossible, possible)]
    assert found == ["none", "found"]


def test_persons_of_totals_only_returns_answer_nothing_else():
    answers = packaged_answers(2023)
    persons = pd.DataFrame(
        {
            "person_count": [1, 1, 2],
            "is_total": [False, False, True],
            "sex": ["woman", "man", "man"],
            "police_report": ["yes", "no", "not_asked"],
        }
    )
    found = people_of({"now": persons}, answers, {"sex", "police_report"})
    assert sorted(found.kind) == [FREE, FREE, "totals", "totals"]
    numbers = [
        Number((), 4),
        Number((a("police_report", "yes"),), None),
        Number((a("police_report", "not_asked"),), 2),
        Number((a("sex", "woman"),), None),
        Number((a("sex", "woman"), a("police_report", "yes", "no")), 1),
        Number((a("sex", "man"), a("police_report", "yes", "no")), 1),
    ]
    search = Search(found, numbers, answers)
    assert search.find({3: 1}, 2).found == "found"
    assert search.find({1: 1}, 3).found == "none"


def _with_cases(*sizes):
    """Tables of sixty persons and some cases of men who reported, read with and without large ones."""
    alone = [(f"M{at % 5}", 1, ("woman", "man")[at % 3 > 0], ("yes", "no")[at % 2]) for at in range(60)]
    rows = [*alone, *((f"M{7 + at}", size, "man", "yes") for at, size in enumerate(sizes))]
    large = ["yes" if size >= 10 else "no" for _, size, *_ in rows]
    frame = pd.DataFrame(rows, columns=["member_id", "person_count", "sex", "police_report"])
    frame = frame.assign(role="direct", is_total=False, mass_case=large)
    tables = []
    for name, own in (("direct", frame), ("direct_without_mass", frame[frame["mass_case"] == "no"])):
        for dimension in ("sex", "police_report", "mass_case"):
            counts = own.groupby(dimension)["person_count"].sum().to_dict()
            counted = table(
                counts | {"total": sum(counts.values())},
                dimension,
                name=f"{name} {dimension}",
                universe=Universe(name, 2023, "demo"),
            )
            tables += [counted] if name == "direct" or dimension != "mass_case" else []
    return tables, {("all", 2023): {"now": frame}}


def test_a_count_that_one_large_case_makes_is_hidden_and_needs_no_part_of_the_case():
    """Too few members stand behind it: whether one person more belongs to it stays open, one less is nobody."""
    _, known = _with_cases(237)
    frame = known["all", 2023]["now"]
    frame.loc[frame["mass_case"] == "yes", "sex"] = "unknown"
    codes = ["sex", "police_report"]
    (done,) = protect([_with_margins(frame, codes)], load_rule(), rows=known, elsewhere=())
    assert done.count(sex="unknown", police_report="yes") is None


def _with_margins(frame, codes):
    whose, counts = [], {}
    for names in (codes, codes[:1], codes[1:], []):
        own = frame.assign(**{one: "total" for one in codes if one not in names})
        counts |= own.groupby(codes)["person_count"].sum().to_dict()
        whose.append(own.groupby([*codes, "member_id"], as_index=False)["person_count"].sum())
    contributors = pd.concat(whose).rename(columns={"person_count": "count"})
    universe = Universe("direct", 2023, "demo")
    return table(counts, *codes, universe=universe, disclosure_class="B", contributors=contributors)


@pytest.mark.parametrize("sizes", [(2,), (3,), (2, 3), (12, 2), (237,)])
def test_the_difference_of_two_readings_is_never_the_answers_of_a_few(sizes):
    tables, known = _with_cases(*sizes)

    counts = {
        t.name: dict(zip(t.cells, t.counts, strict=True))
        for t in protect(tables, load_rule(), rows=known, elsewhere=())
    }

    for dimension in ("sex", "police_report"):
        whole, without = counts[f"direct {dimension}"], counts[f"direct_without_mass {dimension}"]
        apart = [whole[at] - without[at] for at in whole if None not in (whole[at], without.get(at))]
        assert not [rest for rest in apart if 1 <= rest < 4]


def test_a_search_that_is_too_large_says_so():
    codes = {f"v{at}": tuple(map(str, range(20))) for at in range(5)}
    answers = Answers(codes)
    rows = [dict.fromkeys(codes, "1") | {f"v{at}": "0"} for at in range(5)]
    every = tuple(a(v, "0") for v in codes)
    numbers = [Number((), 5), Number(every, None)]
    numbers += [
        Number((a(v, code),), {"0": 1, "1": 4}.get(code, 0)) for v, own in codes.items() for code in own
    ]
    assert Search(people(rows), numbers, answers).find({1: 1}, 1).found == "limit"


def form_of_twenty():
    """Ten in one form, eight in another, three in a third of whom one is in the second too; and who they are."""
    said = ["sexual"] * 10 + ["labour"] * 7 + ["labour begging"] + ["begging"] * 2
    columns = packaged_answers(2021).multiple["form"]
    persons = pd.DataFrame(
        {
            "person_count": 1,
            "is_total": False,
            "role": "direct",
            **{c: ["yes" if c.partition("__")[2] in one.split() else "no" for one in said] for c in columns},
        }
    )
    counts = {"sexual": 10, "labour": 8, "begging": 3, "total": 20}
    return table(counts, "form", name="form", multiple=True), persons


def test_the_gate_hides_what_gives_away_a_number_by_the_floor_of_a_multi_select_question():
    form, persons = form_of_twenty()
    (blind,) = protect([form], load_rule())
    assert shown(blind) == [10, 8, None, 20]
    (safe,) = protect([form], load_rule(), rows={("all", 2021): {"now": persons}})
    assert shown(safe)[2] is None
    assert None in [*shown(safe)[:2], shown(safe)[3]]
    assert sum(count is not None for count in shown(safe)) == 2


FORM_IN_SIGHT = [
    Cell.named("direct", 2021, form__sexual="yes"),
    Cell.named("direct", 2021, form__labour="yes"),
    Cell.named("direct", 2021),
]


def test_the_gate_refuses_where_nothing_can_be_hidden_for_a_witness():
    form, persons = form_of_twenty()
    with pytest.raises(DisclosureError) as raised:
        protect([form], load_rule(), rows={("all", 2021): {"now": persons}}, must_show=FORM_IN_SIGHT)
    assert raised.value.code == "E-434"


def test_a_year_goes_out_without_the_table_that_could_not_be_proven_and_its_sums():
    form, persons = form_of_twenty()
    persons["nsp"] = ["yes", "no"] * 10
    nsp = table({"yes": 10, "no": 10, "total": 20}, "nsp", name="nsp")
    money = replace(form, name="money", universe=replace(form.universe, unit="sek"))
    rows = {("all", 2021): {"now": persons}}
    demand = Demand([nsp, form, money], load_rule(), rows=rows, must_show=FORM_IN_SIGHT, elsewhere=())
    done = design(demand, SameRows({}))
    assert [("nsp", (10, 10, 20))] == [(one.name, one.counts) for one in done.tables]
    assert ("form", "money") == done.left_out
    assert [("form", "no_pattern"), ("money", "no_pattern")] == [(o.table, o.form) for o in done.layouts]


def direct_and_others(*counts):
    """Persons by role and age: so many direct children and adults, children of somebody, siblings who are children."""
    said = [
        ("direct", "6_12"),
        ("direct", "18_26"),
        ("child", "6_12"),
        ("sibling", "6_12"),
        ("sibling", "18_26"),
    ]
    ages = {"6_12": "child", "18_26": "adult"}
    rows = [one for one, count in zip(said, counts, strict=True) for _ in range(count)]
    return pd.DataFrame(
        [{"role": role, "age_band": band, "adult_or_child": ages[band]} for role, band in rows]
    ).assign(person_count=1, is_total=False, member_id=[f"M{at % 7}" for at in range(len(rows))])


def test_what_a_role_says_of_age_gives_away_whom_no_table_names():
    persons = direct_and_others(15, 60, 36, 2, 9)
    rows = {"now": persons}
    everybody, direct = Universe("all", 2021, "demo"), Universe("direct", 2021, "demo")
    roles = {"direct": 75, "child": 36, "sibling": 11, "relative_or_partner": 0, "total": 122}
    tables = [
        table(roles, "role", name="role", universe=everybody),
        table({"child": 53, "adult": 69, "total": 122}, "adult_or_child", name="met", universe=everybody),
        table({"child": 15, "adult": 60, "total": 75}, "adult_or_child", name="minors", universe=direct),
    ]
    done = {one.name: one for one in protect(tables, load_rule(), rows={("all", 2021): rows}, elsewhere=())}
    told = [done["met"].count(adult_or_child="child"), done["role"].count(role="child")]
    told.append(done["minors"].count(adult_or_child="child"))
    assert None in told


def test_persons_who_are_not_asked_are_as_many_in_every_table():
    rows = [{"a": code, "b": other} for code in ("a0", "a1") for other in ("b0", "b1") for _ in range(6)]
    rows += [{"a": "not_asked", "b": "not_asked"}] * 3
    kinds = {
        FREE: Kind(FREE),
        "totals": Kind("totals", only=dict.fromkeys("ab", "not_asked"), of_totals=True),
    }
    kind = [FREE] * 24 + ["totals"] * 3
    answers = Answers({"a": ("a0", "a1"), "b": ("b0", "b1")})
    hidden = [Number((), 27), Number((a("a", "not_asked"),), None), Number((a("a", "a0"),), None)]
    hidden += [Number((a("a", "a1"),), 12), Number((a("b", "b1"),), 12)]
    free = [*hidden, Number((a("b", "not_asked"),), None), Number((a("b", "b0"),), None)]
    assert Search(people(rows, kinds, kind), free, answers).find({1: 1}, 4).found == "found"
    told = [*hidden, Number((a("b", "not_asked"),), 3), Number((a("b", "b0"),), 12)]
    assert Search(people(rows, kinds, kind), told, answers).find({1: 1}, 4).found != "found"


def test_a_witness_leaves_enough_members_behind_what_is_shown():
    rows = pd.DataFrame({"a": ["a0"] * 3 + ["a1"] * 3, MEMBER: ["M1", "M1", "M2", "M1", "M2", "M2"]})
    whose = People(rows, {FREE: Kind(FREE)}, np.full(6, FREE, dtype=object), np.zeros(6, dtype=bool))
    search = Search(whose, [Number((a("a", "a0"),), 3)], Answers({"a": ("a0", "a1")}))
    told = {name: own.to_numpy(dtype=object) for name, own in rows.items()}
    moved = Population(
        told | {"a": np.array(["a0", "a0", "a1", "a0", "a1", "a1"], dtype=object)}, whose.answers
    )
    assert Members(whose, [Spread(0, 2, 0)], search).keep_to_the_rule(moved)
    assert not Members(whose, [Spread(0, 3, 0)], search).keep_to_the_rule(moved)
    assert Members(whose, [Spread(0, 3, 0)], search).keep_to_the_rule(moved, off=[0])


def test_a_number_that_is_hidden_to_save_another_need_not_keep_to_the_member_rule():
    rows = [{"a": "a0"}] * 6 + [{"a": "a1"}] * 6
    whose = people(rows)
    whose.rows[MEMBER] = ["M1", "M2", "M3"] * 4
    numbers = [Number((a("a", code),), shown) for code, shown in (("a0", None), ("a1", 6), ("a2", 0))]
    answers = Answers({"a": ("a0", "a1", "a2")})
    search = Search(whose, [*numbers, Number((), 12), *nobody_else(answers)], answers)
    search.accepts = Members(whose, [Spread(at, 3, 4) for at in range(3)], search).keep_to_the_rule
    found = search.disturb({0: 1}, 5, {1: 9.0, 2: 1.0})
    assert ("found", (2,)) == (found.found, found.off)


def test_what_is_undecided_is_hidden_or_refused_and_never_passes(monkeypatch):
    form, persons = form_of_twenty()
    monkeypatch.setattr(Search, "find", lambda *_: Outcome("limit"))
    monkeypatch.setattr(Search, "disturb", lambda *_: Outcome("limit"))
    with pytest.raises(DisclosureError, match="E-434"):
        protect([form], load_rule(), rows={("all", 2021): {"now": persons}})


def test_a_year_is_judged_by_what_is_hidden_in_that_year():
    """A request has tables of one name for several years: each hides as if the others had other names."""
    planned = [load_plan().of_persons("t", "direct", ("form", "sex"))]
    years = {year: ask.invented_year(year, 120, 3) for year in (2021, 2022)}
    tables = [table for year in years for table in count.asked_tables(years[year], planned)]
    rows = {("all", year): {NOW: count.persons_of({year: years[year]}, year)} for year in years}
    named = protect(tables, load_rule(), rows=rows)
    apart = protect([replace(tables[0], name="u"), tables[1]], load_rule(), rows=rows)
    assert [table.counts for table in apart] == [table.counts for table in named]
    assert named[0].n_hidden
