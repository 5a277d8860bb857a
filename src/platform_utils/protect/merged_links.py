"""What ties a merged code to the codes that it stands for, wherever either is printed.

Enters: links, and the codes of tables that are released or were. Leaves: links. A merged code says by its
name what it stands for (`spec.merged`), so a release made years ago is understood as it was.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from platform_utils.protect.attacker import SeenTable
from platform_utils.protect.links import Links, Refinement
from platform_utils.spec.counts import CountTable
from platform_utils.spec.merged import is_merged, parts_of, without

__all__ = ["members_of", "parents_in", "with_merged"]


def parents_in(links: Links, dimension: str) -> dict[str, str]:
    """Return the parent of each code of a dimension that has one there."""
    trees = [r.parent_of for r in links.refinements if r.fine == r.coarse == dimension]
    return {code: parent for tree in trees for code, parent in tree.items() if code != parent}


def members_of(code: str, dimension: str, links: Links) -> tuple[str, ...]:
    """Return the codes that a merged code, or a parent, stands for.

    Examples
    --------
    >>> members_of("woman+man", "sex", Links())
    ('woman', 'man')
    """
    parent, named = without(code)
    below = [one for one, above in parents_in(links, dimension).items() if above == parent]
    return parts_of(code) or tuple(one for one in below if one not in named)


def with_merged(links: Links, tables: Iterable[CountTable | SeenTable]) -> Links:
    """Return ``links`` and those of the merged codes in tables that are, or were, released.

    Parameters
    ----------
    links : Links
        Knows the trees of codes.
    tables : iterable of CountTable or SeenTable
        Their codes are read, never their counts.

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
