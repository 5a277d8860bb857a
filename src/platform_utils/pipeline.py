"""The whole story on one screen: collect → read → validate → clean → link → analyse → protect → publish.

Only this module knows more than one stage. Notebooks call ``clean``, ``count_and_protect``,
``admit_published`` and ``evaluate_pilot``; documents load what those have stored.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING

import pandas as pd

from platform_utils import clean as cleaning
from platform_utils import count, programme, protect, publish, returns, validate
from platform_utils.guard.identity import find_identity
from platform_utils.paths import Workspace, replace_folder, resource, write_whole
from platform_utils.spec.clean import CleanYear
from platform_utils.spec.counts import CountTable, Universe, years_counted
from platform_utils.spec.layout import RECORD
from platform_utils.spec.plan import load_plan
from platform_utils.spec.returns import CheckedReturn
from platform_utils.spec.safe import SafeTable
from platform_utils.spec.sources import load_source, row_unit

if TYPE_CHECKING:
    from platform_utils.pilot.evaluate import Evaluation


_IN_SIGHT, _SAID_FIRST = 1000.0, 2.0
"""What it costs to hide a headline, in ordinary cells: it goes only where nothing else does; and a fact."""


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

    Raises
    ------
    FileError
        E-1xx if a file that the receipts name cannot be read.
    ContractError
        E-3xx if a correction no longer applies.
    """
    workspace = workspace or Workspace.find()
    members = returns.load_members(workspace, source, year)
    checked = check_returns(year, source, corrected=corrected, workspace=workspace)
    year_of_returns = cleaning.clean_year(checked, year=year, source=source, members=members)
    linked = cleaning.flag_duplicates(year_of_returns)
    if corrected:
        cleaning.write_year(linked, workspace.restricted(source, year))
    return linked


def check_returns(
    year: int, source: str, *, corrected: bool = True, workspace: Workspace
) -> list[CheckedReturn]:
    """Read and validate the returns of one year that count; errors as in `clean`."""
    corrections = validate.load_corrections(workspace.corrections(source, year)) if corrected else ()
    read = returns.read_year(workspace, source, year)
    checked = [validate.check_return(raw, corrections=corrections) for raw in read]
    validate.require_all_applied(corrections, checked)
    return checked


def count_and_protect(year: int, source: str, *, workspace: Workspace | None = None) -> protect.Design:
    """Count the tables of one year, find a set that is safe as a whole, and store it with its record.

    Parameters
    ----------
    year, source, workspace
        As in `clean`; every earlier year that is clean is used for changes and series.

    Returns
    -------
    Design
        The tables of the plan, in its order, and the alternatives that were looked at: those are restricted.

    Raises
    ------
    DisclosureError
        E-4xx if the set cannot be released as it is, alone or beside what has been released before: E-439
        if a headline of a corrected year changed by too few persons.
    """
    workspace = workspace or Workspace.find()
    ledger = protect.open_ledger(workspace.releases(source))
    counted = _counted(year, source, ledger, workspace)
    rule = protect.load_rule()
    at_least = max(limits.min_released for limits in rule.classes.values())
    in_sight = {protect.cell_of(*cell): _IN_SIGHT for cell in count.must_show(counted, at_least)}
    said = {protect.cell_of(*cell): _SAID_FIRST for cell in count.said_first(counted, at_least)}
    mergeable = {planned.key: planned.merge for planned in load_plan().tables}
    demand = protect.Demand(
        counted,
        rule,
        in_sight=[cell for cell in in_sight if ":" not in cell.universe],  # persons
        cell_weights=said | in_sight,
        exemptions=_exemptions(year, source, workspace),
        rows=persons_behind(counted, source, ledger, workspace=workspace),
    )
    design = protect.design(protect.beside(demand, ledger), protect.SameRows(mergeable))
    _store(design.tables, publish.tables_folder(workspace, source, year), design.record())
    publish.write_facts(design.tables, workspace.controlled(source, year))
    return design


def count_cases(year: int, source: str, *, workspace: Workspace | None = None) -> Sequence[SafeTable]:
    """Count a year of somebody else's file by its own questions, and store the tables for its report.

    A file that everybody can get from its publisher is admitted as public; of another the gate hides what is
    small.

    Raises
    ------
    SettingsError
        E-325, E-010 if nothing says what the file is, or nothing usable.
    FileError
        E-101, E-140 if no file of the year was imported, or one has changed since.
    DisclosureError
        E-433, E-434 if no safe pattern exists; E-438 if a public file has no address.
    """
    workspace = workspace or Workspace.find()
    described, files = load_source(workspace, source), returns.open_imported(workspace, source, year)
    tally, told = returns.Tally(), tuple(f"{one.file} (SHA-256 {one.digest[:12]} …)" for one in files)
    batches = (
        batch for one in files for batch in returns.read_answers(one, described.asks, year=year, tally=tally)
    )
    universe = Universe("cases", year, source, row_unit(source))
    counted = count.case_tables(batches, described.asks, tally.fates, universe, told)
    if described.is_public:
        tables = protect.counts_as_published(counted, described.publisher, described.address)
    else:
        demand = protect.Demand(counted, protect.load_rule(), links=protect.Links(), elsewhere=())
        tables = list(protect.protect(demand).tables)
    _store(tables, publish.tables_folder(workspace, source, year))
    return tables


