"""What a reader knows of a year, written down for the judge: the codebook's logic, and all that is published.

Enters: safe tables as readers have them, and (for what must stay hidden) the persons behind them. Leaves: a
world as ``attack_judge.py`` reads it. Nothing of ``platform_utils.protect`` is imported: codebook, table plan
and rule file are read again here, so that a mistake in the gate's reading is no mistake of the judge.
"""

from __future__ import annotations

import tomllib
from collections import Counter, defaultdict
from dataclasses import dataclass, field, replace
from functools import cache, cached_property
from itertools import product

import numpy as np
import pandas as pd

from platform_utils.paths import resource
from platform_utils.spec import codebook
from platform_utils.spec.counts import Universe, codes_in
from platform_utils.spec.plan import load_plan

SPECIAL = ("unknown", "blank", "not_asked")
TOTAL = "total"
AGES_OF_TOTALS = {"child": "child", "adult": "adult_unspecified"}
GIVEN_IN_TOTALS = ("role", "sex", "adult_or_child")
CLOSED = {
    "labour_branch": ("form", ("labour",)),
    "children_situation": ("has_children", ("yes", "unknown", "blank")),
}
"""What validation closes, besides what the codebook says: asked only where another question says one of these."""
RULED_OUT = ({"reflection_period_granted": "yes", "reflection_period_applied": "no"},)
"""Answers that no accepted row gives together (E-213)."""
ROWS = ("row_reason",)
"""What rows of files are counted by: they are a population of their own."""
CASES = ("large", "small")
NOW, BEFORE = "now", "before"
"""Editions of a year: the newest, and the one before it."""
MOVED = 4
"""How many more persons may have come, or gone, between editions than have: a reader knows it is a correction."""
PART = "\N{NO-BREAK SPACE}"
"""Joins a multi-select question and a code that is a part of its state."""


@dataclass(frozen=True)
class Person:
    """A row of the clean year as the judge counts it.

    Attributes
    ----------
    kind : {"free", "totals", "large", "small"}
        A case is large from so many persons as the plan says; a small one moves whole too.
    answers : dict of str to str
        A code per question; of a multi-select question ``answered`` or a special code.
    yes : frozenset of str
        Columns answered yes.
    editions : frozenset of str
        Editions of the year that count the person.
    """

    kind: str
    weight: int
    member: str
    answers: dict
    yes: frozenset
    editions: frozenset = frozenset([NOW])


@dataclass(frozen=True)
class Printed:
    """A table as a reader has it, with the parts of a safe table that the judge reads."""

    name: str
    universe: Universe
    dimensions: tuple
    cells: tuple
    counts: tuple
    rule: str
    asked: bool = True

    @classmethod
    def of_content(cls, said):
        """Return the table that a line of the ledger holds."""
        return cls(
            said["name"],
            Universe(**said["universe"]),
            tuple(said["dimensions"]),
            tuple(map(tuple, said["cells"])),
            tuple(said["counts"]),
            said["rule"],
            said["asked"],
        )

    @classmethod
    def naive(cls, table, least):
        """Return a counted table in which small counts alone are hidden."""
        cells = tuple(codes_in(table.data, table.dimensions))
        counts = tuple(None if 1 <= one < least else int(one) for one in table.data["count"])
        return cls(table.name, table.universe, table.dimensions, cells, counts, f"A{least}", table.asked)


@cache
def questions(year):
    """Return the codes of each question that persons are counted by, and the columns of multi-select ones."""
    book = codebook.load()
    codes, multiple = {}, {}
    for one in (*book.of_grain("case"), *book.derived):
        if getattr(one, "kind", "code") == "multi":
            multiple[one.name] = tuple(code.code for code in book.codes(one, year))
            codes[one.name] = ("answered",)
        elif getattr(one, "kind", "code") in ("code", "yes_no"):
            codes[one.name] = tuple(code.code for code in book.codes(one))
    for name in ("has_children", "panel", "panel_next", "mass_case", *ROWS):
        codes[name] = tuple(load_plan().computed[name].codes)
    return codes, multiple


