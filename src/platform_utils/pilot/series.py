"""Closure and reopening as an interrupted series of months.

Enters: monthly counts and denominators with the months of closure and reopening. Leaves: rate ratios against
a stated counterfactual, or a refusal with its reason.
"""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from platform_utils.errors import ContractError
from platform_utils.pilot.results import Estimate

__all__ = ["SeriesResult", "interrupted_series"]

Floats = NDArray[np.float64]
_METHOD = "quasi-Poisson rate ratio"


@dataclass(frozen=True)
class SeriesResult:
    """Rate ratios of an interrupted series.

    Attributes
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
    min_before: int = 24,
    min_closed: int = 12,
    level: float = 0.95,
) -> SeriesResult:
    """Fit a Poisson series with a step at closure and a step at reopening, seasons and one trend.

    Quasi-Poisson limits (t, never narrower than Poisson's). The counterfactual is that level, trend and
    seasons would have gone on as before; anything else that changed in the same month is in the step.

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
    min_before, min_closed : int
        Fewer months than this and the series is refused.

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
    if any(part.size and part.sum() == 0 for part in np.split(y, [closed_from, reopened_at])):
        raise ContractError("E-711")
    month, steps = np.arange(months), [closed_from, *([reopened_at] if after else [])]
    turns = [2 * np.pi * k * month / 12 for k in range(1, harmonics + 1)]
    columns = [np.ones(months), *(month >= step for step in steps), (month - month.mean()) / 12]
    columns += [wave(turn) for turn in turns for wave in (np.sin, np.cos)]
    used = n > 0
    fit, dispersion = _quasi_poisson(np.column_stack(columns)[used], y[used], n[used])
    ratios = []
    for place in range(1, len(steps) + 1):
        value, lower, upper = np.exp([fit.params[place], *fit.conf_int(1 - level)[place]])
        ratios.append(Estimate(float(value), float(lower), float(upper), level, _METHOD))
    nothing = float("nan")
    lag = np.corrcoef(fit.resid_pearson[:-1], fit.resid_pearson[1:])[0, 1]
    return SeriesResult(
        closure=ratios[0],
        reopening=ratios[1] if after else Estimate(nothing, nothing, nothing, level, _METHOD),
        p_closure=float(fit.pvalues[1]),
        p_reopening=float(fit.pvalues[2]) if after else nothing,
        dispersion=dispersion,
        autocorrelation=float(lag),
        months_before=closed_from,
        months_closed=closed,
        months_after=after,
        events=float(y.sum()),
        persons=float(n.sum()),
    )


def _quasi_poisson(design: Floats, y: Floats, persons: Floats) -> tuple[Any, float]:
    # imported here: it takes a second that only an evaluation should pay
    from statsmodels.genmod.families import Poisson
    from statsmodels.genmod.generalized_linear_model import GLM

    # statsmodels takes a pseudo-inverse of collinear columns, and only warns where it has not converged
    if np.linalg.matrix_rank(design) < design.shape[1]:
        raise ContractError("E-722")
    model = GLM(y, design, family=Poisson(), offset=np.log(persons))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        # by coefficients: the deviance is flat at its least, and would stop the fit six digits early
        first = model.fit(tol=1e-10, tol_criterion="params")
        dispersion = float(first.pearson_chi2 / first.df_resid)
        fit = model.fit(tol=1e-10, tol_criterion="params", scale=max(1.0, dispersion), use_t=True)
    if not (fit.converged and np.isfinite(fit.bse).all()):
        raise ContractError("E-722")
    return fit, dispersion
