"""What the document of the published series calls: figures, tables and sources in one language.

Enters: published figures as the gate has admitted them, real and public.
Leaves: Markdown blocks and numbers for sentences.
"""

from __future__ import annotations

from functools import cached_property
from pathlib import Path

from platform_utils.errors import FileError, UsageError
from platform_utils.messages import LANGUAGES
from platform_utils.paths import Workspace
from platform_utils.publish.inline import Shown
from platform_utils.publish.numbers import whole
from platform_utils.publish.picked import Panel, beside, panels
from platform_utils.publish.published import PublishedFigure, Source, published_figures, texts
from platform_utils.publish.series_figures import show_beside_figure, show_panels
from platform_utils.publish.series_tables import (
    show_checks,
    show_contradictions,
    show_figures,
    show_handled,
    show_panel,
    show_sources,
)
from platform_utils.publish.words import say
from platform_utils.spec.safe import SafeTable

__all__ = ["Series", "load_series"]


class Series:
    """Printed figures up to a year, in one language.

    Parameters
    ----------
    figures : tuple of PublishedFigure
        In the order shown.
    year : int
        Last year shown.
    lang : {"sv", "en"}
        Language.
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
        """Return the table of one panel.

        Raises
        ------
        UsageError
            E-652 if there is no such panel.
        """
        for panel in self._panels:
            if panel.key == key:
                return show_panel(panel, self._sources_of, self._lang)
        raise UsageError("E-652", key=key, kind="panel")

    def beside(self, key: str) -> Shown:
        """Return counts of the same thing by different hands as a table."""
        return show_panel(beside(self._figures, key), self._sources_of, self._lang)

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
        return show_figures(chosen, series[0], title, self._sources_of, self._lang)

    def handled(self, table: str) -> Shown:
        """Return one of the two undated tables of handled offences, ``"A"`` or ``"B"``."""
        return show_handled(self._figures, table, self._sources_of, self._lang)

    @property
    def contradictions(self) -> Shown:
        """Figures that do not agree, side by side."""
        return show_contradictions(self._figures, self._sources_of, self._lang)

    @property
    def checks(self) -> Shown:
        """Our own arithmetic on printed figures."""
        return show_checks(self._figures, self._lang)

    @property
    def sources(self) -> Shown:
        """The numbered list of sources."""
        return show_sources(list(self._numbers), self._lang)

    @property
    def legend(self) -> Shown:
        """What the marks mean."""
        return Shown("\n".join(f"- {say('series', f'legend_{n}', self._lang)}" for n in (1, 2, 3)) + "\n")

    @cached_property
    def _panels(self) -> tuple[Panel, ...]:
        return panels(self._figures)

    @cached_property
    def _numbers(self) -> dict[Source, int]:
        listed = dict.fromkeys(source for figure in self._figures for source in figure.sources)
        return {source: number for number, source in enumerate(listed, start=1)}

    def _sources_of(self, figure: PublishedFigure) -> str:
        return ", ".join(str(number) for number in sorted(self._numbers[one] for one in figure.sources))


def load_series(*, lang: str, year: int, workspace: Workspace | None = None) -> Series:
    """Return everything that the document of the published series may show.

    Parameters
    ----------
    lang : {"sv", "en"}
        Language.
    year : int
        Last year shown.
    workspace : Workspace, optional
        Found from the working folder if not given.

    Raises
    ------
    UsageError
        E-001 for an unknown language.
    FileError
        E-660 if the gate has not admitted the published figures yet.
    DisclosureError
        E-411, E-412 if a table is not the one that the gate wrote.
    """
    if lang not in LANGUAGES:
        raise UsageError("E-001", lang=lang)
    workspace = workspace or Workspace.find()
    tables = {
        path.stem: SafeTable.read(path) for path in sorted(workspace.published_tables.glob("*.parquet"))
    }
    if not tables:
        raise FileError("E-660", file=workspace.relative(workspace.published_tables))
    ordered = [tables.pop(name) for name in texts()["series"] if name in tables]
    figures = published_figures([*ordered, *tables.values()], year)
    return Series(figures, year=year, lang=lang, fonts=workspace.assets / "fonts")


def _is_handled(figure: PublishedFigure) -> bool:
    return figure.series == "police_reports" and not figure.year