@cache
def follows(year):
    """Return what settles each derived question: its sources and a function of their answers, or None."""
    book, found = codebook.load(), {}
    for rule in book.derived:
        source = book.variable(rule.sources[0])
        if rule.by == "map":
            table = dict(rule.mapping)
        elif rule.by == "parent":
            table = {code.code: code.parent_in(year) for code in book.codes(source)}
        else:
            table = None
        found[rule.name] = rule.sources, table, rule.pairs
    return found


def settled(name, said, year):
    """Return a derived answer, given the answers to its sources."""
    _, table, pairs = follows(year)[name]
    if table is not None:
        return said[0] if said[0] in SPECIAL else table[said[0]]
    for first, second, code in pairs:
        if first in (said[0], "*") and second in (said[1], "*"):
            return code
    if set(said) <= set(SPECIAL) and len(set(said)) == 1:
        return said[0]
    return "not_asked" if "not_asked" in said else "unknown"


@cache
def country_groups(year):
    """Return the group of origin of each country, where it is one that may be answered."""
    book = codebook.load()
    groups = {code.code for code in book.codes(book.variable("origin_group"))}
    parents = {code.code: code.parent_in(year) for code in book.codes(book.variable("origin_country"))}
    return {code: parent for code, parent in parents.items() if parent in groups}


@cache
def implied():
    """Return what a role says of another question: by role, that question and its answer."""
    book = codebook.load()
    said = {code.code: getattr(code, "implies", {}) for code in book.codes(book.variable("role"))}
    return {role: dict(one) for role, one in said.items() if one}


def asked_if(name):
    """Return the question, and its answers, on which a question depends, if it does."""
    if name in CLOSED:
        return CLOSED[name]
    said = getattr(codebook.load().variable(name), "asked_if", {}) if name in _named() else {}
    return next(((main, (answer,)) for main, answer in said.items()), None)


@cache
def _named():
    book = codebook.load()
    return {one.name for one in (*book.variables, *book.derived)}


def sources(name, year):
    """Return the questions that a question is tied to."""
    tied = set(follows(year)[name][0]) if name in follows(year) else set()
    if name == "origin_country":
        tied.add("origin_group")
    if name == "origin_group":
        tied.add("origin_country")
    if (depends := asked_if(name)) is not None:
        tied.add(depends[0])
    tied |= {other for rule in RULED_OUT if name in rule for other in rule if other != name}
    return tied


