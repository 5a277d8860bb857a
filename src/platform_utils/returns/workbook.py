"""Read the sheets of a workbook as text, with what a reader of values alone would miss.

Enters: bytes that have been looked at. Leaves: `Sheet` objects, each read only when it is asked for.
"""

from __future__ import annotations

import io
import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time, timedelta
from typing import Any

from python_calamine import CalamineError, CalamineWorkbook, SheetTypeEnum, SheetVisibleEnum

from platform_utils.errors import FileError
from platform_utils.returns.budget import MOST_ROWS, Budget
from platform_utils.returns.cover import sheet_label
from platform_utils.returns.marks import read_marks, read_xls_marks, sheet_parts
from platform_utils.returns.sheet import Marks, Sheet, to_text

_RECALCULATED = re.compile(rb"fullCalcOnLoad=[\"'](?:1|true)")
_DATES = {date, datetime, time, timedelta}


@dataclass(frozen=True)
class Workbook:
    """An open workbook.

    Attributes
    ----------
    names : tuple of str
        As stored, in order; charts and macro sheets are left out.
    """

    names: tuple[str, ...]
    _budget: Budget
    _book: CalamineWorkbook = field(repr=False)
    _xml: Mapping[str, bytes] = field(repr=False)
    _is_recalculated: bool
    _hidden: frozenset[str]
    _marks: Mapping[str, Marks] = field(repr=False)

    def read(self, name: str) -> Sheet:
        """Return one sheet.

        Raises
        ------
        FileError
            E-106 if it is damaged, E-118 to E-126 if it is larger than any return.
        """
        before = self._budget.cells
        file, called = self._budget.file, sheet_label(name, self.names.index(name) + 1)
        marks = replace(self._marks.get(name, Marks()), is_hidden=name in self._hidden)
        if name in self._xml:
            is_recalculated = self._is_recalculated
            marks = read_marks(self._xml[name], self._budget, called, marks, is_recalculated=is_recalculated)
        with _coded(file):
            stored = self._book.get_sheet_by_name(name)
            if stored.total_height > MOST_ROWS:
                raise FileError("E-126", file=file, most=MOST_ROWS)
            area = self._budget.check_area(stored.total_height, stored.total_width, called)
            self._budget.spend(max(0, area - (before - self._budget.cells)))
            values = stored.to_python(skip_empty_area=False)
            merged = tuple((*first, *last) for first, last in stored.merged_cell_ranges or ())
        rows, dates = _texts(values)
        return Sheet(unicodedata.normalize("NFC", name), rows, dates, merged, marks)


def open_workbook(data: bytes, parts: Mapping[str, bytes], file: str) -> Workbook:
    """Open an ``.xlsx``, ``.xlsm`` or ``.xls`` workbook.

    Parameters
    ----------
    parts : mapping of str to bytes
        From `open_archive`; empty for ``.xls``.

    Raises
    ------
    FileError
        E-106 if it is damaged, E-118 to E-122 if it is larger than any return.
    """
    budget = Budget(file)
    marks = {} if parts else read_xls_marks(data, budget)
    stored = sheet_parts(parts, budget)
    with _coded(file):
        book = CalamineWorkbook.from_filelike(io.BytesIO(data))
        sheets = [sheet for sheet in book.sheets_metadata if sheet.typ == SheetTypeEnum.WorkSheet]
    names = tuple(sheet.name for sheet in sheets)
    xml = {name: parts.get(stored.get(name, ""), b"") for name in names} if parts else {}
    recalculated = any(_RECALCULATED.search(part) for name, part in parts.items() if "workbook" in name)
    hidden = frozenset(sheet.name for sheet in sheets if sheet.visible != SheetVisibleEnum.Visible)
    return Workbook(names, budget, book, xml, recalculated, hidden, marks)


@contextmanager
def _coded(file: str) -> Iterator[None]:
    """Turn what the reader raises, panics included, into one coded error."""
    try:
        yield
    except (CalamineError, OSError, ValueError, RuntimeError, MemoryError, OverflowError) as error:
        raise FileError("E-106", file=file) from error
    except BaseException as error:
        if type(error).__name__ == "PanicException":  # Rust's panics do not derive from Exception
            raise FileError("E-106", file=file) from error
        raise


def _texts(values: Sequence[list[Any]]) -> tuple[list[list[str]], frozenset[tuple[int, int]]]:
    dates: set[tuple[int, int]] = set()
    rows: list[list[str]] = []
    for number, row in enumerate(values):
        kinds = set(map(type, row))  # most rows are text alone, and taken as they are
        if kinds & _DATES:
            dates.update((number, position) for position, value in enumerate(row) if type(value) in _DATES)
        rows.append(row if kinds == {str} else [to_text(value) for value in row])
    return rows, frozenset(dates)
