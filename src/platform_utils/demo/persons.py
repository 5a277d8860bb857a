"""The persons of one demo year: made so that every margin of ``targets.toml`` is met exactly.

Enters: a year's target and a seed. Leaves: one row per person (or mass case) with codes, ``""`` where a
cell stays empty. Answers are consistent with each other. Nobody here exists.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from platform_utils.demo.answers import Answers, complete, distributions
from platform_utils.demo.deal import apportion, deal, deal_several, seeded
from platform_utils.demo.targets import YearTarget, load_members
from platform_utils.spec.codebook import load


def make_persons(target: YearTarget, seed: int) -> pd.DataFrame:
    """Return the persons whom members return in rows of their own, and the mass case as one row.

    Parameters
    ----------
    seed : int
        Decides who is who, never how many.

    Returns
    -------
    DataFrame, shape (n_rows, n_columns)
        ``member_id`` and the columns that the form of that year asks, as codes or numbers written as text.
        ``person_code`` is still empty.
    """
    roles: list[str] = []
    for role, persons in target.role.items():
        mass = target.mass_persons if role == "direct" else 0
        roles += [role] * (persons - mass - target.in_totals(role))
    answers = Answers(target.year, {"role": roles})
    for name, step in _STEPS.items():
        step(answers, target, seeded(seed, target.year, name))
    frame = complete(answers, seed)
    if target.mass_case:
        largest = next(member.id for member in load_members() if member.largest)
        row = dict.fromkeys(frame, "") | {column: "no" for column in answers if "__" in column}
        row |= {"member_id": largest, "person_count": str(target.mass_persons)} | target.mass_case["answers"]
        frame.loc[len(frame)] = pd.Series(row)
    return frame


def _answer_member(answers: Answers, target: YearTarget, rng: np.random.Generator) -> None:
    year = target.year
    returning = [m for m in load_members() if m.has_returned(year) and year not in m.totals]
    largest = next(m for m in returning if m.largest)
    most = round(answers.number * largest.largest[str(year)] / 100)
    others = {m.id: m.weight for m in returning if m is not largest}
    # everybody who returns has at least one row
    rest = apportion(answers.number - most - len(others), others)
    answers["member_id"] = deal({largest.id: most} | {id_: 1 + more for id_, more in rest.items()}, rng)


def _answer_sex_and_age(answers: Answers, target: YearTarget, rng: np.random.Generator) -> None:
    answers.meet("sex", target.margins["sex"], rng, {})
    answers.fill("sex", "accompanying", rng)
    minor = np.zeros(answers.number, dtype=bool)
    for role, persons in target.minors.items():
        who = answers.is_in("role", role)
        young = persons - target.in_totals(role, age="child")
        groups = [(who, young)]
        if role in target.boys:
            boys = target.boys[role] - target.in_totals(role, "man", "child")
            groups = [
                (who & answers.is_in("sex", "man"), boys),
                (who & answers.is_in("sex", "woman"), young - boys),
            ]
        for group, number in groups:
            minor[rng.permutation(np.flatnonzero(group))[:number]] = True
    answers["is_minor"] = answers.where(minor, "yes", "no")
    for among in ("adult", "direct_minor", "accompanying_minor"):
        answers.fill("age_band", among, rng)
    if "age_band" in target.margins:
        answers.meet("age_band", target.margins["age_band"], rng, {"under_18": minor})
    young_bands = [code.code for code in load().lists["age_band"] if code.parent == "under_18"]
    answers["is_adult"] = answers.where(answers.is_in("age_band", "under_18", *young_bands), "no", "yes")
    ages = load().ages | distributions()["ages"]
    years = [
        str(rng.integers(ages[band][0], ages[band][1], endpoint=True)) if band in ages else ""
        for band in answers["age_band"]
    ]
    answers["age_years"] = np.where(rng.random(answers.number) < 0.55, years, "").astype(object)


def _answer_origin(answers: Answers, target: YearTarget, rng: np.random.Generator) -> None:
    answers.meet(
        "origin_group", target.margins["origin_group"], rng, {"third_country": answers.is_in("sex", "man")}
    )
    answers.fill("origin_group", "accompanying", rng)
    group = answers["origin_group"]
    country = answers["origin_country"] = answers.where(group == "sweden", "SE")
    for name in ("other_eu", "third_country"):
        answers.fill("origin_country", name, rng)
    if margin := target.margins.get("origin_country"):
        parents = {code.code: code.parent for code in load().lists["country"]} | {"blank": "third_country"}
        for name in ("sweden", "other_eu", "third_country"):
            who = answers.who("direct") & (group == name)
            country[who] = deal({code: n for code, n in margin.items() if parents[code] == name}, rng)
    status = answers["residence_status"] = answers.all("unknown")
    status[group == "sweden"], status[group == "other_eu"] = "swedish_citizen", "eu_citizen"
    answers.fill("residence_status", "third_country", rng)


def _answer_exploitation(answers: Answers, target: YearTarget, rng: np.random.Generator) -> None:
    direct = answers.who("direct")
    persons = int(direct.sum())
    women, third = answers.is_in("sex", "woman")[direct], answers.who("third_country")[direct]
    places = {code: target.margins["place"][code] for code in ("sweden", "abroad", "on_the_way", "unknown")}
    for name, counts, prefer in (
        ("form", target.margins["form"], {"sexual": women, "labour": ~women & third}),
        ("place", places, {"abroad": third}),
    ):
        answers.place(name, deal_several(counts, persons, rng, prefer), direct)
    answers.fill_several("labour_branch", "labour", rng, everyone=True)
    answers.fill_several("vulnerability", "direct", rng)
    for variable in ("recruitment", "movement", "perpetrator_relation"):
        answers.fill(variable, "direct", rng)
    county = answers["county"] = answers.all("")
    for member in load_members():
        who = answers.is_in("member_id", member.id)
        county[who] = member.county
        if member.counties:
            county[who] = deal(apportion(int(who.sum()), member.counties), rng)
    answers.fill("first_contact_quarter", "everyone", rng)
    quarters = answers["first_contact_quarter"]
    months = [str(3 * int(q[1]) - int(rng.integers(3))) if q and rng.random() < 0.8 else "" for q in quarters]
    answers["first_contact_month"] = np.array(months, dtype=object)


def _answer_authorities(answers: Answers, target: YearTarget, rng: np.random.Generator) -> None:
    """Answer who identified the person, police report, formal status, asylum and MMM."""
    direct, margins = answers.who("direct"), target.margins
    answers.meet("identified_by", margins["identified_by"], rng, {})
    by_police = answers.is_in("identified_by", "police")
    answers.meet("police_report", margins["police_report"], rng, {"yes": by_police})
    reported = answers.who("reported")
    for variable in ("police_report_timing", "police_report_by"):
        answers.fill(variable, "reported", rng)
    after = answers.is_in("police_report_timing", "after")
    answers["days_to_report"] = _days(0.02, 320, after, 0.85, rng)
    for variable in ("formal_identification", "mmm_access"):
        answers.fill(variable, "reported", rng)
        _otherwise(answers, variable, "police_report")
    answers.fill("reflection_period_applied", "direct", rng, {"yes": reported})
    answers.fill("reflection_period_granted", "reflection_applied", rng)
    _otherwise(answers, "reflection_period_granted", "reflection_period_applied")
    answers.fill("reflection_applicant", "reflection_applied", rng)
    answers["temporary_permit"] = answers.where(direct, "no")
    answers.fill("temporary_permit", "third_country_direct", rng)
    answers["asylum"] = answers.where(answers.is_in("residence_status", "asylum_seeker"), "yes", "no")
    unsaid = answers.is_in("residence_status", "unknown") & answers.who("third_country")
    answers["asylum"][unsaid] = "unknown"
    for variable in ("dublin", "asylum_statement"):
        answers.fill(variable, "asylum", rng)
    answers.fill("mmm_refusal_reason", "outside_mmm", rng)
    answers.meet("authority_support", margins["authority_support"], rng, {"yes": reported})


def _answer_support(answers: Answers, target: YearTarget, rng: np.random.Generator) -> None:
    """Answer support given, needed, refused and paid for, how contact ended, and NSP."""
    for variable in ("support_given", "support_needed"):
        for among in ("direct", "accompanying"):
            answers.fill_several(variable, among, rng)
    for column in [name for name in answers if name.startswith("support_needed")]:
        given = answers.is_in(column.replace("needed", "given"), "yes")
        answers[column][given & (rng.random(answers.number) < 0.9)] = "yes"
    answers.fill("support_refused", "direct", rng)
    near = answers.is_in("member_id", *(m.id for m in load_members() if m.is_certified(target.year)))
    nsp = answers["nsp"] = answers.all("no")
    for who, kind in ((answers.who("adult_direct"), "direct"), (answers.is_in("role", "child"), "child")):
        nsp[rng.permutation(np.flatnonzero(who & near))[: target.nsp[kind]]] = "yes"
    answers.fill_several("funder", "direct", rng)
    answers["funder__nsp"] = answers.where(nsp == "yes", "yes", "no")
    for variable, among in (
        ("exit_kind", "direct"), ("exit_kind", "accompanying"), ("dropout_stage", "left"),
        ("contact_regained", "left"), ("return_route", "returned"),
    ):  # fmt: skip
        answers.fill(variable, among, rng)
    last = _days(0.008, 700, np.ones(answers.number, dtype=bool), 0.65, rng)
    reported = answers["days_to_report"]
    later = [bool(a and b) and int(a) < int(b) for a, b in zip(last, reported, strict=True)]
    answers["days_to_last_contact"] = np.where(later, reported, last)


def _answer_children(answers: Answers, target: YearTarget, rng: np.random.Generator) -> None:
    """Answer how many children of their own the persons have, and where the children are."""
    adult, women = answers.who("adult_direct"), answers.is_in("sex", "woman")
    column = answers["children_count"] = answers.all("0")
    if target.children:
        sizes = {str(size): parents for size, parents in target.children["parents"]}
        sizes["0"] = int(adult.sum()) - sum(sizes.values())
        column[adult] = deal(sizes, rng, {size: women[adult] for size in sizes if size != "0"})
        places = {f"children_{key}": n for key, n in target.children.items() if key != "parents"}
    else:
        answers.fill("children_count", "adult_direct", rng, dict.fromkeys("1234", women))
        shares = next(
            e["of"] for e in distributions()["places"] if e["years"][0] <= target.year <= e["years"][1]
        )
        places = apportion(int(column.astype(int).sum()), shares)
    _deal_children(answers, places, rng)
    answers.fill_several("children_situation", "parents", rng)


def _deal_children(answers: Answers, places: Mapping[str, int], rng: np.random.Generator) -> None:
    """Give every child a place; a family is split over places only where the numbers ask for it."""
    room = answers["children_count"].astype(int)
    order = rng.permutation(np.flatnonzero(room))
    for place, total in places.items():
        here = np.zeros(answers.number, dtype=int)
        before = np.concatenate([[0], np.cumsum(room[order])[:-1]])
        # whole families first, in order, until so many children have a place
        here[order] = np.clip(total - before, 0, room[order])
        room -= here
        answers[place] = here.astype(str).astype(object)


def _days(
    pace: float, most: int, who: NDArray[np.bool_], share: float, rng: np.random.Generator
) -> NDArray[np.object_]:
    days = np.minimum(rng.geometric(pace, len(who)), most).astype(str)
    return np.where(who & (rng.random(len(who)) < share), days, "").astype(object)


def _otherwise(answers: Answers, variable: str, main: str) -> None:
    """Where the main question was answered no or unknown, so is this one."""
    for code in ("no", "unknown"):
        answers[variable][answers[main] == code] = code


_STEPS: dict[str, Callable[[Answers, YearTarget, np.random.Generator], None]] = {
    "member": _answer_member,
    "sex and age": _answer_sex_and_age,
    "origin": _answer_origin,
    "exploitation": _answer_exploitation,
    "authorities": _answer_authorities,
    "support": _answer_support,
    "children": _answer_children,
}
"""What is answered in which order, each from a generator that its name seeds."""