def support_programme(
    year: int, source: str, lang: str, *, workspace: Workspace | None = None
) -> pd.DataFrame:
    """Return what in the support programme's cases of a year breaks a rule or does not fit: restricted."""
    return programme.traces(
        cleaning.read_year((workspace or Workspace.find()).restricted(source, year)), lang
    )


def write_own_words(year: int, source: str, *, workspace: Workspace | None = None) -> Path:
    """Check the year's own words against what was counted, and store them with their numbers.

    Raises
    ------
    ContractError
        E-663 with file and line.
    """
    return publish.write_words(workspace or Workspace.find(), source, year)


def count_year(year: int, source: str, *, workspace: Workspace) -> list[CountTable]:
    """Count every table of a year from its clean rows: restricted, for whoever must know what was hidden."""
    years, corrections = _rows_behind(year, source, workspace)
    return count.annual_tables(years, year, corrections)


def persons_behind(
    tables: Sequence[CountTable],
    source: str,
    ledger: protect.Ledger,
    *,
    workspace: Workspace,
    read: Mapping[int, CleanYear] = MappingProxyType({}),
) -> dict[tuple[str, int], dict[str, pd.DataFrame]]:
    """Return the persons of each year that tables are about, as they are and as each edition counted them.

    Restricted: for the gate, which asks whether other persons could stand behind what is published. Years
    that the caller has ``read`` are not read again.
    """
    asked = sorted({table.universe.year for table in tables})
    now = {
        year: read[year] if year in read else cleaning.read_year(workspace.restricted(source, year))
        for year in asked
    }
    found = {}
    for year in asked:
        beside = {
            each: rows
            for each in (year - 1, year + 1)
            if (rows := now.get(each) or _released_year(each, source, ledger, workspace)) is not None
        }
        states = {"now": {**beside, year: now[year]}}
        for edition in range(1, ledger.newest(year) + 1):
            kept = _kept(year, source, edition, ledger, workspace)
            states |= {str(edition): beside | kept} if year in kept else {}
        key = protect.universe_key(Universe("all", year, source, row_unit(source)))
        found[key, year] = {state: count.persons_of(rows, year) for state, rows in states.items()}
    return found


def check_before_release(
    year: int, source: str, tables: Sequence[SafeTable], day: date, *, workspace: Workspace
) -> None:
    """Attack the tables of a year once more, on the day of their release, with all that has gone out since.

    Parameters
    ----------
    year, source, workspace
        As in `clean`.
    tables : sequence of SafeTable
        What is about to be released: of the year, and what is shown of years before it.
    day : date
        Day of the release.

    Raises
    ------
    DisclosureError
        E-431 if an exemption has expired; E-435 with the release that the tables collide with; E-439 if
        they show a cell that changed by too few persons; E-447 if they are not those of the rows.
    """
    ledger = protect.open_ledger(workspace.releases(source))
    exemptions = _exemptions(year, source, workspace)
    protect.check_exemptions(exemptions, on=day)
    counted = _counted(year, source, ledger, workspace)
    rows = persons_behind(counted, source, ledger, workspace=workspace)
    demand = protect.Demand(counted, protect.load_rule(), exemptions=exemptions, rows=rows)
    demand = protect.beside(demand, ledger)
    own = {(table.name, table.universe.year) for table in counted}
    told = [t for t in tables if t.universe.year < year and (t.name, t.universe.year) not in own]
    seen = [replace(protect.see_table(t), name=f"{t.universe.year}/{t.name}") for t in told]
    demand = replace(demand, earlier=[*demand.earlier, *seen])
    protect.check_year([table for table in tables if table not in told], demand)


def keep_rows(year: int, source: str, edition: int, *, workspace: Workspace) -> None:
    """Keep the rows that a release counts: a corrected edition asks who came and who went since.

    Parameters
    ----------
    year, source, workspace
        As in `clean`; the year before is kept too, because some tables compare with it.
    edition : int
        1 for the first release of the year.
    """
    with replace_folder(workspace.released_rows(source, year, edition)) as partial:
        for each in years_counted(year, workspace.years_with_returns(source)):
            cleaning.write_year(cleaning.read_year(workspace.restricted(source, each)), partial / str(each))
        declared = workspace.corrections(source, year)
        if declared.is_file():
            (partial / declared.name).write_bytes(declared.read_bytes())


