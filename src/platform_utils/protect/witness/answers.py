"""Which answers one person can give together: what an invented person must keep to.

Enters: the codebook. Leaves: blocks, which are questions that rules tie together, with every combination of
answers that the rules allow. A multi-select question is a column of its own name, which says ``answered`` or
a special code, and one column per code; whoever answered has at least one yes.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from itertools import product

from platform_utils.spec.codebook import SPECIAL_CODES, Codebook, Derived, Variable, load
from platform_utils.spec.counts import NOT_ASKED
from platform_utils.spec.plan import load_plan

ANSWERED = "answered"
"""What a multi-select question's own column says of whoever answered it."""

Person = dict[str, str]

Condition = tuple[str, frozenset[str]]
"""A column, and the codes that a person may have in it."""

_GROUPS = {"child": "child", "adult": "adult_unspecified"}
"""What a totals-only form says of age."""


@dataclass(frozen=True)
class Rule:
    """What one answer says when others are given.

    Attributes
    ----------
    answer : callable
        From the answers to ``sources``, in order; None where they leave it open.
    """

    name: str
    sources: tuple[str, ...]
    answer: Callable[[tuple[str, ...]], str | None]


BY_TOTALS: Mapping[str, Rule | None] = {
    "adult_or_child": None,
    "age_group": Rule("age_group", ("adult_or_child",), lambda said: _GROUPS.get(said[0], NOT_ASKED)),
}
"""What settles answers of persons in totals-only returns instead."""


@dataclass(frozen=True)
class Kind:
    """Persons who may be invented alike.

    Attributes
    ----------
    weight : int
        Persons that stand and fall together.
    only : mapping of str to str
        The one answer that each of them has to some questions.
    rules : mapping of str to Rule or None
        What settles an answer of theirs instead; None if nothing does.
    states : frozenset of str, optional
        States of the rows that they stand in; every one if not given.
    of_totals : bool
        Whether they stand in totals-only returns, whose form has rules of its own.
    """

    name: str
    weight: int = 1
    only: Mapping[str, str] = field(default_factory=dict)
    rules: Mapping[str, Rule | None] = field(default_factory=dict)
    states: frozenset[str] | None = None
    of_totals: bool = False

    @property
    def is_large(self) -> bool:
        """Whether they are a large case."""
        return self.only.get("mass_case") == "yes"

    def stands_in(self, state: str) -> bool:
        """Say whether tables of a state count them."""
        return self.states is None or state in self.states


@dataclass(frozen=True)
class Answers:
    """The questions, their codes and their rules.

    Attributes
    ----------
    codes : mapping of str to tuple of str
        What may be answered; special codes are given apart, as far as somebody may have them.
    multiple : mapping of str to tuple of str
        Columns of each multi-select question.
    asked_if : mapping of str to Condition
        With what answers to another question this one is asked.
    never : tuple of (Condition, Condition)
        Answers that nobody gives together.
    """

    codes: Mapping[str, tuple[str, ...]]
    multiple: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    rules: tuple[Rule, ...] = ()
    asked_if: Mapping[str, Condition] = field(default_factory=dict)
    never: tuple[tuple[Condition, Condition], ...] = ()

    def allow(self, person: Mapping[str, str]) -> bool:
        """Say whether answers break no rule on what goes together."""
        return not any(all(person.get(c) in codes for c, codes in pair) for pair in self.never)

    def blocks(self, used: Collection[str]) -> list[tuple[str, ...]]:
        """Return the questions in use, with those that they are computed from, tied ones together."""
        names, more = set(used), set(used)
        while more:
            settled = [rule for rule in (*self.rules, *BY_TOTALS.values()) if rule and rule.name in names]
            more = {source for rule in settled for source in rule.sources} - names
            names |= more
        block = {name: {name} for name in sorted(names)}
        for rule in self.rules:
            if rule.name in names:
                tied = set().union(*(block[one] for one in (rule.name, *rule.sources)))
                block.update(dict.fromkeys(tied, tied))
        return sorted({tuple(sorted(tied)) for tied in block.values()})

    def combinations(
        self, block: tuple[str, ...], special: Mapping[str, Collection[str]], kind: Kind
    ) -> Iterator[Person]:
        """Yield every combination of answers to a block's questions that the rules allow.

        Parameters
        ----------
        special : mapping of str to collection of str
            Special codes that somebody of the kind may have, by question.
        """
        only = kind.only
        ruled: dict[str, Rule] = {}
        for rule in self.rules:
            own = kind.rules.get(rule.name, rule)
            if rule.name in block and rule.name not in only and own is not None:
                ruled[rule.name] = own
        free = [name for name in block if name not in ruled]
        given = [(only[n],) if n in only else (*self.codes[n], *special.get(n, ())) for n in free]
        for chosen in product(*given):
            yield from self._completed(dict(zip(free, chosen, strict=True)), ruled, special)

    def _completed(
        self, person: Person, ruled: Mapping[str, Rule], special: Mapping[str, Collection[str]]
    ) -> Iterator[Person]:
        rule = next(
            (r for r in ruled.values() if r.name not in person and {*r.sources} <= person.keys()), None
        )
        if rule is None:
            yield person
            return
        said = rule.answer(tuple(person[source] for source in rule.sources))
        open_to = (*self.codes[rule.name], *special.get(rule.name, ()))
        for answer in open_to if said is None else (said,):
            yield from self._completed({**person, rule.name: answer}, ruled, special)


