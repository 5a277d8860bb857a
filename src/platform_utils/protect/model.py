"""The system behind a set of linked tables: every group of people once, and which groups add up to which.

Enters: checked count tables and links. Leaves: cells, values and relations. A relation says that a whole
is the sum of its parts; groups that nobody prints (those who did *not* choose a multi-select code, those
of a wider universe outside a narrower one) are cells too, never printed and always unknown to a reader.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import islice, product

from platform_utils.errors import ContractError
from platform_utils.protect.cells import Cell, Group, cell_of
from platform_utils.protect.check import multiple_dimensions
from platform_utils.protect.links import Links, Pair
from platform_utils.spec.codebook import SPECIAL_CODES
from platform_utils.spec.counts import TOTAL, CountTable, codes_in
from platform_utils.spec.layout import parts_of

_MOST_FAMILIES = 100
"""Ways of choosing a part of each code of a dimension that are looked at."""

REST = "rest of"
"""Marks the name of an unprinted cell: the people of a whole who are in none of its printed parts."""


def is_rest(cell: Cell) -> bool:
    """Say whether a cell is who is left of a whole."""
    return any(dimension == REST for dimension, _ in cell.codes)


@dataclass(frozen=True)
class Relation:
    """A whole and the parts that add up to it, as places in ``System.cells``."""

    whole: int
    parts: tuple[int, ...]


@dataclass(frozen=True)
class TableCells:
    """Where the cells of one table stand in the system, in the table's row order."""

    table: CountTable
    places: tuple[int, ...]
    codes: tuple[tuple[str, ...], ...]
    multiple: frozenset[str]


@dataclass(frozen=True)
class System:
    """Cells, their true values, and how they add up. A place is a position in ``cells``.

    Attributes
    ----------
    values : sequence of int
        True counts, in the unit of the cell's universe.
    printed : sequence of bool
        False for cells that none of ``tables`` prints.
    rows : sequence of (int, int)
        Total and cell of one row or column: a cell is hidden where its total is.
    rests : sequence of int
        Unprinted cells that a rule guards like printed ones (the n - k of a k).
    behind : tuple of TableCells
        Tables of earlier releases, whose true counts are known.
    counted : frozenset of int
        Cells of which another one, in another unit, is known to be at least as many, or at most.
    """

    links: Links
    cells: Sequence[Cell]
    values: Sequence[int]
    printed: Sequence[bool]
    relations: Sequence[Relation]
    rows: Sequence[tuple[int, int]]
    rests: Sequence[int]
    tables: tuple[TableCells, ...]
    behind: tuple[TableCells, ...]
    place: Mapping[Cell, int]
    counted: frozenset[int] = frozenset()

    @cached_property
    def by_group(self) -> dict[Group, int]:
        """Places by group."""
        return {cell.group: place for place, cell in enumerate(self.cells)}

    @cached_property
    def relations_of(self) -> dict[int, list[Relation]]:
        """The relations that each place is a part of."""
        found: dict[int, list[Relation]] = {}
        for relation in self.relations:
            for part in relation.parts:
                found.setdefault(part, []).append(relation)
        return found

    def at(self, cell: Cell) -> int | None:
        """Return the place of a cell, under whichever of its names; None if no table can tell it apart."""
        return self.place.get(self.links.canonical(cell))

    def places(self, cells: Iterable[Cell]) -> set[int]:
        """Return the places of those cells that have one."""
        return {place for cell in cells if (place := self.at(cell)) is not None}

    def names_at(self, places: Collection[int]) -> list[str]:
        """Return the tables that print one of the places, else what is next to one, else all tables."""
        wanted = set(places)
        near = wanted | {p for r in self.relations if wanted & set(r.parts) for p in (r.whole, *r.parts)}
        printing = ([t.table.name for t in self.tables if some & set(t.places)] for some in (wanted, near))
        return next(filter(None, printing), [t.table.name for t in self.tables])


def build_system(tables: Sequence[CountTable], links: Links, behind: Sequence[CountTable] = ()) -> System:
    """Return the system of ``tables`` and of ``behind``, whose cells count as unprinted.

    Tables are checked by `check.check_tables` before. Cells stand in the order in which the tables first
    print them, unprinted ones last.

    Raises
    ------
    ContractError
        E-409 if two tables print different counts for the same people.
    """
    build = _Build(links)
    entered = [build.enter(table) for table in (*tables, *behind)]
    for one in entered:
        build.add_up(one)
        build.refine(one)
    # What takes groups apart or nests them looks for printed cells of all tables, so these come first.
    build.together = {frozenset(one.places) for one in entered}
    build.nest()
    build.count_more()
    ours, earlier = tuple(entered[: len(tables)]), tuple(entered[len(tables) :])
    printed = {place for one in ours for place in one.places}
    return System(
        links=links,
        cells=tuple(build.cells),
        values=tuple(build.values),
        printed=tuple(place in printed for place in range(len(build.cells))),
        relations=tuple(build.relations),
        rows=tuple(build.rows),
        rests=tuple(build.rests),
        tables=ours,
        behind=earlier,
        place=build.place,
        counted=frozenset(build.counted),
    )


