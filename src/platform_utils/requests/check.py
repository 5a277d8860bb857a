"""What would bounce in a request, and why, before anybody looks.

Enters: a request that can be read. Leaves: findings, each with what to do. Nothing of the counts leaves: a
finding says how much is hidden, and which coarser question is not.
"""

from __future__ import annotations

from datetime import date

from platform_utils.errors import ContractError, DisclosureError, FileError, PlatformError, UsageError
from platform_utils.paths import Workspace
from platform_utils.requests.answer import asked_of, protected_tables
from platform_utils.requests.read import Request
from platform_utils.spec.counts import TOTAL

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
    names = {asked.name: asked for asked in request.tables}
    for table in tables:
        asked = names[table.name.rpartition(f"{request.id}-")[2]]
        if not table.asked:
            found.append(ContractError("E-880", table=asked.name, year=table.universe.year))
        inner = [n for cell, n in zip(table.cells, table.counts, strict=True) if TOTAL not in cell and n != 0]
        hidden = inner.count(None) / max(1, len(inner))  # nobody is no news
        if hidden > _MOSTLY:
            coarser = ", ".join(asked.dimensions[:1]) if len(asked.dimensions) > 1 else "–"
            found.append(
                DisclosureError("E-876", table=asked.name, hidden=round(100 * hidden), coarser=coarser)
            )
    return found
