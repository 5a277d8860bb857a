"""What a node does: execute a notebook or a document, or render what was executed.

Enters: a workspace and what is asked for. Leaves: files. What is heavy is imported when something is done.
"""

from __future__ import annotations

import subprocess
from collections.abc import Sequence
from pathlib import Path

from platform_utils.config import load_settings
from platform_utils.errors import PlatformError
from platform_utils.paths import Workspace, write_whole
from platform_utils.spec.reports import Period, load_reports


def run_notebook(name: str, period: Period, source: str, lang: str, *, workspace: Workspace) -> None:
    """Execute a notebook for a year, or for a report that has none; the executed notebook is restricted.

    That of another language goes: it would show what was made before.
    """
    from platform_utils.execute import run_document

    settings = load_settings(workspace)
    folder = workspace.restricted(source, period) / "notebooks"
    parameters = _told(period, source)
    output, document = folder / f"{name}.{lang}.ipynb", workspace.notebooks / f"{name}.ipynb"
    try:
        run_document(
            document,
            parameters | {"lang": lang},
            output,
            home=workspace.root,
            log=output.with_suffix(".log"),
            required=tuple(parameters),
            timeout=settings.cell_seconds,
            kernels=settings.kernels,
        )
    except PlatformError as error:
        if not _is_edited(document):
            raise
        cell, why = error.fields.get("cell", "–"), error.fields.get("error", error.code)
        raise type(error)("E-520", document=document.name, cell=cell, error=why) from None
    for path in set(folder.glob(f"{name}.*.ipynb")) - {output}:
        path.unlink()


def write_own_words(year: int, source: str, *, workspace: Workspace) -> None:
    """Check what was written about a year, fill in its numbers, and store it for documents."""
    from platform_utils.pipeline import write_own_words as write

    write(year, source, workspace=workspace)


def store_books(year: int, source: str, *, workspace: Workspace) -> None:
    """Check the Platform's own books of a year, and store what its activity report shows."""
    from platform_utils.books import store_year

    store_year(year, source, workspace=workspace)


def execute_report(report: str, period: Period, source: str, lang: str, *, workspace: Workspace) -> None:
    """Execute a report once; every format is rendered from the notebook that this makes."""
    from platform_utils.execute import run_document

    settings = load_settings(workspace)
    output = workspace.restricted(source, period) / "notebooks" / f"{report}.{lang}.ipynb"
    run_document(
        load_reports()[report].document(workspace, lang),
        _told(period, source),
        output,
        home=workspace.root,
        log=output.with_suffix(".log"),
        timeout=settings.cell_seconds,
        kernels=settings.kernels,
    )


def render_report(
    report: str,
    period: Period,
    source: str,
    lang: str,
    formats: Sequence[str],
    engine: str,
    *,
    workspace: Workspace,
) -> None:
    """Render an executed report in each format; its title and its mark are the document's own.

    Parameters
    ----------
    formats : sequence of str
        What to write, of what the report can be; from members' data in the restricted folder.
    engine : {"embedded", "quarto"}
        What to write it with.
    """
    from platform_utils.publish import WORKBOOKS, load
    from platform_utils.render import render

    stem = load_reports()[report].draft(workspace, period, source, lang, engine)
    rendered = [kind for kind in formats if kind not in WORKBOOKS]
    if len(rendered) < len(formats) and period.year is not None:
        shown = load(year=period.year, lang=lang, source=source, report=report, workspace=workspace)
        for kind in set(formats) - set(rendered):
            write_whole(stem.with_name(f"{stem.name}.{kind}"), WORKBOOKS[kind](shown))
    render(
        workspace.restricted(source, period) / "notebooks" / f"{report}.{lang}.ipynb",
        rendered,
        stem,
        engine=engine,
    )


def _is_edited(document: Path) -> bool:
    """Say whether git knows a notebook otherwise; where there is no git, nobody knows."""
    command = ["git", "-C", str(document.parent), "diff", "--quiet", "HEAD", "--", document.name]
    try:
        return subprocess.run(command, capture_output=True, check=False).returncode == 1
    except OSError:
        return False


def _told(period: Period, source: str) -> dict[str, int | str]:
    """Return what a notebook or document is told: of published figures there is nothing to choose."""
    return {} if source == "published" else period.parameters(source)