@dataclass
class _Build:
    """A system while it is put together."""

    links: Links
    cells: list[Cell] = field(default_factory=list)
    values: list[int] = field(default_factory=list)
    printed_in: dict[int, str] = field(default_factory=dict)
    relations: dict[Relation, None] = field(default_factory=dict)
    rows: list[tuple[int, int]] = field(default_factory=list)
    rests: dict[int, None] = field(default_factory=dict)
    place: dict[Cell, int] = field(default_factory=dict)
    together: set[frozenset[int]] = field(default_factory=set)
    # what those say who are left of a whole, where it is known, and the whole
    left: dict[int, tuple[tuple[Pair, ...], int]] = field(default_factory=dict)
    counted: set[int] = field(default_factory=set)

    def enter(self, table: CountTable) -> TableCells:
        multiple = multiple_dimensions(table)
        codes = tuple(codes_in(table.data, table.dimensions))
        counts = [int(count) for count in table.data["count"].tolist()] if len(table.data) else []
        places = []
        for position, (at, count) in enumerate(zip(codes, counts, strict=True), start=1):
            cell = self.links.canonical(cell_of(table.universe, table.dimensions, at, multiple))
            place = self._add(cell, count)
            if self.values[place] != count:
                other = self.printed_in[place]
                raise ContractError("E-409", table=table.name, other=other, position=position)
            self.printed_in.setdefault(place, table.name)
            places.append(place)
        return TableCells(table, tuple(places), codes, multiple)

    def add_up(self, entered: TableCells) -> None:
        """Relate each total of a table to its parts."""
        by_code = dict(zip(entered.codes, entered.places, strict=True))
        for at, dimension in enumerate(entered.table.dimensions):
            slices: dict[tuple[str, ...], dict[str, int]] = {}
            for codes, place in by_code.items():
                if codes[at] != TOTAL:
                    slices.setdefault((*codes[:at], TOTAL, *codes[at + 1 :]), {})[codes[at]] = place
            for total, parts in slices.items():
                whole = by_code[total]
                if any(code != TOTAL for code in total):
                    self.rows += [(whole, place) for place in parts.values()]
                if dimension in entered.multiple:
                    self._add_up_multiple(whole, parts)
                    continue
                for parent, codes_in_it in self.links.sums(dimension, parts):
                    self._relate(parts.get(parent, whole), [parts[code] for code in codes_in_it])

    def _add_up_multiple(self, whole: int, parts: dict[str, int]) -> None:
        """Those who chose a code, those who did not, and those who answered nothing make up the whole."""
        silent = [place for code, place in parts.items() if code in SPECIAL_CODES]
        for code, place in parts.items():
            if code in SPECIAL_CODES or place == whole:
                continue
            rest = self._relate_with_rest(whole, [place])
            if silent and self._holds(whole, [place, *silent]):
                rest = self._relate_with_rest(whole, [place, *silent])
            ((column, _),) = {*self.cells[place].codes} - {*self.cells[whole].codes}
            self.left[rest] = tuple(sorted({*self.cells[whole].codes, (column, "no")})), whole

    def refine(self, entered: TableCells) -> None:
        """Tie each coarse code to the fine codes inside it, where another table prints the coarse one."""
        for refinement in self.links.refinements:
            if refinement.nested or not refinement.exact or refinement.fine not in entered.table.dimensions:
                continue
            at = entered.table.dimensions.index(refinement.fine)
            codes = dict.fromkeys(row[at] for row in entered.codes if row[at] != TOTAL)
            inside = self.links.groups(refinement, codes)
            parents = {code: parent for parent, made_of in inside.items() for code in made_of}
            groups: dict[Cell, list[int]] = {}
            for row, place in zip(entered.codes, entered.places, strict=True):
                if row[at] in parents:
                    cell = self.cells[place]
                    others = [pair for pair in cell.codes if pair[0] != refinement.fine]
                    coarse = (refinement.coarse, parents[row[at]])
                    wide = Cell(cell.universe, cell.year, tuple(sorted([*others, coarse])))
                    groups.setdefault(wide, []).append(place)
            for wide, parts in groups.items():
                total = sum(self.values[p] for p in parts)
                whole = self._add(wide, total)
                if self.values[whole] == total:
                    self._relate(whole, parts)

    def nest(self) -> None:
        """Tie each group to the nearest ones that it lies in, by what its codes say: who is in these alone.

        Those whom a "no" leaves out of a group said "yes", and lie in further groups.
        """
        groups = {at: self.cells[at].codes for at in sorted(self.printed_in)}
        waiting = groups | {at: codes for at, (codes, _) in self.left.items()}
        while waiting:
            groups |= waiting
            asked, waiting = waiting, {}
            inside = self._nearest(asked, groups)
            before = len(self.left)
            for whole, parts in sorted(inside.items()):
                known = self.links.says(groups[whole])
                for family in self._families(parts, groups, known):
                    if not self._holds(whole, family):
                        continue
                    rest = self._relate_with_rest(whole, family)
                    more = {*groups[family[0]]} - known
                    if len(family) == len(more) == 1 and (pair := more.pop())[1] == "no" and "__" in pair[0]:
                        self.left[rest] = tuple(sorted({*groups[whole], (pair[0], "yes")})), whole
            waiting = {at: codes for at, (codes, _) in list(self.left.items())[before:]}

    def _nearest(
        self, asked: Collection[int], groups: Mapping[int, tuple[Pair, ...]]
    ) -> dict[int, list[int]]:
        """Return the nearest wholes of groups, each with those of them that lie in it."""
        by_pair: dict[tuple[str, int, Pair | None], list[int]] = {}
        for at, codes in groups.items():
            by_pair.setdefault((*self._who(at), codes[0] if codes else None), []).append(at)
        said = {at: self.links.says(codes) for at, codes in groups.items()}
        above: dict[int, set[int]] = {}
        for at, own in said.items():
            near = (one for pair in (None, *own) for one in by_pair.get((*self._who(at), pair), ()))
            above[at] = {
                one for one in near if own.issuperset(groups[one]) and not said[one].issuperset(groups[at])
            }
        found: dict[int, list[int]] = {}
        for at in asked:
            for whole in above[at]:
                nearer = any(whole in above[other] for other in above[at])
                tabled = any({at, whole} <= places for places in self.together)
                if not nearer and not tabled and whole != self.left.get(at, ((), None))[1]:
                    found.setdefault(whole, []).append(at)
        return found

    def _who(self, at: int) -> tuple[str, int]:
        return self.cells[at].universe, self.cells[at].year

    def count_more(self) -> None:
        """Tie groups to what there is at least one of for each person in them, such as her children."""
        said = {at: self.links.says(self.cells[at].codes) for at in sorted(self.printed_in)}
        there = {
            at: ones
            for at, own in said.items()
            if (ones := [*filter(None, map(self.links.counted.get, (*own, (self._who(at)[0], ""))))])
        }
        for whole in said:
            codes, (universe, year) = {*self.cells[whole].codes}, self._who(whole)
            least = [
                at
                for at, ones in there.items()
                if self._who(at)[1] == year
                and any(one.universe == universe and said[at].union(one.codes) >= codes for one in ones)
            ]
            for at in least:
                if not any(
                    {*self.cells[other].codes} < said[at] and other != at for other in least
                ) and self._holds(whole, [at]):
                    self._relate_with_rest(whole, [at], guarded=False)
                    self.counted |= {whole, at}

    def _families(
        self, parts: Sequence[int], groups: Mapping[int, tuple[Pair, ...]], known: Collection[Pair]
    ) -> Iterator[list[int]]:
        """Yield the parts of a whole that a dimension tells apart, one of each code, or each by itself.

        Those that say the same are one group by two names.
        """
        lines: dict[str, dict[str, list[int]]] = {}
        for at in parts:
            for dimension, code in groups[at]:
                if (dimension, code) not in known:
                    lines.setdefault(dimension, {}).setdefault(code, []).append(at)
        for by_code in lines.values():
            leaves = [leaf for code in by_code for leaf in parts_of(code) or [code]]
            options = [
                [*{self.links.says(groups[at]): at for at in own}.values()] for own in by_code.values()
            ]
            if len(leaves) == len(set(leaves)):
                yield from map(list, islice(product(*options), _MOST_FAMILIES))
            if len(leaves) != len(set(leaves)) or max(map(len, options)) > 1:
                yield from ([at] for own in options for at in own)

    def _add(self, cell: Cell, value: int) -> int:
        """Return the place of a cell, entered if it is new."""
        at = self.place.setdefault(cell, len(self.cells))
        if at == len(self.cells):
            self.cells.append(cell)
            self.values.append(value)
        return at

    def _holds(self, whole: int, parts: Iterable[int]) -> bool:
        return self.values[whole] >= sum(self.values[p] for p in parts)

    def _relate(self, whole: int, parts: Iterable[int]) -> None:
        ordered = tuple(sorted(parts))
        if ordered != (whole,):
            self.relations[Relation(whole, ordered)] = None

    def _relate_with_rest(self, whole: int, parts: Sequence[int], *, guarded: bool = True) -> int:
        """Relate parts to a whole that holds them and the unprinted cell of those in none of them."""
        cell = self.cells[whole]
        name = ", ".join("+".join(f"{d}={c}" for d, c in self.cells[p].codes) for p in parts)
        rest = Cell(cell.universe, cell.year, (*cell.codes, (REST, name)))
        place = self._add(rest, self.values[whole] - sum(self.values[p] for p in parts))
        if guarded:
            self.rests[place] = None
        self._relate(whole, [*parts, place])
        return place
