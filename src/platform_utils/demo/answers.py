"""What is asked about authorities, support and children: consistent with each other, margins exact.

Enters: the answers so far. Leaves: the same dictionary with more variables. A question that hangs on
another answer is left empty where that answer is not given.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from platform_utils.demo.deal import apportion, deal, seeded
from platform_utils.demo.fill import Answers, fill, fill_several
from platform_utils.demo.targets import YearTarget, load_members

__all__ = ["answer_authorities", "answer_children", "answer_support"]

_PLACES = {
    "children_with_person": 58,
    "children_home_country": 28,
    "children_in_care": 6,
    "children_elsewhere": 8,
}


def answer_authorities(answers: Answers, direct: NDArray[np.bool_], target: YearTarget, seed: int) -> None:
    """Answer who identified the person, police report, formal status, asylum and MMM."""
    year = target.year
    rng = seeded(seed, year, "authorities")
    answers["identified_by"] = _margin(direct, target, "identified_by", rng, {})
    by_police = answers["identified_by"][direct] == "police"
    report = answers["police_report"] = _margin(direct, target, "police_report", rng, {"yes": by_police})
    reported = report == "yes"
    for variable in ("police_report_timing", "police_report_by"):
        fill(answers, variable, reported, "reported", year, rng)
    fill_several(answers, "crime_heading", reported, "reported", year, rng, everyone=True)
    for column in [name for name in answers if name.startswith("crime_heading")]:
        answers[column][~reported] = ""
    after = answers["police_report_timing"] == "after"
    days = np.minimum(rng.geometric(0.02, len(direct)), 320).astype(str).astype(object)
    answers["days_to_report"] = np.where(after & (rng.random(len(direct)) < 0.85), days, "").astype(object)
    for variable in ("formal_identification", "mmm_access"):
        fill(answers, variable, reported, "reported", year, rng)
        _otherwise(answers[variable], report)
    applied = answers["reflection_period_applied"] = np.full(len(direct), "", dtype=object)
    fill(answers, "reflection_period_applied", direct, "direct", year, rng, {"yes": reported})
    fill(answers, "reflection_period_granted", applied == "yes", "reflection_applied", year, rng)
    _otherwise(answers["reflection_period_granted"], applied)
    fill(answers, "reflection_applicant", applied == "yes", "reflection_applied", year, rng)
    third = direct & (answers["origin_group"] == "third_country")
    answers["temporary_permit"] = np.where(direct, "no", "").astype(object)
    fill(answers, "temporary_permit", third, "third_country_direct", year, rng)
    status = answers["residence_status"]
    asylum = answers["asylum"] = np.where(status == "asylum_seeker", "yes", "no").astype(object)
    asylum[(status == "unknown") & (answers["origin_group"] == "third_country")] = "unknown"
    for variable in ("dublin", "asylum_statement"):
        fill(answers, variable, asylum == "yes", "asylum", year, rng)
    fill(answers, "mmm_refusal_reason", answers["mmm_access"] == "no", "outside_mmm", year, rng)
    answers["authority_support"] = _margin(
        direct, target, "authority_support", rng, {"yes": reported[direct]}
    )


def answer_support(answers: Answers, direct: NDArray[np.bool_], target: YearTarget, seed: int) -> None:
    """Answer support given, needed, refused and paid for, how contact ended, and NSP."""
    year, number = target.year, len(direct)
    rng = seeded(seed, year, "support")
    for variable in ("support_given", "support_needed"):
        fill_several(answers, variable, direct, "direct", year, rng)
        fill_several(answers, variable, ~direct, "accompanying", year, rng)
    for column in [name for name in answers if name.startswith("support_needed")]:
        given = answers[column.replace("needed", "given")] == "yes"
        answers[column] = np.where(given & (rng.random(number) < 0.9), "yes", answers[column]).astype(object)
    fill(answers, "support_refused", direct, "direct", year, rng)
    _answer_nsp(answers, direct, target, rng)
    fill_several(answers, "funder", direct, "direct", year, rng)
    answers["funder__nsp"] = np.where(answers["nsp"] == "yes", "yes", "no").astype(object)
    fill(answers, "exit_kind", direct, "direct", year, rng)
    fill(answers, "exit_kind", ~direct, "accompanying", year, rng)
    left, returned = answers["exit_kind"] == "left", answers["exit_kind"] == "return"
    for variable, who, among in (
        ("dropout_stage", left, "left"),
        ("contact_regained", left, "left"),
        ("return_route", returned, "returned"),
    ):  # fmt: skip
        fill(answers, variable, who, among, year, rng)
    days = np.minimum(rng.geometric(0.008, number), 700).astype(str).astype(object)
    answers["days_to_last_contact"] = np.where(rng.random(number) < 0.65, days, "").astype(object)


def answer_children(answers: Answers, direct: NDArray[np.bool_], target: YearTarget, seed: int) -> None:
    """Answer how many children of their own the persons have, and where the children are."""
    year, number = target.year, len(direct)
    rng = seeded(seed, year, "children")
    adult = direct & ~np.isin(answers["age_band"], ["under_18", "0_5", "6_12", "13_15", "16_17"])
    women = answers["sex"] == "woman"
    if target.children:
        families: Sequence[Sequence[int]] = target.children["parents"]  # type: ignore[assignment]
        counts = {str(size): parents for size, parents in families}
        counts["0"] = int(adult.sum()) - sum(counts.values())
        count = np.full(number, "0", dtype=object)
        everyone_who_is = {size: women[adult] for size in counts if size != "0"}
        count[adult] = deal(counts, rng, everyone_who_is)
        places = {f"children_{key}": int(str(n)) for key, n in target.children.items() if key != "parents"}
    else:
        count = np.full(number, "0", dtype=object)
        answers["children_count"] = count
        fill(answers, "children_count", adult, "adult_direct", year, rng, dict.fromkeys("1234", women))
        weights = {key: value for key, value in _PLACES.items() if year >= 2020 or key != "children_in_care"}
        places = apportion(int(count.astype(int).sum()), weights)
    answers["children_count"] = count
    _deal_children(answers, count.astype(int), places, rng)
    parents = count != "0"
    fill_several(answers, "children_situation", parents, "parents", year, rng)


def _deal_children(
    answers: Answers, count: NDArray[np.int_], places: dict[str, int], rng: np.random.Generator
) -> None:
    """Give every child a place; a family is split over places only where the numbers ask for it."""
    room = count.copy()
    order = rng.permutation(np.flatnonzero(count))
    for place in _PLACES:
        here = _in_families(places.get(place, 0), room[order])
        column = np.zeros(len(count), dtype=int)
        column[order] = here
        room -= column
        answers[place] = column.astype(str).astype(object)


def _in_families(total: int, rooms: NDArray[np.int_]) -> list[int]:
    """Fill whole families first, in order, until ``total`` children have a place."""
    before = np.concatenate([[0], np.cumsum(rooms)[:-1]])
    return [int(value) for value in np.clip(total - before, 0, rooms)]


def _answer_nsp(
    answers: Answers, direct: NDArray[np.bool_], target: YearTarget, rng: np.random.Generator
) -> None:
    certified = [member.id for member in load_members() if member.is_certified(target.year)]
    near = np.isin(answers["member_id"], certified)
    nsp = answers["nsp"] = np.full(len(direct), "no", dtype=object)
    adult = ~np.isin(answers["age_band"], ["under_18", "0_5", "6_12", "13_15", "16_17"])
    nsp[rng.permutation(np.flatnonzero(direct & near & adult))[: target.nsp["direct"]]] = "yes"
    nsp[rng.permutation(np.flatnonzero((answers["role"] == "child") & near))[: target.nsp["child"]]] = "yes"


def _margin(
    direct: NDArray[np.bool_], target: YearTarget, variable: str, rng: np.random.Generator,
    prefer: dict[str, NDArray[np.bool_]],
) -> NDArray[np.object_]:  # fmt: skip
    column = np.full(len(direct), "", dtype=object)
    column[direct] = deal(target.margins[variable], rng, prefer)
    return column


def _otherwise(column: NDArray[np.object_], main: NDArray[np.object_]) -> None:
    """Where the main question was answered no or unknown, so is this one."""
    for code in ("no", "unknown"):
        column[main == code] = code
