"""Exact tests for two independent shares: Fisher, mid-P, Barnard and Boschloo, with their conventions.

Enters: whole counts of two groups. Leaves: ``TestResult``. Fisher and mid-P hold both margins fixed;
Barnard and Boschloo hold the two group sizes fixed (in scipy's words: groups as columns) and take the
largest p over the common share. Transposing the table fixes the other margin and gives another test.

Two conventions decide at small counts and are printed with each p:

- *ties*: Barnard's statistics are compared by exact whole-number arithmetic, Fisher's tails as the fractions
  that they are, so a table and its mirror image (groups or outcomes relabelled) count as equally extreme.
  scipy 1.17 compares Barnard's statistic as floating numbers and drops about one mirror image in six, so its
  p is then the smaller.
- *two sides*: Barnard by the absolute statistic; Boschloo by doubling the smaller one-sided p, as scipy
  does; Fisher by adding all tables that are no more probable than the one seen.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from scipy.special import gammaln

from platform_utils.pilot.results import TestResult, TwoGroups

Floats = NDArray[np.float64]
Alternative = Literal["two-sided", "less", "greater"]

# tables whose probabilities agree to this relative distance are ties (R's fisher.test uses the same)
_TIE = 1e-7
# one-sided tails that are equal as fractions come out equal to about 1e-13; others are never this near
_EQUAL = 1e-11


def fisher(table: TwoGroups) -> TestResult:
    """Return Fisher's exact test; two-sided by adding all tables no more probable than the one seen.

    The statistic is the probability of the table seen.

    References
    ----------
    Fisher RA (1935) J R Stat Soc 98:39-82. Two sides: Irwin JO (1935) Metron 12:83-94.

    Examples
    --------
    >>> round(fisher(TwoGroups(9, 9, 14, 21)).p_value, 3)
    0.071
    """
    p_value, seen = _conditional(table)
    return TestResult(p_value, seen, "two-sided; both margins fixed; tables no more probable than seen")


def fisher_mid_p(table: TwoGroups) -> TestResult:
    """Return Fisher's test with half the probability of the table seen (mid-P).

    Nearer its nominal level than Fisher's test, but not guaranteed to stay below it.

    References
    ----------
    Lancaster HO (1961) J Am Stat Assoc 56:223-234. Two sides as in Fagerland, Lydersen and Laake (2017),
    section 4.4: half of the table seen only, not of its ties.

    Examples
    --------
    >>> round(fisher_mid_p(TwoGroups(0, 16, 15, 72)).p_value, 5)
    0.04466
    """
    p_value, seen = _conditional(table)
    return TestResult(p_value - seen / 2, seen, "two-sided; both margins fixed; half of the table seen")


def barnard(table: TwoGroups, *, pooled: bool = True, alternative: Alternative = "two-sided") -> TestResult:
    """Return Barnard's unconditional exact test on the standardised difference.

    The largest p over the common share, group sizes fixed, and the statistic.

    Parameters
    ----------
    pooled : bool
        Variance of the statistic from the pooled share (score) or from each share (Wald). With 0 or all
        events in both groups in opposite directions the unpooled statistic is infinite.
    alternative : {"two-sided", "less", "greater"}
        Two-sided orders by the absolute statistic.

    References
    ----------
    Barnard GA (1947) Biometrika 34:123-138. Suissa S, Shuster JJ (1985) J R Stat Soc A 148:317-327.
    Values: Mehta CR, Senchaudhuri P (2003) Conditional versus unconditional exact tests (7/15 v. 12/15).

    Examples
    --------
    >>> round(barnard(TwoGroups(9, 9, 14, 21)).p_value, 3)
    0.056
    """
    n_1, n_0 = table.n_1, table.n_0
    statistic = _signed_square(n_1, n_0, pooled)
    seen = statistic[table.events_1, table.events_0]
    if alternative == "two-sided":
        extreme = np.abs(statistic) >= abs(seen)
    else:
        extreme = statistic >= seen if alternative == "greater" else statistic <= seen
    words = f"{alternative}, by the {'pooled' if pooled else 'unpooled'} statistic; group sizes fixed"
    wald = float(np.copysign(np.sqrt(abs(seen) * ((n_1 + n_0) / (n_1 * n_0) if pooled else n_1 * n_0)), seen))
    return TestResult(_largest_p(extreme, n_1, n_0), wald, words)


def boschloo(table: TwoGroups) -> TestResult:
    """Return Boschloo's unconditional exact test, which orders tables by Fisher's one-sided p.

    Twice the smaller of the two one-sided p-values; each is the largest over the common share, group sizes
    fixed. The statistic is the Fisher p that the table was ordered by.

    References
    ----------
    Boschloo RD (1970) Stat Neerl 24:1-9.

    Examples
    --------
    >>> round(boschloo(TwoGroups(9, 9, 14, 21)).p_value, 3)
    0.053
    """
    n_1, n_0 = table.n_1, table.n_0
    where = (table.events_1, table.events_0)
    results = []
    for side in ("less", "greater"):
        tail, rest = _one_sided_tables(n_1, n_0, side)
        if tail[where] <= 0.5:
            extreme = tail <= tail[where] * (1 + _EQUAL)
        else:
            # near 1 tails differ only in digits that are lost; what they leave out does not
            extreme = rest >= rest[where] * (1 - _EQUAL)
        results.append((_largest_p(extreme, n_1, n_0), float(tail[where])))
    p_value, statistic = min(results)
    convention = "two-sided; group sizes fixed; twice the smaller one-sided p"
    return TestResult(min(1.0, 2 * p_value), statistic, convention)


def _conditional(table: TwoGroups) -> tuple[float, float]:
    total = table.events_1 + table.events_0
    pmf = _hypergeometric(table.n_1, table.n_0, total)
    seen = float(pmf[table.events_1 - max(0, total - table.n_0)])
    return min(1.0, float(pmf[pmf <= seen * (1 + _TIE)].sum())), seen


@lru_cache(maxsize=4096)
def _hypergeometric(n_1: int, n_0: int, total: int) -> Floats:
    first = np.arange(max(0, total - n_0), min(n_1, total) + 1)
    logs = _log_choose(n_1)[first] + _log_choose(n_0)[total - first]
    weights = np.exp(logs - logs.max())
    return weights / weights.sum()


@lru_cache(maxsize=512)
def _log_choose(n: int) -> Floats:
    k = np.arange(n + 1)
    return gammaln(n + 1) - gammaln(k + 1) - gammaln(n - k + 1)


@lru_cache(maxsize=256)
def _signed_square(n_1: int, n_0: int, pooled: bool) -> Floats:
    # the squared statistic up to a constant is a ratio of whole numbers; below 2**53 equal ratios
    # give equal floats, so ties are exact
    x_1 = np.arange(n_1 + 1, dtype=np.float64).reshape(-1, 1)
    x_0 = np.arange(n_0 + 1, dtype=np.float64).reshape(1, -1)
    cross = x_1 * n_0 - x_0 * n_1
    if pooled:
        events = x_1 + x_0
        denominator = events * (n_1 + n_0 - events)
    else:
        denominator = x_1 * (n_1 - x_1) * float(n_0) ** 3 + x_0 * (n_0 - x_0) * float(n_1) ** 3
    ratio = np.full(cross.shape, np.inf)
    np.divide(cross * cross, denominator, out=ratio, where=denominator > 0)
    ratio[cross == 0] = 0.0
    return np.sign(cross) * ratio


@lru_cache(maxsize=256)
def _pmf_by_total(n_1: int, n_0: int) -> Floats:
    # row x_1, column x_0: probability of the table given its total number of events
    joint = _log_choose(n_1).reshape(-1, 1) + _log_choose(n_0).reshape(1, -1)
    total = np.add.outer(np.arange(n_1 + 1), np.arange(n_0 + 1))
    return np.exp(joint - _log_choose(n_1 + n_0)[total])


@lru_cache(maxsize=256)
def _one_sided_tables(n_1: int, n_0: int, side: str) -> tuple[Floats, Floats]:
    # Fisher's one-sided p of every table, and what it leaves out: sums along diagonals of equal total
    n = n_1 + n_0
    rows = np.arange(n_1 + 1).reshape(-1, 1)
    totals = np.arange(n + 1).reshape(1, -1)
    second = totals - rows
    inside = (second >= 0) & (second <= n_0)
    pmf = np.where(inside, _pmf_by_total(n_1, n_0)[rows, np.clip(second, 0, n_0)], 0.0)
    upto, onward = np.cumsum(pmf, axis=0), np.cumsum(pmf[::-1], axis=0)[::-1]
    nothing = np.zeros((1, n + 1))
    if side == "less":
        tail, rest = upto, np.concatenate([onward[1:], nothing])
    else:
        tail, rest = onward, np.concatenate([nothing, upto[:-1]])
    place = (rows, rows + np.arange(n_0 + 1).reshape(1, -1))
    return tail[place], rest[place]


@lru_cache(maxsize=128)
def _grid(n: int) -> tuple[Floats, Floats]:
    # shares evenly spaced in arc sine, about ten to a binomial standard deviation, and log p**k q**(n-k)
    points = max(128, int(16 * np.sqrt(n)))
    share = np.sin((np.arange(points) + 0.5) / points * np.pi / 2) ** 2
    k = np.arange(n + 1)
    return share, np.outer(np.log(share), k) + np.outer(np.log1p(-share), n - k)


@lru_cache(maxsize=128)
def _basis(n: int) -> Floats:
    _, logs = _grid(n)
    return np.exp(logs + _log_choose(n))


def _largest_p(extreme: NDArray[np.bool_], n_1: int, n_0: int) -> float:
    # the probability of the extreme tables is a polynomial in the common share: evaluate it on a grid, then
    # climb by Newton steps in the logit from every local peak that could still be the highest: the top lies
    # between two points of any grid, and one search from one start misses it (as scipy's does now and then)
    n = n_1 + n_0
    x_1, x_0 = np.nonzero(extreme)
    share_of_total = np.bincount(x_1 + x_0, weights=_pmf_by_total(n_1, n_0)[extreme], minlength=n + 1)
    if share_of_total[0] > 0.5 or share_of_total[-1] > 0.5:
        # no events or all events is among the extreme tables: p is 1 at share 0 or 1
        return 1.0
    p = _basis(n) @ share_of_total
    best = float(p.max())
    inner = np.concatenate(([0.0], p, [0.0]))
    peaks = (p >= inner[:-2]) & (p >= inner[2:]) & (p > best * 0.99)
    share = _grid(n)[0][peaks]
    k = np.arange(n + 1)
    with np.errstate(divide="ignore"):
        weight = np.log(share_of_total) + _log_choose(n)
    used = np.isfinite(weight)
    weight, k = weight[used], k[used]
    logit = np.log(share) - np.log1p(-share)
    for _ in range(8):
        terms = np.exp(weight + np.outer(logit, k) - n * np.logaddexp(0.0, logit)[:, None])
        share = 1 / (1 + np.exp(-logit))
        centred = k - n * share[:, None]
        first = (terms * centred).sum(axis=1)
        second = (terms * (centred**2 - n * (share * (1 - share))[:, None])).sum(axis=1)
        best = max(best, float(terms.sum(axis=1).max()))
        curved = second < 0
        step = np.zeros_like(logit)
        np.divide(-first, second, out=step, where=curved)
        step = np.clip(step, -0.2, 0.2)
        if np.abs(step).max(initial=0.0) < 1e-9:
            break
        logit = logit + step
    return min(1.0, best)
