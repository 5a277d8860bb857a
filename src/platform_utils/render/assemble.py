"""An executed notebook becomes one Markdown text, as Quarto would write it.

Cells and their stored outputs enter; Markdown leaves. Nothing is executed here.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import yaml

from platform_utils.errors import ContractError

_INLINE = re.compile(r"(^|[^`])`\{python\}[ \t]+([^`]+)`", re.MULTILINE)
_SPECIAL = re.compile(r"([\\`*_{}\[\]()>#+,\-.!])")
_QUOTED = re.compile(r"(['\"])(.*)\1", re.DOTALL)
_PICTURE = "platform-utils-picture-"
_DATA = re.compile(r"(?<=\()data:image/[a-z+.-]+;base64,[A-Za-z0-9+/=\n]+(?=[\s)])")
_OPTION = re.compile(r"^#\|(?: (.*)|())$")
_KINDS = ("text/markdown", "text/plain")
_OPTIONS = {"tags", "echo", "eval", "include", "output", "warning", "message"}


@dataclass
class Assembly:
    """A document as Markdown.

    Parameters
    ----------
    pictures : dict of str to str
        Data addresses by the short names that stand in the Markdown.
    """

    markdown: str = ""
    pictures: dict[str, str] = field(default_factory=dict)

    def shortened(self, markdown: str) -> str:
        """Return Markdown with names in place of data addresses, which pandoc need not read."""

        def name(match: re.Match[str]) -> str:
            short = f"{_PICTURE}{len(self.pictures)}"
            self.pictures[short] = match[0]
            return short

        return _DATA.sub(name, markdown)


def assemble(notebook: Mapping[str, Any], execute: Mapping[str, Any]) -> Assembly:
    """Write an executed notebook as Markdown.

    Parameters
    ----------
    notebook : mapping
        A notebook node with stored outputs.
    execute : mapping
        The front matter's ``execute`` options: defaults for every cell.

    Raises
    ------
    ContractError
        E-601 if a cell uses an option or output that is not supported, E-616 if the notebook has not
        been run.
    """
    made = Assembly()
    pieces: list[str] = []
    for number, cell in enumerate(notebook["cells"], 1):
        if cell["cell_type"] == "markdown":
            pieces.append(_prose(cell, number))
        elif cell["cell_type"] == "code" and cell["source"].strip():
            pieces.append(_cell(cell, execute, number))
        elif cell["cell_type"] == "raw" and not (number == 1 and cell["source"].startswith("---")):
            raise ContractError("E-601", feature="raw cell")
    made.markdown = made.shortened("\n\n".join(piece for piece in pieces if piece) + "\n")
    return made


def _prose(cell: Mapping[str, Any], number: int) -> str:
    stored = [item["result"] for item in cell["metadata"].get("user_expressions", [])]
    found = list(_INLINE.finditer(cell["source"]))
    if stored and len(found) != len(stored):
        raise ContractError("E-616", cell=number)
    results = iter(stored)

    def put(match: re.Match[str]) -> str:
        result = next(results, None)
        text = "" if result is None else _inline(result["data"])
        return f"{match[1]}{text}" if text else match[0]

    return _INLINE.sub(put, cell["source"]).strip("\n")


def _inline(data: Mapping[str, Any]) -> str:
    """Return an inline value as Markdown, by Quarto's rules."""
    if "text/markdown" in data:
        return "".join(data["text/markdown"])
    plain = "".join(data.get("text/plain", ""))
    quoted = _QUOTED.fullmatch(plain)
    return _SPECIAL.sub(r"\\\1", quoted[2].replace("\\", "\\\\")) if quoted else plain


def _cell(cell: Mapping[str, Any], execute: Mapping[str, Any], number: int) -> str:
    options, code = _options(cell["source"])
    options = {**{key: value for key, value in execute.items() if key in _OPTIONS}, **options}
    skipped = options.get("eval") is False
    if cell.get("execution_count") is None and not skipped:
        raise ContractError("E-616", cell=number)
    if options.get("include") is False:
        return ""
    pieces = []
    if options.get("echo", True) and code.strip():
        pieces.append(_fenced(code, "python .cell-code"))
    if options.get("output", True) is not False and not skipped:
        pieces += [_output(output, options) for output in cell["outputs"]]
    return "\n\n".join(piece for piece in pieces if piece)


def _options(source: str) -> tuple[dict[str, Any], str]:
    lines = source.split("\n")
    head = []
    for line in lines:
        match = _OPTION.match(line.rstrip())
        if match is None:
            break
        head.append(match[1] or "")
    try:
        options = yaml.safe_load("\n".join(head)) or {}
    except yaml.YAMLError:
        raise ContractError("E-601", feature=f"#| {head[0]}") from None
    for name in options:
        if name not in _OPTIONS:
            raise ContractError("E-601", feature=f"#| {name}:")
    return options, "\n".join(lines[len(head) :]).strip("\n")


def _fenced(text: str, classes: str = "") -> str:
    longest = max((len(run) for run in re.findall(r"`{3,}", text)), default=2)
    fence = "`" * (longest + 1)
    return f"{fence}{{.{classes}}}\n{text}\n{fence}" if classes else f"{fence}\n{text}\n{fence}"


def _output(output: Mapping[str, Any], options: Mapping[str, Any]) -> str:
    asis = options.get("output") == "asis"
    if output["output_type"] == "stream":
        if output["name"] == "stderr" and options.get("warning") is False:
            return ""
        text = "".join(output["text"]).rstrip("\n")
        return text if asis else _fenced(text, "cell-output") if text else ""
    if output["output_type"] == "error":
        raise ContractError("E-601", feature="error output")
    data = output["data"]
    if "text/markdown" in data:
        return "".join(data["text/markdown"]).strip("\n")
    # Quarto would show the picture or the page of an object that has one: its bare words say less.
    other = min(data.keys() - set(_KINDS), default=None if data else "empty output")
    if other is not None:
        raise ContractError("E-601", feature=other)
    text = "".join(data["text/plain"])
    return text if asis else _fenced(text, "cell-output")
