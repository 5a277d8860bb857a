"""Estimates through the gate: rounded until the table behind them cannot be read back.

Enters: estimates with the cells that they rest on. Leaves: ``SafeEstimate``. A difference with one
decimal and its p-value identify the 2 x 2 table behind them, so: whole percentage points, and p only as
above or below the level. Where a cell under it may not be shown, or could be had by subtracting what is
shown beside it, there is no estimate.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from platform_utils.errors import ContractError
from platform_utils.spec.counts import Cell, Estimated, Universe
from platform_utils.spec.disclosure import ClassRule, DisclosureRule
from platform_utils.spec.safe import SafeEstimate

_CURVE_DAYS = 6
"""As many days of a curve are shown at most."""

_AT_RISK = 10
_NOTHING = 1e-9
_LEVEL = 0.05
_KINDS = ("difference", "share", "ratio", "test", "range", "curve")
_Shown = tuple[tuple[str, int | str], ...]
_Persons = frozenset[int]


@dataclass
class _Told:
    """Who stands behind what has been shown of one page, and who must not be told apart.

    A number that is shown tells a sum over persons. Sums are added and subtracted: of few persons no
    combination of them may tell how many they are. Shares are rounded, and are taken as if they told counts.

    Attributes
    ----------
    few : ndarray, shape (n_groups, n_persons)
        Of 1 to ``min_released - 1``: the cells of all estimates, what two of them share, what one lacks.
    basis : ndarray, shape (n_persons, n_sums)
        Orthonormal; spans everything that is told.
    """

    persons: Sequence[int]
    few: NDArray[np.float64]
    shown: dict[str, SafeEstimate] = field(default_factory=dict)
    basis: NDArray[np.float64] = field(default_factory=lambda: np.zeros((0, 0)))

    @classmethod
    def of(cls, items: Iterable[Estimated], least: int) -> _Told:
        """Return a page on which nothing is shown yet."""
        cells = {cell for item in items for cell in _who(item.under) + _who(item.events.values()) if cell}
        pairs = {part for one in cells for other in cells for part in (one & other, one - other)}
        persons = sorted(frozenset[int]().union(*cells))
        told = cls(persons, np.zeros((0, len(persons))), basis=np.zeros((len(persons), 0)))
        told.few = told._rows({part: 1.0} for part in sorted(pairs, key=sorted) if 0 < len(part) < least)
        return told

    def add(self, sums: Iterable[Mapping[_Persons, float]]) -> bool:
        """Say whether sums of cells may be told beside what is; if so, they are."""
        new = self._rows(sums)
        new -= new @ self.basis @ self.basis.T
        if np.abs(new).max(initial=0) < _NOTHING:
            return True
        _, sizes, directions = np.linalg.svd(new, full_matrices=False)
        basis = np.hstack([self.basis, directions[sizes > _NOTHING].T])
        left = self.few - self.few @ basis @ basis.T
        if (np.abs(left).max(axis=1, initial=0) < _NOTHING).any():
            return False
        self.basis = basis
        return True

    def _rows(self, sums: Iterable[Mapping[_Persons, float]]) -> NDArray[np.float64]:
        rows = [
            [sum(weight for cell, weight in each.items() if person in cell) for person in self.persons]
            for each in sums
        ]
        return np.array(rows, dtype=float).reshape(len(rows), len(self.persons))


def protect_estimates(
    items: Sequence[Estimated], universe: Universe, rule: DisclosureRule
) -> list[SafeEstimate]:
    """Release the estimates of one page as `protect_estimate` does, unless together they tell of few persons.

    The first come first: what would tell something beside them is withheld.

    Raises
    ------
    ContractError
        As `protect_estimate`.
    """
    told = _Told.of(items, rule.classes["A"].min_released)
    for item in items:
        told.shown[item.name] = _protect(item, universe, rule, told)
    return list(told.shown.values())


def protect_estimate(item: Estimated, universe: Universe, rule: DisclosureRule) -> SafeEstimate:
    """Release an estimate that stands alone as its kind allows, or withhold it.

    Differences and shares, given as fractions, come out in whole percentage points, shares near none and all
    as ``"<1"`` and ``">99"``; ratios with one decimal
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
    return protect_estimates([item], universe, rule)[0]


def _protect(item: Estimated, universe: Universe, rule: DisclosureRule, told: _Told) -> SafeEstimate:
    if item.kind not in _KINDS:
        raise ContractError("E-405", table=item.name, expected=", ".join(_KINDS))
    limits = rule.classes["B" if item.kind == "range" else "A"]  # what a range tells is about members
    counts = [cell if isinstance(cell, int | float) else len(cell) for cell in item.under]
    for position, count in enumerate(counts, start=1):
        if isinstance(count, bool) or count < 0 or count != int(count):
            raise ContractError("E-401", table=item.name, position=position)
    shown, number, who = None, sum(counts), _who(item.under)
    needed = all(name in told.shown and key in told.shown[name].values for name, key in item.needs)
    if item.kind == "curve":
        shown, number = _curve(item, told), 0
    elif needed and number and all(count == 0 or count >= limits.min_released for count in counts):
        shown = _shown(item, limits)
        if shown is not None and not told.add(item.tells or [{cell: 1.0} for cell in who]):
            shown = None
    kept = None if item.kind in ("range", "curve") else number
    if shown is None:
        # how many there are altogether is told where that tells of nobody
        if kept and (kept < limits.min_released or not told.add([{frozenset().union(*who): 1.0}])):
            kept = None
        return SafeEstimate(item.name, universe, limits.short_name, "withheld", (), kept, "few", item.method)
    return SafeEstimate(item.name, universe, limits.short_name, item.kind, shown, kept, "", item.method)


def _who(cells: Iterable[Cell]) -> list[_Persons]:
    return [cell for cell in cells if isinstance(cell, frozenset)]


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
    said = _percent if item.kind == "share" else _points
    return tuple((key, said(value)) for key, value in values.items() if math.isfinite(value))


def _curve(item: Estimated, told: _Told) -> _Shown | None:
    # persons between two days are a difference of what is told
    days = sorted(item.at_risk, key=lambda day: (day != item.first, day))[:_CURVE_DAYS]
    kept = [day for day in days if item.at_risk[day] >= _AT_RISK and told.add([{item.events[day]: 1.0}])]
    return tuple((f"day_{day}", _percent(item.values[day])) for day in sorted(kept)) or None


def _points(value: float) -> int:
    """Return whole percentage points, halves away from zero."""
    return int(math.copysign(math.floor(abs(value) * 100 + 0.5), value))


def _percent(value: float) -> int | str:
    """Return whole per cent; 0 and 100 are nobody and everybody, what is so near them says that it is not."""
    points = _points(value)
    return "<1" if points == 0 < value else ">99" if points == 100 and value < 1 else points


def _tenths(value: float) -> str:
    return f"{value:.1f}" if abs(value) < 10 else f"{value:.0f}"
