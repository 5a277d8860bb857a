"""Figures that were public before: admitted with source and address, and known to the attacker.

Enters: rows of ``published_figures.csv``. Leaves: safe tables, one per series. Nothing in them is hidden:
they stand elsewhere already; a row without source and address is refused. A printed document that has no
address of its own is declared in ``resources/not_on_web.toml`` with its publisher's, and its figures say so.
"""

from __future__ import annotations

import tomllib
from collections.abc import Sequence

import pandas as pd

from platform_utils.errors import DisclosureError
from platform_utils.paths import resource
from platform_utils.spec.counts import CountTable, Universe, codes_in
from platform_utils.spec.safe import SafeTable

PUBLISHED_DIMENSIONS = ("year", "measure", "category", "value", "unit", "source", "source_url")
"""What is kept of each figure; ``value`` is the figure as printed, ``count`` its number if it is whole."""


def as_published(figures: pd.DataFrame, *, only: Sequence[str] = ()) -> list[SafeTable]:
    """Admit figures that somebody has published, small ones too, each with source and address.

    A row without an address takes the one that another figure of the same source carries, else the words that
    ``not_on_web.toml`` declares.

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
        E-438 if a row lacks its source, or its address without being declared as not on the web, or a
        column is missing.
    """
    columns = ("series", *PUBLISHED_DIMENSIONS)
    if any(column not in figures.columns for column in columns):
        raise DisclosureError("E-438", position=0)
    text = figures[list(columns)].astype("str").fillna("")
    pairs = list(zip(text["source"].str.strip(), text["source_url"].str.strip(), strict=True))
    of_source = _not_on_web() | {source: address for source, address in reversed(pairs) if address}
    addresses = [address or of_source.get(source, "") for source, address in pairs]
    for position, (source, address) in enumerate(zip(text["source"], addresses, strict=True), start=1):
        if not source.strip() or not _is_address(address):
            raise DisclosureError("E-438", position=position)
    text = text.assign(source_url=addresses)
    tables = []
    for series in dict.fromkeys(text["series"].tolist()):
        if only and series not in only:
            continue
        rows = text[text["series"] == series]
        tables.append(
            SafeTable(
                name=series,
                universe=Universe(series, 0, "published", "figures"),
                rule="published",
                dimensions=PUBLISHED_DIMENSIONS,
                cells=tuple(rows[list(PUBLISHED_DIMENSIONS)].itertuples(index=False, name=None)),
                counts=tuple(int(value) if value.isdecimal() else None for value in rows["value"]),
                origin="published",
            )
        )
    return tables


def counts_as_published(tables: Sequence[CountTable], publisher: str, address: str) -> list[SafeTable]:
    """Admit counts of a file that everybody can get from its publisher: whoever does can count the same.

    Raises
    ------
    DisclosureError
        E-438 if the file has no publisher or no address.
    """
    if not publisher.strip() or not _is_address(address):
        raise DisclosureError("E-438", position=1)
    return [
        SafeTable(
            name=table.name,
            universe=table.universe,
            rule="published",
            dimensions=table.dimensions,
            cells=tuple(codes_in(table.data, table.dimensions)),
            counts=tuple(map(int, table.data["count"])),
            multiple_dimensions=table.dimensions if table.multiple else (),
            notes=table.notes,
            origin=f"{publisher}, {address}",
        )
        for table in tables
    ]


def _is_address(text: str) -> bool:
    """Say whether a text is an address, or says which document stands in for one."""
    return text.startswith(("http://", "https://", "not on the web: "))


def _not_on_web() -> dict[str, str]:
    """Return, by source, the words that stand where the address would be."""
    said = tomllib.loads(resource("not_on_web.toml").read_text(encoding="utf-8"))
    return {
        source: f"not on the web: {one['title']}; {one['publisher']}, {one['address']}"
        for source, one in said.items()
    }
