"""Figures of others that stand beside a year's own: chosen from what has been published, never computed.

Enters: published figures with their sources. Leaves: one-cell tables, each with its source, for the gate
to admit as already public.
"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import cache
from typing import Any

import pandas as pd

from platform_utils.paths import resource
from platform_utils.schemas.counts import CountTable, Universe

__all__ = ["PublishedCount", "published_beside"]


@dataclass(frozen=True)
class PublishedCount:
    """A figure that somebody has printed.

    Parameters
    ----------
    table : CountTable
        One cell; named ``beside_<key>``, with a number at the end where several sources differ.
    source, address : str
        Where it is printed.
    """

    table: CountTable
    source: str
    address: str


def published_beside(figures: pd.DataFrame, year: int) -> list[PublishedCount]:
    """Return what authorities and others have published for a year, in the order of ``beside.toml``.

    Parameters
    ----------
    figures : DataFrame, shape (n_figures, n_columns)
        ``published_figures.csv`` as text: ``series``, ``year``, ``measure``, ``category``, ``value``,
        ``unit``, ``source``, ``source_url``.
    year : int
        Support year.
    """
    found = []
    for wanted in _wanted():
        if wanted["year"] != year:
            continue
        fits = figures[
            figures["series"].eq(wanted["series"])
            & figures["year"].eq(str(year))
            & figures["measure"].eq(wanted["measure"])
            & figures["category"].eq(wanted["category"])
            & figures["value"].str.fullmatch(r"\d+")
        ].drop_duplicates("value")
        for place, figure in enumerate(fits.to_dict("records")):
            name = f"beside_{wanted['key']}" + (f"_{place + 1}" if place else "")
            unit = "persons" if figure["unit"] == "persons" else "rows"
            table = CountTable(
                name=name,
                universe=Universe(name, year, "published", unit),
                dimensions=(),
                data=pd.DataFrame({"count": [int(figure["value"])]}),
            )
            found.append(PublishedCount(table, str(figure["source"]), str(figure["source_url"])))
    return found


@cache
def _wanted() -> tuple[dict[str, Any], ...]:
    return tuple(tomllib.loads(resource("beside.toml").read_text(encoding="utf-8"))["figure"])
