"""Numbers for sections, figures and tables, and the cross-references that name them.

One format's copy of the structured blocks enters; it leaves with labels set and references resolved.
Figures and tables count through the document, also with numbered sections.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from platform_utils.errors import ContractError
from platform_utils.render.settings import Settings
from platform_utils.render.tree import (
    Callout,
    Float,
    attr,
    is_kind,
    map_nodes,
    node,
    plain_text,
    space,
    string,
    walk,
)

_HARD_SPACE = "\u00a0"


@dataclass(frozen=True)
class Heading:
    """A heading as contents lists show it.

    Parameters
    ----------
    number : str
        ``"2.1"``, or empty.
    text : str
        Without number and markup.
    """

    level: int
    identifier: str
    number: str
    text: str


@dataclass
class Numbers:
    """What a document's labels stand for.

    Parameters
    ----------
    targets : dict of str to tuple of (str, str)
        For each label its kind (``fig``, ``tbl``, ``sec``) and its number.
    """

    targets: dict[str, tuple[str, str]]
    headings: list[Heading]

    def add(self, label: str, kind: str, number: str) -> None:
        """Note what a label stands for.

        Raises
        ------
        ContractError
            E-608 if the label stands twice.
        """
        if label in self.targets:
            raise ContractError("E-608", label=label)
        self.targets[label] = (kind, number)


def number_document(blocks: list[Any], settings: Settings) -> Numbers:
    """Set the label of every float and the word of every callout, put numbers into headings, list labels.

    The blocks are changed in place; they belong to one format's copy of the tree.

    Raises
    ------
    ContractError
        E-605 if a captioned float has no label, E-607 if a heading's level is skipped, E-608 if a label
        stands twice.
    """
    return _Count(settings).all(blocks)


class _Count:
    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.words = settings.words
        self.found = Numbers({}, [])
        self.counts: dict[str, int] = {}
        self.sections: list[int] = []
        self.base = 1
        self.seen: dict[str, int] = {"fig": 0, "tbl": 0}

    def all(self, blocks: list[Any]) -> Numbers:
        found = [
            item for item in walk(blocks) if isinstance(item, Float | Callout) or is_kind(item, "Header")
        ]
        self.base = min((item["c"][0] for item in found if is_kind(item, "Header")), default=1)
        for item in found:
            if isinstance(item, Float):
                self._float(item)
            elif isinstance(item, Callout):
                item.word = self.words[item.kind]
            else:
                self._heading(item)
        return self.found

    def _next(self, kind: str) -> str:
        self.counts[kind] = self.counts.get(kind, 0) + 1
        return str(self.counts[kind])

    def _float(self, block: Float) -> None:
        self.seen[block.kind] += 1
        if not block.identifier:
            if block.caption:
                place = self.seen[block.kind]
                raise ContractError("E-605", kind=block.kind, number=place)
            return
        number = self._next(block.kind)
        block.label = f"{self.words[block.kind]}{_HARD_SPACE}{number}"
        self.found.add(block.identifier, block.kind, number)

    def _heading(self, block: dict[str, Any]) -> None:
        level, (identifier, _, _), inlines = block["c"]
        above = self.found.headings[-1].level if self.found.headings else self.base - 1
        if level > above + 1:
            place = len(self.found.headings) + 1
            raise ContractError("E-607", number=place, above=above, level=level)
        text, number = plain_text(inlines), ""
        if self.settings.number_sections:
            number = self._section(level)
            # Quarto's Word documents have a full stop after the number of a chapter, and only there.
            shown = f"{number}." if self.settings.form == "docx" and level == 1 else number
            block["c"][2] = [_section_number(shown, self.settings.form), space(), *inlines]
            self.found.add(identifier, "sec", number)
        elif identifier.startswith("sec-"):
            self.found.add(identifier, "sec", "")
        self.found.headings.append(Heading(level, identifier, number, text))

    def _section(self, level: int) -> str:
        depth = level - self.base
        self.sections = [*self.sections[: depth + 1], *[0] * (depth + 1 - len(self.sections))]
        self.sections[depth] += 1
        return ".".join(map(str, self.sections))


def resolve_references(blocks: list[Any], numbers: Numbers, words: Mapping[str, str]) -> list[Any]:
    """Put word and number in place of every cross-reference.

    Parameters
    ----------
    words : mapping
        What each kind of target is called: ``fig``, ``tbl``, ``sec``.

    Raises
    ------
    ContractError
        E-604 if a label is not there, E-618 if a section has no number.
    """

    def one(citation: dict[str, Any]) -> list[Any]:
        label = citation["citationId"]
        kind, number = numbers.targets.get(label, ("", ""))
        if not number:
            raise ContractError("E-618" if kind else "E-604", label=f"@{label}")
        prefix, mode = citation["citationPrefix"], citation["citationMode"]["t"]
        if mode == "SuppressAuthor":
            shown = [string(number)]
        elif prefix:
            shown = [*prefix, string(_HARD_SPACE + number)]
        else:
            shown = [string(f"{words[kind]}{_HARD_SPACE}{number}")]
        link = node("Link", attr("", ["quarto-xref"]), shown, [f"#{label}", ""])
        return [link, *citation["citationSuffix"]]

    def change(item: dict[str, Any]) -> list[Any]:
        made: list[Any] = []
        for number, citation in enumerate(item["c"][0]):
            made += [string(","), space()] if number else []
            made += one(citation)
        return made

    changed: list[Any] = map_nodes(blocks, {"Cite": change})
    return changed


def _section_number(shown: str, form: str) -> Any:
    if form == "html":
        return node("Span", attr("", ["header-section-number"]), [string(shown)])
    return string(shown)
