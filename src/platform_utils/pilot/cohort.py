"""The cohort file: its columns, and all that is wrong with a file at once, or a typed table.

Enters: anybody's CSV, one row per person, in any of the separators and encodings that returns come in. Days
are whole numbers counted from the person's time zero; only the month of first contact is a date. Leaves: a
checked table. Errors name column and row numbers as a spreadsheet shows them, never a cell's content.
"""

from __future__ import annotations

import csv
import re
import unicodedata
from io import StringIO
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pandas as pd

from platform_utils.errors import ContractError, FileError, PlatformError
from platform_utils.guard.identity import find_identity
from platform_utils.pilot.plan import MONTH, Plan
from platform_utils.spec.encoding import find_encoding

__all__ = [
    "COLUMNS",
    "Column",
    "check_cohort",
    "find_identities",
    "find_problems",
    "has_no_dates",
    "read_cohort",
]

_YES_NO = ("yes", "no")
_YES_NO_UNKNOWN = ("yes", "no", "unknown")
_ENDS = ("in_contact", "left", "refused", "planned", "transfer", "return", "deportation", "mmm")
_NUMBERS = {"day": r"-?[0-9]{1,9}", "number": r"-?[0-9]{1,9}(\.[0-9]+)?"}
_SHOWN, _SEPARATORS = 10, ";,\t|"
_LONGEST = 3650
"""Days: whoever is followed for more than ten years is a slip of the keyboard."""
_EARLIEST, _LATEST = 15, 25
"""Years before the programme and after its reopening in which a first contact can be."""
_NAMES = ("person_id", "member_id", "region")
_ENTRY = ("application_day", "confirmation_day", "start_day", "end_day")
_IN_ORDER = (("application_day", "confirmation_day"), ("start_day", "end_day"))
_WITHOUT_DAYS = ("reported", "lost")


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
        CSV with headings in the first row; comma, semicolon, tab or bar; UTF-8, UTF-16 or Windows-1252.

    Raises
    ------
    FileError
        E-704 if the file cannot be read as such, or holds no rows.
    ContractError
        E-717 for a heading that occurs twice, E-719 for rows with more or fewer cells than headings.
    """
    # with its folders: there is more than one place for such a file
    shown = Path(*path.parts[-4:]).as_posix()
    try:
        encoding = find_encoding(path, path.name)
        text = path.read_text(encoding="utf-8-sig" if encoding.startswith("utf-8") else encoding)
        known = {item.name for item in COLUMNS}
        head = text.lstrip("\ufeff").splitlines()[0]
        # the one that gives most of the headings that are known; else the commonest
        separator = max(
            _SEPARATORS,
            key=lambda sign: (
                len(known & {c.strip().strip('"') for c in head.split(sign)}),
                head.count(sign),
            ),
        )
        lines = csv.reader(StringIO(text.lstrip("\ufeff"), newline=""), delimiter=separator, strict=True)
        heading, *body = [[cell.strip() for cell in line] for line in lines]
    except (OSError, UnicodeError, csv.Error, IndexError, ValueError, FileError) as error:
        raise FileError("E-704", file=shown) from error
    while heading and not heading[-1] and not any(any(line[len(heading) - 1 :]) for line in body):
        # separators after the last cell, as spreadsheets leave them
        heading = heading[:-1]
        body = [line[: len(heading)] for line in body]
    used = [number for number, line in enumerate(body) if any(line)]
    if not used:
        raise FileError("E-704", file=shown)
    twice = [place for place, name in enumerate(heading) if heading.count(name) > 1]
    if twice:
        raise ContractError("E-717", columns=", ".join(map(_letters, twice)))
    uneven = [number + 2 for number in used if len(body[number]) != len(heading)]
    if uneven:
        raise ContractError("E-719", rows=_listed(uneven), cells=len(heading))
    return pd.DataFrame([body[number] for number in used], index=used, columns=heading, dtype="str")


def has_no_dates(frame: pd.DataFrame) -> bool:
    """Return True when the file says whether, but not when: yes/no outcomes and no days."""
    days = {"report_day", "last_contact_day"}
    return days.isdisjoint(frame.columns) and {"reported", "lost"} <= set(frame.columns)


def find_identities(frame: pd.DataFrame) -> list[PlatformError]:
    """Return E-726 for every column in which a cell would name a person."""
    problems = []
    for name, cells in frame.items():
        named = {cell for cell in cells.unique() if find_identity(cell) is not None}
        problems += _problem("E-726", frame, cells.isin(named), column=str(name))
    return problems


def find_problems(frame: pd.DataFrame, plan: Plan) -> list[PlatformError]:
    """Return everything that keeps a file from `read_cohort` from being used, most basic first.

    E-705 missing columns; E-725 unknown ones; E-726 what names a person; E-706 days that are not whole
    numbers (dates as text); E-707 negative times; E-708 outcomes before time zero; E-709 unknown codes and
    months; E-712 identical rows; E-715 a person twice; E-718 empty cells; E-721 one name spelled in several
    ways; E-724 days beyond ten years. If there is none of these: E-714 days after the end of follow-up; E-716
    MMM without a report; E-723 a report dated after the move to MMM; E-727 other days in the wrong order;
    E-728 entry without access.
    """
    wanted = [item.name for item in COLUMNS if item.required] + list(plan.covariates)
    missing = [name for name in wanted if name not in frame]
    if missing:
        return [ContractError("E-705", columns=", ".join(missing))]
    known = {item.name for item in COLUMNS} | set(plan.covariates) | set(_WITHOUT_DAYS)
    unknown = [place for place, name in enumerate(frame.columns) if name not in known]
    problems: list[PlatformError] = []
    if unknown:
        problems.append(ContractError("E-725", columns=", ".join(map(_letters, unknown))))
    problems += find_identities(frame)
    months = _months(plan)
    problems += [
        found for item in COLUMNS if item.name in frame for found in _cell_problems(frame, item, months)
    ]
    texts = [item.name for item in COLUMNS if item.kind == "text"]
    for name in dict.fromkeys([*(name for name in texts if name in frame), *plan.covariates]):
        otherwise = _spelled_otherwise(frame[name], name in _NAMES)
        problems += _problem("E-721", frame, otherwise, column=name)
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


def _spelled_otherwise(cells: pd.Series, is_name: bool) -> pd.Series:
    # m01, M-1 and M01 are one member: all but the commonest spelling are remarked upon
    spelled = {cell: _plain(cell, is_name) for cell in cells.unique() if cell}
    counts = cells.value_counts().sort_index()
    first: dict[str, str] = {}
    for cell in sorted(spelled, key=lambda cell: (-int(counts[cell]), cell)):
        first.setdefault(spelled[cell], cell)
    return cells.isin({cell for cell, plain in spelled.items() if first[plain] != cell})


def _plain(cell: str, is_name: bool) -> str:
    letters = unicodedata.normalize("NFKC", cell).casefold()
    if not is_name:
        # signs count in codes: <18 is not 18
        return " ".join(letters.split())
    return "-".join(part.lstrip("0") or "0" for part in re.findall(r"[^\W\d_]+|\d+", letters))


def _months(plan: Plan) -> tuple[str, str]:
    first, last = plan.programme_from, plan.reopened
    return f"{int(first[:4]) - _EARLIEST}{first[4:]}", f"{int(last[:4]) + _LATEST}{last[4:]}"


def _cell_problems(frame: pd.DataFrame, item: Column, months: tuple[str, str]) -> list[PlatformError]:
    name, cells = item.name, frame[item.name]
    given = cells != ""
    problems = _problem("E-718", frame, ~given & item.filled, column=name)
    match item.kind:
        case "day" | "number":
            number = cells.str.fullmatch(_NUMBERS[item.kind])
            negative = given & cells.str.startswith("-") & (cells != "-0")
            code = "E-708" if item.outcome else "E-707"
            problems += _problem("E-706", frame, given & ~number, column=name) or _problem(
                code, frame, negative, column=name
            )
            if item.kind == "day":
                long = pd.to_numeric(cells.where(number, "0")) > _LONGEST
                problems += _problem("E-724", frame, long, column=name, most=str(_LONGEST))
        case "month":
            wrong = given & ~(cells.str.fullmatch(MONTH.pattern) & cells.between(*months))
            expected = "YYYY-MM, {}–{}".format(*months)
            problems += _problem("E-709", frame, wrong, column=name, expected=expected)
        case "code":
            expected = ", ".join(item.codes)
            problems += _problem(
                "E-709", frame, given & ~cells.isin(item.codes), column=name, expected=expected
            )
    return problems


def _order_problems(frame: pd.DataFrame) -> list[PlatformError]:
    nothing = pd.Series(np.nan, index=frame.index)
    days = {item.name: frame.get(item.name, nothing) for item in COLUMNS if item.kind == "day"}
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
    for name in _ENTRY:
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
