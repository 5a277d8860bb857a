"""The cohort file: its columns, and all that is wrong with a file at once, or a typed table.

Enters: anybody's CSV, one row per person. Days are whole numbers counted from the person's time zero; only
the month of first contact is a date. Leaves: a checked table. Errors name column and row numbers as a
spreadsheet shows them, never a cell's content.
"""

from __future__ import annotations

import csv
from io import StringIO
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pandas as pd

from platform_utils.errors import ContractError, FileError, PlatformError
from platform_utils.pilot.plan import MONTH, Plan

__all__ = ["COLUMNS", "Column", "check_cohort", "find_problems", "has_no_dates", "read_cohort"]

_YES_NO = ("yes", "no")
_YES_NO_UNKNOWN = ("yes", "no", "unknown")
_ENDS = ("in_contact", "left", "refused", "planned", "transfer", "return", "deportation", "mmm")
_NUMBERS = {"day": r"-?\d{1,7}", "number": r"-?\d{1,9}(\.\d+)?"}
_SHOWN = 10


class Column(NamedTuple):
    """One column of the cohort file.

    Attributes
    ----------
    kind : {"text", "code", "day", "month", "number"}
        ``day`` is a whole number of days from time zero.
    codes : tuple of str
        Allowed values of a ``code``.
    required : bool
        The file is refused without it.
    filled : bool
        Every row must have a value.
    outcome : bool
        A day that must not lie before time zero.
    """

    name: str
    kind: str
    codes: tuple[str, ...] = ()
    required: bool = False
    filled: bool = False
    outcome: bool = False


COLUMNS = (
    Column("person_id", "text", required=True, filled=True),
    Column("member_id", "text", required=True, filled=True),
    Column("region", "text", required=True, filled=True),
    Column("first_contact_month", "month", required=True, filled=True),
    Column("time_zero_kind", "code", ("eligibility", "application", "first_contact"), True, True),
    Column("programme_at_zero", "code", ("none", "mmm"), True, True),
    Column("access", "code", _YES_NO, True, True),
    Column("follow_up_day", "day", required=True, filled=True),
    Column("application_day", "day", required=True),
    Column("confirmation_day", "day"),
    Column("start_day", "day"),
    Column("end_day", "day"),
    Column("days_used", "day"),
    Column("rule_version", "text"),
    Column("reported_before", "code", _YES_NO, True, True),
    Column("report_day", "day", required=True, outcome=True),
    Column("report_heading", "code", ("trafficking", "human_exploitation", "other", "unknown")),
    Column("reporter", "code", ("person", "member", "authority", "other", "unknown")),
    Column("mmm_day", "day", outcome=True),
    Column("mmm_refusal", "text"),
    Column("reflection_applied", "code", _YES_NO_UNKNOWN),
    Column("reflection_granted_day", "day"),
    Column("exit_kind", "code", _ENDS, True, True),
    Column("last_contact_day", "day", required=True, filled=True, outcome=True),
    Column("contact_source", "code", ("member_log", "funded_days")),
    Column("recontact_report", "code", _YES_NO),
    Column("refusal_reason", "code", ("none", "budget", "space", "need", "unknown")),
    Column("identified_by", "text"),
    Column("role", "text"),
    Column("sex", "text"),
    Column("age_band", "text"),
    Column("origin_group", "text"),
    Column("form", "text"),
    Column("place", "text"),
    Column("asylum", "code", _YES_NO_UNKNOWN),
    Column("dublin", "code", _YES_NO_UNKNOWN),
    Column("children_count", "number"),
    Column("children_location", "text"),
    Column("threat", "code", _YES_NO_UNKNOWN),
    Column("sek_granted", "number"),
    Column("sek_used", "number"),
)


