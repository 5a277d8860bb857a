"""Apply the corrections of one return to its raw tables, before anything is judged.

Enters: a raw table and corrections. Leaves: the corrected table and what was done. Pure: the raw table stays.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from platform_utils.errors import ContractError, SettingsError
from platform_utils.spec import codebook
from platform_utils.spec.returns import LedgerEntry
from platform_utils.spec.text import clean_text, normalise_text
from platform_utils.validate.corrections import Correction
from platform_utils.validate.encode import encode
from platform_utils.validate.judge import grain_columns
from platform_utils.validate.sheet import Report

__all__ = ["Corrected", "apply_to_table", "let_stand"]

_EMPTY = "blank"
"""The value that empties a cell."""


@dataclass
class Corrected:
    """A table after its corrections.

    Parameters
    ----------
    table : DataFrame
        Rows that are left, with cells set.
    original : DataFrame
        The same rows as they were received.
    aliases : dict of (column, normalised text) to code
        Spellings declared.
    ledger : list of LedgerEntry
        Rows dropped.
    applied : list of int
        Numbers of the corrections that changed something.
    mended : set of (sheet, row, column)
        Cells that were set: what reading found in them is settled.
    """

    table: pd.DataFrame
    original: pd.DataFrame
    aliases: dict[tuple[str, str], str] = field(default_factory=dict)
    ledger: list[LedgerEntry] = field(default_factory=list)
    applied: list[int] = field(default_factory=list)
    mended: set[tuple[str, int, str]] = field(default_factory=set)


def apply_to_table(table: pd.DataFrame, grain: str, corrections: Iterable[Correction]) -> Corrected:
    """Return a table with cells set, rows dropped and aliases declared.

    Parameters
    ----------
    table : DataFrame, shape (n_rows, n_columns)
        As read.
    grain : str
        What a row is.
    corrections : iterable of Correction
        Those that concern the return and the grain.

    Returns
    -------
    Corrected

    Raises
    ------
    ContractError
        E-302 if something else stands where a correction is aimed at, E-303 if nothing stands there.
    SettingsError
        E-301 if an alias names a value that the variable does not have.
    """
    result = Corrected(table, table)
    dropped = np.zeros(len(table), bool)
    changed = table
    for correction in corrections:
        if correction.action == "alias":
            _declare(result, correction, table)
        elif correction.action == "set":
            rows = _aimed_at(table, correction)
            _guard(table, rows, correction)
            if changed is table:
                changed = table.copy()
            if isinstance(changed[correction.column].dtype, pd.CategoricalDtype):
                changed[correction.column] = changed[correction.column].astype("str")
            value = "" if normalise_text(correction.value) == _EMPTY else correction.value
            changed.loc[changed.index[rows], correction.column] = value
            places = zip(table.loc[rows, "sheet"].astype("str"), table.loc[rows, "row"], strict=True)
            result.mended |= {(sheet, int(row), correction.column) for sheet, row in places}
            result.applied.append(correction.number)
        elif correction.action == "drop":
            rows = _aimed_at(table, correction)
            if correction.column:
                _guard(table, rows, correction)
            dropped |= rows
            sheet, file = (str(table.loc[rows, name].iloc[0]) for name in ("sheet", "file"))
            detail = f"correction {correction.number}"
            result.ledger.append(LedgerEntry(file, sheet, grain, "dropped", int(rows.sum()), detail))
            result.applied.append(correction.number)
    if dropped.any():
        result.table, result.original = changed[~dropped], table[~dropped]
    else:
        result.table = changed
    return result


def let_stand(
    reports: Iterable[Report], raw: pd.DataFrame, corrections: Iterable[Correction]
) -> tuple[list[Report], list[int]]:
    """Return the findings that are left when those accepted by corrections are taken out.

    Parameters
    ----------
    reports : iterable of Report
        Findings of one table.
    raw : DataFrame, shape (n_rows, n_columns)
        The table that they are about.
    corrections : iterable of Correction
        Those with action ``accept`` that concern it.

    Returns
    -------
    reports : list of Report
    applied : list of int
        Numbers of the corrections that took something out.

    Raises
    ------
    ContractError
        E-302 if a row named no longer has the finding, E-303 if there is no such row.
    """
    left, applied = list(reports), []
    for correction in corrections:
        rows = _aimed_at(raw, correction) if correction.names_row else np.ones(len(raw), bool)
        hit = False
        for position, report in enumerate(left):
            same = report.code == correction.expect and report.column == correction.column
            if same and (report.rows & rows).any():
                left[position] = Report(report.code, report.rows & ~rows, report.column, report.fields)
                hit = True
        if hit:
            applied.append(correction.number)
        elif correction.names_row:
            raise ContractError("E-302", number=correction.number, file=correction.file)
    return [report for report in left if report.rows.any()], applied


def _declare(result: Corrected, correction: Correction, table: pd.DataFrame) -> None:
    if correction.column not in table.columns:
        return
    key = normalise_text(correction.expect)
    positions, texts = encode(table[correction.column])
    if not np.isin(positions, [at for at, text in enumerate(texts) if normalise_text(text) == key]).any():
        return
    variable = grain_columns(correction.grain)[correction.column][0]
    if variable.is_number:
        code = correction.value
    else:
        accepted = codebook.load().spellings(variable) | {_EMPTY: _EMPTY}
        code = accepted.get(normalise_text(correction.value), "")
        if not code:
            raise SettingsError(
                "E-301", file="corrections.toml", number=correction.number, expected="value = code"
            )
    result.aliases[correction.column, key] = code
    result.applied.append(correction.number)


def _aimed_at(table: pd.DataFrame, correction: Correction) -> np.ndarray:
    rows = np.ones(len(table), bool)
    if correction.row is not None:
        rows &= (table["row"] == correction.row).to_numpy()
    if correction.sheet:
        rows &= (table["sheet"] == correction.sheet).to_numpy()
    if correction.person_code:
        wanted = correction.person_code.casefold()
        codes = table["person_code"] if "person_code" in table.columns else pd.Series("", index=table.index)
        rows &= np.array([clean_text(str(code)).casefold() == wanted for code in codes], bool)
    if not rows.any():
        raise ContractError("E-303", number=correction.number)
    return rows


def _guard(table: pd.DataFrame, rows: np.ndarray, correction: Correction) -> None:
    """Fail unless every row aimed at holds what the correction expects, up to invisible characters."""
    column = correction.column
    cells = table.loc[rows, column].astype("str") if column in table.columns else []
    if not len(cells) or any(clean_text(str(cell)) != correction.expect for cell in cells):
        raise ContractError("E-302", number=correction.number, file=correction.file)
