"""How two versions of a table or a record differ: by cell, by leaf.

Enters: the bytes then and now. Leaves: cells that moved. Counts are whole and must be equal; what is computed
may differ in its last digits.
"""

from __future__ import annotations

import io
import json
from collections.abc import Iterator

import pandas as pd

from platform_utils.verify.tolerance import same

__all__ = ["moved_leaves", "moved_values"]

_VALUES = ("count", "mark", "value")


def moved_values(name: str, then: bytes, now: bytes) -> Iterator[str]:
    """Yield the cells of a table that differ, by the codes that name them.

    Parameters
    ----------
    name : str
        Parquet or CSV, by its ending.
    then, now : bytes
        The two versions.
    """
    read = pd.read_parquet if name.endswith(".parquet") else _read_csv
    before, after = read(io.BytesIO(then)), read(io.BytesIO(now))
    table = name.rpartition("/")[2].rpartition(".")[0]
    if list(before.columns) != list(after.columns):
        yield f"table {table}: columns {', '.join(before.columns)} → {', '.join(after.columns)}"
        return
    keys = [column for column in before.columns if column not in _VALUES]
    values = [column for column in before.columns if column in _VALUES]
    one, other = (_by_key(frame, keys, values) for frame in (before, after))
    for key in [*one, *(key for key in other if key not in one)]:
        if not _same_values(one.get(key), other.get(key)):
            cell = ", ".join(key) or "total"
            yield f"table {table}, cell {cell}: {_shown(one.get(key))} → {_shown(other.get(key))}"


def moved_leaves(then: bytes, now: bytes) -> Iterator[str]:
    """Yield the leaves of a JSON record that differ, by their path."""
    before, after = (_leaves(json.loads(content)) for content in (then, now))
    for key in sorted({*before, *after}):
        if key not in before or key not in after or not same(before[key], after[key]):
            yield f"{key}: {before.get(key, '–')} → {after.get(key, '–')}"


def _read_csv(content: io.BytesIO) -> pd.DataFrame:
    return pd.read_csv(content, dtype=str, keep_default_na=False)


def _by_key(
    frame: pd.DataFrame, keys: list[str], values: list[str]
) -> dict[tuple[str, ...], tuple[object, ...]]:
    rows = frame.astype(object).where(frame.notna(), None)
    named = zip(*(rows[key].astype(str) for key in keys), strict=True) if keys else [()] * len(rows)
    return dict(zip(named, zip(*(rows[value] for value in values), strict=True), strict=True))


def _same_values(one: tuple[object, ...] | None, other: tuple[object, ...] | None) -> bool:
    if one is None or other is None:
        return one is other
    return all(same(a, b) for a, b in zip(one, other, strict=True))


def _shown(values: tuple[object, ...] | None) -> str:
    return "–" if values is None else str(values[0] if values[0] is not None else "..")


def _leaves(value: object, path: str = "") -> dict[str, object]:
    items = (
        value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else None
    )
    if items is None:
        return {path: value}
    found: dict[str, object] = {}
    for key, item in items:
        found |= _leaves(item, f"{path}/{key}".lstrip("/"))
    return found
