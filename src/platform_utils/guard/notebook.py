"""Say whether what a notebook shows comes from demo or published data alone; take it out where it may not.

Enters: a notebook, nbformat 4, as stored. Leaves: the first reason why its outputs may not be kept, or None.
Rule: what its cells read decides, see `cells`, not what its parameters say.
"""

from __future__ import annotations

import ast
import base64
import re
from collections.abc import Iterator
from typing import Any

from platform_utils.guard.cells import Cells
from platform_utils.guard.listed import LISTED

KEPT = ("name", "tags", "user_expressions", "slideshow", "jupyter", "collapsed", "editable", "deletable")
"""Metadata of cells that are stored."""
_LISTED = LISTED["notebook"]
_MAGIC = re.compile(r"^\s*(?:[%!]|\w+\s*=\s*[%!])|^[^#\n]*\?[^\S\n]*$", re.MULTILINE)
_HARMLESS_MAGIC = re.compile(_LISTED["magic"], re.MULTILINE)
_CELL_KEYS = {"cell_type", "id", "metadata", "source", "outputs", "execution_count"}
_CELL_METADATA = {*KEPT, *_LISTED["of_cells"]}
_HARMLESS, _TAG = re.compile(_LISTED["metadata"]), re.compile(_LISTED["tag"])
_PICTURE = re.compile(r"data:image/(?:png|svg\+xml);base64,([A-Za-z0-9+/=]+)")
_TABLE = re.compile(r"data:text/csv;charset=utf-8;base64,([A-Za-z0-9+/=]+)")
_INLINE = re.compile(r"`\{python\}([^`]*)`")


def why_closed(notebook: dict[str, Any]) -> str | None:
    """Return the first reason why a notebook may have read more than demo and published data.

    Parameters
    ----------
    notebook : dict
        In nbformat 4; what is no notebook is a reason too.
    """
    try:
        given = notebook["metadata"].get("papermill", {}).get("parameters", {})
        if given.get("source", "demo") not in _LISTED["sources"]:
            return "was given another source than demo or published"
        kernel = notebook["metadata"].get("kernelspec", {})
        if kernel.get("language", "python") != "python" or not kernel.get("name", "python3").startswith(
            "python"
        ):
            return "runs something other than Python"
        trees: list[ast.Module] = []
        for number, cell in enumerate(notebook["cells"], 1):
            source = _HARMLESS_MAGIC.sub("", "".join(cell["source"]))
            if cell["cell_type"] != "code":  # inline expressions are run too
                trees += [ast.parse(inline.strip()) for inline in _INLINE.findall(source)]
                continue
            if _MAGIC.search(source):
                return f"runs something other than Python in cell {number}"
            trees.append(ast.parse(source))
    except (SyntaxError, ValueError, KeyError, TypeError, AttributeError, RecursionError, MemoryError):
        return "is no notebook of Python cells that can be read"
    return next(Cells(trees).reasons(), None)


def why_strange(notebook: dict[str, Any]) -> str | None:
    """Return the first thing in a notebook that is not known to be harmless, whatever it was run on."""
    metadata = notebook["metadata"]
    if "widgets" in metadata:
        return "carries the state of widgets"
    top = {"cells", "metadata", "nbformat", "nbformat_minor"}
    known = (
        set(metadata) <= {"kernelspec", "language_info", "papermill", "orig_nbformat"}
        and set(notebook) <= top
    )
    if not known or set(metadata.get("papermill", ())) - {"parameters"} or not _is_harmless(metadata):
        return "carries metadata that is not known"
    for number, cell in enumerate(notebook["cells"], 1):
        if cell.get("attachments"):
            return f"has a file attached to cell {number}"
        if set(cell) - _CELL_KEYS - {"attachments"} or (cell["cell_type"] != "code" and cell.get("outputs")):
            return f"carries something unknown in cell {number}"
        about = {
            key: value for key, value in cell["metadata"].items() if key not in ("tags", "user_expressions")
        }
        tags = cell["metadata"].get("tags", [])
        if set(about) - _CELL_METADATA or not _is_harmless(about) or not all(map(_TAG.fullmatch, tags)):
            return f"carries metadata that is not known in cell {number}"
        if re.search(r"data:[\w+.-]*/?[\w.+-]*[;,]", "".join(cell["source"])):
            return f"has something embedded in cell {number}"
        for output in cell.get("outputs", []):
            if output["output_type"] not in ("stream", "display_data", "execute_result"):
                return f"stores an error in cell {number}"
            if set(output.get("data", {})) - set(_LISTED["outputs"]):
                return f"stores an output of an unknown kind in cell {number}"
            if not _is_harmless(output.get("metadata", {})):
                return f"carries metadata that is not known in cell {number}"
    return None


