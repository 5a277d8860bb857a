"""The gate: what may be released, and proof that nothing released lets a reader work out a person."""

from platform_utils.protect.cells import Cell
from platform_utils.protect.exemptions import Exemption, read_exemptions
from platform_utils.protect.gate import protect_tables
from platform_utils.protect.rules import ClassRule, DisclosureRule, load_rule

__all__ = [
    "Cell",
    "ClassRule",
    "DisclosureRule",
    "Exemption",
    "load_rule",
    "protect_tables",
    "read_exemptions",
]