@dataclass
class World:
    """The published numbers of one year, one population.

    Attributes
    ----------
    tables : list of SafeTable
        Of the newest edition.
    before : list of SafeTable
        Of the edition before it, which counts other persons.
    floors : bool
        Whether a row that our own tables print only where somebody is says so; those of others may be empty.
    """

    year: int
    newest: list = field(default_factory=list)
    before: list = field(default_factory=list)
    floors: bool = True

    @cached_property
    def tables(self):
        """Every table."""
        return [*self.newest, *self.before]

    @cached_property
    def editions(self):
        """The sets of editions that a person may be counted by."""
        if not self.before:
            return [frozenset([NOW])]
        return [frozenset([NOW, BEFORE]), frozenset([NOW]), frozenset([BEFORE])]

    @cached_property
    def used(self):
        """Every question that a table asks, and those tied to it."""
        names = {"role"}
        for table in self.tables:
            names |= {*table.dimensions, *(c.partition("__")[0] for c in self._where(table))}
        names.discard("mass_case")
        more = set(names)
        while more:
            more = {tied for name in names for tied in sources(name, self.year)} - names
            names |= more
        said = {other for one in implied().values() for other in one}
        return names | {other for other in said if names & set(follows(self.year)[other][0])}

    @cached_property
    def parts(self):
        """Multi-select columns that other multi-select answers depend on: a part of the block's state."""
        named = {(c.partition("__")[0], c.partition("__")[2]) for t in self.tables for c in self._where(t)}
        named |= {(CLOSED[n][0], code) for n in CLOSED if n in self.used for code in CLOSED[n][1]}
        return {pair for pair in named if pair[0] in questions(self.year)[1]}

    @cached_property
    def blocks(self):
        """Blocks of tied questions, each with its names in order."""
        block = {name: {name} for name in self.used}
        for name in self.used:
            for other in sources(name, self.year) & self.used:
                tied = block[name] | block[other]
                block.update(dict.fromkeys(tied, tied))
        names = sorted({tuple(sorted(tied)) for tied in block.values()})
        return {"+".join(own): own for own in names}

    @cached_property
    def block_of(self):
        """The block of each question."""
        return {name: block for block, names in self.blocks.items() for name in names}

    @cached_property
    def states(self):
        """By block and kind of person, every combination of answers that the codebook allows."""
        found = {}
        for block, names in self.blocks.items():
            kinds = {"free": list(self._combined(names)), "totals": list(self._of_totals(names))}
            every = list(dict.fromkeys(self._key(block, one) for own in kinds.values() for one in own))
            place = {state: at for at, state in enumerate(every)}
            allowed = {k: sorted({place[self._key(block, s)] for s in own}) for k, own in kinds.items()}
            found[block] = place, {**allowed, **dict.fromkeys(CASES, allowed["free"])}
        return found

    def columns_of(self, block):
        """Return the names that tell a block's states apart: questions, and parts of multi-select ones."""
        names = self.blocks[block]
        return (*names, *(f"{q}{PART}{c}" for q, c in sorted(self.parts) if q in names))

    def _key(self, block, answers):
        return tuple(answers[name] for name in self.columns_of(block))

    def _combined(self, names):
        """Yield the answers that a person with a row of its own may give."""
        codes, _ = questions(self.year)
        parts = [f"{q}{PART}{c}" for q, c in sorted(self.parts) if q in names]
        derived = [name for name in follows(self.year) if name in names]  # in the order of computing
        free = [name for name in names if name not in derived]
        options = [(*codes[name], *SPECIAL) for name in free]
        for chosen in product(*options, *([("yes", "no")] * len(parts))):
            person = dict(zip([*free, *parts], chosen, strict=True))
            if self._is_allowed(person, free):
                for name in derived:
                    said = tuple(person[source] for source in follows(self.year)[name][0])
                    person[name] = settled(name, said, self.year)
                yield person

    def _is_allowed(self, person, free):
        for name in free:
            depends = asked_if(name)
            if depends is None:
                if person[name] == "not_asked":
                    return False
                continue
            main, answers = depends
            parts = [f"{main}{PART}{answer}" for answer in answers]
            holds = any(person[one] == "yes" for one in parts if one in person) or person[main] in answers
            if holds == (person[name] == "not_asked"):
                return False
        for name, said in person.items():
            question = name.partition(PART)[0]
            if name != question and person[question] != "answered" and said == "yes":
                return False
        country = person.get("origin_country")
        if country_groups(self.year).get(country, person.get("origin_group")) != person.get("origin_group"):
            return False
        return not any(all(person.get(n) == c for n, c in rule.items()) for rule in RULED_OUT)

    def _of_totals(self, names):
        """Yield the answers of a person of a totals-only return."""
        codes, _ = questions(self.year)
        given = [n for n in names if n in (*GIVEN_IN_TOTALS, "panel", "panel_next")]
        parts = [f"{q}{PART}{c}" for q, c in sorted(self.parts) if q in names]
        for chosen in product(*((*codes[name], "unknown", "blank") for name in given)):
            person = dict.fromkeys(names, "not_asked") | dict.fromkeys(parts, "no")
            person |= dict(zip(given, chosen, strict=True))
            if "age_group" in names:
                person["age_group"] = AGES_OF_TOTALS.get(person.get("adult_or_child"), "not_asked")
            if "sex_by_age" in names:
                said = (person["sex"], person["adult_or_child"])
                person["sex_by_age"] = settled("sex_by_age", said, self.year)
            yield person

    def _where(self, table):
        """Return the conditions of a table's population."""
        return load_plan().populations[table.universe.name].where

    def _conditions(self, table):
        """Return the population's conditions by question and code, and the kinds that it leaves out."""
        asked, kinds = {}, {"free", "totals", *CASES}
        for column, code in self._where(table).items():
            question, _, part = column.partition("__")
            if column == "mass_case":
                kinds &= {"large"} if code == "yes" else {"free", "totals", "small"}
            elif part:
                asked[f"{question}{PART}{part}"] = {code}
            else:
                asked[question] = {code}
        return asked, kinds

    def _meaning(self, dimension, code):
        """Return the codes that a row stands for."""
        codes = questions(self.year)[0][dimension]
        plus = code.split("+")
        if code in (*codes, *SPECIAL):
            return {code}
        if len(plus) > 1 and all(plus):
            return set().union(*(self._meaning(dimension, one) for one in plus))
        parent, *named = code.split("-")
        variable = codebook.load().variable(dimension)
        under = {c.code for c in codebook.load().codes(variable) if c.parent_in(self.year) == parent}
        return under - set(named)

    def number(self, table, pairs, low, high, more=None):
        """Return a number as the judge reads it."""
        asked, kinds = self._conditions(table)
        column = None
        for dimension, code in pairs:
            if dimension == "mass_case":
                kinds = kinds & ({"large"} if code == "yes" else {"free", "totals", "small"})
                continue
            if dimension in questions(self.year)[1] and code not in SPECIAL:
                part = f"{dimension}{PART}{code}"
                if (dimension, code) in self.parts:
                    asked[part] = asked.get(part, {"yes"}) & {"yes"}
                else:
                    column = f"{dimension}__{code}"
                continue
            codes = self._meaning(dimension, code)
            asked[dimension] = asked.get(dimension, codes) & codes
        for name, codes in (more or {}).items():
            asked[name] = asked.get(name, codes) & codes
        where = {}
        for name, codes in asked.items():
            block = self.block_of[name.partition(PART)[0]]
            at = self.columns_of(block).index(name)
            place, _ = self.states[block]
            own = {p for state, p in place.items() if state[at] in codes}
            where[block] = where.get(block, own) & own
        edition = NOW if any(one is table for one in self.newest) else BEFORE
        said = {"where": where, "column": column, "low": low, "high": high}
        return {**said, "kinds": kinds, "edition": edition}

    @cached_property
    def numbers(self):
        """Every number that is published, hidden ones with their least, each with its table and codes."""
        found = []
        for table in self.tables:
            names = list(table.dimensions)
            present = self._is_present_only(table)
            for codes, count in zip(table.cells, table.counts, strict=True):
                pairs = [(d, c) for d, c in zip(names, codes, strict=True) if c != TOTAL]
                least = 0
                if len(pairs) == 1 and pairs[0][0] not in questions(self.year)[1]:
                    least = int(pairs[0][1] in SPECIAL or present)
                elif len(pairs) == 1:
                    least = int(pairs[0][1] in SPECIAL)
                low, high = (least * self.floors, None) if count is None else (count, count)
                found.append((table, codes, pairs, self.number(table, pairs, low, high)))
            for at, name in enumerate(names):
                rows = {codes[at] for codes in table.cells} - {TOTAL}
                found += [(table, None, (), one) for one in self._nobody(table, name, rows)]
        return found

    def _is_present_only(self, table):
        planned = load_plan().by_key.get(table.name.rpartition("/")[2])
        return planned is not None and planned.present_only and len(table.dimensions) == 1

    def _nobody(self, table, name, rows):
        """Yield what nobody has, because the table has no row for it."""
        codes, multiple = questions(self.year)
        if name == "mass_case":
            return
        if name in multiple:
            for code in multiple[name]:
                if code not in rows:
                    yield self.number(table, [(name, code)], 0, 0)
            missing = set(SPECIAL) - rows
        else:
            missing = {*codes[name], *SPECIAL} - set().union(set(), *(self._meaning(name, r) for r in rows))
        if missing:
            yield self.number(table, [], 0, 0, {name: missing})

    def place(self, person):
        """Return a person's state in each block.

        Raises
        ------
        KeyError
            If the codebook, as it is read here, does not allow the person's answers.
        """
        found = {}
        for block in self.blocks:
            said = []
            for name in self.columns_of(block):
                question, _, part = name.partition(PART)
                yes = "yes" if f"{question}__{part}" in person.yes else "no"
                said.append(yes if part else person.answers[question])
            found[block] = self.states[block][0][tuple(said)]
        return found

    def counted(self, persons):
        """Return who is counted by each number: shape (numbers, persons), in persons of the row."""
        places = pd.DataFrame([self.place(person) for person in persons], columns=list(self.blocks))
        at = {block: places[block].to_numpy(dtype=int) for block in self.blocks}
        kind = np.array([person.kind for person in persons], dtype=object)
        ticked = {c for *_, one in self.numbers for c in (one["column"],) if c is not None}
        yes = {c: np.array([c in person.yes for person in persons], dtype=bool) for c in ticked}
        found = np.zeros((len(self.numbers), len(persons)), dtype=bool)
        counted_by = {e: np.array([e in p.editions for p in persons], dtype=bool) for e in (NOW, BEFORE)}
        for n, (*_, one) in enumerate(self.numbers):
            found[n] = np.isin(kind, sorted(one["kinds"])) & counted_by[one["edition"]]
            if one["column"] is not None:
                found[n] &= yes[one["column"]]
            for block, states in one["where"].items():
                told = np.zeros(len(self.states[block][0]), dtype=bool)
                told[sorted(states)] = True
                found[n] &= told[at[block]]
        return found * np.array([person.weight for person in persons], dtype=int)

    def counts(self, persons):
        """Count every number among persons."""
        return self.counted(persons).sum(axis=1).tolist()

    def for_judge(self, name, targets, persons, own=None):
        """Return the world as the judge reads it.

        Parameters
        ----------
        persons : list of Person
            All of them: a reader knows how large the large cases are, and nothing else of this.
        own : list of int, optional
            What a reader's own rows add to each number; those rows are not in ``persons`` then.
        """
        own = own or [0] * len(self.numbers)
        kinds, groups, by_kind = self._kinds(persons)
        numbers = [
            {
                "where": {block: sorted(states) for block, states in one["where"].items()},
                "column": one["column"],
                "low": max(0, one["low"] - known),
                "high": None if one["high"] is None else one["high"] - known,
                "kinds": sorted(
                    name
                    for (kind, editions), names in by_kind.items()
                    if kind in one["kinds"] and one["edition"] in editions
                    for name in names
                ),
            }
            for (*_, one), known in zip(self.numbers, own, strict=True)
        ]
        self._bar_large_cases(numbers, by_kind, kinds, persons)
        columns, floors = self._multiple(persons)
        said = {"name": name, "kinds": kinds, "groups": groups, "numbers": numbers}
        return {**said, "columns": columns, "floors": floors, "targets": targets}

    def _bar_large_cases(self, numbers, by_kind, kinds, persons):
        """Say of which shown numbers a large case is no part: the rule asks for others beside one member's."""
        weight = {kind["name"]: kind["weight"] for kind in kinds}
        large = {name for (kind, _), names in by_kind.items() if kind in CASES for name in names}
        cases = [person for person in persons if person.kind in CASES]
        inside = self.counted(cases).max(axis=1) if cases else [0] * len(numbers)
        for (table, codes, pairs, one), number, most in zip(self.numbers, numbers, inside, strict=True):
            if codes is None or not one["high"] or class_of(table) != "B" or is_open(table, pairs):
                continue
            # where one is a part nevertheless, somebody has decided to show it: the rule says nothing
            if not most or one["high"] - most >= _least_left():
                number["barred"] = sorted(n for n in large if one["high"] - weight[n] < _least_left())

    def _kinds(self, persons):
        """Return the kinds of persons, role by role; how many there are of some; and their names."""
        roles = defaultdict(set)
        says = {role: self._said_of(role, persons) for role in implied()}
        for (role,), at in self.states["role"][0].items():
            told = tuple(at in one["where"].get("role", {at}) for *_, one in self.numbers)
            roles[role if says.get(role) else "", told].add(at)
        kinds, groups, by_kind = [], [], defaultdict(list)
        large = Counter((one.kind, one.weight, one.editions) for one in persons if one.kind in CASES)
        bases = [(kind, 1, editions) for kind in ("free", "totals") for editions in self.editions]
        bases += sorted(large, key=lambda one: (*one[:2], sorted(one[2])))
        for kind, weight, editions in bases:
            mine = []
            for n, ((role, _), chosen) in enumerate(sorted(roles.items())):
                states = {block: allowed[kind] for block, (_, allowed) in self.states.items()}
                for block, own in says.get(role, {}).items():
                    states[block] = sorted(own & set(states[block]))
                states["role"] = sorted(chosen & set(states["role"]))
                if states["role"]:
                    mine.append(f"{kind} of {weight} in {' '.join(sorted(editions))}, role {n}")
                    kinds.append({"name": mine[-1], "weight": weight, "states": states})
            by_kind[kind, editions] += mine
            if kind in CASES:
                groups.append((mine, *[large[kind, weight, editions]] * 2))
        for editions in self.editions[1:]:
            names = [*by_kind["free", editions], *by_kind["totals", editions]]
            moved = sum(one.editions == editions and one.kind not in CASES for one in persons)
            groups.append((names, 0, moved + MOVED))
        return kinds, groups, by_kind

    def _said_of(self, role, persons):
        """Return the states that a role leaves open, by block; nothing where somebody's answers break the rule."""
        found = {}
        for other, code in implied()[role].items():
            mine = {person.answers[other] for person in persons if person.answers["role"] == role}
            if other in self.used and mine <= {code}:
                block = self.block_of[other]
                at = self.columns_of(block).index(other)
                found[block] = {p for state, p in self.states[block][0].items() if state[at] == code}
        return found

    def _multiple(self, persons):
        """Return the columns that are counted beside a block, and the floors of those who answered.

        No floor where somebody answered without a tick: then readers cannot take it that nobody does.
        """
        columns, floors = {}, {}
        for question, codes in questions(self.year)[1].items():
            if question not in self.used:
                continue
            block = self.block_of[question]
            names, (place, _) = self.columns_of(block), self.states[block]
            at = names.index(question)
            answered = [p for state, p in place.items() if state[at] == "answered"]
            parts = [names.index(f"{q}{PART}{c}") for q, c in sorted(self.parts) if q == question]
            mine = [f"{question}__{code}" for code in codes if (question, code) not in self.parts]
            columns |= {c: {"question": question, "block": block, "among": answered} for c in mine}
            without = [
                p for s, p in place.items() if s[at] == "answered" and all(s[n] == "no" for n in parts)
            ]
            own = {f"{question}__{code}" for code in codes}
            silent = any(p.answers[question] == "answered" and not own & p.yes for p in persons)
            floors[question] = [] if silent else [{"among": without, "columns": mine}]
        return columns, floors


