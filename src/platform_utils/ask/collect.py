"""From a notebook to the list of what it asks, and from an answer back to the same notebook.

Enters: a notebook or Quarto document that its author runs, on invented persons. Leaves: the request of its
questions, and which of its lines never ran. The desk never runs a notebook that came with a request.
"""

from __future__ import annotations

import ast
import json
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from types import FrameType
from typing import Any

from platform_utils.ask.question import Question
from platform_utils.config import asked_file, asking
from platform_utils.errors import UsageError
from platform_utils.execute import read_notebook, run_document
from platform_utils.execute.source import read_document
from platform_utils.paths import resource, write_whole
from platform_utils.render import render_page
from platform_utils.spec.entries import written_entry

ABOUT = "about.toml"
"""Who asks, why and until when: stands beside the notebook."""

_CELL = "ipykernel_"


@dataclass(frozen=True)
class Collected:
    """What a notebook asks.

    Attributes
    ----------
    request : Path
        The request file that was written.
    never_ran : tuple of (int, int)
        Cell and line of each statement that no run reached, both from 1: what it asks is not in the list.
    """

    questions: tuple[Question, ...]
    request: Path
    never_ran: tuple[tuple[int, int], ...]


def collect(notebook: Path) -> Collected:
    """Run a notebook on invented persons and write the request of what it asked.

    Raises
    ------
    UsageError
        E-874 if it asks nothing, or ``about.toml`` beside it cannot be read.
    PlatformError
        E-5xx if it cannot be run.
    """
    about = notebook.with_name(ABOUT)
    with tempfile.TemporaryDirectory() as name:
        noted = Path(name) / "asked"
        with asking(asked=noted):
            run_document(notebook, {}, Path(name) / "made.ipynb", required=None)
        lines = noted.read_text(encoding="utf-8").splitlines() if noted.is_file() else []
    said = [json.loads(line) for line in lines]
    asked = [_question(one) for one in said if "population" in one]
    if not asked or not about.is_file():
        raise UsageError("E-874", file=notebook.name, about=ABOUT)
    ran = {(one["cell"], one["line"]) for one in said if "cell" in one}
    request = notebook.with_suffix(".request.toml")
    write_whole(request, request_of(about.read_text(encoding="utf-8"), asked))
    return Collected(tuple(asked), request, tuple(_never_ran(_code_cells(notebook), ran)))


def rerun(notebook: Path, answer: Path, *, is_page: bool) -> tuple[Path, ...]:
    """Run the same cells on an answer; return the executed notebook and a web page, both beside the answer.

    Parameters
    ----------
    is_page : bool
        False where there is no workspace, whose house style the page wears.

    Raises
    ------
    PlatformError
        E-5xx if it cannot be run; its own E-87x where it asks for what the answer does not hold.
    """
    output = answer.with_name(f"{notebook.stem}.{answer.stem}.ipynb")
    with asking(answer=answer):
        run_document(notebook, {}, output, required=None)
    return output, *((render_page(output),) if is_page else ())


def about_of(name: str, lang: str, last_day: date) -> str:
    """Return who asks, why and until when, to be filled in."""
    text = resource("ask", f"about.{lang}.txt").read_text(encoding="utf-8")
    return text.replace("{id}", name).replace("{expires}", last_day.isoformat())


def request_of(about: str, asked: Sequence[Question]) -> str:
    """Return the request of questions, as a file holds it, below who asks and why."""
    years = sorted({year for question in asked for year in question.years})
    parts = [about.rstrip(), f"years = {years}"]
    for question in asked:
        entry: dict[str, object] = {"name": question.name, "universe": question.population}
        entry |= {
            "dimensions": list(question.dimensions),
            "why": question.why or "-",
            "years": list(question.years),
        }
        parts.append("\n[[table]]\n" + written_entry(entry).rstrip())
    return "\n".join(parts) + "\n"


def note(question: Question) -> None:
    """Note a question where somebody collects."""
    _note(vars(question))


def watch() -> None:
    """Note each line of a notebook's cells that runs from here on, where somebody collects."""
    if asked_file() is None:
        return
    seen: set[tuple[str, int]] = set()

    def line(frame: FrameType, event: str, _arg: object) -> Any:
        place = (frame.f_code.co_filename, frame.f_lineno)
        if event == "line" and place not in seen:
            seen.add(place)
            _note({"cell": _source_of(place[0]), "line": place[1]})
        return line

    def call(frame: FrameType, _event: str, _arg: object) -> Any:
        return line if _CELL in frame.f_code.co_filename else None

    sys.settrace(call)


def _note(said: Mapping[str, object]) -> None:
    if path := asked_file():
        with path.open("a", encoding="utf-8") as file:
            file.write(json.dumps(said, ensure_ascii=False) + "\n")


def _source_of(filename: str) -> str:
    import linecache

    return "".join(linecache.getlines(filename)).strip()


def _question(said: Mapping[str, Any]) -> Question:
    return Question(said["population"], tuple(said["dimensions"]), tuple(said["years"]), said["why"])


def _code_cells(path: Path) -> list[str]:
    made = read_notebook(path) if path.suffix == ".ipynb" else read_document(path).notebook
    return ["".join(cell["source"]).strip() for cell in made["cells"] if cell["cell_type"] == "code"]


def _never_ran(cells: list[str], ran: set[tuple[str, int]]) -> Iterator[tuple[int, int]]:
    """Yield statements that no run reached, in cells after the one that opens the desk."""
    watched = {cell for cell, _ in ran}
    opened = min((n for n, cell in enumerate(cells, start=1) if cell in watched), default=len(cells))
    for number, cell in enumerate(cells[opened:], start=opened + 1):
        statements = {n.lineno for n in ast.walk(ast.parse(cell)) if isinstance(n, ast.stmt)}
        yield from ((number, each) for each in sorted(statements) if (cell, each) not in ran)
