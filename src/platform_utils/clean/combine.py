"""Put the accepted rows of all returns under each other, in one order whatever order they came in.

Enters: checked returns. Leaves: one table per grain, with every column that the year's tables have.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import cache
from typing import Any

import numpy as np
import pandas as pd

from platform_utils.spec import codebook
from platform_utils.spec.codebook import SPECIAL_CODES, UNREADABLE
from platform_utils.spec.returns import PROVENANCE, CheckedReturn

_SORTED_BY = ["member_id", "file", "sheet", "row"]
_TEXT = pd.StringDtype(na_value=float("nan"))


def combine(checked: Iterable[CheckedReturn], grain: str) -> pd.DataFrame:
    """Return the accepted rows of one grain, sorted by member, file, sheet and row.

    Returns
    -------
    DataFrame, shape (n_rows, n_columns)
        Categorical codes, ``Int64`` numbers with their status, ``str`` identifiers and provenance; empty
        with all columns if nobody handed any in.
    """
    wanted = dtypes_of(grain)
    tables = [one.tables[grain] for one in checked if grain in one.tables and len(one.tables[grain])]
    if not tables:
        return _nobodys(grain).copy()
    rows = _counted_unknown(pd.concat(tables, ignore_index=True), wanted)
    differing = {name: dtype for name, dtype in wanted.items() if rows[name].dtype != dtype}
    rows = rows.astype(differing) if differing else rows
    rows = rows if list(rows.columns) == list(wanted) else rows[list(wanted)]
    order = rows[_SORTED_BY].sort_values(_SORTED_BY, kind="stable").index
    return rows if order.equals(rows.index) else rows.take(order.to_numpy()).reset_index(drop=True)


def _counted_unknown(rows: pd.DataFrame, wanted: Mapping[str, Any]) -> pd.DataFrame:
    """Count what nobody could read among the unknown: from here on there is one word for both."""
    read: dict[str, Any] = {}
    for name, cells in rows.items():
        dtype = wanted.get(str(name))
        if isinstance(dtype, pd.CategoricalDtype) and UNREADABLE in getattr(cells.dtype, "categories", ()):
            unknown = list(dtype.categories).index("unknown")
            codes = cells.cat.codes.to_numpy()
            lost = codes == cells.cat.categories.get_loc(UNREADABLE)
            codes = np.where(lost, unknown, codes) if lost.any() else codes
            read[str(name)] = pd.Categorical.from_codes(codes, dtype=dtype, validate=False)
        elif dtype is _TEXT and name not in PROVENANCE:
            read[str(name)] = cells.mask(cells == UNREADABLE, "unknown").array
        else:
            read[str(name)] = cells.array
    return pd.DataFrame(read, copy=False)


@cache
def _nobodys(grain: str) -> pd.DataFrame:
    return pd.DataFrame({name: pd.Series([], dtype=dtype) for name, dtype in dtypes_of(grain).items()})


@cache
def dtypes_of(grain: str) -> dict[str, Any]:
    """Return the columns of a combined table with their types, in codebook order."""
    book = codebook.load()
    types: dict[str, Any] = {}
    for name, (variable, code) in book.grain_columns(grain).items():
        if variable.is_number:
            types[name] = pd.Int64Dtype()
            types[f"{name}_status"] = _codes_of(["given"])
        elif variable.kind == "text_code":
            types[name] = _TEXT
        else:
            codes = book.lists["yes_no"] if code is not None else book.codes(variable)
            types[name] = _codes_of([code.code for code in codes])
    whole = np.dtype("int64")
    return types | {name: whole if name in ("year", "row") else _TEXT for name in PROVENANCE}


def _codes_of(codes: list[str]) -> pd.CategoricalDtype:
    return pd.CategoricalDtype(pd.Index([*codes, *SPECIAL_CODES], dtype="str"))
