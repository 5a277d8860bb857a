"""Which cells a rule hides for their own sake, and which values of each must stay possible.

Enters: the system and the rules. Leaves: primaries. What a reader must not be able to exclude is every
whole number that the rule hides.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property

from platform_utils.protect.cells import Cell
from platform_utils.protect.links import Pair
from platform_utils.protect.model import REST, System, TableCells, is_rest
from platform_utils.spec.counts import TOTAL, codes_in
from platform_utils.spec.disclosure import ClassRule, DisclosureRule

_LARGE, _OUTSIDE_LARGE = (("mass_case", "yes"),), ("mass_case", "no")


@dataclass
class Primary:
    """A cell that is hidden for its own sake.

    Attributes
    ----------
    place : int
        In ``System.cells``.
    reasons : set of str
        ``small``, ``complement``, ``few_members``, ``one_member``, ``group``, ``edition``; what a caller
        guards has the caller's.
    values : set of int
        Counts that a reader must not be able to exclude.
    by_member : dict of str to set of int
        The same for a reader inside one member, who knows that member's own rows.
    """

    place: int
    reasons: set[str] = field(default_factory=set)
    values: set[int] = field(default_factory=set)
    by_member: dict[str, set[int]] = field(default_factory=dict)


class Primaries(dict[int, Primary]):
    """Primary cells by place."""

    def note(self, place: int, reason: str, values: Collection[int]) -> None:
        """Hide a cell for one reason more."""
        primary = self.setdefault(place, Primary(place))
        primary.reasons.add(reason)
        primary.values |= set(values)


def find_primaries(
    system: System, rule: DisclosureRule, exempt: Collection[int] = (), decided: Collection[int] = ()
) -> Primaries:
    """Return the primary cells of a system in the order of its cells; earlier tables count too.

    Parameters
    ----------
    exempt : collection of int
        Places that may be shown whatever the rule says.
    decided : collection of int
        Places where somebody has decided that 0 % or 100 % of a group may be shown.
    """
    find = _Search(system, rule, own_rows(system, rule))
    limits: dict[int, ClassRule] = {}
    strict = rule.classes["B"]
    for entered in (*system.tables, *system.behind):
        if entered.table.universe.unit not in rule.protected_units:
            continue
        table = entered.table
        limit = rule.class_of(table.disclosure_class, table.dimensions, table.universe.name)
        for place in entered.places:
            if place not in limits or limit.min_released > limits[place].min_released:
                limits[place] = limit
        find.small(entered, limit)
        find.groups(entered, {*exempt, *decided})
        find.populations(entered, {*exempt, *decided})
        if _says_whose(entered):
            for place, codes in zip(entered.places, entered.codes, strict=True):
                if not rule.is_open(table.dimensions, codes, table.universe.name):
                    find.members(place, limit)
                if not rule.never_primary.isdisjoint(codes) and find.comes_from_few(place):
                    find.smallest(place, strict.min_released)
                    find.members(place, strict)
    find.outside(limits)
    return Primaries({place: find.found[place] for place in sorted(find.found) if place not in exempt})


def own_rows(system: System, rule: DisclosureRule) -> dict[str, dict[int, int]]:
    """Return how many of its own rows each member has in each cell, as far as the tables say whose are whose.

    By member and place, zeros included; the unprinted rest of a whole too, where all around it is told.
    """
    every = (*system.tables, *system.behind)
    speaking = [t for t in every if t.table.universe.unit in rule.protected_units and _says_whose(t)]
    told = {place for entered in speaking for place in entered.places}
    members = {m: None for t in speaking for m in t.table.contributors["member_id"].astype("str")}  # type: ignore[index]
    own = {member: dict.fromkeys(sorted(told), 0) for member in members}
    for entered in speaking:
        for member, place, count in _behind(entered):
            own[member][place] = count
    for relation in system.relations:
        unsaid = [part for part in relation.parts if part not in told]
        if len(unsaid) == 1 and relation.whole in told and is_rest(system.cells[unsaid[0]]):
            others = [part for part in relation.parts if part != unsaid[0]]
            for rows in own.values():
                rows[unsaid[0]] = max(0, rows[relation.whole] - sum(rows[part] for part in others))
            told.add(unsaid[0])
    return own


def _says_whose(entered: TableCells) -> bool:
    return entered.table.contributors is not None and len(entered.table.contributors) > 0


def _behind(entered: TableCells) -> Iterator[tuple[str, int, int]]:
    """Yield member, place and own rows of a table."""
    contributors = entered.table.contributors
    if contributors is None:
        return
    places = dict(zip(entered.codes, entered.places, strict=True))
    codes = codes_in(contributors, entered.table.dimensions)
    members = contributors["member_id"].astype("str").tolist()
    for at, member, count in zip(codes, members, contributors["count"].tolist(), strict=True):
        if at in places:
            yield member, places[at], int(count)


@dataclass
class _Search:
    system: System
    rule: DisclosureRule
    own: Mapping[str, Mapping[int, int]]
    found: Primaries = field(default_factory=Primaries)

    def small(self, entered: TableCells, limit: ClassRule) -> None:
        """Guard the small counts; a code of some dimensions is named from more persons than others."""
        dimensions = entered.table.dimensions
        for place, codes in zip(entered.places, entered.codes, strict=True):
            if self.rule.is_open(dimensions, codes, entered.table.universe.name):
                continue
            named = [d for d, code in zip(dimensions, codes, strict=True) if code != TOTAL]
            least = limit.min_released
            if len(named) == 1:
                least = max(least, self.rule.minimum_by_dimension.get(named[0], 0))
            self.smallest(place, least)

    def smallest(self, place: int, least: int) -> None:
        """Guard a count below the smallest that is shown."""
        if 1 <= self.system.values[place] < least:
            self.found.note(place, "small", range(1, least))

    def comes_from_few(self, place: int) -> bool:
        """Say whether fewer organisations stand behind a count than class B asks for.

        Persons of a large case stand in a table of their own, and are left out.
        """
        cell = self.system.cells[place]
        large = self.system.at(Cell(cell.universe, cell.year, _LARGE))
        own = self.own.values()
        behind = sum(rows.get(place, 0) > (0 if large is None else rows.get(large, 0)) for rows in own)
        return 0 < behind < self.rule.classes["B"].min_contributors

    def groups(self, entered: TableCells, decided: set[int]) -> None:
        """Where all or none of a group have a sensitive attribute, one of the zeros must stay open."""
        for at, dimension in enumerate(entered.table.dimensions):
            if dimension not in self.rule.sensitive:
                continue
            slices: dict[tuple[str, ...], dict[str, int]] = {}
            for codes, place in zip(entered.codes, entered.places, strict=True):
                slices.setdefault((*codes[:at], TOTAL, *codes[at + 1 :]), {})[codes[at]] = place
            for parts in slices.values():
                whole = self.system.values[parts[TOTAL]] if TOTAL in parts else 0
                known = {c: p for c, p in parts.items() if c != TOTAL and c not in self.rule.never_primary}
                if not whole or not any(self.system.values[p] for p in known.values()):
                    continue
                if dimension in entered.multiple:
                    self._group_of_many_answers(known, whole, decided)
                elif not decided & set(known.values()):
                    self._group_of_one_answer(known, whole)

    def _group_of_many_answers(self, known: dict[str, int], whole: int, decided: set[int]) -> None:
        """Guard each code for itself, a question of its own: none have it, or nobody is without it."""
        for place in known.values():
            count = self.system.values[place]
            if count in (0, whole) and place not in decided:
                self.found.note(place, "group", (1,) if count == 0 else (max(1, count - 1),))

    def _group_of_one_answer(self, known: dict[str, int], whole: int) -> None:
        """Guard a zero beside the only code that anybody has, or the zero of those who say yes."""
        values = self.system.values
        present = [place for place in known.values() if values[place]]
        if "yes" in known and values[known["yes"]] == 0:
            self.found.note(known["yes"], "group", (1,))
        elif len(present) == 1 and values[present[0]] == whole:
            for place in [known[code] for code in sorted(known) if values[known[code]] == 0][:1]:
                self.found.note(place, "group", (1,))

    def populations(self, entered: TableCells, decided: set[int]) -> None:
        """Guard the same where the attribute marks a table's population, and the group stands elsewhere."""
        for place in {*entered.places} - decided:
            cell, count = self.system.cells[place], self.system.values[place]
            for pair in cell.codes:
                others = tuple(one for one in cell.codes if one != pair)
                whole = self.system.at(cell._replace(codes=others))
                if whole is not None and self._is_news(pair, others, entered.table.dimensions):
                    everybody = self.system.values[whole]
                    none = count == 0 and pair[1] == "yes" and self._is_denied(cell, pair)
                    if everybody and (count == everybody or none):
                        self.found.note(place, "group", (1,) if count == 0 else (max(1, count - 1),))

    def _is_denied(self, cell: Cell, yes: Pair) -> bool:
        """Say whether somebody may say no instead: where it is told that nobody does, nobody was asked."""
        no = self.system.at(cell._replace(codes=tuple((c[0], "no") if c == yes else c for c in cell.codes)))
        return no is None or self.system.values[no] > 0

    def _is_news(self, pair: Pair, others: Collection[Pair], dimensions: Collection[str]) -> bool:
        """Say whether a sensitive attribute is news of a group with other codes, and not asked in the table.

        Of all directly exploited persons the question's own table says it.
        """
        if not {dimension for dimension, _ in others} - self.rule.no_condition:
            return False
        presumed = {known for by, known in self.rule.presumed.items() if (by, "yes") in others}
        asked = self.rule.sensitive - presumed - {*dimensions}
        is_answer = pair[0].partition("__")[0] in asked and pair[1] not in self.rule.never_primary
        return is_answer and pair not in self.system.links.says(others)

    def members(self, place: int, limit: ClassRule) -> None:
        """Guard a count of too few members, or that leaves too few beside one member's own."""
        count = self.system.values[place]
        shares = {member: rows[place] for member, rows in self.own.items() if rows.get(place, 0) > 0}
        if count == 0 or not shares or not (limit.min_contributors > 1 or limit.min_without_largest):
            return
        around = {max(1, count - 1), count, count + 1}
        few = {m: rows for m, rows in shares.items() if 1 <= count - rows < limit.min_without_largest}
        if len(shares) < limit.min_contributors:
            self.found.note(place, "few_members", around)
        if few:
            self.found.note(place, "one_member", around)
        for member, rows in few.items():
            hidden = range(rows + 1, rows + limit.min_without_largest)
            self.found[place].by_member.setdefault(member, set()).update(hidden)

    def outside(self, limits: Mapping[int, ClassRule]) -> None:
        """Guard those outside a code or a narrower universe, by the strictest class near them."""
        strictest = max((limit.min_released for limit in limits.values()), default=0)
        for rest in self.system.rests:
            touching = self.system.relations_of[rest]
            if all(self._tells_nothing(relation.parts) for relation in touching):
                continue
            near = [limits[p] for relation in touching for p in relation.parts if p in limits]
            near = near or [limits[relation.whole] for relation in touching if relation.whole in limits]
            least = max((limit.min_released for limit in near), default=strictest)
            if 1 <= self.system.values[rest] < least:
                self.found.note(rest, "complement", range(1, least))
            guarding = next((limit for limit in near if limit.min_without_largest), None)
            if guarding is not None and not self._is_large(rest):
                self.members(rest, guarding)

    def _is_large(self, rest: int) -> bool:
        """Say whether those outside are the large cases, a table of their own says how many."""
        cells, values = self.system.cells, self.system.values
        large = self.system.at(Cell(cells[rest].universe, cells[rest].year, _LARGE))
        if large is not None and values[rest] >= values[large]:
            return all(rows.get(rest, 0) <= rows.get(large, 0) for rows in self.own.values())
        return rest in self._left_by_large

    @cached_property
    def _left_by_large(self) -> set[int]:
        """What is left beside those outside the large cases."""
        cells, links = self.system.cells, self.system.links
        return {
            other
            for part, cell in enumerate(cells)
            if _OUTSIDE_LARGE in cell.codes
            for relation in self.system.relations_of.get(part, ())
            if {*cell.codes} - links.says(cells[relation.whole].codes) == {_OUTSIDE_LARGE}
            for other in relation.parts
            if other != part
        }

    def _tells_nothing(self, parts: Collection[int]) -> bool:
        """Say whether one question, left open, over a whole population is all that groups are told by."""
        codes = {pair for part in parts for pair in self.system.cells[part].codes if pair[0] != REST}
        asked = {d.partition("__")[0] for d, _ in codes} - self.rule.no_condition
        return len(asked) == 1 and any(code in self.rule.never_primary for _, code in codes)
