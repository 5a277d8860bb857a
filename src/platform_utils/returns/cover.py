"""Read who handed in what for which year from the cover sheet, and name sheets as receipts may name them.

Enters: rows of text; a sheet's name. Leaves: member, year and form version; which sheet of the form it is,
and a name that repeats nobody's words. Rules: the member is never taken from a file name; a sheet's name is
content like a cell's, so only names that are known are said, other sheets are counted.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from platform_utils.messages import LANGUAGES, label
from platform_utils.spec import grains
from platform_utils.spec.text import clean_text, normalise_text

MEMBER_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,39}")
_VERSION = re.compile(r"20\d{2}-(?:sv|en)")
_KEYS = {
    "member_id": ("L-template-cover-member-id", "L-cover-member-id-alias"),
    "year": ("L-template-cover-year", "L-cover-year-alias"),
    "form_version": ("L-template-cover-form-version", "L-cover-form-version-alias"),
}
_SUPPORT = ("cover", "guidance", "lists", "check")


@dataclass(frozen=True)
class Cover:
    """What a cover sheet says; empty or None where it says nothing.

    Parameters
    ----------
    form_version : str
        Such as ``"2023-sv"``.
    """

    member_id: str = ""
    year: int | None = None
    form_version: str = ""


def read_cover(rows: Sequence[Sequence[str]]) -> Cover:
    """Return what the label-value pairs of a sheet say about member, year and form.

    Examples
    --------
    >>> read_cover([["Medlems-id", "M07"], ["År", "2023"]])
    Cover(member_id='M07', year=2023, form_version='')
    """
    labels = {
        normalise_text(text): name
        for name, keys in _KEYS.items()
        for key in keys
        for lang in LANGUAGES
        for text in label(key, lang).split("|")
    }
    found: dict[str, str] = {}
    for row in rows[:60]:
        cells = [text for text in map(clean_text, row) if text]
        for name, value in pairwise(cells):
            key = labels.get(normalise_text(name))
            if key:
                found.setdefault(key, value)
    member, year, version = (found.get(key, "") for key in _KEYS)
    return Cover(
        member if MEMBER_ID.fullmatch(member) else "",
        int(year) if re.fullmatch(r"[12]\d{3}", year) else None,
        version.lower() if _VERSION.fullmatch(version.lower()) else "",
    )


def support_sheet(name: str) -> str:
    """Return which sheet of the form that nobody fills in row by row has this name, or an empty text.

    Examples
    --------
    >>> support_sheet("Omslag"), support_sheet("Personer")
    ('cover', '')
    """
    called = {normalise_text(label(f"L-template-sheet-{k}", lang)): k for k in _SUPPORT for lang in LANGUAGES}
    return called.get(normalise_text(name), "")


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
