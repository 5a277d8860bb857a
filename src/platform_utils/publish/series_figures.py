"""Printed series in small, each with its breaks: lines only within one base, numbers written out.

Enters: panels of published figures. Leaves: Markdown with the picture, alt text and caption.
"""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from platform_utils.messages import say
from platform_utils.publish.drawn import Rows
from platform_utils.publish.figure import COLOURS, Look, chart_block, draw_lines, line_numbers, write_beside
from platform_utils.publish.inline import Shown, whole
from platform_utils.publish.published import Panel, PublishedFigure

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

__all__ = ["show_beside_figure", "show_panels"]

_CLOSE, _STEEP = 0.12, 0.15
"""Shares: two numbers this close share one line of text; a line that climbs more has its number below."""
_BARS = {COLOURS["main"]: "", COLOURS["second"]: "///", "#009E73": "..."}
"""Hatching by colour: bars are told apart without colours."""


def show_panels(panels: Sequence[Panel], lang: str, fonts: Path | None) -> Shown:
    """Return all panels of the long series as one figure of small multiples, ``fig-series``.

    Each has its own scale from zero; years are the same in all.
    """
    rows = -(-len(panels) // 2)
    paint = partial(_draw_panels, panels=panels, lang=lang)
    drawn = [row for panel in panels for row in _rows(panel, lang)]
    alt = say("series", "alt", lang, values=" ".join(_told(panel, lang) for panel in panels))
    caption, look = say("series", "figure_caption", lang), Look(lang, "published", fonts)
    return chart_block("series", paint, 2.25 * rows, drawn, look, alt, caption, (rows, 2))


def show_beside_figure(panel: Panel, lang: str, fonts: Path | None) -> Shown:
    """Return counts of the same thing by different hands as grouped bars, with their numbers."""
    paint, title = partial(_draw_groups, panel=panel, lang=lang), panel.labels[lang]
    alt = say("series", "alt_beside", lang, title=title, values=_told(panel, lang))
    caption, look = say("series", "beside_caption", lang, title=title), Look(lang, "published", fonts)
    return chart_block(f"beside-{panel.key}", paint, 2.7, _rows(panel, lang), look, alt, caption)


def _draw_groups(axes: Axes, panel: Panel, lang: str) -> None:
    import seaborn as sns

    sns.barplot(
        panel.points.sort_values("year"), x="year", y="number", hue="base", errorbar=None,
        palette=list(_BARS)[: len(panel.segments)], saturation=1, edgecolor="white", legend=False, ax=axes,
    )  # fmt: skip
    containers: Any = axes.containers
    for bars, hatch in zip(containers, _BARS.values(), strict=False):
        for bar in bars:
            bar.set_hatch(hatch)
        axes.bar_label(bars, fmt=lambda number: whole(int(number), lang), padding=2, fontsize=8.5)
    labels = [segment.labels[lang] for segment in panel.segments]
    axes.legend(containers, labels, loc="lower left", bbox_to_anchor=(0, 1), frameon=False, fontsize=8.5)
    axes.axhline(0, color=COLOURS["pale"], linewidth=1)
    axes.set(xlabel="", ylabel="", yticks=[])


def _draw_panels(grid: Any, panels: Sequence[Panel], lang: str) -> None:
    years = [year for panel in panels for year in panel.points["year"]]
    ticks = range(min(years), max(years) + 1, 4)
    for axes in grid.flat[len(panels) :]:
        axes.set_axis_off()
    for axes, panel in zip(grid.flat, panels, strict=False):
        _draw_panel(axes, panel, lang)
        title = "\n".join(textwrap.wrap(panel.labels[lang], 44))
        axes.set_title(title, fontsize=9, fontweight="bold", loc="left")
        axes.set_xlim(min(years) - 0.8, max(years) + 0.8)
        axes.set_xticks(ticks)
        axes.tick_params(labelsize=8)


def _draw_panel(axes: Axes, panel: Panel, lang: str) -> None:
    import seaborn as sns

    points, own = panel.points, panel.joined
    highest = points["number"].max()
    draw_lines(axes, own, {panel.key: COLOURS["main"]}, linewidth=1.6)
    sns.scatterplot(
        points, x="year", y="number", hue="is_other", style="is_other", legend=False, ax=axes, s=28, zorder=3,
        palette={False: COLOURS["main"], True: COLOURS["second"]}, markers={False: "o", True: "D"},
    )  # fmt: skip
    rise = -own.groupby(line_numbers(own))["number"].diff(-1)
    steep = set(own["year"][rise > _STEEP * highest])
    for year, here in points.groupby("year"):
        _write_numbers(axes, here, year in steep, lang)
    for place in panel.breaks:
        axes.axvline(place, color=COLOURS["pale"], linestyle=(0, (3, 2)), linewidth=1, ymax=0.82)
    axes.set(xlabel="", ylabel="", yticks=[], ylim=(0, highest * 1.32))


def _write_numbers(axes: Axes, points: pd.DataFrame, is_steep: bool, lang: str) -> None:
    """Write the numbers of one year at its points; two that differ but stand close share one line."""
    numbers = points.sort_values("number", ascending=False)
    own = numbers["number"][~numbers["is_other"]].tolist()
    others = numbers["number"][numbers["is_other"]].tolist()
    close = bool(own and others) and abs(own[0] - others[0]) < _CLOSE * max(own[0], others[0])
    below = is_steep or len(own) > 1
    together = [*own, *others] if close else own
    for listed, low, colour in ((together, below, "ink"), ([] if close else others, False, "second")):
        if listed:
            text = "/".join(whole(int(number), lang) for number in listed)
            at = (points["year"].iloc[0], min(listed) if low else max(listed))
            _write(axes, text, at, COLOURS[colour], below=low)


def _write(axes: Axes, text: str, at: tuple[float, float], colour: str, *, below: bool) -> None:
    from matplotlib.patheffects import withStroke

    edge = [withStroke(linewidth=2, foreground="white")]
    write_beside(axes, text, at, (0, -5 if below else 4), fontsize=7.5, color=colour, path_effects=edge)


def _told(panel: Panel, lang: str) -> str:
    parts = []
    for segment in panel.segments:
        values = ", ".join(f"{f.year} {_plain(f, lang)}" for f in segment.figures)
        parts.append(f"{segment.labels[lang]}: {values}")
    return f"{panel.labels[lang]}: {'; '.join(parts)}."


def _plain(figure: PublishedFigure, lang: str) -> str:
    return whole(int(figure.number), lang) if figure.number is not None else figure.text(lang)


def _rows(panel: Panel, lang: str) -> Rows:
    """Return what a panel draws: whose number, of which year, and what was printed."""
    return [
        (f"{panel.labels[lang]}: {segment.labels[lang]}", figure.year, _plain(figure, lang))
        for segment in panel.segments
        for figure in segment.figures
    ]
