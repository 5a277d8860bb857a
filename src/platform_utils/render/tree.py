"""pandoc's document tree as plain Python, the three nodes that Quarto adds to it, and pandoc itself.

pandoc's own nodes are ``{"t": type, "c": content}``. A float, a callout and a layout are objects of ours
until a writer turns them into what its format calls for. pandoc comes in the wheel ``pypandoc_binary`` and is
called as a program.
"""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from functools import cache
from pathlib import Path
from typing import Any, TypeGuard

from platform_utils.errors import ContractError

Attr = list[Any]
Rules = Mapping[Any, Callable[[Any], "list[Any] | None"]]
"""By pandoc's type, or by class of ours: what gives the nodes that stand in a node's place."""

_API = [1, 23, 1]


@dataclass
class Float:
    """A figure or table with a label: what a cross-reference can point at.

    Parameters
    ----------
    identifier : str
        ``fig-…`` or ``tbl-…``; empty for a captioned figure without a label.
    kind : str
        ``"fig"`` or ``"tbl"``.
    caption : list of inlines
        The author's caption, without word and number.
    body : list of blocks
        The image or table.
    notes : list of blocks
        What stands under a table in smaller type.
    label : str
        ``"Figur 1"``, set by the numbering.
    """

    identifier: str
    kind: str
    caption: list[Any]
    body: list[Any] = field(default_factory=list)
    notes: list[Any] = field(default_factory=list)
    label: str = ""

    def full_caption(self) -> list[Any]:
        """Return the caption as readers see it: number in bold, then the author's words."""
        if not self.label:
            return self.caption
        mark = f"{self.label}:" if self.caption else self.label
        shown = [node("Strong", [string(mark)])]
        return [*shown, space(), *self.caption] if self.caption else shown


@dataclass
class Callout:
    """A box beside the text.

    Parameters
    ----------
    kind : str
        ``note``, ``tip``, ``warning``, ``important`` or ``caution``.
    title : list of inlines or None
        The author's title; None for the kind's own word.
    collapsed : bool or None
        Whether HTML folds it; None if it cannot be folded.
    word : str
        The kind's own word, set by the numbering.
    """

    kind: str
    title: list[Any] | None
    body: list[Any]
    collapsed: bool | None = None
    word: str = ""

    def full_title(self) -> list[Any]:
        """Return the title as readers see it."""
        return [string(self.word)] if self.title is None else self.title


@dataclass
class Layout:
    """Blocks side by side."""

    columns: int
    body: list[Any]


def node(kind: str, *content: Any) -> dict[str, Any]:
    """Return a node of pandoc's tree; one content stands alone, several as a list."""
    if not content:
        return {"t": kind}
    return {"t": kind, "c": content[0] if len(content) == 1 else list(content)}


def attr(identifier: str = "", classes: list[str] | None = None, **pairs: str) -> Attr:
    """Return an attribute triple."""
    return [identifier, classes or [], [[key.replace("_", "-"), value] for key, value in pairs.items()]]


def string(text: str) -> dict[str, Any]:
    """Return a ``Str``."""
    return node("Str", text)


def space() -> dict[str, Any]:
    """Return a ``Space``."""
    return node("Space")


def words(text: str) -> list[dict[str, Any]]:
    """Return plain text as inlines; hard spaces stay inside their words."""
    made: list[dict[str, Any]] = []
    for number, word in enumerate(text.split(" ")):
        if number:
            made.append(space())
        if word:
            made.append(string(word))
    return made


def raw_block(form: str, text: str) -> dict[str, Any]:
    """Return a raw block in a target format."""
    return node("RawBlock", form, text)


def raw_inline(form: str, text: str) -> dict[str, Any]:
    """Return a raw inline in a target format."""
    return node("RawInline", form, text)


def is_kind(item: Any, *kinds: str) -> TypeGuard[dict[str, Any]]:
    """Say whether something is one of pandoc's nodes, of one of these types."""
    return isinstance(item, dict) and item.get("t") in kinds


