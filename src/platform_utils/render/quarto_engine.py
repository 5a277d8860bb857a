"""The other engine: Quarto's own program, where it is installed.

Quarto gets a copy of the executed notebook in a project of its own that has the workspace's settings and
house style, so it neither runs anything again nor rewrites the evidence in place.
"""

from __future__ import annotations

import io
import re
import shutil
import subprocess
import tempfile
import zipfile
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import yaml

from platform_utils.errors import ContractError, UsageError
from platform_utils.paths import write_whole
from platform_utils.render.finish import finish_package, finish_page, finish_pdf
from platform_utils.render.settings import FORMATS, house_style

_COLOUR = re.compile(r"\x1b\[[0-9;]*m")
_FAULT = re.compile(r"^(?:ERROR|error):? *(.*)", re.MULTILINE)
_ELSEWHERE = re.compile(r'<script (?:src="https?://|type="application/javascript").*?</script>\n?', re.DOTALL)
"""Programs of other hosts, which Quarto adds to a notebook that shows a table of pandas."""
_STEM = "document"
_NAMES = {
    ".html": re.compile(rb'<meta name="document" content="([\w.-]+)">'),
    ".docx": re.compile(rb'name="document-name"[^>]*><vt:lpwstr>([\w.-]+)<'),
    ".pdf": re.compile(rb"<pdf:Keywords>([\w.-]+)<"),
}
"""Where each kind of file says what its document calls it."""


def render_with_quarto(
    notebook: Path, formats: Sequence[str], assets: Path, below: Mapping[str, Any]
) -> list[bytes]:
    """Return an executed notebook in each format, as ``quarto render`` makes it.

    Parameters
    ----------
    notebook : Path
        The executed notebook; left as it is.
    formats : sequence of str
        Some of ``"html"``, ``"pdf"`` (through Typst), ``"docx"``.
    assets : Path
        Folder of the house style, which is a Quarto extension.
    below : mapping
        Front matter of the project, under the document's.

    Raises
    ------
    UsageError
        E-613 if the program is not on the search path.
    ContractError
        E-614, with Quarto's own message, if it ends with another status than 0 or writes nothing.
    """
    program = shutil.which("quarto")
    if program is None:
        raise UsageError("E-613")
    rendered = []
    with tempfile.TemporaryDirectory(prefix="pu-quarto-") as temporary:
        work = Path(temporary)
        shutil.copyfile(notebook, work / f"{_STEM}.ipynb")
        shutil.copytree(assets, work / "_extensions" / assets.name)
        project = {key: value for key, value in below.items() if key not in ("project", "profile")}
        text = yaml.safe_dump({"project": {"type": "default"}, **project}, allow_unicode=True)
        (work / "_quarto.yml").write_text(text, encoding="utf-8")
        for name in formats:
            arguments = [program, "render", f"{_STEM}.ipynb", "--no-execute"]
            arguments += ["--to", f"{assets.name}-{FORMATS[name]}"]
            done = subprocess.run(arguments, cwd=work, capture_output=True, check=False)
            made = work / f"{_STEM}.{name}"
            if done.returncode or not made.is_file():
                reason = _reason(done.stderr.decode("utf-8", "replace"), work)
                raise ContractError("E-614", format=name, status=done.returncode, reason=reason)
            rendered.append(_finished(made, assets))
    return rendered


def finish_outputs(files: Iterable[Path], assets: Path) -> None:
    """Finish what Quarto has rendered in the workspace, and keep each file under its document's own name too.

    Quarto names a file after its source, so that the next year's would take its place; it is what a preview
    looks at, and stays.
    """
    for path in files:
        if path.suffix not in _NAMES:
            continue
        data = _finished(path, assets)
        name = _NAMES[path.suffix].search(_properties(data) if path.suffix == ".docx" else data)
        stems = {path.stem, *([name[1].decode()] if name else [])}
        for stem in sorted(stems):
            write_whole(path.with_name(f"{stem}{path.suffix}"), data)


def _finished(path: Path, assets: Path) -> bytes:
    """Return a file that Quarto has made with what the house style wants and no Quarto format can write."""
    data, words = path.read_bytes(), house_style(assets)["common"]["house-words"]
    if path.suffix == ".docx":
        return finish_package(data, words)
    if path.suffix == ".html":
        lang = re.search(rb'<html[^>]* lang="(\w\w)', data)
        back = words.get(lang[1].decode() if lang else "en", words["en"])["back"]
        return finish_page(_ELSEWHERE.sub("", data.decode()), back).encode()
    return finish_pdf(data)


def _properties(package: bytes) -> bytes:
    with zipfile.ZipFile(io.BytesIO(package)) as source:
        return source.read("docProps/custom.xml")


def _reason(said: str, work: Path) -> str:
    """Return the line in which Quarto says what is wrong, without colours and without our folder's name."""
    said = _COLOUR.sub("", said).replace(f"{work}/", "").replace(str(work), "")
    lines = [line.strip() for line in said.splitlines() if line.strip()]
    fault = _FAULT.search(said)
    return (fault[1].strip() if fault else lines[-1] if lines else "no message").rstrip(".")
