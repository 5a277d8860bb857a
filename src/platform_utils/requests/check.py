"""What would bounce in a request, and why, before anybody looks.

Enters: a request that can be read. Leaves: findings, each with what to do. Nothing of the counts leaves: a
finding says how much is hidden, and which coarser question is not.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from functools import cache

from platform_utils import clean as cleaning
from platform_utils.errors import ContractError, DisclosureError, FileError, PlatformError, UsageError
from platform_utils.paths import Workspace
from platform_utils.requests.answer import apart_from_large_cases, asked_of, protected_tables
from platform_utils.requests.read import Request
from platform_utils.spec.counts import TOTAL
from platform_utils.spec.safe import SafeTable

_FEW_WORDS, _MOSTLY = 3, 0.5


def check_request(request: Request, source: str, *, day: date, workspace: Workspace) -> list[PlatformError]:
    """Return what stands against answering a request as it is.

    Returns
    -------
    list of PlatformError
        E-825 if it has expired by ``day``; E-875 for a purpose or a reason that says nothing; E-827, E-433
        if its tables collide with what is out, or have no safe layout; E-306, E-880 for a year without
        rows, or that did not ask; E-876 for a table most of which would be hidden, with the coarser question.
    """
    found: list[PlatformError] = []
    if day > request.expires:
        found.append(UsageError("E-825", id=request.id, expires=request.expires.isoformat()))
    for key, text in request.texts:
        if len({*text.casefold().split()}) < _FEW_WORDS and key != "asked_by":
            found.append(ContractError("E-875", key=key))
    try:
        tables = protected_tables(asked_of(request), source, workspace=workspace)
    except (ContractError, DisclosureError, FileError) as error:
        return [*found, error]
    return [*found, *thin_tables(request, tables, source, workspace=workspace)]


def thin_tables(
    request: Request, tables: Sequence[SafeTable], source: str, *, workspace: Workspace
) -> list[PlatformError]:
    """Return which tables of an answer tell little: E-880, E-876 with the year and what would show more."""
    found: list[PlatformError] = []
    names = {asked.name: asked for asked in request.tables}
    planned = {one.key: one for tables_of_year in asked_of(request).values() for one in tables_of_year}
    read = cache(lambda year: cleaning.read_year(workspace.restricted(source, year)))
    for table in tables:
        asked, year = names[table.name.rpartition(f"{request.id}-")[2]], table.universe.year
        if not table.asked:
            found.append(ContractError("E-880", table=asked.name, year=year))
        inner = [n for cell, n in zip(table.cells, table.counts, strict=True) if TOTAL not in cell and n != 0]
        hidden = inner.count(None) / max(1, len(inner))  # nobody is no news
        if hidden > _MOSTLY:
            apart = apart_from_large_cases({year: [planned[table.name]]}, {year: read(year)})
            coarser = ", ".join([*asked.dimensions[:-1], *apart]) or "–"
            told = {"year": year, "hidden": round(100 * hidden), "coarser": coarser}
            found.append(DisclosureError("E-876", table=asked.name, **told))
    return found
