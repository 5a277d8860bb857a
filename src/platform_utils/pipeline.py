"""The whole story on one screen: collect → read → validate → clean → link → analyse → protect → publish.

Only this module knows more than one stage. Notebooks call ``clean`` and ``count_and_protect``;
documents are executed by ``execute_report`` and rendered by ``render_report``.
"""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from pathlib import Path

from platform_utils import analyse, execute, link, messages, protect, publish, render, returns, validate
from platform_utils import clean as cleaning
from platform_utils.paths import Workspace
from platform_utils.schemas.clean import CleanYear
from platform_utils.schemas.safe import SafeTable

__all__ = [
    "clean",
    "count_and_protect",
    "execute_report",
    "render_report",
    "run_notebook",
    "years_with_returns",
]

_MARKS = {"demo": "L-mark-demo", "members": "L-mark-draft"}


def clean(year: int, source: str, *, corrected: bool = True, workspace: Workspace | None = None) -> CleanYear:
    """Read, validate and clean the returns of one year, and store them in the restricted folder.

    Parameters
    ----------
    year : int
        Support year.
    source : str
        ``"demo"``, ``"members"`` or ``"external-<name>"``.
    corrected : bool
        False leaves the declared corrections out, to see what they change; nothing is stored then.
    workspace : Workspace, optional
        Found from the working folder if not given.

    Returns
    -------
    CleanYear
        Person rows: restricted.

    Raises
    ------
    FileError
        E-1xx if a file that the receipts name cannot be read.
    ContractError
        E-3xx if a correction no longer applies.
    """
    workspace = workspace or Workspace.find()
    folder = workspace.returns(source, year)
    members = returns.load_members(workspace, source, year)
    corrections = validate.load_corrections(folder / "corrections.toml") if corrected else ()
    checked = [
        validate.check_return(raw, corrections=corrections)
        for raw in returns.read_year(workspace, source, year)
    ]
    validate.require_all_applied(corrections, checked)
    year_of_returns = cleaning.clean_year(checked, year=year, source=source, members=members)
    linked = link.flag_duplicates(year_of_returns)
    if corrected:
        cleaning.write_year(linked, workspace.restricted(source, year))
    return linked


def count_and_protect(year: int, source: str, *, workspace: Workspace | None = None) -> Sequence[SafeTable]:
    """Count the tables of one year, pass them through the gate, and store what came out.

    Parameters
    ----------
    year, source, workspace
        As in `clean`; every earlier year that is clean is used for changes and series.

    Returns
    -------
    sequence of SafeTable
        The tables of the plan, in its order.

    Raises
    ------
    DisclosureError
        E-4xx if the set cannot be released as it is.
    """
    workspace = workspace or Workspace.find()
    known = [y for y in years_with_returns(workspace, source) if y <= year]
    years = {y: cleaning.read_year(workspace.restricted(source, y)) for y in known}
    counted = analyse.annual_tables(years, year)
    safe = protect.protect_tables(counted, protect.load_rule())
    folder = publish.tables_folder(workspace, source, year)
    shutil.rmtree(folder, ignore_errors=True)
    for table in safe:
        table.write(folder / f"{table.name}.parquet")
    publish.write_facts(safe, workspace.controlled(source, year))
    return safe


def years_with_returns(workspace: Workspace, source: str) -> tuple[int, ...]:
    """Return the years that have received returns, in order."""
    folder = workspace.data_raw(source)
    found = (path.parent.name for path in folder.glob("*/receipts.toml"))
    return tuple(sorted(int(name) for name in found if name.isdigit()))


def run_notebook(name: str, year: int, source: str, lang: str, *, workspace: Workspace) -> Path:
    """Execute a notebook for one year; the executed notebook is restricted."""
    folder = workspace.restricted(source, year) / "notebooks"
    return execute.run_notebook(
        workspace.notebooks / f"{name}.ipynb",
        {"year": year, "source": source, "lang": lang},
        folder / f"{name}.{lang}.ipynb",
        log=folder / f"{name}.{lang}.log",
        required=("year", "source"),
    )


def execute_report(report: str, year: int, source: str, lang: str, *, workspace: Workspace) -> Path:
    """Execute a report once for one year; every format is rendered from the notebook that this makes."""
    folder = workspace.restricted(source, year) / "notebooks"
    return execute.run_document(
        workspace.reports(lang) / f"{report}.qmd",
        {"year": year, "source": source},
        folder / f"{report}.{lang}.ipynb",
        log=folder / f"{report}.{lang}.log",
    )


def render_report(
    report: str,
    year: int,
    source: str,
    lang: str,
    formats: Sequence[str],
    engine: str,
    *,
    workspace: Workspace,
) -> tuple[Path, ...]:
    """Render an executed report in each format, marked as demo or as a draft where it is one.

    Returns
    -------
    tuple of Path
        One per format; from members' data in the restricted folder.
    """
    mark = messages.label(_MARKS[source], lang) if source in _MARKS else None
    return render.render(
        workspace.restricted(source, year) / "notebooks" / f"{report}.{lang}.ipynb",
        tuple(formats),
        workspace.drafts(source, year) / f"{report}-{year}.{lang}",
        engine=engine,
        mark=mark,
    )
