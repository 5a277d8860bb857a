"""The attack battery: invented years go through the gate, and a judge written apart reads what came out.

Run: python benchmarks/attack_battery.py [--sets 500] [--sequences 200] [--chains 200] [--part 3/10] [--judge DIR/bin/python]
A *set* is a year: a release of some ten tables of the plan and crossings of them; in one of five also five
requests one after the other and a corrected edition. A *sequence* is a year, every other one unreleased, and
one to five requests. A *chain set* is a ring of four tables over four questions that depend on each
other. The judge (``attack_judge.py``, OR-tools, in an environment of its own) asks of every hidden count that
the rule hides whether each of the rule's numbers is still possible, for a reader outside and for one inside the
largest member. What it could not decide is printed. Without ``--judge`` HiGHS judges here, slower.

Exit status 1 if a count is narrowed or printed though the rule hides it, or more than five points of the numbers
are lost that ``--beside FILE`` kept: what an earlier tree wrote with ``--write FILE --no-judge``.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import time
from collections import Counter
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field, replace
from datetime import date
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

import pandas as pd
from attack_judge import Highs
from attack_judge import judge as judge_here
from attack_world import (
    World,
    class_of,
    is_about_persons,
    is_about_rows,
    is_open,
    persons_in,
    persons_in_both,
    rows_in,
    set_of,
    targets_of,
    targets_of_member,
)
from invented_years import YEAR, asked_tables, correct, draw_chain, draw_year, planned_tables

from platform_utils import count
from platform_utils.errors import DisclosureError
from platform_utils.protect import Demand, Ledger, SameRows, beside, design, load_rule, protect
from platform_utils.spec.plan import load_plan

RULE = load_rule()
SIZES = (60, 80, 100, 120, 160, 200, 250, 60, 100, 400)
DAY = date(2026, 5, 1)
KEY = ("all", YEAR)
REQUESTS = 5
WITH_MORE = 5
"""Of so many tens of seeds, one goes on after its release: each size and each part of ten has some."""
EXPLAIN = "--explain"


@dataclass
class Told:
    """What one set came to: sums by name, and what leaks or stays open, in words."""

    sums: Counter = field(default_factory=Counter)
    leaks: list[str] = field(default_factory=list)
    open: list[str] = field(default_factory=list)


def ask_judge(worlds, python):
    """Return the verdicts on worlds, by the judge's own environment where there is one."""
    if not python:
        return [judge_here(world, Highs) for world in worlds]
    judge = _process(python)
    return [_asked(judge, world) for world in worlds]


@cache
def _process(python):
    script = Path(__file__).with_name("attack_judge.py")
    return subprocess.Popen([python, script], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)


def _asked(judge, world):
    judge.stdin.write(json.dumps(world) + "\n")
    judge.stdin.flush()
    said = judge.stdout.readline()
    if not said:
        raise RuntimeError(f"the judge gave up on {world['name']}")
    return [{int(value): one for value, one in own.items()} for own in json.loads(said)]


def worlds_of(tables, rows, name, year, before=(), floors=True):
    """Return the worlds of both readers, and what the rule hides that is printed.

    Parameters
    ----------
    before : (tables, rows), optional
        Of the edition before.
    """
    world = World(year, [table for table in tables if is_about_persons(table)], floors=floors)
    persons = persons_in(rows, year)
    if before:
        world.before = [table for table in before[0] if is_about_persons(table)]
        persons = persons_in_both(persons, persons_in(before[1], year))
    counts = world.counts(persons)
    stood = {(table.name, codes) for table in before[0] for codes in table.cells} if before else set()
    for (table, codes, _, one), number in zip(world.numbers, counts, strict=True):
        if (table.name, codes) in stood and one["high"] is None:
            one["low"] = 0  # a row of the edition before stays where nobody is left in it
        if number < one["low"] or (one["high"] is not None and number > one["high"]):
            raise ValueError(f"{name}: {table.name} {codes} is read as {number}, not {one['low']}")
    targets, printed = targets_of(world, persons, counts)
    made = [(world.for_judge(name, targets, persons), world)]
    largest = Counter(person.member for person in persons).most_common(1)[0][0]
    inside, own = targets_of_member(world, persons, largest, counts)
    if inside:
        others = [person for person in persons if person.member != largest]
        made.append((world.for_judge(f"{name}, inside", inside, others, own), world))
    return made, printed


