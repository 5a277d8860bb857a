"""Adjustment for covariates at time zero: g-computation and inverse-probability weights, with positivity.

Enters: a yes/no outcome, a group and up to three covariates per person. Leaves: a standardised risk
difference whose limits resample whole units, and what the weights looked like.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from platform_utils.errors import ContractError
from platform_utils.pilot.firth import firth_predictor
from platform_utils.pilot.results import Estimate

__all__ = ["Bootstrap", "Positivity", "g_computation", "inverse_probability", "positivity"]

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Positivity:
    """How far both groups could have had access, given the covariates.

    Attributes
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


@dataclass(frozen=True)
class Bootstrap:
    """Percentile limits by drawing whole units with replacement; ``nan`` without draws.

    Attributes
    ----------
    units : array, shape (n_persons,)
        Unit of assignment of each person.
    """

    units: ArrayLike
    draws: int = 500
    seed: int = 1
    level: float = 0.95

    def limits(
        self, statistic: Callable[[NDArray[np.int64]], float], group: NDArray[Any]
    ) -> tuple[float, float]:
        """Return limits of a statistic of row numbers (with repeats).

        Units are drawn within groups when each unit lies in one group, else over all. Draws in which the
        statistic does not exist (one group or one outcome only) are left out; with fewer than half of the
        draws usable the limits are ``nan``.
        """
        labels = np.asarray(self.units)
        names = np.unique(labels)
        members = {name: np.flatnonzero(labels == name) for name in names}
        pools = [names]
        if all(len(np.unique(group[rows])) == 1 for rows in members.values()):
            first = np.array([group[members[name][0]] == 1 for name in names])
            pools = [names[first], names[~first]]
        generator = np.random.default_rng(self.seed)
        found = []
        for _ in range(self.draws):
            drawn = [name for pool in pools for name in generator.choice(pool, len(pool))]
            try:
                found.append(statistic(np.concatenate([members[name] for name in drawn])))
            except (ContractError, ZeroDivisionError):
                continue
        if not found or len(found) < self.draws / 2:
            return float("nan"), float("nan")
        tail = (1 - self.level) / 2
        lower, upper = np.quantile(found, [tail, 1 - tail])
        return float(lower), float(upper)


def g_computation(
    outcome: ArrayLike, access: ArrayLike, covariates: ArrayLike, resampling: Bootstrap
) -> Estimate:
    """Return the risk difference standardised to everybody's covariates by an outcome model.

    Mean predicted risk with access for all minus without access for all; Firth's outcome model with a
    covariate effect common to both groups.

    Parameters
    ----------
    outcome, access : array of 0/1, shape (n_persons,)
        Outcome within the window; group with access.
    covariates : array, shape (n_persons, n_covariates)
        Numbers known at time zero.

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
    >>> round(g_computation(outcome, access, zero, Bootstrap(range(8), draws=20)).value, 2)
    0.36
    """
    y, group, rows = _arrays(outcome, access, covariates)

    def statistic(chosen: NDArray[np.int64]) -> float:
        other, n = rows[chosen], len(chosen)
        predict = firth_predictor(np.column_stack([group[chosen], other]), y[chosen])
        one = predict(np.column_stack([np.ones(n), other])).mean()
        zero = predict(np.column_stack([np.zeros(n), other])).mean()
        return float(one - zero)

    return _resampled(statistic, group, resampling, "g-computation")


def inverse_probability(
    outcome: ArrayLike, access: ArrayLike, covariates: ArrayLike, resampling: Bootstrap
) -> Estimate:
    """Return the risk difference between groups weighted to the same covariates.

    Difference of weighted shares (weights normalised within groups). Read `positivity` beside it.

    Parameters
    ----------
    outcome, access, covariates
        As in `g_computation`.

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
        chance = firth_predictor(rows[chosen], group[chosen])(rows[chosen])
        inside, result = group[chosen] == 1, y[chosen]
        one = np.average(result[inside], weights=1 / chance[inside])
        zero = np.average(result[~inside], weights=1 / (1 - chance[~inside]))
        return float(one - zero)

    return _resampled(statistic, group, resampling, "inverse probability")


def positivity(access: ArrayLike, covariates: ArrayLike) -> Positivity:
    """Return how far both groups could have had access, given the covariates.

    Parameters
    ----------
    access, covariates
        As in `g_computation`.

    Raises
    ------
    ContractError
        E-710 if one group is empty, E-722 for collinear covariates.
    """
    _, group, rows = _arrays(access, access, covariates)
    chance = firth_predictor(rows, group)(rows)
    inside = group == 1
    weight = np.where(inside, group.mean() / chance, (1 - group.mean()) / (1 - chance))
    patterns: dict[tuple[float, ...], set[float]] = {}
    for row, code in zip(rows.tolist(), group.tolist(), strict=True):
        patterns.setdefault(tuple(row), set()).add(code)
    effective = [float(part.sum() ** 2 / (part**2).sum()) for part in (weight[inside], weight[~inside])]
    return Positivity(
        smallest=float(chance.min()),
        largest=float(chance.max()),
        outside=int(((chance < 0.05) | (chance > 0.95)).sum()),
        largest_weight=float(weight.max()),
        effective_1=effective[0],
        effective_0=effective[1],
        one_sided=sum(len(groups) == 1 for groups in patterns.values()),
        persons=len(group),
    )


def _resampled(
    statistic: Callable[[NDArray[np.int64]], float], group: Floats, resampling: Bootstrap, method: str
) -> Estimate:
    limits = resampling.limits(statistic, group)
    value = statistic(np.arange(len(group)))
    return Estimate(value, *limits, resampling.level, f"{method}, units resampled")


def _arrays(outcome: ArrayLike, access: ArrayLike, covariates: ArrayLike) -> tuple[Floats, Floats, Floats]:
    y, group = np.asarray(outcome, dtype=float), np.asarray(access, dtype=float)
    rows = np.asarray(covariates, dtype=float).reshape(len(y), -1)
    if len(np.unique(group)) < 2:
        raise ContractError("E-710", group="yes" if group.sum() == 0 else "no")
    return y, group, rows
