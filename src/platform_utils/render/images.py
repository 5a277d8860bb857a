"""Pictures of a document: read once, named by content, with alternative text and size.

Image nodes with data addresses enter; nodes that name entries of one store of pictures leave. A picture that
stands elsewhere is refused: nothing that we render asks for one.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import io
import re
import struct
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote_to_bytes

from platform_utils.errors import ContractError, FileError
from platform_utils.render.tree import Float, is_kind, map_nodes, node, plain_text, string, walk

_DATA = re.compile(r"data:(?P<kind>image/[a-z+.-]+)(?P<rest>(?:;[^,]*)?),(?P<data>.*)", re.DOTALL)
_SUFFIXES = {"image/png": ".png", "image/svg+xml": ".svg"}
_CSS_DPI = 96
_METRE = 0.0254
_AFTER_HEAD = 33  # where the chunks after a PNG's header start
_LENGTH = re.compile(r"\s*([0-9.]+)\s*(px|pt|in|cm|mm)?\s*")
_UNITS = {"px": 1 / 96, "": 1 / 96, "pt": 1 / 72, "in": 1.0, "cm": 1 / 2.54, "mm": 1 / 25.4}


@dataclass(frozen=True)
class Picture:
    """One picture.

    Parameters
    ----------
    name : str
        Made from its content, with suffix.
    kind : str
        ``image/png`` or ``image/svg+xml``.
    width, height : float
        Natural size in inches; 0 if the file does not say.
    """

    name: str
    kind: str
    data: bytes
    width: float
    height: float

    def address(self) -> str:
        """Return the picture as a data address."""
        return f"data:{self.kind};base64,{base64.b64encode(self.data).decode()}"


Pictures = Mapping[str, Picture]
"""The pictures of one document by name."""


def collect_pictures(blocks: list[Any], addresses: Mapping[str, str]) -> tuple[list[Any], Pictures]:
    """Read every picture that structured blocks show.

    Parameters
    ----------
    addresses : mapping of str to str
        Data addresses by the names that stand for them.

    Returns
    -------
    tuple of list and Pictures
        Blocks in which each image node names a picture and has its alternative text as content.

    Raises
    ------
    ContractError
        E-601 if a picture stands elsewhere or is of another kind, E-606 if an alternative text is missing.
    FileError
        E-609 if a picture cannot be read.
    """
    found: dict[str, Picture] = {}
    # Which float an image stands in is known from outside only; nodes are plain dicts, so by identity.
    labels: dict[int, str] = {}
    for block in walk(blocks):
        if isinstance(block, Float):
            for inner in walk(block.body):
                if is_kind(inner, "Image"):
                    labels.setdefault(id(inner), block.identifier)

    def change(item: dict[str, Any]) -> list[Any]:
        (_, classes, pairs), inlines, (source, _) = item["c"]
        options = dict(pairs)
        alt = options.pop("fig-alt", options.pop("alt", None))
        if alt is None and id(item) not in labels:
            alt = plain_text(inlines)
        if not (alt or "").strip():
            raise ContractError("E-606", label=labels.get(id(item)) or "-")
        picture = _picture(addresses.get(source, source))
        found[picture.name] = picture
        kept = [[key, value] for key, value in options.items() if key in ("width", "height")]
        return [node("Image", ["", classes, kept], [string(alt or "")], [picture.name, ""])]

    return map_nodes(blocks, {"Image": change}), found


def with_density(png: bytes, dpi: float) -> bytes:
    """Return a PNG that says how many dots make an inch, so that its natural size is known.

    Parameters
    ----------
    png : bytes
        A PNG file without such a statement.
    """
    metre = round(dpi / _METRE)
    data = b"pHYs" + struct.pack(">IIB", metre, metre, 1)
    chunk = struct.pack(">I", len(data) - 4) + data + struct.pack(">I", zlib.crc32(data))
    return png[:_AFTER_HEAD] + chunk + png[_AFTER_HEAD:]


def _picture(source: str) -> Picture:
    """Read a picture from its data address."""
    match = _DATA.fullmatch(source)
    if not match or match["kind"] not in _SUFFIXES:
        raise ContractError("E-601", feature=f"![]({match['kind'] if match else '…'})")
    kind = match["kind"]
    try:
        base64_data = ";base64" in match["rest"]
        data = base64.b64decode(match["data"]) if base64_data else unquote_to_bytes(match["data"])
        width, height = _size(kind, data)
    except (OSError, binascii.Error, ValueError):
        raise FileError("E-609", file=kind) from None
    name = hashlib.sha256(data).hexdigest()[:16] + _SUFFIXES[kind]
    return Picture(name, kind, data, width, height)


def _size(kind: str, data: bytes) -> tuple[float, float]:
    """Return the natural size in inches; 0 where the file does not say."""
    if kind == "image/png":
        from PIL import Image

        with Image.open(io.BytesIO(data), formats=["PNG"]) as image:
            dpi = image.info.get("dpi", (_CSS_DPI,))[0] or _CSS_DPI
            return image.width / dpi, image.height / dpi
    head = data[data.index(b"<svg") :].split(b">", 1)[0].decode("utf-8", "replace")
    found = [re.search(rf'\b{name}="([^"]*)"', head) for name in ("width", "height")]
    lengths = [_LENGTH.fullmatch(match[1]) if match else None for match in found]
    across, down = (float(one[1]) * _UNITS[one[2] or ""] if one else 0.0 for one in lengths)
    return across, down
