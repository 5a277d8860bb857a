"""Whether a picture shows the same: by what it says that it draws, and by its points.

Enters: a web page, the outputs of a notebook or a Word document. Leaves: the pictures that moved, by name or
place in the file, and which part of each: a row of its table, an axis, a tick, a label, a colour, a point.
"""

from __future__ import annotations

import base64
import io
import json
import re
import tempfile
import zipfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import zip_longest
from pathlib import Path
from typing import TYPE_CHECKING, Any

from platform_utils.publish.drawn import read_account
from platform_utils.verify.values import same

if TYPE_CHECKING:
    from PIL.Image import Image


Account = Mapping[str, Any]
"""What a picture says that it draws, as `platform_utils.publish.drawn` stores it."""

_IN_PAGE = re.compile(rb"data:image/[a-z+]+;base64,([A-Za-z0-9+/=]+)")
_IN_DOCUMENT = "word/media/"
_SVG, _PPI = b"<?xml", 100.0
_ENDS = {"x": ("left", "right"), "y": ("lower", "upper")}
_SERIES = 3
"""Columns of a row that names its series and a place in it, such as a year."""
_BLOCK, _SHADE = 8, 24
"""Points of a block, and how far (of 255) its mean may go: the edges of letters and lines differ from one
processor to another; a bar, a letter or a mark more or less moves a block's mean further."""


def page_pictures(content: bytes) -> list[bytes]:
    """Return the pictures that stand inside a text, in order."""
    return [_decoded(found) for found in _IN_PAGE.findall(content)]


def _decoded(text: bytes) -> bytes:
    try:
        return base64.b64decode(text)
    except ValueError:
        return text


def document_pictures(content: bytes) -> list[bytes]:
    """Return the pictures of a Word document, by name."""
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        names = sorted(name for name in archive.namelist() if name.startswith(_IN_DOCUMENT))
        return [archive.read(name) for name in names]


def moved_pictures(then: Sequence[bytes], now: Sequence[bytes]) -> Iterator[str]:
    """Yield which pictures, in the order of their files, do not show what they showed.

    Yields
    ------
    str
        The picture's name, or its number in its file, and the part that moved; where a picture says nothing
        about itself, or says the same, the box, in points from the upper left, that differs.
    """
    if len(then) != len(now):
        gone, new = ([_opened(content)[1] for content in each] for each in (then, now))
        which = [name for name in gone + new if name and gone.count(name) != new.count(name)]
        yield ": ".join([f"{len(then)} pictures → {len(now)}", *dict.fromkeys(which)])
        return
    for number, (one, other) in enumerate(zip(then, now, strict=True), 1):
        if one != other:
            (before, name, told), (after, _, tells) = _opened(one), _opened(other)
            parts = _moved(before, after, told, tells)
            yield from (f"{name or f'picture {number}'}: {part}" for part in parts)


def _moved(
    before: Image | None, after: Image | None, told: Account | None, tells: Account | None
) -> Iterator[str]:
    if before is None or after is None:
        yield "its bytes"
    elif told is None and tells is None:
        yield from filter(None, [differing_box(before, after)])
    elif told is None or tells is None:
        yield f"what it draws is told {'now only' if told is None else 'no longer'}"
    elif parts := list(_moved_parts(told, tells)):
        yield from parts
    elif box := differing_box(before, after, edges=True):
        yield f"{box}, though table, axes, series and labels are the same"


def _opened(content: bytes) -> tuple[Image | None, str, Account | None]:
    """Return a picture, its name, and what it says that it draws."""
    from PIL import Image, UnidentifiedImageError

    name, account = read_account(content)
    try:
        picture = Image.open(io.BytesIO(_points(content) if content.startswith(_SVG) else content))
        picture.load()
    except (UnidentifiedImageError, OSError, SyntaxError, ValueError, RuntimeError):
        return None, "", None
    return picture.convert("RGBA"), name, json.loads(account) if account else None


def _points(svg: bytes) -> bytes:
    """Return a chart as PNG, drawn by the typesetter that we have."""
    import typst

    with tempfile.TemporaryDirectory() as folder:
        Path(folder, "a.svg").write_bytes(svg)
        source = Path(folder, "a.typ")
        source.write_text(
            '#set page(width: auto, height: auto, margin: 0pt)\n#image("a.svg")\n', encoding="utf-8"
        )
        return bytes(typst.compile(str(source), format="png", ppi=_PPI, ignore_system_fonts=True))


def differing_box(before: Image, after: Image, *, edges: bool = False) -> str:
    """Return where two pictures of one mode differ, in points from the upper left; empty if nowhere.

    Parameters
    ----------
    edges : bool
        Whether the soft edges of letters and lines may differ, as they do from processor to processor.
    """
    from PIL import ImageChops

    if before.size != after.size:
        return f"size {before.size} → {after.size}"
    scale = _BLOCK if edges else 1
    changed = ImageChops.difference(before.reduce(scale), after.reduce(scale))
    # a transparent point has no colour to compare, so transparency is compared beside it
    least = _SHADE if edges else 0
    bands = [band.point(lambda shade: shade if shade > least else 0) for band in changed.split()]
    found = [box for box in (band.getbbox() for band in bands) if box]
    if not found:
        return ""
    lefts, uppers, rights, lowers = zip(*found, strict=True)
    left, upper, right, lower = min(lefts), min(uppers), max(rights), max(lowers)
    return f"points {left * scale},{upper * scale} to {right * scale},{lower * scale}"


