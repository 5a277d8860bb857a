"""Variables that tables use and nobody is asked: computed once, from clean codes.

Enters: rows whose code columns are categorical. Leaves: the same rows with every derived variable.
"""

from __future__ import annotations

from functools import cache
from itertools import product
from typing import Any

import numpy as np
import pandas as pd

from platform_utils.spec import codebook
from platform_utils.spec.codebook import SPECIAL_CODES, Derived, Variable

__all__ = ["derive"]


def derive(rows: pd.DataFrame, year: int) -> pd.DataFrame:
    """Return rows with the derived variables whose sources they have.

    Parameters
    ----------
    rows : DataFrame, shape (n_rows, n_columns)
        Categorical codes.
    year : int
        Support year; decides parents that have changed.

    Returns
    -------
    DataFrame, shape (n_rows, n_columns + n_derived)
        Derived variables stand after the variables of the form. A special code stays what it is; of two
        sources that are special in different ways, ``not_asked`` decides, else the result is ``unknown``.
    """
    known: dict[str, Any] = {}
    for rule in codebook.load().derived:
        if rule.name in rows.columns or not all(
            name in rows.columns or name in known for name in rule.sources
        ):
            continue
        sources = [known[name] if name in known else _coded(rows[name]) for name in rule.sources]
        values, table = _table(rule.name, year, tuple(tuple(source.categories) for source in sources))
        positions = np.zeros(len(rows), np.int64)
        for source in sources:
            positions = positions * len(source.categories) + source.codes
        known[rule.name] = pd.Categorical.from_codes(
            np.asarray(table)[positions], dtype=pd.CategoricalDtype(pd.Index(values, dtype="str"))
        )
    return rows.assign(**known)


def _coded(column: pd.Series) -> Any:
    return column.array


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
        specials = {answer for answer in answers if answer in SPECIAL_CODES}
        if len(specials) == 1 and len(set(answers)) == 1:
            return specials.pop()
        return "not_asked" if "not_asked" in specials else "unknown"
    answer = answers[0]
    if answer in SPECIAL_CODES:
        return answer
    if rule.by == "map":
        return rule.mapping[answer]
    book = codebook.load()
    source = next((v for v in book.variables if v.name == rule.sources[0]), None)
    codes = book.codes(source) if isinstance(source, Variable) else ()
    return next(code.parent_in(year) for code in codes if code.code == answer)
