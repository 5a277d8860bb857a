"""pandoc's tree becomes Quarto's: floats, callouts, blocks side by side, page breaks.

A tree enters; a new one leaves in which every feature that Quarto adds to pandoc is either one of our
nodes or has been refused by name.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from platform_utils.errors import ContractError
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
    walk,
    words,
)

_KINDS = ("note", "tip", "warning", "important", "caution")
_CALLOUT, _FLOATS = "callout-", ("fig-", "tbl-")
_NOTE = "table-note"
# Quarto gives these a meaning that a page of ours would silently lack.
_CLASSES = {
    "aside", "incremental", "nonincremental", "fragment", "columns", "column", "landscape", "theorem",
    "proof", "hidden", "output-location", "code-annotation", "grid", "list-table", "unnumbered", "unlisted",
    "appendix",
}  # fmt: skip
_STARTS = ("column-", "panel-", "g-col-", "content-visible-")
_IDENTIFIERS = (
    "lst-", "thm-", "lem-", "cor-", "prp-", "cnj-", "def-", "exm-", "exr-", "sol-", "rem-", "alg-", "eq-",
    "nte-", "tip-", "wrn-", "imp-", "cau-",
)  # fmt: skip
_ATTRIBUTES_AT = {**dict.fromkeys(("Div", "Span", "Code", "Link", "Image"), 0), "Header": 1}


def structure(blocks: list[Any]) -> list[Any]:
    """Turn pandoc's blocks into Quarto's.

    Returns
    -------
    list
        Blocks, some of them `Float`, `Callout` or `Layout`.

    Raises
    ------
    ContractError
        E-601 if something is not supported.
    """
    blocks = map_nodes(blocks, {"Para": _page_break})
    for item in walk(blocks):
        _refuse_unsupported(item)
    rules: Rules = {
        "Div": lambda item: _div(item["c"], structure),
        "Figure": lambda item: [_figure(item["c"])],
        "Table": lambda item: _table(item["c"]),
    }
    return _with_notes(map_nodes(blocks, rules))


def _page_break(item: dict[str, Any]) -> list[Any] | None:
    is_break = plain_text(item["c"]) == "{{< pagebreak >}}"
    return [node("Div", attr("", ["page-break"]), [])] if is_break else None


def _refuse_unsupported(item: Any) -> None:
    kind = item["t"] if isinstance(item, dict) else ""
    feature = ""
    if kind in ("RawInline", "RawBlock"):
        feature = f"{{={item['c'][0]}}}"
    elif kind == "Math":
        feature = "$…$"
    elif kind == "Str" and "{{<" in item["c"]:
        feature = "{{< … >}}"
    elif kind in _ATTRIBUTES_AT:
        identifier, classes, pairs = item["c"][_ATTRIBUTES_AT[kind]]
        refused = [f".{name}" for name in classes if name in _CLASSES or name.startswith(_STARTS)]
        refused += [
            f"#{start}" for start in _IDENTIFIERS if identifier.startswith(start) and kind != "Header"
        ]
        refused += [f"{name}=" for name, value in pairs if _is_refused(name, value)]
        feature = next(iter(refused), "")
    if feature:
        raise ContractError("E-601", feature=feature)


def _is_refused(name: str, value: str) -> bool:
    if name == "layout-ncol":
        return value not in ("2", "3", "4")
    return name.startswith("layout") or name == "appearance"


def _div(content: list[Any], inside: Callable[[list[Any]], list[Any]]) -> list[Any] | None:
    (identifier, classes, pairs), inner = content
    callout = next((name for name in classes if name.startswith(_CALLOUT)), None)
    if callout:
        return [_callout(callout.removeprefix(_CALLOUT), dict(pairs), inside(inner))]
    if identifier.startswith(_FLOATS):
        return [_float(identifier, inside(inner))]
    columns = dict(pairs).get("layout-ncol")
    return [Layout(int(columns), inside(inner))] if columns else None


def _callout(kind: str, options: dict[str, str], body: list[Any]) -> Callout:
    if kind not in _KINDS:
        raise ContractError("E-601", feature=f".{_CALLOUT}{kind}")
    title = words(options["title"]) if "title" in options else None
    if body and is_kind(body[0], "Header"):
        title, body = body[0]["c"][2], body[1:]
    collapse = options.get("collapse")
    return Callout(kind, title, body, None if collapse is None else collapse == "true")


def _float(identifier: str, body: list[Any]) -> Float:
    parts = [block for block in body if isinstance(block, Float)]
    if len(parts) > 1 or any(part.identifier for part in parts):
        raise ContractError("E-601", feature=f"{identifier[:3]} ({identifier[:3]})")
    caption: list[Any] = []
    last = body[-1] if body else None
    if is_kind(last, "Para", "Plain") and (len(body) > 1 or not _is_picture(last)):
        caption, body = last["c"], body[:-1]
    # A table or picture that pandoc has made a float of already is this one's body.
    if parts:
        caption = caption or parts[0].caption
    notes = [block for block in body if _is_note(block)]
    inner = [each for block in body for each in (block.body if isinstance(block, Float) else [block])]
    return Float(identifier, identifier[:3], caption, [one for one in inner if not _is_note(one)], notes)


def _is_picture(block: Any) -> bool:
    return [item["t"] for item in block["c"]] == ["Image"]


def _figure(content: list[Any]) -> Float:
    """Return the float of a picture that is a paragraph of its own: pandoc's figure."""
    (identifier, _, _), (_, caption), body = content
    inlines = caption[0]["c"] if caption else []
    return Float(identifier if identifier.startswith("fig-") else "", "fig", inlines, body)


def _table(content: list[Any]) -> list[Any]:
    """Return the float of a table with a caption or a label; any other table stays."""
    (identifier, _, _), (_, caption), *rest = content
    inlines = caption[0]["c"] if caption else []
    bare = node("Table", attr(), [None, []], *rest)
    identifier = identifier if identifier.startswith("tbl-") else ""
    return [Float(identifier, "tbl", inlines, [bare])] if inlines or identifier else [bare]


def _is_note(block: Any) -> bool:
    return is_kind(block, "Div") and _NOTE in block["c"][0][1]


def _with_notes(blocks: list[Any]) -> list[Any]:
    """Put notes that follow a table into it."""
    made: list[Any] = []
    for block in blocks:
        before = made[-1] if made else None
        if _is_note(block) and isinstance(before, Float) and before.kind == "tbl":
            before.notes.append(block)
        else:
            made.append(block)
    return made
