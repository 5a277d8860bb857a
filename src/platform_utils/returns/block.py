"""Turn rows under a heading into a table of text, and look at every cell on the way.

Enters: columns of text with their row numbers. Leaves: codebook columns with provenance, findings, and
how many rows were set aside for which reason. Rule: refuse what names a person, judge no answer.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from platform_utils.errors import FileError
from platform_utils.returns import identity, rows
from platform_utils.returns.header import Header, match_row
from platform_utils.returns.identity import find_identity, names_a_person
from platform_utils.returns.rows import reason_aside, suspect_words
from platform_utils.spec.codebook import Variable, load
from platform_utils.spec.returns import PROVENANCE, Finding

__all__ = ["Block", "Place", "column_letter", "read_block", "shorten"]

_LONGEST = 1000
_SMALL = 200_000
"""Cells; beyond, one dictionary for all columns costs more than it saves."""
_CONTROL = "[\\x00-\\x08\\x0b\\x0c\\x0e-\\x1f\\x7f-\\x{84}\\x{86}-\\x{9f}]"
_FORMULA = r"^\s*[=@]|^\s*[+-]\s*([A-Z]+(\d|\()|.*\|)"
_COMMAND = r"(?i)^\s*[=+@-].*(\||\b(DDE|WEBSERVICE|HYPERLINK|IMPORT(XML|DATA|HTML|RANGE|FEED))\s*\()"


@dataclass(frozen=True)
class Place:
    """Where rows come from.

    Parameters
    ----------
    file, sheet : str
        Names as people see them.
    member_id : str
        Member.
    year : int
        Support year.
    """

    file: str
    sheet: str
    member_id: str
    year: int


@dataclass(frozen=True)
class Block:
    """Rows that are handed on, and what was seen on the way.

    Parameters
    ----------
    table : DataFrame
        Codebook columns (text) and provenance.
    aside : Counter of str
        Rows set aside by reason.
    findings : tuple of Finding
        Of single cells, and of unknown headings over columns that are not empty.
    """

    table: pd.DataFrame
    aside: Counter[str]
    findings: tuple[Finding, ...]


def read_block(
    header: Header,
    columns: Sequence[pa.Array],
    numbers: np.ndarray,
    place: Place,
    *,
    by_spelling: bool = False,
) -> Block:
    """Return the rows of answers under a heading.

    Parameters
    ----------
    header : Header
        Of the sheet.
    columns : sequence of Array, each of shape (n_rows,)
        Text of every column from the first, without nulls; also columns that have no heading.
    numbers : ndarray of int, shape (n_rows,)
        Row numbers in the sheet, 1-based.
    place : Place
        Provenance.
    by_spelling : bool
        Hand columns with few spellings on as categories, which is faster for many rows.

    Returns
    -------
    Block

    Raises
    ------
    FileError
        E-118, E-120, E-121 if a cell holds a personal number, phone number or e-mail address; E-119 if a
        name column is filled; E-110 if a cell holds a formula that starts a program.
    """
    texts, encoded = _encode(columns)
    asides, mismatched = _set_aside(header, texts, numbers)
    findings = [_finding("E-152", place, header, row) for row in mismatched]
    findings += _look_at_cells(header, encoded, numbers, place, asides)
    if any((pc.max(pc.utf8_length(values)).as_py() or 0) > _LONGEST for values in _dictionaries(encoded)):
        texts = [pc.if_else(pc.greater(pc.utf8_length(text), _LONGEST), "", text) for text in texts]
        encoded = [text.dictionary_encode() for text in texts]
    if asides:
        kept = np.isin(numbers, list(asides), invert=True)
        mask = pa.array(kept)
        texts, numbers = [text.filter(mask) for text in texts], numbers[kept]
        encoded = [each.filter(mask) for each in encoded] if by_spelling else encoded
    findings += _outside_the_columns(header, texts, numbers, place)
    table = {
        name: _lighter(texts[position], encoded[position]) if by_spelling else texts[position]
        for position, name in header.columns.items()
        if position < len(texts)
    }
    return Block(_frame(header.grain, table, numbers, place), Counter(asides.values()), tuple(findings))


def shorten(heading: str) -> str:
    """Return a heading as messages show it: one line, at most 60 characters."""
    line = " ".join("".join(c if c.isprintable() else " " for c in heading).split())
    return line if len(line) <= 60 else line[:59] + "…"


def _lighter(text: pa.Array, encoded: pa.DictionaryArray) -> pa.Array:
    """Return a column by distinct text where that is shorter."""
    return encoded if 4 * len(encoded.dictionary) < len(text) else text


def _encode(columns: Sequence[pa.Array]) -> tuple[list[pa.Array], list[pa.DictionaryArray]]:
    """Return columns in NFC, as they are and by distinct text.

    A small table is gone through as one long column, which has one dictionary for all.
    """
    height = len(columns[0])
    if height * len(columns) > _SMALL:
        pairs = [_encode_one(column) for column in columns]
        return [text for text, _ in pairs], [each for _, each in pairs]
    text, each = _encode_one(pa.concat_arrays(columns))
    starts = range(0, height * len(columns), height) if height else [0] * len(columns)
    return [text.slice(start, height) for start in starts], [each.slice(start, height) for start in starts]


def _encode_one(text: pa.Array) -> tuple[pa.Array, pa.DictionaryArray]:
    encoded = text.dictionary_encode()
    if not pc.utf8_normalize(encoded.dictionary, "NFC").equals(encoded.dictionary):
        text = pc.utf8_normalize(text, "NFC")
        encoded = text.dictionary_encode()
    return text, encoded


def _dictionaries(encoded: Sequence[pa.DictionaryArray]) -> list[pa.Array]:
    """Return the dictionaries, one that is shared only once."""
    first = encoded[0].dictionary
    shared = len(encoded) > 1 and first.buffers()[-1].address == encoded[-1].dictionary.buffers()[-1].address
    return [first] if shared else [each.dictionary for each in encoded]


def _set_aside(
    header: Header, texts: Sequence[pa.Array], numbers: np.ndarray
) -> tuple[dict[int, str], list[int]]:
    """Return the reason per row number, and the repeated headings that name other columns."""
    first = min(header.headings)
    suspects = np.zeros(len(numbers), dtype=bool)
    for position in {0, first}:
        suspects |= _is_suspect(texts[position])
    asides: dict[int, str] = {}
    mismatched = []
    for index in np.flatnonzero(suspects):
        cells = [text[index].as_py() for text in texts]
        reason = reason_aside(cells, header)
        if reason is None:
            continue
        number = int(numbers[index])
        asides[number] = reason
        if reason == "repeated_header":
            again = match_row(cells, number)
            if again is None or again.columns != header.columns:
                mismatched.append(number)
    return asides, mismatched


def _is_suspect(text: pa.Array) -> np.ndarray:
    looks = pc.match_substring_regex(text, rows.SUSPECT)
    heading = pc.is_in(
        pc.utf8_trim_whitespace(pc.utf8_lower(text)), value_set=pa.array(suspect_words(), pa.large_string())
    )
    return pc.or_(looks, heading).to_numpy(zero_copy_only=False)


def _look_at_cells(
    header: Header,
    encoded: Sequence[pa.DictionaryArray],
    numbers: np.ndarray,
    place: Place,
    asides: dict[int, str],
) -> list[Finding]:
    """Refuse the file for a cell that names a person or starts a program; list cells that are no answers."""
    distinct = pa.chunked_array(_dictionaries(encoded)).unique()
    many = pc.match_substring_regex(distinct, f"{identity.SUSPECT}|{_CONTROL}|{_FORMULA}")
    odd = distinct.filter(pc.or_(many, pc.greater(pc.utf8_length(distinct), _LONGEST)))
    found: list[Finding] = []
    if len(odd) == 0:
        return found
    commands = set(odd.filter(pc.match_substring_regex(odd, _COMMAND)).to_pylist())
    formulas = set(odd.filter(pc.match_substring_regex(odd, _FORMULA)).to_pylist())
    controls = set(odd.filter(pc.match_substring_regex(odd, _CONTROL)).to_pylist())
    for position, each in enumerate(encoded):
        is_odd = pc.is_in(each.dictionary, value_set=odd).to_numpy(zero_copy_only=False)
        if not is_odd.any():
            continue
        for index in np.flatnonzero(is_odd[each.indices.to_numpy(zero_copy_only=False)]):
            cell, row = each[index].as_py(), int(numbers[index])
            heading = shorten(header.headings.get(position, column_letter(position)))
            where = {"file": place.file, "sheet": place.sheet or "-", "row": row, "column": heading}
            code = _refusal(cell, header, position)
            if code is not None:
                raise FileError(code, **where)
            if cell in commands:
                raise FileError("E-110", **where)
            if row in asides or position not in header.columns:
                continue
            kind = (
                "E-156" if len(cell) > _LONGEST
                else "E-155" if cell in controls
                else "E-153" if cell in formulas
                else None
            )  # fmt: skip
            if kind:
                found.append(_finding(kind, place, header, row, position))
    return found


def _refusal(cell: str, header: Header, position: int) -> str | None:
    variable = _variable(header, position)
    code = find_identity(
        cell,
        is_code=variable is not None and variable.kind == "text_code",
        is_amount=variable is not None and variable.kind == "sek",
    )
    return code if code == "E-118" or header.grain in ("case", "programme") else None


def _variable(header: Header, position: int) -> Variable | None:
    column = header.columns.get(position)
    if column is None:
        return None
    return load().grain_columns(header.grain)[column][0]


def _outside_the_columns(
    header: Header, texts: Sequence[pa.Array], numbers: np.ndarray, place: Place
) -> Iterable[Finding]:
    """Report columns that are filled and not read; refuse a filled name column."""
    for position, text in enumerate(texts):
        if position in header.columns:
            continue
        filled = pc.match_substring_regex(text, r"[^\s\x{a0}]")
        if not pc.any(filled).as_py():
            continue
        heading = header.headings.get(position, "")
        row = int(numbers[pc.index(filled, True).as_py()])
        if header.grain in ("case", "programme") and names_a_person(heading):
            raise FileError(
                "E-119", file=place.file, sheet=place.sheet or "-", row=row, column=shorten(heading)
            )
        if position in header.repeated:
            yield _finding("E-151", place, header, None, position)
        elif heading:
            yield _finding("W-150", place, header, None, position)
        else:
            for number in numbers[filled.to_numpy(zero_copy_only=False)]:
                yield _finding("E-158", place, header, int(number), position)


def _finding(
    code: str, place: Place, header: Header, row: int | None, position: int | None = None
) -> Finding:
    fields = {"most": _LONGEST} if code == "E-156" else {}
    column = "" if position is None else shorten(header.headings.get(position, column_letter(position)))
    variable = "" if position is None else header.columns.get(position, "")
    return Finding(code, place.file, place.sheet, row, column, fields, variable)


def column_letter(position: int) -> str:
    """Return the letters of a column as Excel shows them.

    Examples
    --------
    >>> column_letter(0), column_letter(26)
    ('A', 'AA')
    """
    letters = ""
    position += 1
    while position:
        position, rest = divmod(position - 1, 26)
        letters = chr(ord("A") + rest) + letters
    return letters


def _frame(grain: str, table: dict[str, pa.Array], numbers: np.ndarray, place: Place) -> pd.DataFrame:
    """Return columns in the order of the codebook, then provenance."""
    columns = {name: table[name] for name in load().grain_columns(grain) if name in table}
    for name in PROVENANCE:
        value = getattr(place, name, None)
        kind = pa.int64() if isinstance(value, int) else pa.large_string()
        columns[name] = (
            pa.array(numbers, pa.int64())
            if name == "row"
            else pa.repeat(pa.scalar(value, kind), len(numbers))
        )
    return pa.table(columns).to_pandas()
