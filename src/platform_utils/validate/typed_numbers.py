"""Read a typed number or date: what it is, or which kind of mistake it is. Nothing is guessed.

Enters: one cell's text. Leaves: a whole number, or the code of the finding.
"""

from __future__ import annotations

import re

from platform_utils.spec.codebook import Variable
from platform_utils.spec.text import clean_text

__all__ = ["date_fault", "read_number"]

_WHOLE = re.compile(r"\d+(?:[.,]0+)?|\d{1,3}(?: \d{3})+(?:[.,]0+)?")
_DECIMAL = re.compile(r"[-+]?\d[\d ]*[.,]\d+")
_NEGATIVE = re.compile(r"[-\u2212\u2013] ?\d[\d ]*(?:[.,]\d+)?")
_CURRENCY = re.compile(r"\s?(?:kr|sek|:-|,-)\.?$", re.IGNORECASE)
_ISO = re.compile(r"(?:19|20)\d{2}[-/.](\d{1,2})(?:[-/.](\d{1,2}))?(?:[T ]\d{1,2}[:.]\d{2}.*)?")
_COMPACT = re.compile(r"(?:19|20)\d{2}(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])")
_SHORT = re.compile(r"(\d{1,2})([/.-])(\d{1,2})(?:\2|\s)((?:19|20)?\d{2})(?:[T ]\d{1,2}[:.]\d{2}.*)?")
_DAY_AND_MONTH = re.compile(r"(\d{1,2})/(\d{1,2})|(0\d|\d{2})\.(0\d)")
_NAMED = re.compile(
    r"\d{1,2}\.? ?(?:jan|feb|mar|apr|maj|may|jun|jul|aug|sep|okt|oct|nov|dec)[a-z]*\.?(?: ?\d{2,4})?",
    re.IGNORECASE,
)
_SERIAL = re.compile(r"\d{5}(?:[.,]\d+)?")
_FIRST_SERIAL, _LAST_SERIAL = 34_000, 56_000
"""Spreadsheet day numbers that today's years have, in both the 1900 and the 1904 calendar."""


def read_number(text: str, variable: Variable) -> tuple[int | None, str | None]:
    """Return the whole number in a cell, and the code of what is wrong with it.

    Parameters
    ----------
    text : str
        The cell, not empty.

    Returns
    -------
    number : int or None
        None if no whole number can be read.
    fault : str or None
        ``"E-204"`` … ``"E-209"``, None if the number is good. A number out of range comes with its fault.

    Examples
    --------
    >>> from platform_utils.spec.codebook import load
    >>> age = load().variable("age_years")
    >>> read_number("31", age), read_number("31,5", age), read_number("2023-04-03", age)
    ((31, None), (None, 'E-208'), (None, 'E-206'))
    """
    typed = clean_text(text)
    if variable.kind == "sek":
        typed = _CURRENCY.sub("", typed)
    date = date_fault(typed)
    if _WHOLE.fullmatch(typed):
        number = int(re.split(r"[.,]", typed)[0].replace(" ", ""))
        if variable.minimum is not None and number < variable.minimum:
            return number, "E-205"
        if variable.maximum is not None and number > variable.maximum:
            return number, date or "E-205"
        return number, None
    if date:
        return None, date
    if _DECIMAL.fullmatch(typed):
        return None, "E-209" if typed.startswith("-") else "E-208"
    if _NEGATIVE.fullmatch(typed):
        return None, "E-209"
    return None, "E-204"


def date_fault(text: str) -> str | None:
    """Return ``"E-206"`` for a date, ``"E-207"`` for one that reads in two ways, None for anything else.

    Day numbers of spreadsheets count as dates: asked for is never a number of that size.

    Examples
    --------
    >>> [date_fault(text) for text in ("2023-04-03", "03/04", "25/04/2023", "45019", "12")]
    ['E-206', 'E-207', 'E-206', 'E-206', None]
    """
    typed = clean_text(text)
    if _ISO.fullmatch(typed) or _COMPACT.fullmatch(typed) or _NAMED.fullmatch(typed):
        return "E-206"
    if _SERIAL.fullmatch(typed):
        return "E-206" if _FIRST_SERIAL <= int(re.split(r"[.,]", typed)[0]) <= _LAST_SERIAL else None
    short = _SHORT.fullmatch(typed)
    if short:
        return _order_of(int(short[1]), int(short[3]))
    pair = _DAY_AND_MONTH.fullmatch(typed)
    if pair:
        return _order_of(int(pair[1] or pair[3]), int(pair[2] or pair[4]))
    return None


def _order_of(first: int, second: int) -> str | None:
    low, high = sorted((first, second))
    if low < 1 or low > 12 or high > 31:
        return None
    return "E-207" if high <= 12 and low != high else "E-206"
