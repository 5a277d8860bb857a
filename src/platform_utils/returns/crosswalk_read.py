"""Read one year of a published case file, batch by batch, as if it were a return.

Enters: a text file that others published, and a crosswalk. Leaves: `RawReturn` objects with answers as codes
that go through the same stages as a member's, the file's own answers for its own report, and how many cells
were redacted or stand outside the crosswalk. Rules: every row is handed on or counted by its fate; blank is
never "no"; nothing is guessed.
"""

from __future__ import annotations

import csv
import hashlib
import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from platform_utils.errors import ContractError, FileError
from platform_utils.returns.crosswalk import Crosswalk, choose_crosswalk
from platform_utils.returns.crosswalk_answers import (
    cross_rows,
    encoded,
    parts_of_cell,
    same_code,
)
from platform_utils.returns.delimited import TextTable
from platform_utils.returns.source_file import file_hash
from platform_utils.spec.encoding import find_encoding
from platform_utils.spec.returns import LedgerEntry, RawReturn
from platform_utils.spec.sources import REDACTED, Asked

_BATCH_ROWS = 50_000
_TOTALS = ("total", "totals", "grand total", "all", "sum", "totalt", "summa", "samtliga", "alla")
_DELIMITERS = (",", "\t", ";")
_YEAR, _IN_A_NAME = r"^\s*(\d{4})(?:\.0)?\s*$", r"(?<!\d)((?:19|20)\d\d)(?!\d)"
_COUNT = re.compile(r"(\d{1,3}(?:[ ,\u00a0\u202f]\d{3})+|\d{1,9})(?:\.0+)?")

FATES = {
    "taken": ("accepted", ""), "blank_row": ("blank_row", ""), "left_out": ("left_out", ""),
    "no_year": ("no_year", ""), "other_year": ("other_year", ""), "nobody": ("left_out", "0"),
    "unreadable": ("held", "E-324"),
}  # fmt: skip
"""What becomes of a row, and its reason and detail in the ledger."""


@dataclass(frozen=True)
class CaseFile:
    """A published case file, opened; its headings chose the crosswalk.

    Attributes
    ----------
    file : str
        Its name, or the name under which it came.
    """

    path: Path
    file: str
    crosswalk: Crosswalk
    headings: tuple[str, ...]
    table: TextTable

    @property
    def digest(self) -> str:
        """SHA-256 of the file."""
        return file_hash(self.path, self.file)

    def position(self, column: str) -> int | None:
        """Return where a column stands, upper and lower case being the same; None if it does not."""
        folded = [heading.casefold() for heading in self.headings]
        return folded.index(column.casefold()) if column.casefold() in folded else None

    def column(self, columns: Sequence[pa.Array], name: str) -> tuple[np.ndarray, list[str]]:
        """Return a column of a batch as positions and texts; one that the file lacks is empty."""
        at = self.position(name)
        if at is None or at >= len(columns):
            return np.zeros(len(columns[0]), np.int64), [""]
        return encoded(columns[at])


@dataclass
class Tally:
    """What became of the rows of one file, filled while it is read.

    Attributes
    ----------
    years : Counter of str
        Rows per year, blank rows and those left out not among them; ``""`` has none that can be read.
    fates : Counter of str
        Rows by what became of them, as `FATES`.
    left_out : Counter of int
        Rows by the entry of the crosswalk that leaves them out.
    persons : int
        How many the rows taken stand for.
    members : Counter of str
        Rows taken by the organisation behind them.
    cells : Counter of (kind, column)
        Cells of the rows taken: ``"redacted"``, ``"outside"`` the crosswalk.
    """

    years: Counter[str] = field(default_factory=Counter)
    fates: Counter[str] = field(default_factory=Counter)
    left_out: Counter[int] = field(default_factory=Counter)
    persons: int = 0
    members: Counter[str] = field(default_factory=Counter)
    cells: Counter[tuple[str, str]] = field(default_factory=Counter)