def question_of(column: str) -> str:
    """Return the question that a column belongs to: ``form`` of ``form__labour``."""
    return column.partition("__")[0]


@cache
def packaged_answers(year: int) -> Answers:
    """Return the questions about persons of a support year, with derived and computed variables."""
    book = load()
    codes: dict[str, tuple[str, ...]] = {}
    multiple: dict[str, tuple[str, ...]] = {}
    questions: tuple[Variable | Derived, ...] = (*book.of_grain("case"), *book.derived)
    for one in questions:
        if isinstance(one, Variable) and one.kind == "multi":
            multiple[one.name] = tuple(book.columns(one))
            codes[one.name] = (ANSWERED,)
        elif isinstance(one, Derived) or one.kind in ("code", "yes_no"):
            codes[one.name] = tuple(code.code for code in book.codes(one))
    computed = load_plan().computed.values()
    codes |= {one.name: tuple(one.codes) for one in computed if one.grain == "case" and not one.split}
    rules = tuple(Rule(d.name, d.sources, _derivation(d, year)) for d in book.derived)
    country = book.variable("origin_country")
    parents = {code.code: code.parent_in(year) for code in book.codes(country)}
    groups = set(codes["origin_group"])
    known = {code: parent for code, parent in parents.items() if parent in groups}
    of_country = Rule("origin_group", ("origin_country",), lambda said: known.get(said[0]))
    return Answers(codes, multiple, (*rules, of_country), _asked_if(book), tuple(_never(book, codes)))


def _asked_if(book: Codebook) -> dict[str, Condition]:
    """Return what opens each question that is not asked of all, a number by what is computed of it."""
    some = {one.of: one.name for one in load_plan().computed.values() if one.of}
    found: dict[str, Condition] = {}
    for variable in book.of_grain("case"):
        for other, answer in (*variable.asked_if.items(), *variable.open_if.items()):
            found[variable.name] = other, frozenset([answer])
        if variable.none_if:
            found[variable.name] = some[variable.none_if], frozenset({"yes", *SPECIAL_CODES})
    return found


def _never(book: Codebook, codes: Mapping[str, tuple[str, ...]]) -> Iterator[tuple[Condition, Condition]]:
    """Yield answers that no accepted row gives together."""
    for variable in book.of_grain("case"):
        for code, denied in variable.never.items():
            for other, said in denied.items():
                yield (variable.name, frozenset([code])), (other, frozenset([said]))
    for one in load_plan().computed.values():
        if one.part_of:
            yield (one.name, frozenset(["yes"])), (one.part_of, frozenset(["no"]))
    for name, code, other, implied in book.implied():
        others = frozenset({*codes[other], *SPECIAL_CODES} - {implied})
        yield (name, frozenset([code])), (other, others)


def _derivation(rule: Derived, year: int) -> Callable[[tuple[str, ...]], str | None]:
    book = load()

    def answer(said: tuple[str, ...]) -> str:
        if rule.by == "pairs":
            for first, second, code in rule.pairs:
                if first in (said[0], "*") and second in (said[1], "*"):
                    return code
            special = set(said) & set(SPECIAL_CODES)
            if set(said) == special and len(special) == 1:
                return said[0]
            return NOT_ASKED if NOT_ASKED in special else "unknown"
        if said[0] in SPECIAL_CODES:
            return said[0]
        if rule.by == "map":
            return rule.mapping[said[0]]
        return book.code(book.variable(rule.sources[0]), said[0]).parent_in(year)

    return answer
