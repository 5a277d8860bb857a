"""A reader of the whole pilot page subtracts what it prints, across tables and bases, and finds nobody.

The reader knows the words of the page, how many are in the file, that persons are whole, and what is part of
what. Nothing here is shared with the gate: what is read is the page's text.
"""

from __future__ import annotations

import re
from dataclasses import replace
from importlib import import_module
from pathlib import Path

import numpy as np
import pytest
from scipy.optimize import Bounds, LinearConstraint, milp

from platform_utils.demo.pilot import PilotTruth, make_pilot_cohort
from platform_utils.messages import label
from platform_utils.paths import resource
from platform_utils.pilot.checks import select_population
from platform_utils.pilot.cohort import check_cohort
from platform_utils.pilot.evaluate import evaluate
from platform_utils.pilot.histories import CAUSES, build_histories, full_follow_up
from platform_utils.pilot.plan import read_plan
from platform_utils.pilot.release import gate_items, words
from platform_utils.protect import load_rule, protect_estimate, protect_estimates
from platform_utils.publish.figure import Look
from platform_utils.publish.inline import Shown
from platform_utils.publish.pilot import Pilot
from platform_utils.spec.counts import Universe

RULE, WHO = load_rule(), Universe("pilot", 2024, "demo")
FLOOR = RULE.classes["A"].min_released
PLAN = replace(read_plan(resource("pilot.toml")), power_draws=50)
OTHER_DAYS = replace(PLAN, windows=(14, 45, 120), primary_window=120)
GROUPS = ("with", "without")
COHORTS = {
    "ordinary": (PLAN, PilotTruth(), 2),
    "few leave": (PLAN, PilotTruth(lost_with=0.06, lost_without=0.1, report_with=0.1, other_ends=0.03), 5),
    "followed unequally": (PLAN, PilotTruth(unequal_follow_up=True), 3),
    "other days": (OTHER_DAYS, PilotTruth(report_with=0.4, persons_per_year=18), 7),
}


def read(shown: Shown) -> dict[str, list[str]]:
    """Return the rows of a table of the page, by their first cell."""
    lines = shown._repr_markdown_().splitlines()
    rows = [line.strip("|\n ").split("|") for line in lines if line.startswith("|")]
    return {row[0].strip(): [cell.strip(" *\u00a0\u2060") for cell in row[1:]] for row in rows[2:]}


def said(key: str, **fields: object) -> str:
    return label(f"L-pilot-{key}", "en", **fields)


