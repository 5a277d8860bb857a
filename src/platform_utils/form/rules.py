"""Every rule about one workbook, once: the form counts it by formula, and the check judges by it.

Enters: the codebook and a year. Leaves: rules in the order of the sheets. An error holds the row, a warning
passes it; the texts stand in the catalogue under the rule's code. Rules follow the codebook (what is asked if
what, what must be answered); those that join two questions stand here by name.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Literal

from platform_utils.form.expressions import (
    Answered,
    AnyRow,
    Elsewhere,
    Expression,
    LaterRow,
    Less,
    OtherGroup,
    Repeated,
    Says,
    Started,
    Sum,
    Within,
    all_of,
    any_of,
)  # fmt: skip
from platform_utils.programme.rules import load_rules
from platform_utils.spec import grains
from platform_utils.spec.codebook import Code, Codebook, Variable, load
from platform_utils.spec.form_columns import form_columns
from platform_utils.spec.form_of_year import GRAIN, form_of

PLACES = ("children_with_person", "children_home_country", "children_in_care", "children_elsewhere")
_OF_AGE, _MANY = 18, 10**9
_MONTHS = {"q1": (1, 3), "q2": (4, 6), "q3": (7, 9), "q4": (10, 12)}


@dataclass(frozen=True)
class Rule:
    """One rule.

    Attributes
    ----------
    code : str
        Of its text; ``"E-2xx"`` or ``"W-2xx"``.
    grain : str
        Sheet that it looks at.
    checks : tuple of (str, Expression)
        Columns, each with the rows in which the rule is broken there.
    main : str
        Column that the rule's text names besides; empty if none.
    said : str
        Where the check finds it in its own way, comparing more than a formula can: the label of what the
        form says of it. Empty if the form and the check say the same.
    is_judged : bool
        The check has found it already, when it read the cells.
    passes : bool
        Only the answer is lost; the row is not held.
    """

    code: str
    grain: str
    checks: tuple[tuple[str, Expression], ...]
    main: str = ""
    said: str = ""
    is_judged: bool = False
    passes: bool = False

    @property
    def severity(self) -> Literal["error", "warning"]:
        """Whether the row is held."""
        return "error" if self.code.startswith("E") and not self.passes else "warning"

    @property
    def fields(self) -> dict[str, object]:
        """Fields of the text."""
        return {"main": self.main} if self.main else {}


@cache
def rules_of(year: int) -> tuple[Rule, ...]:
    """Return the rules of the form of a year, sheet by sheet."""
    return tuple(rule for grain in grains.load() for rule in _of_sheet(_Year(load(), year, grain)))


@dataclass(frozen=True)
class _Year:
    """One sheet of one year's form, as rules are made of it."""

    book: Codebook
    year: int
    grain: str
    columns: Mapping[str, tuple[Variable, Code | None]] = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "columns", form_columns(self.grain, self.year))

    def has(self, *columns: str) -> bool:
        """Say whether the form asks all of the columns, or a question that has replaced them."""
        asked = self.book.grain_columns(self.grain, self.year)
        return all(column in asked for column in columns)

    def rule(self, code: str, column: str, broken: Expression, main: str = "") -> Rule:
        """Return a rule of one column."""
        return Rule(code, self.grain, ((column, broken),), main)

    def of(self, variable: Variable) -> list[str]:
        """Return the columns of a question that the form has."""
        return [name for name in self.book.columns(variable, self.year) if name in self.columns]

    def multi(self, name: str) -> list[str]:
        """Return the columns of a multi-select question."""
        return [column for column in self.columns if column.startswith(f"{name}__")]


