"""The cheapest safe pattern of one block, proven: a mixed-integer programme with cutting planes.

Enters: a block, what must stay possible, costs, and what must be shown or hidden. Leaves: what to hide, its
cost and a lower bound that no safe pattern can beat. The master problem chooses cells; the search for a
witness judges the choice; a choice that fails gives an inequality that every safe pattern keeps
(Fischetti & Salazar-González, Management Science 47, 2001), or, where only whole numbers fail, one cell
outside the largest failing set.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
from scipy import sparse
from scipy.optimize import Bounds, LinearConstraint, linprog, milp

from platform_utils.protect.possible import Block, Need

_ROUNDS, _NODES = 200, 20_000
"""Most master problems, and most nodes of one. Counts, not clocks: the same input gives the same pattern."""


@dataclass(frozen=True)
class Task:
    """What is asked of one block.

    Attributes
    ----------
    needs : list of Need
        What must stay possible.
    cost : ndarray of float
        Cost of hiding each cell.
    shown, forced : ndarray of bool
        Cells that must be shown, and cells that must be hidden.
    rows : list of (int, int)
        Total and cell: the cell is hidden where its total is.
    """

    block: Block
    needs: list[Need]
    cost: np.ndarray
    shown: np.ndarray
    forced: np.ndarray
    rows: list[tuple[int, int]] = field(default_factory=list)

    @property
    def widest(self) -> np.ndarray:
        """The widest pattern that is allowed."""
        return ~self.shown | self.block.always_hidden

    def cost_of(self, hidden: np.ndarray) -> float:
        """Return what a pattern costs; cells that nobody prints cost nothing."""
        return float(self.cost[hidden & ~self.block.always_hidden].sum())

    def closed(self, hidden: np.ndarray) -> np.ndarray:
        """Return the pattern with every row hidden whole whose total is hidden."""
        wider = hidden.copy()
        totals, cells = self.row_places
        while len(more := cells[wider[totals] & ~wider[cells]]):
            wider[more] = True
        return wider

    @cached_property
    def row_places(self) -> tuple[np.ndarray, np.ndarray]:
        """Totals and cells of ``rows``."""
        totals, cells = np.array(self.rows, dtype=int).reshape(-1, 2).T
        return totals, cells


@dataclass(frozen=True)
class Pattern:
    """What to hide.

    Attributes
    ----------
    bound : float
        No safe pattern costs less.
    method : {"optimal", "within", "heuristic", "unsafe"}
        Proven, stopped with a gap, made by the heuristic, or not yet safe.
    """

    hidden: np.ndarray
    cost: float
    bound: float
    method: str


@dataclass
class _Cuts:
    sure: np.ndarray
    rows: list[np.ndarray] = field(default_factory=list)
    seen: set[bytes] = field(default_factory=set)

    def add(self, coefficients: np.ndarray, least: float) -> bool:
        """Add a cut, cells that are hidden in every pattern taken out; False if it says nothing new."""
        least = least - float(coefficients[self.sure].sum())
        if least < 1e-7:
            return False
        # No coefficient need be larger than the right side: that tightens the relaxation, not the problem.
        scaled = np.minimum(np.where(self.sure, 0.0, coefficients), least) / least
        scaled[scaled < 1e-9] = 0.0
        key = np.round(scaled, 7).tobytes()
        if key in self.seen:
            return False
        self.seen.add(key)
        self.rows.append(scaled)
        return True


def find_optimum(task: Task) -> Pattern:
    """Return the cheapest safe pattern, or the best start that the search reached.

    The widest pattern of the block must be safe. ``"optimal"`` if the pattern is safe and proven;
    ``"unsafe"`` if the search stopped before, with the bound that it reached.
    """
    sure = task.forced | task.block.always_hidden
    cuts = _Cuts(sure)
    _first_cuts(task, cuts)
    best = 0.0
    hidden = sure.copy()
    for _ in range(_ROUNDS):
        solved = _master(task, cuts)
        if solved is None:
            break
        hidden = (solved[0] > 0.5) | task.block.always_hidden
        best = max(best, solved[1])
        unmet = task.block.missing(task.needs, hidden)
        cost = task.cost_of(hidden)
        if not unmet:
            method = "optimal" if best >= cost - 1e-6 * max(1.0, cost) else "within"
            return Pattern(hidden, cost, min(best, cost), method)
        found = [_cut(task, need, hidden.astype(float)) for need in unmet]
        added = [cuts.add(*cut) for cut in found if cut is not None]
        if not any(added):
            cuts.add(*_cover(task, unmet[0], hidden))
    return Pattern(hidden, task.cost_of(hidden), best, "unsafe")


def _master(task: Task, cuts: _Cuts) -> tuple[np.ndarray, float] | None:
    constraints = []
    if cuts.rows:
        constraints.append(LinearConstraint(sparse.csr_array(np.array(cuts.rows)), 1.0, np.inf))
    if task.rows:
        at = np.arange(len(task.rows))
        totals, cells = task.row_places
        signs = np.concatenate([np.ones(len(at)), -np.ones(len(at))])
        places = (np.concatenate([at, at]), np.concatenate([cells, totals]))
        closure = sparse.csr_array((signs, places), shape=(len(at), len(task.cost)))
        constraints.append(LinearConstraint(closure, 0.0, np.inf))
    answer = milp(
        np.where(task.block.always_hidden, 0.0, task.cost),
        integrality=np.ones(len(task.cost)),
        bounds=Bounds(cuts.sure.astype(float), task.widest.astype(float)),
        constraints=constraints,
        options={"mip_rel_gap": 0.0, "node_limit": _NODES},
    )
    if answer.x is None:
        return None
    return answer.x, float(answer.mip_dual_bound)


def _first_cuts(task: Task, cuts: _Cuts) -> None:
    """In each relation of a primary cell, enough must be hidden to take up its smallest and largest value."""
    block = task.block
    for need in _extremes(task.needs):
        step = need.value - int(block.values[need.place])
        if step == 0:
            continue
        size = abs(step)
        room = block.values - block.least[need.reader]
        for row in block.columns[:, [need.place]].tocoo().row:
            start, stop = block.matrix.indptr[row], block.matrix.indptr[row + 1]
            cells, signs = block.matrix.indices[start:stop], block.matrix.data[start:stop]
            mine = signs[list(cells).index(need.place)]
            coefficients = np.zeros(len(block.values))
            for cell, sign in zip(cells, signs, strict=True):
                if cell != need.place:
                    falls = (sign * mine > 0) == (step > 0)
                    coefficients[cell] = min(size, room[cell]) if falls else size
            cuts.add(coefficients, size)


def _extremes(needs: Sequence[Need]) -> list[Need]:
    """Return the smallest and the largest value needed of each cell and reader."""
    ends: dict[tuple[int, str], list[Need]] = {}
    for need in sorted(needs):
        ends.setdefault((need.place, need.reader), []).append(need)
    return [need for group in ends.values() for need in ({group[0], group[-1]})]


def _cut(task: Task, need: Need, chosen: np.ndarray) -> tuple[np.ndarray, float] | None:
    """Return an inequality that every safe pattern keeps, from the dual of the search for ``need``.

    None if the relaxed search succeeds: then only whole numbers can fail.
    """
    # The dual prices of a cell's bounds say how much hiding it could widen the reach of ``need``; a safe
    # pattern must buy a whole step. Bounds wider than any count would make the cut weak, never wrong.
    block = task.block
    step = need.value - int(block.values[need.place])
    sign, size = (1.0, float(step)) if step > 0 else (-1.0, float(-step))
    room = (block.values - block.least[need.reader]).astype(float)
    wide = float(block.values.sum() + size)
    cost = np.zeros(len(block.values))
    cost[need.place] = -sign
    lower, upper = -np.minimum(room, wide) * chosen, wide * chosen
    lower[need.place] = -size if step < 0 else min(0.0, lower[need.place])
    upper[need.place] = size if step > 0 else upper[need.place]
    answer = linprog(
        cost,
        A_eq=block.matrix,
        b_eq=np.zeros(block.matrix.shape[0]),
        bounds=np.column_stack([lower, upper]),
        method="highs",
    )
    if answer.status != 0 or -answer.fun > size - 1e-6:
        return None
    coefficients = np.minimum(room, wide) * np.maximum(answer.lower.marginals, 0.0)
    coefficients += wide * np.maximum(-answer.upper.marginals, 0.0)
    coefficients[need.place] = 0.0
    return coefficients, size


def _cover(task: Task, need: Need, hidden: np.ndarray) -> tuple[np.ndarray, float]:
    """Return: at least one cell outside the largest pattern around ``hidden`` that still fails."""
    # Few cells are left out one by one, many in groups: each step asks the judge, who is what costs time.
    failing = hidden | task.block.always_hidden
    outside = np.flatnonzero(task.widest & ~failing)
    order = outside[np.argsort(-task.cost[outside], kind="stable")]
    for group in np.array_split(order, max(1, len(order) // 8)) if len(order) > 16 else [order]:
        trial = failing.copy()
        trial[group] = True
        if len(group) > 1 and task.block.missing([need], trial):
            failing = trial
            continue
        for cell in group:
            trial = failing.copy()
            trial[cell] = True
            if task.block.missing([need], trial):
                failing = trial
    coefficients = (task.widest & ~failing).astype(float)
    return coefficients, 1.0
