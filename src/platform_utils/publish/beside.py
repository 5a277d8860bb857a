"""Figures of others beside a year's own: every one with its source, none added to another.

Enters: published figures as the gate has admitted them. Leaves: Markdown. Which figures stand beside a
year is data: ``resources/beside.toml``.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterable
from functools import cache
from typing import Any

from platform_utils.paths import resource
from platform_utils.publish.inline import Shown
from platform_utils.publish.published import PublishedFigure, published_figures
from platform_utils.publish.table import markdown_table, note_block
from platform_utils.publish.words import say
from platform_utils.spec.safe import SafeTable

__all__ = ["show_beside"]


def show_beside(tables: Iterable[SafeTable], year: int, lang: str) -> Shown:
    """Return what authorities and others have published for a year, or the sentence that there is nothing.

    Parameters
    ----------
    tables : iterable of SafeTable
        One per published series; empty if none have been admitted.
    year : int
        Support year.
    lang : {"sv", "en"}
        Language.

    Raises
    ------
    DisclosureError
        E-650 for anything that is not a ``SafeTable``.
    """
    by_words = {(f.series, f.year, f.measure, f.category, f.value): f for f in published_figures(tables)}
    body = []
    for wanted in _wanted():
        words = (wanted["series"], str(wanted["year"]), wanted["measure"], wanted["category"])
        if wanted["year"] == year:
            fits = [figure for key, figure in by_words.items() if key[:4] == words]
            body += [[say("beside", wanted["key"], lang), f.text(lang), _sources(f, lang)] for f in fits]
    if not body:
        return Shown(say("report", "beside_none", lang, year=year) + "\n")
    heading = [say("report", key, lang) for key in ("who_counts", "number", "where_printed")]
    caption = say("report", "beside_caption", lang, year=year)
    text = "\n\n".join(
        [
            markdown_table(heading, body, (34, 14, 32), numbers=(1,)),
            f": {caption} {{#tbl-beside}}",
            note_block([say("report", "beside_note", lang)], lang),
        ]
    )
    return Shown(text + "\n", "\n".join([caption, *("  ".join(row) for row in body)]))


def _sources(figure: PublishedFigure, lang: str) -> str:
    return "; ".join(
        f"[{source.title(lang)}]({source.address})" if source.address else source.title(lang)
        for source in figure.sources
    )


@cache
def _wanted() -> tuple[dict[str, Any], ...]:
    return tuple(tomllib.loads(resource("beside.toml").read_text(encoding="utf-8"))["figure"])
