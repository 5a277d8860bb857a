"""What would have to be true for the answer to change: E-values, bounds, tipping point, misclassification.

Enters: counts or estimates. Leaves: how strong a hidden cause, how many reports among those who left, or how
wrong a record would have to be.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from platform_utils.errors import ContractError
from platform_utils.pilot.exact import barnard
from platform_utils.pilot.proportions import clopper_pearson
from platform_utils.pilot.results import Estimate, TestResult, TwoGroups, check_counts

__all__ = [
    "EValue",
    "KnownAndLeft",
    "TippingPoint",
    "corrected_difference",
    "e_value",
    "leave_one_out",
    "manski_bounds",
    "recontact_bounds",
    "tipping_point",
]


@dataclass(frozen=True)
class EValue:
    """E-values of an estimate and of the limit nearer to no difference (1 when the limits include it)."""

    estimate: float
    limit: float


@dataclass(frozen=True)
class KnownAndLeft:
    """One group when some left before the window ended.

    Parameters
    ----------
    n : int
        All persons of the group.
    events : int
        Known to have the outcome within the window.
    left : int
        Without the outcome when contact ended: unknown.
    """

    n: int
    events: int
    left: int

    def __post_init__(self) -> None:
        check_counts(self.events, self.n)
        check_counts(self.left, self.n)
        if self.events + self.left > self.n:
            raise ContractError("E-701")


@dataclass(frozen=True)
class TippingPoint:
    """How many of the comparison group's leavers must have reported for the finding to go.

    Parameters
    ----------
    leavers : int or None
        Smallest number; None if no number does it, 0 if there was no finding.
    of : int
        Leavers of the group in which reports are added.
    p_value : float
        The p-value there.
    """

    leavers: int | None
    of: int
    p_value: float


def e_value(ratio: float, lower: float | None = None, upper: float | None = None) -> EValue:
    """Return how strong a hidden cause must be, on the risk ratio scale, to explain a risk ratio away.

    Parameters
    ----------
    ratio : float
        Risk ratio (not an odds ratio of a common outcome), > 0; below 1 it is inverted.
    lower, upper : float, optional
        Its confidence limits.

    Returns
    -------
    EValue
        The hidden cause must be tied to both access and outcome by at least this ratio each.

    Raises
    ------
    ContractError
        E-701 if the ratio is not positive or the limits do not include it.

    References
    ----------
    VanderWeele TJ, Ding P (2017) Ann Intern Med 167:268-274: 3.9 (1.8 to 8.7) gives 7.26 and 3.0.

    Examples
    --------
    >>> values = e_value(3.9, 1.8, 8.7)
    >>> round(values.estimate, 2), round(values.limit, 1)
    (7.26, 3.0)
    """
    bad_limits = (lower is not None and lower > ratio) or (upper is not None and upper < ratio)
    if not ratio > 0 or bad_limits:
        raise ContractError("E-701")
    nearer = lower if ratio >= 1 else upper
    limit = float("nan")
    if nearer is not None:
        crossed = nearer <= 1 if ratio >= 1 else nearer >= 1
        limit = 1.0 if crossed else _e_value(nearer)
    return EValue(_e_value(ratio), limit)


def manski_bounds(group_1: KnownAndLeft, group_0: KnownAndLeft) -> tuple[float, float]:
    """Return the smallest and largest risk difference that fit what is known, leavers free.

    Parameters
    ----------
    group_1, group_0 : KnownAndLeft
        Group with access, comparison group.

    Returns
    -------
    tuple of float
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


