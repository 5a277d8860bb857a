"""An executed notebook becomes HTML, PDF and DOCX, from the same stored outputs, with nothing executed.

One public function stands before two engines: ``embedded`` (pandoc and Typst from wheels, the only engine
of releases) and ``quarto`` (the program on the search path).
"""

from __future__ import annotations

import json
import tempfile
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import yaml

from platform_utils.errors import FileError, SettingsError, UsageError
from platform_utils.paths import Workspace, write_atomically
from platform_utils.render import pandoc
from platform_utils.render.assemble import assemble
from platform_utils.render.document import prepare
from platform_utils.render.docx import write_docx
from platform_utils.render.html import write_html
from platform_utils.render.images import collect_pictures
from platform_utils.render.quarto_engine import render_with_quarto
from platform_utils.render.settings import FORMATS, front_matter, merged, settings_for
from platform_utils.render.structure import structure
from platform_utils.render.typst import write_pdf

__all__ = ["render"]

_ENGINES = ("embedded", "quarto")
_NEEDED = ("report.css", "report.html", "report.typ", "reference.docx", "fonts")
_PIECE = "platform-utils-piece"


def render(
    notebook: Path,
    formats: Sequence[str] = ("html", "pdf", "docx"),
    out_stem: Path | None = None,
    *,
    engine: str = "embedded",
    mark: str | None = None,
    metadata: Mapping[str, Any] | None = None,
    resources: Path | None = None,
    defaults: Mapping[str, Any] | None = None,
    assets: Path | None = None,
    strict: bool = True,
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
    engine : str, default ``"embedded"``
        ``"embedded"`` or ``"quarto"``.
    mark : str, optional
        Printed on every page and at the top of the web page, in place of the front matter's ``running-mark``.
    metadata : mapping, optional
        Front matter that takes precedence over the document's own, such as ``{"title": …}``.
    resources : Path, optional
        Folder from which the document names pictures and literature; the notebook's own by default.
    defaults : mapping, optional
        Front matter under the document's own; the workspace's ``_quarto.yml`` by default.
    assets : Path, optional
        Folder of style sheets and fonts; the workspace's by default.
    strict : bool, default True
        Refuse an unresolved cross-reference, a captioned float without a label, a missing alternative text
        and a skipped heading level. Only tests of Quarto's own behaviour turn this off.

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
        E-609, E-617, E-619 for files; E-012 if the output cannot be written.
    """
    for name in formats:
        if name not in FORMATS:
            raise UsageError("E-610", format=name)
    if engine not in _ENGINES:
        raise UsageError("E-615", engine=engine)
    stem = out_stem or notebook.with_suffix("")
    document = notebook.stem
    node = _read(notebook)
    below = _project(notebook) if defaults is None else defaults
    front = merged(merged(below, front_matter(node, document)), metadata or {})
    folder = resources or notebook.parent
    if engine == "quarto":
        return render_with_quarto(
            notebook,
            formats,
            stem,
            folder,
            reference=_assets(assets, notebook) / "reference.docx",
            metadata=metadata or {},
            below=below,
            settings=settings_for(front, "html", document, mark=mark),
        )
    made = _embedded(node, front, tuple(formats), document, folder, _assets(assets, notebook), mark, strict)
    written = []
    for name, data in zip(formats, made, strict=True):
        path = stem.with_name(f"{stem.name}.{name}")
        with write_atomically(path) as partial:
            partial.write_bytes(data)
        written.append(path)
    return tuple(written)


def _embedded(
    node: Mapping[str, Any],
    front: Mapping[str, Any],
    formats: tuple[str, ...],
    document: str,
    folder: Path,
    assets: Path,
    mark: str | None,
    strict: bool,
) -> list[bytes]:
    chosen = [settings_for(front, FORMATS[name], document, mark=mark) for name in formats]
    if not chosen:
        return []
    execute = front.get("execute") or {}
    assembly = assemble(node, execute, document)
    first = chosen[0]
    head = {
        "title": first.title,
        "subtitle": first.subtitle,
        "abstract": first.abstract,
        "author": list(first.authors),
    }
    head = {key: value for key, value in head.items() if value}
    text = (
        f"---\n{yaml.safe_dump(head, allow_unicode=True)}---\n\n{assembly.markdown}"
        if head
        else assembly.markdown
    )
    tree = pandoc.to_tree(text, "markdown", document=document)
    _take_title(tree)
    pieces = _html_pieces(assembly.html, document)
    tree["meta"]["lang"] = {"t": "MetaString", "c": first.lang}
    names = {key: tree["meta"][key]["c"] for key in tree["meta"] if tree["meta"][key]["t"] == "MetaInlines"}
    blocks = structure(tree["blocks"], pieces, names, document)
    blocks, pictures = collect_pictures(blocks, assembly.pictures, folder, document, strict=strict)
    prepared = [prepare(blocks, tree["meta"], pictures, settings, strict=strict) for settings in chosen]

    def write(number: int) -> bytes:
        one = prepared[number]
        with tempfile.TemporaryDirectory(prefix="pu-render-") as temporary:
            work = Path(temporary)
            arguments = _literature(one.settings.bibliography, one.settings.csl, folder, work, document)
            if one.settings.form == "html":
                return write_html(one, assets, arguments, work)
            if one.settings.form == "docx":
                return write_docx(one, assets, arguments, work)
            return write_pdf(one, assets, arguments, work, strict=strict)

    with ThreadPoolExecutor(max_workers=len(prepared)) as pool:
        return list(pool.map(write, range(len(prepared))))


def _read(path: Path) -> dict[str, Any]:
    try:
        node: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
        for cell in node["cells"]:
            cell["source"] = "".join(cell["source"])
    except (OSError, ValueError, KeyError, TypeError):
        raise FileError("E-620", document=path.name) from None
    return node


def _project(notebook: Path) -> dict[str, Any]:
    """Return the front matter that the workspace's ``_quarto.yml`` gives every document."""
    try:
        path = Workspace.find(notebook.parent).root / "_quarto.yml"
    except SettingsError:
        path = Workspace.find().root / "_quarto.yml"
    return yaml.safe_load(path.read_text(encoding="utf-8")) or {}


def _assets(assets: Path | None, notebook: Path) -> Path:
    if assets is None:
        try:
            assets = Workspace.find(notebook.parent).assets
        except SettingsError:
            assets = Workspace.find().assets
    for name in _NEEDED:
        if not (assets / name).exists():
            raise FileError("E-617", file=name)
    return assets.resolve()


def _take_title(tree: dict[str, Any]) -> None:
    """Let the first heading of a notebook without front matter be its title, as Quarto does."""
    blocks = tree["blocks"]
    if "title" not in tree["meta"] and blocks and blocks[0]["t"] == "Header" and blocks[0]["c"][0] == 1:
        tree["meta"]["title"] = {"t": "MetaInlines", "c": blocks.pop(0)["c"][2]}


def _html_pieces(pieces: Sequence[str], document: str) -> list[list[Any]]:
    """Read all HTML outputs with one call of pandoc."""
    if not pieces:
        return []
    text = "\n".join(f'<div class="{_PIECE}">{piece}</div>' for piece in pieces)
    blocks = pandoc.to_tree(text, "html", document=document)["blocks"]
    return [block["c"][1] for block in blocks if block["t"] == "Div" and _PIECE in block["c"][0][1]]


def _literature(files: Sequence[str], csl: str | None, folder: Path, work: Path, document: str) -> list[str]:
    """Return pandoc's arguments for literature, with the files copied to where pandoc runs."""
    if not files:
        return []
    made = ["--citeproc", "--metadata=link-citations:true"]
    for number, name in enumerate(files):
        made.append(
            f"--bibliography={_copied(folder / name, work, f'literature-{number}', document, 'bibliography')}"
        )
    if csl:
        made.append(f"--csl={_copied(folder / csl, work, 'style', document, 'csl')}")
    return made


def _copied(path: Path, work: Path, name: str, document: str, what: str) -> str:
    try:
        data = path.read_bytes()
    except OSError:
        raise FileError("E-619", document=document, file=path.name, what=what) from None
    (work / f"{name}{path.suffix}").write_bytes(data)
    return f"{name}{path.suffix}"
