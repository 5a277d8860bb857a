"""Corrections that the analyst declares, each with a reason and a guard that fails when it has had its time.

Enters: ``corrections.toml``. Leaves: corrections, tables with those of one return applied before anything is
judged, and findings without those accepted. Returns are never edited (rule 1): the file received stays as it
is, and every correction is applied anew.

::

    [[correction]]
    member_id = "M07"          # the member; left out: an alias for all members
    file = "svar 2023.xlsx"    # needed wherever a row is named
    grain = "case"             # sheet: case (default), programme, organisation, total, as in grains.toml
    person_code = "A-14"       # the row, by code or by its number in the sheet: row = 14
    column = "sex"             # codebook column
    action = "set"             # set | alias | accept | drop
    expect = "kvina"           # what must stand there now (for accept: the finding's code)
    value = "woman"            # for set and alias: code or accepted spelling; "blank" empties the cell
    reason = "Spelling, confirmed by the member on the telephone."

``set`` replaces one cell, ``alias`` declares what a spelling means in a whole column, ``accept`` lets a
finding stand (in one row, or in a whole column or sheet), ``drop`` sets a row aside. Two equal rows are a
question: ``accept`` says that they are two persons, ``drop`` that they are one.
"""

from __future__ import annotations

import tomllib
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Literal

import numpy as np
import pandas as pd

from platform_utils.errors import ContractError, SettingsError
from platform_utils.spec import codebook, grains
from platform_utils.spec.entries import read_entry, require_known
from platform_utils.spec.returns import CheckedReturn, Finding, LedgerEntry
from platform_utils.spec.text import clean_text, normalise_text
from platform_utils.validate.judge import grain_columns
from platform_utils.validate.sheet import Report, encode

ACCEPTABLE = frozenset(
    {"E-205", "E-210", "E-211", "E-212", "E-213", "E-214", "E-215", "E-218", "E-221"}
    | {"E-216", "E-231", "E-232", "E-233", "E-234", "E-235", "E-236", "E-237"}
)
"""Errors that may be let stand: the cell can be read, only its sense was doubted."""

_ACCEPTABLE_READINGS = frozenset({"E-160", "E-161"})
"""The same of what reading found: rows of last year's, questions that the sheet does not have."""

_ALL_ACCEPTABLE = ACCEPTABLE | _ACCEPTABLE_READINGS
_EMPTY = "blank"
"""The value that empties a cell."""


@dataclass(frozen=True)
class Correction:
    """One declared correction; empty fields do not restrict what it is aimed at.

    Attributes
    ----------
    number : int
        Its place in the file, from 1.
    action : {"set", "alias", "accept", "drop"}
    expect : str
        What must stand there for it to apply.
    value : str
        What shall stand there.
    """

    number: int
    action: Literal["set", "alias", "accept", "drop"]
    reason: str
    member_id: str = ""
    file: str = ""
    grain: str = "case"
    sheet: str = ""
    row: int | None = None
    person_code: str = ""
    column: str = ""
    expect: str = ""
    value: str = ""

    @property
    def names_row(self) -> bool:
        """Whether it is aimed at one row."""
        return self.row is not None or self.person_code != ""

    @property
    def accepts_reports(self) -> bool:
        """Whether it lets something stand that checking found, not reading."""
        return self.action == "accept" and self.expect not in _ACCEPTABLE_READINGS

    def concerns(self, member_id: str, file: str) -> bool:
        """Say whether it is aimed at this return."""
        return self.member_id in ("", member_id) and self.file in ("", file)


@dataclass
class Corrected:
    """A table after its corrections.

    Attributes
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


def load_corrections(path: Path) -> tuple[Correction, ...]:
    """Return the corrections of a year's ``corrections.toml``, in its order; none if there is no file.

    Raises
    ------
    SettingsError
        E-301 if the file or an entry is not usable; names the entry and what is expected.
    """
    if not path.is_file():
        return ()
    try:
        document = tomllib.loads(path.read_text(encoding="utf-8-sig"))
        entries = document.get("correction", [])
        if set(document) - {"correction"} or not isinstance(entries, list):
            raise SettingsError("E-301", file=path.name, number=0, expected="[[correction]]")
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise SettingsError("E-301", file=path.name, number=0, expected="TOML, UTF-8") from error
    return tuple(_correction(entry, number, path.name) for number, entry in enumerate(entries, start=1))


def require_all_applied(corrections: Iterable[Correction], checked: Iterable[CheckedReturn]) -> None:
    """Refuse corrections of a year that changed nothing in any of its returns.

    Raises
    ------
    ContractError
        E-303 with the numbers of the corrections that match nothing.
    """
    applied = {number for one in checked for number in one.applied}
    idle = [correction.number for correction in corrections if correction.number not in applied]
    if idle:
        raise ContractError("E-303", number=", ".join(map(str, idle)))


def apply_to_table(table: pd.DataFrame, corrections: Iterable[Correction]) -> Corrected:
    """Return a table as read with cells set, rows dropped and aliases declared; the table itself stays.

    Parameters
    ----------
    table : DataFrame, shape (n_rows, n_columns)
    corrections : iterable of Correction
        Those that concern the return and the grain.

    Raises
    ------
    ContractError
        E-302 if something else stands where a correction is aimed at, E-303 if nothing stands there.
    SettingsError
        E-301 if an alias names a value that the variable does not have.
    """
    aimed = list(corrections)
    if not aimed:
        return Corrected(table, table)
    result = Corrected(table.copy(), table)
    dropped = np.zeros(len(table), bool)
    for correction in aimed:
        if correction.action == "alias":
            _declare(result, correction)
        elif correction.action == "set":
            _set(result, correction)
        elif correction.action == "drop":
            dropped |= _drop(result, correction)
    result.table, result.original = result.table[~dropped], table[~dropped]
    return result


def let_stand(
    reports: Iterable[Report], raw: pd.DataFrame, corrections: Iterable[Correction]
) -> tuple[list[Report], list[int]]:
    """Return the findings of a table that are left when those accepted by corrections are taken out.

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
                left[position] = replace(report, rows=report.rows & ~rows)
                hit = True
        if hit:
            applied.append(correction.number)
        elif correction.names_row:
            raise ContractError("E-302", number=correction.number, file=correction.file)
    return [report for report in left if report.rows.any()], applied


