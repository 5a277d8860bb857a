"""Questions that only some persons are asked: ``not_asked`` exactly where their condition does not hold.

Enters: a judged sheet. Leaves: findings, and dependent columns set so that their denominator is honest.
"""

from __future__ import annotations

import numpy as np

from platform_utils.validate.judge import grain_columns
from platform_utils.validate.sheet import FAULTY, Sheet

__all__ = ["settle_dependents"]


def settle_dependents(sheet: Sheet) -> None:
    """Compare dependent answers with the answers they depend on, and close those that were not asked.

    An answer where the main question was answered otherwise is a contradiction (E-211). Where the main
    question has no answer, the dependent one cannot be counted: it passes with a warning (W-230; W-233 for
    the branch of labour exploitation). In both cases the dependent cell becomes ``not_asked``.

    Parameters
    ----------
    sheet : Sheet
        Of grain ``case``; changed in place.
    """
    for column, (variable, _) in grain_columns(sheet.grain).items():
        if not sheet.has(column):
            continue
        for main, code in variable.asked_if.items():
            holds = sheet.is_code(main, code)
            otherwise = sheet.is_answered(main) & ~holds
            _close(sheet, column, ~holds, otherwise, "W-230", main)
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
    faulty = sheet.columns[column].codes == FAULTY
    sheet.report("E-211", positive & otherwise, column, main=main)
    sheet.report(warning, positive & ~otherwise & ~_is_faulty(sheet, main), column, main=main)
    sheet.put(column, closed & ~faulty, "not_asked")


def _is_faulty(sheet: Sheet, column: str) -> np.ndarray:
    return sheet.columns[column].codes == FAULTY
