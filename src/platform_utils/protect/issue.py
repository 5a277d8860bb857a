"""The only place that makes a ``SafeTable``: it writes down what was decided, and decides nothing.

Enters: a count table and the cells to hide, each with its reason. Leaves: a sealed table.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence

from platform_utils.protect.check import multiple_dimensions
from platform_utils.spec.counts import CountTable, Universe, codes_in
from platform_utils.spec.safe import SafeContent, SafeTable

__all__ = ["issue_published", "issue_table"]


def issue_table(
    table: CountTable, hidden: Mapping[int, str], rule: str, *, origin: str = "gate"
) -> SafeTable:
    """Seal a table in which the cells of ``hidden`` are hidden.

    Parameters
    ----------
    table : CountTable
        The counts.
    hidden : mapping of int to str
        Reason of each hidden row of ``table.data``, counted from 0; only how many cells have each reason
        is kept.
    rule : str
        Name of the rule.
    origin : str
        ``"gate"``, or where the figure was already public.
    """
    values = [int(value) for value in table.data["count"].tolist()] if len(table.data) else []
    reasons = Counter(hidden.values())
    return SafeTable.seal_up(
        SafeContent(
            name=table.name,
            universe=table.universe,
            dimensions=tuple(table.dimensions),
            cells=tuple(codes_in(table.data, table.dimensions)),
            counts=tuple(None if at in hidden else value for at, value in enumerate(values)),
            rule=rule,
            multiple_dimensions=tuple(sorted(multiple_dimensions(table))),
            asked=table.asked,
            notes=tuple(table.notes),
            hidden=tuple(sorted(reasons.items())),
            origin=origin,
        )
    )


def issue_published(
    name: str,
    universe: Universe,
    dimensions: Sequence[str],
    cells: Sequence[tuple[str, ...]],
    counts: Sequence[int | None],
    origin: str,
) -> SafeTable:
    """Seal figures that were public before, with where they stand.

    Parameters
    ----------
    name : str
        Key of the table.
    universe : Universe
        Who is counted, as far as the source says.
    dimensions : sequence of str
        What the source says of each figure, its source and address among them.
    cells : sequence of tuple of str
        One per figure.
    counts : sequence of int or None
        The figure, where it is a whole number.
    origin : str
        Source.
    """
    content = SafeContent(
        name=name,
        universe=universe,
        dimensions=tuple(dimensions),
        cells=tuple(cells),
        counts=tuple(counts),
        rule="published",
        multiple_dimensions=(),
        asked=True,
        notes=(),
        hidden=(),
        origin=origin,
    )
    return SafeTable.seal_up(content)
