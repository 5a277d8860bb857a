"""Moves: who answers something else, and what each number gains or loses by it.

Enters: what numbers tell of persons. Leaves: stages, which are built once: one column for each effect that
moves have. Persons whom a stage's numbers do not tell apart are one class. What is shown, and what must stay
possible, are bounds, and change from search to search.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from copy import copy
from dataclasses import dataclass, field
from functools import cached_property, partial
from itertools import chain, combinations, product, starmap
from math import prod

import numpy as np

from platform_utils.protect.witness.answers import Person, question_of
from platform_utils.protect.witness.numbers import Condition
from platform_utils.protect.witness.people import People
from platform_utils.protect.witness.stage import LIKE, Change, Stage, changes
from platform_utils.protect.witness.told import Told
from platform_utils.spec.counts import NOT_ASKED

_MOST_COLUMNS, _MOST_LISTED = 60_000, 20_000
"""Moves that a stage may have, and ways of answering that are written out for a proof."""
_MOST_LIKE = 8
"""Persons of each kind who may become like one of another kind, and whom they may become like."""
_MOST_PAIRED = 6
"""Blocks of which any two are changed together."""
_MOST_TICKS = 12
"""Codes of questions of several answers of which every set is written out."""


@dataclass
class Moves:
    """The stages of a search."""

    told: Told
    _stages: dict[tuple, Stage | None] = field(default_factory=dict, init=False)
    _made: dict[tuple[int, ...], Stage | None] = field(default_factory=dict, init=False)
    _changes: dict[tuple, list[tuple[Change, tuple[Person, ...]]]] = field(default_factory=dict)

    @cached_property
    def counts(self) -> np.ndarray:
        """Each row's count, as the people are."""
        return self._weigh(np.arange(len(self.told.people.rows)), self._holds)

    @cached_property
    def _holds(self) -> np.ndarray:
        return np.logical_and.reduce([self.told.stands, *self.told.held])

    def holds(self, row: int) -> np.ndarray:
        """Return whom a row counts, 1 or 0 by person."""
        return self._holds[:, row].astype(int)

    def _weigh(self, at: np.ndarray, holds: np.ndarray) -> np.ndarray:
        return self.told.people.weight[at] @ holds.astype(np.int64)

    def known_to(self, people: People) -> Moves:
        """Return the moves of the same people for a reader who knows some of them."""
        told = copy(self.told)
        told.people = people
        return Moves(told, self._changes)

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
        whole = (("whole", names) for names in self._growing(target, part))  # asked for last, and seldom
        for how, own in chain(dict.fromkeys(asked), whole) if part else ():
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

    def _growing(self, target: Sequence[int], part: frozenset[int]) -> Iterator[frozenset[str]]:
        """Yield the questions that rows ask, those of their part, and all that hang together with it."""
        told = self.told
        tied = {name: names for names in told.tied for name in names}
        marks = {name for block in told.marks - part for name in told.blocks[block]}
        asked = [{n for c, _ in where for n in tied[question_of(c)]} for where, _ in told.rows]
        inside = {name for at in part for name in told.blocks[at]}
        every = set(inside)
        ruled = [{n for c, _ in pair for n in tied[question_of(c)]} for pair in told.never]
        every_way = [*(names - marks for names in asked), *ruled]
        while more := {n for names in every_way if names & every for n in names} - every:
            every |= more
            every |= {n for at in {told.block_of[n] for n in more} for n in told.blocks[at]}
        own = set().union(*(asked[row] for row in target))
        yield from dict.fromkeys([frozenset(own), frozenset(inside), frozenset(every)])

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
            classes = {key: one for kind in told.people.kinds for key, one in self._classes(kind, part, rows)}
            alike = ((key, int(who[0])) for key, who in classes.items() if key not in self._changes)
            sizes = (prod(len(told.instead(at, b, blocks)[0]) for b in blocks) for _, at in alike)
            stage = Stage(self.counts) if sum(sizes) <= _MOST_COLUMNS else None
            for key, persons in classes.items() if stage is not None else ():
                for change, answers in self._changes_of(key, blocks, rows, int(persons[0])):
                    stage.put(change, (persons, answers))  # type: ignore[union-attr]
            self._made[blocks] = stage
        return self._made[blocks]

    def _classes(
        self, kind: str, part: frozenset[int], rows: np.ndarray
    ) -> Iterator[tuple[tuple, np.ndarray]]:
        """Yield who of a kind answers alike in a part and looks alike from outside it, by what tells them."""
        told = self.told
        at = np.flatnonzero(told.people.movable(kind))
        outside = told.stands[np.ix_(at, rows)]
        for block in frozenset().union(*(told.touched[row] for row in rows)) - part:
            outside = outside & told.held[block][np.ix_(at, rows)]
        own = [np.hstack([told.bits[block], told.forbids(block)])[at] for block in sorted(part)]
        key = np.hstack([outside, *own])
        _, first, whose = np.unique(key, axis=0, return_index=True, return_inverse=True)
        for each in np.argsort(first):
            yield (kind, part, key[first[each]].tobytes()), at[whose.ravel() == each]

    def _changes_of(
        self, key: tuple, blocks: Sequence[int], rows: np.ndarray, at: int
    ) -> list[tuple[Change, tuple[Person, ...]]]:
        """Return the moves of a class, of whom one is given, to other answers, one of each effect."""
        if key in self._changes:
            return self._changes[key]
        holds, answers = self._others(at, blocks)[rows], list[tuple[Person, ...]]([()])
        for block in blocks:
            instead, inner = self.told.instead(at, block, blocks)
            holds = (holds[..., None, :] & inner[:, rows]).reshape(-1, len(rows))
            answers = [(*some, more) for some in answers for more in instead]
        effects = (holds.astype(np.int32) - self._holds[at, rows]) * int(self.told.people.weight[at])
        first = {effect.tobytes(): one for one, effect in reversed([*enumerate(effects)])}
        together = self.told.never_together(blocks)
        chosen = [
            one
            for one in sorted(first.values())
            if not any(_says(answers[one], *pair) for pair in together) and effects[one].any()
        ]
        self._changes[key] = [
            (change, answers[one]) for one, change in zip(chosen, changes(rows, effects[chosen]), strict=True)
        ]
        return self._changes[key]

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
        ruled = [frozenset(told.block_of[question_of(c)] for c, _ in pair) for pair in told.never]
        return whole and all(touched <= blocks for touched in (*told.touched, *ruled) if touched & blocks)

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
        for question, opened in told.gates.items():
            closed = question, frozenset([NOT_ASKED])
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


def _says(answers: tuple[Person, ...], one: Condition, other: Condition) -> bool:
    return all(any(person.get(column) in codes for person in answers) for column, codes in (one, other))


def _alike(key: np.ndarray, among: np.ndarray) -> list[np.ndarray]:
    """Return who are told apart by nothing, group by group, among some."""
    at = np.flatnonzero(among)
    own = np.unique(key[at], axis=0, return_inverse=True)[1].ravel() if len(at) else np.zeros(0, dtype=int)
    return [at[own == each] for each in range(own.max() + 1 if len(at) else 0)]
