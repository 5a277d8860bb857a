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
from platform_utils.render.docx import finish_package
from platform_utils.render.settings import Settings
from platform_utils.render.words import generated_words

__all__ = ["render_with_quarto"]


def render_with_quarto(
    notebook: Path,
    formats: Sequence[str],
    chosen: Sequence[Settings],
    resources: Path,
    assets: Path,
    metadata: Mapping[str, Any],
    below: Mapping[str, Any],
) -> list[bytes]:
    """Return an executed notebook in each format, as ``quarto render`` makes it.

    Parameters
    ----------
    notebook : Path
        The executed notebook; left as it is.
    formats : sequence of str
        Some of ``"html"``, ``"pdf"`` (through Typst), ``"docx"``.
    chosen : sequence of Settings
        One for each format: for the mark, and for the header of the Word document.
    resources : Path
        Folder whose files the document names.
    assets : Path
        Folder with our Word styles, with the header that holds title and mark.
    metadata : mapping
        Front matter that takes precedence over the document's.
    below : mapping
        Front matter of the project, under the document's.

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
    rendered = []
    with tempfile.TemporaryDirectory(prefix="pu-quarto-") as temporary:
        work = Path(temporary)
        for item in sorted(resources.iterdir()):
            if item.is_file() and item.suffix not in (".qmd", ".ipynb"):
                shutil.copyfile(item, work / item.name)
        shutil.copyfile(notebook, work / "document.ipynb")
        project = {key: value for key, value in below.items() if key != "project"}
        (work / "_quarto.yml").write_text(yaml.safe_dump(project, allow_unicode=True), encoding="utf-8")
        for name, settings in zip(formats, chosen, strict=True):
            arguments = [program, "render", "document.ipynb", "--to", settings.form, "--no-execute"]
            arguments += [f"--metadata={key}:{value}" for key, value in metadata.items()]
            arguments += _mark_arguments(settings, work)
            if name == "docx":
                arguments.append(f"--reference-doc={assets / 'reference.docx'}")
            done = subprocess.run(arguments, cwd=work, capture_output=True, check=False)
            made = work / f"document.{name}"
            if done.returncode or not made.is_file():
                raise ContractError("E-614", format=name, status=done.returncode)
            data = made.read_bytes()
            rendered.append(_with_header(data, settings) if name == "docx" else data)
    return rendered


def _with_header(package: bytes, settings: Settings) -> bytes:
    """Fill the header and footer that come from our reference document."""
    words = generated_words(settings.lang)
    return finish_package(
        package, title=settings.title, mark=settings.mark, page=words["page"], of=words["of"]
    )


def _mark_arguments(settings: Settings, work: Path) -> list[str]:
    """Return what makes Quarto print the mark; in DOCX the header holds it."""
    if not settings.mark or settings.form == "docx":
        return []
    if settings.form == "html":
        option, name = "--include-before-body", "mark.html"
        text = f'<p class="running-mark"><strong>{escape(settings.mark)}</strong></p>'
    else:
        option, name = "--include-in-header", "mark.typ"
        quoted = settings.mark.replace("\\", "\\\\").replace('"', '\\"')
        text = f'#set page(header: align(right, strong("{quoted}")))\n'
    (work / name).write_text(text, encoding="utf-8")
    return [f"{option}={name}"]
