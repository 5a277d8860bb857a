"""Printed series in small, each with its breaks: lines only within one base, numbers written out.

Enters: panels of published figures. Leaves: Markdown with the picture, alt text and caption. The same figures
give the same bytes.
"""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any

from platform_utils.publish.drawn import Rows, save_figure
from platform_utils.publish.figure import COLOURS, figure_block, font_family
from platform_utils.publish.inline import Shown
from platform_utils.publish.numbers import whole
from platform_utils.publish.picked import Panel
from platform_utils.publish.published import PublishedFigure
from platform_utils.publish.words import say

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["show_beside_figure", "show_panels"]

_WIDTH, _DPI = 6.6, 200
_CLOSE, _STEEP = 0.12, 0.15
_MARKS = ("o", "D", "s")
_BARS = ((COLOURS["main"], ""), (COLOURS["second"], "///"), ("#009E73", "..."))


def show_panels(panels: Sequence[Panel], lang: str, fonts: Path | None) -> Shown:
    """Return all panels of the long series as one figure of small multiples.

    Parameters
    ----------
    panels : sequence of Panel
        Each drawn with its own scale from zero; years are the same in all.
    lang : {"sv", "en"}
        Language.
    fonts : Path or None
        Folder of the report's fonts.

    Returns
    -------
    Shown
        Markdown with the id ``fig-series``.
    """
    from matplotlib import rc_context
    from matplotlib.figure import Figure

    years = [int(f.year) for panel in panels for segment in panel.segments for f in segment.figures]
    rows = -(-len(panels) // 2)
    with rc_context(_style(fonts)):
        figure = Figure(figsize=(_WIDTH, 2.25 * rows), dpi=_DPI, layout="constrained")
        figure.set_facecolor("white")
        grid = figure.subplots(rows, 2, squeeze=False).ravel()
        for axes in grid[len(panels) :]:
            axes.set_axis_off()
        for axes, panel in zip(grid, panels, strict=False):
            _draw_panel(axes, panel, (min(years), max(years)), lang)
        image = save_figure(figure, [row for panel in panels for row in _rows(panel, lang)], dpi=_DPI)
    alt = say("series", "alt", lang, values=" ".join(_told(panel, lang) for panel in panels))
    return figure_block("series", image, alt, say("series", "figure_caption", lang))


def show_beside_figure(panel: Panel, lang: str, fonts: Path | None) -> Shown:
    """Return counts of the same thing by different hands as grouped bars, with their numbers."""
    from matplotlib import rc_context
    from matplotlib.figure import Figure

    years = sorted({f.year for segment in panel.segments for f in segment.figures})
    with rc_context(_style(fonts)):
        figure = Figure(figsize=(_WIDTH, 2.7), dpi=_DPI, layout="constrained")
        figure.set_facecolor("white")
        axes = figure.add_subplot()
        _bare(axes)
        width = 0.8 / len(panel.segments)
        for place, segment in enumerate(panel.segments):
            colour, hatch = _BARS[place]
            at = [
                years.index(f.year) + (place - (len(panel.segments) - 1) / 2) * width for f in segment.figures
            ]
            heights = [f.number or 0 for f in segment.figures]
            label = segment.labels[lang]
            axes.bar(at, heights, width * 0.92, color=colour, hatch=hatch, edgecolor="white", label=label)
            for x, height in zip(at, heights, strict=True):
                axes.annotate(
                    whole(int(height), lang), (x, height), xytext=(0, 2), textcoords="offset points",
                    ha="center", va="bottom", fontsize=8.5, color=COLOURS["ink"],
                )  # fmt: skip
        axes.set_xticks(range(len(years)), years)
        axes.set_yticks([])
        axes.axhline(0, color=COLOURS["pale"], linewidth=1)
        axes.legend(loc="lower left", bbox_to_anchor=(0, 1), frameon=False, fontsize=8.5, borderaxespad=0.2)
        image = save_figure(figure, _rows(panel, lang), dpi=_DPI)
    alt = say("series", "alt_beside", lang, title=panel.labels[lang], values=_told(panel, lang))
    caption = say("series", "beside_caption", lang, title=panel.labels[lang])
    return figure_block(f"beside-{panel.key}", image, alt, caption)


def _style(fonts: Path | None) -> Any:
    return {
        "font.family": font_family(fonts),
        "font.size": 9,
        "text.color": COLOURS["ink"],
        "hatch.linewidth": 0.6,
        "figure.constrained_layout.h_pad": 0.14,
        "figure.constrained_layout.w_pad": 0.08,
    }


def _draw_panel(axes: Axes, panel: Panel, span: tuple[int, int], lang: str) -> None:
    _bare(axes)
    axes.set_title(
        "\n".join(textwrap.wrap(panel.labels[lang], 44)), fontsize=9, fontweight="bold", loc="left"
    )
    highest = max(f.number or 0 for segment in panel.segments for f in segment.figures)
    for segment in panel.segments:
        colour = COLOURS["second" if segment.is_other else "main"]
        for run in segment.runs:
            if not segment.is_other:
                axes.plot(
                    [int(f.year) for f in run], [f.number or 0 for f in run], color=colour, linewidth=1.6
                )
        face = "white" if segment.is_other else colour
        axes.plot(
            [int(f.year) for f in segment.figures], [f.number or 0 for f in segment.figures],
            linestyle="none", marker=_MARKS[int(segment.is_other)], markersize=4.5,
            color=colour, markerfacecolor=face,
        )  # fmt: skip
    for year in sorted({f.year for segment in panel.segments for f in segment.figures}):
        _number(axes, panel, year, lang)
    for place in panel.breaks:
        axes.axvline(place, color=COLOURS["pale"], linestyle=(0, (3, 2)), linewidth=1, ymax=0.82)
    axes.set_xlim(span[0] - 0.8, span[1] + 0.8)
    axes.set_ylim(0, highest * 1.32)
    ticks = [year for year in range(span[0], span[1] + 1) if (year - span[0]) % 4 == 0]
    axes.set_xticks(ticks, [str(year) for year in ticks])
    axes.set_yticks([])
    axes.axhline(0, color=COLOURS["pale"], linewidth=1)


def _number(axes: Axes, panel: Panel, year: str, lang: str) -> None:
    """Write the numbers of one year beside its points; two that differ but stand close share one line."""
    found = [(f.number or 0, s.is_other) for s in panel.segments for f in s.figures if f.year == year]
    own = sorted((number for number, other in found if not other), reverse=True)
    others = sorted((number for number, other in found if other), reverse=True)
    close = bool(own and others) and abs(own[0] - others[0]) < _CLOSE * max(own[0], others[0])
    together = [*own, *others] if close else own
    if together:
        below = _rises_after(panel, year) or len(own) > 1
        text = "/".join(whole(int(number), lang) for number in together)
        _write(axes, int(year), min(together) if below else max(together), text, COLOURS["ink"], below=below)
    if others and not close:
        text = "/".join(whole(int(number), lang) for number in others)
        _write(axes, int(year), others[0], text, COLOURS["second"], below=False)


def _rises_after(panel: Panel, year: str) -> bool:
    """Say whether the line climbs steeply from this year on, so that its number stands better below."""
    highest = max(f.number or 0 for segment in panel.segments for f in segment.figures)
    for segment in panel.segments:
        for run in segment.runs:
            for figure, after in pairwise(run):
                if figure.year == year:
                    return (after.number or 0) - (figure.number or 0) > _STEEP * highest
    return False


def _write(axes: Axes, year: int, height: float, text: str, colour: str, *, below: bool) -> None:
    from matplotlib.patheffects import withStroke

    axes.annotate(
        text, (year, height), xytext=(0, -5 if below else 4), textcoords="offset points",
        ha="center", va="top" if below else "bottom", fontsize=7.5, color=colour,
        path_effects=[withStroke(linewidth=2, foreground="white")],
    )  # fmt: skip


def _bare(axes: Axes) -> None:
    for side in ("top", "right", "bottom", "left"):
        axes.spines[side].set_visible(False)
    axes.tick_params(left=False, bottom=False, labelsize=8, colors=COLOURS["ink"])


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
