"""What a document calls: one object per year, source and language that holds everything it may show."""

from __future__ import annotations

from collections.abc import Mapping

from platform_utils.errors import UsageError
from platform_utils.messages import LANGUAGES, has_text, say
from platform_utils.paths import Workspace
from platform_utils.publish.compared import (
    show_before,
    show_beside,
    show_breaks,
    show_change,
    show_printed,
    show_rights,
    show_series,
    show_series_figure,
    show_trend,
    show_unknowns,
    show_unknowns_figure,
)
from platform_utils.publish.explain import show_change_of_year
from platform_utils.publish.facts import read_fact, read_table
from platform_utils.publish.figure import Look, show_figure, show_shares
from platform_utils.publish.inline import Shown
from platform_utils.publish.method import hidden_counts, how_made, how_to_cite, marks, show_left_out
from platform_utils.publish.opening import check_told, show_box, show_links, show_says
from platform_utils.publish.own_words import edition_of, read_words
from platform_utils.publish.sentences import write_sentence
from platform_utils.publish.sets import StoredYears, read_published
from platform_utils.publish.table import about, no_table, notes_of, plain_table, show_crossing, show_table
from platform_utils.publish.words import asked_for, code_label, left_out_of, no_such, say_left_out, title_of
from platform_utils.spec.codebook import SPECIAL_CODES
from platform_utils.spec.counts import TOTAL
from platform_utils.spec.plan import load_plan
from platform_utils.spec.reports import Period, load_reports
from platform_utils.spec.safe import SafeTable

