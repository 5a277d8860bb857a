"""An executed notebook becomes HTML, PDF and DOCX, from the same stored outputs, with nothing executed.

One public function stands before two engines: ``embedded`` (pandoc and Typst from wheels, the only engine
of releases) and ``quarto`` (the program on the search path).
"""

from __future__ import annotations

import json
import tempfile
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import Any

import yaml

from platform_utils.errors import FileError, PlatformError, SettingsError, UsageError
from platform_utils.paths import Workspace, write_whole
from platform_utils.render.assemble import Assembly, assemble
from platform_utils.render.document import Prepared, prepare
from platform_utils.render.docx import write_docx
from platform_utils.render.html import write_html, write_plain_page
from platform_utils.render.images import collect_pictures
from platform_utils.render.quarto_engine import render_with_quarto
from platform_utils.render.settings import (
    FORMATS,
    Settings,
    front_matter,
    house_style,
    merged,
    settings_for,
)
from platform_utils.render.structure import structure
from platform_utils.render.tree import is_kind, node, read_tree, words
from platform_utils.render.typst import write_pdf

_ENGINES = ("embedded", "quarto")
_NEEDED = (
    "_extension.yml", "report.css", "report.html", "report.typ", "typst-template.typ", "typst-show.typ",
    "reference.docx", "fonts",
)  # fmt: skip
_SAYS = "document-says"
"""Class of the block in which a document tells its title, its mark and the name of its files."""


def render(
    notebook: Path,
    formats: Sequence[str] = ("html", "pdf", "docx"),
    out_stem: Path | None = None,
    *,
    engine: str = "embedded",
    defaults: Mapping[str, Any] | None = None,
    assets: Path | None = None,
) -> tuple[Path, ...]:
    """Render an executed notebook.

    Parameters
    ----------
    notebook : Path
        The executed ``.ipynb``; a Quarto document's front matter stands in its first raw cell.
    formats : sequence of str
        Some of ``"html"``, ``"pdf"``, ``"docx"``.
    out_stem : Path, optional
        Where to write, without suffix; beside the notebook by default.
    engine : str
        ``"embedded"`` or ``"quarto"``.
    defaults : mapping, optional
        Front matter under the document's own; the workspace's ``_quarto.yml`` by default.
    assets : Path, optional
        Folder of the house style; the workspace's by default.

    Returns
    -------
    tuple of Path
        What was written, in the order of ``formats``.

    Raises
    ------
    UsageError
        E-610, E-615 for an unknown format or engine; E-613 if Quarto is not installed.
    ContractError
        E-601 to E-608, E-611, E-612, E-614, E-616, E-618 for what the document holds.
    FileError
        E-609, E-617 for files; E-012 if the output cannot be written.
    """
    for name in formats:
        if name not in FORMATS:
            raise UsageError("E-610", format=name)
    if engine not in _ENGINES:
        raise UsageError("E-615", engine=engine)
    try:
        front_under = _project(notebook) if defaults is None else defaults
        read = _read(notebook)
        front = merged(front_under, front_matter(read))
        styles = _assets(assets, notebook)
        house = house_style(styles)
        chosen = [settings_for(front, FORMATS[name], notebook.stem, house) for name in formats]
        if engine == "quarto":
            made = render_with_quarto(notebook, formats, styles, front_under)
        else:
            made = _embedded(assemble(read, front.get("execute") or {}), chosen, styles)
    except PlatformError as error:
        # What refuses knows the place but not whose it is: the document is named here, once.
        error.fields.setdefault("document", notebook.stem)
        raise
    stem = out_stem or notebook.with_suffix("")
    written = []
    for name, data in zip(formats, made, strict=True):
        path = stem.with_name(f"{stem.name}.{name}")
        write_whole(path, data)
        written.append(path)
    return tuple(written)


def render_page(notebook: Path) -> Path:
    """Render anybody's executed notebook as a web page in the house style, whatever it holds; beside it.

    A report promises more and may hold less: see `render`.

    Raises
    ------
    ContractError
        E-611 if pandoc refuses.
    FileError
        E-617, E-620 for files; E-012 if the output cannot be written.
    """
    assets = _assets(None, notebook)
    words = house_style(assets)["common"]["house-words"]["en"]
    page = write_plain_page(json.dumps(_read(notebook)).encode(), notebook.stem, assets, words)
    path = notebook.with_suffix(".html")
    write_whole(path, page)
    return path


