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
from platform_utils.publish.drawn import Rows, save_figure
from platform_utils.publish.inline import JOINER, Shown, percent, whole
from platform_utils.publish.table import caption_of, left_out, not_asked
from platform_utils.publish.words import title_of
from platform_utils.spec.plan import load_plan
from platform_utils.spec.safe import HIDDEN, SafeTable

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

COLOURS = {
    "main": "#0072B2", "second": "#D55E00", "pale": "#9AA5AD", "track": "#EDF1F4", "large": "#BFD9EC",
    "ink": "#22303A", "mark": "#B5483A",
}  # fmt: skip
"""From the colour-blind-safe palette of Okabe and Ito, with greys."""

_WIDTH = 4.7
"""Inches: a phone shows it at four fifths, so that its letters can be read there too."""
_BAR, _MANY, _THIN_BAR = 0.3, 10, 0.26
"""Inches per bar, and what a bar gets where there are many."""
_WRAP, _INSIDE = 30, 0.97
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


@dataclass(frozen=True)
class Bar:
    """One bar: its length, what stands beside it, and whether it says that something is not known."""

    label: str
    value: float | None
    text: str
    pale: bool = False


def show_figure(table: SafeTable, lang: str, fonts: Path | None = None) -> Shown:
    """Return a bar chart of a table: the longest bar first, what is not known last and grey.

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
    if load_plan().by_key[table.name].merge != "neighbours":  # an order that means something stays
        shown.sort(key=lambda line: (line.is_special, line.together, -(line.count or 0)))
    # A row that says nothing of anybody takes a reader's time; the table has it.
    empty = {0, None}
    shown = [
        one
        for one in shown
        if not (one.is_special and one.count in empty) and (one.count != 0 or len(shown) <= _MANY)
    ]
    bars = [Bar(line.label, line.count, _number(line), line.is_special) for line in shown]
    caption = caption_of(table, "figure_caption", lang)
    return show_bars(
        table.name, bars, Look(lang, table.universe.source, fonts), caption, title_of(table.name, lang)
    )


def show_shares(
    name: str, rows: Sequence[tuple[str, int | None, int | None]], look: Look, caption: str
) -> Shown:
    """Return shares as bars on a scale to 100 per cent: label, part and base of each, the highest first.

    Parameters
    ----------
    rows : sequence of (str, int, int)
        Released counts; None is hidden, and such a row has no bar.
    """
    ordered = sorted(rows, key=lambda row: -(row[1] / row[2] if row[1] is not None and row[2] else -1))
    bars = []
    for label, part, base in ordered:
        known = part is not None and bool(base)
        of = say("words", "of", look.lang, part=whole(part, look.lang), base=whole(base, look.lang))
        text = f"{percent(part, base, look.lang)} · {of}" if known else HIDDEN
        bars.append(Bar(label, part / base if part is not None and base else None, text))
    return show_bars(name, bars, look, caption, caption, scale=1.0)


def show_bars(
    name: str, bars: Sequence[Bar], look: Look, caption: str, title: str, *, scale: float | None = None
) -> Shown:
    """Return bars as a figure; ``scale`` is what a whole bar stands for, the longest of them if left out."""
    height = 0.35 + (_BAR if len(bars) <= _MANY else _THIN_BAR) * len(bars)
    values = ", ".join(
        f"{bar.label} {bar.text.replace(HIDDEN, say('words', 'hidden', look.lang))}" for bar in bars
    )
    alt = say("words", "alt_bars", look.lang, title=title, values=values.replace(JOINER, ""))
    drawn = [(bar.label, HIDDEN if bar.value is None else bar.text.strip(JOINER)) for bar in bars]
    return chart_block(name, partial(draw_bars, bars=bars, scale=scale), height, drawn, look, alt, caption)


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
    data = base64.b64encode(_drawn(paint, height, table, look, grid, key)).decode("ascii")
    quoted = alt.replace('"', "”")
    markdown = (
        f"::: {{#{key}}}\n\n"
        f'![](data:image/svg+xml;base64,{data}){{fig-alt="{quoted}" width={look.width:g}in}}'
        f"\n\n{caption}\n\n:::\n"
    )
    return Shown(markdown, f"{caption}\n{alt}")


def _drawn(
    paint: Callable[..., None], height: float, table: Rows, look: Look, grid: tuple[int, int], name: str
) -> bytes:
    import matplotlib as mpl
    from matplotlib.figure import Figure

    # A figure of its own, not pyplot's: a notebook would show those once more.
    with mpl.rc_context({"font.family": _font_family(look.fonts), **_STYLE}):
        figure = Figure(figsize=(look.width, height), layout="constrained")
        axes = figure.subplots(*grid)
        paint(axes)
        if look.source == "demo":
            mark: dict[str, Any] = {"fontsize": 8, "fontweight": "bold", "color": COLOURS["mark"]}
            figure.axes[-1].set_xlabel(say("words", "demo_mark", look.lang), loc="right", **mark)
        return save_figure(figure, table, name)


def draw_bars(axes: Axes, bars: Sequence[Bar], scale: float | None = None) -> None:
    """Draw lying bars from the top down, each with its text beside it; a pale track behind shares."""
    import seaborn as sns

    values, places = [bar.value or 0 for bar in bars], range(len(bars))
    longest = scale or max([*values, 1])
    if scale:
        axes.barh(places, scale, height=0.66, color=COLOURS["track"])
    # Bars stand at places, not at labels: seaborn would take the mean of two rows that are called the same.
    # It also refuses a chart of nothing, which a table with nobody in it is.
    if bars:
        sns.barplot(x=values, y=places, orient="h", width=0.66, errorbar=None, saturation=1, ax=axes)
    for patch, bar in zip(axes.patches[-len(bars) :] if bars else (), bars, strict=True):
        patch.set_facecolor(COLOURS["pale" if bar.pale else "main"])
    for place, (value, bar) in enumerate(zip(values, bars, strict=True)):
        at = scale if scale and value > _INSIDE * scale else value
        write_beside(axes, bar.text, (at, place), (5, 0), ha="left", va="center")
    axes.set_yticks(places, ["\n".join(textwrap.wrap(bar.label, _WRAP)[:3]) for bar in bars])
    axes.set_xticks([])
    axes.set_xlim(0, longest * 1.45)


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


def mark_breaks(axes: Axes, places: Sequence[float], lang: str) -> None:
    """Draw a dashed line at each place where the base changes; the first says so."""
    for number, place in enumerate(places):
        axes.axvline(place, color=COLOURS["pale"], linestyle="--", linewidth=1)
        if not number:
            at = (place, axes.get_ylim()[1])
            write_beside(axes, say("report", "cut", lang), at, (-3, -1), ha="right", va="top", fontsize=8)


def _number(line: Line) -> str:
    return HIDDEN if line.count is None else f"{line.number} ({line.share.strip(JOINER)})"


def _font_family(fonts: Path | None) -> str:
    """Return the report's type face, made known to matplotlib; DejaVu Sans where its files are not."""
    from matplotlib import font_manager

    faces = sorted(fonts.glob("SourceSans3-*.ttf")) if fonts is not None and fonts.is_dir() else []
    for face in faces:
        font_manager.fontManager.addfont(str(face))
    return "Source Sans 3" if faces else "DejaVu Sans"
