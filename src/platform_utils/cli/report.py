"""``platform-utils report``: one report, executed once and rendered in every format asked for."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from platform_utils.cli._words import (
    FORMATS,
    Cluster,
    DryRun,
    ReportName,
    ReportYear,
    Source,
    Workers,
    formats_of,
    languages_of,
    years_of,
)
from platform_utils.config import load_settings
from platform_utils.errors import UsageError
from platform_utils.paths import Workspace
from platform_utils.spec.counts import years_shown
from platform_utils.spec.reports import Report, load_reports

if TYPE_CHECKING:
    from platform_utils.workflow import Node


def main(
    report: ReportName,
    year: ReportYear = "all",
    *,
    lang: Annotated[str, typer.Option(help="sv, en or sv,en.")] = "sv",
    to: Annotated[str, typer.Option(help=f"Some of {', '.join(FORMATS)}; all of the report's.")] = "",
    source: Source = None,
    engine: Annotated[str | None, typer.Option(help="embedded or quarto.")] = None,
    workers: Workers = None,
    cluster: Cluster = None,
    dry_run: DryRun = False,
) -> int:
    """Make a report of a year and print the paths of what it wrote, one a line, last.

    Example: platform-utils report annual 2023 --lang sv --to html,pdf,docx
    """
    from platform_utils.cli.run import bring_up_to_date
    from platform_utils.workflow import report_nodes

    workspace = Workspace.find()
    langs = languages_of(lang)
    settings = load_settings(workspace, source=source, engine=engine, workers=workers, lang=langs[0])
    reports = load_reports()
    for each in langs:
        written_in = [name for name, one in reports.items() if one.document(workspace, each).is_file()]
        if report not in written_in:
            raise UsageError("E-023", report=report[:40], lang=each, known=", ".join(written_in))
    if not reports[report].fits(settings.source):
        code = "E-327" if reports[report].made_from == "file" else "E-326"
        raise UsageError(code, report=report, source=settings.source, year=year)
    if reports[report].made_from == "cohort":
        from platform_utils.publish import load_pilot

        load_pilot(lang=langs[0], source=settings.source, workspace=workspace)  # says so if there is nothing
    # What goes with it is made too, since its page links there; whoever asks for formats asks for this one.
    beside = [name for name, one in reports.items() if one.goes_with == report and not to]
    made = {name: formats_of(to, reports[name].formats) for name in (report, *beside)}
    wanted, counted = _counted_for(reports[report], year, workspace, settings.source, dry_run=dry_run)
    written = [
        node
        for name, formats in made.items()
        for node in report_nodes(
            workspace, name, wanted,
            source=settings.source, langs=langs, formats=formats, engine=settings.engine,
        )
    ]  # fmt: skip
    status = bring_up_to_date(counted + written, workspace, settings, cluster=cluster, dry_run=dry_run)
    rendered = (output for node in written if node.name.startswith("render/") for output in node.outputs)
    for folder, name in rendered:
        if (folder / name).is_file() and not dry_run:
            print(workspace.relative(folder / name))
    return status


def _counted_for(
    report: Report, year: str, workspace: Workspace, source: str, *, dry_run: bool
) -> tuple[tuple[int, ...], list[Node]]:
    """Return the years that a report is asked of, and what must be counted for them."""
    from platform_utils.workflow import annual_nodes

    if not report.is_yearly:
        return (), []
    if report.made_from == "books":
        folders = sorted(workspace.books(source).glob("[0-9]*"))
        kept = tuple(int(folder.name) for folder in folders if year in ("all", folder.name))
        return kept or years_of(year, workspace, source), []  # which says so if there are none
    wanted = years_of(year, workspace, source)
    known = workspace.years_with_returns(source)
    if report.made_from == "file":
        _count_file(workspace, source, wanted, known, dry_run=dry_run)
        return wanted, []
    return wanted, annual_nodes(
        workspace, source, years_shown(max(wanted), known), load_settings(workspace).lang
    )


def _count_file(
    workspace: Workspace, source: str, years: tuple[int, ...], known: tuple[int, ...], *, dry_run: bool
) -> None:
    """Count the years of somebody else's file, and those that they can be compared with."""
    from platform_utils.lock import one_writer
    from platform_utils.pipeline import count_cases
    from platform_utils.spec.sources import load_source

    described = load_source(workspace, source)
    wanted = {one for year in years for one in described.comparable(year, known)}
    for each in () if dry_run else sorted(wanted):
        with one_writer(workspace):
            count_cases(each, source, workspace=workspace)
