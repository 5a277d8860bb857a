"""pandoc's tree becomes Quarto's: floats, callouts, layouts, labelled equations, shortcodes.

A tree enters; a new one leaves in which every feature that Quarto adds to pandoc is either one of our
nodes or has been refused by name.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from platform_utils.errors import ContractError
from platform_utils.render.assemble import HTML_PIECE
from platform_utils.render.tree import (
    Callout,
    Float,
    Layout,
    Rules,
    attr,
    is_kind,
    map_nodes,
    node,
    plain_text,
    string,
    walk,
    words,
)

__all__ = ["structure"]

_CALLOUTS = ("note", "tip", "warning", "important", "caution")
_LABEL = re.compile(r"\{#(eq-[^\s}]+)\}")
_FLOAT = re.compile(r"(fig|tbl)-\S+")
_NOT_SUPPORTED_IDS = re.compile(r"(lst|thm|lem|cor|prp|cnj|def|exm|exr|sol|rem|alg)-\S+")
_NOT_SUPPORTED = {
    "aside", "incremental", "nonincremental", "fragment", "columns", "column", "landscape",
    "theorem", "proof", "hidden", "output-location", "code-annotation", "grid", "list-table",
}  # fmt: skip
_NOT_SUPPORTED_STARTS = ("column-", "panel-", "g-col-", "content-visible-")
_NOTES = {"table-note", "table-notes"}
_INLINES_AT = {**dict.fromkeys(("Para", "Plain", "Emph", "Strong")), "Span": 1, "Header": 2}
"""Where a node's inlines stand in its content; None if they are all of it."""


def structure(blocks: list[Any], pieces: Sequence[list[Any]], meta: Mapping[str, list[Any]]) -> list[Any]:
    """Turn pandoc's blocks into Quarto's.

    Parameters
    ----------
    pieces : sequence of lists of blocks
        HTML outputs as pandoc read them, by the number that a raw block names.
    meta : mapping of str to list of inlines
        What ``{{< meta … >}}`` can name.

    Returns
    -------
    list
        Blocks, some of them `Float`, `Callout` or `Layout`.

    Raises
    ------
    ContractError
        E-601 if something is not supported.
    """
    for item in walk([blocks, *pieces]):
        _refuse_unsupported(item)
    rules: dict[str, Callable[[Any], Any]] = {}
    # Equations and shortcodes are read before floats are: a caption is a paragraph until then.
    rules |= {kind: lambda item: _with_inlines(item, meta, rules) for kind in _INLINES_AT}
    rules["Str"] = _refuse_shortcode
    return _structured(map_nodes(blocks, rules), [map_nodes(piece, rules) for piece in pieces])


def _structured(blocks: list[Any], pieces: Sequence[list[Any]]) -> list[Any]:
    def inside(inner: list[Any]) -> list[Any]:
        return _structured(inner, pieces)

    rules: Rules = {
        "RawBlock": lambda item: inside(pieces[int(item["c"][1])]) if item["c"][0] == HTML_PIECE else None,
        "Div": lambda item: _div(item["c"], inside),
        "Figure": lambda item: [_figure(item["c"])],
        "Table": lambda item: _table(item["c"]),
    }
    return _with_notes(map_nodes(blocks, rules))


def _div(content: list[Any], inside: Callable[[list[Any]], list[Any]]) -> list[Any] | None:
    (identifier, classes, pairs), inner = content
    options = dict(pairs)
    callout = next((name for name in classes if name.startswith("callout-")), None)
    if callout:
        return [_callout(callout.removeprefix("callout-"), identifier, options, inside(inner))]
    unlabelled = next((name for name in classes if name.startswith("unlabelled-")), None)
    if _FLOAT.fullmatch(identifier) or unlabelled:
        kind = identifier[:3] if identifier else str(unlabelled)[-3:]
        return [_float(identifier, kind, options, inside(inner))]
    if "layout-ncol" in options:
        return [Layout(_columns(options), inside(inner))]
    return None


def _refuse_unsupported(item: Any) -> None:
    kind = item["t"]
    if kind in ("RawInline", "RawBlock") and item["c"][0] not in ("html", "typst", "openxml", HTML_PIECE):
        raise ContractError("E-601", feature=f"{{={item['c'][0]}}}")
    if kind not in ("Div", "Span", "Code", "Link", "Image"):
        return
    identifier, classes, pairs = item["c"][0]
    for name in classes:
        if name in _NOT_SUPPORTED or name.startswith(_NOT_SUPPORTED_STARTS):
            raise ContractError("E-601", feature=f".{name}")
    if kind != "Image" and _NOT_SUPPORTED_IDS.fullmatch(identifier):
        raise ContractError("E-601", feature=f"#{identifier.split('-', maxsplit=1)[0]}-")
    for name, _ in pairs:
        if kind == "Div" and name.startswith("layout") and name != "layout-ncol":
            raise ContractError("E-601", feature=f"{name}=")