def is_about_rows(table):
    """Say whether a table counts rows of files."""
    return table.universe.unit == "rows" and set(table.dimensions) <= set(ROWS) and table.asked


def rows_in(table):
    """Return the rows that a counted table of rows counts, one by one, as the judge counts persons."""
    counts = zip(codes_in(table.data, table.dimensions), table.data["count"].tolist(), strict=True)
    return [
        Person("free", 1, "", {"role": "direct", ROWS[0]: code}, frozenset())
        for (code,), count in counts
        if code != TOTAL
        for _ in range(int(count))
    ]


def is_about_persons(table):
    """Say whether a table counts persons one by one, by what a person's row says."""
    population = load_plan().populations.get(table.universe.name)
    return (
        table.universe.unit == "persons"
        and population is not None
        and population.grain == "case"
        and table.asked
        and set(table.dimensions) <= questions(table.universe.year)[0].keys()
    )


def persons_in(rows, year):
    """Return the persons of clean rows (`count.persons_of`), those of totals-only returns one by one."""
    codes, multiple = questions(year)
    found = []
    for row in rows.astype("object").to_dict("records"):
        answers, yes = {}, set()
        for name in codes:
            if name in multiple:
                said = {c: str(row.get(f"{name}__{c}", "not_asked")) for c in multiple[name]}
                yes |= {f"{name}__{c}" for c, one in said.items() if one == "yes"}
                special = [one for one in ("not_asked", "blank", "unknown") if one in said.values()]
                answered = any(one == "yes" for one in said.values())
                answers[name] = "answered" if answered or not special else special[0]
            else:
                answers[name] = str(row.get(name, "not_asked"))
        count = int(row["person_count"])
        kind = "large" if count >= load_plan().large_from else "small" if count > 1 else "free"
        kind = "totals" if row["is_total"] else kind
        person = Person(
            kind, 1 if kind == "totals" else count, str(row["member_id"]), answers, frozenset(yes)
        )
        found += [person] * (count if kind == "totals" else 1)
    return found


