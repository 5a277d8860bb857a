"""Figures that others have printed: real, public, each with its source; shown as printed, never computed.

Enters: sealed tables of figures that were public already, and ``resources/published_series.toml``. Leaves:
figures with texts in two languages, and panels of them that know their bases. Rules: sources that print the
same number make one figure; counts that stand for single persons are not repeated, although they are public;
a line never joins two bases, nor years that do not follow each other.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache, cached_property
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from platform_utils import messages
from platform_utils.errors import ContractError
from platform_utils.paths import resource
from platform_utils.publish.cells import accept
from platform_utils.publish.inline import marked, whole
from platform_utils.spec.safe import SafeTable

if TYPE_CHECKING:
    import pandas as pd

_CELLS = ("year", "measure", "category", "value", "unit", "source", "source_url")
_NUMBER = re.compile(r"\d+(?:\.\d+)?")
_RANGE = re.compile(r"(\d+)-(\d+)")
_DATE = re.compile(r"(\d{4})-(\d{2})(?:-(\d{2}))?")
_PARTS = re.compile(r"of (\d+)")
_NBSP = "\u00a0"
_Words = tuple[str, str, str, str, str, str]


@dataclass(frozen=True, order=True)
class Source:
    """Where a figure is printed.

    Parameters
    ----------
    address : str
        Empty if there is none.
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
    def words(self) -> tuple[str, str, str, str]:
        """What plans name it by: series, year, measure, category."""
        return self.series, self.year, self.measure, self.category

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
        return self.year.replace("-", "–") if self.year else str(messages.texts("series")["no_year"][lang])

    def label(self, lang: str) -> str:
        """Return what is counted."""
        return _in("measure", self.measure, lang)

    def base(self, lang: str) -> str:
        """Return of whom or what."""
        return _in("category", self.category, lang)

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
            return _in("word", self.value, lang)
        if self.unit in ("date", "month"):
            return _date(self.value, lang)
        if self.unit in ("year", "years"):
            return self.value.replace("-", "–")
        nearly, number = _split(self.value, lang)
        return nearly + _with_unit(number, self.unit, lang)

    def bare(self, lang: str) -> str:
        """Return the number as printed, without its unit."""
        nearly, number = _split(self.value, lang)
        return marked() if self.is_hidden else nearly + _shown(number, lang)


@dataclass(frozen=True)
class Segment:
    """Points with one base.

    Parameters
    ----------
    labels : mapping of language to str
        The base in words.
    is_other : bool
        Printed by somebody else about the same thing; never joined with the panel's own points.
    figures : tuple of PublishedFigure
        In order of years; several of one year where sources print different numbers.
    """

    labels: Mapping[str, str]
    is_other: bool
    figures: tuple[PublishedFigure, ...]


@dataclass(frozen=True)
class Panel:
    """One series in small.

    Parameters
    ----------
    key : str
        Name in the plan.
    labels : mapping of language to str
        Title: whose series it is.
    segments : tuple of Segment
        In order of time; a break stands between each two that are not somebody else's.
    """

    key: str
    labels: Mapping[str, str]
    segments: tuple[Segment, ...]

    @cached_property
    def points(self) -> pd.DataFrame:
        """One row per figure: ``base`` (number of its segment), ``year``, ``number``, ``is_other``."""
        import pandas as pd

        rows = [
            (base, int(figure.year), figure.number or 0, segment.is_other)
            for base, segment in enumerate(self.segments)
            for figure in segment.figures
        ]
        return pd.DataFrame(rows, columns=["base", "year", "number", "is_other"])

    @property
    def joined(self) -> pd.DataFrame:
        """The panel's own points that lines may join, as one ``series``: years with one number."""
        points = self.points.assign(series=self.key)
        return points[~points["is_other"] & ~points.duplicated(["base", "year"], keep=False)]

    @property
    def breaks(self) -> list[float]:
        """Where on the axis of years the base changes."""
        own = [segment for segment in self.segments if not segment.is_other]
        return [int(later.figures[0].year) - 0.5 for _, later in pairwise(own)]


