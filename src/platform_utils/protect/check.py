"""Bad input is refused before anything is decided about it.

Enters: count tables. Leaves: nothing; each fault is an error that names table and cell position, never
the count.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pandas as pd

from platform_utils.errors import ContractError
from platform_utils.protect.links import Links
from platform_utils.spec.counts import TOTAL, CountTable, codes_in
from platform_utils.spec.disclosure import DisclosureRule


def check_tables(tables: Sequence[CountTable], rule: DisclosureRule, links: Links) -> None:
    """Refuse tables, to be released together, that do not keep their contract.

    Raises
    ------
    ContractError
        E-401 counts negative or not whole; E-402 duplicate cells; E-403 totals that do not add; E-404 a
        missing total; E-405 columns, names or codes missing; E-408 a unit or dimension that no table may
        have; E-409 two tables that disagree on one cell; E-451 too many breakdowns.
    """
    names: set[tuple[str, object]] = set()
    for table in tables:
        key = (table.name, table.universe)
        if key in names:
            raise ContractError("E-405", table=table.name, expected="a name of its own")
        names.add(key)
        _check_one(table, rule, links)


def multiple_dimensions(table: CountTable) -> frozenset[str]:
    """Return the dimensions in which one person may stand in several rows.

    A table that is ``multiple`` without saying where: the dimensions that do not add up, else the first.
    """
    if not table.multiple or not table.dimensions:
        return frozenset()
    named = frozenset(table.multiple_dimensions)
    if named:
        return named
    counts = _by_cell(table)
    wrong = frozenset(
        d for d in table.dimensions if _first_that_does_not_add(table, d, counts, Links()) is not None
    )
    return wrong or frozenset(table.dimensions[:1])


def _check_one(table: CountTable, rule: DisclosureRule, links: Links) -> None:
    known = rule.protected_units | rule.open_units | rule.sum_units
    if table.universe.unit not in known:
        raise ContractError("E-408", table=table.name, name="unit", expected=", ".join(sorted(known)))
    refused = sorted(rule.refused_dimensions & set(table.dimensions))
    if refused:
        raise ContractError("E-408", table=table.name, name=refused[0], expected="police_region")
    asked = rule.breakdowns(table.dimensions, table.universe.name)
    if len(asked) > rule.refused_beyond:
        most = rule.refused_beyond
        raise ContractError("E-451", table=table.name, most=most, names=", ".join(sorted(asked)))
    columns = [*table.dimensions, "count"]
    if not table.asked and not len(table.data):
        return
    absent = [column for column in columns if column not in table.data.columns]
    if absent or len(set(table.dimensions)) != len(table.dimensions):
        raise ContractError("E-405", table=table.name, expected=", ".join(columns))
    for position, value in enumerate(table.data["count"].tolist(), start=1):
        if not _is_count(value):
            raise ContractError("E-401", table=table.name, position=position)
    for dimension in table.dimensions:
        for position, code in enumerate(table.data[dimension].tolist(), start=1):
            if not isinstance(code, str) or not code:
                raise ContractError("E-405", table=table.name, expected=f"{dimension} ({position})")
    seen = table.data.duplicated(list(table.dimensions)) if table.dimensions else _after_first(table.data)
    if bool(seen.any()):
        raise ContractError("E-402", table=table.name, position=int(seen.to_numpy().argmax()) + 1)
    _check_totals(table, links)


def _after_first(data: pd.DataFrame) -> pd.Series:
    return pd.Series([place > 0 for place in range(len(data))], dtype=bool)


def _is_count(value: object) -> bool:
    if value is None or value is pd.NA or isinstance(value, bool | str):
        return False
    try:
        number = float(value)  # type: ignore[arg-type]
    except (TypeError, ValueError):
        return False
    return 0 <= number < 2**53 and number.is_integer()


def _by_cell(table: CountTable) -> dict[tuple[str, ...], int]:
    cells = codes_in(table.data, table.dimensions)
    return dict(zip(cells, map(int, table.data["count"].tolist()), strict=True))


def _check_totals(table: CountTable, links: Links) -> None:
    if not table.dimensions:
        return
    counts = _by_cell(table)
    positions = {cell: place for place, cell in enumerate(counts, start=1)}
    multiple = multiple_dimensions(table)
    for place, dimension in enumerate(table.dimensions):
        for cell, count in counts.items():
            total = (*cell[:place], TOTAL, *cell[place + 1 :])
            if total not in counts:
                raise ContractError("E-404", table=table.name, position=positions[cell], dimension=dimension)
            if count > counts[total]:
                raise ContractError("E-403", table=table.name, position=positions[cell], dimension=dimension)
        if dimension not in multiple:
            wrong = _first_that_does_not_add(table, dimension, counts, links)
            if wrong is not None:
                raise ContractError("E-403", table=table.name, position=positions[wrong], dimension=dimension)


def _first_that_does_not_add(
    table: CountTable, dimension: str, counts: Mapping[tuple[str, ...], int], links: Links
) -> tuple[str, ...] | None:
    place = table.dimensions.index(dimension)
    lines: dict[tuple[str, ...], list[str]] = {}
    for cell in counts:
        if cell[place] != TOTAL:
            lines.setdefault((*cell[:place], TOTAL, *cell[place + 1 :]), []).append(cell[place])
    for margin, codes in lines.items():
        for whole, parts in links.sums(dimension, codes):
            at = (*margin[:place], whole, *margin[place + 1 :])
            if counts.get(at) != sum(counts[*margin[:place], part, *margin[place + 1 :]] for part in parts):
                return at
    return None
