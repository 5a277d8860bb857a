"""What follows from clean answers: gaps that other answers of the row close, and variables nobody is asked.

Enters: combined rows whose code columns are categorical. Leaves: the same rows, filled or with the derived
variables, and a record of each filling. Only three gaps close: an age band follows from the age in years, the
origin group from the country (by EU membership of the year), and no child lives anywhere if there are none.
"""

from __future__ import annotations

from functools import cache
from itertools import product
from typing import Any

import numpy as np
import pandas as pd

from platform_utils.spec import codebook
from platform_utils.spec.codebook import SPECIAL_CODES, Derived
from platform_utils.spec.returns import RECODES

_PLACES = ("children_with_person", "children_home_country", "children_in_care", "children_elsewhere")


def derive(rows: pd.DataFrame, year: int) -> pd.DataFrame:
    """Return rows with the derived variables whose sources they have, after those of the form.

    A special code stays what it is; of two sources that are special in different ways, ``not_asked`` decides,
    else the result is ``unknown``.

    Parameters
    ----------
    year : int
        Support year; decides parents that have changed.
    """
    known: dict[str, Any] = {}
    for rule in codebook.load().derived:
        if rule.name in rows.columns or not all(
            name in rows.columns or name in known for name in rule.sources
        ):
            continue
        sources = [known[name] if name in known else rows[name].array for name in rule.sources]
        values, table = _table(rule.name, year, tuple(tuple(source.categories) for source in sources))
        # every combination of source codes was looked up once; a row's combination is a number in mixed base
        positions = np.zeros(len(rows), np.int64)
        for source in sources:
            positions = positions * len(source.categories) + source.codes
        known[rule.name] = pd.Categorical.from_codes(
            np.asarray(table)[positions], dtype=pd.CategoricalDtype(pd.Index(values, dtype="str"))
        )
    return rows.assign(**known)


@cache
def _table(
    name: str, year: int, sources: tuple[tuple[str, ...], ...]
) -> tuple[tuple[str, ...], tuple[int, ...]]:
    """Return the values of a derived variable, and which of them each combination of sources gives."""
    book = codebook.load()
    rule = next(rule for rule in book.derived if rule.name == name)
    values = (*(code.code for code in book.codes(rule)), *SPECIAL_CODES)
    found = [_value(rule, combination, year) for combination in product(*sources)]
    return values, tuple(values.index(value) for value in found)


def _value(rule: Derived, answers: tuple[str, ...], year: int) -> str:
    if rule.by == "pairs":
        for first, second, code in rule.pairs:
            if first in (answers[0], "*") and second in (answers[1], "*"):
                return code
        specials = set(answers) & set(SPECIAL_CODES)
        if specials == set(answers) and len(specials) == 1:
            return answers[0]
        return "not_asked" if "not_asked" in specials else "unknown"
    answer = answers[0]
    if answer in SPECIAL_CODES:
        return answer
    if rule.by == "map":
        return rule.mapping[answer]
    book = codebook.load()
    return book.code(book.variable(rule.sources[0]), answer).parent_in(year)


def fill_from_answers(case: pd.DataFrame, year: int) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return person rows with what other answers imply, and what was filled.

    Parameters
    ----------
    case : DataFrame
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
    notes = [pd.DataFrame(columns=list(RECODES))]
    _fill_age_band(case, filled, notes)
    _fill_origin_group(case, year, filled, notes)
    _fill_children(case, filled, notes)
    recodes = pd.concat([note.astype(RECODES) for note in notes], ignore_index=True)
    return case.assign(**filled), recodes


def _fill_age_band(case: pd.DataFrame, filled: dict[str, Any], notes: list[pd.DataFrame]) -> None:
    rows = (case["age_band"].isin(["blank", "not_asked"]) & case["age_years"].notna()).to_numpy()
    if not rows.any():
        return
    years = case.loc[rows, "age_years"].astype("int64").to_numpy()
    book = codebook.load()
    # bands with a parent are narrow; the others stand for all children or all adults
    lowest = {code.code: book.ages[code.code][0] for code in book.lists["age_band"] if code.parent}
    place = np.searchsorted(list(lowest.values()), years, side="right") - 1
    bands = np.array(list(lowest), object)[place]
    filled["age_band"] = _put(case["age_band"], rows, bands)
    notes.append(_note(case, rows, "age_band", [f"← age_years {number}" for number in years], bands))


def _fill_origin_group(
    case: pd.DataFrame, year: int, filled: dict[str, Any], notes: list[pd.DataFrame]
) -> None:
    book = codebook.load()
    parents = {code.code: code.parent_in(year) for code in book.codes(book.variable("origin_country"))}
    known = case["origin_country"].astype("str")
    follows = known.map(parents).astype("str")
    rows = (known.isin(list(parents)) & (case["origin_group"].astype("str") != follows)).to_numpy()
    if not rows.any():
        return
    groups = follows[rows].to_numpy(dtype=object)
    filled["origin_group"] = _put(case["origin_group"], rows, groups)
    notes.append(_note(case, rows, "origin_group", ("← origin_country " + known[rows]).tolist(), groups))


def _fill_children(case: pd.DataFrame, filled: dict[str, Any], notes: list[pd.DataFrame]) -> None:
    none = case["children_count"].eq(0).fillna(False).to_numpy(dtype=bool)
    for place in _PLACES:
        status = case[f"{place}_status"]
        rows = none & (status == "blank").to_numpy()
        if rows.any():
            filled[place] = case[place].mask(rows, 0)
            filled[f"{place}_status"] = _put(status, rows, np.full(rows.sum(), "given", object))
            notes.append(_note(case, rows, place, "← children_count 0", "0"))


def _put(column: pd.Series, rows: np.ndarray, codes: np.ndarray) -> pd.Categorical:
    positions = column.cat.codes.to_numpy().copy()
    positions[rows] = column.cat.categories.get_indexer(pd.Index(codes, dtype="str"))
    return pd.Categorical.from_codes(positions, dtype=column.array.dtype)


def _note(case: pd.DataFrame, rows: np.ndarray, variable: str, raw: Any, code: Any) -> pd.DataFrame:
    found = pd.DataFrame({"file": case.loc[rows, "file"].to_numpy(), "variable": variable})
    found = found.assign(raw=raw, code=code).astype("str")
    return found.groupby(["file", "variable", "raw", "code"], sort=True).size().rename("rows").reset_index()
