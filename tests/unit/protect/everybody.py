"""Every population that some published tables allow, written out: the judge of `audit`. Shares no code with it.

A case draws a small population of persons of a few kinds, counts it into tables, and hides cells. What a
reader can know of a hidden cell is what it is in all populations of which the printed numbers are true.
"""

from itertools import combinations, product

import numpy as np

TOTAL = "total"


def populations(persons, kinds):
    """All ways in which so many persons can be of so many kinds, shape (n, kinds)."""
    bars = np.array(list(combinations(range(persons + kinds - 1), kinds - 1))).reshape(-1, kinds - 1)
    edges = np.column_stack([np.full(len(bars), -1), bars, np.full(len(bars), persons + kinds - 1)])
    return np.diff(edges, axis=1) - 1


class Case:
    """Kinds of persons by variable (a set where several answers may be given), and the tables over them.

    A table is (name, dimensions, universe): ``universe`` is (variable, code) or None. ``trees`` has, by
    variable, ways of adding up: parents that are printed with their codes.
    """

    def __init__(self, variables, tables, *, trees=None, coarse=None, several=(), persons=6):
        self.variables, self.tables, self.several = variables, tables, several
        self.trees, self.coarse = trees or {}, coarse or {}
        self.printed = {dimension for _, dimensions, _ in tables for dimension in dimensions}
        self.kinds = [dict(zip(variables, one, strict=True)) for one in product(*variables.values())]
        for kind in self.kinds:
            kind |= {wide: above[kind[fine]] for wide, (fine, above) in self.coarse.items()}
        self.persons, self.worlds = persons, populations(persons, len(self.kinds))

    def with_open_number(self):
        """Let the number of persons be open, for tables whose totals may be hidden."""
        sizes = range(self.persons + 5)
        self.worlds = np.concatenate([populations(n, len(self.kinds)) for n in sizes])
        return self

    def codes(self, dimension):
        if dimension in self.coarse:
            return sorted(set(self.coarse[dimension][1].values()))
        values = self.variables[dimension]
        if dimension in self.several:
            return sorted({code for one in values for code in one})
        return [*values, *dict.fromkeys(p for tree in self.trees.get(dimension, ()) for p in tree.values())]

    def has(self, kind, dimension, code):
        if code == TOTAL:
            return True
        if dimension in self.several:
            return code in kind[dimension]
        return code == kind[dimension] or code in [
            t.get(kind[dimension]) for t in self.trees.get(dimension, ())
        ]

    def cells(self):
        """Every cell of every table: (table, codes) and which kinds it counts."""
        for name, dimensions, universe in self.tables:
            for codes in product(*([*self.codes(d), TOTAL] for d in dimensions)):
                counted = [
                    all(self.has(kind, d, c) for d, c in zip(dimensions, codes, strict=True))
                    and (universe is None or self.has(kind, *universe))
                    for kind in self.kinds
                ]
                yield (name, codes), np.array(counted, dtype=int)

    def draw(self, random, share_hidden):
        """One population, its cells, and which are hidden; the first table's total never is."""
        cells = list(self.cells())
        matrix = np.column_stack([counted for _, counted in cells])
        few = self.worlds[self.worlds.sum(axis=1) <= self.persons]
        truth = few[random.integers(len(few))] @ matrix
        hidden = random.random(len(cells)) < share_hidden
        first = self.tables[0]
        hidden[[key for key, _ in cells].index((first[0], (TOTAL,) * len(first[1])))] = False
        return Drawn([key for key, _ in cells], truth, hidden, self.worlds @ matrix)


