"""The same person twice: held where a member has returned it in two files, flagged where two may have.

Enters: combined person rows; a clean year. Leaves: which rows are held; the year with
``is_possible_duplicate``. A personal code per member cannot tell whether two members met the same person; the
flag says how large the question can be at most.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

import numpy as np
import pandas as pd

from platform_utils.spec.clean import CleanYear
from platform_utils.spec.codebook import SPECIAL_CODES
from platform_utils.spec.returns import CheckedReturn, Finding

_KEY = ("role", "sex", "origin_country", "first_contact_quarter", "county")


def repeated_persons(
    case: pd.DataFrame, checked: Iterable[CheckedReturn]
) -> tuple[np.ndarray, tuple[Finding, ...]]:
    """Find persons that one member has returned in two files: a code alone merges nobody.

    Rows of one return that share a code have been judged, and declared, when that return was checked.

    Parameters
    ----------
    case : DataFrame
        Combined person rows, sorted.

    Returns
    -------
    held : ndarray of bool, shape (n_rows,)
    findings : tuple of Finding
        E-310 for each row held, with the place of another one.
    """
    codes = case["person_code"].str.casefold()
    repeated = pd.DataFrame({"member_id": case["member_id"], "code": codes}).duplicated(keep=False)
    held = np.zeros(len(case), bool)
    if not repeated.any():
        return held, ()
    met = Counter(
        (one.member_id, code)
        for one in checked
        if "case" in one.tables
        for code in set(one.tables["case"]["person_code"].str.casefold())
    )
    rows: dict[tuple[str, str], list[int]] = {}
    people = list(zip(case["member_id"].astype("str").tolist(), codes.astype("str").tolist(), strict=True))
    for at in np.flatnonzero(repeated).tolist():
        person = people[at]
        if met[person] > 1:
            rows.setdefault(person, []).append(at)
    found = []
    for same in rows.values():
        held[same] = True
        for at in same:
            other = case.iloc[next(one for one in reversed(same) if one != at)]
            fields = {"grain": "case", "other_file": str(other["file"]), "other_row": int(other["row"])}
            here = case.iloc[at]
            found.append(
                Finding(
                    "E-310",
                    str(here["file"]),
                    str(here["sheet"]),
                    int(here["row"]),
                    "",
                    fields,
                    "person_code",
                )
            )
    return held, tuple(found)


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
