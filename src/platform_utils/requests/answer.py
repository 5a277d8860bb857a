"""Answer a request: count, protect beside everything that is already out, and let it go when two approve.

Enters: a ``Request``. Leaves: files in the controlled folder; after two sign-offs, a folder among the
releases and an entry in the ledger. Serves rule 3: whoever asks sees what has passed the gate.
"""

from __future__ import annotations

import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from types import MappingProxyType

import pandas as pd

from platform_utils import clean as cleaning
from platform_utils import count, pipeline, protect
from platform_utils.errors import DisclosureError, UsageError
from platform_utils.paths import SOURCES, Workspace, write_whole
from platform_utils.protect.anchors import ABOUT, CHECKSUMS
from platform_utils.release.contents import checksums, digest_of
from platform_utils.release.outgoing import finish_broken_off, let_out
from platform_utils.release.sign_off import Candidate, open_ledger, sealed, signed_by_two
from platform_utils.requests.read import Request, read_request
from platform_utils.requests.tidy import TABLES, to_csv
from platform_utils.requests.write import Going, going_out, packed, written
from platform_utils.spec.clean import CleanYear
from platform_utils.spec.counts import CountTable
from platform_utils.spec.entries import read_toml, written_entry
from platform_utils.spec.plan import PlannedTable, load_plan
from platform_utils.spec.safe import HIDDEN, SafeTable

SENT = "request.toml"
"""Name of the request as it came, in its answer."""

_PREFIX = "request-"
_NOTHING: Mapping[str, bytes] = MappingProxyType({})


@dataclass(frozen=True)
class Answer:
    """An answer as it may go out.

    Attributes
    ----------
    source : str
        ``"demo"``, ``"members"`` or ``"external-<name>"``.
    tables : tuple of SafeTable
        Per year, in the order asked.
    files : mapping of str to bytes
        What is handed over.
    folder : Path
        Where it stands until then.
    """

    request: Request
    source: str
    tables: tuple[SafeTable, ...]
    files: Mapping[str, bytes]
    folder: Path

    @property
    def digest(self) -> str:
        """One hash of exactly these files: what is signed."""
        return digest_of(self.files)

    def candidate(self, ledger: protect.Ledger) -> Candidate:
        """Return what a reader signs, beside what is out already."""
        return Candidate.of(ledger, self.ended(ledger))

    def ended(self, ledger: protect.Ledger, day: date = date.min) -> protect.Ledger:
        """Return the ledger in which it has gone out on a day."""
        newest = {year: max(1, ledger.newest(year)) for year in self.request.years}
        about = {"id": self.request.id, "source": self.source, "date": day.isoformat(), "digest": self.digest}
        name = release_name(self.request)
        ledger = ledger.with_release(self.tables, release=name, day=day, edition=newest)
        return sealed(ledger, name, about, day=day)


def release_name(request: Request) -> str:
    """Return the name of an answer in the ledger, such as ``"request-2024-07"``."""
    return f"{_PREFIX}{request.id}"


def answer_request(
    request: Request, source: str, *, workspace: Workspace, sent: Mapping[str, bytes] = _NOTHING
) -> Answer:
    """Count what is asked, protect it together with what is out already, and write the answer.

    Nothing of it has left then: two people must approve it first.

    Parameters
    ----------
    sent : mapping of str to bytes
        The request and its notebook as they came; they go back with the answer and are never run here.

    Raises
    ------
    FileError
        E-306 if a year has not been cleaned.
    UsageError
        E-330 for somebody else's file; E-826 if the request has been answered already.
    DisclosureError
        E-433 if no safe layout exists; E-435, E-827 with the earlier release that it collides with; E-436,
        E-460 to E-463 if the ledger has been touched.
    """
    if source not in SOURCES:
        raise UsageError("E-330", source=source)
    # opened before anything is removed: a ledger that has been touched leaves the last draft as it is
    known = open_ledger(workspace, source).releases
    finish_broken_off(_handed_over(workspace, source), lambda name: f"{_PREFIX}{name}" in known)
    if release_name(request) in known:
        raise UsageError("E-826", id=request.id)
    folder = workspace.controlled(source, "requests") / request.id
    shutil.rmtree(folder, ignore_errors=True)
    tables = protected_tables(asked_of(request), source, workspace=workspace)
    files = written(request, source, tables, protect.load_rule(), sent)
    for name, content in files.items():
        write_whole(folder / name, content)
    return Answer(request, source, tables, files, folder)


def protected_tables(
    asked: Mapping[int, Sequence[PlannedTable]], source: str, *, workspace: Workspace
) -> tuple[SafeTable, ...]:
    """Count what is asked of each year and protect it as one set beside everything that is out.

    Raises
    ------
    FileError, DisclosureError
        As `answer_request`.
    """
    ledger, rule = open_ledger(workspace, source), protect.load_rule()
    years = {year: cleaning.read_year(workspace.restricted(source, year)) for year in asked}
    counted = [t for year, planned in asked.items() for t in count.asked_tables(years[year], planned)]
    context = _still_known(ledger, years, rule, source, workspace)
    try:
        every = [*counted, *context]
        rows = pipeline.persons_behind(every, source, ledger, workspace=workspace, read=years)
        demand = protect.beside(protect.Demand(counted, rule, context=context, rows=rows), ledger)
        return tuple(protect.protect(demand).tables)
    except DisclosureError as error:
        apart = apart_from_large_cases(asked, years)
        if error.code in ("E-433", "E-434") and apart:
            raise DisclosureError("E-877", populations=", ".join(apart)) from error
        if error.code != "E-446":
            raise
        releases = sorted({name.partition("/")[0] for name in str(error.fields["earlier"]).split(", ")})
        raise DisclosureError("E-827", earlier=", ".join(releases)) from error


