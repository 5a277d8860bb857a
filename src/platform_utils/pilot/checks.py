"""What can say no before any outcome is compared: the population, the data, the designs.

Enters: a cohort and the plan. Leaves: who is in the population, one line per check and one per design. A
check that stops leaves descriptive shares only; a design whose smallest attainable p exceeds the level that
its outcome would need is descriptive, whatever the data say.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
import pandas as pd
from scipy import stats

from platform_utils.errors import ContractError
from platform_utils.pilot.permutation import smallest_attainable_p
from platform_utils.pilot.plan import Plan

# groups may differ by this share in how many were followed for the whole window before it is remarked upon
_UNEQUAL = 0.10
# so many of each group must have come between the first and the last month of the other
_OVERLAP = 0.75
# an application takes at least this share of the grace period on average, unless the plan says otherwise
_QUICKEST = 0.25
_SURE = 0.01
Groups = tuple[frozenset[int], frozenset[int]]


@dataclass(frozen=True)
class DataCheck:
    """One check of the data against the plan.

    Attributes
    ----------
    key : str
        Label key ``L-pilot-check-<key>`` says what was looked at.
    ok : bool
        False: the reason stands in ``L-pilot-check-<key>-no``.
    stops : bool
        True when failing it leaves descriptive shares only.
    fields : mapping
        Counts for the text.
    """

    key: str
    ok: bool
    stops: bool
    fields: Mapping[str, int | str] = field(default_factory=dict)


@dataclass(frozen=True)
class Flow:
    """Persons from contact to analysis, by place in the file, per group (with access, without).

    Attributes
    ----------
    persons : mapping of str to (set of int, set of int)
        ``read``, exclusions with their reason, ``population``, ``followed`` (for the primary window); of
        these ``entered`` in time, ``early`` (an event before that), ``waiting``; and ``reported``, ``lost``,
        ``other_end`` or still ``in_contact`` by the primary window.
    """

    persons: Mapping[str, Groups]

    @property
    def steps(self) -> dict[str, tuple[int, int]]:
        """How many there are at each step."""
        return {key: (len(one), len(zero)) for key, (one, zero) in self.persons.items()}


@dataclass(frozen=True)
class DesignLine:
    """One candidate design.

    Attributes
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


def groups_in(cohort: pd.DataFrame) -> Groups:
    """Return who had access and who had not, by place in the file."""
    one, zero = (frozenset(cohort.index[cohort["access"] == code].tolist()) for code in ("yes", "no"))
    return one, zero


def part_groups(cohort: pd.DataFrame) -> Groups:
    """Return who had access and who had not; a cohort has both.

    Raises
    ------
    ContractError
        E-710 if a group is empty.
    """
    with_access, without = groups_in(cohort)
    if not (with_access and without):
        raise ContractError("E-710", group="no" if with_access else "yes")
    return with_access, without


def select_population(cohort: pd.DataFrame, plan: Plan) -> tuple[pd.DataFrame, Flow]:
    """Return the persons the plan asks about, and how many were set aside at each step.

    Months when the programme was closed to all belong to the second design only.

    Raises
    ------
    ContractError
        E-710 if a group is empty in the file.
    """
    steps = {"read": part_groups(cohort)}
    month = cohort["first_contact_month"]
    rules = {
        "reported_before": (cohort["reported_before"] == "yes") & plan.exclude_reported_before,
        "in_mmm": (cohort["programme_at_zero"] == "mmm") & plan.exclude_in_mmm,
        "closed": (month >= plan.closed_from) & (month < plan.reopened),
        "before_programme": month < plan.programme_from,
    }
    kept = cohort
    for key, rule in rules.items():
        out = rule.loc[kept.index]
        if out.any():
            steps[key] = groups_in(kept[out])
        kept = kept[~out]
    steps["population"] = groups_in(kept)
    steps["followed"] = groups_in(kept[_followed_up(kept, plan)])
    return kept, Flow(steps)


