"""One person whom the same member has returned twice becomes one row.

Enters: combined person rows. Leaves: each person once, what was merged, and what is held because two rows
contradict each other. The first row by file, sheet and row stays; its gaps are filled from the others.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from platform_utils.spec.codebook import SPECIAL_CODES
from platform_utils.spec.returns import PROVENANCE, Finding

__all__ = ["Merged", "merge_persons"]


@dataclass(frozen=True)
class Merged:
    """Person rows, each person once.

    Parameters
    ----------
    case : DataFrame
        Rows that are left.
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
    """Merge rows with the same member and person code.

    Parameters
    ----------
    case : DataFrame, shape (n_rows, n_columns)
        Combined person rows, sorted.

    Returns
    -------
    Merged
        An answer beats ``unknown``, which beats ``blank``, which beats ``not_asked``. Two different answers
        to one question are a contradiction: all rows of that person are held.
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
    low = np.full(group.max() + 1, np.iinfo(np.int64).max)
    high = np.full(group.max() + 1, -1)
    np.minimum.at(low, group[given], answer[given])
    np.maximum.at(high, group[given], answer[given])
    return (high >= 0) & (low != high)


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
