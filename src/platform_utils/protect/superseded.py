"""What an older edition of a year still tells: a count of today beside it says who came and who went.

Enters: the cells of a release and the tables of older editions. Leaves: the cells that must be hidden
because of them. How many persons came and went since then is not known here, only how far the counts
differ; what has come and gone is at least that, so a difference of fewer persons hides the cell, and no
difference too: one may have come and one gone. Only where nobody was and nobody is has nobody moved.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from platform_utils.protect.attacker import SeenTable, put_together
from platform_utils.protect.attacker.reach import Reach
from platform_utils.protect.links import Links
from platform_utils.protect.model import System
from platform_utils.protect.proof import group_of

__all__ = ["LEAST_MOVED", "find_superseded"]

LEAST_MOVED = 4
"""Fewest persons by which a shown cell may differ between two editions, those who came and went added up."""


def find_superseded(
    system: System,
    older: Mapping[int, Sequence[SeenTable]],
    links: Links,
    public: Collection[int] = (),
) -> set[int]:
    """Return the places that an older edition gives away and whose count of today differs by too few.

    Parameters
    ----------
    system : System
        Cells and true counts of today.
    older : mapping of int to sequence of SeenTable
        From `Ledger.superseded`: tables by edition. What is hidden there but can be worked out counts too.
    links : Links
        How tables hang together.
    public : collection of int
        Places that the newest edition shows with the count of today: nothing is said by them again.

    Returns
    -------
    set of int
        Places in ``System.cells``, printed or not.
    """
    found: set[int] = set()
    for tables in older.values():
        world = put_together(tables, links)
        reach = Reach(world)
        for place, cell in enumerate(system.cells):
            group = world.index.get(group_of(cell))
            if group is None or place in public or place in found:
                continue
            low, high = reach.bounds(((group, 1),))
            count = system.values[place]
            if low == high and abs(count - low) < LEAST_MOVED and (count or low):
                found.add(place)
    return found
