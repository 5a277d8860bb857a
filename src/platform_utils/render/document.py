"""One format's copy of a document: conditions decided, numbers given, references resolved.

What the notebook said enters as a structured tree; what a writer needs leaves.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from platform_utils.render.conditional import for_format
from platform_utils.render.images import Pictures
from platform_utils.render.nodes import attr, node, walk, words
from platform_utils.render.numbering import Heading, number_document
from platform_utils.render.references import number_equations, resolve_references
from platform_utils.render.settings import Settings
from platform_utils.render.words import generated_words

__all__ = ["Prepared", "meta_inlines", "prepare"]


@dataclass(frozen=True)
class Prepared:
    """One format's copy of a document.

    Parameters
    ----------
    settings : Settings
        How it is rendered.
    blocks : list
        Blocks in which only literature is left to cite.
    headings : list of Heading
        For the contents list.
    meta : dict of str to pandoc's metadata
        Title, subtitle, abstract and authors as inlines.
    pictures : Pictures
        What image nodes name.
    """

    settings: Settings
    blocks: list[Any]
    headings: list[Heading]
    meta: dict[str, Any]
    pictures: Pictures

    def tree(self, blocks: list[Any]) -> dict[str, Any]:
        """Return a pandoc document with these blocks and this metadata."""
        return {"pandoc-api-version": [1, 23, 1], "meta": self.meta, "blocks": blocks}


def prepare(
    blocks: list[Any], meta: dict[str, Any], pictures: Pictures, settings: Settings, *, strict: bool
) -> Prepared:
    """Make one format's copy of a structured document.

    Parameters
    ----------
    blocks : list
        Structured blocks, shared by all formats; not changed.
    meta : dict
        pandoc's metadata.
    pictures : Pictures
        What image nodes name.
    settings : Settings
        How this format is rendered.
    strict : bool
        Refuse what Quarto lets pass.

    Returns
    -------
    Prepared

    Raises
    ------
    ContractError
        E-601, E-604, E-605, E-607, E-608, E-618.
    """
    made = for_format(blocks, settings.form, settings.document)
    if settings.bibliography and any(_is_citation(item) for item in walk(made)):
        made = _with_reference_list(made, settings)
    numbers = number_document(made, settings, strict=strict)
    made = number_equations(made, numbers, settings)
    made = resolve_references(made, numbers, settings, strict=strict)
    return Prepared(settings, made, numbers.headings, meta, pictures)


def meta_inlines(value: dict[str, Any] | None) -> list[Any]:
    """Return a metadata value as inlines."""
    if value is None:
        return []
    if value["t"] == "MetaInlines":
        return list(value["c"])
    if value["t"] == "MetaString":
        return words(value["c"])
    if value["t"] == "MetaBlocks":
        return [item for block in value["c"] for item in block.get("c", [])]
    return []


def _is_citation(item: Any) -> bool:
    if not isinstance(item, dict) or item["t"] != "Cite":
        return False
    prefixes = ("fig-", "tbl-", "sec-", "eq-", "nte-", "tip-", "wrn-", "imp-", "cau-")
    return not all(each["citationId"].startswith(prefixes) for each in item["c"][0])


def _with_reference_list(blocks: list[Any], settings: Settings) -> list[Any]:
    """Say where the list of literature stands: in ``#refs``, under an empty last heading, or at the end."""
    if any(
        isinstance(item, dict) and item["t"] == "Div" and item["c"][0][0] == "refs" for item in walk(blocks)
    ):
        return blocks
    place = node("Div", attr("refs"), [])
    last = blocks[-1]
    html = settings.form == "html"
    if isinstance(last, dict) and last["t"] == "Header":
        if html:
            level, (_, classes, pairs), inlines = last["c"]
            taken = node(
                "Header", level, ["quarto-bibliography", [*classes, "reference-heading"], pairs], inlines
            )
            return [*blocks[:-1], taken, place]
        return [*blocks, place]
    if settings.form == "docx":
        return [*blocks, place]
    title = words(generated_words(settings.lang)["references"])
    levels = [block["c"][0] for block in blocks if isinstance(block, dict) and block["t"] == "Header"]
    own = ["quarto-bibliography", ["unnumbered", "unlisted", "reference-heading"], []]
    return [*blocks, node("Header", min(levels, default=1), own, title), place]
