"""By what each person came into a year's counts, or went out of them, since the year was released.

Enters: both states of a year, with one name for whoever stands behind each row, and their corrections.
Leaves: a row per person and side. Who has got another role has gone with the old one and come with the new.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any, NamedTuple

from platform_utils.count.rows import Declared, Rows, members_in
from platform_utils.spec.clean import CleanYear

_UNTOLD = ("number", "reason")
"""What two equal corrections may differ in."""


class Who(NamedTuple):
    """Somebody in one role: how many, and where the first row stands."""

    number: int
    code: str
    file: str
    sheet: str
    row: int


@dataclass(frozen=True)
class State:
    """A year as it was counted once."""

    clean: CleanYear
    corrections: tuple[Declared, ...]

    @cached_property
    def persons(self) -> dict[tuple[str, str], Who]:
        """Whoever stands behind the rows, by name and role."""
        rows, found = Rows(self.clean).persons, dict[tuple[str, str], Who]()
        columns = [rows[name].tolist() for name in ("member_id", "role", "person_count", "person_code")]
        places = [rows[name].tolist() for name in ("file", "sheet", "row")]
        for name, role, count, *place in zip(*columns, *places, strict=True):
            first = found.get((name, role), Who(0, *place))
            found[name, role] = first._replace(number=first.number + int(count))
        return found

    @cached_property
    def files(self) -> frozenset[str]:
        """Files that were read."""
        return frozenset(entry.file for entry in self.clean.ledger)

    @cached_property
    def waiting(self) -> frozenset[tuple[str, str, int | None]]:
        """Rows, sheets and files that an error held."""
        errors = (one for one in self.clean.findings if one.severity == "error")
        return frozenset((one.file, one.sheet, one.row) for one in errors)

    def holds(self, row: Who) -> bool:
        """Say whether a row awaited correction."""
        places = ((row.file, row.sheet, row.row), (row.file, row.sheet, None), (row.file, "", None))
        return row.file in self.files and not self.waiting.isdisjoint(places)

    def corrected_otherwise(self, other: State, member: str, row: Who) -> str:
        """Return the action of a correction of a row that only one of two states has; nothing if none."""
        own, its = ({_said(one): one for one in state.corrections} for state in (self, other))
        for said in sorted(own.keys() ^ its.keys()):
            one: Any = own.get(said) or its[said]
            aimed = one.row in (None, row.row) and one.person_code in ("", row.code)
            if one.concerns(member, row.file) and aimed:
                return str(one.action)
        return ""


def sides_of(then: State, now: State) -> tuple[tuple[str, str, str, int], ...]:
    """Return who came and who went: name, by what, as what and how many persons."""
    sides = []
    for own, other, way in ((now, then, "in"), (then, now, "out")):
        for (name, role), row in sorted(own.persons.items()):
            there = other.persons.get((name, role))
            more = row.number - (there.number if there else 0)
            if more > 0:
                cause = _cause(row, name.partition("\t")[0], own, other)
                sides.append((name, f"{cause}_{way}", "direct" if role == "direct" else "other", more))
    return tuple(sides)


def _cause(row: Who, member: str, own: State, other: State) -> str:
    """Return by what a row is there in one state and not in the other, the first that applies."""
    if member not in members_in(other.clean):
        return "return"
    if other.holds(row):
        return "waiting"
    if row.file not in other.files:
        theirs = {one.file for (name, _), one in other.persons.items() if name.startswith(f"{member}\t")}
        return "return" if theirs <= own.files else "corrected"
    action = own.corrected_otherwise(other, member, row)
    return {"": "rules", "alias": "recode"}.get(action, "corrected")


def _said(one: Declared) -> tuple[tuple[str, str], ...]:
    return tuple(sorted((name, str(value)) for name, value in vars(one).items() if name not in _UNTOLD))
