"""Ask about codes that stand twice, or are of another kind: one person or two, one member or two.

Enters: the judged sheet of persons. Leaves: findings on it. A code alone merges and drops nobody: rows are
held, each with the places of the others, until somebody who knows has said which it is.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from platform_utils.validate.sheet import Sheet

_MOST_CODES = 10


def check_repeats(sheet: Sheet) -> None:
    """Find person codes that stand more than once, and sheets that are perhaps another member's."""
    _check_series(sheet)
    named = np.flatnonzero(sheet.is_answered("person_code"))
    codes = pd.Series(sheet.identifiers("person_code")[named], dtype="str")
    repeated = codes.duplicated(keep=False).to_numpy()
    if not repeated.any():
        return
    rows, keys = named[repeated], pd.factorize(codes[repeated])[0]
    differs = np.zeros(keys.max() + 1, bool)
    for column in sheet.columns.values():
        values = column.numbers if column.identifiers is None else pd.factorize(column.identifiers)[0]
        for each in (column.codes, values):
            if each is not None and column.variable.name != "person_code":
                differs |= _differ(keys, each[rows].astype(np.int64), len(differs))
    for code, which in (("E-216", differs), ("E-235", ~differs)):
        found = np.zeros(len(sheet), bool)
        found[rows] = which[keys]
        sheet.report(code, found, "person_code", places=_pairs(sheet, rows, np.where(which[keys], keys, -1)))


def _differ(keys: np.ndarray, answers: np.ndarray, groups: int) -> np.ndarray:
    """Return, per group, whether two answers differ."""
    largest = np.full(groups, np.iinfo(np.int64).min)
    smallest = np.full(groups, np.iinfo(np.int64).max)
    np.maximum.at(largest, keys, answers)
    np.minimum.at(smallest, keys, answers)
    return smallest < largest


def _pairs(sheet: Sheet, rows: np.ndarray, keys: np.ndarray) -> str:
    """Return which rows have the same code, ``"5, 9; 6, 10"``, of as many codes as a message can name."""
    met = [key for key in dict.fromkeys(keys.tolist()) if key >= 0]
    everyone = np.arange(len(sheet))
    named = (sheet.places(np.isin(everyone, rows[keys == key])) for key in met[:_MOST_CODES])
    return "; ".join(named) + (" …" if len(met) > _MOST_CODES else "")


def _check_series(sheet: Sheet) -> None:
    """Find sheets of persons whose codes are of another series than the first's: perhaps not one member's.

    A series is what stands before the digits. Sheets that go on with the same series are one list.
    """
    names = sheet.raw["sheet"].astype("str").to_numpy()
    if len(set(names)) < 2:
        return
    codes = sheet.identifiers("person_code")
    of_sheet: dict[str, set[str]] = {}
    for name, code in zip(names.tolist(), codes.tolist(), strict=True):
        of_sheet.setdefault(name, set()).add(code.rstrip("0123456789").rstrip(" -"))
    first, *others = of_sheet
    strange = [name for name in others if of_sheet[name].isdisjoint(of_sheet[first])]
    said = ", ".join(of_sheet)
    if strange:
        sheet.report("E-237", np.isin(names, [first, *strange]), "person_code", sheets=said)
    else:
        sheet.report("W-246", np.ones(len(sheet), bool), "person_code", sheets=said)
