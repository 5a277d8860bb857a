"""Estimates through the gate: rounded until the table behind them cannot be read back.

Enters: an estimate and the counts that it rests on. Leaves: a ``SafeEstimate``. A difference with one
decimal and its p-value identify the 2 x 2 table behind them, so: whole percentage points, and p only as
above or below the level. Where a cell under it may not be shown there is no estimate.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

from platform_utils.errors import ContractError
from platform_utils.protect.rules import ClassRule, DisclosureRule
from platform_utils.spec.counts import Universe
from platform_utils.spec.safe import SafeEstimate

__all__ = ["CURVE_DAYS", "protect_curve", "protect_estimate", "protect_range", "protect_test"]

CURVE_DAYS = (30, 60, 90, 180)
"""The only days at which a curve is shown."""

_AT_RISK = 10


def protect_estimate(
    name: str,
    universe: Universe,
    kind: str,
    values: Mapping[str, float],
    under: Sequence[int],
    rule: DisclosureRule,
    *,
    method: str = "",
) -> SafeEstimate:
    """Release a difference, share or ratio with its limits, rounded, or withhold it.

    Parameters
    ----------
    kind : {"difference", "share", "ratio"}
        Differences and shares are given as fractions (-1 to 1) and come out in whole percentage points;
        ratios come out with one decimal below 10 and none above.
    values : mapping of str to float
        Such as ``{"estimate": 0.241, "lower": -0.02, "upper": 0.48}``. What is not finite is left out.
    under : sequence of int
        Every cell of the table under the estimate, in persons: events and non-events of each group.
    method : str
        Which interval, in words.

    Returns
    -------
    SafeEstimate
        ``kind`` is ``"withheld"`` and ``values`` empty where a cell has 1 to ``min_released - 1`` persons.

    Raises
    ------
    ContractError
        E-405 if the kind is unknown, or a cell is not a count.

    Examples
    --------
    >>> from platform_utils.protect.rules import load_rule
    >>> who = Universe("nsp", 2023, "demo")
    >>> protect_estimate("d", who, "difference", {"estimate": 0.241}, [20, 40, 12, 48], load_rule()).values
    {'estimate': 24}
    >>> protect_estimate("d", who, "difference", {"estimate": 0.241}, [2, 58, 12, 48], load_rule()).kind
    'withheld'
    """
    if kind not in ("difference", "share", "ratio"):
        raise ContractError("E-405", table=name, expected="difference, share, ratio")
    if not _releasable(name, under, rule.classes["A"]):
        return _withheld(name, universe, under, rule.classes["A"], method)
    shown = tuple(
        (key, _tenths(value) if kind == "ratio" else _points(value))
        for key, value in values.items()
        if math.isfinite(value)
    )
    named = rule.classes["A"].short_name
    return SafeEstimate(name, universe, named, kind, shown, sum(under), method=method)


def protect_test(
    name: str,
    universe: Universe,
    p_value: float,
    under: Sequence[int],
    rule: DisclosureRule,
    *,
    level: float = 0.05,
    method: str = "",
) -> SafeEstimate:
    """Release a test as below or above its level, or withhold it.

    Parameters
    ----------
    p_value, level : float
        The p-value and the level declared beforehand.
    under, method
        As in `protect_estimate`.
    """
    if not _releasable(name, under, rule.classes["A"]):
        return _withheld(name, universe, under, rule.classes["A"], method)
    side = "below" if p_value < level else "above"
    values = (("p", side), ("level", f"{level:g}"))
    return SafeEstimate(
        name, universe, rule.classes["A"].short_name, "test", values, sum(under), method=method
    )


def protect_curve(
    name: str,
    universe: Universe,
    at: Mapping[int, float],
    at_risk: Mapping[int, int],
    events: Mapping[int, int],
    rule: DisclosureRule,
    *,
    first: int | None = None,
    method: str = "",
) -> SafeEstimate:
    """Release a curve at 30, 60, 90 and 180 days, where enough persons are at risk.

    Parameters
    ----------
    at : mapping of int to float
        Cumulative share by day.
    at_risk : mapping of int to int
        Persons at risk on the day; a day with fewer than 10 is left out.
    events : mapping of int to int
        Events so far; a day is left out where those between it and a shown day, or those so far, are too few.
    first : int, optional
        Day decided on before the others, such as the plan's; then from the earliest on.
    method
        As in `protect_estimate`.
    """
    limits = rule.classes["A"]
    kept: dict[int, int] = {0: 0}
    for day in sorted(CURVE_DAYS, key=lambda day: (day != first, day)):
        so_far = events.get(day, 0)
        # released days next to each other, and the first of them, differ by nobody or by enough
        before = kept[max(other for other in kept if other < day)]
        after = kept.get(min((other for other in kept if other > day), default=-1), so_far)
        few = any(1 <= gap < limits.min_released for gap in (so_far - before, after - so_far))
        if day in at and at_risk.get(day, 0) >= _AT_RISK and not few:
            kept[day] = so_far
    values = tuple((f"day_{day}", _points(at[day])) for day in sorted(kept) if day)
    number = max(at_risk.values(), default=0)
    if not values:
        return _withheld(name, universe, [number], limits, method)
    return SafeEstimate(name, universe, limits.short_name, "curve", values, number, method=method)


def protect_range(
    name: str,
    universe: Universe,
    values: Sequence[float],
    under: Sequence[int],
    rule: DisclosureRule,
    *,
    method: str = "",
) -> SafeEstimate:
    """Release the smallest and largest of several estimates (each member left out in turn), without order.

    Parameters
    ----------
    values : sequence of float
        Fractions, one per member left out.
    under : sequence of int
        Every cell of the table under each of them.
    method
        As in `protect_estimate`.
    """
    limits = rule.classes["B"]  # what it tells is about members
    if len(values) < limits.min_contributors or not _releasable(name, under, limits):
        return _withheld(name, universe, under, limits, method)
    ends = (("lower", _points(min(values))), ("upper", _points(max(values))))
    return SafeEstimate(name, universe, limits.short_name, "range", ends, method=method)


def _releasable(name: str, under: Sequence[int], limits: ClassRule) -> bool:
    for position, count in enumerate(under, start=1):
        if isinstance(count, bool) or count < 0 or count != int(count):
            raise ContractError("E-401", table=name, position=position)
    return any(under) and all(count == 0 or count >= limits.min_released for count in under)


def _withheld(
    name: str, universe: Universe, under: Sequence[int], limits: ClassRule, method: str
) -> SafeEstimate:
    number = sum(under) if sum(under) >= limits.min_released else None
    return SafeEstimate(name, universe, limits.short_name, "withheld", (), number, "few", method)


def _points(value: float) -> int:
    """Return whole percentage points, halves away from zero."""
    return int(math.copysign(math.floor(abs(value) * 100 + 0.5), value))


def _tenths(value: float) -> str:
    return f"{value:.1f}" if abs(value) < 10 else f"{value:.0f}"
