"""The system behind a set of linked tables: every group of people once, and which groups add up to which.

Enters: checked count tables and links. Leaves: cells, values and relations. A relation says that a whole
is the sum of its parts; groups that nobody prints (those who did *not* choose a multi-select code, those
of a wider universe outside a narrower one) are cells too, never printed and always unknown to a reader.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import combinations

from platform_utils.errors import ContractError
from platform_utils.protect.cells import Cell, cell_of
from platform_utils.protect.check import multiple_dimensions
from platform_utils.protect.links import Links
from platform_utils.spec.codebook import SPECIAL_CODES
from platform_utils.spec.counts import TOTAL, CountTable, codes_in

__all__ = ["Relation", "System", "TableCells", "build_system"]

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


@dataclass
class System:
    """Cells, their true values, and how they add up.

    Parameters
    ----------
    cells : list of Cell
        Each group of people once.
    values : list of int
        True counts, in the unit of the cell's universe.
    printed : list of bool
        False for cells that no table prints.
    relations : list of Relation
        Each whole with its parts.
    rows : list of (int, int)
        Total and cell of one row or column: a cell is hidden where its total is.
    rests : list of int
        Unprinted cells that a rule guards like printed ones (the n - k of a k).
    tables : list of TableCells
        The printed tables.
    """

    cells: list[Cell] = field(default_factory=list)
    values: list[int] = field(default_factory=list)
    printed: list[bool] = field(default_factory=list)
    relations: list[Relation] = field(default_factory=list)
    rows: list[tuple[int, int]] = field(default_factory=list)
    rests: list[int] = field(default_factory=list)
    tables: list[TableCells] = field(default_factory=list)
    place: dict[Cell, int] = field(default_factory=dict)

    def add(self, cell: Cell, value: int, *, printed: bool) -> int:
        """Return the place of a cell, entered if it is new."""
        at = self.place.get(cell)
        if at is None:
            at = self.place[cell] = len(self.cells)
            self.cells.append(cell)
            self.values.append(value)
            self.printed.append(printed)
        elif printed:
            self.printed[at] = True
        return at


def build_system(tables: Sequence[CountTable], links: Links) -> System:
    """Return the system behind ``tables``.

    Parameters
    ----------
    tables : sequence of CountTable
        Checked by `check.check_tables`.
    links : Links
        How dimensions and universes hang together.

    Returns
    -------
    System
        Cells in the order in which the tables first print them, unprinted ones last.

    Raises
    ------
    ContractError
        E-409 if two tables print different counts for the same people.
    """
    system = System()
    first_in: dict[int, str] = {}
    for table in tables:
        _enter(system, table, links, first_in)
    seen: set[tuple[int, tuple[int, ...]]] = set()
    for entered in list(system.tables):
        _add_up(system, entered, links, seen)
        _refine(system, entered, links, seen)
    for entered in list(system.tables):
        _take_apart(system, entered, links, seen)
        _nest(system, entered, links, seen)
    return system


def _enter(system: System, table: CountTable, links: Links, first_in: dict[int, str]) -> None:
    multiple = multiple_dimensions(table)
    codes = tuple(codes_in(table.data, table.dimensions))
    counts = [int(count) for count in table.data["count"].tolist()] if len(table.data) else []
    places = []
    for position, (at, count) in enumerate(zip(codes, counts, strict=True), start=1):
        cell = links.canonical(cell_of(table.universe, table.dimensions, at, multiple))
        place = system.add(cell, count, printed=True)
        if system.values[place] != count:
            raise ContractError("E-409", table=table.name, other=first_in[place], position=position)
        first_in.setdefault(place, table.name)
        places.append(place)
    system.tables.append(TableCells(table, tuple(places), codes, multiple))


def _relate(system: System, seen: set[tuple[int, tuple[int, ...]]], whole: int, parts: Sequence[int]) -> None:
    ordered = tuple(sorted(parts))
    if (whole, ordered) not in seen and ordered != (whole,):
        seen.add((whole, ordered))
        system.relations.append(Relation(whole, ordered))


def _rest(system: System, whole: int, parts: Sequence[int], guarded: bool) -> int:
    """Return the unprinted cell of those in ``whole`` and in none of ``parts``."""
    cell = system.cells[whole]
    name = ", ".join("+".join(f"{d}={c}" for d, c in system.cells[p].codes) for p in parts)
    rest = Cell(cell.universe, cell.year, (*cell.codes, (REST, name)))
    value = system.values[whole] - sum(system.values[p] for p in parts)
    place = system.add(rest, value, printed=False)
    if guarded and place not in system.rests:
        system.rests.append(place)
    return place


def _add_up(system: System, entered: TableCells, links: Links, seen: set) -> None:
    by_code = dict(zip(entered.codes, entered.places, strict=True))
    for at, dimension in enumerate(entered.table.dimensions):
        slices: dict[tuple[str, ...], dict[str, int]] = {}
        for codes, place in by_code.items():
            if codes[at] != TOTAL:
                slices.setdefault((*codes[:at], TOTAL, *codes[at + 1 :]), {})[codes[at]] = place
        for total, parts in slices.items():
            whole = by_code[total]
            for place in parts.values():
                if any(code != TOTAL for code in total):
                    system.rows.append((whole, place))
            if dimension in entered.multiple:
                _add_up_multiple(system, whole, parts, seen)
                continue
            tree = links.tree(dimension)
            below: dict[str, list[int]] = {}
            for code, place in parts.items():
                parent = tree.get(code)
                below.setdefault(parent if parent in parts and parent != code else TOTAL, []).append(place)
            for parent, places in below.items():
                _relate(system, seen, whole if parent == TOTAL else parts[parent], places)


def _add_up_multiple(system: System, whole: int, parts: dict[str, int], seen: set) -> None:
    """Those who chose a code, those who did not, and those who answered nothing make up the whole."""
    silent = [place for code, place in parts.items() if code in SPECIAL_CODES]
    for code, place in parts.items():
        if code in SPECIAL_CODES:
            continue
        _relate(system, seen, whole, [place, _rest(system, whole, [place], guarded=True)])
        known = [place, *silent]
        if silent and system.values[whole] >= sum(system.values[p] for p in known):
            _relate(system, seen, whole, [*known, _rest(system, whole, known, guarded=True)])


def _refine(system: System, entered: TableCells, links: Links, seen: set) -> None:
    """Tie each coarse code to the fine codes inside it, where another table prints the coarse one."""
    for refinement in links.refinements:
        if refinement.nested or refinement.fine not in entered.table.dimensions:
            continue
        at = entered.table.dimensions.index(refinement.fine)
        codes = dict.fromkeys(row[at] for row in entered.codes if row[at] != TOTAL)
        parents = {
            code: parent for parent, made_of in links.groups(refinement, codes).items() for code in made_of
        }
        groups: dict[Cell, list[int]] = {}
        for row, place in zip(entered.codes, entered.places, strict=True):
            if row[at] in parents:
                cell = system.cells[place]
                others = [pair for pair in cell.codes if pair[0] != refinement.fine]
                coarse = (refinement.coarse, parents[row[at]])
                wide = Cell(cell.universe, cell.year, tuple(sorted([*others, coarse])))
                groups.setdefault(wide, []).append(place)
        for wide, parts in groups.items():
            if not refinement.exact:
                _hold(system, wide, parts, seen)
                continue
            total = sum(system.values[p] for p in parts)
            whole = system.add(wide, total, printed=False)
            if system.values[whole] == total:
                _relate(system, seen, whole, parts)


def _take_apart(system: System, entered: TableCells, links: Links, seen: set) -> None:
    """Tie each code of a combined dimension to the wider groups that it lies in."""
    for combination in links.combinations:
        if combination.dimension not in entered.table.dimensions:
            continue
        inside: dict[Cell, list[int]] = {}
        pairs = {pair for means in combination.means.values() if len(means) > 1 for pair in means}
        for place in entered.places:
            cell = system.cells[place]
            for pair in pairs & set(cell.codes):
                others = [p for p in cell.codes if p == pair or p[0] not in {d for d, _ in pairs}]
                wide = Cell(cell.universe, cell.year, tuple(sorted(others)))
                if wide in system.place and wide != cell:
                    inside.setdefault(wide, []).append(place)
        for wide, parts in inside.items():
            _hold(system, wide, parts, seen)


def _hold(system: System, wide: Cell, parts: list[int], seen: set) -> None:
    """Tie groups to a wider one that holds them and perhaps more, if it stands somewhere and can."""
    whole = system.place.get(wide)
    if whole is not None and system.values[whole] >= sum(system.values[p] for p in parts):
        _relate(system, seen, whole, [*parts, _rest(system, whole, parts, guarded=False)])


def _nest(system: System, entered: TableCells, links: Links, seen: set) -> None:
    """Tie a universe to the wider ones: who is in the wider group and not in the narrower."""
    name = entered.table.universe.name
    _, marks = links.root_of(name)
    together = {frozenset(t.places) for t in system.tables}
    for place in entered.places:
        cell = system.cells[place]
        for whole in _wider(system, cell, marks, links, name):
            if not any({place, whole} <= tabled for tabled in together):
                guarded = not any(code in SPECIAL_CODES for _, code in cell.codes)
                _relate(system, seen, whole, [place, _rest(system, whole, [place], guarded=guarded)])


def _wider(
    system: System, cell: Cell, marks: frozenset[tuple[str, str]], links: Links, universe: str
) -> list[int]:
    """Return the nearest printed cells that hold everybody in ``cell`` and more."""
    found: list[tuple[frozenset, int]] = []
    mine = sorted(marks & set(cell.codes))
    for size in range(1, len(mine) + 1):
        for dropped in combinations(mine, size):
            wide = Cell(cell.universe, cell.year, tuple(p for p in cell.codes if p not in dropped))
            place = system.place.get(wide)
            nearer = any(less < frozenset(dropped) for less, _ in found)
            if place is not None and system.printed[place] and not nearer:
                found.append((frozenset(dropped), place))
    nested = links.universes.get(universe)
    if nested is not None and not nested.where:
        wide = links.canonical(Cell(nested.within, cell.year, cell.codes))
        place = system.place.get(wide)
        if place is not None and system.printed[place]:
            found.append((frozenset(), place))
    return [place for _, place in found]
