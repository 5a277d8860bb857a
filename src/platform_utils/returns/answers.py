"""Say which texts in the form's own columns may be kept: answers, numbers, codes, and short unknown words.

Enters: a cell's text and the question over it. Leaves: whether the workspace may write the text down. Rule:
what may be kept is listed, never what may not: an identifier of a form that nobody thought of is not listed.

A cell is kept when it is

- an accepted spelling of an answer, or several of the question's own;
- under a code: the member's id or at most two capitals, an optional hyphen, one to four digits;
- under a question for a number, amount, month or date: a number, a range, a unit, a month, a recent date; no
  date under an age, which is a day of birth;
- one short unknown word in Latin letters with few digits, held until it is corrected; never under a code.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from datetime import date, timedelta
from functools import cache

from platform_utils.guard.identity import find_identity
from platform_utils.messages import label
from platform_utils.spec.codebook import Variable, load
from platform_utils.spec.text import clean_text, normalise_text, one_dash

PLAIN = r"^([A-Z]{0,2}-?[0-9]{1,4}(-[a-z][0-9])?)?$"
"""RE2 pattern of what most cells under a code or a number hold: nothing to look at more closely."""

_CODE = r"(?:{prefix}|[A-ZÅÄÖ]{{0,2}})-?[0-9]{{1,4}}(?:-[a-z][0-9])?"
_SEVERAL = re.compile(r"\s*(?:[;,/|+&]|\b(?:och|and|eller|or)\b)\s*")
_HIDDEN_MOST = 40
"""Characters that typing may add to an answer: spaces, soft hyphens."""
_LONGEST_WORD, _LONGEST_MIXED = 24, 5
"""Letters of a word that may be held, and of one with digits in it."""
_TYPED_DECIMALS = 13
_YEARS_BACK = 5
_DATE = re.compile(
    r"(?<!\d)(?:(?P<year>(?:19|20)\d{2})(?P<sign>[-/.]?)(?:0[1-9]|1[0-2]|(?<=[-/.])[1-9])(?:(?P=sign)\d{1,2})?"
    r"|(?P<first>\d{1,2})[/. -]\d{1,2}[/. -](?P<last>\d{4}|\d{2}))"
    r"(?:[t ]00?[:.]00(?:[:.]00)?)?(?!\d)"  # midnight is a program's; any other time may be four digits
)
_NUMBER = re.compile(r"(?<![\d.,])(\d{1,3}(?:[ .,']\d{3})+|\d+)(?:[.,](\d*))?(?:e([+-]?\d{1,2}))?(?!\d)")
_MONTH = re.compile(r"(?:jan|feb|mar|apr|ma[ijy]|ju[nl]|aug|sep|o[kc]t|nov|dec)[a-z]*")
_RANGE = re.compile(r"\w+(?:(?: ?[-/] ?| till | to )\w+)?")
_SIGNS = re.compile(r"[\s.,:;<>≤≥=~+()/%€$-]*")


def may_be_kept(text: str, variable: Variable, member_id: str, year: int) -> bool:
    """Say whether a cell's text under a question may be written down.

    Parameters
    ----------
    text : str
        As typed.
    year : int
        Support year: a date of long before it is a day of birth as likely as not.

    Examples
    --------
    >>> from platform_utils.spec.codebook import load
    >>> sex, code, amount = (load().variable(name) for name in ("sex", "person_code", "amount_sek"))
    >>> [may_be_kept(text, sex, "M07", 2023) for text in ("Kvinna ", "kvina", "Anna Svensson", "811228-9874")]
    [True, True, False, False]
    >>> [may_be_kept(text, code, "M07", 2023) for text in ("AB-0142", "M07-12", "Anna", "811228")]
    [True, True, False, False]
    >>> [may_be_kept(text, code, "M07", 2023) for text in ("p-12", "m07-12")]
    [False, False]
    >>> [may_be_kept(text, amount, "M07", 2023) for text in ("0.0099009901", "12 500 kr", "070-174 06 05")]
    [True, True, False]
    """
    clean = clean_text(text)
    if not clean:
        return True
    if len(text) > len(clean) + _HIDDEN_MOST:
        return False
    key = normalise_text(text)
    if key in (_special() if variable.kind == "text_code" else _everywhere()):
        return True
    if variable.kind == "text_code":
        prefix = re.escape(member_id) if member_id else "[A-Z]"
        return re.fullmatch(_CODE.format(prefix=prefix), one_dash(clean)) is not None
    if find_identity(clean):
        return False
    if _spellings(variable.name, variable.grain).issuperset(_SEVERAL.split(key)):
        return True
    if (variable.is_number or variable.codes == "quarter") and _is_quantity(key, variable, year):
        return True
    return _is_short_word(clean)


@cache
def _special() -> frozenset[str]:
    """Return the spellings of the answers that all questions have."""
    said = ((code.sv, code.en, code.code, *code.aliases) for code in load().special.values())
    return frozenset(normalise_text(text) for texts in said for text in texts)


@cache
def _everywhere() -> frozenset[str]:
    """Return every accepted spelling of every question."""
    return _special().union(*(_spellings(each.name, each.grain) for each in load().variables))


@cache
def _units() -> frozenset[str]:
    """Return the words that stand beside numbers: units, months, "about"."""
    return frozenset(f"{label('L-receive-units', 'sv')} {label('L-receive-units', 'en')}".split())


@cache
def _spellings(name: str, grain: str) -> frozenset[str]:
    book = load()
    (variable,) = (each for each in book.of_grain(grain) if each.name == name)
    is_coded = not (variable.is_number or variable.kind == "text_code")
    return frozenset(book.spellings(variable)) if is_coded else frozenset()


def _is_quantity(key: str, variable: Variable, year: int) -> bool:
    """Say whether a text is made of numbers, units, months and recent dates alone."""
    rest, dates = key, 0
    for match in reversed(list(_DATE.finditer(key))):
        if not _is_recent(match, year) or variable.unit == "years":
            return False
        rest, dates = f"{rest[: match.start()]} {rest[match.end() :]}", dates + 1
    numbers = [] if dates else list(_NUMBER.finditer(rest))
    for match in reversed(numbers):
        rest = f"{rest[: match.start()]} {rest[match.end() :]}"
    words = re.findall(r"[^\W\d_]+\d?", rest)
    if not _units().issuperset(words) or len(words) > 4:
        return False
    if not numbers and not dates and not _RANGE.fullmatch(key):
        return False
    if any(map(_MONTH.fullmatch, words)) and not all(_is_of_a_date(match[1], year) for match in numbers):
        return False
    for word in words:
        rest = rest.replace(word, " ", 1)
    return dates <= 2 and _SIGNS.fullmatch(rest) is not None and _are_plausible(numbers, variable, year)


def _recent(year: int) -> range:
    """Return the years that a form of a year may be told of."""
    return range(year - _YEARS_BACK, year + 2)


def _is_of_a_date(number: str, year: int) -> bool:
    """Say whether a number beside a month is a day or a recent year."""
    return number.isdigit() and (int(number) <= 31 or int(number) in _recent(year))


def _is_recent(match: re.Match[str], year: int) -> bool:
    """Say whether a date can be one that the form might be told of: of the year, or shortly before it."""
    recent = _recent(year)
    if match["year"]:
        return int(match["year"]) in recent
    first, last = match["first"], match["last"]
    short = {each % 100 for each in recent}
    if len(last) == 4:
        return int(last) in recent
    return int(last) in short and int(first) <= 31  # the year before the day is a birthday as likely as not


def _are_plausible(numbers: Sequence[re.Match[str]], variable: Variable, year: int) -> bool:
    """Say whether numbers are of the size that is asked for, or days of a spreadsheet's calendar."""
    wholes = [re.sub(r"\D", "", match[1]) for match in numbers]
    if any(len(whole) > 2 and whole[0] == "0" for whole in wholes):
        return False
    decimals = [match[2] or "" for match in numbers]
    together = re.sub(r"\D", "", "".join(match[0] for match in numbers))
    if any(map(_is_birth, wholes, decimals)) or (len(wholes) > 1 and _is_birth("", together)):
        return False
    if len(wholes) < 2:
        written = ((whole, int(match[3] or 0)) for whole, match in zip(wholes, numbers, strict=True))
        return all(
            _is_size(whole[:1] + "0" * power if power > 0 else whole, variable, year)
            and not (power and len(whole) > 1)
            for whole, power in written
        )
    low, high = int(wholes[0]), int(wholes[1])
    if variable.kind == "sek" and len(wholes) == 2 and low < high <= 10 * low:
        whole = all(_is_size(each, variable, year) for each in wholes)
        return whole and all(len(each) <= 6 and each[0] != "0" for each in wholes)
    years = {str(each) for each in _recent(year)}
    return len(wholes) == 2 and all(len(each) <= 3 or each in years for each in wholes)


