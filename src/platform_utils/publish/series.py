"""What the document of the published series calls: figures, tables and sources in one language.

Enters: published figures as the gate has admitted them, real and public. Leaves: Markdown blocks and numbers
for sentences: every figure with its source, contradictions side by side, our arithmetic apart.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cached_property
from pathlib import Path
from typing import Any

from platform_utils.errors import FileError, UsageError
from platform_utils.messages import LANGUAGES, say
from platform_utils.paths import Workspace
from platform_utils.publish.inline import Shown, signed_percent, whole
from platform_utils.publish.opening import check_told
from platform_utils.publish.published import (
    Panel,
    PublishedFigure,
    Source,
    beside,
    panels,
    pick,
    plan,
    published_figures,
    texts,
)
from platform_utils.publish.series_figures import show_beside_figure, show_panels
from platform_utils.publish.sets import read_published
from platform_utils.publish.table import table_block

__all__ = ["Series", "load_series"]

_UNITS = frozenset(("SEK", "date", "days", "month", "year", "years"))


class Series:
    """Printed figures up to a year, in one language.

    Parameters
    ----------
    figures : tuple of PublishedFigure
        In the order shown.
    year : int
        Last year shown.
    fonts : Path
        Folder of the report's fonts.
    """

    def __init__(self, figures: tuple[PublishedFigure, ...], *, year: int, lang: str, fonts: Path) -> None:
        self._figures = figures
        self._year = year
        self._lang = lang
        self._fonts = fonts

    @property
    def year(self) -> Shown:
        """The last year shown."""
        return Shown(str(self._year))

    @property
    def first_year(self) -> Shown:
        """The first year of which anything is shown."""
        return Shown(str(min(f.first_year for f in self._figures if f.first_year is not None)))

    @property
    def count(self) -> Shown:
        """How many printed figures there are, sources that agree counted once."""
        return Shown(whole(len(self._figures), self._lang))

    @property
    def source_count(self) -> Shown:
        """How many sources there are."""
        return Shown(whole(len(self._numbers), self._lang))

    @property
    def panels(self) -> Shown:
        """The long series as small multiples."""
        return show_panels(self._panels, self._lang, self._fonts)

    def panel(self, key: str) -> Shown:
        """Return the table of one panel: each figure with its base and its sources.

        Raises
        ------
        UsageError
            E-652 if there is no such panel.
        """
        for panel in self._panels:
            if panel.key == key:
                return self._panel_table(panel)
        raise UsageError("E-652", key=key, kind="panel")

    def beside(self, key: str) -> Shown:
        """Return counts of the same thing by different hands as a table."""
        return self._panel_table(beside(self._figures, key))

    def beside_figure(self, key: str) -> Shown:
        """Return counts of the same thing by different hands as a figure."""
        return show_beside_figure(beside(self._figures, key), self._lang, self._fonts)

    def table(self, *series: str) -> Shown:
        """Return every figure of one or several series as one table, undated offence tables left out.

        Raises
        ------
        UsageError
            E-652 if there is no such series.
        """
        chosen = [f for f in self._figures if f.series in series and not _is_handled(f)]
        if not chosen or not set(series) <= set(texts()["series"]):
            raise UsageError("E-652", key=", ".join(series), kind="series")
        title = ", ".join(texts()["series"][name][self._lang] for name in series)
        body = [
            [
                _cell(f.label(self._lang)),
                # nothing where the file only repeats its unit
                "" if f.category in _UNITS else _cell(f.base(self._lang)),
                f.period(self._lang),
                f.text(self._lang),
                self._sources_of(f),
            ]
            for f in chosen
        ]
        heading = self._say_all("what", "of_whom", "year", "figure", "source")
        notes = self._say_all("note_hidden") if any(f.is_hidden for f in chosen) else []
        return table_block(series[0], title, heading, body, notes, (34, 26, 12, 20, 10), numbers=(3,))

    def handled(self, table: str) -> Shown:
        """Return an undated table of handled offences, ``"A"`` or ``"B"``: purposes by measures."""
        mine = [f for f in self._figures if _is_handled(f) and f"; table {table} " in f.category]
        cells = {(f.category, f.measure): f for f in mine}
        measures = {f.measure: _cell(f.label(self._lang)) for f in mine}
        purposes = {f.category: f.base(self._lang) for f in mine}
        body = [
            [base.split(";")[0], *(self._without_unit(cells.get((purpose, measure))) for measure in measures)]
            for purpose, base in purposes.items()
        ]
        first = mine[0] if mine else None
        all_offences = first.base(self._lang).rsplit(" (", 1)[1].rstrip(")") if first else ""
        title = say("series", "handled", self._lang, table=table, all=all_offences)
        sources = self._sources_of(first) if first else "–"
        notes = [say("series", "note_source", self._lang, sources=sources), *self._say_all("note_missing")]
        heading = [*self._say_all("purpose"), *measures.values()]
        return table_block(f"handled-{table.lower()}", title, heading, body, notes, (32, 11, 11, 11, 11, 11))

    @property
    def contradictions(self) -> Shown:
        """Figures that do not agree, side by side."""
        short = say("series", "source_short", self._lang)
        body = []
        for entry in plan()["contradiction"]:
            found = [f for words in entry["figures"] for f in pick(self._figures, *words)]
            if len(found) > 1:
                told = [f"{f.text(self._lang)} ({short} {self._sources_of(f)})" for f in found]
                body.append([entry[self._lang], "; ".join(told)])
        heading = self._say_all("what", "printed")
        return table_block(
            "contradictions", say("series", "contradictions", self._lang), heading, body, (), (40, 40), ()
        )

    @property
    def checks(self) -> Shown:
        """Our own arithmetic on printed figures, and whether it gives what is printed."""
        heading = self._say_all("what", "arithmetic", "printed", "agrees")
        body = [row for entry in plan()["check"] if (row := self._check(entry)) is not None]
        return table_block(
            "checks", say("series", "checks", self._lang), heading, body, (), (30, 34, 14, 10), ()
        )

    @property
    def sources(self) -> Shown:
        """The numbered list of sources with their addresses."""
        lines = []
        for source, number in self._numbers.items():
            where = f"<{source.address}>" if source.address else say("series", "no_address", self._lang)
            told = texts()["confidence"][source.confidence][self._lang]
            lines.append(f"{number}. {_cell(source.title(self._lang))}, {told}. {where}")
        return Shown("\n".join(lines) + "\n")

    @property
    def legend(self) -> Shown:
        """What the marks mean."""
        return Shown(
            "\n".join(f"- {said}" for said in self._say_all("legend_1", "legend_2", "legend_3")) + "\n"
        )

    @cached_property
    def _panels(self) -> tuple[Panel, ...]:
        return panels(self._figures)

    @cached_property
    def _numbers(self) -> dict[Source, int]:
        listed = dict.fromkeys(source for figure in self._figures for source in figure.sources)
        return {source: number for number, source in enumerate(listed, start=1)}

    def _sources_of(self, figure: PublishedFigure) -> str:
        return ", ".join(str(number) for number in sorted(self._numbers[one] for one in figure.sources))

    def _say_all(self, *keys: str) -> list[str]:
        return [say("series", key, self._lang) for key in keys]

    def _panel_table(self, panel: Panel) -> Shown:
        pairs = [(figure, segment) for segment in panel.segments for figure in segment.figures]
        body = [
            [segment.labels[self._lang], f.period(self._lang), f.text(self._lang), self._sources_of(f)]
            for f, segment in sorted(pairs, key=lambda pair: pair[0].year)
        ]
        heading = self._say_all("covers", "year", "figure", "source")
        name, title = f"series-{panel.key}", panel.labels[self._lang]
        return table_block(name, title, heading, body, (), (48, 10, 20, 10), numbers=(2,))

    def _without_unit(self, figure: PublishedFigure | None) -> str:
        """Return a number that stands in a column of its kind: nothing but the per cent sign is repeated."""
        if figure is None:
            return "–"
        text = figure.text(self._lang)
        return text if figure.unit == "percent" else text.split("\u00a0")[0]

    def _check(self, entry: Mapping[str, Any]) -> list[str] | None:
        """Return what is checked, our arithmetic, what is printed, and whether that agrees."""
        is_sum = entry["kind"] == "sum"
        numbers = [self._number(entry["series"], words) for words in entry["parts" if is_sum else "now"]]
        against = self._number(entry["series"], entry["total" if is_sum else "before"])
        known = [number for number in numbers if number is not None]
        if against is None or len(known) < len(numbers):
            return None
        shown = [whole(number, self._lang) for number in known]
        if is_sum:
            value, printed = sum(known), whole(against, self._lang)
            done = f"{' + '.join(shown)} = {whole(value, self._lang)}"
            return [entry[self._lang], done, printed, self._yes(value == against)]
        found = pick(self._figures, entry["series"], *entry["printed"])
        if not found:
            return None
        value = known[0] - sum(known[1:])
        less = f"{' − '.join(shown)} = {whole(value, self._lang)}; " if len(known) > 1 else ""
        now, before = whole(value, self._lang), whole(against, self._lang)
        done = f"{less}{say('series', 'against', self._lang, now=now, before=before)}: "
        limit = int("".join(sign for sign in found[0].value if sign.isdigit()))
        points = 100 * (value - against) / against
        agrees = points > limit if found[0].value.startswith("over") else round(points) == limit
        change = signed_percent(value, against, self._lang)
        return [entry[self._lang], done + change, found[0].text(self._lang), self._yes(agrees)]

    def _number(self, series: str, words: Sequence[Any]) -> int | None:
        found = [f.number for f in pick(self._figures, series, *words) if f.number is not None]
        return int(found[0]) if found else None

    def _yes(self, answer: bool) -> str:
        return say("series", "yes" if answer else "no", self._lang)


def load_series(*, lang: str, year: int, workspace: Workspace | None = None) -> Series:
    """Return everything that the document of the published series may show.

    Parameters
    ----------
    year : int
        Last year shown.
    workspace : Workspace, optional
        Found from the working folder if not given.

    Raises
    ------
    UsageError
        E-001 for an unknown language; E-504, E-505 for what Quarto was told.
    FileError
        E-660 if the gate has not admitted the published figures yet.
    DisclosureError
        E-411, E-412 if a table is not the one that the gate wrote.
    """
    if lang not in LANGUAGES:
        raise UsageError("E-001", lang=lang)
    check_told("published", "series")
    workspace = workspace or Workspace.find()
    tables = read_published(workspace)
    if not tables:
        raise FileError("E-660", file=workspace.relative(workspace.published_tables))
    order = list(texts()["series"])
    ordered = sorted(tables, key=lambda table: order.index(table.name) if table.name in order else len(order))
    return Series(published_figures(ordered, year), year=year, lang=lang, fonts=workspace.assets / "fonts")


def _is_handled(figure: PublishedFigure) -> bool:
    return figure.series == "police_reports" and not figure.year


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("<", "\\<")
