"""Clean one year: the accepted rows of all returns become the tables that all analysis starts from.

Enters: ``CheckedReturn``s. Leaves: ``CleanYear``. Serves rule 2: rows read = accepted + held + merged + set
aside, for every file, each row told once; what cleaning itself recodes stands beside what validation recoded.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd

from platform_utils.clean.combine import combine
from platform_utils.clean.derive import derive, fill_from_answers
from platform_utils.clean.members import member_rows
from platform_utils.clean.persons import repeated_persons
from platform_utils.errors import ContractError
from platform_utils.messages import label
from platform_utils.spec import grains
from platform_utils.spec.clean import CleanYear
from platform_utils.spec.returns import PROVENANCE, REASONS, CheckedReturn, Finding, LedgerEntry, Member


@dataclass(frozen=True)
class Move:
    """Accepted rows that met another fate in cleaning, as a ``LedgerEntry`` names it."""

    grain: str
    reason: str
    rows: pd.DataFrame
    detail: str = ""


def settle_ledger(
    entries: Iterable[LedgerEntry], moves: Sequence[Move], clean: Mapping[str, pd.DataFrame]
) -> tuple[LedgerEntry, ...]:
    """Return the ledger after cleaning, sorted by file, sheet, grain and fate.

    Parameters
    ----------
    entries : iterable of LedgerEntry
        Of all checked returns.
    clean : mapping of grain to DataFrame
        Rows that are left.

    Raises
    ------
    ContractError
        E-305 if the rows left are not those told as accepted.
    """
    told: Counter[tuple[str, str, str, str, str]] = Counter()
    for entry in entries:
        told[entry.file, entry.sheet, entry.grain, entry.reason, entry.detail] += entry.rows
    for move in moves:
        for (file, sheet), rows in _per_sheet(move.rows).items():
            told[file, sheet, move.grain, "accepted", ""] -= rows
            told[file, sheet, move.grain, move.reason, move.detail] += rows
    for grain, table in clean.items():
        left = _per_sheet(table)
        accepted = {key[:2]: rows for key, rows in told.items() if key[2:4] == (grain, "accepted") and rows}
        for key in sorted(set(left) | set(accepted)):
            if left.get(key, 0) != accepted.get(key, 0):
                raise ContractError("E-305", file=key[0], read=left.get(key, 0), told=accepted.get(key, 0))
    order = {reason: position for position, reason in enumerate(REASONS)}
    kept = sorted((key for key, rows in told.items() if rows), key=lambda k: (*k[:3], order[k[3]], k[4]))
    return tuple(LedgerEntry(*key[:4], rows=told[key], detail=key[4]) for key in kept)


def summarise_ledger(ledger: Iterable[LedgerEntry], lang: str | None = None) -> pd.DataFrame:
    """Return rows read, accepted, held, merged and set aside, per file; with a language, under its words.

    Returns
    -------
    DataFrame, shape (n_files, 6)
        ``file``, ``read``, ``accepted``, ``held``, ``merged``, ``set_aside`` (rows of sheets); read is the
        sum of the others.
    """
    sides = ("accepted", "held", "merged", "set_aside")
    files: dict[str, dict[str, int]] = {}
    for entry in ledger:
        files.setdefault(entry.file, dict.fromkeys(sides, 0))[REASONS[entry.reason]] += entry.rows
    rows = [{"file": file, "read": sum(files[file].values()), **files[file]} for file in sorted(files)]
    names = ["file", "read", *sides]
    words = {name: label(f"L-check-{name}", lang) for name in names} if lang else {}
    return pd.DataFrame(rows, columns=names).rename(columns=words)


def _per_sheet(rows: pd.DataFrame) -> dict[tuple[str, str], int]:
    if not len(rows):
        return {}
    counted = rows.groupby(["file", "sheet"], sort=True, observed=True).size().reset_index(name="rows")
    places = zip(counted["file"].astype("str"), counted["sheet"].astype("str"), strict=True)
    return dict(zip(places, counted["rows"].tolist(), strict=True))


def clean_year(
    checked: Iterable[CheckedReturn], *, year: int, source: str, members: Iterable[Member]
) -> CleanYear:
    """Combine, set aside, fill and derive the rows of one year.

    Parameters
    ----------
    checked : iterable of CheckedReturn
        In any order: the result does not depend on it. Batches of one file count as one return.
    year : int
        Support year; rows of another year are set aside.
    source : str
        ``"demo"``, ``"members"`` or ``"external-<name>"``.
    members : iterable of Member
        The year's list, whether or not they have returned.

    Raises
    ------
    ContractError
        E-305 if the ledger does not add up, E-313 if a member is not on the list.
    """
    returns = sorted(checked, key=lambda one: (one.member_id, one.file))
    moves: list[Move] = []
    findings = [finding for one in returns for finding in one.findings]
    rows = {grain: _of_year(combine(returns, grain), grain, year, moves) for grain in grains.load()}
    _set_totals_aside(rows, moves, findings)
    held, repeated = repeated_persons(rows["case"], returns)
    moves.append(Move("case", "held", rows["case"][held], "E-310"))
    findings += repeated
    rows["case"], filled = fill_from_answers(rows["case"][~held].reset_index(drop=True), year)
    ledger = settle_ledger((entry for one in returns for entry in one.ledger), moves, rows)
    recodes = pd.concat([*(one.recodes for one in returns), filled], ignore_index=True)
    tables = {grain: _finished(table, grain, year) for grain, table in rows.items()}
    return CleanYear(
        year=year,
        source=source,
        tables=tables | {"organisation": member_rows(members, returns, rows, year)},
        recodes=recodes.groupby(["file", "variable", "raw", "code"], sort=True)[["rows"]].sum().reset_index(),
        findings=tuple(findings),
        ledger=ledger,
    )


def _of_year(rows: pd.DataFrame, grain: str, year: int, moves: list[Move]) -> pd.DataFrame:
    other = (rows["year"] != year).to_numpy()
    if not other.any():
        return rows
    moves.append(Move(grain, "other_year", rows[other]))
    return rows[~other].reset_index(drop=True)


def _set_totals_aside(rows: dict[str, pd.DataFrame], moves: list[Move], findings: list[Finding]) -> None:
    """Leave out totals of members that have also handed in persons: nobody is counted twice."""
    total = rows["total"]
    again = total["member_id"].isin(rows["case"]["member_id"].unique()).to_numpy()
    if not again.any():
        return
    moves.append(Move("total", "total_row", total[again], "W-312"))
    for file, sheet in total.loc[again, ["file", "sheet"]].drop_duplicates().itertuples(index=False):
        findings.append(Finding("W-312", file, sheet, fields={"grain": "total"}))
    rows["total"] = total[~again].reset_index(drop=True)


def _finished(rows: pd.DataFrame, grain: str, year: int) -> pd.DataFrame:
    """Return combined rows with derived variables and flags, provenance last, codes as text."""
    columns: dict[str, Any] = {str(name): _as_text(values) for name, values in derive(rows, year).items()}
    provenance = {name: columns.pop(name) for name in PROVENANCE}
    flags = {"is_possible_duplicate": False} if grain == "case" else {}
    return pd.DataFrame(columns | flags | provenance, index=pd.RangeIndex(len(rows)), copy=False)


def _as_text(values: pd.Series) -> Any:
    if isinstance(values.array, pd.Categorical):
        return values.array.categories.array.take(values.array.codes)
    return values.array