class Reader:
    """What the page prints, as equations over whole numbers of persons: one unknown per count and group."""

    def __init__(self, page: Pilot, plan, truth: dict[tuple[str, str], int]) -> None:
        self.truth, self.names = truth, {name: place for place, name in enumerate(truth)}
        self.rows: list[tuple[dict[int, float], float, float]] = []
        self.followed = {}
        numbers = re.match(r"(\d+) persons .* with (\d+) persons", str(page.who))
        for group, number in zip(GROUPS, numbers.groups() if numbers else (), strict=False):
            self.add({("followed", group): 1.0}, int(number), int(number))
            self.followed[group] = int(number)
        for group in GROUPS:
            self.add({("read", group): 1.0}, truth["read", group], truth["read", group])
            self.logic(group, plan)
            self.shares(page, plan, GROUPS.index(group))
        self.differences(page, plan)

    def add(self, sums: dict[tuple[str, str], float], low: float, high: float) -> None:
        """Hold an equation that is true of this cohort: what a reader rightly supposes."""
        if all(name in self.names for name in sums):
            value = sum(weight * self.truth[name] for name, weight in sums.items())
            if low - 1e-9 <= value <= high + 1e-9:
                self.rows.append(({self.names[name]: weight for name, weight in sums.items()}, low, high))

    def logic(self, group: str, plan) -> None:
        whole = {("followed", group): -1.0}
        self.parts(whole, [(key, group) for key in ("entered", "early", "waiting")])
        self.parts(whole, [(key, group) for key in ("lost", "other_end", "in_contact")])
        excluded = ("reported_before", "in_mmm", "closed", "before_programme", "population")
        self.parts({("read", group): -1.0}, [(key, group) for key in excluded])
        for variable in plan.covariates:
            codes = [name for name in self.names if name[0].startswith(f"{variable}=") and name[1] == group]
            self.parts(whole, codes)
        day = plan.primary_window
        ends = ("return_or_deportation", "moved_to_mmm", "other_end")
        self.parts({("other_end", group): -1.0}, [(f"lost:{end}:{day}", group) for end in ends])
        self.parts({("lost", group): -1.0}, [(f"lost:lost:{day}", group)])
        self.parts({("reported", group): -1.0}, [(f"report:report:{day}", group)])
        for outcome, causes in CAUSES.items():
            for cause in causes.values():
                for early, late in zip((0, *plan.windows), plan.windows, strict=False):
                    first = {(f"{outcome}:{cause}:{early}", group): -1.0} if early else {}
                    self.add({(f"{outcome}:{cause}:{late}", group): 1.0, **first}, 0, np.inf)
            for at in plan.windows:
                inside = {(f"{outcome}:{cause}:{at}", group): 1.0 for cause in causes.values()}
                self.add({**inside, **whole}, -np.inf, 0)
        for at in plan.windows:
            # whoever had reported before leaving is missing from the ends of the other table
            for cause in ("lost", "return_or_deportation"):
                pair = {(f"lost:{cause}:{at}", group): 1.0, (f"report:{cause}:{at}", group): -1.0}
                self.add(pair, 0, np.inf)

    def parts(self, whole: dict[tuple[str, str], float], parts: list[tuple[str, str]]) -> None:
        self.add({**whole, **{part: 1.0 for part in parts if part in self.names}}, 0, 0)

    def percent(self, name: tuple[str, str], cell: str, base: tuple[str, str]) -> None:
        if cell.endswith("%"):
            share = float(cell[:-1])
            self.add({name: 100.0, base: -(share - 0.5)}, 0, np.inf)
            self.add({name: 100.0, base: -(share + 0.5)}, -np.inf, 0)

    def shares(self, page: Pilot, plan, place: int) -> None:
        group = GROUPS[place]
        base = ("followed", group)
        for words_, cells in read(page.flow).items():
            key = next(key for key in self.flow_keys() if said(f"flow-{key}") == words_)
            self.percent((key, group), cells[place], ("read", group))
        for outcome, line in zip(plan.outcomes, str(page.numbers).splitlines(), strict=False):
            cells = re.findall(r"(\S+) of those with(?:out)?\b", line)
            self.percent((f"{outcome}:{outcome}:{plan.primary_window}", group), cells[place], base)
        for outcome, causes in CAUSES.items():
            found = read(page.curve(outcome))
            for cause in causes.values():
                row = f"{said(f'cause-{cause}')}, {said(f'group-{group}')}"
                for day, cell in zip(plan.windows, found.get(row, ()), strict=False):
                    self.percent((f"{outcome}:{cause}:{day}", group), cell, base)
        shown = list(read(page.baseline).items())
        codes = [name for name in self.names if "=" in name[0] and name[1] == group]
        for (_, cells), name in zip(shown, codes, strict=False) if len(shown) == len(codes) else ():
            self.percent(name, cells[place], base)

    def flow_keys(self) -> list[str]:
        return [name for name, group in self.names if group == "with" and ":" not in name and "=" not in name]

    def differences(self, page: Pilot, plan) -> None:
        if len(self.followed) < 2:
            return
        for outcome in plan.outcomes:
            rows = read(page.effect(outcome))
            for day in plan.windows:
                key = "row-difference" if day == plan.primary_window else "row-window"
                cell = rows.get(said(key, window=day), [".."])[0].replace("\u2212", "-")
                if re.fullmatch(r"[+-]?\d+", cell):
                    sums = {
                        (f"{outcome}:{outcome}:{day}", group): sign * 100 / self.followed[group]
                        for group, sign in zip(GROUPS, (1, -1), strict=True)
                    }
                    self.add(sums, int(cell) - 0.5, int(cell) + 0.5)

    def found(self) -> list[str]:
        """Return counts of 1 to below the floor, and differences of two that are, which can be worked out."""
        wanted = {name: {name: 1.0} for name, count in self.truth.items() if 0 < count < FLOOR}
        for one in self.truth:
            for other in self.truth:
                nested = one[1] == other[1] and one[0].split(":")[0:2] == other[0].split(":")[0:2]
                crossed = one[1] == other[1] and one[0] == other[0].replace("report:", "lost:", 1)
                if one != other and (nested or crossed) and 0 < self.truth[one] - self.truth[other] < FLOOR:
                    wanted[(f"{one[0]} - {other[0]}", one[1])] = {one: 1.0, other: -1.0}
        return [f"{name[0]} ({name[1]})" for name, sums in wanted.items() if self.only_one(sums)]

    def only_one(self, sums: dict[tuple[str, str], float]) -> bool:
        size = len(self.names)
        matrix, goal = np.zeros((len(self.rows), size)), np.zeros(size)
        for row, (weights, _, _) in enumerate(self.rows):
            matrix[row, list(weights)] = list(weights.values())
        for name, weight in sums.items():
            goal[self.names[name]] = weight
        limits = LinearConstraint(matrix, [row[1] for row in self.rows], [row[2] for row in self.rows])
        ends = []
        for sign in (1, -1):
            solved = milp(
                sign * goal, constraints=limits, integrality=np.ones(size), bounds=Bounds(0, 500),
                options={"time_limit": 5},
            )  # fmt: skip
            if solved.status != 0:
                return False
            ends.append(round(sign * solved.fun))
        return ends[0] == ends[1]


