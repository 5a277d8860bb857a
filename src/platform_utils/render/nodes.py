"""pandoc's document tree as plain Python, and the three nodes that Quarto adds to it.

pandoc's own nodes are ``{"t": type, "c": content}``. A float, a callout and a layout are objects of ours
until a writer turns them into what its format calls for.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

__all__ = [
    "Attr",
    "Callout",
    "Float",
    "Layout",
    "attr",
    "blocks_of",
    "map_blocks",
    "map_inlines",
    "node",
    "plain_text",
    "raw_block",
    "raw_inline",
    "space",
    "string",
    "walk",
    "words",
]

Attr = list[Any]
_WRAPPERS = {"Emph", "Strong", "Underline", "Strikeout", "Superscript", "Subscript", "SmallCaps"}


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
        The image or table; empty where ``parts`` holds it.
    parts : list of Float
        Sub-figures or sub-tables.
    notes : list of blocks
        What stands under a table in smaller type.
    columns : int
        How many parts stand side by side.
    label : str
        ``"Figur 1"`` or ``"(a)"``, set by the numbering.
    """

    identifier: str
    kind: str
    caption: list[Any]
    body: list[Any] = field(default_factory=list)
    parts: list[Float] = field(default_factory=list)
    notes: list[Any] = field(default_factory=list)
    columns: int = 1
    label: str = ""
    is_part: bool = False

    def full_caption(self) -> list[Any]:
        """Return the caption as readers see it: number in bold, then the author's words."""
        if not self.label:
            return self.caption
        mark = self.label if self.is_part or not self.caption else f"{self.label}:"
        shown = [{"t": "Strong", "c": [string(mark)]}]
        return [*shown, space(), *self.caption] if self.caption else shown


@dataclass
class Callout:
    """A box beside the text.

    Parameters
    ----------
    identifier : str
        ``nte-…`` and the like, or empty.
    kind : str
        ``note``, ``tip``, ``warning``, ``important`` or ``caution``.
    title : list of inlines or None
        The author's title; None for the kind's own word.
    body : list of blocks
        The text.
    style : str
        ``default`` or ``simple``; a simple one has no title of its own.
    collapsed : bool or None
        Whether HTML folds it; None if it cannot be folded.
    label : str
        ``"Notera 1"``, set by the numbering.
    """

    identifier: str
    kind: str
    title: list[Any] | None
    body: list[Any]
    style: str = "default"
    collapsed: bool | None = None
    label: str = ""

    def full_title(self, word: str) -> list[Any]:
        """Return the title as readers see it; ``word`` is the kind's own."""
        if self.title is None:
            return [string(self.label or word)]
        return [string(f"{self.label}:"), space(), *self.title] if self.label else self.title


@dataclass
class Layout:
    """Blocks side by side, without a caption of their own."""

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
    return {"t": "Str", "c": text}


def space() -> dict[str, Any]:
    """Return a ``Space``."""
    return {"t": "Space"}


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
    return {"t": "RawBlock", "c": [form, text]}


def raw_inline(form: str, text: str) -> dict[str, Any]:
    """Return a raw inline in a target format."""
    return {"t": "RawInline", "c": [form, text]}


def walk(tree: Any) -> Iterator[Any]:
    """Yield every node of a tree, parents first, in reading order."""
    waiting = [tree]
    while waiting:
        item = waiting.pop()
        if isinstance(item, dict):
            if "t" not in item:
                waiting.extend(reversed(item.values()))
                continue
            yield item
            content = item.get("c")
            if isinstance(content, list | dict):
                waiting.append(content)
        elif isinstance(item, list):
            waiting.extend(reversed(item))
        elif isinstance(item, Float):
            yield item
            waiting += [item.notes, item.parts, item.body, item.caption]
        elif isinstance(item, Callout):
            yield item
            waiting += [item.body, item.title or []]
        elif isinstance(item, Layout):
            yield item
            waiting.append(item.body)


