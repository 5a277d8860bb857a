"""``platform-utils report``: one report, executed once and rendered in every format asked for."""

from __future__ import annotations

from typing import Annotated

import typer

from platform_utils.config import load_settings
from platform_utils.errors import UsageError
from platform_utils.paths import Workspace

__all__ = ["main"]


def main(
    report: Annotated[str, typer.Argument(help="annual, pilot or series.")],
    year: Annotated[
        str, typer.Argument(help="A year such as 2023, or all; not for series and pilot.")
    ] = "all",
    *,
    lang: Annotated[str, typer.Option(help="sv, en or sv,en.")] = "sv",
    to: Annotated[str, typer.Option(help="html, pdf, docx, parted by commas.")] = "html,pdf,docx",
    source: Annotated[str | None, typer.Option(help="demo, members or external-<name>.")] = None,
    engine: Annotated[str | None, typer.Option(help="embedded or quarto.")] = None,
    workers: Annotated[
        int | None, typer.Option(min=0, help="How many at the same time; 0 = one per core.")
    ] = None,
    cluster: Annotated[
        str | None, typer.Option(help="Address of a Dask scheduler whose workers do it: tcp://… or tls://…")
    ] = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Say what would run and why, run nothing.")
    ] = False,
) -> int:
    """Make a report of a year and print the paths of what it wrote, one a line, last.

    Example: platform-utils report annual 2023 --lang sv --to html,pdf,docx
    """
    from platform_utils.cli import _build
    from platform_utils.spec.reports import load_reports
    from platform_utils.workflow import annual_nodes, report_nodes

    workspace = Workspace.find()
    langs, formats = _build.languages_of(lang), _build.formats_of(to)
    settings = load_settings(workspace, source=source, engine=engine, workers=workers, lang=langs[0])
    reports = load_reports()
    for each in langs:
        if report not in reports or not reports[report].document(workspace, each).is_file():
            raise UsageError("E-023", report=report[:40], lang=each, known=", ".join(reports))
    if reports[report].is_yearly:
        wanted = _build.years_of(year, workspace, settings.source)
        earlier = [y for y in workspace.years_with_returns(settings.source) if y <= max(wanted)]
        counted = annual_nodes(workspace, settings.source, earlier, load_settings(workspace).lang)
    else:
        wanted, earlier, counted = (), [], []
    written = report_nodes(
        workspace,
        report,
        wanted,
        known=earlier,
        source=settings.source,
        langs=langs,
        formats=formats,
        engine=settings.engine,
    )
    nodes = counted + written
    if dry_run:
        return _build.explain(nodes, workspace, settings)
    status = _build.bring_up_to_date(nodes, workspace, settings, cluster)
    for node in written:
        if node.action == "render_report":
            for folder, name in node.outputs:
                if (folder / name).is_file():
                    print(workspace.relative(folder / name))
    return status
