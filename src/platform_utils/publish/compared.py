"""Tables put together from several tables: change, the long series, missing answers, figures of others.

Enters: safe tables by year and name, and published figures as the gate has admitted them. Leaves: Markdown.
Everything is computed from released counts; a figure of others stands with its source, added to no other.
"""

from __future__ import annotations

import tomllib
from collections.abc import Collection, Iterable, Mapping, Sequence
from functools import partial
from itertools import product
from pathlib import Path
from typing import TYPE_CHECKING, Any

from platform_utils.messages import say
from platform_utils.paths import resource
from platform_utils.publish.cells import accept, lines
from platform_utils.publish.claims import Numbers
from platform_utils.publish.facts import Fact, read_fact, read_table
from platform_utils.publish.figure import (
    COLOURS,
    Look,
    chart_block,
    draw_lines,
    mark_breaks,
    show_shares,
    write_beside,
)
from platform_utils.publish.inline import Shown, percent, whole
from platform_utils.publish.published import PublishedFigure, published_figures
from platform_utils.publish.table import about, source_text, table_block, with_legend
from platform_utils.publish.words import code_label, is_left_out, variable_label
from platform_utils.spec import codebook
from platform_utils.spec.counts import TOTAL
from platform_utils.spec.plan import load_plan
from platform_utils.spec.planned import PlannedTable
from platform_utils.spec.safe import HIDDEN, SafeTable, Years

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_Point = tuple[str, int, int, float]
"""Series, how many changes of its base lie behind, year, per cent."""

_CHANGES = ("all", "direct", "same")
_MISSING = ("unknown", "blank", "not_asked")
_FEWEST_YEARS, _MOST_UNKNOWN = 3, 12
_NEAR, _NAMES = 0.2, 0.6
"""Which part of the height the names of two lines need, and of the years' width the names beside them."""
_RIGHTS = ("shelter", "money", "medical", "psychological", "legal", "interpreting")
"""Article 12 of the Council of Europe Convention, as kinds of support."""


def show_change(years: Years, year: int, source: str, lang: str) -> Shown:
    """Return the table of changes from the year before, with and without large cases."""
    numbers = Numbers(years, year, lang)
    readings = ("", ".all") if numbers.has_large() or numbers.has_large(1) else (".all",)
    body = []
    for key, reading in product(_CHANGES, readings):
        facts = [numbers.fact(f"{key}{ending}{reading}") for ending in ("_before", "", "_signed")]
        body.append([_read_as(key, reading, lang), *map(_cell, facts)])
    heading = [say("report", "persons", lang), str(year - 1), str(year), say("report", "change", lang)]
    return _block("change", heading, body, say("notes", "panel", lang), f"{year - 1}–{year}", source, lang)


def show_before(facts: Sequence[str], years: Years, year: int, source: str, lang: str) -> Shown:
    """Return numbers of a year with those of the year before beside them; a line for each fact."""
    body = [
        [
            say("report", f"row_{key}", lang),
            *(_cell(read_fact(key, years, one, lang)) for one in (year - 1, year)),
        ]
        for key in facts
    ]
    heading = [say("report", "what", lang), str(year - 1), str(year)]
    told = {"period": f"{year - 1}–{year}", "source": source_text(source, lang)}
    notes = with_legend([say("report", "before_note", lang)], body, lang)
    return table_block("before", say("report", "before_caption", lang, **told), heading, body, notes)


def show_series(years: Years, source: str, lang: str) -> Shown:
    """Return the long series as a table, with what breaks it in the notes."""
    keys = ("all.all", "all", "direct.all", "direct", "members_returned")
    body = [[str(one), *(_cell(read_fact(key, years, one, lang)) for key in keys)] for one in sorted(years)]
    read = [_read_as(key.partition(".")[0], key.partition(".")[2], lang) for key in keys[:-1]]
    heading = [say("report", "year", lang), *read, say("report", "organisations", lang)]
    return _block("series", heading, body, say("report", "series_note", lang), _period(years), source, lang)


