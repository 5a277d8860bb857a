"""The persons behind the tables, as far as the tables ask: one row a person, one code a column.

Enters: person rows of a year. Leaves: people, in kinds. Those of totals-only returns have answers to what
their form asks only; a large case is many persons who always go together.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from platform_utils.protect.witness.answers import ANSWERED, Answers, Kind, Rule
from platform_utils.spec.codebook import SPECIAL_CODES, load
from platform_utils.spec.counts import NOT_ASKED

__all__ = ["FREE", "TOTALS", "People", "people_of"]

FREE, TOTALS = "free", "totals"
_GROUPS = {"child": "child", "adult": "adult_unspecified"}
"""What a totals-only form says of age."""
_BY_TOTALS: Mapping[str, Rule | None] = {
    "adult_or_child": None,
    "age_group": Rule("age_group", ("adult_or_child",), lambda said: _GROUPS.get(said[0], NOT_ASKED)),
}


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

    @property
    def weight(self) -> np.ndarray:
        """Persons in each row."""
        return np.array([self.kinds[name].weight for name in self.kind], dtype=np.int64)

    def movable(self, kind: str) -> np.ndarray:
        """Say which rows are of a kind and not known to the reader."""
        return (self.kind == kind) & ~self.fixed


def people_of(
    persons: pd.DataFrame, answers: Answers, used: Collection[str], known_to: str | None = None
) -> People:
    """Return the persons of a year, those of totals-only returns one by one.

    Parameters
    ----------
    persons : DataFrame
        A row per person, large case, or group of a totals-only return: ``person_count`` and ``is_total`` say
        which.
    used : collection of str
        Questions that tables ask.
    known_to : str, optional
        Member that knows its own rows.
    """
    totals = persons["is_total"].astype(bool).to_numpy()
    count = persons["person_count"].astype("int64").to_numpy()
    repeat = np.where(totals, count, 1)
    at = np.repeat(np.arange(len(persons)), repeat)
    columns: dict[str, np.ndarray] = {}
    for name in sorted(used):
        if name in answers.multiple:
            own = [column for column in answers.multiple[name] if column in persons.columns]
            columns[name] = _state(persons[own]).to_numpy(dtype=object)[at]
            missing = {c: np.full(len(at), NOT_ASKED, object) for c in answers.multiple[name]}
            columns |= missing | {c: persons[c].astype("str").to_numpy(dtype=object)[at] for c in own}
        elif name in persons.columns:
            columns[name] = persons[name].astype("str").to_numpy(dtype=object)[at]
        else:
            columns[name] = np.full(len(at), NOT_ASKED, object)
    asked = (
        {variable.name for variable in load().of_grain("total")}
        | set(_BY_TOTALS)
        | {"sex_by_age", "panel", "panel_next"}
    )
    constant = dict.fromkeys(answers.codes.keys() - asked, NOT_ASKED) | {"mass_case": "no"}
    kinds = {FREE: Kind(FREE, only={"mass_case": "no"}), TOTALS: Kind(TOTALS, 1, constant, _BY_TOTALS)}
    kind = np.where(totals[at], TOTALS, FREE).astype(object)
    for place in np.nonzero(~totals[at] & (count[at] > 1))[0]:
        name = f"large {place}"
        kinds[name] = Kind(name, int(count[at][place]), {"mass_case": "yes"})
        kind[place] = name
    member = persons.get("member_id", pd.Series("", index=persons.index)).astype("str").to_numpy()[at]
    return People(pd.DataFrame(columns), kinds, kind, member == known_to)


def _state(own: pd.DataFrame) -> pd.Series:
    """Return whether a multi-select question was answered, else how not."""
    state = pd.Series("", index=own.index, dtype="str")
    for code in (*reversed(SPECIAL_CODES),):
        state = state.mask((own == code).any(axis=1), code)
    return state.mask((own == "yes").any(axis=1), ANSWERED)
