"""The nodes of a workspace: what is made from what, year by year and document by document.

Enters: a workspace, its years and languages. Leaves: nodes in an order in which they can run. A node says
which files and which code it depends on; it does not look at them.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from platform_utils.build.closure import entries_of
from platform_utils.paths import Workspace

__all__ = ["Node", "annual_nodes", "report_nodes"]

_CELL = re.compile(r"^```\{python\}[^\n]*\n(.*?)^```\s*$", re.MULTILINE | re.DOTALL)
CLEAN_NOTEBOOK, COUNT_NOTEBOOK = "10_clean_member_statistics", "20_annual_statistics"


@dataclass(frozen=True)
class Node:
    """One thing that is made.

    Parameters
    ----------
    name : str
        Such as ``"clean/2023"``; unique, and the name of its manifest.
    action : str
        Function of ``pipeline`` that makes it.
    arguments : mapping
        Its arguments.
    document : Path, optional
        Notebook or Quarto document that is executed; its cells count, not its stored outputs.
    data : tuple of Path
        Files and folders whose content it depends on.
    code : frozenset of str
        Entries into the package, as ``closure.entries_of`` gives them.
    needs : tuple of str
        Nodes whose outputs it reads.
    outputs : tuple of (Path, str)
        Folder and file pattern of what it makes.
    """

    name: str
    action: str
    arguments: Mapping[str, object] = field(hash=False)
    document: Path | None = None
    data: tuple[Path, ...] = ()
    code: frozenset[str] = frozenset()
    needs: tuple[str, ...] = ()
    outputs: tuple[tuple[Path, str], ...] = ()


def annual_nodes(workspace: Workspace, source: str, years: Sequence[int], lang: str) -> list[Node]:
    """Return the nodes that clean, count and protect years: a year's counts read every earlier year.

    Parameters
    ----------
    workspace : Workspace
        Where.
    source : str
        Whose returns.
    years : sequence of int
        All years with returns, in order.
    lang : {"sv", "en"}
        Language of the notebooks' texts.

    Returns
    -------
    list of Node
        Cleaning first.
    """
    nodes = []
    for notebook, stage in ((CLEAN_NOTEBOOK, "clean"), (COUNT_NOTEBOOK, "count")):
        document = workspace.notebooks / f"{notebook}.ipynb"
        entries = _entries(document) | {"platform_utils.execute", "platform_utils.pipeline:run_notebook"}
        for year in years:
            restricted = workspace.restricted(source, year)
            counting = stage == "count"
            made = (
                (workspace.controlled(source, year), "tables/*"),
                (workspace.controlled(source, year), "*.json"),
            )
            cleaned = ((restricted, "*.parquet"), (restricted, "*.json"))
            nodes.append(
                Node(
                    name=f"{stage}/{year}",
                    action="run_notebook",
                    arguments={"name": notebook, "year": year, "source": source, "lang": lang},
                    document=document,
                    data=(workspace.published,) if counting else (workspace.returns(source, year),),
                    code=entries,
                    needs=tuple(f"clean/{y}" for y in years if y <= year) if counting else (),
                    outputs=(
                        (restricted / "notebooks", f"{notebook}.*.ipynb"),
                        *(made if counting else cleaned),
                    ),
                )
            )
    return nodes


def report_nodes(
    workspace: Workspace, report: str, years: Sequence[int], *, known: Sequence[int], source: str, langs: Iterable[str],
    formats: Sequence[str], engine: str,
) -> list[Node]:  # fmt: skip
    """Return the nodes of a report: executed once per year and language, then rendered from that.

    Parameters
    ----------
    report : str
        Stem of the documents in ``reports/sv`` and ``reports/en``.
    years : sequence of int
        Years to report.
    known : sequence of int
        All years with returns: a report shows the years before its own.
    source, langs, formats, engine
        Whose figures, in which languages and formats, with which engine.

    Returns
    -------
    list of Node
        ``document/…`` before ``render/…``; a document needs ``count/…`` of its year and all before it.
    """
    nodes = []
    for year in years:
        for lang in langs:
            document = workspace.reports(lang) / f"{report}.qmd"
            asked = {"report": report, "year": year, "source": source, "lang": lang}
            key = f"{report}/{year}/{lang}"
            folder = workspace.restricted(source, year) / "notebooks"
            nodes.append(
                Node(
                    name=f"document/{key}",
                    action="execute_report",
                    arguments=asked,
                    document=document,
                    data=tuple(
                        path
                        for path in (workspace.reports(lang) / "_shared", workspace.published)
                        if path.exists()
                    ),
                    code=_entries(document) | {"platform_utils.execute"},
                    needs=tuple(f"count/{y}" for y in known if y <= year),
                    outputs=((folder, f"{report}.{lang}.ipynb"),),
                )
            )
            drafts = workspace.drafts(source, year)
            nodes.append(
                Node(
                    name=f"render/{key}",
                    action="render_report",
                    arguments=asked | {"formats": tuple(formats), "engine": engine},
                    data=(workspace.assets,),
                    code=frozenset({"platform_utils.render", "platform_utils.pipeline:render_report"}),
                    needs=(f"document/{key}",),
                    outputs=tuple((drafts, f"{report}-{year}.{lang}.{kind}") for kind in formats),
                )
            )
    return nodes


def python_of(document: Path) -> str:
    """Return the Python text of a notebook's or a Quarto document's cells, magic lines left out."""
    text = document.read_text(encoding="utf-8")
    if document.suffix == ".ipynb":
        cells = ["".join(c["source"]) for c in json.loads(text)["cells"] if c["cell_type"] == "code"]
    else:
        cells = _CELL.findall(text)
    return "\n".join(line for cell in cells for line in cell.splitlines() if not line.startswith(("%", "!")))


def _entries(document: Path) -> frozenset[str]:
    if not document.is_file():
        return frozenset()
    try:
        return entries_of(python_of(document))
    except (SyntaxError, ValueError, KeyError):
        return frozenset()


def document_text(document: Path) -> str:
    """Return what counts of a document: all of a Quarto file, sources and tags of a notebook's cells."""
    text = document.read_text(encoding="utf-8")
    if document.suffix != ".ipynb":
        return text
    cells = json.loads(text)["cells"]
    return json.dumps(
        [[c["cell_type"], "".join(c["source"]), c["metadata"].get("tags", [])] for c in cells],
        ensure_ascii=False,
    )