def published_figures(tables: Iterable[SafeTable]) -> tuple[PublishedFigure, ...]:
    """Return the printed figures of sealed tables, one per series, sorted by year within each.

    Raises
    ------
    DisclosureError
        E-650 for anything that is not a ``SafeTable``.
    """
    found: dict[_Words, dict[str, None]] = {}
    addresses: dict[str, str] = {}
    for table in tables:
        cells = accept(table).data[list(_CELLS)]
        for *words, source, address in cells.itertuples(index=False, name=None):
            found.setdefault((table.name, *words), {})[source] = None
            addresses[source] = max(addresses.get(source, ""), address, key=len)
    known = {name: _source(name, address) for name, address in addresses.items()}
    figures = [
        PublishedFigure(*words, tuple(known[name] for name in names), _is_single(words))
        for words, names in found.items()
    ]
    order = list(dict.fromkeys(figure.series for figure in figures))
    return tuple(sorted(figures, key=lambda f: (order.index(f.series), f.first_year or 9999)))


@cache
def texts() -> Mapping[str, Mapping[str, Any]]:
    """Return the Swedish texts of the figures, and titles in both languages."""
    return messages.texts("published_measures")


@cache
def plan() -> Mapping[str, Any]:
    """Return what the report of the series shows."""
    return tomllib.loads(resource("published_series.toml").read_text(encoding="utf-8"))


def panels(figures: Sequence[PublishedFigure]) -> tuple[Panel, ...]:
    """Return the panels of the long series.

    Raises
    ------
    ContractError
        E-662 if the plan names a figure that no file of this kind has.
    """
    return tuple(_panel(entry, figures) for entry in plan()["panel"])


def pick(
    figures: Sequence[PublishedFigure], series: str, year: int, measure: str, category: str
) -> list[PublishedFigure]:
    """Return the figures with these words.

    Raises
    ------
    ContractError
        E-662 if there is no such figure.
    """
    found = [f for f in figures if f.words == (series, str(year), measure, category)]
    if not found:
        raise ContractError("E-662", series=series, year=year)
    return found


def _in(kind: str, text: str, lang: str) -> str:
    """Return a text of the file, which is English, in ``lang``."""
    return text if lang == "en" else str(texts()[kind][text])


def _source(name: str, address: str) -> Source:
    entry = texts()["source"][name]
    return Source(name, address if entry.get("on_web", True) else "", entry["confidence"])


def _is_single(key: _Words) -> bool:
    series, year, _, _, value, unit = key
    rule = plan()["single_persons"]
    same = (series, year, unit) == (rule["series"], rule["year"], rule["unit"])
    return bool(same and value.isdigit() and 1 <= int(value) <= rule["highest"])


def _split(value: str, lang: str) -> tuple[str, str]:
    """Return the words before a number, in ``lang`` with a space after them, and the number."""
    for word in sorted(texts()["nearly"], key=len, reverse=True):
        if value.startswith(f"{word} "):
            return f"{_in('nearly', word, lang)} ", value.removeprefix(f"{word} ")
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
    months = messages.texts("series")["months"][lang]
    month = f"{months[int(found[2]) - 1]} {found[1]}"
    return f"{int(found[3])} {month}" if found[3] else month


def _panel(entry: Mapping[str, Any], figures: Sequence[PublishedFigure]) -> Panel:
    segments = []
    for part in entry["segment"]:
        series = part.get("series", entry["series"])
        found = dict.fromkeys(figure for words in part["points"] for figure in pick(figures, series, *words))
        segments.append(Segment(part, part.get("other", False), _merged(list(found))))
    return Panel(entry["key"], entry, tuple(segments))


def _merged(figures: Sequence[PublishedFigure]) -> tuple[PublishedFigure, ...]:
    """Join figures of one year that print the same number in different words: one point, all its sources."""
    points: dict[tuple[str, str], PublishedFigure] = {}
    for figure in figures:
        key = (figure.year, figure.value)
        if key in points:
            first = points[key]
            sources = tuple(dict.fromkeys((*first.sources, *figure.sources)))
            points[key] = replace(first, sources=sources)
        else:
            points[key] = figure
    return tuple(sorted(points.values(), key=lambda figure: figure.year))
