"""Reading and checking a cohort file: all that is wrong with it at once, or a typed table.

Enters: anybody's CSV with the columns of ``columns``. Leaves: a checked table with one row per person.
Errors name column and row numbers as a spreadsheet shows them, never a cell's content.
"""

from __future__ import annotations

import csv
import re
from io import StringIO
from pathlib import Path

import numpy as np
import pandas as pd

from platform_utils.errors import ContractError, FileError, PlatformError
from platform_utils.pilot.columns import COLUMNS, Column
from platform_utils.pilot.plan import Plan

__all__ = ["check_cohort", "find_problems", "has_no_dates", "read_cohort"]

_MONTH = re.compile(r"\d{4}-(0[1-9]|1[0-2])")
_SHOWN = 10
_WITHOUT_DATES = ("reported", "lost")


def read_cohort(path: Path) -> pd.DataFrame:
    """Read a cohort file as text, one row per person, without judging it.

    Parameters
    ----------
    path : Path
        CSV, UTF-8, comma or semicolon, headings in the first row.

    Returns
    -------
    DataFrame, shape (n_persons, n_columns)
        Every cell as stripped text; empty cells are ``""``.

    Raises
    ------
    FileError
        E-704 if the file cannot be read as such, or holds no rows.
    ContractError
        E-717 for a heading that occurs twice, E-719 for rows with more or fewer cells than headings.
    """
    try:
        text = path.read_text(encoding="utf-8-sig")
        head = text.splitlines()[0]
        separator = ";" if head.count(";") > head.count(",") else ","
        lines = [[cell.strip() for cell in line] for line in csv.reader(StringIO(text), delimiter=separator)]
    except (OSError, UnicodeDecodeError, csv.Error, IndexError) as error:
        raise FileError("E-704", file=path.name) from error
    heading, *body = lines
    used = [number for number, line in enumerate(body) if any(line)]
    if not used:
        raise FileError("E-704", file=path.name)
    twice = sorted({name for name in heading if heading.count(name) > 1})
    if twice:
        raise ContractError("E-717", columns=", ".join(name or "–" for name in twice))
    uneven = [number + 2 for number in used if len(body[number]) != len(heading)]
    if uneven:
        raise ContractError("E-719", rows=_listed(uneven), cells=len(heading))
    return pd.DataFrame([body[number] for number in used], index=used, columns=heading, dtype="str")


def has_no_dates(frame: pd.DataFrame) -> bool:
    """Return True when the file says whether, but not when: yes/no outcomes and no days."""
    days = ("report_day", "last_contact_day")
    return all(name not in frame for name in days) and all(name in frame for name in _WITHOUT_DATES)


def find_problems(frame: pd.DataFrame, plan: Plan) -> list[PlatformError]:
    """Return everything that keeps a cohort file from being used, most basic first.

    Parameters
    ----------
    frame : DataFrame
        From `read_cohort`.
    plan : Plan
        Its covariates must be there.

    Returns
    -------
    list of PlatformError
        E-705 missing columns; E-706 days that are not whole numbers (dates as text); E-707 negative times;
        E-708 outcomes before time zero; E-709 unknown codes; E-712 identical rows; E-715 a person twice;
        E-714 days after the end of follow-up; E-716 MMM without a report; E-718 empty cells;
        E-723 a report dated after the move to MMM.
    """
    wanted = [item for item in COLUMNS if item.required]
    missing = [item.name for item in wanted if item.name not in frame]
    missing += [name for name in plan.covariates if name not in frame]
    if missing:
        return [ContractError("E-705", columns=", ".join(missing))]
    problems: list[PlatformError] = []
    for item in COLUMNS:
        if item.name in frame:
            problems += _cell_problems(frame, item)
    problems += _row_problems(frame)
    if not problems:
        problems += _order_problems(_typed(frame))
    return problems


