"""Pictures of a document: read once, named by content, with alternative text.

Image nodes with data addresses enter; nodes that name entries of one store of pictures leave. A picture that
stands elsewhere is refused: nothing that we render asks for one.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote_to_bytes

from platform_utils.errors import ContractError, FileError
from platform_utils.render.tree import Float, is_kind, map_nodes, node, plain_text, string, walk

_DATA = re.compile(r"data:(?P<kind>image/[a-z+.-]+)(?P<rest>(?:;[^,]*)?),(?P<data>.*)", re.DOTALL)
_SUFFIXES = {"image/png": ".png", "image/svg+xml": ".svg"}
_START = {"image/png": b"\x89PNG\r\n\x1a\n", "image/svg+xml": b"<svg"}
"""What a picture of each kind holds, first or after its declarations."""


@dataclass(frozen=True)
class Picture:
    """One picture.

    Parameters
    ----------
    name : str
        Made from its content, with suffix.
    kind : str
        ``image/png`` or ``image/svg+xml``.
    """

    name: str
    kind: str
    data: bytes

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


def _picture(source: str) -> Picture:
    """Read a picture from its data address."""
    match = _DATA.fullmatch(source)
    if not match or match["kind"] not in _SUFFIXES:
        raise ContractError("E-601", feature=f"![]({match['kind'] if match else '…'})")
    kind = match["kind"]
    try:
        base64_data = ";base64" in match["rest"]
        data = base64.b64decode(match["data"]) if base64_data else unquote_to_bytes(match["data"])
    except (binascii.Error, ValueError):
        raise FileError("E-609", file=kind) from None
    if _START[kind] not in data:
        raise FileError("E-609", file=kind)
    name = hashlib.sha256(data).hexdigest()[:16] + _SUFFIXES[kind]
    return Picture(name, kind, data)
