"""What numbers tell of persons: which answers hang together, and what somebody could answer instead.

Enters: people, numbers, answers. Leaves: blocks (questions whose answers depend on each other), bits (which
conditions of a block somebody holds) and, for given answers to a block, those that differ by one question.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import product

import numpy as np

from platform_utils.protect.witness.answers import ANSWERED, Answers, Kind, Person, question_of
from platform_utils.protect.witness.numbers import Condition, Number
from platform_utils.protect.witness.people import People, Population
from platform_utils.spec.codebook import SPECIAL_CODES
from platform_utils.spec.counts import NOT_ASKED

_NEARLY_ALL = 0.8
_MOST_COPIES = 12
"""Ways of answering what is asked now and was not before, each of them somebody's."""


Instead = tuple[list[Person], np.ndarray]
"""Answers to a block, and which rows' conditions there they meet, answer by row."""


@dataclass
class Told:
    """The answers of people as numbers ask them. A row is a number by what it asks, each once."""

    people: People
    numbers: Sequence[Number]
    answers: Answers
    _instead: dict[tuple[str, int, bytes], Instead] = field(default_factory=dict, init=False)
    _forbids: dict[int, np.ndarray] = field(default_factory=dict, init=False)
    _listed: dict[tuple[str, tuple[str, ...]], list[Person]] = field(default_factory=dict, init=False)
    _special: dict[tuple[str, str], tuple[str, ...]] = field(default_factory=dict, init=False)
    _shut: dict[int, list[tuple[Condition, int]]] = field(default_factory=dict, init=False)

    @cached_property
    def rows(self) -> dict[tuple[frozenset[Condition], str], int]:
        """Place of each row: conditions, and the state of the persons that it counts."""
        keys = dict.fromkeys((frozenset(n.where), n.state) for n in self.numbers)
        return {key: row for row, key in enumerate(keys)}

    @cached_property
    def row_of(self) -> np.ndarray:
        """Row of each number."""
        return np.array([self.rows[frozenset(n.where), n.state] for n in self.numbers], dtype=int)

    @cached_property
    def tied(self) -> list[tuple[str, ...]]:
        """Questions in use, those together that rules tie."""
        return self.answers.blocks({question_of(c) for n in self.numbers for c, _ in n.where})

    @cached_property
    def gates(self) -> dict[str, Condition]:
        """Questions in use that are asked because of another in use."""
        used = {name for block in self.tied for name in block}
        asked_if = self.answers.asked_if.items()
        return {q: gate for q, gate in sorted(asked_if) if q in used and question_of(gate[0]) in used}

    @cached_property
    def never(self) -> list[tuple[Condition, Condition]]:
        """Answers to questions in use that nobody gives together."""
        used = {name for block in self.tied for name in block}
        return [pair for pair in self.answers.never if {question_of(column) for column, _ in pair} <= used]

    @cached_property
    def blocks(self) -> list[tuple[str, ...]]:
        """Questions in use, those together that rules tie or that are asked because of each other."""
        block = {name: {*names} for names in self.tied for name in names}
        for question, (other, _) in self.gates.items():
            both = block[question] | block[question_of(other)]
            block.update(dict.fromkeys(both, both))
        return sorted({tuple(sorted(names)) for names in block.values()})

    @cached_property
    def block_of(self) -> dict[str, int]:
        """Block of each question."""
        return {name: at for at, names in enumerate(self.blocks) for name in names}

    @cached_property
    def touched(self) -> list[frozenset[int]]:
        """Blocks that each row asks about."""
        return [frozenset(self.block_of[question_of(c)] for c, _ in where) for where, _ in self.rows]

    @cached_property
    def marks(self) -> frozenset[int]:
        """Blocks that nearly all rows ask about, such as who is exploited: they tell no two rows apart."""
        often = Counter(block for touched in self.touched for block in touched)
        return frozenset(block for block, rows in often.items() if rows > _NEARLY_ALL * len(self.touched))

    @cached_property
    def conditions(self) -> list[list[Condition]]:
        """What is told apart in each block: what numbers ask, what opens a question, every tick."""
        found: list[dict[Condition, None]] = [{} for _ in self.blocks]
        asked = [c for where, _ in self.rows for c in sorted(where, key=lambda c: (c[0], sorted(c[1])))]
        asked += self.gates.values()
        asked += [(question, frozenset([NOT_ASKED])) for question in self.gates]
        asked += [condition for pair in self.never for condition in pair]
        for question in self.answers.multiple.keys() & self.block_of.keys():
            asked += [(column, frozenset(["yes"])) for column in self.answers.multiple[question]]
            asked += [(question, frozenset([code])) for code in (ANSWERED, *SPECIAL_CODES)]
        for condition in asked:
            found[self.block_of[question_of(condition[0])]][condition] = None
        return [list(own) for own in found]

    @cached_property
    def _needs(self) -> list[np.ndarray]:
        """Which conditions of each block each row asks for, condition by row."""
        needs = []
        for own in self.conditions:
            at = {condition: place for place, condition in enumerate(own)}
            need = np.zeros((len(own), len(self.rows)), dtype=np.int16)
            for row, (where, _) in enumerate(self.rows):
                need[[at[condition] for condition in where if condition in at], row] = 1
            needs.append(need)
        return needs

    @cached_property
    def bits(self) -> list[np.ndarray]:
        """Who holds which condition of each block, person by condition."""
        holds, size = self.people.answers.holds, len(self.people.rows)
        return [np.array([*map(holds, own)], dtype=bool).reshape(len(own), size).T for own in self.conditions]

    def inner(self, block: int, bits: np.ndarray) -> np.ndarray:
        """Return which rows' conditions in a block hold for each line of bits."""
        return ((~bits).astype(np.int16) @ self._needs[block]) == 0

    @cached_property
    def held(self) -> list[np.ndarray]:
        """Whose answers to each block meet what each row asks there, person by row."""
        return [self.inner(block, bits) for block, bits in enumerate(self.bits)]

    @cached_property
    def stands(self) -> np.ndarray:
        """Who stands in the state that each row counts, person by row."""
        return self.stands_in(self.people.kind)

    def stands_in(self, kind: np.ndarray) -> np.ndarray:
        """Return the same for people of these kinds."""
        kinds = {
            name: np.array([one.stands_in(state) for _, state in self.rows], dtype=bool)
            for name, one in self.people.kinds.items()
        }
        return np.array([kinds[name] for name in kind], dtype=bool).reshape(len(kind), len(self.rows))

    def told(self, block: int, person: Person) -> np.ndarray:
        """Return what somebody holds of a block's conditions."""
        return np.array([person[column] in codes for column, codes in self.conditions[block]], dtype=bool)

    def person(self, at: int, block: int) -> Person:
        """Return somebody's answers to a block."""
        columns = [
            c
            for q in self.blocks[block]
            for c in (q, *self.answers.multiple.get(q, ()))
            if c in self._columns
        ]
        return {column: str(self._columns[column][at]) for column in columns}

    @property
    def _columns(self) -> Mapping[str, np.ndarray]:
        return self.people.answers.told

    def instead(self, at: int, block: int, beside: Collection[int] = ()) -> Instead:
        """Return what somebody could answer instead in a block, by changing one question.

        Nobody is given answers that break a rule; who has broken one stays as she is.

        Parameters
        ----------
        beside : collection of int
            Other blocks that she answers otherwise too: what these forbid now is not asked.
        """
        name, bits = str(self.people.kind[at]), self.bits[block][at]
        pairs = self._closed(block)
        shut = self.forbids(block)[at] & np.array([other not in beside for _, other in pairs], dtype=bool)
        key = (name, block, bits.tobytes() + shut.tobytes())
        if key not in self._instead:
            found: dict[bytes, Person] = {}
            closed = [c for (c, _), each in zip(pairs, shut, strict=True) if each]
            own = self.person(at, block)
            if not self._is_shut(own, closed):
                for person in self._variants(own, block, self.people.kinds[name]):
                    if not self._is_shut(person, closed):
                        found.setdefault(self.told(block, person).tobytes(), person)
            found.pop(bits.tobytes(), None)
            told = np.array([np.frombuffer(one, dtype=bool) for one in found], dtype=bool)
            self._instead[key] = list(found.values()), self.inner(block, told.reshape(len(found), len(bits)))
        return self._instead[key]

    @cached_property
    def broken(self) -> np.ndarray:
        """Who breaks a rule as the people are."""
        return self.breaks(self.people.answers, self.people.kind)

    def breaks(self, said: Population, kind: np.ndarray) -> np.ndarray:
        """Say who gives answers that nobody gives together, or is wrongly asked, or not asked, a question."""
        holds, wrong = said.holds, np.zeros(len(kind), dtype=bool)
        for one, other in self.never:
            wrong |= holds(one) & holds(other)
        kinds = self.people.kinds
        alone = np.array([not kinds[name].of_totals and kinds[name].weight == 1 for name in kind], dtype=bool)
        for question, opened in self.gates.items():
            wrong |= alone & (holds((question, frozenset([NOT_ASKED]))) == holds(opened))
        return wrong

    def _is_shut(self, person: Person, closed: Sequence[Condition]) -> bool:
        return not self.answers.allow(person) or any(person[column] in codes for column, codes in closed)

    def _closed(self, block: int) -> list[tuple[Condition, int]]:
        """Return what nobody answers in a block beside some answer in another one, and the other one."""
        if block not in self._shut:
            self._shut[block] = [(one, self._block(other)) for one, other in self._pairs(block)]
        return self._shut[block]

    def _pairs(self, block: int) -> list[tuple[Condition, Condition]]:
        pairs = [*self.never, *((other, one) for one, other in self.never)]
        return [(one, other) for one, other in pairs if self._block(one) == block != self._block(other)]

    def forbids(self, block: int) -> np.ndarray:
        """Return whose answers to other blocks forbid which of a block's, person by forbidden answer."""
        if block not in self._forbids:
            mine = self._pairs(block)
            shut = [self.people.answers.holds(other) for _, other in mine]
            self._forbids[block] = np.array(shut, dtype=bool).reshape(len(mine), len(self.people.rows)).T
        return self._forbids[block]

    def never_together(self, blocks: Collection[int]) -> list[tuple[Condition, Condition]]:
        """Return the answers to two blocks that nobody gives together."""
        return [pair for pair in self.never if {*map(self._block, pair)} == {*blocks} and len(blocks) > 1]

    def _block(self, condition: Condition) -> int:
        return self.block_of[question_of(condition[0])]

    def _variants(self, own: Person, block: int, kind: Kind) -> Iterator[Person]:
        for names in self.tied:
            if names[0] in self.block_of and self.block_of[names[0]] == block:
                if names[0] in self.answers.multiple:
                    changed = self._ticked(own, names[0], kind)
                else:
                    changed = iter(self.listed(names, kind))
                for some in changed:
                    yield from self._settled({**own, **some}, block, kind)

    def _ticked(self, own: Person, question: str, kind: Kind) -> Iterator[Person]:
        """Yield a question of several answers with one tick more, less or moved, or left open."""
        columns = [c for c in self.answers.multiple[question] if c in own]
        if question in kind.only or own[question] == NOT_ASKED:
            return
        nothing = dict.fromkeys(columns, "no") | {question: ANSWERED}
        ticked = [c for c in columns if own[c] == "yes"]
        for column in columns:
            said = {*ticked} ^ {column}
            if said:
                yield nothing | dict.fromkeys(said, "yes")
            if column not in ticked and len(ticked) == 1:
                yield nothing | {column: "yes"}
        for code in self.special(question, kind):
            if code != NOT_ASKED:
                yield dict.fromkeys(columns, code) | {question: code}

    def listed(self, names: Sequence[str], kind: Kind) -> list[Person]:
        """Return all answers to questions that rules tie, one person of each that is told apart."""
        key = (kind.name, tuple(names))
        if key not in self._listed:
            literals = [c for own in self.conditions for c in own if question_of(c[0]) in names]
            special = {name: self.special(name, kind) for name in names}
            found: dict[tuple[bool, ...], Person] = {}
            for person in self.answers.combinations(tuple(names), special, kind):
                for one in self._with_ticks(person, names) if self.answers.allow(person) else ():
                    found.setdefault(tuple(one[column] in codes for column, codes in literals), one)
            self._listed[key] = list(found.values())
        return self._listed[key]

    def _with_ticks(self, person: Person, names: Sequence[str]) -> Iterator[Person]:
        columns = [c for q in names for c in self.answers.multiple.get(q, ())]
        given = [
            ("yes", "no") if person[question_of(column)] == ANSWERED else (person[question_of(column)],)
            for column in columns
        ]
        for said in product(*given):
            one = person | dict(zip(columns, said, strict=True))
            asked = [q for q in names if q in self.answers.multiple and person[q] == ANSWERED]
            if all("yes" in [one[c] for c in self.answers.multiple[q]] for q in asked):
                yield one

    def special(self, question: str, kind: Kind) -> tuple[str, ...]:
        """Return the special codes that persons of a kind may have: not asked only if somebody was not."""
        key = (question, kind.name)
        if key not in self._special:
            rows = self.people.rows
            own = rows if kind.of_totals or kind.weight > 1 else rows[self.people.kind == kind.name]
            was_asked = question not in own or not own[question].eq(NOT_ASKED).any()
            codes = SPECIAL_CODES[:2] if was_asked else SPECIAL_CODES
            # An all-"no" answer is against the form's rules: it is possible only where somebody gave it.
            silent = question in self.answers.multiple and question in own and own[question].eq("").any()
            self._special[key] = (*codes, "") if silent else codes
        return self._special[key]

    def _settled(self, person: Person, block: int, kind: Kind) -> Iterator[Person]:
        """Yield answers in which what is not asked any more is closed, and what is asked now is answered."""
        if kind.of_totals:
            yield person
            return
        person = dict(person)
        opened: list[str] = []
        for question in self._in_order(block):
            other, answers = self.gates[question]
            columns = [question, *(c for c in self.answers.multiple.get(question, ()) if c in person)]
            if person[other] not in answers:
                person |= dict.fromkeys(columns, NOT_ASKED)
            elif person[question] == NOT_ASKED:
                opened += columns
                person |= dict.fromkeys(columns, "unknown")
        yield person
        if opened:
            for copied in self._copies(opened):
                whole = person | copied
                if all(
                    (whole[q] == NOT_ASKED) == (whole[g] not in a)
                    for q, (g, a) in self.gates.items()
                    if q in whole
                ):
                    yield whole

    def _in_order(self, block: int) -> list[str]:
        """Return the questions of a block that are asked because of others, those after these."""
        waiting = [q for q in self.gates if self.block_of[q] == block]
        ordered: list[str] = []
        while waiting:
            first = next((q for q in waiting if question_of(self.gates[q][0]) not in waiting), waiting[0])
            waiting.remove(first)
            ordered.append(first)
        return ordered

    def _copies(self, columns: Collection[str]) -> list[Person]:
        """Return how persons have answered some questions that they were asked."""
        said = list(zip(*(self._columns[column] for column in columns), strict=True))
        asked = dict.fromkeys(one for one in said if NOT_ASKED not in one)
        return [dict(zip(columns, one, strict=True)) for one in list(asked)[:_MOST_COPIES]]
