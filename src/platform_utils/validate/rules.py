"""What must agree: within one person's row, between rows of one person, and between the sheets of a return.

Enters: judged sheets. Leaves: findings, and dependent columns set so that their denominator is honest.
Contradictions are held, because nobody here can tell which answer is right; the rest are warnings.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from platform_utils.spec import codebook, grains
from platform_utils.spec.grains import Grain
from platform_utils.validate.judge import grain_columns
from platform_utils.validate.repeats import check_repeats
from platform_utils.validate.sheet import Sheet
from platform_utils.validate.spellings import check_spellings
from platform_utils.validate.totals import check_totals

__all__ = ["check_rules"]

_PLACES = ("children_with_person", "children_home_country", "children_in_care", "children_elsewhere")


def check_rules(sheets: Mapping[str, Sheet]) -> None:
    """Compare answers with each other; findings are added to the sheets of a return, by grain."""
    case = sheets.get("case")
    if case is not None:
        _check_age(case)
        _check_quarter(case)
        _check_origin(case)
        _check_children(case)
        _check_reflection_period(case)
        _check_mass_case(case)
        check_spellings(case)
    for sheet in sheets.values():
        _settle_dependents(sheet)
    if case is not None:
        check_repeats(case)
    for name, sheet in sheets.items():
        grain = grains.load()[name]
        if grain.one_row:
            sheet.report("E-220", np.arange(len(sheet)) > 0)
        if grain.person and case is not None and len(case):
            _check_person(sheet, grain, case)
        if grain.persons and grain.row_key and grain.unit == "group":
            if case is not None and len(case):
                sheet.report("W-238", np.ones(len(sheet), bool))
            else:
                check_totals(sheet, grain)
    if "programme" in sheets:
        _check_programme(sheets["programme"], case)


def _check_age(sheet: Sheet) -> None:
    given, years = sheet.is_answered("age_years"), sheet.number("age_years")
    agrees = np.zeros(len(sheet), bool)
    for band, (low, high) in codebook.load().ages.items():
        agrees |= sheet.is_code("age_band", band) & (years >= low) & (years <= high)
    sheet.report("E-210", given & sheet.is_answered("age_band") & ~agrees, "age_years")


def _check_quarter(sheet: Sheet) -> None:
    given, month = sheet.is_answered("first_contact_month"), sheet.number("first_contact_month")
    agrees = sheet.is_code("first_contact_quarter", "earlier")
    for quarter in (1, 2, 3, 4):
        agrees |= sheet.is_code("first_contact_quarter", f"q{quarter}") & ((month + 2) // 3 == quarter)
    sheet.report("E-221", given & sheet.is_answered("first_contact_quarter") & ~agrees, "first_contact_month")


def _check_origin(sheet: Sheet) -> None:
    """EU membership is that of the year, so the country decides and the group follows."""
    country, group = sheet.columns["origin_country"], sheet.columns["origin_group"]
    parents = {code.code: code.parent_in(sheet.year) for code in codebook.load().codes(country.variable)}
    table = [group.answers.index(parents[value]) if value in parents else -1 for value in country.answers]
    expected = np.array([*table, -1])[country.codes]
    differs = sheet.is_answered("origin_group") & (expected >= 0) & (expected != group.codes)
    sheet.report("W-235", differs, "origin_group")


def _check_children(sheet: Sheet) -> None:
    given, number = sheet.is_answered("children_count"), sheet.number("children_count")
    places = sum(sheet.number(place) for place in _PLACES)
    sheet.report("E-212", given & (places > number), "children_count")
    asked = [place for place in _PLACES if sheet.has(place)]
    all_given = np.logical_and.reduce([sheet.is_answered(place) for place in asked]) if asked else ~given
    sheet.report("W-234", given & all_given & (places < number), "children_count")
    sheet.report("W-232", given & (number > 0) & sheet.is_code("role", "child"), "children_count")


def _check_reflection_period(sheet: Sheet) -> None:
    granted = sheet.is_code("reflection_period_granted", "yes")
    denied = sheet.is_code("reflection_period_applied", "no")
    sheet.report("E-213", granted & denied, "reflection_period_granted")


def _check_mass_case(sheet: Sheet) -> None:
    if not sheet.has("case_id"):
        return
    several = sheet.is_answered("person_count") & (sheet.number("person_count") > 1)
    named = sheet.is_answered("case_id")
    sheet.report("E-214", several & sheet.is_code("case_id", "blank", "unknown"), "case_id")
    sheet.report("W-237", ~several & named, "case_id")
    sheet.put("case_id", ~several & sheet.is_code("case_id", "blank", "unknown"), "not_asked")
    ids = pd.Series(sheet.identifiers("case_id")).where(named)
    repeated = ids.isin(ids[several & named]) & ids.duplicated(keep=False)
    sheet.report("E-215", repeated.to_numpy() & named, "case_id")


def _settle_dependents(sheet: Sheet) -> None:
    """Compare dependent answers with the answers they depend on, and close those that were not asked.

    An answer where the main question was answered otherwise is a contradiction (E-211). Where the main
    question has no answer, the dependent one cannot be counted: it passes with a warning (W-230; W-233 for
    the branch of labour exploitation). In both cases the dependent cell becomes ``not_asked``.
    """
    for column, (variable, _) in grain_columns(sheet.grain).items():
        if not sheet.has(column):
            continue
        for main, code in variable.asked_if.items():
            holds = sheet.is_code(main, code)
            _close(sheet, column, ~holds, sheet.is_answered(main) & ~holds, "W-230", main)
        if variable.name == "labour_branch":
            holds = sheet.is_code("form__labour", "yes")
            _close(sheet, column, ~holds, np.zeros(len(sheet), bool), "W-233", "form__labour")
        if variable.name == "children_situation":
            childless = sheet.is_answered("children_count") & (sheet.number("children_count") == 0)
            _close(sheet, column, childless, childless, "W-230", "children_count")


def _close(
    sheet: Sheet, column: str, closed: np.ndarray, otherwise: np.ndarray, warning: str, main: str
) -> None:
    """Set ``column`` to ``not_asked`` where ``closed``, with a finding where it holds a positive answer."""
    positive = sheet.is_answered(column) & ~sheet.is_code(column, "no") & closed
    sheet.report("E-211", positive & otherwise, column, main=main)
    sheet.report(warning, positive & ~otherwise, column, main=main)
    sheet.put(column, closed, "not_asked")


def _check_person(sheet: Sheet, grain: Grain, case: Sheet) -> None:
    """Find rows for a person who does not stand on the sheet of persons."""
    known = set(case.identifiers("person_code"))
    stranger = np.array([code not in known for code in sheet.identifiers(grain.person)], bool)
    for column, code in grain.person_unless.items():
        stranger &= ~sheet.is_code(column, code)
    sheet.report("E-218", stranger & sheet.is_answered(grain.person), grain.person)


def _check_programme(programme: Sheet, case: Sheet | None) -> None:
    used, granted = programme.is_answered("days_used"), programme.is_answered("days_granted")
    more = programme.number("days_used") > programme.number("days_granted")
    programme.report("W-240", used & granted & more, "days_used")
    if case is None or not len(case):
        return
    denied = set(case.identifiers("person_code")[case.is_code("nsp", "no")])
    contradicts = np.array([code in denied for code in programme.identifiers("person_code")], bool)
    contradicts &= ~programme.is_code("beneficiary", "child_abroad")
    programme.report("W-239", contradicts, "person_code")
