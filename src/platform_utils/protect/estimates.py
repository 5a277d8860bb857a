"""Estimates through the gate: rounded until the table behind them cannot be read back.

Enters: an estimate with the counts that it rests on. Leaves: a ``SafeEstimate``. A difference with one
decimal and its p-value identify the 2 x 2 table behind them, so: whole percentage points, and p only as
above or below the level. Where a cell under it may not be shown there is no estimate.
"""

from __future__ import annotations

import math

from platform_utils.errors import ContractError
from platform_utils.spec.counts import Estimated, Universe
from platform_utils.spec.disclosure import ClassRule, DisclosureRule
from platform_utils.spec.safe import SafeEstimate

_CURVE_DAYS = 6
"""As many days of a curve are shown at most."""

_AT_RISK = 10
_LEVEL = 0.05
_KINDS = ("difference", "share", "ratio", "test", "range", "curve")
_Shown = tuple[tuple[str, int | str], ...]


def protect_estimate(item: Estimated, universe: Universe, rule: DisclosureRule) -> SafeEstimate:
    """Release an estimate as its kind allows, or withhold it.

    Differences and shares, given as fractions, come out in whole percentage points; ratios with one decimal
    below 10 and none above, ``"inf"`` where a ratio has no limit; what else is not finite is left out. Of a
    test comes out on which side of its level p is; of a range its ends, without order; of a curve those days
    at which enough persons are at risk.

    Returns
    -------
    SafeEstimate
        ``kind`` is ``"withheld"`` and ``values`` empty where a cell has 1 to ``min_released - 1`` persons.

    Raises
    ------
    ContractError
        E-405 if the kind is unknown, E-401 if a cell is not a count.

    Examples
    --------
    >>> from platform_utils.spec.disclosure import load_rule
    >>> who, values = Universe("nsp", 2023, "demo"), {"estimate": 0.241}
    >>> protect_estimate(Estimated("d", "difference", values, [20, 40, 12, 48]), who, load_rule()).values
    {'estimate': 24}
    >>> protect_estimate(Estimated("d", "difference", values, [2, 58, 12, 48]), who, load_rule()).kind
    'withheld'
    """
    if item.kind not in _KINDS:
        raise ContractError("E-405", table=item.name, expected=", ".join(_KINDS))
    limits = rule.classes["B" if item.kind == "range" else "A"]  # what a range tells is about members
    number: int | None
    if item.kind == "curve":
        shown, number = _curve(item, limits), max(item.at_risk.values(), default=0)
    else:
        shown, number = _shown(item, limits) if _releasable(item, limits) else None, sum(item.under)
    if shown is None:
        number = number if number >= limits.min_released else None
        return SafeEstimate(
            item.name, universe, limits.short_name, "withheld", (), number, "few", item.method
        )
    number = None if item.kind == "range" else number
    return SafeEstimate(item.name, universe, limits.short_name, item.kind, shown, number, "", item.method)


def _releasable(item: Estimated, limits: ClassRule) -> bool:
    for position, count in enumerate(item.under, start=1):
        if isinstance(count, bool) or count < 0 or count != int(count):
            raise ContractError("E-401", table=item.name, position=position)
    return any(item.under) and all(count == 0 or count >= limits.min_released for count in item.under)


def _shown(item: Estimated, limits: ClassRule) -> _Shown | None:
    values = item.values
    if item.kind == "test":
        level = values.get("level", _LEVEL)
        return ("p", "below" if values["p"] < level else "above"), ("level", f"{level:g}")
    if item.kind == "range":
        if len(values) < limits.min_contributors:
            return None
        return ("lower", _points(min(values.values()))), ("upper", _points(max(values.values())))
    if item.kind == "ratio":
        return tuple((key, _tenths(value)) for key, value in values.items() if not math.isnan(value))
    return tuple((key, _points(value)) for key, value in values.items() if math.isfinite(value))


def _curve(item: Estimated, limits: ClassRule) -> _Shown | None:
    kept: dict[int, int] = {0: 0}
    for day in sorted(item.at_risk, key=lambda day: (day != item.first, day))[:_CURVE_DAYS]:
        so_far = item.events.get(day, 0)
        # released days next to each other, and the first of them, differ by nobody or by enough
        before = kept[max(other for other in kept if other < day)]
        after = kept.get(min((other for other in kept if other > day), default=-1), so_far)
        few = any(1 <= gap < limits.min_released for gap in (so_far - before, after - so_far))
        if item.at_risk[day] >= _AT_RISK and not few:
            kept[day] = so_far
    return tuple((f"day_{day}", _points(item.values[day])) for day in sorted(kept) if day) or None


def _points(value: float) -> int:
    """Return whole percentage points, halves away from zero."""
    return int(math.copysign(math.floor(abs(value) * 100 + 0.5), value))


def _tenths(value: float) -> str:
    return f"{value:.1f}" if abs(value) < 10 else f"{value:.0f}"
