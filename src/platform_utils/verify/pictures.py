"""Whether a picture shows the same: by its points where it has points, else by its bytes.

Enters: a web page, the outputs of a notebook or a Word document. Leaves: the pictures that moved, by their
place in the file and where in the picture.
"""

from __future__ import annotations

import base64
import io
import re
import zipfile
from collections.abc import Iterator, Sequence
from itertools import zip_longest

__all__ = ["document_pictures", "moved_pictures", "page_pictures"]

_IN_PAGE = re.compile(rb"data:image/[a-z+]+;base64,([A-Za-z0-9+/=]+)")
_IN_DOCUMENT = "word/media/"


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
        The picture's number in its file and the box, in points from the upper left, that differs.
    """
    if len(then) != len(now):
        yield f"{len(then)} pictures → {len(now)}"
        return
    for number, (one, other) in enumerate(zip_longest(then, now), 1):
        if one != other:
            box = _differing_box(one, other)
            if box:
                yield f"picture {number}: {box}"


def _differing_box(one: bytes, other: bytes) -> str:
    from PIL import Image, ImageChops, UnidentifiedImageError

    try:
        before, after = (Image.open(io.BytesIO(content)).convert("RGBA") for content in (one, other))
    except (UnidentifiedImageError, OSError, SyntaxError, ValueError):
        return "its bytes"
    if before.size != after.size:
        return f"size {before.size} → {after.size}"
    # a transparent point has no colour to compare, so transparency is compared beside it
    changed = ImageChops.difference(before, after)
    boxes = [band.getbbox() for band in changed.split()]
    found = [box for box in boxes if box]
    if not found:
        return ""
    left, upper = min(box[0] for box in found), min(box[1] for box in found)
    right, lower = max(box[2] for box in found), max(box[3] for box in found)
    return f"points {left},{upper} to {right},{lower}"
