"""What is known of one population of a year: its persons, and every number that anybody has printed of them.

Enters: what is about to be released and the case it is judged by, with the rows behind its tables. Leaves:
people, numbers, and each cell as a sum of numbers. Of a population without rows only its tables are known.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace

from platform_utils.errors import DisclosureError
from platform_utils.protect.attacker import SeenTable
from platform_utils.protect.cells import Cell, universe_key
from platform_utils.protect.links import Links
from platform_utils.protect.model import is_rest
from platform_utils.protect.proof import Case
from platform_utils.protect.witness.answers import Answers, Condition, packaged_answers, question_of
from platform_utils.protect.witness.numbers import Number, codes_of, conditions_of, numbers_in
from platform_utils.protect.witness.people import NOW, People, people_in, people_of
from platform_utils.protect.witness.search import Expression, Search
from platform_utils.spec.codebook import SPECIAL_CODES
from platform_utils.spec.counts import TOTAL
from platform_utils.spec.layout import parts_of, without
from platform_utils.spec.plan import load_plan

_THERE, _MORE = " there", 20
"""Says of somebody invented whether there is such a one, and how many more than today there may be."""


@dataclass
class Known:
    """A population of one year, and all that is known of it."""

    root: str
    year: int
    people: People
    answers: Answers
    numbers: list[Number]


def known_of(
    root: str, year: int, released: Sequence[SeenTable], case: Case, *, is_open: bool = False
) -> Known:
    """Return what is known of a population of a year.

    Parameters
    ----------
    is_open : bool
        Let there be more persons, or fewer, than there are, as far as no number says how many.

    Raises
    ------
    DisclosureError
        E-435, E-447 if the rows at hand do not say what a table does: nobody could tell what it gives away.
    """
    links, states = case.demand.linked, case.demand.rows.get((root, year), {})
    mine = [t for t in (*released, *case.demand.earlier) if t.year == year and _root(t, links) == root]
    answers = packaged_answers(year) if states else _answers_in_counts(mine, year, links)
    told = {state: {question_of(str(column)) for column in rows} for state, rows in states.items()}
    told = told or {NOW: set(answers.codes)}
    ledger = case.demand.ledger
    entries = ledger.entries if ledger else ()
    editions = {entry.name: str(entry.edition) for entry in entries if entry.population[1] == year}
    numbers: list[Number] = []
    left_over = []
    for table in mine:
        own = editions.get(table.name, NOW)
        if "@" in table.universe and own not in told:
            continue  # an older edition, of which the rows are not at hand, counted other persons
        state = own if own in told else NOW
        if set(table.dimensions) <= told[state] and set(table.dimensions) <= answers.codes.keys():
            numbers += numbers_in(table, answers, links, state)
        else:
            left_over.append(table.name)
    for group, seen, source in case.elsewhere:
        where = conditions_of(Cell(root, year, tuple(sorted(group[2]))), answers, links)
        if group[:2] == (root, year) and {question_of(d) for d, _ in where} <= told[NOW]:
            shown = seen.low if seen.is_exact else None
            numbers.append(Number(where, shown, seen.low, source, None, seen.high, NOW))
    if states:
        used = {question_of(column) for number in numbers for column, _ in number.where}
        names = {name for block in answers.blocks(used) for name in block}
        people = people_of(states, answers, names)
        if len(states) == 1 and (is_open or _hides_how_many(root, year, case)):
            answers = replace(answers, codes={**answers.codes, _THERE: ("yes", "no")})
            people = people.joined_by(_MORE, _THERE)
    else:
        people = _people_in_counts(root, year, answers, case)
    numbers = [replace(number, where=(*number.where, *_there(answers))) for number in numbers]
    known, wrong = _that_hold(Known(root, year, people, answers, numbers))
    unsaid = [*left_over, *sorted(wrong & {table.name for table in mine})]
    if unsaid:
        _refuse_unsaid(unsaid, case)
    return known


def _hides_how_many(root: str, year: int, case: Case) -> bool:
    """Say whether the rule hides how many persons there are: then there may be more of them, or fewer."""
    cells = (case.system.cells[place] for place in case.primaries)
    return any((cell.universe, cell.year, cell.codes) == (root, year, ()) for cell in cells)


def _refuse_unsaid(names: Collection[str], case: Case) -> None:
    """Refuse tables that the rows at hand do not say: nobody could tell what they give away."""
    earlier = sorted({table.name for table in case.demand.earlier} & {*names})
    ours = ", ".join(sorted({*names} - {*earlier}) or sorted(table.name for table in case.demand.tables))
    if earlier:
        raise DisclosureError("E-435", earlier=", ".join(earlier), table=ours)
    raise DisclosureError("E-447", tables=ours)


def _that_hold(known: Known) -> tuple[Known, set[str]]:
    """Leave out tables that the people do not say, and name them, and floors of another reason."""
    counts = Search(known.people, known.numbers, known.answers).counts.tolist()
    pairs = list(zip(known.numbers, counts, strict=True))
    wrong = {
        n.table
        for n, count in pairs
        if n.shown not in (None, count) or (n.most is not None and count > n.most)
    }
    kept = [replace(n, least=min(n.least, count)) for n, count in pairs if n.table not in wrong]
    return replace(known, numbers=kept), wrong


def _there(answers: Answers) -> tuple[Condition, ...]:
    """Return what whoever is counted must be, where it is not known how many there are."""
    return ((_THERE, frozenset(["yes"])),) if _THERE in answers.codes else ()


def _root(table: SeenTable, links: Links) -> str:
    return links.root_of(table.universe.partition("@")[0])[0]


def _answers_in_counts(tables: Sequence[SeenTable], year: int, links: Links) -> Answers:
    """Return the questions of a population of which no rows are at hand, if no table crosses two of them."""
    is_plain = all(len(table.dimensions) <= 1 and not table.multiple for table in tables)
    plan = load_plan()
    codes: dict[str, dict[str, None]] = {}
    for table in tables:
        if is_plain and table.dimensions:
            (dimension,) = table.dimensions
            own = codes.setdefault(dimension, {})
            planned = plan.by_key.get(table.name.rpartition("/")[2])
            own |= dict.fromkeys(plan.codes(dimension, planned.measure.grain, year) if planned else ())
            own |= dict.fromkeys(
                code
                for (row,) in table.cells
                if row not in (TOTAL, *SPECIAL_CODES)
                for code in parts_of(row) or (() if without(row)[1] else (row,))
            )
    marks = {d: {c: None} for t in tables for d, c in links.root_of(t.universe)[1] if codes}
    there = {_THERE: {"yes": None, "no": None}} if codes else {}
    return Answers({name: tuple(own) for name, own in (codes | marks | there).items()})


def _people_in_counts(root: str, year: int, answers: Answers, case: Case) -> People:
    """Return people who answer each question as its table says; nobody knows which answers go together."""
    said: dict[str, list[str]] = {}
    whose: tuple[tuple[str, str], ...] = ()
    for entered in (*case.system.tables, *case.system.behind):
        table = entered.table
        if table.universe.year != year or len(table.dimensions) != 1:
            continue
        own_root, marks = case.system.links.root_of(universe_key(table.universe))
        (dimension,) = table.dimensions
        if own_root != root or dimension not in answers.codes or dimension in said:
            continue
        codes = [
            min(codes_of(dimension, [code], answers, case.demand.linked)[code])
            for (code,), place in zip(entered.codes, entered.places, strict=True)
            if code != TOTAL
            for _ in range(case.system.values[place])
        ]
        if not said or (tuple(sorted(marks)) == whose and len(codes) == len(next(iter(said.values())))):
            said[dimension], whose = codes, tuple(sorted(marks))
    answered = zip(*said.values(), strict=True)
    rows = [dict(whose) | dict(zip(said, each, strict=True)) | {_THERE: "yes"} for each in answered]
    rows += [row | {_THERE: "no"} for row in rows[:1]] * _MORE
    return people_in(rows, answers.codes)


def expression_of(
    place: int, case: Case, known: Known, numbers: list[Number], at_where: dict[tuple, int]
) -> Expression:
    """Return a cell as numbers, the rest of a whole as whole less parts; nothing where no row tells."""
    system = case.system
    if not is_rest(system.cells[place]):
        where = (
            *conditions_of(system.cells[place], known.answers, case.demand.linked),
            *_there(known.answers),
        )
        asked = {question_of(column) for column, _ in where}
        if not asked <= {question_of(str(column)) for column in known.people.rows}:
            return {}
        if where not in at_where:
            at_where[where] = len(numbers)
            numbers.append(Number(where, None, state=NOW))
        return {at_where[where]: 1}
    for relation in system.relations_of[place]:
        others = [part for part in relation.parts if part != place]
        # who is left of a whole is named after it, and after what it is left of
        if all(one < place or not is_rest(system.cells[one]) for one in others):
            expression: dict[int, int] = {}
            for one, sign in [(relation.whole, 1), *((other, -1) for other in others)]:
                part = expression_of(one, case, known, numbers, at_where)
                if not part:
                    break
                for at, times in part.items():
                    expression[at] = expression.get(at, 0) + sign * times
            else:
                return {at: times for at, times in expression.items() if times}
    return {}
