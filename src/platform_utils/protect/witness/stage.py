"""A stage of a search: moves that may be made together, and who makes them.

Enters: moves, each with its effect on every row. Leaves: one column for each effect, and, for so many moves
of each column, who makes which, nobody two.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property
from itertools import pairwise

import numpy as np
from scipy import sparse

from platform_utils.protect.witness.answers import Person

LIKE = " like"
"""Says whose answers, and whose kind, somebody gets whole."""

Option = tuple[np.ndarray, tuple[Person, ...]]
"""Who can make a move, and the answers that each of them gives then."""


Change = tuple[np.ndarray, np.ndarray]
"""Rows whose counts change, and by how many."""


def changes(rows: np.ndarray, effects: np.ndarray) -> Iterator[Change]:
    """Yield what each effect on some rows changes."""
    which, there = np.nonzero(effects)
    ends = np.searchsorted(which, range(len(effects) + 1)).tolist()
    places, by = rows[there].astype(np.int32), effects[which, there].astype(np.int32)
    for start, end in pairwise(ends):
        yield places[start:end], by[start:end]


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
        self.put(next(changes(rows, effect[None])), option, own)

    def put(self, change: Change, option: Option, own: int = 0) -> None:
        """Add a way to make a change."""
        rows, effect = change
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
        return self.columnwise.tocsr()

    @cached_property
    def columnwise(self) -> sparse.csc_array:
        """The same, kept column by column."""
        at = [rows for rows, _ in self.effects]
        ends = np.concatenate([[0], np.cumsum([len(rows) for rows in at])])
        values = np.concatenate([np.zeros(0), *(by for _, by in self.effects)]).astype(float)
        places = np.concatenate([np.zeros(0, dtype=np.int32), *at])
        return sparse.csc_array((values, places, ends), shape=(len(self.base), len(at)))

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
        at = [some[0] if len(some) == 1 else np.unique(np.concatenate(some)) for some in groups]
        ends = np.concatenate([[0], np.cumsum([len(one) for one in at])])
        return sparse.csc_array((np.ones(ends[-1]), np.concatenate(at), ends)).tocsr()

    def deal(self, solution: np.ndarray) -> list[tuple[int, int]] | None:
        """Return who makes which move, nobody two; None if some would have to, and remember who."""
        who = self.who.tocsc()
        units = np.repeat(np.arange(len(solution)), solution)
        allowed = {int(c): who.indices[who.indptr[c] : who.indptr[c + 1]].tolist() for c in np.unique(units)}
        taken, few = dict[int, int](), dict[frozenset[int], None]()
        for unit in range(len(units)):
            seen: set[int] = set()
            if not _augmented(unit, units, allowed, taken, seen):
                few[frozenset(seen)] = None
        for persons in few:
            inside = np.isin(np.arange(self.who.shape[0]), list(persons)).astype(float)
            only = (inside @ self.who) == self.who.sum(axis=0)
            self.crowded.append((np.flatnonzero(only), len(persons)))
        if few:
            return None
        return [(person, int(units[unit])) for person, unit in taken.items()]

    @cached_property
    def everybody(self) -> sparse.csr_array:
        """Class by column, where everybody is dealt out anew."""
        own, size = np.array(self.of_class, dtype=int), len(self.options)
        at = (own, np.arange(size)) if self.sizes else (own[:0], own[:0])
        return sparse.csr_array((np.ones(len(at[0])), at), shape=(len(self.sizes), size))


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
