"""Only what a build would make again just so may be signed or released.

Enters: a year in a workspace. Leaves: nothing, or a refusal. Reports are counted in the languages and formats
that are there, as the embedded engine made them: each manifest says which engine that was.
"""

from __future__ import annotations

from platform_utils.config import load_settings
from platform_utils.errors import FileError
from platform_utils.messages import LANGUAGES
from platform_utils.paths import Workspace
from platform_utils.release.contents import reports_among
from platform_utils.spec.counts import years_shown
from platform_utils.spec.reports import load_reports
from platform_utils.workflow import Node, annual_nodes, report_nodes, run_nodes, what_changed


def bring_along(workspace: Workspace, source: str, year: int) -> bool:
    """Make what goes with a year's reports and is not there, such as the tables of the annual report.

    Returns
    -------
    bool
        Whether there was any.

    Raises
    ------
    PlatformError
        The first failure of a node.
    """
    settings, nodes = load_settings(workspace), list[Node]()
    names = (path.name for path in workspace.drafts(source, year).glob("*"))
    found = [(report, lang) for report, lang, _ in reports_among(names, year)]
    for name, about in load_reports().items():
        langs = [lang for lang in LANGUAGES if (about.goes_with, lang) in found and (name, lang) not in found]
        if langs:
            nodes += report_nodes(
                workspace, name, (year,), source=source, langs=langs, formats=about.formats,
                engine=settings.engine,
            )  # fmt: skip
    for error in run_nodes(nodes, workspace, source, workers=1).failed.values():
        raise error
    return bool(nodes)


def require_up_to_date(workspace: Workspace, source: str, year: int) -> None:
    """Refuse a reported year of which something has been edited, or whose inputs have changed since.

    Raises
    ------
    FileError
        E-812 with the first node that would run again, and the commands that bring the year up to date.
    """
    settings = load_settings(workspace)
    shown = years_shown(year, workspace.years_with_returns(source))
    nodes = annual_nodes(workspace, source, shown, settings.lang)
    names = (path.name for path in workspace.drafts(source, year).glob("*"))
    commands = []
    for report, lang, formats in reports_among(names, year):
        nodes += report_nodes(
            workspace, report, (year,), source=source, langs=(lang,), formats=formats, engine="embedded",
        )  # fmt: skip
        commands.append(
            f"platform-utils report {report} {year} --source {source} --lang {lang} --to {','.join(formats)}"
            f"{'' if settings.engine == 'embedded' else ' --engine embedded'}"
        )
    reasons = what_changed(list({node.name: node for node in nodes}.values()), workspace, source)
    if reasons:
        first = " ".join(filter(None, (reasons[0].node, reasons[0].what)))
        raise FileError("E-812", year=year, source=source, first=first, commands="; ".join(commands))
