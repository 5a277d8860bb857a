"""Which merges of a table are worth a look, and which would give something away.

Enters: a count table, the set that it stands in, links. Leaves: merges. Codes go together only inside one
parent: a row across two parents says nothing about either, while a reader subtracts what is named from the
parents' counts. For the same reason variables that other tables are tied to by more than their own codes
are never merged: those that mark a universe or make up a combined variable, and those of two universes.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence

from platform_utils.protect.check import multiple_dimensions
from platform_utils.protect.links import Links
from platform_utils.protect.merge import LEFT_OUT, Merge
from platform_utils.protect.rules import DisclosureRule
from platform_utils.spec.counts import TOTAL, CountTable
from platform_utils.spec.merged import join_codes

__all__ = ["can_be_merged", "families", "merge_options"]


def can_be_merged(table: CountTable, dimension: str, tables: Iterable[CountTable], links: Links) -> bool:
    """Say whether codes of one dimension of a table may go together in the set ``tables``."""
    combined = {
        d for c in links.combinations for means in c.means.values() for pair in means for d in pair[:1]
    }
    combined |= {c.dimension for c in links.combinations}
    marks = {d for nested in links.universes.values() for d in nested.where}
    elsewhere = any(
        dimension in other.dimensions
        and other.universe.unit == table.universe.unit
        and other.universe.name != table.universe.name
        for other in tables
    )
    return dimension not in combined | marks and not elsewhere


def families(codes: Iterable[str], dimension: str, links: Links) -> list[list[str]]:
    """Return codes that have the same parents in every coarser variable together, in their order."""
    found: dict[tuple[str, ...], list[str]] = {}
    for code in codes:
        above = tuple(r.parent_of.get(code, "") for r in links.refinements if r.fine == dimension)
        found.setdefault(above, []).append(code)
    return list(found.values())


def merge_options(
    table: CountTable,
    tables: Sequence[CountTable],
    rule: DisclosureRule,
    links: Links,
    trees: Mapping[str, Mapping[str, str]],
    fixed: Collection[str] = (),
) -> list[Merge]:
    """Return the merges that are worth a look: up the tree, small codes together, rows left out.

    Parameters
    ----------
    table : CountTable
        The table.
    tables : sequence of CountTable
        The set that it stands in.
    rule : DisclosureRule
        Limits.
    links : Links
        Trees and universes.
    trees : mapping of str to mapping of str to str
        Parents of codes by dimension.
    fixed : collection of str
        Dimensions that stay as they are.
    """
    multiple = multiple_dimensions(table)
    found = []
    for dimension in table.dimensions:
        others = [d for d in table.dimensions if d != dimension]
        margin = table.data[(table.data[others] == TOTAL).all(axis=1)] if others else table.data
        counts = dict(zip(margin[dimension], margin["count"].astype(int), strict=True))
        least = max(
            rule.class_of(table.disclosure_class, table.dimensions).min_released,
            rule.minimum_by_dimension.get(dimension, 0),
        )
        codes = [code for code in counts if code != TOTAL and code not in rule.never_primary]
        small = [code for code in codes if 0 < counts[code] < least]
        if dimension in multiple:
            if small:
                found.append(Merge(table.name, dimension, dict.fromkeys(small, LEFT_OUT)))
            continue
        if dimension in fixed or len(codes) < 3 or not can_be_merged(table, dimension, tables, links):
            continue
        tree = {c: p for c, p in trees.get(dimension, {}).items() if c in counts and p not in counts}
        if tree:
            found.append(Merge(table.name, dimension, tree))
        into: dict[str, str] = {}
        for family in families(codes, dimension, links):
            if small and not set(small) & set(family):
                continue
            together = _enough(family, counts, least, whole=len(family) < len(codes))
            into |= {code: join_codes(together) for code in together}
        if into:
            found.append(Merge(table.name, dimension, into))
    return found


def _enough(family: Sequence[str], counts: Mapping[str, int], least: int, *, whole: bool) -> list[str]:
    """Return the fewest small codes that hide each other once merged: every hidden count stays possible."""
    some = sorted((code for code in family if counts[code]), key=lambda code: (counts[code], code))
    small = {code for code in some if counts[code] < least}
    for size in range(2, len(some) + whole):
        together = some[:size]
        enough = sum(counts[code] for code in together) >= (least - 1) + (size - 1)
        if enough and small <= set(together):
            return [code for code in family if code in together]
    return []
