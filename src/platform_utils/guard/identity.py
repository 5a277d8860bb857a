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

from platform_utils.guard.listed import LISTED

_CASE_NUMBER, _EMAIL, _LANDLINE, _ESCAPE, _INLINE = (
    re.compile(LISTED["identity"][name], re.IGNORECASE)
    for name in ("case_number", "email", "landline", "escape", "inline")
)
_GAP = r"(?:[ ./_+,()-]{1,3}\n?)?"
_TAIL = rf"(?:\d{{2}}{_GAP}\d{{2}}|(?<=\D)[A-Z]{{1,2}}\d{{2,3}})(?!\d)"
_CLOSE = re.compile(rf"(?<!\d)((?:19|20)?\d\d)(\d\d)(\d\d){_GAP}{_TAIL}", re.IGNORECASE)
_APART = re.compile(
    r"(?<!\d)((?:19|20)?\d\d)([ ./-]?)(\d\d)\2(\d\d)(?! [+-]0\d[03]0\b)([\W_]{1,24})(\d\d\2?\d\d)"
    r"(?!\d|[./-]\d\d[./-]\d)"
)
_NEAR = re.compile(r"[ ./_+-]{1,3}")
_CLOCK = re.compile(r"(?:[01]\d|2[0-3])[0-5]\d")
_WHOLE = re.compile(r"(?:(?<![\d.,;\[({])\d+,|\d+\.)$")
_WORDS = (
    (re.compile(r"\s?[(\[{]\s?(?:at|snabel-a)\s?[)\]}]\s?", re.IGNORECASE), "@"),
    (re.compile(r"\s?[(\[{]\s?(?:dot|punkt)\s?[)\]}]\s?", re.IGNORECASE), "."),
    (re.compile(r"(?<=\w) (?:at|snabel-a) ([\w.-]{1,60}) (?:dot|punkt) (?=\w)", re.IGNORECASE), r"@\1."),
)
"""What stands for the signs of an address, and the signs."""
_ABROAD = re.compile(r"(?<![\d+])(?:\+|(?<!\w)00(?=[2-9]))\s?[1-9](?:[ ./()-]{0,2}\d){7,13}(?!\d)")
_MOBILE = re.compile(r"(?<![A-Z\d])0[ ./_+-]{0,3}7[ ./-]?[02369](?:[ ./_+-]{0,3}\d){7}(?![.,]?\d)")
_MOBILE_AS_NUMBER = re.compile(r"(?:46)?7[02369]\d{7}")
_TAG = re.compile(r"<[a-z/!](?![^<>]*\d{6})[^<>@]{0,300}>\s*", re.IGNORECASE)
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
    mails = plain
    for words, sign in _WORDS:
        mails = words.sub(sign, mails)
    yield from (("mail", found[0]) for found in (_EMAIL.finditer(mails) if "@" in mails else ()))
    kinds = (_ABROAD, _MOBILE, _LANDLINE)
    found = [each for kind in kinds for each in kind.finditer(plain)]
    phones = [each[0] for each in found if not _whole(plain, each).endswith((".", " 0,"))]
    if _MOBILE_AS_NUMBER.fullmatch(plain.strip()):
        phones.append(plain)
    yield from (("phone", re.sub(r"\D", "", phone)) for phone in phones)


def _whole(plain: str, found: re.Match[str]) -> str:
    """Return what stands before bare digits that may be the decimals of one number: a space, ``0,``."""
    before = _WHOLE.search(plain, max(0, found.start() - 9), found.start())
    in_row = plain[found.end() : found.end() + 1] in tuple(",;")
    return f" {before[0]}" if before and found[0].isdigit() and not (in_row and "," in before[0]) else ""


def _plain(text: str) -> str:
    """Return a text with plain digits, hyphens and spaces, without what is not seen or only marks it up."""
    seen = html.unescape(text) if "&" in text else text
    seen = _ESCAPE.sub(_escaped, seen) if "\\" in seen or "%" in seen else seen
    if not seen.isascii():
        seen = "".join(map(_plain_character, unicodedata.normalize("NFKC", seen)))
    seen = re.sub(r"(?<=\d)_(?=\d)", "", seen)
    if "<" in seen:
        seen = _TAG.sub(" ", _INLINE.sub("", seen))
    seen = re.sub(
        r"(?<=\d)[\"']\s{0,99}\+?\s{0,99}[\"'](?=[\d-])", "", seen
    )  # two texts of a program that are one
    return re.sub(r"(?<=\d)[*`~\\]+(?=[\d-])|(?<=-)[*`~]+(?=\d)", "", seen)


def _escaped(found: re.Match[str]) -> str:
    """Return the sign that an escape stands for; as it stands if it is none."""
    try:
        if found[0].startswith("%"):  # per cent and a number is no escape
            said = bytes.fromhex(found[0].replace("%", "")).decode()
            return found[0] if any(map(str.isalnum, said)) else said
        *codes, name = found.groups()
        return unicodedata.lookup(name) if name else chr(int(next(filter(None, codes)), 16))
    except (ValueError, KeyError, OverflowError):
        return found[0]


def _plain_character(sign: str) -> str:
    if sign.isascii():
        return sign
    kind = unicodedata.category(sign)
    if kind == "Nd":
        return str(unicodedata.decimal(sign))
    if sign in "\u115f\u1160\u2800\u3164":  # letters and signs that are not seen
        return ""
    return {"Pd": "-", "Zs": " ", "Cf": "", "Mn": "", "Me": ""}.get(kind, "-" if sign == "\u2212" else sign)


def _numbers(plain: str) -> Iterator[str]:
    """Yield each number that is laid out as a personal number and begins with a day.

    A wrong check digit hides nothing where a number stands alone. It has to be right where as much else is
    written so: after a comma or point, five pairs, a time of day, a date and a number beside it. Ten digits
    after ``0.`` are decimals in any case: computed shares are stored so, and no field or list begins so.
    """
    for found in _CLOSE.finditer(plain):
        whole = _whole(plain, found)
        if _is_birth(*found.groups()[:3]) and (not whole or (whole != " 0." and luhn(found[0]))):
            yield found[0]
    for found in _APART.finditer(plain):
        year, sign, month, day, gap, last = found.groups()
        is_near = sign not in ("", " ") and _NEAR.fullmatch(gap)
        is_sure = is_near and ("-" in gap or not _CLOCK.fullmatch(last))
        if _is_birth(year, month, day) and (is_sure or luhn(re.sub(r"\D", "", found[0]))):
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


def luhn(digits: str) -> bool:
    """Say whether the last of ten digits is the check digit of the others."""
    doubled = (int(digit) * (2 - position % 2) for position, digit in enumerate(digits[-10:]))
    return sum(value // 10 + value % 10 for value in doubled) % 10 == 0
