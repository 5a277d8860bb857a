"""Closure and reopening as an interrupted series of months.

Enters: monthly counts and denominators with the months of closure and reopening. Leaves: rate ratios against
a stated counterfactual, or a refusal with its reason.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import stats

from platform_utils.errors import ContractError
from platform_utils.pilot.results import Estimate

__all__ = ["SeriesResult", "interrupted_series"]

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class SeriesResult:
    """Rate ratios of an interrupted series.

    Parameters
    ----------
    closure, reopening : Estimate
        Rate during the closure over the rate expected from the months before; rate from reopening on over
        the rate expected had the closure's level gone on. ``reopening`` is ``nan`` without such months.
    p_closure, p_reopening : float
        Two-sided.
    dispersion : float
        Pearson chi-square per degree of freedom; above 1 the limits are widened by its square root.
    autocorrelation : float
        Lag-one correlation of Pearson residuals; large values mean that the limits are too narrow.
    months_before, months_closed, months_after : int
        Length of each stretch.
    events, persons : float
        Totals.
    counterfactual : str
        Key of the words that state it.
    """

    closure: Estimate
    reopening: Estimate
    p_closure: float
    p_reopening: float
    dispersion: float
    autocorrelation: float
    months_before: int
    months_closed: int
    months_after: int
    events: float
    persons: float
    counterfactual: str = "L-pilot-series-counterfactual"


def interrupted_series(
    counts: ArrayLike,
    persons: ArrayLike,
    closed_from: int,
    reopened_at: int,
    *,
    harmonics: int = 1,
    trend: bool = True,
    min_before: int = 24,
    min_closed: int = 12,
    level: float = 0.95,
) -> SeriesResult:
    """Fit a Poisson series with a step at closure and a step at reopening, seasons and one trend.

    Parameters
    ----------
    counts : array, shape (n_months,)
        Persons with the outcome, by month of first contact, without gaps.
    persons : array, shape (n_months,)
        Persons at risk of it that month (the offset); months with none are left out of the fit.
    closed_from, reopened_at : int
        Positions of the first closed and the first reopened month; ``n_months`` if never reopened.
    harmonics : int
        Pairs of yearly sine and cosine terms.
    trend : bool
        One straight trend on the log scale over all months.
    min_before, min_closed : int
        Fewer months than this and the series is refused.
    level : float
        Confidence level.

    Returns
    -------
    SeriesResult
        Quasi-Poisson limits (t, never narrower than Poisson's). The counterfactual is that level, trend and
        seasons would have gone on as before; anything else that changed in the same month is in the step.

    Raises
    ------
    ContractError
        E-720 if a stretch is too short, E-711 if a stretch has no event (its rate ratio has no limit),
        E-701 for counts that are not usable, E-722 if the model cannot be fitted.

    References
    ----------
    Lopez Bernal J, Cummins S, Gasparrini A (2017) Int J Epidemiol 46:348-355. Quasi-likelihood:
    McCullagh P, Nelder JA (1989) Generalized Linear Models, section 9.2.
    """
    y, n = np.asarray(counts, dtype=float), np.asarray(persons, dtype=float)
    months = len(y)
    closed, after = reopened_at - closed_from, months - reopened_at
    if closed_from < min_before or closed < min_closed:
        raise ContractError(
            "E-720", before=closed_from, closed=closed, min_before=min_before, min_closed=min_closed
        )
    if (y < 0).any() or (n < 0).any() or (y != np.floor(y)).any() or (y[n == 0] > 0).any():
        raise ContractError("E-701")
    stretches = [slice(0, closed_from), slice(closed_from, reopened_at)]
    stretches += [slice(reopened_at, months)] if after else []
    if any(y[stretch].sum() == 0 for stretch in stretches):
        raise ContractError("E-711")
    month = np.arange(months)
    columns = [np.ones(months), (month >= closed_from).astype(float)]
    if after:
        columns.append((month >= reopened_at).astype(float))
    if trend:
        columns.append((month - month.mean()) / 12)
    for k in range(1, harmonics + 1):
        columns += [np.sin(2 * np.pi * k * month / 12), np.cos(2 * np.pi * k * month / 12)]
    design = np.column_stack(columns)
    used = n > 0
    beta, covariance, fitted = _poisson(design[used], y[used], np.log(n[used]))
    residual = (y[used] - fitted) / np.sqrt(fitted)
    free = int(used.sum()) - design.shape[1]
    dispersion = float((residual**2).sum() / free)
    lag = float(np.corrcoef(residual[:-1], residual[1:])[0, 1])
    scale = max(1.0, dispersion)

    def ratio(place: int) -> tuple[Estimate, float]:
        error = float(np.sqrt(covariance[place, place] * scale))
        reach = float(stats.t.isf((1 - level) / 2, free)) * error
        p_value = float(2 * stats.t.sf(abs(beta[place]) / error, free))
        value, lower, upper = np.exp([beta[place], beta[place] - reach, beta[place] + reach])
        return Estimate(float(value), float(lower), float(upper), level, "quasi-Poisson rate ratio"), p_value

    closure, p_closure = ratio(1)
    nothing = Estimate(float("nan"), float("nan"), float("nan"), level, "quasi-Poisson rate ratio")
    reopening, p_reopening = ratio(2) if after else (nothing, float("nan"))
    return SeriesResult(
        closure,
        reopening,
        p_closure,
        p_reopening,
        dispersion,
        lag,
        closed_from,
        closed,
        after,
        float(y.sum()),
        float(n.sum()),
    )


def _poisson(design: Floats, y: Floats, offset: Floats) -> tuple[Floats, Floats, Floats]:
    beta = np.zeros(design.shape[1])
    beta[0] = np.log(y.sum() / np.exp(offset).sum())
    for _ in range(100):
        fitted = np.exp(np.clip(design @ beta + offset, -30.0, 30.0))
        information = design.T @ (design * fitted[:, None])
        try:
            step = np.linalg.solve(information, design.T @ (y - fitted))
        except np.linalg.LinAlgError as error:
            raise ContractError("E-722") from error
        beta = beta + step
        if np.abs(step).max() < 1e-10:
            fitted = np.exp(design @ beta + offset)
            information = design.T @ (design * fitted[:, None])
            covariance = np.asarray(np.linalg.inv(information), dtype=float)
            return np.asarray(beta, dtype=float), covariance, np.asarray(fitted, dtype=float)
    raise ContractError("E-722")
