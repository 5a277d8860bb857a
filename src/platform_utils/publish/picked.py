"""Printed figures picked out of the file by their own words: lines, breaks, contradictions, our arithmetic.

Enters: published figures and ``resources/published_series.toml``. Leaves: points that know their base.
Rule: a line never joins two bases, nor years that do not follow each other.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from platform_utils.errors import ContractError
from platform_utils.publish.published import PublishedFigure, plan

__all__ = ["Panel", "Segment", "beside", "panels", "pick"]


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

    @property
    def runs(self) -> list[list[PublishedFigure]]:
        """Points to be joined: one figure a year, years that follow each other."""
        alone = [f for f in self.figures if [g.year for g in self.figures].count(f.year) == 1]
        runs: list[list[PublishedFigure]] = []
        for figure in alone:
            if runs and int(figure.year) == int(runs[-1][-1].year) + 1:
                runs[-1].append(figure)
            else:
                runs.append([figure])
        return runs


@dataclass(frozen=True)
class Panel:
    """One series in small: whose it is, and its segments.

    Parameters
    ----------
    key : str
        Name in the plan.
    labels : mapping of language to str
        Title.
    segments : tuple of Segment
        In order of time; a break stands between each two that are not somebody else's.
    """

    key: str
    labels: Mapping[str, str]
    segments: tuple[Segment, ...]

    @property
    def breaks(self) -> list[float]:
        """Where on the axis of years the base changes."""
        own = [segment for segment in self.segments if not segment.is_other and segment.figures]
        return [(int(a.figures[-1].year) + int(b.figures[0].year)) / 2 for a, b in pairwise(own)]


def panels(figures: Sequence[PublishedFigure]) -> tuple[Panel, ...]:
    """Return the panels of the long series that have figures.

    Raises
    ------
    ContractError
        E-662 if the plan names a figure that no file of this kind has.
    """
    made = [_panel(entry, entry["segment"], entry["series"], figures) for entry in plan()["panel"]]
    return tuple(panel for panel in made if panel.segments)


def beside(figures: Sequence[PublishedFigure], key: str) -> Panel:
    """Return two or more counts of the same thing, one segment for each who counted."""
    entry = next(entry for entry in plan()["beside"] if entry["key"] == key)
    return _panel(entry, entry["line"], None, figures)


def pick(
    figures: Sequence[PublishedFigure], series: str, year: int, measure: str, category: str
) -> list[PublishedFigure]:
    """Return the figures with these words; none if the year lies after the last one shown.

    Raises
    ------
    ContractError
        E-662 if the year is shown and there is no such figure.
    """
    words = (series, str(year), measure, category)
    found = [f for f in figures if (f.series, f.year, f.measure, f.category) == words]
    last = max((f.first_year for f in figures if f.first_year is not None), default=0)
    if not found and year <= last:
        raise ContractError("E-662", series=series, year=year)
    return found


def _panel(
    entry: Mapping[str, Any],
    parts: Sequence[Mapping[str, Any]],
    series: str | None,
    figures: Sequence[PublishedFigure],
) -> Panel:
    segments = []
    for part in parts:
        found: dict[PublishedFigure, None] = {}
        for year, measure, category in part["points"]:
            found |= dict.fromkeys(pick(figures, series or part["series"], year, measure, category))
        merged = _merged(list(found))
        if merged:
            segments.append(Segment(part, part.get("other", False), merged))
    return Panel(entry["key"], entry, tuple(segments))


def _merged(figures: Sequence[PublishedFigure]) -> tuple[PublishedFigure, ...]:
    """Join figures of one year that print the same number in different words: one point, all its sources."""
    points: dict[tuple[str, str], PublishedFigure] = {}
    for figure in figures:
        key = (figure.year, figure.value)
        if key in points:
            first = points[key]
            sources = tuple(dict.fromkeys((*first.sources, *figure.sources)))
            points[key] = PublishedFigure(
                first.series, first.year, first.measure, first.category, first.value, first.unit, sources
            )
        else:
            points[key] = figure
    return tuple(sorted(points.values(), key=lambda figure: figure.year))
