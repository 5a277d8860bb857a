"""A part as an integer programme: how many persons of each class, and how many yes answers in each group.

Enters: parts. Leaves: a model that is built once; numbers shown, least counts and targets are bounds, and
change from search to search.

Yes answers to a multi-select question are not a class each (2^codes): a group of persons with ``a`` answers
has ``n_j`` yes for code ``j``. Subsets that fit exist exactly if ``n_j <= a`` and the sum of ``n_j`` is at
least ``a``: deal each code's yeses to the persons in turn, one code after the other.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np
from scipy import sparse

from platform_utils.protect.witness.parts import Classes, Part, Parts, View

__all__ = ["Model", "Yeses", "build_model"]

Terms = dict[int, int]


class Yeses(NamedTuple):
    """The yes answers for one code in a group of classes, and the variable that counts them."""

    classes: Classes
    column: str
    group: np.ndarray
    variable: int


@dataclass
class Model:
    """A programme.

    Attributes
    ----------
    numbers : array of int
        Places of the numbers that the part decides, the rows of ``matrix``.
    limits, low, high
        What holds always.
    stays, stay
        How many persons of each kind must look the same from outside the part.
    starts : list of int
        First variable of each kind's classes.
    """

    views: list[View]
    numbers: np.ndarray
    classes: list[Classes]
    upper: list[float] = field(default_factory=list)
    starts: list[int] = field(default_factory=list)
    yeses: list[Yeses] = field(default_factory=list)
    entries: list[tuple[int, int, int]] = field(default_factory=list)
    bounded: list[tuple[Terms, float, float]] = field(default_factory=list)
    looks: list[tuple[Terms, int]] = field(default_factory=list)
    matrix: sparse.csr_matrix = field(default_factory=lambda: _matrix([], 0, 0))
    limits: sparse.csr_matrix = field(default_factory=lambda: _matrix([], 0, 0))
    stays: sparse.csr_matrix = field(default_factory=lambda: _matrix([], 0, 0))

    @property
    def low(self) -> np.ndarray:
        """Lower bounds of ``limits``."""
        return np.array([low for _, low, _ in self.bounded], dtype=float)

    @property
    def high(self) -> np.ndarray:
        """Upper bounds of ``limits``."""
        return np.array([high for _, _, high in self.bounded], dtype=float)

    @property
    def stay(self) -> np.ndarray:
        """Right-hand side of ``stays``."""
        return np.array([count for _, count in self.looks], dtype=float)


def build_model(parts: Parts, part: Part) -> Model | None:
    """Return the programme of a part; None if it has more classes than can be written out."""
    inside = np.array([at for at, t in enumerate(parts.touched) if set(t) <= set(part)], dtype=int)
    views = parts.views(part)
    classes = []
    for kind in parts.people.kinds:
        made = parts.classes(kind, part, inside, views)
        if made is None:
            return None
        classes.append(made)
    model = Model(views, inside, classes)
    yes_columns = parts.yes_columns(part)
    for made in classes:
        _add_classes(model, parts, made)
        for question, columns in yes_columns.items():
            _add_yeses(model, parts, made, question, columns)
    size = len(model.upper)
    model.matrix = _matrix(
        [(at, variable, times) for at, variable, times in model.entries], len(inside), size
    )
    model.limits = _rows([terms for terms, _, _ in model.bounded], size)
    model.stays = _rows([terms for terms, _ in model.looks], size)
    return model


def _add_classes(model: Model, parts: Parts, made: Classes) -> None:
    """Count the persons of a kind: in which numbers, and as many as before with each look from outside."""
    weight = parts.people.kinds[made.kind].weight
    movable = parts.people.movable(made.kind)
    start, size = len(model.upper), len(made.people)
    model.starts.append(start)
    model.upper += [1.0 if weight > 1 else np.inf] * size
    whole = np.array(
        [all(parts.is_apart(c) for c, _ in parts.numbers[at].where) for at in model.numbers], bool
    )
    at_class, at_number = np.nonzero(made.inside & whole)
    model.entries += [(int(n), start + int(c), weight) for c, n in zip(at_class, at_number, strict=True)]
    here = parts.seen_of_people(model.views)[movable]
    for look in np.unique(np.vstack([made.seen, here]), axis=0) if model.views else [made.seen[0]]:
        same = np.nonzero((made.seen == look).all(axis=1))[0]
        model.looks.append((dict.fromkeys((start + same).tolist(), 1), int((here == look).all(axis=1).sum())))
    if weight > 1:  # a large case is there, whoever is in it
        model.bounded.append((dict.fromkeys(range(start, start + size), 1), movable.sum(), movable.sum()))


def _add_yeses(model: Model, parts: Parts, made: Classes, question: str, columns: Sequence[str]) -> None:
    """Count the yes answers to a question's codes in each group of classes that numbers tell apart."""
    weight = parts.people.kinds[made.kind].weight
    asking = [
        p for p, at in enumerate(model.numbers) if any(c in columns for c, _ in parts.numbers[at].where)
    ]
    groups = np.hstack([made.inside[:, asking], made.owes[question][:, None]]).astype(np.int8)
    start, every = model.starts[-1], {*columns, *parts.told_apart.get(question, ())}
    for group in np.unique(groups, axis=0):
        if not group[-1]:  # gave no answer
            continue
        same = np.nonzero((groups == group).all(axis=1))[0]
        persons = dict.fromkeys((start + same).tolist(), -1)
        first = len(model.upper)
        model.upper += [1.0 if weight > 1 else np.inf] * len(columns)
        for variable, column in enumerate(columns, start=first):
            model.yeses.append(Yeses(made, column, same, variable))
            model.bounded.append((persons | {variable: 1}, -np.inf, 0.0))
            model.entries += [
                (p, variable, weight)
                for held, p in zip(group[:-1], asking, strict=True)
                if held and any(c == column for c, _ in parts.numbers[model.numbers[p]].where)
            ]
        if group[-1] == 2 and every >= set(parts.answers.multiple[question]):
            said = dict.fromkeys(range(first, first + len(columns)), 1)
            model.bounded.append((persons | said, 0.0, np.inf))


def _rows(rows: Sequence[Mapping[int, int]], size: int) -> sparse.csr_matrix:
    entries = [(at, variable, times) for at, row in enumerate(rows) for variable, times in row.items()]
    return _matrix(entries, len(rows), size)


def _matrix(entries: Sequence[tuple[int, int, int]], rows: int, size: int) -> sparse.csr_matrix:
    at, variables, values = zip(*entries, strict=True) if entries else ((), (), ())
    return sparse.csr_matrix((values, (at, variables)), shape=(rows, size), dtype=float)
