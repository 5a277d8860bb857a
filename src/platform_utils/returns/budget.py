"""What one file may cost to read, counted while it is read and summed over all of its parts.

Enters: what readers meet. Leaves: one calm error as soon as it is too much. Rule: no reader makes anything
whose size a file has only claimed; time and memory grow with what is really there.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from xml.parsers import expat

from platform_utils.errors import FileError

MOST_BYTES = 256 << 20
MOST_CELLS = 2_000_000
MOST_COLUMNS_OF_ALL = 16_384
"""Columns that any spreadsheet has."""
_MOST_SHEETS = 100
MOST_ROWS = 250_000
"""Rows of one table: far more than any return or published case file has."""
_DEEPEST = 200


@dataclass
class Budget:
    """What is left for one file; cells are those stored and those that lie between them."""

    file: str
    cells: int = MOST_CELLS

    def spend(self, cells: int) -> None:
        """Take cells.

        Raises
        ------
        FileError
            E-118 if there are none left.
        """
        self.cells -= cells
        if self.cells < 0:
            raise FileError("E-118", file=self.file, most=MOST_CELLS)

    def check_area(self, rows: int, columns: int, sheet: str) -> int:
        """Return how many cells the rectangle has that a sheet spans, before it is laid out.

        Raises
        ------
        FileError
            E-122 if no file may have a sheet of that size.
        """
        if rows * columns > MOST_CELLS:
            raise FileError("E-122", file=self.file, sheet=sheet)
        return rows * columns

    def check_sheets(self, count: int) -> None:
        """Refuse more sheets than any return has.

        Raises
        ------
        FileError
            E-120.
        """
        if count > _MOST_SHEETS:
            raise FileError("E-120", file=self.file, count=count, most=_MOST_SHEETS)


@lru_cache(maxsize=1000)
def _local(name: str) -> str:
    """Return a name without its namespace."""
    return name.rpartition(" ")[2]


def parse(
    xml: bytes,
    file: str,
    start: Callable[[str, dict[str, str]], None],
    end: Callable[[str], None] | None = None,
    text: Callable[[str], None] | None = None,
    *,
    is_whole: bool = True,
) -> None:
    """Read XML as a stream: each element is told by its local name, with attributes as ``"namespace name"``.

    Parameters
    ----------
    is_whole : bool
        False for the beginning of a document, whose elements need not be closed.

    Raises
    ------
    FileError
        E-106 if it is not well-formed, E-119 if it is nested deeper than any workbook is.
    """
    depth = 0

    def opened(name: str, values: dict[str, str]) -> None:
        nonlocal depth
        depth += 1
        if depth > _DEEPEST:
            raise FileError("E-119", file=file, most=_DEEPEST)
        start(_local(name), values)

    def closed(name: str) -> None:
        nonlocal depth
        depth -= 1
        if end is not None:
            end(_local(name))

    parser = expat.ParserCreate(namespace_separator=" ")
    parser.buffer_text = True
    parser.StartElementHandler, parser.EndElementHandler = opened, closed
    if text is not None:
        parser.CharacterDataHandler = text
    try:
        parser.Parse(xml, is_whole)
    except expat.ExpatError as error:
        raise FileError("E-106", file=file) from error
