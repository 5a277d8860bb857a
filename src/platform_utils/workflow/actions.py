"""What a node does: execute a notebook or a document, or render what was executed.

Enters: a workspace and what is asked for. Leaves: files. What is heavy is imported when something is done.
"""

from __future__ import annotations

from collections.abc import Sequence

from platform_utils.config import load_settings
from platform_utils.paths import Workspace
from platform_utils.spec.reports import Period, load_reports

__all__ = ["execute_report", "render_report", "run_notebook"]


def run_notebook(name: str, period: Period, source: str, lang: str, *, workspace: Workspace) -> None:
    """Execute a notebook for a year, or for a report that has none; the executed notebook is restricted.

    That of another language goes: it would show what was made before.
    """
    from platform_utils.execute import run_document

    settings = load_settings(workspace)
    folder = workspace.restricted(source, period) / "notebooks"
    parameters = _told(period, source)
    output = folder / f"{name}.{lang}.ipynb"
    run_document(
        workspace.notebooks / f"{name}.ipynb",
        parameters | {"lang": lang},
        output,
        home=workspace.root,
        log=output.with_suffix(".log"),
        required=tuple(parameters),
        timeout=settings.cell_seconds,
        kernels=settings.kernels,
    )
    for path in set(folder.glob(f"{name}.*.ipynb")) - {output}:
        path.unlink()


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
    formats : sequence of {"html", "pdf", "docx"}
        What to write; from members' data in the restricted folder.
    engine : {"embedded", "quarto"}
        What to write it with.
    """
    from platform_utils.render import render

    render(
        workspace.restricted(source, period) / "notebooks" / f"{report}.{lang}.ipynb",
        tuple(formats),
        load_reports()[report].draft(workspace, period, source, lang, engine),
        engine=engine,
    )


def _told(period: Period, source: str) -> dict[str, int | str]:
    """Return what a notebook or document is told: of published figures there is nothing to choose."""
    return {} if source == "published" else period.parameters(source)
