"""A safe pattern without proof of cheapness, for instances too large to be solved to the end.

Enters: a task and cells already hidden. Leaves: a pattern with the same guarantee as the optimum: each
value that must stay possible has a witness. Cell by cell, the cheapest way to let a value move is sought
near the cell first, then wider; what is already hidden costs nothing.
"""

from __future__ import annotations

import numpy as np
from scipy import sparse
from scipy.optimize import linprog

from platform_utils.protect.optimum import Task
from platform_utils.protect.possible import Need

__all__ = ["repair"]

_BREADTHS = (6, 16, 64)


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
    pattern = task.closed(hidden | task.forced | task.block.always_hidden)
    for need in sorted(task.needs, key=lambda need: (-abs(need.value - task.block.values[need.place]), need)):
        if _met_by_kept(task, need, pattern):
            continue
        witness = _cheapest(task, need, pattern)
        if witness is None:
            return None
        task.block.keep(witness)
        pattern = task.closed(pattern | (witness != task.block.values))
    used = task.block.used(task.needs, pattern)
    thin = task.forced | task.block.always_hidden
    thin[list(used)] = True
    return task.closed(thin)


def _met_by_kept(task: Task, need: Need, pattern: np.ndarray) -> bool:
    block = task.block
    if block.values[need.place] == need.value:
        return True
    return any(
        witness[need.place] == need.value
        and all(pattern[c] for c in cells)
        and bool((witness >= block.least[need.reader]).all())
        for witness, cells in zip(reversed(block.witnesses), reversed(block.changed), strict=True)
    )


def _cheapest(task: Task, need: Need, pattern: np.ndarray) -> np.ndarray | None:
    """Return the witness that hides least in addition, searched in growing neighbourhoods."""
    for breadth in _BREADTHS:
        near = _near(task, need.place, pattern, breadth)
        witness = _move(task, need, pattern, near)
        if witness is not None:
            return witness
    everywhere = np.flatnonzero(task.widest)
    witness = _move(task, need, pattern, everywhere)
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


def _move(task: Task, need: Need, pattern: np.ndarray, near: np.ndarray) -> np.ndarray | None:
    block = task.block
    part = block.columns[:, near].tocsr()
    part = part[np.flatnonzero(np.diff(part.indptr))]
    step = float(need.value - block.values[need.place])
    room = (block.values - block.least[need.reader])[near].astype(float)
    price = np.where(pattern[near], 1e-4, _row_cost(task, pattern)[near])
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


def _row_cost(task: Task, pattern: np.ndarray) -> np.ndarray:
    """Return the cost of hiding each cell together with the row that it closes."""
    cost = np.where(pattern, 0.0, task.cost)
    if not task.rows:
        return cost
    totals, cells = (np.array(side) for side in zip(*task.rows, strict=True))
    whole = cost.copy()
    np.add.at(whole, totals, cost[cells])
    return whole