def show_series_figure(years: Years, source: str, lang: str, fonts: Path | None, title: str) -> Shown:
    """Return the persons of each year as bars, those in large cases pale; a dashed line is a break."""
    told, rows = [], []
    for one in sorted(years):
        lead, mass = (read_fact(key, years, one, lang).number for key in ("all", "mass"))
        in_large = mass if Numbers(years, one, lang).has_large() else 0
        rows.append((one, lead, in_large or 0))
        text = say("words", "hidden", lang) if lead is None else whole(lead, lang)
        told.append(f"{one} {text}" + (say("report", "and_large", lang, number=in_large) if in_large else ""))
    cuts = [
        one.year for one in load_plan().breaks if "all" in one.cuts and min(years) < one.year <= max(years)
    ]
    paint = partial(_draw_series, rows=rows, cuts=cuts, lang=lang)
    drawn = [(str(one), HIDDEN if lead is None else lead, mass) for one, lead, mass in rows]
    alt = say("report", "series_alt", lang, title=title, values=", ".join(told))
    marked = [key for key, there in (("large", any(mass for *_, mass in rows)), ("break", cuts)) if there]
    parts = [say("report", f"series_{key}", lang) for key in marked]
    told_of = {"period": _period(years), "source": source_text(source, lang), "marks": " ".join(["", *parts])}
    caption = say("report", "series_caption", lang, **told_of)
    return chart_block("series", paint, 2.3, drawn, Look(lang, source, fonts), alt, caption)


def show_trend(
    keys: Sequence[str], years: Years, source: str, lang: str, fonts: Path | None, title: str
) -> Shown:
    """Return shares over the years as lines, cut where the base breaks; nothing for less than three years."""
    known = [
        (key, one, fact)
        for key in keys
        for one in sorted(years)
        if (fact := read_fact(key, years, one, lang)).is_share and fact.state == "shown"
    ]
    shown = sorted({one for _, one, _ in known})
    if len(shown) < _FEWEST_YEARS:
        return Shown("")
    cuts = [one.year for one in load_plan().breaks if "direct" in one.cuts]
    points = [
        (key, sum(cut <= one for cut in cuts), one, 100 * (f.number or 0) / (f.base or 1))
        for key, one, f in known
    ]
    paint = partial(
        _draw_trend, points=points, cuts=[cut for cut in cuts if shown[0] < cut <= shown[-1]], lang=lang
    )
    drawn = [(say("report", f"trend_{key}", lang), one, fact.text) for key, one, fact in known]
    values = "; ".join(
        f"{say('report', f'trend_{key}', lang)}: "
        + ", ".join(f"{one} {f.text}" for k, one, f in known if k == key)
        for key in keys
    )
    large = any(Numbers(years, one, lang).has_large() for one in shown)
    told = {
        "names": ", ".join(say("report", f"trend_{key}", lang) for key in keys),
        "period": f"{shown[0]}–{shown[-1]}",
        "large": say("report", "trend_large", lang) if large else "",
        "source": source_text(source, lang),
    }
    caption = say("report", "trend_caption", lang, **told)
    alt = say("report", "trend_alt", lang, title=title, values=values)
    name = f"trend-{keys[0].replace('_', '-')}"
    return chart_block(name, paint, 1.5, drawn, Look(lang, source, fonts), alt, caption)


