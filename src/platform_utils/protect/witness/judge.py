"""What is asked last of tables: that every number which the rule hides has a witness.

Enters: what is about to be released and the case it is judged by, with the rows behind its tables. Leaves:
what has no witness, each with the shown numbers that give it away; and the tables that rows could not be held
against, which somebody else must judge.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from platform_utils.errors import DisclosureError
from platform_utils.protect.attacker import SeenTable
from platform_utils.protect.cells import Cell, universe_key
from platform_utils.protect.links import Links
from platform_utils.protect.model import REST
from platform_utils.protect.proof import Case
from platform_utils.protect.witness.answers import Answers, packaged_answers, question_of
from platform_utils.protect.witness.numbers import Condition, Number, codes_of, conditions_of, numbers_in
from platform_utils.protect.witness.people import NOW, People, people_in, people_of
from platform_utils.protect.witness.search import Expression, Search
from platform_utils.spec.codebook import SPECIAL_CODES
from platform_utils.spec.counts import TOTAL
from platform_utils.spec.layout import parts_of, without
from platform_utils.spec.plan import load_plan

__all__ = ["Unwitnessed", "Verdict", "judge", "refuse_unwitnessed"]

_THERE, _MORE = " there", 20
"""Says of somebody invented whether there is such a one, and how many more than today there may be."""

Wanted = tuple[int, int, str]
"""A place, a value that must stay possible there, and the member that a reader belongs to, or ``""``."""


@dataclass(frozen=True)
class Unwitnessed:
    """A hidden number without a witness for a value.

    Attributes
    ----------
    given_away_by : tuple of int
        Places of shown cells without which there would be one; empty if none is known.
    told_by : tuple of str
        Tables that are out already and without which there would be one.
    """

    place: int
    value: int
    given_away_by: tuple[int, ...]
    told_by: tuple[str, ...]


@dataclass
class Verdict:
    """What the search for witnesses came to.

    Attributes
    ----------
    left_over : list of str
        Tables that the rows at hand do not say, that no rows are at hand for, or of which a value has neither
        a witness nor a proof that there is none.
    """

    failed: list[Unwitnessed] = field(default_factory=list)
    left_over: list[str] = field(default_factory=list)


def judge(released: Sequence[SeenTable], case: Case, fixed: Collection[int] = ()) -> Verdict:
    """Seek a population for every value that must stay possible, one year's people after the other.

    Parameters
    ----------
    fixed : collection of int
        Places that cannot be hidden.
    """
    if not case.demand.rows:
        return Verdict(left_over=[table.name for table in released])
    verdict = Verdict()
    wanted: dict[tuple[str, int], list[Wanted]] = {}
    for place, value, member in _wanted(case):
        cell = case.system.cells[place]
        if any(code in SPECIAL_CODES for _, code in cell.codes):
            # An invented population has as many totals-only persons as there are: of these it tells too much.
            verdict.left_over += case.system.names_at([place])
        else:
            wanted.setdefault((cell.universe, cell.year), []).append((place, value, member))
    for (root, year), mine in sorted(wanted.items()):
        known = _known(root, year, released, case)
        verdict.failed += _without_witness(known, mine, case, fixed)
        verdict.left_over += known.left_over
    return verdict


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
        yield from ((place, value, "") for value in sorted(primary.values))
        for member in sorted(primary.by_member):
            yield from ((place, value, member) for value in sorted(primary.by_member[member]))


@dataclass
class _Known:
    """A population of one year, and all that is known of it."""

    people: People
    answers: Answers
    numbers: list[Number]
    left_over: list[str]


def _known(root: str, year: int, released: Sequence[SeenTable], case: Case) -> _Known:
    links, states = case.demand.linked, case.demand.rows.get((root, year), {})
    mine = [t for t in (*released, *case.demand.earlier) if t.year == year and _root(t, links) == root]
    answers = packaged_answers(year) if states else _answers_in_counts(mine, year, links)
    told = {state: {question_of(str(column)) for column in rows} for state, rows in states.items()}
    told = told or {NOW: set(answers.codes)}
    ledger = case.demand.ledger
    editions = {entry.name: str(entry.edition) for entry in ledger.entries} if ledger else {}
    numbers: list[Number] = []
    left_over = []
    for table in mine:
        own = editions.get(table.name, NOW)
        state = own if own in told else NOW
        if set(table.dimensions) <= told[state] and set(table.dimensions) <= answers.codes.keys():
            numbers += numbers_in(table, answers, links, state)
        else:
            left_over.append(table.name)
    for group, seen, source in case.elsewhere:
        where = conditions_of(Cell(root, year, tuple(sorted(group[2]))), answers, links)
        if group[:2] == (root, year) and {question_of(d) for d, _ in where} <= told[NOW]:
            shown = seen.low if seen.is_exact else None
            numbers.append(Number(where, shown, seen.low, source, (), seen.high, NOW))
    if states:
        used = {question_of(column) for number in numbers for column, _ in number.where}
        names = {name for block in answers.blocks(used) for name in block}
        people = people_of(states, answers, names)
    else:
        people = _people_in_counts(root, year, answers, case)
        numbers = [replace(number, where=(*number.where, *_there(answers))) for number in numbers]
    return _that_hold(_Known(people, answers, numbers, left_over))


def _that_hold(known: _Known) -> _Known:
    """Leave out tables that the people do not say, and floors of rows that stand for another reason."""
    counts = Search(known.people, known.numbers, known.answers).counts.tolist()
    wrong = {
        number.table
        for number, count in zip(known.numbers, counts, strict=True)
        if number.shown not in (None, count) or (number.most is not None and count > number.most)
    }
    numbers = [
        replace(number, least=min(number.least, count))
        for number, count in zip(known.numbers, counts, strict=True)
        if number.table not in wrong
    ]
    return replace(known, numbers=numbers, left_over=[*known.left_over, *sorted(wrong)])


def _there(answers: Answers) -> tuple[Condition, ...]:
    """Return what whoever is counted must be, where it is not known how many there are."""
    return ((_THERE, frozenset(["yes"])),) if _THERE in answers.codes else ()


def _root(table: SeenTable, links: Links) -> str:
    return links.root_of(table.universe.partition("@")[0])[0]


def _answers_in_counts(tables: Sequence[SeenTable], year: int, links: Links) -> Answers:
    """Return the one question of a population of which no rows are at hand."""
    dimensions = {table.dimensions for table in tables if table.dimensions}
    plan = load_plan()
    codes: dict[str, dict[str, None]] = {}
    for table in tables:
        if len(dimensions) == 1 and len(table.dimensions) == 1 and not table.multiple:
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
    rows: list[dict[str, str]] = []
    for entered in (*case.system.tables, *case.system.behind):
        table = entered.table
        if table.universe.year != year or len(table.dimensions) != 1 or rows:
            continue
        own_root, marks = case.system.links.root_of(universe_key(table.universe))
        if own_root == root and {*table.dimensions} <= answers.codes.keys():
            (dimension,) = table.dimensions
            for (code,), place in zip(entered.codes, entered.places, strict=True):
                stands_for = sorted(codes_of(dimension, [code], answers, case.demand.linked)[code])
                if code != TOTAL:
                    rows += [{**dict(marks), dimension: stands_for[0], _THERE: "yes"}] * case.system.values[
                        place
                    ]
    rows += [row | {_THERE: "no"} for row in rows[:1]] * _MORE
    return people_in(rows, answers.codes)


def _without_witness(
    known: _Known, wanted: Sequence[Wanted], case: Case, fixed: Collection[int]
) -> list[Unwitnessed]:
    if not known.numbers:
        return []
    numbers = list(known.numbers)
    at_where = {number.where: at for at, number in enumerate(numbers) if number.state == NOW}
    targets: dict[int, Expression] = {}
    for place, _, _ in wanted:
        if place not in targets:
            targets[place] = _expression(place, case, known, numbers, at_where)
    at_place = {(n.table, n.codes): at for at, n in enumerate(numbers) if n.state == NOW and n.codes}
    place_at = {
        at_place[entered.table.name, codes]: place
        for entered in case.system.tables
        for codes, place in zip(entered.codes, entered.places, strict=True)
        if (entered.table.name, codes) in at_place
    }
    kept = [at for at, _ in enumerate(numbers) if place_at.get(at, -1) in {-1, *fixed}]
    public = _before(case, numbers, place_at)
    earlier = {table.name for table in case.demand.earlier}
    ours = [at for at, number in enumerate(numbers) if number.table not in earlier]
    failed = []
    searches: dict[str, tuple[Search, Search, list]] = {}
    for place, value, member in wanted:
        target = targets[place]
        if not target:
            continue
        if member not in searches:
            people = known.people.known_to(member) if member else known.people
            search = Search(people, numbers, known.answers)
            searches[member] = (search, Search(people, public, known.answers), [search.counts])
        search, before, seen = searches[member]
        if any(sum(times * counts[at] for at, times in target.items()) == value for counts in seen):
            continue  # an earlier witness says it too
        outcome = search.find(target, value)
        if outcome.numbers is not None:
            seen.append(outcome.numbers)
        elif outcome.found == "limit":
            known.left_over += case.system.names_at([place])
        elif before.find(target, value).found != "none":
            by = search.gives_away(target, value, kept)
            told = {numbers[at].table for at in search.gives_away(target, value, ours)} if earlier else set()
            given = tuple(dict.fromkeys(place_at[at] for at in by))
            failed.append(Unwitnessed(place, value, given, tuple(sorted(told))))
    return failed


def _before(case: Case, numbers: Sequence[Number], place_at: Mapping[int, int]) -> list[Number]:
    """Return the numbers as they are known before this release: what is public, and earlier releases."""
    ours = {table.name for table in case.demand.tables}
    return [
        n
        if n.table not in ours or place_at.get(at) in case.exempt
        else replace(n, shown=None, least=0, most=None)
        for at, n in enumerate(numbers)
    ]


def _expression(
    place: int, case: Case, known: _Known, numbers: list[Number], at_where: dict[tuple, int]
) -> Expression:
    """Return a cell as numbers, the rest of a whole as whole less parts; nothing where no row tells."""
    system = case.system

    def at(one: int) -> int | None:
        where = (*conditions_of(system.cells[one], known.answers, case.demand.linked), *_there(known.answers))
        asked = {question_of(column) for column, _ in where}
        if not asked <= {question_of(str(column)) for column in known.people.rows}:
            return None
        if where not in at_where:
            at_where[where] = len(numbers)
            numbers.append(Number(where, None, state=NOW))
        return at_where[where]

    def is_rest(one: int) -> bool:
        return any(d == REST for d, _ in system.cells[one].codes)

    if not is_rest(place):
        own = at(place)
        return {} if own is None else {own: 1}
    for relation in system.relations:
        others = [part for part in relation.parts if part != place]
        if place in relation.parts and not any(map(is_rest, (relation.whole, *others))):
            whole, *parts = (at(one) for one in (relation.whole, *others))
            if whole is not None and None not in parts:
                return {whole: 1, **{part: -1 for part in parts if part is not None}}
    return {}
