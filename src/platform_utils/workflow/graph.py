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
from typing import Any

from platform_utils.paths import Workspace
from platform_utils.spec.reports import Period, Report, load_reports
from platform_utils.workflow.closure import entries_of

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
    evidence : tuple of (Path, str)
        Those of the outputs that show what was done and that no other node reads.
    present : tuple of Path
        Files that it looks for without reading them; its ``needs`` say the same, so they are no input.
    passwords : tuple of Path
        Files with passwords that it opens its data with; they are no input, and of members' never sent away.
    """

    name: str
    action: str
    arguments: Mapping[str, object] = field(hash=False)
    document: Path | None = None
    data: tuple[Path, ...] = ()
    code: frozenset[str] = frozenset()
    needs: tuple[str, ...] = ()
    outputs: tuple[tuple[Path, str], ...] = ()
    evidence: tuple[tuple[Path, str], ...] = ()
    present: tuple[Path, ...] = ()
    passwords: tuple[Path, ...] = ()


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
            earlier = [y for y in years if y <= year]
            present = tuple(workspace.receipts(source, y) for y in earlier)
            made = (
                (workspace.controlled(source, year), "tables/*"),
                (workspace.controlled(source, year), "*.json"),
            )
            cleaned = ((restricted, "*.parquet"), (restricted, "*.json"))
            shown = (restricted / "notebooks", f"{notebook}.{lang}.ipynb")
            returned = (workspace.returns(source, year),)
            declared = workspace.corrections(source, year)
            released = workspace.ledger(source)
            exempt = workspace.exemptions(source, year)
            before = workspace.released_rows(source, year)
            beside = (workspace.published, workspace.assets / "fonts", declared, exempt, released, before)
            nodes.append(
                Node(
                    name=f"{stage}/{year}",
                    action="run_notebook",
                    arguments={"name": notebook, "period": Period.of(year), "source": source, "lang": lang},
                    document=document,
                    data=beside if counting else returned,
                    code=entries,
                    needs=tuple(f"clean/{y}" for y in earlier) if counting else (),
                    outputs=(shown, *(made if counting else cleaned)),
                    evidence=(shown,),
                    present=present if counting else (),
                    passwords=() if counting else (workspace.passwords(source, year),),
                )
            )
    return nodes


def report_nodes(
    workspace: Workspace,
    report: str,
    years: Sequence[int],
    *,
    known: Sequence[int],
    source: str,
    langs: Iterable[str],
    formats: Sequence[str],
    engine: str,
) -> list[Node]:
    """Return the nodes of a report: executed once per period and language, then rendered from that.

    Parameters
    ----------
    workspace : Workspace
        Where.
    report : str
        Stem of the documents in ``reports/sv`` and ``reports/en``; a key of ``resources/reports.toml``.
    years : sequence of int
        Years to report; ignored by a report that has none.
    known : sequence of int
        All years with returns: a report shows the years before its own.
    source, langs, formats, engine
        Whose figures, in which languages and formats, with which engine.

    Returns
    -------
    list of Node
        ``document/…`` before ``render/…``; a yearly one needs ``count/…`` of its year and all before it.
    """
    about = load_reports()[report]
    place = about.source(source)
    nodes = [_admission_node(workspace)]
    if about.notebook:
        nodes.append(_evaluation_node(workspace, about.notebook, Period(report), source))
    for period in about.periods(years):
        needs = tuple(f"count/{y}" for y in known if period.year is not None and y <= period.year)
        needs += tuple(node.name for node in nodes if node.action in ("admit_published", "run_notebook"))
        for lang in langs:
            asked = {"report": report, "period": period, "source": place, "lang": lang}
            nodes += _written_nodes(workspace, about, asked, needs, tuple(formats), engine)
    return nodes


def _admission_node(workspace: Workspace) -> Node:
    return Node(
        name="admit/published",
        action="admit_published",
        arguments={},
        data=(workspace.published,),
        code=frozenset({"platform_utils.pipeline:admit_published"}),
        outputs=((workspace.published_tables, "*"),),
    )


def _evaluation_node(workspace: Workspace, notebook: str, period: Period, source: str) -> Node:
    document = workspace.notebooks / f"{notebook}.ipynb"
    restricted, controlled = workspace.restricted(source, period), workspace.controlled(source, period)
    seen = ((restricted / "notebooks", f"{notebook}.en.ipynb"), (restricted, "*.json"))
    return Node(
        name=f"evaluate/{period}",
        action="run_notebook",
        arguments={"name": notebook, "period": period, "source": source, "lang": "en"},
        document=document,
        data=(
            workspace.cohort(source).parent,
            workspace.plan_book(source),
            workspace.plan_receipt(source),
            workspace.assets / "fonts",
        ),
        code=_entries(document) | {"platform_utils.execute", "platform_utils.pipeline:run_notebook"},
        outputs=(
            *seen,
            (controlled, "**/*.parquet"),
            (controlled, "**/*.json"),
        ),
        evidence=seen,
    )


def _written_nodes(
    workspace: Workspace,
    about: Report,
    asked: dict[str, Any],
    needs: tuple[str, ...],
    formats: tuple[str, ...],
    engine: str,
) -> list[Node]:
    report, period, source, lang = (asked[name] for name in ("report", "period", "source", "lang"))
    document = about.document(workspace, lang)
    key = f"{report}/{period}/{lang}" if about.is_yearly else f"{report}/{lang}"
    stem = about.draft(workspace, period, source, lang)
    executed = Node(
        name=f"document/{key}",
        action="execute_report",
        arguments=asked,
        document=document,
        data=(workspace.published, workspace.assets / "fonts", *_beside(document)),
        code=_entries(document) | {"platform_utils.execute", "platform_utils.pipeline:execute_report"},
        needs=needs,
        outputs=((workspace.restricted(source, period) / "notebooks", f"{report}.{lang}.ipynb"),),
    )
    rendered = Node(
        name=f"render/{key}",
        action="render_report",
        arguments=asked | {"formats": formats, "engine": engine},
        data=(workspace.assets, workspace.root / "_quarto.yml", *_beside(document)),
        code=frozenset({"platform_utils.render", "platform_utils.pipeline:render_report"}),
        needs=(executed.name, *(name for name in needs if name.startswith("evaluate/"))),
        outputs=tuple((stem.parent, f"{stem.name}.{kind}") for kind in formats),
    )
    return [executed, rendered]


def python_of(document: Path) -> str:
    """Return the Python text of a notebook's or a Quarto document's cells, magic lines left out."""
    text = document.read_text(encoding="utf-8")
    if document.suffix == ".ipynb":
        cells = ["".join(c["source"]) for c in json.loads(text)["cells"] if c["cell_type"] == "code"]
    else:
        cells = _CELL.findall(text)
    return "\n".join(line for cell in cells for line in cell.splitlines() if not line.startswith(("%", "!")))


def _beside(document: Path) -> tuple[Path, ...]:
    """Return what stands beside a document and is no document itself: includes, literature, pictures."""
    found = (path for path in sorted(document.parent.glob("*")) if path.is_file())
    return tuple(path for path in found if path.suffix != ".qmd" or path.name.startswith("_"))


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
