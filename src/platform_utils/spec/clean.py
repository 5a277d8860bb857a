"""One year, clean: what all analysis starts from. Restricted: rows of persons.

Contracts: one table per grain, ``clean__<table>``, such as ``clean__case`` (a row is a person, or a mass
case), ``clean__programme`` (one NSP intervention), ``clean__member_year`` (one member) and ``clean__total``
(one cell of a totals-only return).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

import pandas as pd

from platform_utils.spec.returns import Finding, LedgerEntry


@dataclass(frozen=True)
class CleanYear:
    """The clean tables of one year.

    Parameters
    ----------
    source : str
        ``"demo"``, ``"members"`` or ``"external-<name>"``.
    tables : mapping of grain to DataFrame
        Codebook columns of the grain in codebook order (``str``: codes or ``unknown``, ``blank``,
        ``not_asked``; numbers ``Int64``, each followed by ``<name>_status``: ``given`` or one of those
        three), every derived variable whose sources it has, and provenance ``member_id``, ``year``,
        ``file``, ``sheet``, ``row``. Sorted by member, file, sheet, row; empty with all columns if nobody
        handed any in.
    recodes : DataFrame
        As in ``CheckedReturn``, all files.
    findings, ledger : tuple
        Of all stages, all files.
    """

    year: int
    source: str
    tables: Mapping[str, pd.DataFrame] = field(repr=False)
    recodes: pd.DataFrame = field(repr=False)
    findings: Sequence[Finding] = ()
    ledger: Sequence[LedgerEntry] = ()

    @property
    def case(self) -> pd.DataFrame:
        """Persons; also ``is_possible_duplicate`` (bool)."""
        return self.tables["case"]

    @property
    def programme(self) -> pd.DataFrame:
        """NSP interventions."""
        return self.tables["programme"]

    @property
    def total(self) -> pd.DataFrame:
        """Cells of totals-only returns."""
        return self.tables["total"]

    @property
    def member_year(self) -> pd.DataFrame:
        """One row per member on the list: who returned, in which form, and the sheet of the organisation.

        ``member_id``, ``year``, ``has_returned`` (bool), ``form_version``, ``is_totals_only`` (bool),
        ``person_count`` (persons accepted), the columns of grain ``organisation``.
        """
        return self.tables["organisation"]

    def with_tables(self, **tables: pd.DataFrame) -> CleanYear:
        """Return the same year with other tables in place of these grains'."""
        return replace(self, tables={**self.tables, **tables})
