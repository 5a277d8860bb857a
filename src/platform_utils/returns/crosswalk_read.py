"""Read one year of a published case file, batch by batch, as if it were a return.

Enters: a text file that others published, and a crosswalk. Leaves: `RawReturn` objects that go through the
same stages as a member's. Rule: every row is handed on or counted: another year, or no year at all.
"""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from platform_utils.errors import ContractError, FileError
from platform_utils.returns.crosswalk import Crosswalk, choose_crosswalk
from platform_utils.returns.crosswalk_rows import constant_column, cross_rows
from platform_utils.returns.delimited import TextTable
from platform_utils.returns.encoding import find_encoding
from platform_utils.spec.returns import LedgerEntry, RawReturn

__all__ = ["CaseFile", "Tally", "open_case_file", "read_case_year"]

BATCH_ROWS = 100_000
_DELIMITERS = (",", "\t", ";")


@dataclass(frozen=True)
class CaseFile:
    """A published case file, opened.

    Parameters
    ----------
    path : Path
        File.
    file : str
        Its name.
    crosswalk : Crosswalk
        The one that its headings ask for.
    headings : tuple of str
        As they stand in the file.
    table : TextTable
        How it was saved.
    """

    path: Path
    file: str
    crosswalk: Crosswalk
    headings: tuple[str, ...]
    table: TextTable

    def position(self, column: str) -> int | None:
        """Return where a column stands, upper and lower case being the same; None if it does not."""
        folded = [heading.casefold() for heading in self.headings]
        return folded.index(column.casefold()) if column.casefold() in folded else None


@dataclass
class Tally:
    """What became of the rows of one file, filled while it is read.

    Parameters
    ----------
    years : Counter of str
        Rows per year as the file writes it; ``""`` has none.
    cells : Counter of (kind, column)
        Cells of the rows taken: ``"redacted"``, ``"outside"`` the crosswalk.
    empty_rows : int
        Rows without a single filled cell; not among ``years``.
    """

    years: Counter[str] = field(default_factory=Counter)
    cells: Counter[tuple[str, str]] = field(default_factory=Counter)
    empty_rows: int = 0


def open_case_file(path: Path, crosswalk: str) -> CaseFile:
    """Look at a file's headings and choose its crosswalk.

    Parameters
    ----------
    path : Path
        Text file with commas, tabulators or semicolons, headings in the first row.
    crosswalk : str
        A crosswalk or a family of them, such as ``"ctdc"``.

    Raises
    ------
    FileError
        E-101, E-103 if it cannot be read, E-105, E-117 if it is not text.
    UsageError, ContractError
        E-320 to E-322 if no crosswalk fits.
    """
    file = path.name
    try:
        encoding = find_encoding(path, file)
        codec = "utf-8-sig" if encoding.startswith("utf-8") else encoding
        with path.open(encoding=codec, newline="") as text:
            lines = list(islice(text, 2))
    except FileNotFoundError as error:
        raise FileError("E-101", file=file) from error
    except OSError as error:
        raise FileError("E-103", file=file) from error
    except UnicodeDecodeError as error:
        raise FileError("E-117", file=file) from error
    delimiter = max(_DELIMITERS, key=lambda sign: lines[0].count(sign) if lines else 0)
    head = list(csv.reader(lines[:1], delimiter=delimiter)) or [[""]]
    headings = tuple(heading.strip() for heading in head[0])
    chosen = choose_crosswalk(crosswalk, headings, file)
    return CaseFile(path, file, chosen, headings, TextTable(path, encoding, delimiter, head))


def read_case_year(
    opened: CaseFile, *, year: int, member_id: str, file: str | None = None, tally: Tally | None = None
) -> Iterator[RawReturn]:
    """Yield the rows of one year; what is set aside stands in the ledger of the last batch.

    Parameters
    ----------
    opened : CaseFile
        From `open_case_file`.
    year : int
        Year of registration that is taken.
    member_id : str
        Whoever the file stands for: the whole file is one member.
    file : str, optional
        Name under which rows are known; the file's own unless given.
    tally : Tally, optional
        Filled with what was met.

    Yields
    ------
    RawReturn
        Columns are categorical codes; ``person_code`` is made of the row number.

    Raises
    ------
    ContractError
        E-323 if no row is of that year.
    """
    tally = Tally() if tally is None else tally
    name = file or opened.file
    crosswalk = opened.crosswalk
    at = {column: opened.position(column) for column in crosswalk.taken}
    year_at = at[crosswalk.year] or 0
    taken = 0
    for columns, numbers in opened.table.batches(1, BATCH_ROWS):
        years = pc.utf8_trim_whitespace(columns[year_at])
        for told in pc.value_counts(years).to_pylist():
            tally.years[told["values"]] += told["counts"]
        empty = _empty_rows(columns, pc.equal(years, ""))
        tally.empty_rows += empty
        tally.years[""] -= empty
        of_year = pc.is_in(years, pa.array([str(year), f"{year}.0"]))
        count = int(pc.sum(of_year).as_py() or 0)
        if not count:
            continue
        taken += count
        kept = {c: columns[i].filter(of_year) for c, i in at.items() if i is not None and i < len(columns)}
        table = _frame(kept, numbers[np.asarray(of_year)], crosswalk, tally, (member_id, year, name))
        yield RawReturn(member_id, year, name, crosswalk.form_version, {"case": table})
    if not taken:
        known = ", ".join(sorted(y for y in tally.years if y)) or "-"
        raise ContractError("E-323", file=opened.file, year=year, known=known)
    yield RawReturn(member_id, year, name, crosswalk.form_version, {}, (), _set_aside(tally, year, name))


def _empty_rows(columns: Sequence[pa.Array], without_year: pa.Array) -> int:
    """Count, among the rows without a year, those in which every cell is empty."""
    left = [column.filter(without_year) for column in columns]
    if not len(left[0]):
        return 0
    empty = np.logical_and.reduce(
        [np.asarray(pc.equal(pc.utf8_trim_whitespace(cells), "")) for cells in left]
    )
    return int(empty.sum())


def _frame(
    kept: dict[str, pa.Array],
    numbers: np.ndarray,
    crosswalk: Crosswalk,
    tally: Tally,
    provenance: tuple[str, int, str],
) -> pd.DataFrame:
    answers, cells = cross_rows(kept, crosswalk)
    tally.cells.update(cells)
    member_id, year, file = provenance
    codes = pd.array([f"r{number}" for number in numbers], dtype="str")
    fixed = {"member_id": member_id, "file": file, "sheet": ""}
    constant = {name: constant_column(text, len(numbers)) for name, text in fixed.items()}
    return pd.DataFrame(
        {"person_code": codes, **answers, **constant, "year": np.int64(year), "row": numbers.astype(np.int64)}
    )


def _set_aside(tally: Tally, year: int, file: str) -> tuple[LedgerEntry, ...]:
    blank = tally.years[""]
    other = sum(tally.years.values()) - blank - sum(tally.years[text] for text in (str(year), f"{year}.0"))
    counted = (("other_year", other, ""), ("other_year", blank, "blank"), ("blank_row", tally.empty_rows, ""))
    return tuple(
        LedgerEntry(file, "", "case", reason, rows, detail) for reason, rows, detail in counted if rows
    )