def hand_over(answer: Answer, *, day: date, workspace: Workspace) -> Path:
    """Let an answer go that two people have approved: it enters the ledger and stands among the releases.

    Parameters
    ----------
    answer : Answer
        From `answer_request`, made now: what has come out since the signatures is then known.

    Returns
    -------
    Path
        The folder to send.

    Raises
    ------
    NotSignedOff
        E-804 without two different keys on exactly these files, E-805 if somebody says no, E-836 for a
        signature that is none.
    DisclosureError
        E-436, E-460 to E-463 if the ledger has been touched.
    UsageError
        E-825 if the request has expired.
    """
    if day > answer.request.expires:
        raise UsageError("E-825", id=answer.request.id, expires=answer.request.expires.isoformat())
    ledger = open_ledger(workspace, answer.source)
    ledger = signed_by_two(workspace, ledger, answer.ended(ledger, day))
    about = ledger.lines[-1].content["about"] | {"head": ledger.head, "length": len(ledger.lines)}
    folder, readers = _handed_over(workspace, answer.source) / answer.request.id, tuple(about["signed_by"])
    said = {CHECKSUMS: checksums(answer.files).encode("utf-8"), ABOUT: written_entry(about).encode("utf-8")}
    whole = {**answer.files, **said, **going_out(Going(answer.request, day, readers, answer.tables))}
    let_out(folder, {**whole, f"answer-{answer.request.id}.zip": packed(whole)}, ledger.write)
    write_register(workspace, answer.source)
    return folder


def write_register(workspace: Workspace, source: str) -> Path:
    """Write what has been handed over, a line each, in the order of the ids: from the folders themselves."""
    lines = []
    for folder in sorted(_handed_over(workspace, source).glob("[!.]*/")):
        sent, frame = folder / SENT, folder / TABLES
        if not (sent.is_file() and frame.is_file()):
            continue  # from before answers said so
        request, about = read_request(sent), read_toml(folder / ABOUT)
        marks = pd.read_csv(frame, usecols=["mark"], dtype="str", keep_default_na=False)["mark"]
        share = round(100 * marks.eq(HIDDEN).sum() / max(1, len(marks)))
        tables = "; ".join(table.name for table in request.tables)
        lines.append([request.id, about["date"], request.asked_by, request.purpose, tables, share])
    register = workspace.releases(source) / "register.csv"
    columns = ["id", "date", "asked_by", "purpose", "tables", "hidden_per_cent"]
    write_whole(register, to_csv(pd.DataFrame(lines, columns=columns)))
    return register


def _handed_over(workspace: Workspace, source: str) -> Path:
    return workspace.releases(source) / "requests"


def asked_of(request: Request) -> dict[int, list[PlannedTable]]:
    """Return what is asked of each year, under names that nobody takes for a table of the report."""
    return {
        year: [
            load_plan().of_persons(f"{release_name(request)}-{table.name}", table.universe, table.dimensions)
            for table in request.tables
            if year in table.years
        ]
        for year in request.years
    }


def apart_from_large_cases(
    asked: Mapping[int, Sequence[PlannedTable]], years: Mapping[int, CleanYear]
) -> list[str]:
    """Return the populations without large cases of those that are asked of years that have one."""
    large = [
        year for year, clean in years.items() if clean.case["person_count"].ge(load_plan().large_from).any()
    ]
    named = {f"{table.population.name}_without_mass" for year in large for table in asked[year]}
    return sorted(named & {*load_plan().of_people})


def _still_known(
    ledger: protect.Ledger,
    years: Mapping[int, CleanYear],
    rule: protect.DisclosureRule,
    source: str,
    workspace: Workspace,
) -> list[CountTable]:
    """Return the true counts of released tables of these years: what was hidden there stays hidden.

    The report of the year after has tables of these years too.
    """
    known: list[CountTable] = []
    for year, clean in years.items():
        out = {
            entry.content["name"]: entry
            for entry in ledger.entries
            if entry.kind == "table" and entry.population[1] == year and entry.edition == ledger.newest(year)
        }
        answers = [
            load_plan().of_persons(
                name, entry.content["universe"]["name"], tuple(entry.content["dimensions"])
            )
            for name, entry in sorted(out.items())
            if entry.release.startswith(_PREFIX)
        ]
        reported = [each for each in (year, year + 1) if len(out) > len(answers) and ledger.newest(each)]
        planned = [t for each in reported for t in pipeline.count_year(each, source, workspace=workspace)]
        known += [
            table
            for table in (*planned, *count.asked_tables(clean, answers))
            if table.name in out
            and table.asked
            and table.universe.year == year
            and table.universe.unit in rule.protected_units
        ]
    return known
