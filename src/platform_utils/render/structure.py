"""pandoc's tree becomes Quarto's: floats, callouts, layouts, labelled equations, shortcodes.

A tree enters; a new one leaves in which every feature that Quarto adds to pandoc is either one of our
nodes or has been refused by name.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from platform_utils.errors import ContractError
from platform_utils.render.assemble import HTML_PIECE
from platform_utils.render.nodes import (
    Callout,
    Float,
    Layout,
    attr,
    map_blocks,
    map_inlines,
    node,
    plain_text,
)

__all__ = ["CALLOUTS", "structure"]

CALLOUTS = ("note", "tip", "warning", "important", "caution")
_LABEL = re.compile(r"\{#(eq-[^\s}]+)\}")
_FLOAT = re.compile(r"(fig|tbl)-\S+")
_NOT_SUPPORTED_IDS = re.compile(r"(lst|thm|lem|cor|prp|cnj|def|exm|exr|sol|rem|alg)-\S+")
_NOT_SUPPORTED = {
    "aside", "incremental", "nonincremental", "fragment", "columns", "column", "landscape",
    "theorem", "proof", "hidden", "output-location", "code-annotation", "grid", "list-table",
}  # fmt: skip
_NOT_SUPPORTED_STARTS = ("column-", "panel-", "g-col-", "content-visible-")
_NOTES = {"table-note", "table-notes"}


def structure(
    blocks: list[Any], pieces: Sequence[list[Any]], meta: Mapping[str, list[Any]], document: str
) -> list[Any]:
    """Turn pandoc's blocks into Quarto's.

    Parameters
    ----------
    blocks : list
        pandoc's blocks.
    pieces : sequence of lists of blocks
        HTML outputs as pandoc read them, by the number that a raw block names.
    meta : mapping of str to list of inlines
        What ``{{< meta … >}}`` can name.
    document : str
        What messages call the document.

    Returns
    -------
    list
        Blocks, some of them `Float`, `Callout` or `Layout`.

    Raises
    ------
    ContractError
        E-601 if something is not supported.
    """

    def ready(piece: list[Any]) -> list[Any]:
        checked = map_inlines(piece, lambda item: _unsupported_inline(item, document))
        return list(map_inlines(checked, _equation_inside))

    made = _structured(ready(blocks), [ready(piece) for piece in pieces], document)
    return _without_shortcodes(made, meta, document)


def _structured(blocks: list[Any], pieces: Sequence[list[Any]], document: str) -> list[Any]:
    def inside(inner: list[Any]) -> list[Any]:
        return _structured(inner, pieces, document)

    def change(block: Any) -> list[Any] | None:
        if not isinstance(block, dict):
            return None
        kind: str = block["t"]
        content: Any = block.get("c")
        if kind == "RawBlock" and content[0] == HTML_PIECE:
            return inside(pieces[int(content[1])])
        if kind == "Div":
            return _div(content, inside, document)
        if kind == "Figure":
            return [_figure(content)]
        if kind == "Table":
            return _table(content)
        if kind in ("Para", "Plain") and plain_text(content) == "{{< pagebreak >}}":
            return [node("Div", attr("", ["page-break"]), [])]
        return None

    return _with_notes(map_blocks(blocks, change))


def _div(content: list[Any], inside: Any, document: str) -> list[Any] | None:
    (identifier, classes, pairs), inner = content
    options = dict(pairs)
    _check(identifier, classes, options, document)
    callout = next((name for name in classes if name.startswith("callout-")), None)
    if callout:
        return [_callout(callout.removeprefix("callout-"), identifier, options, inside(inner), document)]
    unlabelled = next((name for name in classes if name.startswith("unlabelled-")), None)
    if _FLOAT.fullmatch(identifier) or unlabelled:
        kind = identifier[:3] if identifier else str(unlabelled)[-3:]
        return [_float(identifier, kind, options, inside(inner), document)]
    if "layout-ncol" in options:
        return [Layout(_columns(options, document), inside(inner))]
    return None


def _check(identifier: str, classes: Sequence[str], options: Mapping[str, str], document: str) -> None:
    for name in classes:
        if name in _NOT_SUPPORTED or name.startswith(_NOT_SUPPORTED_STARTS):
            raise ContractError("E-601", document=document, feature=f".{name}")
    if _NOT_SUPPORTED_IDS.fullmatch(identifier):
        raise ContractError("E-601", document=document, feature=f"#{identifier.split('-', maxsplit=1)[0]}-")
    for name in options:
        if name.startswith("layout") and name != "layout-ncol":
            raise ContractError("E-601", document=document, feature=f"{name}=")


def _columns(options: Mapping[str, str], document: str) -> int:
    value = options.get("layout-ncol", "1")
    if not value.isdigit() or not int(value):
        raise ContractError("E-601", document=document, feature=f"layout-ncol={value}")
    return int(value)


def _callout(
    kind: str, identifier: str, options: Mapping[str, str], body: list[Any], document: str
) -> Callout:
    if kind not in CALLOUTS:
        raise ContractError("E-601", document=document, feature=f".callout-{kind}")
    style = options.get("appearance", "default")
    if style not in ("default", "simple", "minimal"):
        raise ContractError("E-601", document=document, feature=f"appearance={style}")
    title: list[Any] | None = None
    if body and isinstance(body[0], dict) and body[0]["t"] == "Header":
        title, body = body[0]["c"][2], body[1:]
    elif "title" in options:
        from platform_utils.render.nodes import words

        title = words(options["title"])
    collapse = options.get("collapse")
    return Callout(
        identifier=identifier,
        kind=kind,
        title=title,
        body=body,
        style="default" if style == "default" else "simple",
        collapsed=None if collapse is None else collapse == "true",
    )


def _float(identifier: str, kind: str, options: Mapping[str, str], body: list[Any], document: str) -> Float:
    parts = [block for block in body if isinstance(block, Float)]
    caption: list[Any] = []
    last = body[-1] if body else None
    if isinstance(last, dict) and last["t"] in ("Para", "Plain") and (len(body) > 1 or not _only_image(last)):
        caption, body = _without_caption_span(last["c"]), body[:-1]
    if len(parts) == 1 and not parts[0].identifier and not caption:
        caption, body = parts[0].caption, parts[0].body
        parts = []
    elif len(parts) == 1 and not parts[0].identifier and kind == "tbl":
        body, parts = parts[0].body, []
    notes = [block for block in body if _is_notes(block)]
    body = [block for block in body if not isinstance(block, Float) and not _is_notes(block)]
    for part in parts:
        part.is_part = True
    return Float(identifier, kind, caption, body, parts, notes, _columns(options, document))


def _only_image(block: Mapping[str, Any]) -> bool:
    return [item["t"] for item in block["c"]] == ["Image"]


def _without_caption_span(inlines: list[Any]) -> list[Any]:
    if len(inlines) == 1 and inlines[0]["t"] == "Span" and "float-caption" in inlines[0]["c"][0][1]:
        found: list[Any] = inlines[0]["c"][1]
        return found
    return inlines


def _figure(content: list[Any]) -> Any:
    """Return the float of a picture that is a paragraph of its own: pandoc's figure."""
    (identifier, _, _), (_, caption), body = content
    inlines = caption[0]["c"] if caption else []
    identifier = identifier if identifier.startswith("fig-") else ""
    return Float(identifier, "fig", inlines, body)


