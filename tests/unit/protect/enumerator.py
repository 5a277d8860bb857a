"""Every whole-number table, written out: the judge of optimiser and attacker. Shares no code with either.

A layout is small. All its integer tables with the given grand total are listed once; a reader who sees some
of the cells is left with those that agree. The cheapest safe pattern is found by trying all, cheapest first.
"""

from functools import cache
from itertools import combinations, product

import numpy as np


@cache
def compositions(total, parts):
    """All ways to write ``total`` as an ordered sum of ``parts`` whole numbers, shape (n, parts)."""
    if parts == 1:
        return np.array([[total]])
    return np.vstack(
        [
            np.column_stack([np.full(len(rest), first), rest])
            for first in range(total + 1)
            for rest in [compositions(total - first, parts - 1)]
        ]
    )


def with_margins(inner, shape):
    """Add row, column and grand totals: shape (n, (rows + 1) * (columns + 1))."""
    tables = inner.reshape(-1, *shape)
    tables = np.concatenate([tables, tables.sum(axis=1, keepdims=True)], axis=1)
    tables = np.concatenate([tables, tables.sum(axis=2, keepdims=True)], axis=2)
    return tables.reshape(len(tables), -1)


class Layout:
    """Cells by name, all tables that could stand there, and which cells are rows of which total."""

    def __init__(self, names, worlds, rows, guarded=()):
        self.names = list(names)
        self.worlds = worlds
        self.rows = [(self.names.index(a), self.names.index(b)) for a, b in rows]
        self.guarded = [(self.names.index(a), self.names.index(b)) for a, b in guarded]

    def left(self, truth, hidden):
        """The tables that agree with everything shown."""
        shown = [i for i in range(len(truth)) if i not in hidden]
        return self.worlds[(self.worlds[:, shown] == truth[shown]).all(axis=1)]

    def is_safe(self, truth, hidden, values):
        left = self.left(truth, hidden)
        for cell, count in enumerate(truth):
            if self.is_primary[cell] and 1 <= count <= values[-1]:
                if cell not in hidden or not set(values) <= set(left[:, cell].tolist()):
                    return False
        for whole, part in self.guarded:
            if 1 <= truth[whole] - truth[part] <= values[-1]:
                if not set(values) <= set((left[:, whole] - left[:, part]).tolist()):
                    return False
        return True

    def cheapest(self, truth, must_show, values, cost):
        """Cost of the cheapest safe pattern, None if there is none."""
        free = [i for i in range(len(truth)) if self.names[i] not in must_show]
        forced = {i for i in free if self.is_primary[i] and 1 <= truth[i] <= values[-1]}
        rest = [i for i in free if i not in forced]
        patterns = (forced | set(more) for size in range(len(rest) + 1) for more in combinations(rest, size))
        best = None
        for pattern in sorted(patterns, key=lambda p: sum(cost[i] for i in p)):
            whole = all(cell in pattern or cell not in free for total, cell in self.rows if total in pattern)
            if whole and self.is_safe(truth, pattern, values):
                best = sum(cost[i] for i in pattern)
                break
        return best


def grid(rows, columns, total):
    """One table of two dimensions with all margins."""
    row_names, column_names = [f"r{i}" for i in range(rows)], [f"c{i}" for i in range(columns)]
    inner = compositions(total, rows * columns)
    names = list(product([*row_names, "total"], [*column_names, "total"]))
    closed = [((r, "total"), (r, c)) for r in row_names for c in column_names]
    closed += [(("total", c), (r, c)) for r in row_names for c in column_names]
    layout = Layout(names, with_margins(inner, (rows, columns)), closed)
    layout.is_primary = [True] * len(names)
    return layout


def tree(total):
    """One dimension with four codes in two groups."""
    inner = compositions(total, 4)
    names = ["g0", "a", "b", "g1", "c", "d", "total"]
    worlds = np.column_stack(
        [
            inner[:, :2].sum(1),
            inner[:, 0],
            inner[:, 1],
            inner[:, 2:].sum(1),
            inner[:, 2],
            inner[:, 3],
            inner.sum(1),
        ]
    )
    layout = Layout(names, worlds, [])
    layout.is_primary = [True] * 7
    return layout


def linked(total):
    """Two tables, sex x age and sex x origin, that share the sexes."""
    found = []
    first = with_margins(compositions(total, 4), (2, 2))
    for table in first:
        woman, man = table[2], table[5]
        others = [(w, woman - w, m, man - m) for w in range(woman + 1) for m in range(man + 1)]
        second = with_margins(np.array(others), (2, 2))
        found.append(np.column_stack([np.tile(table, (len(second), 1)), second[:, [0, 1, 3, 4, 6, 7]]]))
    names = [("age", *pair) for pair in product(["w", "m", "total"], ["x", "y", "total"])]
    names += [("origin", *pair) for pair in product(["w", "m", "total"], ["p", "q"])]
    closed = []
    for table, codes in (("age", "xy"), ("origin", "pq")):
        for sex, code in product("wm", codes):
            closed += [
                (("age", sex, "total"), (table, sex, code)),
                ((table, "total", code), (table, sex, code)),
            ]
    layout = Layout(names, np.vstack(found), closed)
    layout.is_primary = [True] * len(names)
    return layout


def several_answers(total):
    """A multi-select question by sex: of each sex, those who chose a code; two codes."""
    found = []
    for women in range(total + 1):
        men = total - women
        choices = product(range(women + 1), range(men + 1), range(women + 1), range(men + 1))
        for one_w, one_m, two_w, two_m in choices:
            found.append((one_w, one_m, one_w + one_m, two_w, two_m, two_w + two_m, women, men, total))
    names = list(product(["one", "two", "total"], ["w", "m", "total"]))
    closed, guarded = [], []
    for code in ("one", "two"):
        closed += [((code, "total"), (code, sex)) for sex in "wm"]
        closed += [(("total", sex), (code, sex)) for sex in "wm"]
        guarded += [(("total", sex), (code, sex)) for sex in ("w", "m", "total")]
    layout = Layout(names, np.array(found), closed, guarded)
    layout.is_primary = [True] * len(names)
    return layout
