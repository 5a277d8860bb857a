"""``platform-utils new-year``: everything of a year that a machine can do, and the file of what it cannot."""

from __future__ import annotations

from typing import Annotated

import typer

from platform_utils import messages
from platform_utils.cli._words import Lang, Source, Workers
from platform_utils.config import Settings, load_settings
from platform_utils.lock import one_writer
from platform_utils.messages import LANGUAGES
from platform_utils.paths import Workspace

_REPORTS = ("annual", "annual_tables")


def main(
    year: Annotated[int, typer.Argument(help="Support year.")],
    *,
    source: Source = None,
    lang: Lang = None,
    workers: Workers = None,
) -> int:
    """Write forms, receipts and reminders of a year, run everything, and tick the file of its decisions.

    Example: platform-utils new-year 2024
    """
    from platform_utils import year as steps

    workspace = Workspace.find()
    settings = load_settings(workspace, source=source, lang=lang, workers=workers)
    place, say, desk = settings.source, settings.lang, settings.form
    routine = steps.Routine(workspace.routine(place, year), year, say)
    done: dict[str, str] = {}
    with one_writer(workspace):
        asked = steps.list_members(workspace, place, year)
        missing = steps.write_forms(workspace, place, year, say, desk)
        done |= {"list": str(asked), "forms": str(missing), "came": f"{asked - missing}/{asked}"}
        held = steps.write_checks(workspace, place, year, say)
        reminded = steps.draft_reminders(workspace, place, year, held, desk)
        done |= {"checks": str(len(held)), "reminders": str(reminded)}
        routine.write(done)
    status = _run(year, workspace, settings) if held else 0
    with one_writer(workspace):
        routine.write(done | ({"run": ""} if held and not status else {}))
    print(messages.label("L-year-open", say, number=routine.open_decisions()))
    print(workspace.relative(routine.path))
    return status


def _run(year: int, workspace: Workspace, settings: Settings) -> int:
    from platform_utils.cli.run import bring_up_to_date
    from platform_utils.spec.counts import years_shown
    from platform_utils.spec.reports import load_reports
    from platform_utils.workflow import annual_nodes, report_nodes

    place, shown = settings.source, years_shown(year, workspace.years_with_returns(settings.source))
    nodes = annual_nodes(workspace, place, shown, load_settings(workspace).lang)
    for name in _REPORTS:
        formats = load_reports()[name].formats
        more = report_nodes(
            workspace, name, [year], source=place, langs=LANGUAGES, formats=formats, engine=settings.engine
        )
        nodes += [node for node in more if node.name not in {one.name for one in nodes}]
    return bring_up_to_date(nodes, workspace, settings, cluster=None, dry_run=False)