def _is_size(whole: str, variable: Variable, year: int) -> bool:
    most = (variable.maximum or 0) * (5 if variable.kind == "sek" else 1)
    return len(whole) <= 4 or int(whole) <= most or (len(whole) == 5 and int(whole) in _serials(year))


@cache
def _serials(year: int) -> frozenset[int]:
    """Return the days of recent years as spreadsheets number them, in both of their calendars."""
    first, last = date(_recent(year).start, 1, 1), date(_recent(year).stop, 1, 1)
    starts = (date(1899, 12, 30), date(1904, 1, 1))
    return frozenset(
        day for start in starts for day in range((first - start).days, (last - start) // timedelta(days=1))
    )


def _is_birth(whole: str, decimals: str = "") -> bool:
    """Say whether a number reads as a day of birth and four digits, or a telephone's, wherever its point is.

    What a program has divided has more decimals than either, and is not looked at beyond its whole number.
    """
    after = decimals if len(decimals) <= _TYPED_DECIMALS else ""
    ends = {(whole + decimals).lstrip("0"), after, after[:10], after[:12], after[-10:], after[-12:]}
    return any(len(one) in (10, 11, 12) and one[:2] != "00" and find_identity(one) for one in ends)


def _is_short_word(clean: str) -> bool:
    """Say whether a text is one word and a few digits at most: too little to name a person."""
    clean = unicodedata.normalize("NFKC", clean)
    if len(clean) > _LONGEST_WORD or "@" in clean or re.search(r"[^\W\d_A-ZÅÄÖ][A-ZÅÄÖ]", clean):
        return False
    if sum(map(str.isdigit, clean)) >= 5 or any(unicodedata.category(c)[0] in "CM" for c in clean):
        return False
    if not all(unicodedata.name(c, "").startswith("LATIN") for c in clean if c.isalpha()):
        return False  # a whole name may be one word in another script
    tokens = re.findall(r"[^\W_]+", clean)
    words = [token for token in tokens if not token[0].isdigit()]
    numbers = [token for token in tokens if token[0].isdigit()]
    if any(len(token) > _LONGEST_MIXED and re.search(r"\d", token) for token in words):
        return False  # a street and its number, a document's
    if not words:
        return all(len(token) <= 4 for token in numbers) and not _is_month_and_year(numbers)
    said = words[0].casefold()
    is_one = len(words) == 1 and (
        not numbers or (len(numbers) <= 2 and said in _units() and not _MONTH.fullmatch(said))
    )  # else a street, a name with an age, a day of birth
    return is_one and all(len(token) <= 3 for token in numbers)


def _is_month_and_year(numbers: Sequence[str]) -> bool:
    typed = [int(one) for one in numbers if one.isdecimal()]
    return len(typed) > 1 and min(typed) <= 12 and 31 < max(typed) < 100
