"""What the report of another publisher's file shows: who published it, its answers, what became of its rows.

Enters: safe tables of a file, and its description. Leaves: Markdown in two languages. Rules: words are the
publisher's and the description's, never those of our own statistics; what the file did not ask is named, not
counted; years stand side by side only where the description says that they can.
"""

from __future__ import annotations

from collections.abc import Mapping

from platform_utils.errors import UsageError
from platform_utils.messages import LANGUAGES, say
from platform_utils.paths import Workspace
from platform_utils.publish.cells import accept
from platform_utils.publish.inline import Shown, percent, whole
from platform_utils.publish.opening import check_told, says
from platform_utils.publish.sets import read_tables, tables_folder
from platform_utils.publish.table import table_block
from platform_utils.spec.counts import TOTAL
from platform_utils.spec.plan import load_plan
from platform_utils.spec.reports import Period
from platform_utils.spec.safe import SafeTable
from platform_utils.spec.sources import CASES, REDACTED, ROWS, Source, load_source

_ABOUT = ("publisher", "row", "covered", "guarantees", "licence", "cite", "address")
_LAST = ("unknown", REDACTED, "blank", TOTAL)


class CaseFile:
    """Blocks of the report of one year of a file.

    Parameters
    ----------
    years : mapping of int to mapping of str to SafeTable
        The year's tables, and those of the years that it can be compared with.
    """

    def __init__(
        self, years: Mapping[int, Mapping[str, SafeTable]], source: Source, *, year: int, lang: str
    ) -> None:
        self._years, self._source, self._year, self._lang = years, source, year, lang
        self._tables = {name: accept(table) for name, table in years[year].items()}
        self._said = {name: source.text(name, lang) for name in ("title", *_ABOUT, "why")}
        self._unit = load_plan().units[self._tables[CASES].universe.unit].label(lang)

    @property
    def opening(self) -> Shown:
        """What the document tells of itself: the file's title, with the year, and its publisher."""
        title = f"{self._said['title']}: {self._year}"
        told = {"title": title, "author": self._source.publisher}
        return Shown(says("casefile", Period.of(self._year), self._lang, **told))

    @property
    def publisher(self) -> Shown:
        """Whose file it is."""
        return Shown(self._source.publisher)

    @property
    def about(self) -> Shown:
        """Publisher, title, what a row is, who is covered, terms and how to cite, as a table."""
        body = [[f"**{self._say(f'about_{name}')}**", self._said[name]] for name in _ABOUT]
        heading = [self._say("about_heading"), self._said["title"]]
        return table_block("about", self._say("about_caption"), heading, body, (), (22, 78), ())

    @property
    def headline(self) -> Shown:
        """How many the year holds, and how many of the file's rows they stand on."""
        number, read = self._tables[CASES].count(), self._tables[ROWS].count()
        taken = self._tables[ROWS].count(rows="taken")
        fields = {"number": number, "taken": taken, "read": read}
        shown = {name: whole(each, self._lang) for name, each in fields.items()}
        return Shown(self._say("headline", year=self._year, unit=self._unit, **shown) + "\n")

    @property
    def rows(self) -> Shown:
        """What became of every row of the file, those without a year among them."""
        codes = self._tables[ROWS].codes()[ROWS]
        return self._table(ROWS, self._say("rows"), {code: self._say(f"fate_{code}") for code in codes})

    @property
    def answers(self) -> Shown:
        """A table for each question that the file asks and the year answers; the others are named."""
        parts, none = [], []
        for asked in self._source.asks:
            if asked.name not in self._tables:
                none.append(asked.label(self._lang))
                continue
            codes = self._tables[asked.name].codes()[asked.name]
            words = {code: self._source.answer(asked, code, self._lang) for code in codes}
            parts.append(self._table(asked.name, asked.label(self._lang), words)._repr_markdown_())
        if none:
            parts.append(self._say("no_answers", year=self._year, asked="; ".join(none)) + "\n")
        return Shown("\n".join(parts))

    @property
    def never_asked(self) -> Shown:
        """What readers may look for and the file never asked, as a list."""
        return Shown("\n".join(f"- {one.label(self._lang)}" for one in self._source.never_asked) + "\n")

    @property
    def compared(self) -> Shown:
        """The years that can be compared, side by side; else why there are none."""
        why = self._said["why"]
        if len(self._years) < 2:
            return Shown(self._say("compare_one" if self._source.compare else "compare_none", why=why) + "\n")
        counts = {year: accept(tables[CASES]).count() for year, tables in sorted(self._years.items())}
        body = [[str(year), whole(count, self._lang)] for year, count in counts.items()]
        heading, caption = [self._say("year"), self._unit.capitalize()], self._caption("compare_caption")
        block = table_block("years", caption, heading, body, (), (40, 40))
        return Shown(f"{why}\n\n{block._repr_markdown_()}")

    @property
    def made(self) -> Shown:
        """Which files were read, and what is hidden, as a list."""
        files = ", ".join(f"`{one}`" for one in self._tables[ROWS].notes)
        key = "made_public" if self._tables[CASES].rule == "published" else "made_gate"
        return Shown(f"- {self._say('made_files', files=files)}\n- {self._say(key)}\n")

    def _table(self, name: str, title: str, words: Mapping[str, str]) -> Shown:
        """Return a table: bands and hidden counts in their order, else the most common answer first."""
        table = self._tables[name]
        counts = {cell[0]: count for cell, count in zip(table.cells, table.counts, strict=True)}
        in_order = (
            None in table.counts
            or name == ROWS
            or all(c in _LAST or any(map(str.isdigit, c)) for c in counts)
        )
        ranks = {code: place if in_order else -(counts[code] or 0) for place, code in enumerate(counts)}
        body = []
        for code in sorted(counts, key=lambda one: (one in _LAST and _LAST.index(one) + 1, ranks[one])):
            share = percent(counts[code], counts[TOTAL], self._lang)
            cells = [words[code], whole(counts[code], self._lang), share]
            body.append([f"**{one}**" for one in cells] if code == TOTAL else cells)
        notes = [self._say("note_several")] if table.multiple else []
        unit = self._say("unit_rows") if name == ROWS else self._unit
        heading = [title, self._say("number"), self._say("share")]
        return table_block(
            f"case-{name}", self._caption("caption", name=title, unit=unit), heading, body, notes
        )

    def _caption(self, key: str, **fields: str) -> str:
        said = {
            "year": self._year,
            "publisher": self._source.short or self._source.publisher,
            "title": self._said["title"],
        }
        return self._say(key, **said, **fields)

    def _say(self, key: str, **fields: object) -> str:
        return say("casefile", key, self._lang, **fields)


def load_cases(*, year: int, lang: str, source: str, workspace: Workspace | None = None) -> CaseFile:
    """Return everything that the report of a year of somebody else's file may show.

    Raises
    ------
    UsageError
        E-001, E-003 for an unknown language or source; E-327 for a source of ours; E-504, E-505 for what
        Quarto was told.
    SettingsError
        E-325, E-010 if nothing says what the file is, or nothing usable.
    FileError
        E-651 if the year has not been counted.
    DisclosureError
        E-411, E-412 if a table is not the one that the gate wrote.
    """
    if lang not in LANGUAGES:
        raise UsageError("E-001", lang=lang)
    check_told(source, "casefile")
    workspace = workspace or Workspace.find()
    described = load_source(workspace, source)
    compared = described.comparable(year, workspace.years_with_returns(source))
    stored = [one for one in compared if one == year or tables_folder(workspace, source, one).is_dir()]
    years = {one: read_tables(workspace, source, one) for one in stored}
    return CaseFile(years, described, year=year, lang=lang)
