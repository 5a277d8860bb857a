"""The same person twice on one sheet: same code, and either the same answers or a contradiction.

Enters: a judged sheet of persons. Leaves: findings. Rows that agree pass (cleaning merges them); rows that
contradict each other are held, all of them, because nobody here can tell which one is right.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from platform_utils.validate.sheet import Sheet

__all__ = ["check_repeats"]


def check_repeats(sheet: Sheet) -> None:
    """Find person codes that stand more than once.

    Parameters
    ----------
    sheet : Sheet
        Of grain ``case``; findings are added to it.
    """
    identifiers = sheet.columns["person_code"].identifiers
    if identifiers is None:
        return
    named = np.flatnonzero(sheet.is_answered("person_code"))
    codes = pd.Series(identifiers[named], dtype="str").str.casefold()
    repeated = codes.duplicated(keep=False).to_numpy()
    if not repeated.any():
        return
    rows, keys = named[repeated], pd.factorize(codes[repeated])[0]
    contradicts = np.zeros(keys.max() + 1, bool)
    for name in sheet.columns:
        if name != "person_code":
            answers = _answers(sheet, name)[rows]
            contradicts |= _differ(keys, answers, len(contradicts))
    found = np.zeros(len(sheet), bool)
    found[rows] = contradicts[keys]
    sheet.report("E-216", found, "person_code")
    found = np.zeros(len(sheet), bool)
    found[rows] = ~contradicts[keys]
    sheet.report("W-236", found, "person_code")


def _answers(sheet: Sheet, name: str) -> np.ndarray:
    """Return each answer as a number, -1 where there is none."""
    column = sheet.columns[name]
    values = column.codes.astype(np.int64)
    if column.numbers is not None:
        values = column.numbers
    elif column.identifiers is not None:
        values = pd.factorize(column.identifiers)[0]
    return np.where(sheet.is_answered(name), values, -1)


def _differ(keys: np.ndarray, answers: np.ndarray, groups: int) -> np.ndarray:
    """Return, per group, whether two given answers differ."""
    given = answers >= 0
    low = np.full(groups, np.iinfo(np.int64).max)
    high = np.full(groups, -1)
    np.minimum.at(low, keys[given], answers[given])
    np.maximum.at(high, keys[given], answers[given])
    return (high >= 0) & (low != high)
