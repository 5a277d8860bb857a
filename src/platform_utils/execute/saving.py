"""What a stored notebook holds: nothing that differs from run to run, and outputs from demo data only.

A notebook node enters; what is written leaves: no clock, durations, paths, hosts, random ids or memory
addresses; cell ids that follow the document; outputs in one order. Rule: a notebook run on members' data
never carries their rows into a file that somebody may commit or send.
"""

from __future__ import annotations

import copy
import json
import re
import socket
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from platform_utils.guard.notebook import KEPT, strip
from platform_utils.paths import write_whole

_ADDRESS = re.compile(r"\b0x[0-9a-fA-F]{6,16}\b")
_CELL_FILE = re.compile(r"(?:[A-Za-z]:)?[^\s\"'<>]*ipykernel_\d+[/\\]\d+\.py")
_STYLER = re.compile(r"\bT_([0-9a-f]{5})(?=[\"_ ])")
INJECTED = "injected-parameters"
"""Tag of the cell that papermill puts after the one tagged ``parameters``."""


def normalise_notebook(notebook: Mapping[str, Any], folder: Path) -> dict[str, Any]:
    """Return a copy of an executed notebook that is the same for the same input.

    Parameters
    ----------
    notebook : mapping
        A notebook node, nbformat 4, as papermill leaves it; nbformat 4.5 comes back.
    folder : Path
        Where the kernel ran; its name is taken out of outputs.
    """
    made = copy.deepcopy(dict(notebook))
    names = _names(folder)
    ids: set[str] = set()
    for number, cell in enumerate(made["cells"], 1):
        injected = INJECTED in cell["metadata"].get("tags", [])
        cell["id"] = _free_id(INJECTED if injected else cell.get("id") or f"cell-{number}", ids)
        metadata = cell["metadata"]
        cell["metadata"] = {key: metadata[key] for key in KEPT if metadata.get(key)}
        for expression in cell["metadata"].get("user_expressions", []):
            expression["result"]["data"] = _clean_data(expression["result"]["data"], names)
        if cell["cell_type"] == "code":
            cell["outputs"] = [_clean_output(output, names) for output in _merged(cell["outputs"])]
    parameters = made["metadata"].get("papermill", {}).get("parameters", {})
    kernel = made["metadata"].get("kernelspec", {})
    made["metadata"] = {
        "kernelspec": {
            "display_name": kernel.get("display_name", "Python 3"),
            "language": "python",
            "name": kernel.get("name", "python3"),
        },
        "language_info": {"name": "python"},
        "papermill": {"parameters": dict(parameters)},
    }
    made["nbformat"], made["nbformat_minor"] = 4, 5
    return made


def _free_id(wanted: str, taken: set[str]) -> str:
    name, number = wanted, 2
    while name in taken:
        name, number = f"{wanted}-{number}", number + 1
    taken.add(name)
    return name


def _names(folder: Path) -> list[tuple[str, str]]:
    """Return what may stand in a text and belongs to this machine only, longest first."""
    places = {
        str(folder): "<folder>",
        str(folder.resolve()): "<folder>",
        str(Path(__file__).parents[1]): "<platform_utils>",
        sys.prefix: "<python>",
        sys.base_prefix: "<python>",
        str(Path.home()): "<home>",
        tempfile.gettempdir(): "<temporary>",
    }
    found = {name: mark for name, mark in places.items() if len(name) > len("/a/")}
    host = socket.gethostname()
    # A host called "demo" must not change the word in a text: only names that are no words.
    if re.search(r"[\d.-]", host) and len(host) > len("a-1"):
        found[host] = "<host>"
    return sorted(found.items(), key=lambda pair: (-len(pair[0]), pair[0]))


def _merged(outputs: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Put all of one stream that stands between two displays together, stdout first."""
    made: list[dict[str, Any]] = []
    streams: dict[str, dict[str, Any]] = {}
    for output in [*outputs, None]:
        if output is not None and output["output_type"] == "stream":
            held = streams.setdefault(output["name"], {**output, "text": ""})
            held["text"] += "".join(output["text"])
            continue
        made.extend(streams[name] for name in ("stdout", "stderr") if name in streams)
        streams = {}
        if output is not None:
            made.append(output)
    return made


def _clean_output(output: dict[str, Any], names: list[tuple[str, str]]) -> dict[str, Any]:
    made = dict(output)
    if output["output_type"] == "stream":
        made["text"] = _clean(output["text"], names)
    if "data" in output:
        made["data"] = _clean_data(output["data"], names)
    made.pop("transient", None)
    return made


def _clean_data(data: Mapping[str, Any], names: list[tuple[str, str]]) -> dict[str, Any]:
    made = {}
    for kind, value in sorted(data.items()):
        if kind.startswith("image/") and kind != "image/svg+xml":
            made[kind] = "".join(value).replace("\n", "")
        elif isinstance(value, str | list) and kind != "application/json":
            text = _clean("".join(value), names)
            made[kind] = _clean_html(text) if kind == "text/html" else text
        else:
            made[kind] = value
    return made


def _clean(text: str, names: list[tuple[str, str]]) -> str:
    if "ipykernel_" in text:  # the pattern is slow on a picture's long line
        text = _CELL_FILE.sub("<cell>", text)
    for name, mark in names:
        if name in text:
            text = text.replace(name, mark)
    return _ADDRESS.sub("0x0", text)


def _clean_html(text: str) -> str:
    for number, name in enumerate(dict.fromkeys(_STYLER.findall(text)), 1):
        text = text.replace(f"T_{name}", f"T_{number:05d}")
    return text


def store_notebook(notebook: Mapping[str, Any], output: Path) -> None:
    """Write a notebook whole or not at all.

    A cell's source is written as a list of lines, as Jupyter does: Quarto drops the line breaks of one text.
    """
    cells = [cell | {"source": cell["source"].splitlines(keepends=True)} for cell in notebook["cells"]]
    text = json.dumps({**notebook, "cells": cells}, ensure_ascii=False, indent=1, sort_keys=True)
    write_whole(output, f"{text}\n")


def strip_unless_demo(model: dict[str, Any], **_: object) -> None:
    """Take out of a notebook what it may not be saved with; a ``pre_save_hook`` of Jupyter.

    Parameters
    ----------
    model : dict
        Jupyter's contents model; changed in place, as the hook's contract asks.
    """
    if model.get("type") == "notebook" and isinstance(model.get("content"), dict):
        strip(model["content"])
