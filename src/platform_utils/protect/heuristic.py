"""A safe pattern without proof of cheapness, for instances too large to be solved to the end.

Enters: a task and cells already hidden. Leaves: a pattern with the same guarantee as the optimum: each
value that must stay possible has a witness. Cell by cell, the cheapest way to let a value move is sought
near the cell first, then wider; what is already hidden costs nothing.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from scipy import sparse
from scipy.optimize import linprog

from platform_utils.protect.optimum import Task
from platform_utils.protect.possible import Need

__all__ = ["repair"]

_BREADTHS = (6, 16, 64)


class _InRows:
    """What hiding a cell costs together with the row that it closes."""

    def __init__(self, rows: Sequence[tuple[int, int]]) -> None:
        self.totals = np.array([total for total, _ in rows], dtype=int)
        self.cells = np.array([cell for _, cell in rows], dtype=int)

    def cost(self, task: Task, pattern: np.ndarray) -> np.ndarray:
        """Return the cost of hiding each cell that ``pattern`` shows."""
        cost = np.where(pattern, 0.0, task.cost)
        return cost + np.bincount(self.totals, cost[self.cells], minlength=len(cost))


def repair(task: Task, hidden: np.ndarray) -> np.ndarray | None:
    """Return a safe pattern that holds ``hidden``'s forced cells, thinned of what no witness needs.

    Parameters
    ----------
    task : Task
        The block.
    hidden : ndarray of bool
        Where to start: usually the forced cells, or an unsafe pattern of the optimiser.

    Returns
    -------
    ndarray of bool or None
        None if some value cannot be made possible, even with all hidden that may be.
    """
    in_rows = _InRows(task.rows)
    pattern = task.closed(hidden | task.forced | task.block.always_hidden)
    for need in sorted(task.needs, key=lambda need: (-abs(need.value - task.block.values[need.place]), need)):
        if task.block.serving(need, pattern) is not None:
            continue
        witness = _cheapest(task, need, pattern, in_rows)
        if witness is None:
            return None
        task.block.keep(witness)
        pattern = task.closed(pattern | (witness != task.block.values))
    thin = task.closed(task.forced | task.block.always_hidden)
    thin[list(task.block.used(task.needs, pattern, np.flatnonzero(thin).tolist()))] = True
    return task.closed(thin)


def _cheapest(task: Task, need: Need, pattern: np.ndarray, in_rows: _InRows) -> np.ndarray | None:
    """Return the witness that hides least in addition, searched in growing neighbourhoods."""
    for breadth in _BREADTHS:
        near = _near(task, need.place, pattern, breadth)
        witness = _move(task, need, pattern, near, in_rows)
        if witness is not None:
            return witness
    everywhere = np.flatnonzero(task.widest)
    witness = _move(task, need, pattern, everywhere, in_rows)
    return _search(task, need, everywhere) if witness is None else witness


def _near(task: Task, place: int, pattern: np.ndarray, breadth: int) -> np.ndarray:
    """Return the cells in which a cheap move of ``place`` is likely to be found."""
    block = task.block
    price = np.where(pattern, 0.0, task.cost)
    taken = {place}
    frontier = [place]
    for _ in range(2):
        reached: set[int] = set()
        for cell in frontier:
            for row in block.columns.indices[block.columns.indptr[cell] : block.columns.indptr[cell + 1]]:
                others = block.matrix.indices[block.matrix.indptr[row] : block.matrix.indptr[row + 1]]
                others = others[task.widest[others]]
                order = others[np.lexsort((others, -np.minimum(block.values[others], 3), price[others]))]
                reached |= set(order[:breadth].tolist())
        frontier = sorted(reached - taken)
        taken |= reached
    rows = np.unique(block.columns[:, sorted(taken)].indices)
    counts = np.asarray(abs(block.matrix[rows]).sum(axis=0)).ravel()
    closing = np.flatnonzero((counts >= 2) & task.widest)
    return np.union1d(closing, np.array(sorted(taken)))


def _move(
    task: Task, need: Need, pattern: np.ndarray, near: np.ndarray, in_rows: _InRows
) -> np.ndarray | None:
    block = task.block
    part = block.columns[:, near].tocsr()
    part = part[np.flatnonzero(np.diff(part.indptr))]
    step = float(need.value - block.values[need.place])
    room = (block.values - block.least[need.reader])[near].astype(float)
    price = np.where(pattern[near], 1e-4, in_rows.cost(task, pattern)[near])
    price = price / np.minimum(np.maximum(room, 1), abs(step))
    n = len(near)
    at = int(np.searchsorted(near, need.place))
    lower, upper = np.zeros(2 * n), np.concatenate([np.full(n, np.inf), room])
    upper[at] = lower[at] = max(step, 0.0)
    upper[n + at] = lower[n + at] = max(-step, 0.0)
    answer = linprog(
        np.concatenate([price, price]),
        A_eq=sparse.hstack([part, -part]),
        b_eq=np.zeros(part.shape[0]),
        bounds=np.column_stack([lower, upper]),
        method="highs",
    )
    if answer.status != 0:
        return None
    moved = answer.x[:n] - answer.x[n:]
    witness = block.values.copy()
    witness[near] += np.rint(moved).astype(int)
    whole = bool(np.abs(moved - np.rint(moved)).max() < 1e-6)
    fits = not (block.matrix @ (witness - block.values)).any()
    if whole and fits and (witness >= block.least[need.reader]).all():
        return witness
    return _search(task, need, near[np.abs(moved) > 1e-9])


def _search(task: Task, need: Need, free: np.ndarray) -> np.ndarray | None:
    return task.block.search(need, free)
