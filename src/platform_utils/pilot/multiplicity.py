"""Several outcomes, one error rate: Holm's step-down, and Tarone's rule for outcomes that cannot reject.

Enters: p-values and the smallest p that each test could have had. Leaves: adjusted p-values.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

__all__ = ["holm", "tarone_holm"]


def holm(p_values: Sequence[float]) -> list[float]:
    """Return Holm's adjusted p-values, in the order given.

    Parameters
    ----------
    p_values : sequence of float
        One per outcome.

    Returns
    -------
    list of float
        Running maximum of ``(m - rank + 1) * p``, capped at 1; equal p-values stay equal.

    References
    ----------
    Holm S (1979) Scand J Stat 6:65-70.

    Examples
    --------
    >>> holm([0.5, 0.01, 0.03, 0.02])
    [0.5, 0.04, 0.06, 0.06]
    """
    p = np.asarray(p_values, dtype=float)
    order = np.argsort(p, kind="stable")
    factors = np.arange(len(p), 0, -1)
    stepped = np.minimum(1.0, np.maximum.accumulate(p[order] * factors))
    adjusted = np.empty_like(stepped)
    adjusted[order] = stepped
    return [float(value) for value in adjusted]


def tarone_holm(p_values: Sequence[float], attainable: Sequence[float], level: float = 0.05) -> list[float]:
    """Return Holm's adjusted p-values over the outcomes that could have rejected at all.

    An outcome with no events in either group has smallest attainable p = 1: counting it in the family
    would halve the level of the others for nothing. The attainable p is a function of the total number of
    events and of the design, never of who had them, so the family-wise error stays at ``level``.

    Parameters
    ----------
    p_values : sequence of float
        One per outcome.
    attainable : sequence of float
        Smallest p that each test could have had, given its total number of events.
    level : float
        Family-wise level.

    Returns
    -------
    list of float
        Adjusted p-values in the order given; an outcome outside the family gets 1.

    References
    ----------
    Tarone RE (1990) Biometrics 46:515-522. Hommel G, Krummenauer F (1998) Stat Med 17:2673-2680.

    Examples
    --------
    >>> tarone_holm([0.04, 1.0], [0.001, 1.0])
    [0.04, 1.0]
    """
    smallest = np.asarray(attainable, dtype=float)
    size = 1
    while size < len(smallest) and int((smallest <= level / size).sum()) > size:
        size += 1
    inside = [index for index, value in enumerate(smallest) if value <= level / size]
    adjusted = [1.0] * len(smallest)
    for index, value in zip(inside, holm([p_values[index] for index in inside]), strict=True):
        adjusted[index] = value
    return adjusted