def check_cohort(frame: pd.DataFrame, plan: Plan) -> pd.DataFrame:
    """Return the cohort with days as numbers, or raise the first problem.

    Parameters
    ----------
    frame : DataFrame
        From `read_cohort`.
    plan : Plan
        Its covariates must be there.

    Returns
    -------
    DataFrame, shape (n_persons, n_columns)
        Days and numbers as floats (``nan`` for empty), the rest as text. Index: position in the file.

    Raises
    ------
    ContractError
        The first of `find_problems`.
    """
    problems = find_problems(frame, plan)
    if problems:
        raise problems[0]
    return _typed(frame)


def _typed(frame: pd.DataFrame) -> pd.DataFrame:
    result = frame.copy()
    for item in COLUMNS:
        if item.name in result and item.kind in ("day", "number"):
            result[item.name] = pd.to_numeric(result[item.name].replace("", np.nan)).astype(float)
    return result


def _cell_problems(frame: pd.DataFrame, item: Column) -> list[PlatformError]:
    cells = frame[item.name]
    given = cells != ""
    problems: list[PlatformError] = []
    if item.filled and not given.all():
        problems.append(ContractError("E-718", column=item.name, rows=_rows(frame, ~given)))
    if item.kind in ("day", "number"):
        pattern = r"-?\d{1,7}" if item.kind == "day" else r"-?\d{1,9}(\.\d+)?"
        wrong = given & ~cells.str.fullmatch(pattern)
        if wrong.any():
            return [*problems, ContractError("E-706", column=item.name, rows=_rows(frame, wrong))]
        negative = given & cells.str.startswith("-") & (cells != "-0")
        if negative.any():
            code = "E-708" if item.outcome else "E-707"
            problems.append(ContractError(code, column=item.name, rows=_rows(frame, negative)))
    if item.kind == "month":
        wrong = given & ~cells.str.fullmatch(_MONTH.pattern)
        if wrong.any():
            problems.append(
                ContractError("E-709", column=item.name, rows=_rows(frame, wrong), expected="YYYY-MM")
            )
    if item.kind == "code":
        wrong = given & ~cells.isin(item.codes)
        if wrong.any():
            expected = ", ".join(item.codes)
            problems.append(
                ContractError("E-709", column=item.name, rows=_rows(frame, wrong), expected=expected)
            )
    return problems


def _row_problems(frame: pd.DataFrame) -> list[PlatformError]:
    same = frame.duplicated(keep=False)
    if same.any():
        return [ContractError("E-712", rows=_rows(frame, same))]
    twice = frame["person_id"].duplicated(keep=False) & (frame["person_id"] != "")
    if twice.any():
        return [ContractError("E-715", rows=_rows(frame, twice))]
    return []


def _order_problems(frame: pd.DataFrame) -> list[PlatformError]:
    problems: list[PlatformError] = []
    end = frame["follow_up_day"]
    for name in ("report_day", "last_contact_day", "mmm_day"):
        if name in frame:
            late = frame[name] > end
            if late.any():
                problems.append(ContractError("E-714", column=name, rows=_rows(frame, late)))
    moved = frame["exit_kind"] == "mmm"
    if "mmm_day" in frame:
        moved |= frame["mmm_day"].notna()
    unreported = moved & frame["report_day"].isna() & (frame["reported_before"] == "no")
    if unreported.any():
        problems.append(ContractError("E-716", column="report_day", rows=_rows(frame, unreported)))
    if "mmm_day" in frame:
        late = (frame["report_day"] > frame["mmm_day"]) & (frame["reported_before"] == "no")
        if late.any():
            problems.append(ContractError("E-723", column="report_day", rows=_rows(frame, late)))
    return problems


def _rows(frame: pd.DataFrame, mask: pd.Series) -> str:
    # headings are row 1 of the file
    return _listed([int(position) + 2 for position in frame.index[mask]])


def _listed(numbers: list[int]) -> str:
    shown = ", ".join(str(number) for number in numbers[:_SHOWN])
    return shown + (f" … ({len(numbers)})" if len(numbers) > _SHOWN else "")
