"""One format's copy of a document: conditions decided, numbers given, references resolved.

What the notebook said enters as a structured tree; what a writer needs leaves.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from platform_utils.errors import ContractError
from platform_utils.render.images import Pictures
from platform_utils.render.numbering import Heading, number_document, resolve_references
from platform_utils.render.settings import FORMATS, Settings
from platform_utils.render.tree import map_nodes, node, plain_text, words

_META = ("title", "subtitle", "author", "lang")


@dataclass(frozen=True)
class Prepared:
    """One format's copy of a document.

    Parameters
    ----------
    blocks : list
        Blocks in which every cross-reference is resolved.
    headings : list of Heading
        In order.
    meta : dict of str to pandoc's metadata
        Title, subtitle and authors as inlines; language.
    pictures : Pictures
        What image nodes name.
    """

    settings: Settings
    blocks: list[Any]
    headings: list[Heading]
    meta: dict[str, Any]
    pictures: Pictures

    @property
    def title(self) -> str:
        """Its title without markup."""
        return plain_text(meta_inlines(self.meta.get("title")))

    @property
    def authors(self) -> list[list[Any]]:
        """Its authors as inlines."""
        return [meta_inlines(name) for name in self.meta["author"]["c"]] if "author" in self.meta else []

    def template_meta(self) -> dict[str, Any]:
        """Return its metadata as the house style's templates want them: what Quarto gives them, and ours."""
        settings, words = self.settings, self.settings.words
        labels = {
            "authors": words["author" if len(self.authors) == 1 else "authors"],
        }
        texts = {
            "running-mark": settings.mark,
            "toc-title": settings.toc_title or words["toc"],
            "document-name": settings.name,
        }
        maps = {"labels": labels, "words": words}
        return {
            **self.meta,
            **{key: _string(text) for key, text in texts.items() if text},
            **{
                key: node("MetaMap", {one: _string(text) for one, text in each.items()})
                for key, each in maps.items()
            },
        }

    def toc_options(self) -> list[str]:
        """Return pandoc's options for its contents list; none if it has no list, or nothing to list."""
        settings = self.settings
        return ["--toc", f"--toc-depth={settings.toc_depth}"] if settings.toc and self.headings else []


def prepare(blocks: list[Any], meta: dict[str, Any], pictures: Pictures, settings: Settings) -> Prepared:
    """Make one format's copy of a structured document.

    Parameters
    ----------
    blocks : list
        Structured blocks, shared by all formats; not changed.

    Raises
    ------
    ContractError
        E-601, E-604, E-605, E-607, E-608, E-618.
    """
    made = _for_format(blocks, settings.form)
    numbers = number_document(made, settings)
    made = resolve_references(made, numbers, settings.words)
    kept = {key: value for key, value in meta.items() if key in _META}
    return Prepared(settings, made, numbers.headings, kept, pictures)


def meta_inlines(value: dict[str, Any] | None) -> list[Any]:
    """Return a metadata value as inlines."""
    if value is None:
        return []
    if value["t"] == "MetaString":
        return words(value["c"])
    return list(value["c"])


def _string(text: str) -> dict[str, Any]:
    return node("MetaString", text)


def _for_format(blocks: list[Any], form: str) -> list[Any]:
    """Return what a format shows of ``.content-visible`` and ``.content-hidden``."""

    def conditional(item: dict[str, Any]) -> list[Any] | None:
        (_, classes, pairs), content = item["c"]
        if "content-visible" not in classes and "content-hidden" not in classes:
            return None
        shown = _matches(dict(pairs), form) is ("content-visible" in classes)
        return list(map_nodes(content, rules)) if shown else []

    rules = {"Div": conditional, "Span": conditional}
    return list(map_nodes(blocks, rules))


def _matches(options: Mapping[str, str], form: str) -> bool:
    for name, value in options.items():
        if name not in ("when-format", "unless-format"):
            raise ContractError("E-601", feature=f"{name}=")
        if value not in FORMATS.values():
            raise ContractError("E-601", feature=f"when-format={value}")
    return all((value == form) is (name == "when-format") for name, value in options.items())
