"""Spellings that say two things, and which of them only the other answers can tell.

Enters: the judged sheet of persons. Leaves: findings on it. Nothing is guessed: what the other answers do not
settle is not read.
"""

from __future__ import annotations

import numpy as np

from platform_utils.spec.text import clean_text, normalise_text
from platform_utils.validate.sheet import FAULTY, Sheet

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
