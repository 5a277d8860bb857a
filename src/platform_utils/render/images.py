"""Pictures of a document: read once, named by content, with alternative text and size.

Image nodes with files or data addresses enter; nodes that name entries of one store of pictures leave. A
picture from another host is refused: nothing that we render asks for one.
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
from pathlib import Path
from typing import Any
from urllib.parse import unquote, unquote_to_bytes

from platform_utils.errors import ContractError, FileError
from platform_utils.render.tree import Float, is_kind, map_nodes, node, plain_text, string, walk

__all__ = ["Picture", "Pictures", "collect_pictures", "with_density"]

_DATA = re.compile(r"data:(?P<kind>image/[a-z+.-]+)(?P<rest>(?:;[^,]*)?),(?P<data>.*)", re.DOTALL)
_SUFFIXES = {"image/png": ".png", "image/jpeg": ".jpg", "image/svg+xml": ".svg"}
_KINDS = {".png": "image/png", ".jpg": "image/jpeg", ".jpeg": "image/jpeg", ".svg": "image/svg+xml"}
_FORMATS = {"image/png": "PNG", "image/jpeg": "JPEG"}
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
        ``image/png``, ``image/jpeg`` or ``image/svg+xml``.
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


def collect_pictures(
    blocks: list[Any], addresses: Mapping[str, str], folder: Path, *, strict: bool
) -> tuple[list[Any], Pictures]:
    """Read every picture that structured blocks show.

    Parameters
    ----------
    addresses : mapping of str to str
        Data addresses by the names that stand for them.
    folder : Path
        Where files that the document names are looked for.
    strict : bool
        Refuse a picture without an alternative text.

    Returns
    -------
    tuple of list and Pictures
        Blocks in which each image node names a picture and has its alternative text as content.

    Raises
    ------
    ContractError
        E-601 if a picture stands on another host, E-606 if an alternative text is missing.
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
        if alt is None and (not strict or id(item) not in labels):
            alt = plain_text(inlines)
        if strict and not (alt or "").strip():
            raise ContractError("E-606", label=labels.get(id(item)) or "-")
        picture = _picture(addresses.get(source, source), folder)
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


def _picture(source: str, folder: Path) -> Picture:
    """Read a picture from its data address or from a file of the document's folder."""
    match = _DATA.fullmatch(source)
    if not match and re.match(r"[a-zA-Z][a-zA-Z0-9+.-]+:|//", source):
        raise ContractError("E-601", feature="![](https://…)")
    path = folder / unquote(source) if not match else folder
    kind = match["kind"] if match else _KINDS.get(path.suffix.lower(), "")
    try:
        if not match:
            data = path.read_bytes()
        elif ";base64" in match["rest"]:
            data = base64.b64decode(match["data"])
        else:
            data = unquote_to_bytes(match["data"])
        width, height = _size(kind, data)
    except (OSError, binascii.Error, ValueError, KeyError):
        raise FileError("E-609", file=kind if match else source) from None
    name = hashlib.sha256(data).hexdigest()[:16] + _SUFFIXES[kind]
    return Picture(name, kind, data, width, height)


def _size(kind: str, data: bytes) -> tuple[float, float]:
    """Return the natural size in inches; 0 where the file does not say."""
    if kind != "image/svg+xml":
        from PIL import Image

        with Image.open(io.BytesIO(data), formats=[_FORMATS[kind]]) as image:
            if kind == "image/jpeg":  # its density is what a camera thought
                return 0.0, 0.0
            dpi = image.info.get("dpi", (_CSS_DPI,))[0] or _CSS_DPI
            return image.width / dpi, image.height / dpi
    head = data[data.index(b"<svg") :].split(b">", 1)[0].decode("utf-8", "replace")
    found = [re.search(rf'\b{name}="([^"]*)"', head) for name in ("width", "height")]
    lengths = [_LENGTH.fullmatch(match[1]) if match else None for match in found]
    across, down = (float(one[1]) * _UNITS[one[2] or ""] if one else 0.0 for one in lengths)
    return across, down
