"""Parts of persons: which answers hang together, and the classes that numbers tell apart in a part.

Enters: people, numbers, answers. Leaves: for each part and kind, its classes.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import product

import numpy as np

from platform_utils.protect.witness.answers import ANSWERED, Answers, Person, question_of
from platform_utils.protect.witness.numbers import Condition, Number
from platform_utils.protect.witness.people import People
from platform_utils.spec.codebook import SPECIAL_CODES
from platform_utils.spec.counts import NOT_ASKED

__all__ = ["Classes", "Part", "Parts", "View"]

Part = tuple[int, ...]
"""Blocks, by place."""

View = tuple[Condition, ...]
"""What a number outside a part sees of a person in it."""

_MOST_COMBINATIONS = 20_000


@dataclass
class Classes:
    """The classes of one kind in a part."""

    kind: str
    people: list[Person]
    inside: np.ndarray
    """Class by number: counted in it, a multi-select yes left aside."""
    seen: np.ndarray
    """What is seen of each class from outside the part."""
    owes: dict[str, np.ndarray]
    """By multi-select question: 0 gave no answer, 1 has a yes, 2 must still have one."""


@dataclass
class Parts:
    """The answers of people as numbers ask them."""

    people: People
    numbers: Sequence[Number]
    answers: Answers

    @cached_property
    def blocks(self) -> list[tuple[str, ...]]:
        """Questions that rules tie together."""
        used = {question_of(column) for number in self.numbers for column, _ in number.where}
        return self.answers.blocks(used)

    @cached_property
    def block_of(self) -> dict[str, int]:
        """Block of each question."""
        return {name: at for at, block in enumerate(self.blocks) for name in block}

    @cached_property
    def touched(self) -> list[Part]:
        """Blocks that each number asks about."""
        return [
            tuple(sorted({self.block_of[question_of(column)] for column, _ in n.where})) for n in self.numbers
        ]

    @cached_property
    def told_apart(self) -> dict[str, tuple[str, ...]]:
        """Columns of multi-select questions that classes tell apart.

        Where a number asks two such questions, those of the question of which fewer columns are asked so.
        """
        pairs: dict[tuple[str, str], dict[str, set[str]]] = {}
        for number in self.numbers:
            asked = sorted(c for c, _ in number.where if c != question_of(c))
            for one, other in product(asked, asked):
                if question_of(one) < question_of(other):
                    sides = pairs.setdefault((question_of(one), question_of(other)), {})
                    sides.setdefault(question_of(one), set()).add(one)
                    sides.setdefault(question_of(other), set()).add(other)
        apart: dict[str, set[str]] = {}
        for question, (other, _) in self.answers.asked_if.items():
            if question in self.block_of and other != question_of(other):
                apart.setdefault(question_of(other), set()).add(other)
        for sides in pairs.values():
            few = min(sides, key=lambda question: (len(sides[question]), question))
            apart.setdefault(few, set()).update(sides[few])
        return {question: tuple(sorted(columns)) for question, columns in apart.items()}

    def is_apart(self, column: str) -> bool:
        """Say whether classes are told apart by a column."""
        question = question_of(column)
        return column == question or column in self.told_apart.get(question, ())

    def around(self, part: set[int]) -> Part:
        """Return a part with all that its multi-select yeses, which are no classes, are counted with."""
        while True:
            more = {
                b
                for number, touched in zip(self.numbers, self.touched, strict=True)
                if any(
                    not self.is_apart(c) and self.block_of[question_of(c)] in part for c, _ in number.where
                )
                for b in touched
            }
            if more <= part:
                return tuple(sorted(part))
            part |= more

    def wider(self, part: Part) -> Part:
        """Return a part with all blocks that numbers count with it, or that are asked because of it."""
        gates = (
            {self.block_of[question], self.block_of[question_of(other)]}
            for question, (other, _) in self.answers.asked_if.items()
            if question in self.block_of and question_of(other) in self.block_of
        )
        return self.around(
            {b for near in (part, *self.touched, *gates) if set(near) & set(part) for b in near}
        )

    def views(self, part: Part) -> list[View]:
        """Return what numbers and questions outside a part see of the persons in it."""
        found = dict.fromkeys(
            tuple(c for c in number.where if self.block_of[question_of(c[0])] in part)
            for number, touched in zip(self.numbers, self.touched, strict=True)
            if set(touched) & set(part) and not set(touched) <= set(part)
        )
        return [*found, *self._gates(part)]

    def _gates(self, part: Part) -> list[View]:
        """Return what must stay because a question outside the part is asked only then, or one inside."""
        views: list[View] = []
        for question, (other, answer) in sorted(self.answers.asked_if.items()):
            mine, theirs = self.block_of.get(question), self.block_of.get(question_of(other))
            if mine in part and theirs not in part:
                views.append(((question, frozenset([NOT_ASKED])),))
            elif theirs in part and mine is not None and mine not in part:
                views.append(((other, frozenset([answer])),))
        return views

    @cached_property
    def _special(self) -> dict[str, dict[str, tuple[str, ...]]]:
        """Return the special codes that persons of a kind may have: not asked only if somebody was not."""
        names = [name for block in self.blocks for name in block]
        rows = self.people.rows
        found: dict[str, dict[str, tuple[str, ...]]] = {}
        for kind in self.people.kinds:
            whose = self.people.kinds[kind]
            own = rows if whose.of_totals or whose.weight > 1 else rows[self.people.kind == kind]
            asked = [n for n in names if n in own and not own[n].eq(NOT_ASKED).any()]
            found[kind] = {
                n: SPECIAL_CODES[:2] if n in asked or n not in own else SPECIAL_CODES for n in names
            }
            # An all-"no" answer is against the form's rules: it is possible only where somebody gave it.
            silent = [n for n in self.answers.multiple if n in own and own[n].eq("").any()]
            found[kind] |= {n: (*found[kind][n], "") for n in silent}
        return found

    def _values(self, kind: str, block: tuple[str, ...], literals: Sequence[Condition]) -> list[Person]:
        """Return the answers to a block that any number tells apart, one person of each."""
        found: dict[tuple[bool, ...], Person] = {}
        for person in self.answers.combinations(block, self._special[kind], self.people.kinds[kind]):
            for whole in self._with_yeses(person, block):
                told = tuple(whole.get(column) in codes for column, codes in literals)
                found.setdefault(told, whole)
        return list(found.values())

    def _with_yeses(self, person: Person, block: tuple[str, ...]) -> list[Person]:
        columns = [c for question in block for c in self.told_apart.get(question, ())]
        given = [
            ("yes", "no") if person[question_of(column)] == ANSWERED else (person[question_of(column)],)
            for column in columns
        ]
        people = [person | dict(zip(columns, said, strict=True)) for said in product(*given)]
        alone = [
            q for q in block if set(self.told_apart.get(q, ())) == set(self.answers.multiple.get(q, "-"))
        ]
        return [
            one
            for one in people
            if all(one[q] != ANSWERED or "yes" in [one[c] for c in self.told_apart[q]] for q in alone)
        ]

    def classes(self, kind: str, part: Part, inside: np.ndarray, views: list[View]) -> Classes | None:
        """Return the classes of a kind in a part; None if there are too many combinations of answers."""
        counted = [self._of_classes(self.numbers[at].where) for at in inside]
        asked = [q for at in part for q in self.blocks[at] if q in self.answers.multiple]
        states = {q: (q, frozenset([ANSWERED])) for q in asked}
        yeses = {q: [(c, frozenset(["yes"])) for c in self.told_apart.get(q, ())] for q in asked}
        whose = self.people.kinds[kind]
        gates = [] if whose.of_totals or whose.weight > 1 else self._gates_in(part)
        told = {c for where in (*counted, *views, *yeses.values(), *gates) for c in where} | {
            *states.values()
        }
        combined = self._combined(kind, part, sorted(told, key=lambda c: (c[0], sorted(c[1]))))
        if combined is None:
            return None
        values, chosen, holds = combined
        size = chosen.shape[1]
        valid = np.logical_and.reduce([np.ones(size, bool), *(holds[a] != holds[b] for a, b in gates)])
        inner_of = np.array([whose.stands_in(self.numbers[at].state) for at in inside], dtype=bool)
        owes = {
            q: holds[states[q]] * np.where(_any([holds[c] for c in yeses[q]], size), 1, 2).astype(np.int8)
            for q in asked
        }
        inner, seen = (
            np.array([_all([holds[c] for c in where], size) for where in wheres], bool).reshape(-1, size).T
            for wheres in (counted, views)
        )
        inner = inner & inner_of
        key = np.hstack([inner, seen, *(owed[:, None] for owed in owes.values())]).astype(np.int8)
        _, kept = np.unique(key[valid], axis=0, return_index=True)
        kept = np.nonzero(valid)[0][np.sort(kept)]
        people = [
            {k: v for own, at in zip(values, chosen[:, one], strict=True) for k, v in own[at].items()}
            for one in kept
        ]
        return Classes(kind, people, inner[kept], seen[kept], {q: owed[kept] for q, owed in owes.items()})

    def _combined(
        self, kind: str, part: Part, literals: Sequence[Condition]
    ) -> tuple[list[list[Person]], np.ndarray, dict[Condition, np.ndarray]] | None:
        """Return the answers to each block, every combination of them, and which conditions each keeps."""
        blocks = [self.blocks[at] for at in part]
        mine = [[c for c in literals if question_of(c[0]) in block] for block in blocks]
        values = [self._values(kind, block, own) for block, own in zip(blocks, mine, strict=True)]
        size = math.prod(len(own) for own in values)  # 1 where nothing is asked
        if size > _MOST_COMBINATIONS:
            return None
        chosen = np.indices([len(own) for own in values]).reshape(len(values), size)
        holds = {
            (column, codes): np.array([one[column] in codes for one in own], dtype=bool)[at]
            for own, told, at in zip(values, mine, chosen, strict=True)
            for column, codes in told
        }
        return values, chosen, holds

    def _of_classes(self, where: Sequence[Condition]) -> View:
        """Return a number's conditions as classes know them: of a yes, that the question was answered."""
        return tuple(c if self.is_apart(c[0]) else (question_of(c[0]), frozenset([ANSWERED])) for c in where)

    def _gates_in(self, part: Part) -> list[tuple[Condition, Condition]]:
        """Return what is not asked, and when it is asked: one of the two holds for everybody."""
        return [
            ((question, frozenset([NOT_ASKED])), (other, frozenset([answer])))
            for question, (other, answer) in sorted(self.answers.asked_if.items())
            if self.block_of.get(question) in part and self.block_of.get(question_of(other)) in part
        ]

    def _owes(self, person: Person, question: str) -> bool:
        """Say whether somebody answered a question and has no yes yet."""
        return person[question] == ANSWERED and "yes" not in [
            person[c] for c in self.told_apart.get(question, ())
        ]

    def yes_columns(self, part: Part) -> dict[str, list[str]]:
        """Return the columns whose yeses are counted apart from classes, by question; all of a question."""
        used = {c for n in self.numbers for c, _ in n.where if not self.is_apart(c)}
        return {
            question: [c for c in self.answers.multiple[question] if not self.is_apart(c)]
            for at in part
            for question in self.blocks[at]
            if any(question_of(c) == question for c in used)
        }

    def seen_of_people(self, views: list[View]) -> np.ndarray:
        """Return who is seen in each view, person by view."""
        rows = self.people.rows
        seen = np.ones((len(rows), len(views)), dtype=bool)
        for place, view in enumerate(views):
            for column, codes in view:
                if column in rows:
                    seen[:, place] &= rows[column].isin(list(codes)).to_numpy()
        return seen

    def spelled_out(self, person: Person) -> Person:
        """Return the answers of a class with every column of its multi-select questions."""
        whole = dict(person)
        for question in set(person) & set(self.answers.multiple):
            others = [c for c in self.answers.multiple[question] if c not in person]
            said = "no" if person[question] == ANSWERED else person[question]
            whole |= dict.fromkeys(others, said)
            if self._owes(person, question) and others:
                whole[others[0]] = "yes"  # which one, no number asks, or it is dealt out below
        return whole


def _all(held: Sequence[np.ndarray], size: int) -> np.ndarray:
    return np.logical_and.reduce([np.ones(size, dtype=bool), *held])


def _any(held: Sequence[np.ndarray], size: int) -> np.ndarray:
    return np.logical_or.reduce([np.zeros(size, dtype=bool), *held])
