"""Headings of every form version, and which column of the codebook each one means.

Enters: ``resources/column_maps``. Leaves: headings per year and language, and the look-up that reading uses.
Rule: a heading is known by its text, never by its position.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Mapping
from functools import cache, lru_cache
from types import MappingProxyType

from platform_utils.errors import SettingsError
from platform_utils.messages import LANGUAGES, label
from platform_utils.paths import resource
from platform_utils.spec import grains
from platform_utils.spec.codebook import load
from platform_utils.spec.entries import require_known
from platform_utils.spec.form_columns import form_columns
from platform_utils.spec.form_of_year import GRAIN, headings_of
from platform_utils.spec.text import normalise_text

_NOT_ASKED = "-"
_LONGEST = 120
_NUMBERED = re.compile(r"^\d{1,3}[.): ]+(?=\D)")
_NOW = 9999
"""A year that has the form of the last one that there is."""


def column_map(grain: str, year: int, lang: str) -> dict[str, str]:
    """Return the headings that the form of one year had, in the order of the form.

    Parameters
    ----------
    year : int
        Support year; a year after the last form takes the last one, a year before the first the first.

    Returns
    -------
    dict of str to str
        Column of the codebook to heading; what the year did not ask is absent.

    Examples
    --------
    >>> column_map("total", 2018, "en")["role"], column_map("total", 2024, "en")["role"]
    ('Relation to the exploitation', 'Role')
    """
    years, rows = _table(grain)
    form = str(min(max(year, years[0]), years[-1]))
    return {row["column"]: row[form] for row in rows if row["lang"] == lang and row[form] != _NOT_ASKED}


def latest_form() -> int:
    """Return the last year that has a form of its own."""
    return max(_table(grain)[0][-1] for grain in grains.load())


@cache
def known_headings() -> Mapping[str, Mapping[str, str]]:
    """Return every heading that is understood, normalised, with its column on each sheet that has it.

    Headings of all years and languages, the codebook's own, its column names, and ``aliases.csv``.

    Raises
    ------
    SettingsError
        E-010 if one heading means two columns of the same sheet.
    """
    known: dict[str, dict[str, str]] = {}
    book = load()
    for grain in grains.load():
        for column in book.grain_columns(grain):
            _add(known, grain, column, column)
            for lang in ("sv", "en"):
                _add(known, grain, book.heading(column, lang, grain), column)
        years, rows = _table(grain)
        for row in rows:
            for year in years:
                if row[str(year)] != _NOT_ASKED:
                    _add(known, grain, row[str(year)], row["column"])
    for column in form_columns(GRAIN, _NOW):
        for lang in LANGUAGES:  # a heading of before keeps its meaning; `asked_as` says what it means now
            heading = normalise_text(book.heading(column, lang, GRAIN, _NOW))
            known.setdefault(heading, {}).setdefault(GRAIN, column)
    for row in _read("aliases"):
        require_known([row["grain"]], grains.load(), "aliases.csv", row["heading"])
        _add(known, row["grain"], row["heading"], row["column"])
    return MappingProxyType(known)


@lru_cache(maxsize=10_000)
def columns_of(heading: str) -> Mapping[str, str]:
    """Return the column that a heading means on each sheet that has it; nothing if it is not known.

    Words that only say how to answer may stand beside it, and a number before it.

    Examples
    --------
    >>> columns_of("12. Polisanmälan (ja/nej) *")["case"], dict(columns_of("Kön (förövare)"))
    ('police_report', {})
    """
    heading = normalise_text(heading)
    known = known_headings().get(heading)
    return known or (_by_words().get(_words(heading), {}) if len(heading) <= _LONGEST else {})


@cache
def _by_words() -> Mapping[tuple[str, ...], Mapping[str, str]]:
    """Return what headings mean by their words alone, without those that mean two columns of one sheet."""
    found: dict[tuple[str, ...], dict[str, str]] = {}
    twice: set[tuple[tuple[str, ...], str]] = set()
    for heading, columns in known_headings().items():
        words = _words(heading)
        for grain, column in columns.items() if words else ():
            if found.setdefault(words, {}).setdefault(grain, column) != column:
                twice.add((words, grain))
    for words, grain in twice:
        del found[words][grain]
    return found


def _words(heading: str) -> tuple[str, ...]:
    said = re.findall(r"[^\W_]+", _NUMBERED.sub("", normalise_text(heading)))
    return tuple(word for word in said if word not in _instructions())


@cache
def _instructions() -> frozenset[str]:
    return frozenset(" ".join(label("L-heading-words", lang) for lang in LANGUAGES).split())


@cache
def asked_as(grain: str, year: int) -> Mapping[str, str]:
    """Return the columns that the form of a year asks under a heading which has meant another one before.

    Examples
    --------
    >>> asked_as("case", 2025), asked_as("case", 2026)["police_report"]
    ({}, 'police_report_timed')
    """
    known = known_headings()
    asked = headings_of(year).items() if grain == GRAIN else ()
    return {known[heading][grain]: column for heading, column in asked if known[heading][grain] != column}


def _add(known: dict[str, dict[str, str]], grain: str, heading: str, column: str) -> None:
    columns = known.setdefault(normalise_text(heading), {})
    if columns.setdefault(grain, column) != column:
        raise SettingsError("E-010", name=heading, file=f"{grain}.csv", expected="one column per heading")


@cache
def _table(grain: str) -> tuple[tuple[int, ...], tuple[dict[str, str], ...]]:
    rows = _read(grain)
    return tuple(sorted(int(name) for name in rows[0] if name.isdigit())), rows


def _read(name: str) -> tuple[dict[str, str], ...]:
    with resource("column_maps", f"{name}.csv").open(encoding="utf-8", newline="") as file:
        return tuple(csv.DictReader(file))
