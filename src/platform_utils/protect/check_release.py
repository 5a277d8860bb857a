"""Attack what is about to be released together with everything released before.

Enters: safe tables, the ledger and the true counts that are still known. Leaves: nothing, or a refusal that
names the earlier release. Serves releases whose tables were protected one by one: answers to requests.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence

from platform_utils.protect.attacker import see_table
from platform_utils.protect.cells import Cell
from platform_utils.protect.foreign.elsewhere import read_elsewhere
from platform_utils.protect.ledger import Ledger
from platform_utils.protect.links import Links, packaged_links
from platform_utils.protect.merged_links import with_merged
from platform_utils.protect.model import build_system
from platform_utils.protect.proof import Elsewhere, prove, refuse, that_hold
from platform_utils.protect.rules import DisclosureRule
from platform_utils.spec.counts import CountTable
from platform_utils.spec.safe import SafeTable

__all__ = ["check_release"]


def check_release(
    released: Sequence[SafeTable],
    rule: DisclosureRule,
    *,
    ledger: Ledger,
    truth: Sequence[CountTable],
    links: Links | None = None,
    exempt: Collection[Cell] = (),
    elsewhere: Elsewhere | None = None,
    corrected: Collection[int] = (),
) -> None:
    """Refuse a release with which a reader could rule out a count that the rule hides.

    Parameters
    ----------
    released : sequence of SafeTable
        What is about to be released.
    rule : DisclosureRule
        Limits.
    ledger : Ledger
        Everything released before.
    truth : sequence of CountTable
        True counts of the new tables, and of earlier ones where they are still known.
    links : Links, optional
        How universes and variables hang together.
    exempt : collection of Cell
        Cells that are public by decision.
    elsewhere : iterable, optional
        What others have published; the packaged list if not given.
    corrected : collection of int
        Years of which this is a corrected edition.

    Raises
    ------
    DisclosureError
        E-434 if the release leaks alone; E-435 if it does together with an earlier one, which is named.
    """
    links = links or packaged_links(max((table.universe.year for table in released), default=0))
    earlier = ledger.seen(corrected)
    links = with_merged(links, [*truth, *earlier])
    system = build_system(truth, links)
    hides = {
        table.name: tuple(range(1, rule.class_of(table.disclosure_class, table.dimensions).min_released))
        for table in truth
    }
    least = tuple(range(1, rule.classes["A"].min_released))
    hides |= {seen.name: hides.get(seen.name.rpartition("/")[2], least) for seen in earlier}
    seen = [see_table(table) for table in released if table.universe.unit in rule.protected_units]
    open_places = {system.place[links.canonical(cell)] for cell in exempt}
    told = that_hold(system, read_elsewhere(links) if elsewhere is None else elsewhere)
    broken = prove(seen, earlier, system, {}, hides, rule, links, exempt=open_places, elsewhere=told)
    refuse(broken, {one.name for one in earlier})
