"""The same person twice: merged where one member has returned it twice, flagged where two members may have.

Enters: combined person rows; a clean year. Leaves: each person once, what was merged and what is held
because two rows contradict each other; the year with ``is_possible_duplicate``. A personal code per member
cannot tell whether two members met the same person; the flag says how large the question can be at most.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from platform_utils.spec.clean import CleanYear
from platform_utils.spec.codebook import SPECIAL_CODES
from platform_utils.spec.returns import PROVENANCE, Finding

__all__ = ["flag_duplicates", "merge_persons"]

_KEY = ("role", "sex", "origin_country", "first_contact_quarter", "county")


@dataclass(frozen=True)
class Merged:
    """Person rows, each person once.

    Attributes
    ----------
    merged, held : ndarray of bool, shape (n_rows_before,)
        Rows that went into another one; rows that contradict another one.
    findings : tuple of Finding
        W-311 for rows merged, E-310 for rows held.
    """

    case: pd.DataFrame
    merged: np.ndarray
    held: np.ndarray
    findings: tuple[Finding, ...] = ()


def merge_persons(case: pd.DataFrame) -> Merged:
    """Merge rows with the same member and person code into the first by file, sheet and row.

    An answer beats ``unknown``, which beats ``blank``, which beats ``not_asked``. Two different answers to
    one question are a contradiction: all rows of that person are held.

    Parameters
    ----------
    case : DataFrame
        Combined person rows, sorted.
    """
    nothing = np.zeros(len(case), bool)
    keys = case[["member_id"]].assign(person_code=case["person_code"].str.casefold())
    repeated = keys.duplicated(keep=False).to_numpy()
    if not repeated.any():
        return Merged(case, nothing, nothing)
    at = np.flatnonzero(repeated)
    group = keys[repeated].groupby(["member_id", "person_code"], sort=True).ngroup().to_numpy()
    first = ~keys.duplicated().to_numpy()[at]
    rows = case.iloc[at]
    contradicts = np.zeros(group.max() + 1, bool)
    best: dict[str, np.ndarray] = {}
    for name in case.columns:
        if name in PROVENANCE or name == "person_code" or f"{name}_status" in case.columns:
            continue
        rank, answer = _ranked(rows, name)
        contradicts |= _differ(group, rank, answer)
        # the best answer of a group is the first by rank, then by order of the rows
        order = np.lexsort((np.arange(len(at)), rank, group))
        best[name] = order[np.flatnonzero(np.r_[True, np.diff(group[order]) > 0])]
    held, merged = nothing.copy(), nothing.copy()
    held[at] = contradicts[group]
    merged[at] = ~contradicts[group] & ~first
    filled = case.copy()
    position_of_first = at[first][np.argsort(group[first])]
    for name, chosen in best.items():
        number = name.removesuffix("_status")
        for column in (name, number) if number != name and number in case.columns else (name,):
            if (at[chosen] != position_of_first).any():
                cells = filled[column].array.copy()
                cells[position_of_first] = case[column].array[at[chosen]]
                filled[column] = cells
    findings = _findings(case, at, group, held, merged)
    return Merged(filled[~(held | merged)].reset_index(drop=True), merged, held, findings)


def _ranked(rows: pd.DataFrame, name: str) -> tuple[np.ndarray, np.ndarray]:
    """Return 0 for an answer and 1 … 3 for the special codes, and the answer as a number."""
    number = name.removesuffix("_status")
    values = rows[name].astype("str")
    rank = np.zeros(len(rows), np.int64)
    for position, special in enumerate(SPECIAL_CODES, start=1):
        rank[(values == special).to_numpy()] = position
    if number != name and number in rows.columns:
        return rank, rows[number].fillna(-1).astype("int64").to_numpy()
    return rank, pd.factorize(values)[0]


def _differ(group: np.ndarray, rank: np.ndarray, answer: np.ndarray) -> np.ndarray:
    given = rank == 0
    distinct = pd.Series(answer[given]).groupby(group[given]).nunique()
    return distinct.reindex(range(group.max() + 1), fill_value=0).to_numpy() > 1


def _findings(
    case: pd.DataFrame, at: np.ndarray, group: np.ndarray, held: np.ndarray, merged: np.ndarray
) -> tuple[Finding, ...]:
    """Say for each row that another one stands for the same person, and where the other one is."""
    place = case.loc[at, ["file", "sheet", "row"]].astype({"file": "str", "sheet": "str"})
    places = list(zip(place["file"], place["sheet"], place["row"].tolist(), strict=True))
    of_group: dict[int, list[int]] = {}
    for number, key in enumerate(group.tolist()):
        of_group.setdefault(key, []).append(number)
    found = []
    for number, (position, key) in enumerate(zip(at.tolist(), group.tolist(), strict=True)):
        first, second = of_group[key][:2]
        other_file, _, other_row = places[second if number == first else first]
        file, sheet, row = places[number]
        if held[position] or merged[position]:
            code = "E-310" if held[position] else "W-311"
            fields = {"grain": "case", "other_file": other_file, "other_row": other_row}
            found.append(Finding(code, file, sheet, row, "", fields, "person_code"))
    return tuple(found)


def flag_duplicates(clean: CleanYear) -> CleanYear:
    """Flag rows of two or more members that agree in role, sex, age, country, quarter and county.

    ``case["is_possible_duplicate"]`` becomes True for every row of a group of agreeing rows that at least two
    members returned. Age is the age in years where all of the group give it, else the age band. Rows of
    several persons, and rows that leave any of these questions open, are never flagged; a year that did not
    ask one of them has no flags at all.

    Notes
    -----
    An upper bound for its kind: the rows flagged, less one per group, are the most persons that can have been
    counted twice among rows that answer all six questions. It says nothing about rows that do not, and it
    proves nothing about those that do: agreeing in six answers is common in a large county.
    No row is removed.
    """
    case = clean.case
    if not len(case):
        return clean
    one = case["person_count"].eq(1).fillna(False).to_numpy(dtype=bool)
    complete = one & ~case[[*_KEY, "age_band"]].isin(SPECIAL_CODES).any(axis=1).to_numpy()
    rows = case.loc[complete, [*_KEY, "age_band", "age_years", "member_id"]]
    by_band = _across_members(rows, [*_KEY, "age_band"])
    differing = rows["age_years"].notna() & ~_across_members(
        rows.assign(age_years=rows["age_years"].astype("str")), [*_KEY, "age_band", "age_years"]
    )
    open_age = by_band & rows["age_years"].isna()
    with_open = rows.assign(is_open=open_age).groupby([*_KEY, "age_band"])["is_open"].transform("any")
    flag = pd.Series(False, index=case.index)
    flag[rows.index] = by_band & (~differing | with_open)
    return clean.with_tables(case=case.assign(is_possible_duplicate=flag.to_numpy(dtype=bool)))


def _across_members(rows: pd.DataFrame, key: list[str]) -> pd.Series:
    return rows.groupby(key, dropna=False)["member_id"].transform("nunique").gt(1)