def map_blocks(blocks: list[Any], change: Callable[[Any], list[Any] | None]) -> list[Any]:
    """Return blocks changed from the outside in: ``change`` gives new blocks, or None to look inside."""
    made: list[Any] = []
    for block in blocks:
        new = change(block)
        if new is None:
            made.append(_inside(block, lambda inner: map_blocks(inner, change)))
        else:
            made.extend(new)
    return made


def blocks_of(block: Any) -> list[list[Any]]:
    """Return the lists of blocks that stand directly inside a block."""
    found: list[list[Any]] = []

    def note(inner: list[Any]) -> list[Any]:
        found.append(inner)
        return inner

    _inside(block, note)
    return found


def _inside(block: Any, change: Callable[[list[Any]], list[Any]]) -> Any:
    """Return a block with every list of blocks in it changed."""
    if isinstance(block, Float):
        parts = [_inside(part, change) for part in block.parts]
        return _replaced(block, body=change(block.body), notes=change(block.notes), parts=parts)
    if isinstance(block, Callout | Layout):
        return _replaced(block, body=change(block.body))
    kind: str = block["t"]
    content: Any = block.get("c")
    if kind in ("Div", "BlockQuote", "Figure"):
        if kind == "BlockQuote":
            return {"t": kind, "c": change(content)}
        return {"t": kind, "c": [*content[:-1], change(content[-1])]}
    if kind == "BulletList":
        return {"t": kind, "c": [change(item) for item in content]}
    if kind == "OrderedList":
        return {"t": kind, "c": [content[0], [change(item) for item in content[1]]]}
    if kind == "DefinitionList":
        return {"t": kind, "c": [[term, [change(one) for one in given]] for term, given in content]}
    if kind == "Table":
        return {"t": kind, "c": [*content[:3], *_in_rows(content[3:], change)]}
    return block


def _in_rows(part: Any, change: Callable[[list[Any]], list[Any]]) -> Any:
    """Change the blocks of every cell: a cell is ``[attr, align, rows, columns, blocks]``."""
    if not isinstance(part, list):
        return part
    if len(part) == 5 and isinstance(part[1], dict) and str(part[1].get("t", "")).startswith("Align"):
        return [*part[:4], change(part[4])]
    return [_in_rows(item, change) for item in part]


def map_inlines(tree: Any, change: Callable[[dict[str, Any]], list[Any] | None]) -> Any:
    """Return a tree with every inline node changed, from the outside in.

    ``change`` gives the inlines that replace a node, or None to look inside it.
    """
    if isinstance(tree, list):
        made: list[Any] = []
        for item in tree:
            if isinstance(item, str | int | float):
                made.append(item)
                continue
            new = change(item) if isinstance(item, dict) and "t" in item else None
            if new is None:
                made.append(map_inlines(item, change))
            else:
                made.extend(new)
        return made
    if isinstance(tree, Float):
        return _replaced(
            tree,
            caption=map_inlines(tree.caption, change),
            body=map_inlines(tree.body, change),
            parts=map_inlines(tree.parts, change),
            notes=map_inlines(tree.notes, change),
        )
    if isinstance(tree, Callout):
        title = None if tree.title is None else map_inlines(tree.title, change)
        return _replaced(tree, title=title, body=map_inlines(tree.body, change))
    if isinstance(tree, Layout):
        return _replaced(tree, body=map_inlines(tree.body, change))
    if isinstance(tree, dict):
        if "t" not in tree:
            return {key: map_inlines(value, change) for key, value in tree.items()}
        content = tree.get("c")
        # Words and spaces are most of a document, and have nothing inside.
        if not isinstance(content, list | dict):
            return tree
        return {"t": tree["t"], "c": map_inlines(content, change)}
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
        elif kind in ("Link", "Span", "Image", "Cite", "Header"):
            made.append(plain_text(content[{"Cite": 1, "Header": 2}.get(kind, 1)]))
        elif kind in _WRAPPERS or kind in ("Para", "Plain"):
            made.append(plain_text(content))
    return "".join(made)


def _replaced(item: Any, **changes: Any) -> Any:
    import dataclasses

    return dataclasses.replace(item, **changes)
