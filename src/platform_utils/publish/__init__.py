"""What readers see: protected tables as Markdown tables, figures, facts and sentences, in two languages.

Enters: ``SafeTable`` and ``SafeEstimate`` only, and figures that others have printed, with their sources.
Leaves: ``text/markdown`` and ``text/plain``.
"""

from platform_utils.publish.activity import ActivityReport, load_activity
from platform_utils.publish.casefile import CaseFile, load_cases
from platform_utils.publish.explain import EXPLAINED, breaks_of, explain_editions, explain_years, show_why
from platform_utils.publish.hundred_women import HundredWomen, load_hundred_women
from platform_utils.publish.inline import Shown
from platform_utils.publish.method import show_alternatives, show_overview
from platform_utils.publish.own_words import write_words
from platform_utils.publish.pilot import Pilot
from platform_utils.publish.pilot_plan import Power, power_lines, show_plan
from platform_utils.publish.pilot_store import load_pilot, write_pilot
from platform_utils.publish.programme import show_rules
from platform_utils.publish.report import Report, load
from platform_utils.publish.series import Series, load_series
from platform_utils.publish.sets import (
    read_released,
    read_shown_later,
    read_tables,
    tables_folder,
    write_facts,
    years_before,
)
from platform_utils.publish.table import show_table
from platform_utils.publish.workbook import WORKBOOKS

__all__ = [
    "EXPLAINED",
    "WORKBOOKS",
    "ActivityReport",
    "CaseFile",
    "HundredWomen",
    "Pilot",
    "Power",
    "Report",
    "Series",
    "Shown",
    "breaks_of",
    "explain_editions",
    "explain_years",
    "load",
    "load_activity",
    "load_cases",
    "load_hundred_women",
    "load_pilot",
    "load_series",
    "power_lines",
    "read_released",
    "read_shown_later",
    "read_tables",
    "show_alternatives",
    "show_overview",
    "show_plan",
    "show_rules",
    "show_table",
    "show_why",
    "tables_folder",
    "write_facts",
    "write_pilot",
    "write_words",
    "years_before",
]
