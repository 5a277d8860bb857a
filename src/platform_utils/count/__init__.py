"""Indicators: what is counted in a year, by the table plan; nothing here is protected or shown.

Enters: clean years. Leaves: count tables, to the gate only.
"""

from platform_utils.count.annual import Declared, annual_tables
from platform_utils.count.asked import asked_tables
from platform_utils.count.movement import Released, with_movement
from platform_utils.count.must_show import must_show
from platform_utils.spec.plan import PlannedTable, Population, TablePlan, load_plan

__all__ = [
    "Declared",
    "PlannedTable",
    "Population",
    "Released",
    "TablePlan",
    "annual_tables",
    "asked_tables",
    "load_plan",
    "must_show",
    "with_movement",
]
