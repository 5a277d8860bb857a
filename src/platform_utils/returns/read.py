"""Read a return: whole, or batch by batch where it is long.

Enters: a file of a member. Leaves: `RawReturn`, text with provenance. Rule: headings are known by text, no
answer is judged, and every row is either handed on or counted under the reason for which it was set aside.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pandas as pd

from platform_utils.errors import FileError, PlatformError
from platform_utils.returns.ahead import read_ahead
from platform_utils.returns.block import Block, Place, read_block
from platform_utils.returns.column_maps import GRAINS
from platform_utils.returns.cover import Cover, read_cover, support_sheet
from platform_utils.returns.header import Header, find_header
from platform_utils.returns.opened import Opened, Sheets, open_return
from platform_utils.returns.sheet import Sheet
from platform_utils.returns.sheet_read import check_columns, heading_findings, read_sheet
from platform_utils.returns.source_file import file_name
from platform_utils.returns.stray import look_at_stray_sheet, look_at_titles, sheet_grain
from platform_utils.returns.unlock import Password
from platform_utils.spec.codebook import load
from platform_utils.spec.returns import PROVENANCE, Finding, LedgerEntry, RawReturn

__all__ = ["read_batches", "read_return"]

BATCH_ROWS = 100_000


def read_return(
    path: Path, *, year: int, member_id: str | None = None, password: Password = None
) -> RawReturn:
    """Read one return whole.

    Parameters
    ----------
    path : Path
        ``.xlsx``, ``.xlsm``, ``.xls``, ``.ods``, ``.csv`` or ``.tsv``; what it is is seen from its content.
        Hidden rows and columns are read and reported; formulas are reported, and hold the row if their
        result is not stored.
    year : int
        Support year.
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
        E-101 to E-124 if the file cannot or must not be read, E-131 and E-133 if its cover names another
        member or year.
    """
    batches = list(read_batches(path, year=year, member_id=member_id, password=password))
    first = batches[0]
    tables: dict[str, pd.DataFrame] = {}
    for grain in GRAINS:
        parts = [_as_text(batch.tables[grain]) for batch in batches if grain in batch.tables]
        if parts:
            tables[grain] = parts[0] if len(parts) == 1 else pd.concat(parts, ignore_index=True)
    counts: Counter[tuple[str, str, str, str]] = Counter()
    for entry in (entry for batch in batches for entry in batch.ledger):
        counts[entry.file, entry.sheet, entry.grain, entry.reason] += entry.rows
    ledger = tuple(LedgerEntry(*key, rows) for key, rows in counts.items())
    return replace(
        first, tables=tables, findings=tuple(f for b in batches for f in b.findings), ledger=ledger
    )


def read_batches(
    path: Path,
    *,
    year: int,
    member_id: str | None = None,
    password: Password = None,
    rows: int = BATCH_ROWS,
) -> Iterator[RawReturn]:
    """Read one return in batches, so that a million rows need little memory.

    A workbook is one batch. A refusal may come after the first batches of a text file: what was made of
    them must then be thrown away.

    Parameters
    ----------
    path, year, member_id, password
        As in `read_return`.
    rows : int
        Most rows in one batch.

    Yields
    ------
    RawReturn
        Findings of the heading and rows above it come with the first batch; together the batches hold what
        `read_return` returns. Columns of a text file that have few spellings are categories of text.

    Raises
    ------
    FileError
        As in `read_return`.
    """
    with _coded(path):
        opened = open_return(path, password)
        if opened.sheets is not None:
            yield _read_workbook(opened, opened.sheets, year, member_id)
        else:
            yield from read_ahead(_read_text(opened, year, member_id, rows))


@contextmanager
def _coded(path: Path) -> Iterator[None]:
    """Let nothing but coded errors out; E-129 says that no reader foresaw this file."""
    try:
        yield
    except PlatformError:
        raise
    except Exception as error:
        raise FileError("E-129", file=file_name(path), kind=type(error).__name__) from error


def _read_workbook(opened: Opened, sheets: Sheets, year: int, member_id: str | None) -> RawReturn:
    cover, found, stray = _find_sheets(sheets, opened.file)
    member = _agree(opened.file, cover, year, member_id)
    found, more = _leave_lists_out(found)
    stray = [*stray, *more]
    findings = [_renamed(opened)] if opened.is_renamed else []
    for sheet in stray:
        findings += look_at_stray_sheet(sheet, opened.file)
    if not found:
        raise FileError("E-114", file=opened.file)
    blocks: list[tuple[str, str, Block]] = []
    for sheet, header in found:
        if not any(map(any, sheet.rows[header.row :])):
            continue  # a sheet of the form that was not used
        block = read_sheet(sheet, header, Place(opened.file, sheet.name, member, year))
        blocks.append((header.grain, sheet.name, block))
    version = cover.form_version
    if version and int(version[:4]) != year:
        findings.append(Finding("W-160", opened.file, fields={"version": version, "year": year}))
    raw = _assemble(opened.file, member, year, version, blocks, findings)
    if not raw.tables:
        raise FileError("E-115", file=opened.file)
    return raw


def _find_sheets(sheets: Sheets, file: str) -> tuple[Cover, list[tuple[Sheet, Header]], list[Sheet]]:
    """Return the cover, the sheets with headings, and the others that hold something."""
    cover, found, stray = Cover(), [], []
    for name in sheets.names:
        kind = support_sheet(name)
        if kind == "cover" and cover == Cover():
            rows = sheets.read(name).rows
            look_at_titles(rows, file, name)
            cover = read_cover(rows)
        if kind:
            continue
        sheet = sheets.read(name)
        header = find_header(sheet.rows, sheet_grain(sheet.name))
        if header is not None:
            found.append((sheet, header))
            continue
        read = read_cover(sheet.rows)
        if cover == Cover() and read.member_id:
            cover = read
        elif any(any(row) for row in sheet.rows):
            stray.append(sheet)
    return cover, found, stray


def _leave_lists_out(
    found: list[tuple[Sheet, Header]],
) -> tuple[list[tuple[Sheet, Header]], list[Sheet]]:
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


def _read_text(opened: Opened, year: int, member_id: str | None, rows: int) -> Iterator[RawReturn]:
    text = opened.text
    header = find_header(text.head) if text is not None else None
    if text is None or header is None:
        raise FileError("E-114", file=opened.file)
    place = Place(opened.file, "", member_id or "", year)
    check_columns(header, place)
    look_at_titles(text.head[: header.row - 1], opened.file, "")
    findings = [_renamed(opened)] if opened.is_renamed else []
    findings += heading_findings(header, place)
    above = Counter("title" if any(row) else "blank_row" for row in text.head[: header.row - 1])
    told: set[tuple[str, str]] = set()
    handed_on = 0
    for columns, numbers in text.batches(header.row, rows):
        block = read_block(header, columns, numbers, place, by_spelling=True)
        new = [f for f in block.findings if f.row is not None or (f.code, f.column) not in told]
        told.update((f.code, f.column) for f in new if f.row is None)
        aside = block.aside + above
        above = Counter()
        handed_on += len(block.table)
        yield _assemble(
            opened.file,
            place.member_id,
            year,
            "",
            [(header.grain, "", replace(block, aside=aside, findings=()))],
            [*findings, *new],
        )
        findings = []
    if not handed_on:
        raise FileError("E-115", file=opened.file)


def _renamed(opened: Opened) -> Finding:
    return Finding("W-159", opened.file, fields={"suffix": opened.suffix})


def _assemble(
    file: str,
    member: str,
    year: int,
    version: str,
    blocks: list[tuple[str, str, Block]],
    findings: list[Finding],
) -> RawReturn:
    """Put the sheets of one return together."""
    tables: dict[str, pd.DataFrame] = {}
    for grain in GRAINS:
        frames = [block.table for each, _, block in blocks if each == grain and len(block.table)]
        if frames:
            tables[grain] = _stack(grain, frames)
    ledger = tuple(
        LedgerEntry(file, sheet, grain, reason, rows)
        for grain, sheet, block in blocks
        for reason, rows in sorted(block.aside.items())
    )
    found = (*findings, *(finding for _, _, block in blocks for finding in block.findings))
    return RawReturn(member, year, file, version, tables, found, ledger)


def _as_text(table: pd.DataFrame) -> pd.DataFrame:
    """Return a table whose categories are text again."""
    if not any(isinstance(dtype, pd.CategoricalDtype) for dtype in table.dtypes):
        return table
    columns = {
        name: cells.array.categories.array.take(cells.array.codes, allow_fill=True)
        if isinstance(cells.array, pd.Categorical)
        else cells.array
        for name, cells in table.items()
    }
    return pd.DataFrame(columns, index=table.index, copy=False)


def _stack(grain: str, frames: list[pd.DataFrame]) -> pd.DataFrame:
    """Return rows of one grain in codebook order, provenance last; a column that a sheet lacks is empty."""
    if len(frames) == 1:
        return frames[0]
    present = set().union(*(frame.columns for frame in frames))
    ordered = [column for column in load().grain_columns(grain) if column in present]
    return pd.concat(frames, ignore_index=True).fillna(dict.fromkeys(ordered, ""))[[*ordered, *PROVENANCE]]
