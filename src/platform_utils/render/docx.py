"""A Word document with real styles for headings, captions and tables, and a filled contents list."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

from platform_utils.render.document import Prepared
from platform_utils.render.finish import finish_package
from platform_utils.render.images import with_density
from platform_utils.render.settings import house_style
from platform_utils.render.tables import with_widths
from platform_utils.render.tree import (
    Callout,
    Float,
    Layout,
    Rules,
    attr,
    is_kind,
    map_nodes,
    node,
    raw_block,
    write_tree,
)

__all__ = ["write_docx"]

_PPI = 200.0
_BOX = (
    '<w:tbl><w:tblPr><w:tblStyle w:val="Callout{kind}"/><w:tblW w:type="pct" w:w="5000"/>'
    '<w:tblLook w:firstRow="0" w:lastRow="0" w:firstColumn="0" w:lastColumn="0" w:noHBand="1" w:noVBand="1"/>'
    '</w:tblPr><w:tblGrid><w:gridCol w:w="9000"/></w:tblGrid><w:tr><w:trPr><w:cantSplit/></w:trPr>'
    '<w:tc><w:tcPr><w:tcW w:type="pct" w:w="5000"/></w:tcPr>'
)


def write_docx(prepared: Prepared, assets: Path, arguments: list[str], work: Path) -> bytes:
    """Write a document that is prepared for ``docx``.

    Parameters
    ----------
    assets : Path
        Folder with ``reference.docx``.
    arguments : list of str
        pandoc's arguments for literature.
    work : Path
        Temporary folder that holds the pictures.
    """
    blocks = map_nodes(prepared.blocks, _BLOCKS)
    blocks = map_nodes(blocks, {"Image": lambda item: _image(item, work, assets), "Span": _equation})
    meta = prepared.template_meta() | {"abstract-title": node("MetaString", prepared.words["abstract"])}
    shutil.copyfile(assets / "reference.docx", work / "reference.docx")
    options = ["--reference-doc=reference.docx", "--syntax-highlighting=none", "--output=document.docx"]
    if prepared.settings.toc and prepared.listed:
        options += ["--toc", f"--toc-depth={prepared.settings.toc_depth}"]
    write_tree(blocks, meta, "docx", [*options, *arguments], work)
    return finish_package((work / "document.docx").read_bytes(), house_style(assets)["common"]["house-words"])


def _styled(style: str, inlines: list[Any], identifier: str = "") -> Any:
    return node("Div", [identifier, [], [["custom-style", style]]], [node("Para", inlines)])


def _float(block: Float) -> list[Any]:
    return [node("Div", attr(block.identifier), _float_blocks(block))]


def _float_blocks(block: Float) -> list[Any]:
    is_table = block.kind == "tbl"
    text = block.full_caption()
    caption = [_styled("Table Caption" if is_table else "Image Caption", text)] if text else []
    # Word has no floats side by side: the parts stand one under another.
    body: list[Any] = [made for part in block.parts for made in _float(part)]
    notes: list[Any] = []
    if not block.parts:
        for one in map_nodes(block.body, _BLOCKS):
            is_picture = not is_table and is_kind(one, "Para", "Plain")
            body.append(_styled("Captioned Figure", one["c"]) if is_picture else one)
        inside = [one for note in block.notes for one in note["c"][1]]
        notes = [_styled("Table Note", one["c"]) for one in inside if is_kind(one, "Para", "Plain")]
    return [*caption, *body, *notes] if is_table else [*body, *caption, *notes]


def _callout(block: Callout) -> list[Any]:
    """Put a box into a table of one cell: only a cell holds lists and paragraphs alike."""
    made: list[Any] = [raw_block("openxml", _BOX.format(kind=block.kind.title()))]
    if (title := block.full_title()) is not None:
        made.append(_styled("Callout Title", title, block.identifier))
    return [*made, *map_nodes(block.body, _BLOCKS), raw_block("openxml", "</w:tc></w:tr></w:tbl>")]


def _page_break(item: Any) -> list[Any] | None:
    is_break = "page-break" in item["c"][0][1]
    return [raw_block("openxml", '<w:p><w:r><w:br w:type="page"/></w:r></w:p>')] if is_break else None


_BLOCKS: Rules = {
    Float: _float,
    Callout: _callout,
    Layout: lambda block: map_nodes(block.body, _BLOCKS),
    "Table": lambda table: [with_widths(table)],
    "Div": _page_break,
}


def _equation(item: Any) -> list[Any] | None:
    return [node("Span", attr(item["c"][0][0]), item["c"][1])] if "equation" in item["c"][0][1] else None


def _image(item: Any, work: Path, assets: Path) -> list[Any] | None:
    *shown, (name, _) = item["c"]
    return [node("Image", *shown, [_as_png(work / name, assets).name, ""])] if name.endswith(".svg") else None


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
