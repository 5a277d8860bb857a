"""When two released numbers are the same.

Enters: two values. Leaves: yes or no. Counts are whole and must be equal; what is computed may differ in its
last digits on another processor.
"""

from __future__ import annotations

import math

__all__ = ["TOLERANCE", "same"]

TOLERANCE = 1e-10
"""Relative difference up to which two numbers that are not whole are the same: more than another processor
makes of the same sum, less than any digit that is printed."""
_NOTHING = 1e-15


def same(one: object, other: object) -> bool:
    """Return whether two values are equal, numbers that are not whole within `TOLERANCE`.

    Examples
    --------
    >>> same(0.5, 0.5 + 1e-12), same(3, 4), same("3", 3)
    (True, False, False)
    """
    numbers = isinstance(one, float | int) and isinstance(other, float | int)
    if numbers and (isinstance(one, float) or isinstance(other, float)):
        return math.isclose(one, other, rel_tol=TOLERANCE, abs_tol=_NOTHING)  # type: ignore[arg-type]
    return one == other
