"""Read a typed number or date: what it is, or which kind of mistake it is. Nothing is guessed.

Enters: one cell's text. Leaves: a whole number, or the code of the finding.
"""

from __future__ import annotations

import re

from platform_utils.spec.codebook import Variable
from platform_utils.spec.text import clean_text, normalise_text

_WHOLE = re.compile(r"\d+(?:[.,]0+)?|\d{1,3}(?: \d{3})+(?:[.,]0+)?")
_DECIMAL = re.compile(r"[-+]?\d[\d ]*[.,]\d+")
_NEGATIVE = re.compile(r"[-\u2212\u2013] ?\d[\d ]*(?:[.,]\d+)?")
_UNITS = {
    "SEK": r"kr|kronor|sek|:-|,-",
    "persons": r"st|styck|stycken|pers|person|personer|people|persons",
    "children": r"st|styck|stycken|barn|child|children",
    "years": r"år|års|y|yrs|year|years|years old|-?åring|-?årig",
    "days": r"d|dag|dagar|dgr|dygn|day|days",
    "hours": r"h|tim|timme|timmar|hour|hours",
    "full-time equivalents": r"st|tjänst|tjänster|årsarbetskrafter|heltid|heltider|fte",
}
"""What may stand after a number of each unit; any other word is not read."""
_POSTS = "full-time equivalents"
_MONTHS = ("jan", "feb", "mar", "apr", "maj|may", "jun", "jul", "aug", "sep", "okt|oct", "nov", "dec")
_MONTH = re.compile("|".join(f"(?P<m{at}>(?:{name})[a-zé]*)" for at, name in enumerate(_MONTHS, start=1)))
_QUARTER = re.compile(
    r"(?:kvartal|kvartalet|quarter|kv|k|q)[. ]?([1-4])"
    r"|([1-4])(?::?[ae]|st|nd|rd|th)? ?(?:kvartalet|kvartal|kv|quarter)"
)
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
        ``"E-204"`` … ``"E-209"``, None if the number is good. A number out of range comes with its fault, a
        number of posts that was rounded with ``"W-247"``.

    Examples
    --------
    >>> from platform_utils.spec.codebook import load
    >>> age = load().variable("age_years")
    >>> read_number("31", age), read_number("31,5", age), read_number("2023-04-03", age)
    ((31, None), (None, 'E-208'), (None, 'E-206'))
    """
    typed = re.sub(rf"(?i)(?<=\d)\s?(?:{_UNITS.get(variable.unit or '', '(?!)')})\.?$", "", clean_text(text))
    month = _MONTH.fullmatch(typed.casefold().rstrip(".")) if variable.unit == "month" else None
    if month:
        return _month(month), None
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
        if variable.unit == _POSTS and typed[0].isdigit():  # people work part-time; half a post is rounded up
            return int(float(typed.replace(" ", "").replace(",", ".")) + 0.5), "W-247"
        return None, "E-209" if typed.startswith("-") else "E-208"
    if _NEGATIVE.fullmatch(typed):
        return None, "E-209"
    return None, "E-204"


def read_quarter(text: str, year: int) -> str | None:
    """Return the quarter that a text says in words, by number or by months, or None if it is not one.

    Examples
    --------
    >>> [read_quarter(text, 2024) for text in ("jan–mars", "kv 1", "april 2024", "mars-april", "kv 1 2023")]
    ['q1', 'q1', 'q2', None, None]
    """
    key = re.sub(rf"[ ,/]*\b{year}$", "", normalise_text(text))
    number = _QUARTER.fullmatch(key)
    if number:
        return f"q{number[1] or number[2]}"
    parts = [_MONTH.fullmatch(part.strip(" .")) for part in re.split(r" ?(?:-|\btill\b|\bto\b|/) ?", key)]
    quarters = {(_month(part) + 2) // 3 if part else 0 for part in parts}
    return f"q{quarters.pop()}" if len(quarters) == 1 and 0 not in quarters else None


def _month(match: re.Match[str]) -> int:
    return int(str(match.lastgroup)[1:])


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
