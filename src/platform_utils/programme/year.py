"""The cases of a clean year, judged: what tables count of them, and what the coordinator reads.

Enters: a clean year. Leaves: the same year, whose interventions say how far their person came, how long the
wait was and what the rules say, and whose applications say what became of them; and the months in which each
police region had a certified actor. Restricted.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import pandas as pd

from platform_utils.programme.judge import Case, Spell, Verdict, days_beyond, judge_case
from platform_utils.programme.rules import Rules, load_rules
from platform_utils.programme.sequence import Misstep, check_steps
from platform_utils.spec import codebook
from platform_utils.spec.clean import CleanYear

COVERAGE = "nsp_coverage"
"""Rows that stand on no sheet: one per police region."""

_STEPS = "nsp_steps__"
_PATHS = ("left", "return", "closed", "integration", "complement", "support_days")
"""How far a person came: the first of these steps that her case has."""
_DAYS = {"day_confirmed": ("confirmed",), "day_support": ("support_days", "complement"), "day_ended": ()}
_WAITS = ((7, "0_7"), (30, "8_30"), (10**9, "over_30"))
_MONTHS = 12
_SAID = {"yes": True, "no": False}


@dataclass(frozen=True)
class _Filed:
    """One case as its file has it."""

    row: Mapping[str, Any]
    case: Case
    rules: Rules

    @cached_property
    def steps(self) -> frozenset[str]:
        own = (name for name, code in self.row.items() if name.startswith(_STEPS) and code == "yes")
        return frozenset({*(name.removeprefix(_STEPS) for name in own), "identified", "applied"})

    @cached_property
    def verdicts(self) -> tuple[Verdict, ...]:
        return judge_case(self.case, self.rules)

    @property
    def missteps(self) -> tuple[Misstep, ...]:
        days = {"applied": 0}
        ends = tuple(step.name for step in self.rules.steps if step.ends)
        for column, steps in _DAYS.items():
            taken = [step for step in steps or ends if step in self.steps]
            if taken and (day := _number(self.row[column])) is not None:
                days[taken[0]] = day
        return check_steps(self.steps, days, self.rules)

    @property
    def answer(self) -> str:
        """What became of an application that has given nobody support."""
        if "refused" in self.steps:
            return str(self.row["refusal_reason"])
        return "left" if "left" in self.steps else "waiting"


def judge_year(clean: CleanYear) -> CleanYear:
    """Return the year with what tables count of its cases."""
    filed, rows = _filed(clean), clean.programme
    told = pd.DataFrame(
        [_told(row, filed.get(_case_of(row))) for row in _records(rows)], columns=list(_UNKNOWN)
    ).astype({name: "int64" if name == "days_beyond" else "str" for name in _UNKNOWN})
    first = ~rows.duplicated(["member_id", "person_code"])
    told["days_beyond"] = told["days_beyond"].where(first.to_numpy(), 0)
    cases = clean.tables["nsp_case"]
    state = [("granted" if one.case.spells else "not_granted", one.answer) for one in filed.values()]
    seen = pd.DataFrame(state, columns=["case_state", "nsp_answer"], dtype="str")
    kept = cases[~cases.duplicated(["member_id", "person_code"])].reset_index(drop=True)
    needs = clean.tables["nsp_need"]
    outcome = needs["need_met"].mask(
        needs["need_met"].eq("nobody"), needs["need_right"].replace("none", "unknown")
    )
    return clean.with_tables(
        programme=pd.concat([rows, told.set_index(rows.index)], axis=1),
        nsp_case=pd.concat([kept, seen], axis=1),
        nsp_need=needs.assign(need_outcome=outcome),
        **{COVERAGE: _coverage(clean)},
    )


def traces(clean: CleanYear, lang: str) -> pd.DataFrame:
    """Return what breaks a rule and what does not fit, one line each, for the coordinator.

    Returns
    -------
    DataFrame, shape (n_lines, 4)
        ``member_id``, ``row`` of the sheet of cases, ``version`` (empty for a step), ``trace``.
    """
    lines = [
        (one.row["member_id"], one.row["row"], version, said)
        for one in _filed(clean).values()
        for version, said in _said(one, lang)
    ]
    return pd.DataFrame(lines, columns=["member_id", "row", "version", "trace"]).drop_duplicates(
        ignore_index=True
    )


def _said(one: _Filed, lang: str) -> Iterator[tuple[str, str]]:
    yield from (("", misstep.trace(lang)) for misstep in one.missteps)
    for verdict in one.verdicts:
        yield from ((verdict.period.name, breach.trace(lang)) for breach in verdict.breaches)


_CODES = ("nsp_path", "answer_wait", "rule_verdict", "day_layer")
_UNKNOWN: Mapping[str, Any] = {**dict.fromkeys(_CODES, "unknown"), "days_beyond": 0}
"""What is said of an intervention whose case nobody has filed."""


def _told(row: Mapping[str, Any], filed: _Filed | None) -> dict[str, Any]:
    """Return what an intervention says of its person."""
    path = row["beneficiary"] if row["beneficiary"] in ("child", "child_abroad") else "unknown"
    if filed is None:
        return {**_UNKNOWN, "nsp_path": path}
    if row["beneficiary"] == "adult":
        path = next((step for step in _PATHS if step in filed.steps), "unknown")
    spells = [spell for spell in filed.case.spells if spell.person == row["person_code"]]
    judged = [verdict for verdict in filed.verdicts if verdict.is_judged]
    beyond = [days_beyond(spells, verdict.period.version, filed.rules) for verdict in judged]
    closed = filed.verdicts and all(verdict.period.state == "closed" for verdict in filed.verdicts)
    asked = any(spell.asked for spell in spells)
    wait = _number(filed.row["day_support"])
    return {
        "nsp_path": path,
        "answer_wait": "unknown" if wait is None else next(code for most, code in _WAITS if wait <= most),
        "rule_verdict": "closed" if closed else _under_all([bool(one.breaches) for one in judged]),
        "day_layer": _under_all([days > 0 for days in beyond]) if asked else "no_days",
        "days_beyond": max(beyond, default=0),
    }


def _under_all(broken: Collection[bool]) -> str:
    """Say whether something is beyond all rules that may have held, or some, or none."""
    if not broken:
        return "not_judged"
    return "beyond" if all(broken) else "depends" if any(broken) else "within"


def _filed(clean: CleanYear) -> dict[tuple[str, str], _Filed]:
    """Return every case by member and person, in the order of the sheet; of two of one person, the first."""
    spells: dict[tuple[str, str], list[Spell]] = {}
    for row in _records(clean.programme):
        numbers = {name: _number(row[f"days_{name}"]) for name in ("granted", "used", "wanted")}
        period = _number(row["period"]) or 1
        spell = Spell(row["person_code"], row["nsp_intervention"], period, **numbers)
        spells.setdefault(_case_of(row), []).append(spell)
    rules, found = load_rules(), dict[tuple[str, str], _Filed]()
    for row in _records(clean.tables["nsp_case"]):
        key = (row["member_id"], row["person_code"])
        year, month = _number(row["application_year"]), _number(row["application_month"])
        when = f"{year}-{month:02d}" if year and month else ""
        certified = _certified(clean, row["member_id"], year, month)
        case = Case(when, tuple(spells.get(key, ())), certified, _SAID.get(str(row["society_pays"])))
        found.setdefault(key, _Filed(row, case, rules))
    return found


def _certified(clean: CleanYear, member: str, year: int | None, month: int | None) -> bool | None:
    """Say whether a member had a certified service in a month, else what it says of itself."""
    actors = clean.tables["certification"]
    own = _records(actors[actors["member_id"] == member])
    if own and year and month:
        return any(_months(one, year)[month - 1] for one in own)
    of_itself = clean.member_year.set_index("member_id")["certified"]
    return _SAID.get(str(of_itself.get(member, "")))


def _case_of(row: Mapping[str, Any]) -> tuple[str, str]:
    """Return the case of an intervention: that of the person herself, unless another is named."""
    other = str(row["case_person_code"])
    return row["member_id"], row["person_code"] if other in ("", *codebook.SPECIAL_CODES) else other


def _coverage(clean: CleanYear) -> pd.DataFrame:
    """Return in how many months of the year each police region had a certified actor."""
    book = codebook.load()
    (county,) = (one for one in book.of_grain("certification") if one.name == "actor_county")
    regions = {code.code: code.parent_in(clean.year) for code in book.codes(county)}
    there: dict[str, list[bool]] = {}
    for row in _records(clean.tables["certification"]):
        if row["actor_county"] in regions:
            had = there.setdefault(regions[row["actor_county"]], [False] * _MONTHS)
            had[:] = [a or b for a, b in zip(had, _months(row, clean.year), strict=True)]
    lines = [("", region, sum(months)) for region, months in sorted(there.items())]
    return pd.DataFrame(lines, columns=["member_id", "police_region", "months"])


def _months(row: Mapping[str, Any], year: int) -> list[bool]:
    """Say in which months of a year an actor was certified, those of the first and last day among them."""
    names = ("certified_year", "certified_month", "ended_year", "ended_month")
    first_year, first_month, last_year, last_month = (_number(row[name]) for name in names)
    if first_year is None:
        return [False] * _MONTHS
    first, last = (first_year, first_month or 1), (last_year or year, last_month or _MONTHS)
    return [first <= (year, month) <= last for month in range(1, _MONTHS + 1)]


def _number(value: Any) -> int | None:
    return None if pd.isna(value) else int(value)


def _records(table: pd.DataFrame) -> list[dict[str, Any]]:
    return [{str(name): value for name, value in row.items()} for row in table.to_dict("records")]
