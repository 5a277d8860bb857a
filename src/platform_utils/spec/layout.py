"""How a table is laid out so that the whole set is safe: what went together, what cannot be shown.

A merged code says what it stands for, so that a table explains itself wherever it is read: ``a+b`` is
everybody with code a or code b; ``p-a-b`` is everybody whose code lies in p, except a and b, so a row can
stand for codes that must not be named one by one, such as countries from which few come.

Enters: from the table-set designer. Leaves: the record beside the year's tables, and the analyst's list of
alternatives. The record names merged rows and counts cells that are shown; it holds no count of persons, no
hidden cell and no merge that was looked at and not made, for that would say which counts are small.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

_AND, _EXCEPT = "+", "-"

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

    Attributes
    ----------
    form : {"merged", "total", "nothing", "no_pattern"}
        Rows go together; nothing but the total can be shown; not even that; the table is not in the set.
    dimension : str
        Where rows go together.
    rows : tuple of str
        Codes of the merged rows, which say what they stand for.
    alone, shown : int
        Cells with persons in them that the table shows by hiding alone, and laid out like this.
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
        In the order of the tables; those that are chosen are written.
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


def left_out_in(folder: Path) -> list[str]:
    """Return the tables that no pattern made safe, by the record in a year's folder; none without one."""
    path = folder / RECORD
    laid = json.loads(path.read_text(encoding="utf-8"))["laid_out"] if path.is_file() else []
    return [one["table"] for one in laid if one["form"] == "no_pattern"]


def _entry(layout: Layout) -> dict[str, object]:
    entry: dict[str, object] = {"table": layout.table, "form": layout.form, "reason": _REASONS[layout.form]}
    if layout.rows:
        entry |= {"dimension": layout.dimension, "rows": list(layout.rows)}
    return entry | {"cells_shown": {"by_hiding_alone": layout.alone, "by_design": layout.shown}}


def join_codes(codes: Iterable[str]) -> str:
    """Return the code that stands for several, in their order.

    Examples
    --------
    >>> join_codes(["in_support", "later"])
    'in_support+later'
    """
    return _AND.join(codes)


def all_but(parent: str, named: Iterable[str]) -> str:
    """Return the code that stands for all codes in ``parent`` except those named; ``parent`` if none is.

    Examples
    --------
    >>> all_but("third_country", ["NG", "TH"])
    'third_country-NG-TH'
    """
    return _EXCEPT.join([parent, *named])


def is_merged(code: str) -> bool:
    """Say whether a code stands for several."""
    return bool(parts_of(code) or without(code)[1])


def parts_of(code: str) -> tuple[str, ...]:
    """Return the codes that a joined code stands for; none if it is no joined code.

    Examples
    --------
    >>> parts_of("in_support+later"), parts_of("later"), parts_of("51+")
    (('in_support', 'later'), (), ())
    """
    parts = tuple(code.split(_AND))
    return parts if len(parts) > 1 and all(parts) else ()


def without(code: str) -> tuple[str, tuple[str, ...]]:
    """Return the parent of a code and the codes in it that it does not stand for; none if it is plain.

    Examples
    --------
    >>> without("third_country-NG-TH"), without("later")
    (('third_country', ('NG', 'TH')), ('later', ()))
    """
    parent, *named = code.split(_EXCEPT)
    return (parent, tuple(named)) if named and all([parent, *named]) else (code, ())
