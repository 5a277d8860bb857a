"""The support programme of a demo year: its cases, needs, interventions and accredited services.

Enters: the persons of the year. Leaves: four sheets that agree: who is covered has a confirmed case,
interventions and needs; some applications give nothing. All is invented but the sums of ``targets.toml``.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np
import pandas as pd

from platform_utils.demo.answers import Answers, complete, distributions
from platform_utils.demo.deal import apportion, seeded
from platform_utils.demo.targets import DemoMember, YearTarget

Row = dict[str, object]
_ENDS = ("closed", "left", "return")


def make_programme(
    case: pd.DataFrame, target: YearTarget, members: Iterable[DemoMember], seed: int
) -> dict[str, pd.DataFrame]:
    """Return the sheets of the programme by grain."""
    rng = seeded(seed, target.year, "programme cases")
    actors = [one for one in members if one.is_certified(target.year)]
    near = case["member_id"].isin([one.id for one in actors])
    entrants = case[case["nsp"] == "yes"]
    adults = entrants[entrants["role"] == "direct"]
    alone = entrants[entrants["role"].ne("direct") & ~entrants["member_id"].isin(adults["member_id"])]
    adults = pd.concat([adults, alone])  # a child whose parent has no case has one of its own
    others = case[
        near & case["role"].eq("direct") & case["nsp"].eq("no") & case["person_count"].isin(["", "1"])
    ]
    asked = min(len(others), len(adults) // distributions()["applications"]["granted_per_other"])
    refused = others.iloc[rng.permutation(len(others))[:asked]]
    tables: dict[str, list[Row]] = {
        "programme": _interventions_of(entrants, target, seed),
        "nsp_case": [_application(p, True, target.year, rng) for p in adults.itertuples()]
        + [_application(p, False, target.year, rng) for p in refused.itertuples()],
        "nsp_need": [row for p in adults.itertuples() for row in _needs(p, rng)],
        "certification": [_service(one) for one in actors if one.has_returned(target.year)],
    }
    _renew(tables["programme"], target.year, rng)
    _pay(tables["programme"], target, rng)
    return {
        grain: complete(Answers(target.year, _frame(rows), grain), seed) for grain, rows in tables.items()
    }


def _frame(rows: list[Row]) -> pd.DataFrame:
    names = dict.fromkeys(name for row in rows for name in row) or {"member_id": None}
    return pd.DataFrame(rows, columns=list(names), dtype=object).fillna("")


def _interventions_of(entrants: pd.DataFrame, target: YearTarget, seed: int) -> list[Row]:
    """One row per intervention; a child abroad is a person of its own, with a code beside the parent's."""
    rng = seeded(seed, target.year, "programme")
    rows: list[Row] = []
    parents = entrants[entrants["role"] == "direct"]
    first = parents.drop_duplicates("member_id").set_index("member_id")["person_code"].to_dict()
    for person in entrants.itertuples():
        beneficiary = "child" if person.role == "child" else "adult"
        own = _interventions(person, str(person.person_code), beneficiary, rng)
        of = first.get(person.member_id, "") if beneficiary == "child" else ""
        rows += [row | {"case_person_code": of} for row in own]
    home = parents["children_home_country"].replace("", "0").astype(int)
    ranked = list(parents.loc[home.sort_values(ascending=False, kind="stable").index].itertuples())
    for number in range(target.nsp["child_abroad"]):
        parent = ranked[number // 2]
        own = _interventions(parent, f"{parent.person_code}-b{number % 2 + 1}", "child_abroad", rng)
        rows += [row | {"case_person_code": parent.person_code, "support_county": ""} for row in own]
    return rows


def _interventions(person: Any, code: str, beneficiary: str, rng: np.random.Generator) -> list[Row]:
    offered = distributions()["programme"][beneficiary]
    chosen = [kind for kind, said in offered.items() if rng.random() < said["chance"]]
    rows: list[Row] = []
    for kind in chosen or [next(iter(offered))]:
        longest = offered[kind]["days"]
        granted = int(rng.integers(longest // 2, longest, endpoint=True)) if longest else 0
        used = int(rng.integers(granted // 2, granted, endpoint=True)) if granted else 0
        rows.append({
            "member_id": person.member_id, "person_code": code, "beneficiary": beneficiary,
            "nsp_intervention": kind, "nsp_step": offered[kind]["step"],
            "days_granted": str(granted) if granted else "", "days_used": str(used) if granted else "",
            "support_county": getattr(person, "county", ""),
            "weight": 400 * granted + int(rng.integers(2000, 9000)),
        })  # fmt: skip
    return rows


def _renew(rows: list[Row], year: int, rng: np.random.Generator) -> None:
    """Say what was needed, and grant some a further period, as the rules of 2022 allow."""
    said = distributions()["applications"]
    for row in list(rows):
        granted = int(str(row["days_granted"] or 0))
        if not granted:
            continue
        needs_more = rng.random() < said["needs_more"]
        row["period"], row["days_wanted"] = (
            "1",
            str(granted + (int(rng.integers(10, 120)) if needs_more else 0)),
        )
        if needs_more and year >= said["renewed_since"] and row["nsp_intervention"] == "support_protection":
            rows.append(row | {"period": "2", "days_wanted": str(int(rng.integers(20, 90)))})


def _pay(rows: list[Row], target: YearTarget, rng: np.random.Generator) -> None:
    """Share the year's money out, say what of it was used, and which grant paid."""
    grants = distributions()["applications"]["funder"]
    weights = {str(at): int(str(row.pop("weight"))) for at, row in enumerate(rows)}
    amounts = apportion(target.nsp["sek"], weights) if rows else {}
    for row, amount in zip(rows, amounts.values(), strict=True):
        row["amount_sek"], row["amount_used_sek"] = (
            str(amount),
            str(amount - int(amount * 0.1 * rng.random())),
        )
        row["rule_version"] = (
            "2017" if target.year < 2022 else "2022"
        )  # as members write it; the month decides
        row["nsp_funder"] = next(code for code, first in reversed(grants.items()) if first <= target.year)


def _application(person: Any, is_granted: bool, year: int, rng: np.random.Generator) -> Row:
    """Return one application, its steps in order."""
    said, month = distributions()["applications"], str(getattr(person, "first_contact_month", ""))
    is_earlier = getattr(person, "first_contact_quarter", "") == "earlier" and year - 1 not in said["closed"]
    steps = ["confirmed", "initial_assessment"] if is_granted else []
    row: Row = {
        "member_id": person.member_id, "person_code": person.person_code,
        "application_year": str(year - is_earlier),
        "application_month": str(rng.integers(10, 13)) if is_earlier else month or str(rng.integers(1, 13)),
        "informal_identification": "certified_actor" if rng.random() < 0.7 else "cooperating_actor",
        "society_pays": "no", "statement_count": str(rng.choice([0, 0, 0, 1, 2])),
    }  # fmt: skip
    confirmed, support = int(rng.integers(0, 9)), int(rng.integers(0, 28))
    if is_granted:
        row |= {"day_confirmed": str(confirmed), "day_support": str(confirmed + support)}
        steps += ["comprehensive_assessment"] if rng.random() < 0.6 else []
        steps.append("complement" if getattr(person, "mmm_access", "") == "yes" else "support_days")
        steps += [step for step, chance in said["further"].items() if rng.random() < chance][:1]
        if set(steps) & set(_ENDS):
            row["day_ended"] = str(confirmed + support + int(rng.integers(30, 120)))
    elif rng.random() < said["refused"]:
        steps.append("refused")
        row["refusal_reason"] = str(rng.choice(said["reasons"]))
    return row | {f"nsp_steps__{step}": "yes" for step in ("identified", "applied", *steps)}


def _needs(person: Any, rng: np.random.Generator) -> list[Row]:
    """Return the needs that the assessments of one person found."""
    said = distributions()["needs"]
    met, weights = list(said["met"]), np.array(list(said["met"].values()), dtype=float)
    return [
        {
            "member_id": person.member_id, "person_code": person.person_code, "need_right": right,
            "assessment": "initial" if rng.random() < 0.6 else "comprehensive",
            "is_urgent": "yes" if rng.random() < 0.3 else "no",
            "need_met": str(rng.choice(met, p=weights / weights.sum())),
        }
        for right, chance in said["rights"].items()
        if rng.random() < chance
    ]  # fmt: skip


def _service(member: DemoMember) -> Row:
    return {
        "member_id": member.id, "actor_county": member.county, "certified_year": str(member.certified),
        "certified_month": str(member.certified_month), "advice_count": str(member.weight + 4),
        "target_group__women": "yes", "target_group__women_with_children": "yes",
    }  # fmt: skip
