"""What was put together or left out to protect people, in words; and for the analyst, the alternatives.

Enters: safe tables; the layouts that the table-set designer looked at. Leaves: Markdown. The list for
readers is read off the safe tables themselves, so it says nothing that they do not show.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from platform_utils import messages
from platform_utils.publish.cells import accept, what_is_left
from platform_utils.publish.inline import Shown
from platform_utils.publish.numbers import whole
from platform_utils.publish.plan import planned
from platform_utils.publish.words import code_label, in_full, is_together, say
from platform_utils.spec.layout import Layout
from platform_utils.spec.safe import SafeTable

__all__ = ["show_alternatives", "show_left_out"]

_HEADINGS = ("table", "layout", "alone", "shown", "chosen")
_COMPARED = {"panel", "panel_next", "panel_member"}
"""Breakdowns that a year has only beside the year before."""


def show_left_out(tables: Mapping[str, SafeTable], year: int, lang: str) -> Shown:
    """Return which rows stand together and what is not shown, table by table, as a list.

    Parameters
    ----------
    tables : mapping of str to SafeTable
        The year's tables by name.
    year : int
        Support year.
    lang : {"sv", "en"}
        Language.
    """
    together, empty, dotted = [], [], 0
    for key, entry in planned().items():
        if key not in tables:
            if not _COMPARED & set(entry["dimensions"]):
                empty.append(_empty(key, year, None, lang))
            continue
        table = accept(tables[key])
        rows = [
            (d, code) for d in table.dimensions for code in table.data[d].unique() if is_together(d, code)
        ]
        if what_is_left(table) != "rows":
            empty.append(_empty(key, table.universe.year, table, lang))
        else:
            dotted += bool(sum(table.hidden.values()))
            if rows:
                together.append(
                    say(
                        "report",
                        "left_out_row",
                        lang,
                        table=say("tables", key, lang),
                        rows=_named(rows, lang),
                    )
                )
    parts = list(_parts(together, empty, dotted, lang))
    return Shown("\n\n".join(parts or [say("report", "left_out_none", lang)]) + "\n")


def show_alternatives(layouts: Iterable[Layout], lang: str) -> Shown:
    """Return what the designer looked at and what each alternative shows: for the analyst, never for readers.

    Parameters
    ----------
    layouts : iterable of Layout
        Of the year's set, chosen or not.
    lang : {"sv", "en"}
        Language.
    """
    headings = [messages.label(f"L-layout-{key}", lang) for key in _HEADINGS]
    lines = [f"| {' | '.join(headings)} |", "|:--|:--|--:|--:|:--|"]
    for layout in layouts:
        rows = "; ".join(code_label(layout.dimension, code, lang) for code in layout.rows)
        said = rows or messages.label(f"L-layout-{layout.form}", lang)
        chosen = messages.label("L-layout-yes" if layout.chosen else "L-layout-no", lang)
        name = say("tables", layout.table, lang)
        lines.append(f"| {name} | {said} | {layout.alone} | {layout.shown} | {chosen} |")
    return Shown("\n".join(lines) + "\n")


def _parts(together: list[str], empty: list[str], dotted: int, lang: str) -> Iterator[str]:
    if together:
        yield say("report", "left_out_together", lang)
        yield "\n".join(f"- {one}" for one in together)
    if empty:
        yield say("report", "left_out_empty", lang)
        yield "\n".join(f"- {one}" for one in empty)
    if dotted:
        yield say("report", "left_out_dotted", lang, tables=dotted)


def _empty(key: str, year: int, table: SafeTable | None, lang: str) -> str:
    title = say("tables", key, lang)
    if table is None or what_is_left(table) == "nothing":
        return say("report", "left_out_nothing", lang, table=title, year=year)
    unit = say("words", f"unit_{table.universe.unit}", lang)
    total = whole(table.count() or 0, lang)
    return say("report", "left_out_total", lang, table=title, year=year, total=total, unit=unit)


def _named(rows: list[tuple[str, str]], lang: str) -> str:
    full = [in_full(dimension, code, lang) for dimension, code in rows]
    named = "; ".join(f"*{code_label(dimension, code, lang)}*" for dimension, code in rows)
    return " ".join([f"{named}.", *filter(None, full)])
