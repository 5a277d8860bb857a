"""Published tables as numbers about persons: how many have these answers, and how far a reader knows it.

Enters: tables that readers have. Leaves: numbers, among them those that a table says by what it leaves out: a
code without a row is nobody's, and a row that is printed only where somebody is counts at least one.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace

from platform_utils.protect.attacker import SeenTable
from platform_utils.protect.cells import Cell
from platform_utils.protect.links import Links
from platform_utils.protect.witness.answers import Answers, Condition
from platform_utils.spec.codebook import SPECIAL_CODES
from platform_utils.spec.counts import TOTAL
from platform_utils.spec.layout import is_merged, parts_of, without


@dataclass(frozen=True)
class Number:
    """A number of persons.

    Attributes
    ----------
    where : tuple of Condition
        All of them hold for whoever is counted.
    shown : int or None
        What readers see; None if it is hidden.
    least, most : int, int or None
        What readers know of it, were it hidden.
    table, codes
        Where it stands; None for what a table says by leaving it out.
    state : str
        Which state of the rows it counts; empty where there is one only.
    """

    where: tuple[Condition, ...]
    shown: int | None
    least: int = 0
    table: str = ""
    codes: tuple[str, ...] | None = None
    most: int | None = None
    state: str = ""

    @property
    def unshown(self) -> Number:
        """The same number, hidden."""
        return replace(self, shown=None)

    @property
    def bounds(self) -> tuple[float, float]:
        """The least and the most that it can be."""
        if self.shown is not None:
            return float(self.shown), float(self.shown)
        return float(self.least), math.inf if self.most is None else float(self.most)


def numbers_in(table: SeenTable, answers: Answers, links: Links, state: str = "") -> Iterator[Number]:
    """Yield every number that a table says, row by row, and what it says by leaving it out.

    Parameters
    ----------
    state : str
        Which state of the rows it counts.
    """
    if table.cells:
        _, marks = links.root_of(table.universe.partition("@")[0])
        who = tuple((column, frozenset([code])) for column, code in sorted(marks))
        listed = {d: {codes[at] for codes in table.cells} for at, d in enumerate(table.dimensions)}
        read = {d: codes_of(d, rows - {TOTAL}, answers, links) for d, rows in listed.items()}
        rare = {d: _is_present_only(read[d], answers.codes.get(d, ()), d in answers.multiple) for d in read}
        for codes, seen in table.cells.items():
            pairs = [(d, c) for d, c in zip(table.dimensions, codes, strict=True) if c != TOTAL]
            least = 0
            if len(pairs) == 1:
                least = _least(pairs[0][1], present_only=rare[pairs[0][0]])
            where = (*who, *(_condition(d, c, read[d], answers) for d, c in pairs))
            count = seen.low if seen.is_exact else None
            if count is None:
                yield Number(where, None, max(least, seen.low), table.name, codes, seen.high, state)
            else:
                yield Number(where, count, least, table.name, codes, None, state)
        for dimension, rows in listed.items():
            for nobody in _nobody(dimension, rows, read[dimension], answers):
                yield Number((*who, nobody), 0, 0, table.name, state=state)


def conditions_of(cell: Cell, answers: Answers, links: Links) -> tuple[Condition, ...]:
    """Return what holds for whoever is in a cell, under its one name."""
    return tuple((d, codes_of(d, [c], answers, links)[c]) for d, c in cell.codes)


def _condition(dimension: str, code: str, read: Mapping[str, frozenset[str]], answers: Answers) -> Condition:
    if dimension in answers.multiple and code not in SPECIAL_CODES:
        return f"{dimension}__{code}", frozenset(["yes"])
    return dimension, read[code]


def codes_of(
    dimension: str, rows: Iterable[str], answers: Answers, links: Links
) -> dict[str, frozenset[str]]:
    """Return the codes that each row of a dimension stands for."""
    parents = {
        code: parent
        for refinement in links.refinements
        if refinement.fine == dimension
        for code, parent in refinement.parent_of.items()
    }
    read = {}
    for code in rows:
        parent, named = without(code)
        if named or (code in set(parents.values()) and code not in answers.codes.get(dimension, ())):
            read[code] = frozenset(c for c, p in parents.items() if p == parent) - set(named)
        else:
            read[code] = frozenset(parts_of(code) or [code])
    return read


def _is_present_only(read: Mapping[str, frozenset[str]], every: Iterable[str], multiple: bool) -> bool:
    return not multiple and not set(every) <= {code for codes in read.values() for code in codes}


def _least(code: str, *, present_only: bool) -> int:
    if code in SPECIAL_CODES:
        return 1
    if not present_only:
        return 0
    return max(2, len(parts_of(code))) if is_merged(code) else 1


def _nobody(
    dimension: str, rows: Iterable[str], read: Mapping[str, frozenset[str]], answers: Answers
) -> Iterator[Condition]:
    """Yield what nobody has, because there is no row for it."""
    rows = set(rows)
    if dimension in answers.multiple:
        columns = (c for c in answers.multiple[dimension] if c.partition("__")[2] not in rows)
        yield from ((column, frozenset(["yes"])) for column in columns)
        missing = set(SPECIAL_CODES) - rows
    else:
        said = {code for codes in read.values() for code in codes}
        missing = {*answers.codes.get(dimension, ()), *SPECIAL_CODES} - said
    if missing:
        yield dimension, frozenset(missing)
