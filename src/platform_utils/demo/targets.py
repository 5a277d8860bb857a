"""What the demo must add up to: read once from ``resources/demo``.

Enters: ``targets.toml`` and ``members.toml``. Leaves: frozen definitions. Every number there is marked
published, derived or invented.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from platform_utils.errors import UsageError
from platform_utils.paths import resource
from platform_utils.spec.entries import read_packaged


@dataclass(frozen=True)
class DemoMember:
    """One invented member.

    Attributes
    ----------
    weight : int
        Share of the rows that the largest member leaves.
    largest : mapping of year to int
        Per cent of the year's rows, for the member that holds most of them.
    counties : mapping of county to int
        Weights of where its persons were met; empty if all in its own.
    since, certified, certified_month, joined : int
        First year on the list; first year certified for NSP, and month of it; first year in the register, if
        that is another.
    away, totals : sequence of int
        Years without a return; years with totals only.
    """

    id: str
    name: str
    membership_form: str
    county: str
    weight: int
    away: Sequence[int]
    largest: Mapping[str, int] = field(default_factory=dict)
    counties: Mapping[str, int] = field(default_factory=dict)
    since: int = 0
    certified: int | None = None
    certified_month: int = 1
    totals: Sequence[int] = ()
    joined: int = 0

    def is_certified(self, year: int) -> bool:
        """Say whether the member is certified for NSP in ``year``."""
        return self.certified is not None and self.certified <= year

    def has_returned(self, year: int) -> bool:
        """Say whether the member hands in a return for ``year``."""
        return self.since <= year and year not in self.away


@dataclass(frozen=True)
class YearTarget:
    """The numbers of one year.

    Attributes
    ----------
    role, minors, boys : mapping of role to int
        Persons, of them under 18, of them boys (mass case and totals included).
    margins : mapping of variable to (mapping of code to int)
        Directly exploited persons with rows of their own.
    nsp : mapping of str to int
        Persons in the programme (``direct``, ``child``, ``child_abroad``) and ``sek`` in SEK.
    children : mapping
        Families (``parents``) and places of children, where they are fixed; else empty.
    mass_case : mapping
        ``persons`` and ``answers`` of the one row that stands for many; empty if there is none.
    totals_only : sequence of (role, sex, adult or child, persons)
        Cells of the totals-only return.
    """

    year: int
    role: Mapping[str, int]
    minors: Mapping[str, int]
    boys: Mapping[str, int]
    margins: Mapping[str, Mapping[str, int]]
    nsp: Mapping[str, int]
    children: Mapping[str, Any]
    mass_case: Mapping[str, Any]
    totals_only: Sequence[tuple[str, str, str, int]]

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
        return self.mass_case["persons"][0] if self.mass_case else 0


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
    return YearTarget(
        year=year,
        role=_counts(entry["role"]),
        minors=_counts(entry["minors"]),
        boys=_counts(entry["boys"]),
        margins={each["variable"]: _counts(each["cells"]) for each in said["margin"] if each["year"] == year},
        nsp={key: value for key, (value, _mark) in entry["nsp"].items()},
        children={key: value for key, value in entry.get("children", {}).items() if key != "marks"},
        mass_case=entry.get("mass_case", {}),
        totals_only=[tuple(cell) for *cell, _mark in entry.get("totals_only", [])],
    )


@cache
def load_members() -> tuple[DemoMember, ...]:
    """Return the invented members, in order."""
    return tuple(DemoMember(**entry) for entry in _toml("members.toml")["member"])


def _counts(cells: list[list]) -> dict[str, int]:
    return {code: count for code, count, _mark in cells}


@cache
def _toml(name: str) -> dict:
    return read_packaged(resource("demo", name))
