"""A Word document with real styles for headings, captions and tables, and a filled contents list."""

from __future__ import annotations

import shutil
from html import escape
from pathlib import Path
from typing import Any

from platform_utils.render import pandoc
from platform_utils.render.dates import format_date
from platform_utils.render.document import Prepared, meta_inlines
from platform_utils.render.docx_package import finish_package
from platform_utils.render.images import with_density
from platform_utils.render.nodes import (
    Callout,
    Float,
    Layout,
    attr,
    map_blocks,
    map_inlines,
    node,
    plain_text,
    raw_block,
)
from platform_utils.render.nodes import (
    words as as_words,
)
from platform_utils.render.numbering import Heading
from platform_utils.render.tables import with_widths
from platform_utils.render.words import generated_words

__all__ = ["write_docx"]

_PPI = 200.0
_META = ("title", "subtitle", "abstract", "author", "lang")
_BOX = (
    '<w:tbl><w:tblPr><w:tblStyle w:val="Callout{kind}"/><w:tblW w:type="pct" w:w="5000"/>'
    '<w:tblLook w:firstRow="0" w:lastRow="0" w:firstColumn="0" w:lastColumn="0" w:noHBand="1" w:noVBand="1"/>'
    '</w:tblPr><w:tblGrid><w:gridCol w:w="9000"/></w:tblGrid><w:tr><w:trPr><w:cantSplit/></w:trPr>'
    '<w:tc><w:tcPr><w:tcW w:type="pct" w:w="5000"/></w:tcPr>'
)
_FIELD = (
    '<w:r><w:fldChar w:fldCharType="begin"/></w:r>'
    '<w:r><w:instrText xml:space="preserve">TOC \\o &quot;1-{depth}&quot; \\h \\z \\u</w:instrText></w:r>'
    '<w:r><w:fldChar w:fldCharType="separate"/></w:r>'
)
_CONTENTS = (
    '<w:sdt><w:sdtPr><w:docPartObj><w:docPartGallery w:val="Table of Contents"/><w:docPartUnique/>'
    '</w:docPartObj></w:sdtPr><w:sdtContent><w:p><w:pPr><w:pStyle w:val="TOCHeading"/></w:pPr>'
    '<w:r><w:t xml:space="preserve">{title}</w:t></w:r></w:p>{lines}'
    '<w:p><w:pPr><w:pStyle w:val="SmallGap"/></w:pPr><w:r><w:fldChar w:fldCharType="end"/></w:r></w:p>'
    "</w:sdtContent></w:sdt>"
)


def write_docx(prepared: Prepared, assets: Path, arguments: list[str], work: Path) -> bytes:
    """Write a prepared document as DOCX.

    Parameters
    ----------
    prepared : Prepared
        The document, prepared for ``docx``.
    assets : Path
        Folder with ``reference.docx``.
    arguments : list of str
        pandoc's arguments for literature.
    work : Path
        Temporary folder that holds the pictures.

    Returns
    -------
    bytes
        The package, the same for the same input.
    """
    settings, words = prepared.settings, generated_words(prepared.settings.lang)
    prepared.pictures.write(work)
    blocks = map_blocks(prepared.blocks, lambda block: _block(block, words))
    blocks = map_inlines(blocks, lambda item: _inline(item, work, assets))
    if settings.toc:
        blocks = [*_contents(prepared, words), *blocks]
    meta = {key: value for key, value in prepared.meta.items() if key in _META}
    if settings.date is not None:
        date = format_date(settings.date, settings.date_format, settings.lang, settings.document)
        meta["date"] = node("MetaInlines", as_words(date))
    meta["abstract-title"] = node("MetaString", words["abstract"])
    shutil.copyfile(assets / "reference.docx", work / "reference.docx")
    tree = {"pandoc-api-version": [1, 23, 1], "meta": meta, "blocks": blocks}
    output = work / "document.docx"
    pandoc.from_tree(
        tree,
        "docx",
        [
            "--reference-doc=reference.docx",
            "--syntax-highlighting=none",
            f"--output={output.name}",
            *arguments,
        ],
        document=settings.document,
        cwd=work,
    )
    title = plain_text(meta_inlines(prepared.meta.get("title")))
    return finish_package(
        output.read_bytes(), title=title, mark=settings.mark, page=words["page"], of=words["of"]
    )


def _styled(style: str, inlines: list[Any], identifier: str = "") -> Any:
    return node("Div", [identifier, [], [["custom-style", style]]], [node("Para", inlines)])


