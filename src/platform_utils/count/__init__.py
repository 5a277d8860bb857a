"""Indicators: what is counted in a year, by the table plan; nothing here is protected or shown.

Enters: clean years. Leaves: count tables, to the gate only.
"""

from platform_utils.count.annual import (
    Declared,
    annual_tables,
    asked_tables,
    must_show,
    persons_of,
    said_first,
)
from platform_utils.count.cases import case_tables
from platform_utils.count.movement import Released, with_movement
