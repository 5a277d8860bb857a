"""Judge what a reader can work out of published numbers: a model of one whole population, written apart.

Enters: a world: what one person can answer, the numbers that are published of all persons, and hidden numbers
with the values that must stay possible. Leaves: for each value ``possible``, ``impossible`` or ``undecided``.

This file imports nothing of ours and needs numpy and OR-tools (or scipy), so it runs in an environment of its
own: ``python -m venv DIR``, ``DIR/bin/pip install ortools numpy``. ``python attack_judge.py`` reads one world
as JSON from each line of standard input and answers one line each.

How. Answers that rules tie together are one *block*; of a block's states only those are told apart that some
number tells apart. Blocks that one number joins are neighbours; the graph is made chordal, and the variables
are the counts of persons in each combination of answers of a clique. Counts of cliques that agree where they
meet are the counts of some list of persons (the graph is decomposable), so the model is exact. Of a multi-select
question the persons with each code are counted beside a clique; they can be dealt out so that whoever answered
has at least one exactly if no code has more than all, and all codes together at least as many.
"""

from __future__ import annotations

import json
import sys
from collections import defaultdict
from dataclasses import dataclass, field
from itertools import combinations, product

import numpy as np

LARGEST = 60_000
"""Most combinations of answers that are counted; a larger world stays undecided."""
MOST = 5_000
"""Most persons of one kind that a reader thinks possible."""


@dataclass
class Rows:
    """A whole-number programme: variables with an upper end, and sums of them between two ends."""

    upper: list[int] = field(default_factory=list)
    sums: list[tuple[dict[int, int], float, float]] = field(default_factory=list)

    def variables(self, number, upper=MOST):
        """Return the places of new variables."""
        first = len(self.upper)
        self.upper += [upper] * number
        return np.arange(first, first + number)

    def between(self, expression, low, high):
        """Ask that an expression lies between two ends, None for none."""
        self.sums.append((expression, -np.inf if low is None else low, np.inf if high is None else high))


def add(expression, places, times=1):
    """Add variables to an expression."""
    for place in np.asarray(places).ravel().tolist():
        expression[place] = expression.get(place, 0) + times


class TooLarge(Exception):
    """A world has more combinations than are counted."""


