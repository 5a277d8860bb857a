"""What a chart draws, as text that travels inside its picture: the table, axes, series, labels, colours.

Enters: a matplotlib figure and the table that it was drawn from. Leaves: SVG that carries its own account, so
that two pictures are compared by what they say wherever they stand.
"""

from __future__ import annotations

import io
import json
import re
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any
from xml.sax.saxutils import unescape

import numpy as np

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure
    from matplotlib.text import Text

DIGITS = 12
"""Significant digits that a number of the account keeps: two more than `verify` compares."""

Rows = Sequence[Sequence[object]]
"""A drawn table: label and numbers per row, ``".."`` where a number is hidden."""


def save_figure(figure: Figure, table: Rows, name: str) -> bytes:
    """Return a figure as SVG that holds its name, the table drawn and an account of its axes.

    Parameters
    ----------
    table : sequence of rows
        What readers see of the protected table: labels, released numbers, marks. Never a hidden number.
    name : str
        Such as ``fig-role``.

    Returns
    -------
    bytes
        The same for the same figure: no program's name, no time; letters are outlines, so no font is needed.
    """
    from matplotlib import rc_context

    account = {
        "table": [[_value(item) for item in row] for row in table],
        "size": [_value(item) for item in figure.get_size_inches()],
        "axes": [_axes(axes) for axes in figure.axes if axes.axison],
    }
    text = json.dumps(account, ensure_ascii=False, separators=(",", ":"), sort_keys=True)
    about = {"Title": name, "Description": text, "Date": None, "Creator": None, "Format": None, "Type": None}
    stream = io.BytesIO()
    with rc_context({"svg.hashsalt": "platform_utils", "svg.fonttype": "path"}):
        figure.savefig(stream, format="svg", metadata=about)
    return stream.getvalue()


def read_account(picture: bytes) -> tuple[str, str | None]:
    """Return a picture's name and what it says that it draws; nothing of one that says nothing."""
    found = {
        key: re.search(rf"<dc:{key}>(.*?)</dc:{key}>", picture.decode("utf-8", "replace"), re.DOTALL)
        for key in ("title", "description")
    }
    name, account = (unescape(one[1]) if one else None for one in found.values())
    return name or "", account


def _axes(axes: Axes) -> dict[str, object]:
    legend = axes.get_legend()
    bars = [container for container in axes.containers if hasattr(container, "patches")]
    in_bars = {patch for container in bars for patch in container.patches}
    others = [patch for patch in axes.patches if patch not in in_bars]
    titles = [axes.get_title(place) for place in ("left", "center", "right")]
    return {
        "x": _axis(axes.xaxis, axes.get_xlim()),
        "y": _axis(axes.yaxis, axes.get_ylim()),
        "title": " ".join(filter(None, titles)),
        "legend": [] if legend is None else [text.get_text() for text in legend.get_texts()],
        "texts": [_text(text) for text in axes.texts],
        "series": [
            *map(_bars, bars),
            *map(_line, axes.lines),
            *map(_shape, [*others, *axes.collections, *axes.images]),
        ],
    }


def _axis(axis: Any, limits: Sequence[float]) -> dict[str, object]:
    return {
        "limits": [_value(limit) for limit in limits],
        "scale": axis.get_scale(),
        "ticks": [_value(place) for place in axis.get_ticklocs()],
        "labels": [label.get_text() if label.get_visible() else "" for label in axis.get_ticklabels()],
        "label": axis.label.get_text(),
    }


def _bars(container: Any) -> dict[str, object]:
    bars = container.patches
    lies = container.orientation == "horizontal"
    points = [(bar.get_center()[int(lies)], bar.get_width() if lies else bar.get_height()) for bar in bars]
    hatches = sorted({bar.get_hatch() or "" for bar in bars})
    return _series("bars", container, [bar.get_facecolor() for bar in bars], hatches, points)


def _line(line: Any) -> dict[str, object]:
    style = [str(line.get_linestyle()), str(line.get_marker())]
    return _series("line", line, [line.get_color(), line.get_markerfacecolor()], style, line.get_xydata())


def _shape(artist: Any) -> dict[str, object]:
    """Describe what is neither a bar nor a line: areas, points, pictures."""
    outlines = artist.get_paths() if hasattr(artist, "get_paths") else []
    places = artist.get_offsets() if hasattr(artist, "get_offsets") else []
    faces = np.reshape(artist.get_facecolor() if hasattr(artist, "get_facecolor") else [], (-1, 4))
    corners = [point for outline in outlines for point in outline.vertices]
    return _series(type(artist).__name__, artist, faces, [], [*places, *corners])


def _series(
    kind: str, artist: Any, colours: Iterable[Any], style: Sequence[str], points: Iterable[Iterable[float]]
) -> dict[str, object]:
    label = str(artist.get_label() or "")
    return {
        "kind": kind,
        "label": "" if label.startswith("_") else label,  # matplotlib's own names, which no legend shows
        "colours": [_colour(colour) for colour in colours],
        "style": style,
        "points": [[_value(one) for one in point] for point in points],
    }


def _text(text: Text) -> list[object]:
    place = text.xy if hasattr(text, "xy") else text.get_position()
    return [text.get_text(), *map(_value, place), _colour(text.get_color())]


def _colour(colour: Any) -> str:
    from matplotlib.colors import to_hex, to_rgba

    return str(to_hex(colour, keep_alpha=to_rgba(colour)[3] < 1))


def _value(value: object) -> object:
    """Round a number to the digits that an account keeps; whole numbers stay whole, words stay words."""
    if value is None or isinstance(value, str | int):
        return value
    number = float(f"{float(value):.{DIGITS}g}")  # type: ignore[arg-type]
    return int(number) if number.is_integer() else number
