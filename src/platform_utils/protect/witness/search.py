"""The search: some persons answer something else, and every number shown stays as it is.

Enters: people, numbers, answers. Leaves: outcomes. Moves are tried in stages, one answer a person first, then
more, then answers dealt out anew to everybody. Whatever a programme gives is counted like any population
before it is believed. Only a programme that allows more than can be, and has no solution, proves that there
is no witness. Everything else is undecided, which is never a pass.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Literal

import numpy as np
from scipy import sparse

from platform_utils.protect.witness.answers import Answers, Condition
from platform_utils.protect.witness.moves import Moves
from platform_utils.protect.witness.numbers import Number
from platform_utils.protect.witness.people import People, Population
from platform_utils.protect.witness.programme import Programme, solve
from platform_utils.protect.witness.stage import LIKE, Stage
from platform_utils.protect.witness.told import Told
from platform_utils.spec.codebook import SPECIAL_CODES

Dealt = tuple[Population, np.ndarray]
"""What everybody answers, and of which kind everybody is."""

Expression = Mapping[int, int]
"""Numbers by place, each with how many times it is added."""

_MOST_SINGLE = 3
"""Moves that are tried alone before a programme is asked."""
_CROWDED = 8
"""Times that a stage is asked again because somebody would have had to move twice."""
_CHEAP = 3.0
"""What may be hidden further without asking whether moving more persons would hide less."""
_MOST_WITH_LARGE = 2_000
"""Moves among which whole numbers are sought everywhere because a large case may have to move."""


@dataclass(frozen=True)
class Outcome:
    """What a search came to.

    Attributes
    ----------
    numbers : array of int, optional
        Every number, as the invented population has it.
    people : Dealt, optional
        The invented population.
    off : tuple of int
        Shown numbers that it says otherwise; none of one that is a witness as things stand.
    """

    found: Literal["found", "none", "limit"]
    numbers: np.ndarray | None = None
    people: Dealt | None = None
    off: tuple[int, ...] = ()


@dataclass
class Search:
    """Looks for witnesses among all populations that obey the answers' rules and say the numbers shown.

    Attributes
    ----------
    accepts : callable
        Says whether a population keeps to what is known besides numbers, once some of these are hidden too.
    """

    people: People
    numbers: Sequence[Number]
    answers: Answers
    accepts: Callable[[Population, Collection[int]], bool] = lambda *_: True
    _hidden: set[int] = field(default_factory=set, init=False)

    def hide(self, numbers: Collection[int]) -> None:
        """Take numbers as hidden from now on."""
        self._hidden |= set(numbers)

    def is_shown(self, number: int) -> bool:
        """Say whether readers see a number."""
        return number not in self._hidden and self.numbers[number].shown is not None

    def find(self, target: Expression, value: int, unknown: Collection[int] = ()) -> Outcome:
        """Return a population in which the numbers of ``target`` add up to ``value``, if there is one.

        Parameters
        ----------
        unknown : collection of int
            Numbers of which readers know nothing.
        """
        if sum(times * self.counts[at] for at, times in target.items()) == value:
            return Outcome("found", self.counts, (self.people.answers, self.people.kind))
        for stage in self._stages(target):
            outcome = self._tried(_Asked(stage, target, value, frozenset(unknown)))
            if outcome.found != "limit":
                return outcome
        return Outcome("limit")

    def disturb(self, target: Expression, value: int, cost: Mapping[int, float]) -> Outcome:
        """Return such a population that says some shown numbers otherwise, those that are cheapest to hide.

        Parameters
        ----------
        cost : mapping of int to float
            What each number costs that may be hidden.
        """
        best, least = Outcome("limit"), np.inf
        for stage in self._stages(target):
            if stage.sizes or least <= _CHEAP:
                continue
            outcome = self._tried(_Asked(stage, target, value, cost=cost))
            price = sum(cost[at] for at in outcome.off)
            if outcome.found == "found" and price < least:
                best, least = outcome, price
        return best

    def known_to(self, people: People) -> Search:
        """Return the search of a reader who knows some of the same people."""
        search = Search(people, self.numbers, self.answers)
        search._moves = self._moves.known_to(people)
        return search

    @cached_property
    def counts(self) -> np.ndarray:
        """Every number, as the people are."""
        return self.count(self.people.answers)

    def count(self, said: Population, kind: np.ndarray | None = None) -> np.ndarray:
        """Count every number in a population, condition by condition: nothing of the moves is used.

        Whoever answers as before is counted as before.
        """
        base, kind = self.people, self.people.kind if kind is None else kind
        if said is base.answers:
            return self._within(said, kind, np.arange(len(kind))) @ base.weight
        other = kind != base.kind
        for column in said.changed:
            other |= said.told[column] != base.answers.told[column]
        who = np.flatnonzero(other)
        before, after = (
            self._within(*one, who).astype(int) for one in ((base.answers, base.kind), (said, kind))
        )
        return self.counts + (after - before) @ base.weight[who]

    def _within(self, said: Population, kind: np.ndarray, who: np.ndarray) -> np.ndarray:
        """Say which numbers count some persons, number by person."""
        conditions, asks = self._asks
        lacks = [[code not in codes for code in said.told[column][who]] for column, codes in conditions]
        within = (asks @ np.array(lacks, dtype=np.int32).reshape(len(conditions), len(who))) == 0
        states = np.array([number.state for number in self.numbers], dtype=object)
        for state in {*states.tolist()}:
            out = np.array([not self.people.kinds[name].stands_in(state) for name in kind[who]], dtype=bool)
            if out.any():
                within[np.ix_(states == state, out)] = False
        return within

    @cached_property
    def _asks(self) -> tuple[list[Condition], sparse.csr_array]:
        """Every condition, and which of them each number asks."""
        at: dict[Condition, int] = {}
        pairs = [(n, at.setdefault(one, len(at))) for n, own in enumerate(self.numbers) for one in own.where]
        rows, columns = zip(*pairs, strict=True) if pairs else ((), ())
        shape = len(self.numbers), len(at)
        return [*at], sparse.csr_array((np.ones(len(pairs), dtype=np.int32), (rows, columns)), shape=shape)

    def is_split(self, target: Expression, value: int) -> bool:
        """Say whether large cases alone make a sum, and a value would be a part of one."""
        row_of, counted = self._moves.told.row_of, np.zeros(len(self.people.kind), dtype=int)
        for at, times in target.items():
            counted += times * self._moves.holds(row_of[at])
        behind = np.flatnonzero(counted)
        large = [self.people.kinds[name].is_large for name in self.people.kind[behind]]
        less = int(self.people.weight[behind] @ counted[behind]) - value
        return bool(large) and all(large) and 0 < less < self.people.weight[behind].min()

    def is_witness(self, numbers: np.ndarray) -> bool:
        """Say whether counts agree with everything that readers know."""
        low, high = self._bounds(frozenset()).T
        return bool(((low <= numbers) & (numbers <= high)).all())

    def _bounds(self, unknown: Collection[int]) -> np.ndarray:
        """Return what readers know of each number."""
        known = self._shown.copy()
        known[[*self._hidden]] = self._unshown[[*self._hidden]]
        known[[*unknown]] = 0.0, np.inf
        return known

    @cached_property
    def _shown(self) -> np.ndarray:
        """What readers know of each number, were nothing hidden."""
        return np.array([n.bounds for n in self.numbers], dtype=float).reshape(-1, 2)

    @cached_property
    def _unshown(self) -> np.ndarray:
        """What readers know of each number, were it hidden."""
        return np.array([n.unshown.bounds for n in self.numbers], dtype=float).reshape(-1, 2)

    def _by_row(self, bounds: np.ndarray, size: int) -> np.ndarray:
        """Return bounds of numbers as bounds of the rows that say them."""
        row_of, rows = self._moves.told.row_of, np.tile([0.0, np.inf], (size, 1))
        np.maximum.at(rows[:, 0], row_of, bounds[:, 0])
        np.minimum.at(rows[:, 1], row_of, bounds[:, 1])
        return rows

    @cached_property
    def _moves(self) -> Moves:
        return Moves(Told(self.people, self.numbers, self.answers))

    def _stages(self, target: Expression) -> Iterator[Stage]:
        moves, told = self._moves, self._moves.told
        rows = [int(told.row_of[at]) for at in target]
        silent = any(codes & {*SPECIAL_CODES} for at in target for _, codes in self.numbers[at].where)
        return moves.stages(rows, everybody=silent and any(k.of_totals for k in self.people.kinds.values()))

    def _tried(self, asked: _Asked) -> Outcome:
        """Ask a stage, again where the same few persons would have had to move twice."""
        for solution in self._single(asked):
            outcome = self._believed(asked, solution)
            if outcome.found == "found":
                return outcome
        for _ in range(_CROWDED):
            known, outcome = len(asked.stage.crowded), self._solved(asked)
            if outcome.found != "limit" or len(asked.stage.crowded) == known:
                break
        return outcome

    def _solved(self, asked: _Asked) -> Outcome:
        asks, stage = self._programme(asked), asked.stage
        solution, proven = self._numbers(asked, asks)
        if solution is None or not stage.deals:
            is_proof = proven and bool(stage.sizes) and len(asks.cost) == len(stage.options)
            return Outcome("none" if is_proof else "limit")
        return self._believed(asked, solution[: len(stage.options)].astype(np.int64))

    def _single(self, asked: _Asked) -> Iterator[np.ndarray]:
        """Yield moves that are enough alone, made by as few as it takes: most searches end with one."""
        stage = asked.stage
        if stage.sizes or asked.cost:
            return
        aim, limits = self._aim(asked), self._by_row(self._bounds(asked.unknown), len(stage.base))
        gain, short = aim @ stage.matrix, asked.value - aim @ stage.base
        times = np.divide(short, gain, out=np.zeros(len(gain)), where=gain != 0)
        fits = (times >= 1) & (times <= stage.room) & (times % 1 == 0) & stage.is_light(self.people.weight)
        some = np.flatnonzero(fits)
        after = stage.base[:, None] + (stage.columnwise[:, some] * times[some]).toarray()
        inside = ((limits[:, :1] <= after) & (after <= limits[:, 1:])).all(axis=0)
        for at in some[inside][np.argsort(times[some[inside]], kind="stable")][:_MOST_SINGLE].tolist():
            solution = np.zeros(len(stage.options), dtype=np.int64)
            solution[at] = times[at]
            yield solution

    def _aim(self, asked: _Asked) -> np.ndarray:
        """Return how many times each row is added to what is asked."""
        aim = np.zeros(len(asked.stage.base))
        np.add.at(aim, self._moves.told.row_of[list(asked.target)], list(asked.target.values()))
        return aim

    def _programme(self, asked: _Asked) -> Programme:
        """Return what is asked of a stage: its moves, then how far shown rows may be off, up and down."""
        stage, known = asked.stage, self._bounds(asked.unknown)
        aim, limits = self._aim(asked), self._by_row(known, len(stage.base))
        tells = (limits[:, 0] > 0) | (limits[:, 1] < np.inf)
        bound = np.flatnonzero(tells & (np.diff(stage.matrix.indptr) > 0))
        prices = self._prices(asked.cost, known, len(stage.base))[bound]
        off = sparse.eye_array(len(bound), format="csr")[:, prices < np.inf]
        goal = sparse.csr_array((aim @ stage.matrix)[None])
        crowded, room = stage.crowds
        matrix = sparse.vstack([stage.matrix[bound], goal, stage.everybody, crowded], format="csr")
        more = sparse.vstack([off, sparse.csr_array((matrix.shape[0] - len(bound), off.shape[1]))])
        low, high = (
            np.concatenate([(end - stage.base)[bound], [asked.value - aim @ stage.base], stage.sizes, few])
            for end, few in zip(limits.T, (0 * room, room), strict=True)
        )
        # what is hidden keeps what readers know of it without seeing it, such as that somebody is there
        within = self._by_row(self._unshown, len(stage.base))[bound][prices < np.inf]
        seen = limits[bound][prices < np.inf, 0]
        off_by = np.concatenate([seen - within[:, 0], within[:, 1] - seen])
        size, free = len(stage.options), np.tile(100 * prices[prices < np.inf], 2)
        return Programme(
            np.concatenate([np.full(size, float(not stage.sizes)), free]),
            sparse.hstack([matrix, more, -more], format="csr"),
            low,
            high,
            np.concatenate([stage.room, off_by]),
        )

    def _numbers(self, asked: _Asked, asks: Programme) -> tuple[np.ndarray | None, bool]:
        """Return how many make each move, and whether it is proven that none can."""
        stage, size = asked.stage, len(asked.stage.options)
        if stage.sizes:
            return solve(asks, to_the_end=True, any_will_do=True)
        # a large case moves whole or not at all, which fractions know nothing of: it moves only if it must
        light = asks.most.copy()
        light[:size] *= stage.is_light(self.people.weight)
        solution, _ = solve(asks._replace(most=light), to_the_end=False, any_will_do=not asked.cost)
        if solution is None and (light < asks.most).any() and size <= _MOST_WITH_LARGE:
            return solve(asks, to_the_end=True, any_will_do=not asked.cost)
        return solution, False

    def _prices(self, cost: Mapping[int, float], known: np.ndarray, size: int) -> np.ndarray:
        """Return the cost of hiding each row, with all shown numbers that say it."""
        prices = np.zeros(size)
        shown = np.flatnonzero(known[:, 0] == known[:, 1])
        np.add.at(prices, self._moves.told.row_of[shown], [cost.get(at, np.inf) for at in shown.tolist()])
        return np.where(prices > 0, prices, np.inf)

    def _believed(self, asked: _Asked, solution: np.ndarray) -> Outcome:
        """Return the population that a solution stands for, if it is one: the programme is not trusted."""
        dealt = self._dealt_out(asked.stage, solution)
        if dealt is None:
            return Outcome("limit")
        told = self._moves.told
        if (told.breaks(*dealt) & ~told.broken).any():
            return Outcome("limit")
        counts, (low, high) = self.count(*dealt), self._bounds(asked.unknown).T
        wrong = np.flatnonzero((counts < low) | (counts > high)).tolist()
        reached = sum(times * counts[at] for at, times in asked.target.items())
        within = (self._unshown[:, 0] <= counts) & (counts <= self._unshown[:, 1])
        is_sound = reached == asked.value and all(at in asked.cost and within[at] for at in wrong)
        if not is_sound or not (asked.unknown or self.accepts(dealt[0], wrong)):
            return Outcome("limit")
        return Outcome("found", counts, dealt, tuple(wrong))

    def _dealt_out(self, stage: Stage, solution: np.ndarray) -> Dealt | None:
        """Return the people, each with the answers that the moves give her, and their kinds.

        None if more persons should move than there are.
        """
        before, kind = self.people.answers.told, self.people.kind.copy()
        columns = dict(before)
        dealt = self._in_turn(stage, solution) if stage.sizes else stage.deal(solution)
        for person, column in dealt or ():
            some = next(some for who, some in stage.options[column] if person in who)
            for name, code in (pair for one in some for pair in self._answers(one)):
                if name in columns:
                    columns[name] = columns[name].copy() if columns[name] is before[name] else columns[name]
                    columns[name][person] = code
                elif name == LIKE:
                    kind[person] = self.people.kind[int(code)]
        if dealt is None:
            return None
        return Population(columns, self.people.answers), kind

    def _in_turn(self, stage: Stage, solution: np.ndarray) -> list[tuple[int, int]]:
        """Return everybody with the answers that are dealt out to her, class by class."""
        dealt, used = [], dict.fromkeys(range(len(stage.sizes)), 0)
        for column in np.flatnonzero(solution).tolist():
            own, first = stage.of_class[column], used[stage.of_class[column]]
            persons = stage.options[column][0][0][first : first + solution[column]]
            used[own] += int(solution[column])
            dealt += [(int(person), column) for person in persons]
        return dealt

    def _answers(self, said: Mapping[str, str]) -> list[tuple[str, str]]:
        """Return answers by column; all those of whoever somebody becomes like."""
        like = self.people.rows.iloc[int(said[LIKE])].to_dict() if LIKE in said else {}
        return [*said.items(), *((str(name), code) for name, code in like.items())]


@dataclass(frozen=True)
class _Asked:
    """One question to one stage; ``cost`` of the shown numbers that may be said otherwise."""

    stage: Stage
    target: Expression
    value: int
    unknown: frozenset[int] = frozenset()
    cost: Mapping[int, float] = field(default_factory=dict)
