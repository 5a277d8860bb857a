"""How a typed answer or heading is made comparable: one rule for aliases, headings and codes."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection
from difflib import get_close_matches

from platform_utils.guard.identity import find_identity

_INVISIBLE = dict.fromkeys(map(ord, "\u00ad\u200b\u200c\u200d\u2060\ufeff\u200e\u200f"))
_SHOWN = 5
_SPACES = re.compile(r"\s+")
_DASHES = str.maketrans(
    {"\u2010": "-", "\u2011": "-", "\u2012": "-", "\u2013": "-", "\u2014": "-", "\u2212": "-"}
)


def clean_text(value: str) -> str:
    r"""Return ``value`` in NFC without invisible characters, white space collapsed and trimmed.

    Examples
    --------
    >>> clean_text("\u00a0Kvin\u00adna  ")
    'Kvinna'
    """
    return _SPACES.sub(" ", unicodedata.normalize("NFC", value).translate(_INVISIBLE)).strip()


def is_plain(value: str) -> bool:
    r"""Say whether a text may stand where somebody opens it as a sheet: no formula, no sign that hides.

    Examples
    --------
    >>> [is_plain(text) for text in ("Jouren", "=1+1", "\uff1d1", "Jou\x07ren")]
    [True, False, False, False]
    """
    hides = (unicodedata.category(letter) in ("Cc", "Cf", "Co", "Cs") for letter in value.replace("\n", " "))
    return unicodedata.normalize("NFKC", value.strip())[:1] not in tuple("=+-@") and not any(hides)


def is_name(value: str) -> bool:
    r"""Say whether a text may stand where a name is printed: one plain line, and nobody's number or address.

    Examples
    --------
    >>> [is_name(text) for text in ("Jouren *Nord*", "=1+1", "Jouren\n# Nord", "Jouren 070-174 06 05")]
    [True, False, False, False]
    """
    return "\n" not in value and is_plain(value) and not find_identity(value)


def nearest(word: str, known: Collection[str]) -> list[str]:
    """Return the known words that are most like one, at most five; the first ones if none is like it."""
    return get_close_matches(word, sorted(known), n=_SHOWN, cutoff=0.5) or sorted(known)[:_SHOWN]


def one_dash(value: str) -> str:
    """Return ``value`` with a hyphen for each dash and minus."""
    return value.translate(_DASHES)


def normalise_text(value: str) -> str:
    """Return ``value`` as aliases and headings are compared: cleaned, case folded, one kind of dash.

    Examples
    --------
    >>> normalise_text(" 18–26 ÅR. ")
    '18-26 år'
    """
    return one_dash(clean_text(value)).casefold().rstrip(" .:;*")
