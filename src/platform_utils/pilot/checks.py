"""Data checks that can say no: when the file cannot carry an effect, and why.

Enters: a cohort and the plan, before any outcome is compared. Leaves: one line per check, and who is in the
population. A check that stops leaves descriptive shares only.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from platform_utils.errors import ContractError
from platform_utils.pilot.plan import Plan

__all__ = ["DataCheck", "Flow", "check_data", "select_population"]

# groups may differ by this share in how many were followed for the whole window before it is remarked upon
_UNEQUAL = 0.10
_ENTRANTS = 5


@dataclass(frozen=True)
class DataCheck:
    """One check of the data against the plan.

    Parameters
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
    """Persons from contact to analysis, per group (with access, without).

    Parameters
    ----------
    steps : tuple of (key, with access, without access)
        ``read``, exclusions with their reason, ``population``, ``followed`` (for the primary window); of
        these ``entered`` in time, ``early`` (an event before that), ``waiting``; and ``reported``, ``lost``,
        ``other_end`` or still ``in_contact`` by the primary window.
    """

    steps: tuple[tuple[str, int, int], ...]


def select_population(cohort: pd.DataFrame, plan: Plan) -> tuple[pd.DataFrame, Flow]:
    """Return the persons the plan asks about, and how many were set aside at each step.

    Parameters
    ----------
    cohort : DataFrame
        Checked.
    plan : Plan
        Exclusions and windows.

    Returns
    -------
    tuple of DataFrame and Flow
        Months when the programme was closed to all belong to the second design only.

    Raises
    ------
    ContractError
        E-710 if a group is empty in the file.
    """
    _refuse_empty(cohort)
    steps = [("read", *_sizes(cohort))]
    kept = cohort
    rules = []
    if plan.exclude_reported_before:
        rules.append(("reported_before", kept["reported_before"] == "yes"))
    if plan.exclude_in_mmm:
        rules.append(("in_mmm", kept["programme_at_zero"] == "mmm"))
    month = kept["first_contact_month"]
    rules.append(("closed", (month >= plan.closed_from) & (month < plan.reopened)))
    rules.append(("before_programme", month < plan.programme_from))
    for key, out in rules:
        now = out.loc[kept.index]
        if now.any():
            steps.append((key, *_sizes(kept[now])))
        kept = kept[~now]
    steps.append(("population", *_sizes(kept)))
    followed = kept["follow_up_day"] >= plan.primary_window + plan.contact_gap
    steps.append(("followed", *_sizes(kept[followed])))
    return kept, Flow(tuple(steps))


def check_data(cohort: pd.DataFrame, population: pd.DataFrame, plan: Plan) -> list[DataCheck]:
    """Return every check, passed or not, in the order in which they are printed.

    Parameters
    ----------
    cohort : DataFrame
        Checked, everybody in the file.
    population : DataFrame
        From `select_population`.
    plan : Plan
        What was promised.

    Returns
    -------
    list of DataCheck
    """
    return [
        _time_zero(cohort, plan),
        _entry_at_zero(population, plan),
        _reported_before(population),
        _against_mmm(cohort, population),
        _constant_access(population, plan),
        _followed(population, plan),
        _contact_rule(population),
        _missing_covariates(population, plan),
    ]


def _time_zero(cohort: pd.DataFrame, plan: Plan) -> DataCheck:
    other = int((cohort["time_zero_kind"] != plan.time_zero).sum())
    return DataCheck("time_zero", other == 0, True, {"persons": other})


def _entry_at_zero(population: pd.DataFrame, plan: Plan) -> DataCheck:
    # if nobody ever waited between eligibility and entry, entrants' time zero was their application
    days = population.loc[population["access"] == "yes", plan.entry_column].dropna()
    waited = int((days > 0).sum())
    return DataCheck("entry_at_zero", len(days) < _ENTRANTS or waited > 0, True, {"persons": len(days)})


def _reported_before(population: pd.DataFrame) -> DataCheck:
    before = int((population["reported_before"] == "yes").sum())
    return DataCheck("reported_before", before == 0, True, {"persons": before})


def _against_mmm(cohort: pd.DataFrame, population: pd.DataFrame) -> DataCheck:
    without = population["access"] == "no"
    inside = int((population.loc[without, "programme_at_zero"] == "mmm").sum())
    if not without.any():
        # the whole comparison group was in MMM or had reported
        inside = int((cohort.loc[cohort["access"] == "no", "programme_at_zero"] == "mmm").sum())
    return DataCheck("against_mmm", inside == 0, True, {"persons": inside})


def _constant_access(population: pd.DataFrame, plan: Plan) -> DataCheck:
    if plan.unit == "person":
        return DataCheck("constant_access", True, True, {"units": 0})
    unit = {"member": "member_id", "region": "region"}[plan.unit]
    codes = population.groupby(unit)["access"].agg(["min", "max"])
    mixed = int((codes["min"] != codes["max"]).sum())
    return DataCheck("constant_access", mixed == 0, True, {"units": mixed})


def _followed(population: pd.DataFrame, plan: Plan) -> DataCheck:
    full = population["follow_up_day"] >= plan.primary_window + plan.contact_gap
    shares = [float(full[population["access"] == code].mean()) for code in ("yes", "no")]
    unequal = bool(np.isfinite(shares).all() and abs(shares[0] - shares[1]) > _UNEQUAL)
    return DataCheck("follow_up", not unequal, False, {"persons": int((~full).sum())})


def _contact_rule(population: pd.DataFrame) -> DataCheck:
    if "contact_source" not in population:
        return DataCheck("contact_rule", True, False, {"persons": 0})
    funded = population["contact_source"] == "funded_days"
    shares = [float(funded[population["access"] == code].mean()) for code in ("yes", "no")]
    differ = bool(np.isfinite(shares).all() and abs(shares[0] - shares[1]) > _UNEQUAL)
    return DataCheck("contact_rule", not differ, False, {"persons": int(funded.sum())})


def _missing_covariates(population: pd.DataFrame, plan: Plan) -> DataCheck:
    empty = sum(int(population[name].isin(["", "unknown", "blank"]).sum()) for name in plan.covariates)
    return DataCheck("covariates", empty == 0, False, {"persons": empty})


def _sizes(cohort: pd.DataFrame) -> tuple[int, int]:
    return int((cohort["access"] == "yes").sum()), int((cohort["access"] == "no").sum())


def _refuse_empty(cohort: pd.DataFrame) -> None:
    for code in ("yes", "no"):
        if not (cohort["access"] == code).any():
            raise ContractError("E-710", group=code)
