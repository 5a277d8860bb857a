"""Turn rows of a published case file into rows of the codebook.

Enters: columns of text under their headings. Leaves: answers as codes, and how many cells were redacted or
stand outside the crosswalk. No I/O. Rules: blank is never "no"; nothing is guessed; no row disappears.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from functools import cache

import numpy as np
import pandas as pd
import pyarrow as pa

from platform_utils.returns.crosswalk import Crosswalk
from platform_utils.spec.codebook import load

__all__ = ["constant_column", "cross_rows"]

UNKNOWN, BLANK = "unknown", ""


def cross_rows(
    columns: Mapping[str, pa.Array], crosswalk: Crosswalk
) -> tuple[dict[str, pd.Categorical], Counter[tuple[str, str]]]:
    """Return the codebook's columns for a batch of rows.

    Parameters
    ----------
    columns : mapping of str to Array of str, each of shape (n_rows,)
        The columns of the file that the crosswalk takes and the file has, by the crosswalk's spelling.
    crosswalk : Crosswalk
        What they mean.

    Returns
    -------
    answers : dict of str to Categorical, each of shape (n_rows,)
        Codes, ``"unknown"`` for what is redacted or outside the crosswalk, ``""`` for blank cells.
        A question whose columns the file lacks is absent.
    counts : Counter of (kind, column)
        Cells: ``("redacted", column)`` and ``("outside", column)``.

    Examples
    --------
    >>> from platform_utils.returns.crosswalk import load_crosswalk
    >>> cells = {"gender": pa.array(["Female", "", "Robot"])}
    >>> answers, counts = cross_rows(cells, load_crosswalk("ctdc_global"))
    >>> list(answers["sex"]), dict(counts)
    (['woman', '', 'unknown'], {('outside', 'gender'): 1})
    """
    counts: Counter[tuple[str, str]] = Counter()
    rows = len(next(iter(columns.values())))
    answers = {name: constant_column(code, rows) for name, code in crosswalk.constant.items()}
    for entry in crosswalk.codes:
        if entry["from"] in columns:
            table = dict(entry["map"]) | dict.fromkeys(crosswalk.blank, BLANK)
            answers[entry["to"]] = _looked_up(columns[entry["from"]], table, entry["from"], counts)
    for entry in crosswalk.countries:
        if entry["from"] in columns:
            country = _countries(columns[entry["from"]], crosswalk, entry["from"], counts)
            answers[entry["to"]] = country
            group = {code: UNKNOWN if code == UNKNOWN else BLANK for code in country.categories}
            answers[entry["group"]] = _recoded(country, group)
    for entry in crosswalk.places:
        if entry["from"] in columns:
            country = _countries(columns[entry["from"]], crosswalk, entry["from"], counts)
            for to, at_home, away in ((entry["sweden"], "yes", "no"), (entry["abroad"], "no", "yes")):
                table = dict.fromkeys(country.categories, away) | {"SE": at_home}
                answers[to] = _recoded(country, table | {UNKNOWN: UNKNOWN, BLANK: BLANK})
    for entry in crosswalk.flags:
        if any(name in columns for name in entry["any"]):
            answers[entry["to"]] = _flag(columns, entry["any"], entry["no"], crosswalk, counts)
    order = load().grain_columns("case")
    return {name: answers[name] for name in order if name in answers}, +counts


def _flag(
    columns: Mapping[str, pa.Array],
    any_of: Sequence[str],
    all_zero: Sequence[str],
    crosswalk: Crosswalk,
    counts: Counter[tuple[str, str]],
) -> pd.Categorical:
    read = {
        name: _digits(columns[name], crosswalk)
        for name in dict.fromkeys((*any_of, *all_zero))
        if name in columns
    }
    yes = np.logical_or.reduce([read[name] == 1 for name in any_of if name in read])
    zeros = [read[name] == 0 for name in all_zero if name in read]
    no = np.logical_and.reduce(zeros) & ~yes if zeros else np.zeros_like(yes)
    outside = np.zeros_like(yes)
    for name, digits in read.items():
        strange = digits == 2
        counts["outside", name] = max(counts["outside", name], int(strange.sum()))
        outside |= strange
    unknown = outside & ~yes & ~no
    codes = np.select([yes, no, unknown], [0, 1, 2], 3)
    return _categorical(codes, ["yes", "no", UNKNOWN, BLANK])


def _digits(cells: pa.Array, crosswalk: Crosswalk) -> np.ndarray:
    """Return 1, 0, -1 for blank and 2 for anything else."""
    meaning = {"1": 1, "0": 0, "1.0": 1, "0.0": 0} | dict.fromkeys(crosswalk.blank, -1)
    positions, texts = _encoded(cells)
    return np.array([meaning.get(text, 2) for text in texts], dtype=np.int8)[positions]


def _countries(
    cells: pa.Array, crosswalk: Crosswalk, column: str, counts: Counter[tuple[str, str]]
) -> pd.Categorical:
    positions, texts = _encoded(cells)
    redacted = np.array([text in crosswalk.redacted for text in texts], dtype=bool)
    counts["redacted", column] += int(redacted[positions].sum())
    table = (
        _country_codes() | dict.fromkeys(crosswalk.redacted, UNKNOWN) | dict.fromkeys(crosswalk.blank, BLANK)
    )
    return _looked_up(cells, table, column, counts)


def _looked_up(
    cells: pa.Array, table: Mapping[str, str], column: str, counts: Counter[tuple[str, str]]
) -> pd.Categorical:
    positions, texts = _encoded(cells)
    outside = np.array([text not in table for text in texts], dtype=bool)
    counts["outside", column] += int(outside[positions].sum())
    codes = [table.get(text, UNKNOWN) for text in texts]
    kept = list(dict.fromkeys([*codes, UNKNOWN, BLANK]))
    return _categorical(np.array([kept.index(c) for c in codes], dtype=np.int32)[positions], kept)


def _recoded(answers: pd.Categorical, table: Mapping[str, str]) -> pd.Categorical:
    kept = list(dict.fromkeys(table.values()))
    codes = np.array([kept.index(table[code]) for code in answers.categories], dtype=np.int32)
    return _categorical(codes[answers.codes], kept)


def constant_column(text: str, rows: int) -> pd.Categorical:
    """Return a column that holds the same text in every row."""
    return _categorical(np.zeros(rows, dtype=np.int8), [text])


def _categorical(codes: np.ndarray, categories: list[str]) -> pd.Categorical:
    return pd.Categorical.from_codes(codes, dtype=pd.CategoricalDtype(pd.Index(categories, dtype="str")))  # type: ignore[return-value]


def _encoded(cells: pa.Array) -> tuple[np.ndarray, list[str]]:
    coded = cells.dictionary_encode()
    texts = [str(text).strip() for text in coded.dictionary.to_pylist()]
    return coded.indices.to_numpy(zero_copy_only=False), texts


@cache
def _country_codes() -> dict[str, str]:
    """Return the country of every two- and three-letter code; ``NA`` is Namibia here."""
    codes: dict[str, str] = {}
    for country in load().lists["country"]:
        for spelling in (country.code, *country.aliases):
            if spelling.isupper() and len(spelling) in (2, 3):
                codes[spelling] = country.code
    return codes
