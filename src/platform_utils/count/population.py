"""The persons of a year in one frame, and who of them belongs to a population.

Enters: a clean year. Leaves: rows with every code a table counts by. Members that hand in totals only
are rows with their sex and age; what their form does not ask is ``not_asked``, so that every table of a
population has the same total.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

import pandas as pd

from platform_utils.spec import codebook
from platform_utils.spec.clean import CleanYear
from platform_utils.spec.codebook import SPECIAL_CODES, Derived
from platform_utils.spec.plan import Population

__all__ = ["BEHIND", "is_defined", "members_in", "persons", "select", "with_behind"]

BEHIND = "behind"
"""Column that names who stands behind a row, where that is not to be the member."""

_GROUPS = {"child": "child", "adult": "adult_unspecified"}
"""What a totals-only form says of age: a child is under 18, an adult's band is not given."""


def persons(clean: CleanYear, panel: Collection[str] = ()) -> pd.DataFrame:
    """Return one row per person (or mass case) with every code that tables count by.

    Parameters
    ----------
    clean : CleanYear
        The year.
    panel : collection of str
        Members that handed in both this year and the one it is compared with.

    Returns
    -------
    DataFrame, shape (n_rows, n_columns)
        The clean case columns and those of totals-only returns, with ``mass_case``, ``has_children`` and
        ``panel``; ``is_total`` (bool) marks rows that stand for a cell of a totals-only return.
    """
    totals = _from_totals(clean).assign(is_total=True)
    rows = pd.concat([clean.case.assign(is_total=False), totals], ignore_index=True)
    count = rows["person_count"].astype("Int64").fillna(1).astype("int64")
    return rows.assign(
        person_count=count,
        mass_case=(count.gt(1) & ~rows["is_total"]).map({True: "yes", False: "no"}).astype("str"),
        has_children=_has_children(rows),
        panel=rows["member_id"].isin(panel).map({True: "same", False: "other"}).astype("str"),
    )


def select(rows: pd.DataFrame, population: Population) -> pd.DataFrame:
    """Return the rows that belong to a population; none if the year did not ask what defines it."""
    chosen = pd.Series(True, index=rows.index)
    for column, code in population.where.items():
        chosen &= rows[column].eq(code) if column in rows.columns else False
    return rows[chosen]


def is_defined(rows: pd.DataFrame, population: Population) -> bool:
    """Say whether the year asked what marks a population, such as having left."""
    answered = rows[~rows["is_total"].astype(bool)]
    return all(
        column in rows.columns and (not len(answered) or bool(answered[column].ne("not_asked").any()))
        for column in population.where
    )


def with_behind(rows: pd.DataFrame) -> pd.DataFrame:
    """Return rows whose member is whoever stands behind them, if they say so."""
    return rows.assign(member_id=rows[BEHIND]) if BEHIND in rows.columns else rows


def members_in(clean: CleanYear) -> frozenset[str]:
    """Return the members that handed in a return."""
    members = clean.member_year
    return frozenset(members.loc[members["has_returned"].astype(bool), "member_id"])


def _from_totals(clean: CleanYear) -> pd.DataFrame:
    case, total = clean.case, clean.total
    filler = {column: _nothing(case[column].dtype) for column in case.columns if column not in total.columns}
    rows = total.assign(**filler)
    pairs = codebook.load().variable("sex_by_age")
    if isinstance(pairs, Derived) and len(rows):
        groups = rows["adult_or_child"].map(lambda code: _GROUPS.get(code, "not_asked"))
        rows = rows.assign(sex_by_age=_paired(rows, pairs), age_group=groups.astype("str"))
    return rows[list(case.columns)].astype(case.dtypes.to_dict())


def _has_children(rows: pd.DataFrame) -> pd.Series:
    children = rows["children_count"].astype("Int64")
    answer = children.gt(0).fillna(False).astype(bool).map({True: "yes", False: "no"}).astype("str")
    status = rows.get("children_count_status", pd.Series("blank", index=rows.index))
    special = status.where(status.isin(SPECIAL_CODES), "blank")
    return answer.mask(children.isna(), special).mask(rows["is_total"].astype(bool), "not_asked")


def _nothing(dtype: Any) -> Any:
    """Return what a totals-only form says in a column that it lacks."""
    if isinstance(dtype, pd.Int64Dtype):
        return pd.NA
    return 0 if pd.api.types.is_numeric_dtype(dtype) else "not_asked"


def _paired(rows: pd.DataFrame, rule: Derived) -> pd.Series:
    first, second = rule.sources
    result = pd.Series("unknown", index=rows.index, dtype="str")
    for one, two, code in reversed(rule.pairs):
        fits = (rows[first].eq(one) | (one == "*")) & (rows[second].eq(two) | (two == "*"))
        result = result.mask(fits, code)
    for special in ("blank", "not_asked"):
        result = result.mask(rows[first].eq(special) & rows[second].eq(special), special)
    return result
