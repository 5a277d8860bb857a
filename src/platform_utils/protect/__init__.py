"""The gate: what may be released, and proof that nothing released lets a reader work out a person."""

from platform_utils.protect.cells import Cell, cell_of
from platform_utils.protect.check_release import check_release
from platform_utils.protect.design_year import YearDesign, design_year
from platform_utils.protect.editions import check_edition, find_changes, protect_edition
from platform_utils.protect.estimates import protect_curve, protect_estimate, protect_range, protect_test
from platform_utils.protect.exemptions import Exemption, check_exemptions, read_exemptions
from platform_utils.protect.foreign.elsewhere import read_elsewhere
from platform_utils.protect.foreign.published import as_published
from platform_utils.protect.gate import Protected, protect_set, protect_tables
from platform_utils.protect.ledger import Ledger
from platform_utils.protect.links import Combination, Links, Nested, Refinement, packaged_links
from platform_utils.protect.rules import ClassRule, DisclosureRule, load_rule
from platform_utils.protect.year_edition import check_year, design_edition

__all__ = [
    "Cell",
    "ClassRule",
    "Combination",
    "DisclosureRule",
    "Exemption",
    "Ledger",
    "Links",
    "Nested",
    "Protected",
    "Refinement",
    "YearDesign",
    "as_published",
    "cell_of",
    "check_edition",
    "check_exemptions",
    "check_release",
    "check_year",
    "design_edition",
    "design_year",
    "find_changes",
    "load_rule",
    "packaged_links",
    "protect_curve",
    "protect_edition",
    "protect_estimate",
    "protect_range",
    "protect_set",
    "protect_tables",
    "protect_test",
    "read_elsewhere",
    "read_exemptions",
]
