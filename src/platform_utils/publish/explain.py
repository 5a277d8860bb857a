"""Why a number changed: its change from one state to another, taken apart into causes that add up to it.

Enters: safe tables of both states, and ``resources/explain.toml``, which says what each cause is made of.
Leaves: the causes with their numbers, in its order. Nothing is computed but sums of released numbers: a cause
whose numbers are hidden is told together with the last one, which takes what the others leave.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import pairwise

from platform_utils.messages import say
from platform_utils.paths import resource
from platform_utils.publish.facts import read_fact
from platform_utils.publish.inline import Shown, signed, whole
from platform_utils.publish.table import source_text, table_block
from platform_utils.spec.entries import Labelled, read_entry, read_packaged, require_known
from platform_utils.spec.plan import load_plan
from platform_utils.spec.safe import SafeTable

Tables = Mapping[str, SafeTable]

EXPLAINED = ("all.all", "direct.all")
"""Numbers whose change between editions is explained: facts of the plan."""


@dataclass(frozen=True)
class Cause(Labelled):
    """One cause; ``plus`` and ``minus`` are facts. The last one has none: it takes what is left."""

    name: str
    sv: str
    en: str
    plus: tuple[str, ...] = ()
    minus: tuple[str, ...] = ()


@dataclass(frozen=True)
class Step:
    """Two states of a number that follow each other.

    Attributes
    ----------
    now, before : mapping of int to mapping of str to SafeTable
        The tables of each state, by year and name.
    year, year_before : int
        Support year of each.
    """

    now: Mapping[int, Tables]
    year: int
    before: Mapping[int, Tables]
    year_before: int


@dataclass(frozen=True)
class Change:
    """A number that changed.

    Attributes
    ----------
    fact : str
        Which, as a fact of the plan.
    before, now : int or None
        The number in each state, None where it is hidden; then there are no parts.
    parts : tuple
        Each the causes that are told together and their number; the numbers add up to the change.
    """

    fact: str
    before: int | None
    now: int | None
    parts: tuple[tuple[tuple[Cause, ...], int], ...] = ()

    @property
    def named(self) -> frozenset[str]:
        """Names of the causes by which the number is known to have changed."""
        return frozenset(cause.name for causes, number in self.parts if number for cause in causes)


def _steps_between(states: Sequence[tuple[Mapping[int, Tables], int]]) -> list[Step]:
    """Return the steps from each state, tables and year, to the next."""
    return [Step(*now, *before) for before, now in pairwise(states)]


def _explain(kind: str, steps: Sequence[Step], fact: str = EXPLAINED[0]) -> Change:
    causes, numbers = _causes(kind)
    first, last = steps[0], steps[-1]
    before = read_fact(fact, first.before, first.year_before, "en").number
    now = read_fact(fact, last.now, last.year, "en").number
    if before is None or now is None:
        return Change(fact, before, now)
    *told, rest = causes
    known = [(cause, _added(_of(cause, step, numbers[fact]) for step in steps)) for cause in told]
    shown = [((cause,), size) for cause, size in known if size is not None]
    left = now - before - sum(size for _, size in shown)
    together = (*(cause for cause, size in known if size is None), rest)
    return Change(fact, before, now, (*shown, (together, left)))


def show_why(change: Change, lang: str, period: str, source: str, notes: Iterable[str] = ()) -> Shown:
    """Return a change as a table of its causes; where it is hidden, the sentence that says so."""
    first, _, last = period.replace(" → ", "–").partition("–")
    if change.before is None or change.now is None:
        unknown = [at for at, number in ((first, change.before), (last, change.now)) if number is None]
        states = say("explain", "and", lang).join(unknown)
        return Shown(say("explain", "hidden", lang, period=period, states=states) + "\n")
    body = [[_names(causes, lang), signed(number, lang)] for causes, number in change.parts]
    whole_row, total = [first, whole(change.before, lang)], [f"**{last}**", f"**{whole(change.now, lang)}**"]
    heading = [say("explain", "cause", lang), say("report", "persons", lang)]
    what = say("report", f"row_{change.fact.partition('.')[0]}", lang)
    caption = say("explain", "caption", lang, what=what, period=period, source=source_text(source, lang))
    told = [say("explain", "note", lang), *notes]
    return table_block("why", caption, heading, [whole_row, *body, total], told, (60, 16))


def explain_years(years: Mapping[int, Tables], since: int, year: int) -> Change:
    """Take the change from one year to another apart, year by year."""
    return _explain("years", _steps_between([(years, one) for one in range(since, year + 1)]))


def explain_editions(editions: Sequence[Tables], year: int, number: str) -> Change:
    """Take the change of a number of a year apart, from the first of its editions given to the last."""
    return _explain("editions", _steps_between([({year: tables}, year) for tables in editions]), number)


def show_change_of_year(years: Mapping[int, Tables], year: int, source: str, lang: str) -> Shown:
    """Return why a year's number is another than the year before's; a sentence if there is none to show."""
    if year - 1 not in years:
        return Shown(say("explain", "no_year_before", lang, year=year) + "\n")
    return show_why(
        explain_years(years, year - 1, year), lang, f"{year - 1}–{year}", source, breaks_of([year], lang)
    )


def breaks_of(years: Iterable[int], lang: str) -> list[str]:
    """Return what makes years hard to compare with those before them."""
    return [one.label(lang) for one in load_plan().breaks if one.year in {*years}]


def _of(cause: Cause, step: Step, without: str) -> int | None:
    """Return a cause's number in one step, None if one of the numbers that make it is hidden."""

    def read(facts: Iterable[str]) -> int | None:
        return _added(read_fact(f"{key}{without}", step.now, step.year, "en").number for key in facts)

    more, less = read(cause.plus), read(cause.minus)
    return None if more is None or less is None else more - less


def _added(numbers: Iterable[int | None]) -> int | None:
    every = list(numbers)
    known = [one for one in every if one is not None]
    return sum(known) if len(known) == len(every) else None


def _names(causes: Sequence[Cause], lang: str) -> str:
    labels = [cause.label(lang) for cause in causes]
    if len(labels) == 1:
        return labels[0]
    return say("explain", "together", lang, first="; ".join(labels[:-1]), last=labels[-1])


@cache
def _causes(kind: str) -> tuple[tuple[Cause, ...], Mapping[str, str]]:
    """Return the causes of a kind of change, and its numbers with what a fact's name ends in for each."""
    said = read_packaged(resource("explain.toml"))
    require_known([kind], said, "explain.toml", kind)
    causes = [
        read_entry(Cause, entry, "explain.toml", f"{kind}.causes.{name}", name=name)
        for name, entry in said[kind]["causes"].items()
    ]
    return tuple(causes), dict(said[kind]["numbers"])
