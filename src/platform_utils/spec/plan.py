"""The table plan: what is counted, how, among whom, and what readers are told of it; one entry is one table.

Enters: ``resources/table_plan.toml``, read once and strictly. Leaves: frozen definitions that counting,
protection, publishing and requests follow.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from functools import cache, cached_property
from typing import Any

from platform_utils import messages
from platform_utils.errors import SettingsError
from platform_utils.paths import resource
from platform_utils.spec import codebook, grains
from platform_utils.spec.codebook import Codebook, Derived, Variable
from platform_utils.spec.counts import TOTAL
from platform_utils.spec.entries import Labelled, read_entry, read_packaged, require_known
from platform_utils.spec.planned import (
    Break,
    Computed,
    Measure,
    PlannedFact,
    PlannedTable,
    Population,
    Section,
    Unit,
)

_FILE = "table_plan.toml"
_ROWS_BESIDE_SHEETS = ("correction", "file_row", "panel_member", "nsp_coverage", "side")
"""Rows that stand on no sheet; ``count.rows`` or ``programme`` makes them."""
_COUNTED_BY = ("code", "multi", "yes_no")


@dataclass(frozen=True)
class TablePlan:
    """All tables with what they count, who, and by what.

    Attributes
    ----------
    sections : mapping of str to Section
        Parts of a report, in order.
    tables : tuple of PlannedTable
        In the order of the report; what is counted again without large cases after what it repeats.
    breaks : tuple of Break
        By year.
    large_from : int
        Persons from whom a case is a large one, read with and without; a smaller one is as many persons.
    """

    sections: Mapping[str, Section]
    units: Mapping[str, Unit]
    measures: Mapping[str, Measure]
    populations: Mapping[str, Population]
    computed: Mapping[str, Computed]
    breaks: tuple[Break, ...]
    tables: tuple[PlannedTable, ...]
    large_from: int

    @cached_property
    def by_key(self) -> Mapping[str, PlannedTable]:
        """Every table by its key, in order."""
        return {planned.key: planned for planned in self.tables}

    @cached_property
    def facts(self) -> Mapping[str, PlannedFact]:
        """Every fact by its name."""
        own = [planned for planned in self.tables if not planned.whole]
        return {fact.name: fact for planned in own for fact in planned.facts}

    @cached_property
    def twins(self) -> Mapping[str, str]:
        """The table that repeats another without large cases, by the other's key."""
        return {planned.whole: planned.key for planned in self.tables if planned.whole}

    @cached_property
    def shown_later(self) -> frozenset[str]:
        """Tables that reports of later years show something of; the others they do not show."""
        shown = {fact.table for fact in self.facts.values() if fact.back or fact.series or fact.trend}
        return frozenset(one.key for one in self.tables if (one.whole or one.key) in shown)

    @property
    def of_people(self) -> tuple[str, ...]:
        """Populations in which persons are counted, and not what belongs to them."""
        others = {planned.population.name for planned in self.tables if planned.measure.unit != "persons"}
        return tuple(
            name for name, who in self.populations.items() if who.grain == "case" and name not in others
        )

    def of_persons(self, name: str, universe: str, dimensions: tuple[str, ...]) -> PlannedTable:
        """Return a table that somebody asks for beside the plan: persons of one of its populations."""
        population, measure = self.populations[universe], self.measures["person_count"]
        return PlannedTable(name, name, name, population, measure, dimensions, section="")

    def compares(self, planned: PlannedTable) -> bool:
        """Say whether a table is there only beside the year before, or an edition before."""
        computed = (self.computed.get(name) for name in planned.dimensions)
        return (
            planned.year_before
            or planned.measure.grain == "side"
            or any(one.compares for one in computed if one)
        )

    def without_large(self, planned: PlannedTable) -> PlannedTable:
        """Return a table as it is counted in a year with large cases: those with one reading lead without."""
        if planned.reading != "lead":
            return planned
        return replace(planned, population=self.populations[_without(planned.population.name)])

    def variable(self, name: str, grain: str) -> Variable | Derived | Computed:
        """Return what rows of a grain are counted by: coded variables, derived or computed ones.

        Raises
        ------
        KeyError
            If those rows have none of that name.
        """
        book = codebook.load()
        if name in self.computed and self.computed[name].grain == grain:
            return self.computed[name]
        variable = book.variable(name, grain)
        if isinstance(variable, Derived):
            beside = grain in _ROWS_BESIDE_SHEETS
            found = beside or grain == "case" or book.source_of(variable, grain) is not None
        else:
            found = variable.kind in _COUNTED_BY
        if not found:
            raise KeyError(name)
        return variable

    def codes(self, name: str, grain: str, year: int | None = None) -> list[str]:
        """Return the codes of a variable of a grain, in order, as of ``year``."""
        variable = self.variable(name, grain)
        if isinstance(variable, Computed):
            return list(variable.codes)
        return [code.code for code in codebook.load().codes(variable, year)]


