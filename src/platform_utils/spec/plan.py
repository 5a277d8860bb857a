"""The table plan: which tables a year has, read once from ``resources/table_plan.toml``."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache

from platform_utils.paths import resource

__all__ = ["PlannedTable", "Population", "TablePlan", "load_plan"]


@dataclass(frozen=True)
class Population:
    """Who is counted.

    Parameters
    ----------
    name : str
        Key, as in ``Universe.name``.
    unit : str
        As in ``Universe.unit``.
    where : mapping of str to str
        Clean column and the code that a row must have.
    """

    name: str
    unit: str = "persons"
    where: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class PlannedTable:
    """One table of the plan.

    Parameters
    ----------
    key : str
        Name of the table.
    population : Population
        Who is counted.
    dimensions : tuple of str
        Codebook variables, derived ones or computed ones.
    measure : str
        ``"person_count"``, ``"children"``, ``"beneficiaries"``, ``"interventions"``, ``"sek"``,
        ``"members"`` or ``"rows"``.
    disclosure_class : {"A", "B"}
        Class of the disclosure rule.
    must_show : tuple of str
        Codes of the first dimension that are never hidden for the sake of others.
    notes : tuple of str
        Keys of the notes under the table.
    present_only : bool
        Codes that nobody has are left out (long code lists).
    section : str
        Part of the report.
    merge : {"", "small", "neighbours", "unnamed"}
        How rows that would be hidden one by one may go together; not at all without it.
    year_before : bool
        Counted among the persons of the year before.
    """

    key: str
    population: Population
    dimensions: tuple[str, ...]
    measure: str = "person_count"
    disclosure_class: str = "A"
    must_show: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    present_only: bool = False
    section: str = ""
    merge: str = ""
    year_before: bool = False


@dataclass(frozen=True)
class TablePlan:
    """All tables, who they count, and the codes that no form asks.

    Parameters
    ----------
    tables : tuple of PlannedTable
        In the order of the report.
    populations : mapping of str to Population
        By key.
    computed : mapping of str to tuple of str
        Codes of the variables that are computed here.
    """

    tables: tuple[PlannedTable, ...]
    populations: Mapping[str, Population]
    computed: Mapping[str, tuple[str, ...]]

    def table(self, key: str) -> PlannedTable:
        """Return a planned table.

        Raises
        ------
        KeyError
            If the plan has none of that name.
        """
        for planned in self.tables:
            if planned.key == key:
                return planned
        raise KeyError(key)


@cache
def load_plan() -> TablePlan:
    """Return the plan that the package carries."""
    said = tomllib.loads(resource("table_plan.toml").read_text(encoding="utf-8"))
    populations = {
        name: Population(name, entry.get("unit", "persons"), entry.get("where", {}))
        for name, entry in said["universe"].items()
    }
    tables = tuple(
        PlannedTable(
            key=entry["key"],
            population=populations[entry["universe"]],
            dimensions=tuple(entry["dimensions"]),
            measure=entry.get("measure", "person_count"),
            disclosure_class=entry.get("class", "A"),
            must_show=tuple(entry.get("must_show", ())),
            notes=tuple(entry.get("notes", ())),
            present_only=entry.get("present_only", False),
            section=entry["section"],
            merge=entry.get("merge", ""),
            year_before=entry.get("year_before", False),
        )
        for entry in said["table"]
    )
    return TablePlan(tables, populations, {name: tuple(codes) for name, codes in said["computed"].items()})