def judged_rows(tables, counted, name, told, python):
    """Judge the tables of rows of files, which are printed only where there are some."""
    world = World(YEAR, [table for table in tables if is_about_rows(table)])
    behind = [row for table in counted if is_about_rows(table) for row in rows_in(table)]
    if world.newest:
        targets, printed = targets_of(world, behind, world.counts(behind))
        told.leaks += [f"{name}: {one} is printed" for one in printed]
        note([(world.for_judge(name, targets, behind), world)], told, python)


def judged(tables, rows, name, told, python, year=YEAR, before=(), floors=True):
    """Judge tables together, and note what leaks and what stays open."""
    made, printed = worlds_of(tables, rows, name, year, before, floors)
    told.leaks += [f"{name}: {one} is printed" for one in printed]
    note(made, told, python)


def note(made, told, python):
    """Ask the judge, and note what leaks and what stays open."""
    started = time.perf_counter()
    for (said, world), verdicts in zip(made, ask_judge([one for one, _ in made], python), strict=True):
        reader = "inside" if said["name"].endswith("inside") else "outside"
        for target, verdict in zip(said["targets"], verdicts, strict=True):
            told.sums[f"asked {reader}"] += 1
            gone = [value for value, one in verdict.items() if one == "impossible"]
            unsure = [value for value, one in verdict.items() if one == "undecided"]
            if gone and (target["every"] or len(gone) == len(verdict)):
                gone = _not_by_logic(said, target, gone, world, python)
                told.sums[f"told {reader} before"] += not gone
                if gone:
                    told.sums[f"narrowed {reader}"] += 1
                    told.leaks.append(f"{said['name']}: {target['told']} = {target['truth']} is not {gone}")
                    if EXPLAIN in sys.argv and not told.sums["explained"]:  # takes longer than to find it
                        told.sums["explained"] = 1
                        told.leaks[-1] += "".join(
                            f"\n    {line}" for line in explain(said, target, gone[0], world)
                        )
            elif unsure and (target["every"] or not any(one == "possible" for one in verdict.values())):
                told.sums[f"undecided {reader}"] += 1
                told.open.append(f"{said['name']}: {target['told']} = {target['truth']}: {unsure}")
    told.sums["seconds of judging"] += time.perf_counter() - started