def true_counts(plan, cohort, steps) -> dict[tuple[str, str], int]:
    """Return every count that the page is about, by name and group."""
    checked = check_cohort(cohort, plan).reset_index(drop=True)
    population, _ = select_population(checked, plan)
    histories = build_histories(population, plan)
    kept = full_follow_up(histories, plan.primary_window, plan.contact_gap)
    histories, people = histories.take(kept), population[kept]
    counts = {(key, group): pair[place] for key, pair in steps.items() for place, group in enumerate(GROUPS)}
    for place, group in enumerate(GROUPS):
        inside = histories.access == (place == 0)
        for variable in plan.covariates:
            for code in sorted(people[variable].unique()):
                counts[f"{variable}={code}", group] = int((people[variable][inside] == code).sum())
        for outcome, causes in CAUSES.items():
            for number, cause in causes.items():
                for day in plan.windows:
                    hit = (histories.event[outcome] == number) & (histories.time[outcome] <= day)
                    counts[f"{outcome}:{cause}:{day}", group] = int((hit & inside).sum())
    return counts


@pytest.mark.parametrize("name", COHORTS)
def test_nobody_can_be_worked_out_from_the_whole_page(name, monkeypatch):
    # what such evaluations can see takes most of the time and tells of nobody
    module = import_module("platform_utils.pilot.evaluate")
    monkeypatch.setattr(module, "_chances", lambda *_: {})
    monkeypatch.setattr(module, "years_needed", lambda *_, **__: 0)
    plan, truth, seed = COHORTS[name]
    cohort = make_pilot_cohort(truth, seed)
    evaluation = evaluate(plan, cohort)
    counts = true_counts(plan, cohort, evaluation.flow.steps)
    said_of = words(evaluation) | {"plan_file": "plan.toml", "data_file": "cohort.csv"}
    items = gate_items(evaluation)
    alone = [protect_estimate(replace(item, needs=()), WHO, RULE) for item in items]
    together = protect_estimates(items, WHO, RULE)
    look = Look("en", "demo", Path())
    readers = [
        Reader(Pilot({one.name: one for one in made}, said_of, "demo", look), plan, counts)
        for made in (alone, together)
    ]
    assert readers[0].found(), "the reader finds nobody where estimates are protected one by one"
    assert [] == readers[1].found()
    # something is left to read
    assert sum(one.kind != "withheld" for one in together) > len(together) / 3
