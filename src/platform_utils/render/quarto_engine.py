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

from platform_utils.errors import ContractError, UsageError
from platform_utils.paths import write_atomically

__all__ = ["render_with_quarto"]

_TARGETS = {"html": "html", "pdf": "typst", "docx": "docx"}


def render_with_quarto(
    notebook: Path,
    formats: Sequence[str],
    stem: Path,
    resources: Path,
    *,
    mark: str | None,
    metadata: Mapping[str, Any],
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
    mark : str or None
        Printed at the top of the document.
    metadata : mapping
        Front matter that takes precedence.

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
        for name in formats:
            arguments = [program, "render", "document.ipynb", "--to", _TARGETS[name], "--no-execute"]
            arguments += [f"--metadata={key}:{value}" for key, value in metadata.items()]
            arguments += _mark_arguments(mark, name, work)
            done = subprocess.run(arguments, cwd=work, capture_output=True, check=False)
            made = work / f"document.{name}"
            if done.returncode or not made.is_file():
                raise ContractError("E-614", document=notebook.stem, format=name, status=done.returncode)
            path = stem.with_name(f"{stem.name}.{name}")
            with write_atomically(path) as partial:
                shutil.copyfile(made, partial)
            written.append(path)
    return tuple(written)


def _mark_arguments(mark: str | None, name: str, work: Path) -> list[str]:
    """Return what makes Quarto print the mark: in HTML on top, in PDF on every page."""
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
