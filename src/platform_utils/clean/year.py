"""Clean one year: the accepted rows of all returns become the tables that all analysis starts from.

Enters: ``CheckedReturn``s. Leaves: ``CleanYear``. Serves rule 2: rows read = accepted + held + set aside, for
every file; what cleaning itself recodes is recorded beside what validation recoded.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import pandas as pd

from platform_utils.clean.combine import combine
from platform_utils.clean.derive import derive, fill_from_answers
from platform_utils.clean.ledger import Move, settle_ledger
from platform_utils.clean.members import member_rows
from platform_utils.clean.persons import repeated_persons
from platform_utils.spec import grains
from platform_utils.spec.clean import CleanYear
from platform_utils.spec.returns import PROVENANCE, CheckedReturn, Finding, Member


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
