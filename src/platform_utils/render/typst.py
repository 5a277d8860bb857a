"""A tagged PDF: pandoc writes the prose as Typst, we write its floats, and Typst sets the pages."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any, Literal

from platform_utils.errors import ContractError
from platform_utils.render.document import Prepared
from platform_utils.render.finish import finish_pdf
from platform_utils.render.tables import grid_of
from platform_utils.render.tree import (
    Callout,
    Float,
    Layout,
    Rules,
    is_kind,
    map_nodes,
    node,
    plain_text,
    raw_block,
    raw_inline,
    unlinked,
    write_tree,
)

_STANDARDS: list[Literal["ua-1", "a-2a"]] = ["ua-1", "a-2a"]
# Characters of 9 point text that fit across a page; a table of longer words is set smaller.
_ACROSS = 100
_SIZES = ((1.0, "1em"), (1.12, "0.89em"), (1.3, "0.78em"))
_SMALLEST = "0.7em"
_FILLS = 0.5
_NARROW = "64%"


def write_pdf(prepared: Prepared, assets: Path, work: Path) -> bytes:
    """Write a document that is prepared for ``typst`` as PDF.

    Parameters
    ----------
    assets : Path
        Folder with the house style's templates and ``fonts``.
    work : Path
        Temporary folder that holds the pictures.

    Raises
    ------
    ContractError
        E-612 if Typst refuses.
    """
    import typst

    source = work / "document.typ"
    source.write_bytes(_source(prepared, assets, work))
    try:
        made = typst.compile(
            str(source),
            root=str(work),
            font_paths=[str(assets / "fonts")],
            ignore_system_fonts=True,
            pdf_standards=list(_STANDARDS),
            timestamp=0,
        )
    except typst.TypstError as error:
        reason = str(error).strip().splitlines()[0]
        raise ContractError("E-612", reason=reason) from error
    return finish_pdf(bytes(made))


def _source(prepared: Prepared, assets: Path, work: Path) -> bytes:
    """Return a prepared document as Typst source."""
    settings = prepared.settings
    blocks = map_nodes(_with_shifted_headings(prepared), _BLOCKS)
    blocks = map_nodes(blocks, {"Image": _picture, "Span": _big_number, "Link": unlinked})
    strings = {
        "title": prepared.title or settings.document,
        "mark": settings.mark,
        "name": settings.name,
        "lang": settings.lang.split("-")[0],
        "page": settings.words["page"],
        "of": settings.words["of"],
        "authors": ", ".join(map(plain_text, prepared.authors)),
    }
    code = {key: node("MetaInlines", [raw_inline("typst", _text(text))]) for key, text in strings.items()}
    meta = prepared.template_meta() | {"typst-strings": node("MetaMap", code)}
    if settings.toc:
        meta |= {"toc": node("MetaBool", True), "toc-depth": node("MetaString", str(settings.toc_depth))}
    # Nothing but plain names goes on pandoc's command line, which it reads in the desk's own encoding.
    for name in ("typst-template.typ", "typst-show.typ", "report.typ"):
        shutil.copyfile(assets / name, work / name)
    options = ["--template=report.typ", "--wrap=none", "--syntax-highlighting=none"]
    return write_tree(blocks, meta, "typst", options, work)


def _text(value: str) -> str:
    """Return a Typst string literal."""
    return json.dumps(value, ensure_ascii=False)


def _code(text: str) -> dict[str, Any]:
    return raw_block("typst", text)


def _with_shifted_headings(prepared: Prepared) -> list[Any]:
    """Let the highest heading be level 1."""
    shift = min((heading.level for heading in prepared.headings), default=1) - 1

    def change(block: Any) -> list[Any]:
        level, (identifier, _, _), inlines = block["c"]
        start = raw_inline("typst", f"#heading(level: {level - shift})[")
        return [node("Para", [start, *inlines, raw_inline("typst", f"]{_label(identifier)}")])]

    return list(map_nodes(prepared.blocks, {"Header": change}))


def _label(identifier: str) -> str:
    return f" <{identifier}>" if identifier else ""


def _boxed(call: str, name: str, text: list[Any] | None, body: list[Any], identifier: str) -> list[Any]:
    """Return blocks as the body of a function of our template, with a caption or title if there is one."""
    start = [raw_inline("typst", call)]
    if text is not None:
        start += [raw_inline("typst", f", {name}: ["), *text, raw_inline("typst", "]")]
    return [node("Plain", [*start, raw_inline("typst", ")[")]), *body, _code(f"]{_label(identifier)}")]


def _float(block: Float) -> list[Any]:
    body: list[Any] = map_nodes(block.body, _BLOCKS)
    body += map_nodes(block.notes, _BLOCKS)
    return _boxed(
        f'#float(kind: "{block.kind}"', "caption", block.full_caption() or None, body, block.identifier
    )


def _callout(block: Callout) -> list[Any]:
    body = map_nodes(block.body, _BLOCKS)
    return _boxed(f'#callout(kind: "{block.kind}"', "title", block.full_title(), body, "")


def _table(table: dict[str, Any]) -> list[Any]:
    """Write a table as wide as its words want: pandoc would put it into a figure of its own."""
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
        for cell in (cell for row in grid.head for cell in row):
            made += _cell(cell)
        made.append("), ")
    for cell in (cell for row in grid.body for cell in row):
        made += _cell(cell)
    made.append(")")
    return _joined(made)


def _cell(blocks: list[Any]) -> list[Any]:
    if not blocks:
        return ["[], "]
    if len(blocks) == 1 and is_kind(blocks[0], "Para", "Plain"):
        return ["[", *blocks[0]["c"], "], "]
    return ["[", ("blocks", map_nodes(blocks, _BLOCKS)), "], "]


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


def _layout(block: Layout) -> list[Any]:
    made: list[Any] = [_code(f"#grid(columns: {block.columns}, column-gutter: 1em, row-gutter: 1em,")]
    for one in block.body:
        made += [_code("["), *map_nodes([one], _BLOCKS), _code("],")]
    return [*made, _code(")")]


def _div(item: Any) -> list[Any] | None:
    (_, classes, _), inner = item["c"]
    if "page-break" in classes:
        return [_code("#pagebreak(weak: true)")]
    ours = next((name for name in ("table-note", "lead") if name in classes), None)
    return [_code(f"#{ours}["), *map_nodes(inner, _BLOCKS), _code("]")] if ours else None


_BLOCKS: Rules = {
    Float: _float,
    Callout: _callout,
    Layout: _layout,
    "Div": _div,
    "Table": _table,
    "HorizontalRule": lambda _: [_code("#horizontalrule")],
}


def _big_number(item: Any) -> list[Any] | None:
    is_big = "big-number" in item["c"][0][1]
    return [raw_inline("typst", "#big-number["), *item["c"][1], raw_inline("typst", "]")] if is_big else None


def _picture(item: Any) -> list[Any]:
    (_, _, pairs), alt, (name, _) = item["c"]
    lengths = "".join(f", {key}: {value}" for key, value in pairs if key in ("width", "height"))
    return [raw_inline("typst", f'#picture("{name}", alt: {_text(plain_text(alt))}{lengths})')]
