"""The member rule in an invented population: what is shown in class B has enough organisations behind it.

Enters: people of whom some answer something else. Leaves: whether they can be dealt out to members so that
every shown number keeps to the rule, for a reader knows that it does. Which member somebody is at, no table
says, but for whether it reported the year before or after.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import pandas as pd

from platform_utils.protect.witness.people import MEMBER, People

if TYPE_CHECKING:
    from platform_utils.protect.witness.search import Search


_PANELS = ("panel", "panel_next")
_ROUNDS = 4


class Spread(NamedTuple):
    """A number, the fewest members behind it, and the fewest persons in it without any one member's."""

    number: int
    members: int
    without_largest: int


@dataclass
class Members:
    """Who stands behind shown numbers."""

    people: People
    asked: Sequence[Spread]
    search: Search

    def keep_to_the_rule(self, rows: pd.DataFrame) -> bool:
        """Say whether members can be dealt out so that every shown number obeys the rule."""
        if not self.asked or rows[MEMBER].nunique() < 2:
            return True
        member = rows[MEMBER].to_numpy(dtype=object).copy()
        free = ~self.people.fixed & np.isin(self.people.kind, self._ordinary)
        panels = [name for name in _PANELS if name in rows]
        pools = {
            key: sorted({*member[at]})
            for key, at in rows[free].groupby(panels or (lambda _: ""), sort=True).indices.items()
            for at in [np.flatnonzero(free)[at]]
        }
        whose = list(zip(*(rows[name] for name in panels), strict=True)) if panels else [""] * len(rows)
        for turn in range(_ROUNDS):
            asked = self.asked if turn else self._changed(rows)
            bad = [one for one in asked if self._breaks(one, rows, member)]
            for one in bad if turn < _ROUNDS - 1 else ():
                for place, at in enumerate(np.flatnonzero(self._counted(one, rows) & free).tolist()):
                    key = whose[at][0] if len(panels) == 1 else whose[at]
                    pool = pools[key]
                    member[at] = pool[(place + turn) % len(pool)]
            if not bad:
                return True
        return False

    def _changed(self, rows: pd.DataFrame) -> list[Spread]:
        """Return the numbers that ask what somebody answers otherwise: the others are as they were."""
        before = self.people.rows
        changed = {c for c in before if not np.array_equal(rows[c].to_numpy(), before[c].to_numpy())}
        asked = self.search.numbers
        return [one for one in self.asked if any(c in changed for c, _ in asked[one.number].where)]

    @property
    def _ordinary(self) -> list[str]:
        return [name for name, kind in self.people.kinds.items() if kind.weight == 1 and not kind.of_totals]

    def _counted(self, one: Spread, rows: pd.DataFrame) -> np.ndarray:
        who = np.ones(len(rows), dtype=bool)
        for column, codes in self.search.numbers[one.number].where:
            who &= rows[column].isin(list(codes)).to_numpy()
        return who

    def _breaks(self, one: Spread, rows: pd.DataFrame, member: np.ndarray) -> bool:
        if not self.search.is_shown(one.number):
            return False
        who = self._counted(one, rows)
        if not who.any():
            return False
        names, at = np.unique(member[who].astype(str), return_inverse=True)
        behind = np.bincount(at, self.people.weight[who])
        left = behind.sum() - behind.max()
        return len(names) < one.members or 0 < left < one.without_largest
