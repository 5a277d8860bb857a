"""Say which rows of a sheet are not answers: blank rows, totals, examples, headings again.

Enters: the cells of one row. Leaves: the reason for which it is set aside, or None.
Rule: nothing is dropped silently; a row set aside is counted under its reason.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from platform_utils.returns.column_maps import known_headings
from platform_utils.returns.header import Header, match_row
from platform_utils.spec.text import clean_text, normalise_text

__all__ = ["SUSPECT", "reason_aside", "suspect_words"]

_TOTAL = re.compile(
    r"(s:a|summa|summor|totalt?|totalsumma|sum|totals?|grand total|subtotal|delsumma)\b.{0,40}"
)
_EXAMPLE = re.compile(r"(exempel|example)((s?rad| row)?[\s:_-]*\d*|\s*[:(].{0,80})")

SUSPECT = (
    r"(?i)^\s*(s:a|sum|tot|grand|sub|delsum|exem|exam)"
    r"|^[\s\x{200b}-\x{200f}\x{2060}\x{feff}\x{ad}\x{a0}]*$"
)
"""RE2 pattern of first cells that deserve a look at the whole row."""


def suspect_words() -> list[str]:
    """Return first cells, in lower case, that may begin a repeated heading row."""
    return sorted(known_headings())


def reason_aside(cells: Sequence[str], header: Header) -> str | None:
    """Return the reason for which a row is set aside, or None for a row of answers.

    Parameters
    ----------
    cells : sequence of str
        Every cell of the row, from the first column.
    header : Header
        Of the sheet.

    Returns
    -------
    str or None
        ``"blank_row"``, ``"total_row"``, ``"example_row"``, ``"repeated_header"``: keys of ``REASONS``.
    """
    first = next((text for text in map(clean_text, cells) if text), "")
    if not first:
        return "blank_row"
    word = normalise_text(first)
    if _TOTAL.fullmatch(word):
        return "total_row"
    if _EXAMPLE.fullmatch(word):
        return "example_row"
    if word in known_headings() and match_row(cells, header.row) is not None:
        return "repeated_header"
    return None