def _columns(options: Mapping[str, str]) -> int:
    value = options.get("layout-ncol", "1")
    if not value.isdigit() or not int(value):
        raise ContractError("E-601", feature=f"layout-ncol={value}")
    return int(value)


def _callout(kind: str, identifier: str, options: Mapping[str, str], body: list[Any]) -> Callout:
    if kind not in _CALLOUTS:
        raise ContractError("E-601", feature=f".callout-{kind}")
    style = options.get("appearance", "default")
    if style not in ("default", "simple", "minimal"):
        raise ContractError("E-601", feature=f"appearance={style}")
    title = words(options["title"]) if "title" in options else None
    if body and is_kind(body[0], "Header"):
        title, body = body[0]["c"][2], body[1:]
    collapse = options.get("collapse")
    collapsed = None if collapse is None else collapse == "true"
    return Callout(identifier, kind, title, body, style != "default", collapsed)


def _float(identifier: str, kind: str, options: Mapping[str, str], body: list[Any]) -> Float:
    parts = [block for block in body if isinstance(block, Float)]
    caption: list[Any] = []
    last = body[-1] if body else None
    if is_kind(last, "Para", "Plain") and (len(body) > 1 or not _only_image(last)):
        caption, body = _without_caption_span(last["c"]), body[:-1]
    # A table or picture that pandoc has made a float of already is this one's body, not a part of it.
    if len(parts) == 1 and not parts[0].identifier and (kind == "tbl" or not caption):
        caption, body, parts = caption or parts[0].caption, parts[0].body, []
    notes = [block for block in body if _is_notes(block)]
    body = [block for block in body if not isinstance(block, Float) and not _is_notes(block)]
    for part in parts:
        part.is_part = True
    return Float(identifier, kind, caption, body, parts, notes, _columns(options))


def _only_image(block: Any) -> bool:
    return [item["t"] for item in block["c"]] == ["Image"]


def _without_caption_span(inlines: list[Any]) -> list[Any]:
    is_span = len(inlines) == 1 and is_kind(inlines[0], "Span")
    return inlines[0]["c"][1] if is_span and "float-caption" in inlines[0]["c"][0][1] else inlines


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
    return is_kind(block, "Div") and bool(_NOTES.intersection(block["c"][0][1]))


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


def _with_inlines(item: Any, meta: Mapping[str, list[Any]], rules: Rules) -> list[Any]:
    """Return a node whose labelled equations and shortcodes are read; a page break is one of its own."""
    kind, content = item["t"], item["c"]
    place = _INLINES_AT[kind]
    inlines = content if place is None else content[place]
    if kind in ("Para", "Plain") and plain_text(inlines) == "{{< pagebreak >}}":
        return [node("Div", attr("", ["page-break"]), [])]
    made = map_nodes(_without_shortcodes(_with_equations(inlines), meta), rules)
    return [{"t": kind, "c": made if place is None else [*content[:place], made, *content[place + 1 :]]}]


def _with_equations(inlines: list[Any]) -> list[Any]:
    """Put each ``$$…$$ {#eq-x}`` into a span with that label."""
    made: list[Any] = []
    for item in inlines:
        match = _LABEL.match(item["c"]) if is_kind(item, "Str") else None
        back = 2 if made and is_kind(made[-1], "Space", "SoftBreak") else 1
        math = made[-back] if len(made) >= back else None
        if match and is_kind(math, "Math") and is_kind(math["c"][0], "DisplayMath"):
            made[-back:] = [node("Span", attr(match[1], ["equation"]), [math])]
            made += [string(rest)] if (rest := item["c"][match.end() :]) else []
        else:
            made.append(item)
    return made


def _without_shortcodes(inlines: list[Any], meta: Mapping[str, list[Any]]) -> list[Any]:
    """Put the inlines that ``{{< meta name >}}`` names in its place; pandoc reads it as separate words."""
    made: list[Any] = []
    rest = iter(inlines)
    for item in rest:
        if not is_kind(item, "Str") or not item["c"].endswith("{{<"):
            made.append(item)
            continue
        inner: list[Any] = []
        end = next(rest, None)
        while end is not None and not (is_kind(end, "Str") and end["c"].startswith(">}}")):
            inner.append(end)
            end = next(rest, None)
        said = plain_text(inner).split()
        if end is None or len(said) != 2 or said[0] != "meta" or said[1] not in meta:
            raise ContractError("E-601", feature=f"{{{{< {' '.join(said)} >}}}}")
        before, after = item["c"].removesuffix("{{<"), end["c"].removeprefix(">}}")
        made += [*words(before), *meta[said[1]], *words(after)]
    return made


def _refuse_shortcode(item: Any) -> None:
    if item["c"].startswith("{{<"):
        raise ContractError("E-601", feature="{{< … >}}")
