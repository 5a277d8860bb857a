"""The system behind a set of linked tables: every group of people once, and which groups add up to which.

Enters: checked count tables and links. Leaves: cells, values and relations. A relation says that a whole
is the sum of its parts; groups that nobody prints (those who did *not* choose a multi-select code, those
of a wider universe outside a narrower one) are cells too, never printed and always unknown to a reader.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import combinations

from platform_utils.errors import ContractError
from platform_utils.protect.cells import Cell, Group, cell_of
from platform_utils.protect.check import multiple_dimensions
from platform_utils.protect.links import Links
from platform_utils.spec.codebook import SPECIAL_CODES
from platform_utils.spec.counts import TOTAL, CountTable, codes_in

REST = "rest of"
"""Marks the name of an unprinted cell: the people of a whole who are in none of its printed parts."""


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

    @cached_property
    def by_group(self) -> dict[Group, int]:
        """Places by group."""
        return {cell.group: place for place, cell in enumerate(self.cells)}

    def at(self, cell: Cell) -> int | None:
        """Return the place of a cell, under whichever of its names; None if no table can tell it apart."""
        return self.place.get(self.links.canonical(cell))

    def places(self, cells: Iterable[Cell]) -> set[int]:
        """Return the places of those cells that have one."""
        return {place for cell in cells if (place := self.at(cell)) is not None}

    def names_at(self, places: Collection[int]) -> list[str]:
        """Return the tables that print one of the places, else those that print what is next to one."""
        wanted = set(places)
        near = wanted | {p for r in self.relations if wanted & set(r.parts) for p in (r.whole, *r.parts)}
        named = [t.table.name for t in self.tables if wanted & set(t.places)]
        return named or [t.table.name for t in self.tables if near & set(t.places)]


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
    for one in entered:
        build.take_apart(one)
        build.nest(one)
        build.imply(one)
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
            if code in SPECIAL_CODES:
                continue
            self._relate_with_rest(whole, [place], guarded=True)
            if silent and self._holds(whole, [place, *silent]):
                self._relate_with_rest(whole, [place, *silent], guarded=True)

    def refine(self, entered: TableCells) -> None:
        """Tie each coarse code to the fine codes inside it, where another table prints the coarse one."""
        for refinement in self.links.refinements:
            if refinement.nested or refinement.fine not in entered.table.dimensions:
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
                if not refinement.exact:
                    self._hold(wide, parts)
                    continue
                total = sum(self.values[p] for p in parts)
                whole = self._add(wide, total)
                if self.values[whole] == total:
                    self._relate(whole, parts)

    def take_apart(self, entered: TableCells) -> None:
        """Tie each code of a combined dimension to the wider groups that it lies in."""
        for combination in self.links.combinations:
            if combination.dimension not in entered.table.dimensions:
                continue
            inside: dict[Cell, list[int]] = {}
            pairs = {pair for means in combination.means.values() if len(means) > 1 for pair in means}
            for place in entered.places:
                cell = self.cells[place]
                for pair in pairs & set(cell.codes):
                    others = [p for p in cell.codes if p == pair or p[0] not in {d for d, _ in pairs}]
                    wide = Cell(cell.universe, cell.year, tuple(sorted(others)))
                    if wide in self.place and wide != cell:
                        inside.setdefault(wide, []).append(place)
            for wide, parts in inside.items():
                self._hold(wide, parts)

    def nest(self, entered: TableCells) -> None:
        """Tie a universe to the wider ones: who is in the wider group and not in the narrower."""
        name = entered.table.universe.name
        for place in entered.places:
            cell = self.cells[place]
            for whole in self._wider(cell, name):
                if not any({place, whole} <= tabled for tabled in self.together):
                    self._relate_with_rest(whole, [place], guarded=True)

    def imply(self, entered: TableCells) -> None:
        """Tie a code that says another variable's to that group, with the other codes printed inside it."""
        for place in entered.places:
            cell = self.cells[place]
            for pair in cell.codes:
                for implied in self.links.implied.get(pair, ()):
                    others = [one for one in cell.codes if one[0] not in (pair[0], implied[0])]
                    wide = Cell(cell.universe, cell.year, tuple(sorted([*others, implied])))
                    whole = self.place.get(wide)
                    inside = [
                        at
                        for at in sorted(self.printed_in)
                        if {*wide.codes} < {*self.cells[at].codes} and self._is_beside(wide, at, pair[0])
                    ]
                    if whole in self.printed_in and self._holds(whole, [place, *inside]):
                        self._relate_with_rest(whole, [place, *inside], guarded=True)

    def _is_beside(self, wide: Cell, place: int, dimension: str) -> bool:
        """Say whether a cell is one code of a dimension inside a wider cell."""
        cell = self.cells[place]
        more = [d for d, _ in {*cell.codes} - {*wide.codes}]
        return (cell.universe, cell.year, more) == (wide.universe, wide.year, [dimension])

    def _wider(self, cell: Cell, universe: str) -> list[int]:
        """Return the nearest printed cells that hold everybody in ``cell`` and more."""
        found: list[tuple[frozenset, int]] = []
        _, marks = self.links.root_of(universe)
        mine = sorted(marks & set(cell.codes))
        for size in range(1, len(mine) + 1):
            for dropped in combinations(mine, size):
                wide = Cell(cell.universe, cell.year, tuple(p for p in cell.codes if p not in dropped))
                place = self.place.get(wide)
                nearer = any(less < frozenset(dropped) for less, _ in found)
                if place in self.printed_in and not nearer:
                    found.append((frozenset(dropped), place))
        return [place for _, place in found]

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

    def _relate_with_rest(self, whole: int, parts: Sequence[int], *, guarded: bool) -> None:
        """Relate parts to a whole that holds them and the unprinted cell of those in none of them."""
        cell = self.cells[whole]
        name = ", ".join("+".join(f"{d}={c}" for d, c in self.cells[p].codes) for p in parts)
        rest = Cell(cell.universe, cell.year, (*cell.codes, (REST, name)))
        place = self._add(rest, self.values[whole] - sum(self.values[p] for p in parts))
        if guarded:
            self.rests[place] = None
        self._relate(whole, [*parts, place])

    def _hold(self, wide: Cell, parts: list[int]) -> None:
        """Tie groups to a wider one that holds them and perhaps more, if it stands somewhere and can."""
        whole = self.place.get(wide)
        if whole is not None and self._holds(whole, parts):
            self._relate_with_rest(whole, parts, guarded=False)
