"""Which whole numbers a hidden count can still be: exact where it matters.

Enters: a world. Leaves: for any sum of groups, its bounds and whether a given value is possible. A value
counts as possible only with a solution in whole numbers that has been checked, digit by digit, against
every limit of the world; solvers only propose.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence

import numpy as np
from scipy import sparse
from scipy.optimize import Bounds, LinearConstraint, milp
from scipy.sparse.csgraph import connected_components

from platform_utils.protect.attacker.part import OPEN, Part, open_ends
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
        left_out = frozenset(without)
        self._limits = [limit for limit in world.limits if limit.number not in left_out]
        bounds = _bounds_without(world, left_out) if left_out else (list(world.low), list(world.high))
        self.consistent = True
        self._low, self._high = self._narrowed(*bounds)
        self._part_number = self._connected()
        self._parts: dict[int, Part] = {}

    def known(self, expression: Expression) -> tuple[int, int | None]:
        """Return the bounds that follow from adding and taking away alone."""
        low, high = 0, 0
        open_low = open_high = False
        for group, weight in expression:
            least, most = self._low[group], self._high[group]
            if weight < 0:
                open_low |= most is None
                low, high = low + weight * (most or 0), high + weight * least
            else:
                open_high |= most is None
                low, high = low + weight * least, high + weight * (most or 0)
        return 0 if open_low else max(low, 0), None if open_high else high

    def bounds(self, expression: Expression) -> tuple[int, int | None]:
        """Return the smallest and largest whole number by linear programming."""
        low, high = self.known(expression)
        number = self._number_of(expression)
        if number is None or (high is not None and low == high):
            return low, high
        part = self._part(number)
        row, fixed = self._row(part, expression)
        ends: list[int | None] = []
        for sign in (1.0, -1.0):
            answer = milp(
                sign * row,
                bounds=Bounds(part.least.astype(float), open_ends(part.most, 1)),
                constraints=[
                    LinearConstraint(
                        part.matrix.astype(float), open_ends(part.low, -1), open_ends(part.high, 1)
                    )
                ],
            )
            if answer.status == 0:
                value = sign * answer.fun + fixed
                ends.append(math.ceil(value - 1e-6) if sign > 0 else math.floor(value + 1e-6))
            else:
                self.consistent &= answer.status != 2
                ends.append(None)
        least = ends[0] if ends[0] is not None else low
        return max(low, least), ends[1]

    def is_possible(self, expression: Expression, value: int) -> bool:
        """Say whether ``expression`` can have ``value``, with every count a whole number."""
        low, high = self.known(expression)
        if value < low or (high is not None and value > high):
            return False
        number = self._number_of(expression)
        if number is None:
            return low == value
        part = self._part(number)
        row, fixed = self._row(part, expression)
        return part.reaches(row, value - fixed)

    def possible(self, expression: Expression, among: Sequence[int]) -> tuple[int, ...]:
        """Return those of ``among`` that are possible."""
        return tuple(value for value in among if self.is_possible(expression, value))

    def _row(self, part: Part, expression: Expression) -> tuple[np.ndarray, int]:
        """Return an expression as weights of a part's groups, and what its known groups add."""
        row = np.zeros(len(part.place), dtype=np.int64)
        fixed = 0
        for group, weight in expression:
            if group in part.place:
                row[part.place[group]] += weight
            else:
                fixed += weight * self._low[group]
        return row, fixed

    def _number_of(self, expression: Expression) -> int | None:
        loose = [group for group, _ in expression if self._low[group] != self._high[group]]
        return int(self._part_number[loose[0]]) if loose else None

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
        self._loose = np.array(loose, dtype=bool)
        return labels[: len(loose)]

    def _part(self, number: int) -> Part:
        if number not in self._parts:
            groups = np.flatnonzero((self._part_number == number) & self._loose)
            place = {group: at for at, group in enumerate(groups.tolist())}
            limits = [self._limits[at] for at in np.flatnonzero(self._of_limit == number).tolist()]
            rows, columns, weights = [], [], []
            low, high = [], []
            for at, limit in enumerate(limits):
                fixed = 0
                for group, weight in limit.weights:
                    if group in place:
                        rows.append(at)
                        columns.append(place[group])
                        weights.append(weight)
                    else:
                        fixed += weight * self._low[group]
                low.append(-OPEN if limit.low is None else limit.low - fixed)
                high.append(OPEN if limit.high is None else limit.high - fixed)
            matrix = sparse.csr_array(
                (np.array(weights, dtype=np.int64), (rows, columns)), shape=(len(limits), len(groups))
            )
            tops = [self._high[group] for group in groups.tolist()]
            self._parts[number] = Part(
                place,
                matrix,
                np.array(low, dtype=np.int64),
                np.array(high, dtype=np.int64),
                np.array([self._low[group] for group in groups.tolist()], dtype=np.int64),
                np.array([OPEN if top is None else top for top in tops], dtype=np.int64),
            )
        return self._parts[number]

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