def open_case_file(path: Path, crosswalk: str, name: str | None = None) -> CaseFile:
    """Look at a file's headings and choose its crosswalk.

    Parameters
    ----------
    path : Path
        Text file with commas, tabulators or semicolons, headings in the first row.
    crosswalk : str
        A crosswalk or a family of them, such as ``"ctdc"``, or the path of one.
    name : str, optional
        Name under which the file came, if it is another than now.

    Raises
    ------
    FileError
        E-101, E-103 if it cannot be read, E-117, E-329 if it is not text.
    UsageError, ContractError, SettingsError
        E-320 to E-322 if no crosswalk fits, E-010 if it cannot be used.
    """
    file = name or path.name
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
    except FileError as error:
        raise FileError("E-329", file=file) if error.code == "E-105" else error from error
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
    year : int
        Year of registration that is taken.
    member_id : str
        Whoever the rows stand for that name nobody: the whole file is one member, if it has no such column.
    file : str, optional
        Name under which rows are known; the file's own unless given.
    tally : Tally, optional
        Filled with what was met.

    Yields
    ------
    RawReturn
        Columns are categorical codes; ``person_code`` is made of the row number, and of the file
        where several count.

    Raises
    ------
    ContractError
        E-323 if no row is of that year; E-328 if rows look like totals and the crosswalk does not say so.
    """
    tally = Tally() if tally is None else tally
    name, crosswalk = file or opened.file, opened.crosswalk
    at = {column: opened.position(column) for column in crosswalk.taken}
    last = member_id
    mark = f"{Path(name).stem[-6:]}-" if crosswalk.several == "add" else ""
    for columns, numbers, persons in _rows_of_year(opened, year, tally):
        kept = {c: columns[i] for c, i in at.items() if i is not None and i < len(columns)}
        _refuse_totals(opened, kept)
        answers, cells = cross_rows(kept, crosswalk, len(numbers))
        tally.cells.update(cells)
        positions, texts = opened.column(columns, crosswalk.member)
        table = pd.DataFrame(
            {
                "person_code": pd.array([f"{mark}r{number}" for number in numbers], dtype="str"),
                **answers,
                **({"person_count": pd.Categorical(persons.astype(str))} if crosswalk.count else {}),
                "file": same_code(name, len(numbers)),
                "sheet": same_code("", len(numbers)),
                "year": np.int64(year),
                "row": numbers.astype(np.int64),
            }
        )
        for position in np.unique(positions):
            mine, who = positions == position, texts[position]
            tally.members[who] += int(mine.sum())
            last = member_of(who) if who not in crosswalk.blank else member_id
            rows = table[mine].reset_index(drop=True)
            rows.insert(1 + len(answers), "member_id", same_code(last, len(rows)))
            yield RawReturn(last, year, name, crosswalk.form_version, {"case": rows})
    if not tally.fates["taken"]:
        known = ", ".join(sorted(y for y in tally.years if y)) or "-"
        raise ContractError("E-323", file=opened.file, year=year, known=known)
    aside = tuple(
        LedgerEntry(name, "", "case", *FATES[fate][:1], rows, *FATES[fate][1:])
        for fate, rows in sorted(tally.fates.items())
        if rows and fate != "taken"
    )
    yield RawReturn(last, year, name, crosswalk.form_version, {}, (), aside)


def read_answers(
    opened: CaseFile, asks: Sequence[Asked], *, year: int, tally: Tally
) -> Iterator[tuple[dict[str, dict[str, np.ndarray]], np.ndarray]]:
    """Yield what the rows of one year answer in the file's own words, and how many each row stands for.

    Yields
    ------
    answers : dict of str to dict of str to ndarray of bool, each of shape (n_rows,)
        Per question that the file has and answer, the rows that have it; ``"blank"`` those that have none.
    persons : ndarray of int, shape (n_rows,)
    """
    blank, redacted = opened.crosswalk.blank, opened.crosswalk.redacted
    for columns, _, persons in _rows_of_year(opened, year, tally):
        found = {}
        for asked in asks:
            given: dict[str, np.ndarray] = {}
            for heading in filter(asked.has, opened.headings):
                positions, texts = opened.column(columns, heading)
                for place, text in enumerate(texts):
                    if text in blank:  # a flag without a single answer was not asked
                        continue
                    is_hidden = asked.is_country and text in redacted
                    said = [REDACTED] if is_hidden else parts_of_cell(text, asked.split)
                    for code in [heading] if asked.is_flags else said:
                        rows = (positions == place) & (text in asked.yes or not asked.is_flags)
                        given[code] = given.get(code, False) | rows
            nothing = ~np.logical_or.reduce([np.zeros(len(persons), bool), *given.values()])
            found[asked.name] = given | {"blank": nothing}
        yield found, persons


def _refuse_totals(opened: CaseFile, columns: Mapping[str, pa.Array]) -> None:
    """Refuse rows that would be counted with what they sum up; a column that was looked at passes."""
    seen = {entry.column for entry in opened.crosswalk.left_out}
    for column, cells in columns.items():
        if column not in seen and any(text.casefold() in _TOTALS for text in encoded(cells)[1]):
            raise ContractError("E-328", file=opened.file, column=column)


def member_of(name: str) -> str:
    """Return the id of an organisation that a file names: the same in every file and year.

    Examples
    --------
    >>> member_of("Invented Aid & Sons")
    'invented-aid-sons-9111'
    """
    words = re.sub(r"[^a-z0-9]+", "-", name.casefold()).strip("-")[:24].strip("-")
    return f"{words or 'x'}-{hashlib.sha256(name.encode('utf-8')).hexdigest()[:4]}"


def _rows_of_year(
    opened: CaseFile, year: int, tally: Tally
) -> Iterator[tuple[list[pa.Array], np.ndarray, np.ndarray]]:
    """Yield the columns of the rows of a year, their numbers in the file, and how many each stands for."""
    sums = _what_is_summed(opened)
    for columns, numbers in opened.table.batches(1, _BATCH_ROWS):
        years, persons = _years(opened, columns), _persons(opened, columns)
        empty = np.logical_and.reduce([pc.equal(pc.utf8_trim_whitespace(cells), "") for cells in columns])
        rule = np.full(len(numbers), -1)
        for position in reversed(range(len(opened.crosswalk.left_out))):
            rule[_fits(opened, columns, position, sums)] = position
        tests = [empty, rule >= 0, years == "", years != str(year), persons == 0, persons < 0]
        fates = np.select(tests, range(1, len(FATES)), 0)
        tally.fates.update({fate: int((fates == place).sum()) for place, fate in enumerate(FATES)})
        tally.left_out.update(rule[fates == 2].tolist())
        tally.years.update(years[fates > 2].tolist() + years[fates == 0].tolist())
        kept = fates == 0
        tally.persons += int(persons[kept].sum())
        if kept.any():
            yield [cells.filter(pa.array(kept)) for cells in columns], numbers[kept], persons[kept]


def _what_is_summed(opened: CaseFile) -> dict[int, set[str]]:
    """Return, per entry that leaves totals out, the groups of which something else is in the file."""
    totals = {n: one for n, one in enumerate(opened.crosswalk.left_out) if one.within}
    found: dict[int, set[str]] = {n: set() for n in totals}
    for columns, _ in opened.table.batches(1, _BATCH_ROWS) if totals else ():
        for n, one in totals.items():
            positions, texts = opened.column(columns, one.column)
            other = ~np.array([one.fits(text) or not text for text in texts])[positions]
            groups, names = opened.column(columns, one.within)
            found[n] |= {names[at] for at in np.unique(groups[other])}
    return found


def _fits(opened: CaseFile, columns: Sequence[pa.Array], n: int, sums: Mapping[int, set[str]]) -> np.ndarray:
    """Return which rows an entry of the crosswalk leaves out."""
    entry = opened.crosswalk.left_out[n]
    positions, texts = opened.column(columns, entry.column)
    out = np.array([entry.fits(text) != entry.keep for text in texts])[positions]
    if entry.within:
        groups, names = opened.column(columns, entry.within)
        out &= np.array([name in sums[n] for name in names])[groups]
    return out


def _years(opened: CaseFile, columns: Sequence[pa.Array]) -> np.ndarray:
    """Return the year of each row as text, empty where none can be read."""
    crosswalk = opened.crosswalk
    positions, texts = np.zeros(len(columns[0]), np.int64), [str(crosswalk.year_fixed)]
    if crosswalk.year:
        positions, texts = opened.column(columns, crosswalk.year)
    elif crosswalk.year_from_name:
        texts = [opened.file]
    pattern = re.compile(crosswalk.year_pattern or (_IN_A_NAME if crosswalk.year_from_name else _YEAR))
    found = [{one[1 if pattern.groups else 0] for one in pattern.finditer(text)} for text in texts]
    years = [one.pop() if len(one) == 1 else "" for one in found]  # of two years neither is guessed
    return np.array(years, dtype=object)[positions]


def _persons(opened: CaseFile, columns: Sequence[pa.Array]) -> np.ndarray:
    """Return how many each row stands for, -1 where that cannot be read."""
    if not opened.crosswalk.count:
        return np.ones(len(columns[0]), np.int64)
    positions, texts = opened.column(columns, opened.crosswalk.count)
    read = [_COUNT.fullmatch(text) for text in texts]
    return np.array([int(re.sub(r"\D", "", one[1])) if one else -1 for one in read], np.int64)[positions]
