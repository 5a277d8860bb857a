"""One self-contained, accessible HTML page: our own markup, our own style sheet, nothing from elsewhere."""

from __future__ import annotations

import re
import shutil
from pathlib import Path
from typing import Any

from platform_utils.render.document import Prepared
from platform_utils.render.finish import finish_page
from platform_utils.render.images import Pictures
from platform_utils.render.tables import with_row_headers, without_widths
from platform_utils.render.tree import (
    Callout,
    Float,
    Layout,
    Rules,
    is_kind,
    map_nodes,
    node,
    raw_block,
    raw_inline,
    write_tree,
)

__all__ = ["write_html"]

# pandoc does not say what the last section is: who hears the page needs it.
_FOOTNOTES = re.compile(r'(<(?:section|aside) id="footnotes"[^>]*>)\s*<hr />')
_CSS_DPI = 96


def write_html(prepared: Prepared, assets: Path, arguments: list[str], work: Path) -> bytes:
    """Write a document that is prepared for ``html``, in UTF-8.

    Parameters
    ----------
    assets : Path
        Folder with ``report.html`` and ``report.css``.
    arguments : list of str
        pandoc's arguments for literature.
    work : Path
        Temporary folder in which those arguments name files.
    """
    settings = prepared.settings
    blocks = map_nodes(_appendices_last(prepared.blocks), _BLOCKS)
    blocks = map_nodes(blocks, {"Image": lambda item: _image(item, prepared.pictures)})
    style = (assets / "report.css").read_text(encoding="utf-8").strip()
    meta = {
        **prepared.template_meta(),
        "pagetitle": node("MetaString", prepared.title),
        "header-includes": node("MetaBlocks", [_tag(f"<style>\n{style}\n</style>")]),
    }
    shutil.copyfile(assets / "report.html", work / "report.html")
    options = ["--template=report.html", "--mathml", "--syntax-highlighting=none", "--wrap=none"]
    if settings.toc and prepared.listed:
        options += ["--toc", f"--toc-depth={settings.toc_depth}"]
    page = write_tree(blocks, meta, "html", [*options, *arguments], work).decode()
    page = finish_page(page, prepared.settings.words["back"])
    return _FOOTNOTES.sub(rf"\1\n<h2>{prepared.words['footnotes']}</h2>", page).encode()


def _appendices_last(blocks: list[Any]) -> list[Any]:
    """Put ``.appendix`` sections behind the text, as Quarto does in HTML."""
    text: list[Any] = []
    moved: list[Any] = []
    level = 0  # of the appendix that we are in; 0 outside
    for block in blocks:
        shown = block
        if is_kind(block, "Header"):
            own, (_, classes, _), inlines = block["c"]
            if "appendix" in classes or "reference-heading" in classes:
                level = own if "appendix" in classes else 0
                shown = node("Header", 2, block["c"][1], inlines)
            elif own <= level:
                level = 0
        (moved if level else text).append(shown)
    return [*text, *moved]


def _tag(text: str) -> dict[str, Any]:
    return raw_block("html", text)


def _layout(columns: int, inner: list[Any]) -> list[Any]:
    return [_tag(f'<div class="layout columns-{columns}">'), *inner, _tag("</div>")]


def _scrolling(table: dict[str, Any], caption: str) -> list[Any]:
    named = f' role="region" tabindex="0" aria-labelledby="{caption}"' if caption else ""
    wide = with_row_headers(without_widths(table))
    return [_tag(f'<div class="table-scroll"{named}>'), wide, _tag("</div>")]


def _float(block: Float) -> list[Any]:
    name, text = block.identifier, block.full_caption()
    named = f' id="caption-{name}"' if name else ""
    caption = [_tag(f"<figcaption{named}>"), node("Plain", text), _tag("</figcaption>")] if text else []
    if block.parts:
        body = _layout(block.columns, [made for part in block.parts for made in _float(part)])
    else:
        # A table that scrolls is a region of the page, called by its caption.
        region = f"caption-{name}" if caption and name else ""
        body = map_nodes(block.body, {**_BLOCKS, "Table": lambda table: _scrolling(table, region)})
    notes = map_nodes(block.notes, _BLOCKS)
    inner = [*caption, *body, *notes] if block.kind == "tbl" else [*body, *caption, *notes]
    identifier = f' id="{name}"' if name else ""
    panel = " quarto-layout-panel" if block.parts else ""
    start = f'<div{identifier} class="float float-{block.kind}{panel}"><figure>'
    return [_tag(start), *inner, _tag("</figure></div>")]


def _callout(block: Callout) -> list[Any]:
    identifier = f' id="{block.identifier}"' if block.identifier else ""
    style = "simple" if block.is_simple else "default"
    start = f'{identifier} class="callout callout-{block.kind} callout-style-{style}"'
    body = map_nodes(block.body, _BLOCKS)
    head = block.full_title()
    if head is None:
        return [_tag(f"<div{start}>"), *body, _tag("</div>")]
    if block.title is not None and not block.label:
        head = [raw_inline("html", f'<span class="screen-reader-only">{block.word}</span> '), *head]
    folds = block.collapsed is not None
    outer, title = ("details", "summary") if folds else ("div", "div")
    opened = " open" if block.collapsed is False else ""
    return [
        _tag(f'<{outer}{start}{opened}><{title} class="callout-title-container">'),
        node("Plain", head),
        _tag(f'</{title}><div class="callout-body{" callout-collapse" if folds else ""}">'),
        *body,
        _tag(f"</div></{outer}>"),
    ]


_BLOCKS: Rules = {
    Float: _float,
    Callout: _callout,
    Layout: lambda block: _layout(block.columns, map_nodes(block.body, _BLOCKS)),
    "Table": lambda table: _scrolling(table, ""),
}


def _image(item: dict[str, Any], pictures: Pictures) -> list[Any]:
    (_, classes, pairs), alt, (name, _) = item["c"]
    picture = pictures[name]
    if not pairs and picture.width:
        sizes = (("width", picture.width), ("height", picture.height))
        pairs = [[key, str(round(inches * _CSS_DPI))] for key, inches in sizes]
    return [node("Image", ["", classes, pairs], alt, [picture.address(), ""])]