def check_data(cohort: pd.DataFrame, population: pd.DataFrame, plan: Plan) -> list[DataCheck]:
    """Return every check, passed or not, in the order in which they are printed.

    Parameters
    ----------
    cohort : DataFrame
        Checked, everybody in the file.
    population : DataFrame
        From `select_population`.
    """
    access = population["access"] == "yes"
    others = int((cohort["time_zero_kind"] != plan.time_zero).sum())
    at_once, expected = _entered_at_once(population.loc[access, plan.entry_column], plan)
    before = int((population["reported_before"] == "yes").sum())
    # nobody left without access: the whole comparison group was in MMM or had reported
    compared = cohort[cohort["access"] == "no"] if access.all() else population[~access]
    inside = int((compared["programme_at_zero"] == "mmm").sum())
    mixed = 0 if plan.unit == "person" else int((~_pure(population, plan.unit_column)).sum())
    full = _followed_up(population, plan)
    source = population.get("contact_source", pd.Series("", index=population.index))
    funded = source == "funded_days"
    empty = sum(int(population[name].isin(["", "unknown", "blank"]).sum()) for name in plan.covariates)
    return [
        DataCheck("time_zero", others == 0, True, {"persons": others}),
        DataCheck("entry_at_zero", at_once, True, {"share": f"{100 * expected:.0f}"}),
        DataCheck("reported_before", before == 0, True, {"persons": before}),
        DataCheck("against_mmm", inside == 0, True, {"persons": inside}),
        DataCheck("constant_access", mixed == 0, True, {"units": mixed}),
        DataCheck("follow_up", _alike(full, access), False, {"persons": int((~full).sum())}),
        DataCheck("contact_rule", _alike(funded, access), False, {"persons": int(funded.sum())}),
        DataCheck("covariates", empty == 0, False, {"persons": empty}),
        DataCheck("calendar", _same_calendar(population["first_contact_month"], access), False),
    ]


def list_designs(population: pd.DataFrame, plan: Plan) -> list[DesignLine]:
    """Return every design of the plan's page with the smallest p it can attain, the primary design first.

    Outcomes are not read.
    """
    needed, nothing = plan.level / len(plan.outcomes), float("nan")
    lines = [_design(f"access_by_{plan.unit}", "primary", population, plan.unit_column, needed)]
    if plan.unit == "member":
        lines.append(_design("access_by_region", "descriptive", population, "region", needed))
    return [
        *lines,
        DesignLine("series", "second", 0, 0, nothing, plan.level),
        _staggered(population, needed),
        *(DesignLine(key, "words", 0, 0, nothing, needed) for key in ("rule_change", "historical", "mmm")),
    ]


def _design(key: str, role: str, population: pd.DataFrame, unit: str, needed: float) -> DesignLine:
    pure = _pure(population, unit)
    codes = population.groupby(unit)["access"].first()[pure]
    units_1, units_0 = int((codes == "yes").sum()), int((codes == "no").sum())
    attainable = smallest_attainable_p(units_1, units_0) if pure.all() else 1.0
    return DesignLine(key, role, units_1, units_0, attainable, needed)


def _staggered(population: pd.DataFrame, needed: float) -> DesignLine:
    # regions in which everybody met before some month had no access, and everybody from then on had
    month, region = population["first_contact_month"], population["region"]
    access = population["access"] == "yes"
    first = month.where(access).groupby(region).min()
    last = month.where(~access).groupby(region).max()
    switching, never = int((last < first).sum()), int(first.isna().sum())
    if not switching:
        return DesignLine("staggered_none", "words", 0, never, float("nan"), needed)
    attainable = smallest_attainable_p(switching, never)
    return DesignLine("staggered", "descriptive", switching, never, attainable, needed)


def _entered_at_once(entry: pd.Series, plan: Plan) -> tuple[bool, float]:
    """Say whether as many entered on day 0 as waiting can give, and the largest such share.

    Where time zero is the application of those who applied, all of them enter on day 0, and whoever left
    before applying is missing from one group (immortal time). With waiting times that are geometric, and at
    least a quarter of the grace period on average, at most 1 / (1 + grace / 4) enter at once.
    """
    expected = plan.entered_at_once
    if expected is None:
        expected = 1 / (1 + _QUICKEST * plan.grace_days)
    in_time = entry[entry <= plan.grace_days]
    at_once = int((in_time <= 0).sum())
    p_value = float(stats.binom.sf(at_once - 1, len(in_time), expected)) if len(in_time) else 1.0
    return p_value > _SURE, expected


def _pure(population: pd.DataFrame, unit: str) -> pd.Series:
    codes = population.groupby(unit)["access"].agg(["min", "max"])
    return codes["min"] == codes["max"]


def _followed_up(population: pd.DataFrame, plan: Plan) -> pd.Series:
    return population["follow_up_day"] >= plan.primary_window + plan.contact_gap


def _same_calendar(month: pd.Series, access: pd.Series) -> bool:
    sides = month[access], month[~access]
    inside = [one.between(other.min(), other.max()).mean() for one, other in (sides, sides[::-1])]
    return not (np.isfinite(inside).all() and min(inside) < _OVERLAP)


def _alike(mask: pd.Series, access: pd.Series) -> bool:
    shares = [float(mask[group].mean()) for group in (access, ~access)]
    return not (np.isfinite(shares).all() and abs(shares[0] - shares[1]) > _UNEQUAL)
