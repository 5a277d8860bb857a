"""Figures of others beside a year's own: every one with its source, none added to another.

Enters: safe tables admitted as already public. Leaves: Markdown.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from platform_utils.publish.cells import accept, lines
from platform_utils.publish.inline import Shown
from platform_utils.publish.table import markdown_table, note_block
from platform_utils.publish.words import say
from platform_utils.schemas.safe import SafeTable

__all__ = ["PREFIX", "show_beside"]

PREFIX = "beside_"
"""Tables with this prefix hold one published figure each."""

_NUMBER = re.compile(r"_\d+$")
_ADDRESS = re.compile(r"https?://[^\s,;]+")


def show_beside(tables: Mapping[str, SafeTable], year: int, lang: str) -> Shown:
    """Return the published figures of a year as one table, or the sentence that there are none."""
    chosen = [accept(table) for name, table in sorted(tables.items()) if name.startswith(PREFIX)]
    if not chosen:
        return Shown(say("report", "beside_none", lang, year=year) + "\n")
    body = [
        [
            say("beside", _NUMBER.sub("", table.name.removeprefix(PREFIX)), lang),
            lines(table, lang)[0].number,
            _ADDRESS.sub(lambda found: f"[{say('report', 'address', lang)}]({found[0]})", table.origin),
        ]
        for table in chosen
    ]
    heading = [say("report", key, lang) for key in ("who_counts", "number", "where_printed")]
    caption = say("report", "beside_caption", lang, year=year)
    text = "\n\n".join(
        [
            markdown_table(heading, body, (34, 10, 32), numbers=(1,)),
            f": {caption} {{#tbl-beside}}",
            note_block([say("report", "beside_note", lang)], lang),
        ]
    )
    return Shown(text + "\n", "\n".join([caption, *("  ".join(row) for row in body)]))
