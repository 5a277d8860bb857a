"""Pairs of releases, and an enumerator that says which of them leak. Shares no code with the gate.

The people of a year have two attributes. First a table is released, then a second one: a finer table, the
answer to a request about some of the people, or a corrected year. Whether the second leaks is found by
writing out every whole-number table of the year that agrees with what both show.
"""

from dataclasses import dataclass
from itertools import product

import numpy as np
from enumerator import compositions

ROWS, COLUMNS = ("a", "b", "c"), ("x", "y")
SMALL = (1, 2, 3)


@dataclass(frozen=True)
class Release:
    """Printed cells: ``(row, column)`` with ``"total"`` for a margin, and the count or None if hidden."""

    name: str
    cells: dict


def value(world, cell):
    """Count of a cell in worlds of shape (n, rows, columns)."""
    rows = range(len(ROWS)) if cell[0] == "total" else [ROWS.index(cell[0])]
    columns = range(len(COLUMNS)) if cell[1] == "total" else [COLUMNS.index(cell[1])]
    return world[:, list(rows)][:, :, list(columns)].sum(axis=(1, 2))


def one_way(truth, hidden=()):
    """Rows with their total."""
    cells = {(row, "total"): int(value(truth[None], (row, "total"))[0]) for row in ROWS}
    cells[("total", "total")] = int(truth.sum())
    return Release("rows", {cell: None if cell in hidden else count for cell, count in cells.items()})


def two_way(truth, hidden=()):
    """Rows by columns with all margins."""
    cells = {
        cell: int(value(truth[None], cell)[0]) for cell in product((*ROWS, "total"), (*COLUMNS, "total"))
    }
    return Release("both", {cell: None if cell in hidden else count for cell, count in cells.items()})


def request(truth, hidden=()):
    """Rows among those with the first column's code."""
    cells = {(row, "x"): int(value(truth[None], (row, "x"))[0]) for row in (*ROWS, "total")}
    return Release("request", {cell: None if cell in hidden else count for cell, count in cells.items()})


def worlds_left(total, *releases):
    """Every table of the year that agrees with all that is shown."""
    worlds = compositions(total, len(ROWS) * len(COLUMNS)).reshape(-1, len(ROWS), len(COLUMNS))
    for release in releases:
        for cell, count in release.cells.items():
            if count is not None:
                worlds = worlds[value(worlds, cell) == count]
    return worlds


def leaks(truth, *releases):
    """Whether some small group that is printed, or is left over between two printed ones, is narrowed."""
    worlds = worlds_left(int(truth.sum()), *releases)
    printed = {cell for release in releases for cell in release.cells}
    for cell in printed:
        if int(value(truth[None], cell)[0]) in SMALL and not set(SMALL) <= set(value(worlds, cell).tolist()):
            return True
    for row in (*ROWS, "total"):
        if {(row, "total"), (row, "x")} <= printed and (row, "y") not in printed:
            left = value(worlds, (row, "total")) - value(worlds, (row, "x"))
            if int(value(truth[None], (row, "y"))[0]) in SMALL and not set(SMALL) <= set(left.tolist()):
                return True
    return False


def edition_leaks(came, went, shown):
    """Whether a corrected year shows a cell that one to three persons came to or went from."""
    cells = product((*ROWS, "total"), ("total",))
    return any(
        cell in shown and int(value(came[None], cell)[0] + value(went[None], cell)[0]) in SMALL
        for cell in cells
    )


def draw(seed):
    """A small year."""
    rng = np.random.default_rng(seed)
    return rng.multinomial(int(rng.integers(9, 14)), rng.dirichlet(np.full(6, 0.8))).reshape(3, 2)


def naive(release):
    """Hide small counts and nothing else."""
    return {cell for cell, count in release.cells.items() if count in SMALL}


def pattern(release, seed):
    """Small counts and some others hidden, the total shown: what somebody might release."""
    rng = np.random.default_rng([seed, 7])
    total = ("total", "x") if release.name == "request" else ("total", "total")
    more = {cell for cell in release.cells if rng.random() < 0.5}
    return (naive(release) | more) - ({total} if release.cells[total] not in SMALL else set())


def hidden_whole(cells):
    """Close a pattern: where a row's or column's total is hidden, so are its cells."""
    more = {
        cell for cell in product(ROWS, COLUMNS) if (cell[0], "total") in cells or ("total", cell[1]) in cells
    }
    return cells | more
