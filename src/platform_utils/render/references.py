"""Cross-references become links, and equations get their numbers."""

from __future__ import annotations

import re
from typing import Any

from platform_utils.errors import ContractError
from platform_utils.render.nodes import attr, map_inlines, node, space, string
from platform_utils.render.numbering import HARD_SPACE, Numbers
from platform_utils.render.settings import Settings
from platform_utils.render.words import generated_words

__all__ = ["number_equations", "resolve_references"]

_REFERENCE = re.compile(r"(fig|tbl|sec|eq|nte|tip|wrn|imp|cau|lst|thm|lem|cor|prp|def|exm|exr)-\S+")
# Quarto does not translate these in references.
_BOX_WORDS = {"nte": "Note", "tip": "Tip", "wrn": "Warning", "imp": "Important", "cau": "Caution"}


def number_equations(blocks: list[Any], numbers: Numbers, settings: Settings) -> list[Any]:
    """Give every labelled equation its number, and list it.

    Parameters
    ----------
    blocks : list
        Structured blocks of one format.
    numbers : Numbers
        Gets the equations' labels.
    settings : Settings
        The format decides where the number stands.

    Returns
    -------
    list
        Blocks in which a labelled equation is a ``Span`` with class ``equation`` and attribute ``number``.

    Raises
    ------
    ContractError
        E-608 if a label stands twice.
    """
    count = 0

    def change(item: dict[str, Any]) -> list[Any] | None:
        nonlocal count
        if item["t"] != "Span" or "equation" not in item["c"][0][1]:
            return None
        label = item["c"][0][0]
        count += 1
        if label in numbers.targets:
            raise ContractError("E-608", document=settings.document, label=label)
        numbers.targets[label] = ("eq", str(count))
        math = item["c"][1][0]
        if settings.form != "typst":
            tex = math["c"][1].strip("\n")
            math = node("Math", math["c"][0], f"{tex} \\qquad({count})")
        return [node("Span", attr(label, ["equation"], number=str(count)), [math])]

    changed: list[Any] = map_inlines(blocks, change)
    return changed


def resolve_references(blocks: list[Any], numbers: Numbers, settings: Settings, *, strict: bool) -> list[Any]:
    """Put word and number in place of every cross-reference.

    Parameters
    ----------
    blocks : list
        Structured blocks of one format.
    numbers : Numbers
        What labels stand for.
    settings : Settings
        Language and format.
    strict : bool
        Refuse what Quarto prints as a question mark.

    Returns
    -------
    list
        Blocks in which only citations of literature are left.

    Raises
    ------
    ContractError
        E-604 if a label is not there, E-618 if a section has no number.
    """
    words = generated_words(settings.lang)

    def one(citation: dict[str, Any]) -> list[Any]:
        label = citation["citationId"]
        kind, number = numbers.targets.get(label, ("", ""))
        if not number:
            if strict:
                code = "E-618" if kind else "E-604"
                raise ContractError(code, document=settings.document, label=f"@{label}")
            return [node("Strong", [string(f"?@{label}")])]
        prefix, mode = citation["citationPrefix"], citation["citationMode"]["t"]
        if mode == "SuppressAuthor":
            shown = [string(number)]
        elif prefix:
            shown = [*prefix, string(HARD_SPACE + number)]
        else:
            word = _BOX_WORDS.get(kind) or words[kind]
            shown = [string(f"{word}{HARD_SPACE}{number}")]
        return [
            node("Link", attr("", ["quarto-xref"]), shown, [f"#{label}", ""]),
            *citation["citationSuffix"],
        ]

    def change(item: dict[str, Any]) -> list[Any] | None:
        if item["t"] != "Cite" or not all(_REFERENCE.fullmatch(each["citationId"]) for each in item["c"][0]):
            return None
        made: list[Any] = []
        for number, citation in enumerate(item["c"][0]):
            if number:
                made += [string(","), space()]
            made += one(citation)
        return made

    changed: list[Any] = map_inlines(blocks, change)
    return changed
