"""The persons of one demo year: made so that every margin of ``targets.toml`` is met exactly.

Enters: a year's target and a seed. Leaves: one row per person (or mass case) with codes, ``""`` where a
cell stays empty. Nobody here exists.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from platform_utils.demo.answers import answer_authorities, answer_children, answer_support
from platform_utils.demo.deal import apportion, deal, deal_several, seeded
from platform_utils.demo.fill import Answers, fill, fill_several, place_columns
from platform_utils.demo.targets import DemoMember, YearTarget, load_members
from platform_utils.spec.codebook import load

__all__ = ["make_persons"]

_BAND_YEARS = {
    "0_5": (0, 5), "6_12": (6, 12), "13_15": (13, 15), "16_17": (16, 17), "under_18": (13, 17),
    "18_26": (18, 26), "27_35": (27, 35), "36_50": (36, 50), "51_plus": (51, 63),
}  # fmt: skip


def make_persons(target: YearTarget, seed: int) -> pd.DataFrame:
    """Return the persons whom members return in rows of their own, and the mass case as one row.

    Parameters
    ----------
    target : YearTarget
        What they must add up to.
    seed : int
        Decides who is who, never how many.

    Returns
    -------
    DataFrame, shape (n_rows, n_columns)
        ``member_id`` and the columns that the form of that year asks, as codes or numbers written as text.
        ``person_code`` is still empty.
    """
    year = target.year
    roles = _roles(target)
    answers: Answers = {"role": roles, "member_id": _members(len(roles), year, seed)}
    direct = roles == "direct"
    _answer_sex_and_age(answers, direct, target, seed)
    _answer_origin(answers, direct, target, seed)
    _answer_exploitation(answers, direct, target, seed)
    answer_authorities(answers, direct, target, seed)
    answer_support(answers, direct, target, seed)
    answer_children(answers, direct, target, seed)
    frame = pd.DataFrame(answers)
    if target.mass_case:
        frame = pd.concat([frame, pd.DataFrame([_mass_row(target.mass_case, frame)])], ignore_index=True)
    asked = list(load().grain_columns("case", year))
    frame = frame.reindex(columns=["member_id", *asked], fill_value="")
    return frame.replace("blank", "").fillna("").astype("str")


def _roles(target: YearTarget) -> NDArray[np.object_]:
    rows: list[str] = []
    for role, persons in target.role.items():
        mass = target.mass_persons if role == "direct" else 0
        rows += [role] * (persons - mass - target.in_totals(role))
    return np.array(rows, dtype=object)


def _members(number: int, year: int, seed: int) -> NDArray[np.object_]:
    returning = [m for m in load_members() if m.has_returned(year) and year not in m.totals]
    largest = next(m for m in returning if year in m.largest)
    most = round(number * largest.largest[year] / 100)
    counts = {largest.id: most}
    others: list[DemoMember] = [m for m in returning if m is not largest]
    counts |= {m.id: 1 for m in others}
    for member, more in apportion(number - most - len(others), {m.id: m.weight for m in others}).items():
        counts[member] += more
    return deal(counts, seeded(seed, year, "member"))


def _answer_sex_and_age(answers: Answers, direct: NDArray[np.bool_], target: YearTarget, seed: int) -> None:
    year, number = target.year, len(direct)
    rng = seeded(seed, year, "sex and age")
    sex = np.full(number, "", dtype=object)
    sex[direct] = deal(target.margins["sex"], rng)
    answers["sex"] = sex
    fill(answers, "sex", ~direct, "accompanying", year, rng)
    minor = np.zeros(number, dtype=bool)
    for role, persons in target.minors.items():
        who = answers["role"] == role
        young = persons - target.in_totals(role, age="child")
        boys = target.boys.get(role)
        if boys is None:
            minor[rng.permutation(np.flatnonzero(who))[:young]] = True
            continue
        boys -= target.in_totals(role, "man", "child")
        minor[rng.permutation(np.flatnonzero(who & (sex == "man")))[:boys]] = True
        minor[rng.permutation(np.flatnonzero(who & (sex == "woman")))[: young - boys]] = True
    band = answers["age_band"] = np.full(number, "", dtype=object)
    fill(answers, "age_band", ~minor, "adult", year, rng)
    fill(answers, "age_band", minor & direct, "direct_minor", year, rng)
    fill(answers, "age_band", minor & ~direct, "accompanying_minor", year, rng)
    if "age_band" in target.margins:
        young_code = dict.fromkeys(("under_18",), minor[direct])
        band[direct] = deal(target.margins["age_band"], rng, young_code)
    years = np.array(
        [
            str(rng.integers(*_BAND_YEARS[code], endpoint=True)) if code in _BAND_YEARS else ""
            for code in band
        ],
        dtype=object,
    )
    answers["age_years"] = np.where(rng.random(number) < 0.55, years, "").astype(object)


def _answer_origin(answers: Answers, direct: NDArray[np.bool_], target: YearTarget, seed: int) -> None:
    year, number = target.year, len(direct)
    rng = seeded(seed, year, "origin")
    group = np.full(number, "", dtype=object)
    men = answers["sex"][direct] == "man"
    group[direct] = deal(target.margins["origin_group"], rng, {"third_country": men})
    answers["origin_group"] = group
    fill(answers, "origin_group", ~direct, "accompanying", year, rng)
    country = answers["origin_country"] = np.where(group == "sweden", "SE", "").astype(object)
    third = group == "third_country"
    for name in ("other_eu", "third_country"):
        fill(answers, "origin_country", group == name, name, year, rng)
    if "origin_country" in target.margins:
        _deal_countries(country, group, direct, target.margins["origin_country"], rng)
    status = answers["residence_status"] = np.full(number, "unknown", dtype=object)
    status[group == "sweden"], status[group == "other_eu"] = "swedish_citizen", "eu_citizen"
    fill(answers, "residence_status", third, "third_country", year, rng)


def _deal_countries(
    country: NDArray[np.object_], group: NDArray[np.object_], direct: NDArray[np.bool_],
    margin: Mapping[str, int], rng: np.random.Generator,
) -> None:  # fmt: skip
    """Deal a fixed margin of countries out within the groups that the countries belong to."""
    parents = {code.code: code.parent for code in load().lists["country"]}
    blank = margin.get("blank", 0)
    for name in ("sweden", "other_eu", "third_country"):
        who = direct & (group == name)
        counts = {code: count for code, count in margin.items() if parents.get(code) == name}
        if name == "third_country":
            counts["blank"] = blank
        country[who] = deal(counts, rng)


def _answer_exploitation(answers: Answers, direct: NDArray[np.bool_], target: YearTarget, seed: int) -> None:
    year, number, persons = target.year, len(direct), int(direct.sum())
    rng = seeded(seed, year, "exploitation")
    women = answers["sex"][direct] == "woman"
    third = answers["origin_group"][direct] == "third_country"
    forms = deal_several(target.margins["form"], persons, rng, {"sexual": women, "labour": ~women & third})
    place_columns(answers, "form", forms, direct)
    places = {code: target.margins["place"][code] for code in ("sweden", "abroad", "on_the_way", "unknown")}
    place_columns(answers, "place", deal_several(places, persons, rng, {"abroad": third}), direct)
    labour = answers["form__labour"] == "yes"
    for variable, who, among in (("labour_branch", labour, "labour"), ("vulnerability", direct, "direct")):
        fill_several(answers, variable, who, among, year, rng, everyone=variable == "labour_branch")
    for variable in ("recruitment", "movement", "perpetrator_relation"):
        fill(answers, variable, direct, "direct", year, rng)
    answers["county"] = _counties(answers["member_id"], rng)
    _answer_first_contact(answers, number, year, rng)


def _counties(members: NDArray[np.object_], rng: np.random.Generator) -> NDArray[np.object_]:
    own = {member.id: member.county for member in load_members()}
    largest = next(member.id for member in load_members() if member.largest)
    county = np.array([own[member] for member in members], dtype=object)
    who = members == largest
    spread = {"01": 52, "14": 14, "12": 12, "05": 6, "06": 4, "03": 4, "24": 4, "18": 4}
    county[who] = deal(apportion(int(who.sum()), spread), rng)
    return county


def _answer_first_contact(answers: Answers, number: int, year: int, rng: np.random.Generator) -> None:
    everyone = np.ones(number, dtype=bool)
    fill(answers, "first_contact_quarter", everyone, "new", year, rng)
    quarter = answers["first_contact_quarter"]
    months = [str(3 * int(q[1]) - int(rng.integers(3))) if q and rng.random() < 0.8 else "" for q in quarter]
    answers["first_contact_month"] = np.array(months, dtype=object)


def _mass_row(mass: Mapping[str, object], frame: pd.DataFrame) -> dict[str, str]:
    """One row for many persons: what is known of the case, the rest not answered."""
    largest = next(member.id for member in load_members() if member.largest)
    row = {column: "no" if "__" in column else "" for column in frame.columns}
    known = {
        "member_id": largest, "role": "direct",
        "person_count": str(mass["persons"]), "case_id": str(mass["case_id"]),
        "sex": str(mass["sex"]), "age_band": str(mass["age_band"]), "origin_group": str(mass["origin_group"]),
        "county": str(mass["county"]), f"form__{mass['form']}": "yes",
        f"labour_branch__{mass['labour_branch']}": "yes",
        "place__sweden": "yes", "movement": "across_borders", "recruitment": "false_promise",
        "perpetrator_relation": "employer", "residence_status": "work_permit", "identified_by": "outreach",
        "first_contact_quarter": "q3", "police_report": "yes", "police_report_timing": "after",
        "police_report_by": "organisation", "crime_heading__exploitation": "yes",
        "formal_identification": "unknown",
        "reflection_period_applied": "no", "reflection_period_granted": "no", "temporary_permit": "unknown",
        "asylum": "no", "mmm_access": "no", "mmm_refusal_reason": "unknown", "authority_support": "unknown",
        "support_refused": "unknown", "support_given__food": "yes", "support_given__interpreting": "yes",
        "support_given__legal": "yes", "exit_kind": "unknown", "nsp": "no",
    }  # fmt: skip
    return row | known
