"""A safe table as a bar chart whose numbers can be read without colour: a picture, alt text, caption.

Enters: a ``SafeTable``. Leaves: Markdown with the picture inside. The same table gives the same bytes.
"""

from __future__ import annotations

import base64
import textwrap
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from platform_utils.publish.cells import Line, accept, lines, what_is_left
from platform_utils.publish.drawn import Rows, named, save_figure
from platform_utils.publish.inline import Shown
from platform_utils.publish.table import left_out, not_asked, source_text
from platform_utils.publish.words import say
from platform_utils.spec.safe import HIDDEN, SafeTable

if TYPE_CHECKING:
    from collections.abc import Callable

    from matplotlib.axes import Axes

__all__ = ["COLOURS", "alt_text", "draw_chart", "figure_block", "font_family", "show_figure"]

COLOURS = {"main": "#0072B2", "second": "#D55E00", "pale": "#9AA5AD", "ink": "#22303A", "mark": "#B5483A"}
"""From the colour-blind-safe palette of Okabe and Ito, with greys."""

_WIDTH = 6.6
_BAR, _MANY, _THIN_BAR = 0.34, 10, 0.26
"""Inches per bar, and what a bar gets where there are many."""
_DPI = 200
_WRAP = 46


def show_figure(table: SafeTable, lang: str, fonts: Path | None = None) -> Shown:
    """Return a bar chart of a table with one dimension, its alt text and its caption.

    Parameters
    ----------
    table : SafeTable
        With one dimension.
    lang : {"sv", "en"}
        Language.
    fonts : Path, optional
        Folder of the report's fonts.

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
    height = 0.45 + (_BAR if len(shown) <= _MANY else _THIN_BAR) * len(shown)
    drawn = [(line.label, HIDDEN if line.count is None else line.count) for line in shown]
    image = draw_chart(
        partial(_draw, shown=shown), height, drawn, source=table.universe.source, lang=lang, fonts=fonts
    )
    title = say("tables", table.name, lang)
    caption = say(
        "words",
        "figure_caption",
        lang,
        title=title,
        year=table.universe.year,
        population=say("universes", table.universe.name, lang),
        source=source_text(table.universe.source, lang),
    )
    alt = alt_text(title, [(line.label, line.count) for line in shown], table.universe.year, lang)
    return figure_block(table.name, image, alt, caption)


def alt_text(title: str, values: list[tuple[str, int | None]], year: int, lang: str) -> str:
    """Return what a bar chart shows, in words."""
    hidden = say("words", "hidden", lang)
    said = ", ".join(f"{label} {hidden if count is None else count}" for label, count in values)
    return say("words", "alt_bars", lang, title=title, year=year, values=said)


def figure_block(name: str, image: bytes, alt: str, caption: str) -> Shown:
    """Return the figure's Markdown: a division with the picture inside, which says what it is called."""
    key = f"fig-{name.replace('_', '-')}"
    data = base64.b64encode(named(image, key)).decode("ascii")
    quoted = alt.replace('"', "”")
    markdown = (
        f"::: {{#{key}}}\n\n"
        f'![](data:image/png;base64,{data}){{fig-alt="{quoted}" width=100%}}\n\n{caption}\n\n:::\n'
    )
    return Shown(markdown, f"{caption}\n{alt}")


def draw_chart(
    paint: Callable[[Axes], None], height: float, table: Rows, *, source: str, lang: str, fonts: Path | None
) -> bytes:
    """Return a chart as PNG in the report's type; the mark of demo data is drawn in it where it is due.

    Parameters
    ----------
    paint : callable
        Draws on the axes it is given.
    height : float
        Inches.
    table : sequence of rows
        The released numbers that are drawn, with their labels; stored inside the picture.
    source : str
        Whose figures.
    lang : {"sv", "en"}
        Language of the mark.
    fonts : Path, optional
        Folder of the report's fonts.
    """
    import matplotlib as mpl
    from matplotlib.figure import Figure

    with mpl.rc_context({"font.family": font_family(fonts), "font.size": 10, "text.color": COLOURS["ink"]}):
        figure = Figure(figsize=(_WIDTH, height), dpi=_DPI, layout="constrained")
        figure.set_facecolor("white")
        axes = figure.add_subplot()
        for side in ("top", "right", "bottom", "left"):
            axes.spines[side].set_visible(False)
        paint(axes)
        if source == "demo":
            axes.set_xlabel(
                say("words", "demo_mark", lang),
                loc="right",
                fontsize=8,
                fontweight="bold",
                color=COLOURS["mark"],
            )
        return save_figure(figure, table, dpi=_DPI)


def font_family(fonts: Path | None) -> str:
    """Return the report's type face, made known to matplotlib; DejaVu Sans where its files are not."""
    from matplotlib import font_manager

    faces = sorted(fonts.glob("SourceSans3-*.ttf")) if fonts is not None and fonts.is_dir() else []
    for face in faces:
        font_manager.fontManager.addfont(str(face))
    return "Source Sans 3" if faces else "DejaVu Sans"


def _draw(axes: Axes, shown: list[Line]) -> None:
    places = range(len(shown))
    counts = [line.count or 0 for line in shown]
    colours = [COLOURS["pale"] if line.is_special else COLOURS["main"] for line in shown]
    axes.barh(places, counts, color=colours, height=0.66)
    longest = max([*counts, 1])
    for place, line in zip(places, shown, strict=True):
        text = HIDDEN if line.count is None else f"{line.number} ({line.share.strip(chr(0x2060))})"
        axes.text((line.count or 0) + longest * 0.012, place, text, va="center", color=COLOURS["ink"])
    axes.set_yticks(list(places), [_wrapped(line.label) for line in shown])
    axes.invert_yaxis()
    axes.set_xlim(0, longest * 1.3)
    axes.tick_params(left=False, bottom=False, labelbottom=False, colors=COLOURS["ink"])


def _wrapped(label: str) -> str:
    return "\n".join(textwrap.wrap(label, _WRAP)[:2])
