"""Tables of printed figures: every one with its source, contradictions side by side, our arithmetic apart.

Enters: published figures. Leaves: Markdown. Nothing is added to the figures but what says so.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from platform_utils.publish.inline import Shown
from platform_utils.publish.numbers import signed_percent, whole
from platform_utils.publish.picked import Panel, pick
from platform_utils.publish.published import PublishedFigure, Source, plan, texts
from platform_utils.publish.table import markdown_table
from platform_utils.publish.words import say

__all__ = [
    "Numbered",
    "show_checks",
    "show_contradictions",
    "show_figures",
    "show_handled",
    "show_panel",
    "show_sources",
]

_UNITS = frozenset(("SEK", "date", "days", "month", "year", "years"))

Numbered = Callable[[PublishedFigure], str]
"""Gives the numbers of a figure's sources in the list at the end."""


def show_figures(
    figures: Sequence[PublishedFigure], key: str, title: str, sources: Numbered, lang: str
) -> Shown:
    """Return every figure of a series as one table: what, of whom, year, figure, sources."""
    heading = [say("series", name, lang) for name in ("what", "of_whom", "year", "figure", "source")]
    body = [[_cell(f.label(lang)), _base(f, lang), f.period(lang), f.text(lang), sources(f)] for f in figures]
    notes = [say("series", "note_hidden", lang)] if any(f.is_hidden for f in figures) else []
    return _block(key, title, heading, body, (34, 26, 12, 20, 10), notes, numbers=(3,))


def show_panel(panel: Panel, sources: Numbered, lang: str) -> Shown:
    """Return the figures of one panel, each with its base and its sources."""
    heading = [say("series", name, lang) for name in ("covers", "year", "figure", "source")]
    body = [
        [segment.labels[lang], figure.period(lang), figure.text(lang), sources(figure)]
        for figure, segment in sorted(
            ((f, s) for s in panel.segments for f in s.figures), key=lambda pair: pair[0].year
        )
    ]
    return _block(f"series-{panel.key}", panel.labels[lang], heading, body, (48, 10, 20, 10), numbers=(2,))


def show_handled(figures: Sequence[PublishedFigure], table: str, sources: Numbered, lang: str) -> Shown:
    """Return one of the two undated tables of handled offences, purposes by measures."""
    mine = [
        f
        for f in figures
        if f.series == "police_reports" and not f.year and f"; table {table} " in f.category
    ]
    measures = list(dict.fromkeys(f.measure for f in mine))
    purposes = list(dict.fromkeys(f.category for f in mine))
    cells = {(f.category, f.measure): f for f in mine}
    heading = [say("series", "purpose", lang)]
    heading += [_cell(next(f for f in mine if f.measure == measure).label(lang)) for measure in measures]
    body = []
    for purpose in purposes:
        base = next(f for f in mine if f.category == purpose).base(lang)
        row = [cells.get((purpose, measure)) for measure in measures]
        body.append(
            [
                base.split(";")[0],
                *("–" if f is None else f.text(lang).split("\u00a0")[0] + _sign(f, lang) for f in row),
            ]
        )
    all_offences = mine[0].base(lang).rsplit(" (", 1)[1].rstrip(")") if mine else ""
    title = say("series", "handled", lang, table=table, all=all_offences)
    note = say("series", "note_source", lang, sources=sources(mine[0]) if mine else "–")
    missing = say("series", "note_missing", lang)
    return _block(f"handled-{table.lower()}", title, heading, body, (32, 11, 11, 11, 11, 11), [note, missing])


def show_contradictions(figures: Sequence[PublishedFigure], sources: Numbered, lang: str) -> Shown:
    """Return the figures that do not agree, side by side."""
    heading = [say("series", name, lang) for name in ("what", "printed")]
    body = []
    for entry in plan()["contradiction"]:
        found = [f for words in entry["figures"] for f in pick(figures, *words)]
        if len(found) > 1:
            told = [f"{f.text(lang)} ({say('series', 'source_short', lang)} {sources(f)})" for f in found]
            body.append([entry[lang], "; ".join(told)])
    return _block(
        "contradictions", say("series", "contradictions", lang), heading, body, (40, 40), numbers=()
    )


