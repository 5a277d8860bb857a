"""``platform-utils run``: clean, count and protect what an input's change reaches."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from contextlib import ExitStack
from typing import TYPE_CHECKING, Any

from platform_utils import messages
from platform_utils.cli._words import (
    Cluster,
    DryRun,
    Lang,
    Source,
    Workers,
    YearOrAll,
    day_of,
    today,
    years_of,
)
from platform_utils.config import Settings, core_count, load_settings
from platform_utils.errors import PlatformError
from platform_utils.lock import one_writer
from platform_utils.paths import Workspace
from platform_utils.spec.reports import load_reports

if TYPE_CHECKING:
    from platform_utils.workflow import Node, Outcome


def main(
    year: YearOrAll = "all",
    *,
    source: Source = None,
    lang: Lang = None,
    workers: Workers = None,
    cluster: Cluster = None,
    dry_run: DryRun = False,
) -> int:
    """Clean, count and protect the returns of a year: runs only what a change of an input reaches.

    Example: platform-utils run 2023 --dry-run
    """
    from platform_utils.workflow import annual_nodes

    workspace = Workspace.find()
    settings = load_settings(workspace, source=source, lang=lang, workers=workers)
    wanted = years_of(year, workspace, settings.source)
    nodes = annual_nodes(workspace, settings.source, wanted, settings.lang)
    status = bring_up_to_date(nodes, workspace, settings, cluster=cluster, dry_run=dry_run)
    _say_left_out(workspace, settings, wanted)
    _say_time_is_up(workspace, settings)
    return status


def bring_up_to_date(
    nodes: Sequence[Node], workspace: Workspace, settings: Settings, *, cluster: str | None, dry_run: bool
) -> int:
    """Run nodes with a progress bar and time left; print the receipt; return the exit status.

    With the address of a cluster, nodes are made by its workers; it is left alone where nothing is to do.
    A dry run prints which would run and why.
    """
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    from platform_utils.workflow import run_nodes, what_changed

    _check_spec()
    _check_ledger(workspace, settings)
    if dry_run:
        reasons = what_changed(nodes, workspace, settings.source)
        for why in reasons:
            print(messages.label(f"L-run-why-{why.kind}", settings.lang, node=why.node, what=why.what))
        if not reasons:
            print(messages.label("L-run-nothing", settings.lang))
        return 0
    console = Console(stderr=True)
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with (
        one_writer(workspace),
        ExitStack() as stack,
        Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as progress,
    ):
        task = progress.add_task("", total=len(nodes))

        def report(name: str, state: str) -> None:
            if state == "started":
                progress.update(task, description=_describe(name, settings.lang))
            else:
                progress.advance(task)

        work: dict[str, Any] = {"workers": core_count(settings)}
        if cluster is not None and what_changed(nodes, workspace, settings.source):
            from platform_utils.workflow.cluster import on_cluster

            def say(why: PlatformError) -> None:
                progress.console.print(why.text(settings.lang), markup=False, highlight=False, soft_wrap=True)

            joined = stack.enter_context(on_cluster(cluster, workspace, settings.trusted_workers, say))
            size = joined.require_workers(nodes, workspace)
            work = {"workers": size, "perform": joined.perform, "stop": joined.give_up}
        outcome = run_nodes(nodes, workspace, settings.source, report=report, **work)
    _print_receipt(outcome, settings.lang)
    return next((error.exit_status for error in outcome.failed.values()), 0)


def _describe(name: str, lang: str) -> str:
    stage, *rest = name.split("/")
    about = " ".join(rest)
    return messages.label(f"L-run-{stage}", lang, year=about, report=about)


def _print_receipt(outcome: Outcome, lang: str) -> None:
    for name, error in sorted(outcome.failed.items()):
        print(f"{name}: {error.text(lang)}", file=sys.stderr)
    counts = {name: len(getattr(outcome, name)) for name in ("ran", "kept", "failed", "skipped")}
    print(messages.label("L-run-receipt", lang, **counts), file=sys.stderr)
    print(messages.label("L-run-unchecked", lang), file=sys.stderr)


def _say_left_out(workspace: Workspace, settings: Settings, years: Sequence[int]) -> None:
    """Name the tables that the gate leaves out of each year, as its record of the design has them."""
    from platform_utils.publish.sets import tables_folder
    from platform_utils.spec.layout import left_out_in

    for year in years:
        if left := left_out_in(tables_folder(workspace, settings.source, year)):
            tables = ", ".join(left)
            print(messages.label("L-run-left-out", settings.lang, year=year, tables=tables), file=sys.stderr)


def _say_time_is_up(workspace: Workspace, settings: Settings) -> None:
    """Name the years of members whose rows have been kept longer than the form promises."""
    from platform_utils.release.retention import kept_until, years_over

    day = day_of(today())
    over = years_over(workspace, settings.source, day) if day and settings.source == "members" else ()
    if over:
        years, last = ", ".join(map(str, over)), over[-1]
        said = {"years": years, "until": kept_until(last), "last": last, "source": settings.source}
        print(messages.label("L-run-time-is-up", settings.lang, **said), file=sys.stderr)


def _check_spec() -> None:
    """Refuse a misspelt plan by its own words, not as a fault of the first notebook that reads it."""
    from platform_utils.spec import codebook, grains
    from platform_utils.spec.disclosure import load_rule
    from platform_utils.spec.plan import load_plan

    for load in (codebook.load, grains.load, load_plan, load_rule, load_reports):
        load()


def _check_ledger(workspace: Workspace, settings: Settings) -> None:
    """Make nothing beside a ledger that has been touched; where nothing is out there is none to look at."""
    if workspace.releases(settings.source).is_dir():
        from platform_utils.release import open_ledger

        open_ledger(workspace, settings.source)
