"""Read returns: one file, or every return of a year as it was received.

Enters: a file of a member; receipts and the files that they name. Leaves: `RawReturn`, text with provenance;
of files that were replaced or sent twice only the ledger. Rule: headings are known by text, no answer is
judged, and every row is either handed on or counted under the reason for which it was set aside.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import pandas as pd

from platform_utils.errors import FileError, PlatformError
from platform_utils.paths import SOURCES, Workspace
from platform_utils.returns.block import Block, Place, read_block, spans
from platform_utils.returns.budget import MOST_ROWS
from platform_utils.returns.cover import Cover, read_cover, sheet_grain, sheet_label, support_sheet
from platform_utils.returns.delimited import TextTable
from platform_utils.returns.header import Header, find_header
from platform_utils.returns.import_cases import read_imported
from platform_utils.returns.opened import Sheets, open_return
from platform_utils.returns.passwords import Password
from platform_utils.returns.receipts import Receipt, load_receipts
from platform_utils.returns.reduced import read_reduced
from platform_utils.returns.sheet import Sheet
from platform_utils.returns.sheet_read import check_columns, heading_findings, read_sheet, with_rows_above
from platform_utils.returns.source_file import file_hash, file_name
from platform_utils.spec import grains
from platform_utils.spec.codebook import load
from platform_utils.spec.returns import PROVENANCE, Finding, LedgerEntry, RawReturn

_REASONS = {"duplicate": "duplicate_file", "replaced": "replaced_file"}


def read_year(workspace: Workspace, source: str, year: int) -> Iterator[RawReturn]:
    """Yield the returns of one year in the order of their receipts.

    Yields
    ------
    RawReturn
        A replaced or duplicate file has no tables; its rows stand in the ledger. A published case file
        comes in several batches.

    Raises
    ------
    FileError
        E-101 if a file is gone, E-140 if it has changed since it was received.
    """
    folder = workspace.returns(source, year)
    for receipt in load_receipts(workspace, source, year):
        path = folder / receipt.file
        ours = source in SOURCES
        if receipt.status in _REASONS:
            yield _left_out(receipt, year)
        elif file_hash(path, receipt.file) != (receipt.kept_sha256 if ours else receipt.sha256):
            raise FileError("E-140", file=receipt.file)
        elif ours:
            yield read_reduced(path, receipt.file)
        else:
            yield from read_imported(path, receipt, year)


def read_return(
    path: Path, *, year: int, member_id: str | None = None, password: Password = None
) -> RawReturn:
    """Read one return.

    Parameters
    ----------
    path : Path
        ``.xlsx``, ``.xlsm``, ``.xls``, ``.ods``, ``.csv`` or ``.tsv``; what it is is seen from its content.
        Hidden rows and columns are read and reported; formulas are reported, and hold the row if their
        result is not stored.
    member_id : str, optional
        Member; from the cover sheet if not given, empty if there is no cover either.
    password : str, callable or None
        Password of a protected workbook, or a function that asks for it; it is never stored.

    Returns
    -------
    RawReturn
        A table for each sheet of the form that has rows.

    Raises
    ------
    FileError
        E-101 to E-126 if the file cannot or must not be read, E-131 and E-133 if its cover names another
        member or year; E-129 says that no reader foresaw this file.
    """
    try:
        opened = open_return(path, password)
        findings = (
            [Finding("W-159", opened.file, fields={"suffix": opened.suffix})] if opened.is_renamed else []
        )
        if opened.sheets is not None:
            raw = _read_workbook(opened.sheets, opened.file, year, member_id, findings)
            return replace(raw, left_out=(*opened.left_out, *raw.left_out))
        return _read_text(opened.text, Place(opened.file, "", member_id or "", year), findings)
    except PlatformError:
        raise
    except Exception as error:  # nothing but coded errors gets out
        raise FileError("E-129", file=file_name(path), kind=type(error).__name__) from error


def _read_workbook(
    sheets: Sheets, file: str, year: int, member_id: str | None, findings: list[Finding]
) -> RawReturn:
    cover, found, stray = _find_sheets(sheets, file)
    member = _agree(file, cover, year, member_id)
    found, lists = _leave_lists_out(found)
    names = (unicodedata.normalize("NFC", name) for name in sheets.names)
    called = {name: sheet_label(name, at) for at, name in enumerate(names, start=1)}
    unread = [called[sheet.name] for sheet in (*stray, *lists)]
    findings += [Finding("W-157", file, name) for name in unread]
    if not found:
        raise FileError("E-114", file=file)
    blocks: list[tuple[str, str, Block]] = []
    for sheet, header in found:
        if any(map(any, sheet.rows[header.row :])):  # else a sheet of the form that was not used
            place = Place(file, called[sheet.name], member, year)
            blocks.append((header.grain, place.sheet, read_sheet(sheet, header, place)))
    version = cover.form_version
    if version and int(version[:4]) != year:
        findings.append(Finding("W-160", file, fields={"version": version, "year": year}))
    return _assemble(RawReturn(member, year, file, version, {}, left_out=tuple(unread)), blocks, findings)


def _find_sheets(sheets: Sheets, file: str) -> tuple[Cover, list[tuple[Sheet, Header]], list[Sheet]]:
    """Return the cover, the sheets with headings, and the others that hold something."""
    cover, found, stray = Cover(), [], []
    for name in sheets.names:
        kind = support_sheet(name)
        if kind == "cover":
            cover = _one_cover(cover, read_cover(sheets.read(name).rows), file)
        if kind:
            continue
        sheet = sheets.read(name)
        header = find_header(sheet.rows, sheet_grain(sheet.name))
        if header is not None:
            found.append((sheet, header))
            continue
        read = read_cover(sheet.rows)
        if read.member_id:
            cover = _one_cover(cover, read, file)
        elif any(any(row) for row in sheet.rows):
            stray.append(sheet)
    return cover, found, stray


def _one_cover(first: Cover, again: Cover, file: str) -> Cover:
    """Return the cover of a file, and refuse one that has those of two members."""
    if first.member_id and again.member_id and again.member_id != first.member_id:
        raise FileError("E-125", file=file)
    return first if first != Cover() else again


def _leave_lists_out(found: list[tuple[Sheet, Header]]) -> tuple[list[tuple[Sheet, Header]], list[Sheet]]:
    """Take out sheets that only list answers under headings, where a real sheet of the form stands beside.

    A list of codes has headings of the form and lacks what every row needs; so does a sheet of the form
    from which a column was deleted, which is known by its name.
    """
    book = load()

    def is_whole(header: Header) -> bool:
        required = {v.name for v in book.of_grain(header.grain) if v.required}
        return required <= set(header.columns.values())

    if not any(is_whole(header) for _, header in found):
        return found, []
    kept = [pair for pair in found if is_whole(pair[1]) or sheet_grain(pair[0].name) == pair[1].grain]
    return kept, [sheet for sheet, header in found if not any(sheet is each for each, _ in kept)]


def _agree(file: str, cover: Cover, year: int, member_id: str | None) -> str:
    if member_id and cover.member_id and cover.member_id != member_id:
        raise FileError("E-131", file=file)
    if cover.year is not None and cover.year != year:
        raise FileError("E-133", file=file, year=year)
    return member_id or cover.member_id


def _read_text(text: TextTable | None, place: Place, findings: list[Finding]) -> RawReturn:
    header = find_header(text.head) if text is not None else None
    if text is not None and header is None and read_cover(text.head) != Cover():
        raise FileError("E-124", file=place.file)
    if text is None or header is None:
        raise FileError("E-114", file=place.file)
    check_columns(header, place)
    above = text.head[: header.row - 1]
    findings += heading_findings(header, place)
    blocks = []
    for columns, numbers in text.batches(header.row, MOST_ROWS):
        block = read_block(header, columns, numbers, place)
        blocks.append((header.grain, "", with_rows_above(block, above)))
    return _assemble(RawReturn(place.member_id, place.year, place.file, "", {}), blocks, findings)


def _assemble(
    empty: RawReturn, blocks: Sequence[tuple[str, str, Block]], findings: Sequence[Finding]
) -> RawReturn:
    """Put the sheets of one return together, each with its grain and name."""
    tables: dict[str, pd.DataFrame] = {}
    for grain in grains.load():
        frames = [block.table for each, _, block in blocks if each == grain and len(block.table)]
        if frames:
            tables[grain] = _stack(grain, frames)
    if not tables:
        raise FileError("E-115", file=empty.file)
    ledger = tuple(
        LedgerEntry(empty.file, sheet, grain, reason, len(rows), spans(rows))
        for grain, sheet, block in blocks
        for reason, rows in sorted(block.aside.items())
    )
    found = (*findings, *(finding for _, _, block in blocks for finding in block.findings))
    left_out = (*empty.left_out, *(place for _, _, block in blocks for place in block.left_out))
    return replace(empty, tables=tables, findings=found, ledger=ledger, left_out=left_out)


def _stack(grain: str, frames: list[pd.DataFrame]) -> pd.DataFrame:
    """Return rows of one grain in codebook order, provenance last; a column that a sheet lacks is empty."""
    if len(frames) == 1:
        return frames[0]
    present = set().union(*(frame.columns for frame in frames))
    ordered = [column for column in load().grain_columns(grain) if column in present]
    return pd.concat(frames, ignore_index=True).fillna(dict.fromkeys(ordered, ""))[[*ordered, *PROVENANCE]]


def _left_out(receipt: Receipt, year: int) -> RawReturn:
    grain = receipt.grains[0] if receipt.grains else "case"
    entry = LedgerEntry(receipt.file, "", grain, _REASONS[receipt.status], receipt.rows)
    return RawReturn(receipt.member_id, year, receipt.file, receipt.form_version, {}, (), (entry,))
