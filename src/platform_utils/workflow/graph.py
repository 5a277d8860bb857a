"""The nodes of a workspace: what is made from what, year by year and document by document.

Enters: a workspace, its years and languages. Leaves: nodes in an order in which they can run. A node says
which files and which code it depends on; it does not look at them. Words for people are inputs of documents
only: the notebook in which data were made says them as they were when it ran, and nobody else reads it.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from platform_utils.paths import SOURCES, Workspace
from platform_utils.spec.counts import years_counted, years_shown
from platform_utils.spec.reports import Period, Report, load_reports
from platform_utils.workflow.actions import (
    execute_report,
    render_report,
    run_notebook,
    store_books,
    write_own_words,
)

_CLEAN, _COUNT, _ADMIT = "10_clean_member_statistics", "20_annual_statistics", "50_published_series"
NOT_NODES = {
    "00_start": "shows where the year stands and what to open next",
    "30_pilot_effect": "evaluates under a plan and on a file that are named; reports show what is stored",
    "40_support_programme": "shows what the cases of a year say; its numbers are counted with the year's",
    "90_verify": "releases an invented year and verifies it: it runs the graph, and makes nothing",
}
"""Notebooks that no node executes, and why."""

_RUN = ("workflow.actions", "execute")
_TEXTS = (
    "resources/i18n", "resources/messages/foundation.toml", "resources/messages/pilot.toml",
    "resources/messages/publish.toml",
)  # fmt: skip
_CODE: Mapping[str, tuple[str, ...]] = {
    "clean": (
        *_RUN, "pipeline", "returns", "form", "validate", "clean",
        # the words by which sheets and covers are known
        "resources/messages/returns.toml", "resources/messages/template.toml",
    ),
    "count": (
        *_RUN, "pipeline", "clean.store", "validate.corrections", "programme", "count", "protect",
        "publish.sets",
    ),
    "admit": (*_RUN, "pipeline", "protect.foreign.published"),
    "words": ("workflow.actions", "pipeline", "publish", *_TEXTS, "resources/claim_words.toml"),
    "books": ("workflow.actions", "books", "protect.foreign.published", "resources/messages/books.toml"),
    "document": (*_RUN, "publish", *_TEXTS),
    "render": ("workflow.actions", "spec.reports", "render"),
}  # fmt: skip
"""What each kind of node may run, for what it makes that others read: stages, modules, packaged data."""

_RENDER = ("render/quarto/", "render/")

Made = tuple[tuple[Path, str], ...]
"""Folder and file pattern of each kind of file."""


@dataclass(frozen=True)
class Node:
    """One thing that is made.

    Attributes
    ----------
    name : str
        Such as ``"clean/2023"``; unique, and the name of its manifest.
    action : callable
        Makes it, given the arguments and ``workspace``.
    document : Path, optional
        Notebook or Quarto document that is executed; its cells count, not its stored outputs.
    data : tuple of Path
        Files and folders whose content it depends on.
    code : tuple of str
        Stages, modules and packaged data that it may run, as `code.Code` takes them.
    needs : tuple of str
        Nodes whose outputs it reads.
    evidence : tuple of (Path, str)
        Those of the outputs that show what was done and that no other node reads.
    lang : str, optional
        Language of the evidence: an argument that is no input.
    with_texts : bool
        Whether the texts for people in packaged data are inputs.
    """

    name: str
    action: Callable[..., None]
    arguments: Mapping[str, Any] = field(hash=False)
    document: Path | None = None
    data: tuple[Path, ...] = ()
    code: tuple[str, ...] = ()
    needs: tuple[str, ...] = ()
    outputs: Made = ()
    evidence: Made = ()
    lang: str | None = None
    with_texts: bool = True

    def make(self, workspace: Workspace) -> None:
        """Make the outputs in a workspace."""
        spoken = {"lang": self.lang} if self.lang else {}
        self.action(**self.arguments, **spoken, workspace=workspace)


def annual_nodes(workspace: Workspace, source: str, years: Iterable[int], lang: str) -> list[Node]:
    """Return the nodes that count and protect years, after those that clean what they are counted from.

    Parameters
    ----------
    years : iterable of int
        Years whose tables are wanted.
    lang : {"sv", "en"}
        Language of the notebooks.
    """
    known = workspace.years_with_returns(source)
    if source not in SOURCES:
        return [_clean_node(workspace, source, year, lang) for year in sorted(years)]
    read = {year: years_counted(year, known) for year in sorted(years)}
    cleaned = sorted({each for behind in read.values() for each in behind})
    nodes = [_clean_node(workspace, source, year, lang) for year in cleaned]
    return nodes + [_count_node(workspace, source, year, behind, lang) for year, behind in read.items()]


def report_nodes(
    workspace: Workspace,
    report: str,
    years: Iterable[int],
    *,
    source: str,
    langs: Sequence[str],
    formats: Sequence[str],
    engine: str,
) -> list[Node]:
    """Return the nodes of a report: executed once per period and language, then rendered from that.

    Parameters
    ----------
    report : str
        A key of ``resources/reports.toml``.
    years : iterable of int
        Years to report; ignored by a report that has none. Of the nodes that count them, see `annual_nodes`.
    """
    about = load_reports()[report]
    place = about.source(source)
    nodes = []
    if about.made_from not in ("cohort", "file"):
        # of a cohort, what an evaluation has stored is shown: a report never evaluates
        nodes += [_admit_node(workspace, langs[0])]
    first = tuple(nodes)
    for period in about.periods(years):
        before = first
        if period.year is not None and about.made_from == "returns":
            nodes.append(_words_node(workspace, source, period.year))
            before = (*first, nodes[-1])
        if period.year is not None and about.made_from == "books":
            nodes.append(_books_node(workspace, source, period.year))
            before = (*first, nodes[-1])
        for lang in langs:
            executed = _document_node(workspace, about, period, place, lang, before)
            stem = about.draft(workspace, period, place, lang, engine)
            how = {"formats": tuple(formats), "engine": engine}
            rendered = tuple((stem.parent, f"{stem.name}.{kind}") for kind in formats)
            nodes += [executed, _render_node(workspace, executed, how, rendered)]
    return nodes


def document_text(document: Path) -> str:
    """Return what counts of a document: all of a Quarto file, sources and tags of a notebook's cells."""
    text = document.read_text(encoding="utf-8")
    if document.suffix != ".ipynb":
        return text
    try:
        cells = [
            [one["cell_type"], "".join(one["source"]), one["metadata"].get("tags", [])]
            for one in json.loads(text)["cells"]
        ]
    except (ValueError, KeyError, TypeError, AttributeError):
        return text  # a torn notebook stops what it makes, when that is made
    return json.dumps(cells, ensure_ascii=False)


