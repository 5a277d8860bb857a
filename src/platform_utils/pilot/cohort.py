"""The cohort file: all that is wrong with a file at once, or a typed table.

Enters: anybody's CSV, one row per person, in any of the separators and encodings that returns come in. Days
are whole numbers counted from the person's time zero; only the month of first contact is a date. Leaves: a
checked table. Errors name column and row numbers as a spreadsheet shows them, never a cell's content.
"""

from __future__ import annotations

import csv
import re
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cache
from io import StringIO
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from platform_utils.errors import ContractError, FileError, PlatformError
from platform_utils.guard.identity import find_identity
from platform_utils.paths import resource
from platform_utils.spec import codebook
from platform_utils.spec.encoding import find_encoding
from platform_utils.spec.entries import read_entry, read_packaged

if TYPE_CHECKING:
    from platform_utils.pilot.plan import Plan


MONTH = re.compile(r"[0-9]{4}-(0[1-9]|1[0-2])")
_NUMBERS = {"day": r"-?[0-9]{1,9}", "number": r"-?[0-9]{1,9}(\.[0-9]+)?"}
_SHOWN, _SEPARATORS, _HEAD = 10, ";,\t|", 20
_NOT_TEXT = {b"PK\x03\x04": "xlsx, ods, zip", b"\xd0\xcf\x11\xe0": "xls", b"%PDF": "pdf"}
_LONGEST = 3650
"""Days: whoever is followed for more than ten years is a slip of the keyboard."""
_LARGEST, _MOST_SIGNS = 100, 100_000
"""Megabytes of a file: a hundred thousand persons come to twenty. Signs of a cell."""
_EARLIEST, _LATEST = 15, 25
"""Years before the programme and after its reopening in which a first contact can be."""
# a name of somebody has no digit, or a space
_NAMES = {"person_id": r"(?=.*[0-9])[\w.-]{1,40}", "member_id": r"[\w.-]{1,40}", "region": r"[\w. -]{1,40}"}
_IN_ORDER = (("application_day", "confirmation_day"), ("start_day", "end_day"))
Fault = tuple[str, pd.Series, dict[str, str]]


@dataclass(frozen=True)
class Column:
    """One column of the cohort file.

    Attributes
    ----------
    kind : {"name", "code", "day", "month", "number"}
        ``day`` is a whole number of days from time zero.
    codes : tuple of str
        What a ``code`` may be; with ``answers``, that list of the codebook.
    needed : {"row", "column", "undated", ""}
        A value on every row; the column; a value on every row of a file without days.
    outcome : bool
        A day that must not lie before time zero.
    entry : bool
        Empty without access.
    """

    kind: str
    codes: tuple[str, ...] = ()
    answers: str = ""
    needed: str = ""
    outcome: bool = False
    entry: bool = False


@cache
def cohort_columns() -> Mapping[str, Column]:
    """Return every column by name, in the order of the file."""
    path, lists = resource("cohort_columns.toml"), codebook.load().lists
    found = {name: read_entry(Column, said, path.name, name) for name, said in read_packaged(path).items()}
    return {
        name: replace(item, codes=_codes(lists[item.answers])) if item.answers else item
        for name, item in found.items()
    }


@cache
def covariate_codes() -> Mapping[str, tuple[str, ...]]:
    """Return what a plan may adjust for, with its codes: coded columns, and the codebook's of persons."""
    book = codebook.load()
    asked = {
        variable.name: _codes(book.codes(variable))
        for variable in book.variables
        if variable.grain == "case" and variable.kind in ("code", "yes_no")
    }
    own = {name: item.codes for name, item in cohort_columns().items() if item.kind == "code"}
    fixed = {name for name, item in cohort_columns().items() if item.needed or item.kind != "code"}
    return {name: codes for name, codes in (asked | own).items() if name not in fixed}


def _codes(codes: tuple[codebook.Code, ...]) -> tuple[str, ...]:
    return (*(code.code for code in codes), "unknown", "blank")


