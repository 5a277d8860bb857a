"""A corrected edition: the same universe and year once more, with some persons come and some gone.

Enters: the new counts, what an earlier edition showed, and who came and went. Leaves: protected tables in
which each changed cell differs by nobody or by enough persons, or is hidden. Persons who came and went are
counted both: a cell that lost two and won two has changed by four.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd

from platform_utils.errors import ContractError, DisclosureError
from platform_utils.protect.cells import Cell, cell_of
from platform_utils.protect.check import multiple_dimensions
from platform_utils.protect.decide import Guard
from platform_utils.protect.gate import Protected, protect_set
from platform_utils.protect.ledger import Entry, Ledger
from platform_utils.protect.links import Links, packaged_links
from platform_utils.protect.merged_links import members_of
from platform_utils.protect.rules import DisclosureRule
from platform_utils.protect.superseded import LEAST_MOVED
from platform_utils.spec.counts import CountTable, Universe, codes_in
from platform_utils.spec.merged import is_merged
from platform_utils.spec.safe import SafeTable

__all__ = [
    "Change",
    "beside",
    "check_edition",
    "find_changes",
    "guard_of",
    "protect_edition",
    "refuse_shown",
]


@dataclass(frozen=True)
class Change:
    """A cell that changed by too few persons.

    Parameters
    ----------
    table : str
        Name of the table.
    position : int
        Row of ``table.data``, counted from 1.
    cell : Cell
        The cell.
    count : int
        New count; restricted.
    """

    table: str
    position: int
    cell: Cell
    count: int


def find_changes(
    tables: Sequence[CountTable],
    moved: Mapping[str, pd.DataFrame],
    ledger: Ledger,
    links: Links | None = None,
) -> list[Change]:
    """Return the cells that must be hidden in the new edition, because too few persons came or went.

    Parameters
    ----------
    tables : sequence of CountTable
        The new edition.
    moved : mapping of str to DataFrame
        Per table name: the dimensions, ``came`` and ``went`` (persons); cells that are left out have not
        changed.
    ledger : Ledger
        Only groups of people that an earlier release of the same year printed, shown or hidden and in
        whichever table, are compared.
    links : Links, optional
        Tell when cells of two tables are the same group; from codebook and table plan if not given.

    Raises
    ------
    ContractError
        E-405 if ``moved`` lacks a table with groups that were released before, or a column; E-401 for a bad
        count.
    """
    links = links or packaged_links(max((table.universe.year for table in tables), default=0))
    before = {
        links.canonical(cell)
        for entry in ledger.entries
        if entry.kind == "table"
        for cell in _released_cells(entry)
    }
    changes = []
    for table in tables:
        multiple = multiple_dimensions(table)
        codes = codes_in(table.data, table.dimensions)
        cells = [cell_of(table.universe, table.dimensions, at, multiple) for at in codes]
        known = [
            links.canonical(cell) in before or _stands_for_several(table.dimensions, at, links)
            for cell, at in zip(cells, codes, strict=True)
        ]
        gross = _gross(table, moved) if any(known) else {}
        counts = table.data["count"].tolist()
        rows = zip(codes, cells, known, counts, strict=True)
        for position, (at, cell, is_out, count) in enumerate(rows, start=1):
            if is_out and 1 <= gross.get(at, 0) < LEAST_MOVED:
                changes.append(Change(table.name, position, cell, int(count)))
    return changes


def protect_edition(
    tables: Sequence[CountTable],
    rule: DisclosureRule,
    ledger: Ledger,
    moved: Mapping[str, pd.DataFrame],
    *,
    must_show: Collection[Cell] = (),
    in_sight: Collection[Cell] = (),
    **options: Any,
) -> Protected:
    """Protect a corrected edition against everything released before.

    Parameters
    ----------
    tables, rule, must_show, **options
        As in `protect_set`.
    ledger : Ledger
        Earlier editions and all other releases.
    moved : mapping of str to DataFrame
        As in `find_changes`, since the newest edition.
    in_sight : collection of Cell
        Cells that may be hidden to protect others, but not because they changed.

    Raises
    ------
    DisclosureError
        E-439 if a cell that must be shown, or stay in sight, changed by too few persons: correct it in
        words, wait and batch.
    """
    changes = find_changes(tables, moved, ledger, options.get("links"))
    return protect_set(
        tables,
        rule,
        must_show=must_show,
        in_sight={*must_show, *in_sight},
        guard=guard_of(changes),
        **beside(ledger, tables, _corrected(tables, moved)),
        **options,
    )


def check_edition(
    released: Sequence[SafeTable],
    tables: Sequence[CountTable],
    ledger: Ledger,
    moved: Mapping[str, pd.DataFrame],
) -> None:
    """Refuse a corrected edition that shows a cell which changed by too few persons.

    Parameters
    ----------
    released : sequence of SafeTable
        What is about to be released.
    tables, ledger, moved
        As in `find_changes`.

    Raises
    ------
    DisclosureError
        E-439, naming the tables.
    """
    refuse_shown(released, find_changes(tables, moved, ledger))


def refuse_shown(released: Sequence[SafeTable], changes: Iterable[Change]) -> None:
    """Refuse tables that show a cell which changed by too few persons.

    Raises
    ------
    DisclosureError
        E-439, naming the tables.
    """
    by_name = {table.name: table for table in released}
    shown = set()
    for change in changes:
        safe = by_name.get(change.table)
        if safe is not None and not safe.data["mark"].iloc[change.position - 1]:
            shown.add(change.table)
    if shown:
        raise DisclosureError("E-439", tables=", ".join(sorted(shown)), least=LEAST_MOVED)


def guard_of(changes: Iterable[Change]) -> Guard:
    """Return what to guard: a reader must not know whether the count is the new one or one more."""
    return {change.cell: ("edition", (change.count, change.count + 1)) for change in changes}


def beside(ledger: Ledger, tables: Sequence[CountTable], corrected: Collection[int]) -> dict[str, Any]:
    """Return what is already out, as the gate takes it: of corrected years, other people were counted."""
    years = {table.universe.year for table in tables}
    return {"earlier": ledger.seen(corrected), "superseded": ledger.superseded(years)}


def _stands_for_several(dimensions: Sequence[str], codes: Sequence[str], links: Links) -> bool:
    """Say whether a cell may be the sum of cells that were printed."""
    return any(is_merged(c) or members_of(c, d, links) for d, c in zip(dimensions, codes, strict=True))


def _corrected(tables: Sequence[CountTable], moved: Mapping[str, pd.DataFrame]) -> set[int]:
    """Return the years of the tables of which somebody says what moved."""
    return {table.universe.year for table in tables if table.name in moved}


def _released_cells(entry: Entry) -> Iterator[Cell]:
    universe = Universe(**entry.content["universe"])
    multiple = entry.content["multiple_dimensions"]
    for codes in entry.content["cells"]:
        yield cell_of(universe, tuple(entry.content["dimensions"]), tuple(codes), multiple)


def _gross(table: CountTable, moved: Mapping[str, pd.DataFrame]) -> dict[tuple[str, ...], int]:
    frame = moved.get(table.name)
    wanted = [*table.dimensions, "came", "went"]
    if frame is None or any(column not in frame.columns for column in wanted):
        raise ContractError("E-405", table=table.name, expected=", ".join(wanted))
    at = codes_in(frame, table.dimensions)
    both = zip(frame["came"].tolist(), frame["went"].tolist(), strict=True)
    gross = {}
    for position, (codes, (came, went)) in enumerate(zip(at, both, strict=True), start=1):
        if int(came) < 0 or int(went) < 0:
            raise ContractError("E-401", table=table.name, position=position)
        gross[codes] = int(came) + int(went)
    return gross
