"""What a rule says of the answers on a sheet: once, as a typed expression.

Enters: the codebook. Leaves: expressions, each of which gives an Excel formula over the cells of a form
(``formula``) and says in which rows of a return it holds (``holds``). A question that a later one has
replaced is read through that one, in both.
"""

from __future__ import annotations

import operator
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache, reduce
from typing import Literal

import numpy as np

from platform_utils.form.grid import list_name, quoted
from platform_utils.form.seen import Answers, Form, Mask
from platform_utils.spec.codebook import SPECIAL_CODES, load
from platform_utils.spec.form_columns import form_columns, replaced
from platform_utils.spec.form_of_year import GRAIN


class Expression:
    """Something that holds for some rows of a sheet."""

    def formula(self, form: Form) -> str:
        """Return an expression with 1 or TRUE where it holds."""
        raise NotImplementedError

    def holds(self, answers: Answers) -> Mask:
        """Return the rows for which it holds."""
        raise NotImplementedError

    def __and__(self, other: Expression) -> Expression:
        return _Both(self, other)

    def __or__(self, other: Expression) -> Expression:
        return _Either(self, other)

    def __invert__(self) -> Expression:
        return _Not(self)


@dataclass(frozen=True)
class _Both(Expression):
    one: Expression
    other: Expression

    def formula(self, form: Form) -> str:
        return f"{self.one.formula(form)}*{self.other.formula(form)}"

    def holds(self, answers: Answers) -> Mask:
        return self.one.holds(answers) & self.other.holds(answers)


@dataclass(frozen=True)
class _Either(Expression):
    one: Expression
    other: Expression

    def formula(self, form: Form) -> str:
        return f"({self.one.formula(form)}+{self.other.formula(form)}>0)"

    def holds(self, answers: Answers) -> Mask:
        return self.one.holds(answers) | self.other.holds(answers)


@dataclass(frozen=True)
class _Not(Expression):
    one: Expression

    def formula(self, form: Form) -> str:
        return f"(1-{self.one.formula(form)})"

    def holds(self, answers: Answers) -> Mask:
        return ~self.one.holds(answers)


def all_of(expressions: Iterable[Expression]) -> Expression:
    """Hold where all of some expressions, at least one, hold."""
    return reduce(operator.and_, expressions)


def any_of(expressions: Iterable[Expression]) -> Expression:
    """Hold where one of some expressions, at least one, holds."""
    return reduce(operator.or_, expressions)


def _is_asked(column: str, grain: str, year: int) -> bool:
    """Say whether a column stands in the form of a year itself: no later question has replaced it."""
    return grain != GRAIN or column not in replaced(year) or column in form_columns(grain, year)


@cache
def _asked_in(column: str, codes: tuple[str, ...], grain: str, year: int) -> tuple[tuple[str, str], ...]:
    """Return the columns of a year's form, and the codes in them, that say one of the codes of a column."""
    through = replaced(year).get(column, {}) if grain == GRAIN else {}
    own = [(column, code) for code in codes] if _is_asked(column, grain, year) else []
    special = set(codes) & set(SPECIAL_CODES) if not own else set()
    found = [
        (asking, code)
        for asking, gives in through.items()
        for code in (*(code for code, said in gives.items() if said in codes), *sorted(special))
    ]
    return tuple(dict.fromkeys((*own, *found)))


@dataclass(frozen=True, init=False)
class Says(Expression):
    """The answer is one of some codes; ``"blank"`` is an empty cell, ``"not_asked"`` a column not there."""

    column: str
    codes: tuple[str, ...]

    def __init__(self, column: str, *codes: str) -> None:
        object.__setattr__(self, "column", column)
        object.__setattr__(self, "codes", codes)

    def parts(self, form: Form, grain: str) -> list[tuple[str, str]]:
        """Return the columns in which it is said, each with the text that says it."""
        grid = form.grids[grain]
        asked = _asked_in(self.column, self.codes, grain, grid.year)
        return [(column, grid.text(column, code)) for column, code in asked if code != "not_asked"]

    def formula(self, form: Form) -> str:
        said = [f"({form.cells(column)}={quoted(text)})" for column, text in self.parts(form, form.grain)]
        return said[0] if len(said) == 1 else f"({'+'.join(said)}>0)"

    def holds(self, answers: Answers) -> Mask:
        asked = _asked_in(self.column, self.codes, answers.grain, answers.year)
        return np.logical_or.reduce([answers.rows.is_code(column, code) for column, code in asked])


