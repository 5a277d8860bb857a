"""Numbers for sections, figures, tables, equations and boxes, counted once for all formats.

Structured blocks enter; the same blocks leave with labels set, and a list of what can be referred to.
Figures, tables and equations count through the document, also with numbered sections.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from platform_utils.errors import ContractError
from platform_utils.render.nodes import Callout, Float, attr, node, plain_text, space, string
from platform_utils.render.settings import Settings
from platform_utils.render.words import generated_words

__all__ = ["HARD_SPACE", "Heading", "Numbers", "number_document"]

HARD_SPACE = "\u00a0"
_BOXES = {"note": "nte", "tip": "tip", "warning": "wrn", "important": "imp", "caution": "cau"}
_SYMBOL = re.compile(r"[1aAiI]")


@dataclass(frozen=True)
class Heading:
    """A heading as contents lists show it.

    Parameters
    ----------
    level : int
        As written.
    identifier : str
        Its id.
    number : str
        ``"2.1"``, or empty.
    text : str
        Without number and markup.
    listed : bool
        Whether a contents list names it.
    appendix : bool
        Whether it heads an appendix, which HTML leaves out of its contents list as Quarto does.
    """

    level: int
    identifier: str
    number: str
    text: str
    listed: bool
    appendix: bool


@dataclass
class Numbers:
    """What a document's labels stand for.

    Parameters
    ----------
    targets : dict of str to tuple of (str, str)
        For each label its kind (``fig``, ``tbl``, ``sec``, ``eq``, ``nte``, …) and its number.
    headings : list of Heading
        In order.
    """

    targets: dict[str, tuple[str, str]]
    headings: list[Heading]


def number_document(blocks: list[Any], settings: Settings, *, strict: bool) -> Numbers:
    """Set the label of every float and callout, put numbers into headings and equations, and list labels.

    The blocks are changed in place; they belong to one format's copy of the tree.

    Parameters
    ----------
    blocks : list
        Structured blocks of one format.
    settings : Settings
        Language and numbering.
    strict : bool
        Refuse what Quarto lets pass.

    Returns
    -------
    Numbers

    Raises
    ------
    ContractError
        E-605 if a captioned float has no label, E-607 if a heading's level is skipped, E-608 if a label
        stands twice.
    """
    return _Count(settings, strict).all(blocks)


class _Count:
    def __init__(self, settings: Settings, strict: bool) -> None:
        self.settings, self.strict = settings, strict
        self.words = generated_words(settings.lang)
        self.found = Numbers({}, [])
        self.counts: dict[str, int] = {}
        self.sections: list[int] = []
        self.base = 1
        self.seen: dict[str, int] = {"fig": 0, "tbl": 0}

    def all(self, blocks: list[Any]) -> Numbers:
        levels = [
            block["c"][0] for block in _blocks(blocks) if isinstance(block, dict) and block["t"] == "Header"
        ]
        self.base = min(levels, default=1)
        for block in _blocks(blocks):
            if isinstance(block, Float):
                self._float(block)
            elif isinstance(block, Callout):
                self._callout(block)
            elif block["t"] == "Header":
                self._heading(block)
        return self.found

    def _next(self, kind: str) -> str:
        self.counts[kind] = self.counts.get(kind, 0) + 1
        return str(self.counts[kind])

    def _target(self, label: str, kind: str, number: str) -> None:
        if label in self.found.targets:
            raise ContractError("E-608", document=self.settings.document, label=label)
        self.found.targets[label] = (kind, number)

    def _float(self, block: Float) -> None:
        if block.is_part:
            return
        self.seen[block.kind] += 1
        if not block.identifier:
            if self.strict and block.caption:
                place = self.seen[block.kind]
                raise ContractError("E-605", document=self.settings.document, kind=block.kind, number=place)
            return
        number = self._next(block.kind)
        block.label = f"{self.words[block.kind]}{HARD_SPACE}{number}"
        self._target(block.identifier, block.kind, number)
        for i, part in enumerate(block.parts):
            letter = chr(ord("a") + i)
            part.label = f"({letter})"
            # Quarto writes the letter of a sub-figure in two ways.
            joined = f"{number}{letter}" if self.settings.form == "typst" else f"{number} ({letter})"
            if part.identifier:
                self._target(part.identifier, block.kind, joined)

    def _callout(self, block: Callout) -> None:
        if block.identifier:
            kind = _BOXES[block.kind]
            count = self._next(kind)
            block.label = f"{self.words[block.kind]}{HARD_SPACE}{count}"
            self._target(block.identifier, kind, count)

    def _heading(self, block: dict[str, Any]) -> None:
        level, (identifier, classes, _), inlines = block["c"]
        above = self.found.headings[-1].level if self.found.headings else self.base - 1
        if self.strict and level > above + 1:
            place = len(self.found.headings) + 1
            raise ContractError(
                "E-607", document=self.settings.document, number=place, above=above, level=level
            )
        text = plain_text(inlines)
        number = ""
        if self.settings.number_sections and "unnumbered" not in classes:
            number = self._section(level)
            shown = f"{number}." if self.settings.form == "docx" and level == self.base else number
            block["c"][2] = [_section_number(shown, self.settings.form), space(), *inlines]
            self._target(identifier, "sec", number)
        elif identifier.startswith("sec-"):
            self._target(identifier, "sec", "")
        listed = "unlisted" not in classes
        self.found.headings.append(Heading(level, identifier, number, text, listed, "appendix" in classes))

    def _section(self, level: int) -> str:
        depth = level - self.base
        self.sections = [*self.sections[: depth + 1], *[0] * (depth + 1 - len(self.sections))]
        self.sections[depth] += 1
        if self.settings.form != "typst":
            return ".".join(str(count) for count in self.sections)
        return section_number(self.settings.section_numbering, self.sections)


def section_number(pattern: str, counts: list[int]) -> str:
    """Write a section's number by a pattern such as ``1.1.a``; the last symbol goes on.

    Examples
    --------
    >>> section_number("1.1.a", [2, 1, 3])
    '2.1.c'
    """
    symbols = list(_SYMBOL.finditer(pattern))
    if not symbols:
        return ".".join(str(count) for count in counts)
    made = pattern[: symbols[0].start()]
    for i, count in enumerate(counts):
        at = min(i, len(symbols) - 1)
        if i:
            made += pattern[symbols[at - 1].end() : symbols[at].start()] if at else "."
        made += _counted(symbols[at][0], count)
    return made


def _counted(symbol: str, count: int) -> str:
    if symbol in "aA":
        letter = chr(ord("a") + (count - 1) % 26)
        return letter if symbol == "a" else letter.upper()
    if symbol in "iI":
        steps = ((10, "x"), (9, "ix"), (5, "v"), (4, "iv"), (1, "i"))
        made = ""
        for value, mark in steps:
            while count >= value:
                made, count = made + mark, count - value
        return made if symbol == "i" else made.upper()
    return str(count)


def _section_number(shown: str, form: str) -> Any:
    if form == "html":
        return node("Span", attr("", ["header-section-number"]), [string(shown)])
    return string(shown)


def _blocks(blocks: list[Any]) -> list[Any]:
    """List blocks in reading order, outer before inner."""
    from platform_utils.render.nodes import blocks_of

    made: list[Any] = []
    for block in blocks:
        made.append(block)
        if isinstance(block, Float):
            made.extend(part for part in block.parts)
        for inner in blocks_of(block):
            made.extend(_blocks(inner))
    return made