def read_cohort(path: Path) -> pd.DataFrame:
    """Read a cohort file as stripped text, one row per person, without judging it.

    Parameters
    ----------
    path : Path
        CSV, UTF-8, comma or semicolon, headings in the first row.

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
    days = {"report_day", "last_contact_day"}
    return days.isdisjoint(frame.columns) and {"reported", "lost"} <= set(frame.columns)


def find_problems(frame: pd.DataFrame, plan: Plan) -> list[PlatformError]:
    """Return everything that keeps a file from `read_cohort` from being used, most basic first.

    E-705 missing columns; E-706 days that are not whole numbers (dates as text); E-707 negative times;
    E-708 outcomes before time zero; E-709 unknown codes; E-712 identical rows; E-715 a person twice;
    E-714 days after the end of follow-up; E-716 MMM without a report; E-718 empty cells;
    E-723 a report dated after the move to MMM.
    """
    wanted = [item.name for item in COLUMNS if item.required] + list(plan.covariates)
    missing = [name for name in wanted if name not in frame]
    if missing:
        return [ContractError("E-705", columns=", ".join(missing))]
    problems = [problem for item in COLUMNS if item.name in frame for problem in _cell_problems(frame, item)]
    same = frame.duplicated(keep=False)
    twice = frame["person_id"].duplicated(keep=False) & (frame["person_id"] != "")
    # identical rows repeat their person as well: said once
    problems += _problem("E-712", frame, same) or _problem("E-715", frame, twice)
    return problems or _order_problems(_typed(frame))


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


def _typed(frame: pd.DataFrame) -> pd.DataFrame:
    numbers = [item.name for item in COLUMNS if item.kind in _NUMBERS and item.name in frame]
    return frame.assign(
        **{name: pd.to_numeric(frame[name].replace("", np.nan)).astype(float) for name in numbers}
    )


def _cell_problems(frame: pd.DataFrame, item: Column) -> list[PlatformError]:
    name, cells = item.name, frame[item.name]
    given = cells != ""
    problems = _problem("E-718", frame, ~given & item.filled, column=name)
    match item.kind:
        case "day" | "number":
            no_number = given & ~cells.str.fullmatch(_NUMBERS[item.kind])
            negative = given & cells.str.startswith("-") & (cells != "-0")
            code = "E-708" if item.outcome else "E-707"
            problems += _problem("E-706", frame, no_number, column=name) or _problem(
                code, frame, negative, column=name
            )
        case "month":
            wrong = given & ~cells.str.fullmatch(MONTH.pattern)
            problems += _problem("E-709", frame, wrong, column=name, expected="YYYY-MM")
        case "code":
            expected = ", ".join(item.codes)
            problems += _problem(
                "E-709", frame, given & ~cells.isin(item.codes), column=name, expected=expected
            )
    return problems


def _order_problems(frame: pd.DataFrame) -> list[PlatformError]:
    mmm_day = frame["mmm_day"] if "mmm_day" in frame else pd.Series(np.nan, index=frame.index)
    problems: list[PlatformError] = []
    for name, day in frame[["report_day", "last_contact_day"]].assign(mmm_day=mmm_day).items():
        problems += _problem("E-714", frame, day > frame["follow_up_day"], column=str(name))
    first = frame["reported_before"] == "no"
    moved = (frame["exit_kind"] == "mmm") | mmm_day.notna()
    unreported = moved & frame["report_day"].isna() & first
    problems += _problem("E-716", frame, unreported, column="report_day")
    return problems + _problem("E-723", frame, (frame["report_day"] > mmm_day) & first, column="report_day")


def _problem(code: str, frame: pd.DataFrame, wrong: pd.Series, **fields: str) -> list[PlatformError]:
    # headings are row 1 of the file
    rows = [int(position) + 2 for position in frame.index[wrong]]
    return [ContractError(code, rows=_listed(rows), **fields)] if rows else []


def _listed(numbers: list[int]) -> str:
    shown = ", ".join(str(number) for number in numbers[:_SHOWN])
    return shown + (f" … ({len(numbers)})" if len(numbers) > _SHOWN else "")
