"""Invented persons who show every code of the form: what a question is tried on before it meets a desk.

Enters: the codebook and the rules of the form, nothing that anybody has answered. Leaves: clean years. The
promise, measured by `coverage`: every code of every question of the year, and at least 95 of 100 pairs of
answers that the rules allow, at 500 persons.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import cache

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from platform_utils import clean as cleaning
from platform_utils import validate
from platform_utils.spec import codebook
from platform_utils.spec.clean import CleanYear
from platform_utils.spec.codebook import Code, Variable
from platform_utils.spec.returns import CheckedReturn, Member, RawReturn

INVENTED = "demo"
"""The source of these years: what is made from them says that it is invented."""

PERSONS = 500
_MEMBERS, _ROUNDS, _KEPT = 20, 8, 0.4
_OLDEST, _LONG_LIST = 90, 40
_FIRST_ROW = 2


@cache
def invented_year(year: int, persons: int = PERSONS, seed: int = 1) -> CleanYear:
    """Return one invented year; same arguments, same persons."""
    rng = np.random.default_rng([seed, year])
    rows = _with_every_code(_within_the_rules(_drawn(year, persons, rng), year, rng), year, rng)
    names = [f"M{n + 1:02d}" for n in range(_MEMBERS)]
    checked = _checked(rows, year, names)
    case = checked.tables["case"]
    first, *others = (
        replace(checked, member_id=name, tables={"case": case[case["member_id"] == name]}) for name in names
    )  # the first says for all what was found, and what became of the rows
    returns = [first, *(replace(o, findings=(), ledger=(), recodes=o.recodes[:0]) for o in others)]
    members = [Member(name, name) for name in names]
    return cleaning.clean_year(returns, year=year, source=INVENTED, members=members)


def coverage(year: int) -> dict[str, float]:
    """Return the shares of codes, and of pairs of codes, that the invented persons of a year have.

    Pairs that can occur are those that ten times as many persons have; questions with long lists
    (countries) have more pairs than there are persons and count with their codes only.
    """
    case, wide = invented_year(year).case, invented_year(year, 10 * PERSONS, 2).case
    asked = {name: found for name, each in _columns(year).items() if (found := _answers(*each, year))}
    shown = [np.isin(codes[:-1], case[name].astype("str")) for name, codes in asked.items()]
    short = {name: codes for name, codes in asked.items() if len(codes) < _LONG_LIST}
    possible = _together(wide, short)
    return {
        "codes": float(np.concatenate(shown).mean()),
        "pairs": float(_together(case, short)[possible].mean()),
    }


def _together(case: pd.DataFrame, asked: Mapping[str, Sequence[str]]) -> NDArray[np.bool_]:
    """Say of every two answers whether somebody has given both: a matrix over all answers."""
    each = [(case[name].astype("str") == code).to_numpy() for name, codes in asked.items() for code in codes]
    has = np.column_stack(each).astype("float32")
    return has.T @ has > 0


def _columns(year: int) -> dict[str, tuple[Variable, Code | None]]:
    return codebook.load().grain_columns("case", year)


def _answers(variable: Variable, code: Code | None, year: int) -> list[str]:
    """Return what may be answered in words, "unknown" last; nothing for numbers and identifiers."""
    if code is not None or variable.kind == "yes_no":
        return ["yes", "no", "unknown"]
    if variable.kind != "code":
        return []
    return [*(each.code for each in codebook.load().codes(variable, year)), "unknown"]


def _drawn(year: int, persons: int, rng: np.random.Generator) -> pd.DataFrame:
    """Deal each answer out as often as every other, independent of all other questions."""
    drawn: dict[str, object] = {}
    for column, (variable, code) in _columns(year).items():
        answers = _answers(variable, code, year)
        if answers:
            drawn[column] = rng.permutation(np.resize(answers, persons))
        elif variable.name == "person_code":
            drawn[column] = [f"{number + 1:04d}" for number in range(persons)]
        elif variable.is_number and variable.name != "person_count":
            most = min(variable.maximum or 0, _OLDEST)
            drawn[column] = rng.integers(variable.minimum or 0, most, persons, endpoint=True).astype(str)
        else:
            drawn[column] = np.full(persons, "1" if variable.is_number else "")
    return pd.DataFrame(drawn).astype("str")


def _within_the_rules(rows: pd.DataFrame, year: int, rng: np.random.Generator) -> pd.DataFrame:
    """Draw answers that contradict others anew, and leave them out in the last rounds, until none is left."""
    columns = _columns(year)
    for turn in range(_ROUNDS):
        contradicting: dict[str, set[int]] = {}
        for finding in _checked(rows, year).findings:
            if finding.row is not None and finding.variable:
                contradicting.setdefault(finding.variable, set()).add(finding.row - _FIRST_ROW)
        for name, places in sorted(contradicting.items()):
            where = np.array(sorted(places))
            for column in (each for each in columns if each == name or each.partition("__")[0] == name):
                answers = _answers(*columns[column], year)
                again = answers and (columns[column][0].required or turn < _ROUNDS - 2)
                kept = rng.random(len(where)) < (_KEPT if again else 0)
                values = rng.choice(answers, len(where)) if again else np.full(len(where), "")
                kept |= columns[column][0].required
                rows.loc[where.tolist(), column] = np.where(kept, values, "")
    return rows


def _with_every_code(rows: pd.DataFrame, year: int, rng: np.random.Generator) -> pd.DataFrame:
    """Let persons of further draws stand in for others, where contradictions have left a code to nobody.

    Fewer persons than the promise is for stay as they are drawn.
    """
    for _ in range(_ROUNDS if len(rows) >= PERSONS else 0):
        missing = [
            (column, code)
            for column, each in _columns(year).items()
            for code in _answers(*each, year)[:-1]
            if not rows[column].eq(code).any()
        ]
        if not missing:
            break
        more = _within_the_rules(_drawn(year, len(rows), rng), year, rng)
        for at, (column, code) in enumerate(missing):
            found = more[more[column].eq(code)].head(1).drop(columns="person_code")
            if len(found):
                rows.loc[rows.index[-1 - at], found.columns] = found.iloc[0]
    return rows


def _checked(rows: pd.DataFrame, year: int, members: Sequence[str] = ("M01",)) -> CheckedReturn:
    """Check rows that members have handed in by turns, as if they were one file."""
    turn = np.arange(len(rows))
    whose = pd.Series(members).take(turn % len(members)).reset_index(drop=True)
    table = rows.assign(
        member_id=whose, year=str(year), file=whose + ".xlsx", sheet="Personer",
        row=turn // len(members) + _FIRST_ROW,
    )  # fmt: skip
    file = f"{members[0]}.xlsx"
    return validate.check_return(RawReturn(members[0], year, file, f"{year}-sv", {"case": table}))
