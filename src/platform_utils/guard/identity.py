"""Recognise what would name a person: personal and other case numbers, phone numbers, e-mail addresses.

Enters: a text. Leaves: what was found, or None; never the text itself. Requests, the hook and `receive` ask
this one place. A name is not recognised: what a return may hold is listed, see `returns.answers`.
"""

from __future__ import annotations

import html
import re
import unicodedata
from collections.abc import Iterator
from datetime import date

_START = r"(?<!\d)(?<!\d[.,])"
_GAP = r"(?:[ ./_+,()-]{1,3}\n?)?"
_TAIL = rf"(?:\d{{2}}{_GAP}\d{{2}}|(?<=\D)[A-Z]{{1,2}}\d{{2,3}})(?!\d)"
_CLOSE = re.compile(rf"{_START}((?:19|20)?\d\d)(\d\d)(\d\d){_GAP}{_TAIL}", re.IGNORECASE)
_APART = re.compile(
    rf"{_START}((?:19|20)?\d\d)([ ./-])(\d\d)\2(\d\d)[ ./_+-]{{1,3}}(\d\d\2?\d\d)(?!\d)", re.IGNORECASE
)
_CASE_NUMBER = re.compile(
    r"(?<![a-z])(?:lma|tf|dossiernr|dossnr|samordningsnr)[ .:#_-]{0,3}(?:\d[ ./-]?){6}", re.IGNORECASE
)
_EMAIL = re.compile(
    r"[^\s@<>,;:\"'()\[\]{}=|`/]{1,64}(?:@|\s?[(\[]\s?(?:at|snabel-a)\s?[)\]]\s?)[^\W_](?:[\w-]|\.(?=\w)){1,250}\.[^\W\d_]{2,}",
    re.IGNORECASE,
)
_AT = re.compile(r"@|[(\[]\s?(?:at|snabel-a)\s?[)\]]", re.IGNORECASE)
_ABROAD = re.compile(rf"{_START}(?<!\+)(?:\+|(?<!\w)00(?=[2-9]))\s?[1-9](?:[ ./()-]{{0,2}}\d){{7,13}}(?!\d)")
_MOBILE = re.compile(
    rf"{_START}(?<![A-Z])0[ ./_+-]{{0,3}}7[ ./-]?[02369](?:[ ./_+-]{{0,3}}\d){{7}}(?![.,]?\d)"
)
_MOBILE_AS_NUMBER = re.compile(r"(?:46)?7[02369]\d{7}")
_LANDLINE = re.compile(r"(?<![\d-])0[1-9]\d{0,2}\s?[-/]\s?(?:\d{5,8}|\d{2,3}(?: \d{2,3}){1,3})(?![\d-])")
_DIGEST = re.compile(r"(?<![0-9a-z])(?=[0-9a-f]{0,40}[a-f])[0-9a-f]{32,}(?![0-9a-z])")


def find_identity(text: str) -> str | None:
    """Return what a text holds that would name a person, or None.

    Hidden characters, other scripts' digits, other dashes and a wrong check digit hide nothing.

    Returns
    -------
    str or None
        ``"number"`` a personal, coordination or case number; ``"phone"``, ``"mail"``.

    Examples
    --------
    >>> find_identity("19811228-9874"), find_identity("2023-0142"), find_identity("070-174 06 05")
    ('number', None, 'phone')
    """
    return next((kind for kind, _ in identities(text)), None)


def identities(text: str) -> Iterator[tuple[str, str]]:
    """Yield everything that `find_identity` finds in a text: its kind, and its digits or the address."""
    plain = _DIGEST.sub(" ", _plain(text))
    numbers = [*_numbers(plain), *(found[0] for found in _CASE_NUMBER.finditer(plain))]
    yield from (("number", re.sub(r"\D", "", number)) for number in numbers)
    mails = _EMAIL.finditer(plain) if _AT.search(plain) else ()
    yield from (("mail", found[0]) for found in mails)
    phones = [found[0] for kind in (_ABROAD, _MOBILE, _LANDLINE) for found in kind.finditer(plain)]
    if _MOBILE_AS_NUMBER.fullmatch(plain.strip()):
        phones.append(plain)
    yield from (("phone", re.sub(r"\D", "", phone)) for phone in phones)


def _plain(text: str) -> str:
    """Return a text with plain digits, hyphens and spaces, without what is not seen or only marks it up."""
    seen = text if text.isascii() else "".join(map(_plain_character, unicodedata.normalize("NFKC", text)))
    if "&" in seen:
        seen = "".join(map(_plain_character, html.unescape(seen)))
    seen = re.sub(r"(?<=\d)_(?=\d)", "", seen)
    if "<" in seen:
        seen = re.sub(r"(?<=\d)(?:</?\w{1,6}>)+|(?:</?\w{1,6}>)+(?=\d)", "", seen)
    return re.sub(r"(?<=\d)[*`~]+(?=[\d-])|(?<=-)[*`~]+(?=\d)", "", seen)


def _plain_character(sign: str) -> str:
    if sign.isascii():
        return sign
    kind = unicodedata.category(sign)
    if kind == "Nd":
        return str(unicodedata.decimal(sign))
    return {"Pd": "-", "Zs": " ", "Cf": "", "Mn": ""}.get(kind, "-" if sign == "\u2212" else sign)


def _numbers(plain: str) -> Iterator[str]:
    """Yield each number that is laid out as a personal number and begins with a day."""
    for found in _CLOSE.finditer(plain):
        if _is_birth(*found.groups()[:3]):
            yield found[0]
    for found in _APART.finditer(plain):
        year, sign, month, day, _ = found.groups()
        # five pairs of digits in a row are as often something else
        if _is_birth(year, month, day) and (sign != " " or _luhn(re.sub(r"\D", "", found[0]))):
            yield found[0]


def _is_birth(year: str, month: str, day: str) -> bool:
    born = int(day) % 60 if int(day) > 60 else int(day)  # a coordination number has 60 added to the day
    years = (year,) if len(year) == 4 else (f"19{year}", f"20{year}")
    return any(_is_date(int(each), int(month), born) for each in years)


def _is_date(year: int, month: int, day: int) -> bool:
    try:
        date(year, month, day)
    except ValueError:
        return False
    return True


def _luhn(digits: str) -> bool:
    doubled = (int(digit) * (2 - position % 2) for position, digit in enumerate(digits[-10:]))
    return sum(value // 10 + value % 10 for value in doubled) % 10 == 0
