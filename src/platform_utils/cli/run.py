"""``platform-utils run``: clean, count and protect what an input's change reaches."""

from __future__ import annotations

from typing import Annotated

import typer

from platform_utils import messages
from platform_utils.config import Settings, load_settings
from platform_utils.paths import Workspace

__all__ = ["main"]


def main(
    year: Annotated[str, typer.Argument(help="A year such as 2023, or all.")] = "all",
    *,
    source: Annotated[str | None, typer.Option(help="demo, members or external-<name>.")] = None,
    lang: Annotated[str | None, typer.Option(help="Language of the notebooks: sv or en.")] = None,
    workers: Annotated[
        int | None, typer.Option(min=0, help="How many at the same time; 0 = one per core.")
    ] = None,
    cluster: Annotated[
        str | None, typer.Option(help="Address of a Dask scheduler whose workers do it: tcp://… or tls://…")
    ] = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Say what would run and why, run nothing.")
    ] = False,
    since: Annotated[str, typer.Option(help="List the inputs that differ from a release; run nothing.")] = "",
) -> int:
    """Clean, count and protect the returns of a year: runs only what a change of an input reaches.

    Example: platform-utils run 2023 --dry-run
    """
    from platform_utils.cli import _build
    from platform_utils.workflow import annual_nodes

    workspace = Workspace.find()
    settings = load_settings(workspace, source=source, lang=lang, workers=workers)
    if since:
        return _list_since(since, workspace, settings)
    wanted = _build.years_of(year, workspace, settings.source)
    earlier = [y for y in workspace.years_with_returns(settings.source) if y <= max(wanted)]
    nodes = annual_nodes(workspace, settings.source, earlier, settings.lang)
    needed = {
        name
        for node in nodes
        if node.name in {f"count/{y}" for y in wanted}
        for name in (node.name, *node.needs)
    }
    nodes = [node for node in nodes if node.name in needed]
    if dry_run:
        return _build.explain(nodes, workspace, settings)
    return _build.bring_up_to_date(nodes, workspace, settings, cluster)


def _list_since(name: str, workspace: Workspace, settings: Settings) -> int:
    from platform_utils.release import find_release
    from platform_utils.verify import inputs_since

    moved = inputs_since(workspace, find_release(workspace, settings.source, name))
    for what in moved:
        print(messages.label("L-verify-input", settings.lang, what=what))
    if not moved:
        print(messages.label("L-run-since-none", settings.lang, release=name))
    return 0
