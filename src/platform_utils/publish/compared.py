"""Tables put together from several tables: change, the long series, missing answers, figures of others.

Enters: safe tables by year and name, and published figures as the gate has admitted them. Leaves: Markdown.
Everything is computed from released counts; a figure of others stands with its source, added to no other.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from platform_utils.messages import say
from platform_utils.paths import resource
from platform_utils.publish.cells import accept, lines
from platform_utils.publish.facts import Fact, read_fact
from platform_utils.publish.figure import COLOURS, Look, chart_block, draw_lines, write_beside
from platform_utils.publish.inline import Shown, percent, whole
from platform_utils.publish.published import PublishedFigure, published_figures
from platform_utils.publish.table import source_text, table_block
from platform_utils.publish.words import variable_label
from platform_utils.spec import codebook
from platform_utils.spec.plan import load_plan
from platform_utils.spec.safe import HIDDEN, SafeTable

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["show_beside", "show_breaks", "show_change", "show_series", "show_series_figure", "show_unknowns"]

Years = Mapping[int, Mapping[str, SafeTable]]
_Point = tuple[str, int, int, int | None]
"""Series, how many changes of its base lie behind, year, released number."""

_CHANGES = ("all", "without_mass", "direct", "same", "same_without_mass")
_MISSING = ("unknown", "blank", "not_asked")
_LINES = {"all": COLOURS["main"], "direct": COLOURS["second"]}


def show_change(years: Years, year: int, source: str, lang: str) -> Shown:
    """Return the table of changes from the year before: all, without mass cases, same organisations."""
    body = []
    for key in _CHANGES:
        facts = [read_fact(f"{key}{ending}", years, year, lang) for ending in ("_before", "", "_signed")]
        body.append([say("report", f"row_{key}", lang), *map(_cell, facts)])
    heading = [say("report", "persons", lang), str(year - 1), str(year), say("report", "change", lang)]
    return _block("change", heading, body, say("notes", "panel", lang), f"{year - 1}–{year}", source, lang)


def show_series(years: Years, source: str, lang: str) -> Shown:
    """Return the long series as a table, with what breaks it in the notes."""
    facts = sorted(load_plan().facts.values(), key=lambda fact: fact.series)
    series = [fact.name for fact in facts if fact.series]
    body = [[str(one), *(_cell(read_fact(key, years, one, lang)) for key in series)] for one in sorted(years)]
    heading = [say("report", key, lang) for key in ("year", "all", "without_mass", "direct", "organisations")]
    return _block("series", heading, body, say("report", "series_note", lang), _period(years), source, lang)


def show_series_figure(years: Years, source: str, lang: str, fonts: Path | None) -> Shown:
    """Return the long series as lines that are cut where the base changed; nothing for one year alone."""
    if len(years) == 1:
        return Shown("")
    cuts = {key: [one.year for one in load_plan().breaks if key in one.cuts] for key in _LINES}
    rows: list[_Point] = [
        (key, sum(cut <= one for cut in cuts[key]), one, read_fact(key, years, one, lang).number)
        for key in _LINES
        for one in sorted(years)
    ]
    paint = partial(_draw_series, rows=rows, cuts=sorted({*cuts["all"], *cuts["direct"]}), lang=lang)
    drawn = [(say("report", k, lang), one, HIDDEN if n is None else n) for k, _, one, n in rows]
    hidden = say("words", "hidden", lang)
    told: dict[str, list[str]] = {key: [] for key in _LINES}
    for key, _, one, number in rows:
        told[key].append(f"{one} {hidden if number is None else whole(number, lang)}")
    values = "; ".join(f"{say('report', key, lang)}: {', '.join(said)}" for key, said in told.items())
    alt = say("report", "series_alt", lang, values=values)
    caption = say("report", "series_caption", lang, period=_period(years), source=source_text(source, lang))
    return chart_block("series", paint, 3.0, drawn, Look(lang, source, fonts), alt, caption)


def show_unknowns(tables: Mapping[str, SafeTable], year: int, source: str, lang: str) -> Shown:
    """Return how often each question was answered "unknown", left blank, or not asked."""
    body = []
    for key in load_plan().by_key:
        table = tables.get(key)
        if table is None or not _is_question(accept(table)):
            continue
        name = variable_label(table.dimensions[0], lang)
        if not table.asked:
            body.append([name, ".", ".", ".", "."])
            continue
        counts = {line.code: line.count for line in lines(table, lang)}
        numbers = [counts.get(code, 0) for code in _MISSING]
        known = [number for number in numbers if number is not None]
        missing = sum(known) if len(known) == len(numbers) else None
        share = percent(missing, counts["total"], lang)
        body.append([name, *(whole(number, lang) for number in numbers), share])
    heading = [say("report", key, lang) for key in ("question", *_MISSING, "missing_share")]
    return _block("unknowns", heading, body, say("report", "unknowns_note", lang), str(year), source, lang)


def show_breaks(years: Years, year: int, lang: str) -> Shown:
    """Return what makes the years hard to compare, as a list."""
    said = [one for one in load_plan().breaks if min(years) <= one.year <= year]
    items = [f"- **{one.year}:** {one.label(lang)}" for one in said]
    if not items:
        return Shown(say("report", "no_breaks", lang) + "\n")
    return Shown("\n".join([say("report", "breaks_intro", lang), "", *items]) + "\n")


def show_beside(tables: Iterable[SafeTable], year: int, lang: str) -> Shown:
    """Return what authorities and others have published for a year, or the sentence that there is nothing.

    Which figures stand beside a year is data: ``resources/beside.toml``.

    Parameters
    ----------
    tables : iterable of SafeTable
        One per published series; empty if none have been admitted.

    Raises
    ------
    DisclosureError
        E-650 for anything that is not a ``SafeTable``.
    """
    figures = published_figures(tables)
    wanted = tomllib.loads(resource("beside.toml").read_text(encoding="utf-8"))["figure"]
    body = [
        [say("beside", one["key"], lang), figure.text(lang), _sources(figure, lang)]
        for one in wanted
        if one["year"] == year
        for figure in figures
        if figure.words == (one["series"], str(year), one["measure"], one["category"])
    ]
    if not body:
        return Shown(say("report", "beside_none", lang, year=year) + "\n")
    heading = [say("report", key, lang) for key in ("who_counts", "number", "where_printed")]
    caption = say("report", "beside_caption", lang, year=year)
    notes = [say("report", "beside_note", lang), say("words", "legend", lang)]
    return table_block("beside", caption, heading, body, notes, (34, 14, 32), numbers=(1,))


def _sources(figure: PublishedFigure, lang: str) -> str:
    return "; ".join(
        f"[{source.title(lang)}]({source.address})" if source.address else source.title(lang)
        for source in figure.sources
    )


def _draw_series(axes: Axes, rows: Sequence[_Point], cuts: Sequence[int], lang: str) -> None:
    import pandas as pd

    known = [row for row in rows if row[-1] is not None]
    points = pd.DataFrame(known, columns=["series", "base", "year", "number"])
    draw_lines(axes, points, _LINES, linewidth=2, marker="o", markersize=6, markeredgewidth=0)
    for key, _, year, number in rows:
        text = HIDDEN if number is None else whole(number, lang)
        away = (0, 9 if key == "all" else -9)
        write_beside(axes, text, (year, number or 0), away, color=_LINES[key], fontsize=9)
    for key, _, year, number in {row[0]: row for row in known}.values():
        away = (14, 3 if key == "all" else -3)
        style = {"color": _LINES[key], "ha": "left", "fontweight": "bold"}
        write_beside(axes, say("report", key, lang), (year, number or 0), away, **style)
    highest = max([number for *_, number in rows if number] or [1])
    shown = sorted({year for _, _, year, _ in rows})
    for cut in cuts:
        if {cut - 1, cut} <= set(shown):
            axes.axvline(cut - 0.5, color=COLOURS["pale"], linestyle=":", linewidth=1.2)
            at = (cut - 0.5, highest * 1.22)
            write_beside(axes, say("report", "cut", lang), at, (-4, 0), ha="right", fontsize=8)
    axes.set_xticks(shown)
    axes.set_xlim(shown[0] - 0.4, shown[-1] + 0.35 + 0.24 * len(shown))
    axes.set_ylim(0, highest * 1.24)


def _is_question(table: SafeTable) -> bool:
    """Say whether the table shows a question of the form, or what is derived from one that has no table."""
    if len(table.dimensions) != 1 or table.universe.name != "direct":
        return False
    variable = next((one for one in codebook.load().derived if one.name == table.dimensions[0]), None)
    shown = {dimension for planned in load_plan().tables for dimension in planned.dimensions}
    return variable is None or not set(variable.sources) <= shown


def _cell(fact: Fact) -> str:
    return {"not_asked": ".", "absent": "–"}.get(fact.state, fact.text)


def _period(years: Years) -> str:
    return f"{min(years)}–{max(years)}" if len(years) > 1 else str(min(years))


def _block(
    name: str,
    heading: Sequence[str],
    body: Sequence[Sequence[str]],
    note: str,
    period: str,
    source: str,
    lang: str,
) -> Shown:
    title, population = say("report", f"title_{name}", lang), say("report", f"population_{name}", lang)
    fields = {"title": title, "period": period, "population": population}
    caption = say("report", "compared_caption", lang, source=source_text(source, lang), **fields)
    return table_block(name, caption, heading, body, [note, say("words", "legend", lang)])
