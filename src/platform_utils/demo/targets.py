"""What the demo must add up to, and how the rest is filled: read once from ``resources/demo``.

Enters: ``targets.toml``, ``distributions.toml`` and ``members.toml``. Leaves: frozen definitions. Every
number there is marked published, derived or invented.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

from platform_utils.errors import UsageError
from platform_utils.paths import resource

__all__ = ["MARKS", "DemoMember", "YearTarget", "demo_years", "load_members", "load_target", "weights_for"]

MARKS = ("published", "derived", "invented")


@dataclass(frozen=True)
class DemoMember:
    """One invented member.

    Parameters
    ----------
    id, name, membership_form, county : str
        As in the list of members.
    weight : int
        Share of the rows that the largest member leaves.
    largest : mapping of int to int
        Per cent of the year's rows, for the member that holds most of them.
    since, certified : int, optional
        First year on the list; first year certified for NSP.
    away, totals : tuple of int
        Years without a return; years with totals only.
    """

    id: str
    name: str
    membership_form: str
    county: str
    weight: int
    largest: Mapping[int, int]
    since: int
    certified: int | None
    away: tuple[int, ...]
    totals: tuple[int, ...]

    def is_certified(self, year: int) -> bool:
        """Say whether the member is certified for NSP in ``year``."""
        return self.certified is not None and self.certified <= year

    def has_returned(self, year: int) -> bool:
        """Say whether the member hands in a return for ``year``."""
        return self.since <= year and year not in self.away


@dataclass(frozen=True)
class YearTarget:
    """The numbers of one year.

    Parameters
    ----------
    year : int
        Support year.
    role, minors, boys : mapping of str to int
        Persons per role, of them under 18, of them boys (mass case and totals included).
    margins : mapping of str to (mapping of str to int)
        Per variable, directly exploited persons with rows of their own.
    nsp : mapping of str to int
        Persons in the programme (``direct``, ``child``, ``child_abroad``) and ``sek`` in SEK.
    children : mapping, optional
        Families and places of children, where they are fixed.
    mass_case : mapping, optional
        The one row that stands for many persons.
    totals_only : tuple of (role, sex, adult or child, persons)
        Cells of the totals-only return.
    marks : tuple of str
        The mark of every number, in the order of the file.
    """

    year: int
    role: Mapping[str, int]
    minors: Mapping[str, int]
    boys: Mapping[str, int]
    margins: Mapping[str, Mapping[str, int]]
    nsp: Mapping[str, int]
    children: Mapping[str, object] | None
    mass_case: Mapping[str, object] | None
    totals_only: tuple[tuple[str, str, str, int], ...]
    marks: tuple[str, ...]

    def in_totals(self, role: str, sex: str = "", age: str = "") -> int:
        """Return the persons of a role (and sex, and adult or child) that stand in totals only."""
        return sum(
            count
            for cell_role, cell_sex, cell_age, count in self.totals_only
            if cell_role == role and sex in ("", cell_sex) and age in ("", cell_age)
        )

    @property
    def mass_persons(self) -> int:
        """Persons in the mass case, 0 if there is none."""
        return int(self.mass_case["persons"]) if self.mass_case else 0  # type: ignore[call-overload]


def demo_years() -> tuple[int, ...]:
    """Return the years that the demo can make."""
    return tuple(entry["year"] for entry in _toml("targets.toml")["year"])


@cache
def load_target(year: int) -> YearTarget:
    """Return the numbers of one demo year.

    Raises
    ------
    UsageError
        E-840 if the demo has no such year.
    """
    said = _toml("targets.toml")
    entry = next((candidate for candidate in said["year"] if candidate["year"] == year), None)
    if entry is None:
        years = demo_years()
        raise UsageError("E-840", year=year, first=years[0], last=years[-1])
    margins = {m["variable"]: m["cells"] for m in said["margin"] if m["year"] == year}
    numbered = [entry["role"], entry["minors"], entry["boys"], *margins.values()]
    marks = [cell[-1] for cells in (*numbered, entry.get("totals_only", [])) for cell in cells]
    marks += [mark for _, mark in entry["nsp"].values()]
    mass = dict(entry["mass_case"]) if "mass_case" in entry else None
    if mass:
        mass["persons"], mark = mass["persons"]
        marks.append(mark)
    children = dict(entry["children"]) if "children" in entry else None
    if children:
        marks += children.pop("marks").values()
    return YearTarget(
        year=year,
        role=_counts(entry["role"]),
        minors=_counts(entry["minors"]),
        boys=_counts(entry["boys"]),
        margins={variable: _counts(cells) for variable, cells in margins.items()},
        nsp={key: value for key, (value, _) in entry["nsp"].items()},
        children=children,
        mass_case=mass,
        totals_only=tuple(tuple(cell[:4]) for cell in entry.get("totals_only", [])),
        marks=tuple(marks),
    )


@cache
def load_members() -> tuple[DemoMember, ...]:
    """Return the invented members, in order."""
    return tuple(
        DemoMember(
            id=entry["id"],
            name=entry["name"],
            membership_form=entry["membership_form"],
            county=entry["county"],
            weight=entry["weight"],
            largest={int(year): share for year, share in entry.get("largest", {}).items()},
            since=entry.get("since", 0),
            certified=entry.get("certified"),
            away=tuple(entry["away"]),
            totals=tuple(entry.get("totals", ())),
        )
        for entry in _toml("members.toml")["member"]
    )


def weights_for(variable: str, among: str, year: int, kind: str = "weights") -> Mapping[str, int] | None:
    """Return the invented weights (or, for multi-select, shares) of a variable, None if it has none."""
    for entry in _toml("distributions.toml")[kind]:
        first, last = entry["years"]
        if entry["variable"] == variable and entry["among"] == among and first <= year <= last:
            return dict(entry["of"])
    return None


def _counts(cells: list[list]) -> dict[str, int]:
    return {cell[0]: cell[1] for cell in cells}


@cache
def _toml(name: str) -> dict:
    return tomllib.loads(resource("demo", name).read_text(encoding="utf-8"))
