"""Figures that others have printed: real, public, each with its source; shown as printed, never computed.

Enters: sealed tables of figures that were public already. Leaves: figures with texts in two languages. Rules:
sources that print the same number make one figure; counts that stand for single persons are not repeated,
although they are public.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from platform_utils.paths import resource
from platform_utils.publish.cells import accept
from platform_utils.publish.inline import marked
from platform_utils.publish.numbers import whole
from platform_utils.publish.words import load_texts
from platform_utils.spec.safe import SafeTable

__all__ = ["PublishedFigure", "Source", "plan", "published_figures", "texts"]

_CELLS = ("year", "measure", "category", "value", "unit", "source", "source_url")
_NUMBER = re.compile(r"\d+(?:\.\d+)?")
_RANGE = re.compile(r"(\d+)-(\d+)")
_DATE = re.compile(r"(\d{4})-(\d{2})(?:-(\d{2}))?")
_PARTS = re.compile(r"of (\d+)")
_NBSP = "\u00a0"


@dataclass(frozen=True, order=True)
class Source:
    """Where a figure is printed.

    Parameters
    ----------
    name : str
        As in the file.
    address : str
        Web address, empty if there is none.
    confidence : {"seed", "page", "secondary"}
        Printed by the Platform, on the page of the body that produced it, or repeated by somebody else.
    """

    name: str
    address: str
    confidence: str

    def title(self, lang: str) -> str:
        """Return its title in ``lang``."""
        return str(texts()["source"][self.name][lang])


@dataclass(frozen=True)
class PublishedFigure:
    """One printed figure and everywhere it is printed.

    Parameters
    ----------
    series, year, measure, category, value, unit : str
        As in the file; ``year`` may be a span or empty, ``value`` a number or words.
    sources : tuple of Source
        In the order of the file.
    is_hidden : bool
        Stands for single persons and is not repeated.
    """

    series: str
    year: str
    measure: str
    category: str
    value: str
    unit: str
    sources: tuple[Source, ...]
    is_hidden: bool = False

    @property
    def first_year(self) -> int | None:
        """The year, or the first of a span; None if the source gives none."""
        return int(self.year[:4]) if self.year else None

    @property
    def number(self) -> float | None:
        """The value as a number, None for words, spans, dates and hidden counts."""
        return float(self.value) if _NUMBER.fullmatch(self.value) and not self.is_hidden else None

    def period(self, lang: str) -> str:
        """Return the year as readers see it."""
        return self.year.replace("-", "–") if self.year else str(load_texts("series")["no_year"][lang])

    def label(self, lang: str) -> str:
        """Return what is counted."""
        return self.measure if lang == "en" else str(texts()["measure"][self.measure])

    def base(self, lang: str) -> str:
        """Return of whom or what."""
        return self.category if lang == "en" else str(texts()["category"][self.category])

    def text(self, lang: str) -> str:
        r"""Return the figure with its unit, as printed but in ``lang``.

        Examples
        --------
        >>> figure = PublishedFigure("nsp", "2020", "m", "c", "about 2530000", "SEK", ())
        >>> figure.text("en")
        'about 2,530,000\xa0SEK'
        """
        if self.is_hidden:
            return marked()
        if self.unit == "qualitative" or (self.value in texts()["word"]):
            return self.value if lang == "en" else str(texts()["word"][self.value])
        if self.unit in ("date", "month"):
            return _date(self.value, lang)
        if self.unit in ("year", "years"):
            return self.value.replace("-", "–")
        nearly, number = _split(self.value, lang)
        return nearly + _with_unit(number, self.unit, lang)


def published_figures(tables: Iterable[SafeTable], until: int | None = None) -> tuple[PublishedFigure, ...]:
    """Return the printed figures of sealed tables, sorted by year within each series.

    Parameters
    ----------
    tables : iterable of SafeTable
        One per series, as the gate admits figures that are public already.
    until : int, optional
        Last year shown; figures without a year always are.

    Returns
    -------
    tuple of PublishedFigure

    Raises
    ------
    DisclosureError
        E-650 for anything that is not a ``SafeTable``.
    """
    found: dict[tuple[str, ...], dict[str, None]] = {}
    addresses: dict[str, str] = {}
    for table in tables:
        cells = accept(table).data[list(_CELLS)]
        for *words, source, address in cells.itertuples(index=False, name=None):
            found.setdefault((table.name, *words), {})[source] = None
            addresses[source] = max(addresses.get(source, ""), address, key=len)
    known = {name: _source(name, address) for name, address in addresses.items()}
    figures = [_figure(key, tuple(known[name] for name in names)) for key, names in found.items()]
    order = list(dict.fromkeys(figure.series for figure in figures))
    kept = [f for f in figures if until is None or f.first_year is None or f.first_year <= until]
    return tuple(sorted(kept, key=lambda f: (order.index(f.series), f.first_year or 9999)))


@cache
def texts() -> Mapping[str, Mapping[str, Any]]:
    """Return the Swedish texts of the figures, and titles in both languages."""
    return load_texts("published_measures")


@cache
def plan() -> Mapping[str, Any]:
    """Return what the report of the series shows."""
    return tomllib.loads(resource("published_series.toml").read_text(encoding="utf-8"))


def _figure(key: tuple[str, ...], sources: tuple[Source, ...]) -> PublishedFigure:
    series, year, measure, category, value, unit = key
    return PublishedFigure(series, year, measure, category, value, unit, sources, _is_single(key))


def _source(name: str, address: str) -> Source:
    entry = texts()["source"][name]
    return Source(name, address if entry.get("on_web", True) else "", entry["confidence"])


def _is_single(key: Sequence[str]) -> bool:
    series, year, _, _, value, unit = key
    rule = plan()["single_persons"]
    same = (series, year, unit) == (rule["series"], rule["year"], rule["unit"])
    return bool(same and value.isdigit() and 1 <= int(value) <= rule["highest"])


def _split(value: str, lang: str) -> tuple[str, str]:
    """Return the words before a number, in ``lang`` with a space after them, and the number."""
    for word, swedish in sorted(texts()["nearly"].items(), key=lambda item: -len(item[0])):
        if value.startswith(f"{word} "):
            return f"{word if lang == 'en' else swedish} ", value.removeprefix(f"{word} ")
    return "", value


def _with_unit(number: str, unit: str, lang: str) -> str:
    shown = _shown(number, lang)
    if unit == "percent":
        return f"{shown}%" if lang == "en" else f"{shown}{_NBSP}%"
    if part := _PARTS.fullmatch(unit):
        return f"{shown} {'of' if lang == 'en' else 'av'} {part[1]}"
    one, several = texts()["unit"][unit][lang]
    return f"{shown}{_NBSP}{one if number == '1' else several}"


def _shown(number: str, lang: str) -> str:
    if span := _RANGE.fullmatch(number):
        return f"{span[1]}–{span[2]}"
    if number.isdigit():
        return whole(int(number), lang)
    return number if lang == "en" else number.replace(".", ",")


def _date(value: str, lang: str) -> str:
    found = _DATE.fullmatch(value)
    if found is None:
        return value
    months = load_texts("series")["months"][lang]
    month = f"{months[int(found[2]) - 1]} {found[1]}"
    return f"{int(found[3])} {month}" if found[3] else month
