"""Which columns the form of a year has, and which older ones its questions answer for.

Enters: the codebook and the year's questions. Leaves: columns, and what answers say to columns that they have
replaced, so that a series goes on where a question was put together with another one.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache

from platform_utils.spec.codebook import Code, Variable, load
from platform_utils.spec.form_of_year import GRAIN, form_of


@cache
def replaced(year: int) -> Mapping[str, Mapping[str, Mapping[str, str]]]:
    """Return, for each older column of persons that questions of the year answer, what their answers say.

    Returns
    -------
    mapping of column to mapping of asking column to mapping of code to what it gives
    """
    book = load()
    found: dict[str, dict[str, dict[str, str]]] = {}
    for variable in book.of_grain(GRAIN, year):
        for code in book.codes(variable, year):
            gives = {f"{variable.picks}__{code.code}": "yes"} if variable.picks else code.gives
            for column, answer in gives.items():
                found.setdefault(column, {}).setdefault(variable.name, {})[code.code] = answer
    return found


@cache
def form_columns(grain: str, year: int) -> Mapping[str, tuple[Variable, Code | None]]:
    """Return the columns that the form of a year has: those asked, less those whose question is replaced.

    Columns of a multi-select question and numbers stay: the new question names but one answer.
    """
    gone = replaced(year) if grain == GRAIN else {}
    return {
        column: (variable, code)
        for column, (variable, code) in load().grain_columns(grain, year).items()
        if column not in gone or code is not None or variable.is_number
    }


def is_must(variable: Variable, year: int) -> bool:
    """Say whether a sheet of the year without the question is held."""
    asked = form_of(year) if variable.grain == GRAIN else {}
    return asked[variable.name].must == "must" if variable.name in asked else variable.must and not asked


def offered(name: str, year: int) -> tuple[Code, ...]:
    """Return the codes of a list as the drop-downs of a year show them: since 2026 the common ones first."""
    book = load()
    codes = [code for code in book.lists[name] if code.is_listed(year)]
    first = book.common.get(name, ()) if form_of(year) else ()
    rank = {code: place for place, code in enumerate(first)}
    return tuple(sorted(codes, key=lambda one: rank.get(one.code, len(rank))))