class Drawn:
    def __init__(self, keys, truth, hidden, worlds):
        self.keys, self.truth, self.hidden, self.worlds = keys, truth, hidden, worlds

    def known(self):
        """The least and largest count of each hidden cell, over all populations of which the rest is true."""
        left = self.worlds[(self.worlds[:, ~self.hidden] == self.truth[~self.hidden]).all(axis=1)]
        at = np.flatnonzero(self.hidden)
        return {self.keys[i]: (int(left[:, i].min()), int(left[:, i].max())) for i in at.tolist()}

    def values(self, key):
        left = self.worlds[(self.worlds[:, ~self.hidden] == self.truth[~self.hidden]).all(axis=1)]
        return set(left[:, self.keys.index(key)].tolist())

    def forced(self, key, told):
        """The values that a cell can have when only the cells of ``told`` are known."""
        at = [self.keys.index(one) for one in told]
        left = self.worlds[(self.worlds[:, at] == self.truth[at]).all(axis=1)]
        return set(left[:, self.keys.index(key)].tolist())

    def write(self, case, folder):
        """The tables as files, with their description; return the files."""
        lines = {name: [",".join([*dims, "count"])] for name, dims, _ in case.tables}
        for (name, codes), count, hidden in zip(self.keys, self.truth, self.hidden, strict=True):
            lines[name].append(",".join([*codes, ".." if hidden else str(count)]))
        said = []
        for name, dims, universe in case.tables:
            (folder / f"{name}.csv").write_text("\n".join(lines[name]) + "\n", encoding="utf-8")
            several = [d for d in dims if d in case.several]
            said += ["[[table]]", f'file = "{name}.csv"', f"multiple = {several}"]
            said += [f'universe = "{universe[0]}_{universe[1]}"'] if universe else []
        for dimension, trees in case.trees.items():
            for tree in trees:
                pairs = ", ".join(f'{code} = "{parent}"' for code, parent in tree.items())
                said += ["[[tree]]", f'dimension = "{dimension}"', f"parents = {{ {pairs} }}"]
        for wide, (fine, above) in case.coarse.items():
            pairs = ", ".join(f'{code} = "{parent}"' for code, parent in above.items())
            said += ["[[tree]]", f'dimension = "{fine}"', f'coarse = "{wide}"', f"parents = {{ {pairs} }}"]
        for variable, code in dict.fromkeys(u for _, _, u in case.tables if u):
            said += [f"[universe.{variable}_{code}]", 'within = "all"']
            said += [f'where = {{ {variable} = "{code}" }}'] if variable in case.printed else []
        (folder / "tables.toml").write_text("\n".join(said) + "\n", encoding="utf-8")
        return [folder / f"{name}.csv" for name, _, _ in case.tables]


AB = {"a": ["a1", "a2"], "b": ["b1", "b2"]}
ANSWERS = [frozenset(s) for s in (["f"], ["g"], ["h"], ["f", "g"], ["f", "h"], ["g", "h"], ["f", "g", "h"])]
TWO = [ANSWERS[0], ANSWERS[1], ANSWERS[3]]
SILENT = [*TWO, frozenset(["unknown"])]
FINE = ["n1", "n2", "s1"]
REGION, KIND = {"n1": "n", "n2": "n", "s1": "s"}, {"n1": "town", "n2": "land", "s1": "land"}


def ring(*edges):
    return [("".join(edge), tuple(edge), None) for edge in edges]


CASES = {
    "two ways": lambda: Case(AB | {"b": ["b1", "b2", "b3"]}, ring("ab"), persons=7),
    "linked": lambda: Case(AB | {"c": ["c1", "c2"]}, ring("ab", "bc"), persons=6),
    "triangle": lambda: Case(AB | {"c": ["c1", "c2"]}, ring("ab", "bc", "ca"), persons=7),
    "ring of four": lambda: Case(
        AB | {"c": ["c1", "c2"], "d": ["d1", "d2"]}, ring("ab", "bc", "cd", "da"), persons=5
    ),
    "several answers": lambda: Case({"m": ANSWERS}, ring("m"), several=("m",), persons=8),
    "several answers by sex": lambda: Case(
        {"m": ANSWERS, "a": ["a1", "a2"]}, ring("ma", "m"), several=("m",), persons=4
    ),
    "some silent": lambda: Case({"m": SILENT, "a": ["a1", "a2"]}, ring("ma"), several=("m",), persons=6),
    "answers in a ring": lambda: Case(
        {"m": TWO, "a": ["a1", "a2"], "b": ["b1", "b2"]}, ring("ma", "ab", "bm"), several=("m",), persons=5
    ),
    "two questions": lambda: Case(
        {"m": TWO, "k": [frozenset("p"), frozenset("q"), frozenset("pq")]},
        ring("mk"), several=("m", "k"), persons=6,
    ),
    "two trees": lambda: Case(
        {"g": FINE, "a": ["a1", "a2"]}, ring("g", "ga"), trees={"g": [REGION, KIND]}, persons=6
    ),
    "coarse": lambda: Case(
        {"g": FINE, "a": ["a1", "a2"]}, [("ga", ("g", "a"), None), ("ra", ("r", "a"), None)],
        coarse={"r": ("g", REGION)}, persons=6,
    ),
    "within": lambda: Case(
        AB | {"c": ["c1", "c2"]}, [*ring("ab"), ("c", ("c",), ("a", "a1")), ("bc", ("b", "c"), ("a", "a1"))],
        persons=6,
    ),
    "only said to lie within": lambda: Case(
        AB | {"i": ["in", "out"]}, [*ring("ab"), ("iab", ("a", "b"), ("i", "in"))], persons=6
    ),
    "within a ring": lambda: Case(
        AB | {"c": ["c1", "c2"]}, [*ring("ab", "bc"), ("in", ("c",), ("a", "a1"))], persons=6
    ),
}  # fmt: skip
