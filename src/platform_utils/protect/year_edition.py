"""A year's tables, first released or corrected: designed, and attacked again on the day, beside what is out.

Enters: the counted tables of a year with who has moved since each edition of it, and the ledger. Leaves: a
design in which each cell that changed differs by nobody or by enough persons or is hidden, however its rows
are merged; or a refusal that names the earlier release.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

import pandas as pd

from platform_utils.errors import DisclosureError
from platform_utils.protect.cells import Cell
from platform_utils.protect.check_release import check_release
from platform_utils.protect.decide import Guard
from platform_utils.protect.design_year import YearDesign, design_year
from platform_utils.protect.editions import Change, beside, find_changes, guard_of, refuse_shown
from platform_utils.protect.exemptions import Exemption
from platform_utils.protect.ledger import Ledger
from platform_utils.protect.links import Links, packaged_links
from platform_utils.protect.merge import laid_out_as
from platform_utils.protect.proof import Elsewhere
from platform_utils.protect.rules import DisclosureRule
from platform_utils.spec.codebook import SPECIAL_CODES
from platform_utils.spec.counts import TOTAL, CountTable, codes_in
from platform_utils.spec.safe import SafeTable

__all__ = ["came_and_went", "check_year", "design_edition", "find_moved"]


def design_edition(
    tables: Sequence[CountTable],
    rule: DisclosureRule,
    ledger: Ledger,
    *,
    mergeable: Mapping[str, str],
    **options: Any,
) -> YearDesign:
    """Lay out and protect the tables of a year beside everything released before, a first edition or a later.

    Parameters
    ----------
    tables : sequence of CountTable
        The counted tables of the plan; where an edition of the year is out, with who has ``moved``.
    rule, mergeable, **options
        As in `design_year`.
    ledger : Ledger
        Earlier editions and all other releases.

    Raises
    ------
    DisclosureError
        E-439 if a cell of ``in_sight`` changed by too few persons: correct it in words, wait and batch.
        E-446 if the same people were counted otherwise before and nobody knows who came and went. Else as
        in `design_year`.
    """
    tables = [_with_rows_gone(table, ledger) for table in tables]
    known = options.pop("links", None) or packaged_links(max(t.universe.year for t in tables))

    def guarded(laid_out: Sequence[CountTable]) -> Guard:
        return guard_of(find_moved(laid_out, rule, ledger, known))

    return design_year(
        tables,
        rule,
        mergeable=mergeable,
        links=known,
        guarded=guarded,
        **beside(ledger, tables, _moved_since_newest(tables, ledger)),
        **options,
    )


def find_moved(
    tables: Sequence[CountTable], rule: DisclosureRule, ledger: Ledger, links: Links | None = None
) -> list[Change]:
    """Return the cells that must be hidden because too few persons came or went since one of the editions.

    Parameters
    ----------
    tables : sequence of CountTable
        As they are to be laid out; only those with ``moved`` are looked at.
    rule : DisclosureRule
        Knows what counts people.
    ledger, links
        As in `find_changes`. Merged rows of an earlier edition are looked at too, since their parts may add
        up to them again.
    """
    links = links or packaged_links(max((table.universe.year for table in tables), default=0))
    looked_at = [t for t in tables if t.moved is not None and t.universe.unit in rule.protected_units]
    for table in tuple(looked_at):
        for entry in ledger.entries:
            printed = entry.content
            if (printed.get("name"), printed.get("dimensions")) == (table.name, list(table.dimensions)):
                codes = {d: {at[n] for at in printed["cells"]} for n, d in enumerate(table.dimensions)}
                laid_out = laid_out_as(table, codes, links)
                looked_at += [laid_out] if laid_out is not table else []
    editions = sorted({since for t in looked_at if t.moved is not None for since in t.moved["since"]})
    found: dict[tuple[str, Cell], Change] = {}
    for edition in editions:
        for table in looked_at:
            moved = {table.name: came_and_went(table, edition)}
            for change in find_changes([table], moved, ledger, links):
                if not _is_nobody(change.cell, rule):
                    found.setdefault((change.table, change.cell), change)
    return list(found.values())


def check_year(
    released: Sequence[SafeTable],
    tables: Sequence[CountTable],
    rule: DisclosureRule,
    ledger: Ledger,
    exemptions: Collection[Exemption] = (),
    *,
    links: Links | None = None,
    elsewhere: Elsewhere | None = None,
) -> None:
    """Attack the tables of a year once more on the day of their release: others may have gone out meanwhile.

    Parameters
    ----------
    released : sequence of SafeTable
        From `design_edition`.
    tables : sequence of CountTable
        As counted today, with who has ``moved`` where an edition of the year is out.
    rule, ledger, exemptions
        As in `design_edition`.
    links, elsewhere
        As in `protect_set`.

    Raises
    ------
    DisclosureError
        E-447 if the tables are not those of today's counts; E-434, E-435 as in `check_release`; E-439 if a
        table shows a cell that changed by too few persons since an edition.
    """
    links = links or packaged_links(max((table.universe.year for table in tables), default=0))
    tables = [_with_rows_gone(table, ledger) for table in tables]
    counted = {table.name: table for table in tables}
    truth = [
        laid_out_as(counted[safe.name], {d: set(safe.data[d]) for d in safe.dimensions}, links)
        for safe in released
        if safe.name in counted
    ]
    changed = sorted(_otherwise_counted(released, {table.name: table for table in truth}))
    if changed:
        raise DisclosureError("E-447", tables=", ".join(changed))
    check_release(
        released,
        rule,
        ledger=ledger,
        truth=truth,
        links=links,
        exempt=[exemption.cell for exemption in exemptions],
        elsewhere=elsewhere,
        corrected=_moved_since_newest(tables, ledger),
    )
    refuse_shown(released, find_moved(truth, rule, ledger, links))


def _otherwise_counted(released: Sequence[SafeTable], truth: Mapping[str, CountTable]) -> Iterator[str]:
    """Return the tables that show a count, or have a row, that is not that of today."""
    for safe in released:
        table, shown = truth.get(safe.name), safe.data["mark"].eq("").tolist()
        counts = [] if table is None else table.data["count"].tolist()
        rows = [] if table is None else codes_in(table.data, table.dimensions)
        printed = codes_in(safe.data, safe.dimensions)
        cells = zip(printed, safe.data["count"].tolist(), shown, strict=True)
        now = dict(zip(rows, counts, strict=True))
        same = set(printed) == now.keys() and all(
            int(count) == now[codes] for codes, count, is_shown in cells if is_shown
        )
        if not same:
            yield safe.name


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
    last = data[dimension].isin([*SPECIAL_CODES, TOTAL])
    rows = pd.DataFrame({dimension: pd.array(gone, dtype="str"), "count": [0] * len(gone)})
    return (
        replace(table, data=pd.concat([data[~last], rows, data[last]], ignore_index=True)) if gone else table
    )


def _is_nobody(cell: Cell, rule: DisclosureRule) -> bool:
    return any(code in rule.identifies_nobody.get(dimension, ()) for dimension, code in cell.codes)


def came_and_went(table: CountTable, edition: int) -> pd.DataFrame:
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
    told = []
    for at, changes in pools.items():
        came = sum(change for change in changes.values() if change > 0)
        went = sum(-change for change in changes.values() if change < 0)
        if not came + went and any(persons[at].values()):
            came = went = 1
        told.append((*at, came, went))
    return pd.DataFrame(told, columns=[*table.dimensions, "came", "went"])


def _moved_since_newest(tables: Sequence[CountTable], ledger: Ledger) -> set[int]:
    """Return the years in which somebody came or went since their newest edition."""
    return {
        table.universe.year
        for table in tables
        if table.moved is not None and table.moved["since"].eq(ledger.newest(table.universe.year)).any()
    }
