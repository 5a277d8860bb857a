"""What an evaluation holds when it is done: every number with the counts behind it, no text.

Leaves: to the gate, which decides what may be shown. Words stand in the catalogue under the keys given here.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from platform_utils.pilot.adjusted import Positivity
from platform_utils.pilot.checks import DataCheck, Flow
from platform_utils.pilot.decide import OutcomeDecision
from platform_utils.pilot.designs import DesignLine
from platform_utils.pilot.firth import LogisticFit
from platform_utils.pilot.plan import Plan
from platform_utils.pilot.power import Power
from platform_utils.pilot.registration import Registration
from platform_utils.pilot.results import Estimate, TestResult, TwoGroups
from platform_utils.pilot.sensitivity import EValue, TippingPoint
from platform_utils.pilot.series import SeriesResult
from platform_utils.pilot.strategies import CloneResult, LandmarkResult

__all__ = [
    "Adjusted",
    "BaselineRow",
    "CurvePoint",
    "Evaluation",
    "Note",
    "OutcomeReport",
    "Sensitivity",
    "WindowRow",
]


@dataclass(frozen=True)
class Note:
    """A key of the catalogue with counts for its text: a deviation from the plan, or something refused."""

    key: str
    fields: Mapping[str, int | float | str] = field(default_factory=dict)


@dataclass(frozen=True)
class BaselineRow:
    """Persons per code of one covariate at time zero, per group."""

    variable: str
    code: str
    with_access: int
    without_access: int


@dataclass(frozen=True)
class CurvePoint:
    """Cumulative incidence of one cause by one day in one group.

    ``naive`` is 1 - Kaplan-Meier for the same cause and day, shown beside it; ``at_risk`` are persons
    still observed without any event after the day, ``persons`` all at the start.
    """

    day: int
    cause: str
    access: bool
    estimate: Estimate
    naive: float
    events: int
    at_risk: int
    persons: int


@dataclass(frozen=True)
class WindowRow:
    """Risk difference by the end of one window, among persons followed for it and the gap."""

    window: int
    table: TwoGroups
    newcombe: Estimate


@dataclass(frozen=True)
class Adjusted:
    """Estimates adjusted for the plan's covariates, all secondary; None where they do not exist."""

    covariates: tuple[str, ...]
    positivity: Positivity | None
    g_computation: Estimate | None
    inverse_probability: Estimate | None
    firth: LogisticFit | None
    stratified: Estimate | None
    clone: CloneResult | None
    landmark: LandmarkResult | None


@dataclass(frozen=True)
class Sensitivity:
    """What would change the answer; None where the plan leaves it out or it does not exist."""

    e_value: EValue | None = None
    manski: Estimate | None = None
    recontact: tuple[float, float] | None = None
    tipping_point: TippingPoint | None = None
    misclassification: float | None = None
    leave_one_out: tuple[float, ...] = ()
    unequal_contact: tuple[float, float] | None = None


@dataclass(frozen=True)
class OutcomeReport:
    """Everything about one outcome.

    Parameters
    ----------
    decision : OutcomeDecision
        The verdict and the counts behind it.
    difference : Estimate
        Risk difference by the primary window with the plan's interval.
    person_level : mapping of str to TestResult or Estimate
        "If members did not matter": Newcombe, Miettinen-Nurminen, Fisher, mid-P, Barnard, Boschloo.
    risk_ratio, odds_ratio : Estimate
        After the difference.
    windows : tuple of WindowRow
        All windows of the plan.
    curve : tuple of CurvePoint
        Cumulative incidence of every cause at the plan's days.
    time_lost : tuple of Estimate
        Mean days lost to the outcome within the primary window, with access and without.
    """

    outcome: str
    decision: OutcomeDecision
    difference: Estimate
    person_level: Mapping[str, TestResult | Estimate]
    risk_ratio: Estimate
    odds_ratio: Estimate
    windows: tuple[WindowRow, ...]
    curve: tuple[CurvePoint, ...]
    time_lost: tuple[Estimate, Estimate]
    adjusted: Adjusted
    sensitivity: Sensitivity


@dataclass(frozen=True)
class Evaluation:
    """The whole evaluation.

    Parameters
    ----------
    verdict : {"planned", "exploratory", "descriptive"}
        Whether effects are claimed under a registered plan, under an unregistered one, or not at all.
    stopped_by : tuple of DataCheck
        Why it is descriptive; empty otherwise.
    shares : mapping of str to TwoGroups
        Descriptive shares per outcome, when it is.
    outcomes : tuple of OutcomeReport
        In the plan's order; empty when descriptive.
    seen_by_these_numbers : Power or None
        What this cohort could have seen of the plan's effect.
    years_needed : int or None
        Years of pooling that effect needs; None if more than twelve.
    deviations : tuple of Note
        Where what was done differs from what was planned.
    """

    plan: Plan
    registration: Registration
    verdict: str
    checks: tuple[DataCheck, ...]
    stopped_by: tuple[DataCheck, ...]
    designs: tuple[DesignLine, ...]
    flow: Flow
    baseline: tuple[BaselineRow, ...]
    shares: Mapping[str, TwoGroups]
    outcomes: tuple[OutcomeReport, ...]
    series: SeriesResult | Note | None
    seen_by_these_numbers: Power | None
    years_needed: int | None
    deviations: tuple[Note, ...]
