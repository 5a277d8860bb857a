"""Which whole numbers a hidden count can still be: exact where it matters.

Enters: a world. Leaves: for any sum of groups, its bounds and whether a given value is possible. A value
counts as possible only with a solution in whole numbers that has been checked, digit by digit, against
every limit of the world; solvers only propose.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence

import numpy as np
from scipy import sparse
from scipy.optimize import Bounds, LinearConstraint, milp
from scipy.sparse.csgraph import connected_components

from platform_utils.protect.attacker.world import Limit, World

__all__ = ["Expression", "Reach"]

Expression = tuple[tuple[int, int], ...]
"""Groups and weights: ``((g, 1),)`` is a group's count, ``((whole, 1), (part, -1))`` is the rest."""


class Reach:
    """Answers about one world.

    Parameters
    ----------
    world : World
        Groups, bounds and limits.
    without : iterable of int
        Published numbers that are taken as unpublished.
    """

    def __init__(self, world: World, without: Iterable[int] = ()) -> None:
        self._left_out = frozenset(without)
        self._limits = [limit for limit in world.limits if limit.number not in self._left_out]
        low, high = list(world.low), list(world.high)
        if self._left_out:
            low, high = _bounds_without(world, self._left_out)
        self.consistent = True
        self._low, self._high = self._narrowed(low, high)
        self._low_array = np.array(self._low, dtype=float)
        self._high_array = np.array([np.inf if h is None else h for h in self._high], dtype=float)
        self._parts = self._connected()
        self._solutions: dict[int, list[dict[int, int]]] = {}
        self._systems: dict[
            int, tuple[np.ndarray, sparse.csr_array, np.ndarray, np.ndarray, list[Limit]]
        ] = {}

    def known(self, expression: Expression) -> tuple[int, int | None]:
        """Return the bounds that follow from adding and taking away alone."""
        low, high = 0, 0
        open_end = False
        for group, weight in expression:
            top = self._high[group]
            if weight > 0:
                low += weight * self._low[group]
                open_end |= top is None
                high += weight * (top or 0)
            else:
                low += weight * top if top is not None else -(10**9)
                high += weight * self._low[group]
        return max(low, 0), None if open_end else high

    def bounds(self, expression: Expression) -> tuple[int, int | None]:
        """Return the smallest and largest whole number by linear programming."""
        low, high = self.known(expression)
        part = self._part_of(expression)
        if part is None or (high is not None and low == high):
            return low, high
        groups, matrix, lower, upper, _ = self._system(part)
        place = {group: at for at, group in enumerate(groups.tolist())}
        cost = np.zeros(len(groups))
        fixed = 0
        for group, weight in expression:
            if group in place:
                cost[place[group]] = weight
            else:
                fixed += weight * self._low[group]
        ends: list[int | None] = []
        for sign in (1.0, -1.0):
            answer = milp(
                sign * cost,
                bounds=Bounds(self._low_array[groups], self._high_array[groups]),
                constraints=[LinearConstraint(matrix, lower, upper)] if matrix.shape[0] else [],
            )
            if answer.status == 0:
                value = sign * answer.fun + fixed
                ends.append(math.ceil(value - 1e-6) if sign > 0 else math.floor(value + 1e-6))
            else:
                self.consistent &= answer.status != 2
                ends.append(None)
        least = ends[0] if ends[0] is not None else low
        return max(low, least), ends[1]

    def offer(self, solution: Mapping[int, int]) -> bool:
        """Take a proposed solution (a count per group) if it keeps every limit; say whether it did."""
        for group, count in solution.items():
            top = self._high[group]
            if count < self._low[group] or (top is not None and count > top):
                return False
        parts: dict[int, dict[int, int]] = {}
        for group, count in solution.items():
            parts.setdefault(int(self._parts[group]), {})[group] = count
        taken = True
        for part, counts in parts.items():
            groups, _, _, _, limits = self._system(part)
            if set(groups.tolist()) <= set(counts) and self._keeps(limits, counts):
                self._solutions.setdefault(part, []).append(counts)
            else:
                taken = False
        return taken

    def is_possible(self, expression: Expression, value: int) -> bool:
        """Say whether ``expression`` can have ``value``, with every count a whole number."""
        low, high = self.known(expression)
        if value < low or (high is not None and value > high):
            return False
        part = self._part_of(expression)
        if part is None:
            return low == value
        for solution in reversed(self._solutions.get(part, [])):
            if sum(w * solution.get(g, self._low[g]) for g, w in expression) == value:
                return True
        return self._solve(part, expression, value)

    def possible(self, expression: Expression, among: Sequence[int]) -> tuple[int, ...]:
        """Return those of ``among`` that are possible."""
        return tuple(value for value in among if self.is_possible(expression, value))

    def _solve(self, part: int, expression: Expression, value: int) -> bool:
        groups, matrix, lower, upper, limits = self._system(part)
        place = {group: at for at, group in enumerate(groups.tolist())}
        row = np.zeros(len(groups))
        wanted = value
        for group, weight in expression:
            if group in place:
                row[place[group]] += weight
            else:
                wanted -= weight * self._low[group]
        constraints = [LinearConstraint(sparse.csr_array(row[None, :]), wanted, wanted)]
        if matrix.shape[0]:
            constraints.append(LinearConstraint(matrix, lower, upper))
        answer = milp(
            np.zeros(len(groups)),
            integrality=np.ones(len(groups)),
            bounds=Bounds(self._low_array[groups], self._high_array[groups]),
            constraints=constraints,
        )
        if answer.x is None:
            return False
        counts = {group: round(float(x)) for group, x in zip(groups.tolist(), answer.x, strict=True)}
        inside = all(
            self._low[g] <= n and (self._high[g] is None or n <= self._high[g]) for g, n in counts.items()
        )
        told = sum(weight * counts.get(group, self._low[group]) for group, weight in expression)
        if not inside or told != value or not self._keeps(limits, counts):
            return False
        self._solutions.setdefault(part, []).append(counts)
        return True

    def _keeps(self, limits: Sequence[Limit], counts: Mapping[int, int]) -> bool:
        for limit in limits:
            total = sum(weight * counts.get(group, self._low[group]) for group, weight in limit.weights)
            if (limit.low is not None and total < limit.low) or (
                limit.high is not None and total > limit.high
            ):
                return False
        return True

    def _part_of(self, expression: Expression) -> int | None:
        loose = [group for group, _ in expression if self._low[group] != self._high[group]]
        return int(self._parts[loose[0]]) if loose else None

    def _connected(self) -> np.ndarray:
        loose = [low != high for low, high in zip(self._low, self._high, strict=True)]
        rows, columns = [], []
        for at, limit in enumerate(self._limits):
            for group, _ in limit.weights:
                if loose[group]:
                    rows.append(at + len(loose))
                    columns.append(group)
        size = len(loose) + len(self._limits)
        graph = sparse.coo_array((np.ones(len(rows)), (rows, columns)), shape=(size, size))
        _, labels = connected_components(graph, directed=False)
        self._of_limit = labels[len(loose) :]
        return labels[: len(loose)]

    def _system(self, part: int) -> tuple[np.ndarray, sparse.csr_array, np.ndarray, np.ndarray, list[Limit]]:
        if part not in self._systems:
            loose = [low != high for low, high in zip(self._low, self._high, strict=True)]
            groups = np.array(
                [g for g in np.flatnonzero(self._parts == part).tolist() if loose[g]], dtype=int
            )
            place = {group: at for at, group in enumerate(groups.tolist())}
            limits = [self._limits[at] for at in np.flatnonzero(self._of_limit == part).tolist()]
            rows, columns, weights, lower, upper = [], [], [], [], []
            for at, limit in enumerate(limits):
                fixed = 0
                for group, weight in limit.weights:
                    if group in place:
                        rows.append(at)
                        columns.append(place[group])
                        weights.append(float(weight))
                    else:
                        fixed += weight * self._low[group]
                lower.append(-np.inf if limit.low is None else limit.low - fixed)
                upper.append(np.inf if limit.high is None else limit.high - fixed)
            matrix = sparse.csr_array((weights, (rows, columns)), shape=(len(limits), len(groups)))
            self._systems[part] = (groups, matrix, np.array(lower, float), np.array(upper, float), limits)
        return self._systems[part]

    def _narrowed(self, low: list[int], high: list[int | None]) -> tuple[list[int], list[int | None]]:
        """Add and take away until nothing more follows: what a reader does with a pencil."""
        touching: dict[int, list[int]] = {}
        for at, limit in enumerate(self._limits):
            for group, _ in limit.weights:
                touching.setdefault(group, []).append(at)
        waiting = dict.fromkeys(range(len(self._limits)))
        steps = 0
        while waiting and steps < 40 * (len(self._limits) + 1):
            steps += 1
            at = next(iter(waiting))
            del waiting[at]
            for group in _narrow_one(self._limits[at], low, high):
                top = high[group]
                if top is not None and low[group] > top:
                    self.consistent = False
                    return low, high
                waiting.update(dict.fromkeys(touching[group]))
        return low, high


