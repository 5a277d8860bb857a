"""Clean one year: the accepted rows of all returns become the tables that all analysis starts from.

Enters: ``CheckedReturn``s. Leaves: ``CleanYear``. Serves rule 2: rows read = accepted + held + merged + set
aside, for every file; what cleaning itself recodes is recorded beside what validation recoded.
"""

from __future__ import annotations

from collections.abc import Iterable

import pandas as pd

from platform_utils.clean.assemble import assemble
from platform_utils.clean.derive import derive
from platform_utils.clean.members import Member
from platform_utils.spec.clean import CleanYear
from platform_utils.spec.returns import PROVENANCE, CheckedReturn

__all__ = ["clean_year", "finished"]


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
    assembled = assemble(checked, year, members)
    tables = {grain: _as_text(finished(rows, grain, year)) for grain, rows in assembled.tables.items()}
    return CleanYear(
        year=year,
        source=source,
        tables=tables | {"organisation": assembled.member_year},
        recodes=assembled.recodes,
        findings=assembled.findings,
        ledger=assembled.ledger,
    )


def finished(rows: pd.DataFrame, grain: str, year: int) -> pd.DataFrame:
    """Return combined rows with derived variables and flags, provenance last; codes still categorical.

    Parameters
    ----------
    rows : DataFrame, shape (n_rows, n_columns)
        Combined rows of one grain.
    grain : str
        Which.
    year : int
        Support year.

    Returns
    -------
    DataFrame, shape (n_rows, n_columns_of_clean_table)
    """
    derived = derive(rows, year)
    columns = {name: values.array for name, values in derived.items() if name not in PROVENANCE}
    flags = {"is_possible_duplicate": False} if grain == "case" else {}
    index = pd.RangeIndex(len(rows))
    return pd.DataFrame(
        columns | flags | {name: derived[name].array for name in PROVENANCE}, index=index, copy=False
    )


def _as_text(rows: pd.DataFrame) -> pd.DataFrame:
    columns = {
        name: values.array.categories.array.take(values.array.codes)
        if isinstance(values.array, pd.Categorical)
        else values.array
        for name, values in rows.items()
    }
    return pd.DataFrame(columns, index=rows.index, copy=False)
