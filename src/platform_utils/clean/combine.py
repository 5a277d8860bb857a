"""Put the accepted rows of all returns under each other, in one order whatever order they came in.

Enters: checked returns. Leaves: one table per grain, with every column that the year's tables have.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache
from typing import Any

import numpy as np
import pandas as pd

from platform_utils.spec import codebook
from platform_utils.spec.codebook import SPECIAL_CODES
from platform_utils.spec.returns import PROVENANCE, CheckedReturn

__all__ = ["SORTED_BY", "combine", "dtypes_of"]

SORTED_BY = ("member_id", "file", "sheet", "row")
"""Order of the rows of every clean table."""


def combine(checked: Iterable[CheckedReturn], grain: str) -> pd.DataFrame:
    """Return the accepted rows of one grain, sorted by member, file, sheet and row.

    Parameters
    ----------
    checked : iterable of CheckedReturn
        In any order.
    grain : str
        Which rows.

    Returns
    -------
    DataFrame, shape (n_rows, n_columns)
        Categorical codes, ``Int64`` numbers with their status, ``str`` identifiers and provenance; empty
        with all columns if nobody handed any in.
    """
    wanted = dtypes_of(grain)
    tables = [one.tables[grain] for one in checked if grain in one.tables and len(one.tables[grain])]
    rows = pd.concat(tables, ignore_index=True) if tables else pd.DataFrame({name: [] for name in wanted})
    types = dict(zip(rows.columns, rows.dtypes, strict=True))
    differing = {name: dtype for name, dtype in wanted.items() if types[name] != dtype}
    rows = rows.astype(differing) if differing else rows
    rows = rows if list(types) == list(wanted) else rows.loc[:, list(wanted)]
    if _is_sorted(rows):
        return rows
    return rows.sort_values(list(SORTED_BY), kind="stable", ignore_index=True)


@cache
def dtypes_of(grain: str) -> dict[str, Any]:
    """Return the columns of a combined table with their types, in codebook order."""
    book = codebook.load()
    types: dict[str, Any] = {}
    numbers = pd.CategoricalDtype(pd.Index(["given", *SPECIAL_CODES], dtype="str"))
    for name, (variable, code) in book.grain_columns(grain).items():
        if variable.is_number:
            types[name] = pd.Int64Dtype()
            types[f"{name}_status"] = numbers
        elif variable.kind == "text_code":
            types[name] = pd.StringDtype(na_value=float("nan"))
        else:
            codes = book.lists["yes_no"] if code is not None else book.codes(variable)
            types[name] = pd.CategoricalDtype(
                pd.Index([c.code for c in codes] + list(SPECIAL_CODES), dtype="str")
            )
    text = pd.StringDtype(na_value=float("nan"))
    whole = pd.Series([0], dtype="int64").dtype
    return types | {name: whole if name in ("year", "row") else text for name in PROVENANCE}


def _is_sorted(rows: pd.DataFrame) -> bool:
    """Say whether the rows stand in their order already, as they do where each return is one sheet."""
    if len(rows) < 2:
        return True
    later = np.zeros(len(rows) - 1, bool)
    same = np.ones(len(rows) - 1, bool)
    for name in SORTED_BY:
        values, texts = rows[name].to_numpy(), None
        if values.dtype == object:
            values, texts = pd.factorize(values)
            order = np.empty(len(texts), np.int64)
            order[np.argsort(texts)] = np.arange(len(texts))
            values = order[values]
        steps = np.diff(values)
        later |= same & (steps > 0)
        same &= steps == 0
    return bool((later | same).all())
