"""The primary test: permute whole members, regions or persons, whichever decided who had access.

Enters: one row per unit of assignment (persons, events, access). Leaves: an exact p, the smallest p the
design could have given, and the confidence set that the same test gives.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations
from math import comb

import numpy as np
from numpy.typing import ArrayLike, NDArray

from platform_utils.errors import ContractError
from platform_utils.pilot.results import Estimate

Floats = NDArray[np.float64]
_TIE, _ALIKE = 1e-10, 1e-5


@dataclass(frozen=True)
class Arrangements:
    """All ways (or a fixed random sample of them) in which access could have fallen on the units.

    Attributes
    ----------
    groups : ndarray of bool, shape (n_arrangements, n_units)
        True where the unit would have had access. The first row is the arrangement that happened.
    exact : bool
        True when every arrangement is listed.
    """

    groups: NDArray[np.bool_]
    exact: bool


@dataclass(frozen=True)
class PermutationResult:
    """Result of a permutation test over units of assignment.

    Attributes
    ----------
    p_value : float
        Share of arrangements whose absolute statistic is at least the one seen, that one included.
    statistic : float
        Difference of pooled risks, group with access first (or difference of mean scores).
    attainable : float
        Smallest p that this number of events could have given under this design.
    """

    p_value: float
    statistic: float
    attainable: float


def smallest_attainable_p(units_1: int, units_0: int) -> float:
    """Return the smallest two-sided p that permuting whole units can give, before any outcome is read.

    With equally many units in both groups the mirrored arrangement is always as extreme, so it is 2 over
    the number of arrangements, otherwise 1 over it; 1.0 if one group has no unit.

    Examples
    --------
    >>> round(smallest_attainable_p(1, 6), 4), round(smallest_attainable_p(5, 5), 4)
    (0.1429, 0.0079)
    """
    if min(units_1, units_0) < 1:
        return 1.0
    ways = comb(units_1 + units_0, units_1)
    return min(1.0, (2 if units_1 == units_0 else 1) / ways)


def arrangements(
    access: ArrayLike, limit: int = 200_000, sample: int = 20_000, seed: int = 1
) -> Arrangements:
    """Return every arrangement of access over units, or a seeded sample when there are too many.

    The one that happened comes first.

    Parameters
    ----------
    access : array of bool, shape (n_units,)
        Who had access.
    limit : int
        List all arrangements up to this number.
    sample : int
        Otherwise draw this many, the one that happened included.

    Raises
    ------
    ContractError
        E-710 if one group has no unit.
    """
    seen = np.asarray(access, dtype=bool)
    chosen, total = int(seen.sum()), len(seen)
    if chosen in (0, total):
        raise ContractError("E-710", group="yes" if chosen == 0 else "no")
    if comb(total, chosen) <= limit:
        groups = np.zeros((comb(total, chosen), total), dtype=bool)
        for row, units in enumerate(combinations(range(total), chosen)):
            groups[row, list(units)] = True
        first = int(np.flatnonzero((groups == seen).all(axis=1))[0])
        groups[[0, first]] = groups[[first, 0]]
        return Arrangements(groups, exact=True)
    generator = np.random.default_rng(seed)
    groups = np.zeros((sample, total), dtype=bool)
    groups[0] = seen
    ranks = generator.random((sample - 1, total)).argsort(axis=1)
    groups[1:] = ranks < chosen
    return Arrangements(groups, exact=False)


def permutation_test(
    totals: ArrayLike, sizes: ArrayLike, access: ArrayLike | None = None, ways: Arrangements | None = None
) -> PermutationResult:
    """Test whether access makes a difference, by permuting it over whole units.

    Two-sided by the absolute difference of pooled risks. Exact when units are exchangeable under no effect,
    whatever the correlation inside them; a sampled p counts the arrangement that happened.

    Parameters
    ----------
    totals : array, shape (n_units,)
        Events (or summed scores) per unit.
    sizes : array, shape (n_units,)
        Persons per unit.
    access : array of bool, shape (n_units,), optional
        Who had access; not needed with ``ways``.
    ways : Arrangements, optional
        From `arrangements`, to reuse the list over outcomes.

    Raises
    ------
    ContractError
        E-710 if one group has no unit.

    References
    ----------
    Gail MH et al. (1996) Stat Med 15:1069-1092 (cluster permutation). Phipson B, Smyth GK (2010) Stat Appl
    Genet Mol Biol 9:39 (the arrangement that happened is one of them).

    Examples
    --------
    >>> result = permutation_test([5, 6, 7, 1, 0, 2], [10] * 6, [True] * 3 + [False] * 3)
    >>> round(result.p_value, 2), round(result.statistic, 2)
    (0.1, 0.5)
    """
    ways = ways if ways is not None else arrangements(np.asarray(access, dtype=bool))
    statistics = _differences(np.asarray(totals, dtype=float), np.asarray(sizes, dtype=float), ways.groups)
    size = np.abs(statistics)
    margin = _TIE * max(1.0, float(size.max()))
    p_value = float((size >= size[0] - margin).mean())
    attainable = float((size >= size.max() - margin).mean())
    if not ways.exact and size.max() > 0:
        attainable = min(attainable, 1 / len(size))
    return PermutationResult(p_value, float(statistics[0]), attainable)


def permutation_interval(
    events: ArrayLike, sizes: ArrayLike, ways: Arrangements, level: float = 0.95
) -> Estimate:
    """Return the risk differences that the permutation test does not reject.

    For each hypothetical constant difference it is taken away from the units with access and the test is
    repeated; the limits are exact, not searched: each arrangement is at least as extreme over one interval
    of differences, and the limits are where too few of these intervals overlap. Cut at -1 and 1; 0 is left
    out exactly when the test rejects.

    Parameters
    ----------
    events, sizes : array, shape (n_units,)
        Events and persons per unit.
    level : float
        Confidence level; never more than 1 minus the smallest attainable p allows (else -1 to 1). Limits are
        ``nan`` where units of a group are all alike: every other difference is rejected, whatever it is.

    References
    ----------
    Gail et al. (1996). Ernst MD (2004) Stat Sci 19:676-685.

    Examples
    --------
    >>> ways = arrangements([True] * 4 + [False] * 4)
    >>> interval = permutation_interval([5, 6, 7, 5, 1, 0, 2, 1], [10] * 8, ways)
    >>> round(interval.lower, 2), round(interval.upper, 2)
    (0.3, 0.7)
    """
    count, persons = np.asarray(events, dtype=float), np.asarray(sizes, dtype=float)
    offsets = _differences(count, persons, ways.groups)
    slopes = _differences(persons * ways.groups[0], persons, ways.groups)
    seen = float(offsets[0])
    allowed = 1 - level
    # |offset - d * slope| >= |seen - d| holds for d between two roots (Ernst 2004)
    with np.errstate(divide="ignore", invalid="ignore"):
        one = (seen - offsets) / (1 - slopes)
        two = (seen + offsets) / (1 + slopes)
    always = (slopes > 1 - _TIE) | (slopes < -1 + _TIE)
    base = float(always.mean())
    starts = np.sort(np.minimum(one, two)[~always])
    ends = np.sort(np.maximum(one, two)[~always])
    method = "permutation of units, inverted"
    if base > allowed:
        return Estimate(seen, -1.0, 1.0, level, method)
    corners = np.unique(np.concatenate([starts, ends, [seen]]))
    started = np.searchsorted(starts, corners + _TIE, side="right")
    ended = np.searchsorted(ends, corners - _TIE, side="left")
    share = base + (started - ended) / len(offsets)
    kept = corners[share > allowed + 1e-12]
    lower, upper = float(kept.min()), float(kept.max())
    if upper - lower < _ALIKE:
        return Estimate(seen, float("nan"), float("nan"), level, method)
    return Estimate(seen, max(-1.0, lower), min(1.0, upper), level, method)


def _differences(totals: Floats, sizes: Floats, groups: NDArray[np.bool_]) -> Floats:
    chosen = groups.astype(float)
    total_1, size_1 = chosen @ totals, chosen @ sizes
    result = total_1 / size_1 - (totals.sum() - total_1) / (sizes.sum() - size_1)
    return np.asarray(result)