def unknown_shares(
    tables: Mapping[str, SafeTable], lang: str
) -> list[tuple[str, list[int | None], int | None, int | None]]:
    """Return each question: how many are unknown, blank and not asked, how many together, and of how many.

    Together they are known too where every other answer is shown. No numbers mean that the year did not ask;
    of a table that is left out none is known.
    """
    several = {one.name for one in codebook.load().variables if one.kind == "multi"}
    found: list[tuple[str, list[int | None], int | None, int | None]] = []
    for key, planned in load_plan().by_key.items():
        table = read_table(key, tables)
        if planned.whole or not _is_question(planned):
            continue
        name = variable_label(planned.dimensions[0], lang)
        if table is None:
            found += [(name, [None] * 3, None, None)] if is_left_out(key, {0: tables}, 0) else []
            continue
        if not accept(table).asked:
            found.append((name, [], None, None))
            continue
        counts = {line.code: line.count for line in lines(table, lang)}
        # a code that the plan calls no answer is not known either
        extra = [counts.get(code, 0) for code in planned.no_answer]
        unknown = [counts.get("unknown", 0), *extra]
        missing = [None if None in unknown else sum(unknown), *(counts.get(code, 0) for code in _MISSING[1:])]  # type: ignore[arg-type]
        left, everybody = _added(missing), counts[TOTAL]
        if left is None and table.dimensions[0] not in several:
            known = _added([counts[c] for c in counts if c not in (*_MISSING, *planned.no_answer, TOTAL)])
            left = None if known is None or everybody is None else everybody - known
        found.append((name, missing, left, everybody))
    return found


def show_unknowns(tables: Mapping[str, SafeTable], year: int, source: str, lang: str) -> Shown:
    """Return how often each question was answered "unknown", left blank, or not asked."""
    body = []
    for name, numbers, left, base in unknown_shares(tables, lang):
        shown = [*(whole(number, lang) for number in numbers), percent(left, base, lang)]
        body.append([name, *(shown if numbers else "....")])
    heading = [say("report", key, lang) for key in ("question", *_MISSING, "missing_share")]
    return _block("unknowns", heading, body, say("report", "unknowns_note", lang), str(year), source, lang)


def show_unknowns_figure(tables: Mapping[str, SafeTable], year: int, look: Look) -> Shown:
    """Return the questions that are most often without an answer as bars."""
    shares = unknown_shares(tables, look.lang)
    # at least: what is hidden, and cannot be told from the other answers, is left out
    rows = [
        (name, sum(filter(None, numbers)) if left is None else left, base)
        for name, numbers, left, base in shares
        if numbers
    ]
    known = sorted((row for row in rows if row[1] and row[2]), key=lambda row: -row[1] / (row[2] or 1))
    told = {"year": year, "source": source_text(look.source, look.lang)}
    caption = say("report", "unknowns_caption", look.lang, **told)
    return show_shares("unknowns", known[:_MOST_UNKNOWN], look, caption) if known else Shown("")


def show_rights(years: Years, year: int, look: Look) -> Shown:
    """Return how many of those who needed each right did not get it; nothing if nobody needed any."""
    told = Numbers(years, year, look.lang)
    rows = [
        (
            code_label("support_needed", right, look.lang),
            told.fact(f"unmet_{right}").number,
            told.fact(f"needed_{right}").number,
        )
        for right in _RIGHTS
    ]
    needed = read_table("support_needed", years[year])
    if needed is None or not any(of for *_, of in rows):
        return Shown("")
    caption = say("report", "rights_caption", look.lang, **about(needed.universe, look.lang))
    return show_shares("rights", rows, look, caption)


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
    notes = [say("report", "beside_note", lang)]
    return table_block("beside", caption, heading, body, notes, (34, 14, 32), numbers=(1,))


def show_printed(tables: Iterable[SafeTable], series: Collection[str], year: int, lang: str) -> Shown:
    """Return what has been printed in some series of a year, or without one, as a table with sources."""
    body = [
        [figure.label(lang), figure.base(lang), figure.text(lang), _sources(figure, lang)]
        for figure in published_figures(tables)
        if figure.series in series and figure.first_year in (year, None)
    ]
    heading = [say("report", key, lang) for key in ("what", "of_whom", "number", "where_printed")]
    caption = say("report", "printed_caption", lang, year=year)
    return (
        table_block("printed", caption, heading, body, (), (30, 18, 16, 34), numbers=(2,))
        if body
        else Shown("")
    )


def _sources(figure: PublishedFigure, lang: str) -> str:
    return "; ".join(
        f"[{source.title(lang)}]({source.address})" if source.address else source.title(lang)
        for source in figure.sources
    )


