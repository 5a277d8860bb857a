"""Recognise what would name a person: personal numbers, phone numbers, e-mail addresses.

Enters: a text of a request. Leaves: what was found, or None; never the text itself. Returns
are not judged by this: there only what is listed may be kept, see `answers`.
"""

from __future__ import annotations

import re
from datetime import date

__all__ = ["find_identity"]

_PERSONAL = re.compile(r"(?<!\d)(?:(19|20)?(\d{2})(\d{2})(\d{2}))[-+–−\s\u00a0]{0,3}(\d{3})(\d)(?!\d)")
_EMAIL = re.compile(r"[^\s@<>,;]@[^\s@<>,;]{1,250}\.[^\W\d_]{2,}")
_GAP = r"[\s\u00a0–-]?"
_ABROAD = re.compile(r"(?<![\d+])(?:\+|00(?=[1-9]))\s?[1-9](?:[\s\u00a0()–-]{0,2}\d){7,13}(?!\d)")
_MOBILE = re.compile(rf"(?<!\d)07[02369](?:{_GAP}/?{_GAP}\d){{7}}(?!\d)")
_MOBILE_AS_NUMBER = re.compile(r"(?:46)?7[02369]\d{7}")
_LANDLINE = re.compile(
    r"(?<![\d-])0[1-9]\d{0,2}\s?[-–/]\s?(?:\d{5,8}|\d{2,3}(?:[\s\u00a0]\d{2,3}){1,3})(?![\d–-])"
)


def find_identity(text: str, *, is_code: bool = False, is_amount: bool = False) -> str | None:
    """Return what a text holds that would name a person, or None.

    Parameters
    ----------
    text : str
        Cell as text.
    is_code : bool
        The column holds the member's own codes, such as ``08-000123``: forms that only look like a
        land line pass.
    is_amount : bool
        The column holds amounts of money: digits that only look like a mobile number pass.

    Returns
    -------
    str or None
        ``"number"`` a personal or coordination number, by date and check digit; ``"phone"``, ``"mail"``.

    Examples
    --------
    >>> find_identity("19811228-9874"), find_identity("2023-0142"), find_identity("070-174 06 05")
    ('number', None, 'phone')
    """
    if any(_is_personal_number(match) for match in _PERSONAL.finditer(text)):
        return "number"
    if _EMAIL.search(text):
        return "mail"
    if _ABROAD.search(text) or _MOBILE.search(text):
        return "phone"
    if not is_amount and _MOBILE_AS_NUMBER.fullmatch(text.strip()):
        return "phone"
    return "phone" if not is_code and _LANDLINE.search(text) else None


def _is_personal_number(match: re.Match[str]) -> bool:
    century, year, month, day, birth, check = match.groups()
    born = int(day) - 60 if int(day) > 60 else int(day)  # a coordination number has 60 added to the day
    years = [int(century + year)] if century else [1900 + int(year), 2000 + int(year)]
    return any(_is_date(each, int(month), born) for each in years) and _luhn(
        f"{year}{month}{day}{birth}"
    ) == int(check)


def _is_date(year: int, month: int, day: int) -> bool:
    try:
        date(year, month, day)
    except ValueError:
        return False
    return True


def _luhn(digits: str) -> int:
    doubled = (int(digit) * (2 - position % 2) for position, digit in enumerate(digits))
    return -sum(value // 10 + value % 10 for value in doubled) % 10