def read_cohort(path: Path) -> pd.DataFrame:
    """Read a cohort file as stripped text, one row per person, without judging it.

    Parameters
    ----------
    path : Path
        CSV with headings in the first row; comma, semicolon, tab or bar; UTF-8, UTF-16 or Windows-1252.

    Raises
    ------
    FileError
        E-704 if there is no such file, E-735 if it is no text or larger than any cohort, E-739 if nobody is
        in it.
    ContractError
        E-736 for headings that stand elsewhere than in row 1, E-737 for none, E-738 for quotation marks that
        are not closed, E-717 for a heading that occurs twice, E-719 for rows with more or fewer cells than
        headings.
    """
    # with its folders: there is more than one place for such a file
    shown = Path(*path.parts[-4:]).as_posix()
    heading, *body = _rows(_text(path, shown), shown)
    while heading and not heading[-1] and not any(any(line[len(heading) - 1 :]) for line in body):
        # separators after the last cell, as spreadsheets leave them
        heading = heading[:-1]
        body = [line[: len(heading)] for line in body]
    used = [number for number, line in enumerate(body) if any(line)]
    if not used:
        raise FileError("E-739", file=shown)
    twice = [place for place, name in enumerate(heading) if name and heading.count(name) > 1]
    if twice:
        raise ContractError("E-717", columns=", ".join(map(_letters, twice)))
    uneven = [number + 2 for number in used if len(body[number]) != len(heading)]
    if uneven:
        raise ContractError("E-719", rows=_listed(uneven), cells=len(heading))
    return pd.DataFrame([body[number] for number in used], index=used, columns=heading, dtype="str")


def _text(path: Path, shown: str) -> str:
    found = ""
    try:
        if path.stat().st_size > _LARGEST * 1_000_000:
            found = f"> {_LARGEST} MB"
        else:
            with path.open("rb") as file:
                found = _NOT_TEXT.get(file.read(4), "")
        if not found:
            encoding = find_encoding(path, shown)
            text = path.read_text(encoding="utf-8-sig" if encoding.startswith("utf-8") else encoding)
            # the line by which a spreadsheet is told the separator is no row to it
            return re.sub(r"\A\ufeff?(sep=.\n)?", "", text)
    except OSError as error:
        raise FileError("E-704", file=shown) from error
    except UnicodeError:
        found = encoding
    except FileError as error:
        if error.code != "E-105":
            raise
        found = "NUL"
    raise FileError("E-735", file=shown, found=found)


def _rows(text: str, shown: str) -> list[list[str]]:
    known, head = set(cohort_columns()), text.splitlines()[:_HEAD]
    if not any(line.strip() for line in head):
        raise FileError("E-739", file=shown)

    def found(line: str, sign: str) -> int:
        return len(known & {cell.strip().strip('"') for cell in line.split(sign)})

    separator = max(_SEPARATORS, key=lambda sign: max(found(line, sign) for line in head))
    rows: list[list[str]] = []
    try:
        lines = csv.reader(StringIO(text, newline=""), delimiter=separator, strict=True)
        rows.extend([cell.strip() for cell in line] for line in lines)
    except csv.Error as error:
        raise ContractError("E-738", rows=str(len(rows) + 1)) from error
    # the library's own bound holds for the whole process, and any other reader may have moved it
    long = [number for number, row in enumerate(rows, 1) if max(map(len, row), default=0) > _MOST_SIGNS]
    if long:
        raise ContractError("E-738", rows=_listed(long))
    places = [number for number, line in enumerate(rows[:_HEAD]) if len(known & set(line)) > 1]
    if not places:
        raise ContractError("E-737")
    if places != [0]:
        raise ContractError("E-736", rows=_listed([place + 1 for place in places]))
    return rows


def has_no_dates(frame: pd.DataFrame) -> bool:
    """Return True when the file says whether, but not when: yes/no outcomes and no days."""
    days = {"report_day", "last_contact_day"}
    return days.isdisjoint(frame.columns) and {"reported", "lost"} <= set(frame.columns)


