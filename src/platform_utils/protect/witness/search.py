"""The search: part of the answers of all persons is invented anew, the rest of each person stays as it is.

Enters: people, numbers, answers. Leaves: outcomes. A part is a set of blocks. Persons with the same answers
in a part, as far as any number tells them apart, are one class. What other parts see of a person stays the
same for as many persons as before, so that the classes can be dealt out to the persons who are there, and
every number outside the part stays. Without that condition, and without the numbers outside, the model allows
more than can be: if it has no solution, there is no witness. The part grows until one of the two decides.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Literal

import numpy as np
import pandas as pd
from scipy import sparse
from scipy.optimize import Bounds, LinearConstraint, milp

from platform_utils.protect.witness.answers import Answers, question_of
from platform_utils.protect.witness.model import Model, build_model
from platform_utils.protect.witness.numbers import Number
from platform_utils.protect.witness.parts import Part, Parts
from platform_utils.protect.witness.people import People

__all__ = ["Expression", "Outcome", "Search"]

Expression = Mapping[int, int]
"""Numbers by place, each with how many times it is added."""

_INFEASIBLE = 2
"""HiGHS's word for it, in scipy."""


@dataclass(frozen=True)
class Outcome:
    """What a search came to.

    Attributes
    ----------
    numbers : array of int, optional
        Every number, as the invented population has it.
    rows : DataFrame, optional
        The invented population.
    """

    found: Literal["found", "none", "limit"]
    numbers: np.ndarray | None = None
    rows: pd.DataFrame | None = None


