"""The stored tables of a year: what documents are written from.

Enters: the controlled folder of a source and year. Leaves: safe tables by name, and facts for comparison.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from platform_utils.errors import FileError
from platform_utils.paths import Workspace, write_whole
from platform_utils.publish.cells import accept
from platform_utils.spec.counts import years_shown
from platform_utils.spec.plan import load_plan
from platform_utils.spec.safe import SafeTable


def tables_folder(workspace: Workspace, source: str, year: int) -> Path:
    """Return the folder that holds a year's safe tables."""
    return workspace.controlled(source, year) / "tables"


def read_tables(
    workspace: Workspace, source: str, year: int, edition: int | None = None
) -> dict[str, SafeTable]:
    """Read the safe tables of a year, by name: as they are, or as an edition released them.

    Raises
    ------
    FileError
        E-651 if the year has none.
    DisclosureError
        E-411, E-412 if a file is not the one that the gate wrote.
    """
    folder = tables_folder(workspace, source, year)
    if edition is not None:
        folder = workspace.edition_tables(source, year, edition)
    tables = [SafeTable.read(path) for path in sorted(folder.glob("*.parquet"))]
    if not tables:
        raise FileError("E-651", year=year, source=source)
    return {table.name: table for table in tables}


def years_before(workspace: Workspace, source: str, year: int) -> tuple[int, ...]:
    """Return the stored years before a year, in order."""
    gates = workspace.controlled(source, year).parent.glob("*/tables/gate.json")
    names = [path.parent.parent.name for path in gates]
    stored = (int(name) for name in names if name.isdigit())
    return years_shown(year - 1, stored)


def read_shown_later(workspace: Workspace, source: str, year: int) -> dict[str, SafeTable]:
    """Read the tables of a year that reports of later years show; errors as in `read_tables`."""
    tables = read_tables(workspace, source, year)
    return {name: table for name, table in tables.items() if name in load_plan().shown_later}


def read_released(workspace: Workspace, source: str, year: int) -> list[SafeTable]:
    """Read every table that a release of a year shows: its own, then those of the years before, in order.

    Raises
    ------
    FileError, DisclosureError
        As in `read_tables`.
    """
    earlier = [read_shown_later(workspace, source, one) for one in years_before(workspace, source, year)]
    return [table for tables in (read_tables(workspace, source, year), *earlier) for table in tables.values()]


def read_published(workspace: Workspace) -> tuple[SafeTable, ...]:
    """Read the figures that others have published, as the gate has admitted them; empty if it has not.

    Raises
    ------
    DisclosureError
        E-411, E-412 if a file is not the one that the gate wrote.
    """
    return tuple(SafeTable.read(path) for path in sorted(workspace.published_tables.glob("*.parquet")))


Tables = Mapping[str, SafeTable]
"""The safe tables of a year, by name."""


class StoredYears(Mapping[int, Tables]):
    """The safe tables of a year, and what is shown later of each stored year before it, once somebody asks.

    What shows one year depends on no other, even while that is being made.

    Raises
    ------
    FileError, DisclosureError
        As `read_tables`, also when an earlier year is asked for.
    """

    def __init__(self, workspace: Workspace, source: str, year: int) -> None:
        self._workspace, self._source = workspace, source
        self._years = (*years_before(workspace, source, year), year)
        self._read = {year: read_tables(workspace, source, year)}

    def __getitem__(self, year: int) -> Tables:
        if year not in self._years:
            raise KeyError(year)
        if year not in self._read:
            self._read[year] = read_shown_later(self._workspace, self._source, year)
        return self._read[year]

    def __iter__(self) -> Iterator[int]:
        return iter(self._years)

    def __len__(self) -> int:
        return len(self._years)


def write_facts(tables: Iterable[SafeTable], folder: Path) -> Path:
    """Write every released number of a year to ``facts.json``, for comparison with a rebuild.

    Parameters
    ----------
    tables : iterable of SafeTable
        All tables of the year.
    folder : Path
        The year's controlled folder.

    Raises
    ------
    DisclosureError
        E-650 for anything that is not a ``SafeTable``.
    """
    facts = {f"{table.name}": _facts(accept(table)) for table in tables}
    path = folder / "facts.json"
    write_whole(path, json.dumps(facts, ensure_ascii=False, indent=1, sort_keys=True) + "\n")
    return path


def _facts(table: SafeTable) -> Mapping[str, object]:
    data = table.data
    keys = ["·".join(codes) for codes in zip(*(data[d] for d in table.dimensions), strict=True)]
    shown = [None if mark else int(count) for count, mark in zip(data["count"], data["mark"], strict=True)]
    cells = dict(zip(keys or ["total"] * len(shown), shown, strict=True))
    universe = {"name": table.universe.name, "year": table.universe.year, "unit": table.universe.unit}
    return {"universe": universe, "rule": table.rule, "asked": table.asked, "cells": cells}
