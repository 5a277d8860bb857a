"""What a sentence says with numbers: facts, and claims that are printed only where they are true.

Enters: a text with fields, and the released numbers of its year. Leaves: the text with words in them, or the
field that cannot stand. ``{key}`` prints a number, ``{of:key}`` of how many it is; ``{more:a,b}`` prints
"more" if a is more than b; a form after ``if_`` prints nothing.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from fractions import Fraction

from platform_utils.messages import say
from platform_utils.publish.facts import Fact, read_fact, read_table
from platform_utils.publish.inline import whole
from platform_utils.publish.words import no_such
from platform_utils.spec.plan import load_plan
from platform_utils.spec.safe import Years

FIELD = re.compile(r"\{([A-Za-z_.]+)(?::([a-z0-9_.,=]+))?\}")
_ABOUT_HALF = (Fraction(9, 20), Fraction(11, 20))
_HALF, _TENTHS = Fraction(1, 2), range(1, 10)


@dataclass(frozen=True)
class Numbers:
    """The released numbers that sentences of a year read."""

    years: Years
    year: int
    lang: str

    def fact(self, key: str, back: int = 0) -> Fact:
        """Return a fact of the year, or of a year before it."""
        return read_fact(key, self.years, self.year - back, self.lang)

    def value(self, key: str, back: int = 0) -> Fraction | None:
        """Return what claims compare: a share as printed where the fact is told as one, else its number."""
        fact = self.fact(key, back)
        if fact.state != "shown" or fact.number is None:
            return None
        if fact.is_share and fact.base:  # in whole per cent: no claim rests on what no reader can see
            return Fraction((200 * fact.number + fact.base) // (2 * fact.base), 100)
        return Fraction(fact.number)

    def share(self, key: str) -> Fraction | None:
        """Return a number as a share of those whom it is about."""
        fact = self.fact(key)
        return Fraction(fact.number, fact.base) if fact.number is not None and fact.base else None

    def has_large(self, back: int = 0) -> bool:
        """Say whether the year, or one before it, is counted with and without large cases."""
        return load_plan().twins["headline"] in self.years.get(self.year - back, {})

    def is_cut(self) -> bool:
        """Say whether the base breaks at the year: nothing can be claimed across that."""
        return any(one.cuts and one.year == self.year for one in load_plan().breaks)

    def includes_large(self, key: str) -> bool:
        """Say whether a share, or the code that most have, is of people in large cases too."""
        said = load_plan().facts.get(key)
        table = read_table(said.table, self.years.get(self.year - said.back, {})) if said else None
        if table is None or not self.has_large() or not table.asked:
            return False
        fact, name = self.fact(key), table.universe.name
        told = fact.is_share or bool(fact.label)
        return told and name in load_plan().of_people and not name.endswith("_without_mass")

    def most(self, said: str, reading: str) -> Fact:
        """Return the code of a table that most have."""
        facts = [one for one in load_plan().facts.values() if one.show == "top" and one.rank == 1]
        fact = next((one.name for one in facts if one.table == said), None)
        if fact is None:
            raise no_such("table", said, [one.table for one in load_plan().facts.values()])
        return self.fact(fact + reading)

    def is_most(self, said: str, reading: str, *, of_shown: bool = False) -> bool | None:
        """Say whether a code is the one that most have: ``form=sexual``; or most of those shown."""
        table, _, code = said.partition("=")
        most = self.most(table, reading)
        found = read_table(table, self.years.get(self.year, {}), whole=bool(reading))
        if most.number is None or found is None or (most.state != "shown" and not of_shown):
            return None
        codes = [
            cell[0] for cell, count in zip(found.cells, found.counts, strict=True) if count == most.number
        ]
        return code in codes


def _compared(holds: Callable[[Fraction, Fraction], bool]) -> Callable[[Numbers, list[str]], bool | None]:
    def claim(numbers: Numbers, keys: list[str]) -> bool | None:
        one, other = map(numbers.value, keys)
        if numbers.is_cut() and len({load_plan().facts[key.partition(".")[0]].back for key in keys}) > 1:
            return None
        return None if one is None or other is None else holds(one, other)

    return claim


def _since(holds: Callable[[Fraction, Fraction], bool]) -> Callable[[Numbers, list[str]], bool | None]:
    def claim(numbers: Numbers, keys: list[str]) -> bool | None:
        (key,) = keys
        if numbers.is_cut():
            return None
        now, then = numbers.value(key), numbers.value(key, 1)
        return None if now is None or then is None else holds(now, then)

    return claim


def _of_all(holds: Callable[[Fraction], bool]) -> Callable[[Numbers, list[str]], bool | None]:
    def claim(numbers: Numbers, keys: list[str]) -> bool | None:
        share = numbers.share(*keys)
        return None if share is None else holds(share)

    return claim


FORMS: Mapping[str, Callable[[Numbers, list[str]], bool | None]] = {
    "more": _compared(lambda one, other: one > other),
    "fewer": _compared(lambda one, other: one < other),
    "as_many": _compared(lambda one, other: one == other),
    "increased": _since(lambda now, then: now > then),
    "decreased": _since(lambda now, then: now < then),
    "unchanged": _since(lambda now, then: now == then),
    "doubled": _since(lambda now, then: now >= 2 * then > 0),
    "majority": _of_all(lambda share: share > _HALF),
    "minority": _of_all(lambda share: share < _HALF),
    "about_half": _of_all(lambda share: _ABOUT_HALF[0] <= share <= _ABOUT_HALF[1]),
    "some": _of_all(lambda share: share > 0),
    "none": _of_all(lambda share: share == 0),
    "tenths": _of_all(lambda share: _tenths(share) in _TENTHS),
}
"""Claims by their form, of one key or two; ``most``, ``first`` (of those shown), ``large`` stand beside."""


def fill(text: str, numbers: Numbers, *, both: bool = False) -> tuple[str, str]:
    """Return a text with its fields filled, and the first field that cannot be; one of them is empty.

    Parameters
    ----------
    both : bool
        Whether claims must be true with large cases too, and facts are written ``{fact:key}``.

    Raises
    ------
    UsageError
        E-652 if a fact does not exist.
    """
    wrong: list[str] = []

    def put(found: re.Match[str]) -> str:
        told = [
            _told(found[1], found[2] or "", numbers, reading) for reading in (("", ".all") if both else ("",))
        ]
        is_fact = found[1] == "fact" or found[2] is None
        if None in told or (len(set(told)) > 1 and not is_fact):
            wrong.append(found[0])
        return told[0] or ""

    filled = FIELD.sub(put, text)
    return ("", wrong[0]) if wrong else (filled, "")


def _told(form: str, keys: str, numbers: Numbers, reading: str) -> str | None:
    """Return the words of one field; None if it is not true, or nobody can know."""
    name, silent = form.removeprefix("if_").lower(), form.startswith("if_")
    if name in ("year", "year_before"):
        return str(numbers.year - (name == "year_before"))
    if name in ("large", "large_before"):
        return "" if numbers.has_large(int(name == "large_before")) else None
    if name == "fact" or not keys:
        fact = numbers.fact(keys or form)
        return fact.text if fact.state == "shown" else None
    if name == "of":
        base = numbers.fact(keys).base
        return None if base is None else whole(base, numbers.lang)
    if name == "most" and "=" not in keys:
        top = numbers.most(keys, reading)
        words = top.label if top.state == "shown" else None
    elif name in FORMS or name in ("most", "first"):
        listed = keys.split(",") if "." in keys else [key + reading for key in keys.split(",")]
        tells = name in FORMS
        holds = (
            _claim(name, listed, numbers)
            if tells
            else numbers.is_most(keys, reading, of_shown=name == "first")
        )
        words = _words(name, listed, numbers) if holds else None
    else:
        raise no_such("claim", form, FORMS)
    if words is None or silent:
        return None if words is None else ""
    return words[:1].upper() + words[1:] if form[:1].isupper() else words


def _claim(name: str, keys: list[str], numbers: Numbers) -> bool | None:
    try:
        return FORMS[name](numbers, keys)
    except (TypeError, ValueError):  # too many keys, or too few
        raise no_such("claim", f"{name}:{','.join(keys)}", FORMS) from None


def _words(name: str, keys: list[str], numbers: Numbers) -> str:
    if name == "tenths" and _tenths(numbers.share(keys[0]) or Fraction(0)) == _TENTHS.stop // 2:
        return say("claims", "about_half", numbers.lang)
    if name == "tenths":
        number = say("claims", f"number_{_tenths(numbers.share(keys[0]) or Fraction(0))}", numbers.lang)
        return say("claims", "tenths", numbers.lang, number=number)
    return say("claims", name, numbers.lang)


def _tenths(share: Fraction) -> int:
    return int(share * 10 + _HALF)
