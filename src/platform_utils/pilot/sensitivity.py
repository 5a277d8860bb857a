"""What would have to be true for the answer to change: E-values, bounds, tipping point, misclassification.

Enters: counts or estimates. Leaves: how strong a hidden cause, how many reports among those who left, or how
wrong a record would have to be.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy import stats
from scipy.optimize import brentq

from platform_utils.errors import ContractError
from platform_utils.pilot.exact import barnard
from platform_utils.pilot.intervals import clopper_pearson
from platform_utils.pilot.results import TestResult, TwoGroups, check_counts


@dataclass(frozen=True)
class EValue:
    """E-values of an estimate and of the limit nearer to no difference (1 when the limits include it)."""

    estimate: float
    limit: float


@dataclass(frozen=True)
class KnownAndLeft:
    """One group when some left before the window ended.

    Attributes
    ----------
    n : int
        All persons of the group.
    events : int
        Known to have the outcome within the window.
    left : int
        Without the outcome when contact ended: unknown.
    asked, found : int
        Of those who left: reached again, and with the outcome then.
    """

    n: int
    events: int
    left: int
    asked: int = 0
    found: int = 0

    def __post_init__(self) -> None:
        check_counts(self.events, self.n)
        check_counts(self.left, self.n)
        if self.events + self.left > self.n or not self.found <= self.asked <= self.left:
            raise ContractError("E-701")


@dataclass(frozen=True)
class TippingPoint:
    """How many of the comparison group's leavers must have reported for the finding to go.

    Attributes
    ----------
    leavers : int or None
        Smallest number; None if no number does it, 0 if there was no finding.
    of : int
        Leavers of the group in which reports are added.
    """

    leavers: int | None
    of: int


def e_value(ratio: float, lower: float, upper: float, truth: float = 1.0) -> EValue:
    """Return how strong a hidden cause must be, on the risk ratio scale, for the true ratio to be another.

    The hidden cause must be tied to both access and outcome by at least this ratio each.

    Parameters
    ----------
    ratio : float
        Risk ratio (not an odds ratio of a common outcome); below 1 it is inverted. At 0 and ``inf`` only the
        limit has an E-value.
    lower, upper : float
        Its confidence limits.
    truth : float
        The ratio that would be true: 1 asks what would explain the ratio away.

    Raises
    ------
    ContractError
        E-701 if the ratio is negative or the limits do not include it.

    References
    ----------
    VanderWeele TJ, Ding P (2017) Ann Intern Med 167:268-274: 3.9 (1.8 to 8.7) gives 7.26 and 3.0. Another
    truth: the same formula for the ratio over it (R's EValue: 2.5 for a truth of 1.5 gives 2.72).

    Examples
    --------
    >>> values = e_value(3.9, 1.8, 8.7)
    >>> round(values.estimate, 2), round(values.limit, 1)
    (7.26, 3.0)
    """
    if not (0 <= lower <= ratio <= upper and truth > 0):
        raise ContractError("E-701")
    ratio, lower, upper = ratio / truth, lower / truth, upper / truth

    def strength(value: float) -> float:
        larger = max(value, 1 / value) if value else np.inf
        return float(larger + np.sqrt(larger * (larger - 1))) if np.isfinite(larger) else float("inf")

    nearer = lower if ratio >= 1 else upper
    crossed = lower <= 1 <= upper
    return EValue(strength(ratio), 1.0 if crossed else strength(nearer))


def manski_bounds(group_1: KnownAndLeft, group_0: KnownAndLeft) -> tuple[float, float]:
    """Return the smallest and largest risk difference that fit what is known, leavers free.

    First: no leaver with access and all leavers without had the outcome. Second: the other way round.
    Their distance is the sum of the shares that left: no assumption narrows it, only data do.

    References
    ----------
    Manski CF (1990) Am Econ Rev 80:319-323. Horowitz JL, Manski CF (2000) J Am Stat Assoc 95:77-84.

    Examples
    --------
    >>> lower, upper = manski_bounds(KnownAndLeft(100, 30, 10), KnownAndLeft(100, 20, 25))
    >>> round(lower, 2), round(upper, 2)
    (-0.15, 0.2)
    """
    lower = group_1.events / group_1.n - (group_0.events + group_0.left) / group_0.n
    upper = (group_1.events + group_1.left) / group_1.n - group_0.events / group_0.n
    return lower, upper


def imbens_manski(
    lower: float, upper: float, errors: tuple[float, float], level: float = 0.95, freedom: float = np.inf
) -> tuple[float, float]:
    """Return confidence limits for a difference that is only known to lie between two estimated bounds.

    They hold the difference itself, wherever between the bounds it lies, with probability ``level``: nearer
    to one-sided limits the wider the bounds are apart.

    Parameters
    ----------
    errors : tuple of float
        Standard errors of the two bounds.
    freedom : float
        Degrees of freedom of these errors; ``inf`` for the normal curve.

    Raises
    ------
    ContractError
        E-701 if the bounds are the wrong way round or an error is negative.

    References
    ----------
    Imbens GW, Manski CF (2004) Econometrica 72:1845-1857, equations 6 and 7.

    Examples
    --------
    >>> [round(limit, 3) for limit in imbens_manski(0.1, 0.1, (0.05, 0.05))]
    [0.002, 0.198]
    >>> [round(limit, 3) for limit in imbens_manski(0.0, 0.5, (0.05, 0.05))]
    [-0.082, 0.582]
    """
    if upper < lower or min(errors) < 0:
        raise ContractError("E-701")
    if max(errors) == 0:
        return lower, upper
    gap = (upper - lower) / max(errors)

    def excess(reach: float) -> float:
        return float(stats.t.cdf(reach + gap, freedom) - stats.t.cdf(-reach, freedom)) - level

    reach = float(brentq(excess, 0.0, float(stats.t.isf((1 - level) / 2, freedom)) + 1e-9, xtol=1e-12))
    return lower - reach * errors[0], upper + reach * errors[1]


def recontact_bounds(
    group_1: KnownAndLeft, group_0: KnownAndLeft, level: float = 0.95
) -> tuple[float, float]:
    """Return the bounds when a random sample of those who left was reached again.

    As `manski_bounds`, with the leavers' share limited to its Clopper-Pearson interval; counts found are
    certain. Valid only if who was reached does not depend on the outcome.

    Parameters
    ----------
    level : float
        Confidence level of the two shares together (each at the root of it).

    References
    ----------
    Horowitz and Manski (2000); Hansen MH, Hurwitz WN (1946) J Am Stat Assoc 41:517-529 (follow a sample).

    Examples
    --------
    >>> lower, upper = recontact_bounds(KnownAndLeft(100, 30, 10, 8, 1), KnownAndLeft(100, 20, 25, 20, 2))
    >>> round(lower, 3), round(upper, 3)
    (0.04, 0.11)
    """

    def shares(group: KnownAndLeft) -> tuple[float, float]:
        least, most = 0.0, float(group.left)
        if group.asked:
            limits = clopper_pearson(group.found, group.asked, float(np.sqrt(level)))
            least = max(limits.lower * group.left, group.found)
            most = min(limits.upper * group.left, group.left - (group.asked - group.found))
        return (group.events + least) / group.n, (group.events + most) / group.n

    (low_1, high_1), (low_0, high_0) = shares(group_1), shares(group_0)
    return low_1 - high_0, high_1 - low_0


def tipping_point(
    group_1: KnownAndLeft,
    group_0: KnownAndLeft,
    level: float = 0.05,
    test: Callable[[TwoGroups], TestResult] = barnard,
) -> TippingPoint:
    """Return how many leavers of the group with fewer outcomes must have had it for the finding to go.

    Leavers of the other group are taken to have had none.

    References
    ----------
    Yan X, Lee S, Li N (2009) J Biopharm Stat 19:1085-1098.

    Examples
    --------
    >>> point = tipping_point(KnownAndLeft(60, 26, 6), KnownAndLeft(60, 12, 20))
    >>> point.leavers, point.of
    (4, 20)
    """
    swap = group_1.events / group_1.n < group_0.events / group_0.n
    high, low = (group_0, group_1) if swap else (group_1, group_0)
    for added in range(low.left + 1):
        if test(TwoGroups(high.events, high.n, low.events + added, low.n)).p_value > level:
            return TippingPoint(added, low.left)
    return TippingPoint(None, low.left)


def corrected_difference(
    table: TwoGroups, sensitivity: tuple[float, float], specificity: tuple[float, float]
) -> float:
    """Return the risk difference after correcting each group for an outcome recorded wrongly.

    Difference of ``(share + specificity - 1) / (sensitivity + specificity - 1)``, each kept in 0-1.

    Parameters
    ----------
    sensitivity, specificity : tuple of float
        Of the record, in the group with access and in the comparison group (they may differ: staff who
        know the file see more).

    Raises
    ------
    ContractError
        E-701 if sensitivity + specificity is not above 1 in both groups.

    References
    ----------
    Rogan WJ, Gladen B (1978) Am J Epidemiol 107:71-76.

    Examples
    --------
    >>> round(corrected_difference(TwoGroups(18, 60, 12, 60), (0.9, 0.6), (1.0, 1.0)), 3)
    0.0
    """
    shares = []
    for share, found, spared in zip((table.risk_1, table.risk_0), sensitivity, specificity, strict=True):
        if found + spared <= 1 or not (0 <= found <= 1 and 0 <= spared <= 1):
            raise ContractError("E-701")
        shares.append(min(1.0, max(0.0, (share + spared - 1) / (found + spared - 1))))
    return shares[0] - shares[1]


def leave_one_out(events: ArrayLike, sizes: ArrayLike, access: ArrayLike) -> list[float]:
    """Return the risk difference without each unit in turn; ``nan`` where a group would be empty.

    Parameters
    ----------
    events, sizes : array, shape (n_units,)
        Events and persons per unit.
    access : array of bool, shape (n_units,)
        Group of each unit.

    Examples
    --------
    >>> [round(value, 2) for value in leave_one_out([5, 1, 2, 0], [10] * 4, [True, True, False, False])]
    [0.0, 0.4, 0.3, 0.1]
    """
    counts = np.array([np.asarray(events, dtype=float), np.asarray(sizes, dtype=float)])
    group = np.asarray(access, dtype=bool)
    found = []
    for unit in range(len(group)):
        kept = np.arange(len(group)) != unit
        (events_1, n_1), (events_0, n_0) = counts[:, kept & group].sum(1), counts[:, kept & ~group].sum(1)
        found.append(float(events_1 / n_1 - events_0 / n_0) if n_1 and n_0 else float("nan"))
    return found
