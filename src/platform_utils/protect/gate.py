"""The gate: a whole set of linked tables goes in, the same tables come out with what is unsafe hidden.

Enters: count tables that will be released together. Leaves: sealed tables. Serves: every number a
reader sees has passed here.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence

from platform_utils.errors import DisclosureError
from platform_utils.protect.cells import Cell, cell_of
from platform_utils.protect.check import check_tables, multiple_dimensions
from platform_utils.protect.exemptions import Exemption, check_exemptions
from platform_utils.protect.issue import issue_table
from platform_utils.protect.rules import DisclosureRule
from platform_utils.schemas.counts import TOTAL, CountTable
from platform_utils.schemas.safe import SafeTable

__all__ = ["protect_tables"]


def protect_tables(
    tables: Sequence[CountTable],
    rule: DisclosureRule,
    *,
    must_show: Collection[Cell] = (),
    exemptions: Collection[Exemption] = (),
) -> list[SafeTable]:
    """Hide what a set of tables may not show, and seal the tables.

    Parameters
    ----------
    tables : sequence of CountTable
        Everything that is released together.
    rule : DisclosureRule
        From `load_rule`.
    must_show : collection of Cell
        Cells that are never hidden: headline, roles, figures that are tested against printed ones.
    exemptions : collection of Exemption
        Cells that may be shown although the rule hides them.

    Returns
    -------
    list of SafeTable
        In the order given.

    Raises
    ------
    ContractError
        E-401 … E-409 if a table does not keep its contract.
    DisclosureError
        E-432 if a cell that must be shown is one that the rule hides; E-430 for a bad exemption.
    """
    check_tables(tables, rule)
    allowed = check_exemptions(exemptions)
    hidden: dict[Cell, str] = {}
    for table in tables:
        if table.universe.unit in rule.protected_units:
            hidden |= {c: r for c, r in _small(table, rule).items() if c not in allowed}
    for position, cell in enumerate(sorted(must_show), start=1):
        if cell in hidden:
            raise DisclosureError("E-432", position=position, universe=cell.universe, year=cell.year)
    for table in tables:
        hidden |= {c: "row" for c in _rows_of_hidden_totals(table, hidden) if c not in {*hidden, *allowed}}
    return [_issue(table, rule, hidden) for table in tables]


def _issue(table: CountTable, rule: DisclosureRule, hidden: dict[Cell, str]) -> SafeTable:
    return issue_table(table, hidden, rule.name_of(rule.class_of(table.disclosure_class, table.dimensions)))


def _small(table: CountTable, rule: DisclosureRule) -> dict[Cell, str]:
    limit = rule.class_of(table.disclosure_class, table.dimensions).min_released
    counts = _counts(table)
    multiple = multiple_dimensions(table)
    found = {}
    for codes, count in counts.items():
        if rule.never_primary & set(codes):
            continue
        if 1 <= count < limit:
            found[cell_of(table.universe, table.dimensions, codes)] = "small"
        for place, dimension in enumerate(table.dimensions):
            if dimension in multiple and codes[place] != TOTAL:
                rest = counts[(*codes[:place], TOTAL, *codes[place + 1 :])] - count
                if 1 <= rest < limit:
                    found.setdefault(cell_of(table.universe, table.dimensions, codes), "complement")
    return found


def _rows_of_hidden_totals(table: CountTable, hidden: dict[Cell, str]) -> list[Cell]:
    counts = _counts(table)
    found = []
    for codes in counts:
        for place in range(len(codes)):
            margin = (*codes[:place], TOTAL, *codes[place + 1 :])
            cell = cell_of(table.universe, table.dimensions, margin)
            if codes[place] != TOTAL and cell.codes and cell in hidden:
                found.append(cell_of(table.universe, table.dimensions, codes))
    return found


def _counts(table: CountTable) -> dict[tuple[str, ...], int]:
    if not len(table.data):
        return {}
    columns = [table.data[dimension].tolist() for dimension in table.dimensions]
    cells = zip(*columns, strict=True) if columns else [()] * len(table.data)
    return dict(zip(cells, map(int, table.data["count"].tolist()), strict=True))
