"""The only place that makes a ``SafeTable`` of counts: it writes down what was decided, and decides nothing.

Enters: a count table and the cells to hide, each with its reason. Leaves: a safe table.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping

from platform_utils.protect.check import multiple_dimensions
from platform_utils.spec.counts import CountTable, codes_in
from platform_utils.spec.safe import SafeTable

__all__ = ["issue_table"]


def issue_table(table: CountTable, hidden: Mapping[int, str], rule: str) -> SafeTable:
    """Return a table in which the rows of ``hidden``, counted from 0, are hidden, each for its reason.

    Only how many cells have each reason is kept.
    """
    values = [int(value) for value in table.data["count"].tolist()] if len(table.data) else []
    return SafeTable(
        name=table.name,
        universe=table.universe,
        rule=rule,
        dimensions=tuple(table.dimensions),
        cells=tuple(codes_in(table.data, table.dimensions)),
        counts=tuple(None if at in hidden else value for at, value in enumerate(values)),
        multiple_dimensions=tuple(sorted(multiple_dimensions(table))),
        asked=table.asked,
        notes=tuple(table.notes),
        hidden=dict(sorted(Counter(hidden.values()).items())),
    )
