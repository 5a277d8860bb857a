"""Read one year of a published case file, batch by batch, as if it were a return.

Enters: a text file that others published, and a crosswalk. Leaves: `RawReturn` objects with answers as codes
that go through the same stages as a member's, and how many cells were redacted or stand outside the
crosswalk. Rules: every row is handed on or counted: another year, or no year at all; blank is never "no";
nothing is guessed.
"""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from itertools import islice
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from platform_utils.errors import ContractError, FileError
from platform_utils.returns.crosswalk import Crosswalk, choose_crosswalk
from platform_utils.returns.delimited import TextTable, find_encoding
from platform_utils.spec.codebook import load
from platform_utils.spec.returns import LedgerEntry, RawReturn

__all__ = ["CaseFile", "Tally", "cross_rows", "open_case_file", "read_case_year"]

_BATCH_ROWS = 50_000
_UNKNOWN, _BLANK = "unknown", ""
_DELIMITERS = (",", "\t", ";")


@dataclass(frozen=True)
class CaseFile:
    """A published case file, opened; its headings chose the crosswalk."""

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

    Attributes
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

    def of(self, kind: str) -> dict[str, int]:
        """Return the cells of one kind by column."""
        return {column: n for (each, column), n in sorted(self.cells.items()) if each == kind}


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
    for columns, numbers in opened.table.batches(1, _BATCH_ROWS):
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
    constant = {name: _constant(text, len(numbers)) for name, text in fixed.items()}
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


def cross_rows(
    columns: Mapping[str, pa.Array], crosswalk: Crosswalk
) -> tuple[dict[str, pd.Categorical], Counter[tuple[str, str]]]:
    """Return the codebook's columns for a batch of rows.

    Parameters
    ----------
    columns : mapping of str to Array of str, each of shape (n_rows,)
        The columns of the file that the crosswalk takes and the file has, by the crosswalk's spelling.

    Returns
    -------
    answers : dict of str to Categorical, each of shape (n_rows,)
        Codes, ``"unknown"`` for what is redacted or outside the crosswalk, ``""`` for blank cells.
        A question whose columns the file lacks is absent.
    counts : Counter of (kind, column)
        Cells: ``("redacted", column)`` and ``("outside", column)``.

    Examples
    --------
    >>> from platform_utils.returns.crosswalk import load_crosswalks
    >>> cells = {"gender": pa.array(["Female", "", "Robot"])}
    >>> answers, counts = cross_rows(cells, load_crosswalks()[0])
    >>> list(answers["sex"]), dict(counts)
    (['woman', '', 'unknown'], {('outside', 'gender'): 1})
    """
    counts: Counter[tuple[str, str]] = Counter()
    rows = len(next(iter(columns.values())))
    answers = {name: _constant(code, rows) for name, code in crosswalk.constant.items()}
    for coded in crosswalk.codes:
        if coded.column in columns:
            table = dict(coded.map) | dict.fromkeys(crosswalk.blank, _BLANK)
            answers[coded.to] = _looked_up(columns[coded.column], table, coded.column, counts)
    for origin in crosswalk.countries:
        if origin.column in columns:
            country = _countries(columns[origin.column], crosswalk, origin.column, counts)
            answers[origin.to] = country
            group = {code: _UNKNOWN if code == _UNKNOWN else _BLANK for code in country.categories}
            answers[origin.group] = _recoded(country, group)
    for place in crosswalk.places:
        if place.column in columns:
            country = _countries(columns[place.column], crosswalk, place.column, counts)
            for to, at_home, away in ((place.sweden, "yes", "no"), (place.abroad, "no", "yes")):
                table = dict.fromkeys(country.categories, away) | {"SE": at_home}
                answers[to] = _recoded(country, table | {_UNKNOWN: _UNKNOWN, _BLANK: _BLANK})
    for flag in crosswalk.flags:
        if any(name in columns for name in flag.any):
            answers[flag.to] = _flag(columns, flag.any, flag.no, crosswalk, counts)
    order = load().grain_columns("case")
    return {name: answers[name] for name in order if name in answers}, +counts