def show_checks(figures: Sequence[PublishedFigure], lang: str) -> Shown:
    """Return our own arithmetic on printed figures, and whether it gives what is printed."""
    heading = [say("series", name, lang) for name in ("what", "arithmetic", "printed", "agrees")]
    body = [row for entry in plan()["check"] if (row := _check(entry, figures, lang)) is not None]
    return _block("checks", say("series", "checks", lang), heading, body, (30, 34, 14, 10), numbers=())


def show_sources(sources: Sequence[Source], lang: str) -> Shown:
    """Return the numbered list of sources with their addresses."""
    lines = []
    for number, source in enumerate(sources, start=1):
        where = f"<{source.address}>" if source.address else say("series", "no_address", lang)
        told = texts()["confidence"][source.confidence][lang]
        lines.append(f"{number}. {_cell(source.title(lang))}, {told}. {where}")
    return Shown("\n".join(lines) + "\n")


def _check(entry: Mapping[str, Any], figures: Sequence[PublishedFigure], lang: str) -> list[str] | None:
    series = entry["series"]

    def number(words: Sequence[Any]) -> int | None:
        found = [f.number for f in pick(figures, series, *words) if f.number is not None]
        return int(found[0]) if found else None

    if entry["kind"] == "sum":
        parts, total = [number(words) for words in entry["parts"]], number(entry["total"])
        if total is None or None in parts:
            return None
        known = [part for part in parts if part is not None]
        done = f"{' + '.join(whole(part, lang) for part in known)} = {whole(sum(known), lang)}"
        return [entry[lang], done, whole(total, lang), _yes(sum(known) == total, lang)]
    now, before = [number(words) for words in entry["now"]], number(entry["before"])
    printed = pick(figures, series, *entry["printed"])
    if before is None or None in now or not printed:
        return None
    known = [part for part in now if part is not None]
    value = known[0] - sum(known[1:])
    less = (
        f"{' − '.join(whole(part, lang) for part in known)} = {whole(value, lang)}; "
        if len(known) > 1
        else ""
    )
    against = say("series", "against", lang, now=whole(value, lang), before=whole(before, lang))
    limit = int("".join(sign for sign in printed[0].value if sign.isdigit()))
    points = 100 * (value - before) / before
    agrees = points > limit if printed[0].value.startswith("over") else round(points) == limit
    shown = f"{less}{against}: {signed_percent(value, before, lang)}"
    return [entry[lang], shown, printed[0].text(lang), _yes(agrees, lang)]


def _yes(answer: bool, lang: str) -> str:
    return say("series", "yes" if answer else "no", lang)


def _sign(figure: PublishedFigure, lang: str) -> str:
    if figure.unit != "percent" or lang == "en":
        return ""
    return "\u00a0%"


def _base(figure: PublishedFigure, lang: str) -> str:
    """Return of whom a figure speaks, nothing where the file only repeats its unit."""
    return "" if figure.category in _UNITS else _cell(figure.base(lang))


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("<", "\\<")


def _block(
    key: str,
    title: str,
    heading: Sequence[str],
    body: Sequence[Sequence[str]],
    widths: Sequence[int],
    notes: Sequence[str] = (),
    numbers: Sequence[int] | None = None,
) -> Shown:
    parts = [markdown_table(heading, body, widths, numbers), f": {title} {{#tbl-{key.replace('_', '-')}}}"]
    if notes:
        parts += ["::: {.table-note}\n" + " ".join(notes) + "\n:::"]
    plain = "\n".join([title, *("  ".join(row) for row in [heading, *body])])
    return Shown("\n\n".join(parts) + "\n", plain)
