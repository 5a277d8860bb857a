"""Name sheets as receipts and messages may name them.

Enters: a sheet's name. Leaves: which sheet of the form it is, and a name that repeats nobody's words. Rule: a
sheet's name is content like a cell's: only names that are known are said, other sheets are counted.
"""

from __future__ import annotations

import re

from platform_utils.messages import LANGUAGES
from platform_utils.returns.cover import support_sheet
from platform_utils.spec import grains
from platform_utils.spec.text import normalise_text

_NAMED_BY_PROGRAMS = re.compile(
    r"(?:blad|ark|sheet|tabelle|table|tabell|taul|feuil|hoja|foglio|data)[ _]?\d{0,3}|[a-z]{1,2}\d{0,2}"
)


def sheet_grain(name: str) -> str | None:
    """Return which sheet of the form a sheet's name says it is, or None."""
    for grain in grains.load().values():
        if normalise_text(name) in {normalise_text(grain.sheet(lang)) for lang in LANGUAGES}:
            return grain.name
    return None


def sheet_label(name: str, number: int) -> str:
    """Return the name under which a sheet is known here: its own if it is one that forms or programs give.

    Parameters
    ----------
    number : int
        Its place in the workbook, from 1.

    Examples
    --------
    >>> sheet_label("Personer", 2), sheet_label("Blad1", 1), sheet_label("Anna Svensson", 3)
    ('Personer', 'Blad1', '#3')
    """
    word = normalise_text(re.sub(r"[\s_]*(?:\(?(?:19|20)?\d{1,2}\)?)$", "", name))  # a year, a copy's number
    is_known = sheet_grain(word) or support_sheet(word) or _NAMED_BY_PROGRAMS.fullmatch(normalise_text(name))
    return name if is_known else f"#{number}"
