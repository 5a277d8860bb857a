"""Adjustment for covariates at time zero: g-computation and inverse-probability weights, with positivity.

Enters: a yes/no outcome, a group and up to three covariates per person. Leaves: a standardised risk
difference whose limits resample whole units, and what the weights looked like.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from platform_utils.errors import ContractError
from platform_utils.pilot.firth import firth_predictor
from platform_utils.pilot.results import Estimate

__all__ = ["Positivity", "cluster_bootstrap", "g_computation", "inverse_probability", "positivity"]

Floats = NDArray[np.float64]
Statistic = Callable[[NDArray[np.int64]], float]


@dataclass(frozen=True)
class Positivity:
    """How far both groups could have had access, given the covariates.

    Parameters
    ----------
    smallest, largest : float
        Extremes of the estimated chance of access.
    outside : int
        Persons whose chance lies below 0.05 or above 0.95.
    largest_weight : float
        Largest stabilised weight.
    effective_1, effective_0 : float
        Persons that the weighted groups are worth (Kish).
    one_sided : int
        Covariate patterns in which only one group occurs.
    persons : int
        All persons.
    """

    smallest: float
    largest: float
    outside: int
    largest_weight: float
    effective_1: float
    effective_0: float
    one_sided: int
    persons: int

    @property
    def holds(self) -> bool:
        """True when at most one person in ten is outside 0.05-0.95 and no weight exceeds 10."""
        return self.outside <= 0.1 * self.persons and self.largest_weight <= 10


def g_computation(
    outcome: ArrayLike,
    access: ArrayLike,
    covariates: ArrayLike,
    units: ArrayLike,
    draws: int = 500,
    seed: int = 1,
    level: float = 0.95,
) -> Estimate:
    """Return the risk difference standardised to everybody's covariates by an outcome model.

    Parameters
    ----------
    outcome, access : array of 0/1, shape (n_persons,)
        Outcome within the window; group with access.
    covariates : array, shape (n_persons, n_covariates)
        Numbers known at time zero.
    units : array, shape (n_persons,)
        Unit of assignment of each person: whole units are resampled.
    draws, seed : int
        Of the bootstrap.
    level : float
        Confidence level.

    Returns
    -------
    Estimate
        Mean predicted risk with access for all minus without access for all; Firth's outcome model with a
        covariate effect common to both groups; percentile limits over resampled units.

    Raises
    ------
    ContractError
        E-710, E-711 or E-722.

    References
    ----------
    Robins J (1986) Math Model 7:1393-1512. Snowden JM, Rose S, Mortimer KM (2011) Am J Epidemiol 173:731.

    Examples
    --------
    >>> outcome = [1, 1, 0, 1, 0, 0, 1, 0]
    >>> access = [1, 1, 1, 1, 0, 0, 0, 0]
    >>> zero = [[0], [1], [0], [1], [0], [1], [0], [1]]
    >>> round(g_computation(outcome, access, zero, range(8), draws=20).value, 2)
    0.36
    """
    y, group, rows = _arrays(outcome, access, covariates)

    def statistic(chosen: NDArray[np.int64]) -> float:
        design = np.column_stack([group[chosen], rows[chosen]])
        fit = firth_predictor(design, y[chosen])
        other = rows[chosen]
        one = fit.predict(np.column_stack([np.ones(len(chosen)), other])).mean()
        zero = fit.predict(np.column_stack([np.zeros(len(chosen)), other])).mean()
        return float(one - zero)

    limits = cluster_bootstrap(statistic, units, group, draws, seed, level)
    return Estimate(statistic(np.arange(len(y))), *limits, level, "g-computation, units resampled")


def inverse_probability(
    outcome: ArrayLike,
    access: ArrayLike,
    covariates: ArrayLike,
    units: ArrayLike,
    draws: int = 500,
    seed: int = 1,
    level: float = 0.95,
) -> Estimate:
    """Return the risk difference between groups weighted to the same covariates.

    Parameters
    ----------
    outcome, access, covariates, units, draws, seed, level
        As in `g_computation`.

    Returns
    -------
    Estimate
        Difference of weighted shares (weights normalised within groups); percentile limits over resampled
        units. Read `positivity` beside it.

    Raises
    ------
    ContractError
        E-710, E-711 or E-722.

    References
    ----------
    Hernan MA, Robins JM (2020) Causal Inference: What If, chapter 12.
    """
    y, group, rows = _arrays(outcome, access, covariates)

    def statistic(chosen: NDArray[np.int64]) -> float:
        chance = firth_predictor(rows[chosen], group[chosen]).predict(rows[chosen])
        inside = group[chosen] == 1
        weight = np.where(inside, 1 / chance, 1 / (1 - chance))
        result = y[chosen]
        one = np.average(result[inside], weights=weight[inside])
        zero = np.average(result[~inside], weights=weight[~inside])
        return float(one - zero)

    limits = cluster_bootstrap(statistic, units, group, draws, seed, level)
    return Estimate(statistic(np.arange(len(y))), *limits, level, "inverse probability, units resampled")


def positivity(access: ArrayLike, covariates: ArrayLike) -> Positivity:
    """Return how far both groups could have had access, given the covariates.

    Parameters
    ----------
    access : array of 0/1, shape (n_persons,)
        Group with access.
    covariates : array, shape (n_persons, n_covariates)
        Numbers known at time zero.

    Returns
    -------
    Positivity

    Raises
    ------
    ContractError
        E-710 if one group is empty, E-722 for collinear covariates.
    """
    group = np.asarray(access, dtype=float)
    _, group, rows = _arrays(np.zeros(len(group)), group, covariates)
    chance = firth_predictor(rows, group).predict(rows)
    inside = group == 1
    weight = np.where(inside, group.mean() / chance, (1 - group.mean()) / (1 - chance))
    patterns: dict[tuple[float, ...], set[float]] = {}
    for row, code in zip(rows.tolist(), group.tolist(), strict=True):
        patterns.setdefault(tuple(row), set()).add(code)
    return Positivity(
        smallest=float(chance.min()),
        largest=float(chance.max()),
        outside=int(((chance < 0.05) | (chance > 0.95)).sum()),
        largest_weight=float(weight.max()),
        effective_1=_effective(weight[inside]),
        effective_0=_effective(weight[~inside]),
        one_sided=sum(len(groups) == 1 for groups in patterns.values()),
        persons=len(group),
    )


def cluster_bootstrap(
    statistic: Statistic, units: ArrayLike, access: ArrayLike, draws: int, seed: int, level: float
) -> tuple[float, float]:
    """Return percentile limits of a statistic of row numbers when whole units are drawn with replacement.

    Units are drawn within groups when each unit lies in one group, else over all. Draws in which the
    statistic does not exist (one group or one outcome only) are left out; with fewer than half of the draws
    usable the limits are ``nan``.

    Parameters
    ----------
    statistic : callable
        From row numbers (with repeats) to a number.
    units : array, shape (n_persons,)
        Unit of each person.
    access : array of 0/1, shape (n_persons,)
        Group of each person.
    draws, seed : int
        Number of draws and their seed.
    level : float
        Confidence level.

    Returns
    -------
    tuple of float
        Lower and upper limit.
    """
    labels, group = np.asarray(units), np.asarray(access)
    names = np.unique(labels)
    members = {name: np.flatnonzero(labels == name) for name in names}
    pure = all(len(np.unique(group[rows])) == 1 for rows in members.values())
    pools = [names]
    if pure:
        first = np.array([group[members[name][0]] == 1 for name in names])
        pools = [names[first], names[~first]]
    generator = np.random.default_rng(seed)
    found = []
    for _ in range(draws):
        drawn = [name for pool in pools for name in generator.choice(pool, len(pool))]
        try:
            found.append(statistic(np.concatenate([members[name] for name in drawn])))
        except (ContractError, ZeroDivisionError):
            continue
    if not found or len(found) < draws / 2:
        return float("nan"), float("nan")
    tail = (1 - level) / 2
    lower, upper = np.quantile(found, [tail, 1 - tail])
    return float(lower), float(upper)


def _arrays(outcome: ArrayLike, access: ArrayLike, covariates: ArrayLike) -> tuple[Floats, Floats, Floats]:
    y, group = np.asarray(outcome, dtype=float), np.asarray(access, dtype=float)
    rows = np.asarray(covariates, dtype=float).reshape(len(y), -1)
    if len(np.unique(group)) < 2:
        raise ContractError("E-710", group="yes" if group.sum() == 0 else "no")
    return y, group, rows


def _effective(weight: Floats) -> float:
    return float(weight.sum() ** 2 / (weight**2).sum())
