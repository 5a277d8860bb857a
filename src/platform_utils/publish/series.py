"""What the document of the published series calls: figures, tables and sources in one language.

Enters: published figures as the gate has admitted them, real and public. Leaves: Markdown blocks and numbers
for sentences: every figure with its source, contradictions side by side, our arithmetic apart.
"""

from __future__ import annotations

import base64
import csv
import io
from collections.abc import Iterable, Mapping, Sequence
from functools import cached_property
from pathlib import Path
from typing import Any

from platform_utils.errors import FileError, UsageError
from platform_utils.messages import LANGUAGES, say
from platform_utils.paths import Workspace
from platform_utils.publish.inline import JOINER, Shown, signed_percent, whole
from platform_utils.publish.opening import check_told, show_links
from platform_utils.publish.published import (
    Panel,
    PublishedFigure,
    Source,
    panels,
    pick,
    plan,
    published_figures,
    texts,
)
from platform_utils.publish.series_figures import show_panel
from platform_utils.publish.sets import read_published
from platform_utils.publish.table import table_block
from platform_utils.publish.words import no_such
from platform_utils.spec.plan import load_plan
from platform_utils.spec.reports import Period


class Series:
    """Printed figures in one language.

    Parameters
    ----------
    figures : tuple of PublishedFigure
        In the order shown.
    fonts : Path
        Folder of the report's fonts.
    """

    def __init__(self, figures: tuple[PublishedFigure, ...], *, lang: str, fonts: Path) -> None:
        self._figures = figures
        self._lang = lang
        self._fonts = fonts

    @property
    def links(self) -> Shown:
        """Where the page stands in the other language and as other files."""
        return show_links("series", Period("series"), self._lang)

    @property
    def first_year(self) -> Shown:
        """The first year of which anything is shown."""
        return Shown(str(min(f.first_year for f in self._figures if f.first_year is not None)))

    @property
    def last_year(self) -> Shown:
        """The last year of which anything is shown."""
        return Shown(str(max(f.first_year for f in self._figures if f.first_year is not None)))

    @property
    def count(self) -> Shown:
        """How many printed figures there are, sources that agree counted once."""
        return Shown(whole(len(self._figures), self._lang))

    @property
    def source_count(self) -> Shown:
        """How many sources there are."""
        return Shown(whole(len({source for one in self._figures for source in one.sources}), self._lang))

    def number(self, key: str, year: int | None = None) -> Shown:
        """Return a number for a sentence: the first of a panel's own in a year, or a fact of the plan.

        Raises
        ------
        UsageError
            E-652 if there is no such number.
        """
        found = (
            [f for s in self._panel(key).segments if not s.is_other for f in s.figures if f.year == str(year)]
            if year
            else [self._facts[key]]
            if key in self._facts
            else []
        )
        if not found:
            raise no_such("number", f"{key} {year or ''}".strip(), self._facts)
        return Shown(found[0].bare(self._lang))

    def figure(self, key: str) -> Shown:
        """Return a long series as a figure, and on the web page a link to its numbers."""
        panel = self._panel(key)
        drawn = show_panel(panel, self._lang, self._fonts)
        data = self._download(f"series-{key}", [f for one in panel.segments for f in one.figures])
        return Shown(f"{drawn._repr_markdown_()}\n{data}", repr(drawn))

    def table(self, key: str) -> Shown:
        """Return a long series as a table: each year's figures with what they cover and their sources."""
        panel = self._panel(key)
        pairs = [(figure, segment) for segment in panel.segments for figure in segment.figures]
        body = [
            [f.period(self._lang), segment.labels[self._lang], f.text(self._lang), self._sources_of(f)]
            for f, segment in sorted(pairs, key=lambda pair: pair[0].year)
        ]
        heading = self._say_all("year", "covers", "figure", "source")
        name, title = f"series-{panel.key}", panel.labels[self._lang]
        return table_block(name, title, heading, body, (), (10, 48, 20, 10), numbers=(2,))

    @property
    def everything(self) -> Shown:
        """The link to all figures with their sources, on the web page alone."""
        return Shown(self._download("series", self._figures, "all_data"), "")

    @property
    def contradictions(self) -> Shown:
        """Figures that do not agree, side by side."""
        body = [
            [said, "; ".join(f"{f.text(self._lang)} [{self._sources_of(f)}]" for f in found)]
            for said, found in self._contradicting
        ]
        title, heading = say("series", "contradictions", self._lang), self._say_all("what", "printed")
        return table_block("contradictions", title, heading, body, (), (40, 40), ())

    @property
    def checks(self) -> Shown:
        """Our own arithmetic on printed figures, and whether it gives what is printed."""
        heading = self._say_all("what", "arithmetic", "printed", "agrees")
        body = [row for entry in self._plan["check"] if (row := self._check(entry)) is not None]
        return table_block(
            "checks", say("series", "checks", self._lang), heading, body, (), (30, 34, 14, 10), ()
        )

    @property
    def sources(self) -> Shown:
        """The numbered list of the sources of what is shown, with their addresses."""
        lines = []
        for source, number in self._numbers.items():
            title = _cell(source.title(self._lang))
            linked = f"[{title}]({source.address})" if source.address else title
            told = texts()["confidence"][source.confidence][self._lang]
            where = "" if source.address else f", {say('series', 'no_address', self._lang)}"
            lines.append(f"{number}. {linked}, {told}{where}.")
        return Shown("\n".join(lines) + "\n")

    @property
    def _plan(self) -> Mapping[str, Any]:
        return plan()

    @cached_property
    def _panels(self) -> Mapping[str, Panel]:
        return {panel.key: panel for panel in panels(self._figures)}

    @cached_property
    def _facts(self) -> Mapping[str, PublishedFigure]:
        named = plan()["fact"].items()
        return {name: one for name, words in named for one in pick(self._figures, *words)}

    @cached_property
    def _contradicting(self) -> list[tuple[str, list[PublishedFigure]]]:
        return [
            (entry[self._lang], [f for words in entry["figures"] for f in pick(self._figures, *words)])
            for entry in self._plan["contradiction"]
        ]

    @cached_property
    def _numbers(self) -> dict[Source, int]:
        """The sources of panels, sentences and contradictions, in the order in which readers meet them."""
        drawn = [f for panel in self._panels.values() for one in panel.segments for f in one.figures]
        against = [f for _, found in self._contradicting for f in found]
        listed = dict.fromkeys(s for f in (*drawn, *self._facts.values(), *against) for s in f.sources)
        return {source: number for number, source in enumerate(listed, start=1)}

    def _panel(self, key: str) -> Panel:
        if key not in self._panels:
            raise no_such("panel", key, self._panels)
        return self._panels[key]

    def _sources_of(self, figure: PublishedFigure) -> str:
        return ", ".join(str(number) for number in sorted(self._numbers[one] for one in figure.sources))

    def _say_all(self, *keys: str) -> list[str]:
        return [say("series", key, self._lang) for key in keys]

    def _download(self, name: str, figures: Iterable[PublishedFigure], text: str = "data") -> str:
        """Return a link to figures as CSV, which stands in the page itself."""
        lang, stream = self._lang, io.StringIO()
        out = csv.writer(stream, lineterminator="\n")
        heading = ("series", "what", "of_whom", "year", "figure", "number", "source", "address")
        out.writerow(self._say_all(*heading))
        for f in figures:
            said = [texts()["series"][f.series][lang], f.label(lang), f.base(lang), f.period(lang)]
            said += [f.text(lang).strip(JOINER), "" if f.number is None else f.value]
            out.writerows([*said, source.title(lang), source.address] for source in f.sources)
        data = base64.b64encode(stream.getvalue().encode()).decode()
        link = f"[{say('series', text, lang)}](data:text/csv;charset=utf-8;base64,{data})"
        return (
            f'::: {{.content-visible when-format="html"}}\n\n{link}{{download="{name}.{lang}.csv"}}\n\n:::\n'
        )

    def _check(self, entry: Mapping[str, Any]) -> list[str] | None:
        """Return what is checked, our arithmetic, what is printed, and whether that agrees."""
        is_sum = entry["kind"] == "sum"
        numbers = [self._number(entry["series"], words) for words in entry["parts" if is_sum else "now"]]
        against = self._number(entry["series"], entry["total" if is_sum else "before"])
        shown = [whole(number, self._lang) for number in numbers]
        if is_sum:
            value, printed = sum(numbers), whole(against, self._lang)
            done = f"{' + '.join(shown)} = {whole(value, self._lang)}"
            return [entry[self._lang], done, printed, self._yes(value == against)]
        (found,) = pick(self._figures, entry["series"], *entry["printed"])
        value = numbers[0] - sum(numbers[1:])
        less = f"{' − '.join(shown)} = {whole(value, self._lang)}; " if len(numbers) > 1 else ""
        then = int(entry["before"][0])
        if any(one.cuts and then < one.year <= int(entry["now"][0][0]) for one in load_plan().breaks):
            done = less + say("series", "broken", self._lang)
            return [entry[self._lang], done, found.text(self._lang), "–"]
        now, before = whole(value, self._lang), whole(against, self._lang)
        done = f"{less}{say('series', 'against', self._lang, now=now, before=before)}: "
        limit = int("".join(sign for sign in found.value if sign.isdigit()))
        points = 100 * (value - against) / against
        agrees = points > limit if found.value.startswith("over") else round(points) == limit
        change = signed_percent(value, against, self._lang)
        return [entry[self._lang], done + change, found.text(self._lang), self._yes(agrees)]

    def _number(self, series: str, words: Sequence[Any]) -> int:
        return int(pick(self._figures, series, *words)[0].number or 0)

    def _yes(self, answer: bool) -> str:
        return say("series", "yes" if answer else "no", self._lang)


def load_series(*, lang: str, workspace: Workspace | None = None) -> Series:
    """Return everything that the document of the published series may show.

    Parameters
    ----------
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
    return Series(published_figures(ordered), lang=lang, fonts=workspace.assets / "fonts")


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("<", "\\<")
