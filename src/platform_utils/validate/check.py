"""Check one return: every finding at once, each row accepted or held, every cell as a code.

Enters: ``RawReturn``, as text. Leaves: ``CheckedReturn``. Serves rules 1 (corrections are declared), 2
(rows read = accepted + held + set aside) and 5 (findings name a place, never a cell's content).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from functools import cache

import numpy as np
import pandas as pd

from platform_utils.errors import ContractError
from platform_utils.spec import codebook, grains
from platform_utils.spec.returns import PROVENANCE, RECODES, CheckedReturn, Finding, LedgerEntry, RawReturn
from platform_utils.validate.corrections import Correction, apply_to_table, let_readings_stand, let_stand
from platform_utils.validate.judge import read_sheet, values_of
from platform_utils.validate.rules import check_rules
from platform_utils.validate.sheet import FAULTY, Column, Report, Sheet, encode

_WHOLE_SHEET = ("E-202", "W-238", "W-246")
"""Findings that are said once for a sheet, though they concern each of its rows."""

_SET_ASIDE = ("W-238", "W-245")
"""Findings that say why a row of totals is not counted."""

_OF_CELLS = ("E-153", "E-154", "E-155", "E-156", "E-159")
"""What reading finds in one cell that cannot be read."""


def check_return(raw: RawReturn, *, corrections: Iterable[Correction] = ()) -> CheckedReturn:
    """Check one return and turn what can be accepted into codes.

    Parameters
    ----------
    corrections : iterable of Correction
        Declared corrections of the year; those aimed at other returns are passed over.

    Returns
    -------
    CheckedReturn
        Findings in the order of the sheets; a ledger that is exact.

    Raises
    ------
    ContractError
        E-302, E-303 if a correction of this return no longer applies; E-305 if the ledger does not add up.
    """
    mine = [one for one in corrections if one.concerns(raw.member_id, raw.file)]
    here = [grain for grain in grains.load() if grain in raw.tables]
    corrected = {g: apply_to_table(raw.tables[g], [one for one in mine if one.grain == g]) for g in here}
    sheets = {
        grain: read_sheet(grain, one.table, raw.year, one.aliases, asked_by_columns=raw.is_crosswalked)
        for grain, one in corrected.items()
    }
    applied = [number for one in corrected.values() for number in one.applied]
    mended = {place for one in corrected.values() for place in one.mended}
    read, accepted = let_readings_stand(
        [one for one in raw.findings if (one.sheet, one.row, one.variable) not in mended], mine
    )
    read = [_softened(one, sheets) for one in read]
    check_rules(sheets)
    applied += accepted
    if raw.form_version and not raw.member_id:  # a file without a cover is named by whoever receives it
        read.append(Finding("E-226", raw.file))
    findings, ledger = list(read), list(raw.ledger)
    tables: dict[str, pd.DataFrame] = {}
    recodes: list[tuple[str, str, str, str, int]] = []
    for grain, sheet in sheets.items():
        accepting = [one for one in mine if one.grain == grain and one.accepts_reports]
        reports, accepted_by = let_stand(sheet.reports, sheet.raw, accepting)
        applied += accepted_by
        _mark_unreadable(sheet, reports)
        fates = _fates(sheet, reports, read)
        keep = fates == "" if fates.any() else slice(None)  # most returns keep every row: nothing is copied
        tables[grain] = _checked_table(sheet, keep)
        recodes += _recodes_of(sheet, corrected[grain].original, keep, raw.file)
        findings += _findings(sheet, reports, raw)
        ledger += [*_entries(sheet, fates), *corrected[grain].ledger]
        _require_exact(raw.tables[grain], ledger, grain)
    return CheckedReturn(
        member_id=raw.member_id,
        year=raw.year,
        file=raw.file,
        form_version=raw.form_version,
        tables=tables,
        findings=tuple(findings),
        ledger=tuple(ledger),
        recodes=_recodes(recodes),
        applied=tuple(sorted(set(applied))),
    )


def _softened(one: Finding, sheets: Mapping[str, Sheet]) -> Finding:
    """Mark what reading found in a cell, and return it as it holds: the row, or only the answer."""
    if one.code not in _OF_CELLS or one.row is None:
        return one
    holds_rows = True
    for sheet in sheets.values():
        column = sheet.columns.get(one.variable)
        if column is not None:
            here = (
                (sheet.raw["sheet"].astype("str") == one.sheet) & (sheet.raw["row"] == one.row)
            ).to_numpy()
            column.codes[here] = FAULTY
            holds_rows = column.variable.holds_rows if here.any() else holds_rows
    return one if holds_rows else replace(one, fields={**one.fields, "holds": "answer"})


def _mark_unreadable(sheet: Sheet, reports: Sequence[Report]) -> None:
    """Set the answers that are held without their rows to the mark of what nobody can read."""
    held = [one for one in reports if one.fields.get("holds") == "answer"]
    for name, where in [(name, one.rows) for one in held for name in (one.column, one.fields.get("beside"))]:
        if name:
            column = sheet.columns[str(name)]
            column.codes[where & ~sheet.is_code(str(name), "not_asked")] = FAULTY


def _fates(sheet: Sheet, reports: Sequence[Report], found_reading: Sequence[Finding]) -> np.ndarray:
    """Return per row the lowest code that holds it or sets it aside, or ``""`` if it is accepted."""
    fates = np.full(len(sheet), "", dtype=object)
    errors = [one for one in reports if one.code.startswith("E-") and "holds" not in one.fields]
    for report in sorted(errors, key=lambda one: one.code, reverse=True):
        fates[report.rows] = report.code
    for report in reports:
        if report.code in _SET_ASIDE:
            fates[report.rows & (fates == "")] = report.code
    errors_read = [one for one in found_reading if one.severity == "error"]
    if errors_read and len(sheet):
        names, rows = sheet.raw["sheet"].astype("str").to_numpy(), sheet.raw["row"].to_numpy()
        for one in sorted(errors_read, key=lambda error: error.code, reverse=True):
            here = np.ones(len(sheet), bool) if not one.sheet else names == one.sheet
            fates[here if one.row is None else here & (rows == one.row)] = one.code
    return fates


def _findings(sheet: Sheet, reports: Sequence[Report], raw: RawReturn) -> list[Finding]:
    """Return what the reports of a sheet say of each row, in the order of sheets, rows and columns."""
    lang = "en" if raw.form_version.endswith("-en") else "sv"
    book = codebook.load()
    order = {name: position for position, name in enumerate(sheet.columns)}
    names, rows = sheet.raw["sheet"].astype("str").tolist(), sheet.raw["row"].tolist()
    found: list[Finding] = []
    for report in reports:
        heading = book.heading(report.column, lang, sheet.grain, raw.year) if report.column else ""
        fields = {"grain": sheet.grain} | dict(report.fields)
        if "main" in fields:
            fields["main"] = book.heading(str(fields["main"]), lang, sheet.grain, raw.year)
        at = np.flatnonzero(report.rows).tolist()
        places: list[tuple[str, int | None]] = [(names[position], int(rows[position])) for position in at]
        if report.code in _WHOLE_SHEET:
            places = [(name, None) for name in dict.fromkeys(name for name, _ in places)]
        found += [
            Finding(report.code, raw.file, name, row, heading, fields, report.column) for name, row in places
        ]
    return sorted(found, key=lambda one: (one.sheet, one.row or 0, order.get(one.variable, -1), one.code))


def _entries(sheet: Sheet, fates: np.ndarray) -> list[LedgerEntry]:
    """Count the fates of the rows of each sheet."""
    if not len(sheet):
        return []
    entries = []
    positions, texts = encode(sheet.raw["sheet"])
    files, file_names = encode(sheet.raw["file"])
    for at in sorted(set(zip(files.tolist(), positions.tolist(), strict=True))):
        here = fates[(files == at[0]) & (positions == at[1])]
        where = (file_names[at[0]], texts[at[1]], sheet.grain)
        accepted = int((here == "").sum())
        if accepted:
            entries.append(LedgerEntry(*where, "accepted", accepted))
        for fate in sorted({fate for fate in here.tolist() if fate}):
            reason = "total_row" if fate in _SET_ASIDE else "held"
            entries.append(LedgerEntry(*where, reason, int((here == fate).sum()), fate))
    return entries


def _require_exact(table: pd.DataFrame, ledger: Sequence[LedgerEntry], grain: str) -> None:
    """Refuse to go on if a row has no fate, or two."""
    counted = {"accepted", "held", "dropped"}
    told = sum(
        entry.rows
        for entry in ledger
        if entry.grain == grain
        and (entry.reason in counted or (entry.reason == "total_row" and entry.detail in _SET_ASIDE))
    )
    if told != len(table):
        raise ContractError("E-305", file=str(table["file"].iloc[0]), read=len(table), told=told)


def _checked_table(sheet: Sheet, keep: np.ndarray | slice) -> pd.DataFrame:
    """Return the accepted rows: codes, numbers each followed by its status, identifiers, then provenance."""
    columns: dict[str, object] = {}
    for name, column in sheet.columns.items():
        codes = column.codes[keep] % len(column.answers)
        if column.numbers is not None:
            columns[name] = pd.arrays.IntegerArray(column.numbers[keep], codes != 0)
            columns[f"{name}_status"] = _categorical(sheet.grain, name, codes)
        elif column.identifiers is not None:
            special = np.array(column.answers, object)[codes]
            columns[name] = pd.array(np.where(codes == 0, column.identifiers[keep], special), dtype="str")
        else:
            columns[name] = _categorical(sheet.grain, name, codes)
    provenance = {name: sheet.raw[name].array[keep] for name in PROVENANCE}
    return pd.DataFrame(columns | provenance, copy=False)


def _recodes_of(
    sheet: Sheet, original: pd.DataFrame, keep: np.ndarray | slice, file: str
) -> list[tuple[str, str, str, str, int]]:
    """Return what each text as typed became, where it changed, among the accepted rows.

    Parameters
    ----------
    original : DataFrame
        The same rows as received, before corrections.
    """
    found: list[tuple[str, str, str, str, int]] = []
    for name, column in sheet.columns.items():
        if name not in original.columns:
            continue
        positions, texts = column.positions, column.texts
        if not texts or not (original is sheet.raw or original[name].equals(sheet.raw[name])):
            positions, texts = encode(original[name])
        results, final = _results(column)
        # a pair of text and result is one number: pairs are counted, not rows gone through
        pairs = (positions * len(results) + final)[keep]
        if column.identifiers is None:
            times = np.bincount(pairs)
            met = np.flatnonzero(times)
            times = times[met]
        else:  # as many texts as rows: every pair that could be would fill the memory
            met, times = np.unique(pairs, return_counts=True)
        for pair, rows in zip(met.tolist(), times.tolist(), strict=True):
            raw, code = texts[pair // len(results)], results[pair % len(results)]
            if raw != code and not (raw == "" and code in ("blank", "not_asked")):
                found.append((file, name, raw, code, rows))
    return found


def _recodes(found: Sequence[tuple[str, str, str, str, int]]) -> pd.DataFrame:
    return pd.DataFrame(found, columns=list(RECODES)).astype(RECODES)


def _results(column: Column) -> tuple[list[str], np.ndarray]:
    """Return what rows of a column became, as texts and as a position per row."""
    codes = column.codes.astype(np.int64) % len(column.answers)
    values = column.identifiers if column.numbers is None else column.numbers
    if values is None:
        return list(column.answers), codes
    positions, distinct = pd.factorize(values, sort=column.numbers is not None)
    given = [str(value) for value in distinct.tolist()]
    return [*given, *column.answers[1:]], np.where(codes == 0, positions, len(given) + codes - 1)


def _categorical(grain: str, name: str, codes: np.ndarray) -> pd.Categorical:
    return pd.Categorical.from_codes(codes, dtype=_dtype(grain, name), validate=False)


@cache
def _dtype(grain: str, name: str) -> pd.CategoricalDtype:
    return pd.CategoricalDtype(pd.Index(values_of(grain, name), dtype="str"))