def _moved_parts(then: Account, now: Account) -> Iterator[str]:
    """Yield what differs between the accounts of two figures, the table first."""
    one, other = _rows(then["table"]), _rows(now["table"])
    for key in one | other:
        if not same(one.get(key), other.get(key)):
            yield f"table, row {key[0]}: {_list(one.get(key))} → {_list(other.get(key))}"
    if [*one] != [*other] and set(one) == set(other):
        yield "table: its rows stand in another order"
    yield from _changed("size", then, now, _list, "size in inches")
    yield from _counted("panels", then["axes"], now["axes"])
    if len(then["axes"]) == len(now["axes"]):
        for number, (before, after) in enumerate(zip(then["axes"], now["axes"], strict=True), 1):
            panel = f"panel {number}, " if len(then["axes"]) > 1 else ""
            yield from (f"{panel}{part}" for part in _axes(before, after))


def _rows(table: Sequence[Sequence[Any]]) -> dict[tuple[str, int], Sequence[Any]]:
    """Return rows by label: label and number, or series, year and number; the same label by its turn."""
    found: dict[tuple[str, int], Sequence[Any]] = {}
    for row in table:
        named = 2 if len(row) == _SERIES else 1
        label = ", ".join(str(name) for name in row[:named])
        turn = sum(1 for name, _ in found if name == label)
        found[label, turn] = row[named:]
    return found


def _axes(then: Account, now: Account) -> Iterator[str]:
    for which in ("x", "y"):
        yield from (f"{which} axis {part}" for part in _axis(which, then[which], now[which]))
    yield from _changed("title", then, now, _quoted)
    yield from _changed("legend", then, now, _list)
    yield from _counted("series", then["series"], now["series"])
    for number, (one, other) in enumerate(zip(then["series"], now["series"], strict=False), 1):
        name = one["label"] or f"{one['kind']} {number}"
        yield from (f"{name}: {part}" for part in _series(one, other, then))
    for number, (one, other) in enumerate(zip_longest(then["texts"], now["texts"]), 1):
        if not same(one, other):
            yield f"text {number}: {_text(one, other)} → {_text(other, one)}"


def _axis(which: str, then: Account, now: Account) -> Iterator[str]:
    for end, one, other in zip(_ENDS[which], then["limits"], now["limits"], strict=True):
        if not same(one, other):
            yield f"{end} limit {one} → {other}"
    yield from _changed("label", then, now, _quoted)
    yield from _changed("scale", then, now, _quoted)
    yield from _changed("ticks", then, now, _list)
    for one, other in zip_longest(then["labels"], now["labels"], fillvalue=""):
        if one != other:
            yield f"tick label {_quoted(one)} → {_quoted(other)}"


def _series(then: Account, now: Account, axes: Account) -> Iterator[str]:
    yield from _changed("kind", then, now, _quoted)
    yield from _changed("label", then, now, _quoted)
    if then["colours"] != now["colours"]:
        changed = zip_longest(then["colours"], now["colours"], fillvalue="none")
        yield "colour " + ", ".join(dict.fromkeys(f"{a} → {b}" for a, b in changed if a != b))
    yield from _changed("style", then, now, _list)
    yield from _counted("points", then["points"], now["points"])
    for number, (one, other) in enumerate(zip(then["points"], now["points"], strict=False)):
        if not same(one, other):
            yield f"{_point(number, then, axes)} ({_list(one)}) → ({_list(other)})"


def _point(number: int, series: Account, axes: Account) -> str:
    """Call a bar by the label that stands at it, anything else by its turn."""
    place = series["points"][number][0]
    for axis in (axes["y"], axes["x"]) if series["kind"] == "bars" else ():
        for tick, label in zip(axis["ticks"], axis["labels"], strict=False):
            if label and same(tick, place):
                return f"bar {_quoted(label)}"
    return f"{'bar' if series['kind'] == 'bars' else 'point'} {number + 1}"


def _changed(
    key: str, then: Account, now: Account, shown: Callable[[Any], str], called: str = ""
) -> Iterator[str]:
    if not same(then[key], now[key]):
        yield f"{called or key} {shown(then[key])} → {shown(now[key])}"


def _counted(what: str, then: Sequence[Any], now: Sequence[Any]) -> Iterator[str]:
    if len(then) != len(now):
        yield f"{len(then)} {what} → {len(now)}"


def _text(text: Sequence[Any] | None, beside: Sequence[Any] | None) -> str:
    """Show a text; where it stands and its colour only if the words are the same."""
    if text is None:
        return "–"
    alone = beside is None or beside[0] != text[0]
    return _quoted(text[0]) if alone else f"{_quoted(text[0])} at {text[1]}, {text[2]} in {text[3]}"


def _quoted(value: object) -> str:
    return "”" + " ".join(str(value).split()) + "”"


def _list(values: Sequence[Any] | None) -> str:
    return "–" if values is None else ", ".join(str(value) for value in values) or "none"
