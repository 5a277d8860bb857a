"""What a document calls: one object per year, source and language that holds everything it may show."""

from __future__ import annotations

from collections.abc import Mapping

from platform_utils.errors import UsageError
from platform_utils.messages import LANGUAGES
from platform_utils.paths import Workspace
from platform_utils.publish.compared import (
    show_beside,
    show_breaks,
    show_change,
    show_series,
    show_series_figure,
    show_unknowns,
)
from platform_utils.publish.facts import read_fact
from platform_utils.publish.figure import show_figure
from platform_utils.publish.inline import Shown
from platform_utils.publish.method import (
    hidden_counts,
    how_made,
    how_to_cite,
    marks,
    show_left_out,
)
from platform_utils.publish.opening import check_told, show_opening
from platform_utils.publish.rows import about_rows
from platform_utils.publish.sentences import write_sentence
from platform_utils.publish.sets import StoredYears, read_published
from platform_utils.publish.table import no_table, show_table
from platform_utils.spec.plan import load_plan
from platform_utils.spec.reports import Period, load_reports
from platform_utils.spec.safe import SafeTable
from platform_utils.spec.sources import row_unit

__all__ = ["Report", "load"]


class Report:
    """Tables, figures, facts and sentences of one year in one language.

    Parameters
    ----------
    years : mapping of int to mapping of str to SafeTable
        Protected tables by year and name; the report's own year and those before it.
    year : int
        Support year.
    lang : {"sv", "en"}
        Language.
    source : str
        Whose returns.
    workspace : Workspace
        Where fonts and the figures of others are.
    name : str
        The report's name in ``reports.toml``.
    """

    def __init__(
        self,
        years: Mapping[int, Mapping[str, SafeTable]],
        *,
        year: int,
        lang: str,
        source: str,
        workspace: Workspace,
        name: str = "annual",
    ) -> None:
        self._name = name
        self._workspace = workspace
        self._years = years
        self._year = year
        self._lang = lang
        self._source = source
        self._fonts = workspace.assets / "fonts"

    @property
    def year(self) -> Shown:
        """The report's year."""
        return Shown(str(self._year))

    def table(self, key: str) -> Shown:
        """Return a table of the plan, or the sentence that it was not asked or cannot be shown."""
        if key in load_plan().by_key and key not in self._years[self._year]:
            return Shown(f"*{no_table(key, self._year, self._lang)}*\n")
        return self._worded(show_table(self._safe(key), self._lang))

    def figure(self, key: str) -> Shown:
        """Return a table of the plan as a bar chart."""
        return self._worded(show_figure(self._safe(key), self._lang, self._fonts))

    def section(self, name: str) -> Shown:
        """Return all that the plan has for a part of a report: sentences, figures and tables, in its order.

        Raises
        ------
        UsageError
            E-652 if the plan has no such part.
        """
        plan, there = load_plan(), self._years[self._year]
        if name not in plan.sections:
            raise UsageError("E-652", key=name, kind="section")
        shown: list[Shown] = []
        for planned in plan.tables:
            if planned.section != name or (plan.compares(planned) and planned.key not in there):
                continue
            shown += [self.paragraph(key) for key in planned.sentences]
            if planned.figure and planned.key in there:
                shown.append(self.figure(planned.key))
            shown.append(self.table(planned.key))
        texts = [(one._repr_markdown_(), repr(one)) for one in shown if one._repr_markdown_()]
        return Shown("\n".join(text for text, _ in texts), "\n".join(plain for _, plain in texts))

    def fact(self, key: str) -> Shown:
        """Return one number for use in a sentence."""
        return read_fact(key, self._years, self._year, self._lang).shown()

    def sentence(self, key: str) -> Shown:
        """Return a sentence with its numbers."""
        return self._worded(write_sentence(key, self._years, self._year, self._lang))

    def paragraph(self, key: str) -> Shown:
        """Return a sentence as a block; nothing where the year did not ask, for the table below says so."""
        return self._worded(write_sentence(key, self._years, self._year, self._lang, is_block=True))

    @property
    def origin(self) -> Shown:
        """What the document tells of itself, and the box that says whose figures these are."""
        return show_opening(self._name, Period.of(self._year), self._source, self._lang)

    @property
    def legend(self) -> Shown:
        """What the marks in tables mean."""
        return marks(self._lang)

    @property
    def change(self) -> Shown:
        """The table of changes from the year before."""
        return self._worded(show_change(self._years, self._year, self._source, self._lang))

    @property
    def series(self) -> Shown:
        """The long series as a table."""
        return self._worded(show_series(self._years, self._source, self._lang))

    @property
    def series_figure(self) -> Shown:
        """The long series as a figure."""
        shown = show_series_figure(self._years, self._source, self._lang, self._fonts)
        return self._worded(shown)

    @property
    def breaks(self) -> Shown:
        """What makes the years hard to compare."""
        return show_breaks(self._years, self._year, self._lang)

    @property
    def beside(self) -> Shown:
        """What authorities and others have published for the year."""
        return show_beside(read_published(self._workspace), self._year, self._lang)

    @property
    def unknowns(self) -> Shown:
        """How often each answer is missing."""
        shown = show_unknowns(self._years[self._year], self._year, self._source, self._lang)
        return self._worded(shown)

    @property
    def left_out(self) -> Shown:
        """Which rows stand together to protect people, and what is not shown."""
        return self._worded(show_left_out(self._years[self._year], self._year, self._lang))

    @property
    def hidden_counts(self) -> Shown:
        """Which counts of persons the tables do not show, and in which of them more is hidden."""
        return self._worded(hidden_counts(self._years[self._year], self._lang))

    @property
    def how_made(self) -> Shown:
        """Rules, hidden cells, rows and program behind the figures."""
        return how_made(self._years, self._year, self._source, self._lang)

    @property
    def how_to_cite(self) -> Shown:
        """How the report is cited."""
        return how_to_cite(self._year, self._source, self._lang)

    def _worded(self, shown: Shown) -> Shown:
        return about_rows(shown, self._lang) if row_unit(self._source) == "rows" else shown

    def _safe(self, key: str) -> SafeTable:
        try:
            return self._years[self._year][key]
        except KeyError as error:
            raise UsageError("E-652", key=key, kind="table") from error


def load(
    *, year: int, lang: str, source: str = "demo", report: str = "annual", workspace: Workspace | None = None
) -> Report:
    """Return everything that a document of one year may show.

    Parameters
    ----------
    year : int
        Support year.
    lang : {"sv", "en"}
        Language.
    source : str
        ``"demo"``, ``"members"`` or ``"external-<name>"``.
    report : str
        Which report of the year the document is.
    workspace : Workspace, optional
        Found from the working folder if not given.

    Raises
    ------
    UsageError
        E-001, E-003 for an unknown language or source; E-326 for somebody else's file; E-504,
        E-505, E-664 for what Quarto was told.
    FileError
        E-651 if the year has no protected tables.
    DisclosureError
        E-411, E-412 if a table is not the one that the gate wrote.
    """
    if lang not in LANGUAGES:
        raise UsageError("E-001", lang=lang)
    check_told(source, report)
    if not load_reports()[report].fits(source):
        raise UsageError("E-326", report=report, source=source, year=year)
    workspace = workspace or Workspace.find()
    years = StoredYears(workspace, source, year)
    return Report(years, year=year, lang=lang, source=source, workspace=workspace, name=report)