def _of_sheet(form: _Year) -> Iterator[Rule]:
    yield from _required(form)
    if form.grain == GRAIN:
        yield from _identity(form)
        yield from _person(form)
        yield from _exploitation(form)
        yield from _authorities(form)
        yield from _children(form)
    yield from _dependent(form)
    grain = grains.load()[form.grain]
    if grain.one_row:
        yield form.rule("E-220", "", Started() & LaterRow())
    if grain.person:
        stranger = Answered(grain.person) & ~Elsewhere(grain.person, GRAIN, "person_code") & AnyRow(GRAIN)
        unless = [~Says(column, code) for column, code in grain.person_unless.items()]
        yield form.rule("E-218", grain.person, all_of([stranger, *unless]))
    if form.grain == "programme":
        yield from _programme(form)
    if grain.unit == "group":
        yield form.rule("W-238", "", Started() & AnyRow(GRAIN))
        counted = Within(grain.persons, 1, _MANY) & ~AnyRow(GRAIN)
        same = ((grain.row_key[0], counted & Repeated(grain.row_key, grain.persons)),)
        yield Rule("E-231", form.grain, same, said="same-group", is_judged=True)


def _required(form: _Year) -> Iterator[Rule]:
    """Yield what every row needs: by the codebook, and by the form of the year."""
    asked = form_of(form.year) if form.grain == GRAIN else {}
    for name, (variable, _) in form.columns.items():
        question = asked.get(name)
        must = question is not None and question.must == "must"
        if variable.kind == "text_code":
            empty = Says(name, "blank", *(() if variable.required else ("unknown",)))
            checks = ((name, ~empty & ~Answered(name)),)
            yield Rule("E-219", form.grain, checks, is_judged=True, passes=not variable.holds_rows)
        if must or variable.required:
            of = Says("role", "direct") if question and question.asked_of != "all" else Started()
            yield form.rule("E-201", name, of & Says(name, "blank"))


def _identity(form: _Year) -> Iterator[Rule]:
    code = "person_code"
    yield Rule("E-216", GRAIN, ((code, Repeated((code,))),), said="same-code", is_judged=True)
    if not form.has("case_id"):
        return
    many, named = Within("person_count", 2, _MANY), Answered("case_id")
    yield form.rule("E-214", "case_id", many & Says("case_id", "blank", "unknown"))
    one = Within("person_count", 1, 1) | Says("person_count", "blank")
    yield form.rule("W-237", "case_id", named & one)
    twice = Elsewhere("case_id", GRAIN, "case_id", Within("person_count", 2, _MANY))
    yield form.rule("E-215", "case_id", named & Repeated(("case_id",)) & twice)


def _person(form: _Year) -> Iterator[Rule]:
    ages = form.book.ages
    wrong = [Says("age_band", band) & ~Within("age_years", *ends) for band, ends in ages.items()]
    yield form.rule("E-210", "age_years", Answered("age_years") & any_of(wrong))
    adults = [band for band, (lowest, _) in ages.items() if lowest >= _OF_AGE]
    yield form.rule("W-241", "role", Says("role", "child") & Says("age_band", *adults))
    if form.has("origin_country"):
        yield form.rule("W-235", "origin_group", OtherGroup("origin_country", "origin_group"))
    if form.has("residence_status"):
        swede = Says("residence_status", "swedish_citizen") & Says(
            "origin_group", "other_eu", "third_country"
        )
        european = Says("residence_status", "eu_citizen") & Says("origin_group", "third_country")
        yield form.rule("W-242", "residence_status", swede | european)
    if form.has("first_contact_month"):
        outside = [
            Says("first_contact_quarter", quarter) & ~Within("first_contact_month", *ends)
            for quarter, ends in _MONTHS.items()
        ]
        yield form.rule("E-221", "first_contact_month", Answered("first_contact_month") & any_of(outside))


def _exploitation(form: _Year) -> Iterator[Rule]:
    direct, forms = Says("role", "direct"), form.multi("form")
    if not form.has("form_main"):
        untold = all_of(Says(column, "blank", "no") for column in forms)
        yield form.rule("W-243", forms[0], direct & untold)
    branches, labour = form.multi("labour_branch"), Says("form__labour", "yes")
    if branches:
        checks = tuple((column, Says(column, "yes") & ~labour) for column in branches)
        yield Rule("W-233", GRAIN, checks, "form__labour")
    for variable in form.book.of_grain(GRAIN, form.year):
        if variable.picks:  # an answer names what its own column denies
            codes = [code.code for code in form.book.codes(variable, form.year)]
            denied = tuple(
                (
                    f"{variable.picks}__{code}",
                    Says(variable.name, code) & Says(f"{variable.picks}__{code}", "no"),
                )
                for code in codes
            )
            yield Rule("E-227", GRAIN, denied, variable.name)


