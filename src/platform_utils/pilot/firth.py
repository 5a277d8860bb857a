"""Firth's penalised logistic regression with profile limits; separation is found and named.

Enters: a matrix of covariates and a yes/no outcome. Leaves: coefficients that exist at any zero cell.
Computed by the package firthmodels, which only warns when it has not converged: here that is an error.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from firthmodels import FirthLogisticRegression, detect_separation
from numpy.typing import ArrayLike, NDArray
from scipy.special import expit

from platform_utils.errors import ContractError

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

# firthmodels stops at 1e-4 by default, too early to agree with published digits. Nearer than 1e-7 rounding
# of the likelihood ends its step-halving without convergence, and p-values come out as nan; so the first
# tolerance at which everything exists is taken
_TOLERANCES = (1e-7, 1e-6, 1e-5, 1e-4)


@dataclass(frozen=True)
class LogisticFit:
    """Coefficients of a logistic regression, on the log odds scale, intercept last.

    Attributes
    ----------
    names : tuple of str
        One per coefficient; the last is ``"intercept"``.
    lower, upper, p_values : ndarray, shape (n_covariates + 1,)
        Profile penalised likelihood limits, penalised likelihood ratio p-values.
    separated : tuple of str
        Covariates whose maximum likelihood estimate is infinite (empty: no separation).
    """

    names: tuple[str, ...]
    coefficients: Floats
    lower: Floats
    upper: Floats
    p_values: Floats
    level: float
    separated: tuple[str, ...]


def firth_logistic(
    covariates: ArrayLike, outcome: ArrayLike, names: Sequence[str] | None = None, level: float = 0.95
) -> LogisticFit:
    """Fit Firth's logistic regression, with profile penalised likelihood limits.

    Parameters
    ----------
    covariates : array, shape (n_persons, n_covariates)
        Without a column of ones.
    outcome : array of 0/1, shape (n_persons,)
        Both values must occur.

    Raises
    ------
    ContractError
        E-711 if the outcome has one value only; E-722 if covariates are collinear, or if the coefficients, a
        limit or a p-value do not converge.

    References
    ----------
    Firth D (1993) Biometrika 80:27-38. Heinze G, Schemper M (2002) Stat Med 21:2409-2419. Separation: Konis K
    (2007) DPhil thesis, Oxford. Values: data set ``sex2`` of the R package logistf.

    Examples
    --------
    >>> fit = firth_logistic([[0], [0], [0], [1], [1], [1]], [0, 0, 0, 1, 1, 1], names=["access"])
    >>> round(float(fit.coefficients[0]), 3), fit.separated
    (3.892, ('access',))
    """
    # in an order of their own: the last digits, and so convergence, would hang on the order of the file
    rows, codes, persons = _grouped(*_arrays(covariates, outcome))
    _check(rows, codes)
    labels = tuple(names) if names is not None else tuple(f"x{i + 1}" for i in range(rows.shape[1]))
    found = detect_separation(rows, codes)
    infinite = [label for label, finite in zip(labels, found.is_finite[:-1], strict=True) if not finite]
    separated = tuple(infinite or labels) if found.separation else ()
    for tolerance in _TOLERANCES:
        model = _fitted(rows, codes, tolerance, persons)
        if model is None:
            continue
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            near = max(tolerance, 1e-6)
            bounds = np.asarray(model.conf_int(1 - level, method="pl", max_iter=500, tol=near))
            p_values = np.asarray(model.lrt().lrt_pvalues_)
        if np.isfinite(bounds).all() and np.isfinite(p_values).all():
            estimates = np.append(model.coef_, model.intercept_)
            names_of = (*labels, "intercept")
            return LogisticFit(names_of, estimates, bounds[:, 0], bounds[:, 1], p_values, level, separated)
    raise ContractError("E-722")


def firth_predictor(covariates: ArrayLike, outcome: ArrayLike) -> Callable[[ArrayLike], Floats]:
    """Fit Firth's logistic regression and return what gives the probability of each row of covariates.

    Without limits and p-values, so that it can be resampled.

    Raises
    ------
    ContractError
        E-711, E-722 as in `firth_logistic`.

    Examples
    --------
    >>> predict = firth_predictor([[0], [0], [0], [1], [1], [1]], [0, 0, 0, 1, 1, 1])
    >>> predict([[0], [1]]).round(3).tolist()
    [0.125, 0.875]
    """
    rows, codes, persons = _grouped(*_arrays(covariates, outcome))
    _check(rows, codes)
    models = (_fitted(rows, codes, tolerance, persons) for tolerance in _TOLERANCES)
    model = next((model for model in models if model is not None), None)
    if model is None:
        raise ContractError("E-722")
    return lambda at: np.asarray(expit(np.asarray(at, dtype=float) @ model.coef_ + model.intercept_))


def _arrays(covariates: ArrayLike, outcome: ArrayLike) -> tuple[Floats, Ints]:
    rows = np.asarray(covariates, dtype=float)
    return rows.reshape(len(rows), -1), np.asarray(outcome, dtype=np.int64)


def _check(rows: Floats, codes: Ints) -> None:
    if len(np.unique(codes)) < 2:
        raise ContractError("E-711")
    if np.linalg.matrix_rank(np.column_stack([rows, np.ones(len(rows))])) < rows.shape[1] + 1:
        raise ContractError("E-722")


def _grouped(rows: Floats, codes: Ints) -> tuple[Floats, Ints, Floats]:
    # equal persons are one row that counts so many (numpy's unique takes six times as long)
    sorted_ = np.column_stack([rows, codes])
    sorted_ = sorted_[np.lexsort(sorted_.T)]
    first = np.flatnonzero(np.r_[True, (sorted_[1:] != sorted_[:-1]).any(axis=1)])
    persons = np.diff(first, append=len(sorted_)).astype(float)
    return sorted_[first, :-1], sorted_[first, -1].astype(np.int64), persons


def _fitted(
    rows: Floats, codes: Ints, tolerance: float, persons: Floats | None = None
) -> FirthLogisticRegression | None:
    model = FirthLogisticRegression(backend="numpy", max_iter=100, gtol=tolerance, xtol=tolerance)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            model.fit(rows, codes, sample_weight=persons)
        except (ValueError, np.linalg.LinAlgError) as error:
            raise ContractError("E-722") from error
    return model if model.converged_ else None