def _added(numbers: Sequence[int | None]) -> int | None:
    known = [number for number in numbers if number is not None]
    return sum(known) if len(known) == len(numbers) else None


def _read_as(key: str, reading: str, lang: str) -> str:
    what = say("report", f"row_{key}", lang)
    return what if reading else say("words", "without_large", lang, what=what)


def _draw_series(
    axes: Axes, rows: Sequence[tuple[int, int | None, int]], cuts: Sequence[int], lang: str
) -> None:
    import seaborn as sns

    places = list(range(len(rows)))
    lead, large = [number or 0 for _, number, _ in rows], [mass for *_, mass in rows]
    sns.barplot(x=places, y=lead, color=COLOURS["main"], saturation=1, width=0.62, errorbar=None, ax=axes)
    if any(large):
        axes.bar(places, large, bottom=lead, width=0.62, color=COLOURS["large"])
    for place, (_, number, mass) in enumerate(rows):
        text = HIDDEN if number is None else whole(number, lang)
        style: dict[str, Any] = {"va": "top", "color": "white"} if mass else {}
        write_beside(axes, text, (place, lead[place]), (0, -3 if mass else 3), fontweight="bold", **style)
        if mass:
            label = f"{whole(mass, lang)}\n{say('report', 'in_large', lang)}"
            write_beside(axes, label, (place, lead[place] + mass / 2), (0, 0), va="center", fontsize=8)
    axes.set_xticks(places, [str(year) for year, *_ in rows])
    axes.set(
        xlabel="",
        ylabel="",
        yticks=[],
        ylim=(0, 1.2 * max([a + b for a, b in zip(lead, large, strict=True)] + [1])),
    )
    axes.axhline(0, color=COLOURS["pale"], linewidth=1)
    mark_breaks(axes, [sum(year < cut for year, *_ in rows) - 0.5 for cut in cuts], lang)


def _draw_trend(axes: Axes, points: Sequence[_Point], cuts: Sequence[int], lang: str) -> None:
    import pandas as pd

    frame = pd.DataFrame(points, columns=["series", "base", "year", "number"])
    colours = dict(zip(dict.fromkeys(frame["series"]), (COLOURS["main"], COLOURS["second"]), strict=False))
    draw_lines(axes, frame, colours, linewidth=2, marker="o", markersize=6, markeredgewidth=0)
    for key, _, year, number in points:
        text = percent(round(number), 100, lang)
        write_beside(axes, text, (year, number), (0, 5), color=colours[key], fontsize=9)
    shown, top = sorted({year for _, _, year, _ in points}), max(frame["number"]) * 1.6
    last = sorted({point[0]: point for point in points}.values(), key=lambda point: point[3])
    for place, (key, _, year, number) in enumerate(last if len(colours) > 1 else ()):
        # Names of lines that end near each other part: the upper one up, the lower one down.
        near = last[-1][3] - last[0][3] < _NEAR * top
        style = {"color": colours[key], "ha": "left", "va": ("top", "bottom")[place] if near else "center"}
        write_beside(axes, say("report", f"trend_{key}", lang), (year, number), (16, 0), fontsize=9, **style)
    axes.set_xticks(shown)
    beside = 0.4 if len(colours) == 1 else 0.4 + _NAMES * (shown[-1] - shown[0])
    axes.set_xlim(shown[0] - 0.4, shown[-1] + beside)
    axes.set_ylim(0, top)
    mark_breaks(axes, [cut - 0.5 for cut in cuts], lang)


def _is_question(planned: PlannedTable) -> bool:
    """Say whether a table shows a question of the form, or what is derived from one that has no table."""
    if len(planned.dimensions) != 1 or planned.population.name != "direct":
        return False
    variable = next((one for one in codebook.load().derived if one.name == planned.dimensions[0]), None)
    shown = {dimension for one in load_plan().tables for dimension in one.dimensions}
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
    return table_block(name, caption, heading, body, with_legend([note], body, lang))