@cache
def load_plan() -> TablePlan:
    """Return the plan that the package carries.

    Raises
    ------
    SettingsError
        E-010 with the entry, the key and the word that cannot be used.
    """
    said = read_packaged(resource("table_plan.toml"))
    kinds = {
        "section": Section, "unit": Unit, "measure": Measure, "universe": Population, "computed": Computed,
    }  # fmt: skip
    require_known(said, {"large_from", "break", "table", *kinds}, _FILE, "-")
    named: dict[str, dict[str, Any]] = {
        section: {name: _entry(kind, entry, section, name) for name, entry in said[section].items()}
        for section, kind in kinds.items()
    }
    breaks = [_entry(Break, entry, "break", str(entry.get("year", "-"))) for entry in said["break"]]
    tables = tuple(_table(entry, named) for entry in said["table"])
    named["universe"] |= _populations_without(tables)
    plan = TablePlan(
        sections=named["section"],
        units=named["unit"],
        measures=named["measure"],
        populations=named["universe"],
        computed=named["computed"],
        breaks=tuple(sorted(breaks, key=lambda one: one.year)),
        tables=tuple(each for one in tables for each in _with_twin(one, named["universe"])),
        large_from=said["large_from"],
    )
    _check(plan, codebook.load())
    return plan


def _entry(kind: Any, said: Any, section: str, name: str, **given: Any) -> Any:
    own = {} if kind is Break else {"name": name}
    return read_entry(kind, said, _FILE, f"{section}.{name}", **own, **given)


def _table(said: Mapping[str, Any], named: Mapping[str, Mapping[str, Any]]) -> PlannedTable:
    where = f"table.{said.get('key', '-')}"
    words = {"universe": said.get("universe", ""), "measure": said.get("measure", "person_count")}
    for section, word in words.items():
        require_known([word], named[section], _FILE, f"{where}.{section}")
    rest = {name: value for name, value in said.items() if name not in ("facts", *words)}
    facts = [
        _entry(PlannedFact, one, "facts", name, table=said.get("key", ""))
        for name, one in said.get("facts", {}).items()
    ]
    return read_entry(
        PlannedTable,
        rest,
        _FILE,
        where,
        population=named["universe"][words["universe"]],
        measure=named["measure"][words["measure"]],
        facts=tuple(facts),
    )


def _without(name: str) -> str:
    return f"{name}_without_mass"


def _populations_without(tables: Iterable[PlannedTable]) -> dict[str, Population]:
    """Return the populations of tables with more than one reading, large cases left out."""
    found = {one.population.name: one.population for one in tables if one.reading != "one"}
    made = (
        replace(
            who,
            name=_without(name),
            where={**who.where, "mass_case": "no"},
            sv=_left_out(who, "sv"),
            en=_left_out(who, "en"),
        )
        for name, who in found.items()
    )
    return {who.name: who for who in made}


def _with_twin(one: PlannedTable, populations: Mapping[str, Population]) -> tuple[PlannedTable, ...]:
    if one.reading != "both":
        return (one,)
    key, population = _without(one.key), populations[_without(one.population.name)]
    facts = tuple(replace(fact, table=key) for fact in one.facts)
    twin = replace(one, key=key, population=population, facts=facts, reading="one", whole=one.key)
    return one, replace(twin, sv=_left_out(one, "sv"), en=_left_out(one, "en"))


def _left_out(what: Labelled, lang: str) -> str:
    return messages.say("words", "without_large", lang, what=what.label(lang))


