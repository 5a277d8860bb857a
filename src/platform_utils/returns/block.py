"""Turn rows under a heading into a table of text, and look at every cell on the way.

Enters: columns of text with their row numbers. Leaves: codebook columns with provenance, findings, and
how many rows were set aside for which reason. Rule: judge no answer.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
from xlsxwriter.utility import xl_col_to_name

from platform_utils.errors import FileError
from platform_utils.returns.column_maps import asked_as, known_headings
from platform_utils.returns.header import SUSPECT_ROW, Header, match_row, reason_aside
from platform_utils.spec.codebook import load
from platform_utils.spec.form_of_year import GRAIN, form_of
from platform_utils.spec.returns import PROVENANCE, Finding

_LONGEST = 1000
_MOST_SPANS = 20
_CONTROL = "[\\x00-\\x08\\x0b\\x0c\\x0e-\\x1f\\x7f-\\x{84}\\x{86}-\\x{9f}]"
_FORMULA = r"^\s*[=@]|^\s*[+-]\s*([A-Z]+(\d|\()|.*\|)"
_COMMAND = r"(?i)^\s*[=+@-].*(\||\b(DDE|WEBSERVICE|HYPERLINK|IMPORT(XML|DATA|HTML|RANGE|FEED))\s*\()"


@dataclass(frozen=True)
class Place:
    """Where rows come from; names are those that people see."""

    file: str
    sheet: str
    member_id: str
    year: int


@dataclass(frozen=True)
class Block:
    """Rows that are handed on, and what was seen on the way.

    Attributes
    ----------
    table : DataFrame
        Codebook columns (text) and provenance.
    aside : mapping of str to list of int
        Numbers of the rows set aside, by reason.
    findings : tuple of Finding
        Of single cells, and of unknown headings over columns that are not empty.
    left_out : tuple of str
        Places of columns and cells outside those of the form, such as ``"Personer!F"``, ``"Personer!C14"``;
        of a row that holds several, ``"Personer!C14:F14"``.
    """

    table: pd.DataFrame
    aside: Mapping[str, list[int]]
    findings: tuple[Finding, ...]
    left_out: tuple[str, ...] = ()


def read_block(header: Header, columns: Sequence[pa.Array], numbers: np.ndarray, place: Place) -> Block:
    """Return the rows of answers under a heading.

    Parameters
    ----------
    columns : sequence of Array, each of shape (n_rows,)
        Text of every column from the first, without nulls; also columns that have no heading.
    numbers : ndarray of int, shape (n_rows,)
        Row numbers in the sheet, 1-based.

    Raises
    ------
    FileError
        E-110 if a cell holds a formula that starts a program.
    """
    cells = pa.concat_arrays(columns)
    encoded = cells.dictionary_encode()
    if not pc.utf8_normalize(encoded.dictionary, "NFC").equals(encoded.dictionary):
        cells = pc.utf8_normalize(cells, "NFC")
        encoded = cells.dictionary_encode()
    height = len(numbers)
    texts = [cells.slice(position * height, height) for position in range(len(columns))]
    asides, mismatched = _set_aside(header, texts, numbers)
    asides = {int(number): "blank_row" for number in _unused(header, texts, numbers, place)} | asides
    findings = [finding("E-152", place, header, row) for row in mismatched]
    findings += [finding("W-161", place, header, row) for row, reason in asides.items() if reason == "note"]
    findings += _look_at_cells(header, encoded, numbers, place, asides)
    if (pc.max(pc.utf8_length(encoded.dictionary)).as_py() or 0) > _LONGEST:
        texts = [pc.if_else(pc.greater(pc.utf8_length(text), _LONGEST), "", text) for text in texts]
    if asides:
        kept = np.isin(numbers, list(asides), invert=True)
        texts, numbers = [text.filter(pa.array(kept)) for text in texts], numbers[kept]
    outside = list(_outside_the_columns(header, texts, numbers, place))
    places = tuple(where for where, _ in outside)
    findings += [each for _, each in outside]
    asked = asked_as(header.grain, place.year)
    read = {position: asked.get(name, name) for position, name in header.columns.items()}
    table = {name: texts[position] for position, name in read.items() if position < len(texts)}
    return Block(_frame(header.grain, table, numbers, place), _by_reason(asides), tuple(findings), places)


def _shorten(heading: str) -> str:
    """Return a heading as messages show it: one line, at most 60 characters."""
    line = " ".join("".join(c if c.isprintable() else " " for c in heading).split())
    return line if len(line) <= 60 else line[:59] + "…"


def _set_aside(
    header: Header, texts: Sequence[pa.Array], numbers: np.ndarray
) -> tuple[dict[int, str], list[int]]:
    """Return the reason per row number, and the repeated headings that name other columns."""
    suspects = np.zeros(len(numbers), dtype=bool)
    for position in {0, min(header.headings)}:
        suspects |= _is_suspect(texts[position])
    asides: dict[int, str] = {}
    mismatched = []
    at = pa.array(np.flatnonzero(suspects))
    rows = zip(*(text.take(at).to_pylist() for text in texts), strict=True)
    for number, cells in zip(numbers[suspects].tolist(), rows, strict=True):
        reason = reason_aside(cells, header)
        if reason is None:
            continue
        asides[number] = reason
        if reason == "repeated_header":
            again = match_row(cells, number)
            if again is None or again.columns != header.columns:
                mismatched.append(number)
    return asides, mismatched


def _by_reason(asides: Mapping[int, str]) -> dict[str, list[int]]:
    found: dict[str, list[int]] = {}
    for number, reason in asides.items():
        found.setdefault(reason, []).append(number)
    return found


def spans(numbers: Sequence[int]) -> str:
    """Return row numbers as messages name them.

    Examples
    --------
    >>> spans([1, 2, 3, 9])
    '1-3, 9'
    """
    runs: list[list[int]] = []
    for number in sorted(numbers):
        if runs and runs[-1][1] == number - 1:
            runs[-1][1] = number
        else:
            runs.append([number, number])
    said = [str(first) if first == last else f"{first}-{last}" for first, last in runs[:_MOST_SPANS]]
    return ", ".join(said) + (" …" if len(runs) > _MOST_SPANS else "")


def prefilled(header: Header, year: int) -> int | None:
    """Return the position of the codes that stand in the form of a year before anybody writes, if any do."""
    codes = [name for name, one in form_of(year).items() if one.must == "prefilled"]
    at = (position for position, name in header.columns.items() if name in codes)
    return next(at, None) if header.grain == GRAIN else None


def _unused(header: Header, texts: Sequence[pa.Array], numbers: np.ndarray, place: Place) -> np.ndarray:
    """Return the rows that hold nothing but the code that stood there before anybody wrote."""
    code = prefilled(header, place.year)
    if code is None:
        return numbers[:0]
    filled = [
        pc.match_substring_regex(text, r"[^\s\x{a0}]").to_numpy(zero_copy_only=False)
        for position, text in enumerate(texts)
        if position != code
    ]
    return numbers[~np.logical_or.reduce(filled)] if filled else numbers[:0]


def _is_suspect(text: pa.Array) -> np.ndarray:
    looks = pc.match_substring_regex(text, SUSPECT_ROW)
    headings = pa.array(sorted(known_headings()), pa.large_string())
    is_heading = pc.is_in(pc.utf8_trim_whitespace(pc.utf8_lower(text)), value_set=headings)
    return pc.or_(looks, is_heading).to_numpy(zero_copy_only=False)


def _look_at_cells(
    header: Header, encoded: pa.DictionaryArray, numbers: np.ndarray, place: Place, asides: dict[int, str]
) -> list[Finding]:
    """Refuse the file for a cell that starts a program; list cells that are no answers."""
    distinct = encoded.dictionary
    # one pattern goes through the distinct texts; only the few that it finds are looked at one by one
    looks = pc.match_substring_regex(distinct, f"{_CONTROL}|{_FORMULA}")
    is_odd = pc.or_(looks, pc.greater(pc.utf8_length(distinct), _LONGEST))
    odd = distinct.filter(is_odd)
    commands, controls = (
        set(odd.filter(pc.match_substring_regex(odd, pattern)).to_pylist())
        for pattern in (_COMMAND, _CONTROL)
    )
    found: list[Finding] = []
    for at in np.flatnonzero(np.asarray(is_odd)[encoded.indices.to_numpy()]).tolist():
        position, index = divmod(at, len(numbers))
        cell, row = encoded[at].as_py(), int(numbers[index])
        if cell in commands:
            heading = heading_of(header, position)
            raise FileError("E-110", file=place.file, sheet=place.sheet or "-", row=row, column=heading)
        kind = "E-156" if len(cell) > _LONGEST else "E-155" if cell in controls else "E-153"
        if row not in asides and position in header.columns:
            found.append(finding(kind, place, header, row, position))
    return found


def _outside_the_columns(
    header: Header, texts: Sequence[pa.Array], numbers: np.ndarray, place: Place
) -> Iterator[tuple[str, Finding]]:
    """Yield columns that are filled and not read, and rows with cells that stand under no heading."""
    loose: dict[int, list[int]] = {}
    for position, text in enumerate(texts):
        if position in header.columns:
            continue
        filled = pc.match_substring_regex(text, r"[^\s\x{a0}]")
        if not pc.any(filled).as_py():
            continue
        if position in header.repeated or header.headings.get(position, ""):
            code = "E-151" if position in header.repeated else "W-150"
            yield _where(place, None, xl_col_to_name(position)), finding(code, place, header, None, position)
        else:
            for number in numbers[filled.to_numpy(zero_copy_only=False)].tolist():
                loose.setdefault(number, []).append(position)
    for number, positions in loose.items():
        first, last = xl_col_to_name(positions[0]), xl_col_to_name(positions[-1])
        span = "" if first == last else f":{last}{number}"
        yield _where(place, number, first) + span, finding("E-158", place, header, number, positions[0])


def _where(place: Place, row: int | None, column: str) -> str:
    """Return a place as receipts name it.

    Examples
    --------
    >>> _where(Place("a.xlsx", "Personer", "M07", 2023), 14, "C")
    'Personer!C14'
    """
    return f"{place.sheet}!{column}{row or ''}".removeprefix("!")


def heading_of(header: Header, position: int) -> str:
    """Return a heading of the form as it stands in the sheet; of any other column only the letters."""
    is_known = position in header.columns or position in header.repeated
    return _shorten(header.headings[position]) if is_known else xl_col_to_name(position)


def finding(code: str, place: Place, header: Header, row: int | None, position: int | None = None) -> Finding:
    """Return a finding at a place of a sheet, under a heading of the form as it stands there."""
    fields = {"most": _LONGEST} if code == "E-156" else {}
    column = "" if position is None else heading_of(header, position)
    variable = "" if position is None else header.columns.get(position, "")
    variable = asked_as(header.grain, place.year).get(variable, variable)
    return Finding(code, place.file, place.sheet, row, column, fields, variable)


def _frame(grain: str, table: dict[str, pa.Array], numbers: np.ndarray, place: Place) -> pd.DataFrame:
    """Return columns in the order of the codebook, then provenance."""
    columns = {name: table[name] for name in load().grain_columns(grain) if name in table}
    for name in PROVENANCE:
        value = numbers if name == "row" else getattr(place, name)
        kind = pa.large_string() if isinstance(value, str) else pa.int64()
        columns[name] = pa.array(np.broadcast_to(value, len(numbers)), kind)
    return pa.table(columns).to_pandas()
