"""The answer of ``protect`` in words: what was hidden, how good the choice is, what merges would do.

Enters: a protected set or a design. Leaves: lines of text and protected files.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace
from pathlib import Path

from platform_utils.errors import DisclosureError
from platform_utils.messages import label
from platform_utils.paths import write_atomically
from platform_utils.protect.cells import Cell
from platform_utils.protect.demand import Demand
from platform_utils.protect.design import Alternative, Design, WishList, design, merges_that_would_do
from platform_utils.protect.foreign.described import Described, named_codes
from platform_utils.protect.foreign.written import number_in
from platform_utils.protect.gate import Protected, protect
from platform_utils.protect.rules import DisclosureRule
from platform_utils.spec.safe import SafeTable

__all__ = ["printed_merges", "printed_protection", "protect_described", "write_csv"]


def protect_described(
    described: Described, rule: DisclosureRule, *, weights: str, method: str, merging: bool
) -> Protected | Design:
    """Protect described tables.

    Parameters
    ----------
    described : Described
        From `read_described`. ``must_show`` of a table is ``"margins"``, ``"total"`` or a list of cells;
        ``primary``, ``low`` and ``high`` name columns with further cells to hide and the values that must
        stay possible; ``weight`` names a column of costs.
    weights, method : str
        As in `Demand`.
    merging : bool
        Merge categories first where the set then shows more.

    Raises
    ------
    ContractError
        E-401 … E-409 for bad tables.
    DisclosureError
        E-432, E-433 if no safe pattern exists.
    """
    demand = replace(_demanded(described, rule), weights=weights, method=method)
    return design(demand, WishList()) if merging else protect(demand)


def printed_protection(done: Protected | Design, lang: str) -> list[str]:
    """Return what was hidden and how good the choice is, as lines of text."""
    protected = done.protected if isinstance(done, Design) else done
    choice = protected.choice
    cells = sum(len(table.data) for table in protected.tables)
    hidden = sum(sum(table.hidden.values()) for table in protected.tables)
    lines = [
        label("L-protect-cells", lang, tables=len(protected.tables), cells=cells, hidden=hidden),
        label("L-protect-cost", lang, cost=f"{choice.cost:.2f}", bound=f"{choice.bound:.2f}"),
    ]
    if choice.gap == 0:
        lines.append(label("L-protect-optimal", lang))
    else:
        lines.append(label("L-protect-within", lang, gap=f"{100 * choice.gap:.1f}"))
    methods = ", ".join(f"{label(f'L-protect-by-{m}', lang)}: {n}" for m, n in sorted(choice.methods.items()))
    lines.append(label("L-protect-methods", lang, methods=methods))
    if isinstance(done, Design):
        lines += [_merge_line(one, lang) for one in done.alternatives if one.merge is not None]
        lines += [label("L-protect-left-out", lang, table=name) for name in done.left_out]
    lines.append(label("L-protect-attacked", lang))
    return lines


def printed_merges(
    described: Described, rule: DisclosureRule, error: DisclosureError, lang: str
) -> list[str]:
    """Return the merges that make a refused layout safe, as lines of text; none if ``error`` is another."""
    if error.code != "E-433":
        return []
    names = str(error.fields["tables"]).split(", ")
    found = merges_that_would_do(_demanded(described, rule), names)
    return [_merge_line(one, lang) for one in found]


def write_csv(table: SafeTable, folder: Path) -> Path:
    """Write a protected table as CSV, hidden counts as ``..``, and return its path."""
    data = table.data
    shown = [mark or str(count) for mark, count in zip(data["mark"], data["count"], strict=True)]
    path = folder / f"{table.name}.csv"
    with write_atomically(path) as partial:
        data[list(table.dimensions)].assign(count=shown).to_csv(partial, index=False, lineterminator="\n")
    return path


def _demanded(described: Described, rule: DisclosureRule) -> Demand:
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
                ends = (_end(low, "low", count), _end(high, "high", count))
                guard[cell] = ("named", ends)
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


def _end(text: str | None, kind: str, count: int) -> int:
    number = None if text is None else number_in(text, kind)
    return count if number is None else int(number)


def _merge_line(one: Alternative, lang: str) -> str:
    merge = one.merge
    if merge is None:
        return ""
    together: dict[str, list[str]] = {}
    for code, into in merge.into.items():
        together.setdefault(into, []).append(code)
    groups = "; ".join(" + ".join(codes) for codes in together.values())
    key = "L-protect-merge-chosen" if one.chosen else "L-protect-merge"
    told = {"table": one.table, "dimension": merge.dimension, "groups": groups}
    return label(key, lang, **told, shown=one.shown, hidden=one.hidden)