def let_readings_stand(
    findings: Iterable[Finding], corrections: Iterable[Correction]
) -> tuple[list[Finding], list[int]]:
    """Return what reading found without what corrections accept, and the numbers of those."""
    left, applied = list(findings), []
    for one in corrections:
        if one.action == "accept" and not one.accepts_reports:
            aimed = [
                each
                for each in left
                if each.code == one.expect
                and one.row in (None, each.row)
                and one.column in ("", each.variable)
            ]
            left = [each for each in left if each not in aimed]
            applied += [one.number] * bool(aimed)
    return left, applied


def _correction(entry: object, number: int, file: str) -> Correction:
    try:
        one = read_entry(Correction, entry, file, "correction", number=number)
        problem = _problem(one, frozenset(entry))  # type: ignore[call-overload]
    except SettingsError as error:
        problem = str(error.fields["expected"])
    if problem:
        raise SettingsError("E-301", file=file, number=number, expected=problem)
    said = {name: clean_text(value) for name, value in vars(one).items() if isinstance(value, str)}
    return replace(one, **said)  # type: ignore[arg-type]


def _problem(one: Correction, given: Collection[str]) -> str:
    """Return what an entry should have been, empty if it is usable."""
    require_known([one.grain], grains.load(), "-", "grain")
    action, has_column = one.action, one.column in grain_columns(one.grain)
    checks: Sequence[tuple[bool, str]] = (
        (one.reason.strip() != "", 'reason = "…"'),
        (has_column or (action in ("accept", "drop") and not one.column), 'column = "<codebook column>"'),
        (one.names_row or action not in ("set", "drop"), "row = 14 | person_code"),
        (not (one.names_row and action == "alias"), "alias: column, expect, value"),
        (not one.names_row or one.file != "", 'file = "…"'),
        (not one.names_row or one.member_id != "", 'member_id = "…"'),
        ("expect" in given or (action == "drop" and one.person_code != ""), 'expect = "…"'),
        ("value" in given or action not in ("set", "alias"), 'value = "…"'),
        (action != "drop" or "expect" not in given or one.column != "", 'column = "<codebook column>"'),
        (
            action != "accept" or one.expect in _ALL_ACCEPTABLE or one.expect.startswith("W-2"),
            "expect = " + " | ".join(sorted(_ALL_ACCEPTABLE)),
        ),
    )
    return next((expected for good, expected in checks if not good), "")


def _set(result: Corrected, correction: Correction) -> None:
    rows = _aimed_at(result.original, correction)
    _guard(result.original, rows, correction)
    column = result.table[correction.column].astype("str")  # imported files hold categories
    value = "" if normalise_text(correction.value) == _EMPTY else correction.value
    result.table[correction.column] = column.mask(rows, value)
    aimed = result.original.loc[rows, ["sheet", "row"]].astype({"sheet": "str"})
    places = aimed.itertuples(index=False, name=None)
    result.mended |= {(sheet, int(row), correction.column) for sheet, row in places}
    result.applied.append(correction.number)


def _drop(result: Corrected, correction: Correction) -> np.ndarray:
    rows = _aimed_at(result.original, correction)
    if correction.column:
        _guard(result.original, rows, correction)
    sheet, file = (str(result.original.loc[rows, name].iloc[0]) for name in ("sheet", "file"))
    detail = f"correction {correction.number}"
    result.ledger.append(LedgerEntry(file, sheet, correction.grain, "dropped", int(rows.sum()), detail))
    result.applied.append(correction.number)
    return rows


def _declare(result: Corrected, correction: Correction) -> None:
    table = result.original
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
