"""Charts in the report's type, drawn with seaborn: bars, lines, numbers; each with alt text and caption.

Enters: a ``SafeTable``, or what draws a chart from released numbers. Leaves: Markdown with the picture
inside. Numbers can be read without colour, and the same numbers give the same bytes.
"""

from __future__ import annotations

import base64
import textwrap
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from platform_utils.messages import say
from platform_utils.publish.cells import Line, accept, lines, what_is_left
from platform_utils.publish.drawn import Rows, named, save_figure
from platform_utils.publish.inline import JOINER, Shown
from platform_utils.publish.table import caption_of, left_out, not_asked
from platform_utils.publish.words import title_of
from platform_utils.spec.safe import HIDDEN, SafeTable

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

__all__ = [
    "COLOURS",
    "Look",
    "chart_block",
    "draw_bars",
    "draw_lines",
    "line_numbers",
    "show_figure",
    "write_beside",
]

COLOURS = {"main": "#0072B2", "second": "#D55E00", "pale": "#9AA5AD", "ink": "#22303A", "mark": "#B5483A"}
"""From the colour-blind-safe palette of Okabe and Ito, with greys."""

_WIDTH, _DPI = 6.6, 200
_BAR, _MANY, _THIN_BAR = 0.34, 10, 0.26
"""Inches per bar, and what a bar gets where there are many."""
_WRAP = 46
_STYLE: dict[Any, Any] = {
    "font.size": 10,
    "hatch.linewidth": 0.6,
    "figure.constrained_layout.hspace": 0.09,
    "figure.constrained_layout.wspace": 0.03,
    **dict.fromkeys(("text.color", "xtick.color", "ytick.color"), COLOURS["ink"]),
    **dict.fromkeys(("xtick.major.size", "ytick.major.size"), 0),
    **{f"axes.spines.{side}": False for side in ("top", "right", "bottom", "left")},
}


@dataclass(frozen=True)
class Look:
    """What the figures of one document share.

    Attributes
    ----------
    source : str
        Whose figures: those of the demo are marked inside the picture.
    fonts : Path, optional
        Folder of the report's fonts.
    width : float
        Inches that figures are drawn at, and shown at unless that is the page's width: the narrower they are,
        the larger are their letters on a phone.
    """

    lang: str
    source: str
    fonts: Path | None = None
    width: float = _WIDTH


def show_figure(table: SafeTable, lang: str, fonts: Path | None = None) -> Shown:
    """Return a bar chart of a table with one dimension, its alt text and its caption.

    Returns
    -------
    Shown
        Markdown with the id ``fig-<name>``; the plain form lists the numbers drawn.

    Raises
    ------
    DisclosureError
        E-650 for anything that is not a ``SafeTable``.
    """
    table = accept(table)
    if not table.asked:
        return Shown("", not_asked(table, lang)._repr_markdown_())
    if what_is_left(table) != "rows":
        return Shown("", left_out(table, lang))
    shown = [line for line in lines(table, lang) if not line.is_total]
    told = any(line.count and not line.is_special for line in shown)
    if not told and any(line.count is None for line in shown):  # bars for "unknown" alone: the table says it
        return Shown("")
    height = 0.45 + (_BAR if len(shown) <= _MANY else _THIN_BAR) * len(shown)
    drawn = [(line.label, HIDDEN if line.count is None else line.count) for line in shown]
    title, year = title_of(table.name, lang), table.universe.year
    hidden = say("words", "hidden", lang)
    values = ", ".join(f"{line.label} {hidden if line.count is None else line.count}" for line in shown)
    alt = say("words", "alt_bars", lang, title=title, year=year, values=values)
    caption = caption_of(table, "figure_caption", lang)
    look = Look(lang, table.universe.source, fonts)
    return chart_block(table.name, partial(draw_bars, shown=shown), height, drawn, look, alt, caption)


