"""How two versions of a table or a record differ: by value, cell by cell, leaf by leaf.

Enters: the bytes then and now. Leaves: cells that moved. Counts are whole and must be equal; what is computed
may differ in its last digits on another processor.
"""

from __future__ import annotations

import io
import json
import math
from collections.abc import Iterator

import pandas as pd

from platform_utils.config import LANGUAGES
from platform_utils.messages import say

_RELATIVE, _NOTHING = 1e-10, 1e-15
"""How far two numbers that are not whole may be apart: more than another processor makes of the same sum,
less than any digit that is printed."""


def same(one: object, other: object) -> bool:
    """Return whether two values are equal, numbers that are not whole within a tolerance; lists part by part.

    Examples
    --------
    >>> same(0.5, 0.5 + 1e-12), same([3, "a"], [4, "a"]), same("3", 3)
    (True, False, False)
    """
    if isinstance(one, list | tuple) and isinstance(other, list | tuple):
        return len(one) == len(other) and all(map(same, one, other))
    numbers = isinstance(one, float | int) and isinstance(other, float | int)
    if numbers and (isinstance(one, float) or isinstance(other, float)):
        return math.isclose(one, other, rel_tol=_RELATIVE, abs_tol=_NOTHING)  # type: ignore[arg-type]
    return one == other


def moved_values(name: str, then: bytes, now: bytes) -> Iterator[str]:
    """Yield the cells of a table, Parquet or CSV, that differ, by the codes that name them."""
    before, after = (_frame(name, content) for content in (then, now))
    table = name.rpartition("/")[2].rpartition(".")[0]
    if list(before.columns) != list(after.columns):
        yield f"table {table}: columns {', '.join(before.columns)} → {', '.join(after.columns)}"
        return
    one, other = _by_key(before), _by_key(after)
    for key in one | other:
        if not same(one.get(key), other.get(key)):
            cell = ", ".join(key) or "total"
            yield f"table {table}, cell {cell}: {_shown(one.get(key))} → {_shown(other.get(key))}"


def moved_leaves(then: bytes, now: bytes) -> Iterator[str]:
    """Yield the leaves of a JSON record that differ, by their path."""
    before, after = (_leaves(json.loads(content)) for content in (then, now))
    for key in sorted({*before, *after}):
        if key not in before or key not in after or not same(before[key], after[key]):
            yield f"{key}: {before.get(key, '–')} → {after.get(key, '–')}"


def _frame(name: str, content: bytes) -> pd.DataFrame:
    if name.endswith(".parquet"):
        # counts stay whole beside hidden ones: numpy would make 122.0 of them
        return pd.read_parquet(io.BytesIO(content), dtype_backend="numpy_nullable")
    return pd.read_csv(io.BytesIO(content), dtype=str, keep_default_na=False)


def _by_key(frame: pd.DataFrame) -> dict[tuple[str, ...], tuple[object, ...]]:
    """Return the values of each row by its codes; what is missing as None, which equals itself."""
    # the columns of values: of tables, and of the annex in each language, where it is the last
    told = ("count", "mark", *(say("workbook", "csv", lang).rpartition("|")[2] for lang in LANGUAGES))
    rows = frame.astype(object).where(frame.notna(), None)
    keys = rows[[column for column in rows if column not in told]].astype(str)
    values = rows[[column for column in rows if column in told]]
    return dict(zip(*(map(tuple, part.to_numpy().tolist()) for part in (keys, values)), strict=True))


def _shown(values: tuple[object, ...] | None) -> str:
    return "–" if values is None else str(values[0] if values[0] is not None else "..")


def _leaves(value: object, path: str = "") -> dict[str, object]:
    if not isinstance(value, dict | list):
        return {path: value}
    found: dict[str, object] = {}
    for key, item in value.items() if isinstance(value, dict) else enumerate(value):
        found |= _leaves(item, f"{path}/{key}".lstrip("/"))
    return found