def _notebook_node(
    workspace: Workspace,
    kind: str,
    notebook: str,
    period: Period,
    source: str,
    lang: str,
    *,
    data: Iterable[Path],
    made: Made,
) -> Node:
    shown = ((workspace.restricted(source, period) / "notebooks", f"{notebook}.*.ipynb"),)
    return Node(
        name=f"{kind}/{source if kind == 'admit' else period}",
        action=run_notebook,
        arguments={"name": notebook, "period": period, "source": source},
        document=workspace.notebooks / f"{notebook}.ipynb",
        data=tuple(data),
        code=_CODE[kind],
        outputs=shown + made,
        evidence=shown,
        lang=lang,
        with_texts=kind == "clean",  # members answer in labels
    )


def _clean_node(workspace: Workspace, source: str, year: int, lang: str) -> Node:
    folder = workspace.restricted(source, year)
    given = sorted(workspace.returns(source, year).glob("*"))
    later = [getattr(workspace, name)(source, year) for name in ("exemptions", "own_words", "routine")]
    return _notebook_node(
        workspace, "clean", _CLEAN, Period.of(year), source, lang,
        data=(path for path in given if path not in later),
        made=((folder, "*.parquet"), (folder, "*.json")),
    )  # fmt: skip


def _count_node(workspace: Workspace, source: str, year: int, behind: Iterable[int], lang: str) -> Node:
    folder = workspace.controlled(source, year)
    node = _notebook_node(
        workspace, "count", _COUNT, Period.of(year), source, lang,
        data=(
            workspace.corrections(source, year),
            workspace.exemptions(source, year),
            workspace.ledger(source),
            workspace.released_rows(source, year),
        ),
        made=((folder, "tables/*"), (folder, "*.json")),
    )  # fmt: skip
    return replace(node, needs=tuple(f"clean/{each}" for each in behind))