@dataclass
class Search:
    """Looks for witnesses among all populations that obey the answers' rules and say the numbers shown.

    Attributes
    ----------
    seconds : float
        Most time for one programme.
    """

    people: People
    numbers: Sequence[Number]
    answers: Answers
    seconds: float = 10.0
    _models: dict[Part, Model | None] = field(default_factory=dict, init=False)

    def find(self, target: Expression, value: int) -> Outcome:
        """Return a population in which the numbers of ``target`` add up to ``value``, if there is one."""
        touched = self._parts.touched
        part = self._parts.around({block for at in target for block in touched[at]})
        while True:
            model = self._model(part)
            if model is None:
                return Outcome("limit")
            outcome = self._solved(model, target, value, stays=True)
            if outcome.found == "found":
                return outcome
            if self._solved(model, target, value, stays=False).found == "none":
                return Outcome("none")
            wider = self._parts.wider(part)
            if wider == part:
                return Outcome("limit")
            part = wider

    def gives_away(self, target: Expression, value: int, kept: Collection[int] = ()) -> list[int]:
        """Return shown numbers without which the value would be possible; none if nothing would do.

        Those of least disturbance: the sum of what they would be off by.

        Parameters
        ----------
        kept : collection of int
            Numbers that cannot be hidden.
        """
        part = self._parts.around({block for at in target for block in self._parts.touched[at]})
        while True:
            model = self._model(part)
            off = [] if model is None else self._disturbed(model, target, value, kept)
            wider = self._parts.wider(part)
            if off or model is None or wider == part:
                return off
            part = wider

    def _model(self, part: Part) -> Model | None:
        if part not in self._models:
            self._models[part] = build_model(self._parts, part)
        return self._models[part]

    def _disturbed(self, model: Model, target: Expression, value: int, kept: Collection[int]) -> list[int]:
        low, high = self._bounds(model)
        row, wanted = self._aim(model, target, value)
        may = [
            p for p, at in enumerate(model.numbers) if self.numbers[at].shown is not None and at not in kept
        ]
        size, more = len(model.upper), 2 * len(may)
        off = sparse.csr_matrix((np.ones(len(may)), (may, range(len(may)))), (len(low), len(may)))
        columns = {
            "numbers": sparse.hstack([off, -off]),
            "limits": sparse.csr_matrix((model.limits.shape[0], more)),
            "stays": sparse.csr_matrix((model.stays.shape[0], more)),
        }
        constraints = [
            LinearConstraint(sparse.hstack([model.matrix, columns["numbers"]]), low, high),
            LinearConstraint(np.hstack([row, np.zeros((1, more))]), wanted, wanted),
            LinearConstraint(sparse.hstack([model.limits, columns["limits"]]), model.low, model.high),
            LinearConstraint(sparse.hstack([model.stays, columns["stays"]]), model.stay, model.stay),
        ]
        result = milp(
            np.concatenate([np.zeros(size), np.ones(more)]),
            constraints=[one for one in constraints if one.A.shape[0]],
            integrality=np.ones(size + more),
            bounds=Bounds(0, np.concatenate([model.upper, np.full(more, np.inf)])),
            options={"time_limit": self.seconds},
        )
        if result.x is None:
            return []
        used = np.round(result.x[size:]).reshape(2, -1).sum(axis=0)
        return [int(model.numbers[p]) for p, by in zip(may, used, strict=True) if by]

    @cached_property
    def counts(self) -> np.ndarray:
        """Every number, as the people are."""
        return self.count(self.people.rows)

    def count(self, rows: pd.DataFrame) -> np.ndarray:
        """Count every number in a population, condition by condition: nothing of the model is used."""
        return self._counted(rows, np.ones(len(rows), dtype=bool))

    def is_witness(self, numbers: np.ndarray) -> bool:
        """Say whether counts agree with everything that readers know."""
        low, high = self._limits.T
        return bool(((low <= numbers) & (numbers <= high)).all())

    @cached_property
    def _parts(self) -> Parts:
        return Parts(self.people, self.numbers, self.answers)

    @cached_property
    def _limits(self) -> np.ndarray:
        return np.array([number.bounds for number in self.numbers], dtype=float).reshape(-1, 2)

    @cached_property
    def _known(self) -> np.ndarray:
        """What the people that the reader knows contribute to each number."""
        fixed = self.people.fixed
        return self._counted(self.people.rows[fixed], fixed)

    def _stands_in(self, state: str) -> np.ndarray:
        told = {name: kind.stands_in(state) for name, kind in self.people.kinds.items()}
        return np.array([told[name] for name in self.people.kind], dtype=bool)

    def _counted(self, rows: pd.DataFrame, at: np.ndarray) -> np.ndarray:
        held: dict[object, np.ndarray] = {}
        for condition in {c for number in self.numbers for c in number.where}:
            column, codes = condition
            if column not in held:
                held[column] = np.asarray(rows[column], dtype=object)
            held[condition] = np.array([code in codes for code in held[column]], dtype=bool)
        of_state = {s: self._stands_in(s)[at] for s in {n.state for n in self.numbers}}
        counted = (
            np.logical_and.reduce([of_state[n.state], *(held[c] for c in n.where)]) for n in self.numbers
        )
        weight = self.people.weight[at]
        return np.array([weight[who].sum() for who in counted], dtype=np.int64)

    def _solved(self, model: Model, target: Expression, value: int, *, stays: bool) -> Outcome:
        low, high = self._bounds(model)
        row, wanted = self._aim(model, target, value)
        constraints = [
            LinearConstraint(model.matrix, low, high),
            LinearConstraint(row, wanted, wanted),
            LinearConstraint(model.limits, model.low, model.high),
        ]
        if stays:
            constraints.append(LinearConstraint(model.stays, model.stay, model.stay))
        size = len(model.upper)
        result = milp(
            np.zeros(size),
            constraints=[one for one in constraints if one.A.shape[0]],
            integrality=np.ones(size),
            bounds=Bounds(0, model.upper),
            options={"time_limit": self.seconds},
        )
        if result.x is None or not stays:
            return Outcome("none" if result.status == _INFEASIBLE else "limit")
        rows = self._dealt_out(model, np.round(result.x).astype(np.int64))
        counts = self.count(rows)
        reached = sum(times * counts[at] for at, times in target.items())
        # The model is not trusted: what it gives is counted like any population.
        is_sound = reached == value and self.is_witness(counts)
        return Outcome("found", counts, rows) if is_sound else Outcome("limit")

    def _bounds(self, model: Model) -> tuple[np.ndarray, np.ndarray]:
        """Return what readers know of the model's numbers, less what the people known to them contribute."""
        low, high = (self._limits - self._known[:, None])[model.numbers].T
        return low, high

    def _aim(self, model: Model, target: Expression, value: int) -> tuple[np.ndarray, float]:
        place = {at: row for row, at in enumerate(model.numbers.tolist())}
        row, wanted = np.zeros((1, len(model.upper))), float(value)
        for at, times in target.items():
            row += times * model.matrix[[place[at]]].toarray()
            wanted -= times * self._known[at]
        return row, wanted

    def _dealt_out(self, model: Model, solution: np.ndarray) -> pd.DataFrame:
        """Return the people, each with the answers of the class that it now is in."""
        people = self.people.rows
        columns = {str(name): people[name].to_numpy(dtype=object).copy() for name in people}
        here = self._parts.seen_of_people(model.views)
        for made, start in zip(model.classes, model.starts, strict=True):
            movable = self.people.movable(made.kind)
            class_of = np.full(len(movable), -1)
            for look in {tuple(look) for look in here[movable].tolist()}:
                persons = np.nonzero(movable & (here == look).all(axis=1))[0]
                same = np.nonzero((made.seen == look).all(axis=1))[0]
                class_of[persons] = np.repeat(same, solution[start + same])
            for place in np.unique(class_of[class_of >= 0]):
                for name, code in self._parts.spelled_out(made.people[place]).items():
                    if name in columns:
                        columns[name][class_of == place] = code
            self._deal_yeses(columns, [y for y in model.yeses if y.classes is made], class_of, solution)
        return pd.DataFrame(columns)

    def _deal_yeses(
        self, columns: dict[str, np.ndarray], yeses: Sequence, class_of: np.ndarray, solution: np.ndarray
    ) -> None:
        """Give the yeses of each group to its persons in turn, so that whoever answered has at least one."""
        dealt: dict[tuple[str, bytes], int] = {}
        for each in yeses:
            persons = np.nonzero(np.isin(class_of, each.group))[0]
            key = question_of(each.column), each.group.tobytes()
            first, count = dealt.get(key, 0), int(solution[each.variable])
            columns[each.column][persons] = "no"
            if count:
                columns[each.column][persons[(first + np.arange(count)) % len(persons)]] = "yes"
            dealt[key] = first + count
