"""Whole numbers for a programme: fractions first, then whole numbers near them, then everywhere.

Enters: costs, rows with their ends, and how large each variable may be. Leaves: whole numbers, or whether it
is proven that there are none. Most programmes here are settled by fractions alone; where one is not, whole
numbers are sought among the variables that a few slightly different costs make use of.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from scipy import sparse
from scipy.optimize import Bounds, LinearConstraint, milp

_INFEASIBLE = 2
"""HiGHS's word for it, in scipy."""
_COSTS = 4
_NODES, _NEARBY = 500, 2_000
"""Nodes of one search (a count, not a clock, so that the same input gives the same answer), and variables up
to which it may look everywhere."""


class Programme(NamedTuple):
    """Least cost of whole numbers between 0 and ``most`` whose rows lie between ``low`` and ``high``."""

    cost: np.ndarray
    rows: sparse.csr_array
    low: np.ndarray
    high: np.ndarray
    most: np.ndarray


def solve(asked: Programme, *, to_the_end: bool) -> tuple[np.ndarray | None, bool]:
    """Return whole numbers, if some are found, and whether it is proven that there are none.

    Parameters
    ----------
    to_the_end : bool
        Look everywhere, however many variables there are.
    """
    draw, used = np.random.default_rng(1), np.zeros(len(asked.cost), dtype=bool)
    for turn in range(_COSTS):
        cost = asked.cost * (1 + draw.random(len(used)) * bool(turn)) + 1e-3 * draw.random(len(used)) * bool(
            turn
        )
        found, status = _asked(asked._replace(cost=cost), whole=False)
        if found is None:
            return None, status == _INFEASIBLE
        if np.abs(found - np.rint(found)).max(initial=0.0) < 1e-6:
            return np.rint(found), False
        used |= found > 1e-9
    at = np.flatnonzero(used)
    near = Programme(asked.cost[at], asked.rows[:, at], asked.low, asked.high, asked.most[at])
    found, status = _asked(near, whole=True)
    if found is None and (to_the_end or len(used) <= _NEARBY):
        at, (found, status) = np.arange(len(used)), _asked(asked, whole=True)
    if found is None:
        return None, status == _INFEASIBLE and len(at) == len(used)
    every = np.zeros(len(used))
    every[at] = np.rint(found)
    return every, False


def _asked(asked: Programme, *, whole: bool) -> tuple[np.ndarray | None, int]:
    answer = milp(
        asked.cost,
        constraints=LinearConstraint(asked.rows, asked.low, asked.high),
        integrality=np.full(len(asked.cost), int(whole)),
        bounds=Bounds(0, asked.most),
        options={"node_limit": _NODES, "mip_rel_gap": 0.2},
    )
    return answer.x, int(answer.status)
