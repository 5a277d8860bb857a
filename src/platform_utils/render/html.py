"""One self-contained, accessible HTML page: our own markup, our own style sheet, nothing from elsewhere."""

from __future__ import annotations

import re
from html import escape
from pathlib import Path
from typing import Any

from platform_utils.render import pandoc
from platform_utils.render.dates import format_date
from platform_utils.render.document import Prepared, meta_inlines
from platform_utils.render.images import Picture
from platform_utils.render.nodes import (
    Callout,
    Float,
    Layout,
    map_blocks,
    map_inlines,
    node,
    plain_text,
    raw_block,
    raw_inline,
)
from platform_utils.render.numbering import Heading
from platform_utils.render.tables import with_row_headers, without_widths
from platform_utils.render.words import generated_words

__all__ = ["write_html"]

_FOOTNOTES = re.compile(r'(<(?:section|aside) id="footnotes"[^>]*>)\s*<hr />')
_HEAD = re.compile(r"<thead>.*?</thead>", re.DOTALL)
_CELL = re.compile(r"<th(?=[ >])")
_ROW_HEAD = re.compile(r"(<tr[^>]*>\s*)<th(?= |>)(?! scope)")
_CSS_DPI = 96


def write_html(prepared: Prepared, assets: Path, arguments: list[str], work: Path) -> bytes:
    """Write a prepared document as HTML.

    Parameters
    ----------
    prepared : Prepared
        The document, prepared for ``html``.
    assets : Path
        Folder with ``report.html`` and ``report.css``.
    arguments : list of str
        pandoc's arguments for literature.
    work : Path
        Temporary folder in which those arguments name files.

    Returns
    -------
    bytes
        UTF-8.
    """
    settings, words = prepared.settings, generated_words(prepared.settings.lang)
    blocks = _appendices_last(prepared.blocks)
    blocks = map_blocks(blocks, lambda block: _block(block, words))
    blocks = map_inlines(blocks, lambda item: _inline(item, prepared))
    body = pandoc.from_tree(
        prepared.tree(blocks),
        "html",
        ["--mathml", "--syntax-highlighting=none", "--wrap=none", *arguments],
        document=settings.document,
        cwd=work,
    ).decode()
    body = _HEAD.sub(lambda head: _CELL.sub('<th scope="col"', head[0]), body)
    body = _ROW_HEAD.sub(r'\1<th scope="row"', body)
    body = _FOOTNOTES.sub(rf"\1\n<h2>{words['footnotes']}</h2>", body)
    body = body.replace('role="doc-backlink"', f'role="doc-backlink" aria-label="{words["back"]}"')
    page = (assets / "report.html").read_text(encoding="utf-8")
    style = (assets / "report.css").read_text(encoding="utf-8")
    title = plain_text(meta_inlines(prepared.meta.get("title")))
    values = {
        "lang": escape(settings.lang),
        "page-title": escape(title),
        "style": f"{style.strip()}\n{_on_paper(settings.mark)}".strip(),
        "skip": words["skip"],
        "mark": f'<p class="running-mark">{escape(settings.mark)}</p>' if settings.mark else "",
        "contents": _contents(prepared, words),
        "title-block": _title_block(prepared, words),
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


def _fragment(inlines: list[Any], prepared: Prepared) -> str:
    """Return inlines as HTML."""
    tree = {**prepared.tree([node("Plain", inlines)]), "meta": {}}
    made = pandoc.from_tree(tree, "html", ["--wrap=none"], document=prepared.settings.document)
    return made.decode().strip()


def _title_block(prepared: Prepared, words: Any) -> str:
    settings, meta = prepared.settings, prepared.meta
    title = meta_inlines(meta.get("title"))
    if not title:
        return ""
    made = [f'<h1 class="title">{_fragment(title, prepared)}</h1>']
    if subtitle := meta_inlines(meta.get("subtitle")):
        made.append(f'<p class="subtitle">{_fragment(subtitle, prepared)}</p>')
    facts = []
    authors = meta["author"]["c"] if "author" in meta else []
    if authors:
        label = words["author"] if len(authors) == 1 else words["authors"]
        names = "".join(f"<dd>{_fragment(meta_inlines(name), prepared)}</dd>" for name in authors)
        facts.append(f"<div><dt>{label}</dt>{names}</div>")
    if settings.date is not None:
        pattern = settings.date_format or "long"
        date = format_date(settings.date, pattern, settings.lang, settings.document)
        facts.append(f"<div><dt>{words['published']}</dt><dd>{escape(date)}</dd></div>")
    if facts:
        made.append(f'<dl class="facts">{"".join(facts)}</dl>')
    if abstract := meta_inlines(meta.get("abstract")):
        text = _fragment(abstract, prepared)
        made.append(
            f'<div class="abstract"><p class="abstract-title">{words["abstract"]}</p><p>{text}</p></div>'
        )
    return '<header id="title-block-header">\n' + "\n".join(made) + "\n</header>"


def _contents(prepared: Prepared, words: Any) -> str:
    settings = prepared.settings
    if not settings.toc:
        return ""
    shown = [
        one
        for one in prepared.headings
        if one.listed and not one.appendix and one.level <= settings.toc_depth
    ]
    title = escape(settings.toc_title or words["toc"])
    return (
        f'<nav id="TOC" aria-labelledby="toc-title">\n<h2 id="toc-title">{title}</h2>\n{_list(shown)}\n</nav>'
        if shown
        else ""
    )


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
    level = 0
    for block in blocks:
        if isinstance(block, dict) and block["t"] == "Header":
            own, classes = block["c"][0], block["c"][1][1]
            if "appendix" in classes or "reference-heading" in classes:
                level = own
                made = node("Header", 2, block["c"][1], block["c"][2])
                (moved if "appendix" in classes else text).append(made)
                if "appendix" not in classes:
                    level = 0
                continue
            if level and own <= level:
                level = 0
        (moved if level else text).append(block)
    return [*text, *moved]


def _block(block: Any, words: Any) -> list[Any] | None:
    if isinstance(block, Float):
        return _float(block, words)
    if isinstance(block, Callout):
        return _callout(block, words)
    if isinstance(block, Layout):
        inner = map_blocks(block.body, lambda one: _block(one, words))
        return [raw_block("html", f'<div class="layout columns-{block.columns}">'), *inner, _end("div")]
    if block["t"] == "Table":
        return _scrolling(block, "")
    return None


def _end(*tags: str) -> dict[str, Any]:
    return raw_block("html", "".join(f"</{tag}>" for tag in tags))


def _scrolling(table: dict[str, Any], caption: str) -> list[Any]:
    named = f' role="region" tabindex="0" aria-labelledby="{caption}"' if caption else ""
    region = f'<div class="table-scroll"{named}>'
    return [raw_block("html", region), with_row_headers(without_widths(table)), _end("div")]


def _float(block: Float, words: Any) -> list[Any]:
    name = block.identifier
    panel = " quarto-layout-panel" if block.parts else ""
    identifier = f' id="{name}"' if name else ""
    caption = _caption(block)
    body: list[Any] = []
    if block.parts:
        body.append(raw_block("html", f'<div class="layout columns-{block.columns}">'))
        for part in block.parts:
            body += _float(part, words)
        body.append(_end("div"))
    else:
        for one in block.body:
            if isinstance(one, dict) and one["t"] == "Table":
                body += _scrolling(one, f"caption-{name}" if caption and name else "")
            else:
                body += map_blocks([one], lambda inner: _block(inner, words))
    notes = map_blocks(block.notes, lambda inner: _block(inner, words))
    inner = [*caption, *body, *notes] if block.kind == "tbl" else [*body, *caption, *notes]
    start = f'<div{identifier} class="float float-{block.kind}{panel}"><figure>'
    return [raw_block("html", start), *inner, _end("figure", "div")]


def _caption(block: Float) -> list[Any]:
    if not block.label and not block.caption:
        return []
    named = f' id="caption-{block.identifier}"' if block.identifier else ""
    text = block.full_caption()
    return [raw_block("html", f"<figcaption{named}>"), node("Plain", text), _end("figcaption")]


def _callout(block: Callout, words: Any) -> list[Any]:
    own = words[block.kind]
    identifier = f' id="{block.identifier}"' if block.identifier else ""
    style = "default" if block.style == "default" else "simple"
    classes = f"callout callout-{block.kind} callout-style-{style}"
    body = map_blocks(block.body, lambda one: _block(one, words))
    if block.style != "default" and block.title is None:
        return [raw_block("html", f'<div{identifier} class="{classes}">'), *body, _end("div")]
    head = block.full_title(own)
    if block.title is not None and not block.label:
        head = [raw_inline("html", f'<span class="screen-reader-only">{own}</span> '), *head]
    outer, title = ("details", "summary") if block.collapsed is not None else ("div", "div")
    opened = " open" if block.collapsed is False else ""
    folded = " callout-collapse" if block.collapsed is not None else ""
    return [
        raw_block(
            "html",
            f'<{outer}{identifier} class="{classes}"{opened}><{title} class="callout-title-container">',
        ),
        node("Plain", head),
        raw_block("html", f'</{title}><div class="callout-body{folded}">'),
        *body,
        _end("div", outer),
    ]


def _inline(item: dict[str, Any], prepared: Prepared) -> list[Any] | None:
    if item["t"] == "Image":
        attributes, alt, (name, _) = item["c"]
        picture = prepared.pictures.by_name[name]
        pairs = attributes[2] or _natural(picture)
        return [node("Image", ["", attributes[1], pairs], alt, [picture.address(), ""])]
    return None


def _natural(picture: Picture) -> list[list[str]]:
    if not picture.width:
        return []
    return [
        ["width", str(round(picture.width * _CSS_DPI))],
        ["height", str(round(picture.height * _CSS_DPI))],
    ]
