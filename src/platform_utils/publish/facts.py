"""Single numbers for sentences, each read from released cells as the table plan says.

Enters: safe tables of one or more years. Leaves: values that are shown, hidden, not asked or absent.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from platform_utils.errors import UsageError
from platform_utils.messages import say
from platform_utils.publish.cells import accept, count_of, lines
from platform_utils.publish.inline import Shown, marked, percent, signed_percent, whole
from platform_utils.publish.words import is_present_only
from platform_utils.spec.codebook import SPECIAL_CODES
from platform_utils.spec.counts import TOTAL
from platform_utils.spec.plan import PlannedFact, load_plan
from platform_utils.spec.safe import SafeTable

__all__ = ["Fact", "read_fact"]

State = Literal["shown", "hidden", "not_asked", "absent"]


@dataclass(frozen=True)
class Fact:
    """A number as a document shows it.

    Parameters
    ----------
    state : {"shown", "hidden", "not_asked", "absent"}
        Absent: the workspace holds no tables of that year, or the table has no such cell.
    text : str
        What stands in a sentence.
    number : int, optional
        The released count behind it, where there is one.
    table : str
        Name of the table that it is read from.
    """

    state: State
    text: str
    number: int | None = None
    table: str = ""

    def shown(self) -> Shown:
        """Return the fact for use inline."""
        return Shown(self.text)


def read_fact(key: str, years: Mapping[int, Mapping[str, SafeTable]], year: int, lang: str) -> Fact:
    """Return a fact of a year.

    Parameters
    ----------
    key : str
        Name of a fact of the plan.
    years : mapping of int to mapping of str to SafeTable
        The tables by year and name.
    year : int
        Year of the report.
    lang : {"sv", "en"}
        Language.

    Raises
    ------
    UsageError
        E-652 if there is no such fact.
    """
    said = load_plan().facts.get(key)
    if said is None:
        raise UsageError("E-652", key=key, kind="fact")
    tables = years.get(year - said.back, {})
    name = said.table
    if name not in tables:
        return Fact("absent", say("words", "absent", lang), table=name)
    table = accept(tables[name])
    if not table.asked:
        return Fact("not_asked", say("words", "not_asked", lang), table=name)
    if said.show == "top":
        return _top(table, said, lang)
    if said.show == "rows":
        return _rows(table, lang)
    number = _number(table, said)
    if number is _ABSENT:
        return Fact("absent", say("words", "absent", lang), table=name)
    if number is None:
        return Fact("hidden", marked(), table=name)
    return _shaped(said, number, table, years, year, lang)


_ABSENT = -1


def _number(table: SafeTable, said: PlannedFact) -> int | None:
    added = 0
    for code in said.codes or (TOTAL,):
        try:
            number = count_of(table, {table.dimensions[0]: code} if said.codes else {})
        except KeyError:
            if not (is_present_only(table.name) or code in SPECIAL_CODES):
                return _ABSENT
            number = 0
        if number is None:
            return None
        added += number
    return added


def _shaped(
    said: PlannedFact,
    number: int,
    table: SafeTable,
    years: Mapping[int, Mapping[str, SafeTable]],
    year: int,
    lang: str,
) -> Fact:
    if said.show == "count":
        return Fact("shown", whole(number, lang), number, table.name)
    if said.show == "share":
        base = table.count(**dict.fromkeys(table.dimensions, TOTAL))
        if base is None:
            return Fact("hidden", marked(), table=table.name)
        return Fact("shown", percent(number, base, lang), number, table.name)
    base_fact = read_fact(said.of or "", years, year, lang)
    if base_fact.number is None or not base_fact.number:
        state: State = "absent" if base_fact.number == 0 else base_fact.state
        return Fact(state, base_fact.text, table=table.name)
    if said.show == "ratio":
        return Fact("shown", percent(number, base_fact.number, lang), number, table.name)
    signed = signed_percent(number, base_fact.number, lang)
    if said.show == "signed":
        return Fact("shown", signed, number, table.name)
    way = "same" if number == base_fact.number else ("up" if number > base_fact.number else "down")
    return Fact(
        "shown", say("words", f"change_{way}", lang, points=signed.lstrip("+\u2212")), number, table.name
    )


def _top(table: SafeTable, said: PlannedFact, lang: str) -> Fact:
    """Return the code that most have, if released counts are enough to know."""
    rows = [line for line in lines(table, lang) if not line.is_total]
    named = sorted(
        (
            line
            for line in rows
            if not (line.is_special or line.together) and line.code not in said.skip and line.count
        ),
        key=lambda line: -(line.count or 0),
    )
    if len(named) < said.rank:
        return Fact("hidden", marked(), table=table.name)
    chosen = named[said.rank - 1]
    if any(line.together and (line.count or 0) > (chosen.count or 0) for line in rows):
        return Fact("hidden", marked(), table=table.name)
    hidden = any(line.count is None and not line.is_special for line in rows)
    if hidden and (chosen.count or 0) < _room(table, sum(line.count or 0 for line in rows), chosen.base):
        return Fact("hidden", marked(), table=table.name)
    key = "top_quoted" if said.quoted else "top"
    text = say("words", key, lang, label=chosen.label, number=chosen.number, share=chosen.share)
    return Fact("shown", text, chosen.count, table.name)


def _room(table: SafeTable, shown: int, base: int | None) -> float:
    """Return how large a hidden count could be at most."""
    if base is None:
        return float("inf")
    return base if table.multiple else base - shown


def _rows(table: SafeTable, lang: str) -> Fact:
    rows = [line for line in lines(table, lang) if not (line.is_total or line.is_special)]
    if any(line.count is None or line.together for line in rows):
        return Fact("hidden", marked(), table=table.name)
    number = sum(1 for line in rows if line.count)
    return Fact("shown", whole(number, lang), number, table.name)
