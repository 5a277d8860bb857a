"""A Word document with real styles for headings, captions and tables, and a filled contents list.

A prepared document enters; a package leaves with what pandoc does not write: title and mark in header and
footer, rows that do not break across pages, room after tables, no clock, the same bytes for the same input.
"""

from __future__ import annotations

import io
import re
import shutil
import zipfile
from html import escape
from pathlib import Path
from typing import Any

from platform_utils.render.document import Prepared
from platform_utils.render.images import with_density
from platform_utils.render.numbering import Heading
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
    words,
    write_tree,
)

__all__ = ["finish_package", "write_docx"]

_PPI = 200.0
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
# A small empty paragraph: two tables that touch would be one, and a cell may not end in a table.
_GAP = '<w:p><w:pPr><w:pStyle w:val="SmallGap"/></w:pPr></w:p>'
_KEPT_GAP = _GAP.replace("</w:pPr>", "<w:keepNext/></w:pPr>")
_NOTE = r'\s*<w:p>\s*<w:pPr>\s*<w:pStyle w:val="TableNote"'
_TABLE = re.compile(
    rf'(<w:tbl><w:tblPr><w:tblStyle w:val="(?:Dense)?Table" ?/>.*?</w:tbl>)({_NOTE})?', re.DOTALL
)
_END = re.compile(rf"</w:tbl>({_NOTE})?")
_LONG = 15  # rows with the heading; a longer table may break across pages
_FIRST_DAY = (1980, 1, 1, 0, 0, 0)
_CLOCK = re.compile(r"<dcterms:(created|modified)[^>]*>[^<]*</dcterms:\1>")
_ROW = re.compile(r"<w:tr\b[^>]*>(?:<w:trPr>(.*?)</w:trPr>|<w:trPr\s*/>)?", re.DOTALL)


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
    meta = {**prepared.meta, "abstract-title": node("MetaString", prepared.words["abstract"])}
    if prepared.date is not None:
        meta["date"] = node("MetaInlines", words(prepared.date))
    shutil.copyfile(assets / "reference.docx", work / "reference.docx")
    options = ["--reference-doc=reference.docx", "--syntax-highlighting=none", "--output=document.docx"]
    write_tree([*_contents(prepared), *blocks], meta, "docx", [*options, *arguments], work)
    package = (work / "document.docx").read_bytes()
    said = {key: prepared.words[key] for key in ("page", "of")}
    return finish_package(package, title=prepared.title, mark=prepared.settings.mark, **said)


def finish_package(package: bytes, *, title: str, mark: str, page: str, of: str) -> bytes:
    """Return a Word package without clock, with header and footer filled.

    Parameters
    ----------
    package : bytes
        As pandoc writes it, from our reference document.
    title : str
        Stands in the header.
    mark : str
        Stands in the header of every page; empty for none.
    page, of : str
        The footer's words.
    """
    values = {"{{title}}": title, "{{mark}}": mark, "{{page}}": page, "{{of}}": of}
    made = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(package)) as source,
        zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as target,
    ):
        for name in sorted(source.namelist(), key=lambda name: (name != "[Content_Types].xml", name)):
            data = source.read(name)
            if name == "word/document.xml":
                data = _document(data.decode()).encode()
            elif re.fullmatch(r"word/(header|footer)\d+\.xml", name):
                text = data.decode()
                for key, value in values.items():
                    text = text.replace(key, escape(value))
                data = text.encode()
            elif name == "docProps/core.xml":
                data = _CLOCK.sub("", data.decode()).encode()
            entry = zipfile.ZipInfo(name, _FIRST_DAY)
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry.external_attr = 0o600 << 16
            entry.create_system = 3
            target.writestr(entry, data)
    return made.getvalue()


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


def _contents(prepared: Prepared) -> list[Any]:
    """Return a contents list that is filled, and that Word can bring up to date with page numbers."""
    if not prepared.listed:
        return []
    depth = prepared.settings.toc_depth
    fields = [_FIELD.format(depth=depth)] + [""] * (len(prepared.listed) - 1)
    lines = "".join(map(_entry, prepared.listed, [depth] * len(fields), fields))
    title = escape(prepared.settings.toc_title or prepared.words["toc"])
    return [raw_block("openxml", _CONTENTS.format(title=title, lines=lines))]


def _entry(heading: Heading, depth: int, first: str) -> str:
    level = min(heading.level, depth)
    text = escape(f"{heading.number} {heading.text}".strip())
    return (
        f'<w:p><w:pPr><w:pStyle w:val="TOC{level}"/></w:pPr>{first}'
        f'<w:hyperlink w:anchor="{escape(heading.identifier)}" w:history="1">'
        f'<w:r><w:t xml:space="preserve">{text}</w:t></w:r></w:hyperlink></w:p>'
    )


def _document(xml: str) -> str:
    def row(match: re.Match[str]) -> str:
        inner = match[1] or ""
        kept = inner if "<w:cantSplit" in inner else f"<w:cantSplit/>{inner}"
        return f"{match[0].split('<w:trPr')[0]}<w:trPr>{kept}</w:trPr>"

    xml = _TABLE.sub(_together, _ROW.sub(row, xml))
    return _END.sub(lambda end: f"</w:tbl>{_KEPT_GAP if end[1] else _GAP}{end[1] or ''}", xml)


def _together(match: re.Match[str]) -> str:
    """Keep the rows of a short data table on one page, and its notes with them."""
    rows = re.split(r"(?=<w:tr>)", match[1])
    if len(rows) > _LONG + 1:
        return match[0]
    last = len(rows) if match[2] else len(rows) - 1
    kept = [re.sub(r"(<w:pStyle [^>]*/>)", r"\1<w:keepNext/>", row) for row in rows[:last]]
    return "".join([*kept, *rows[last:], match[2] or ""])
