"""Which designs could give evidence at all: the smallest p that each can attain, before outcomes are read.

Enters: the population and the plan. Leaves: one line per design. A design whose smallest attainable p exceeds
the level that its outcome would need is descriptive, whatever the data say.
"""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from platform_utils.pilot.permutation import smallest_attainable_p
from platform_utils.pilot.plan import Plan

__all__ = ["DesignLine", "list_designs"]

_REGIONS = 7


@dataclass(frozen=True)
class DesignLine:
    """One candidate design.

    Parameters
    ----------
    key : str
        Label key ``L-pilot-design-<key>`` names it.
    role : {"primary", "second", "descriptive", "words"}
        ``words``: cannot carry an effect; the label says why.
    units_1, units_0 : int
        Units of assignment with and without access (0 where the design has none).
    attainable : float
        Smallest two-sided p; ``nan`` where no test is made.
    needed : float
        Level that the smallest p must reach.
    """

    key: str
    role: str
    units_1: int
    units_0: int
    attainable: float
    needed: float

    @property
    def testable(self) -> bool:
        """True when the design can reject at all."""
        return self.attainable <= self.needed


def list_designs(population: pd.DataFrame, plan: Plan) -> list[DesignLine]:
    """Return every design of the plan's page with the smallest p it can attain.

    Parameters
    ----------
    population : DataFrame
        Persons of the plan's population; outcomes are not read.
    plan : Plan
        Unit of assignment, level and number of outcomes.

    Returns
    -------
    list of DesignLine
        The primary design first.
    """
    needed = plan.level / len(plan.outcomes)
    unit = {"member": "member_id", "region": "region", "person": "person_id"}[plan.unit]
    primary = _line(f"access_by_{plan.unit}", "primary", population, unit, needed)
    lines = [primary]
    if plan.unit == "member":
        lines.append(_line("access_by_region", "descriptive", population, "region", needed))
    nothing = float("nan")
    lines.append(DesignLine("series", "second", 0, 0, nothing, plan.level))
    staggered = smallest_attainable_p(1, _REGIONS - 1)
    lines.append(DesignLine("staggered", "descriptive", 1, _REGIONS - 1, staggered, needed))
    lines += [DesignLine(key, "words", 0, 0, nothing, needed) for key in ("rule_change", "historical", "mmm")]
    return lines


def _line(key: str, role: str, population: pd.DataFrame, unit: str, needed: float) -> DesignLine:
    codes = population.groupby(unit)["access"].agg(["min", "max"])
    pure = codes["min"] == codes["max"]
    units_1 = int((codes["max"][pure] == "yes").sum())
    units_0 = int((codes["max"][pure] == "no").sum())
    attainable = smallest_attainable_p(units_1, units_0) if pure.all() else 1.0
    return DesignLine(key, role, units_1, units_0, attainable, needed)
