"""What must agree within one person's row.

Enters: a judged sheet of persons. Leaves: findings. Contradictions are held; the rest are warnings.
"""

from __future__ import annotations

import numpy as np

from platform_utils.spec import codebook
from platform_utils.spec.codebook import Codebook, Variable
from platform_utils.validate.sheet import Sheet

__all__ = ["check_persons"]

_BANDS = {
    "0_5": (0, 5), "6_12": (6, 12), "13_15": (13, 15), "16_17": (16, 17), "under_18": (0, 17),
    "18_26": (18, 26), "27_35": (27, 35), "36_50": (36, 50), "51_plus": (51, 200), "adult": (18, 200),
}  # fmt: skip
_PLACES = ("children_with_person", "children_home_country", "children_in_care", "children_elsewhere")


def check_persons(sheet: Sheet) -> None:
    """Compare the answers of each person's row with each other.

    Parameters
    ----------
    sheet : Sheet
        Of grain ``case``; findings are added to it.
    """
    _check_age(sheet)
    _check_quarter(sheet)
    _check_origin(sheet, codebook.load())
    _check_children(sheet)
    granted = sheet.is_code("reflection_period_granted", "yes")
    sheet.report(
        "E-213", granted & sheet.is_code("reflection_period_applied", "no"), "reflection_period_granted"
    )
    _check_mass_case(sheet)


def _check_age(sheet: Sheet) -> None:
    given, years = sheet.is_answered("age_years"), sheet.number("age_years")
    agrees = np.zeros(len(sheet), bool)
    for band, (low, high) in _BANDS.items():
        agrees |= sheet.is_code("age_band", band) & (years >= low) & (years <= high)
    sheet.report("E-210", given & sheet.is_answered("age_band") & ~agrees, "age_years")


def _check_quarter(sheet: Sheet) -> None:
    given, month = sheet.is_answered("first_contact_month"), sheet.number("first_contact_month")
    agrees = sheet.is_code("first_contact_quarter", "earlier")
    for quarter in (1, 2, 3, 4):
        agrees |= sheet.is_code("first_contact_quarter", f"q{quarter}") & ((month + 2) // 3 == quarter)
    sheet.report("E-221", given & sheet.is_answered("first_contact_quarter") & ~agrees, "first_contact_month")


def _check_origin(sheet: Sheet, book: Codebook) -> None:
    """EU membership is that of the year, so the country decides and the group follows."""
    country, group = sheet.columns["origin_country"], sheet.columns["origin_group"]
    variable = book.variable("origin_country")
    if not isinstance(variable, Variable) or not sheet.is_answered("origin_country").any():
        return
    parents = {code.code: code.parent_in(sheet.year) for code in book.codes(variable)}
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


def _check_mass_case(sheet: Sheet) -> None:
    if not sheet.has("case_id"):
        return
    case = sheet.columns["case_id"]
    several = sheet.is_answered("person_count") & (sheet.number("person_count") > 1)
    named = sheet.is_answered("case_id")
    sheet.report("E-214", several & sheet.is_code("case_id", "blank", "unknown"), "case_id")
    sheet.report("W-237", ~several & named, "case_id")
    sheet.put("case_id", ~several & sheet.is_code("case_id", "blank", "unknown"), "not_asked")
    if case.identifiers is not None and several.any():
        mass = {text.casefold() for text in case.identifiers[several & named]}
        same = named & np.array([text.casefold() in mass for text in case.identifiers], bool)
        folded = np.array([text.casefold() for text in case.identifiers], object)
        _, inverse, times = np.unique(folded[same], return_inverse=True, return_counts=True)
        repeated = np.zeros(len(sheet), bool)
        repeated[np.flatnonzero(same)] = times[inverse] > 1
        sheet.report("E-215", repeated, "case_id")
