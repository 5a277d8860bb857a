"""What the cells of somebody else's file answer to the codebook's questions.

Enters: columns of text, and a crosswalk. Leaves: codes as categories. Rules: blank is never "no"; what the
crosswalk does not name is unknown and counted.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd
import pyarrow as pa

from platform_utils.returns.crosswalk import Crosswalk, Split
from platform_utils.spec.codebook import load
from platform_utils.spec.sources import country_codes

_UNKNOWN, _BLANK = "unknown", ""


def cross_rows(
    columns: Mapping[str, pa.Array], crosswalk: Crosswalk, rows: int | None = None
) -> tuple[dict[str, pd.Categorical], Counter[tuple[str, str]]]:
    """Return the codebook's columns for a batch of rows.

    Parameters
    ----------
    columns : mapping of str to Array of str, each of shape (n_rows,)
        The columns of the file that the crosswalk takes and the file has, by the crosswalk's spelling.
    rows : int, optional
        How many, where the file has none of the columns.

    Returns
    -------
    answers : dict of str to Categorical, each of shape (n_rows,)
        Codes, ``"unknown"`` for what is redacted or outside the crosswalk, ``""`` for blank cells.
        A question whose columns the file lacks is absent.
    counts : Counter of (kind, column)
        Cells: ``("redacted", column)`` and ``("outside", column)``.

    Examples
    --------
    >>> from platform_utils.returns.crosswalk import load_crosswalks
    >>> cells = {"gender": pa.array(["Female", "", "Robot"])}
    >>> answers, counts = cross_rows(cells, load_crosswalks()[0])
    >>> list(answers["sex"]), dict(counts)
    (['woman', '', 'unknown'], {('outside', 'gender'): 1})
    """
    counts: Counter[tuple[str, str]] = Counter()
    rows = len(next(iter(columns.values()))) if rows is None else rows
    answers = {name: same_code(code, rows) for name, code in crosswalk.constant.items()}
    for coded in crosswalk.codes:
        if coded.column in columns:
            table = dict(coded.map) | dict.fromkeys(crosswalk.blank, _BLANK)
            answers[coded.to] = _looked_up(columns[coded.column], table, coded.column, counts)
    for origin in crosswalk.countries:
        if origin.column in columns:
            country = _countries(columns[origin.column], crosswalk, origin.column, counts)
            answers[origin.to] = country
            group = {code: _UNKNOWN if code == _UNKNOWN else _BLANK for code in country.categories}
            answers[origin.group] = _recoded(country, group)
    for place in crosswalk.places:
        if place.column in columns:
            country = _countries(columns[place.column], crosswalk, place.column, counts)
            for to, at_home, away in ((place.sweden, "yes", "no"), (place.abroad, "no", "yes")):
                table = dict.fromkeys(country.categories, away) | {"SE": at_home}
                answers[to] = _recoded(country, table | {_UNKNOWN: _UNKNOWN, _BLANK: _BLANK})
    for flag in crosswalk.flags:
        if any(name in columns for name in flag.any):
            answers[flag.to] = _flag(columns, flag.any, flag.no, crosswalk, counts)
    for split in crosswalk.splits:
        if split.column in columns:
            answers |= _split(columns[split.column], split, crosswalk, counts)
    for number in crosswalk.numbers:
        if number.column in columns:
            cells = columns[number.column]
            table = {text: text for text in encoded(cells)[1]} | dict.fromkeys(crosswalk.blank, _BLANK)
            answers[number.to] = _looked_up(cells, table, number.column, counts)
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
    return as_codes(codes, ["yes", "no", _UNKNOWN, _BLANK])


def _split(
    cells: pa.Array, split: Split, crosswalk: Crosswalk, counts: Counter[tuple[str, str]]
) -> dict[str, pd.Categorical]:
    """Return the answers that cells name; what a cell that says something does not name is no."""
    positions, texts = encoded(cells)
    given: list[set[str]] = []
    for at, text in enumerate(texts):
        parts = (
            parts_of_cell(text, split.separators)
            if split.separators
            else [part for part in split.parts if part.casefold() in text.casefold()]
        )
        known = [part for part in parts if part in split.parts]
        if text not in (*crosswalk.blank, *split.unknown) and len(known) < max(1, len(parts)):
            counts["outside", split.column] += int((positions == at).sum())
        given.append({name for part in known for name in split.parts[part]})
    kept, answers = ["yes", "no", _UNKNOWN, _BLANK], {}
    for to in dict.fromkeys(name for named in split.parts.values() for name in named):
        codes = [
            0 if to in found else 3 if text in crosswalk.blank else 1 if found else 2
            for text, found in zip(texts, given, strict=True)
        ]
        answers[to] = as_codes(np.array(codes, np.int8)[positions], kept)
    return answers


def _digits(cells: pa.Array, crosswalk: Crosswalk) -> np.ndarray:
    """Return 1, 0, -1 for blank and 2 for anything else."""
    meaning = {"1": 1, "0": 0, "1.0": 1, "0.0": 0} | dict.fromkeys(crosswalk.blank, -1)
    positions, texts = encoded(cells)
    return np.array([meaning.get(text, 2) for text in texts], dtype=np.int8)[positions]


def _countries(
    cells: pa.Array, crosswalk: Crosswalk, column: str, counts: Counter[tuple[str, str]]
) -> pd.Categorical:
    positions, texts = encoded(cells)
    hidden = np.array([text in crosswalk.redacted for text in texts], dtype=bool)
    counts["redacted", column] += int(hidden[positions].sum())
    silent = dict.fromkeys(crosswalk.redacted, _UNKNOWN) | dict.fromkeys(crosswalk.blank, _BLANK)
    table = {**country_codes(), **silent}
    return _looked_up(cells, table, column, counts)


def _looked_up(
    cells: pa.Array, table: Mapping[str, str], column: str, counts: Counter[tuple[str, str]]
) -> pd.Categorical:
    positions, texts = encoded(cells)
    outside = np.array([text not in table for text in texts], dtype=bool)
    counts["outside", column] += int(outside[positions].sum())
    codes = [table.get(text, _UNKNOWN) for text in texts]
    kept = list(dict.fromkeys([*codes, _UNKNOWN, _BLANK]))
    return as_codes(np.array([kept.index(c) for c in codes], dtype=np.int32)[positions], kept)


def _recoded(answers: pd.Categorical, table: Mapping[str, str]) -> pd.Categorical:
    kept = list(dict.fromkeys(table.values()))
    codes = np.array([kept.index(table[code]) for code in answers.categories], dtype=np.int32)
    return as_codes(codes[answers.codes], kept)


def same_code(text: str, rows: int) -> pd.Categorical:
    """Return a column that holds the same text in every row."""
    return as_codes(np.zeros(rows, dtype=np.int8), [text])


def as_codes(codes: np.ndarray, categories: list[str]) -> pd.Categorical:
    """Return positions in a list of codes as a column."""
    return pd.Categorical.from_codes(codes, dtype=pd.CategoricalDtype(pd.Index(categories, dtype="str")))  # type: ignore[return-value]


def encoded(cells: pa.Array) -> tuple[np.ndarray, list[str]]:
    """Return a column as positions among its distinct texts, and those."""
    coded = cells.dictionary_encode()
    texts = [str(text).strip() for text in coded.dictionary.to_pylist()]
    return coded.indices.to_numpy(zero_copy_only=False), texts


def parts_of_cell(text: str, separators: Sequence[str]) -> list[str]:
    """Return the answers in a cell that may hold several."""
    pattern = "|".join(map(re.escape, separators))
    cut = re.split(pattern, text) if pattern else [text]
    return [part.strip() for part in cut if part.strip()]
