"""A printed series as a chart: lines only within one base, its breaks marked, numbers written out.

Enters: a panel of published figures. Leaves: Markdown with the picture, alt text and caption.
"""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from platform_utils.messages import say
from platform_utils.publish.drawn import Rows
from platform_utils.publish.figure import COLOURS, Look, chart_block, draw_lines, mark_breaks, write_beside
from platform_utils.publish.inline import Shown, whole
from platform_utils.publish.published import Panel

if TYPE_CHECKING:
    from matplotlib.axes import Axes


def show_panel(panel: Panel, lang: str, fonts: Path | None) -> Shown:
    """Return a panel as a figure: its own numbers as blue points, somebody else's as hollow orange ones."""
    title, rows = panel.labels[lang], _rows(panel, lang)
    values = "; ".join(
        f"{segment.labels[lang]}: {', '.join(f'{f.year} {f.bare(lang)}' for f in segment.figures)}"
        for segment in panel.segments
    )
    marks = {"break": panel.breaks, "other": panel.points["is_other"].any(), "two": _has_two(panel)}
    said = [say("series", f"caption_{key}", lang) for key, there in marks.items() if there]
    caption = " ".join([say("series", "caption", lang, title=title), *said])
    alt = say("series", "alt", lang, title=title, values=values)
    look = Look(lang, "published", fonts)
    return chart_block(
        f"series-{panel.key}", partial(_draw, panel=panel, lang=lang), 2.3, rows, look, alt, caption
    )


def _draw(axes: Axes, panel: Panel, lang: str) -> None:
    import seaborn as sns
    from matplotlib.patheffects import withStroke

    points = panel.points
    draw_lines(axes, panel.joined, {panel.key: COLOURS["main"]}, linewidth=2)
    for is_other, colour in ((False, "main"), (True, "second")):
        fill = "white" if is_other else COLOURS["main"]
        style = {"facecolor": fill, "edgecolor": COLOURS[colour], "zorder": 3}
        sns.scatterplot(points[points["is_other"] == is_other], x="year", y="number", s=44, ax=axes, **style)
    edge = [withStroke(linewidth=2.5, foreground="white")]
    for year, here in points.groupby("year"):
        told = here.groupby("is_other")["number"].agg(list)
        for place, is_other in enumerate(told.map(max).sort_values(ascending=False).index):
            numbers = sorted(map(int, told[is_other]), reverse=True)
            at = (float(str(year)), numbers[-1] if place else numbers[0])
            text, colour = "/".join(whole(one, lang) for one in numbers), "second" if is_other else "ink"
            write_beside(axes, text, at, (0, -6 if place else 5), color=COLOURS[colour], path_effects=edge)
    years = sorted(set(points["year"]))
    axes.set(xlabel="", ylabel="", yticks=[], xlim=(years[0] - 0.6, years[-1] + 0.6))
    axes.set_ylim(0, points["number"].max() * 1.35)
    axes.set_xticks(range(years[0], years[-1] + 1))
    mark_breaks(axes, panel.breaks, lang)


def _has_two(panel: Panel) -> bool:
    """Say whether two numbers of its own stand for one year."""
    return bool(panel.points.duplicated(["base", "year"]).any())


def _rows(panel: Panel, lang: str) -> Rows:
    """Return what a panel draws: whose number, of which year, and what was printed."""
    return [
        (segment.labels[lang], figure.year, figure.bare(lang))
        for segment in panel.segments
        for figure in segment.figures
    ]
