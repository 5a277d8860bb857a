"""Moves: who answers something else, and what each number gains or loses by it.

Enters: what numbers tell of persons. Leaves: stages, which are built once: one column for each effect that
moves have. Persons whom a stage's numbers do not tell apart are one class. What is shown, and what must stay
possible, are bounds, and change from search to search.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property, partial
from itertools import chain, combinations, product, starmap
from math import prod

import numpy as np
from scipy import sparse

from platform_utils.protect.witness.answers import Person, question_of
from platform_utils.protect.witness.told import Told
from platform_utils.spec.counts import NOT_ASKED

__all__ = ["LIKE", "Moves", "Stage"]

LIKE = " like"
"""Says whose answers, and whose kind, somebody gets whole."""

_MOST_COLUMNS, _MOST_LISTED = 60_000, 20_000
"""Moves that a stage may have, and ways of answering that are written out for a proof."""
_MOST_LIKE = 8
"""Persons of each kind who may become like one of another kind, and whom they may become like."""
_MOST_PAIRED = 6
"""Blocks of which any two are changed together."""
_MOST_TICKS = 12
"""Codes of questions of several answers of which every set is written out."""


Option = tuple[np.ndarray, tuple[Person, ...]]
"""Who can make a move, and the answers that each of them gives then."""


@dataclass
class Stage:
    """Moves that may be made together, one column for each effect on the rows.

    Attributes
    ----------
    base : array of int
        Each row's count before any move.
    sizes : list of int
        Where everybody is dealt out anew: persons of each class. A column counts persons then, not changes,
        and a programme without a solution is a proof. Else empty.
    deals : bool
        Whether what is found can be dealt out to the persons.
    options : list of list of Option
        Who can make the move of each column.
    of_class : list of int
        Class of each column, where everybody is dealt out anew.
    """

    base: np.ndarray
    sizes: list[int] = field(default_factory=list)
    deals: bool = True
    options: list[list[Option]] = field(default_factory=list)
    effects: list[tuple[np.ndarray, np.ndarray]] = field(default_factory=list)
    of_class: list[int] = field(default_factory=list)
    columns: dict[bytes, int] = field(default_factory=dict)
    crowded: list[tuple[np.ndarray, int]] = field(default_factory=list)
    """Moves that the same few persons would have to make, and how many they are."""

    def add(self, rows: np.ndarray, effect: np.ndarray, option: Option, own: int = 0) -> None:
        """Add a way to change some rows."""
        there = np.flatnonzero(effect)
        rows, effect = rows[there].astype(np.int32), effect[there].astype(np.int32)
        key = bytes([own % 256]) + rows.tobytes() + effect.tobytes()
        at = self.columns.setdefault(key, len(self.options))
        if at == len(self.options):
            self.options.append([])
            self.effects.append((rows, effect))
            self.of_class.append(own)
        self.options[at].append(option)

    def join(self, other: Stage) -> None:
        """Add the moves of another stage."""
        for key, at in other.columns.items():
            mine = self.columns.setdefault(key, len(self.options))
            if mine == len(self.options):
                self.options.append([])
                self.effects.append(other.effects[at])
                self.of_class.append(other.of_class[at])
            self.options[mine] = self.options[mine] + other.options[at]

    @cached_property
    def matrix(self) -> sparse.csr_array:
        """Effects, row by column."""
        at = [rows for rows, _ in self.effects]
        ends = np.concatenate([[0], np.cumsum([len(rows) for rows in at])])
        values = np.concatenate([np.zeros(0), *(by for _, by in self.effects)]).astype(float)
        places = np.concatenate([np.zeros(0, dtype=np.int32), *at])
        return sparse.csc_array((values, places, ends), shape=(len(self.base), len(at))).tocsr()

    @cached_property
    def room(self) -> np.ndarray:
        """How many persons can make each move at most."""
        return np.array([sum(len(persons) for persons, _ in some) for some in self.options], dtype=float)

    def is_light(self, weight: np.ndarray) -> np.ndarray:
        """Say which moves are made by one person each."""
        if self._light is None:
            self._light = np.array([all(weight[who[0]] == 1 for who, _ in some) for some in self.options])
        return self._light

    _light: np.ndarray | None = None

    @property
    def crowds(self) -> tuple[sparse.csr_array, np.ndarray]:
        """What is remembered of moves that too few could make, and how many could."""
        rows = sparse.lil_array((len(self.crowded), len(self.options)))
        for at, (columns, _) in enumerate(self.crowded):
            rows[at, columns] = 1.0
        return rows.tocsr(), np.array([size for _, size in self.crowded], dtype=float)

    @cached_property
    def who(self) -> sparse.csr_array:
        """Who can make each move, person by column."""
        groups = [[persons for persons, _ in some] for some in self.options]
        at = [np.unique(np.concatenate(some)) for some in groups]
        ends = np.concatenate([[0], np.cumsum([len(one) for one in at])])
        return sparse.csc_array((np.ones(ends[-1]), np.concatenate(at), ends)).tocsr()

    def deal(self, solution: np.ndarray) -> list[tuple[int, int]] | None:
        """Return who makes which move, nobody two; None if some would have to, and remember that."""
        who = self.who.tocsc()
        units = np.repeat(np.arange(len(solution)), solution)
        allowed = {int(c): who.indices[who.indptr[c] : who.indptr[c + 1]].tolist() for c in np.unique(units)}
        taken: dict[int, int] = {}
        for unit in range(len(units)):
            seen: set[int] = set()
            if not _augmented(unit, units, allowed, taken, seen):
                inside = np.isin(np.arange(self.who.shape[0]), list(seen)).astype(float)
                only = (inside @ self.who) == self.who.sum(axis=0)
                self.crowded.append((np.flatnonzero(only), len(seen)))
                return None
        return [(person, int(units[unit])) for person, unit in taken.items()]

    @cached_property
    def likes(self) -> np.ndarray:
        """Which moves make somebody like another one in everything."""
        return np.array([any(LIKE in one for _, answers in some for one in answers) for some in self.options])

    @cached_property
    def everybody(self) -> sparse.csr_array:
        """Class by column, where everybody is dealt out anew."""
        own, size = np.array(self.of_class, dtype=int), len(self.options)
        at = (own, np.arange(size)) if self.sizes else (own[:0], own[:0])
        return sparse.csr_array((np.ones(len(at[0])), at), shape=(len(self.sizes), size))


@dataclass
class Moves:
    """The stages of a search."""

    told: Told
    _stages: dict[tuple, Stage | None] = field(default_factory=dict, init=False)
    _made: dict[tuple[int, ...], Stage | None] = field(default_factory=dict, init=False)

    @cached_property
    def counts(self) -> np.ndarray:
        """Each row's count, as the people are."""
        return self._weigh(np.arange(len(self.told.people.rows)), self._holds)

    @cached_property
    def _holds(self) -> np.ndarray:
        return np.logical_and.reduce([self.told.stands, *self.told.held])

    def _weigh(self, at: np.ndarray, holds: np.ndarray) -> np.ndarray:
        return self.told.people.weight[at] @ holds.astype(np.int64)

    def around(self, part: frozenset[int]) -> frozenset[int]:
        """Return a part with all blocks that some number asks together with it, and not with nearly all."""
        near = (touched - self.told.marks for touched in self.told.touched if touched & part)
        return part.union(*near)

    def stages(self, target: Sequence[int], *, everybody: bool) -> Iterator[Stage]:
        """Yield stages for rows, those that cost least first.

        Parameters
        ----------
        everybody : bool
            Let persons become ones whose member handed in totals only, and the other way round.
        """
        part = frozenset().union(*(self.told.touched[row] for row in target))
        own = part - self.told.marks or part
        near, every = self.around(own), frozenset(range(len(self.told.blocks)))
        asked: list[tuple[str, frozenset]] = [("one", own)]
        asked += [("everybody", every)] if everybody else []
        asked += [("one", part), ("one", near), ("two", own), ("two", part)]
        asked += [("two", near)] if len(near) <= _MOST_PAIRED else []
        asked += [("whole", names) for names in self._growing(target, part)]
        for how, own in dict.fromkeys(asked) if part else ():
            stage = self.stage(how, own)
            if stage is not None:
                yield stage

    def stage(self, how: str, part: frozenset) -> Stage | None:
        """Return a stage; None if it has too many moves."""
        key = (how, part)
        if key not in self._stages:
            made: dict[str, Callable[[frozenset], Stage | None]]
            made = {"one": self._one, "two": self._two, "whole": self._whole, "everybody": self._everybody}
            stage = made[how](part)
            self._stages[key] = stage if stage is not None and stage.options else None
        return self._stages[key]

    def _growing(self, target: Sequence[int], part: frozenset[int]) -> list[frozenset[str]]:
        """Return the questions that rows ask, those of their part, and all that hang together with it."""
        told = self.told
        tied = {name: names for names in told.tied for name in names}
        marks = {name for block in told.marks - part for name in told.blocks[block]}
        asked = [{n for c, _ in where for n in tied[question_of(c)]} for where, _ in told.rows]
        inside = {name for at in part for name in told.blocks[at]}
        every = set(inside)
        while more := {n for names in asked if (names - marks) & every for n in names - marks} - every:
            every |= more
            every |= {n for at in {told.block_of[n] for n in more} for n in told.blocks[at]}
        own = set().union(*(asked[row] for row in target))
        return list(dict.fromkeys([frozenset(own), frozenset(inside), frozenset(every)]))

    def _one(self, part: frozenset[int]) -> Stage | None:
        """Let everybody change one block."""
        return self._joined(map(self._of, sorted(part)))

    def _two(self, part: frozenset[int]) -> Stage | None:
        """Let everybody change one block or two that some number asks together."""
        pairs = [p for p in combinations(sorted(part), 2) if any({*p} <= t for t in self.told.touched)]
        return self._joined(chain(map(self._of, sorted(part)), starmap(self._of, pairs))) if pairs else None

    def _joined(self, stages: Iterable[Stage | None]) -> Stage | None:
        """Return one stage with the moves of several; None if that is too many."""
        joined = Stage(self.counts)
        for stage in stages:
            if stage is None or len(stage.options) + len(joined.options) > _MOST_COLUMNS:
                return None
            joined.join(stage)
        return joined

    def _of(self, *blocks: int) -> Stage | None:
        """Return the moves in which somebody changes all of one or two blocks; None if there are too many."""
        if blocks not in self._made:
            told, part = self.told, frozenset(blocks)
            rows = np.array([row for row, touched in enumerate(told.touched) if touched & part], dtype=int)
            classes = [one for kind in told.people.kinds for one in self._classes(kind, part, rows)]
            sizes = (prod(len(told.instead(int(who[0]), b, blocks)[0]) for b in blocks) for who in classes)
            stage = Stage(self.counts) if sum(sizes) <= _MOST_COLUMNS else None
            for persons in classes if stage is not None else ():
                self._add(stage, blocks, rows, persons)  # type: ignore[arg-type]
            self._made[blocks] = stage
        return self._made[blocks]

    def _classes(self, kind: str, part: frozenset[int], rows: np.ndarray) -> Iterator[np.ndarray]:
        """Yield who of a kind answers alike in a part and looks alike from outside it."""
        told = self.told
        at = np.flatnonzero(told.people.movable(kind))
        outside = told.stands[np.ix_(at, rows)]
        for block in frozenset().union(*(told.touched[row] for row in rows)) - part:
            outside = outside & told.held[block][np.ix_(at, rows)]
        own = [np.hstack([told.bits[block], told.forbids(block)])[at] for block in sorted(part)]
        key = np.hstack([outside, *own])
        _, first, whose = np.unique(key, axis=0, return_index=True, return_inverse=True)
        yield from (at[whose.ravel() == each] for each in np.argsort(first))

    def _add(self, stage: Stage, blocks: Sequence[int], rows: np.ndarray, persons: np.ndarray) -> None:
        """Add the moves of a class to other answers, one of each effect."""
        at = int(persons[0])
        holds, answers = self._others(at, blocks)[rows], list[tuple[Person, ...]]([()])
        for block in blocks:
            instead, inner = self.told.instead(at, block, blocks)
            holds = (holds[..., None, :] & inner[:, rows]).reshape(-1, len(rows))
            answers = [(*some, more) for some in answers for more in instead]
        effects = (holds.astype(np.int32) - self._holds[at, rows]) * int(self.told.people.weight[at])
        first = {effect.tobytes(): one for one, effect in reversed([*enumerate(effects)])}
        for one in sorted(first.values()):
            both = {column: code for some in answers[one] for column, code in some.items()}
            if effects[one].any() and (len(blocks) == 1 or self.told.answers.allow(both)):
                stage.add(rows, effects[one], (persons, answers[one]))

    def _others(self, at: int, left_out: Sequence[int]) -> np.ndarray:
        """Return which rows somebody would be in but for what they ask in some blocks."""
        told = self.told
        held = [own[at] for block, own in enumerate(told.held) if block not in left_out]
        return np.logical_and.reduce([told.stands[at], *held])

    def _whole(self, names: frozenset[str]) -> Stage | None:
        """Deal out the answers to some questions anew, to everybody.

        If the questions hang together with no others, this is all that can be; if they do, it is more, and
        what it does not allow cannot be.
        """
        told = self.told
        tied = [own for own in told.tied if own[0] in names]
        inside = [
            at for at, (where, _) in enumerate(told.rows) if {question_of(c) for c, _ in where} <= names
        ]
        mask, rows = np.isin(np.arange(len(told.rows)), inside), np.array(inside, dtype=int)
        stage = Stage(self.counts)
        alike: dict[tuple, list[str]] = {}
        for name, kind in told.people.kinds.items():
            alike.setdefault((name if kind.weight > 1 else 1, kind.states), []).append(name)
        stage.deals = self._is_closed(names) and all(len(kinds) == 1 for kinds in alike.values())
        if sum(len(told.answers.multiple.get(q, ())) for own in tied for q in own) > _MOST_TICKS:
            return None
        for kinds in alike.values():
            at = np.flatnonzero(np.isin(told.people.kind, kinds) & ~told.people.fixed & self._allowed(names))
            if not len(at):
                continue
            stage.sizes.append(len(at))
            stage.base = stage.base - np.where(mask, self._weigh(at, self._holds[at]), 0)
            seen: set[bytes] = set()
            for name in kinds:
                listed = self._listed(tied, inside, name)
                if listed is None:
                    return None
                for person, holds in zip(*listed, strict=True):
                    if holds.tobytes() not in seen:
                        seen.add(holds.tobytes())
                        option = (at, (person(),) if stage.deals else ())
                        stage.add(rows, holds * told.people.weight[at[0]], option, len(stage.sizes) - 1)
        return stage

    def _is_closed(self, names: frozenset[str]) -> bool:
        """Say whether no number, and no rule, asks some questions together with others."""
        told = self.told
        blocks = frozenset(told.block_of[name] for name in names)
        whole = {name for at in blocks for name in told.blocks[at]} <= names
        return whole and all(touched <= blocks for touched in told.touched if touched & blocks)

    def _allowed(self, names: frozenset[str]) -> np.ndarray:
        """Say whose answers to some questions break no rule."""
        told = self.told
        allowed = np.ones(len(told.people.rows), dtype=bool)
        for block in {told.block_of[name] for name in names}:
            _, first, own = np.unique(told.bits[block], axis=0, return_index=True, return_inverse=True)
            allowed &= np.array([told.answers.allow(told.person(at, block)) for at in first])[own.ravel()]
        return allowed

    def _listed(
        self, tied: Sequence[tuple[str, ...]], inside: Sequence[int], name: str
    ) -> tuple[list[Callable[[], Person]], np.ndarray] | None:
        """Return every way to answer some questions, and which rows each is counted in; None if too many."""
        told, kind = self.told, self.told.people.kinds[name]
        listed = [told.listed(own, kind) for own in tied]
        sizes = [len(own) for own in listed]
        if prod(sizes) > _MOST_LISTED:
            return None
        chosen = np.indices(sizes).reshape(len(sizes), -1)
        held = {
            (column, codes): np.array([one[column] in codes for one in own], dtype=bool)[at]
            for names, own, at in zip(tied, listed, chosen, strict=True)
            for condition_list in told.conditions
            for column, codes in condition_list
            if question_of(column) in names
        }
        fits = np.ones(chosen.shape[1], dtype=bool)
        for question, (other, answer) in told.gates.items():
            closed, opened = (question, frozenset([NOT_ASKED])), (other, frozenset([answer]))
            if closed in held and opened in held and not kind.of_totals and kind.weight == 1:
                fits &= held[closed] != held[opened]
        for pair in told.never:
            if {*pair} <= held.keys():
                fits &= ~np.logical_and(*(held[each] for each in pair))
        wheres = list(told.rows)
        holds = [
            np.logical_and.reduce([fits, *(held[condition] for condition in wheres[row][0])])
            & kind.stands_in(wheres[row][1])
            for row in inside
        ]

        def person(at: int) -> Person:
            return {
                c: code for own, one in zip(listed, chosen, strict=True) for c, code in own[one[at]].items()
            }

        counted = np.array(holds, dtype=np.int64).reshape(len(inside), -1).T[fits]
        return [partial(person, at) for at in np.flatnonzero(fits).tolist()], counted

    def _everybody(self, wide: frozenset[int]) -> Stage | None:
        """Let everybody change a block, or become, or cease to be, one of a totals-only return."""
        told, own = self.told, self._one(wide)
        if own is None:
            return None
        stage, rows = Stage(self.counts), np.arange(len(told.rows))
        stage.join(own)
        key = np.hstack([self._holds, *told.bits])
        for (name, whose), (other, into) in product(told.people.kinds.items(), repeat=2):
            single = whose.weight == into.weight == 1 and whose.states == into.states
            if not single or whose.of_totals == into.of_totals:
                continue
            into_whom = [group[0] for group in self._ordinary(_alike(key, told.people.kind == other))]
            for group in self._ordinary(_alike(key, told.people.movable(name))):
                for like in into_whom:
                    effect = self._holds[like].astype(np.int32) - self._holds[group[0]]
                    stage.add(rows, effect, (group, ({LIKE: str(like)},)))
        return stage

    def _ordinary(self, groups: Sequence[np.ndarray]) -> list[np.ndarray]:
        """Return the groups like whom most others answer: what they leave or join, others make up for."""
        others = np.log1p(self.counts) @ self._holds.T
        return sorted(groups, key=lambda group: -others[group[0]])[:_MOST_LIKE]


def _augmented(
    unit: int, units: np.ndarray, allowed: dict[int, list[int]], taken: dict[int, int], seen: set[int]
) -> bool:
    """Find a person for a move, others giving theirs up for another where they can."""
    for person in allowed[int(units[unit])]:
        if person not in seen:
            seen.add(person)
            if person not in taken or _augmented(taken[person], units, allowed, taken, seen):
                taken[person] = unit
                return True
    return False


def _alike(key: np.ndarray, among: np.ndarray) -> list[np.ndarray]:
    """Return who are told apart by nothing, group by group, among some."""
    at = np.flatnonzero(among)
    own = np.unique(key[at], axis=0, return_inverse=True)[1].ravel() if len(at) else np.zeros(0, dtype=int)
    return [at[own == each] for each in range(own.max() + 1 if len(at) else 0)]