def persons_in_both(now, before):
    """Return the persons of two editions: who says the same in both is one person."""
    found, left = [], defaultdict(list)

    def key(person):
        return person.kind, person.weight, person.member, tuple(sorted(person.answers.items())), person.yes

    for person in before:
        left[key(person)].append(person)
    for person in now:
        same = left[key(person)]
        found.append(replace(person, editions=frozenset([NOW, BEFORE] if same else [NOW])))
        if same:
            same.pop()
    gone = frozenset([BEFORE])
    return [*found, *(replace(person, editions=gone) for rest in left.values() for person in rest)]


@cache
def _rule():
    return tomllib.loads(resource("disclosure.toml").read_text(encoding="utf-8"))


@cache
def _strict():
    """Return the breakdowns that make a table class B, with what is derived from them."""
    found = set(_rule()["class_b_dimensions"]["names"])
    for derived in codebook.load().derived:
        if found & set(derived.sources):
            found.add(derived.name)
    return found


def breakdowns(table, names):
    """Return the breakdowns of a table: some dimensions, and the conditions of its population."""
    where = load_plan().populations[table.universe.name].where
    return set(names) | ({c.partition("__")[0] for c in where} - set(_rule()["no_condition"]["names"]))


def class_of(table):
    """Return the class of a table."""
    asked = breakdowns(table, table.dimensions)
    strict = len(asked) > _rule()["A"]["maximum_dimensions"] or asked & _strict()
    return "B" if strict or table.rule.startswith("B") else "A"


