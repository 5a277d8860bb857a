"""Find the heading row of a sheet by its text, and say which rows under it are not answers.

Enters: rows of text. Leaves: which row holds the headings, which sheet of the form it is, and what stands
where; the reason for which a row is set aside. Rule: nothing is dropped silently; a row set aside is counted
under its reason.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import islice

from platform_utils.returns.column_maps import columns_of
from platform_utils.spec import grains
from platform_utils.spec.codebook import load
from platform_utils.spec.text import clean_text, normalise_text

MOST_COLUMNS = 250
"""Headings that a sheet may have; the form has some 120. A row with more is read as headings, and refused."""

_SEARCHED = 100
"""Rows looked through; forms keep their headings under a few title rows."""

_LOOKED_UP = 4 * MOST_COLUMNS
"""Cells of one row that are looked up as headings."""

_TOTAL = re.compile(
    r"(s:a|summa|summor|totalt?|totalsumma|sum|totals?|grand total|subtotal|delsumma)\b.{0,40}"
)
_EXAMPLE = re.compile(r"(exempel|example)((s?rad| row)?[\s:_-]*\d*|\s*[:(].{0,80})")

SUSPECT_ROW = (
    r"(?i)^\s*(s:a|sum|tot|grand|sub|delsum|exem|exam)"
    r"|^[\s\x{200b}-\x{200f}\x{2060}\x{feff}\x{ad}\x{a0}]*$"
    r"|\S\s+\S|\S{25}"
)
"""RE2 pattern of first cells that deserve a look at the whole row; so do those that are headings."""

_NUMBER = re.compile(r"\d+(?:[.,]\d+)? ?%?")
_CODE = re.compile(r"[A-Za-zÅÄÖåäö]{0,3}[ -]?\d")
_LONGEST_CODE = 24


@dataclass(frozen=True)
class Header:
    """The headings of one sheet of the form.

    Attributes
    ----------
    row : int
        Row number in the sheet, 1-based.
    columns : dict of int to str
        Position (0-based) to column of the codebook; the first of two equal headings.
    headings : dict of int to str
        Position to heading as it stands, known or not; positions without a heading are absent.
    repeated : tuple of int
        Positions whose heading has been seen further left.
    """

    grain: str
    row: int
    columns: dict[int, str]
    headings: dict[int, str]
    repeated: tuple[int, ...] = ()


def find_header(rows: Sequence[Sequence[str]], sheet_grain: str | None = None) -> Header | None:
    """Return the heading row of a sheet, or None if none of its first hundred rows reads like one.

    It is the first row in which at least two headings of one sheet of the form stand and make up at least a
    third of what stands in the row.

    Parameters
    ----------
    sheet_grain : str, optional
        What the name of the sheet says it is; settles a tie.
    """
    for number, row in enumerate(rows[:_SEARCHED], start=1):
        header = match_row(row, number, sheet_grain)
        if header is not None:
            return header
    return None


def match_row(row: Sequence[str], number: int, sheet_grain: str | None = None) -> Header | None:
    """Return a row read as headings, or None if it does not read like one."""
    filled = {position: text for position, text in enumerate(row) if text and not text.isspace()}
    matches = {position: columns_of(text) for position, text in islice(filled.items(), _LOOKED_UP)}
    counts = {
        grain: len({found[grain] for found in matches.values() if found and grain in found})
        for grain in grains.load()
    }
    # the few headings of totals all stand on the sheet of persons too, so totals win a tie
    best = max(
        grains.load().values(),
        key=lambda grain: (counts[grain.name], grain.name == sheet_grain, grain.unit == "group"),
    ).name
    if counts[best] < 2 or (3 * counts[best] < len(filled) <= MOST_COLUMNS):
        return None
    columns: dict[int, str] = {}
    repeated: list[int] = []
    for position, found in matches.items():
        if found and best in found:
            if found[best] in columns.values():
                repeated.append(position)
            else:
                columns[position] = found[best]
    return Header(best, number, columns, filled, tuple(repeated))


def reason_aside(cells: Sequence[str], header: Header) -> str | None:
    """Return the reason for which a row is set aside, or None for a row of answers.

    It is ``"blank_row"``, ``"total_row"``, ``"example_row"``, ``"repeated_header"`` or ``"note"``: a key of
    ``REASONS``. A row that is called a total and holds answers is one of answers: a word alone drops nobody.
    """
    filled = {position: clean for position, text in enumerate(cells) if text and (clean := clean_text(text))}
    if not filled:
        return "blank_row"
    at, first = next(iter(filled.items()))
    word = normalise_text(first)
    if _TOTAL.fullmatch(word) and not _holds_answers(filled, at, header):
        return "total_row"
    if _EXAMPLE.fullmatch(word):
        return "example_row"
    if columns_of(first) and match_row(cells, header.row) is not None:
        return "repeated_header"
    return "note" if len(filled) == 1 and _is_note(first, header.columns.get(at, ""), header.grain) else None


def _holds_answers(filled: Mapping[int, str], first: int, header: Header) -> bool:
    """Say whether a row answers a question in words, besides what it is called."""
    questions = load().grain_columns(header.grain)
    return any(
        not questions[header.columns[at]][0].is_number and not _NUMBER.fullmatch(text)
        for at, text in filled.items()
        if at != first and at in header.columns
    )


def _is_note(text: str, column: str, grain: str) -> bool:
    """Say whether the only text of a row is a line about the table: neither a code nor an answer."""
    if _CODE.match(text) or not (" " in text or len(text) > _LONGEST_CODE):
        return False
    variable = load().grain_columns(grain).get(column, (None, None))[0]
    return variable is None or normalise_text(text) not in load().spellings(variable)
