"""A Bayesian reading of two groups of members: how probable an effect is, given weakly informative priors.

Enters: events and persons per member, and which had access. Leaves: probabilities and an interval, by
numerical integration on a fixed grid: nothing is drawn, so the same counts give the same digits.

The model: a member's risk on the logit scale is its group's mean plus an effect of its own, normal with one
spread for all. A priori the middle of both means is normal around 0 with standard deviation 1.5 (risks of
5 to 95 per cent), the log odds ratio normal around 0 with 1 (a sevenfold odds ratio is two of them away, in
either direction), the spread half-normal with 0.5 (correlations inside a member of 0 to 0.2).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import stats
from scipy.special import expit, log_expit, logsumexp

from platform_utils.errors import ContractError

Floats = NDArray[np.float64]
# the likelihood of 30 members is smooth at this distance; 31 nodes are exact to 1e-6 for spreads below 2
_MEANS, _SPREADS, _NODES = np.linspace(-7.0, 7.0, 281), 41, 31


@dataclass(frozen=True)
class Posterior:
    """What the counts leave of the prior, for the difference of the groups' risks over all such members.

    Attributes
    ----------
    above_zero, above_relevant : float
        Probability of a difference above 0, and of one beyond ``relevant`` in its direction.
    mean, lower, upper : float
        Of the difference: mean, equal-tailed limits.
    risk_1, risk_0, spread : float
        Posterior means of both groups' risks and of the spread between members (logit scale).
    """

    above_zero: float
    above_relevant: float
    mean: float
    lower: float
    upper: float
    risk_1: float
    risk_0: float
    spread: float


def two_group_posterior(
    events: ArrayLike,
    sizes: ArrayLike,
    access: ArrayLike,
    *,
    relevant: float = 0.0,
    level: float = 0.95,
    scales: tuple[float, float, float] = (1.5, 1.0, 0.5),
) -> Posterior:
    """Return the posterior of the difference in risk between two groups of members.

    Parameters
    ----------
    events, sizes : array, shape (n_members,)
        Events and persons per member.
    access : array of bool, shape (n_members,)
        Group of each member.
    relevant : float
        Difference that matters: positive for more events with access, negative for fewer.
    scales : tuple of float
        Prior standard deviations: the middle of both logits, the log odds ratio, the spread.

    Raises
    ------
    ContractError
        E-710 if a group has no member, E-701 for counts that no member can have.

    References
    ----------
    Turner RM, Omar RZ, Thompson SG (2001) Stat Med 20:453-472 (binary outcomes of clusters). Priors: Gelman A
    (2006) Bayesian Anal 1:515-534; Spiegelhalter DJ, Abrams KR, Myles JP (2004) Bayesian Approaches to
    Clinical Trials, chapter 5.

    Examples
    --------
    >>> found = two_group_posterior([9, 8, 3, 2], [20] * 4, [True, True, False, False], relevant=0.1)
    >>> round(found.above_zero, 2), round(found.above_relevant, 2)
    (0.98, 0.87)
    """
    hits, persons = np.asarray(events, dtype=float), np.asarray(sizes, dtype=float)
    group = np.asarray(access, dtype=bool)
    if group.all() or not group.any():
        raise ContractError("E-710", group="no" if group.all() else "yes")
    if (hits < 0).any() or (hits > persons).any() or (hits != np.floor(hits)).any():
        raise ContractError("E-701")
    spreads = np.linspace(0.0, 4 * scales[2], _SPREADS)
    nodes, weights = np.polynomial.hermite_e.hermegauss(_NODES)
    weights = weights / weights.sum()
    risks, fits = [], []
    # grids half a step apart: on one grid the two means would be equal with a probability
    means = (_MEANS + (_MEANS[1] - _MEANS[0]) / 2, _MEANS)
    for mean, side in zip(means, (group, ~group), strict=True):
        # axes: group mean, spread, node of the member's own effect
        logit = mean[:, None, None] + spreads[None, :, None] * nodes
        risks.append(expit(logit) @ weights)
        fits.append(_likelihood(logit, weights, hits[side], persons[side]))
    (risk_1, risk_0), (one, zero) = risks, fits
    first, second = means[0][:, None], means[1][None, :]
    prior = stats.norm.logpdf((first + second) / 2, 0, scales[0])
    prior += stats.norm.logpdf(first - second, 0, scales[1])
    # axes: mean with access, mean without, spread
    log = prior[:, :, None] + one[:, None, :] + zero[None, :, :] + stats.norm.logpdf(spreads, 0, scales[2])
    mass = np.exp(log - log.max())
    mass[:, :, [0, -1]] /= 2
    mass /= mass.sum()
    difference = risk_1[:, None, :] - risk_0[None, :, :]
    order = np.argsort(difference, axis=None)
    steps, total = difference.ravel()[order], np.cumsum(mass.ravel()[order])
    lower, upper = (float(steps[np.searchsorted(total, tail)]) for tail in ((1 - level) / 2, (1 + level) / 2))
    beyond = difference > relevant if relevant >= 0 else difference < relevant
    return Posterior(
        above_zero=float(mass[difference > 0].sum()),
        above_relevant=float(mass[beyond].sum()),
        mean=float((mass * difference).sum()),
        lower=lower,
        upper=upper,
        risk_1=float((mass.sum(axis=1) * risk_1).sum()),
        risk_0=float((mass.sum(axis=0) * risk_0).sum()),
        spread=float((mass.sum(axis=(0, 1)) * spreads).sum()),
    )


def _likelihood(logit: Floats, weights: Floats, hits: Floats, persons: Floats) -> Floats:
    # log likelihood of one group's members by mean and spread: each member's own effect integrated out
    yes, no = log_expit(logit), log_expit(-logit)
    total = np.zeros(logit.shape[:2])
    for events, size in zip(hits, persons, strict=True):
        total += logsumexp(events * yes + (size - events) * no, axis=2, b=weights)
    return total
