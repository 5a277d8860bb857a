"""What must agree between answers and rows, and what is closed where the form's rules have spoken.

Enters: judged sheets. Leaves: findings of `form`'s rules, of spellings that say two things and of repeated
persons; dependent columns set so that their denominator is honest; older columns filled from the questions
that have replaced them.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from platform_utils.form import Answers, rules_of
from platform_utils.spec import codebook, grains
from platform_utils.spec.codebook import SPECIAL_CODES
from platform_utils.spec.form_columns import replaced
from platform_utils.spec.form_of_year import GRAIN, form_of
from platform_utils.spec.text import clean_text, normalise_text
from platform_utils.validate.judge import grain_columns
from platform_utils.validate.sheet import FAULTY, Sheet
from platform_utils.validate.totals import check_totals

_CONTRADICT = {"W-235": "origin_country"}
"""Rules whose two answers contradict each other, and neither is counted; and the column of the other one."""


def check_rules(sheets: Mapping[str, Sheet]) -> None:
    """Compare answers with each other; findings are added to the sheets of a return, by grain."""
    case = sheets.get(GRAIN)
    if case is not None:
        check_spellings(case)
    for grain, sheet in sheets.items():
        answers = Answers(sheets, grain, sheet.year)
        for rule in rules_of(sheet.year):
            if rule.grain != grain or rule.is_judged:
                continue
            for column, broken in rule.checks:
                held = (
                    {"holds": "answer", "beside": _CONTRADICT[rule.code]} if rule.code in _CONTRADICT else {}
                )
                sheet.report(rule.code, broken.holds(answers), column, **rule.fields, **held)
    if case is not None:
        _read_through(case)
        _close_unasked(case)
    for sheet in sheets.values():
        _settle_dependents(sheet)
    if case is not None:
        check_repeats(case)
    for name, sheet in sheets.items():
        if grains.load()[name].unit == "group" and not (case is not None and len(case)):
            check_totals(sheet, grains.load()[name])


def _read_through(sheet: Sheet) -> None:
    """Fill older columns from the questions that have replaced them, where nothing stands there itself.

    What a pick of a multi-select question does not name is "no"; of an optional one it is left open.
    """
    book, rows = codebook.load(), len(sheet)
    for column, through in replaced(sheet.year).items():
        open_ = sheet.is_code(column, "blank", "not_asked")
        said = np.full(rows, "", object)
        for asking in through:
            variable = book.grain_columns(GRAIN)[asking][0]
            if variable.picks and not variable.optional:
                said[sheet.is_answered(asking)] = "no"
            for special in SPECIAL_CODES if not variable.optional else ():
                said[sheet.is_code(asking, special)] = special
        for asking, gives in through.items():
            for code, answer in gives.items():
                said[sheet.is_code(asking, code)] = answer
        for answer in {one for one in said[open_].tolist() if one and one != "not_asked"}:
            at = open_ & (said == answer)
            if answer in ("all", "none"):
                sheet.put_number(column, at, "children_count", 1 if answer == "all" else 0)
            else:
                sheet.put(column, at, answer)


def _close_unasked(sheet: Sheet) -> None:
    """Close what the form of the year asks only of the directly exploited, where the others left it empty."""
    others = sheet.is_answered("role") & ~sheet.is_code("role", "direct")
    asked = [one.column for one in form_of(sheet.year).values() if one.asked_of != "all"]
    through = replaced(sheet.year) if asked else {}
    for column in (*asked, *through):
        sheet.put(column, others & sheet.is_code(column, "blank"), "not_asked")


def _settle_dependents(sheet: Sheet) -> None:
    """Close dependent questions where the answer that they depend on means that they were not asked."""
    for column, (variable, _) in grain_columns(sheet.grain).items():
        if not sheet.has(column) and sheet.is_code(column, "not_asked").all():
            continue
        for main, code in (*variable.asked_if.items(), *variable.open_if.items()):
            _close(sheet, column, ~sheet.is_code(main, code))
        if number := variable.none_if:
            _close(sheet, column, sheet.is_answered(number) & (sheet.number(number) == 0))
        if variable.name == "case_id":
            several = sheet.is_answered("person_count") & (sheet.number("person_count") > 1)
            _close(sheet, column, ~several & sheet.is_code(column, "blank", "unknown"))


def _close(sheet: Sheet, column: str, closed: np.ndarray) -> None:
    sheet.put(column, closed, "not_asked")


_ONLY_CHILD = ("barn", "child")
"""A role that does not say whether it is an exploited person's child or an exploited child."""
_WORDS = frozenset({"NA", "NO", "SE", "SV", "VE", "IN", "IS"})
"""Two letters that are a country's and a word's: not applicable, no, see, Swedish, not known."""


