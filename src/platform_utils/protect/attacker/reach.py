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

Expression = tuple[tuple[int, int], ...]
"""Groups and weights: ``((g, 1),)`` is a group's count, ``((whole, 1), (part, -1))`` is the rest."""


class Reach:
    """Answers about one world.

    Parameters
    ----------
    without : iterable of int
        Published numbers that are taken as unpublished.
    patience : float, optional
        Seconds after which the solver gives up one question; see `gave_up`.
    """

    def __init__(self, world: World, without: Iterable[int] = (), *, patience: float | None = None) -> None:
        self._patience = patience
        left_out = frozenset(without)
        self._limits = [limit for limit in world.limits if limit.number not in left_out]
        self._low, self._high = list(world.low), [_or_open(high) for high in world.high]
        if left_out:
            self._low, self._high = _bounds_without(world, left_out)
        self.consistent = True
        self._narrow()
        self._connect()
        self._parts: dict[int, Part] = {}
        self._ends: dict[Expression, tuple[int, int | None]] = {}

    def known(self, expression: Expression) -> tuple[int, int | None]:
        """Return the bounds that follow from adding and taking away alone."""
        ends = [(weight * self._low[group], weight * self._high[group]) for group, weight in expression]
        low, high = sum(map(min, ends)), sum(map(max, ends))
        return int(max(low, 0)), None if high == math.inf else int(high)

    def bounds(self, expression: Expression) -> tuple[int, int | None]:
        """Return the smallest and largest whole number by linear programming."""
        low, high = self.known(expression)
        number = self._number_of(expression)
        if number is None or low == high:
            return low, high
        part = self._part(number)
        row, fixed = self._row(part, expression)
        limits = LinearConstraint(part.matrix.astype(float), open_ends(part.low, -1), open_ends(part.high, 1))
        ends: list[int | None] = []
        for sign in (1, -1):
            answer = milp(
                sign * row, bounds=Bounds(part.least, open_ends(part.most, 1)), constraints=[limits]
            )
            # solvers are right to about 1e-7: what is nearer than 1e-6 to a whole number is that number
            ends.append(sign * math.ceil(answer.fun - 1e-6) + fixed if answer.status == 0 else None)
            self.consistent &= answer.status != 2
        return max(low, low if ends[0] is None else ends[0]), ends[1]

    def ends(self, expression: Expression) -> tuple[int, int | None]:
        """Return the smallest and largest count in whole numbers."""
        if expression not in self._ends:
            self._ends[expression] = self._sought_ends(expression)
        return self._ends[expression]

    def _sought_ends(self, expression: Expression) -> tuple[int, int | None]:
        low, high = self.bounds(expression)
        number = self._number_of(expression)
        if number is None or low == high:
            return low, high
        part = self._part(number)
        row, fixed = self._row(part, expression)
        if not part.reaches(row, low - fixed):
            least = part.end(row, 1)
            low = low if least is None else max(low, least + fixed)
        if high is not None and not part.reaches(row, high - fixed):
            most = part.end(row, -1)
            high = high if most is None else min(high, most + fixed)
        return low, high

    def has_a_solution(self) -> bool:
        """Say whether whole numbers keep all limits, as far as can be told."""
        numbers = {int(self._part_of[group]) for group in np.flatnonzero(self._loose)}
        return all(self._part(number).has_a_base for number in sorted(numbers))

    def is_one(self, expression: Expression) -> bool:
        """Say whether only one whole number is possible."""
        low, high = self.known(expression)
        number = self._number_of(expression)
        if number is None or low == high:
            return low == high
        part = self._part(number)
        return not part.other_than(self._row(part, expression)[0])

    def gave_up(self, expression: Expression) -> bool:
        """Say whether a question about these groups was left open, and forget it."""
        number = self._number_of(expression)
        if number is None:
            return False
        part = self._part(number)
        self.consistent &= not part.empty
        gave_up, part.gave_up = part.gave_up, False
        return gave_up

    def part_of(self, expression: Expression) -> int | None:
        """Return the number of the part in which an expression is asked; None where it is known."""
        return self._number_of(expression)

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
        for group, weight in expression:
            if group in part.place:
                row[part.place[group]] += weight
        return row, sum(weight * self._low[group] for group, weight in expression if group not in part.place)

    def _number_of(self, expression: Expression) -> int | None:
        """Return the part in which an expression is asked; None where all its groups are known."""
        loose = [group for group, _ in expression if self._loose[group]]
        return int(self._part_of[loose[0]]) if loose else None

    def _connect(self) -> None:
        """Find the groups that hang together by limits: what is not tied to a question need not be solved.

        Groups and limits are the two sides of one graph; a group that is known exactly ties nothing.
        """
        size = len(self._low)
        self._loose = np.array([low != high for low, high in zip(self._low, self._high, strict=True)], bool)
        edges = [
            (size + at, group)
            for at, limit in enumerate(self._limits)
            if self._binds(limit)
            for group, _ in limit.weights
            if self._loose[group]
        ]
        rows, columns = np.array(edges, dtype=np.int64).reshape(-1, 2).T
        whole = size + len(self._limits)
        graph = sparse.coo_array((np.ones(len(edges)), (rows, columns)), shape=(whole, whole))
        _, labels = connected_components(graph, directed=False)
        self._part_of, self._part_of_limit = labels[:size], labels[size:]

    def _binds(self, limit: Limit) -> bool:
        """Say whether counts within their bounds can break a limit; one that none can break ties nothing."""
        least = [weight * (self._low if weight > 0 else self._high)[group] for group, weight in limit.weights]
        return limit.exact or sum(least) < limit.low

    def _part(self, number: int) -> Part:
        if number not in self._parts:
            groups = np.flatnonzero((self._part_of == number) & self._loose).tolist()
            place = {group: at for at, group in enumerate(groups)}
            limits = [self._limits[at] for at in np.flatnonzero(self._part_of_limit == number).tolist()]
            entries = [
                (weight, at, place[group])
                for at, limit in enumerate(limits)
                for group, weight in limit.weights
                if group in place
            ]
            weights, rows, columns = np.array(entries, dtype=np.int64).reshape(-1, 3).T
            low = [
                limit.low
                - sum(weight * self._low[group] for group, weight in limit.weights if group not in place)
                for limit in limits
            ]
            high = [end if limit.exact else OPEN for end, limit in zip(low, limits, strict=True)]
            least = [self._low[group] for group in groups]
            most = [OPEN if self._high[group] == math.inf else int(self._high[group]) for group in groups]
            matrix = sparse.csr_array((weights, (rows, columns)), shape=(len(limits), len(groups)))
            self._parts[number] = Part(
                place, matrix, _whole(low), _whole(high), _whole(least), _whole(most), self._patience
            )
        return self._parts[number]

    def _narrow(self) -> None:
        """Add and take away until nothing more follows: what a reader does with a pencil."""
        # every limit as sums that are at most something: the low end turned over, and the high end if exact
        sums: list[tuple[list[tuple[int, int]], int]] = []
        touching: dict[int, list[int]] = {}
        for limit in self._limits:
            for sign in (-1, 1) if limit.exact else (-1,):
                for group, _ in limit.weights:
                    touching.setdefault(group, []).append(len(sums))
                sums.append(([(group, sign * weight) for group, weight in limit.weights], sign * limit.low))
        waiting = dict.fromkeys(range(len(sums)))
        steps = 0
        # ends may creep towards each other for ever: a bound on steps stops that, and solvers do the rest
        while waiting and steps < 40 * (len(sums) + 1):
            steps += 1
            at = next(iter(waiting))
            del waiting[at]
            for group in self._narrow_by(*sums[at]):
                if self._low[group] > self._high[group]:
                    self.consistent = False
                    return
                waiting.update(dict.fromkeys(touching[group]))

    def _narrow_by(self, weights: Sequence[tuple[int, int]], most: int) -> list[int]:
        """Narrow the groups of a sum that is at most ``most``; return those that changed.

        A group may take what is left when all others are as small as they can be.
        """
        least = [weight * (self._low if weight > 0 else self._high)[group] for group, weight in weights]
        unbounded = least.count(-math.inf)
        if unbounded > 1:
            return []
        total = sum(int(end) for end in least if end != -math.inf)
        changed = []
        for (group, weight), own in zip(weights, least, strict=True):
            if unbounded and own != -math.inf:
                continue
            room = most - total + (0 if unbounded else int(own))
            if weight > 0 and room // weight < self._high[group]:
                self._high[group] = room // weight
            elif weight < 0 and -(room // -weight) > self._low[group]:
                self._low[group] = -(room // -weight)
            else:
                continue
            changed.append(group)
        return changed


def _whole(numbers: Sequence[int]) -> np.ndarray:
    return np.array(numbers, dtype=np.int64)


def _or_open(high: int | None) -> float:
    return math.inf if high is None else high


def _bounds_without(world: World, left_out: frozenset[int]) -> tuple[list[int], list[float]]:
    told = [[world.numbers[n][1] for n in numbers if n not in left_out] for numbers in world.told_by]
    low = [max((one.low for one in seen), default=0) for seen in told]
    return low, [min((_or_open(one.high) for one in seen), default=math.inf) for seen in told]
