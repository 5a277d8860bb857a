"""Closure and reopening as an interrupted series of months.

Enters: monthly counts and denominators with the months of closure and reopening. Leaves: odds ratios of level
and slope against a stated counterfactual, or a refusal with its reason.
"""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from platform_utils.errors import ContractError
from platform_utils.pilot.results import Estimate

Floats = NDArray[np.float64]
_METHOD = "quasi-binomial odds ratio"


@dataclass(frozen=True)
class SeriesResult:
    """Odds ratios of an interrupted series of shares.

    Attributes
    ----------
    level, slope : tuple of Estimate
        Of the closure and of the reopening (``nan`` without such months): odds in its first month over the
        odds expected then, and change of the yearly odds ratio from then on.
    p_level : tuple of float
        Two-sided.
    dispersion : float
        Pearson chi-square per degree of freedom; above 1 the limits are widened by its square root.
    counterfactual : str
        Key of the words that state it.
    """

    level: tuple[Estimate, Estimate]
    slope: tuple[Estimate, Estimate]
    p_level: tuple[float, float]
    dispersion: float
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
    min_before: int = 24,
    min_closed: int = 12,
    confidence: float = 0.95,
) -> SeriesResult:
    """Fit a binomial series with level and slope at closure and at reopening, seasons and one trend.

    Quasi-binomial limits (t, never narrower than the binomial's). The counterfactual of the closure is that
    level, trend and seasons would have gone on as before, that of the reopening that those of the closure
    would; anything else that changed in the same month is in the step.

    Parameters
    ----------
    counts : array, shape (n_months,)
        Persons with the outcome, by month of first contact, without gaps.
    persons : array, shape (n_months,)
        Persons at risk of it that month; months with none are left out of the fit.
    closed_from, reopened_at : int
        Positions of the first closed and the first reopened month; ``n_months`` if never reopened.
    min_before, min_closed : int
        Fewer months than this and the series is refused.

    Raises
    ------
    ContractError
        E-720 if a stretch is too short, E-711 if nobody or everybody in a stretch has the outcome (its odds
        ratio has no limit), E-701 for counts that are not usable, E-722 if the model cannot be fitted.

    References
    ----------
    Lopez Bernal J, Cummins S, Gasparrini A (2017) Int J Epidemiol 46:348-355. Level and slope: Wagner AK et
    al. (2002) J Clin Pharm Ther 27:299-309. Quasi-likelihood: McCullagh P, Nelder JA (1989) Generalized
    Linear Models, sections 4.5 and 9.2.
    """
    y, n = np.asarray(counts, dtype=float), np.asarray(persons, dtype=float)
    months = len(y)
    closed, after = reopened_at - closed_from, months - reopened_at
    if closed_from < min_before or closed < min_closed:
        raise ContractError(
            "E-720", before=closed_from, closed=closed, min_before=min_before, min_closed=min_closed
        )
    if (y < 0).any() or (n < y).any() or (y != np.floor(y)).any() or (n != np.floor(n)).any():
        raise ContractError("E-701")
    stretches = zip(*(np.split(part, [closed_from, reopened_at]) for part in (y, n)), strict=True)
    if any(len(part) and part.sum() in (0, all_.sum()) for part, all_ in stretches):
        raise ContractError("E-711")
    starts, used = [closed_from, *([reopened_at] if after else [])], n > 0
    fit, dispersion = _quasi_binomial(_design(months, starts)[used], y[used], n[used])
    limits, nothing = fit.conf_int(1 - confidence), float("nan")

    def ratio(place: int) -> Estimate:
        if place >= 2 + 2 * len(starts):
            return Estimate(nothing, nothing, nothing, confidence, _METHOD)
        value, lower, upper = (float(x) for x in np.exp([fit.params[place], *limits[place]]))
        return Estimate(value, lower, upper, confidence, _METHOD)

    return SeriesResult(
        level=(ratio(2), ratio(4)),
        slope=(ratio(3), ratio(5)),
        p_level=(float(fit.pvalues[2]), float(fit.pvalues[4]) if after else nothing),
        dispersion=dispersion,
        months_before=closed_from,
        months_closed=closed,
        months_after=after,
        events=float(y.sum()),
        persons=float(n.sum()),
    )


def _design(months: int, starts: list[int]) -> Floats:
    month = np.arange(months)
    turn = 2 * np.pi * month / 12
    columns = [np.ones(months), (month - month.mean()) / 12]
    columns += [part for start in starts for part in (month >= start, np.maximum(month - start, 0) / 12)]
    return np.column_stack([*columns, np.sin(turn), np.cos(turn)])


def _quasi_binomial(design: Floats, y: Floats, persons: Floats) -> tuple[Any, float]:
    # imported here: it takes a second that only an evaluation should pay
    from statsmodels.genmod.families import Binomial
    from statsmodels.genmod.generalized_linear_model import GLM

    # statsmodels takes a pseudo-inverse of collinear columns, and only warns where it has not converged
    if np.linalg.matrix_rank(design) < design.shape[1]:
        raise ContractError("E-722")
    model = GLM(np.column_stack([y, persons - y]), design, family=Binomial())
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        # by coefficients: the deviance is flat at its least, and would stop the fit six digits early
        first = model.fit(tol=1e-10, tol_criterion="params")
        dispersion = float(first.pearson_chi2 / first.df_resid)
        fit = model.fit(tol=1e-10, tol_criterion="params", scale=max(1.0, dispersion), use_t=True)
    # shares that a slope parts have no finite odds ratio: their errors run away
    if not (fit.converged and np.isfinite(fit.bse).all() and fit.bse.max() < 50):
        raise ContractError("E-722")
    return fit, dispersion