class Kind:
    """The persons of one kind: cliques of blocks and their counts.

    Parameters
    ----------
    states : mapping of str to list of int
        States of each block that they may have.
    """

    def __init__(self, name, states, numbers, columns, floors, rows):
        self.name, self.rows = name, rows
        self.allowed = {block: set(own) for block, own in states.items()}
        self.columns, self.floors = columns, floors
        self.told = {}
        for at, number in enumerate(numbers):
            read = self._read(number)
            if read is not None:
                self.told[at] = read
        self._classes()
        self._cliques()
        self._count()

    def _read(self, number):
        """Return the blocks that a number really asks of this kind; None if it counts none of them."""
        if self.name not in number["kinds"]:
            return None
        asked = {}
        for block, states in number["where"].items():
            own = self.allowed[block] & set(states)
            if not own:
                return None
            if own != self.allowed[block]:
                asked[block] = frozenset(own)
        column = number.get("column")
        if column is not None and not self.allowed[self.columns[column]["block"]] & set(
            self.columns[column]["among"]
        ):
            return None
        return asked, column

    def _classes(self):
        """Put states together that no number tells apart."""
        seen = defaultdict(set)
        for asked, column in self.told.values():
            for block, states in asked.items():
                seen[block].add(states)
            if column is not None:
                block = self.columns[column]["block"]
                seen[block].add(frozenset(self.allowed[block] & set(self.columns[column]["among"])))
                for floor in self.floors.get(self.columns[column]["question"], ()):
                    seen[block].add(frozenset(self.allowed[block] & set(floor["among"])))
        self.class_of, self.size = {}, {}
        for block, conditions in seen.items():
            ordered = sorted(conditions, key=sorted)
            kinds = {}
            self.class_of[block] = {
                state: kinds.setdefault(tuple(state in one for one in ordered), len(kinds))
                for state in sorted(self.allowed[block])
            }
            self.size[block] = len(kinds)

    def _cliques(self):
        joined = [set(asked) for asked, column in self.told.values() if column is None]
        self.around = defaultdict(set)
        for asked, column in self.told.values():
            if column is not None:
                question, block = self.columns[column]["question"], self.columns[column]["block"]
                self.around[question] |= {block, *asked}
        joined += list(self.around.values())
        near = {block: set() for block in self.size}
        for group in joined:
            for one, other in combinations(group, 2):
                near[one].add(other)
                near[other].add(one)
        found = []
        while near:

            def cost(block):
                new = [
                    self.size[one] * self.size[other]
                    for one, other in combinations(sorted(near[block]), 2)
                    if other not in near[one]
                ]
                return sum(new), self.size[block], block

            block = min(near, key=cost)
            group = near.pop(block)
            found.append(frozenset({block, *group}))
            for one in group:
                near[one] |= group - {one}
                near[one].discard(block)
        self.cliques = [c for c in found if not any(c < other for other in found)]
        self.cliques = [tuple(sorted(c)) for c in dict.fromkeys(self.cliques)]

    def _count(self):
        total = self.rows.variables(1)
        self.total = int(total[0])
        self.at = {}
        for clique in self.cliques:
            shape = [self.size[block] for block in clique]
            if np.prod(shape) + len(self.rows.upper) > LARGEST:
                raise TooLarge
            self.at[clique] = self.rows.variables(int(np.prod(shape))).reshape(shape)
            everybody = {self.total: -1}
            add(everybody, self.at[clique])
            self.rows.between(everybody, 0, 0)
        reached = set(self.cliques[:1])
        edges = sorted(combinations(self.cliques, 2), key=lambda pair: -len(set(pair[0]) & set(pair[1])))
        tree = {clique: clique for clique in self.cliques}

        def root(clique):
            while tree[clique] != clique:
                clique = tree[clique]
            return clique

        for one, other in edges:
            common = sorted(set(one) & set(other))
            if common and root(one) != root(other):
                tree[root(one)] = root(other)
                self._agree(one, other, common)
        del reached
        self.codes = {}
        for question, blocks in self.around.items():
            self._deal(question, tuple(sorted(blocks)))

    def _agree(self, one, other, common):
        for classes in product(*(range(self.size[block]) for block in common)):
            chosen = dict(zip(common, ([c] for c in classes), strict=True))
            expression = {}
            add(expression, self._inside(one, chosen))
            add(expression, self._inside(other, chosen), -1)
            self.rows.between(expression, 0, 0)

    def _inside(self, clique, chosen):
        """Return the variables of a clique in which each block has one of the chosen classes."""
        index = [chosen.get(block, range(self.size[block])) for block in clique]
        return self.at[clique][np.ix_(*[list(one) for one in index])]

    def _deal(self, question, blocks):
        """Count the persons with each code of a multi-select question."""
        clique = min((c for c in self.cliques if set(blocks) <= set(c)), key=len)
        columns = sorted(c for c, said in self.columns.items() if said["question"] == question)
        shape = [self.size[block] for block in blocks]
        combos = list(product(*map(range, shape)))
        block = self.columns[columns[0]]["block"]
        base = blocks.index(block)
        among = {c: self._class_set(block, self.columns[c]["among"]) for c in columns}
        floors = [(f["columns"], self._class_set(block, f["among"])) for f in self.floors.get(question, ())]
        for column in columns:
            mine = {combo for combo in combos if combo[base] in among[column]}
            places = self.rows.variables(len(mine))
            self.codes[column] = (blocks, dict(zip(sorted(mine), places.tolist(), strict=True)))
        for combo in combos:
            everybody = {}
            add(everybody, self._inside(clique, {b: [c] for b, c in zip(blocks, combo, strict=True)}), -1)
            for column in columns:
                place = self.codes[column][1].get(combo)
                if place is not None:
                    self.rows.between({**everybody, place: 1}, None, 0)
            for names, states in floors:
                if combo[base] in states:
                    some = dict(everybody)
                    for column in names:
                        some[self.codes[column][1][combo]] = 1
                    self.rows.between(some, 0, None)

    def _class_set(self, block, states):
        return {self.class_of[block][state] for state in self.allowed[block] & set(states)}

    def expression(self, at):
        """Return how many of this kind a number counts, as variables."""
        found = {}
        if at not in self.told:
            return found
        asked, column = self.told[at]
        chosen = {block: self._class_set(block, states) for block, states in asked.items()}
        if column is not None:
            blocks, places = self.codes[column]
            inside = [chosen.get(block) for block in blocks]
            for combo, place in places.items():
                if all(own is None or c in own for c, own in zip(combo, inside, strict=True)):
                    add(found, place)
            return found
        if not asked:
            return {self.total: 1}
        clique = min((c for c in self.cliques if set(asked) <= set(c)), key=lambda c: self.at[c].size)
        add(found, self._inside(clique, {block: sorted(own) for block, own in chosen.items()}))
        return found


