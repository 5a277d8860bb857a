"""What else must be hidden, so that what a rule hides stays hidden: over a whole set of linked tables.

Enters: a system, its primary cells, what must be shown, and what earlier releases already show. Leaves: the
cells to hide and how good the choice is. Cells that are sure to be shown are constants, so the system
falls apart into blocks; each block is solved on its own: to the optimum, or by a heuristic where it is too
large to be solved to the end. The heuristic gives the same guarantee without proof of cheapness: cell by
cell, the cheapest way to let a value move is sought near the cell first, then wider; what is already hidden
costs nothing.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace

import numpy as np
from scipy import sparse
from scipy.sparse.csgraph import connected_components

from platform_utils.protect.model import System
from platform_utils.protect.optimum import Pattern, Task, find_optimum
from platform_utils.protect.possible import Block, Need
from platform_utils.protect.primaries import Primary

_LARGE = 2000
"""Hideable cells of a block from which the heuristic takes over."""

_BREADTHS = (6, 16, 64)
"""Cells taken per relation in the neighbourhoods that the heuristic searches, one after the other."""


@dataclass(frozen=True)
class Choice:
    """What to hide, and how good it is.

    Attributes
    ----------
    hidden : frozenset of int
        Places of printed cells.
    cost, bound : float
        Cost of all hidden cells, and a cost below which no safe pattern exists.
    methods : dict of str to int
        How many blocks were solved by each method.
    failing : tuple of int
        Places of primary cells for which no safe pattern exists; the other blocks are still solved.
    """

    hidden: frozenset[int]
    cost: float
    bound: float
    methods: Mapping[str, int]
    failing: tuple[int, ...] = ()

    @property
    def gap(self) -> float:
        """Share of the cost that may be too much, 0 when proven optimal."""
        return 0.0 if self.cost <= self.bound + 1e-9 else (self.cost - self.bound) / self.cost


def hide_complements(
    system: System,
    primaries: Mapping[int, Primary],
    *,
    shown: Collection[int],
    cost: Mapping[int, float],
    least: Mapping[str, Mapping[int, int]],
    method: str = "auto",
) -> Choice:
    """Choose what else to hide; a row whose total is hidden is hidden whole.

    Parameters
    ----------
    shown : collection of int
        Places that must be, or already are, public.
    cost : mapping of int to float
        Information lost with each printed cell; 1 where not given.
    least : mapping of str to mapping of int to int
        What each reader knows as the least count of cells: ``""`` for everybody, else a member.
    method : {"auto", "witnessed", "optimal", "heuristic"}
        Large blocks are left to the heuristic by ``"auto"``, to the witnesses by ``"witnessed"``.
    """
    sure = np.zeros(len(system.cells), dtype=bool)
    sure[list(shown)] = True
    sure[list(primaries)] = False
    rows = [pair for pair in system.rows if system.cells[pair[0]].codes]
    hidden: set[int] = set()
    total, bound, failing = 0.0, 0.0, []
    methods: dict[str, int] = {}
    for places in _blocks(system, sure, rows, set(primaries)):
        task = _task(system, places, sure, primaries, cost, least, rows)
        pattern, unmet = _solve(task, method)
        failing += [places[n.place] for n in unmet]
        methods[pattern.method] = methods.get(pattern.method, 0) + 1
        total, bound = total + pattern.cost, bound + pattern.bound
        hidden |= {places[at] for at in np.flatnonzero(pattern.hidden) if system.printed[places[at]]}
    return Choice(frozenset(hidden), total, bound, methods, tuple(sorted(set(failing))))


def _solve(task: Task, method: str) -> tuple[Pattern, list[Need]]:
    """Return a pattern, and the needs that no pattern meets; the pattern is safe for all others."""
    start = task.forced | task.block.always_hidden
    first = task.closed(start)
    bound = task.cost_of(first)
    by_programme = method == "optimal" or (method != "heuristic" and int(task.widest.sum()) <= _LARGE)
    if not by_programme and method == "witnessed":
        return _heuristic(task, first, bound), []
    if not by_programme:
        repaired = _repair(task, start)
        if repaired is not None:
            return _heuristic(task, repaired, bound), []
    widest = task.closed(task.widest)
    unmet = task.block.missing(task.needs, widest)
    task = replace(task, needs=[need for need in task.needs if need not in set(unmet)])
    if by_programme:
        pattern = find_optimum(task)
        if pattern.method != "unsafe":
            return pattern, unmet
        start, bound = pattern.hidden, pattern.bound
    repaired = _repair(task, start)
    return _heuristic(task, widest if repaired is None else repaired, bound), unmet


def _heuristic(task: Task, hidden: np.ndarray, bound: float) -> Pattern:
    cost = task.cost_of(hidden)
    return Pattern(hidden, cost, min(bound, cost), "heuristic")


def _blocks(
    system: System, sure: np.ndarray, rows: list[tuple[int, int]], primaries: set[int]
) -> list[list[int]]:
    """Return the connected parts of what may be hidden, those that hold a primary cell, in order."""
    # A relation's hideable cells hang together even where its whole is shown: one must take up the other.
    groups = [[r.whole, *r.parts] for r in system.relations] + [list(pair) for pair in rows]
    loose = [[cell for cell in group if not sure[cell]] for group in groups]
    pairs = np.array([(group[0], cell) for group in loose for cell in group[1:]], dtype=int).reshape(-1, 2)
    joined = sparse.coo_array((np.ones(len(pairs)), tuple(pairs.T)), shape=(len(sure),) * 2)
    _, part = connected_components(joined, directed=False)
    blocks: dict[int, list[int]] = {}
    for cell in np.flatnonzero(~sure).tolist():
        blocks.setdefault(part[cell], []).append(cell)
    return [cells for cells in blocks.values() if primaries & set(cells)]


def _task(
    system: System,
    places: list[int],
    sure: np.ndarray,
    primaries: Mapping[int, Primary],
    cost: Mapping[int, float],
    readers: Mapping[str, Mapping[int, int]],
    rows: list[tuple[int, int]],
) -> Task:
    inside = {place: at for at, place in enumerate(places)}
    touching = [r for r in system.relations if any(p in inside for p in (r.whole, *r.parts))]
    row_at, column_at, sign = [], [], []
    values = [system.values[p] for p in places]
    for at, relation in enumerate(touching):
        for place, one in [(relation.whole, -1.0), *((p, 1.0) for p in relation.parts)]:
            if place in inside:
                row_at.append(at)
                column_at.append(inside[place])
                sign.append(one)
    width = len(places)
    matrix = sparse.csr_array((sign, (row_at, column_at)), shape=(len(touching), width))
    hidden_always = np.array([not system.printed[p] for p in places])
    least = {
        reader: np.array([known.get(p, 0) for p in places], dtype=int) for reader, known in readers.items()
    }
    block = Block(np.array(values, dtype=int), matrix, hidden_always, least)
    needs = []
    for place in places:
        primary = primaries.get(place)
        if primary is not None:
            needs += [Need(inside[place], value) for value in sorted(primary.values)]
            for reader, wanted in sorted(primary.by_member.items()):
                needs += [Need(inside[place], value, reader) for value in sorted(wanted)]
    return Task(
        block=block,
        needs=needs,
        cost=np.array([cost.get(p, 1.0) for p in places], dtype=float),
        shown=np.array([bool(sure[p]) for p in places]),
        forced=np.array([p in primaries for p in places]),
        rows=[(inside[a], inside[b]) for a, b in rows if a in inside and b in inside],
    )


def _repair(task: Task, hidden: np.ndarray) -> np.ndarray | None:
    """Return a safe pattern that holds ``hidden``'s forced cells, thinned of what no witness needs.

    Start from the forced cells, or from an unsafe pattern of the optimiser. None if some value cannot be made
    possible, even with all hidden that may be.
    """
    pattern = task.closed(hidden | task.forced | task.block.always_hidden)
    for need in sorted(task.needs, key=lambda need: (-abs(need.value - task.block.values[need.place]), need)):
        if task.block.serving(need, pattern) is not None:
            continue
        witness = _cheapest(task, need, pattern)
        if witness is None:
            return None
        task.block.keep(witness)
        pattern = task.closed(pattern | (witness != task.block.values))
    thin = task.closed(task.forced | task.block.always_hidden)
    thin[list(task.block.used(task.needs, pattern, np.flatnonzero(thin).tolist()))] = True
    return task.closed(thin)


def _cheapest(task: Task, need: Need, pattern: np.ndarray) -> np.ndarray | None:
    """Return the witness that hides least in addition, searched in growing neighbourhoods."""
    for breadth in _BREADTHS:
        near = _near(task, need.place, pattern, breadth)
        witness = _move(task, need, pattern, near)
        if witness is not None:
            return witness
    everywhere = np.flatnonzero(task.widest)
    witness = _move(task, need, pattern, everywhere)
    return task.block.search(need, everywhere) if witness is None else witness


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
    # Cells in two relations of the neighbourhood close cycles, and moves are cycles.
    rows = np.unique(block.columns[:, sorted(taken)].indices)
    counts = np.asarray(abs(block.matrix[rows]).sum(axis=0)).ravel()
    closing = np.flatnonzero((counts >= 2) & task.widest)
    return np.union1d(closing, np.array(sorted(taken)))


def _move(task: Task, need: Need, pattern: np.ndarray, near: np.ndarray) -> np.ndarray | None:
    """Return a witness that moves cells of ``near`` only, at about the least cost of hiding them."""
    block = task.block
    step = abs(need.value - int(block.values[need.place]))
    room = (block.values - block.least[need.reader])[near].astype(float)
    price = np.where(pattern[near], 1e-4, _cost_in_rows(task, pattern)[near])
    # A cell pays once however far it moves: the price per person falls with the step it can take.
    moved = block.relaxed(need, near, price / np.minimum(np.maximum(room, 1), step))
    if moved is None:
        return None
    whole = bool(np.abs(moved - np.rint(moved)).max() < 1e-6)
    witness = block.checked(need, near, block.values[near] + np.rint(moved)) if whole else None
    return block.search(need, near[np.abs(moved) > 1e-9]) if witness is None else witness


def _cost_in_rows(task: Task, pattern: np.ndarray) -> np.ndarray:
    """Return what it costs to hide each cell together with the row that it closes."""
    cost = np.where(pattern, 0.0, task.cost)
    totals, cells = task.row_places
    return cost + np.bincount(totals, cost[cells], minlength=len(cost))