def chart_block(
    name: str,
    paint: Callable[..., None],
    height: float,
    table: Rows,
    look: Look,
    alt: str,
    caption: str,
    grid: tuple[int, int] = (1, 1),
) -> Shown:
    """Return a figure's Markdown: a division with the picture inside, in the report's type.

    Parameters
    ----------
    paint : callable
        Draws on the axes that it is given: on one, or on an array of them where the grid has several.
    height : float
        Inches.
    table : sequence of rows
        The released numbers that are drawn, with their labels; stored inside the picture.
    grid : tuple of int
        Rows and columns of small multiples.
    """
    key = f"fig-{name.replace('_', '-')}"
    data = base64.b64encode(named(_drawn(paint, height, table, look, grid), key)).decode("ascii")
    shown = "100%" if look.width == _WIDTH else f"{look.width:g}in"
    quoted = alt.replace('"', "”")
    markdown = (
        f"::: {{#{key}}}\n\n"
        f'![](data:image/png;base64,{data}){{fig-alt="{quoted}" width={shown}}}\n\n{caption}\n\n:::\n'
    )
    return Shown(markdown, f"{caption}\n{alt}")


def _drawn(
    paint: Callable[..., None], height: float, table: Rows, look: Look, grid: tuple[int, int]
) -> bytes:
    import matplotlib as mpl
    from matplotlib.figure import Figure

    # A figure of its own, not pyplot's: a notebook would show those once more.
    with mpl.rc_context({"font.family": _font_family(look.fonts), **_STYLE}):
        figure = Figure(figsize=(look.width, height), dpi=_DPI, layout="constrained")
        axes = figure.subplots(*grid)
        paint(axes)
        if look.source == "demo":
            mark: dict[str, Any] = {"fontsize": 8, "fontweight": "bold", "color": COLOURS["mark"]}
            figure.axes[-1].set_xlabel(say("words", "demo_mark", look.lang), loc="right", **mark)
        return save_figure(figure, table, dpi=_DPI)


def draw_bars(axes: Axes, shown: Sequence[Line]) -> None:
    """Draw lying bars from the top down, each with its number and share beside it."""
    import seaborn as sns

    counts, places = [line.count or 0 for line in shown], range(len(shown))
    # Bars stand at places, not at labels: seaborn would take the mean of two rows that are called the same.
    # It also refuses a chart of nothing, which a table with nobody in it is.
    if shown:
        sns.barplot(x=counts, y=places, orient="h", width=0.66, errorbar=None, saturation=1, ax=axes)
    containers: Any = axes.containers
    for bars in containers:
        for bar, line in zip(bars, shown, strict=True):
            bar.set_facecolor(COLOURS["pale" if line.is_special else "main"])
        axes.bar_label(bars, [_number(line) for line in shown], padding=4)
    axes.set_yticks(places, ["\n".join(textwrap.wrap(line.label, _WRAP)[:2]) for line in shown])
    axes.set_xticks([])
    axes.set_xlim(0, max([*counts, 1]) * 1.3)


def line_numbers(points: pd.DataFrame) -> pd.Series:
    """Return which line each point lies on: one joins years in a row, within one ``series`` and ``base``."""
    return points.groupby(["series", "base"], sort=False)["year"].diff().ne(1).cumsum()


def draw_lines(axes: Axes, points: pd.DataFrame, colours: dict[str, str], **style: Any) -> None:
    """Draw points over years, joined only where `line_numbers` says so, on a line of zero.

    Parameters
    ----------
    points : DataFrame
        ``series``, ``base``, ``year``, ``number``; by series and year.
    colours : dict
        By series.
    style
        As matplotlib names it, such as ``marker``.
    """
    import seaborn as sns

    if len(points):
        lines = {"units": line_numbers(points), "estimator": None, **style}
        sns.lineplot(
            points, x="year", y="number", hue="series", palette=colours, legend=False, ax=axes, **lines
        )
    axes.axhline(0, color=COLOURS["pale"], linewidth=1)
    axes.set(xlabel="", ylabel="", yticks=[])


def write_beside(
    axes: Axes, text: str, at: tuple[float, float], points: tuple[float, float], **style: Any
) -> None:
    """Write a text some typographic points away from a place: above it, below where that is negative."""
    style = {"ha": "center", "va": "bottom" if points[1] > 0 else "top", **style}
    axes.annotate(text, at, xytext=points, textcoords="offset points", **style)


def _number(line: Line) -> str:
    return HIDDEN if line.count is None else f"{line.number} ({line.share.strip(JOINER)})"


def _font_family(fonts: Path | None) -> str:
    """Return the report's type face, made known to matplotlib; DejaVu Sans where its files are not."""
    from matplotlib import font_manager

    faces = sorted(fonts.glob("SourceSans3-*.ttf")) if fonts is not None and fonts.is_dir() else []
    for face in faces:
        font_manager.fontManager.addfont(str(face))
    return "Source Sans 3" if faces else "DejaVu Sans"
