"""A Quarto document becomes a notebook, so that one executor runs both.

The text of a ``.qmd`` enters; a notebook node leaves: the front matter as a raw cell, prose as Markdown
cells, each ``{python}`` fence as a code cell with its ``#|`` lines kept. A tag that the source writes as
``#| tags`` stands in the cell's metadata, where papermill looks for it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from platform_utils.errors import ContractError, FileError

_FENCE = re.compile(r"^(?P<indent>[ \t]*)(?P<fence>`{3,}|~{3,})(?P<info>.*)$")
_CELL = re.compile(r"^\s*\{(?P<language>[A-Za-z0-9_+-]+)(?P<rest>[^}]*)\}\s*$")
_OPTION = re.compile(r"^#\|(?: (.*)|())$")
_INLINE = re.compile(r"(^|[^`])`\{python\}[ \t]+([^`]+)`", re.MULTILINE)
_SKIP = "skip-execution"


@dataclass(frozen=True)
class Document:
    """A document, ready to run.

    Attributes
    ----------
    notebook : dict
        A notebook node, nbformat 4.
    places : dict
        Where each cell starts in a Quarto document, such as ``"annual.qmd:41"``, by cell id.
    runs : bool
        Whether the document asks for Python at all.
    """

    notebook: dict[str, Any]
    places: dict[str, str]
    runs: bool


@dataclass(frozen=True)
class _Line:
    text: str
    place: str


def read_document(path: Path) -> Document:
    """Read a ``.qmd``.

    Raises
    ------
    FileError
        E-508 if the file cannot be read.
    ContractError
        E-513 if a cell is outside the supported subset, E-514 if inline expressions stand in a document
        that starts no Python, E-516 if YAML is not valid.
    """
    lines = _lines(path)
    front, rest, settings = _front_matter(lines, path.name)
    cells: list[dict[str, Any]] = []
    places: dict[str, str] = {}
    if front:
        _append(cells, places, "raw", front, {})
    for kind, block in _blocks(rest, path.name):
        metadata = _cell_metadata(block, settings, path.name) if kind == "code" else {}
        if kind == "code" or any(line.text.strip() for line in block):
            _append(cells, places, kind, block, metadata)
    runs = "jupyter" in settings or any(cell["cell_type"] == "code" for cell in cells)
    if not runs:
        for cell in cells:
            if cell["cell_type"] == "markdown" and inline_expressions(cell["source"]):
                raise ContractError("E-514", document=path.name, place=places[cell["id"]])
    metadata = {
        "kernelspec": {"display_name": "Python 3", "language": "python", "name": _kernel(settings)},
        "language_info": {"name": "python"},
    }
    notebook = {"cells": cells, "metadata": metadata, "nbformat": 4, "nbformat_minor": 5}
    return Document(notebook, places, runs)


def inline_expressions(markdown: str) -> tuple[str, ...]:
    """Return a Markdown cell's inline expressions as Quarto finds them, each as often as it stands there.

    Examples
    --------
    >>> inline_expressions("In `{python} year`, `{python} n` persons; `python x` is code.")
    ('year', 'n')
    """
    return tuple(match[2].strip() for match in _INLINE.finditer(markdown))


def _lines(path: Path) -> list[_Line]:
    """Return the lines of a document, each with where it stands."""
    try:
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError):
        raise FileError("E-508", document=path.name, expected=".qmd") from None
    return [_Line(line, f"{path.name}:{number}") for number, line in enumerate(text.splitlines(), 1)]


def _fence_after(fence: str, mark: re.Match[str]) -> str:
    """Return the fence that is open after a fence line, ``""`` for none."""
    if not fence:
        return mark["fence"]
    closes = mark["fence"][0] == fence[0] and len(mark["fence"]) >= len(fence) and not mark["info"].strip()
    return "" if closes else fence


def _front_matter(lines: list[_Line], document: str) -> tuple[list[_Line], list[_Line], dict[str, Any]]:
    if not lines or lines[0].text.rstrip() != "---":
        return [], lines, {}
    ends = [i for i, line in enumerate(lines) if i and line.text.rstrip() in ("---", "...")]
    if not ends:
        raise ContractError("E-516", document=document, place=lines[0].place)
    front, rest = lines[: ends[0] + 1], lines[ends[0] + 1 :]
    return front, rest, _yaml(front[1:-1], document, lines[0].place)


def _yaml(lines: list[_Line], document: str, place: str) -> dict[str, Any]:
    try:
        settings = yaml.safe_load("\n".join(line.text for line in lines))
    except yaml.YAMLError:
        raise ContractError("E-516", document=document, place=place) from None
    if settings is None:
        return {}
    if not isinstance(settings, dict):
        raise ContractError("E-516", document=document, place=place)
    return settings


def _blocks(lines: list[_Line], document: str) -> list[tuple[str, list[_Line]]]:
    """Part the lines into prose and code cells."""
    blocks: list[tuple[str, list[_Line]]] = [("markdown", [])]
    fence, in_cell = "", False
    for line in lines:
        mark = _FENCE.match(line.text)
        if mark and not fence and (cell := _CELL.match(mark["info"])):
            _check_cell(cell, mark, line, document)
            blocks.append(("code", []))
            fence, in_cell = mark["fence"], True
            continue
        if mark:
            after = _fence_after(fence, mark)
            if in_cell and not after:
                blocks.append(("markdown", []))
                fence, in_cell = "", False
                continue
            fence = after
        blocks[-1][1].append(line)
    return blocks


def _check_cell(cell: re.Match[str], mark: re.Match[str], line: _Line, document: str) -> None:
    feature = None
    if cell["language"] != "python":
        feature = f"{{{cell['language']}}}"
    elif cell["rest"].strip():
        feature = f"{{python{cell['rest']}}}"
    elif mark["indent"]:
        feature = "{python} + indent"
    if feature:
        raise ContractError("E-513", document=document, feature=feature, place=line.place)


def _cell_metadata(block: list[_Line], settings: dict[str, Any], document: str) -> dict[str, Any]:
    """Return what a code cell's ``#|`` lines mean for running it."""
    head: list[_Line] = []
    for line in block:
        option = _OPTION.match(line.text.rstrip())
        if option is None:
            break
        head.append(_Line(option[1] or "", line.place))
    options = _yaml(head, document, head[0].place) if head else {}
    tags = options.get("tags", [])
    tags = [tags] if isinstance(tags, str) else list(tags)
    common = settings.get("execute")
    if options.get("eval", common.get("eval", True) if isinstance(common, dict) else True) is False:
        tags.append(_SKIP)
    return {"tags": tags} if tags else {}


def _append(
    cells: list[dict[str, Any]],
    places: dict[str, str],
    kind: str,
    block: list[_Line],
    metadata: dict[str, Any],
) -> None:
    name = f"cell-{len(cells) + 1}"
    source = "\n".join(line.text for line in block)
    source = source.strip("\n") if kind == "markdown" else source
    cell: dict[str, Any] = {"cell_type": kind, "id": name, "metadata": metadata, "source": source}
    if kind == "code":
        cell |= {"execution_count": None, "outputs": []}
    first = next((line for line in block if line.text.strip()), None)
    places[name] = first.place if first else ""
    cells.append(cell)


def _kernel(settings: dict[str, Any]) -> str:
    named = settings.get("jupyter", "python3")
    if isinstance(named, dict):
        named = named.get("kernelspec", {}).get("name", "python3")
    return str(named)