def _admit_node(workspace: Workspace, lang: str) -> Node:
    return _notebook_node(
        workspace, "admit", _ADMIT, Period("series"), "published", lang,
        data=(workspace.published,),
        made=((workspace.published_tables, "*"),),
    )  # fmt: skip


def _words_node(workspace: Workspace, source: str, year: int) -> Node:
    counted = years_shown(year, workspace.years_with_returns(source))
    kept = [folder for each, folder in _stored(workspace, source) if each <= year and each not in counted]
    return Node(
        name=f"words/{year}",
        action=write_own_words,
        arguments={"year": year, "source": source},
        data=(workspace.own_words(source, year), *kept),
        code=_CODE["words"],
        needs=tuple(f"count/{each}" for each in counted),
        outputs=((workspace.controlled(source, year) / "words", "texts.json"),),
    )


def _books_node(workspace: Workspace, source: str, year: int) -> Node:
    books = (workspace.books(source, "register.toml"), workspace.books(source, year), workspace.published)
    return Node(
        name=f"books/{year}",
        action=store_books,
        arguments={"year": year, "source": source},
        data=books,
        code=_CODE["books"],
        outputs=((workspace.controlled(source, year) / "books", "*"),),
    )


def _document_node(
    workspace: Workspace, about: Report, period: Period, source: str, lang: str, before: tuple[Node, ...]
) -> Node:
    document = about.document(workspace, lang)
    fonts = workspace.assets / "fonts"
    needs, kept = tuple(node.name for node in before), list[Path]()
    if about.made_from == "cohort":
        kept = [workspace.evaluation(source)]
    if about.made_from == "file":
        kept = [workspace.described(source), *(folder for _, folder in _stored(workspace, source))]
    if period.year is not None and about.made_from == "returns":
        known = workspace.years_with_returns(source)
        counted = years_shown(period.year, known)
        needs = (*(f"count/{each}" for each in counted), *needs)
        kept = [
            folder for year, folder in _stored(workspace, source) if year <= period.year and year not in known
        ]
    return Node(
        name=f"document/{about.name}/{period}/{lang}" if about.is_yearly else f"document/{about.name}/{lang}",
        action=execute_report,
        arguments={"report": about.name, "period": period, "source": source, "lang": lang},
        document=document,
        data=(fonts, *kept),
        code=_CODE["document"],
        needs=needs,
        outputs=((workspace.restricted(source, period) / "notebooks", f"{about.name}.{lang}.ipynb"),),
    )


def _render_node(workspace: Workspace, executed: Node, how: Mapping[str, object], made: Made) -> Node:
    books = not {"html", "pdf", "docx"}.issuperset(name.rpartition(".")[2] for _, name in made)  # of tables
    return Node(
        # Another engine's files are something else than what a release takes: another node makes them.
        name=executed.name.replace("document/", _RENDER[how["engine"] == "embedded"], 1),
        action=render_report,
        arguments={**executed.arguments, **how},
        data=(workspace.assets, workspace.root / "_quarto.yml"),
        code=_CODE["render"] + ("publish", *_TEXTS) * books,
        needs=(executed.name, *executed.needs * books),
        outputs=made,
    )


def _stored(workspace: Workspace, source: str) -> Iterator[tuple[int, Path]]:
    """Yield the years that have protected tables, and where: they outlive the returns."""
    for folder in sorted(workspace.controlled(source, 0).parent.glob("*/tables")):
        if folder.parent.name.isdigit():
            yield int(folder.parent.name), folder
