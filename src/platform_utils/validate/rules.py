"""What must agree between rows, and what is closed where the form's rules have spoken.

Enters: judged sheets. Leaves: findings of `form`'s rules and of repeated persons; dependent columns set so
that their denominator is honest; older columns filled from the questions that have replaced them.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from platform_utils.form import Answers, rules_of
from platform_utils.spec import codebook, grains
from platform_utils.spec.codebook import SPECIAL_CODES
from platform_utils.spec.form_columns import replaced
from platform_utils.spec.form_of_year import GRAIN, form_of
from platform_utils.validate.judge import grain_columns
from platform_utils.validate.repeats import check_repeats
from platform_utils.validate.sheet import Sheet
from platform_utils.validate.spellings import check_spellings
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
        for main, code in variable.asked_if.items():
            _close(sheet, column, ~sheet.is_code(main, code))
        if variable.name == "labour_branch":
            _close(sheet, column, ~sheet.is_code("form__labour", "yes"))
        if variable.name == "children_situation":
            _close(sheet, column, sheet.is_answered("children_count") & (sheet.number("children_count") == 0))
        if variable.name == "case_id":
            several = sheet.is_answered("person_count") & (sheet.number("person_count") > 1)
            _close(sheet, column, ~several & sheet.is_code(column, "blank", "unknown"))


def _close(sheet: Sheet, column: str, closed: np.ndarray) -> None:
    sheet.put(column, closed, "not_asked")
