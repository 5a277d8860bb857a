"""Invented years for the gate's benchmarks: linked tables of the same people, a tree, one large member.

Nobody in them is real: every answer is drawn. The attributes hang together loosely, some codes are rare, and
one member holds 60-73 % of the rows.
"""

from __future__ import annotations

from itertools import product

import numpy as np
import pandas as pd

from platform_utils.protect import Cell, Links, Refinement
from platform_utils.spec.counts import CountTable, Universe

CODES = {
    "sex": ("woman", "man", "other", "unknown"),
    "age": ("child", "18_20", "21_26", "27_35", "36_50", "51_plus", "unknown"),
    "origin": (
        "sweden", "romania", "bulgaria", "hungary", "other_eu", "europe", "west_africa", "east_africa",
        "middle_east", "asia", "america", "unknown",
    ),
    "form": ("sexual", "labour", "begging", "crime", "marriage", "smuggling", "other"),
    "identified_by": (
        "police", "social", "self", "outreach", "other_ngo", "migration", "health", "school", "union",
        "unknown",
    ),
    "nsp": ("yes", "no", "unknown"),
    "exit": ("stays", "planned", "mmm", "return", "deported", "refused", "left", "moved", "unknown"),
    "police_region": ("nord", "mitt", "stockholm", "ost", "vast", "syd", "bergslagen", "unknown"),
}  # fmt: skip
COARSE = {
    **dict.fromkeys(("sweden", "romania", "bulgaria", "hungary", "other_eu"), "eu"),
    **dict.fromkeys(("europe", "west_africa", "east_africa", "middle_east", "asia", "america"), "third"),
    "unknown": "unknown",
}
WISHES = (
    (), ("origin_eu", "sex"), ("sex", "nsp"), ("origin", "identified_by"), ("origin", "age"),
    ("identified_by", "exit"), ("age", "exit"), ("form", "age"), ("police_region", "nsp"),
)  # fmt: skip
LINKS = Links((Refinement("origin", "origin_eu", COARSE),))
MULTIPLE = "form"


def draw_people(number: int, seed: int) -> pd.DataFrame:
    """Return one row per person: a code per attribute, a yes per form, a member."""
    rng = np.random.default_rng([2026, number, seed])
    kinds = 4
    kind = rng.choice(kinds, number, p=rng.dirichlet(np.full(kinds, 2.0)))
    columns: dict[str, np.ndarray] = {}
    for name, codes in CODES.items():
        if name == MULTIPLE:
            shares = rng.beta(0.5, 2.0, (kinds, len(codes)))
            for at, code in enumerate(codes):
                columns[f"form__{code}"] = rng.random(number) < shares[kind, at]
            continue
        shares = rng.dirichlet(np.full(len(codes), 2.0), kinds)
        drawn = (rng.random((number, 1)) > shares[kind].cumsum(axis=1)).sum(axis=1)
        columns[name] = np.array(codes)[drawn.clip(0, len(codes) - 1)]
    columns["origin_eu"] = np.array([COARSE[code] for code in columns["origin"]])
    largest = rng.uniform(0.60, 0.73)
    others = rng.dirichlet(np.full(19, 1.0)) * (1 - largest)
    columns["member_id"] = rng.choice([f"M{i:02d}" for i in range(20)], number, p=np.r_[largest, others])
    return pd.DataFrame(columns)


def count(people: pd.DataFrame, dimensions: tuple[str, ...], universe: Universe) -> CountTable:
    """Return a table with all margins, zeros included, and the members behind each cell."""
    levels = [(*CODES.get(d, tuple(dict.fromkeys(COARSE.values()))), "total") for d in dimensions]
    rows, behind = [], []
    members = people["member_id"].to_numpy()
    has = {
        (d, code): people[f"form__{code}"].to_numpy() if d == MULTIPLE else (people[d] == code).to_numpy()
        for d, level in zip(dimensions, levels, strict=True)
        for code in level[:-1]
    }
    for codes in product(*levels):
        inside = np.ones(len(people), dtype=bool)
        for dimension, code in zip(dimensions, codes, strict=True):
            if code != "total":
                inside &= has[dimension, code]
        rows.append((*codes, int(inside.sum())))
        names, counts = np.unique(members[inside], return_counts=True)
        behind += [(*codes, name, int(n)) for name, n in zip(names, counts, strict=True)]
    multiple = (MULTIPLE,) if MULTIPLE in dimensions else ()
    return CountTable(
        "_".join(dimensions) or "headline",
        universe,
        dimensions,
        pd.DataFrame(rows, columns=[*dimensions, "count"]),
        multiple=bool(multiple),
        contributors=pd.DataFrame(behind, columns=[*dimensions, "member_id", "count"]),
        multiple_dimensions=multiple,
    )


def draw_year(number: int, seed: int, year: int = 2021) -> tuple[pd.DataFrame, list[CountTable]]:
    """Return the people of an invented year and all tables that are wished for."""
    people = draw_people(number, seed)
    universe = Universe("all", year, "demo")
    return people, [count(people, wish, universe) for wish in WISHES]


def correct(people: pd.DataFrame, number: int, seed: int) -> tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame]:
    """Return a corrected year: the people after, those who came and those who went."""
    rng = np.random.default_rng([77, number, seed])
    pool = draw_people(number, seed + 100_000)
    came = pool.iloc[rng.choice(len(pool), int(rng.integers(1, 16)), replace=False)]
    went = people.iloc[rng.choice(len(people), int(rng.integers(0, 6)), replace=False)]
    after = pd.concat([people.drop(went.index), came], ignore_index=True)
    return after, came, went


def must_show(tables: list[CountTable]) -> set[Cell]:
    """Return what is never hidden: the headline, and the largest code by sex, programme and EU."""
    universe = tables[0].universe
    cells = {Cell("all", universe.year)}
    for table in tables:
        for dimension in set(table.dimensions) & {"sex", "nsp", "origin_eu"}:
            others = [other for other in table.dimensions if other != dimension]
            margin = table.data[(table.data[others] == "total").all(axis=1)]
            margin = margin[margin[dimension] != "total"]
            largest = margin.sort_values("count", kind="stable")[dimension].iloc[-1]
            cells.add(Cell.named("all", universe.year, **{dimension: largest}))
    return cells
