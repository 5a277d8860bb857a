"""How a table was laid out so that the whole set is safe: what went together, what cannot be shown.

Enters: from the table-set designer. Leaves: the record beside the year's tables, and the analyst's list of
alternatives. The record names merged rows and counts cells that are shown; it holds no count of persons, no
hidden cell and no merge that was looked at and not made, for that would say which counts are small.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

__all__ = ["RECORD", "Layout", "record_of"]

RECORD = "design.json"
"""Name of the record in a year's folder of tables."""

Form = Literal["merged", "total", "nothing", "no_pattern"]

_REASONS = {
    "merged": "each of these rows alone would have been hidden",
    "total": "every row would have been hidden; the total is shown",
    "nothing": "every row and the total would have been hidden",
    "no_pattern": "no way of hiding cells makes this table safe beside the others",
}


@dataclass(frozen=True)
class Layout:
    """One way to lay out one table.

    Parameters
    ----------
    table : str
        Key of the table.
    form : {"merged", "total", "nothing", "no_pattern"}
        Rows go together; nothing but the total can be shown; not even that; the table is not in the set.
    dimension : str
        Where rows go together.
    rows : tuple of str
        Codes of the merged rows, which say what they stand for.
    alone, shown : int
        Cells with persons in them that the table shows by hiding alone, and laid out like this.
    chosen : bool
        Whether the set has it so.
    """

    table: str
    form: Form
    dimension: str = ""
    rows: tuple[str, ...] = ()
    alone: int = 0
    shown: int = 0
    chosen: bool = True


def record_of(layouts: Iterable[Layout], *, tables: int, alone: int, shown: int) -> str:
    """Return the record of a year's set as JSON; the same set gives the same bytes.

    Parameters
    ----------
    layouts : iterable of Layout
        Those that are chosen are written, in the order of the tables.
    tables : int
        How many tables the set has.
    alone, shown : int
        Cells with persons in them that the whole set shows by hiding alone, and as it is.
    """
    said = {
        "method": "merge first, hide second",
        "tables": tables,
        "cells_shown": {"by_hiding_alone": alone, "by_design": shown},
        "laid_out": [_entry(layout) for layout in layouts if layout.chosen],
    }
    return json.dumps(said, ensure_ascii=False, indent=1) + "\n"


def _entry(layout: Layout) -> dict[str, object]:
    entry: dict[str, object] = {"table": layout.table, "form": layout.form, "reason": _REASONS[layout.form]}
    if layout.rows:
        entry |= {"dimension": layout.dimension, "rows": list(layout.rows)}
    return entry | {"cells_shown": {"by_hiding_alone": layout.alone, "by_design": layout.shown}}