def targets_of(world, persons, counts):
    """Return what must stay hidden, and the numbers that are printed although the rule hides them.

    Returns
    -------
    targets : list of dict
        ``terms`` and ``values`` for the judge; ``every`` where each value must stay possible, else one must
        that is not the true one; ``truth`` and ``told`` (table and codes) for us.
    printed : list of str
    """
    targets, printed = [], []
    contributors = _contributors(world, persons)
    at_group, first_of = {}, {}
    # with no large case in the year, those outside them are everybody: how large these are is printed
    same = "" if any(person.kind in CASES for person in persons) else "_without_mass"
    for n, (table, codes, pairs, one) in enumerate(world.numbers):
        if codes is not None:
            at_group.setdefault((one["edition"], table.universe.name, frozenset(pairs)), n)
            first_of.setdefault((one["edition"], table.universe.name.removesuffix(same), frozenset(pairs)), n)
    for n, (table, codes, pairs, one) in enumerate(world.numbers):
        if codes is None or any(c in _rule()["identifies_nobody"].get(d, ()) for d, c in pairs):
            continue
        limits, count, told = _rule()[class_of(table)], counts[n], f"{table.name} {' '.join(codes)}"
        free = is_open(table, pairs)
        few = 0 < len(contributors[n]) < _rule()["B"]["min_contributors"]
        if free and few:
            limits = _rule()["B"]
        of = one["edition"], table.universe.name.removesuffix(same), frozenset(pairs)
        first = world.numbers[first_of[of]]
        if first[3]["high"] is not None and class_of(first[0]) == "A" and set_of(first[0]) < set_of(table):
            limits = _rule()["A"]  # it stood in a release before, as class A allows
        values = []
        if not free or few:
            if 1 <= count < limits["min_released"]:
                values = list(range(1, limits["min_released"]))
                targets.append(_target([(n, 1)], values, count, told))
            elif limits is _rule()["B"] and count and (few or _left(contributors[n]) < _least_left()):
                values = [count - 1, count + 1]
                targets.append(_target([(n, 1)], values, count, told, every=False))
        if values and one["high"] is not None:
            printed.append(told)
        for whole in _wholes(world, at_group, table, pairs, one["edition"]):
            rest = counts[whole] - count
            if 1 <= rest < limits["min_released"] and not free:
                values = list(range(1, limits["min_released"]))
                targets.append(_target([(whole, 1), (n, -1)], values, rest, f"not {told}"))
    return targets, printed


