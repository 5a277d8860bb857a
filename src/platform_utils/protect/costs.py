"""What is lost with each hidden cell: the weights by which one safe pattern is better than another.

Enters: a system. Leaves: a cost per printed cell. Protection never depends on these; information does.
"""

from __future__ import annotations

import math
from collections.abc import Mapping

from platform_utils.protect.model import System
from platform_utils.protect.rules import DisclosureRule

__all__ = ["WEIGHTS", "cell_costs"]

WEIGHTS = ("kept", "cells", "counts")
"""A cell that says something counts for more; any group of people alike; the people in it."""


def cell_costs(system: System, rule: DisclosureRule, weights: str | Mapping[str, float]) -> dict[int, float]:
    """Return the cost of hiding each printed cell.

    Parameters
    ----------
    system : System
        Cells and tables.
    rule : DisclosureRule
        Knows the codes that say nothing about a person.
    weights : {"kept", "cells", "counts"} or mapping of str to float
        ``"cells"``: 1 for each group of people. ``"counts"``: its count, at least 1. ``"kept"``: each time it
        is printed, 1 and a little more for a large count, less for a zero or an unknown. A mapping is
        ``"kept"`` times the weight of each table by name.
    """
    costs: dict[int, float] = {}
    for entered in system.tables:
        by_table = weights.get(entered.table.name, 1.0) if isinstance(weights, Mapping) else 1.0
        for place, codes in zip(entered.places, entered.codes, strict=True):
            count = system.values[place]
            if weights == "cells":
                costs[place] = 1.0
            elif weights == "counts":
                costs[place] = float(max(1, count))
            else:
                silent = bool(rule.never_primary & set(codes))
                lost = 0.25 if count == 0 else 0.5 if silent else 1.0 + math.log10(count) / 10
                costs[place] = costs.get(place, 0.0) + by_table * lost
    return costs
