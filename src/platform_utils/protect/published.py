"""Figures that were public before: admitted with source and address, and known to the attacker.

Enters: rows of ``published_figures.csv``. Leaves: sealed tables, one per series. Nothing in them is hidden:
they stand elsewhere already; a row without source and address is refused.
"""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from platform_utils.errors import DisclosureError
from platform_utils.protect.issue import issue_published
from platform_utils.schemas.counts import Universe
from platform_utils.schemas.safe import SafeTable

__all__ = ["PUBLISHED_DIMENSIONS", "as_published"]

PUBLISHED_DIMENSIONS = ("year", "measure", "category", "value", "unit", "source", "source_url")
"""What is kept of each figure; ``value`` is the figure as printed, ``count`` its number if it is whole."""


def as_published(figures: pd.DataFrame, *, only: Sequence[str] = ()) -> list[SafeTable]:
    """Seal figures that somebody has published, small ones too, each with source and address.

    Parameters
    ----------
    figures : DataFrame
        One row per figure, with ``series`` and the columns of `PUBLISHED_DIMENSIONS`, as text.
    only : sequence of str
        Series to take; all if empty.

    Returns
    -------
    list of SafeTable
        One per series, in order of first appearance; universe ``series``, year 0, source ``"published"``.

    Raises
    ------
    DisclosureError
        E-438 if a row lacks its source or address, or a column is missing.
    """
    columns = ("series", *PUBLISHED_DIMENSIONS)
    if any(column not in figures.columns for column in columns):
        raise DisclosureError("E-438", position=0)
    text = figures[list(columns)].astype("str").fillna("")
    for position, (source, address) in enumerate(
        zip(text["source"], text["source_url"], strict=True), start=1
    ):
        if not source.strip() or not address.strip().startswith(("http://", "https://")):
            raise DisclosureError("E-438", position=position)
    tables = []
    for series in dict.fromkeys(text["series"].tolist()):
        if only and series not in only:
            continue
        rows = text[text["series"] == series]
        cells = list(rows[list(PUBLISHED_DIMENSIONS)].itertuples(index=False, name=None))
        counts = [int(value) if value.isdecimal() else None for value in rows["value"].tolist()]
        universe = Universe(series, 0, "published", "figures")
        tables.append(issue_published(series, universe, PUBLISHED_DIMENSIONS, cells, counts, "published"))
    return tables