def recontact_bounds(
    group_1: KnownAndLeft,
    group_0: KnownAndLeft,
    reached_1: tuple[int, int],
    reached_0: tuple[int, int],
    level: float = 0.95,
) -> tuple[float, float]:
    """Return the bounds when a random sample of those who left was reached again.

    Parameters
    ----------
    group_1, group_0 : KnownAndLeft
        Group with access, comparison group.
    reached_1, reached_0 : tuple of int
        Outcomes found among leavers reached, and leavers reached; (0, 0) if none.
    level : float
        Confidence level of the two shares together (each at the root of it).

    Returns
    -------
    tuple of float
        As `manski_bounds`, with the leavers' share limited to its Clopper-Pearson interval; counts found
        are certain. Valid only if who was reached does not depend on the outcome.

    References
    ----------
    Horowitz and Manski (2000); Hansen MH, Hurwitz WN (1946) J Am Stat Assoc 41:517-529 (follow a sample).

    Examples
    --------
    >>> groups = KnownAndLeft(100, 30, 10), KnownAndLeft(100, 20, 25)
    >>> lower, upper = recontact_bounds(*groups, (1, 8), (2, 20))
    >>> round(lower, 3), round(upper, 3)
    (0.04, 0.11)
    """
    each = float(np.sqrt(level))

    def shares(group: KnownAndLeft, reached: tuple[int, int]) -> tuple[float, float]:
        found, asked = reached
        if asked == 0:
            return group.events / group.n, (group.events + group.left) / group.n
        if asked > group.left:
            raise ContractError("E-701")
        limits = clopper_pearson(found, asked, each)
        least = max(limits.lower * group.left, found)
        most = min(limits.upper * group.left, group.left - (asked - found))
        return (group.events + least) / group.n, (group.events + most) / group.n

    low_1, high_1 = shares(group_1, reached_1)
    low_0, high_0 = shares(group_0, reached_0)
    return low_1 - high_0, high_1 - low_0


def tipping_point(
    group_1: KnownAndLeft,
    group_0: KnownAndLeft,
    level: float = 0.05,
    test: Callable[[TwoGroups], TestResult] = barnard,
) -> TippingPoint:
    """Return how many leavers of the group with fewer outcomes must have had it for the finding to go.

    Parameters
    ----------
    group_1, group_0 : KnownAndLeft
        Group with access, comparison group. Leavers of the other group are taken to have had none.
    level : float
        Level of the test.
    test : callable
        From counts to a `TestResult`, such as `barnard` or `fisher`.

    Returns
    -------
    TippingPoint

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
    result = 1.0
    for added in range(low.left + 1):
        table = TwoGroups(high.events, high.n, low.events + added, low.n)
        result = test(table).p_value
        if result > level:
            return TippingPoint(added, low.left, result)
    return TippingPoint(None, low.left, result)


def corrected_difference(
    table: TwoGroups, sensitivity: tuple[float, float], specificity: tuple[float, float]
) -> float:
    """Return the risk difference after correcting each group for an outcome recorded wrongly.

    Parameters
    ----------
    table : TwoGroups
        Counts as recorded.
    sensitivity, specificity : tuple of float
        Of the record, in the group with access and in the comparison group (they may differ: staff who
        know the file see more).

    Returns
    -------
    float
        Difference of ``(share + specificity - 1) / (sensitivity + specificity - 1)``, each kept in 0-1.

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
    """Return the risk difference without each unit in turn.

    Parameters
    ----------
    events, sizes : array, shape (n_units,)
        Events and persons per unit.
    access : array of bool, shape (n_units,)
        Group of each unit.

    Returns
    -------
    list of float
        In the order of the units; ``nan`` where a group would be empty.

    Examples
    --------
    >>> [round(value, 2) for value in leave_one_out([5, 1, 2, 0], [10] * 4, [True, True, False, False])]
    [0.0, 0.4, 0.3, 0.1]
    """
    count, persons = np.asarray(events, dtype=float), np.asarray(sizes, dtype=float)
    group = np.asarray(access, dtype=bool)
    found = []
    for unit in range(len(count)):
        kept = np.arange(len(count)) != unit
        one, zero = kept & group, kept & ~group
        if not one.any() or not zero.any():
            found.append(float("nan"))
            continue
        found.append(float(count[one].sum() / persons[one].sum() - count[zero].sum() / persons[zero].sum()))
    return found


def bounds_estimate(bounds: tuple[float, float], observed: float) -> Estimate:
    """Return bounds as an `Estimate` without a confidence level."""
    return Estimate(observed, bounds[0], bounds[1], float("nan"), "worst-case bounds")


def _e_value(ratio: float) -> float:
    larger = ratio if ratio >= 1 else 1 / ratio
    return float(larger + np.sqrt(larger * (larger - 1))) if np.isfinite(larger) else float("inf")