def _table(content: list[Any]) -> list[Any]:
    """Return the float of a table with a caption or a label; any other table stays."""
    (identifier, _, _), (_, caption), *rest = content
    inlines = caption[0]["c"] if caption else []
    bare = node("Table", attr(), [None, []], *rest)
    if not inlines and not identifier.startswith("tbl-"):
        return [bare]
    return [Float(identifier if identifier.startswith("tbl-") else "", "tbl", inlines, [bare])]


def _is_notes(block: Any) -> bool:
    return isinstance(block, dict) and block["t"] == "Div" and bool(_NOTES.intersection(block["c"][0][1]))


def _with_notes(blocks: list[Any]) -> list[Any]:
    """Put notes that follow a table into it."""
    made: list[Any] = []
    for block in blocks:
        before = made[-1] if made else None
        if _is_notes(block) and isinstance(before, Float) and before.kind == "tbl":
            before.notes.append(block)
        else:
            made.append(block)
    return made


def _equation_inside(item: dict[str, Any]) -> list[Any] | None:
    """Look for ``$$…$$ {#eq-x}`` among the inlines of a paragraph-like node."""
    content = item.get("c")
    if item["t"] not in ("Para", "Plain", "Emph", "Strong", "Span") or not content:
        return None
    inlines = content[1] if item["t"] == "Span" else content
    changed = _labelled(inlines)
    if changed is None:
        return None
    return [{"t": item["t"], "c": [content[0], changed] if item["t"] == "Span" else changed}]


