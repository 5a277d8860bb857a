"""One format's copy of a document: conditions decided, numbers given, references resolved.

What the notebook said enters as a structured tree; what a writer needs leaves.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from platform_utils.errors import ContractError
from platform_utils.render.images import Pictures
from platform_utils.render.numbering import Heading, number_document, number_equations, resolve_references
from platform_utils.render.settings import Settings
from platform_utils.render.tree import attr, is_kind, map_nodes, node, plain_text, walk, words
from platform_utils.render.words import format_date, generated_words

__all__ = ["Prepared", "meta_inlines", "prepare"]

_RAW = {"html": "html", "typst": "typst", "docx": "openxml"}
_META = ("title", "subtitle", "abstract", "author", "lang")
_REFERENCES = ("fig-", "tbl-", "sec-", "eq-", "nte-", "tip-", "wrn-", "imp-", "cau-")


@dataclass(frozen=True)
class Prepared:
    """One format's copy of a document.

    Parameters
    ----------
    blocks : list
        Blocks in which only literature is left to cite.
    headings : list of Heading
        For the contents list.
    meta : dict of str to pandoc's metadata
        Title, subtitle, abstract and authors as inlines; language.
    pictures : Pictures
        What image nodes name.
    """

    settings: Settings
    blocks: list[Any]
    headings: list[Heading]
    meta: dict[str, Any]
    pictures: Pictures

    @property
    def words(self) -> Mapping[str, Any]:
        """The generated words of its language."""
        return generated_words(self.settings.lang)

    @property
    def title(self) -> str:
        """Its title without markup."""
        return plain_text(meta_inlines(self.meta.get("title")))

    @property
    def authors(self) -> list[list[Any]]:
        """Its authors as inlines."""
        return [meta_inlines(name) for name in self.meta["author"]["c"]] if "author" in self.meta else []

    @cached_property
    def date(self) -> str | None:
        """Its date in words, as Quarto writes it in this format."""
        if self.settings.date is None:
            return None
        pattern = self.settings.date_format or ("long" if self.settings.form == "html" else None)
        return format_date(self.settings.date, pattern, self.settings.lang)

    def template_meta(self) -> dict[str, Any]:
        """Return its metadata as the house style's templates want them: what Quarto gives them, and ours."""
        settings, words = self.settings, self.words
        labels = {
            "abstract": words["abstract"],
            "authors": words["author" if len(self.authors) == 1 else "authors"],
            "published": words["published"],
        }
        texts = {
            "running-mark": settings.mark,
            "toc-title": settings.toc_title or words["toc"],
            "date": self.date or "",
            "document-name": settings.name,
        }
        maps = {"labels": labels, "words": settings.words}
        return {
            **self.meta,
            **{key: _string(text) for key, text in texts.items() if text},
            **{
                key: node("MetaMap", {one: _string(text) for one, text in each.items()})
                for key, each in maps.items()
            },
        }

    @property
    def listed(self) -> list[Heading]:
        """The headings that its contents list names; none if it has no contents list."""
        settings = self.settings
        deep = settings.toc_depth if settings.toc else 0
        return [heading for heading in self.headings if heading.listed and heading.level <= deep]


def prepare(
    blocks: list[Any], meta: dict[str, Any], pictures: Pictures, settings: Settings, *, strict: bool
) -> Prepared:
    """Make one format's copy of a structured document.

    Parameters
    ----------
    blocks : list
        Structured blocks, shared by all formats; not changed.
    strict : bool
        Refuse what Quarto lets pass.

    Raises
    ------
    ContractError
        E-601, E-604, E-605, E-607, E-608, E-618.
    """
    made = _for_format(blocks, settings.form)
    if settings.bibliography and any(_is_citation(item) for item in walk(made)):
        made = _with_reference_list(made, settings)
    numbers = number_document(made, settings, strict=strict)
    made = number_equations(made, numbers, settings.form)
    made = resolve_references(made, numbers, settings.lang, strict=strict)
    kept = {key: value for key, value in meta.items() if key in _META}
    return Prepared(settings, made, numbers.headings, kept, pictures)


def meta_inlines(value: dict[str, Any] | None) -> list[Any]:
    """Return a metadata value as inlines."""
    if value is None:
        return []
    if value["t"] == "MetaString":
        return words(value["c"])
    if value["t"] == "MetaBlocks":
        return [item for block in value["c"] for item in block.get("c", [])]
    return list(value["c"])


def _string(text: str) -> dict[str, Any]:
    return node("MetaString", text)


def _for_format(blocks: list[Any], form: str) -> list[Any]:
    """Return what a format shows of ``.content-visible``, ``.content-hidden`` and raw content."""

    def conditional(item: dict[str, Any]) -> list[Any] | None:
        (_, classes, pairs), content = item["c"]
        if "content-visible" not in classes and "content-hidden" not in classes:
            return None
        shown = _matches(dict(pairs), form) is ("content-visible" in classes)
        return list(map_nodes(content, rules)) if shown else []

    rules = {
        "Div": conditional,
        "Span": conditional,
        "RawInline": lambda item: None if item["c"][0] == _RAW[form] else [],
    }
    return list(map_nodes(blocks, rules))


def _matches(options: Mapping[str, str], form: str) -> bool:
    for name, value in options.items():
        if name not in ("when-format", "unless-format"):
            raise ContractError("E-601", feature=f"{name}=")
        if value not in _RAW:
            raise ContractError("E-601", feature=f"when-format={value}")
    return all((value == form) is (name == "when-format") for name, value in options.items())


def _is_citation(item: Any) -> bool:
    return is_kind(item, "Cite") and not all(
        each["citationId"].startswith(_REFERENCES) for each in item["c"][0]
    )


def _with_reference_list(blocks: list[Any], settings: Settings) -> list[Any]:
    """Say where the list of literature stands: in ``#refs``, under an empty last heading, or at the end."""
    if any(is_kind(item, "Div") and item["c"][0][0] == "refs" for item in walk(blocks)):
        return blocks
    place = node("Div", attr("refs"), [])
    if is_kind(blocks[-1], "Header"):
        if settings.form != "html":
            return [*blocks, place]
        level, (_, classes, pairs), inlines = blocks[-1]["c"]
        own = ["quarto-bibliography", [*classes, "reference-heading"], pairs]
        return [*blocks[:-1], node("Header", level, own, inlines), place]
    if settings.form == "docx":
        return [*blocks, place]
    title = words(generated_words(settings.lang)["references"])
    level = min((block["c"][0] for block in blocks if is_kind(block, "Header")), default=1)
    own = attr("quarto-bibliography", ["unnumbered", "unlisted", "reference-heading"])
    return [*blocks, node("Header", level, own, title), place]
