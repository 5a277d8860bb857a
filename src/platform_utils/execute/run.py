"""The typed front door to papermill: refuse first, run once, store what does not vary.

A notebook or a Quarto document and its parameters enter; an executed notebook leaves, written whole or
not at all. What a failing cell said stays in a log that the caller keeps restricted.
"""

from __future__ import annotations

import copy
import gc
import json
import re
import sys
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from platform_utils import errors, messages
from platform_utils.errors import FileError, PlatformError, known_class
from platform_utils.execute.fork_server import CAN_FORK, warm_up
from platform_utils.execute.parameters import Scalar, check_parameters, declared_parameters, is_tagged
from platform_utils.execute.saving import INJECTED, normalise_notebook, store_notebook
from platform_utils.execute.source import Document, read_document
from platform_utils.paths import write_whole

_ANSI = re.compile(r"\x1b\[[0-9;]*m")
_CODE = re.compile(r"\b[EW]-\d{3}\b")
_FORMAT = 4


def run_document(
    path: Path,
    parameters: Mapping[str, Scalar],
    output: Path,
    *,
    home: Path | None = None,
    log: Path | None = None,
    required: Iterable[str] | None = (),
    timeout: int | None = None,
    kernels: str = "plain",
) -> Path:
    """Run a notebook or a Quarto document once with papermill and store it without anything that varies.

    Inline expressions are evaluated where they stand and stored in the Markdown cell's
    ``metadata.user_expressions``, so that a renderer needs no Python.

    Parameters
    ----------
    path : Path
        ``.ipynb`` with one cell tagged ``parameters`` that holds scalars only; or ``.qmd``, which takes no
        parameters if it has no such cell.
    parameters : mapping
        Values for names that the tagged cell declares.
    output : Path
        Where the executed notebook is written. It may hold what the cells show: restricted.
    home : Path, optional
        Root of the workspace that the cells work in; found from the document's folder if not given.
    log : Path, optional
        File in the restricted folder for the traceback of a failing cell; without it, none is kept.
    required : iterable of str, optional
        Parameters that have to be declared and given, whatever their default; None for a notebook of
        somebody else's, which need not have a tagged cell.
    timeout : int, optional
        Seconds that one cell may take; None for no limit.
    kernels : {"plain", "forked"}
        How Python starts; ``"forked"`` counts only where the system can. The bytes are the same.

    Raises
    ------
    UsageError
        E-501 to E-507, E-517: refused before anything starts.
    FileError
        E-508 if the document cannot be read, E-012 if the output cannot be written.
    ContractError
        E-513, E-514, E-516 if a Quarto document is outside the supported subset.
    PlatformError
        E-510 if a cell fails (of the class of our own error that it raised, if it did), E-511 if an inline
        expression does, E-512 if Python ends, E-519 if a cell takes longer than ``timeout``.
    """
    is_notebook = path.suffix == ".ipynb"
    document = Document(read_notebook(path), {}, runs=True) if is_notebook else read_document(path)
    tagged = any(map(is_tagged, document.notebook["cells"]))
    if (is_notebook and required is not None) or parameters or required or tagged:
        declared = declared_parameters(document.notebook, path.name)
        check_parameters(declared, parameters, path.name, required=tuple(required or ()))
    made: Mapping[str, Any] = document.notebook
    if document.runs:
        if kernels == "forked" and CAN_FORK:
            warm_up()  # it imports while we do
        if log is not None:
            log.unlink(missing_ok=True)
        made = _run(document, parameters, path, home=home, log=log, timeout=timeout, kernels=kernels)
    made = normalise_notebook(made, path.parent)
    for cell in made["cells"]:
        if not is_notebook and INJECTED in cell["metadata"].get("tags", []):
            cell["source"] = f"#| include: false\n{cell['source']}"
    store_notebook(made, output)
    return output


def read_notebook(path: Path) -> dict[str, Any]:
    """Read a notebook file, nbformat 4.

    Raises
    ------
    FileError
        E-508 if it is not one.
    """
    try:
        notebook: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
        whole = notebook["nbformat"] == _FORMAT and isinstance(notebook["metadata"], dict)
        for cell in notebook["cells"]:
            cell["source"] = "".join(cell["source"])
            cell.setdefault("metadata", {})
    except (OSError, ValueError, KeyError, TypeError):
        whole = False
    if not whole:
        raise FileError("E-508", document=path.name, expected=".ipynb")
    return notebook


