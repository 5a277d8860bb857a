"""A coarser table from a finer one: categories merged, counts added.

Enters: a count table and which codes go together. Leaves: a count table. Only dimensions in which everybody
stands once can be merged from counts; of a multi-select dimension rows can be left out.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace

import pandas as pd

from platform_utils.protect.check import multiple_dimensions
from platform_utils.protect.links import Links
from platform_utils.protect.merged_links import members_of
from platform_utils.spec.counts import TOTAL, CountTable

__all__ = ["LEFT_OUT", "Merge", "laid_out_as", "merge_table"]

LEFT_OUT = ""
"""The merged code of rows that are left out."""


@dataclass(frozen=True)
class Merge:
    """Codes of one dimension of one table that go together.

    Parameters
    ----------
    table : str
        Name of the table.
    dimension : str
        The dimension.
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
    into = dict(merge.into)
    lost = {code for code, other in into.items() if other == LEFT_OUT}
    if merge.dimension in multiple_dimensions(table) and set(into.values()) - {LEFT_OUT}:
        raise ValueError(merge.dimension)
    data = _merged(table.data, merge.dimension, into, lost, list(table.dimensions))
    behind = table.contributors
    if behind is not None and merge.dimension in behind.columns:
        behind = _merged(behind, merge.dimension, into, lost, [*table.dimensions, "member_id"])
    moved = table.moved
    if moved is not None:
        moved = _merged(moved, merge.dimension, into, lost, [*table.dimensions, "since", "person", "pool"])
    return replace(table, data=data, contributors=behind, moved=moved)


def laid_out_as(table: CountTable, codes: Mapping[str, Collection[str]], links: Links) -> CountTable:
    """Return a counted table with the merged rows of a released one.

    Parameters
    ----------
    table : CountTable
        As it is counted.
    codes : mapping of str to collection of str
        Codes of each dimension in the released table.
    links : Links
        Know what a merged code stands for.
    """
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


def _merged(
    data: pd.DataFrame, dimension: str, into: Mapping[str, str], lost: set[str], keys: list[str]
) -> pd.DataFrame:
    kept = data[~data[dimension].isin(lost)]
    codes = kept[dimension].map(lambda code: code if code == TOTAL else into.get(code, code))
    summed = kept.assign(**{dimension: codes}).groupby(keys, sort=False, as_index=False)["count"].sum()
    order = {key: dict.fromkeys(summed[key]) for key in keys}
    for key, codes_in_order in order.items():
        last = [code for code in codes_in_order if code == TOTAL]
        order[key] = dict.fromkeys([c for c in codes_in_order if c != TOTAL] + last)
    ranks = [summed[key].map({code: at for at, code in enumerate(order[key])}) for key in keys]
    ranked = pd.DataFrame(dict(enumerate(ranks))) if ranks else pd.DataFrame(index=summed.index)
    placed = ranked.sort_values(list(ranked.columns), kind="stable").index
    return pd.DataFrame(summed.loc[placed]).reset_index(drop=True)
