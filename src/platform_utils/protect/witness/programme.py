"""Whole numbers for a programme: fractions first, then whole numbers near them, then everywhere.

Enters: costs, rows with their ends, and how large each variable may be. Leaves: whole numbers, or whether it
is proven that there are none. Most programmes here are settled by fractions alone; where one is not, whole
numbers are sought among the variables that it would cost the fractions least to use.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from scipy import sparse
from scipy.optimize import Bounds, LinearConstraint, linprog, milp

_INFEASIBLE = 2
"""HiGHS's word for it, in scipy."""
_NEAR = 600, 1_200, 2_400
"""Variables that whole numbers are sought among first, by what using them would cost the fractions."""
_GAP = 0.2
_NODES = 500
"""Nodes of one search: a count, not a clock, so that the same input gives the same answer."""


class Programme(NamedTuple):
    """Least cost of whole numbers between 0 and ``most`` whose rows lie between ``low`` and ``high``."""

    cost: np.ndarray
    rows: sparse.csr_array
    low: np.ndarray
    high: np.ndarray
    most: np.ndarray


def solve(asked: Programme, *, to_the_end: bool, any_will_do: bool) -> tuple[np.ndarray | None, bool]:
    """Return whole numbers, if some are found, and whether it is proven that there are none.

    Parameters
    ----------
    to_the_end : bool
        Look everywhere, however many variables there are.
    any_will_do : bool
        Stop at the first numbers that are found, whatever they cost.
    """
    even = asked.low == asked.high
    up, down = (~even & np.isfinite(end) for end in (asked.high, asked.low))
    fractions = linprog(
        asked.cost,
        A_eq=asked.rows[even],
        b_eq=asked.low[even],
        A_ub=sparse.vstack([asked.rows[up], -asked.rows[down]]),
        b_ub=np.concatenate([asked.high[up], -asked.low[down]]),
        bounds=np.column_stack([np.zeros(len(asked.most)), asked.most]),
    )
    found = fractions.x
    if found is None:
        return None, fractions.status == _INFEASIBLE
    if np.abs(found - np.rint(found)).max(initial=0.0) < 1e-6:
        return np.rint(found), False
    size = len(found)
    price = fractions.lower.marginals + fractions.upper.marginals
    nearest = np.argsort(price - (found > 1e-9), kind="stable")
    for many in [*(few for few in _NEAR if few < size), *[size] * (to_the_end or size <= _NEAR[-1])]:
        at = np.sort(nearest[:many])
        answer = milp(
            asked.cost[at],
            constraints=LinearConstraint(asked.rows[:, at], asked.low, asked.high),
            integrality=np.ones(len(at)),
            bounds=Bounds(0, asked.most[at]),
            options={"node_limit": _NODES, "mip_rel_gap": np.inf if any_will_do else _GAP},
        )
        if answer.x is not None:
            every = np.zeros(size)
            every[at] = np.rint(answer.x)
            return every, False
    return None, many == size and answer.status == _INFEASIBLE
