"""From a notebook to the list of what it asks, and from an answer back to the same notebook.

Enters: a notebook or Quarto document that its author runs, on invented persons. Leaves: the request of its
questions, and which of its lines never ran. The desk never runs a notebook that came with a request.
"""

from __future__ import annotations

import ast
import inspect
import json
import sys
import tempfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from types import FrameType
from typing import Any

from platform_utils.ask.question import Question
from platform_utils.config import asked_file, asking
from platform_utils.errors import ContractError, PlatformError, UsageError
from platform_utils.execute import read_notebook, run_document
from platform_utils.execute.source import read_document
from platform_utils.paths import resource, write_whole
from platform_utils.render import render_page
from platform_utils.requests import read_request
from platform_utils.requests.tidy import tidy_answer
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
    ContractError
        E-889, E-82x if the request, which is written, would be refused as it is.
    PlatformError
        E-885 if a cell fails, E-5xx if it cannot be run.
    """
    about = notebook.with_name(ABOUT)
    with tempfile.TemporaryDirectory() as name:
        noted = Path(name) / "asked"
        _run(notebook, Path(name) / "made.ipynb", asked=noted)
        lines = noted.read_text(encoding="utf-8").splitlines() if noted.is_file() else []
    said = [json.loads(line) for line in lines]
    asked = _together(_question(one) for one in said if "population" in one)
    if not asked or not about.is_file():
        raise UsageError("E-874", file=notebook.name, about=ABOUT)
    ran = {(one["cell"], one["line"]) for one in said if "cell" in one}
    request = notebook.with_suffix(".request.toml")
    write_whole(request, request_of(about.read_text(encoding="utf-8"), asked))
    refuse_at_once(request, asked)
    return Collected(tuple(asked), request, tuple(_never_ran(_cells(notebook), ran)))


def rerun(notebook: Path, answer: Path, *, is_page: bool) -> tuple[Path, ...]:
    """Run the same cells on an answer; return the executed notebook and a web page, both beside the answer.

    Parameters
    ----------
    is_page : bool
        False where there is no workspace, whose house style the page wears.

    Raises
    ------
    FileError
        E-873 if the answer cannot be read, or is not whole.
    PlatformError
        E-885 if a cell fails, or asks for what the answer does not hold; E-5xx if it cannot be run.
    """
    tidy_answer(answer)
    output = answer.with_name(f"{notebook.stem}.{answer.stem}.ipynb")
    _run(notebook, output, answer=answer)
    return output, *((render_page(output),) if is_page else ())


def _run(notebook: Path, output: Path, **asked: Path) -> None:
    """Run somebody's own notebook; tell what our own error in it says, of others the class only."""
    with tempfile.TemporaryDirectory() as name, asking(**asked):
        log = Path(name) / "log"
        try:
            run_document(notebook, {}, output, log=log, required=None)
        except PlatformError as error:
            if error.code not in ("E-510", "E-511"):
                raise
            what, _, code = str(error.fields["error"]).partition(" ")
            account = log.read_text(encoding="utf-8").partition("\n\n")[2].strip()
            # A traceback begins otherwise: only an error of ours shows nothing but its text.
            said = account if code and account.startswith(f"{code} ") else f"{what}."
            cell = error.fields.get("cell") or error.fields["place"]
            raise type(error)("E-885", document=notebook.name, cell=cell, said=said) from None


def refuse_at_once(request: Path, asked: Sequence[Question]) -> None:
    """Read a request as the desk will; say in words where words are missing."""
    try:
        read_request(request)
    except ContractError as error:
        key = error.fields.get("key")
        if error.code != "E-821" or key not in ("why", "asked_by", "purpose", "legal_ground"):
            raise
        unsaid = next((question.name for question in asked if not question.why), "…")
        where = f"desk.table(…, why=…), {unsaid}" if key == "why" else ABOUT
        raise ContractError("E-889", file=request.name, key=key, where=where) from None


def about_of(name: str, lang: str, last_day: date) -> str:
    """Return who asks, why and until when, to be filled in."""
    text = resource("ask", f"about.{lang}.txt").read_text(encoding="utf-8")
    return text.replace("{id}", name).replace("{expires}", last_day.isoformat())


def request_of(about: str, asked: Sequence[Question]) -> str:
    """Return the request of questions, as a file holds it, below who asks and why."""
    years = sorted({year for question in asked for year in question.years})
    parts = [about.rstrip(), f"years = {years}"]
    for question in _together(asked):
        entry: dict[str, object] = {"name": question.name, "universe": question.population}
        entry |= {
            "dimensions": list(question.dimensions),
            "why": question.why or "-",
            "years": list(question.years),
        }
        parts.append("\n[[table]]\n" + written_entry(entry).rstrip())
    return "\n".join(parts) + "\n"


def _together(asked: Iterable[Question]) -> list[Question]:
    """Return one question per table, with every year that it was asked for."""
    tables: dict[str, Question] = {}
    for each in asked:
        held = tables.get(each.name, each)
        years = tuple(sorted({*held.years, *each.years}))
        tables[each.name] = replace(held, years=years, why=held.why or each.why)
    return list(tables.values())


def note(question: Question) -> None:
    """Note a question where somebody collects."""
    _note(vars(question))


def watch() -> None:
    """Note each line of a notebook's cells that runs from here on, where somebody collects."""
    if asked_file() is None:
        return
    seen: set[tuple[str, int]] = set()
    opening = inspect.currentframe()

    def line(frame: FrameType, event: str, _arg: object) -> Any:
        place = (frame.f_code.co_filename, frame.f_lineno)
        if event == "line" and place not in seen:
            seen.add(place)
            _note({"cell": _source_of(place[0]), "line": place[1]})
        return line

    def call(frame: FrameType, _event: str, _arg: object) -> Any:
        return line if _CELL in frame.f_code.co_filename else None

    while opening and _CELL not in opening.f_code.co_filename:
        opening = opening.f_back
    if opening:  # tracing begins with the next call: the cell that opens the desk has begun
        line(opening, "line", None)
        opening.f_trace = line
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


def _cells(path: Path) -> list[str]:
    """Return the cells as Python runs them (a line such as ``%time`` is a call); empty where it is prose."""
    from IPython.core.inputtransformer2 import TransformerManager

    made = read_notebook(path) if path.suffix == ".ipynb" else read_document(path).notebook
    cells = ["".join(cell["source"]) if cell["cell_type"] == "code" else "" for cell in made["cells"]]
    return [TransformerManager().transform_cell(cell).strip() for cell in cells]


def _never_ran(cells: list[str], ran: set[tuple[str, int]]) -> Iterator[tuple[int, int]]:
    """Yield statements that no run reached, from the one on that opens the desk."""
    watched = {cell for cell, _ in ran}
    opened = next((n for n, cell in enumerate(cells) if cell in watched), len(cells))
    for number, cell in enumerate(cells[opened:], start=opened + 1):
        first = min(line for source, line in ran if source == cell) if number == opened + 1 else 0
        statements = {n.lineno for n in ast.walk(ast.parse(cell)) if isinstance(n, ast.stmt)}
        yield from ((number, each) for each in sorted(statements) if each > first and (cell, each) not in ran)
