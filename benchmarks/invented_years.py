"""Invented clean years in the codebook's own words, for attacks on the gate: nobody in them is real.

Every answer is drawn. Answers hang together through four kinds of persons, some codes are rare, multi-select
questions have a floor, one member holds 35-70 % of the rows, one hands in totals only, and every second year has
a large case: one row that stands for many persons.
"""

from __future__ import annotations

import numpy as np
import pandas as pd
from attack_world import country_groups, follows, questions, settled

from platform_utils.spec import codebook
from platform_utils.spec.clean import CleanYear
from platform_utils.spec.plan import load_plan
from platform_utils.spec.returns import LedgerEntry

YEAR = 2023
COUNTRIES = ("RO", "BG", "HU", "NG", "TH", "PH", "UA", "SY", "ET", "VN", "MA", "CO")
DRAWN = {
    "sex": None, "age_band": None, "county": ("01", "03", "05", "12", "14", "20", "22"),
    "police_report": None, "police_report_timing": None, "police_report_by": None,
    "formal_identification": None, "reflection_period_applied": None, "reflection_period_granted": None,
    "temporary_permit": None, "asylum": None, "mmm_access": None, "authority_support": None, "nsp": None,
    "exit_kind": None, "return_route": None, "identified_by": ("police", "social_services", "self", "outreach"),
    "recruitment": None, "movement": None,
}  # fmt: skip
CHILDREN, ADULTS = (
    ("0_5", "6_12", "13_15", "16_17", "under_18"),
    ("18_26", "27_35", "36_50", "51_plus", "adult"),
)
PLANNED = (
    "role", "mass_case", "sex_by_age", "sex", "adult_or_child", "age_band", "origin_eu", "origin_group",
    "origin_country", "form", "labour_branch", "police_region", "recruitment", "identified_by_group",
    "police_report", "police_report_timing", "police_report_by", "formal_identification",
    "reflection_period_applied", "reflection_period_granted", "temporary_permit", "exit_kind", "return_route",
    "nsp", "movement",
)  # fmt: skip
CROSSINGS = (
    ("sex", "form"), ("sex", "police_report"), ("age_group", "form"), ("origin_group", "form"),
    ("form", "police_report"), ("police_region", "form"), ("sex", "origin_group"), ("sex", "temporary_permit"),
    ("temporary_permit", "nsp"), ("nsp", "police_report"), ("exit_kind", "sex"), ("adult_or_child", "movement"),
)  # fmt: skip
UNIVERSES = ("direct", "direct", "direct", "women_direct", "reported", "labour", "all", "direct_without_mass")
ASKED = (
    "sex", "age_group", "adult_or_child", "origin_group", "origin_country", "form", "police_report", "police_region",
    "temporary_permit", "exit_kind", "nsp", "movement", "recruitment", "formal_identification", "labour_branch",
    "police_report_timing", "reflection_period_granted", "reflection_period_applied", "role", "sex_by_age",
)  # fmt: skip


