"""Judge every cell by itself: the code that it stands for, or what is wrong with it.

Enters: a raw table as text. Leaves: a ``Sheet``. What is outside the alias tables is held, not guessed.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from platform_utils.spec import codebook
from platform_utils.spec.codebook import Code, Variable
from platform_utils.spec.text import clean_text, normalise_text
from platform_utils.validate.sheet import FAULTY, MARKS, Column, Sheet, encode
from platform_utils.validate.typed_numbers import date_fault, read_number, read_quarter

_IDENTIFIER = re.compile(r"[\w][\w ./:()#+-]{0,39}")
_PLAIN = r"^[A-Za-z]{0,10}-?[0-9]{1,10}$"
"""Codes that most members write: nothing to clean, nothing to doubt."""


def read_sheet(
    grain: str,
    raw: pd.DataFrame,
    year: int,
    aliases: Mapping[tuple[str, str], str] | None = None,
    *,
    asked_by_columns: bool = False,
) -> Sheet:
    """Judge every column of a table by itself.

    Parameters
    ----------
    raw : DataFrame
        As in `Sheet`.
    aliases : mapping of (column, normalised text) to code, optional
        Spellings that corrections declare.
    asked_by_columns : bool
        Take every column that is there, whether or not the form of the year had it.
    """
    sheet = Sheet(grain, year, raw)
    for name, (variable, code) in grain_columns(grain).items():
        if name not in raw.columns:
            sheet.columns[name] = _absent(variable, name, len(raw))
            if variable.required:
                sheet.report("E-202", np.ones(len(raw), bool), name)
        elif not (asked_by_columns or variable.is_asked(year)):
            sheet.columns[name] = _unasked(sheet, name, variable)
        else:
            _judge(sheet, name, variable, code, aliases or {})
    return sheet


@cache
def grain_columns(grain: str) -> Mapping[str, tuple[Variable, Code | None]]:
    """Return every column of a sheet, whatever the year, with its variable and code, in codebook order."""
    return codebook.load().grain_columns(grain)


@cache
def values_of(grain: str, column: str) -> tuple[str, ...]:
    """Return what a checked column may hold, in codebook order, marks last."""
    book = codebook.load()
    variable = grain_columns(grain)[column][0]
    if variable.is_number or variable.kind == "text_code":
        return ("given", *MARKS)
    codes = book.lists["yes_no"] if variable.kind == "multi" else book.codes(variable)
    return (*(code.code for code in codes), *MARKS)


def _absent(variable: Variable, name: str, rows: int) -> Column:
    values = values_of(variable.grain, name)
    column = Column(
        variable, values, np.full(rows, values.index("not_asked"), np.int16), np.zeros(rows, np.int64), []
    )
    if variable.default is not None:
        column.codes[:] = 0
    if variable.is_number:
        column.numbers = np.full(rows, variable.default or 0, np.int64)
    if variable.kind == "text_code":
        column.identifiers = np.full(rows, "", object)
    return column


def _unasked(sheet: Sheet, name: str, variable: Variable) -> Column:
    column = _absent(variable, name, len(sheet))
    positions, texts = encode(sheet.raw[name])
    filled = np.array([clean_text(text) != "" for text in texts], bool)
    sheet.report("W-231", _take(filled, positions), name)
    return column


def _judge(
    sheet: Sheet, name: str, variable: Variable, code: Code | None, aliases: Mapping[tuple[str, str], str]
) -> None:
    values = values_of(sheet.grain, name)
    column = Column(variable, values, np.empty(0, np.int16), *encode(sheet.raw[name]))
    sheet.columns[name] = column
    declared = {key: value for (aimed, key), value in aliases.items() if aimed == name}
    if variable.kind == "text_code":
        _judge_identifiers(sheet, name, column)
    elif variable.is_number:
        _judge_numbers(sheet, name, column, declared)
    else:
        _judge_codes(sheet, name, column, declared)
    if code is not None and not code.is_listed(sheet.year):
        sheet.report_unreadable("E-217", column.codes == values.index("yes"), name, year=sheet.year)
        column.codes[column.codes != FAULTY] = values.index("not_asked")


def _judge_codes(sheet: Sheet, name: str, column: Column, declared: Mapping[str, str]) -> None:
    spellings, unlisted = _spellings(sheet.grain, column.variable.name, sheet.year)
    faults: dict[str, list[int]] = {}
    table = np.full(len(column.texts), FAULTY, np.int16)
    for position, text in enumerate(column.texts):
        key = normalise_text(text)
        code = "blank" if key == "" else declared.get(key) or spellings.get(key)
        if code is None and column.variable.codes == "quarter":
            code = read_quarter(text, sheet.year)
        if code is not None and code not in unlisted:
            table[position] = column.answers.index(code)
        else:
            fault = "E-217" if code is not None else date_fault(text) or "E-203"
            faults.setdefault(fault, []).append(position)
    for fault, at in sorted(faults.items()):
        fields = {} if fault == "E-206" else {"year": sheet.year}
        sheet.report_unreadable(fault, np.isin(column.positions, at), name, **fields)
    column.codes = _take(table, column.positions)


def _judge_numbers(sheet: Sheet, name: str, column: Column, declared: Mapping[str, str]) -> None:
    variable = column.variable
    must_be_known = variable.required or variable.default is not None
    numbers = np.zeros(len(column.texts), np.int64)
    table = np.zeros(len(column.texts), np.int16)
    faults: dict[str, list[int]] = {}
    for position, text in enumerate(column.texts):
        key = normalise_text(text)
        typed = declared.get(key, text)
        if key == "" or typed == "blank":
            numbers[position] = variable.default or 0
            table[position] = column.answers.index("blank") if variable.default is None else 0
        elif typed == "unknown" or key in _unknown_spellings():
            table[position] = FAULTY if must_be_known else column.answers.index("unknown")
            if must_be_known:
                faults.setdefault("E-204", []).append(position)
        else:
            number, fault = read_number(typed, variable)
            numbers[position] = number or 0
            if fault:
                table[position] = FAULTY if number is None else 0
                faults.setdefault(fault, []).append(position)
    for fault, at in sorted(faults.items()):
        limits = {"minimum": variable.minimum, "maximum": variable.maximum} if fault == "E-205" else {}
        report = sheet.report_unreadable if fault.startswith("E-") else sheet.report
        report(fault, np.isin(column.positions, at), name, **limits)
    column.codes, column.numbers = _take(table, column.positions), _take(numbers, column.positions)


def _judge_identifiers(sheet: Sheet, name: str, column: Column) -> None:
    plain = pc.match_substring_regex(pa.array(column.texts, pa.string()), _PLAIN)
    cleaned = np.array(column.texts, object)
    table = np.zeros(len(column.texts), np.int16)
    for position in np.flatnonzero(~plain.to_numpy(zero_copy_only=False)).tolist():
        text = cleaned[position] = clean_text(column.texts[position])
        if text == "":
            table[position] = column.answers.index("blank")
        elif normalise_text(text) in _unknown_spellings() and not column.variable.required:
            table[position] = column.answers.index("unknown")
        elif not _is_identifier(text, needs_digit=name == "person_code"):
            table[position] = FAULTY
    column.codes, column.identifiers = _take(table, column.positions), _take(cleaned, column.positions)
    sheet.report_unreadable("E-219", column.codes == FAULTY, name)


def _is_identifier(text: str, *, needs_digit: bool) -> bool:
    has_digit = any(letter.isdigit() for letter in text)
    return _IDENTIFIER.fullmatch(text) is not None and (has_digit or not needs_digit)


def _take(table: np.ndarray, positions: np.ndarray) -> np.ndarray:
    return table[positions] if len(table) else np.zeros(len(positions), table.dtype)


@cache
def _spellings(grain: str, name: str, year: int) -> tuple[Mapping[str, str], frozenset[str]]:
    """Return accepted spellings, and the codes that are not in the list of the year."""
    book = codebook.load()
    variable = next(variable for variable in book.of_grain(grain) if variable.name == name)
    listed = () if variable.kind == "multi" else book.codes(variable)
    return book.spellings(variable), frozenset(code.code for code in listed if not code.is_listed(year))


@cache
def _unknown_spellings() -> frozenset[str]:
    unknown = codebook.load().special["unknown"]
    return frozenset(map(normalise_text, (unknown.code, unknown.sv, unknown.en, *unknown.aliases)))