def check_spellings(sheet: Sheet) -> None:
    """Find a role "child" of somebody who is exploited, and two letters that may be no country."""
    _check_role(sheet)
    for name, column in sheet.columns.items():
        if column.variable.codes == "country":
            _check_countries(sheet, name)


def _check_role(sheet: Sheet) -> None:
    column = sheet.columns["role"]
    only = [at for at, text in enumerate(column.texts) if normalise_text(text) in _ONLY_CHILD]
    forms = [sheet.is_code(name, "yes") for name in sheet.columns if name.startswith("form__")]
    exploited = np.logical_or.reduce(forms)
    sheet.report("E-236", np.isin(column.positions, only) & exploited, "role")


def _check_countries(sheet: Sheet, name: str) -> None:
    """Doubt two letters unless the column's other answers are codes of countries, written as those."""
    column = sheet.columns[name]
    answered = np.unique(column.positions[sheet.is_answered(name)]).tolist()
    texts = {at: clean_text(column.texts[at]) for at in answered}
    short = {at for at, text in texts.items() if len(text) == 2}
    is_coded = short == set(texts) and all(text.isupper() for text in texts.values())
    if not is_coded or _WORDS.issuperset(texts.values()):
        doubted = np.isin(column.positions, list(short))
        sheet.report_unreadable("E-203", doubted, name, year=sheet.year)
        column.codes[doubted] = FAULTY


_MOST_CODES = 10


def check_repeats(sheet: Sheet) -> None:
    """Find person codes that stand more than once, and sheets that are perhaps another member's."""
    _check_series(sheet)
    named = np.flatnonzero(sheet.is_answered("person_code"))
    codes = pd.Series(sheet.identifiers("person_code")[named], dtype="str")
    repeated = codes.duplicated(keep=False).to_numpy()
    if not repeated.any():
        return
    rows, keys = named[repeated], pd.factorize(codes[repeated])[0]
    differs = np.zeros(keys.max() + 1, bool)
    for column in sheet.columns.values():
        values = column.numbers if column.identifiers is None else pd.factorize(column.identifiers)[0]
        for each in (column.codes, values):
            if each is not None and column.variable.name != "person_code":
                differs |= _differ(keys, each[rows].astype(np.int64), len(differs))
    for code, which in (("E-216", differs), ("E-235", ~differs)):
        found = np.zeros(len(sheet), bool)
        found[rows] = which[keys]
        sheet.report(code, found, "person_code", places=_pairs(sheet, rows, np.where(which[keys], keys, -1)))


def _differ(keys: np.ndarray, answers: np.ndarray, groups: int) -> np.ndarray:
    """Return, per group, whether two answers differ."""
    largest = np.full(groups, np.iinfo(np.int64).min)
    smallest = np.full(groups, np.iinfo(np.int64).max)
    np.maximum.at(largest, keys, answers)
    np.minimum.at(smallest, keys, answers)
    return smallest < largest


def _pairs(sheet: Sheet, rows: np.ndarray, keys: np.ndarray) -> str:
    """Return which rows have the same code, ``"5, 9; 6, 10"``, of as many codes as a message can name."""
    met = [key for key in dict.fromkeys(keys.tolist()) if key >= 0]
    everyone = np.arange(len(sheet))
    named = (sheet.places(np.isin(everyone, rows[keys == key])) for key in met[:_MOST_CODES])
    return "; ".join(named) + (" …" if len(met) > _MOST_CODES else "")


def _check_series(sheet: Sheet) -> None:
    """Find sheets of persons whose codes are of another series than the first's: perhaps not one member's.

    A series is what stands before the digits. Sheets that go on with the same series are one list.
    """
    names = sheet.raw["sheet"].astype("str").to_numpy()
    if len(set(names)) < 2:
        return
    codes = sheet.identifiers("person_code")
    of_sheet: dict[str, set[str]] = {}
    for name, code in zip(names.tolist(), codes.tolist(), strict=True):
        of_sheet.setdefault(name, set()).add(code.rstrip("0123456789").rstrip(" -"))
    first, *others = of_sheet
    strange = [name for name in others if of_sheet[name].isdisjoint(of_sheet[first])]
    said = ", ".join(of_sheet)
    if strange:
        sheet.report("E-237", np.isin(names, [first, *strange]), "person_code", sheets=said)
    else:
        sheet.report("W-246", np.ones(len(sheet), bool), "person_code", sheets=said)
