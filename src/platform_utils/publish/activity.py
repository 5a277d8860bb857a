"""What the activity report of a year shows: the Platform's own books beside what has been printed of it.

Enters: the books' safe table and texts as they are stored, and printed figures. Leaves: Markdown, in Swedish.
Rule: a person has no name here; where one belongs there is room to write it.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from platform_utils.errors import FileError
from platform_utils.messages import say, texts
from platform_utils.paths import Workspace, resource
from platform_utils.publish.inline import Shown, whole
from platform_utils.publish.opening import check_told, show_opening
from platform_utils.publish.printed import Printed
from platform_utils.publish.published import PublishedFigure, published_figures
from platform_utils.publish.sets import read_published
from platform_utils.publish.table import table_block
from platform_utils.spec.entries import read_packaged
from platform_utils.spec.membership import RIGHTS, form_label, forms
from platform_utils.spec.reports import Period
from platform_utils.spec.safe import SafeTable

_NAME, _LANG = "activity_report", "sv"
_WIDTHS = {"board": (26, 32, 28), "post": (54, 14, 12), "publications": (50, 14, 10, 12)}
_TOTALS = ("grants", "income", "costs", "result", "assets", "debts")


class ActivityReport(Printed):
    """Blocks of the report of one year.

    Parameters
    ----------
    figures : tuple of PublishedFigure
        Printed of the Platform itself: of the year, the year before it, and of no year.
    books : SafeTable
        Figures of the year, by measure and category.
    told : mapping
        Texts of the year.
    """

    def __init__(
        self, figures: tuple[PublishedFigure, ...], books: SafeTable, told: Mapping[str, Any],
        *, year: int, source: str, workspace: Workspace,
    ) -> None:  # fmt: skip
        super().__init__(figures, lang=_LANG, fonts=workspace.assets / "fonts")
        self._told, self._year = told, year
        self._books = {cell[1:3]: count for cell, count in zip(books.cells, books.counts, strict=True)}
        self.of = Shown(str(year))
        self.opening = show_opening(_NAME, Period.of(year), source, _LANG)

    def counted(self, measure: str, category: str = "") -> Shown:
        """Return a figure of the books, nought where there is none of that kind."""
        return Shown(whole(self._books.get((measure, category), 0), _LANG))

    def note(self, book: str) -> Shown:
        """Return what the office says of the activities, or the treasurer of the accounts."""
        return Shown(f"{self._told['note'][book]}\n")

    def listed(self, name: str, *keys: str) -> Shown:
        """Return what the books list, a column for each key; what they do not say has a dash, a name room."""
        rows = []
        for one in self._told[name]:
            more = {"name": _say("to_fill"), "quoted": self.counted("quoted", one.get("title", ""))}
            rows.append([str(one.get(key) or more.get(key, "–")) for key in keys])
        return self._table(name, keys, rows, _WIDTHS[name])

    @property
    def rights(self) -> Shown:
        """What each form of membership gives at the annual meeting."""
        rows = []
        for name, form in forms().items():
            yes = _say("observer" if form.observer else "yes")
            rows.append([form_label(name, _LANG), *(yes if one in form.rights else "–" for one in RIGHTS)])
        return self._table("rights", ["form", *RIGHTS], rows, (26, 12, 20, 12, 12))

    @property
    def members(self) -> Shown:
        """Members and meetings as the books have them, beside what is printed."""
        rows = []
        for entry in read_packaged(resource("activities.toml"))["counted"]:
            series, back, *words = entry["printed"]
            found = [f for f in self._figures if f.words == (series, str(self._year - back), *words)]
            printed = found[0].text(_LANG) if found else "–"
            rows.append([entry["sv"], str(self.counted(*entry["of"])), printed])
        return self._table("members", ["what", "books", "printed"], rows, (50, 14, 20), (1, 2))

    @property
    def months(self) -> Shown:
        """What was done in each month; a month without anything has a dash."""
        rows = []
        for number, month in enumerate(texts("series")["months"][_LANG], start=1):
            done = [one for one in self._told["activity"] if one["month"] == number]
            rows += [[month, f"**{a['sv']}.** {a['text']}", a["party"] or "–", a["done"]] for a in done]
            rows += [[month, "–", "–", "–"]] * (not done)
        return self._table("months", ["month", "what", "with", "outcome"], rows, (11, 42, 24, 13))

    def chapter(self, name: str) -> Shown:
        """Return what was done all through the year in a chapter, as a list."""
        lines = []
        for one in self._told["activity"]:
            if one["chapter"] == name and not one["month"]:
                head = ", ".join(filter(None, (one["sv"], one["party"])))
                lists = {_say(key): ", ".join(one[key]) for key in ("material", "languages")}
                more = [f"{key}: {words}." for key, words in lists.items() if words]
                lines.append(f"- **{head}** ({one['done']}). {' '.join([one['text'], *more])}\n")
        return Shown("".join(lines))

    @property
    def accounts(self) -> Shown:
        """Grants by funder and purpose, income, costs, result, balance: each total under its lines."""
        rows, kinds = [], read_packaged(resource("activities.toml"))["lines"]
        for name in _TOTALS:
            lines = [one for one in self._books if one[0] == kinds.get(name)]
            rows += [[line, str(self.counted(kind, line))] for kind, line in lines]
            rows.append([f"**{_say(f'total_{name}')}**", f"**{self.counted('total', name)}**"])
        return self._table("account", ["what", "sek"], rows, (56, 20), (1,))

    def _table(
        self, name: str, heads: Sequence[str], rows: Sequence[Sequence[str]], widths: tuple[int, ...],
        numbers: tuple[int, ...] = (),
    ) -> Shown:  # fmt: skip
        title = say("activity", f"{name}_title", _LANG, year=self._year)
        return table_block(name, title, [_say(key) for key in heads], rows, (), widths, numbers)


def load_activity(*, year: int, source: str = "demo", workspace: Workspace | None = None) -> ActivityReport:
    """Return everything that the activity report of a year may show.

    Raises
    ------
    FileError
        E-661 if the books of the year have not been stored.
    """
    check_told(source, _NAME)
    workspace = workspace or Workspace.find()
    folder = workspace.controlled(source, year) / "books"
    try:
        told = json.loads((folder / "told.json").read_text(encoding="utf-8"))
    except OSError as error:
        raise FileError("E-661", year=year, source=source) from error
    figures = published_figures(read_published(workspace))
    since = {"membership": 0, "nsp": year - 1}
    kept = [f for f in figures if f.series in since and since[f.series] <= (f.first_year or 0) <= year]
    books = SafeTable.read(folder / "books.parquet")
    return ActivityReport(tuple(kept), books, told, year=year, source=source, workspace=workspace)


def _say(key: str) -> str:
    return say("activity", key, _LANG)