def _dependent(form: _Year) -> Iterator[Rule]:
    """Yield, for every question asked only in a case, the answers outside it and the gaps inside it."""
    visible = form_of(form.year) if form.grain == GRAIN else {}
    for variable in form.book.of_grain(form.grain, form.year):
        columns = form.of(variable)
        if not columns:
            continue
        for main, code in variable.asked_if.items():
            yield from _outside(form, columns, ~Says(main, code), Answered(main), main)
            if variable.optional or variable.kind == "multi":
                continue
            if not visible or main in visible:  # of what a short form folds, only what follows from the rest
                yield form.rule("W-244", columns[0], Says(main, code) & Says(columns[0], "blank"), main)
        if variable.none_if:
            none = Within(variable.none_if, 0, 0)
            yield from _outside(form, columns, none, none, variable.none_if)


def _outside(
    form: _Year, columns: list[str], closed: Expression, otherwise: Expression, main: str
) -> Iterator[Rule]:
    """Yield answers where the question is closed: a contradiction if the main question is answered."""
    said = {column: _told(form, column) for column in columns}
    yield Rule("E-211", form.grain, tuple((c, one & closed & otherwise) for c, one in said.items()), main)
    open_ = Says(main, "blank", "unknown", "not_asked")
    yield Rule("W-230", form.grain, tuple((c, one & closed & open_) for c, one in said.items()), main)


def _told(form: _Year, column: str) -> Expression:
    """Return where a column says something that needs its question to be asked: "no" does not."""
    variable, code = form.columns[column]
    return Says(column, "yes") if code or variable.kind == "yes_no" else Answered(column)


def _authorities(form: _Year) -> Iterator[Rule]:
    if form.has("police_report_by"):
        young = Says("police_report_by", "person") & Says("age_band", "0_5", "6_12")
        yield form.rule("W-224", "police_report_by", young)
    if form.has("reflection_period_granted") and not form.has("reflection_period"):
        granted = Says("reflection_period_granted", "yes")
        applied = "reflection_period_applied"
        (question,) = (one for one in form.book.variables if one.name == "reflection_period_granted")
        yield form.rule("E-213", question.name, granted & Says(applied, question.never["yes"][applied]))
        yield form.rule("W-225", applied, granted & Says(applied, "blank", "unknown"))
    if form.has("days_to_report"):
        yield form.rule("W-227", "days_to_report", Less("days_to_last_contact", "days_to_report"))
    if form.has("funder__nsp"):
        yield form.rule("W-248", "funder__nsp", Says("funder__nsp", "yes") & Says("nsp", "no"))


def _children(form: _Year) -> Iterator[Rule]:
    places = tuple(place for place in PLACES if form.has(place))
    count, some = "children_count", Within("children_count", 1, _MANY)
    all_given = all_of(Answered(place) for place in places)
    yield form.rule("E-212", count, Sum(places, ">", count))
    yield form.rule("W-234", count, all_given & Sum(places, "<", count))
    yield form.rule("W-232", count, some & Says("role", "child"))
    empty = all_of(Says(place, "blank") for place in places)
    nowhere = all_of(Says(place, "blank", "not_asked") for place in places)
    yield form.rule("W-249", count, ~nowhere & Says(count, "blank"))
    if form.has("children_where"):
        where = Answered("children_where")
        yield form.rule("W-222", "children_where", some & Says("children_where", "blank") & empty)
        yield form.rule("E-211", "children_where", where & Within(count, 0, 0), count)
    else:
        yield form.rule("W-222", places[0], some & empty)


def _programme(form: _Year) -> Iterator[Rule]:
    denied = Elsewhere("person_code", GRAIN, "person_code", Says("nsp", "no"))
    yield form.rule("W-239", "person_code", denied & ~Says("beneficiary", "child_abroad"))
    yield form.rule("W-240", "days_used", Less("days_granted", "days_used"))
    most = max(limit.days for limit in load_rules().limits if limit.what == "rest")
    too_long = Says("nsp_intervention", "rest") & Within("days_granted", most + 1, _MANY)
    yield form.rule("W-223", "days_granted", too_long)
