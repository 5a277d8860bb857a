"""What is asked last of tables: that every number which the rule hides has a witness.

Enters: what is about to be released and the case it is judged by, with the rows behind its tables. Leaves:
what has no witness; or, of a decision that can still be mended, what to hide so that everything has one, and
no more than that.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property, partial

import numpy as np
import pandas as pd
from scipy import sparse

from platform_utils.errors import DisclosureError
from platform_utils.protect.attacker import SeenTable
from platform_utils.protect.proof import Case, drop_what_is_known
from platform_utils.protect.witness.known import Known, expression_of, known_of
from platform_utils.protect.witness.members import Members, Spread
from platform_utils.protect.witness.people import NOW
from platform_utils.protect.witness.search import Dealt, Expression, Outcome, Search


@dataclass(frozen=True)
class Wanted:
    """A value that must stay possible at a place, for a reader inside a member, or any (``""``)."""

    place: int
    value: int
    member: str = ""


@dataclass(frozen=True)
class Unwitnessed:
    """A hidden number without a witness for a value.

    Attributes
    ----------
    told_by : tuple of str
        Tables that are out already and without which there would be one.
    """

    place: int
    value: int
    told_by: tuple[str, ...] = ()


@dataclass(frozen=True)
class Mended:
    """What to hide so that every hidden number has its witnesses.

    Attributes
    ----------
    hidden : frozenset of int
        Places.
    failed : tuple of Unwitnessed
        What has none whatever is hidden: the first that was met.
    """

    hidden: frozenset[int]
    failed: tuple[Unwitnessed, ...]


def judge(released: Sequence[SeenTable], case: Case) -> list[Unwitnessed]:
    """Seek a population for every value that must stay possible, one year's people after the other.

    Raises
    ------
    DisclosureError
        E-435 if something that is out cannot be held against the rows at hand.
    """
    return [
        hearing.unwitnessed(wanted)
        for hearing, mine in _hearings(released, case)
        for wanted in mine
        if not hearing.is_witnessed(wanted) and not hearing.was_impossible(wanted)
    ]


def mend(
    released: Sequence[SeenTable],
    case: Case,
    hidden: Collection[int],
    cost: Mapping[int, float],
    invented: Invented,
) -> Mended:
    """Hide what a witness is missing for, as cheaply as it goes, then show what all of them leave alone.

    Parameters
    ----------
    cost : mapping of int to float
        What it costs to hide each place that may be hidden.
    invented : Invented
        What was found when other places were hidden; what is found now is added.
    """
    hidden = set(hidden)
    closed = _Rows(case)
    for hearing, mine in _hearings(released, case, invented):
        hearing.hide(hidden)
        for wanted in mine:
            if hearing.is_witnessed(wanted) or hearing.was_impossible(wanted):
                continue
            more = hearing.disturbed(wanted, {p: c for p, c in cost.items() if p not in hidden})
            if more is None and _was_known(wanted, case):
                continue
            if more is None:  # nothing else can save the set
                return Mended(frozenset(hidden), (hearing.unwitnessed(wanted),))
            hidden = closed.over(hidden | more)
            hearing.hide(hidden)
        hidden = closed.over(hearing.needed(mine, hidden))
    return Mended(frozenset(hidden), ())


def _was_known(wanted: Wanted, case: Case) -> bool:
    """Say whether sums alone had ruled a value out before anything of this was shown."""
    drop_what_is_known(case, [wanted.place])
    primary = case.primaries[wanted.place]
    return wanted.value not in (primary.by_member[wanted.member] if wanted.member else primary.values)


class _Rows:
    """A row or column whose total is hidden is hidden whole."""

    def __init__(self, case: Case) -> None:
        self._rows = [pair for pair in case.system.rows if case.system.cells[pair[0]].codes]

    def over(self, hidden: Collection[int]) -> set[int]:
        wider, size = set(hidden), -1
        while len(wider) > size:
            size = len(wider)
            wider |= {cell for total, cell in self._rows if total in wider}
        return wider


def refuse_unwitnessed(failed: Sequence[Unwitnessed], case: Case) -> None:
    """Raise what has no witness, if anything has none.

    Raises
    ------
    DisclosureError
        E-435 where an earlier release helps to give a value away, else E-434.
    """
    if not failed:
        return
    named = ", ".join(sorted(set(case.system.names_at([one.place for one in failed]))))
    collides = sorted({name for one in failed for name in one.told_by})
    if collides:
        raise DisclosureError("E-435", earlier=", ".join(collides), table=named)
    raise DisclosureError("E-434", tables=named)


def _wanted(case: Case) -> Iterator[Wanted]:
    for place, primary in case.primaries.items():
        yield from (Wanted(place, value) for value in primary.values)
        for member, values in primary.by_member.items():
            yield from (Wanted(place, value, member) for value in values)


def _hearings(
    released: Sequence[SeenTable], case: Case, invented: Invented | None = None
) -> Iterator[tuple[_Hearing, list[Wanted]]]:
    """Yield each population of a year with what is asked of it, the farthest values first."""
    wanted: dict[tuple[str, int], list[Wanted]] = {}
    for one in _wanted(case):
        cell = case.system.cells[one.place]
        wanted.setdefault((cell.universe, cell.year), []).append(one)
    for (root, year), mine in sorted(wanted.items()):
        known = known_of(root, year, released, case)
        opened = partial(known_of, root, year, released, case, is_open=True)
        told = _Hearing(known, case, opened, {} if invented is None else invented)
        values = case.system.values
        yield told, sorted(mine, key=lambda w: (w.member, -abs(w.value - values[w.place]), w.place, w.value))


Invented = dict[tuple[str, int, str], tuple[pd.DataFrame, list[Dealt]]]
"""Invented populations by whose they are, year and member, each list with the persons that it is like."""

Moved = tuple[int, ...]
"""Places whose numbers an invented population says otherwise, in order."""


@dataclass
class _Hearing:
    """One population, what is known of it, and the witnesses that have been found.

    Attributes
    ----------
    moved : dict of (str, int, int) to list of Moved
        By member, place and value: what each invented population moves that gives the place the value.
    """

    known: Known
    case: Case
    opened: Callable[[], Known] | None = None
    invented: Invented = field(default_factory=dict)
    moved: dict[tuple[str, int, int], list[Moved]] = field(default_factory=dict, init=False)
    _searches: dict[str, Search] = field(default_factory=dict, init=False)
    _targets: dict[int, Expression] = field(default_factory=dict, init=False)

    def __post_init__(self) -> None:
        numbers = self.known.numbers
        at_where = {number.where: at for at, number in enumerate(numbers) if number.state == NOW}
        for place in self.case.primaries:
            self._targets[place] = expression_of(place, self.case, self.known, numbers, at_where)

    @cached_property
    def _place_at(self) -> dict[int, int]:
        """Place of each number of the tables that are asked about: another year has tables of these names."""
        numbers, cells = enumerate(self.known.numbers), self.case.system.cells
        at_place = {(n.table, n.codes): at for at, n in numbers if n.state == NOW and n.codes is not None}
        own = self.known.root, self.known.year
        return {
            at_place[entered.table.name, codes]: place
            for entered in self.case.system.tables
            for codes, place in zip(entered.codes, entered.places, strict=True)
            if (cells[place].universe, cells[place].year) == own and (entered.table.name, codes) in at_place
        }

    def hide(self, places: Collection[int]) -> None:
        """Take places as hidden from now on."""
        numbers = {at for at, place in self._place_at.items() if place in places}
        for member in self._searches:
            self._search(member).hide(numbers)
        self._hidden = numbers

    _hidden: set[int] = field(default_factory=set, init=False)

    def is_witnessed(self, wanted: Wanted) -> bool:
        """Say whether there is a population in which a place has a value, and keep it."""
        target = self._targets[wanted.place]
        if not target:
            return False
        search = self._search(wanted.member)
        if self._served(wanted):
            return True
        outcome = search.find(target, wanted.value)
        return self._kept(wanted, outcome)

    def disturbed(self, wanted: Wanted, cost: Mapping[int, float]) -> set[int] | None:
        """Return what else must be hidden so that a place can have a value; None if that cannot be."""
        prices = {at: cost[place] for at, place in self._place_at.items() if place in cost}
        target = self._targets[wanted.place]
        outcome = (
            self._search(wanted.member).disturb(target, wanted.value, prices) if target else Outcome("limit")
        )
        return {self._place_at[at] for at in outcome.off} if self._kept(wanted, outcome) else None

    def was_impossible(self, wanted: Wanted) -> bool:
        """Say whether it is proven that a place could not have a value before anything of this was shown.

        Large cases stand whole: what they alone make is not one less.
        """
        target, search = self._targets[wanted.place], self._search(wanted.member)
        if target and search.is_split(target, wanted.value):
            return True
        if not target or all(n.table in self._ours or not n.table for n in self.known.numbers):
            return False
        exempt = self.case.exempt
        ours = {at for at, n in enumerate(self.known.numbers) if n.table in self._ours}
        unknown = {at for at in ours if self._place_at.get(at) not in exempt}
        if search.find(target, wanted.value, unknown).found != "none":
            return False
        said = (n for at, n in enumerate(self.known.numbers) if at not in ours and n.shown is not None)
        if self.opened is None or any(not number.where for number in said):
            return True  # else how many there are is told by ours only, and the proof took it for known
        return _Hearing(self.opened(), self.case).was_impossible(wanted)

    def unwitnessed(self, wanted: Wanted) -> Unwitnessed:
        """Return a value that has no witness, with the older tables that would have to be otherwise."""
        older = {at: 1.0 for at, n in enumerate(self.known.numbers) if n.table not in self._ours}
        target, system = self._targets[wanted.place], self.case.system
        off = self._search(wanted.member).disturb(target, wanted.value, older).off if target and older else ()
        telling, theirs = {self.known.numbers[at].table for at in off}, set[str]()
        if not system.printed[wanted.place]:  # theirs is the hidden number that ours gives away
            theirs = {one.table.name for one in system.behind if wanted.place in one.places}
        earlier = {table.name for table in self.case.demand.earlier}
        told = sorted(name for name in earlier if name in telling or name.rpartition("/")[2] in theirs)
        return Unwitnessed(wanted.place, wanted.value, tuple(told))

    def needed(self, wanted: Sequence[Wanted], hidden: Collection[int]) -> set[int]:
        """Return what must stay hidden: what the rule hides, and what the fewest witnesses move."""
        own = self._place_at
        # What ties counts of several units, the pattern knows and people of one unit do not.
        kept = set(hidden) - {*own.values()} | {*self.case.primaries} | self.case.system.counted
        for one in wanted:
            if not self._targets[one.place]:
                return set(hidden)
            options = self.moved.get((one.member, one.place, one.value), ())
            kept.update(min(options, key=lambda moved: (len({*moved} - kept), moved), default=()))
        return kept & set(hidden)

    @cached_property
    def _ours(self) -> frozenset[str]:
        return frozenset(table.name for table in self.case.demand.tables)

    def _search(self, member: str) -> Search:
        if member not in self._searches:
            people = self.known.people
            if member:
                people = people.known_to(member)
                search = self._search("").known_to(people)
            else:
                search = Search(people, self.known.numbers, self.known.answers)
            search.accepts = Members(people, self._spread, search).keep_to_the_rule
            search.hide(self._hidden)
            self._searches[member] = search
            self._keep(member, search.counts)
            for dealt in self._invented(member):
                numbers = search.count(*dealt)
                if search.is_witness(numbers) and search.accepts(dealt[0], ()):
                    self._keep(member, numbers)
        return self._searches[member]

    def _invented(self, member: str) -> list[Dealt]:
        """Return the populations that were found for a reader; none if other questions were asked then."""
        key = self.known.root, self.known.year, member
        rows, found = self.invented.setdefault(key, (self.known.people.rows, []))
        if not rows.equals(self.known.people.rows):
            found = []
            self.invented[key] = self.known.people.rows, found
        return found

    @cached_property
    def _spread(self) -> list[Spread]:
        """The numbers that the rule shows only if enough members stand behind them."""
        rule, at_place = self.case.demand.rule, {place: at for at, place in self._place_at.items()}
        found = {}
        for entered in self.case.system.tables:
            table = entered.table
            limit = rule.class_of(table.disclosure_class, table.dimensions, table.universe.name)
            if limit.min_contributors > 1 and table.contributors is not None and len(table.contributors):
                for place, codes in zip(entered.places, entered.codes, strict=True):
                    if place in at_place and not rule.is_open(table.dimensions, codes, table.universe.name):
                        found[place] = Spread(
                            at_place[place], limit.min_contributors, limit.min_without_largest
                        )
        return list(found.values())

    def _served(self, wanted: Wanted) -> bool:
        return (wanted.member, wanted.place, wanted.value) in self.moved

    def _kept(self, wanted: Wanted, outcome: Outcome) -> bool:
        if outcome.numbers is None or outcome.people is None:
            return False
        self._keep(wanted.member, outcome.numbers)
        self._invented(wanted.member).append(outcome.people)
        return True

    def _keep(self, member: str, numbers: np.ndarray) -> None:
        """Keep what an invented population moves, under every value that it gives a place."""
        own, other = self._place_at, np.flatnonzero(numbers != self._search("").counts).tolist()
        moved = tuple(sorted({own[at] for at in other if at in own}))
        for place, value in zip(self._targets, (self._aims @ numbers).tolist(), strict=True):
            self.moved.setdefault((member, place, value), []).append(moved)

    @cached_property
    def _aims(self) -> sparse.csr_array:
        """How many times each number is added to what is asked of each place."""
        at = [(row, number) for row, target in enumerate(self._targets.values()) for number in target]
        times = [times for target in self._targets.values() for times in target.values()]
        shape = len(self._targets), len(self.known.numbers)
        rows, columns = zip(*at, strict=True) if at else ((), ())
        return sparse.csr_array((np.array(times, dtype=np.int64), (rows, columns)), shape=shape)