def walk(tree: Any) -> Iterator[Any]:
    """Yield every node of a tree, parents first, in reading order."""
    # Words and spaces are most of a document: a list that is worked off is half as slow as recursion.
    waiting = [tree]
    while waiting:
        item = waiting.pop()
        if isinstance(item, list):
            waiting.extend(reversed(item))
        elif isinstance(item, dict):
            if "t" in item:
                yield item
            waiting.extend(reversed([value for value in item.values() if isinstance(value, list | dict)]))
        elif isinstance(item, Float | Callout | Layout):
            yield item
            waiting.extend(getattr(item, one.name) for one in reversed(fields(item)))


def map_nodes(tree: Any, rules: Rules) -> Any:
    """Return a tree with its nodes changed from the outside in.

    Parameters
    ----------
    rules : mapping
        A rule gives the nodes that stand in a node's place, which are not looked at again, or None to look
        inside the node.
    """
    if isinstance(tree, list):
        made: list[Any] = []
        for item in tree:
            rule = rules.get(item.get("t") if isinstance(item, dict) else type(item))
            new = rule(item) if rule else None
            made.extend([map_nodes(item, rules)] if new is None else new)
        return made
    if isinstance(tree, dict):
        if not isinstance(tree.get("c", tree), list | dict):
            return tree
        return {key: map_nodes(value, rules) for key, value in tree.items()}
    if isinstance(tree, Float | Callout | Layout):
        return replace(tree, **{one.name: map_nodes(getattr(tree, one.name), rules) for one in fields(tree)})
    return tree


def plain_text(tree: Any) -> str:
    """Return the text of inlines or blocks, markup removed."""
    made: list[str] = []
    for item in [tree] if isinstance(tree, dict) else tree:
        kind: str = item.get("t", "")
        content: Any = item.get("c")
        if kind == "Str":
            made.append(content)
        elif kind in ("Space", "SoftBreak", "LineBreak"):
            made.append(" ")
        elif kind in ("Code", "Math"):
            made.append(content[1])
        elif kind == "Quoted":
            marks = ("‘", "’") if content[0]["t"] == "SingleQuote" else ("“", "”")
            made.append(f"{marks[0]}{plain_text(content[1])}{marks[1]}")
        elif kind in _TEXT_AT:
            place = _TEXT_AT[kind]
            made.append(plain_text(content if place is None else content[place]))
    return "".join(made)


def unlinked(item: Any) -> list[Any] | None:
    """Return the words of a link to a file beside the document: a file that is handed on has none."""
    target: str = item["c"][2][0]
    inside = target.startswith("#") or ":" in target.partition("/")[0]
    return None if inside else list(item["c"][1])


_TEXT_AT = {
    **dict.fromkeys(("Emph", "Strong", "Underline", "Strikeout", "Superscript", "Subscript", "SmallCaps")),
    **dict.fromkeys(("Para", "Plain")),
    **dict.fromkeys(("Link", "Span", "Image", "Cite"), 1),
    "Header": 2,
}
"""Where a node's own inlines stand in its content; None if they are all of it."""


def read_tree(text: str, form: str) -> dict[str, Any]:
    """Read text in one of pandoc's formats.

    Raises
    ------
    ContractError
        E-611 if pandoc refuses.
    """
    tree: dict[str, Any] = json.loads(run_pandoc(text.encode(), ["-f", form, "-t", "json"]))
    return tree


def write_tree(
    blocks: list[Any],
    meta: Mapping[str, Any],
    form: str,
    arguments: Sequence[str] = (),
    cwd: Path | None = None,
) -> bytes:
    """Write blocks and metadata in one of pandoc's formats.

    Raises
    ------
    ContractError
        E-611 if pandoc refuses.
    """
    tree = {"pandoc-api-version": _API, "meta": meta, "blocks": blocks}
    data = json.dumps(tree, ensure_ascii=False).encode()
    return run_pandoc(data, ["-f", "json", "-t", form, *arguments], cwd)


def run_pandoc(data: bytes, arguments: Sequence[str], cwd: Path | None = None) -> bytes:
    """Return what pandoc makes of data.

    Raises
    ------
    ContractError
        E-611 if it refuses.
    """
    command = [_program(), "+RTS", "-M2G", "-RTS", *arguments]
    done = subprocess.run(command, input=data, capture_output=True, cwd=cwd, check=False)
    if done.returncode:
        raise ContractError("E-611", status=done.returncode)
    return done.stdout


@cache
def _program() -> str:
    import pypandoc

    return str(pypandoc.get_pandoc_path())