def _run(
    document: Document,
    parameters: Mapping[str, Scalar],
    path: Path,
    *,
    home: Path | None,
    log: Path | None,
    timeout: int | None,
    kernels: str,
) -> Mapping[str, Any]:
    with _quick_imports():
        import nbformat
        import papermill
        from nbclient.exceptions import DeadKernelError
        from papermill.engines import papermill_engines

        from platform_utils.execute.engine import NAME, InlineError, PlatformEngine, SlowCellError
        from platform_utils.execute.kernel import check_kernel, kernel_manager

    kernel = document.notebook["metadata"].get("kernelspec", {}).get("name", "python3")
    check_kernel(kernel, path.name)
    papermill_engines.register(NAME, PlatformEngine)
    node = nbformat.from_dict(_with_ids(document.notebook))
    try:
        executed: Mapping[str, Any] = papermill.execute_notebook(
            node, None, dict(parameters),
            engine_name=NAME, kernel_name=kernel, language="python", progress_bar=False,
            request_save_on_cell_execute=False, document=path.name, cwd_of_kernel=str(path.parent.resolve()),
            home=home, execution_timeout=timeout, kernel_manager_class=kernel_manager(kernel, kernels),
        )  # fmt: skip
    except papermill.PapermillExecutionError as error:
        _keep(log, path.name, "\n".join(error.traceback) or error.evalue)
        cell = _cell_name(node, error.cell_index, bool(parameters), document.places)
        raise _failure(path.name, cell, error) from None
    except (InlineError, SlowCellError) as error:
        cell = _cell_name(node, error.cell_index, bool(parameters), document.places)
        if isinstance(error, SlowCellError):
            raise PlatformError("E-519", document=path.name, cell=cell, seconds=timeout) from None
        _keep(log, path.name, error.account)
        place = document.places.get(error.cell_id, cell)
        raise PlatformError("E-511", document=path.name, place=place, error=error.error) from None
    except DeadKernelError as error:
        _keep(log, path.name, str(error))
        raise PlatformError("E-512", document=path.name) from None
    return executed


@contextmanager
def _quick_imports() -> Iterator[None]:
    """Hide a package that costs seconds and only serves JSON schema's internationalised addresses.

    Nothing that an import makes is rubbish: looking for some takes a fifth of its time.
    """
    name = "rfc3987_syntax"
    hidden, collecting = name not in sys.modules, gc.isenabled()
    gc.disable()
    if hidden:
        sys.modules[name] = None  # type: ignore[assignment]
    try:
        yield
    finally:
        if hidden:
            sys.modules.pop(name, None)
        if collecting:
            gc.enable()


def _with_ids(notebook: dict[str, Any]) -> dict[str, Any]:
    made = copy.deepcopy(notebook)
    for number, cell in enumerate(made["cells"], 1):
        cell.setdefault("id", f"cell-{number}")
        if cell["cell_type"] == "code":
            cell.setdefault("execution_count", None)
            cell["outputs"] = []
    made["nbformat_minor"] = 5
    # papermill needs to know the language of a notebook that was saved without it
    told = {"name": "python3", "language": "python", "display_name": "Python 3"}
    made["metadata"].setdefault("kernelspec", told).setdefault("language", "python")
    return made


def _cell_name(node: Mapping[str, Any], index: int, injected: bool, places: Mapping[str, str]) -> str:
    """Say where a cell stands: its number in the document as written, and its line if it has one."""
    cells = node["cells"]
    tagged = next((i for i, cell in enumerate(cells) if is_tagged(cell)), -1)
    original = index - 1 if injected and index > tagged else index  # papermill puts its cell after that one
    place = places.get(cells[original].get("id", ""), "")
    return f"{original + 1} ({place})" if place else str(original + 1)


def _failure(document: str, cell: str, error: Any) -> PlatformError:
    """Return the error of a failing cell: a known class, and a code of ours; never a text."""
    known = getattr(errors, error.ename, None) if error.ename in errors.__all__ else None
    code = _CODE.match(error.evalue or "")
    if known is not None and code and code[0] in messages.catalogue():
        return known("E-510", document=document, cell=cell, error=f"{error.ename} {code[0]}")
    return PlatformError("E-510", document=document, cell=cell, error=known_class(error.ename))


def _keep(log: Path | None, document: str, account: str) -> None:
    if log is None:
        return
    write_whole(log, f"{document}\n\n{_ANSI.sub('', account)}\n")
