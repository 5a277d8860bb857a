"""What older editions of a year tell: a count of today beside theirs says who came and who went.

Enters: counted tables with who has moved since each edition, the ledger, the cells of a release. Leaves: the
cells that must be hidden. Each cell that changed must differ by nobody or by enough persons; persons who came
and went are counted both: a cell that lost two and won two has changed by four.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import replace

import pandas as pd

from platform_utils.errors import DisclosureError
from platform_utils.protect.attacker import SeenTable, put_together
from platform_utils.protect.attacker.reach import Reach
from platform_utils.protect.cells import Cell, cell_of
from platform_utils.protect.check import multiple_dimensions
from platform_utils.protect.demand import Demand
from platform_utils.protect.ledger import Entry, Ledger
from platform_utils.protect.links import Links
from platform_utils.protect.merge import laid_out_as, members_of
from platform_utils.protect.model import System
from platform_utils.spec.codebook import SPECIAL_CODES
from platform_utils.spec.counts import TOTAL, CountTable, Universe, codes_in
from platform_utils.spec.layout import is_merged
from platform_utils.spec.safe import SafeTable

LEAST_MOVED = 4
"""Fewest persons by which a shown cell may differ between two editions, those who came and went added up."""


def beside(demand: Demand, ledger: Ledger) -> Demand:
    """Return a demand beside everything that has been released, first editions and later ones.

    Where an edition of a year is out, its tables should say who has ``moved``; of years in which somebody
    has, all that is out counts other people than today's.
    """
    tables = [_with_rows_gone(table, ledger) for table in demand.tables]
    years = {table.universe.year for table in tables}
    corrected = {
        table.universe.year
        for table in tables
        if table.moved is not None and table.moved["since"].eq(ledger.newest(table.universe.year)).any()
    }
    return replace(
        demand,
        tables=tables,
        ledger=ledger,
        earlier=ledger.seen(corrected),
        superseded=ledger.superseded(years),
    )


def find_moved(demand: Demand) -> dict[tuple[str, Cell], int]:
    """Return the cells to hide because too few came or went since an edition: count by table and cell.

    Only tables with ``moved`` are looked at, and of them only groups that an earlier release printed, shown
    or hidden and in whichever table. Merged rows of an earlier edition are looked at too, since their parts
    may add up to them again.
    """
    if demand.ledger is None:
        return {}
    links, rule = demand.linked, demand.rule
    entries = [entry for entry in demand.ledger.entries if entry.kind == "table"]
    before = {links.canonical(cell) for entry in entries for cell in _released_cells(entry)}
    moved = [t for t in demand.tables if t.moved is not None and t.universe.unit in rule.protected_units]
    looked_at = [*moved, *_laid_out_before(moved, entries, links)]
    found: dict[tuple[str, Cell], int] = {}
    for edition in sorted({since for t in moved if t.moved is not None for since in t.moved["since"]}):
        for table in looked_at:
            gross = came_and_went(table, edition)
            multiple = multiple_dimensions(table)
            rows = zip(codes_in(table.data, table.dimensions), table.data["count"].tolist(), strict=True)
            for at, count in rows:
                cell = cell_of(table.universe, table.dimensions, at, multiple)
                few = 1 <= sum(gross.get(at, ())) < LEAST_MOVED
                nobody = any(code in rule.identifies_nobody.get(d, ()) for d, code in cell.codes)
                if few and not nobody and (links.canonical(cell) in before or _is_a_sum(table, at, links)):
                    found.setdefault((table.name, cell), int(count))
    return found


def came_and_went(table: CountTable, edition: int) -> dict[tuple[str, ...], tuple[int, int]]:
    """Return how many persons came and went in each cell since an edition, at least.

    Of a pool only its change is certain. Where that is nothing but somebody may have moved, one came and one
    went: too few for the cell to be shown.
    """
    rows = [] if table.moved is None else table.moved.to_dict("records")
    pools: dict[tuple[str, ...], Counter[str]] = {}
    persons: dict[tuple[str, ...], Counter[str]] = {}
    for row in rows:
        if row["since"] == edition:
            at = tuple(row[dimension] for dimension in table.dimensions)
            pools.setdefault(at, Counter())[row["pool"]] += row["count"]
            persons.setdefault(at, Counter())[row["person"]] += row["count"]
    told = {}
    for at, changes in pools.items():
        came = sum(change for change in changes.values() if change > 0)
        went = sum(-change for change in changes.values() if change < 0)
        told[at] = (came, went) if came + went or not any(persons[at].values()) else (1, 1)
    return told


def refuse_moved(released: Sequence[SafeTable], demand: Demand) -> None:
    """Refuse tables that show a cell which changed by too few persons.

    Raises
    ------
    DisclosureError
        E-439, naming the tables.
    """
    shown = {
        (safe.name, cell_of(safe.universe, safe.dimensions, codes, safe.multiple_dimensions))
        for safe in released
        for codes, count in zip(safe.cells, safe.counts, strict=True)
        if count is not None
    }
    told = sorted({name for name, _ in shown & find_moved(demand).keys()})
    if told:
        raise DisclosureError("E-439", tables=", ".join(told), least=LEAST_MOVED)


def find_superseded(
    system: System, older: Mapping[int, Sequence[SeenTable]], public: Collection[int]
) -> set[int]:
    """Return the places that an older edition gives away and whose count of today differs by too few.

    How many came and went since then is not known here, only how far the counts differ; what has come and
    gone is at least that, so a difference of fewer persons hides the cell, and no difference too: one may
    have come and one gone. Only where nobody was and nobody is has nobody moved.

    Parameters
    ----------
    older : mapping of int to sequence of SeenTable
        Tables by edition. What is hidden there but can be worked out counts too.
    public : collection of int
        Places that the newest edition shows with the count of today: nothing is said by them again.
    """
    found: set[int] = set()
    for tables in older.values():
        world = put_together(tables, system.links)
        reach = Reach(world)
        for place, cell in enumerate(system.cells):
            group = world.index.get(cell.group)
            if group is None or place in public or place in found:
                continue
            low, high = reach.bounds(((group, 1),))
            count = system.values[place]
            if low == high and abs(count - low) < LEAST_MOVED and (count or low):
                found.add(place)
    return found


def _laid_out_before(
    tables: Sequence[CountTable], entries: Sequence[Entry], links: Links
) -> Iterator[CountTable]:
    """Yield each table as earlier editions laid it out, where that was otherwise."""
    for table in tables:
        for entry in entries:
            printed = entry.content
            if (printed["name"], printed["dimensions"]) == (table.name, list(table.dimensions)):
                codes = {d: {at[n] for at in printed["cells"]} for n, d in enumerate(table.dimensions)}
                laid_out = laid_out_as(table, codes, links)
                if laid_out is not table:
                    yield laid_out


def _is_a_sum(table: CountTable, codes: Sequence[str], links: Links) -> bool:
    """Say whether a cell may be the sum of cells that were printed."""
    pairs = zip(table.dimensions, codes, strict=True)
    return any(is_merged(code) or members_of(code, dimension, links) for dimension, code in pairs)


def _released_cells(entry: Entry) -> Iterator[Cell]:
    universe = Universe(**entry.content["universe"])
    multiple = entry.content["multiple_dimensions"]
    for codes in entry.content["cells"]:
        yield cell_of(universe, tuple(entry.content["dimensions"]), tuple(codes), multiple)


def _with_rows_gone(table: CountTable, ledger: Ledger) -> CountTable:
    """Return a table with a row for each code that an edition named and nobody has now: its absence tells."""
    if table.moved is None or len(table.dimensions) != 1 or not len(table.data):
        return table
    (dimension,) = table.dimensions
    named = {
        codes[0]
        for entry in ledger.entries
        if entry.kind == "table" and entry.content["name"] == table.name
        for codes in entry.content["cells"]
        if entry.content["dimensions"] == [dimension]
    }
    data = table.data
    gone = sorted(named & set(table.moved[dimension]) - set(data[dimension]))
    if not gone:
        return table
    last = data[dimension].isin([*SPECIAL_CODES, TOTAL])
    rows = pd.DataFrame({dimension: pd.array(gone, dtype="str"), "count": [0] * len(gone)})
    return replace(table, data=pd.concat([data[~last], rows, data[last]], ignore_index=True))
