"""Protection of any tables: hidden by the gate, then audited as they would be printed.

Enters: described tables with every count. Leaves: the same tables with what is unsafe hidden. The gate knows
cells and sums; the audit knows more (floors of several answers, rings of tables): where it finds something, a
number that gives it away is hidden too, and all is decided again.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace

import pandas as pd

from platform_utils.errors import DisclosureError
from platform_utils.protect.cells import Cell, cell_of
from platform_utils.protect.check import multiple_dimensions
from platform_utils.protect.demand import Demand, Guard
from platform_utils.protect.design import Design, design
from platform_utils.protect.foreign.audit import Audit, audit_tables
from platform_utils.protect.foreign.described import Described, DescribedTable, named_codes
from platform_utils.protect.foreign.description import COLUMNS
from platform_utils.protect.foreign.wish_list import WishList
from platform_utils.protect.foreign.written import number_in
from platform_utils.protect.gate import Protected, protect
from platform_utils.protect.merge import merge_all
from platform_utils.spec.counts import CountTable, codes_in
from platform_utils.spec.disclosure import DisclosureRule
from platform_utils.spec.safe import SafeTable

_NEEDED = "to_protect_others"


def protect_described(
    described: Described, rule: DisclosureRule, *, weights: str, method: str, merging: bool
) -> Protected | Design:
    """Protect described tables.

    Parameters
    ----------
    described : Described
        From `read_described`. ``must_show`` of a table is ``"margins"``, ``"total"`` or a list of cells;
        ``primary``, ``low`` and ``high`` name columns with further cells to hide and the values that must
        stay possible, one less and one more unless they say; ``weight`` names a column of costs.
    weights, method : str
        As in `Demand`.
    merging : bool
        Merge categories first where the set then shows more.

    Raises
    ------
    ContractError
        E-401 … E-409 for bad tables.
    DisclosureError
        E-432, E-433 if no safe pattern exists; E-455 if it cannot be told whether one is safe.
    """
    demand = replace(demanded(described, rule), weights=weights, method=method)
    laid_out = design(demand, WishList()) if merging else None
    done = protect(demand) if laid_out is None else laid_out.protected
    bound = done.choice.bound
    if laid_out is not None:
        counted = merge_all(demand.tables, laid_out.merges)
        demand = replace(demand, tables=[t for t in counted if t.name not in laid_out.left_out])
    while not (answer := audit_tables(_as_printed(described, done.tables), rule)).passed:
        if not answer.given_away:
            names = answer.too_large or dict.fromkeys(name for name, _ in answer.undecided)
            raise DisclosureError("E-455", tables=", ".join(names))
        more = _to_hide(answer, demand)
        if not more:
            names = dict.fromkeys(name for one in answer.given_away for name, _ in one.places)
            raise DisclosureError("E-433", tables=", ".join(names))
        demand = replace(demand, guard={**demand.guard, **more})
        done = protect(demand)
        # the bound of the first choice still holds: hiding more never costs less
        done = replace(done, choice=replace(done.choice, bound=min(bound, done.choice.bound)))
    return done if laid_out is None else replace(laid_out, protected=done)


def demanded(described: Described, rule: DisclosureRule) -> Demand:
    """Return the counts, and the cells to show, to hide and to weigh that a description names."""
    counted = [table.counted() for table in described.tables]
    must_show: set[Cell] = set()
    guard: dict[Cell, tuple[str, Collection[int]]] = {}
    cell_weights: dict[Cell, float] = {}
    for table, counts in zip(described.tables, counted, strict=True):
        wanted = table.said.get("must_show", ())
        listed = [] if isinstance(wanted, str) else [named_codes([*one], [*one.values()]) for one in wanted]
        frame = table.frame
        values = zip(frame["primary"], frame["low"], frame["high"], frame["weight"], strict=True)
        rows = zip(table.cells(), table.codes(), counts.data["count"].tolist(), values, strict=True)
        for cell, codes, count, (primary, low, high, weight) in rows:
            named = named_codes(table.dimensions, codes)
            is_margin = wanted == "margins" and len(named) < len(codes)
            if named in listed or is_margin or (wanted == "total" and not named):
                must_show.add(cell)
            if primary is not None and primary.casefold() not in ("0", "no", "nej", "false"):
                guard[cell] = ("named", (_end(low, "low", max(0, count - 1)), _end(high, "high", count + 1)))
            if weight is not None:
                cell_weights[cell] = float(number_in(weight, "weight") or 0)
    return Demand(
        counted,
        rule,
        must_show=must_show,
        cell_weights=cell_weights,
        elsewhere=(),
        links=described.links,
        guard=guard,
    )


def _end(text: str | None, kind: str, otherwise: int) -> int:
    number = None if text is None else number_in(text, kind)
    return otherwise if number is None else int(number)


def _as_printed(described: Described, tables: Sequence[SafeTable]) -> Described:
    """Return protected tables as a reader gets them: counts or nothing, no shares."""
    said = {table.name: table.said for table in described.tables}
    printed = []
    for table in tables:
        frame = pd.DataFrame(list(table.cells), columns=list(table.dimensions), index=range(len(table.cells)))
        counts = pd.Series([None if n is None else str(n) for n in table.counts], dtype=object)
        frame = frame.assign(count=counts, **dict.fromkeys(COLUMNS))
        kept = {key: said[table.name][key] for key in ("multiple", "class") if key in said[table.name]}
        printed.append(DescribedTable(table.name, table.universe, tuple(table.dimensions), frame, kept))
    return Described(tuple(printed), described.links)


def _to_hide(answer: Audit, demand: Demand) -> Guard:
    """Return, for each count that is given away, one number that does it and can be hidden too."""
    at = {table.name: table for table in demand.tables}
    fixed = {demand.linked.canonical(cell) for cell in demand.must_show}
    more: dict[Cell, tuple[str, Collection[int]]] = {}
    for one in answer.given_away:
        free = []
        for number in one.exposed_by:
            table = at[number.table]
            cell = cell_of(table.universe, table.dimensions, number.codes, multiple_dimensions(table))
            if demand.linked.canonical(cell) not in fixed and cell not in demand.guard:
                free.append((-len(cell.codes), _count(table, number.codes), cell))
        if free and not any(cell in more for _, _, cell in free):
            # cells of most codes first, they tell a reader least; of those the smallest count
            _, count, cell = min(free)
            more[cell] = (_NEEDED, (count, count + 1))
    return more


def _count(table: CountTable, codes: tuple[str, ...]) -> int:
    return int(table.data["count"].tolist()[codes_in(table.data, table.dimensions).index(codes)])
