"""Check one return: every finding at once, each row accepted or held, every cell as a code.

Enters: ``RawReturn``, as text. Leaves: ``CheckedReturn``. Serves rules 1 (corrections are declared), 2
(rows read = accepted + held + set aside) and 5 (findings name a place, never a cell's content).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np
import pandas as pd

from platform_utils.errors import ContractError
from platform_utils.spec import codebook
from platform_utils.spec.returns import CheckedReturn, Finding, LedgerEntry, RawReturn
from platform_utils.validate.apply_corrections import Corrected, apply_to_table, let_stand
from platform_utils.validate.corrections import Correction
from platform_utils.validate.dependents import settle_dependents
from platform_utils.validate.encode import encode
from platform_utils.validate.interventions import check_across_sheets
from platform_utils.validate.judge import read_sheet
from platform_utils.validate.persons import check_persons
from platform_utils.validate.repeats import check_repeats
from platform_utils.validate.sheet import Report, Sheet
from platform_utils.validate.to_tables import checked_table, no_recodes, recodes_of

__all__ = ["check_return"]

_GRAINS: tuple[str, ...] = ("case", "programme", "organisation", "total")
_WHOLE_SHEET = ("E-202", "W-238")
"""Findings that are said once for a sheet, though they concern each of its rows."""


def check_return(raw: RawReturn, *, corrections: Iterable[Correction] = ()) -> CheckedReturn:
    """Check one return and turn what can be accepted into codes.

    Parameters
    ----------
    raw : RawReturn
        As read: text, nothing judged.
    corrections : iterable of Correction
        Declared corrections of the year; those aimed at other returns are passed over.

    Returns
    -------
    CheckedReturn
        Accepted rows as categorical codes and ``Int64`` numbers, each number with its ``<name>_status``;
        findings in the order of the sheets; a ledger that is exact.

    Raises
    ------
    ContractError
        E-302, E-303 if a correction of this return no longer applies; E-305 if the ledger does not add up.
    """
    mine = [one for one in corrections if one.concerns(raw.member_id, raw.file)]
    corrected: dict[str, Corrected] = {}
    sheets: dict[str, Sheet] = {}
    for grain in _GRAINS:
        if grain in raw.tables:
            aimed = [one for one in mine if one.grain == grain]
            corrected[grain] = apply_to_table(raw.tables[grain], grain, aimed)
            sheets[grain] = read_sheet(
                grain,
                corrected[grain].table,
                raw.year,
                corrected[grain].aliases,
                asked_by_columns=raw.is_crosswalked,
            )
    if "case" in sheets:
        check_persons(sheets["case"])
        settle_dependents(sheets["case"])
        check_repeats(sheets["case"])
    check_across_sheets(sheets)
    applied = [number for one in corrected.values() for number in one.applied]
    mended = {place for one in corrected.values() for place in one.mended}
    read = [one for one in raw.findings if (one.sheet, one.row, one.variable) not in mended]
    findings, ledger = list(read), list(raw.ledger)
    tables: dict[str, pd.DataFrame] = {}
    recodes: list[pd.DataFrame] = []
    for grain, sheet in sheets.items():
        accepting = [one for one in mine if one.grain == grain and one.action == "accept"]
        reports, accepted_by = let_stand(sheet.reports, sheet.raw, accepting)
        applied += accepted_by
        reasons = _fates(sheet, reports, read)
        keep = reasons == ""
        tables[grain] = checked_table(sheet, keep)
        recodes.append(recodes_of(sheet, corrected[grain].original, keep, raw.file))
        findings += _findings(sheet, reports, raw)
        ledger += [*_entries(sheet, reasons), *corrected[grain].ledger]
        _require_exact(raw.tables[grain], ledger, grain)
    return CheckedReturn(
        member_id=raw.member_id,
        year=raw.year,
        file=raw.file,
        form_version=raw.form_version,
        tables=tables,
        findings=tuple(findings),
        ledger=tuple(ledger),
        recodes=pd.concat(recodes, ignore_index=True) if recodes else no_recodes(),
        applied=tuple(sorted(set(applied))),
    )


def _fates(sheet: Sheet, reports: Sequence[Report], found_reading: Sequence[Finding]) -> np.ndarray:
    """Return per row the lowest code that holds it, ``"total_row"``, or ``""`` if it is accepted."""
    fates = np.full(len(sheet), "", dtype=object)
    errors = [report for report in reports if report.code.startswith("E-")]
    for report in sorted(errors, key=lambda one: one.code, reverse=True):
        fates[report.rows] = report.code
    for report in reports:
        if report.code == "W-238":
            fates[report.rows & (fates == "")] = "total_row"
    errors_read = [one for one in found_reading if one.severity == "error"]
    if errors_read and len(sheet):
        names, rows = sheet.raw["sheet"].astype("str").to_numpy(), sheet.raw["row"].to_numpy()
        for one in sorted(errors_read, key=lambda error: error.code, reverse=True):
            here = np.ones(len(sheet), bool) if not one.sheet else names == one.sheet
            fates[here if one.row is None else here & (rows == one.row)] = one.code
    return fates


def _findings(sheet: Sheet, reports: Sequence[Report], raw: RawReturn) -> list[Finding]:
    if not reports:
        return []
    lang = "en" if raw.form_version.endswith("-en") else "sv"
    book = codebook.load()
    order = {name: position for position, name in enumerate(sheet.columns)}
    names, rows = sheet.raw["sheet"].astype("str").tolist(), sheet.raw["row"].tolist()
    found: list[tuple[tuple[str, int, int, str], Finding]] = []
    for report in reports:
        heading = book.heading(report.column, lang, sheet.grain) if report.column else ""
        fields = {"grain": sheet.grain} | dict(report.fields)
        if "main" in fields:
            fields["main"] = book.heading(str(fields["main"]), lang, sheet.grain)
        at = np.flatnonzero(report.rows).tolist()
        if report.code in _WHOLE_SHEET:
            for name in dict.fromkeys(names[position] for position in at):
                finding = Finding(report.code, raw.file, name, None, heading, fields, report.column)
                found.append(((name, 0, order.get(report.column, -1), report.code), finding))
            continue
        for position in at:
            finding = Finding(
                report.code, raw.file, names[position], int(rows[position]), heading, fields, report.column
            )
            key = (names[position], int(rows[position]), order.get(report.column, -1), report.code)
            found.append((key, finding))
    return [finding for _, finding in sorted(found, key=lambda item: item[0])]


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
            reason, detail = ("total_row", "W-238") if fate == "total_row" else ("held", fate)
            entries.append(LedgerEntry(*where, reason, int((here == fate).sum()), detail))
    return entries


def _require_exact(table: pd.DataFrame, ledger: Sequence[LedgerEntry], grain: str) -> None:
    """Refuse to go on if a row has no fate, or two."""
    counted = {"accepted", "held", "dropped"}
    told = sum(
        e.rows
        for e in ledger
        if e.grain == grain and (e.reason in counted or (e.reason, e.detail) == ("total_row", "W-238"))
    )
    if told != len(table):
        raise ContractError("E-305", file=str(table["file"].iloc[0]), read=len(table), told=told)