def set_of(table):
    """Return which set a table went out with: 0 for the release, then the requests in their order."""
    first, *rest = table.name.split("-")
    return int(rest[0]) + 1 if first == "request" else 0


def is_open(table, pairs):
    """Say whether a cell is not hidden for its own sake: not knowing, in one question over a whole population."""
    special = any(code in _rule()["never_primary"]["codes"] for _, code in pairs)
    return special and len(breakdowns(table, [d for d, _ in pairs])) == 1


def _least_left():
    return _rule()["B"]["min_without_largest"]


def _left(behind):
    """Return what is left of a count without its largest member."""
    return sum(behind.values()) - max(behind.values(), default=0)


def _target(terms, values, truth, told, *, every=True):
    return {"terms": terms, "values": values, "truth": truth, "told": told, "every": every}


def _wholes(world, at_group, table, pairs, edition):
    """Yield the numbers that a cell is one part of, where what is left of them is guarded too."""
    multiple = questions(world.year)[1]
    for dimension, code in pairs:
        if dimension in multiple and code not in SPECIAL:
            rest = frozenset(pair for pair in pairs if pair != (dimension, code))
            if (found := at_group.get((edition, table.universe.name, rest))) is not None:
                yield found
    plan = load_plan().populations
    own = set(plan[table.universe.name].where.items())
    for (of_edition, universe, other), n in at_group.items():
        wider = set(plan[universe].where.items())
        if of_edition == edition and other == frozenset(pairs) and wider < own and len(own - wider) == 1:
            yield n


def _contributors(world, persons):
    """Return how many persons each member has in each number."""
    counted = world.counted(persons)
    by_member = defaultdict(list)
    for at, person in enumerate(persons):
        by_member[person.member].append(at)
    sums = {member: counted[:, at].sum(axis=1).tolist() for member, at in by_member.items()}
    return [{m: own[n] for m, own in sums.items() if own[n]} for n in range(len(world.numbers))]


def targets_of_member(world, persons, member, counts):
    """Return what a reader inside a member must not work out of others' rows, and its own rows' counts."""
    own = world.counts([person for person in persons if person.member == member])
    targets = []
    for n, (table, codes, pairs, one) in enumerate(world.numbers):
        if codes is None or class_of(table) != "B" or one["high"] is not None or is_open(table, pairs):
            continue
        left = counts[n] - own[n]
        if own[n] and 1 <= left < _least_left():
            values = list(range(1, _least_left()))
            targets.append(_target([(n, 1)], values, left, f"{table.name} {' '.join(codes)} for {member}"))
    return targets, own
