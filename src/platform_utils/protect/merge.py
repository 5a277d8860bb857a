"""A coarser table from a finer one: which categories may go together, and what the merged ones stand for.

Enters: count tables, the set that they stand in, links. Leaves: merges, merged count tables, and links of
merged codes. Only dimensions in which everybody stands once can be merged from counts; of a multi-select
dimension rows can be left out.

Codes go together only inside one parent: a row across two parents says nothing about either, while a reader
subtracts what is named from the parents' counts. For the same reason variables that other tables are tied to
by more than their own codes are never merged: those that mark a universe or make up a combined variable, and
those of two universes. A merged code says by its name what it stands for (`spec.layout`), so a release made
years ago is understood as it was.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

import pandas as pd

from platform_utils.protect.attacker import SeenTable
from platform_utils.protect.check import multiple_dimensions
from platform_utils.protect.links import Links, Refinement
from platform_utils.spec.counts import TOTAL, CountTable
from platform_utils.spec.disclosure import DisclosureRule
from platform_utils.spec.layout import all_but, is_merged, join_codes, parts_of, without

_LEFT_OUT = ""


@dataclass(frozen=True)
class Merge:
    """Codes of one dimension of one table that go together.

    Attributes
    ----------
    into : mapping of str to str
        Merged code of each code that changes; ``""`` leaves its rows out (multi-select only).
    """

    table: str
    dimension: str
    into: Mapping[str, str]


def merge_table(table: CountTable, merge: Merge) -> CountTable:
    """Return ``table`` with the codes of ``merge`` merged; margins stay.

    Raises
    ------
    ValueError
        If codes of a multi-select dimension are merged: persons would be counted twice.
    """
    if merge.dimension in multiple_dimensions(table) and set(merge.into.values()) - {_LEFT_OUT}:
        raise ValueError(merge.dimension)
    data = _merged(table.data, merge, list(table.dimensions))
    behind = table.contributors
    if behind is not None and merge.dimension in behind.columns:
        behind = _merged(behind, merge, [*table.dimensions, "member_id"])
    moved = table.moved
    if moved is not None:
        moved = _merged(moved, merge, [*table.dimensions, "since", "person", "pool"])
    return replace(table, data=data, contributors=behind, moved=moved)


def merge_all(tables: Iterable[CountTable], merges: Sequence[Merge]) -> list[CountTable]:
    """Return the tables, each with its merges, in order."""
    done = list(tables)
    for merge in merges:
        done = [merge_table(table, merge) if table.name == merge.table else table for table in done]
    return done


def laid_out_as(table: CountTable, codes: Mapping[str, Collection[str]], links: Links) -> CountTable:
    """Return a counted table with the merged rows of a released one, given its ``codes`` by dimension."""
    for dimension in table.dimensions:
        own = set(table.data[dimension])
        into = {
            member: code
            for code in sorted(set(codes.get(dimension, ())) - own)
            for member in members_of(code, dimension, links)
            if member in own and member not in codes[dimension]
        }
        if into and dimension not in multiple_dimensions(table):
            table = merge_table(table, Merge(table.name, dimension, into))
    return table


def _merged(data: pd.DataFrame, merge: Merge, keys: list[str]) -> pd.DataFrame:
    """Add up counts; rows stay in the order in which their codes first stand, totals last."""
    dimension = merge.dimension
    lost = [code for code, other in merge.into.items() if other == _LEFT_OUT]
    kept = data[~data[dimension].isin(lost)]
    codes = kept[dimension].map(lambda code: code if code == TOTAL else merge.into.get(code, code))
    summed = kept.assign(**{dimension: codes}).groupby(keys, sort=False, as_index=False)["count"].sum()
    ranks = {}
    for key in keys:
        in_order = sorted(dict.fromkeys(summed[key]), key=lambda code: code == TOTAL)
        ranks[key] = summed[key].map({code: rank for rank, code in enumerate(in_order)})
    placed = pd.DataFrame(ranks).sort_values(list(ranks), kind="stable").index
    return pd.DataFrame(summed.loc[placed]).reset_index(drop=True)


def can_be_merged(table: CountTable, dimension: str, tables: Iterable[CountTable], links: Links) -> bool:
    """Say whether codes of one dimension of a table may go together in the set ``tables``."""
    combined = {d for c in links.combinations for means in c.means.values() for d, _ in means}
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


def smallest_row(table: CountTable, dimension: str, rule: DisclosureRule) -> int:
    """Return the fewest persons from which a row of a dimension is shown."""
    limit = rule.class_of(table.disclosure_class, table.dimensions, table.universe.name)
    return max(limit.min_released, rule.minimum_by_dimension.get(dimension, 0))


def name_only_the_large(
    tables: Sequence[CountTable], rule: DisclosureRule, links: Links, apart: Collection[tuple[str, str]] = ()
) -> list[CountTable]:
    """Return the tables with the codes together that may not be named, those with nobody among them.

    Some codes are named only from so many persons. What goes together stands as everybody under a parent but
    those that are named.

    Parameters
    ----------
    apart : collection of (str, str)
        Dimensions and codes that are not named either.
    """
    merges = []
    links = with_merged(links, tables)
    for table in tables:
        for dimension in [d for d in table.dimensions if d in rule.minimum_by_dimension]:
            least, parents = rule.minimum_by_dimension[dimension], parents_in(links, dimension)
            counts = margin_of(table, dimension)
            into: dict[str, str] = {}
            for family in families([code for code in counts if code in parents], dimension, links):
                named = [
                    code
                    for code in family
                    if counts[code] >= least and (dimension, code) not in apart and not is_merged(code)
                ]
                if len(named) < len(family):
                    together = all_but(parents[family[0]], named)
                    into |= {code: together for code in family if code not in named}
            if any(code != other for code, other in into.items()):
                merges.append(Merge(table.name, dimension, into))
    return merge_all(tables, merges)


def margin_of(table: CountTable, dimension: str) -> dict[str, int]:
    """Return the counts of one dimension's codes, whatever the others are, in order."""
    others = [d for d in table.dimensions if d != dimension]
    margin = table.data[(table.data[others] == TOTAL).all(axis=1)] if others else table.data
    return dict(zip(margin[dimension], margin["count"].astype(int), strict=True))