def find_problems(frame: pd.DataFrame, plan: Plan) -> list[PlatformError]:
    """Return everything that keeps a file from `read_cohort` from being used, most basic first.

    E-705 missing columns; E-725 unknown ones; E-726 what names a person; E-741 rows that are no person; E-706
    days that are not whole numbers (dates as text), E-742 other numbers; E-707 negative times; E-708 outcomes
    before time zero; E-709 unknown codes and months; E-743 names that are no pseudonyms; E-712 identical
    rows; E-715 a person twice; E-718 empty cells; E-721 one name spelled in several ways; E-724 days beyond
    ten years. If there is none of these: E-714 days after the end of follow-up; E-716 MMM without a report;
    E-723 a report dated after the move to MMM; E-727 other days in the wrong order; E-728 entry without
    access.
    """
    undated, columns = has_no_dates(frame), dict(cohort_columns())
    columns |= {
        name: columns.get(name, Column("code", covariate_codes().get(name, ()))) for name in plan.covariates
    }
    always = {"access"} if undated else set(plan.covariates)
    always |= {name for name, item in columns.items() if item.needed in _needed(undated)}
    missing = [name for name in columns if name in always and name not in frame]
    unknown = [place for place, name in enumerate(frame.columns) if name not in columns]
    problems: list[PlatformError] = []
    if missing:
        problems.append(ContractError("E-705", columns=", ".join(missing)))
    if unknown:
        problems.append(ContractError("E-725", columns=", ".join(map(_letters, unknown))))
    if missing:
        return problems
    for name, cells in frame.items():
        named = {cell for cell in cells.unique() if find_identity(cell) is not None}
        problems += _problem("E-726", frame, cells.isin(named), column=str(name))
    present = {name: item for name, item in columns.items() if name in frame}
    stray = _stray(frame, present, undated, plan)
    problems += _problem("E-741", frame, stray)
    kept = frame[~stray]
    for name, item in present.items():
        for code, wrong, fields in _faults(name, kept[name], item, undated, plan):
            problems += _problem(code, kept, wrong, column=name, **fields)
    if "person_id" in frame:
        twice = kept["person_id"].duplicated(keep=False) & (kept["person_id"] != "")
        # identical rows repeat their person as well: said once
        problems += _problem("E-712", kept, kept.duplicated(keep=False)) or _problem("E-715", kept, twice)
    return problems or ([] if undated else _order_problems(_typed(frame)))


def check_cohort(frame: pd.DataFrame, plan: Plan) -> pd.DataFrame:
    """Return a cohort from `read_cohort` with days and numbers as floats (``nan`` for empty).

    Raises
    ------
    ContractError
        The first of `find_problems`.
    """
    problems = find_problems(frame, plan)
    if problems:
        raise problems[0]
    return _typed(frame)


def _needed(undated: bool) -> tuple[str, ...]:
    return ("undated",) if undated else ("row", "column")


def _typed(frame: pd.DataFrame) -> pd.DataFrame:
    numbers = [name for name, item in cohort_columns().items() if item.kind in _NUMBERS and name in frame]
    return frame.assign(
        **{name: pd.to_numeric(frame[name].replace("", np.nan)).astype(float) for name in numbers}
    )


def _stray(frame: pd.DataFrame, columns: dict[str, Column], undated: bool, plan: Plan) -> pd.Series:
    # a total, a note or a second heading: most of what every person has is missing or impossible
    needed = {name: item for name, item in columns.items() if item.needed == _needed(undated)[0]}
    wrong = pd.Series(0, index=frame.index)
    for name, item in needed.items():
        faults = [mask for _, mask, _ in _faults(name, frame[name], item, undated, plan)]
        wrong += np.any(faults, axis=0) if faults else 0
    stray = wrong > len(needed) / 2
    return stray & (stray.mean() < 0.5)


