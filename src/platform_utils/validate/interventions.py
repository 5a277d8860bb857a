"""What must agree between the sheets of one return: interventions and persons, rows and totals.

Enters: the judged sheets. Leaves: findings.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from platform_utils.validate.sheet import Sheet

__all__ = ["check_across_sheets"]


def check_across_sheets(sheets: Mapping[str, Sheet]) -> None:
    """Compare sheets with each other.

    Parameters
    ----------
    sheets : mapping of grain to Sheet
        Findings are added to them.
    """
    if "programme" in sheets:
        _check_programme(sheets["programme"], sheets.get("case"))
    if "organisation" in sheets:
        organisation = sheets["organisation"]
        organisation.report("E-220", np.arange(len(organisation)) > 0)
    if "total" in sheets and len(sheets.get("case", ())):
        total = sheets["total"]
        total.report("W-238", np.ones(len(total), bool))


def _check_programme(programme: Sheet, case: Sheet | None) -> None:
    used, granted = programme.is_answered("days_used"), programme.is_answered("days_granted")
    more = programme.number("days_used") > programme.number("days_granted")
    programme.report("W-240", used & granted & more, "days_used")
    identifiers = programme.columns["person_code"].identifiers
    if case is None or not len(case) or identifiers is None:
        return
    persons = case.columns["person_code"].identifiers
    known = {text.casefold() for text in persons} if persons is not None else set()
    folded = [text.casefold() for text in identifiers]
    missing = programme.is_answered("person_code") & np.array([text not in known for text in folded], bool)
    programme.report("E-218", missing & ~programme.is_code("beneficiary", "child_abroad"), "person_code")
    if persons is not None:
        without = {text.casefold() for text in persons[case.is_code("nsp", "no")]}
        contradicts = np.array([text in without for text in folded], bool)
        programme.report(
            "W-239", contradicts & ~programme.is_code("beneficiary", "child_abroad"), "person_code"
        )
