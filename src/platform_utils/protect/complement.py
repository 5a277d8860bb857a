"""What else must be hidden, so that what a rule hides stays hidden: over a whole set of linked tables.

Enters: a system, its primary cells, what must be shown, and what earlier releases already show. Leaves: the
cells to hide and how good the choice is. Cells that are sure to be shown are constants, so the system
falls apart into blocks; each block is solved on its own.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass

import numpy as np
from scipy import sparse

from platform_utils.protect.heuristic import repair
from platform_utils.protect.model import System
from platform_utils.protect.optimum import Pattern, Task, find_optimum
from platform_utils.protect.possible import Block, Need
from platform_utils.protect.primaries import Primary

__all__ = ["Choice", "hide_complements"]

_LARGE = 2000
"""Hideable cells of a block from which the heuristic takes over."""


@dataclass(frozen=True)
class Choice:
    """What to hide, and how good it is.

    Parameters
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
    shown: Collection[int] = (),
    cost: Mapping[int, float] | None = None,
    least: Mapping[str, Mapping[int, int]] | None = None,
    rows_whole: bool = True,
    method: str = "auto",
) -> Choice:
    """Choose what else to hide.

    Parameters
    ----------
    system : System
        Cells, values and relations.
    primaries : mapping of int to Primary
        From `find_primaries`.
    shown : collection of int
        Places that must be, or already are, public.
    cost : mapping of int to float, optional
        Information lost with each printed cell; 1 where not given.
    least : mapping of str to mapping of int to int, optional
        What each reader knows as the least count of cells: ``""`` for everybody, else a member.
    rows_whole : bool
        A row whose total is hidden is hidden whole.
    method : {"auto", "optimal", "heuristic"}
        ``"auto"`` leaves large blocks to the heuristic.

    Returns
    -------
    Choice
        Hidden cells with cost and bound.
    """
    readers: dict[str, Mapping[int, int]] = {"": {}} | dict(least or {})
    sure = np.zeros(len(system.cells), dtype=bool)
    sure[list(shown)] = True
    sure[list(primaries)] = False
    rows = [pair for pair in system.rows if system.cells[pair[0]].codes] if rows_whole else []
    hidden: set[int] = set()
    total, bound, failing = 0.0, 0.0, []
    methods: dict[str, int] = {}
    for places in _blocks(system, sure, rows, set(primaries)):
        task = _task(system, places, sure, primaries, cost or {}, readers, rows)
        pattern, unmet = _solve(task, method)
        failing += [places[n.place] for n in unmet]
        methods[pattern.method] = methods.get(pattern.method, 0) + 1
        total, bound = total + pattern.cost, bound + pattern.bound
        hidden |= {places[at] for at in np.flatnonzero(pattern.hidden) if system.printed[places[at]]}
    return Choice(frozenset(hidden), total, bound, methods, tuple(sorted(set(failing))))


def _solve(task: Task, method: str) -> tuple[Pattern, list[Need]]:
    """Return a pattern, and the needs that no pattern meets; the pattern is safe for all others."""
    start = task.forced | task.block.always_hidden
    by_programme = method == "optimal" or (method == "auto" and int(task.widest.sum()) <= _LARGE)
    if not by_programme:
        repaired = repair(task, start)
        if repaired is not None:
            return _heuristic(task, repaired, task.cost_of(task.closed(start))), []
    widest = task.closed(task.widest)
    unmet = task.block.missing(task.needs, widest)
    task.needs = [need for need in task.needs if need not in set(unmet)]
    bound = task.cost_of(task.closed(start))
    if by_programme:
        pattern = find_optimum(task)
        if pattern.method != "unsafe":
            return pattern, unmet
        start, bound = pattern.hidden, pattern.bound
    repaired = repair(task, start)
    return _heuristic(task, widest if repaired is None else repaired, bound), unmet


def _heuristic(task: Task, hidden: np.ndarray, bound: float) -> Pattern:
    cost = task.cost_of(hidden)
    return Pattern(hidden, cost, min(bound, cost), "heuristic")


def _blocks(
    system: System, sure: np.ndarray, rows: list[tuple[int, int]], primaries: set[int]
) -> list[list[int]]:
    """Return the connected parts of what may be hidden, those that hold a primary cell, in order."""
    parent = list(range(len(system.cells)))

    def root(cell: int) -> int:
        while parent[cell] != cell:
            parent[cell] = parent[parent[cell]]
            cell = parent[cell]
        return cell

    groups = [[r.whole, *r.parts] for r in system.relations] + [list(pair) for pair in rows]
    for group in groups:
        loose = [cell for cell in group if not sure[cell]]
        for cell in loose[1:]:
            parent[root(cell)] = root(loose[0])
    blocks: dict[int, list[int]] = {}
    for cell in range(len(system.cells)):
        if not sure[cell]:
            blocks.setdefault(root(cell), []).append(cell)
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
