"""What the sheet Check counts: every gap and contradiction that a form can see by itself.

Enters: the answers of the sheets. Leaves: rules in the order of the sheets. An error would hold the row when
the return is checked; a warning passes. Rules follow the codebook (what is asked if what, limits, lists);
those that join two questions stand here by name.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Literal

import numpy as np

from platform_utils.returns.template_conditions import Answers, Condition
from platform_utils.returns.template_grid import list_name
from platform_utils.returns.template_style import theme_of
from platform_utils.spec import grains

__all__ = ["Rule", "form_rules"]

_OF_AGE = 18
_CHILDREN = ("children_with_person", "children_home_country", "children_in_care", "children_elsewhere")
_MONTHS = {"q1": (1, 3), "q2": (4, 6), "q3": (7, 9), "q4": (10, 12)}


@dataclass(frozen=True)
class Rule:
    """One line of the sheet Check.

    Attributes
    ----------
    key : str
        Its texts are ``L-template-check-<key>`` and ``L-template-check-<key>-do``.
    severity : {"error", "warning"}
        Whether the row would be held.
    grain : str
        Sheet that it looks at.
    conditions : tuple of Condition
        Rows or cells that break it; counts add up.
    fields : mapping of str to str
        Fields of its texts.
    """

    key: str
    severity: Literal["error", "warning"]
    grain: str
    conditions: tuple[Condition, ...]
    fields: Mapping[str, str] = field(default_factory=dict)


def form_rules(answers: Mapping[str, Answers], started: Condition) -> list[Rule]:
    """Return every rule of the form, sheet by sheet; ``started`` are the rows of persons that are begun."""
    case, programme = answers["case"], answers["programme"]
    rules = [
        *_identity(case, started),
        *_person(case),
        *_exploitation(case),
        *(
            rule
            for grain, each in answers.items()
            for rule in _conditional(each, started if grain == "case" else each.started())
        ),
        *_authorities(case),
        *_children(case),
        *(rule for grain in answers for rule in _hanging(answers[grain], case)),
        *_programme(case, programme),
        *_totals(answers["total"], started),
        *(rule for grain, each in answers.items() for rule in _typed(grain, each)),
    ]
    return sorted(rules, key=lambda rule: list(answers).index(rule.grain))


def _identity(case: Answers, started: Condition) -> Iterator[Rule]:
    yield Rule("no-code", "error", "case", (started & case.empty("person_code"),))
    yield Rule("no-role", "error", "case", (started & case.empty("role"),))
    yield Rule("same-code", "error", "case", (case.repeated("person_code"),))
    yield Rule("not-a-code", "error", "case", (case.no_code("person_code"),))
    if "case_id" in case:
        many = case.within("person_count", 2, 10**9)
        yield Rule("mass-no-id", "warning", "case", (many & case.empty("case_id"),))
        yield Rule("id-no-mass", "warning", "case", (case.filled("case_id") & ~many,))


def _person(case: Answers) -> Iterator[Rule]:
    age, ages = case.number("age_years"), case.grid.book.ages
    wrong = [
        case.says("age_band", band) & age & ~case.within("age_years", *ends) for band, ends in ages.items()
    ]
    yield Rule("age-band", "error", "case", tuple(wrong))
    adults = case.says("age_band", *(band for band, (lowest, _) in ages.items() if lowest >= _OF_AGE))
    yield Rule("child-adult", "warning", "case", (case.says("role", "child") & adults,))
    if "origin_country" in case:
        country, group = case.grid.range("origin_country"), case.grid.range("origin_group")
        book, lang = case.grid.book, case.grid.lang
        labels = {code.code: code.label(lang).casefold() for code in book.lists["origin_group"]}
        home = {c.label(lang).casefold(): labels[c.parent_in(case.grid.year)] for c in book.lists["country"]}
        known = case.says("origin_group", *labels)
        differs = Condition(
            f'(COUNTIF(lista_country,{country}&"")>0)*({country}<>"{_unknown(case)}")'
            f'*(COUNTIFS(lista_country,{country}&"",lista_country_group,{group}&"")=0)',
            lambda: _differ(case, home),
        )
        yield Rule("country-group", "warning", "case", (case.filled("origin_country") & known & differs,))
    if "residence_status" in case:
        swede = case.says("residence_status", "swedish_citizen") & case.says(
            "origin_group", "other_eu", "third_country"
        )
        other = case.says("residence_status", "eu_citizen") & case.says("origin_group", "third_country")
        yield Rule("status-origin", "warning", "case", (swede, other))
    if "first_contact_month" in case:
        wrong = [
            case.says("first_contact_quarter", quarter)
            & case.number("first_contact_month")
            & ~case.within("first_contact_month", *ends)
            for quarter, ends in _MONTHS.items()
        ]
        yield Rule("quarter-month", "warning", "case", tuple(wrong))


def _exploitation(case: Answers) -> Iterator[Rule]:
    forms = _columns(case, "form")
    told = case.any_says(forms, "yes") | case.any_says(forms, "unknown")
    yield Rule("direct-no-form", "warning", "case", (case.says("role", "direct") & ~told,))
    branches = _columns(case, "labour_branch")
    if branches:
        branch = case.any_says(branches, "yes")
        yield Rule("branch-no-labour", "warning", "case", (branch & ~case.says("form__labour", "yes"),))
        no_branch = case.says("form__labour", "yes") & ~(branch | case.any_says(branches, "unknown"))
        yield Rule("labour-no-branch", "warning", "case", (no_branch,))


def _conditional(rows: Answers, started: Condition) -> Iterator[Rule]:
    """Yield, for every question asked only in a case, the answers outside it and the gaps inside it."""
    grid = rows.grid
    for variable in grid.book.of_grain(grid.grain, grid.year):
        for name, code in variable.asked_if.items():
            columns = list(grid.book.columns(variable, grid.year))
            asked = rows.says(name, code)
            other = grid.book.variable(name, grid.grain)
            texts = {
                "question": variable.label(grid.lang),
                "other": other.label(grid.lang),
                "answer": grid.book.code(other, code).label(grid.lang),
            }
            answered = rows.any_says(columns, "yes") if variable.kind == "multi" else rows.any_filled(columns)
            if not (variable.is_number or variable.kind == "multi"):
                answered = answered & ~rows.says(columns[0], "unknown")
            yield Rule("answer-not-asked", "warning", grid.grain, (answered & ~asked,), texts)
            if not variable.optional:
                gap = started & asked & ~rows.any_filled(columns)
                yield Rule("asked-no-answer", "warning", grid.grain, (gap,), texts)


def _hanging(rows: Answers, case: Answers) -> Iterator[Rule]:
    """Yield what rows that hang on a person lack: what is required, and the person."""
    grid = rows.grid
    person = grains.load()[grid.grain].person
    if not person:
        return
    texts = grid.grain if grid.grain == "programme" else "sheet"
    for variable in grid.book.of_grain(grid.grain, grid.year):
        if variable.required:
            fields = {"question": variable.label(grid.lang), "sheet": grid.sheet}
            lacking = (rows.started() & rows.empty(variable.name),)
            yield Rule(f"{texts}-required", "error", grid.grain, lacking, fields)
    stranger = rows.filled(person) & ~rows.in_other(person, case, "person_code")
    yield Rule(f"{texts}-no-person", "warning", grid.grain, (stranger,), {"sheet": grid.sheet})


def _authorities(case: Answers) -> Iterator[Rule]:
    if "police_report_by" in case:
        young = case.says("police_report_by", "person") & case.says("age_band", "0_5", "6_12")
        yield Rule("child-reported", "warning", "case", (young,))
    if "reflection_period_granted" in case:
        granted = case.says("reflection_period_granted", "yes") & ~case.says(
            "reflection_period_applied", "yes"
        )
        yield Rule("granted-not-applied", "error", "case", (granted,))
    if "days_to_report" in case:
        yield Rule(
            "report-after-end", "warning", "case", (case.less("days_to_last_contact", "days_to_report"),)
        )
    if "funder__nsp" in case:
        yield Rule(
            "funder-no-nsp", "warning", "case", (case.says("funder__nsp", "yes") & case.says("nsp", "no"),)
        )


def _children(case: Answers) -> Iterator[Rule]:
    places = [name for name in _CHILDREN if name in case]
    yield Rule(
        "children-sum",
        "error",
        "case",
        (case.any_filled(places) & case.sum_differs("children_count", places),),
    )
    yield Rule(
        "children-no-count", "warning", "case", (case.any_filled(places) & case.empty("children_count"),)
    )
    some = case.within("children_count", 1, 10**9)
    yield Rule("children-no-place", "warning", "case", (some & ~case.any_filled(places),))


def _programme(case: Answers, programme: Answers) -> Iterator[Rule]:
    without = case.says("nsp", "yes") & ~case.in_other("person_code", programme, "person_code")
    yield Rule("nsp-no-programme", "warning", "case", (case.filled("person_code") & without,))
    denied = case.says("nsp", "no") & case.in_other("person_code", programme, "person_code")
    yield Rule("programme-not-nsp", "warning", "case", (case.filled("person_code") & denied,))
    yield Rule("days-used", "warning", "programme", (programme.less("days_granted", "days_used"),))
    long = programme.within("days_granted", 31, 10**9)
    yield Rule("rest-too-long", "warning", "programme", (programme.says("nsp_intervention", "rest") & long,))


def _totals(total: Answers, persons: Condition) -> Iterator[Rule]:
    started = total.started()
    missing = started & (total.empty("role") | total.empty("person_count"))
    yield Rule("total-required", "error", "total", (missing,))
    yield Rule("total-repeated", "error", "total", (total.repeated(*grains.load()["total"].row_key),))
    any_person = Condition(f"(SUM({persons.formula}*1)>0)", lambda: np.array(persons.mask().any()))
    both = Condition(f"{started.formula}*{any_person.formula}", lambda: started.mask() & any_person.mask())
    yield Rule("total-and-persons", "error", "total", (both,))


def _typed(grain: str, answers: Answers) -> Iterator[Rule]:
    """Yield what a pasted cell may hold: numbers outside their limits, answers outside their lists."""
    variables = answers.grid.book.of_grain(answers.grid.grain, answers.grid.year)
    numbers = tuple(
        answers.filled(v.name) & ~answers.within(v.name, v.minimum or 0, v.maximum or 10**9)
        for v in variables
        if v.is_number
    )
    yield Rule("number", "error", grain, numbers)
    by_theme: dict[str, list[Condition]] = {}
    themes = theme_of(variables)
    for variable in variables:
        if variable.is_number or variable.kind == "text_code":
            continue
        columns = list(answers.grid.book.columns(variable, answers.grid.year))
        block = answers.outside(columns[0], columns[-1], list_name(variable))
        by_theme.setdefault(themes[variable.name].name, []).append(block)
    for theme, blocks in by_theme.items():
        fields = {"theme": f"L-template-theme-{theme}"} if grain == "case" else {"theme": answers.grid.sheet}
        yield Rule("outside-list", "error", grain, tuple(blocks), fields)


def _columns(answers: Answers, name: str) -> list[str]:
    return [column for column, (variable, _code) in answers.grid.columns.items() if variable.name == name]


def _unknown(answers: Answers) -> str:
    return answers.grid.book.special["unknown"].label(answers.grid.lang)


def _differ(case: Answers, home: Mapping[str, str]) -> np.ndarray:
    pairs = zip(case.texts("origin_country"), case.texts("origin_group"), strict=True)
    return np.array([country in home and home[country] != group for country, group in pairs], dtype=bool)
