"""Whether a picture shows the same: by what it says that it draws, and by its points.

Enters: a web page, the outputs of a notebook or a Word document. Leaves: the pictures that moved, by name or
place in the file, and which part of each.
"""

from __future__ import annotations

import base64
import io
import json
import re
import zipfile
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

from platform_utils.publish.drawn import ACCOUNT, NAME
from platform_utils.verify.figures import moved_parts

if TYPE_CHECKING:
    from PIL.Image import Image

__all__ = ["differing_box", "document_pictures", "moved_pictures", "page_pictures"]

_IN_PAGE = re.compile(rb"data:image/[a-z+]+;base64,([A-Za-z0-9+/=]+)")
_IN_DOCUMENT = "word/media/"
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
    """Yield which pictures do not show what they showed.

    Parameters
    ----------
    then, now : sequence of bytes
        The pictures of the two versions, in the same order.

    Yields
    ------
    str
        The picture's name, or its number in its file, and the part that moved; where a picture says nothing
        about itself, or says the same, the box, in points from the upper left, that differs.
    """
    if len(then) != len(now):
        names = [[_opened(content)[1] for content in each] for each in (then, now)]
        which = [
            name for name in names[0] + names[1] if name and names[0].count(name) != names[1].count(name)
        ]
        yield ": ".join([f"{len(then)} pictures → {len(now)}", *dict.fromkeys(which)])
        return
    for number, (one, other) in enumerate(zip(then, now, strict=True), 1):
        if one != other:
            (before, name, told), (after, _, tells) = _opened(one), _opened(other)
            parts = list(_moved(before, after, told, tells))
            yield from (f"{name or f'picture {number}'}: {part}" for part in parts)


def _moved(
    before: Image | None, after: Image | None, told: dict[str, Any] | None, tells: dict[str, Any] | None
) -> Iterator[str]:
    if before is None or after is None:
        yield "its bytes"
    elif told is None and tells is None:
        box = differing_box(before, after)
        yield from [box] if box else []
    elif told is None or tells is None:
        yield f"what it draws is told {'now only' if told is None else 'no longer'}"
    elif parts := list(moved_parts(told, tells)):
        yield from parts
    elif box := differing_box(before, after, edges=True):
        yield f"{box}, though table, axes, series and labels are the same"


def _opened(content: bytes) -> tuple[Image | None, str, dict[str, Any] | None]:
    """Return a picture, its name, and what it says that it draws."""
    from PIL import Image, UnidentifiedImageError

    try:
        picture = Image.open(io.BytesIO(content))
        picture.load()
    except (UnidentifiedImageError, OSError, SyntaxError, ValueError):
        return None, "", None
    told = picture.info.get(ACCOUNT)
    return picture.convert("RGBA"), str(picture.info.get(NAME, "")), json.loads(told) if told else None


def differing_box(before: Image, after: Image, *, edges: bool = False) -> str:
    """Return where two pictures differ, in points from the upper left; empty if nowhere.

    Parameters
    ----------
    before, after : PIL image
        Of the same mode.
    edges : bool
        Whether the soft edges of letters and lines may differ, as they do from processor to processor.
    """
    from PIL import ImageChops

    if before.size != after.size:
        return f"size {before.size} → {after.size}"
    scale = _BLOCK if edges else 1
    changed = ImageChops.difference(before.reduce(scale), after.reduce(scale))
    # a transparent point has no colour to compare, so transparency is compared beside it
    bands = [
        band.point(lambda shade: shade if shade > (_SHADE if edges else 0) else 0) for band in changed.split()
    ]
    found = [box for box in (band.getbbox() for band in bands) if box]
    if not found:
        return ""
    left, upper = min(box[0] for box in found), min(box[1] for box in found)
    right, lower = max(box[2] for box in found), max(box[3] for box in found)
    return f"points {left * scale},{upper * scale} to {right * scale},{lower * scale}"
