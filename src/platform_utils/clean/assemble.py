"""Bring the accepted rows of all returns together: one year, one order, each person once, gaps that follow.

Enters: checked returns, or batches of one long return. Leaves: combined tables with an exact ledger. All
rows of a year are here at once, because a person may stand twice; as codes they take about 400 bytes each.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import pandas as pd

from platform_utils.clean.combine import combine
from platform_utils.clean.fill import fill_from_answers
from platform_utils.clean.ledger import Move, settle_ledger
from platform_utils.clean.members import Member, member_rows
from platform_utils.clean.merge import merge_persons
from platform_utils.spec import grains
from platform_utils.spec.returns import CheckedReturn, Finding, LedgerEntry

__all__ = ["Assembled", "assemble"]

_RECODE = ["file", "variable", "raw", "code"]


@dataclass(frozen=True)
class Assembled:
    """The rows of a year before derived variables.

    Parameters
    ----------
    tables : dict of grain to DataFrame
        Sorted; code columns categorical.
    member_year, recodes, findings, ledger
        As in ``CleanYear``.
    """

    tables: dict[str, pd.DataFrame]
    member_year: pd.DataFrame
    recodes: pd.DataFrame
    findings: tuple[Finding, ...]
    ledger: tuple[LedgerEntry, ...]


def assemble(checked: Iterable[CheckedReturn], year: int, members: Iterable[Member]) -> Assembled:
    """Combine, set aside, merge and fill.

    Parameters
    ----------
    checked : iterable of CheckedReturn
        In any order; batches of one file count as one return.
    year : int
        Support year; rows of another year are set aside.
    members : iterable of Member
        The year's list.

    Returns
    -------
    Assembled

    Raises
    ------
    ContractError
        E-305 if the ledger does not add up, E-313 if a member is not on the list.
    """
    returns = sorted(checked, key=lambda one: (one.member_id, one.file))
    moves: list[Move] = []
    findings = [finding for one in returns for finding in one.findings]
    tables = {grain: _of_year(combine(returns, grain), grain, year, moves) for grain in grains.load()}
    _set_totals_aside(tables, moves, findings)
    merged = merge_persons(tables["case"])
    moves.append(Move("case", "merged", tables["case"][merged.merged]))
    moves.append(Move("case", "held", tables["case"][merged.held], "E-310"))
    said = {(one.file, one.sheet, one.row) for one in findings if one.code == "W-236"}
    findings += [
        one for one in merged.findings if one.code != "W-311" or (one.file, one.sheet, one.row) not in said
    ]
    tables["case"], filled = fill_from_answers(merged.case, year)
    ledger = settle_ledger((entry for one in returns for entry in one.ledger), moves, tables)
    recodes = pd.concat([*(one.recodes for one in returns), filled], ignore_index=True)
    return Assembled(
        tables=tables,
        member_year=member_rows(
            members, returns, tables["organisation"], tables["case"], tables["total"], year
        ),
        recodes=recodes.groupby(_RECODE, sort=True)[["rows"]].sum().reset_index(),
        findings=tuple(findings),
        ledger=ledger,
    )


def _of_year(rows: pd.DataFrame, grain: str, year: int, moves: list[Move]) -> pd.DataFrame:
    other = (rows["year"] != year).to_numpy()
    if not other.any():
        return rows
    moves.append(Move(grain, "other_year", rows[other]))
    return rows[~other].reset_index(drop=True)


def _set_totals_aside(tables: dict[str, pd.DataFrame], moves: list[Move], findings: list[Finding]) -> None:
    """Leave out totals of members that have also handed in persons: nobody is counted twice."""
    total = tables["total"]
    again = total["member_id"].isin(tables["case"]["member_id"].unique()).to_numpy()
    if not again.any():
        return
    moves.append(Move("total", "total_row", total[again], "W-312"))
    for file, sheet in total.loc[again, ["file", "sheet"]].drop_duplicates().itertuples(index=False):
        findings.append(Finding("W-312", file, sheet, fields={"grain": "total"}))
    tables["total"] = total[~again].reset_index(drop=True)
