"""Single numbers for sentences, each read from released cells as the table plan says.

Enters: safe tables of one or more years. Leaves: values that are shown, hidden, not asked, left out, absent.
In a year with large cases a number is read without them where the plan counts that too, so that no sentence
is about one case; ``.all`` after its key reads it with them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from platform_utils.messages import say
from platform_utils.publish.cells import accept, count_of, lines
from platform_utils.publish.inline import Shown, marked, percent, signed_percent, whole
from platform_utils.publish.words import is_left_out, is_present_only, no_such
from platform_utils.spec.codebook import SPECIAL_CODES
from platform_utils.spec.counts import TOTAL
from platform_utils.spec.plan import PlannedFact, load_plan
from platform_utils.spec.safe import SafeTable, Years

State = Literal["shown", "hidden", "not_asked", "left_out", "absent"]


@dataclass(frozen=True)
class Fact:
    """A number as a document shows it.

    Parameters
    ----------
    state : {"shown", "hidden", "not_asked", "left_out", "absent"}
        Left out: the year does not show the table. Absent: the workspace holds no tables of that year, or
        the table has no such cell.
    text : str
        What stands in a sentence.
    number, base : int, optional
        The released count behind it, and what its share is taken of, where there are such.
    table : str
        Name of the table that it is read from.
    label : str
        For the code that most have: what it is called.
    is_share : bool
        Whether it is told as a share.
    """

    state: State
    text: str
    number: int | None = None
    table: str = ""
    base: int | None = None
    label: str = ""
    is_share: bool = False

    def shown(self) -> Shown:
        """Return the fact for use inline."""
        return Shown(self.text)


def read_fact(key: str, years: Years, year: int, lang: str) -> Fact:
    """Return a fact of a year.

    Parameters
    ----------
    key : str
        Name of a fact of the plan; with ``.all`` after it, large cases are in it.
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
    name, dot, reading = key.partition(".")
    said = load_plan().facts.get(name)
    if said is None or reading != "all"[: 3 * len(dot)]:
        raise no_such("fact", key, load_plan().facts)
    tables = years.get(year - said.back, {})
    found = read_table(said.table, tables, whole=bool(dot))
    if found is None and is_left_out(said.table, years, year - said.back):
        return Fact("left_out", marked(), table=said.table)
    if found is None:
        return Fact("absent", say("words", "absent", lang), table=said.table)
    table = accept(found)
    if not table.asked:
        return Fact("not_asked", say("words", "not_asked", lang), table=said.table)
    if said.show == "top":
        return _top(table, said, lang)
    if said.show == "rows":
        return _rows(table, lang)
    number = _number(table, said)
    if number is _ABSENT:
        return Fact("absent", say("words", "absent", lang), table=said.table)
    if number is None:
        return Fact("hidden", marked(), table=said.table)
    if said.of:
        base = read_fact(f"{said.of}{dot}{reading}", years, year, lang)
        return _against(said, number, base, year, lang)
    return _alone(said, number, table, lang)


def read_table(key: str, tables: Mapping[str, SafeTable], *, whole: bool = False) -> SafeTable | None:
    """Return a table as sentences and figures read it: without large cases, where it was so counted."""
    twin = load_plan().twins.get(key, "")
    return tables[twin] if twin in tables and not whole else tables.get(key)


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
    if not said.outside:
        return added
    everybody = count_of(table, {})
    return None if everybody is None else everybody - added


def _alone(said: PlannedFact, number: int, table: SafeTable, lang: str) -> Fact:
    base = count_of(table, {})
    if said.show == "count":
        return Fact("shown", whole(number, lang), number, said.table, base)
    if base is None:
        return Fact("hidden", marked(), table=said.table)
    return Fact("shown", percent(number, base, lang), number, said.table, base, is_share=True)


def _against(said: PlannedFact, number: int, base: Fact, year: int, lang: str) -> Fact:
    """Return a number beside another: its share of that, or the change from it."""
    if base.number is None or not base.number:
        state: State = "absent" if base.number == 0 else base.state
        return Fact(state, base.text, table=base.table if state == "left_out" else said.table)
    if said.show == "ratio":
        share = percent(number, base.number, lang)
        return Fact("shown", share, number, said.table, base.number, is_share=True)
    cut = [key for one in load_plan().breaks if one.year == year for key in one.cuts]
    if said.table in {load_plan().facts[key].table for key in cut}:
        return Fact("absent", say("words", "absent", lang), table=said.table)
    text = signed_percent(number, base.number, lang)
    if said.show == "change":
        points = text.lstrip("+\u2212")
        way = "same" if points[:1] == "0" else "up" if number > base.number else "down"
        text = say("words", f"change_{way}", lang, points=points, year=year - 1)
    return Fact("shown", text, number, said.table, base.number)


def _top(table: SafeTable, said: PlannedFact, lang: str) -> Fact:
    """Return the code that most have, if released counts are enough to know; and how many do not answer."""
    rows = [line for line in lines(table, lang) if not line.is_total]
    named = [line for line in rows if not (line.is_special or line.together) and line.count]
    named.sort(key=lambda line: -(line.count or 0))
    if len(named) < said.rank:
        return Fact("hidden", marked(), table=said.table)
    chosen = named[said.rank - 1]
    most = chosen.count or 0
    if not is_present_only(table.name):  # there it is the most frequent of those that may be named
        hidden = any(line.count is None and not line.is_special for line in rows)
        room = _room(table, sum(line.count or 0 for line in rows), chosen.base)
        if any(line.together and (line.count or 0) > most for line in rows) or (hidden and most < room):
            # of those that are shown it is the first: what may be said with those words
            return Fact("hidden", marked(), most, said.table, chosen.base, chosen.label)
    unknown = sum(line.count or 0 for line in rows if line.is_special)
    unasked = sum(line.count or 0 for line in rows if line.code == "not_asked")
    if chosen.base and 2 * unknown > chosen.base:  # too few have answered for a most common answer
        return Fact("hidden", marked(), most, said.table, chosen.base, chosen.label)
    few = "top_not_asked" if 2 * unasked > unknown else "top_of_few"
    key = few if chosen.base and 4 * unknown >= chosen.base else "top"
    share = percent(unknown, chosen.base, lang)
    text = say(
        "words", key, lang, label=chosen.label, number=chosen.number, share=chosen.share, unknown=share
    )
    return Fact("shown", text, chosen.count, said.table, chosen.base, chosen.label)


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
