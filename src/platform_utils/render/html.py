"""One self-contained, accessible HTML page: our own markup, our own style sheet, nothing from elsewhere."""

from __future__ import annotations

import re
from html import escape
from pathlib import Path
from typing import Any

from platform_utils.render.document import Prepared, meta_inlines
from platform_utils.render.images import Pictures
from platform_utils.render.numbering import Heading
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

# pandoc says neither what a heading cell heads nor what the last section is: who hears the page needs both.
_FOOTNOTES = re.compile(r'(<(?:section|aside) id="footnotes"[^>]*>)\s*<hr />')
_HEAD = re.compile(r"<thead>.*?</thead>", re.DOTALL)
_CELL = re.compile(r"<th(?=[ >])")
_ROW_HEAD = re.compile(r"(<tr[^>]*>\s*)<th(?= |>)(?! scope)")
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
    settings, words = prepared.settings, prepared.words
    blocks = map_nodes(_appendices_last(prepared.blocks), _BLOCKS)
    blocks = map_nodes(blocks, {"Image": lambda item: _image(item, prepared.pictures)})
    options = ["--mathml", "--syntax-highlighting=none", "--wrap=none"]
    body = write_tree(blocks, prepared.meta, "html", [*options, *arguments], work).decode()
    body = _HEAD.sub(lambda head: _CELL.sub('<th scope="col"', head[0]), body)
    body = _ROW_HEAD.sub(r'\1<th scope="row"', body)
    body = _FOOTNOTES.sub(rf"\1\n<h2>{words['footnotes']}</h2>", body)
    body = body.replace('role="doc-backlink"', f'role="doc-backlink" aria-label="{words["back"]}"')
    page = (assets / "report.html").read_text(encoding="utf-8")
    style = (assets / "report.css").read_text(encoding="utf-8")
    values = {
        "lang": escape(settings.lang),
        "page-title": escape(prepared.title),
        "style": f"{style.strip()}\n{_on_paper(settings.mark)}".strip(),
        "skip": words["skip"],
        "mark": f'<p class="running-mark">{escape(settings.mark)}</p>' if settings.mark else "",
        "contents": _contents(prepared),
        "title-block": _title_block(prepared),
        "body": body.strip(),
    }
    page = re.sub(r"\$([a-z-]+)\$", lambda match: values[match[1]], page)
    return page.encode()


def _on_paper(mark: str) -> str:
    """Return the rule that prints the mark in the margin of every page."""
    if not mark:
        return ""
    text = mark.replace("\\", "").replace('"', "").replace("<", "").replace("\n", " ")
    return f'@page {{ @top-right {{ content: "{text}"; color: #9b1c1c; font: bold 9pt sans-serif; }} }}'


def _fragment(inlines: list[Any]) -> str:
    """Return inlines as HTML."""
    return write_tree([node("Plain", inlines)], {}, "html", ["--wrap=none"]).decode().strip()


def _title_block(prepared: Prepared) -> str:
    words, meta = prepared.words, prepared.meta
    title = meta_inlines(meta.get("title"))
    if not title:
        return ""
    made = [f'<h1 class="title">{_fragment(title)}</h1>']
    if subtitle := meta_inlines(meta.get("subtitle")):
        made.append(f'<p class="subtitle">{_fragment(subtitle)}</p>')
    facts = []
    if authors := prepared.authors:
        label = words["author"] if len(authors) == 1 else words["authors"]
        names = "".join(f"<dd>{_fragment(name)}</dd>" for name in authors)
        facts.append(f"<div><dt>{label}</dt>{names}</div>")
    if prepared.date is not None:
        facts.append(f"<div><dt>{words['published']}</dt><dd>{escape(prepared.date)}</dd></div>")
    if facts:
        made.append(f'<dl class="facts">{"".join(facts)}</dl>')
    if abstract := meta_inlines(meta.get("abstract")):
        head = f'<p class="abstract-title">{words["abstract"]}</p>'
        made.append(f'<div class="abstract">{head}<p>{_fragment(abstract)}</p></div>')
    return '<header id="title-block-header">\n' + "\n".join(made) + "\n</header>"


def _contents(prepared: Prepared) -> str:
    shown = [heading for heading in prepared.listed if not heading.appendix]
    if not shown:
        return ""
    title = escape(prepared.settings.toc_title or prepared.words["toc"])
    head = f'<nav id="TOC" aria-labelledby="toc-title">\n<h2 id="toc-title">{title}</h2>'
    return f"{head}\n{_list(shown)}\n</nav>"


def _list(headings: list[Heading]) -> str:
    """Nest headings by level."""
    made: list[str] = []
    open_levels: list[int] = []
    for heading in headings:
        while open_levels and open_levels[-1] > heading.level:
            made.append("</li></ul>")
            open_levels.pop()
        if open_levels and open_levels[-1] == heading.level:
            made.append("</li>")
        else:
            made.append("<ul>")
            open_levels.append(heading.level)
        number = f'<span class="toc-section-number">{heading.number}</span> ' if heading.number else ""
        made.append(f'<li><a href="#{escape(heading.identifier)}">{number}{escape(heading.text)}</a>')
    made.extend("</li></ul>" for _ in open_levels)
    return "".join(made)


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
