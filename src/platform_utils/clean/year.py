"""Clean one year: the accepted rows of all returns become the tables that all analysis starts from.

Enters: ``CheckedReturn``s. Leaves: ``CleanYear``. Serves rule 2: rows read = accepted + held + merged + set
aside, for every file; what cleaning itself recodes is recorded beside what validation recoded.
"""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import pandas as pd

from platform_utils.clean.combine import combine
from platform_utils.clean.derive import derive
from platform_utils.clean.fill import fill_from_answers
from platform_utils.clean.ledger import Move, settle_ledger
from platform_utils.clean.members import Member, member_rows
from platform_utils.clean.merge import merge_persons
from platform_utils.codebook.variable import Grain
from platform_utils.schemas.clean import CleanYear
from platform_utils.schemas.returns import PROVENANCE, CheckedReturn, Finding

__all__ = ["clean_year"]

_GRAINS: tuple[Grain, ...] = ("case", "programme", "organisation", "total")


def clean_year(
    checked: Iterable[CheckedReturn], *, year: int, source: str, members: Iterable[Member]
) -> CleanYear:
    """Combine, merge, fill and derive the rows of one year.

    Parameters
    ----------
    checked : iterable of CheckedReturn
        In any order: the result does not depend on it.
    year : int
        Support year; rows of another year are set aside.
    source : str
        ``"demo"``, ``"members"`` or ``"external-<name>"``.
    members : iterable of Member
        The year's list, whether or not they have returned.

    Returns
    -------
    CleanYear
        Codes as ``str``, numbers as ``Int64`` with ``<name>_status`` beside each.

    Raises
    ------
    ContractError
        E-305 if the ledger does not add up, E-313 if a member is not on the list.
    """
    returns = sorted(checked, key=lambda one: (one.member_id, one.file))
    moves: list[Move] = []
    findings = [finding for one in returns for finding in one.findings]
    tables = {grain: _of_year(combine(returns, grain), grain, year, moves) for grain in _GRAINS}
    _set_totals_aside(tables, moves, findings)
    merged = merge_persons(tables["case"])
    moves += [
        Move("case", "merged", tables["case"][merged.merged]),
        Move("case", "held", tables["case"][merged.held], "E-310"),
    ]
    findings += merged.findings
    case, filled = fill_from_answers(merged.case, year)
    ledger = settle_ledger((entry for one in returns for entry in one.ledger), moves, tables | {"case": case})
    recodes = pd.concat([*(one.recodes for one in returns), filled], ignore_index=True)
    recodes = recodes.sort_values(["file", "variable", "raw", "code"], kind="stable", ignore_index=True)
    return CleanYear(
        year=year,
        source=source,
        case=_finished(case, year, is_possible_duplicate=np.zeros(len(case), bool)),
        programme=_finished(tables["programme"], year),
        total=_finished(tables["total"], year),
        member_year=member_rows(members, returns, tables["organisation"], case, tables["total"], year),
        recodes=recodes,
        findings=tuple(findings),
        ledger=ledger,
    )


def _of_year(rows: pd.DataFrame, grain: Grain, year: int, moves: list[Move]) -> pd.DataFrame:
    other = (rows["year"] != year).to_numpy()
    if not other.any():
        return rows
    moves.append(Move(grain, "other_year", rows[other]))
    return rows[~other].reset_index(drop=True)


def _set_totals_aside(tables: dict[Grain, pd.DataFrame], moves: list[Move], findings: list[Finding]) -> None:
    """Leave out totals of members that have also handed in persons: nobody is counted twice."""
    total = tables["total"]
    again = total["member_id"].isin(tables["case"]["member_id"]).to_numpy()
    if not again.any():
        return
    moves.append(Move("total", "total_row", total[again], "W-312"))
    for file, sheet in total.loc[again, ["file", "sheet"]].drop_duplicates().itertuples(index=False):
        findings.append(Finding("W-312", file, sheet, fields={"grain": "total"}))
    tables["total"] = total[~again].reset_index(drop=True)


def _finished(rows: pd.DataFrame, year: int, **flags: np.ndarray) -> pd.DataFrame:
    """Return a table as ``CleanYear`` promises it: derived variables, flags, provenance, codes as text."""
    derived = derive(rows, year).assign(**flags)
    ordered = [name for name in derived.columns if name not in PROVENANCE]
    coded = {name: "str" for name in ordered if isinstance(derived[name].dtype, pd.CategoricalDtype)}
    return derived.loc[:, [*ordered, *PROVENANCE]].astype(coded)