def _faults(name: str, cells: pd.Series, item: Column, undated: bool, plan: Plan) -> Iterator[Fault]:
    given = cells != ""
    if item.needed == _needed(undated)[0]:
        yield "E-718", ~given, {}
    if item.kind in _NUMBERS:
        number, negative = cells.str.fullmatch(_NUMBERS[item.kind]), given & cells.str.startswith("-")
        yield "E-706" if item.kind == "day" else "E-742", given & ~number, {}
        yield "E-708" if item.outcome else "E-707", number & negative & (cells != "-0"), {}
        if item.kind == "day":
            long = pd.to_numeric(cells.where(number, "0")) > _LONGEST
            yield "E-724", long, {"most": str(_LONGEST)}
    elif item.kind == "month":
        months = _months(plan)
        wrong = given & ~(cells.str.fullmatch(MONTH.pattern) & cells.between(*months))
        yield "E-709", wrong, {"expected": "YYYY-MM, {}–{}".format(*months)}
    elif item.kind == "code":
        yield "E-709", given & ~cells.isin(item.codes), {"expected": ", ".join(item.codes)}
    else:
        yield "E-743", given & ~cells.str.fullmatch(_NAMES[name]), {}
        yield "E-721", _spelled_otherwise(cells), {}


def _spelled_otherwise(cells: pd.Series) -> pd.Series:
    # m01, M-1 and M01 are one member: all but the commonest spelling are remarked upon
    spelled = {cell: _plain(cell) for cell in cells.unique() if cell}
    counts = cells.value_counts().sort_index()
    first: dict[str, str] = {}
    for cell in sorted(spelled, key=lambda cell: (-int(counts[cell]), cell)):
        first.setdefault(spelled[cell], cell)
    return cells.isin({cell for cell, plain in spelled.items() if first[plain] != cell})


def _plain(cell: str) -> str:
    letters = unicodedata.normalize("NFKC", cell).casefold()
    return "-".join(part.lstrip("0") or "0" for part in re.findall(r"[^\W\d_]+|\d+", letters))


def _months(plan: Plan) -> tuple[str, str]:
    first, last = plan.programme_from, plan.reopened
    return f"{int(first[:4]) - _EARLIEST}{first[4:]}", f"{int(last[:4]) + _LATEST}{last[4:]}"


def _order_problems(frame: pd.DataFrame) -> list[PlatformError]:
    nothing = pd.Series(np.nan, index=frame.index)
    days = {name: frame.get(name, nothing) for name, item in cohort_columns().items() if item.kind == "day"}
    problems: list[PlatformError] = []
    for name, day in days.items():
        if name != "days_used":
            problems += _problem("E-714", frame, day > frame["follow_up_day"], column=name)
    first = frame["reported_before"] == "no"
    moved = (frame["exit_kind"] == "mmm") | days["mmm_day"].notna()
    unreported = moved & days["report_day"].isna() & first
    problems += _problem("E-716", frame, unreported, column="report_day")
    problems += _problem("E-723", frame, (days["report_day"] > days["mmm_day"]) & first, column="report_day")
    for before, after in _IN_ORDER:
        problems += _problem("E-727", frame, days[after] < days[before], column=after, other=before)
    for name in (name for name, item in cohort_columns().items() if item.entry):
        unable = days[name].notna() & (frame["access"] == "no")
        problems += _problem("E-728", frame, unable, column=name)
    return problems


def _problem(code: str, frame: pd.DataFrame, wrong: pd.Series, **fields: str) -> list[PlatformError]:
    # headings are row 1 of the file
    rows = [int(position) + 2 for position in frame.index[wrong]]
    return [ContractError(code, rows=_listed(rows), **fields)] if rows else []


def _listed(numbers: list[int]) -> str:
    shown = ", ".join(str(number) for number in numbers[:_SHOWN])
    return shown + (f" … ({len(numbers)})" if len(numbers) > _SHOWN else "")


def _letters(place: int) -> str:
    # as a spreadsheet names its columns: a heading that is not known may hold anything
    letters = ""
    while place >= 0:
        letters, place = chr(ord("A") + place % 26) + letters, place // 26 - 1
    return letters
