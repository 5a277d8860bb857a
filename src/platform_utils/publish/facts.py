"""Single numbers for sentences, each read from released cells by ``resources/i18n/facts.toml``.

Enters: safe tables of one or more years. Leaves: values that are shown, hidden, not asked or absent.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from platform_utils.errors import UsageError
from platform_utils.publish.cells import accept, count_of, lines
from platform_utils.publish.inline import Shown, marked, percent, signed_percent, whole
from platform_utils.publish.plan import is_present_only
from platform_utils.publish.words import load_texts, say
from platform_utils.spec.codebook import SPECIAL_CODES
from platform_utils.spec.counts import TOTAL
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
        A key of ``facts.toml``.
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
    said = load_texts("facts").get(key)
    if said is None:
        raise UsageError("E-652", key=key, kind="fact")
    tables = years.get(year - int(said.get("back", 0)), {})
    name = said["table"]
    if name not in tables:
        return Fact("absent", say("words", "absent", lang), table=name)
    table = accept(tables[name])
    if not table.asked:
        return Fact("not_asked", say("words", "not_asked", lang), table=name)
    show = said.get("show", "count")
    if show == "top":
        key = "top_quoted" if said.get("quoted") else "top"
        return _top(table, int(said.get("rank", 1)), key, said.get("skip", ()), lang)
    if show == "rows":
        return _rows(table, lang)
    number = _number(table, said)
    if number is _ABSENT:
        return Fact("absent", say("words", "absent", lang), table=name)
    if number is None:
        return Fact("hidden", marked(), table=name)
    return _shaped(show, int(number), said, table, years, year, lang)


_ABSENT = -1


def _number(table: SafeTable, said: Mapping[str, Any]) -> int | None:
    cells = [said.get("cell", {}), *said.get("plus", ())]
    added = 0
    for cell in cells:
        try:
            number = count_of(table, cell)
        except KeyError:
            if not (is_present_only(table.name) or set(cell.values()) & set(SPECIAL_CODES)):
                return _ABSENT
            number = 0
        if number is None:
            return None
        added += number
    return added


def _shaped(
    show: str,
    number: int,
    said: Mapping[str, Any],
    table: SafeTable,
    years: Mapping[int, Mapping[str, SafeTable]],
    year: int,
    lang: str,
) -> Fact:
    if show == "count":
        return Fact("shown", whole(number, lang), number, table.name)
    if show == "share":
        base = table.count(**dict.fromkeys(table.dimensions, TOTAL))
        if base is None:
            return Fact("hidden", marked(), table=table.name)
        return Fact("shown", percent(number, base, lang), number, table.name)
    base_fact = read_fact(said["of"], years, year, lang)
    if base_fact.number is None or not base_fact.number:
        state: State = "absent" if base_fact.number == 0 else base_fact.state
        return Fact(state, base_fact.text, table=table.name)
    if show == "ratio":
        return Fact("shown", percent(number, base_fact.number, lang), number, table.name)
    signed = signed_percent(number, base_fact.number, lang)
    if show == "signed":
        return Fact("shown", signed, number, table.name)
    way = "same" if number == base_fact.number else ("up" if number > base_fact.number else "down")
    return Fact(
        "shown", say("words", f"change_{way}", lang, points=signed.lstrip("+\u2212")), number, table.name
    )


def _top(table: SafeTable, rank: int, key: str, skip: Sequence[str], lang: str) -> Fact:
    """Return the code that most have, if released counts are enough to know."""
    rows = [line for line in lines(table, lang) if not line.is_total]
    named = sorted(
        (
            line
            for line in rows
            if not (line.is_special or line.together) and line.code not in skip and line.count
        ),
        key=lambda line: -(line.count or 0),
    )
    if len(named) < rank:
        return Fact("hidden", marked(), table=table.name)
    chosen = named[rank - 1]
    if any(line.together and (line.count or 0) > (chosen.count or 0) for line in rows):
        return Fact("hidden", marked(), table=table.name)
    hidden = any(line.count is None for line in rows)
    if hidden and (chosen.count or 0) < _room(table, sum(line.count or 0 for line in rows), chosen.base):
        return Fact("hidden", marked(), table=table.name)
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
