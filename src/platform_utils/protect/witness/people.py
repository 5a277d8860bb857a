"""The persons behind the tables, as far as the tables ask: one row a person, one code a column.

Enters: rows of a year, in each state that tables were counted from. Leaves: people, in kinds. Those of
totals-only returns have answers to what their form asks only; a large case is many persons who always go
together. Who said the same in several states is one person; of others one stands in the one state and one in
the other, so that a reader may even know, but for a few, how many came and went.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property

import numpy as np
import pandas as pd

from platform_utils.protect.editions import LEAST_MOVED
from platform_utils.protect.witness.answers import ANSWERED, BY_TOTALS, Answers, Condition, Kind
from platform_utils.spec.codebook import SPECIAL_CODES, load
from platform_utils.spec.counts import NOT_ASKED
from platform_utils.spec.plan import load_plan

FREE, TOTALS = "free", "totals"
NOW = "now"
"""The state of the rows that are at hand; others are named by what was released of them."""
MEMBER, _KIND = " member", " kind"


@dataclass(frozen=True)
class Population:
    """What everybody answers, column by column; what it shares with another population is looked at there.

    Attributes
    ----------
    like : Population, optional
        One of as many persons that differs from it in a few columns.
    """

    told: Mapping[str, np.ndarray]
    like: Population | None = None
    _held: dict[Condition, np.ndarray] = field(default_factory=dict, init=False)

    def holds(self, condition: Condition) -> np.ndarray:
        """Say whose answer in a column is one of some codes."""
        if self.like is not None and condition[0] not in self.changed:
            return self.like.holds(condition)
        if condition not in self._held:
            self._held[condition] = np.isin(self.told[condition[0]], list(condition[1]))
        return self._held[condition]

    @cached_property
    def changed(self) -> frozenset[str]:
        """Columns of its own: in the others everybody answers as in the population it is like."""
        before = self.like.told if self.like else {}
        return frozenset(c for c in self.told if self.told[c] is not before.get(c))


@dataclass(frozen=True)
class People:
    """Persons, or other things that are counted one by one.

    Attributes
    ----------
    rows : DataFrame
        A column of codes for each question, and for each code of a multi-select question.
    kind : array of str
        Kind of each row.
    fixed : array of bool
        Rows that the reader knows.
    """

    rows: pd.DataFrame
    kinds: Mapping[str, Kind]
    kind: np.ndarray
    fixed: np.ndarray

    @cached_property
    def answers(self) -> Population:
        """What they answer."""
        return Population({str(name): self.rows[name].to_numpy(dtype=object) for name in self.rows})

    @cached_property
    def weight(self) -> np.ndarray:
        """Persons in each row."""
        return np.array([self.kinds[name].weight for name in self.kind], dtype=np.int64)

    def movable(self, kind: str) -> np.ndarray:
        """Say which rows are of a kind and not known to the reader."""
        return (self.kind == kind) & ~self.fixed

    def joined_by(self, number: int, there: str) -> People:
        """Return people who say whether they are there, and some more like them who are not."""
        alike = np.resize(np.flatnonzero(self.weight == 1), number)
        rows = pd.concat([self.rows, self.rows.iloc[alike]], ignore_index=True)
        said = np.where(np.arange(len(rows)) < len(self.rows), "yes", "no").astype(object)
        kind, fixed = (np.concatenate([own, own[alike]]) for own in (self.kind, self.fixed))
        return People(rows.assign(**{there: said}), self.kinds, kind, fixed)

    def known_to(self, member: str) -> People:
        """Return the same people for a reader inside a member."""
        return replace(self, fixed=(self.rows[MEMBER] == member).to_numpy())


def people_of(states: Mapping[str, pd.DataFrame], answers: Answers, used: Collection[str]) -> People:
    """Return the persons of a year, those of totals-only returns one by one.

    Parameters
    ----------
    states : mapping of str to DataFrame
        By state, a row per person, large case, or group of a totals-only return: ``person_count`` and
        ``is_total`` say which.
    used : collection of str
        Questions that tables ask.
    """
    told = {state: _told(rows, answers, sorted(used)) for state, rows in states.items()}
    columns = list(next(iter(told.values())).columns)
    # The same answers at the same member, the first time, the second time … : the same person.
    every = pd.concat([f.assign(state=s, at=f.groupby(columns).cumcount()) for s, f in told.items()])
    rows = every.groupby([*columns, "at"], sort=False)["state"].agg(" ".join).reset_index()
    if len(told) > 1:
        rows = _some_apart(rows, " ".join(told))
    asked = {
        *(variable.name for variable in load().of_grain("total")),
        *BY_TOTALS,
        *("sex_by_age", "panel", "panel_next"),
    }
    constant = dict.fromkeys(answers.codes.keys() - asked, NOT_ASKED) | {"mass_case": "no"}
    kinds: dict[str, Kind] = {}
    names = []
    for at, (state, size) in enumerate(zip(rows["state"], rows[_KIND], strict=True)):
        base = FREE if size == 1 else TOTALS if not size else f"large {at}"
        name = base if len(states) == 1 else f"{base} {state}"
        among = frozenset(state.split()) if len(states) > 1 else None
        if not size:
            kinds[name] = Kind(name, 1, constant, BY_TOTALS, among, of_totals=True)
        else:
            is_large = size >= load_plan().large_from
            kinds[name] = Kind(name, int(size), {"mass_case": "yes" if is_large else "no"}, states=among)
        names.append(name)
    kinds = kinds or {FREE: Kind(FREE, only={"mass_case": "no"})}
    kind = np.array(names, dtype=object)
    return People(rows.drop(columns=["state", "at", _KIND]), kinds, kind, np.zeros(len(rows), dtype=bool))


def _some_apart(rows: pd.DataFrame, every: str) -> pd.DataFrame:
    """Return rows in which a few more persons have come and gone than did: nobody is told how many."""
    few = rows[rows["state"].eq(every) & rows[_KIND].eq(1)].index[:LEAST_MOVED]
    return pd.concat(
        [rows.drop(index=few), *(rows.loc[few].assign(state=one) for one in every.split())],
        ignore_index=True,
    )


def people_in(rows: Collection[Mapping[str, str]], columns: Collection[str]) -> People:
    """Return people of whom nothing else is known than these codes."""
    frame = pd.DataFrame(list(rows), columns=list(columns), dtype="object").assign(**{MEMBER: ""})
    size = len(frame)
    return People(frame, {FREE: Kind(FREE)}, np.full(size, FREE, dtype=object), np.zeros(size, dtype=bool))


def _told(persons: pd.DataFrame, answers: Answers, used: Collection[str]) -> pd.DataFrame:
    """Return a row per person or large case with what is asked, its member, and 0 for totals or its size."""
    totals = persons["is_total"].astype(bool).to_numpy()
    count = persons["person_count"].astype("int64").to_numpy()
    at = np.repeat(np.arange(len(persons)), np.where(totals, count, 1))
    columns: dict[str, np.ndarray] = {}
    for name in used:
        if name in answers.multiple:
            own = [column for column in answers.multiple[name] if column in persons.columns]
            columns[name] = _state(persons[own]).to_numpy(dtype=object)[at]
            missing = {c: np.full(len(at), NOT_ASKED, object) for c in answers.multiple[name]}
            columns |= missing | {c: persons[c].astype("str").to_numpy(dtype=object)[at] for c in own}
        elif name in persons.columns:
            columns[name] = persons[name].astype("str").to_numpy(dtype=object)[at]
        else:
            columns[name] = np.full(len(at), NOT_ASKED, object)
    member = persons.get("member_id", pd.Series("", index=persons.index)).astype("str").to_numpy(dtype=object)
    size = np.where(totals, 0, np.maximum(count, 1))
    return pd.DataFrame(columns | {MEMBER: member[at], _KIND: size[at]})


def _state(own: pd.DataFrame) -> pd.Series:
    """Return whether a multi-select question was answered, else how not."""
    state = pd.Series("", index=own.index, dtype="str")
    for code in (*reversed(SPECIAL_CODES),):
        state = state.mask((own == code).any(axis=1), code)
    return state.mask((own == "yes").any(axis=1), ANSWERED)
