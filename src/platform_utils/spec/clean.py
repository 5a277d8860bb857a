"""One year, clean: what all analysis starts from. Restricted: rows of persons.

Contracts: ``clean__case`` (a row is a person, or a mass case),
``clean__programme`` (one NSP intervention), ``clean__member_year`` (one member), ``clean__total``
(one cell of a totals-only return).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import pandas as pd

from platform_utils.spec.returns import Finding, LedgerEntry

__all__ = ["CleanYear"]


@dataclass(frozen=True)
class CleanYear:
    """The clean tables of one year.

    Parameters
    ----------
    year : int
        Support year.
    source : str
        ``"demo"``, ``"members"`` or ``"external-<name>"``.
    case : DataFrame
        Codebook columns of grain ``case`` in codebook order (``str``: codes or ``unknown``, ``blank``,
        ``not_asked``; numbers ``Int64``, each followed by ``<name>_status``: ``given`` or one of those
        three), every derived variable, ``is_possible_duplicate`` (bool), and provenance
        ``member_id``, ``year``, ``file``, ``sheet``, ``row``. Sorted by member, file, sheet, row.
    programme, total : DataFrame
        Likewise; empty frames with all columns if nobody handed any in.
    member_year : DataFrame
        One row per member on the list: ``member_id``, ``year``, ``has_returned`` (bool), ``form_version``,
        ``is_totals_only`` (bool), ``person_count`` (persons accepted), the columns of grain ``organisation``.
    recodes : DataFrame
        As in ``CheckedReturn``, all files.
    findings, ledger : tuple
        Of all stages, all files.
    """

    year: int
    source: str
    case: pd.DataFrame = field(repr=False)
    programme: pd.DataFrame = field(repr=False)
    total: pd.DataFrame = field(repr=False)
    member_year: pd.DataFrame = field(repr=False)
    recodes: pd.DataFrame = field(repr=False)
    findings: Sequence[Finding] = ()
    ledger: Sequence[LedgerEntry] = ()