def _block(block: Any, words: Any) -> list[Any] | None:
    if isinstance(block, Float):
        return [node("Div", attr(block.identifier), _float(block, words))]
    if isinstance(block, Callout):
        return _callout(block, words)
    if isinstance(block, Layout):
        return map_blocks(block.body, lambda one: _block(one, words))
    if block["t"] == "Table":
        return [with_widths(block)]
    if block["t"] == "Div" and "page-break" in block["c"][0][1]:
        return [raw_block("openxml", '<w:p><w:r><w:br w:type="page"/></w:r></w:p>')]
    return None


def _float(block: Float, words: Any) -> list[Any]:
    caption: list[Any] = []
    if block.label or block.caption:
        style = "Table Caption" if block.kind == "tbl" else "Image Caption"
        caption = [_styled(style, block.full_caption())]
    if block.parts:
        # Word has no floats side by side: the parts stand one under another.
        parts = [node("Div", attr(part.identifier), _float(part, words)) for part in block.parts]
        return [*caption, *parts] if block.kind == "tbl" else [*parts, *caption]
    body: list[Any] = []
    for one in map_blocks(block.body, lambda inner: _block(inner, words)):
        if isinstance(one, dict) and one["t"] in ("Para", "Plain") and block.kind == "fig":
            body.append(_styled("Captioned Figure", one["c"]))
        else:
            body.append(one)
    notes = [
        _styled("Table Note", one["c"])
        for note in block.notes
        for one in note["c"][1]
        if one["t"] in ("Para", "Plain")
    ]
    return [*caption, *body, *notes] if block.kind == "tbl" else [*body, *caption, *notes]


def _callout(block: Callout, words: Any) -> list[Any]:
    """Put a box into a table of one cell: only a cell holds lists and paragraphs alike."""
    body = map_blocks(block.body, lambda one: _block(one, words))
    made: list[Any] = [raw_block("openxml", _BOX.format(kind=block.kind.title()))]
    if block.style == "default" or block.title is not None:
        made.append(_styled("Callout Title", block.full_title(words[block.kind]), block.identifier))
    made += body
    return [*made, raw_block("openxml", "</w:tc></w:tr></w:tbl>")]


def _inline(item: dict[str, Any], work: Path, assets: Path) -> list[Any] | None:
    if item["t"] == "Image" and item["c"][2][0].endswith(".svg"):
        return [node("Image", *item["c"][:2], [_as_png(work / item["c"][2][0], assets).name, ""])]
    if item["t"] == "Span" and "equation" in item["c"][0][1]:
        return [node("Span", attr(item["c"][0][0]), item["c"][1])]
    return None


def _as_png(svg: Path, assets: Path) -> Path:
    """Draw an SVG picture as PNG, which every Word shows, with the typesetter that we have."""
    import typst

    page = f'#set page(width: auto, height: auto, margin: 0pt)\n#image("{svg.name}")\n'
    source = svg.with_suffix(".typ")
    source.write_text(page, encoding="utf-8")
    made = svg.with_suffix(".png")
    fonts = [str(assets / "fonts")]
    typst.compile(str(source), str(made), format="png", ppi=_PPI, font_paths=fonts, ignore_system_fonts=True)
    made.write_bytes(with_density(made.read_bytes(), _PPI))
    return made


def _contents(prepared: Prepared, words: Any) -> list[Any]:
    """Return a contents list that is filled, and that Word can bring up to date with page numbers."""
    settings = prepared.settings
    shown = [one for one in prepared.headings if one.listed and one.level <= settings.toc_depth]
    first = _FIELD.format(depth=settings.toc_depth)
    lines = [
        _entry(heading, settings.toc_depth, first if number == 0 else "")
        for number, heading in enumerate(shown)
    ]
    title = escape(settings.toc_title or words["toc"])
    return [raw_block("openxml", _CONTENTS.format(title=title, lines="".join(lines)))] if lines else []


def _entry(heading: Heading, depth: int, first: str) -> str:
    level = min(heading.level, depth)
    text = escape(f"{heading.number} {heading.text}".strip())
    return (
        f'<w:p><w:pPr><w:pStyle w:val="TOC{level}"/></w:pPr>{first}'
        f'<w:hyperlink w:anchor="{escape(heading.identifier)}" w:history="1">'
        f'<w:r><w:t xml:space="preserve">{text}</w:t></w:r></w:hyperlink></w:p>'
    )
