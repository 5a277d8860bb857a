"""A Word document with real styles for headings, captions and tables, and a filled contents list."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

from platform_utils.render.document import Prepared
from platform_utils.render.finish import finish_package
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
    unlinked,
    write_tree,
)

_PPI = 200.0
_NOTE = "table-note"
_BOX = (
    '<w:tbl><w:tblPr><w:tblStyle w:val="Callout{kind}"/><w:tblW w:type="pct" w:w="5000"/>'
    '<w:tblLook w:firstRow="0" w:lastRow="0" w:firstColumn="0" w:lastColumn="0" w:noHBand="1" w:noVBand="1"/>'
    '</w:tblPr><w:tblGrid><w:gridCol w:w="9000"/></w:tblGrid><w:tr><w:trPr><w:cantSplit/></w:trPr>'
    '<w:tc><w:tcPr><w:tcW w:type="pct" w:w="5000"/></w:tcPr>'
)


def write_docx(prepared: Prepared, assets: Path, work: Path) -> bytes:
    """Write a document that is prepared for ``docx``.

    Parameters
    ----------
    assets : Path
        Folder with ``reference.docx``.
    work : Path
        Temporary folder that holds the pictures.
    """
    blocks = map_nodes(prepared.blocks, _BLOCKS)
    rules = {"Image": lambda item: _image(item, work, assets), "Span": _big_number, "Link": unlinked}
    blocks = map_nodes(blocks, rules)
    shutil.copyfile(assets / "reference.docx", work / "reference.docx")
    options = ["--reference-doc=reference.docx", "--syntax-highlighting=none", "--output=document.docx"]
    write_tree(blocks, prepared.template_meta(), "docx", [*options, *prepared.toc_options()], work)
    return finish_package((work / "document.docx").read_bytes(), house_style(assets)["common"]["house-words"])


def _styled(style: str, inlines: list[Any], identifier: str = "") -> Any:
    return node("Div", [identifier, [], [["custom-style", style]]], [node("Para", inlines)])


def _float(block: Float) -> list[Any]:
    return [node("Div", attr(block.identifier), _float_blocks(block))]


def _float_blocks(block: Float) -> list[Any]:
    is_table = block.kind == "tbl"
    text = block.full_caption()
    caption = [_styled("Table Caption" if is_table else "Image Caption", text)] if text else []
    body = [
        _styled("Captioned Figure", one["c"]) if not is_table and is_kind(one, "Para", "Plain") else one
        for one in map_nodes(block.body, _BLOCKS)
    ]
    inside = [one for note in block.notes for one in note["c"][1]]
    notes = [_styled("Table Note", one["c"]) for one in inside if is_kind(one, "Para", "Plain")]
    return [*caption, *body, *notes] if is_table else [*body, *caption, *notes]


def _callout(block: Callout) -> list[Any]:
    """Put a box into a table of one cell: only a cell holds lists and paragraphs alike."""
    start = raw_block("openxml", _BOX.format(kind=block.kind.title()))
    body = map_nodes(block.body, _BLOCKS)
    return [
        start,
        _styled("Callout Title", block.full_title()),
        *body,
        raw_block("openxml", "</w:tc></w:tr></w:tbl>"),
    ]


def _div(item: Any) -> list[Any] | None:
    (_, classes, _), inner = item["c"]
    if "page-break" in classes:
        return [raw_block("openxml", '<w:p><w:r><w:br w:type="page"/></w:r></w:p>')]
    return (
        [node("Div", attr(custom_style="Table Note"), map_nodes(inner, _BLOCKS))]
        if _NOTE in classes
        else None
    )


# Word sets nothing side by side that readers hear in order: blocks of a layout stand one under another.
_BLOCKS: Rules = {
    Float: _float,
    Callout: _callout,
    Layout: lambda block: map_nodes(block.body, _BLOCKS),
    "Table": lambda table: [with_widths(table)],
    "Div": _div,
}


def _big_number(item: Any) -> list[Any] | None:
    is_big = "big-number" in item["c"][0][1]
    return [node("Span", attr(custom_style="Big Number"), item["c"][1])] if is_big else None


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
    return made
