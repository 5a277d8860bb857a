"""From a judged sheet to the checked table, and the list of what each spelling became.

Enters: a ``Sheet`` and the rows that are accepted. Leaves: frames in codebook order.
"""

from __future__ import annotations

from functools import cache

import numpy as np
import pandas as pd

from platform_utils.spec.returns import PROVENANCE
from platform_utils.validate.encode import encode
from platform_utils.validate.judge import values_of
from platform_utils.validate.sheet import Column, Sheet

__all__ = ["checked_table", "no_recodes", "recodes_of"]

_RECODES = ("file", "variable", "raw", "code")


def checked_table(sheet: Sheet, keep: np.ndarray) -> pd.DataFrame:
    """Return the accepted rows as codes.

    Parameters
    ----------
    sheet : Sheet
        Judged.
    keep : ndarray of bool, shape (n_rows,)
        Rows that are accepted.

    Returns
    -------
    DataFrame, shape (n_accepted, n_columns)
        Codebook columns in order (categorical; identifiers ``str``; numbers ``Int64``, each followed by its
        ``<name>_status``), then provenance.
    """
    columns: dict[str, object] = {}
    all_kept = bool(keep.all())
    for name, column in sheet.columns.items():
        codes = column.codes if all_kept else column.codes[keep]
        if column.numbers is not None:
            numbers = column.numbers if all_kept else column.numbers[keep]
            columns[name] = pd.arrays.IntegerArray(numbers.astype(np.int64), codes != 0)
            columns[f"{name}_status"] = _categorical(sheet.grain, name, codes)
        elif column.identifiers is not None:
            given = column.identifiers if all_kept else column.identifiers[keep]
            columns[name] = pd.array(
                np.where(codes == 0, given, np.array(column.answers, object)[codes]), dtype="str"
            )
        else:
            columns[name] = _categorical(sheet.grain, name, codes)
    for name in PROVENANCE:
        cells = sheet.raw[name].array
        columns[name] = cells if all_kept else cells[keep]
    return pd.DataFrame(columns, copy=False)


def recodes_of(sheet: Sheet, original: pd.DataFrame, keep: np.ndarray, file: str) -> pd.DataFrame:
    """Return what each text as typed became, where it changed, among the accepted rows.

    Parameters
    ----------
    sheet : Sheet
        Judged.
    original : DataFrame
        The same rows as received, before corrections.
    keep : ndarray of bool, shape (n_rows,)
        Rows that are accepted.
    file : str
        File name.

    Returns
    -------
    DataFrame, shape (n_recodes, 5)
        ``file``, ``variable``, ``raw``, ``code``, ``rows``. Empty cells that stay blank are no change.
    """
    found: list[tuple[str, str, str, int]] = []
    all_kept = bool(keep.all())
    for name, column in sheet.columns.items():
        if name not in original.columns:
            continue
        if original is not sheet.raw and not original[name].equals(sheet.raw[name]):
            positions, texts = encode(original[name])
        elif column.texts:
            positions, texts = column.positions, column.texts
        else:
            positions, texts = encode(original[name])
        if column.identifiers is not None and original is sheet.raw and _stand_as_typed(column):
            continue
        results, final = _results(column)
        pairs = positions * len(results) + final
        pairs = pairs if all_kept else pairs[keep]
        times = np.bincount(pairs, minlength=len(texts) * len(results))
        for pair in np.flatnonzero(times).tolist():
            raw, code = texts[pair // len(results)], results[pair % len(results)]
            if raw != code and not (raw == "" and code in ("blank", "not_asked")):
                found.append((name, raw, code, int(times[pair])))
    if not found:
        return no_recodes()
    names, raws, codes, rows = zip(*found, strict=True)
    return pd.DataFrame(
        {
            "file": pd.array([file] * len(found), dtype="str"),
            "variable": pd.array(names, dtype="str"),
            "raw": pd.array(raws, dtype="str"),
            "code": pd.array(codes, dtype="str"),
            "rows": np.array(rows, np.int64),
        }
    )


def no_recodes() -> pd.DataFrame:
    """Return the empty list of recodes."""
    return pd.DataFrame(
        {name: pd.array([], dtype="str") for name in _RECODES} | {"rows": np.array([], np.int64)}
    )


def _stand_as_typed(column: Column) -> bool:
    """Say whether no identifier had to be cleaned."""
    given = column.codes == 0
    typed = np.array([*column.texts, ""], object)[column.positions]
    return bool(np.array_equal(typed[given], np.asarray(column.identifiers)[given]))


def _results(column: Column) -> tuple[list[str], np.ndarray]:
    """Return what rows of a column became, as texts and as a position per row."""
    if column.numbers is None and column.identifiers is None:
        return list(column.answers), column.codes.astype(np.int64)
    if column.numbers is not None:
        distinct, positions = np.unique(column.numbers, return_inverse=True)
        given = [str(number) for number in distinct.tolist()]
    else:
        positions, distinct_texts = pd.factorize(np.asarray(column.identifiers, object))
        given = [str(text) for text in distinct_texts]
    specials, codes = list(column.answers[1:]), column.codes.astype(np.int64)
    return [*given, *specials], np.where(codes == 0, positions, len(given) + codes - 1)


def _categorical(grain: str, name: str, codes: np.ndarray) -> pd.Categorical:
    return pd.Categorical.from_codes(codes, dtype=_dtype(grain, name), validate=False)


@cache
def _dtype(grain: str, name: str) -> pd.CategoricalDtype:
    return pd.CategoricalDtype(pd.Index(values_of(grain, name), dtype="str"))
