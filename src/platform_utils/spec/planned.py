"""What entries of the table plan are: measures, populations, computed variables, breaks, tables and facts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from platform_utils.spec.entries import Labelled, Text
from platform_utils.spec.entries import key as under


@dataclass(frozen=True)
class Section(Labelled):
    """A part of a report; its tables, notes and the year's own words stand together."""

    name: str
    sv: str
    en: str


@dataclass(frozen=True)
class Unit(Labelled):
    """What is counted, as people read it; ``shares`` unless a part of the sum says nothing."""

    name: str
    sv: str
    en: str
    shares: bool = True


@dataclass(frozen=True)
class Measure:
    """How something is counted.

    Attributes
    ----------
    grain : str
        Which rows: those of a sheet of the form, or rows beside the sheets.
    unit : str
        As in ``Universe.unit``.
    sum : str, optional
        Number column that is summed; without it each row counts once.
    distinct : tuple of str
        Rows that agree in these columns, and in what a table counts by, are one.
    """

    name: str
    unit: str
    grain: str = "case"
    sum: str | None = None
    distinct: tuple[str, ...] = ()


@dataclass(frozen=True)
class Population(Labelled):
    """Who is counted.

    Attributes
    ----------
    name : str
        Key, as in ``Universe.name``.
    sv, en : str
        As it stands in captions.
    grain : str
        Rows that the conditions are about.
    where : mapping of str to str
        Column and the code that a row must have.
    asked_by : str, optional
        Column of the persons: where all of them were not asked it and no row came in, the year did not ask.
    """

    name: str
    sv: str
    en: str
    grain: str = "case"
    where: Mapping[str, str] = field(default_factory=dict)
    asked_by: str | None = None


@dataclass(frozen=True)
class Computed(Labelled):
    """A variable that is computed for tables and that no form asks.

    Attributes
    ----------
    codes : mapping of str to Text
        In order; none of a number that is summed.
    compares : bool
        There only beside the year before.
    split : str
        The number of each code stands in a column of its own, whose name begins so.
    of, part_of : str
        Number of which it says whether it is above 0; computed variable that says so of a whole.
    """

    name: str
    sv: str
    en: str
    codes: Mapping[str, Text] = field(default_factory=dict)
    grain: str = "case"
    compares: bool = False
    split: str = ""
    of: str = ""
    part_of: str = ""


@dataclass(frozen=True)
class Break(Labelled):
    """What makes a year hard to compare with those before it.

    Attributes
    ----------
    year : int
        The first year that differs.
    cuts : tuple of str
        Lines of the series that must not be drawn across it.
    """

    year: int
    sv: str
    en: str
    cuts: tuple[str, ...] = ()


@dataclass(frozen=True)
class PlannedFact:
    """A number for sentences, read from one table.

    Attributes
    ----------
    codes : tuple of str
        Rows of the first dimension that are added; the margin if none is named.
    show : str
        The count; its share of the total; against the fact ``of``, its ratio, its change in per cent with a
        sign, or the change in words; the code that most have; how many codes have any.
    rank : int
        For ``top``: which one.
    back : int
        Years back.
    series : int
        Its place in the long series of all years; 0 if it is not in it.
    trend : bool
        Reports of later years show it too.
    outside : bool
        All but those codes.
    """

    name: str
    table: str
    codes: tuple[str, ...] = ()
    show: Literal["count", "share", "ratio", "signed", "change", "top", "rows"] = "count"
    of: str | None = None
    rank: int = 1
    back: int = 0
    series: int = 0
    trend: bool = False
    outside: bool = False


@dataclass(frozen=True)
class PlannedTable(Labelled):
    """One table of the plan.

    Attributes
    ----------
    sv, en : str
        Title.
    dimensions : tuple of str
        Codebook variables, derived ones or computed ones.
    disclosure_class : {"A", "B"}
        What it asks for itself; its dimensions may ask for more.
    must_show : tuple of str
        Codes of the first dimension that are never hidden for the sake of others.
    notes : tuple of str
        Keys of the notes under it.
    no_answer : tuple of str
        Codes that are no answer, beside the special ones.
    reading : {"one", "both", "lead"}
        In a year with a large case: counted once; also without it, as a table of its own; only without it.
    at_least : int
        Persons of its population from whom it is counted: a crossing of few would cost what is worth more.
    whole : str
        Key of the table that this one repeats without large cases; the plan makes such tables.
    present_only : bool
        Codes that nobody has are left out (long code lists).
    section : str
        Part of the report.
    merge : {"", "small", "neighbours"}
        How rows that would be hidden one by one may go together; not at all without it.
    year_before : bool
        Counted among the persons of the year before.
    """

    key: str
    sv: str
    en: str
    population: Population
    measure: Measure
    dimensions: tuple[str, ...]
    section: str
    disclosure_class: Literal["A", "B"] = field(default="A", metadata=under("class"))
    must_show: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    no_answer: tuple[str, ...] = ()
    reading: Literal["one", "both", "lead"] = "one"
    at_least: int = 0
    whole: str = ""
    present_only: bool = False
    merge: Literal["", "small", "neighbours"] = ""
    year_before: bool = False
    facts: tuple[PlannedFact, ...] = ()
