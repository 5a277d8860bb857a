"""What a chart draws, as text that travels inside its picture: the table, axes, series, labels, colours.

Enters: a matplotlib figure and the table that it was drawn from. Leaves: PNG that carries its own account, so
that two pictures are compared by what they say wherever they stand: page, Word document, notebook.
"""

from __future__ import annotations

import io
import json
import struct
import zlib
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from matplotlib.artist import Artist
    from matplotlib.axes import Axes
    from matplotlib.container import BarContainer
    from matplotlib.figure import Figure
    from matplotlib.text import Text

__all__ = ["ACCOUNT", "DIGITS", "NAME", "Rows", "named", "save_figure"]

ACCOUNT, NAME = "Description", "Title"
"""Keywords of PNG (ISO/IEC 15948, 11.3.4.2) under which a picture says what it draws and its name."""

DIGITS = 12
"""Significant digits that a number of the account keeps: two more than `verify` compares."""

Rows = Sequence[Sequence[object]]
"""A drawn table: label and numbers per row, ``".."`` where a number is hidden."""

_SIGNATURE_AND_HEADER = 33


def save_figure(figure: Figure, table: Rows, *, dpi: int) -> bytes:
    """Return a figure as PNG that holds the table drawn and an account of its axes.

    Parameters
    ----------
    figure : matplotlib Figure
        Ready to be drawn.
    table : sequence of rows
        What readers see of the protected table: labels, released numbers, marks. Never a hidden number.
    dpi : int
        Points per inch.

    Returns
    -------
    bytes
        The same for the same figure: no program's name, no time.
    """
    account = {
        "table": [[_value(item) for item in row] for row in table],
        "size": [_value(item) for item in figure.get_size_inches()],
        "axes": [_axes(axes) for axes in figure.axes if axes.axison],
    }
    text = json.dumps(account, ensure_ascii=False, separators=(",", ":"), sort_keys=True)
    stream = io.BytesIO()
    figure.savefig(stream, format="png", dpi=dpi, metadata={"Software": None, ACCOUNT: text})
    return stream.getvalue()


def named(image: bytes, name: str) -> bytes:
    """Return a PNG that also says what it is called, such as ``fig-role``."""
    body = b"tEXt" + NAME.encode("latin-1") + b"\0" + name.encode("latin-1", "replace")
    chunk = struct.pack(">I", len(body) - 4) + body + struct.pack(">I", zlib.crc32(body))
    return image[:_SIGNATURE_AND_HEADER] + chunk + image[_SIGNATURE_AND_HEADER:]


def _axes(axes: Axes) -> dict[str, object]:
    legend = axes.get_legend()
    titles = [axes.get_title(place) for place in ("left", "center", "right")]
    bars = [container for container in axes.containers if hasattr(container, "patches")]
    in_bars = {id(patch) for container in bars for patch in container.patches}
    others = [patch for patch in axes.patches if id(patch) not in in_bars]
    return {
        "x": _axis(axes, "x"),
        "y": _axis(axes, "y"),
        "title": " ".join(filter(None, titles)),
        "legend": [] if legend is None else [text.get_text() for text in legend.get_texts()],
        "texts": [_text(text) for text in axes.texts],
        "series": [
            *(_bars(container) for container in bars),
            *(_line(line) for line in axes.lines),
            *(_shape(artist) for artist in (*others, *axes.collections, *axes.images)),
        ],
    }


def _axis(axes: Axes, which: str) -> dict[str, object]:
    axis = getattr(axes, f"{which}axis")
    labels = [label.get_text() if label.get_visible() else "" for label in axis.get_ticklabels()]
    return {
        "limits": [_value(limit) for limit in getattr(axes, f"get_{which}lim")()],
        "scale": axis.get_scale(),
        "ticks": [_value(place) for place in axis.get_ticklocs()],
        "labels": labels,
        "label": axis.label.get_text(),
    }


def _bars(container: Any) -> dict[str, object]:
    lies = container.orientation == "horizontal"
    return {
        "kind": "bars",
        "label": _label(container),
        "colours": [_colour(patch.get_facecolor()) for patch in container.patches],
        "style": sorted({patch.get_hatch() or "" for patch in container.patches}),
        "points": [
            [_value(_middle(patch, lies=lies)), _value(patch.get_width() if lies else patch.get_height())]
            for patch in container.patches
        ],
    }


def _middle(patch: Any, *, lies: bool) -> float:
    return float(patch.get_y() + patch.get_height() / 2 if lies else patch.get_x() + patch.get_width() / 2)


def _line(line: Any) -> dict[str, object]:
    return {
        "kind": "line",
        "label": _label(line),
        "colours": [_colour(line.get_color()), _colour(line.get_markerfacecolor())],
        "style": [str(line.get_linestyle()), str(line.get_marker())],
        "points": [[_value(x), _value(y)] for x, y in zip(line.get_xdata(), line.get_ydata(), strict=True)],
    }


def _shape(artist: Any) -> dict[str, object]:
    """Describe what is neither a bar nor a line: areas, points, pictures."""
    outlines = artist.get_paths() if hasattr(artist, "get_paths") else []
    places = artist.get_offsets() if hasattr(artist, "get_offsets") else []
    corners = [point for outline in outlines for point in outline.vertices]
    faces = artist.get_facecolor() if hasattr(artist, "get_facecolor") else []
    return {
        "kind": type(artist).__name__,
        "label": _label(artist),
        "colours": [
            _colour(face) for face in (faces if len(faces) and hasattr(faces[0], "__len__") else [faces])
        ],
        "style": [],
        "points": [[_value(x), _value(y)] for x, y in (*places, *corners)],
    }


def _text(text: Text) -> list[object]:
    x, y = text.xy if hasattr(text, "xy") else text.get_position()
    return [text.get_text(), _value(x), _value(y), _colour(text.get_color())]


def _label(artist: Artist | BarContainer) -> str:
    """Return the label that a legend shows; those that begin with ``_`` are never shown."""
    label = str(artist.get_label() or "")
    return "" if label.startswith("_") else label


def _colour(colour: Any) -> str:
    from matplotlib.colors import to_hex, to_rgba

    return str(to_hex(colour, keep_alpha=to_rgba(colour)[3] < 1)) if len(colour) else ""


def _value(value: object) -> object:
    """Round a number to the digits that an account keeps; whole numbers stay whole, words stay words."""
    if value is None or isinstance(value, str | int):
        return value
    number = float(f"{float(value):.{DIGITS}g}")  # type: ignore[arg-type]
    return int(number) if number.is_integer() else number
