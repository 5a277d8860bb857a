"""Adjustment for covariates at time zero: g-computation and inverse-probability weights, with positivity.

Enters: a yes/no outcome, a group and up to three covariates per person. Leaves: a standardised risk
difference whose limits leave out whole units in turn, and what the weights looked like.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray
from scipy import stats

from platform_utils.errors import ContractError
from platform_utils.pilot.firth import firth_predictor
from platform_utils.pilot.intervals import stratified_difference
from platform_utils.pilot.results import Estimate, TwoGroups

Floats = NDArray[np.float64]
Rows = NDArray[np.int64]
_PARTS = 100
# units that are all alike say nothing of how far they could differ
_NOTHING = 1e-9


@dataclass(frozen=True)
class Jackknife:
    """Limits that take whole units as what varies: each is left out in turn.

    With few units they cover where drawing units with replacement does not: the error is an upper estimate
    and t has as many degrees of freedom as there are units less the groups.

    Attributes
    ----------
    units : array, shape (n_persons,)
        Unit of assignment of each person. More than a hundred in a group are left out in a hundred parts.

    References
    ----------
    Bell RM, McCaffrey DF (2002) Surv Methodol 28:169-181 (CR3). MacKinnon JG, Nielsen MO, Webb MD (2023)
    J Appl Econom 38:671-694. Parts: Kott PS (2001) J Off Stat 17:521-526.
    """

    units: ArrayLike
    level: float = 0.95

    def error(self, statistic: Callable[[Rows], float], group: NDArray[Any]) -> tuple[float, int]:
        """Return the standard error of a statistic of row numbers, and its degrees of freedom.

        Units are left out within groups when each lies in one group, else over all. ``nan`` where a group
        has one unit only, or the statistic does not exist without one.
        """
        names, place = np.unique(np.asarray(self.units), return_inverse=True)
        inside = np.bincount(place, np.asarray(group, dtype=float)) / np.bincount(place)
        strata = inside if set(inside.tolist()) <= {0.0, 1.0} else np.zeros(len(names))
        value, variance, freedom = statistic(np.arange(len(place))), 0.0, 0
        for stratum in np.unique(strata):
            own = np.flatnonzero(strata == stratum)
            parts = min(len(own), _PARTS)
            if parts < 2:
                return float("nan"), 0
            part = np.full(len(names), -1)
            part[own] = np.arange(len(own)) % parts
            try:
                without = [statistic(np.flatnonzero(part[place] != each)) for each in range(parts)]
            except (ContractError, ZeroDivisionError):
                return float("nan"), 0
            variance += (parts - 1) / parts * float(((np.array(without) - value) ** 2).sum())
            freedom += parts - 1
        return float(np.sqrt(variance)), freedom

    def limits(self, statistic: Callable[[Rows], float], group: NDArray[Any]) -> tuple[float, float]:
        """Return limits of a difference of risks, in -1 to 1; ``nan`` as for `error`, and for no error."""
        error, freedom = self.error(statistic, group)
        if not error > _NOTHING:
            return float("nan"), float("nan")
        reach = float(stats.t.isf((1 - self.level) / 2, freedom)) * error
        value = statistic(np.arange(len(group)))
        return max(-1.0, value - reach), min(1.0, value + reach)


def g_computation(outcome: ArrayLike, access: ArrayLike, covariates: ArrayLike, units: Jackknife) -> Estimate:
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
    >>> round(g_computation(outcome, access, zero, Jackknife(range(8))).value, 2)
    0.36
    """
    y, group, rows = _arrays(outcome, access, covariates)

    def statistic(chosen: Rows) -> float:
        other, n = rows[chosen], len(chosen)
        predict = firth_predictor(np.column_stack([group[chosen], other]), y[chosen])
        one = predict(np.column_stack([np.ones(n), other])).mean()
        zero = predict(np.column_stack([np.zeros(n), other])).mean()
        return float(one - zero)

    return _with_limits(statistic, group, units, "g-computation")


def inverse_probability(
    outcome: ArrayLike, access: ArrayLike, covariates: ArrayLike, units: Jackknife
) -> Estimate:
    """Return the risk difference between groups weighted to the same covariates.

    Difference of weighted shares (weights normalised within groups). Read `positivity_holds` beside it.

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

    def statistic(chosen: Rows) -> float:
        chance = firth_predictor(rows[chosen], group[chosen])(rows[chosen])
        inside, result = group[chosen] == 1, y[chosen]
        one = np.average(result[inside], weights=1 / chance[inside])
        zero = np.average(result[~inside], weights=1 / (1 - chance[~inside]))
        return float(one - zero)

    return _with_limits(statistic, group, units, "inverse probability")


def stratified_by(
    codes: NDArray[np.str_], hit: Floats, access: NDArray[np.bool_], units: Jackknife
) -> Estimate:
    """Return the risk difference within strata, weighted by their sizes, with limits over units.

    Parameters
    ----------
    codes : array of str, shape (n_persons,)
        Stratum of each person.
    """

    def statistic(chosen: Rows) -> float:
        tables = _strata(codes[chosen], hit[chosen], access[chosen])
        return stratified_difference(tables, units.level).value

    value, limits = statistic(np.arange(len(hit))), units.limits(statistic, access)
    return Estimate(value, *limits, units.level, "Mantel-Haenszel weights, units left out in turn")


def positivity_holds(access: ArrayLike, covariates: ArrayLike) -> bool:
    """Say whether both groups could have had access, given the covariates.

    True when at most one person in ten has an estimated chance of access below 0.05 or above 0.95, and no
    stabilised weight exceeds 10.

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
    weight = np.where(group == 1, group.mean() / chance, (1 - group.mean()) / (1 - chance))
    return bool(((chance < 0.05) | (chance > 0.95)).mean() <= 0.1 and weight.max() <= 10)


def indicators(table: pd.DataFrame, names: tuple[str, ...]) -> tuple[list[str], Floats]:
    """Return a column per covariate, its commonest code against the rest: more would not fit the numbers."""
    kept: list[str] = []
    columns: list[Floats] = [np.zeros((len(table), 0))]
    for name in names:
        counts = table[name].value_counts().sort_index()
        if len(counts) > 1:
            kept.append(f"{name}={counts.idxmax()}")
            columns.append((table[name] == counts.idxmax()).to_numpy().reshape(-1, 1).astype(float))
    return kept, np.hstack(columns)


def _strata(codes: NDArray[np.str_], hit: Floats, access: NDArray[np.bool_]) -> list[TwoGroups]:
    tables = []
    for code in np.unique(codes):
        one, zero = (codes == code) & access, (codes == code) & ~access
        if one.any() and zero.any():
            counts = (hit[one].sum(), one.sum(), hit[zero].sum(), zero.sum())
            tables.append(TwoGroups(*(int(count) for count in counts)))
    return tables


def _with_limits(
    statistic: Callable[[Rows], float], group: Floats, units: Jackknife, method: str
) -> Estimate:
    value = statistic(np.arange(len(group)))
    return Estimate(value, *units.limits(statistic, group), units.level, f"{method}, units left out in turn")


def _arrays(outcome: ArrayLike, access: ArrayLike, covariates: ArrayLike) -> tuple[Floats, Floats, Floats]:
    y, group = np.asarray(outcome, dtype=float), np.asarray(access, dtype=float)
    rows = np.asarray(covariates, dtype=float).reshape(len(y), -1)
    if len(np.unique(group)) < 2:
        raise ContractError("E-710", group="yes" if group.sum() == 0 else "no")
    return y, group, rows
