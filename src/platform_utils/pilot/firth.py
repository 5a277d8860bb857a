"""Firth's penalised logistic regression with profile limits; plain logit is refused under separation.

Enters: a matrix of covariates and a yes/no outcome. Leaves: coefficients that exist at any zero cell.
"""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from firthmodels import FirthLogisticRegression, detect_separation
from numpy.typing import ArrayLike, NDArray
from scipy.special import expit

from platform_utils.errors import ContractError

__all__ = ["LogisticFit", "find_separation", "firth_logistic", "firth_predictor", "plain_logistic"]

Floats = NDArray[np.float64]

# firthmodels stops at 1e-4 by default, too early to agree with published digits; where rounding keeps it
# from getting as near as the first of these, the next is tried
_TOLERANCES = (1e-9, 1e-7, 1e-5)


@dataclass(frozen=True)
class LogisticFit:
    """Coefficients of a logistic regression, on the log odds scale, intercept last.

    Parameters
    ----------
    names : tuple of str
        One per coefficient; the last is ``"intercept"``.
    coefficients, lower, upper, p_values : ndarray, shape (n_covariates + 1,)
        Estimates, profile penalised likelihood limits, penalised likelihood ratio p-values.
    level : float
        Confidence level.
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

    def predict(self, covariates: ArrayLike) -> Floats:
        """Return the fitted probability for each row of ``covariates``."""
        rows = np.atleast_2d(np.asarray(covariates, dtype=float))
        return np.asarray(expit(rows @ self.coefficients[:-1] + self.coefficients[-1]))


def firth_logistic(
    covariates: ArrayLike,
    outcome: ArrayLike,
    names: Sequence[str] | None = None,
    level: float = 0.95,
) -> LogisticFit:
    """Fit Firth's logistic regression, with profile penalised likelihood limits.

    Parameters
    ----------
    covariates : array, shape (n_persons, n_covariates)
        Without a column of ones.
    outcome : array of 0/1, shape (n_persons,)
        Both values must occur.
    names : sequence of str, optional
        Names of the covariates.
    level : float
        Confidence level of the profile limits.

    Returns
    -------
    LogisticFit

    Raises
    ------
    ContractError
        E-711 if the outcome has one value only, E-722 if covariates are collinear or do not converge.

    References
    ----------
    Firth D (1993) Biometrika 80:27-38. Heinze G, Schemper M (2002) Stat Med 21:2409-2419. Values: data
    set ``sex2`` of the R package logistf. Computed by the package firthmodels.

    Examples
    --------
    >>> fit = firth_logistic([[0], [0], [0], [1], [1], [1]], [0, 0, 0, 1, 1, 1], names=["access"])
    >>> round(float(fit.coefficients[0]), 3), fit.separated
    (3.892, ('access',))
    """
    rows, codes, labels = _prepared(covariates, outcome, names)
    model, tolerance = _fitted(rows, codes, 0.5)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        near = max(tolerance, 1e-6)
        bounds = np.asarray(model.conf_int(1 - level, method="pl", max_iter=50, tol=near))
        p_values = np.asarray(model.lrt().lrt_pvalues_)
    estimates = np.append(model.coef_, model.intercept_)
    separated = find_separation(rows, codes, labels[:-1])
    return LogisticFit(labels, estimates, bounds[:, 0], bounds[:, 1], p_values, level, separated)


def firth_predictor(covariates: ArrayLike, outcome: ArrayLike) -> LogisticFit:
    """Fit Firth's logistic regression for its predictions only: the same estimates, fast enough to resample.

    Parameters
    ----------
    covariates, outcome
        As in `firth_logistic`.

    Returns
    -------
    LogisticFit
        Without limits, p-values and a search for separation.

    Raises
    ------
    ContractError
        E-711, E-722.

    Examples
    --------
    >>> fit = firth_predictor([[0], [0], [0], [1], [1], [1]], [0, 0, 0, 1, 1, 1])
    >>> round(float(fit.coefficients[0]), 3)
    3.892
    """
    rows, codes, labels = _prepared(covariates, outcome, None)
    design = np.column_stack([rows, np.ones(len(rows))])
    beta = np.zeros(design.shape[1])
    for _ in range(200):
        chance = expit(design @ beta)
        weight = chance * (1 - chance)
        try:
            inverse = np.linalg.inv(design.T @ (design * weight[:, None]))
        except np.linalg.LinAlgError as error:
            raise ContractError("E-722") from error
        leverage = weight * ((design @ inverse) * design).sum(axis=1)
        step = inverse @ (design.T @ (codes - chance + leverage * (0.5 - chance)))
        largest = float(np.abs(step).max())
        if largest < 1e-9:
            nothing = np.full(len(labels), np.nan)
            return LogisticFit(labels, beta, nothing, nothing, nothing, float("nan"), ())
        beta = beta + step * min(1.0, 1.0 / largest)
    raise ContractError("E-722")


def plain_logistic(
    covariates: ArrayLike, outcome: ArrayLike, names: Sequence[str] | None = None
) -> LogisticFit:
    """Fit ordinary maximum likelihood logistic regression; refuse when its estimate is infinite.

    Parameters
    ----------
    covariates, outcome, names
        As in `firth_logistic`.

    Returns
    -------
    LogisticFit
        Without limits: they are reported from `firth_logistic` only.

    Raises
    ------
    ContractError
        E-721 under complete or quasi-complete separation, naming the coefficients; E-711, E-722.

    References
    ----------
    Albert A, Anderson JA (1984) Biometrika 71:1-10. Detection: Konis K (2007) DPhil thesis, Oxford.
    """
    rows, codes, labels = _prepared(covariates, outcome, names)
    separated = find_separation(rows, codes, labels[:-1])
    if separated:
        raise ContractError("E-721", columns=", ".join(separated))
    model, _ = _fitted(rows, codes, 0.0)
    nothing = np.full(len(labels), np.nan)
    estimates = np.append(model.coef_, model.intercept_)
    return LogisticFit(labels, estimates, nothing, nothing, nothing, 0.95, ())


def find_separation(
    covariates: ArrayLike, outcome: ArrayLike, names: Sequence[str] | None = None
) -> tuple[str, ...]:
    """Return the names of the covariates whose coefficient separation makes infinite; empty if none.

    Parameters
    ----------
    covariates, outcome, names
        As in `firth_logistic`.

    Returns
    -------
    tuple of str
        In the order of the covariates.

    Raises
    ------
    ContractError
        E-711 if the outcome has one value only.
    """
    rows, codes, labels = _prepared(covariates, outcome, names)
    found = detect_separation(rows, codes)
    infinite = [label for label, finite in zip(labels[:-1], found.is_finite[:-1], strict=True) if not finite]
    return tuple(infinite or labels[:-1]) if found.separation else ()


def _prepared(
    covariates: ArrayLike, outcome: ArrayLike, names: Sequence[str] | None
) -> tuple[Floats, NDArray[np.int64], tuple[str, ...]]:
    rows = np.asarray(covariates, dtype=float)
    rows = rows.reshape(-1, 1) if rows.ndim == 1 else rows
    codes = np.asarray(outcome, dtype=np.int64)
    if len(np.unique(codes)) < 2:
        raise ContractError("E-711")
    if np.linalg.matrix_rank(np.column_stack([rows, np.ones(len(rows))])) < rows.shape[1] + 1:
        raise ContractError("E-722")
    labels = tuple(names) if names is not None else tuple(f"x{i + 1}" for i in range(rows.shape[1]))
    return rows, codes, (*labels, "intercept")


def _fitted(rows: Floats, codes: NDArray[np.int64], penalty: float) -> tuple[FirthLogisticRegression, float]:
    for tolerance in _TOLERANCES:
        model = FirthLogisticRegression(
            backend="numpy", max_iter=100, gtol=tolerance, xtol=tolerance, penalty_weight=penalty
        )
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            try:
                model.fit(rows, codes)
            except (ValueError, np.linalg.LinAlgError) as error:
                raise ContractError("E-722") from error
        if model.converged_:
            return model, tolerance
    raise ContractError("E-722")
