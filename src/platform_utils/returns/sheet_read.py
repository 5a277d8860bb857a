"""Read one sheet under its heading: rows, findings of the whole sheet, and rows set aside.

Enters: a sheet and its heading. Leaves: a `Block` of rows with what hidden rows, formulas, merged cells and
missing headings call for. Rule: what a member would not see when looking at the sheet is said.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from itertools import chain

import numpy as np
import pyarrow as pa

from platform_utils.errors import FileError
from platform_utils.returns.block import Block, Place, finding, heading_of, prefilled, read_block
from platform_utils.returns.budget import Budget
from platform_utils.returns.column_maps import asked_as
from platform_utils.returns.header import MOST_COLUMNS, Header
from platform_utils.returns.sheet import Sheet
from platform_utils.spec.codebook import load
from platform_utils.spec.form_columns import form_columns, is_must, replaced
from platform_utils.spec.returns import Finding

_LISTED = 20


def read_sheet(sheet: Sheet, header: Header, place: Place) -> Block:
    """Return the rows under a heading with everything that was seen in the sheet.

    Raises
    ------
    FileError
        E-110, E-116, E-118; see `read_block` and `check_columns`.
    """
    check_columns(header, place)
    body = _without_uncalculated(sheet)[header.row :]
    code = prefilled(header, place.year)
    while body and not any(text for position, text in enumerate(body[-1]) if position != code):
        body.pop()
    columns = _columns(body, len(sheet.rows[0]))
    numbers = np.arange(header.row + 1, header.row + 1 + len(body))
    block = read_block(header, columns, numbers, place)
    handed_on = set(block.table["row"].tolist())
    findings = (
        *heading_findings(header, place),
        *_mark_findings(sheet, header, place, handed_on),
        *block.findings,
    )
    return with_rows_above(replace(block, findings=findings), sheet.rows[: header.row - 1])


def with_rows_above(block: Block, rows: Iterable[Sequence[str]]) -> Block:
    """Return a block with the rows above its headings among those set aside."""
    aside: dict[str, list[int]] = {}
    for number, row in enumerate(rows, start=1):
        aside.setdefault("title" if any(row) else "blank_row", []).append(number)
    for reason, numbers in block.aside.items():
        aside.setdefault(reason, []).extend(numbers)
    return replace(block, aside=aside)


def _columns(rows: list[list[str]], width: int) -> list[pa.Array]:
    """Turn rows of text into columns: the distinct texts are put in order, not the cells."""
    cells = pa.array(list(chain.from_iterable(rows)), pa.large_string()).dictionary_encode()
    by_column = cells.indices.to_numpy().reshape(len(rows), width).T.ravel()
    texts = cells.dictionary.take(pa.array(by_column))
    return [texts.slice(position * len(rows), len(rows)) for position in range(width)]


def _without_uncalculated(sheet: Sheet) -> list[list[str]]:
    """Return rows in which a formula without a stored result is an empty cell."""
    rows = list(sheet.rows)
    copied: set[int] = set()
    for (row, position), has_result in sheet.marks.formulas.items():
        if not has_result and row < len(rows) and position < len(rows[row]):
            if row not in copied:  # once for each row, however many formulas it has
                rows[row] = list(rows[row])
                copied.add(row)
            rows[row][position] = ""
    return rows


def check_columns(header: Header, place: Place) -> None:
    """Refuse a sheet with more headings than any form has.

    Raises
    ------
    FileError
        E-116.
    """
    if len(header.headings) > MOST_COLUMNS:
        raise FileError(
            "E-116", file=place.file, sheet=place.sheet or "-", count=len(header.headings), most=MOST_COLUMNS
        )


def heading_findings(header: Header, place: Place) -> Iterator[Finding]:
    """Yield what a heading row lacks, and what it asks that the year did not."""
    book = load()
    renamed = asked_as(header.grain, place.year)
    present = {renamed.get(name, name) for name in header.columns.values()}
    known = {name.partition("__")[0] for name in present}
    asked = form_columns(header.grain, place.year)
    said = list(header.columns.items())[:_LISTED]
    english = sum(book.heading(name, "en", header.grain) == header.headings[at] for at, name in said)
    lang = "en" if 2 * english > len(said) else "sv"
    missing = [name for name, (variable, _) in asked.items() if name not in present and not variable.required]
    for variable in {variable.name: variable for variable, _ in asked.values()}.values():
        if is_must(variable, place.year) and not variable.required and variable.name not in known:
            heading = book.heading(variable.name, lang, header.grain, place.year)
            yield Finding("E-161", place.file, place.sheet, column=heading, variable=variable.name)
    if missing:
        lost = (asked[name][0].name for name in missing)
        of = dict.fromkeys(book.heading(name, lang, header.grain, place.year) for name in lost)
        names = ", ".join(list(of)[:_LISTED]) + (" …" if len(of) > _LISTED else "")
        fields = {"count": len(missing), "of": len(asked), "columns": names}
        yield Finding("W-151", place.file, place.sheet, fields=fields)
    for position, column in header.columns.items():
        if renamed.get(column, column) not in asked and column not in replaced(place.year):
            heading = heading_of(header, position)
            yield Finding("W-152", place.file, place.sheet, None, heading, {"year": place.year}, column)


def _mark_findings(sheet: Sheet, header: Header, place: Place, handed_on: set[int]) -> Iterator[Finding]:
    marks = sheet.marks
    if marks.is_hidden:
        yield Finding("W-158", place.file, place.sheet)
    hidden = sorted({row + 1 for row in marks.hidden_rows} & handed_on)
    if hidden:
        rows = ", ".join(map(str, hidden[:_LISTED])) + (" …" if len(hidden) > _LISTED else "")
        yield Finding("W-154", place.file, place.sheet, fields={"count": len(hidden), "rows": rows})
    for position in sorted(marks.hidden_columns & set(header.columns)):
        yield finding("W-155", place, header, None, position)
    yield from _formula_findings(sheet, header, place, handed_on)
    for row, position in sorted(marks.errors):
        if row + 1 in handed_on and position in header.columns:
            yield finding("E-154", place, header, row + 1, position)
    for row, position in sorted(sheet.dates):
        if row + 1 in handed_on and position in header.columns:
            yield finding("W-156", place, header, row + 1, position)
    yield from _merged_findings(sheet, header, place, handed_on)


def _formula_findings(sheet: Sheet, header: Header, place: Place, handed_on: set[int]) -> Iterator[Finding]:
    stored: Counter[int] = Counter()
    for (row, position), has_result in sorted(sheet.marks.formulas.items()):
        if row + 1 not in handed_on or position not in header.columns:
            continue
        if (row, position) in sheet.marks.errors:
            continue
        if has_result:
            stored[position] += 1
        else:
            yield finding("E-153", place, header, row + 1, position)
    for position, count in sorted(stored.items()):
        yield replace(finding("W-153", place, header, None, position), fields={"count": count})


def _merged_findings(sheet: Sheet, header: Header, place: Place, handed_on: set[int]) -> Iterator[Finding]:
    budget = Budget(place.file)
    for top, left, bottom, right in sorted(sheet.merged):
        rows = range(max(top, header.row), min(bottom, len(sheet.rows) - 1) + 1)
        budget.spend(len(rows) * max(0, min(right, len(sheet.rows[0]) - 1) + 1 - left) + 1)
        for row in rows:
            covered = [
                p for p in range(left, min(right, len(sheet.rows[0]) - 1) + 1) if (row, p) != (top, left)
            ]
            first = next((p for p in covered if p in header.columns), None)
            if first is not None and row + 1 in handed_on:
                yield finding("E-157", place, header, row + 1, first)