_FINDINGS = ("finding_form", "finding_report", "finding_support", "finding_origin", "finding_children")
_FEWEST_BARS = 2
"""A figure of one bar compares nothing."""


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
        Where fonts, the year's own words and the figures of others are.
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
        self._year = self.of = year
        self._lang = self.lang = lang
        self._source = source
        self._fonts = workspace.assets / "fonts"

    @property
    def title(self) -> str:
        """Its title, with the year."""
        return load_reports()[self._name].title(Period.of(self._year), self._lang)

    @property
    def in_order(self) -> dict[str, SafeTable]:
        """The year's tables by name, in the plan's order."""
        return {key: self._there[key] for key in load_plan().by_key if key in self._there}

    def not_there(self, *sections: str) -> list[str]:
        """Return the tables that are left out, by name: of parts of the report, or of all of it."""
        return left_out_of(self._years, self._year, sections)

    @property
    def tables(self) -> Shown:
        """What can be shown: the name of each table, its title, and how many of its numbers are there."""
        rows = []
        for key, table in self.in_order.items():
            known = sum(count is not None for count in table.counts)
            rows.append([f"`{key}`", title_of(key, self._lang), f"{known} / {len(table.counts)}"])
        return plain_table(say("report", "tables_heading", self._lang).split("|"), "|:--|:--|--:|", rows)

    def table(self, key: str) -> Shown:
        """Return a table of the plan, or the sentence that it was not asked or cannot be shown."""
        if key in load_plan().by_key and key not in self._there:
            return Shown(f"*{no_table(key, self._year, self._lang)}*\n")
        return show_table(self._safe(key), self._lang)

    def crossing(self, base: str, *keys: str) -> Shown:
        """Return tables of one question side by side, the last of all; nothing if not asked."""
        whole = self._read(base)
        tables = [self._there[key] for key in keys if key in self._there]
        if whole is None or not tables or not all(table.asked for table in (*tables, whole)):
            return Shown("")
        return show_crossing([*tables, whole], self._lang)

    def figure(self, key: str) -> Shown:
        """Return a table of the plan as a bar chart under its message, as sentences read it."""
        table = self._read(key)
        if table is None:
            return Shown("")
        return self._under(f"fig_{key}", show_figure(table, self._lang, self._fonts))

    def shares(self, name: str, part: str, base: str) -> Shown:
        """Return which share of each row of a table another one has, as a figure; both of one question."""
        parts, bases = self._there.get(part), self._read(base)
        if parts is None or bases is None or not (parts.asked and bases.asked):
            return Shown("")
        (dimension,) = bases.dimensions
        part_of, base_of = (dict(zip(one.cells, one.counts, strict=True)) for one in (parts, bases))
        codes = [code for (code,) in bases.cells if code not in (*SPECIAL_CODES, TOTAL)]
        rows = [(code_label(dimension, c, self._lang), part_of.get((c,)), base_of[c,]) for c in codes]
        if sum(None not in row for row in rows) < _FEWEST_BARS:
            return Shown("")
        caption = say("report", f"{name}_caption", self._lang, **about(bases.universe, self._lang))
        return self._under(f"fig_{name}", show_shares(name, rows, self._look, caption))

    @property
    def rights(self) -> Shown:
        """How many of those who needed each right did not get it, as a figure."""
        return self._under("fig_rights", show_rights(self._years, self._year, self._look))

    def trend(self, message: str, *keys: str) -> Shown:
        """Return shares over the years as lines under a message."""
        title = write_sentence(message, self._years, self._year, self._lang)
        drawn = show_trend(keys, self._years, self._source, self._lang, self._fonts, title)
        return self._under(message, drawn)

    def section(self, name: str) -> Shown:
        """Return all tables that the plan has for a part of a report, and their notes, each once.

        Raises
        ------
        UsageError
            E-652 if the plan has no such part.
        """
        self._require_section(name)
        shown, notes, told = [], dict[str, None](), {*self._there, *self.not_there()}
        for key in [one.key for one in load_plan().tables if one.section == name and one.key in told]:
            there = self._there.get(key)
            made = self.table(key) if there is None else show_table(there, self._lang, with_notes=False)
            shown.append(made)
            if there is not None and there.asked:
                notes |= dict.fromkeys(notes_of(there, self._lang))
        if not shown:
            return Shown("")
        listed = "\n".join(f"- {note}" for note in [*notes, say("words", "legend", self._lang)])
        blocks = [one._repr_markdown_() for one in shown] + [f"::: {{.table-note}}\n\n{listed}\n\n:::\n"]
        return Shown("\n".join(blocks), "\n".join(map(repr, shown)))

    def fact(self, key: str) -> Shown:
        """Return one number for use in a sentence."""
        return read_fact(key, self._years, self._year, self._lang).shown()

    def sentence(self, *keys: str) -> Shown:
        """Return sentences with their numbers, as one text."""
        said = (write_sentence(key, self._years, self._year, self._lang) for key in keys)
        return Shown(" ".join(filter(None, said)))

    def paragraph(self, *keys: str) -> Shown:
        """Return sentences as a paragraph; nothing where none can stand."""
        said = str(self.sentence(*keys))
        return Shown(f"{said}\n" if said else "")

    @property
    def key_numbers(self) -> Shown:
        """The numbers of the first page, each with the reading that matters beside it."""
        numbers = load_reports()[self._name].numbers
        facts = {key: read_fact(name, self._years, self._year, self._lang) for key, name in numbers.items()}
        cells = [
            f"[**{fact.text}**]{{.big-number}}\\\n{self.sentence(key)}"
            for key, fact in facts.items()
            if fact.state not in ("left_out", "absent")
        ]
        left = dict.fromkeys(fact.table for fact in facts.values() if fact.state == "left_out")
        columns = f"::: {{layout-ncol={min(len(cells), 2 + len(cells) % 2)}}}"
        grid = [columns, *cells, ":::\n"] if cells else []
        return Shown("\n\n".join([*grid, *say_left_out(left, self._year, self._lang)]))

    @property
    def findings(self) -> Shown:
        """The five findings of the first page, as a list."""
        said = [text for key in _FINDINGS if (text := str(self.sentence(key)))]
        return Shown("\n".join(f"{number}. {text}" for number, text in enumerate(said, 1)) + "\n")

    @property
    def edition(self) -> Shown:
        """Which edition it is, of which day, and how many organisations answered."""
        told = edition_of(self._workspace, self._source, self._year, self._lang)
        return Shown(" · ".join(filter(None, [told, str(self.sentence("answered"))])) + "\n")

    def ending(self, chapter: str) -> Shown:
        """Return a chapter's last lines: own words, what was not asked or is left out, where its tables are.

        Raises
        ------
        UsageError
            E-652 if the plan has no such part.
        """
        self._require_section(chapter)
        own = read_words(self._workspace, self._source, self._year).get(chapter, {}).get(self._lang, "")
        tables = [
            self._there[one.key]
            for one in load_plan().tables
            if one.section == chapter and one.key in self._there
        ]
        unasked = dict.fromkeys(
            asked_for(one.name, self._lang) for one in tables if not one.asked and one.dimensions
        )
        fields = {"year": self._year, "chapter": chapter.replace("_", "-"), "what": ", ".join(unasked)}
        note = "::: {{.table-note{}}}\n\n{}\n\n:::\n"
        asked = [note.format("", say("report", "not_asked_here", self._lang, **fields))] if unasked else []
        left = self.not_there(chapter)
        parts = [own, *asked, *say_left_out(left, self._year, self._lang)]
        if tables or left:  # a link, which other formats cannot follow
            linked = note.format(
                " .on-screen", say("report", "all_tables", self._lang, lang=self._lang, **fields)
            )
            parts.append(f':::: {{.content-visible when-format="html"}}\n\n{linked}\n::::\n')
        return Shown("\n\n".join(parts))

    @property
    def links(self) -> Shown:
        """Where the report stands in the other language and as other files."""
        return show_links(self._name, Period.of(self._year), self._lang)

    @property
    def opening(self) -> Shown:
        """What the document tells of itself: title, running mark, name of its files."""
        return show_says(self._name, Period.of(self._year), self._source, self._lang)

    @property
    def origin(self) -> Shown:
        """The box that says whose figures these are: invented, a draft, or imported."""
        return show_box(self._source, self._lang)

    @property
    def legend(self) -> Shown:
        """What the marks in tables mean."""
        return marks(self._lang, left_out=bool(self.not_there()))

    @property
    def change(self) -> Shown:
        """The table of changes from the year before."""
        return show_change(self._years, self._year, self._source, self._lang)

    @property
    def why(self) -> Shown:
        """Why the year's number is another than that of the year before: causes that add up."""
        return show_change_of_year(self._years, self._year, self._source, self._lang)

    @property
    def series(self) -> Shown:
        """The long series as a table."""
        return show_series(self._years, self._source, self._lang)

    @property
    def series_figure(self) -> Shown:
        """The long series as a figure."""
        title = str(self.sentence("fig_series"))
        return show_series_figure(self._years, self._source, self._lang, self._fonts, title)

    @property
    def breaks(self) -> Shown:
        """What makes the years hard to compare."""
        return show_breaks(self._years, self._year, self._lang)

    def before(self, *facts: str) -> Shown:
        """Return numbers of the year with those of the year before beside them, as a table."""
        return show_before(facts, self._years, self._year, self._source, self._lang)

    def printed(self, *series: str) -> Shown:
        """Return what has been printed in some series of the year, or of no year, with its sources."""
        return show_printed(read_published(self._workspace), series, self._year, self._lang)

    @property
    def beside(self) -> Shown:
        """What authorities and others have published for the year."""
        return show_beside(read_published(self._workspace), self._year, self._lang)

    @property
    def unknowns(self) -> Shown:
        """How often each answer is missing, as a table."""
        return show_unknowns(self._there, self._year, self._source, self._lang)

    @property
    def unknowns_figure(self) -> Shown:
        """What is most often not known, as a figure."""
        return self._under("fig_unknowns", show_unknowns_figure(self._there, self._year, self._look))

    @property
    def left_out(self) -> Shown:
        """Which rows stand together to protect people, and what is not shown."""
        return show_left_out(self._years, self._year, self._lang)

    def missing(self, *sections: str) -> Shown:
        """Return the sentences that name what is left out of parts of the report, if anything is."""
        return Shown("\n".join(say_left_out(self.not_there(*sections), self._year, self._lang)))

    @property
    def hidden_counts(self) -> Shown:
        """Which counts of persons the tables do not show, and in which of them more is hidden."""
        return hidden_counts(self._there, self._lang)

    @property
    def how_made(self) -> Shown:
        """Rules, hidden cells, rows and program behind the figures."""
        return how_made(self._years, self._year, self._source, self._lang)

    @property
    def how_to_cite(self) -> Shown:
        """How the report is cited."""
        return how_to_cite(self.title, self._source, self._lang)

    @property
    def _there(self) -> Mapping[str, SafeTable]:
        return self._years[self._year]

    @property
    def _look(self) -> Look:
        return Look(self._lang, self._source, self._fonts)

    def _require_section(self, name: str) -> None:
        if name not in load_plan().sections:
            raise no_such("section", name, load_plan().sections)

    def _under(self, message: str, drawn: Shown) -> Shown:
        """Put a figure under its message, which is a heading below those that the contents list has."""
        picture = drawn._repr_markdown_()
        if not picture or not has_text("sentences", message):
            return drawn
        said = self.sentence(message)
        return Shown(f"### {said}\n\n{picture}", f"{said}\n{drawn!r}")

    def _read(self, key: str) -> SafeTable | None:
        """Return a table as sentences read it; None if the plan has it and it could not be shown."""
        found = read_table(key, self._there)
        return self._safe(key) if found is None and key not in load_plan().by_key else found

    def _safe(self, key: str) -> SafeTable:
        try:
            return self._there[key]
        except KeyError as error:
            raise no_such("table", key, self.in_order) from error


def load(
    *, year: int, lang: str, source: str = "demo", report: str = "annual", workspace: Workspace | None = None
) -> Report:
    """Return everything that a document of one year may show.

    Parameters
    ----------
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
