"""Is a value of a hidden cell still possible? The protector's own answer, with a witness.

Enters: one block of linked cells and what is hidden in it. Leaves: a witness (whole numbers for every cell
that agree with all that is shown), or None. Witnesses are kept: one often serves many cells.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass, field

import numpy as np
from scipy import sparse
from scipy.optimize import Bounds, LinearConstraint, milp
from scipy.sparse.csgraph import connected_components

__all__ = ["Block", "Need"]


@dataclass(frozen=True, order=True)
class Need:
    """A value of a cell that must stay possible, for a reader who knows ``least`` of every cell.

    Parameters
    ----------
    place : int
        Column of the block.
    value : int
        Count.
    reader : str
        ``""`` for any reader, else the member whose own rows are known.
    """

    place: int
    value: int
    reader: str = ""


@dataclass
class Block:
    """Cells that hang together, and the relations between them.

    Parameters
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
    witnesses: list[np.ndarray] = field(default_factory=list)
    changed: list[frozenset[int]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.columns = self.matrix.tocsc()

    def missing(self, needs: Iterable[Need], hidden: np.ndarray, first_only: bool = False) -> list[Need]:
        """Return the needs that are not met when ``hidden`` is hidden, in order."""
        parts = _parts(self.matrix, hidden)
        fits = [i for i, cells in enumerate(self.changed) if all(hidden[c] for c in cells)]
        unmet = []
        for need in needs:
            if self._is_met(need, hidden, parts, fits):
                continue
            unmet.append(need)
            if first_only:
                break
        return unmet

    def keep(self, witness: np.ndarray) -> None:
        """Keep a witness for later questions."""
        self.witnesses.append(witness)
        self.changed.append(frozenset(np.flatnonzero(witness != self.values).tolist()))

    def used(self, needs: Collection[Need], hidden: np.ndarray) -> set[int]:
        """Return the cells that some kept witness of ``needs`` moves; preferring those already moved."""
        moved: set[int] = set()
        for need in sorted(needs):
            if self.values[need.place] == need.value:
                continue
            choices = [
                cells
                for witness, cells in zip(self.witnesses, self.changed, strict=True)
                if witness[need.place] == need.value
                and all(hidden[c] for c in cells)
                and bool((witness >= self.least[need.reader]).all())
            ]
            if choices:
                moved |= min(choices, key=lambda cells: (len(cells - moved), sorted(cells)))
        return moved

    def _is_met(self, need: Need, hidden: np.ndarray, parts: np.ndarray, fits: list[int]) -> bool:
        if not hidden[need.place]:
            return False
        if self.values[need.place] == need.value:
            return True
        least = self.least[need.reader]
        for i in fits:
            if self.witnesses[i][need.place] == need.value and (self.witnesses[i] >= least).all():
                return True
        inside = np.flatnonzero(hidden & (parts == parts[need.place]))
        witness = self.search(need, inside)
        if witness is None:
            return False
        self.keep(witness)
        fits.append(len(self.witnesses) - 1)
        return True

    def search(self, need: Need, free: np.ndarray) -> np.ndarray | None:
        """Return whole numbers that agree with all cells outside ``free`` and give ``need``, or None."""
        part = self.columns[:, free]
        rows = np.flatnonzero(np.diff(part.tocsr().indptr))
        part = part.tocsr()[rows]
        wanted = part @ self.values[free]
        lower = self.least[need.reader][free].astype(float)
        upper = np.full(len(free), np.inf)
        at = int(np.searchsorted(free, need.place))
        lower[at] = upper[at] = need.value
        constraints = [LinearConstraint(part, wanted, wanted)] if len(rows) else []
        answer = milp(
            np.zeros(len(free)),
            integrality=np.ones(len(free)),
            bounds=Bounds(lower, upper),
            constraints=constraints,
        )
        if answer.x is None:
            return None
        witness = self.values.copy()
        witness[free] = np.rint(answer.x).astype(int)
        if (self.matrix @ (witness - self.values)).any() or (witness < self.least[need.reader]).any():
            return None
        return witness


def _parts(matrix: sparse.csr_array, hidden: np.ndarray) -> np.ndarray:
    """Return the number of the connected part of each hidden cell."""
    cells = matrix.shape[1]
    kept = (matrix @ sparse.diags_array(hidden.astype(float))).tocoo()
    links = sparse.coo_array(
        (np.ones(kept.nnz), (kept.col, cells + kept.row)), shape=(cells + matrix.shape[0],) * 2
    )
    _, labels = connected_components(links, directed=False)
    return labels[:cells]