def admit_published(*, workspace: Workspace | None = None) -> Sequence[SafeTable]:
    """Let the figures that others have published through the gate, as public already, and store them.

    Returns
    -------
    sequence of SafeTable
        One per series; what is not on the web names its document and publisher instead of an address.

    Raises
    ------
    DisclosureError
        E-438 if a figure lacks its source.
    """
    workspace = workspace or Workspace.find()
    figures = pd.read_csv(workspace.published / "published_figures.csv", dtype="str", keep_default_na=False)
    tables = protect.as_published(figures)
    _store(tables, workspace.published_tables)
    return tables


def evaluate_pilot(
    source: str,
    *,
    plan: Path | str | None = None,
    data: Path | str | None = None,
    ledger: Path | None = None,
    receipt: Path | None = None,
    workspace: Workspace | None = None,
) -> Evaluation:
    """Evaluate the pilot under its plan; pass every number through the gate and store what came out.

    An earlier evaluation is replaced when this one is whole, and stays as it is when this one fails.

    Parameters
    ----------
    source : str
        ``"demo"``, ``"members"`` or ``"external-<name>"``.
    plan, data, ledger, receipt : Path, optional
        The packaged plan, the source's cohort file, ledger and ``plan_receipt.toml`` if not given.
    workspace : Workspace, optional
        Found from the working folder if not given.

    Returns
    -------
    Evaluation
        Restricted: it holds counts of persons.

    Raises
    ------
    ContractError, FileError, SettingsError, NotSignedOff
        E-7xx.
    """
    from platform_utils import pilot

    workspace = workspace or Workspace.find()
    restricted = workspace.restricted(source, "pilot")
    plan_file = Path(plan) if plan else resource("pilot.toml")
    path = Path(data) if data else workspace.cohort(source)
    written = pilot.read_plan(plan_file)
    cohort = pilot.read_cohort(path)
    lodged = workspace.plan_receipt(source)
    outside = receipt or (lodged if lodged.is_file() else None)
    book = ledger or workspace.plan_book(source)
    invented = not data and source == "demo"
    registered = pilot.read_registration(written, book, outside, invented=invented)
    result = pilot.evaluate(written, cohort, registered)
    if not invented:
        pilot.note_opening(written, book, registered)
    months = cohort.get("first_contact_month", ["0000"])
    universe, rule = Universe("pilot", int(max(months)[:4]), source), protect.load_rule()
    estimates = protect.protect_estimates(pilot.gate_items(result), universe, rule)
    shown = path.name if find_identity(path.name) is None else path.suffix
    words = pilot.words(result) | {"plan_file": plan_file.name, "data_file": shown}
    publish.write_pilot(estimates, words, workspace.evaluation(source))
    write_whole(restricted / "evaluation.json", pilot.to_json(result))
    return result


def _counted(year: int, source: str, ledger: protect.Ledger, workspace: Workspace) -> list[CountTable]:
    """Count the tables of a year; where editions of it are out, say who came and went since each."""
    years, corrections = _rows_behind(year, source, workspace)
    counted = count.annual_tables(years, year, corrections)
    released = {}
    for edition in range(1, ledger.newest(year) + 1):
        then = _kept(year, source, edition, ledger, workspace)
        if year in then:
            released[edition] = count.Released(
                then, validate.load_corrections(workspace.corrections(source, year, edition))
            )
    return count.with_movement(counted, years, released, year, corrections) if released else counted


def _kept(
    year: int, source: str, edition: int, ledger: protect.Ledger, workspace: Workspace
) -> dict[int, CleanYear]:
    """Return the rows that an edition of a year counted, as far as they are kept."""
    if f"{year}-{edition}" not in ledger.releases:
        return {}  # a freeze that was broken off leaves rows only
    folder = workspace.released_rows(source, year, edition)
    return {int(path.name): programme.judge_year(cleaning.read_year(path)) for path in folder.glob("[0-9]*")}


def _released_year(year: int, source: str, ledger: protect.Ledger, workspace: Workspace) -> CleanYear | None:
    """Return the rows of a year as they were released last, or as the year after was compared with them."""
    for each in (year, year + 1):
        kept = _kept(each, source, ledger.newest(each), ledger, workspace)
        if year in kept:
            return kept[year]
    return None


def _rows_behind(
    year: int, source: str, workspace: Workspace
) -> tuple[dict[int, CleanYear], Sequence[count.Declared]]:
    read = years_counted(year, workspace.years_with_returns(source))
    clean = (cleaning.read_year(workspace.restricted(source, each)) for each in read)
    years = {one.year: programme.judge_year(one) for one in clean}
    return years, validate.load_corrections(workspace.corrections(source, year))


def _exemptions(year: int, source: str, workspace: Workspace) -> tuple[protect.Exemption, ...]:
    declared = workspace.exemptions(source, year)
    return protect.read_exemptions(declared) if declared.is_file() else ()


def _store(tables: Sequence[SafeTable], folder: Path, record: str | None = None) -> None:
    with replace_folder(folder) as partial:
        for table in tables:
            table.write(partial / f"{table.name}.parquet")
        if record is not None:
            (partial / RECORD).write_text(record, encoding="utf-8", newline="\n")