def _check(plan: TablePlan, book: Codebook) -> None:
    """Refuse words that nothing defines, and entries that contradict each other."""
    for measure in plan.measures.values():
        where = f"measure.{measure.name}"
        require_known([measure.grain], _grains(), _FILE, f"{where}.grain")
        require_known([measure.unit], plan.units, _FILE, f"{where}.unit")
        if measure.grain in grains.load() and measure.sum:
            numbers = [one.name for one in book.of_grain(measure.grain) if one.is_number]
            numbers += [one.name for one in plan.computed.values() if not one.codes]
            require_known([measure.sum], numbers, _FILE, f"{where}.sum")
    numbers = [one.name for one in book.of_grain("case") if one.is_number]
    for computed in plan.computed.values():
        where = f"computed.{computed.name}"
        require_known([computed.of] if computed.of else [], numbers, _FILE, f"{where}.of")
        require_known(
            [computed.part_of] if computed.part_of else [], plan.computed, _FILE, f"{where}.part_of"
        )
    for population in plan.populations.values():
        where = f"universe.{population.name}"
        require_known([population.grain], _grains(), _FILE, f"{where}.grain")
        for column, code in population.where.items():
            name, _, option = column.partition("__")
            codes = _codes(plan, name, population.grain, f"{where}.where")
            require_known([option or code], codes, _FILE, f"{where}.where.{column}")
    facts = [fact.name for planned in plan.tables if not planned.whole for fact in planned.facts]
    for kind, names in (("table", [planned.key for planned in plan.tables]), ("fact", facts)):
        for twice in sorted({name for name in names if names.count(name) > 1}):
            raise _wrong(f"{kind}.{twice}", f"one {kind} of that name")
    for planned in plan.tables:
        _check_table(planned, plan, book)
    for fact in plan.facts.values():
        known = _known_codes(plan.by_key[fact.table], plan, book)
        require_known(fact.codes, known, _FILE, f"facts.{fact.name}")
        if (fact.of is None) == (fact.show in ("ratio", "signed", "change")):
            raise _wrong(f"facts.{fact.name}.of", "with show")
        require_known([fact.of] if fact.of else [], plan.facts, _FILE, f"facts.{fact.name}.of")


def _check_table(planned: PlannedTable, plan: TablePlan, book: Codebook) -> None:
    where, measure = f"table.{planned.key}", planned.measure
    if planned.population.grain != measure.grain:
        fitting = [one.name for one in plan.measures.values() if one.grain == planned.population.grain]
        raise _wrong(f"{where}.measure: {measure.name}", ", ".join(fitting) or "–")
    for name in planned.dimensions:
        _codes(plan, name, measure.grain, f"{where}.dimensions")
        computed = plan.computed.get(name)
        if computed and computed.split and not measure.sum:
            raise _wrong(f"{where}.measure", "a sum")
    require_known([planned.section], plan.sections, _FILE, f"{where}.section")
    require_known(planned.must_show, _known_codes(planned, plan, book), _FILE, f"{where}.must_show")
    require_known(planned.no_answer, _known_codes(planned, plan, book), _FILE, f"{where}.no_answer")
    require_known(planned.notes, messages.texts("notes"), _FILE, f"{where}.notes")


def _codes(plan: TablePlan, name: str, grain: str, where: str) -> list[str]:
    try:
        return plan.codes(name, grain)
    except KeyError as error:
        known = [one.name for one in plan.computed.values() if one.grain == grain]
        if grain in grains.load():
            known += [one.name for one in codebook.load().of_grain(grain)]
        require_known([name], known, _FILE, where)
        raise _wrong(f"{where}: {name}", ", ".join(known)) from error


def _known_codes(planned: PlannedTable, plan: TablePlan, book: Codebook) -> set[str]:
    """Return the codes that rows of a table's first dimension may have."""
    first = planned.dimensions[:1]
    return {
        TOTAL,
        *book.special,
        *(code for name in first for code in plan.codes(name, planned.measure.grain)),
    }


def _grains() -> tuple[str, ...]:
    return (*grains.load(), *_ROWS_BESIDE_SHEETS)


def _wrong(name: str, expected: str) -> SettingsError:
    return SettingsError("E-010", name=name, file=_FILE, expected=expected)
