"""The other engine: Quarto's own program, where it is installed.

Quarto gets a copy of the executed notebook in a folder of its own, so it neither runs anything again nor
rewrites the evidence in place.
"""

from __future__ import annotations

import shutil
import subprocess
import tempfile
from collections.abc import Mapping, Sequence
from html import escape
from pathlib import Path
from typing import Any

import yaml

from platform_utils.errors import ContractError, UsageError
from platform_utils.paths import write_atomically
from platform_utils.render.docx_package import finish_package
from platform_utils.render.settings import Settings
from platform_utils.render.words import generated_words

__all__ = ["render_with_quarto"]

_TARGETS = {"html": "html", "pdf": "typst", "docx": "docx"}


def render_with_quarto(
    notebook: Path,
    formats: Sequence[str],
    stem: Path,
    resources: Path,
    *,
    reference: Path,
    metadata: Mapping[str, Any],
    below: Mapping[str, Any],
    settings: Settings,
) -> tuple[Path, ...]:
    """Render an executed notebook with ``quarto render``.

    Parameters
    ----------
    notebook : Path
        The executed notebook; left as it is.
    formats : sequence of str
        Some of ``"html"``, ``"pdf"`` (through Typst), ``"docx"``.
    stem : Path
        Where to write, without suffix.
    resources : Path
        Folder whose files the document names.
    reference : Path
        Our Word styles, with the header that holds title and mark.
    metadata : mapping
        Front matter that takes precedence over the document's.
    below : mapping
        Front matter of the project, under the document's.
    settings : Settings
        For the mark, and for title and language in the header of the Word document.

    Returns
    -------
    tuple of Path

    Raises
    ------
    UsageError
        E-613 if the program is not on the search path.
    ContractError
        E-614 if it ends with another status than 0.
    """
    program = shutil.which("quarto")
    if program is None:
        raise UsageError("E-613")
    written = []
    with tempfile.TemporaryDirectory(prefix="pu-quarto-") as temporary:
        work = Path(temporary)
        for item in sorted(resources.iterdir()):
            if item.is_file() and item.suffix not in (".qmd", ".ipynb"):
                shutil.copyfile(item, work / item.name)
        shutil.copyfile(notebook, work / "document.ipynb")
        project = {key: value for key, value in below.items() if key != "project"}
        (work / "_quarto.yml").write_text(yaml.safe_dump(project, allow_unicode=True), encoding="utf-8")
        for name in formats:
            arguments = [program, "render", "document.ipynb", "--to", _TARGETS[name], "--no-execute"]
            arguments += [f"--metadata={key}:{value}" for key, value in metadata.items()]
            arguments += _mark_arguments(settings.mark, name, work)
            if name == "docx":
                arguments.append(f"--reference-doc={reference}")
            done = subprocess.run(arguments, cwd=work, capture_output=True, check=False)
            made = work / f"document.{name}"
            if done.returncode or not made.is_file():
                raise ContractError("E-614", document=notebook.stem, format=name, status=done.returncode)
            path = stem.with_name(f"{stem.name}.{name}")
            with write_atomically(path) as partial:
                partial.write_bytes(_finished(made.read_bytes(), name, settings))
            written.append(path)
    return tuple(written)


def _finished(data: bytes, name: str, settings: Settings) -> bytes:
    """Fill the header and footer that come from our reference document."""
    if name != "docx":
        return data
    words = generated_words(settings.lang)
    return finish_package(data, title=settings.title, mark=settings.mark, page=words["page"], of=words["of"])


def _mark_arguments(mark: str, name: str, work: Path) -> list[str]:
    """Return what makes Quarto print the mark; in DOCX the header holds it."""
    if not mark:
        return []
    if name == "html":
        (work / "mark.html").write_text(
            f'<p class="running-mark"><strong>{escape(mark)}</strong></p>', encoding="utf-8"
        )
        return ["--include-before-body=mark.html"]
    if name == "pdf":
        text = mark.replace("\\", "\\\\").replace('"', '\\"')
        (work / "mark.typ").write_text(
            f'#set page(header: align(right, strong("{text}")))\n', encoding="utf-8"
        )
        return ["--include-in-header=mark.typ"]
    return []
