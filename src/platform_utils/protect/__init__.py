"""The gate: what may be released, and proof that nothing released lets a reader work out a person."""

from platform_utils.protect.anchors import open_ledger
from platform_utils.protect.attacker import see_table
from platform_utils.protect.cells import Cell, cell_of, universe_key
from platform_utils.protect.demand import Demand, Exemption, check_exemptions, read_exemptions
from platform_utils.protect.design import Design, SameRows, design
from platform_utils.protect.editions import beside
from platform_utils.protect.estimates import protect_estimate, protect_estimates
from platform_utils.protect.foreign.elsewhere import read_elsewhere
from platform_utils.protect.foreign.published import as_published, counts_as_published
from platform_utils.protect.gate import Protected, check_release, check_year, protect
from platform_utils.protect.ledger import Ledger, content_of, digest_of_contents
from platform_utils.protect.links import Combination, Links, Nested, Refinement, packaged_links
from platform_utils.spec.disclosure import ClassRule, DisclosureRule, load_rule

__all__ = [
    "Cell",
    "ClassRule",
    "Combination",
    "Demand",
    "Design",
    "DisclosureRule",
    "Exemption",
    "Ledger",
    "Links",
    "Nested",
    "Protected",
    "Refinement",
    "SameRows",
    "as_published",
    "beside",
    "cell_of",
    "check_exemptions",
    "check_release",
    "check_year",
    "content_of",
    "counts_as_published",
    "design",
    "digest_of_contents",
    "load_rule",
    "open_ledger",
    "packaged_links",
    "protect",
    "protect_estimate",
    "protect_estimates",
    "read_elsewhere",
    "read_exemptions",
    "see_table",
    "universe_key",
]
