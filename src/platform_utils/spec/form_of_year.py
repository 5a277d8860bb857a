"""How the form of a year asks persons' questions, where it asks fewer of them than the codebook has.

Enters: ``resources/forms/<first year>.csv``. Leaves: questions by column, in the order of the form. Years
before the first file have every question of the codebook, each under its own heading.
"""

from __future__ import annotations

import csv
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from types import MappingProxyType
from typing import Literal

from platform_utils.paths import resource
from platform_utils.spec.entries import Labelled, Text, require_known
from platform_utils.spec.text import normalise_text

GRAIN = "case"
"""The sheet that such a form shortens."""

_MUST = ("prefilled", "must", "may")
_ASKED_OF = ("all", "direct", "labour")


@dataclass(frozen=True)
class Question(Labelled):
    """One visible column.

    Attributes
    ----------
    theme : str
        Group of questions, among the themes of the form.
    sv, en : str
        Its heading.
    must : {"prefilled", "must", "may"}
    asked_of : {"all", "direct", "labour"}
        Everybody, the directly exploited, those of them who were exploited for labour.
    how : Text
        How to answer.
    example : str
        Code or number in the example row; empty for an empty cell.
    """

    column: str
    theme: str
    sv: str
    en: str
    must: Literal["prefilled", "must", "may"]
    asked_of: Literal["all", "direct", "labour"]
    how: Text
    example: str


@cache
def form_of(year: int) -> Mapping[str, Question]:
    """Return the visible questions of the form of a year, none for years that show them all.

    Raises
    ------
    SettingsError
        E-010 for a word that the file's columns do not know.
    """
    files = {int(path.stem): path for path in resource("forms").iterdir()}
    first = max((one for one in files if one <= year), default=None)
    if first is None:
        return MappingProxyType({})
    with files[first].open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    for row in rows:
        require_known([row["must"]], _MUST, files[first].name, row["column"])
        require_known([row["asked_of"]], _ASKED_OF, files[first].name, row["column"])
    return MappingProxyType({row["column"]: _question(row) for row in rows})


def _question(row: Mapping[str, str]) -> Question:
    how = Text(row["help_sv"], row["help_en"])
    same = {name: row[name] for name in ("column", "theme", "sv", "en", "must", "asked_of", "example")}
    return Question(**same, how=how)  # type: ignore[arg-type]


@cache
def headings_of(year: int) -> Mapping[str, str]:
    """Return the column of each heading that the form of a year has, normalised, in both languages."""
    asked = form_of(year).values()
    return {normalise_text(text): one.column for one in asked for text in (one.sv, one.en)}