def build(world):
    """Return the programme of a world, and the expression of each of its numbers."""
    rows = Rows()
    kinds = [
        Kind(k["name"], k["states"], world["numbers"], world["columns"], world["floors"], rows)
        for k in world["kinds"]
    ]
    weight = {k["name"]: k["weight"] for k in world["kinds"]}
    for names, low, high in world["groups"]:
        together = {}
        for kind in kinds:
            if kind.name in names:
                add(together, kind.total)
        rows.between(together, low, high)
    expressions = []
    for at, number in enumerate(world["numbers"]):
        whole = {}
        for kind in kinds:
            for place, times in kind.expression(at).items():
                whole[place] = whole.get(place, 0) + times * weight[kind.name]
        expressions.append(whole)
        for kind in kinds:
            if kind.name in number.get("barred", ()) and (own := kind.expression(at)):
                rows.between(own, 0, 0)
        low, high = number["low"], number["high"]
        if low or high is not None:
            rows.between(whole, low, high)
        if high is not None:
            for place, times in whole.items():
                rows.upper[place] = min(rows.upper[place], high // times)
    return rows, expressions


class CpSat:
    """OR-tools' CP-SAT, which decides over whole numbers; work is limited, not time by the clock."""

    def __init__(self, rows, seconds):
        from ortools.sat.python import cp_model

        self.cp, self.seconds, self.near = cp_model, seconds, None
        self.model = cp_model.CpModel()
        self.variables = [self.model.new_int_var(0, up, "") for up in rows.upper]
        for expression, low, high in rows.sums:
            self._ask(self.model, self.variables, expression, low, high)

    def _ask(self, model, variables, expression, low, high):
        low = self.cp.INT32_MIN if low == -np.inf else int(low)
        high = self.cp.INT32_MAX if high == np.inf else int(high)
        sums = self.cp.LinearExpr.weighted_sum(
            [variables[place] for place in expression], list(expression.values())
        )
        model.add_linear_constraint(sums, low, high)

    def solve(self, expression=None, value=0):
        """Return values of all variables, or ``"none"`` or ``"limit"``."""
        model, variables = self.model, self.variables
        if expression is not None:
            model = self.model.clone()
            variables = [model.get_int_var_from_proto_index(v.index) for v in self.variables]
            if not expression:
                return "none" if value else self.solve()
            self._ask(model, variables, expression, value, value)
        for place, known in enumerate([] if self.near is None else self.near.tolist()):
            model.add_hint(variables[place], known)
        solver = self.cp.CpSolver()
        solver.parameters.max_deterministic_time = self.seconds
        solver.parameters.linearization_level = 2
        solver.parameters.num_workers = 1
        solver.parameters.random_seed = 1
        status = solver.solve(model)
        if status in (self.cp.OPTIMAL, self.cp.FEASIBLE):
            found = np.array([solver.value(v) for v in variables], dtype=np.int64)
            self.near = found if self.near is None else self.near
            return found
        return "none" if status == self.cp.INFEASIBLE else "limit"


class Highs:
    """HiGHS by scipy, where OR-tools is not at hand."""

    def __init__(self, rows, seconds):
        from scipy import sparse

        self.seconds, self.size = seconds, len(rows.upper)
        self.upper = np.array(rows.upper, dtype=float)
        self.low = np.array([low for _, low, _ in rows.sums], dtype=float)
        self.high = np.array([high for *_, high in rows.sums], dtype=float)
        at = [(row, p, t) for row, (e, *_) in enumerate(rows.sums) for p, t in e.items()]
        row, place, times = zip(*at, strict=True)
        self.matrix = sparse.csr_array((times, (row, place)), shape=(len(rows.sums), self.size))

    def solve(self, expression=None, value=0):
        """Return values of all variables, or ``"none"`` or ``"limit"``."""
        from scipy import optimize, sparse

        asked = [optimize.LinearConstraint(self.matrix, self.low, self.high)]
        if expression is not None:
            places, times = list(expression), list(expression.values())
            row = sparse.csr_array((times, ([0] * len(places), places)), shape=(1, self.size))
            asked.append(optimize.LinearConstraint(row, value, value))
        found = optimize.milp(
            np.zeros(self.size),
            constraints=asked,
            integrality=np.ones(self.size),
            bounds=optimize.Bounds(0, self.upper),
            options={"time_limit": self.seconds},
        )
        if found.x is None:
            return "none" if found.status == 2 else "limit"
        return np.round(found.x).astype(np.int64)


def judge(world, solver=CpSat, seconds=20.0):
    """Return, per target and value, whether it is possible.

    Raises
    ------
    ValueError
        If no population has the published numbers: then the world is written down wrong.
    """
    said = [dict.fromkeys(map(int, target["values"]), "undecided") for target in world["targets"]]
    try:
        rows, expressions = build(world)
    except TooLarge:
        return said
    targets = []
    for target in world["targets"]:
        whole = {}
        for at, times in target["terms"]:
            for place, each in expressions[at].items():
                whole[place] = whole.get(place, 0) + times * each
        targets.append({place: times for place, times in whole.items() if times})
    model = solver(rows, seconds)
    first = model.solve()
    if isinstance(first, str):
        if first == "none":
            raise ValueError(f"no population has the numbers of {world['name']}")
        return said

    def note(solution):
        for own, whole in zip(said, targets, strict=True):
            value = sum(int(solution[place]) * times for place, times in whole.items())
            if value in own:
                own[value] = "possible"

    note(first)
    for own, whole in zip(said, targets, strict=True):
        for value in own:
            if own[value] == "undecided":
                found = model.solve(whole, value)
                if isinstance(found, str):
                    own[value] = {"none": "impossible", "limit": "undecided"}[found]
                else:
                    note(found)
    return said


def main():
    """Judge the worlds on standard input, one a line."""
    solver = Highs if "--highs" in sys.argv else CpSat
    for line in sys.stdin:
        print(json.dumps(judge(json.loads(line), solver)), flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