def _labelled(inlines: list[Any]) -> list[Any] | None:
    made: list[Any] = []
    found = False
    for item in inlines:
        match = _LABEL.match(item["c"]) if item.get("t") == "Str" else None
        back = 2 if made and made[-1]["t"] in ("Space", "SoftBreak") else 1
        math = made[-back] if len(made) >= back else None
        if match and math and math["t"] == "Math" and math["c"][0]["t"] == "DisplayMath":
            found = True
            del made[-back:]
            made.append(node("Span", attr(match[1], ["equation"]), [math]))
            if item["c"][match.end() :]:
                made.append({"t": "Str", "c": item["c"][match.end() :]})
        else:
            made.append(item)
    return made if found else None


def _unsupported_inline(item: dict[str, Any], document: str) -> list[Any] | None:
    if item["t"] in ("Span", "Code", "Link", "Image"):
        identifier, classes, _ = item["c"][0]
        _check("" if item["t"] == "Image" else identifier, classes, {}, document)
    if item["t"] == "RawInline" and item["c"][0] not in ("html", "typst", "openxml"):
        raise ContractError("E-601", document=document, feature=f"{{={item['c'][0]}}}")
    if item["t"] == "RawBlock" and item["c"][0] not in ("html", "typst", "openxml", HTML_PIECE):
        raise ContractError("E-601", document=document, feature=f"{{={item['c'][0]}}}")
    return None


def _without_shortcodes(tree: list[Any], meta: Mapping[str, list[Any]], document: str) -> list[Any]:
    def change(item: dict[str, Any]) -> list[Any] | None:
        kind: str = item["t"]
        content: Any = item.get("c")
        if kind in ("Para", "Plain", "Emph", "Strong") and _has_shortcode(content):
            return [{"t": kind, "c": _replaced(content, meta, document)}]
        if kind == "Span" and _has_shortcode(content[1]):
            return [{"t": kind, "c": [content[0], _replaced(content[1], meta, document)]}]
        if kind == "Header" and _has_shortcode(content[2]):
            return [{"t": kind, "c": [*content[:2], _replaced(content[2], meta, document)]}]
        if kind == "Str" and content.startswith("{{<"):
            raise ContractError("E-601", document=document, feature="{{< … >}}")
        return None

    changed: list[Any] = map_inlines(tree, change)
    return changed


def _has_shortcode(inlines: list[Any]) -> bool:
    return any(item.get("t") == "Str" and item["c"].endswith("{{<") for item in inlines)


def _replaced(inlines: list[Any], meta: Mapping[str, list[Any]], document: str) -> list[Any]:
    made: list[Any] = []
    rest = list(inlines)
    while rest:
        item = rest.pop(0)
        if item.get("t") != "Str" or not item["c"].endswith("{{<"):
            made.append(item)
            continue
        if item["c"] != "{{<":
            made.append({"t": "Str", "c": item["c"][:-3]})
        inner: list[Any] = []
        while rest and not (rest[0].get("t") == "Str" and rest[0]["c"].startswith(">}}")):
            inner.append(rest.pop(0))
        words = plain_text(inner).split()
        if not rest or len(words) != 2 or words[0] != "meta" or words[1] not in meta:
            raise ContractError("E-601", document=document, feature=f"{{{{< {' '.join(words)} >}}}}")
        made.extend(meta[words[1]])
        after = rest.pop(0)["c"][3:]
        if after:
            made.append({"t": "Str", "c": after})
    return made
