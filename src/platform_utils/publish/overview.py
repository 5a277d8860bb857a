"""All tables of a year at a glance: how many cells each shows and hides.

Enters: safe tables. Leaves: one Markdown table for the analyst.
"""

from __future__ import annotations

from collections.abc import Iterable

from platform_utils import messages
from platform_utils.publish.cells import accept
from platform_utils.publish.inline import Shown
from platform_utils.publish.words import say
from platform_utils.spec.safe import SafeTable

__all__ = ["show_overview"]


def show_overview(tables: Iterable[SafeTable], lang: str) -> Shown:
    """Return one line per table: its rule, cells shown, cells hidden.

    Parameters
    ----------
    tables : iterable of SafeTable
        All tables of a year.
    lang : {"sv", "en"}
        Language of the headings.

    Raises
    ------
    DisclosureError
        E-650 for anything that is not a ``SafeTable``.
    """
    headings = [messages.label(f"L-overview-{key}", lang) for key in ("table", "rule", "shown", "hidden")]
    lines = [f"| {' | '.join(headings)} |", "|:--|:--|--:|--:|"]
    for table in map(accept, tables):
        hidden = int(table.data["mark"].ne("").sum())
        shown = str(len(table.data) - hidden) if table.asked else messages.label("L-overview-not-asked", lang)
        lines.append(f"| {say('tables', table.name, lang)} | {table.rule} | {shown} | {hidden} |")
    return Shown("\n".join(lines) + "\n")
