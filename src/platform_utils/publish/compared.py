"""Tables put together from several safe tables: change from last year, the long series, missing answers.

Enters: safe tables by year and name. Leaves: Markdown. Everything is computed from released counts.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from platform_utils.publish.cells import accept, lines
from platform_utils.publish.facts import Fact, read_fact
from platform_utils.publish.figure import COLOURS, draw_chart, figure_block
from platform_utils.publish.inline import Shown, marked
from platform_utils.publish.numbers import percent, whole
from platform_utils.publish.plan import breaks, planned
from platform_utils.publish.table import markdown_table, note_block, source_text
from platform_utils.publish.words import say, variable_label
from platform_utils.spec import codebook
from platform_utils.spec.safe import HIDDEN, SafeTable

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["show_breaks", "show_change", "show_series", "show_series_figure", "show_unknowns"]

Years = Mapping[int, Mapping[str, SafeTable]]

_CHANGES = ("all", "without_mass", "direct", "same", "same_without_mass")
_SERIES = ("all", "without_mass", "direct")
_LINES = {"all": "main", "direct": "second"}


def show_change(years: Years, year: int, source: str, lang: str) -> Shown:
    """Return the table of changes from the year before: all, without mass cases, same organisations."""
    body = []
    for key in _CHANGES:
        facts = [read_fact(f"{key}{ending}", years, year, lang) for ending in ("_before", "", "_signed")]
        body.append([say("report", f"row_{key}", lang), *(_cell(fact) for fact in facts)])
    heading = [say("report", "persons", lang), str(year - 1), str(year), say("report", "change", lang)]
    return _block("change", heading, body, [say("notes", "panel", lang)], f"{year - 1}–{year}", source, lang)


def show_series(years: Years, source: str, lang: str) -> Shown:
    """Return the long series as a table, with what breaks it in the notes."""
    body = []
    for one in sorted(years):
        facts = [read_fact(key, years, one, lang) for key in (*_SERIES, "members_returned")]
        body.append([str(one), *(_cell(fact) for fact in facts)])
    heading = [say("report", key, lang) for key in ("year", "all", "without_mass", "direct", "organisations")]
    return _block("series", heading, body, [say("report", "series_note", lang)], _period(years), source, lang)


def show_series_figure(years: Years, source: str, lang: str, fonts: Path | None) -> Shown:
    """Return the long series as lines that are cut where the base changed; nothing for one year alone."""
    if len(years) == 1:
        return Shown("")
    numbers = {key: {one: read_fact(key, years, one, lang).number for one in sorted(years)} for key in _LINES}
    cuts = {key: [entry["year"] for entry in breaks() if key in entry.get("cuts", ())] for key in _LINES}
    drawn = [
        (say("report", key, lang), one, HIDDEN if count is None else count)
        for key, row in numbers.items()
        for one, count in row.items()
    ]
    image = draw_chart(
        partial(_draw_lines, numbers=numbers, cuts=cuts, lang=lang),
        3.0,
        drawn,
        source=source,
        lang=lang,
        fonts=fonts,
    )
    said = "; ".join(
        f"{say('report', key, lang)}: "
        + ", ".join(f"{one} {_or_hidden(count, lang)}" for one, count in row.items())
        for key, row in numbers.items()
    )
    alt = say("report", "series_alt", lang, values=said)
    caption = say("report", "series_caption", lang, period=_period(years), source=source_text(source, lang))
    return figure_block("series", image, alt, caption)


def show_unknowns(tables: Mapping[str, SafeTable], year: int, source: str, lang: str) -> Shown:
    """Return how often each question was answered "unknown", left blank, or not asked."""
    body = []
    for key in planned():
        table = tables.get(key)
        if table is None or not _is_question(accept(table)):
            continue
        name = variable_label(table.dimensions[0], lang)
        if not table.asked:
            body.append([name, ".", ".", ".", "."])
            continue
        by_code = {line.code: line for line in lines(table, lang)}
        numbers = [
            by_code[code].count if code in by_code else 0 for code in ("unknown", "blank", "not_asked")
        ]
        known = [number for number in numbers if number is not None]
        base = by_code["total"].count
        share = marked() if len(known) < len(numbers) or base is None else _share(sum(known), base, lang)
        body.append([name, *(marked() if n is None else whole(n, lang) for n in numbers), share])
    heading = [
        say("report", key, lang) for key in ("question", "unknown", "blank", "not_asked", "missing_share")
    ]
    return _block("unknowns", heading, body, [say("report", "unknowns_note", lang)], str(year), source, lang)


def show_breaks(years: Years, year: int, lang: str) -> Shown:
    """Return what makes the years hard to compare, as a list."""
    said = [entry for entry in breaks() if min(years) <= entry["year"] <= year]
    items = [f"- **{entry['year']}:** {say('report', 'break_' + entry['note'], lang)}" for entry in said]
    if not items:
        return Shown(say("report", "no_breaks", lang) + "\n")
    return Shown("\n".join([say("report", "breaks_intro", lang), "", *items]) + "\n")


def _draw_lines(
    axes: Axes, numbers: Mapping[str, Mapping[int, int | None]], cuts: Mapping[str, Sequence[int]], lang: str
) -> None:
    highest = max((count for row in numbers.values() for count in row.values() if count), default=1)
    for key, row in numbers.items():
        colour = COLOURS[_LINES[key]]
        for part in _parts(row, cuts[key]):
            axes.plot(list(part), list(part.values()), color=colour, marker="o", linewidth=2, markersize=5)
        above = key == "all"
        for one, count in row.items():
            axes.annotate(
                HIDDEN if count is None else whole(count, lang),
                (one, count or 0), xytext=(0, 9 if above else -9), textcoords="offset points", ha="center",
                va="bottom" if above else "top", color=colour, fontsize=9,
            )  # fmt: skip
        last = max((one for one, count in row.items() if count is not None), default=None)
        if last is not None:
            axes.annotate(
                say("report", key, lang), (last, row[last] or 0), xytext=(14, 3 if above else -3),
                textcoords="offset points", va="bottom" if above else "top", color=colour, fontweight="bold",
            )  # fmt: skip
    for cut in sorted({one for listed in cuts.values() for one in listed}):
        if any(cut in row and cut - 1 in row for row in numbers.values()):
            axes.axvline(cut - 0.5, color=COLOURS["pale"], linestyle=":", linewidth=1.2)
            axes.annotate(
                say("report", "cut", lang), (cut - 0.5, highest * 1.22), ha="right", va="top", fontsize=8,
                xytext=(-4, 0), textcoords="offset points", color=COLOURS["ink"],
            )  # fmt: skip
    shown = sorted({one for row in numbers.values() for one in row})
    axes.set_xticks(shown, [str(one) for one in shown])
    axes.set_xlim(shown[0] - 0.4, shown[-1] + 0.35 + 0.24 * len(shown))
    axes.set_ylim(0, highest * 1.24)
    axes.tick_params(left=False, labelleft=False, bottom=False, colors=COLOURS["ink"])
    axes.axhline(0, color=COLOURS["pale"], linewidth=1)


def _parts(row: Mapping[int, int | None], cuts: Sequence[int]) -> list[dict[int, int]]:
    """Split a series where a year is missing, hidden, or the base changed."""
    parts: list[dict[int, int]] = [{}]
    for one, count in row.items():
        if count is None or one in cuts or (parts[-1] and one - 1 not in parts[-1]):
            parts.append({})
        if count is not None:
            parts[-1][one] = count
    return [part for part in parts if part]


def _is_question(table: SafeTable) -> bool:
    """Say whether the table shows a question of the form, or what is derived from one that has no table."""
    if len(table.dimensions) != 1 or table.universe.name != "direct":
        return False
    variable = next((one for one in codebook.load().derived if one.name == table.dimensions[0]), None)
    shown = {dimension for entry in planned().values() for dimension in entry["dimensions"]}
    return variable is None or not set(variable.sources) <= shown


def _share(part: int, base: int, lang: str) -> str:
    return percent(part, base, lang) if base else "–"


def _cell(fact: Fact) -> str:
    return "." if fact.state == "not_asked" else "–" if fact.state == "absent" else fact.text


def _or_hidden(count: int | None, lang: str) -> str:
    return say("words", "hidden", lang) if count is None else whole(count, lang)


def _period(years: Years) -> str:
    return f"{min(years)}–{max(years)}" if len(years) > 1 else str(min(years))


def _block(
    name: str,
    heading: Sequence[str],
    body: Sequence[Sequence[str]],
    notes: Sequence[str],
    period: str,
    source: str,
    lang: str,
) -> Shown:
    caption = say(
        "report",
        "compared_caption",
        lang,
        title=say("tables", name, lang),
        period=period,
        population=say("report", f"population_{name}", lang),
        source=source_text(source, lang),
    )
    text = "\n\n".join(
        [markdown_table(heading, body), f": {caption} {{#tbl-{name}}}", note_block(notes, lang)]
    )
    plain = "\n".join([caption, *("  ".join(row) for row in [heading, *body])])
    return Shown(text + "\n", plain)