def merge_options(
    table: CountTable,
    tables: Sequence[CountTable],
    rule: DisclosureRule,
    links: Links,
    fixed: Collection[str] = (),
) -> list[Merge]:
    """Return the merges that are worth a look: up the tree, small codes together, rows left out.

    ``tables`` is the set that the table stands in; dimensions in ``fixed`` stay as they are.
    """
    multiple = multiple_dimensions(table)
    found = []
    for dimension in table.dimensions:
        counts = margin_of(table, dimension)
        least = smallest_row(table, dimension, rule)
        codes = [code for code in counts if code != TOTAL and code not in rule.never_primary]
        small = [code for code in codes if 0 < counts[code] < least]
        if dimension in multiple:
            if small:
                found.append(Merge(table.name, dimension, dict.fromkeys(small, _LEFT_OUT)))
            continue
        if dimension in fixed or len(codes) < 3 or not can_be_merged(table, dimension, tables, links):
            continue
        parents = parents_in(links, dimension)
        tree = {code: up for code, up in parents.items() if code in counts and up not in counts}
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
        if small <= set(together) and leaves_all_possible(together, counts, least):
            return [code for code in family if code in together]
    return []


def leaves_all_possible(together: Sequence[str], counts: Mapping[str, int], least: int) -> bool:
    """Say whether each of some codes may hold any hidden count, though a reader knows that all hold one."""
    return sum(counts[code] for code in together) >= (least - 1) + (len(together) - 1)


def parents_in(links: Links, dimension: str) -> dict[str, str]:
    """Return the parent of each code of a dimension that has one there."""
    return {
        code: parent for tree in _trees(links, dimension) for code, parent in tree.items() if code != parent
    }


def _trees(links: Links, dimension: str) -> list[Mapping[str, str]]:
    return [r.parent_of for r in links.refinements if r.fine == r.coarse == dimension]


def members_of(code: str, dimension: str, links: Links) -> tuple[str, ...]:
    """Return the codes that a merged code, or a parent, stands for.

    Examples
    --------
    >>> members_of("woman+man", "sex", Links())
    ('woman', 'man')
    """
    parent, named = without(code)
    trees = _trees(links, dimension)
    below = dict.fromkeys(one for tree in trees for one, above in tree.items() if above == parent != one)
    return parts_of(code) or tuple(one for one in below if one not in named)


def with_merged(links: Links, tables: Iterable[CountTable | SeenTable]) -> Links:
    """Return ``links`` and those of the merged codes in tables that are, or were, released.

    Examples
    --------
    >>> out = SeenTable("t", "direct", 2021, ("sex",), frozenset(), {("woman+man",): None})
    >>> with_merged(Links(), [out]).refinements[0].parent_of
    {'woman': 'woman+man', 'man': 'woman+man'}
    """
    refinements = list(links.refinements)
    for dimension, code in sorted({pair for table in tables for pair in _printed(table)}):
        members = members_of(code, dimension, links) if is_merged(code) else ()
        if members:
            refinements = [_widened(one, dimension, code, members) for one in refinements]
            refinements.append(Refinement(dimension, dimension, dict.fromkeys(members, code)))
    return replace(links, refinements=tuple(refinements))


def _widened(refinement: Refinement, dimension: str, code: str, members: tuple[str, ...]) -> Refinement:
    """Return a refinement that knows a merged code too, where all that it stands for has one parent."""
    parents = {refinement.parent_of.get(member, member) for member in members}
    if refinement.fine != dimension or len(parents) > 1 or code in refinement.parent_of:
        return refinement
    return replace(refinement, parent_of={**refinement.parent_of, code: parents.pop()})


def _printed(table: CountTable | SeenTable) -> set[tuple[str, str]]:
    if isinstance(table, CountTable):
        return {(d, code) for d in table.dimensions if d in table.data for code in table.data[d]}
    return {(d, codes[at]) for codes in table.cells for at, d in enumerate(table.dimensions)}
