"""Whether a value of a hidden cell is still possible: the protector's own answer, with a witness.

Enters: one block of linked cells and what is hidden in it. Leaves: a witness (whole numbers for every cell
that agree with all that is shown), or None. What a witness moves is kept: the same move, taken once, twice
or backwards, often serves other cells and other values.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Iterable
from dataclasses import dataclass

import numpy as np
from scipy import sparse
from scipy.optimize import Bounds, LinearConstraint, linprog, milp
from scipy.sparse.csgraph import connected_components

_SMALL = 1_000_000
"""Entries up to which a block's matrix is kept dense: solvers start sooner."""


@dataclass(frozen=True, order=True)
class Need:
    """A value of a cell that must stay possible, for a reader who knows ``least`` of every cell.

    Attributes
    ----------
    place : int
        Column of the block.
    reader : str
        ``""`` for any reader, else the member whose own rows are known.
    """

    place: int
    value: int
    reader: str = ""


@dataclass(frozen=True)
class Move:
    """A change of some cells that keeps every relation, in smallest whole numbers."""

    cells: tuple[int, ...]
    steps: tuple[int, ...]


@dataclass
class Block:
    """Cells that hang together, and the relations between them.

    Attributes
    ----------
    values : ndarray of int, shape (n_cells,)
        True counts.
    matrix : csr_array, shape (n_relations, n_cells)
        One row per relation: 1 for each part, -1 for the whole. A witness differs from ``values`` only by
        moves that the matrix maps to zero.
    always_hidden : ndarray of bool, shape (n_cells,)
        Cells that nobody prints.
    least : mapping of str to ndarray of int
        Per reader, what is known as the least count of each cell; ``""`` must be there.
    """

    values: np.ndarray
    matrix: sparse.csr_array
    always_hidden: np.ndarray
    least: dict[str, np.ndarray]

    def __post_init__(self) -> None:
        self.columns = self.matrix.tocsc()
        small = self.matrix.shape[0] * self.matrix.shape[1] <= _SMALL
        self._dense = self.matrix.toarray() if small else None
        self._of_cell: dict[int, dict[Move, None]] = {}  # in the order in which they were found

    def missing(self, needs: Iterable[Need], hidden: np.ndarray) -> list[Need]:
        """Return the needs that are not met when ``hidden`` is hidden, in order."""
        parts: np.ndarray | None = None
        unmet = []
        for need in needs:
            if self.serving(need, hidden) is not None:
                continue
            if not hidden[need.place]:
                unmet.append(need)
                continue
            if parts is None:
                parts = _parts(self.matrix, hidden)
            inside = np.flatnonzero(hidden & (parts == parts[need.place]))
            # Near the cell first, then everywhere, and in whole numbers only where fractions mislead: each
            # step costs more than the one before, and most needs are met by the first.
            near = self._near(need.place, inside)
            witness = self.short(need, near) if len(near) < len(inside) else None
            if witness is None:
                witness = self.short(need, inside)
            if witness is None:
                witness = self.search(need, inside)
            if witness is None:
                unmet.append(need)
            else:
                self.keep(witness)
        return unmet

    def keep(self, witness: np.ndarray) -> None:
        """Keep what a witness moves, for later questions."""
        changed = np.flatnonzero(witness != self.values)
        steps = (witness - self.values)[changed]
        size = math.gcd(*steps.tolist())
        if steps[0] < 0:
            size = -size
        move = Move(tuple(changed.tolist()), tuple((steps // size).tolist()))
        for cell in move.cells:
            self._of_cell.setdefault(cell, {})[move] = None

    def serving(self, need: Need, hidden: np.ndarray, free: Collection[int] = ()) -> frozenset[int] | None:
        """Return the cells of a kept move that meets ``need`` inside ``hidden``, None if there is none.

        Of several, the one with fewest cells outside ``free``.
        """
        step = need.value - int(self.values[need.place])
        if step == 0:
            return frozenset()
        least = self.least[need.reader]
        best: tuple[int, tuple[int, ...]] | None = None
        for move in self._of_cell.get(need.place, ()):
            times, rest = divmod(step, move.steps[move.cells.index(need.place)])
            if rest or not all(hidden[cell] for cell in move.cells):
                continue
            fits = all(
                self.values[cell] + times * one >= least[cell]
                for cell, one in zip(move.cells, move.steps, strict=True)
            )
            if fits:
                found = (sum(cell not in free for cell in move.cells), move.cells)
                if not free:
                    return frozenset(move.cells)
                best = found if best is None else min(best, found)
        return None if best is None else frozenset(best[1])

    def used(self, needs: Collection[Need], hidden: np.ndarray, forced: Collection[int]) -> set[int]:
        """Return the cells that kept moves for ``needs`` touch, sharing as many as they can."""
        moved = set(forced)
        for need in sorted(needs):
            moved |= self.serving(need, hidden, moved) or frozenset()
        return moved

    def short(self, need: Need, free: np.ndarray) -> np.ndarray | None:
        """Return the witness that moves least within ``free``, if the relaxation finds it whole."""
        moved = self.relaxed(need, free, np.ones(len(free)))
        return None if moved is None else self.checked(need, free, self.values[free] + np.rint(moved))

    def relaxed(self, need: Need, free: np.ndarray, price: np.ndarray) -> np.ndarray | None:
        """Return the cheapest move of ``free`` in fractions of persons that gives ``need``, or None."""
        part = self._rows_of(free)
        room = (self.values - self.least[need.reader])[free].astype(float)
        at = int(np.searchsorted(free, need.place))
        step = float(need.value - self.values[need.place])
        if -step > room[at]:
            return None
        # Ups and downs are columns of their own, so that a price can be put on both; the need's are fixed.
        upper = np.concatenate([np.full(len(free), np.inf), room])
        lower = np.zeros(2 * len(free))
        lower[at] = upper[at] = max(step, 0.0)
        lower[len(free) + at] = upper[len(free) + at] = max(-step, 0.0)
        answer = linprog(
            np.concatenate([price, price]),
            A_eq=np.hstack([part, -part]) if isinstance(part, np.ndarray) else sparse.hstack([part, -part]),
            b_eq=np.zeros(part.shape[0]),
            bounds=np.column_stack([lower, upper]),
            method="highs",
        )
        return answer.x[: len(free)] - answer.x[len(free) :] if answer.status == 0 else None

    def search(self, need: Need, free: np.ndarray) -> np.ndarray | None:
        """Return whole numbers that agree with all cells outside ``free`` and give ``need``, or None."""
        part = self._rows_of(free)
        wanted = part @ self.values[free]
        lower = self.least[need.reader][free].astype(float)
        upper = np.full(len(free), np.inf)
        at = int(np.searchsorted(free, need.place))
        if need.value < lower[at]:
            return None
        lower[at] = upper[at] = need.value
        answer = milp(
            np.zeros(len(free)),
            integrality=np.ones(len(free)),
            bounds=Bounds(lower, upper),
            constraints=[LinearConstraint(part, wanted, wanted)] if part.shape[0] else [],
        )
        if answer.x is None:
            return None
        return self.checked(need, free, np.rint(answer.x))

    def checked(self, need: Need, free: np.ndarray, counts: np.ndarray) -> np.ndarray | None:
        """Return the witness in which ``free`` has ``counts``, if it keeps every relation exactly."""
        witness = self.values.copy()
        witness[free] = counts.astype(int)
        if (self.matrix @ (witness - self.values)).any() or (witness < self.least[need.reader]).any():
            return None
        return witness if witness[need.place] == need.value else None

    def _rows_of(self, free: np.ndarray) -> sparse.csr_array | np.ndarray:
        if self._dense is not None:
            dense = self._dense[:, free]
            return dense[dense.any(axis=1)]
        part = self.columns[:, free].tocsr()
        return part[np.flatnonzero(np.diff(part.indptr))]

    def _near(self, place: int, inside: np.ndarray) -> np.ndarray:
        """Return the cells of ``inside`` within two relations of ``place``."""
        allowed = np.zeros(len(self.values), dtype=bool)
        allowed[inside] = True
        taken = np.zeros(len(self.values), dtype=bool)
        taken[place] = True
        for _ in range(2):
            rows = np.unique(self.columns[:, np.flatnonzero(taken)].indices)
            taken[self.matrix[rows].indices] = True
            taken &= allowed
        return np.flatnonzero(taken)


def _parts(matrix: sparse.csr_array, hidden: np.ndarray) -> np.ndarray:
    """Return the number of the connected part of each hidden cell."""
    cells = matrix.shape[1]
    kept = matrix.tocoo()
    inside = hidden[kept.col]
    links = sparse.coo_array(
        (np.ones(int(inside.sum())), (kept.col[inside], cells + kept.row[inside])),
        shape=(cells + matrix.shape[0],) * 2,
    )
    _, labels = connected_components(links, directed=False)
    return labels[:cells]
