"""Numbers for sections, figures, tables, equations and boxes, and the cross-references that name them.

One format's copy of the structured blocks enters; it leaves with labels set and references resolved.
Figures, tables and equations count through the document, also with numbered sections.
"""

from __future__ import annotations

import itertools
import re
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
from platform_utils.render.words import generated_words

__all__ = ["Heading", "Numbers", "number_document", "number_equations", "resolve_references"]

_HARD_SPACE = "\u00a0"
_REFERENCE = re.compile(r"(fig|tbl|sec|eq|nte|tip|wrn|imp|cau|lst|thm|lem|cor|prp|def|exm|exr)-\S+")
# Quarto does not translate these in references.
_BOX_WORDS = {"nte": "Note", "tip": "Tip", "wrn": "Warning", "imp": "Important", "cau": "Caution"}
_BOXES = {"note": "nte", "tip": "tip", "warning": "wrn", "important": "imp", "caution": "cau"}
_SYMBOL = re.compile(r"[1aAiI]")


@dataclass(frozen=True)
class Heading:
    """A heading as contents lists show it.

    Parameters
    ----------
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


def number_document(blocks: list[Any], settings: Settings, *, strict: bool) -> Numbers:
    """Set the label of every float and callout, put numbers into headings and equations, and list labels.

    The blocks are changed in place; they belong to one format's copy of the tree.

    Parameters
    ----------
    strict : bool
        Refuse what Quarto lets pass.

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
        found = [
            item for item in walk(blocks) if isinstance(item, Float | Callout) or is_kind(item, "Header")
        ]
        self.base = min((item["c"][0] for item in found if is_kind(item, "Header")), default=1)
        for item in found:
            if isinstance(item, Float):
                self._float(item)
            elif isinstance(item, Callout):
                self._callout(item)
            else:
                self._heading(item)
        return self.found

    def _next(self, kind: str) -> str:
        self.counts[kind] = self.counts.get(kind, 0) + 1
        return str(self.counts[kind])

    def _float(self, block: Float) -> None:
        if block.is_part:
            return
        self.seen[block.kind] += 1
        if not block.identifier:
            if self.strict and block.caption:
                place = self.seen[block.kind]
                raise ContractError("E-605", kind=block.kind, number=place)
            return
        number = self._next(block.kind)
        block.label = f"{self.words[block.kind]}{_HARD_SPACE}{number}"
        self.found.add(block.identifier, block.kind, number)
        for i, part in enumerate(block.parts):
            letter = chr(ord("a") + i)
            part.label = f"({letter})"
            # Quarto writes the letter of a sub-figure in two ways.
            joined = f"{number}{letter}" if self.settings.form == "typst" else f"{number} ({letter})"
            if part.identifier:
                self.found.add(part.identifier, block.kind, joined)

    def _callout(self, block: Callout) -> None:
        block.word = self.words[block.kind]
        if block.identifier:
            kind = _BOXES[block.kind]
            number = self._next(kind)
            block.label = f"{block.word}{_HARD_SPACE}{number}"
            self.found.add(block.identifier, kind, number)

    def _heading(self, block: dict[str, Any]) -> None:
        level, (identifier, classes, _), inlines = block["c"]
        above = self.found.headings[-1].level if self.found.headings else self.base - 1
        if self.strict and level > above + 1:
            place = len(self.found.headings) + 1
            raise ContractError("E-607", number=place, above=above, level=level)
        text = plain_text(inlines)
        number = ""
        if self.settings.number_sections and "unnumbered" not in classes:
            number = self._section(level)
            # Quarto's Word documents have a full stop after the number of a chapter, and only there.
            shown = f"{number}." if self.settings.form == "docx" and level == self.base else number
            block["c"][2] = [_section_number(shown, self.settings.form), space(), *inlines]
            self.found.add(identifier, "sec", number)
        elif identifier.startswith("sec-"):
            self.found.add(identifier, "sec", "")
        listed = "unlisted" not in classes
        self.found.headings.append(Heading(level, identifier, number, text, listed, "appendix" in classes))

    def _section(self, level: int) -> str:
        depth = level - self.base
        self.sections = [*self.sections[: depth + 1], *[0] * (depth + 1 - len(self.sections))]
        self.sections[depth] += 1
        if self.settings.form != "typst":
            return ".".join(str(count) for count in self.sections)
        return section_number(self.settings.section_numbering, self.sections)


def number_equations(blocks: list[Any], numbers: Numbers, form: str) -> list[Any]:
    """Give every labelled equation its number, and list it.

    Returns
    -------
    list
        Blocks in which a labelled equation is a ``Span`` with class ``equation`` and attribute ``number``.

    Raises
    ------
    ContractError
        E-608 if a label stands twice.
    """
    equations = itertools.count(1)

    def change(item: dict[str, Any]) -> list[Any] | None:
        (label, classes, _), inlines = item["c"]
        if "equation" not in classes:
            return None
        number = str(next(equations))
        numbers.add(label, "eq", number)
        math = inlines[0]
        if form != "typst":
            tex = math["c"][1].strip("\n")
            math = node("Math", math["c"][0], f"{tex} \\qquad({number})")
        return [node("Span", attr(label, ["equation"], number=number), [math])]

    changed: list[Any] = map_nodes(blocks, {"Span": change})
    return changed


def resolve_references(blocks: list[Any], numbers: Numbers, lang: str, *, strict: bool) -> list[Any]:
    """Put word and number in place of every cross-reference; only citations of literature are left.

    Parameters
    ----------
    strict : bool
        Refuse what Quarto prints as a question mark.

    Raises
    ------
    ContractError
        E-604 if a label is not there, E-618 if a section has no number.
    """
    words = generated_words(lang)

    def one(citation: dict[str, Any]) -> list[Any]:
        label = citation["citationId"]
        kind, number = numbers.targets.get(label, ("", ""))
        if not number:
            if strict:
                code = "E-618" if kind else "E-604"
                raise ContractError(code, label=f"@{label}")
            return [node("Strong", [string(f"?@{label}")])]
        prefix, mode = citation["citationPrefix"], citation["citationMode"]["t"]
        if mode == "SuppressAuthor":
            shown = [string(number)]
        elif prefix:
            shown = [*prefix, string(_HARD_SPACE + number)]
        else:
            word = _BOX_WORDS.get(kind) or words[kind]
            shown = [string(f"{word}{_HARD_SPACE}{number}")]
        return [
            node("Link", attr("", ["quarto-xref"]), shown, [f"#{label}", ""]),
            *citation["citationSuffix"],
        ]

    def change(item: dict[str, Any]) -> list[Any] | None:
        if not all(_REFERENCE.fullmatch(each["citationId"]) for each in item["c"][0]):
            return None
        made: list[Any] = []
        for number, citation in enumerate(item["c"][0]):
            if number:
                made += [string(","), space()]
            made += one(citation)
        return made

    changed: list[Any] = map_nodes(blocks, {"Cite": change})
    return changed


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
