"""One group of cells that hang together: solutions in whole numbers, found by solvers, checked by adding.

Enters: limits and bounds of groups not yet known exactly. Leaves: solutions. From one solution others are
reached by shifts that keep every limit; a shift that was found once is tried again before a solver is asked.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from scipy import sparse
from scipy.optimize import Bounds, LinearConstraint, OptimizeResult, milp

OPEN = 2**50
"""Stands for no bound among whole numbers."""


_WIDE = 40
"""Groups beside a target that are tried first in a large part."""
_FEW = 1_000_000
"""Entries up to which a part's matrix is kept dense: solvers start sooner."""
_AT_LIMIT = 1
"""Status of a solver that stopped before it knew."""
_SMALL = 150
"""Groups up to which a part is always looked at whole."""


@dataclass
class Part:
    """Groups that hang together; ``matrix @ counts`` lies between ``low`` and ``high``.

    Attributes
    ----------
    place : dict of int to int
        Column of each group.
    matrix : csr_array of int
        One row per limit.
    low, high : ndarray of int
        Ends of each limit.
    least, most : ndarray of int
        Ends of each group's count.
    patience : float, optional
        Seconds after which the solver gives up one question.
    gave_up : bool
        True once a question was neither answered with a solution nor proven to have none.
    empty : bool
        True once it is proven that no whole numbers keep all limits.
    """

    place: dict[int, int]
    matrix: sparse.csr_array
    low: np.ndarray
    high: np.ndarray
    least: np.ndarray
    most: np.ndarray
    patience: float | None = None
    gave_up: bool = False
    empty: bool = False

    def __post_init__(self) -> None:
        self._columns = self.matrix.tocsc()
        small = self.matrix.shape[0] * self.matrix.shape[1] <= _FEW
        self._dense = self.matrix.toarray().astype(float) if small else None
        self._shifts: dict[int, list[tuple[np.ndarray, np.ndarray]]] = {}

    def reaches(self, row: np.ndarray, wanted: int) -> bool:
        """Say whether ``row @ counts`` can be ``wanted``, with a checked solution in whole numbers.

        Cheap proofs first: the base itself, a shift that is known, few groups, all groups. Rounded solutions
        without the demand of whole numbers are mostly right, and only those that check out are believed.
        """
        base = self._base
        if base is None:
            self.gave_up |= not self.empty
            return False
        step = wanted - int(row @ base)
        if step == 0 or self._by_kept_shift(base, row, step):
            return True
        every = np.arange(len(row))
        near = self._near(row) if len(row) > _SMALL else every
        tries = [(near, False)] if len(near) < len(row) else []
        for free, whole in (*tries, (every, False), (every, True)):
            shift, relaxed = self._solve_shift(base, row, step, free, whole)
            if shift is not None:
                self._keep(shift)
                return True
            if free is every and not relaxed:
                return False
        self.gave_up = True
        return False

    @property
    def has_a_base(self) -> bool:
        """False where it is proven that no whole numbers keep all limits."""
        return self._base is not None or not self.empty

    def end(self, row: np.ndarray, sign: int) -> int | None:
        """Return the smallest (``sign`` 1) or largest (-1) whole ``row @ counts``; None if open."""
        limits = []
        if self.matrix.shape[0]:
            ends = (open_ends(self.low, -1), open_ends(self.high, 1))
            limits = [LinearConstraint(self.matrix.astype(float), *ends)]
        answer = self._ask(
            float(sign) * row,
            integrality=np.ones(len(row)),
            bounds=Bounds(self.least, open_ends(self.most, 1)),
            constraints=limits,
            options={"mip_rel_gap": 0.0},
        )
        if answer.x is None:
            return None
        counts = np.rint(answer.x).astype(np.int64)
        self.gave_up |= answer.status == _AT_LIMIT or not self._keeps(counts)
        return int(row @ counts)

    def other_than(self, row: np.ndarray) -> bool:
        """Say whether ``row @ counts`` can be two different whole numbers."""
        base = self._base
        if base is None:
            self.gave_up |= not self.empty
            return False
        value = int(row @ base)
        # one more or one less is nearly always near; only where neither is, both ends are sought
        return any(self.reaches(row, value + step) for step in (1, -1)) or any(
            self.end(row, sign) != value for sign in (1, -1)
        )

    def _ask(self, *what: np.ndarray, options: Mapping[str, float], **limits: Any) -> OptimizeResult:
        if self.patience is not None:
            options = {**options, "time_limit": self.patience}
        answer = milp(*what, options=dict(options), **limits)
        if answer.status == _AT_LIMIT and answer.x is None:
            self.gave_up = True
        return answer

    def _keeps(self, counts: np.ndarray) -> bool:
        """Say whether whole counts keep every bound and every limit, exactly."""
        if (counts < self.least).any() or (counts > self.most).any():
            return False
        told = self.matrix @ counts
        return bool((told >= self.low).all() and (told <= self.high).all())

    def _by_kept_shift(self, base: np.ndarray, row: np.ndarray, step: int) -> bool:
        """Try the shifts that move a group of ``row``, as many times as ``step`` asks."""
        for group in np.flatnonzero(row).tolist():
            for groups, steps in self._shifts.get(group, ()):
                once = int(row[groups] @ steps)
                if once and step % once == 0:
                    counts = base.copy()
                    counts[groups] += step // once * steps
                    if self._keeps(counts):
                        return True
        return False

    def _keep(self, shift: np.ndarray) -> None:
        groups = np.flatnonzero(shift)
        steps = shift[groups] // np.gcd.reduce(np.abs(shift[groups]))
        for group in groups.tolist():
            self._shifts.setdefault(group, []).append((groups, steps))

    @cached_property
    def _base(self) -> np.ndarray | None:
        """Return a solution with counts near 2, from which small values are near, or None."""
        size = len(self.least)
        eye = sparse.eye_array(size, format="csr")
        limits = sparse.hstack([self.matrix.astype(float), sparse.csr_array(self.matrix.shape)])
        constraints = [
            LinearConstraint(sparse.hstack([eye, eye]), 2.0, np.inf),
            LinearConstraint(sparse.hstack([eye, -eye]), -np.inf, 2.0),
        ]
        if self.matrix.shape[0]:
            constraints.append(LinearConstraint(limits, open_ends(self.low, -1), open_ends(self.high, 1)))
        lower = np.concatenate([self.least.astype(float), np.zeros(size)])
        upper = np.concatenate([open_ends(self.most, 1), np.full(size, np.inf)])
        for whole in (0.0, 1.0):
            answer = self._ask(
                np.concatenate([np.zeros(size), np.ones(size)]),
                integrality=np.concatenate([np.full(size, whole), np.zeros(size)]),
                bounds=Bounds(lower, upper),
                constraints=constraints,
                options={"mip_rel_gap": 1.0},
            )
            if answer.x is None:
                self.empty = answer.status != _AT_LIMIT
                return None
            counts = np.rint(answer.x[:size]).astype(np.int64)
            if self._keeps(counts):
                return counts
        self.gave_up = True
        return None

    def _solve_shift(
        self, base: np.ndarray, row: np.ndarray, step: int, free: np.ndarray, whole: bool
    ) -> tuple[np.ndarray | None, bool]:
        """Return the least change of the base within ``free`` that moves ``row`` by ``step``, checked.

        And whether the solver found any, whole or not.
        """
        part, used = self._limits_of(free)
        told = (self.matrix @ base)[used]
        own = row[free].astype(float)
        constraints = [LinearConstraint(np.concatenate([own, -own])[None, :], step, step)]
        if len(used):
            ends = (open_ends(self.low[used] - told, -1), open_ends(self.high[used] - told, 1))
            both = np.hstack([part, -part]) if isinstance(part, np.ndarray) else sparse.hstack([part, -part])
            constraints.append(LinearConstraint(both, *ends))
        room = np.concatenate([open_ends(self.most[free] - base[free], 1), base[free] - self.least[free]])
        answer = self._ask(
            np.ones(2 * len(free)),
            integrality=np.full(2 * len(free), float(whole)),
            bounds=Bounds(0.0, room),
            constraints=constraints,
            options={"mip_rel_gap": 1.0} if whole else {},
        )
        if answer.x is None:
            return None, False
        shift = np.zeros(len(row), dtype=np.int64)
        shift[free] = np.rint(answer.x[: len(free)] - answer.x[len(free) :]).astype(np.int64)
        right = int(row @ shift) == step and self._keeps(base + shift)
        return (shift if right else None), True

    def _limits_of(self, free: np.ndarray) -> tuple[np.ndarray | sparse.csr_array, np.ndarray]:
        """Return the limits that hold a group of ``free``, those columns only, and their places."""
        if self._dense is not None:
            dense = self._dense[:, free]
            used = np.flatnonzero(dense.any(axis=1))
            return dense[used], used
        part = self._columns[:, free].tocsr()
        used = np.flatnonzero(np.diff(part.indptr))
        return part[used].astype(float), used

    def _near(self, row: np.ndarray) -> np.ndarray:
        """Return the groups that share a limit with ``row``, and those that close a circle with them.

        A shift keeps sums by going round: plus here, minus there, back in another row. Groups that two near
        limits share close the shortest such rounds.
        """
        mine = np.flatnonzero(row)
        first = np.unique(self.matrix[np.unique(self._columns[:, mine].indices)].indices)
        if len(first) > _WIDE:
            order = np.lexsort((first, self.least[first]))
            first = np.union1d(first[order[:_WIDE]], mine)
        limits = np.unique(self._columns[:, first].indices)
        times = np.bincount(self.matrix[limits].indices, minlength=len(row))
        return np.union1d(first, np.flatnonzero(times >= 2))


def open_ends(bounds: np.ndarray, side: int) -> np.ndarray:
    """Return whole bounds as floats, open ones as infinity."""
    ends = bounds.astype(float)
    ends[np.abs(ends) >= OPEN / 2] = side * np.inf
    return ends