def _bounds_without(world: World, left_out: frozenset[int]) -> tuple[list[int], list[int | None]]:
    low: list[int] = []
    high: list[int | None] = []
    for told in world.told_by:
        seen = [world.numbers[number][1] for number in told if number not in left_out]
        low.append(max((one.low for one in seen), default=0))
        tops = [one.high for one in seen if one.high is not None]
        high.append(min(tops) if tops else None)
    return low, high


def _narrow_one(limit: Limit, low: list[int], high: list[int | None]) -> list[int]:
    """Narrow the groups of one limit; return those that changed."""
    least, most, open_below, open_above = 0, 0, 0, 0
    for group, weight in limit.weights:
        top = high[group]
        for bound, is_low in ((low[group], weight > 0), (top, weight < 0)):
            if bound is None:
                open_below += is_low
                open_above += not is_low
            elif is_low:
                least += weight * bound
            else:
                most += weight * bound
    changed = []
    for group, weight in limit.weights:
        top = high[group]
        mine_low = weight * low[group] if weight > 0 else (None if top is None else weight * top)
        mine_high = (None if top is None else weight * top) if weight > 0 else weight * low[group]
        lows, tops = [low[group]], [] if top is None else [top]
        if limit.high is not None and open_below == (mine_low is None):
            room = limit.high - (least - (mine_low or 0))
            if weight > 0:
                tops.append(room // weight)
            else:
                lows.append(-(room // -weight))
        if limit.low is not None and open_above == (mine_high is None):
            room = limit.low - (most - (mine_high or 0))
            if weight > 0:
                lows.append(-(-room // weight))
            else:
                tops.append(-room // -weight)
        new_low, new_high = max(lows), min(tops) if tops else None
        if new_low != low[group] or new_high != top:
            changed.append((group, new_low, new_high))
    for group, new_low, new_high in changed:
        low[group], high[group] = new_low, new_high
    return [group for group, _, _ in changed]
