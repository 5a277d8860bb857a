"""One self-contained, accessible HTML page: our own markup, our own style sheet, nothing from elsewhere."""

from __future__ import annotations

import json
import shutil
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from platform_utils.render.document import Prepared
from platform_utils.render.finish import finish_page
from platform_utils.render.images import Pictures
from platform_utils.render.tables import grid_of, with_row_headers, without_widths
from platform_utils.render.tree import (
    Callout,
    Float,
    Layout,
    Rules,
    map_nodes,
    node,
    raw_block,
    raw_inline,
    run_pandoc,
    write_tree,
)

_PHONE = 27
"""Letters of a table, the room between columns included, that a phone of 320 pixels shows side by side."""


def write_html(prepared: Prepared, assets: Path, work: Path) -> bytes:
    """Write a document that is prepared for ``html``, in UTF-8.

    Parameters
    ----------
    assets : Path
        Folder with ``report.html`` and ``report.css``.
    work : Path
        Temporary folder.
    """
    blocks = map_nodes(prepared.blocks, _BLOCKS)
    blocks = map_nodes(blocks, {"Image": lambda item: _image(item, prepared.pictures)})
    style = (assets / "report.css").read_text(encoding="utf-8").strip()
    meta = {
        **prepared.template_meta(),
        "pagetitle": node("MetaString", prepared.title),
        "header-includes": node("MetaBlocks", [_tag(f"<style>\n{style}\n</style>")]),
    }
    shutil.copyfile(assets / "report.html", work / "report.html")
    options = ["--template=report.html", "--syntax-highlighting=none", "--wrap=none", *prepared.toc_options()]
    page = write_tree(blocks, meta, "html", options, work).decode()
    return finish_page(page, prepared.settings.words["back"]).encode()


def write_plain_page(notebook: bytes, title: str, assets: Path, words: Mapping[str, str]) -> bytes:
    """Write a notebook as pandoc itself reads it: nothing is refused, numbered or fetched.

    Parameters
    ----------
    words : mapping
        The house style's words.
    """
    style = (assets / "report.css").read_text(encoding="utf-8").strip()
    said = {
        "words": dict(words),
        "lang": "en",
        "pagetitle": title,
        "header-includes": f"<style>\n{style}\n</style>",
    }
    with tempfile.TemporaryDirectory(prefix="pu-page-") as temporary:
        work = Path(temporary)
        shutil.copyfile(assets / "report.html", work / "report.html")
        (work / "said.json").write_text(json.dumps(said), encoding="utf-8")
        # In its sandbox pandoc opens no other file and asks no host.
        options = ["--sandbox", "--standalone", "--embed-resources", "--mathml", "--wrap=none"]
        options += ["--template=report.html", "--metadata-file=said.json", "--syntax-highlighting=none"]
        page = run_pandoc(notebook, ["-f", "ipynb", "-t", "html", *options], work).decode()
    return finish_page(page, words["back"]).encode()


def _tag(text: str) -> dict[str, Any]:
    return raw_block("html", text)


def _scrolling(table: dict[str, Any], caption: str) -> list[Any]:
    scrolls = caption and grid_of(table).narrowest() > _PHONE  # else there is nothing to stop at
    named = f' role="region" tabindex="0" aria-labelledby="{caption}"' if scrolls else ""
    wide = with_row_headers(without_widths(table))
    return [_tag(f'<div class="table-scroll"{named}>'), wide, _tag("</div>")]


def _float(block: Float) -> list[Any]:
    name, text = block.identifier, block.full_caption()
    named = f' id="caption-{name}"' if name else ""
    caption = [_tag(f"<figcaption{named}>"), node("Plain", text), _tag("</figcaption>")] if text else []
    # A table that scrolls is a region of the page, called by its caption.
    region = f"caption-{name}" if caption and name else ""
    body = map_nodes(block.body, {**_BLOCKS, "Table": lambda table: _scrolling(table, region)})
    notes = map_nodes(block.notes, _BLOCKS)
    inner = [*caption, *body, *notes] if block.kind == "tbl" else [*body, *caption, *notes]
    identifier = f' id="{name}"' if name else ""
    start = f'<div{identifier} class="float float-{block.kind}"><figure>'
    return [_tag(start), *inner, _tag("</figure></div>")]


def _callout(block: Callout) -> list[Any]:
    head = block.full_title()
    if block.title is not None:
        head = [raw_inline("html", f'<span class="screen-reader-only">{block.word}</span> '), *head]
    folds = block.collapsed is not None
    outer, title = ("details", "summary") if folds else ("div", "div")
    opened = " open" if block.collapsed is False else ""
    return [
        _tag(
            f'<{outer} class="callout callout-{block.kind}"{opened}><{title} class="callout-title-container">'
        ),
        node("Plain", head),
        _tag(f'</{title}><div class="callout-body">'),
        *map_nodes(block.body, _BLOCKS),
        _tag(f"</div></{outer}>"),
    ]


def _layout(block: Layout) -> list[Any]:
    start = f'<div class="layout columns-{block.columns}">'
    return [_tag(start), *map_nodes(block.body, _BLOCKS), _tag("</div>")]


_BLOCKS: Rules = {
    Float: _float,
    Callout: _callout,
    Layout: _layout,
    "Table": lambda table: _scrolling(table, ""),
}


def _image(item: dict[str, Any], pictures: Pictures) -> list[Any]:
    (_, classes, pairs), alt, (name, _) = item["c"]
    return [node("Image", ["", classes, pairs], alt, [pictures[name].address(), ""])]
