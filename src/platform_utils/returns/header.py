"""Find the heading row of a sheet by its text.

Enters: rows of text. Leaves: which row holds the headings, which sheet of the form it is, and
what stands where.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from platform_utils.returns.column_maps import GRAINS, known_headings
from platform_utils.spec.text import normalise_text

__all__ = ["MOST_COLUMNS", "Header", "find_header", "match_row"]

MOST_COLUMNS = 250
"""Headings that a sheet may have; the form has some 120. A row with more is read as headings, and refused."""

_SEARCHED = 100
"""Rows looked through; forms keep their headings under a few title rows."""


@dataclass(frozen=True)
class Header:
    """The headings of one sheet.

    Parameters
    ----------
    grain : str
        Sheet of the form.
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
    """Return the heading row of a sheet, or None if no row reads like one.

    Parameters
    ----------
    rows : sequence of sequence of str
        Rows from the top of the sheet; the first hundred are looked at.
    sheet_grain : str, optional
        What the name of the sheet says it is; settles a tie.

    Returns
    -------
    Header or None
        The first row in which at least two headings of one sheet of the form stand and make up
        at least a third of what stands in the row.
    """
    for number, row in enumerate(rows[:_SEARCHED], start=1):
        header = match_row(row, number, sheet_grain)
        if header is not None:
            return header
    return None


def match_row(row: Sequence[str], number: int, sheet_grain: str | None = None) -> Header | None:
    """Return a row read as headings, or None if it does not read like one."""
    filled = {position: text for position, text in enumerate(row) if text and not text.isspace()}
    known = known_headings()
    matches = {position: known.get(normalise_text(text)) for position, text in filled.items()}
    counts = {
        grain: len({found[grain] for found in matches.values() if found and grain in found})
        for grain in GRAINS
    }
    best = max(GRAINS, key=lambda grain: (counts[grain], grain == sheet_grain, grain == "total"))
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
