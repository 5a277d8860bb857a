"""What is asked last of tables of persons: that every number which the rule hides has a witness.

Enters: what is about to be released, what is out, the case it is judged by, and the persons. Leaves: what has
no witness, each with the shown numbers that give it away.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pandas as pd

from platform_utils.protect.attacker import SeenTable
from platform_utils.protect.proof import Case
from platform_utils.protect.witness.answers import packaged_answers, question_of
from platform_utils.protect.witness.numbers import Number, numbers_in
from platform_utils.protect.witness.people import people_of
from platform_utils.protect.witness.search import Search

__all__ = ["Unwitnessed", "without_witness"]

_EVERYBODY = "all"
"""The universe that persons' rows are."""


@dataclass(frozen=True)
class Unwitnessed:
    """A hidden number without a witness for a value.

    Attributes
    ----------
    found : {"none", "limit"}
        Proven impossible, or undecided.
    given_away_by : tuple of int
        Places of shown cells without which there would be one; empty if none is known.
    """

    place: int
    value: int
    found: str
    given_away_by: tuple[int, ...]


def without_witness(
    released: Sequence[SeenTable], case: Case, persons: Mapping[int, pd.DataFrame]
) -> list[Unwitnessed]:
    """Return what has no witness among the hidden numbers about persons, year by year.

    Parameters
    ----------
    persons : mapping of int to DataFrame
        Rows of each year: restricted.
    """
    return [one for year, rows in sorted(persons.items()) for one in _of_year(released, case, year, rows)]


def _of_year(released: Sequence[SeenTable], case: Case, year: int, rows: pd.DataFrame) -> list[Unwitnessed]:
    links, answers = case.demand.linked, packaged_answers(year)
    told = {question_of(str(column)) for column in rows.columns}
    tables = [
        table
        for table in (*released, *case.demand.earlier)
        if table.year == year
        and links.root_of(table.universe)[0] == _EVERYBODY
        and set(table.dimensions) <= told  # who came back is not told of rows two years back
    ]
    numbers = list(numbers_in(tables, answers, links))
    at_place = _places(numbers, case)
    targets = _targets(at_place, case, year)
    if not targets:
        return []
    used = {question_of(column) for number in numbers for column, _ in number.where}
    names = {name for block in answers.blocks(used) for name in block}
    search = Search(people_of(rows, answers, names), numbers, answers)
    place_at = {at: place for place, at in at_place.items()}
    kept = [at for at, _ in enumerate(numbers) if at not in place_at or place_at[at] in case.exempt]
    told, failed = [search.counts], []
    for (place, value), target in targets.items():
        if any(sum(times * seen[at] for at, times in target.items()) == value for seen in told):
            continue  # an earlier witness says it too
        outcome = search.find(target, value)
        if outcome.numbers is not None:
            told.append(outcome.numbers)
        else:
            by = tuple(place_at[at] for at in search.gives_away(target, value, kept))
            failed.append(Unwitnessed(place, value, outcome.found, by))
    return failed


def _places(numbers: Sequence[Number], case: Case) -> dict[int, int]:
    """Return a number that stands at each place that a table prints."""
    named = {(n.table, n.codes): at for at, n in enumerate(numbers) if n.codes or not n.where}
    return {
        place: named[entered.table.name, codes]
        for entered in case.system.tables
        for codes, place in zip(entered.codes, entered.places, strict=True)
        if (entered.table.name, codes) in named
    }


def _targets(at_place: Mapping[int, int], case: Case, year: int) -> dict[tuple[int, int], dict[int, int]]:
    """Return what must stay possible: place and value, and the numbers that add up to it."""
    targets: dict[tuple[int, int], dict[int, int]] = {}
    for place, primary in case.primaries.items():
        target = _expression(place, at_place, case) if case.system.cells[place].year == year else {}
        if target:
            targets |= {(place, value): target for value in sorted(primary.values)}
    return targets


def _expression(place: int, at_place: Mapping[int, int], case: Case) -> dict[int, int]:
    if place in at_place:
        return {at_place[place]: 1}
    for relation in case.system.relations:
        others = [part for part in relation.parts if part != place]
        if place in relation.parts and {relation.whole, *others} <= at_place.keys():
            return {at_place[relation.whole]: 1} | {at_place[part]: -1 for part in others}
    return {}
