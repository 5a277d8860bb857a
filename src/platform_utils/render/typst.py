"""A tagged PDF: pandoc writes the prose as Typst, we write its floats, and Typst sets the pages."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any, Literal

from platform_utils.errors import ContractError
from platform_utils.render import pandoc
from platform_utils.render.dates import format_date
from platform_utils.render.document import Prepared, meta_inlines
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
from platform_utils.render.tables import Cell, grid_of
from platform_utils.render.words import generated_words

__all__ = ["write_pdf", "write_typst"]

_STANDARDS: list[Literal["ua-1", "a-2a"]] = ["ua-1", "a-2a"]
_PLAIN = {"Para", "Plain"}
_META = ("title", "subtitle", "abstract", "author", "lang")
# Characters of 9 point text that fit across a page; a table of longer words is set smaller.
_ACROSS = 100
_SIZES = ((1.0, "1em"), (1.12, "0.89em"), (1.3, "0.78em"))
_SMALLEST = "0.7em"
_FILLS = 0.5
_NARROW = "64%"
_LONG = 14  # rows; a longer table may break across pages


def write_pdf(prepared: Prepared, assets: Path, arguments: list[str], work: Path, *, strict: bool) -> bytes:
    """Write a prepared document as PDF.

    Parameters
    ----------
    prepared : Prepared
        The document, prepared for ``typst``.
    assets : Path
        Folder with ``report.typ`` and ``fonts``.
    arguments : list of str
        pandoc's arguments for literature.
    work : Path
        Temporary folder that holds the pictures.
    strict : bool
        Insist on PDF/UA-1 and PDF/A-2a.

    Returns
    -------
    bytes

    Raises
    ------
    ContractError
        E-612 if Typst refuses.
    """
    import typst

    source = work / "document.typ"
    source.write_text(write_typst(prepared, assets, arguments, work), encoding="utf-8")
    try:
        made = typst.compile(
            str(source),
            root=str(work),
            font_paths=[str(assets / "fonts")],
            ignore_system_fonts=True,
            pdf_standards=list(_STANDARDS) if strict else [],
            timestamp=0,
        )
    except typst.TypstError as error:
        reason = str(error).strip().splitlines()[0]
        raise ContractError("E-612", document=prepared.settings.document, reason=reason) from error
    return bytes(made)


def write_typst(prepared: Prepared, assets: Path, arguments: list[str], work: Path) -> str:
    """Write a prepared document as Typst source, with the pictures that it names in ``work``."""
    settings, words = prepared.settings, generated_words(prepared.settings.lang)
    prepared.pictures.write(work)
    blocks = _with_shifted_headings(prepared)
    blocks = map_blocks(blocks, lambda block: _block(block, words, settings.form))
    blocks = map_inlines(blocks, lambda item: _inline(item, words))
    meta = {key: value for key, value in prepared.meta.items() if key in _META}
    # Nothing but plain names goes on pandoc's command line, which it reads in the desk's own encoding.
    shutil.copyfile(assets / "report.typ", work / "report.typ")
    options: dict[str, str] = {
        "document-title": _text(plain_text(meta_inlines(prepared.meta.get("title"))) or settings.document),
        "language": _text(settings.lang.split("-")[0]),
        "mark": _text(settings.mark),
        "page-word": _text(words["page"]),
        "of-word": _text(words["of"]),
        "abstract-title": _text(words["abstract"]),
    }
    if authors := prepared.meta.get("author"):
        options["author-names"] = ", ".join(_text(plain_text(meta_inlines(name))) for name in authors["c"])
    if settings.date is not None:
        date = format_date(settings.date, settings.date_format, settings.lang, settings.document)
        options["date-text"] = _text(date)
    if settings.toc:
        options["contents-title"] = _text(settings.toc_title or words["toc"])
        options["contents-depth"] = str(settings.toc_depth)
    meta |= {key: node("MetaInlines", [raw_inline("typst", value)]) for key, value in options.items()}
    tree = {"pandoc-api-version": [1, 23, 1], "meta": meta, "blocks": blocks}
    made = pandoc.from_tree(
        tree,
        "typst-citations",
        ["--template=report.typ", "--wrap=none", "--syntax-highlighting=none", *arguments],
        document=settings.document,
        cwd=work,
    )
    return made.decode()


def _text(value: str) -> str:
    """Return a Typst string literal."""
    return json.dumps(value, ensure_ascii=False)


def _with_shifted_headings(prepared: Prepared) -> list[Any]:
    """Let the highest heading be level 1, and tell Typst which ones the contents list leaves out."""
    shift = min((heading.level for heading in prepared.headings), default=1) - 1

    def change(block: Any) -> list[Any] | None:
        if not isinstance(block, dict) or block["t"] != "Header":
            return None
        level, (identifier, classes, _), inlines = block["c"]
        depth = f"level: {level - shift}"
        listed = ", outlined: false" if "unlisted" in classes else ""
        label = f" <{identifier}>" if identifier else ""
        start = raw_inline("typst", f"#heading({depth}{listed})[")
        return [node("Para", [start, *inlines, raw_inline("typst", f"]{label}")])]

    return map_blocks(prepared.blocks, change)


def _block(block: Any, words: Any, form: str) -> list[Any] | None:
    if isinstance(block, Float):
        return _float(block, words, form)
    if isinstance(block, Callout):
        return _callout(block, words, form)
    if isinstance(block, Layout):
        return _side_by_side([[one] for one in block.body], block.columns, words, form)
    kind: str = block["t"]
    content: Any = block.get("c")
    if kind == "Table":
        return _table(block, words, form)
    if kind == "HorizontalRule":
        return [raw_block("typst", "#rule()")]
    if kind == "Div" and "page-break" in content[0][1]:
        return [raw_block("typst", "#pagebreak(weak: true)")]
    if kind == "Div" and dict(content[0][2]).get("lang"):
        lang = _text(dict(content[0][2])["lang"].split("-")[0])
        inner = map_blocks(content[1], lambda one: _block(one, words, form))
        return [raw_block("typst", f"#[#set text(lang: {lang})"), *inner, raw_block("typst", "]")]
    return None


def _float(block: Float, words: Any, form: str) -> list[Any]:
    label = f" <{block.identifier}>" if block.identifier else ""
    caption = block.full_caption()
    long = any(_rows(one) > _LONG for one in block.body)
    start = [raw_inline("typst", f'#float(kind: "{block.kind}{"-long" if long else ""}"')]
    if caption:
        start += [raw_inline("typst", ", caption: ["), *caption, raw_inline("typst", "]")]
    start.append(raw_inline("typst", ")["))
    body: list[Any] = []
    if block.parts:
        body += _side_by_side([_float(part, words, form) for part in block.parts], block.columns, words, form)
    body += map_blocks(block.body, lambda one: _block(one, words, form))
    for note in block.notes:
        inner = map_blocks(note["c"][1], lambda one: _block(one, words, form))
        body += [raw_block("typst", "#table-note["), *inner, raw_block("typst", "]")]
    return [node("Plain", start), *body, raw_block("typst", f"]{label}")]


def _rows(block: Any) -> int:
    if not isinstance(block, dict) or block["t"] != "Table":
        return 0
    grid = grid_of(block)
    return len(grid.head) + len(grid.body)


def _side_by_side(cells: list[list[Any]], columns: int, words: Any, form: str) -> list[Any]:
    made: list[Any] = [raw_block("typst", f"#grid(columns: {columns}, column-gutter: 1em, row-gutter: 1em,")]
    for cell in cells:
        made.append(raw_block("typst", "["))
        made += map_blocks(cell, lambda one: _block(one, words, form))
        made.append(raw_block("typst", "],"))
    return [*made, raw_block("typst", ")")]


def _callout(block: Callout, words: Any, form: str) -> list[Any]:
    label = f" <{block.identifier}>" if block.identifier else ""
    start = [raw_inline("typst", f'#callout(kind: "{block.kind}"')]
    if block.style == "default" or block.title is not None:
        title = block.full_title(words[block.kind])
        start += [raw_inline("typst", ", title: ["), *title, raw_inline("typst", "]")]
    start.append(raw_inline("typst", ")["))
    body = map_blocks(block.body, lambda one: _block(one, words, form))
    return [node("Plain", start), *body, raw_block("typst", f"]{label}")]


def _table(table: dict[str, Any], words: Any, form: str) -> list[Any]:
    """Write a table: pandoc would put it into a figure of its own, without spans that readers hear."""
    grid = grid_of(table)
    widths = grid.widths()
    # Two widths only, so that pages are calm: small tables stay narrow, and their rows can be followed.
    share = sum(line + 3 for line, _ in widths) / _ACROSS
    columns = ["1fr" if share < 1 else "auto", *["auto"] * (len(grid.aligns) - 1)]
    width = _NARROW if share < _FILLS else "100%"
    start = f"#data-table(size: {_size(widths)}, heads: {len(grid.head)}, width: {width}, "
    made: list[Any] = [f"{start}columns: ({', '.join(columns)},), align: ({', '.join(grid.aligns)},), "]
    if grid.head:
        made.append("table.header(")
        for row in grid.head:
            for cell in row:
                made += _cell(cell, words, form)
        made.append("), ")
    for row in grid.body:
        for cell in row:
            made += _cell(cell, words, form)
    made.append(")")
    return _joined(made)


def _cell(cell: Cell, words: Any, form: str) -> list[Any]:
    spans = [f"colspan: {cell.columns}"] if cell.columns > 1 else []
    spans += [f"rowspan: {cell.rows}"] if cell.rows > 1 else []
    spans += [f"align: {cell.align}"] if cell.columns > 1 else []
    start = f"table.cell({', '.join(spans)})[" if spans else "["
    if not cell.blocks:
        return [f"{start}], "]
    if len(cell.blocks) == 1 and isinstance(cell.blocks[0], dict) and cell.blocks[0]["t"] in _PLAIN:
        return [start, *cell.blocks[0]["c"], "], "]
    return [start, ("blocks", map_blocks(cell.blocks, lambda one: _block(one, words, form))), "], "]


def _joined(pieces: list[Any]) -> list[Any]:
    """Return code, inlines and blocks as blocks, inlines on one line as long as they can be."""
    made: list[Any] = []
    line: list[Any] = []
    for piece in pieces:
        if isinstance(piece, str):
            line.append(raw_inline("typst", piece))
        elif isinstance(piece, tuple):
            made.append(node("Plain", line))
            made += piece[1]
            line = []
        else:
            line.append(piece)
    return [*made, node("Plain", line)]


def _size(widths: tuple[tuple[int, int], ...]) -> str:
    needed = sum(word + 3 for _, word in widths) / _ACROSS
    return next((size for limit, size in _SIZES if needed <= limit), _SMALLEST)


def _inline(item: dict[str, Any], words: Any) -> list[Any] | None:
    kind: str = item["t"]
    content: Any = item.get("c")
    if kind == "Image":
        attributes, alt, (name, _) = content
        lengths = "".join(f", {key}: {value}" for key, value in attributes[2] if key in ("width", "height"))
        text = _text(plain_text(alt))
        return [raw_inline("typst", f'#picture("{name}", alt: {text}{lengths})')]
    if kind == "Span" and "equation" in content[0][1]:
        number = dict(content[0][2])["number"]
        return _math(content[1][0], f'numbering: n => "({number})", ', f" <{content[0][0]}>", words)
    if kind == "Math":
        return _math(item, "", "", words)
    return None


def _math(math: dict[str, Any], numbering: str, label: str, words: Any) -> list[Any]:
    """Put a formula with its alternative text: the TeX that it was written in."""
    tex = " ".join(math["c"][1].split())
    start = raw_inline(
        "typst", f"#[#set math.equation({numbering}alt: {_text(words['formula'] + ': ' + tex)});"
    )
    return [start, math, raw_inline("typst", f"{label}]")]
