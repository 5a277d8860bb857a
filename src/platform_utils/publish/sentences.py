"""Sentences that hold numbers: whole texts in two languages, filled with facts.

A sentence whose question the year did not ask says so; one whose other year is missing uses its variant
``without``; one whose number is hidden uses its variant ``hidden``, or shows the mark.
"""

from __future__ import annotations

import re
import string
from collections.abc import Mapping
from functools import partial

from platform_utils.errors import UsageError
from platform_utils.messages import say, texts
from platform_utils.publish.cells import what_is_left
from platform_utils.publish.facts import Fact, read_fact
from platform_utils.publish.inline import Shown
from platform_utils.publish.words import asked_for
from platform_utils.spec.safe import SafeTable

__all__ = ["write_sentence"]

_TABLE = re.compile(r"@tbl-(?P<key>[a-z]+(?:-[a-z]+)*)")


def write_sentence(
    key: str, years: Mapping[int, Mapping[str, SafeTable]], year: int, lang: str, *, is_block: bool = False
) -> Shown:
    """Return the sentence ``key`` of ``sentences.toml`` for a year.

    Parameters
    ----------
    key : str
        Key of the sentence.
    years : mapping of int to mapping of str to SafeTable
        The tables by year and name.
    year : int
        Year of the report.
    lang : {"sv", "en"}
        Language.
    is_block : bool
        Stands above its table: says nothing where the year did not ask, for the table says so.

    Raises
    ------
    UsageError
        E-652 if there is no such sentence, or it names a fact that does not exist.
    """
    said = texts("sentences").get(key)
    if said is None:
        raise UsageError("E-652", key=key, kind="sentence")
    text = said[lang]
    facts = _facts(text, years, year, lang)
    for state, variant in (("absent", "without"), ("hidden", "hidden")):
        if f"{variant}_{lang}" in said and any(fact.state == state for fact in facts.values()):
            text = said[f"{variant}_{lang}"]
            facts = _facts(text, years, year, lang)
    if "zero_if" in said and read_fact(said["zero_if"], years, year, lang).number == 0:
        text = said[f"zero_{lang}"]
        facts = _facts(text, years, year, lang)
    missing = [fact for fact in facts.values() if fact.state == "not_asked"]
    if missing and is_block:
        return Shown("")
    if missing:
        what = asked_for(missing[0].table, lang)
        return Shown(say("words", "not_asked_sentence", lang, year=year, what=what))
    said_with_numbers = text.format(**{name: fact.text for name, fact in facts.items()})
    return Shown(
        _TABLE.sub(partial(_printed, tables=years.get(year, {})), said_with_numbers) + "\n" * is_block
    )


def _printed(found: re.Match[str], tables: Mapping[str, SafeTable]) -> str:
    """Return a reference to a table, or to why it is not printed."""
    table = tables.get(found["key"].replace("-", "_"))
    return "@sec-left-out" if table is not None and what_is_left(table) != "rows" else found[0]


def _facts(text: str, years: Mapping[int, Mapping[str, SafeTable]], year: int, lang: str) -> dict[str, Fact]:
    fields = {name for _, name, _, _ in string.Formatter().parse(text) if name}
    return {name: _field(name, years, year, lang) for name in sorted(fields)}


def _field(name: str, years: Mapping[int, Mapping[str, SafeTable]], year: int, lang: str) -> Fact:
    if name in ("year", "year_before"):
        return Fact("shown", str(year - (name == "year_before")))
    for prefix, kind in (("see_", "tbl"), ("fig_", "fig")):
        if name.startswith(prefix):
            return Fact("shown", f"@{kind}-{name.removeprefix(prefix).replace('_', '-')}")
    return read_fact(name, years, year, lang)
