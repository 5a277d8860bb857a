"""Pictures of a document: read once, named by content, with alternative text and size.

Image nodes with files or data addresses enter; nodes that name entries of one `Pictures` store leave. A
picture from another host is refused: nothing that we render asks for one.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import re
import struct
import zlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import unquote, unquote_to_bytes

from platform_utils.errors import ContractError, FileError
from platform_utils.render.nodes import Float, map_inlines, node, plain_text, string, walk

__all__ = ["Picture", "Pictures", "collect_pictures", "with_density"]

_DATA = re.compile(r"data:(?P<kind>image/[a-z+.-]+)(?P<rest>(?:;[^,]*)?),(?P<data>.*)", re.DOTALL)
_SUFFIXES = {"image/png": ".png", "image/jpeg": ".jpg", "image/svg+xml": ".svg"}
_KINDS = {".png": "image/png", ".jpg": "image/jpeg", ".jpeg": "image/jpeg", ".svg": "image/svg+xml"}
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
    data : bytes
        The file.
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


@dataclass
class Pictures:
    """The pictures of one document by name."""

    by_name: dict[str, Picture] = field(default_factory=dict)

    def write(self, folder: Path) -> None:
        """Write every picture into a folder."""
        for picture in self.by_name.values():
            (folder / picture.name).write_bytes(picture.data)


def collect_pictures(
    blocks: list[Any], addresses: Mapping[str, str], folder: Path, document: str, *, strict: bool
) -> tuple[list[Any], Pictures]:
    """Read every picture that blocks show.

    Parameters
    ----------
    blocks : list
        Structured blocks.
    addresses : mapping of str to str
        Data addresses by the names that stand for them.
    folder : Path
        Where files that the document names are looked for.
    document : str
        What messages call the document.
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
    store = Pictures()
    labels: dict[int, str] = {}
    for item in walk(blocks):
        if isinstance(item, Float):
            for inner in walk(item.body):
                if isinstance(inner, dict) and inner["t"] == "Image":
                    labels.setdefault(id(inner), item.identifier)

    def change(item: dict[str, Any]) -> list[Any] | None:
        if item["t"] != "Image":
            return None
        (_, classes, pairs), inlines, (source, _) = item["c"]
        options = dict(pairs)
        in_float = id(item) in labels
        alt = options.pop("fig-alt", options.pop("alt", None))
        if alt is None and (not strict or not in_float):
            alt = plain_text(inlines)
        if strict and not (alt or "").strip():
            label = labels.get(id(item)) or "-"
            raise ContractError("E-606", document=document, label=label)
        picture = _picture(addresses.get(source, source), folder, document)
        store.by_name[picture.name] = picture
        kept = [[key, value] for key, value in options.items() if key in ("width", "height")]
        return [node("Image", ["", classes, kept], [string(alt or "")], [picture.name, ""])]

    return map_inlines(blocks, change), store


def with_density(png: bytes, dpi: float) -> bytes:
    """Return a PNG that says how many dots make an inch, so that its natural size is known.

    Parameters
    ----------
    png : bytes
        A PNG file without such a statement.
    dpi : float
        Dots per inch.

    Returns
    -------
    bytes
    """
    metre = round(dpi / _METRE)
    data = b"pHYs" + struct.pack(">IIB", metre, metre, 1)
    chunk = struct.pack(">I", len(data) - 4) + data + struct.pack(">I", zlib.crc32(data))
    return png[:_AFTER_HEAD] + chunk + png[_AFTER_HEAD:]


def _picture(source: str, folder: Path, document: str) -> Picture:
    match = _DATA.fullmatch(source)
    if match:
        kind = match["kind"]
        try:
            data = (
                base64.b64decode(match["data"])
                if ";base64" in match["rest"]
                else unquote_to_bytes(match["data"])
            )
        except binascii.Error:
            raise FileError("E-609", document=document, file=kind) from None
    elif re.match(r"[a-zA-Z][a-zA-Z0-9+.-]+:|//", source):
        raise ContractError("E-601", document=document, feature="![](https://…)")
    else:
        path = folder / unquote(source)
        kind = _KINDS.get(path.suffix.lower(), "")
        try:
            data = path.read_bytes()
        except OSError:
            raise FileError("E-609", document=document, file=source) from None
    if kind not in _SUFFIXES or not _is(kind, data):
        raise FileError("E-609", document=document, file=kind if match else source)
    width, height = _size(kind, data)
    name = hashlib.sha256(data).hexdigest()[:16] + _SUFFIXES[kind]
    return Picture(name, kind, data, width, height)


def _is(kind: str, data: bytes) -> bool:
    if kind == "image/png":
        return data.startswith(b"\x89PNG\r\n\x1a\n")
    if kind == "image/jpeg":
        return data.startswith(b"\xff\xd8\xff")
    return b"<svg" in data


def _size(kind: str, data: bytes) -> tuple[float, float]:
    if kind == "image/png":
        across, down = struct.unpack(">II", data[16:24])
        dpi = _png_dpi(data)
        return across / dpi, down / dpi
    if kind == "image/svg+xml":
        head = data[data.index(b"<svg") :].split(b">", 1)[0].decode("utf-8", "replace")
        found = [re.search(rf'\b{name}="([^"]*)"', head) for name in ("width", "height")]
        lengths = [_LENGTH.fullmatch(match[1]) if match else None for match in found]
        across_, down_ = (float(one[1]) * _UNITS[one[2] or ""] if one else 0.0 for one in lengths)
        return across_, down_
    return 0.0, 0.0


def _png_dpi(data: bytes) -> float:
    at = 8
    while at + 8 <= len(data):
        length, kind = struct.unpack(">I4s", data[at : at + 8])
        if kind == b"pHYs" and data[at + 16] == 1:
            return float(struct.unpack(">I", data[at + 8 : at + 12])[0]) * _METRE or _CSS_DPI
        if kind == b"IDAT":
            break
        at += 12 + int(length)
    return _CSS_DPI
