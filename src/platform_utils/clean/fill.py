"""What follows from another answer of the same row, and only that: each filling is recorded.

Enters: combined person rows. Leaves: the rows with three gaps closed, and the recodes. An age band follows
from the age in years; the origin group from the country, by EU membership of the year; no child lives
anywhere if there are no children.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from platform_utils.spec import codebook
from platform_utils.spec.codebook import Variable

__all__ = ["fill_from_answers"]

_BANDS = (
    (0, "0_5"),
    (6, "6_12"),
    (13, "13_15"),
    (16, "16_17"),
    (18, "18_26"),
    (27, "27_35"),
    (36, "36_50"),
    (51, "51_plus"),
)
_PLACES = ("children_with_person", "children_home_country", "children_in_care", "children_elsewhere")


def fill_from_answers(case: pd.DataFrame, year: int) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return person rows with what other answers imply, and what was filled.

    Parameters
    ----------
    case : DataFrame, shape (n_rows, n_columns)
        Combined person rows.
    year : int
        Support year; decides EU membership.

    Returns
    -------
    case : DataFrame, shape (n_rows, n_columns)
    recodes : DataFrame, shape (n_recodes, 5)
        ``raw`` names the answer that decided, as in ``"← age_years 17"``.
    """
    filled: dict[str, Any] = {}
    notes: list[pd.DataFrame] = []
    _age_band(case, filled, notes)
    _origin_group(case, year, filled, notes)
    _children(case, filled, notes)
    empty = {name: pd.Series([], dtype="str") for name in ("file", "variable", "raw", "code")}
    recodes = pd.concat(
        [pd.DataFrame(empty | {"rows": pd.Series([], dtype="int64")}), *notes], ignore_index=True
    )
    return (case.assign(**filled) if filled else case), recodes


def _age_band(case: pd.DataFrame, filled: dict[str, Any], notes: list[pd.DataFrame]) -> None:
    rows = (case["age_band"].isin(["blank", "not_asked"]) & case["age_years"].notna()).to_numpy()
    if not rows.any():
        return
    years = case.loc[rows, "age_years"].astype("int64").to_numpy()
    lowest = np.array([low for low, _ in _BANDS])
    bands = np.array([band for _, band in _BANDS], object)[np.searchsorted(lowest, years, side="right") - 1]
    filled["age_band"] = _put(case["age_band"], rows, bands)
    notes.append(_note(case, rows, "age_band", [f"← age_years {number}" for number in years], bands))


def _origin_group(case: pd.DataFrame, year: int, filled: dict[str, Any], notes: list[pd.DataFrame]) -> None:
    variable = codebook.load().variable("origin_country")
    countries = codebook.load().codes(variable) if isinstance(variable, Variable) else ()
    parents = {code.code: code.parent_in(year) for code in countries}
    known = case["origin_country"].astype("str")
    follows = known.map(parents).astype("str")
    rows = (known.isin(list(parents)) & (case["origin_group"].astype("str") != follows)).to_numpy()
    if not rows.any():
        return
    groups = follows[rows].to_numpy(dtype=object)
    filled["origin_group"] = _put(case["origin_group"], rows, groups)
    notes.append(_note(case, rows, "origin_group", ("← origin_country " + known[rows]).tolist(), groups))


def _children(case: pd.DataFrame, filled: dict[str, Any], notes: list[pd.DataFrame]) -> None:
    none = case["children_count"].eq(0).fillna(False).to_numpy(dtype=bool)
    for place in _PLACES:
        rows = none & (case[f"{place}_status"] == "blank").to_numpy()
        if rows.any():
            filled[place] = case[place].mask(rows, 0)
            filled[f"{place}_status"] = _put(
                case[f"{place}_status"], rows, np.full(rows.sum(), "given", object)
            )
            zeros = np.full(rows.sum(), "0", object)
            notes.append(_note(case, rows, place, ["← children_count 0"] * int(rows.sum()), zeros))


def _put(column: pd.Series, rows: np.ndarray, codes: np.ndarray) -> pd.Categorical:
    positions = column.cat.codes.to_numpy().copy()
    positions[rows] = column.cat.categories.get_indexer(pd.Index(codes, dtype="str"))
    return pd.Categorical.from_codes(positions, dtype=column.array.dtype)


def _note(
    case: pd.DataFrame, rows: np.ndarray, variable: str, raw: list[str], codes: np.ndarray
) -> pd.DataFrame:
    found = pd.DataFrame(
        {"file": case.loc[rows, "file"].to_numpy(), "variable": variable, "raw": raw, "code": codes}
    )
    found = found.astype("str")
    return found.groupby(["file", "variable", "raw", "code"], sort=True).size().rename("rows").reset_index()
