"""Tables that somebody asks for beside the plan, counted as the plan's own are.

Enters: a clean year and what is asked. Leaves: count tables, to the gate only.
"""

from __future__ import annotations

from collections.abc import Iterable

from platform_utils.count.population import is_defined, persons, select
from platform_utils.count.tally import count_rows, empty_table
from platform_utils.spec.clean import CleanYear
from platform_utils.spec.counts import CountTable, Universe
from platform_utils.spec.plan import PlannedTable, load_plan
from platform_utils.spec.sources import row_unit

__all__ = ["asked_tables"]


def asked_tables(clean: CleanYear, asked: Iterable[PlannedTable]) -> list[CountTable]:
    """Count tables of persons that are not in the plan.

    Parameters
    ----------
    clean : CleanYear
        The year.
    asked : iterable of PlannedTable
        Tables of populations whose unit is persons.

    Returns
    -------
    list of CountTable
        In the order asked; one that the year did not ask has ``asked`` False.
    """
    plan, rows = load_plan(), persons(clean)
    unit = row_unit(clean.source)
    tables = []
    for planned in asked:
        universe = Universe(planned.population.name, clean.year, clean.source, unit)
        if is_defined(rows, planned.population):
            tables.append(count_rows(planned, plan, select(rows, planned.population), universe))
        else:
            tables.append(empty_table(planned, universe))
    return tables