@dataclass(frozen=True)
class Answered(Expression):
    """There is an answer that can be used, and it is not unknown."""

    column: str

    def formula(self, form: Form) -> str:
        if not _is_asked(self.column, form.grain, form.grid.year):
            return self._through(form.grain).formula(form)
        variable, cell = form.grid.columns[self.column][0], form.cells(self.column)
        if variable.is_number:
            return form.whole(self.column)
        if variable.kind == "text_code":
            return f'({cell}<>"")*(1-{form.grid.no_code(cell)})'
        unknown = quoted(form.grid.text(self.column, "unknown"))
        return f'(COUNTIF({list_name(variable)},{cell}&"")>0)*({cell}<>{unknown})'

    def holds(self, answers: Answers) -> Mask:
        if load().grain_columns(answers.grain)[self.column][0].is_number:
            return answers.whole(self.column)
        if _is_asked(self.column, answers.grain, answers.year):
            return answers.rows.is_answered(self.column)
        return self._through(answers.grain).holds(answers)

    def _through(self, grain: str) -> Says:
        book = load()
        return Says(
            self.column, *(code.code for code in book.codes(book.grain_columns(grain)[self.column][0]))
        )


@dataclass(frozen=True)
class Within(Expression):
    """There is a whole number between two limits, both included."""

    column: str
    low: int
    high: int

    def formula(self, form: Form) -> str:
        cell = form.cells(self.column)
        return f"{form.whole(self.column)}*({cell}>={self.low})*({cell}<={self.high})"

    def holds(self, answers: Answers) -> Mask:
        number = answers.rows.number(self.column)
        return answers.whole(self.column) & (number >= self.low) & (number <= self.high)


@dataclass(frozen=True)
class Less(Expression):
    """Both are numbers, the first less than the second."""

    column: str
    other: str

    def formula(self, form: Form) -> str:
        less = f"({form.cells(self.column)}<{form.cells(self.other)})"
        return f"{form.whole(self.column)}*{form.whole(self.other)}*{less}"

    def holds(self, answers: Answers) -> Mask:
        given = answers.whole(self.column) & answers.whole(self.other)
        return given & (answers.rows.number(self.column) < answers.rows.number(self.other))


@dataclass(frozen=True)
class Sum(Expression):
    """The parts, those without a number as 0, are together more or fewer than the total."""

    parts: tuple[str, ...]
    sign: Literal[">", "<"]
    total: str

    def formula(self, form: Form) -> str:
        added = "+".join(f"IF({form.whole(part)},{form.cells(part)},0)" for part in self.parts)
        return f"{form.whole(self.total)}*(({added}){self.sign}{form.cells(self.total)})"

    def holds(self, answers: Answers) -> Mask:
        number = answers.rows.number
        added = np.sum([answers.whole(part) * number(part) for part in self.parts], axis=0)
        compare = operator.gt if self.sign == ">" else operator.lt
        return answers.whole(self.total) & compare(added, number(self.total))


@dataclass(frozen=True)
class Repeated(Expression):
    """The first cell is filled, and another row (that counts somebody) has the same in all the columns."""

    columns: tuple[str, ...]
    counted: str = ""

    def formula(self, form: Form) -> str:
        pairs = ",".join(f'{form.grid.range(name)},{form.cells(name)}&""' for name in self.columns)
        pairs += f',{form.grid.range(self.counted)},">=1"' if self.counted else ""
        return f'({form.cells(self.columns[0])}<>"")*(COUNTIFS({pairs})>1)'

    def holds(self, answers: Answers) -> Mask:
        rows = answers.rows
        filled = ~rows.is_code(self.columns[0], "blank")
        among = rows.number(self.counted) >= 1 if self.counted else np.ones(len(rows), bool)
        keys = list(zip(*(rows.key(name).tolist() for name in self.columns), strict=True))
        times = Counter(key for key, one in zip(keys, among, strict=True) if one)
        return filled & np.array([times[key] > 1 for key in keys], bool)