def _embedded(assembly: Assembly, chosen: Sequence[Settings], assets: Path) -> list[bytes]:
    """Return the document in each of the chosen formats: read once, prepared and written for each."""
    if not chosen:
        return []
    tree = read_tree(_with_head(assembly.markdown, chosen[0]), "markdown")
    blocks, meta = tree["blocks"], tree["meta"]
    # The first heading of a notebook without front matter is its title, as in Quarto.
    if "title" not in meta and blocks and is_kind(blocks[0], "Header") and blocks[0]["c"][0] == 1:
        meta["title"] = node("MetaInlines", blocks.pop(0)["c"][2])
    meta["lang"] = node("MetaString", chosen[0].lang)
    blocks, chosen = _as_it_says(blocks, meta, chosen)
    blocks, pictures = collect_pictures(structure(blocks), assembly.pictures)
    # Every format is prepared before one is written: what is refused is refused at once, for all of them.
    prepared = [prepare(blocks, meta, pictures, settings) for settings in chosen]
    # Writing is waiting for pandoc and Typst, which are programs of their own: threads are enough.
    with ThreadPoolExecutor(max_workers=len(prepared)) as pool:
        return list(pool.map(lambda one: _written(one, assets), prepared))


def _as_it_says(
    blocks: list[Any], meta: dict[str, Any], chosen: Sequence[Settings]
) -> tuple[list[Any], list[Settings]]:
    """Take out the block in which a document tells what it is called; set title, author, mark, name by it."""
    said: dict[str, str] = {}
    for block in blocks:
        if is_kind(block, "Div") and _SAYS in block["c"][0][1]:
            said |= dict(block["c"][0][2])
    if "title" in said:
        meta["title"] = node("MetaInlines", words(said["title"]))
    if "author" in said:
        meta["author"] = node("MetaList", [node("MetaInlines", words(said["author"]))])
    kept = [block for block in blocks if not (is_kind(block, "Div") and _SAYS in block["c"][0][1])]
    return kept, [
        replace(one, mark=said.get("mark", one.mark), name=said.get("name", one.name)) for one in chosen
    ]


def _written(prepared: Prepared, assets: Path) -> bytes:
    form = prepared.settings.form
    with tempfile.TemporaryDirectory(prefix="pu-render-") as temporary:
        work = Path(temporary)
        if form == "html":
            return write_html(prepared, assets, work)
        for picture in prepared.pictures.values():
            (work / picture.name).write_bytes(picture.data)
        return (write_docx if form == "docx" else write_pdf)(prepared, assets, work)


def _with_head(markdown: str, settings: Settings) -> str:
    """Return a text with what of its front matter is Markdown, for pandoc to read."""
    head = {
        "title": settings.title,
        "subtitle": settings.subtitle,
        "author": list(settings.authors),
    }
    head = {key: value for key, value in head.items() if value}
    return f"---\n{yaml.safe_dump(head, allow_unicode=True)}---\n\n{markdown}" if head else markdown


def _read(path: Path) -> dict[str, Any]:
    """Return a notebook; a cell's source may be one text or a list of lines."""
    try:
        notebook: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
        for cell in notebook["cells"]:
            cell["source"] = "".join(cell["source"])
    except (OSError, ValueError, KeyError, TypeError):
        raise FileError("E-620", document=path.name) from None
    return notebook


def _workspace(notebook: Path) -> Workspace:
    """Return the workspace that a notebook stands in, else the one that we stand in."""
    try:
        return Workspace.find(notebook.parent)
    except SettingsError:
        return Workspace.find()


def _project(notebook: Path) -> dict[str, Any]:
    """Return the front matter that the workspace's ``_quarto.yml`` gives every document."""
    return yaml.safe_load((_workspace(notebook).root / "_quarto.yml").read_text(encoding="utf-8")) or {}


def _assets(assets: Path | None, notebook: Path) -> Path:
    folder = assets or _workspace(notebook).assets
    for name in _NEEDED:
        if not (folder / name).exists():
            raise FileError("E-617", file=name)
    return folder.resolve()