def _flag(
    columns: Mapping[str, pa.Array],
    any_of: Sequence[str],
    all_zero: Sequence[str],
    crosswalk: Crosswalk,
    counts: Counter[tuple[str, str]],
) -> pd.Categorical:
    read = {
        name: _digits(columns[name], crosswalk)
        for name in dict.fromkeys((*any_of, *all_zero))
        if name in columns
    }
    yes = np.logical_or.reduce([read[name] == 1 for name in any_of if name in read])
    zeros = [read[name] == 0 for name in all_zero if name in read]
    no = np.logical_and.reduce(zeros) & ~yes if zeros else np.zeros_like(yes)
    outside = np.zeros_like(yes)
    for name, digits in read.items():
        strange = digits == 2
        counts["outside", name] = max(counts["outside", name], int(strange.sum()))
        outside |= strange
    unknown = outside & ~yes & ~no
    codes = np.select([yes, no, unknown], [0, 1, 2], 3)
    return _categorical(codes, ["yes", "no", _UNKNOWN, _BLANK])


def _digits(cells: pa.Array, crosswalk: Crosswalk) -> np.ndarray:
    """Return 1, 0, -1 for blank and 2 for anything else."""
    meaning = {"1": 1, "0": 0, "1.0": 1, "0.0": 0} | dict.fromkeys(crosswalk.blank, -1)
    positions, texts = _encoded(cells)
    return np.array([meaning.get(text, 2) for text in texts], dtype=np.int8)[positions]


def _countries(
    cells: pa.Array, crosswalk: Crosswalk, column: str, counts: Counter[tuple[str, str]]
) -> pd.Categorical:
    positions, texts = _encoded(cells)
    redacted = np.array([text in crosswalk.redacted for text in texts], dtype=bool)
    counts["redacted", column] += int(redacted[positions].sum())
    table = (
        _country_codes()
        | dict.fromkeys(crosswalk.redacted, _UNKNOWN)
        | dict.fromkeys(crosswalk.blank, _BLANK)
    )
    return _looked_up(cells, table, column, counts)


def _looked_up(
    cells: pa.Array, table: Mapping[str, str], column: str, counts: Counter[tuple[str, str]]
) -> pd.Categorical:
    positions, texts = _encoded(cells)
    outside = np.array([text not in table for text in texts], dtype=bool)
    counts["outside", column] += int(outside[positions].sum())
    codes = [table.get(text, _UNKNOWN) for text in texts]
    kept = list(dict.fromkeys([*codes, _UNKNOWN, _BLANK]))
    return _categorical(np.array([kept.index(c) for c in codes], dtype=np.int32)[positions], kept)


def _recoded(answers: pd.Categorical, table: Mapping[str, str]) -> pd.Categorical:
    kept = list(dict.fromkeys(table.values()))
    codes = np.array([kept.index(table[code]) for code in answers.categories], dtype=np.int32)
    return _categorical(codes[answers.codes], kept)


def _constant(text: str, rows: int) -> pd.Categorical:
    """Return a column that holds the same text in every row."""
    return _categorical(np.zeros(rows, dtype=np.int8), [text])


def _categorical(codes: np.ndarray, categories: list[str]) -> pd.Categorical:
    return pd.Categorical.from_codes(codes, dtype=pd.CategoricalDtype(pd.Index(categories, dtype="str")))  # type: ignore[return-value]


def _encoded(cells: pa.Array) -> tuple[np.ndarray, list[str]]:
    coded = cells.dictionary_encode()
    texts = [str(text).strip() for text in coded.dictionary.to_pylist()]
    return coded.indices.to_numpy(zero_copy_only=False), texts


@cache
def _country_codes() -> dict[str, str]:
    """Return the country of every two- and three-letter code; ``NA`` is Namibia here."""
    codes: dict[str, str] = {}
    for country in load().lists["country"]:
        for spelling in (country.code, *country.aliases):
            if spelling.isupper() and len(spelling) in (2, 3):
                codes[spelling] = country.code
    return codes
