"""What stands on the sheets of one return, before it is written to a file of some kind.

A page keeps its rows as objects, so that a planted fault knows its row however many are put in above it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date

Cell = str | int | float | date


@dataclass(eq=False)
class Row:
    """One row under the headings.

    Attributes
    ----------
    cells : dict of column to Cell
        A column without an entry is an empty cell.
    truth : dict of column to code
        What the member knows; empty for a row that is nobody of its own.
    formulas : dict of column to (str, str or None)
        Formula and stored result (None: never calculated).
    """

    cells: dict[str, Cell] = field(default_factory=dict)
    truth: dict[str, str] = field(default_factory=dict)
    is_hidden: bool = False
    formulas: dict[str, tuple[str, str | None]] = field(default_factory=dict)


@dataclass
class Page:
    """One sheet.

    Attributes
    ----------
    headings : dict of column to str
        In order.
    titles : sequence of str
        Lines above the headings; merged over the columns where the file can.
    header_row : int
        Row number of the headings, 1-based.
    """

    grain: str
    name: str
    headings: dict[str, str]
    rows: list[Row]
    titles: Sequence[str]
    header_row: int

    def row_number(self, row: Row) -> int:
        """Row number of a row in the sheet, 1-based."""
        return self.header_row + 1 + self.rows.index(row)

    def grid(self) -> list[list[Cell]]:
        """Return titles, headings and rows as they stand from A1 on."""
        width = len(self.headings)
        lines: list[list[Cell]] = [[title, *[""] * (width - 1)] for title in self.titles]
        lines.append(list(self.headings.values()))
        lines += [[row.cells.get(column, "") for column in self.headings] for row in self.rows]
        return lines


@dataclass
class DemoReturn:
    """One file that a member sends.

    Attributes
    ----------
    kind : str
        How it is written: ``"form"``, ``"old"`` or one of ``write.ENCODINGS``.
    name : str
        File name.
    received : str
        Date of receipt, ISO.
    starts_1904 : bool
        Days of the workbook are counted from 1904.
    """

    member_id: str
    member_name: str
    year: int
    lang: str
    kind: str
    name: str
    received: str
    pages: list[Page]
    starts_1904: bool = False

    def page(self, grain: str) -> Page:
        """Return the sheet of a grain."""
        return next(page for page in self.pages if page.grain == grain)
