"""Cells that stay in sight whatever else must be hidden: headline, roles, totals."""

from __future__ import annotations

from collections.abc import Iterable

from platform_utils.spec.counts import TOTAL, CountTable, Universe, codes_in
from platform_utils.spec.plan import load_plan

__all__ = ["must_show"]


def must_show(
    tables: Iterable[CountTable], at_least: int
) -> list[tuple[Universe, tuple[str, ...], tuple[str, ...]]]:
    """Return universe, dimensions and codes of the cells that the plan keeps in sight.

    Parameters
    ----------
    tables : iterable of CountTable
        The counted tables of a year.
    at_least : int
        Fewest persons of a cell that may be asked for; a smaller one is the gate's to decide, a zero is not.
    """
    named = {planned.key: planned.must_show for planned in load_plan().tables}
    kept = []
    for table in tables:
        large = table.data[table.data["count"].eq(0) | table.data["count"].ge(at_least)]
        wanted = named.get(table.name, ())
        kept += [
            (table.universe, table.dimensions, cell)
            for cell in codes_in(large, table.dimensions)
            if (cell[0] if cell else TOTAL) in wanted
        ]
    return kept
