"""The member rule in an invented population: what is shown in class B has enough organisations behind it.

Enters: people of whom some answer something else. Leaves: whether they can be dealt out to members so that
every shown number keeps to the rule, for a reader knows that it does. Which member somebody is at, no table
says, but for whether it reported the year before or after.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from platform_utils.protect.witness.people import MEMBER, People, Population

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

    def keep_to_the_rule(self, said: Population, off: Collection[int] = ()) -> bool:
        """Say whether members can be dealt out so that every shown number obeys the rule.

        Parameters
        ----------
        off : collection of int
            Numbers that will not be shown if this population is to be possible: nothing is known of them.
        """
        names, member = np.unique(said.told[MEMBER].astype(str), return_inverse=True)
        if not self.asked or len(names) < 2:
            return True
        free = ~self.people.fixed & np.isin(self.people.kind, self._ordinary)
        panels = [said.told[name] for name in _PANELS if name in said.told]
        whose = list(zip(*panels, strict=True)) if panels else [()] * len(member)
        pools: dict[tuple[str, ...], set[int]] = {}
        for at in np.flatnonzero(free).tolist():
            pools.setdefault(whose[at], set()).add(member[at])
        ordered = {key: sorted(pool) for key, pool in pools.items()}
        told = [one for one in self.asked if one.number not in off and self.search.is_shown(one.number)]
        for turn in range(_ROUNDS):
            asked = told if turn else self._changed(told, said)
            bad = [one for one in asked if self._breaks(one, said, member)]
            for one in bad if turn < _ROUNDS - 1 else ():
                for place, at in enumerate(np.flatnonzero(self._counted(one, said) & free).tolist()):
                    pool = ordered[whose[at]]
                    member[at] = pool[(place + turn) % len(pool)]
            if not bad:
                return True
        return False

    def _changed(self, told: Sequence[Spread], said: Population) -> list[Spread]:
        """Return the numbers that ask what somebody answers otherwise: the others are as they were."""
        asked = self.search.numbers
        return [one for one in told if any(c in said.changed for c, _ in asked[one.number].where)]

    @property
    def _ordinary(self) -> list[str]:
        return [name for name, kind in self.people.kinds.items() if kind.weight == 1 and not kind.of_totals]

    def _counted(self, one: Spread, said: Population) -> np.ndarray:
        everybody = np.ones(len(self.people.kind), dtype=bool)
        return np.logical_and.reduce([everybody, *map(said.holds, self.search.numbers[one.number].where)])

    def _breaks(self, one: Spread, said: Population, member: np.ndarray) -> bool:
        who = self._counted(one, said)
        if not who.any():
            return False
        behind = np.bincount(member[who], self.people.weight[who])
        left = behind.sum() - behind.max()
        return bool(np.count_nonzero(behind) < one.members or 0 < left < one.without_largest)