def _is_harmless(value: object) -> bool:
    """Say whether metadata is made of switches, numbers, versions and times."""
    if isinstance(value, dict):
        return all(
            isinstance(key, str) and _HARMLESS.fullmatch(key) and _is_harmless(each)
            for key, each in value.items()
        )
    if isinstance(value, list):
        return len(value) < 8 and all(map(_is_harmless, value))
    return not isinstance(value, str) or _HARMLESS.fullmatch(value) is not None


def texts(notebook: dict[str, Any]) -> Iterator[str]:
    """Yield every text of a notebook as a reader sees it: no pictures, each table to be fetched alone."""
    waiting: list[object] = [notebook]
    while waiting:
        value = waiting.pop()
        if isinstance(value, dict):
            waiting += [
                *value,
                *(each for key, each in value.items() if not str(key).startswith("image/png")),
            ]
        elif isinstance(value, list) and all(isinstance(each, str) for each in value):
            waiting.append("".join(value))
        elif isinstance(value, list):
            waiting += value
        elif isinstance(value, str):
            yield _TABLE.sub("", _PICTURE.sub("", value))
            yield from _fetched(value)
        elif isinstance(value, int):
            yield str(value)


def _fetched(text: str) -> Iterator[str]:
    """Yield the tables that a text lets be fetched; what is no text stays packed, and is seen as that."""
    for packed in _TABLE.findall(text):
        try:
            yield base64.b64decode(packed).decode()
        except ValueError:
            yield packed


def pictures(notebook: dict[str, Any]) -> Iterator[bytes]:
    """Yield the bytes of every picture that a notebook shows, by itself or in a text."""
    for kind, said in _shown(notebook):
        yield from map(base64.b64decode, [said] if kind == "image/png" else _PICTURE.findall(said))


def tables(notebook: dict[str, Any]) -> Iterator[str]:
    """Yield what may hold rows: the source of each cell, and each table that can be fetched."""
    yield from ("".join(cell["source"]) for cell in notebook["cells"])
    for _, said in _shown(notebook):
        yield from _fetched(said)


def _shown(notebook: dict[str, Any]) -> Iterator[tuple[str, str]]:
    for cell in notebook["cells"]:
        for output in cell.get("outputs", []):
            for kind, value in output.get("data", {}).items():
                yield kind, "".join(value) if isinstance(value, list) else str(value)


def shows_something(notebook: dict[str, Any]) -> bool:
    """Say whether a notebook stores anything that its cells have shown."""
    return any(cell.get("outputs") or cell["metadata"].get("user_expressions") for cell in notebook["cells"])


def strip(notebook: dict[str, Any]) -> None:
    """Take out of a notebook, in place, what it may not be saved with.

    That is unknown metadata and, if it may have read more than demo and published data, whatever it has shown
    and whatever is attached to it.
    """
    closed = why_closed(notebook) is not None
    metadata = notebook.get("metadata", {})
    for key in set(metadata) - {"kernelspec", "language_info", "papermill"}:
        del metadata[key]
    for cell in notebook.get("cells", []):
        about = cell.setdefault("metadata", {})
        for key in set(about) - set(KEPT) - {"trusted"}:
            del about[key]
        if not closed:
            continue
        about.pop("user_expressions", None)
        cell.pop("attachments", None)
        if cell.get("cell_type") == "code":
            cell["outputs"], cell["execution_count"] = [], None