def draw_year(number, seed, *, year=YEAR):
    """Return an invented clean year of about so many persons."""
    rng = np.random.default_rng([2027, number, seed])
    rows = _persons(rng, number, year)
    if seed % 2:
        rows = pd.concat([rows, _large(rng, rows)], ignore_index=True)
    totals = _totals(rng, max(3, number // 12) if seed % 3 != 2 else 0, year)
    reasons = load_plan().computed["row_reason"].codes
    fates = [
        LedgerEntry("a.xlsx", "Personer", "case", reason, int(rng.choice([1, 1, 2, 3, 6, 11])))
        for reason in rng.choice(list(reasons), int(rng.integers(2, 8)), replace=False)
    ]
    return clean_year(
        rows, totals, year, (*fates, LedgerEntry("a.xlsx", "Personer", "case", "accepted", number))
    )


def clean_year(rows, totals, year=YEAR, ledger=()):
    """Return rows of persons, and of totals-only returns, as a clean year."""
    members = sorted({*rows["member_id"], *totals["member_id"]})
    total_only = set(totals["member_id"])
    book = pd.DataFrame(
        {
            "member_id": members,
            "has_returned": True,
            "is_totals_only": [one in total_only for one in members],
        }
    )
    tables = {"case": rows, "programme": pd.DataFrame(columns=["member_id"]), "total": totals}
    recodes = pd.DataFrame({"file": pd.Series([], dtype="str")})
    return CleanYear(year, "demo", {**tables, "organisation": book}, recodes, ledger=ledger)


def _shares(rng, kinds, codes):
    shares = rng.dirichlet(np.full(len(codes), 0.8), kinds)
    return np.hstack([shares * 0.9, rng.uniform(0.02, 0.1, (kinds, 1))])


def _persons(rng, number, year):
    book, (codes, multiple) = codebook.load(), questions(year)
    kinds = 4
    kind = rng.choice(kinds, number, p=rng.dirichlet(np.full(kinds, 2.0)))
    said = {"role": rng.choice(["direct", "child", "sibling"], number, p=[0.86, 0.12, 0.02])}
    for name, some in DRAWN.items():
        own = (*(some or codes[name]), "unknown")
        shares = _shares(rng, kinds, own[:-1])[kind]
        at = (rng.random((number, 1)) * shares.sum(axis=1, keepdims=True) > shares.cumsum(axis=1)).sum(axis=1)
        said[name] = np.array(own, dtype=object)[at.clip(0, len(own) - 1)]
    child = said["role"] == "child"
    said["age_band"][child] = rng.choice(CHILDREN, int(child.sum()))
    country = rng.choice([*COUNTRIES, "unknown"], number, p=rng.dirichlet(np.full(len(COUNTRIES) + 1, 0.7)))
    said["origin_country"] = country.astype(object)
    group = rng.choice(["other_eu", "third_country", "sweden", "unknown"], number)
    said["origin_group"] = np.array(
        [country_groups(year).get(one, other) for one, other in zip(country, group, strict=True)],
        dtype=object,
    )
    for name, own in multiple.items():
        shares = rng.beta(0.4, 2.5, (kinds, len(own)))[kind]
        yes = rng.random((number, len(own))) < shares
        least = rng.integers(0, min(3, len(own)), number)
        yes[np.arange(number), least] |= ~yes.any(axis=1)
        unknown = rng.random(number) < 0.04
        for at, code in enumerate(own):
            said[f"{name}__{code}"] = np.where(unknown, "unknown", np.where(yes[:, at], "yes", "no")).astype(
                object
            )
    members = [f"M{at:02d}" for at in range(1, 13)]
    largest = rng.uniform(0.35, 0.7)
    said["member_id"] = rng.choice(
        members, number, p=[largest, *rng.dirichlet(np.full(11, 1.0)) * (1 - largest)]
    )
    frame = pd.DataFrame(said)
    _close(frame, "police_report_timing", frame["police_report"] == "yes")
    _close(frame, "police_report_by", frame["police_report"] == "yes")
    _close(frame, "return_route", frame["exit_kind"] == "return")
    frame.loc[frame["reflection_period_applied"] == "no", "reflection_period_granted"] = "no"
    for code in multiple["labour_branch"]:
        _close(frame, f"labour_branch__{code}", frame["form__labour"] == "yes")
    return _whole(frame.assign(person_count=1), book, year)


def _close(frame, column, asked):
    frame.loc[~asked, column] = "not_asked"


def _whole(frame, book, year):
    """Return rows with every column of the sheet and every derived one."""
    columns = {}
    for column, (variable, _) in book.grain_columns("case").items():
        if column in frame:
            columns[column] = frame[column].to_numpy()
        elif column == "person_code":
            columns[column] = np.array([f"P{at}" for at in range(len(frame))], dtype=object)
        elif variable.is_number:
            columns[column] = pd.array([pd.NA] * len(frame), dtype="Int64")
            columns[f"{column}_status"] = np.full(len(frame), "blank", dtype=object)
        else:
            columns[column] = np.full(len(frame), "not_asked", dtype=object)
    for name, (sources, _, _) in follows(year).items():
        said = zip(*(columns[source] for source in sources), strict=True)
        columns[name] = np.array([settled(name, one, year) for one in said], dtype=object)
    rows = pd.DataFrame(columns)
    text = [c for c in rows.columns if rows[c].dtype == object]
    rows[text] = rows[text].astype("str")
    place = {
        "member_id": frame["member_id"].astype("str"),
        "year": year,
        "file": "a.xlsx",
        "sheet": "Personer",
    }
    return rows.assign(
        **place,
        row=range(len(rows)),
        is_possible_duplicate=False,
        person_count=frame["person_count"].astype("int64"),
    )


def _large(rng, rows):
    """Return a large case: a row that stands for many, of whom some answers are not known."""
    one = rows.sample(1, random_state=int(rng.integers(1 << 30))).assign(
        role="direct", person_count=int(rng.choice([17, 40, 120, 237])), member_id="M03"
    )
    if rng.random() < 0.5:
        one = one.assign(sex="unknown", sex_by_age="unknown")
    return one


def _totals(rng, number, year=YEAR):
    groups = [(role, sex, age) for role in ("direct", "child") for sex in ("woman", "man", "unknown")
              for age in ("adult", "child", "unknown") if role == "direct" or age == "child"]  # fmt: skip
    drawn = rng.multinomial(number, rng.dirichlet(np.full(len(groups), 0.5)))
    said = [(*group, int(count)) for group, count in zip(groups, drawn, strict=True) if count]
    frame = pd.DataFrame(said, columns=["role", "sex", "adult_or_child", "person_count"])
    frame = frame.astype({"role": "str", "sex": "str", "adult_or_child": "str", "person_count": "int64"})
    return frame.assign(
        member_id=pd.Series(["M20"] * len(frame), dtype="str"), year=year, file="t.xlsx", sheet="T", row=0
    )


def planned_tables(seed, *, crossings=1, planned=5):
    """Return tables of the plan, and crossings, that a year's set is made of."""
    rng = np.random.default_rng([11, seed])
    plan = load_plan()
    named = ["headline", "rows_read", *sorted(rng.choice(PLANNED, planned, replace=False).tolist())]
    crossed = [CROSSINGS[at] for at in sorted(rng.choice(len(CROSSINGS), crossings, replace=False).tolist())]
    return [
        *(plan.by_key[name] for name in named),
        *(plan.of_persons("_by_".join(pair), "direct", pair) for pair in crossed),
    ]


def asked_tables(seed, at):
    """Return the tables of one request."""
    rng = np.random.default_rng([13, seed, at])
    plan, multiple = load_plan(), questions(YEAR)[1]
    tables = []
    for n in range(int(rng.choice([1, 1, 1, 2]))):
        universe = str(rng.choice(UNIVERSES))
        names = sorted(rng.choice(ASKED, int(rng.integers(1, 3)), replace=False).tolist())
        if len([name for name in names if name in multiple]) < 2:
            tables.append(plan.of_persons(f"request-{at}-{n}", universe, tuple(names)))
    return tables or [plan.of_persons(f"request-{at}-0", "direct", ("sex",))]


def correct(clean, seed):
    """Return a corrected year: a few persons came, a few went, some answers changed."""
    rng = np.random.default_rng([17, seed])
    rows = clean.case
    single = rows.index[rows["person_count"] == 1]
    gone = rng.choice(single, int(rng.integers(0, 6)), replace=False)
    pool = _persons(rng, 20, clean.year).iloc[: int(rng.integers(1, 12))]
    pool = pool.assign(person_code=[f"N{at}" for at in range(len(pool))])
    after = pd.concat([rows.drop(gone), pool], ignore_index=True)
    for name in ("nsp", "movement", "temporary_permit"):
        few = rng.choice(after.index[after["person_count"] == 1], int(rng.integers(0, 3)), replace=False)
        after.loc[few, name] = rng.choice(questions(clean.year)[0][name], len(few))
    return clean.with_tables(case=after)


CHAINED = (
    "nsp", "movement", "authority_support", "temporary_permit", "formal_identification", "mmm_access",
    "asylum", "police_report", "sex", "support_refused",
)  # fmt: skip


def draw_chain(number, seed):
    """Return an invented year of four questions, each hanging on the one before, and the ring of their tables."""
    rng = np.random.default_rng([19, number, seed])
    codes, _ = questions(YEAR)
    names = rng.choice(CHAINED, 4, replace=False).tolist()
    at = rng.integers(0, 4, number)
    said = {"role": np.full(number, "direct", dtype=object)}
    for name in names:
        own = codes[name]
        kept = rng.random(number) < rng.uniform(0.55, 0.9)
        at = np.where(kept, at.clip(0, len(own) - 1), rng.integers(0, len(own), number))
        said[name] = np.array(own, dtype=object)[at]
        if rng.random() < 0.3:
            said[name][rng.random(number) < 0.03] = "unknown"
    said["member_id"] = rng.choice([f"M{n:02d}" for n in range(1, 13)], number)
    rows = _whole(pd.DataFrame(said).assign(person_count=1), codebook.load(), YEAR)
    pairs = [tuple(sorted(pair)) for pair in zip(names, [*names[1:], names[0]], strict=True)]
    plan = load_plan()
    planned = [plan.of_persons("_by_".join(pair), "direct", pair) for pair in pairs]
    return clean_year(rows, _totals(rng, 0)), planned
