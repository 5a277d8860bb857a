"""The hundred women whom the Platform has described, beside what the same questions give in our years.

Enters: printed figures, ``published_series.toml``, and safe tables of a year and those before it. Leaves:
Markdown in two languages. Rule: what is printed and what is counted stand in columns of their own, each with
its base; nothing is computed from one to the other.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from platform_utils.messages import say
from platform_utils.paths import Workspace
from platform_utils.publish.facts import Fact, read_fact
from platform_utils.publish.inline import Shown, whole
from platform_utils.publish.opening import check_told, show_opening
from platform_utils.publish.printed import Printed
from platform_utils.publish.published import PublishedFigure, pick, plan, published_figures
from platform_utils.publish.sets import StoredYears, read_published
from platform_utils.publish.table import source_text, table_block
from platform_utils.spec.plan import load_plan
from platform_utils.spec.reports import Period
from platform_utils.spec.safe import SafeTable

_NAME = "hundred_women"


class HundredWomen(Printed):
    """What the page shows.

    Parameters
    ----------
    years : mapping of int to mapping of str to SafeTable
        The year's protected tables, and of the years before it those that are shown later.
    """

    def __init__(
        self, figures: tuple[PublishedFigure, ...], years: Mapping[int, Mapping[str, SafeTable]],
        *, year: int, lang: str, source: str, fonts: Path,
    ) -> None:  # fmt: skip
        super().__init__(figures, lang=lang, fonts=fonts)
        self._years, self._year, self._source = years, year, source

    @property
    def opening(self) -> Shown:
        """What the document tells of itself, and whose figures stand beside those that are printed."""
        return show_opening(_NAME, Period.of(self._year), self._source, self._lang)

    @property
    def asked_again(self) -> Shown:
        """Each question as it is printed, and what it gives in the year, of whom."""
        body = []
        for entry in self._plan["asked_again"]:
            (figure, *_) = pick(self._figures, _NAME, *entry["figure"])
            fact = read_fact(entry["fact"], self._years, self._year, self._lang)
            fields = {"share": fact.text, "number": whole(fact.number, self._lang)}
            told = say("series", "share_of", self._lang, **fields, base=whole(fact.base, self._lang))
            told = told if fact.is_share and fact.state == "shown" else fact.text
            body.append([figure.label(self._lang), figure.text(self._lang), told, entry[self._lang]])
        return self._block("asked_again", ["what", "hundred", "", "covers"], body, (30, 18, 20, 24))

    @property
    def over_the_years(self) -> Shown:
        """The shares that every year tells."""
        known = load_plan().facts
        keys = {e["fact"]: e for e in self._plan["asked_again"] if known[e["fact"]].trend}
        heads = [str(one) for one in sorted(self._years)]
        body = []
        for key, entry in keys.items():
            (figure, *_) = pick(self._figures, _NAME, *entry["figure"])
            facts: list[Fact] = [read_fact(key, self._years, int(one), self._lang) for one in heads]
            body.append([figure.label(self._lang), figure.text(self._lang), *(fact.text for fact in facts)])
        widths = (26, 16, *[max(6, 44 // len(heads))] * len(heads))
        return self._block("over_the_years", ["what", "hundred", *heads], body, widths)

    @property
    def _plan(self) -> Mapping[str, Any]:
        return plan()[_NAME]

    def _block(self, name: str, keys: list[str], body: list[list[str]], widths: tuple[int, ...]) -> Shown:
        heading = [
            str(self._year) if not key else key if key.isdigit() else say("series", key, self._lang)
            for key in keys
        ]
        source = source_text(self._source, self._lang)
        caption = say("series", name, self._lang, year=self._year, source=source)
        return table_block(name, caption, heading, body, self._say_all("note_beside"), widths, ())


def load_hundred_women(
    *, year: int, lang: str, source: str = "demo", workspace: Workspace | None = None
) -> HundredWomen:
    """Return everything that the page may show; errors as in `load` and `load_series`."""
    check_told(source, _NAME)
    workspace = workspace or Workspace.find()
    figures = published_figures(table for table in read_published(workspace) if table.name == _NAME)
    years = StoredYears(workspace, source, year)
    fonts = workspace.assets / "fonts"
    return HundredWomen(figures, years, year=year, lang=lang, source=source, fonts=fonts)
