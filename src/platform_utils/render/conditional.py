"""Content for one format only: ``.content-visible`` and ``.content-hidden``."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from platform_utils.errors import ContractError
from platform_utils.render.nodes import map_blocks, map_inlines

__all__ = ["for_format"]

_FORMATS = ("html", "typst", "docx")


def for_format(blocks: list[Any], form: str, document: str) -> list[Any]:
    """Return the blocks that a format shows.

    Parameters
    ----------
    blocks : list
        Blocks of the structured tree.
    form : str
        ``"html"``, ``"typst"`` or ``"docx"``.
    document : str
        What messages call the document.

    Raises
    ------
    ContractError
        E-601 if a condition is not about one of our formats.
    """

    def kept(attributes: list[Any]) -> bool | None:
        _, classes, pairs = attributes
        if "content-visible" in classes:
            return _matches(dict(pairs), form, document)
        if "content-hidden" in classes:
            return not _matches(dict(pairs), form, document)
        return None

    def change_block(block: Any) -> list[Any] | None:
        if not isinstance(block, dict) or block["t"] != "Div":
            return None
        shown = kept(block["c"][0])
        if shown is None:
            return None
        return for_format(block["c"][1], form, document) if shown else []

    def change_inline(item: dict[str, Any]) -> list[Any] | None:
        if item["t"] == "RawInline" and item["c"][0] != _RAW[form]:
            return []
        if item["t"] != "Span":
            return None
        shown = kept(item["c"][0])
        if shown is None:
            return None
        changed: list[Any] = map_inlines(item["c"][1], change_inline) if shown else []
        return changed

    changed: list[Any] = map_inlines(map_blocks(blocks, change_block), change_inline)
    return changed


_RAW = {"html": "html", "typst": "typst", "docx": "openxml"}


def _matches(options: Mapping[str, str], form: str, document: str) -> bool:
    for name in options:
        if name not in ("when-format", "unless-format"):
            raise ContractError("E-601", document=document, feature=f"{name}=")
    for value in options.values():
        if value not in _FORMATS:
            raise ContractError("E-601", document=document, feature=f"when-format={value}")
    shown: Sequence[bool] = [
        (value == form) if name == "when-format" else (value != form) for name, value in options.items()
    ]
    return all(shown)