@dataclass(frozen=True)
class Elsewhere(Expression):
    """The code stands on another sheet, or on this one in a row that says something."""

    column: str
    grain: str
    other: str
    where: Says | Within | None = None

    def formula(self, form: Form) -> str:
        far, cell = form.grids[self.grain], f'{form.cells(self.column)}&""'
        ends = [""]
        if isinstance(self.where, Says):
            ends = [f",{far.range(name)},{quoted(text)}" for name, text in self.where.parts(form, self.grain)]
        elif self.where:
            number, high = far.range(self.where.column), far.columns[self.where.column][0].limits[1]
            ends = [f',{number},">={self.where.low}",{number},"<={min(self.where.high, high)}"']
        found = "+".join(f"COUNTIFS({far.range(self.other)},{cell}{end})" for end in ends)
        return f'({form.cells(self.column)}<>"")*({found}>0)'

    def holds(self, answers: Answers) -> Mask:
        if self.grain not in answers.sheets:
            return np.zeros(len(answers.rows), bool)
        far = Answers(answers.sheets, self.grain, answers.year)
        keys = far.rows.key(self.other)
        known = set(keys[self.where.holds(far)] if self.where else keys) - {""}
        return np.array([key in known for key in answers.rows.key(self.column)], bool)


@dataclass(frozen=True)
class OtherGroup(Expression):
    """A country and the group of countries that is stated beside it do not go together."""

    country: str
    group: str

    def formula(self, form: Form) -> str:
        country, group = (f'{form.cells(name)}&""' for name in (self.country, self.group))
        known = Answered(self.country) & Answered(self.group)
        names = list_name(form.grid.columns[self.country][0])
        return f"{known.formula(form)}*(COUNTIFS({names},{country},{names}_group,{group})=0)"

    def holds(self, answers: Answers) -> Mask:
        book, rows = load(), answers.rows
        within: dict[str, list[str]] = {}
        for code in book.codes(book.variable(self.country)):
            within.setdefault(code.parent_in(answers.year), []).append(code.code)
        agrees = [rows.is_code(self.group, one) & rows.is_code(self.country, *within[one]) for one in within]
        known = rows.is_answered(self.country) & rows.is_answered(self.group)
        return known & ~np.logical_or.reduce(agrees)


@dataclass(frozen=True)
class Started(Expression):
    """Something is said in the row."""

    def formula(self, form: Form) -> str:
        if form.grain == GRAIN and not form.in_row:
            return f"({form.counts}>0)"
        first, *_, last = form.grid.told
        if form.in_row:
            return f"(COUNTA({form.cells(first)}:{form.cells(last)})>0)"
        return "(" + "+".join(f'({form.cells(name)}<>"")' for name in form.grid.told) + ">0)"

    def holds(self, answers: Answers) -> Mask:
        return answers.rows.is_started()


@dataclass(frozen=True)
class AnyRow(Expression):
    """Something is said on another sheet."""

    grain: str

    def formula(self, form: Form) -> str:
        return f"(SUM(1*{Started().formula(Form(form.grids, self.grain, form.counts))})>0)"

    def holds(self, answers: Answers) -> Mask:
        far = answers.sheets.get(self.grain)
        return np.full(len(answers.rows), far is not None and bool(far.is_started().any()))


@dataclass(frozen=True)
class LaterRow(Expression):
    """The row is not the first of its sheet that says anything."""

    def formula(self, form: Form) -> str:
        whole = Form(form.grids, form.grain, form.counts)
        first = f"MIN(IF({Started().formula(whole)},ROW({whole.cells(form.grid.told[0])}),9999999))"
        return f"(ROW({form.cells(form.grid.told[0])})>{first})"

    def holds(self, answers: Answers) -> Mask:
        started = answers.rows.is_started()
        return np.cumsum(started) > started  # one more than itself