def explain(said, target, value, world):
    """Return the fewest published numbers, more or less, that rule a value out: by halving what is left out."""
    free = [{**one, "low": 0, "high": None} for one in said["numbers"]]
    asked = [{**target, "values": [value]}]

    def is_out(kept):
        numbers = [one if n in kept else free[n] for n, one in enumerate(said["numbers"])]
        (verdict,) = judge_here({**said, "numbers": numbers, "targets": asked}, Highs)
        return verdict[value] == "impossible"

    kept = {n for n, one in enumerate(said["numbers"]) if one["low"] or one["high"] is not None}
    size = max(1, len(kept) // 2)
    while True:
        for first in range(0, len(kept), size):
            fewer = kept - set(sorted(kept)[first : first + size])
            if is_out(fewer):
                kept = fewer
                break
        else:
            if size == 1:
                break
            size = max(1, size // 2)
    lines = []
    for n in sorted(kept):
        table, codes, _, one = world.numbers[n]
        row = "no row for some codes" if codes is None else " ".join(codes) or "all"
        seen = f"= {one['high']}" if one["high"] is not None else f">= {one['low']}"
        lines.append(f"{table.name} ({table.universe.name}: {', '.join(table.dimensions)}) {row} {seen}")
    return lines


def _not_by_logic(said, target, gone, world, python):
    """Return the values that were possible before anything was published.

    Class A promises nothing against a member, and nothing is promised of who did not answer one question: what
    these had told a reader inside before, they had told.
    """
    inside = said["name"].endswith("inside")
    own = set_of(world.numbers[target["terms"][0][0]][0])
    unseen = [
        one
        if inside and (class_of(table) == "A" or is_open(table, pairs)) and set_of(table) < own
        else {**one, "low": 0, "high": None if codes is not None else one["high"]}
        for one, (table, codes, pairs, _) in zip(said["numbers"], world.numbers, strict=True)
    ]
    before = {**said, "numbers": unseen, "targets": [{**target, "values": gone}]}
    (verdicts,) = ask_judge([before], python)
    return [value for value, one in verdicts[0].items() if one != "impossible"]


def note_kept(told, tables, counted):
    """Count the numbers that are shown of those that are not zero."""
    truth = {table.name: table for table in counted}
    for table in tables:
        there = truth[table.name].data["count"]
        told.sums["numbers"] += int((there > 0).sum())
        told.sums["kept"] += sum(bool(one) for one in table.counts)


def gated(work, what, name, told):
    """Return what the gate issues; none where it refuses. Anything else that it raises is a fault."""
    try:
        tables = work().tables
    except DisclosureError as error:
        told.sums[f"{what} refused, {error.code}"] += 1
        return ()
    except Exception as error:  # noqa: BLE001  a crash is found like a leak, and the other sets go on
        told.leaks.append(f"{name}: the gate raised {type(error).__name__} {error}")
        return ()
    told.sums[f"{what} let out"] += 1
    return tables


def one_year(task):
    """Release an invented year, in some answer five requests and correct the year; judge after each."""
    goes_on = task[1] // 10 % WITH_MORE == 0
    return _judged_year(task, released=True, requests=REQUESTS if goes_on else 0, corrected=goes_on)


def one_sequence(task):
    """Answer one to five requests on an invented year, which is released or not."""
    seed = task[1]
    drawn = (task[0], seed + 1_000, *task[2:])  # other years than the sets
    return _judged_year(drawn, released=seed % 2 == 0, requests=1 + seed // 2 % REQUESTS, corrected=False)


def _judged_year(task, *, released, requests, corrected):
    size, seed, python, judging = task
    told, started = Told(), time.process_time()
    clean = draw_year(size, seed)
    rows = count.persons_of({YEAR: clean}, YEAR)
    planned = planned_tables(seed) if released else []
    counted = [table for table in count.asked_tables(clean, planned) if table.asked]
    known = {KEY: {"now": rows}}
    mergeable = {one.key: one.merge for one in load_plan().tables}
    demand, first = Demand(counted, RULE, rows=known, elsewhere=()), ()
    if released:
        first = gated(lambda: design(demand, SameRows(mergeable)), "release", f"year {size}-{seed}", told)
    note_kept(told, first, counted)
    told.sums["seconds of the gate"] += time.process_time() - started
    with TemporaryDirectory() as folder:
        ledger = Ledger(Path(folder) / "ledger.jsonl")
        if first:
            ledger.add(first, release=f"{YEAR}-1", day=DAY)
        out = list(first)
        truth = {table.name: table for table in counted if table.name in {one.name for one in first}}
        for at in range(requests):
            out += _answered(clean, seed, at, ledger, truth, known, told)
        told.sums["sets"] += 1
        told.sums["seconds of the gate"] = time.process_time() - started
        if judging and out:
            judged(out, rows, f"year {size}-{seed}", told, python)
            judged_rows(first, counted, f"rows of year {size}-{seed}", told, python)
        if first and corrected:
            _corrected(clean, planned, ledger, out, told, task)
    return told


def _answered(clean, seed, at, ledger, truth, known, told):
    asked = [table for table in count.asked_tables(clean, asked_tables(seed, at)) if table.asked]
    demand = Demand(asked, RULE, rows=known, elsewhere=(), context=list(truth.values()))
    name = f"request {at} of year {len(clean.case)}-{seed}"
    answer = gated(lambda: protect(beside(demand, ledger)), "request", name, told)
    note_kept(told, answer, asked)
    ledger.add(answer, release=f"request-{at}", day=DAY)
    truth |= {table.name: table for table in asked}
    return answer


def _corrected(clean, planned, ledger, out, told, task):
    """Protect a corrected edition beside all that is out, and judge both together."""
    _, seed, python, judging = task
    after = correct(clean, seed)
    now = [table for table in count.asked_tables(after, planned) if table.asked]
    by_key = {one.key: one for one in planned}
    tables = [replace(table, moved=_moved(clean, after, by_key[table.name])) for table in now]
    states = {"now": count.persons_of({YEAR: after}, YEAR), "1": count.persons_of({YEAR: clean}, YEAR)}
    mergeable = {one.key: one.merge for one in load_plan().tables}
    demand = Demand(tables, RULE, rows={KEY: states}, elsewhere=())
    name = f"edition {len(clean.case)}-{seed}"
    second = gated(lambda: design(beside(demand, ledger), SameRows(mergeable)), "edition", name, told)
    if judging and second:
        judged(second, states["now"], name, told, python, before=(out, states["1"]))


def _moved(then, now, planned):
    """Return who came and who went in each cell, person by person."""
    counted = [
        count.asked_tables(
            one.with_tables(
                case=one.case.assign(behind=one.case["person_code"]),
                total=one.total.assign(behind="t"),
            ),
            [planned],
        )[0].contributors
        for one in (then, now)
    ]
    keys = [*planned.dimensions, "member_id"]
    told = [
        one.assign(count=sign * one["count"])
        for one, sign in zip(counted, (-1, 1), strict=True)
        if one is not None  # nobody was asked
    ]
    found = pd.concat(told).groupby(keys, sort=True)["count"].sum().reset_index()
    found = found[found["count"] != 0].rename(columns={"member_id": "person"})
    return found.assign(pool=found["person"], since=1).reset_index(drop=True)


def one_chain(task):
    """Protect a ring of four tables, with the rows behind them or as tables alone, and judge it."""
    size, seed, python, judging = task
    told, started = Told(), time.process_time()
    clean, planned = draw_chain(size, seed)
    rows = count.persons_of({YEAR: clean}, YEAR)
    counted = count.asked_tables(clean, planned)
    known = {} if seed % 2 else {KEY: {"now": rows}}
    told.sums["chain sets"] += 1
    demand, name = Demand(counted, RULE, rows=known, elsewhere=()), f"chain {size}-{seed}"
    tables = gated(lambda: protect(demand), "chain", name, told)
    note_kept(told, tables, counted)
    told.sums["seconds of the gate"] += time.process_time() - started
    if judging and tables:
        judged(tables, rows, name if known else f"{name} without rows", told, python, floors=bool(known))
    return told


def part_of(number, part):
    """Return the seeds of a part, such as ``3/10`` of 500."""
    which, parts = map(int, part.split("/"))
    return [seed for seed in range(number) if seed % parts == which - 1]


def run(tasks, workers):
    """Yield what each task came to."""
    if workers == 1:
        yield from (work(task) for work, task in tasks)
        return
    with ProcessPoolExecutor(workers) as pool:
        yield from (one.result() for one in [pool.submit(work, task) for work, task in tasks])


def main():
    """Run the battery; print sums, leaks and what stays open; return 1 if a promise is not kept."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--sets", type=int, default=500)
    parser.add_argument("--sequences", type=int, default=200)
    parser.add_argument("--chains", type=int, default=200)
    parser.add_argument("--part", default="1/1", help="such as 3/10")
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--judge", default="", help="a Python with OR-tools")
    parser.add_argument("--no-judge", action="store_true")
    parser.add_argument(EXPLAIN, action="store_true", help="name the numbers that give a count away")
    parser.add_argument("--only", default="", help="seeds, such as 4,17")
    parser.add_argument("--write", default="", help="write how many numbers each set keeps")
    parser.add_argument("--beside", default="", help="such a file of an earlier tree")
    asked = parser.parse_args()
    judging = not asked.no_judge
    tasks = [
        (
            work,
            (
                60 + seed * 37 % 190 if work is one_chain else SIZES[seed % len(SIZES)],
                seed,
                asked.judge,
                judging,
            ),
        )
        for work, number in (
            (one_year, asked.sets),
            (one_sequence, asked.sequences),
            (one_chain, asked.chains),
        )
        for seed in (
            map(int, asked.only.split(",")) if asked.only and number else part_of(number, asked.part)
        )
    ]
    started, sums, leaks, unsure, kept = time.perf_counter(), Counter(), [], [], {}
    for (work, (size, seed, *_)), told in zip(tasks, run(tasks, asked.workers), strict=True):
        sums += told.sums
        leaks += told.leaks
        unsure += told.open
        kept[f"{work.__name__} {size}-{seed}"] = [told.sums["kept"], told.sums["numbers"]]
        spent = [told.sums[f"seconds of {one}"] for one in ("the gate", "judging")]
        print(f"{work.__name__} {size}-{seed}: gate {spent[0]:.0f} s, judge {spent[1]:.0f} s", flush=True)
        for line in told.leaks:
            print(f"LEAK {line}", flush=True)
    for line in unsure:
        print(f"undecided {line}")
    for name in sorted(sums):
        print(f"  {name}: {sums[name]:.0f}")
    share = sums["kept"] / max(1, sums["numbers"])
    print(f"kept {share:.1%} of {sums['numbers']} numbers; {time.perf_counter() - started:.0f} s")
    lost = 0.0
    if asked.beside:
        before = json.loads(Path(asked.beside).read_text(encoding="utf-8"))
        both = [name for name in kept if name in before]
        was = sum(before[name][0] for name in both) / max(1, sum(before[name][1] for name in both))
        now = sum(kept[name][0] for name in both) / max(1, sum(kept[name][1] for name in both))
        lost = 100 * (was - now)
        print(f"in the same {len(both)} sets the earlier tree kept {was:.1%}, this one {now:.1%}")
    if asked.write:
        Path(asked.write).write_text(json.dumps(kept, indent=0), encoding="utf-8")
    print(f"{len(leaks)} leaks, {len(unsure)} undecided")
    return 1 if leaks or lost > 5 else 0


if __name__ == "__main__":
    sys.exit(main())
