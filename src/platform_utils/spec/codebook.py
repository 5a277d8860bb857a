"""The codebook: every variable, its codes and labels, defined once; all else is generated from it.

Enters: ``resources/codebook/*.toml``. Leaves: frozen definitions that template, validator, cleaning,
demo data, labels and the data dictionary read.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from itertools import chain
from typing import Any, Literal

from platform_utils.errors import SettingsError
from platform_utils.paths import resource
from platform_utils.spec import grains
from platform_utils.spec.defined import require_defined
from platform_utils.spec.entries import Entry, Labelled, Text, key, read_entry, read_packaged, require_known
from platform_utils.spec.form_of_year import GRAIN, form_of
from platform_utils.spec.text import normalise_text

SPECIAL_CODES = ("unknown", "blank", "not_asked")
"""Answered "unknown"; asked and left blank; not asked that year. They never merge into each other."""

UNREADABLE = "unreadable"
"""Answered, and nobody can tell what: a mark of checked rows, counted among the unknown in clean ones."""

Mark = Literal["S", "A", "I"]
Kind = Literal["code", "multi", "yes_no", "count", "days", "sek", "text_code"]


@dataclass(frozen=True)
class Code(Labelled):
    """One permitted answer.

    Parameters
    ----------
    code : str
        Stored value; never reused or redefined.
    mark : {"S", "A", "I"}
        Named by the Platform, by an authority, or inferred (shown as proposed).
    aliases : tuple of str
        Other accepted spellings.
    parent : str, optional
        Code that it merges into in coarser tables.
    parent_until : tuple, optional
        ``(last year, parent then)`` where the parent has changed.
    since, until : int, optional
        First and last support year in which it may be answered.
    sensitive : bool
        A group in which all or none have it needs a decision.
    ages : tuple, optional
        Lowest and highest age that it stands for, in whole years, both included.
    form : Text, optional
        How forms with questions of their own (`form_of`) say it, where reports still say it otherwise.
    gives : mapping of str to str
        What it says to older columns whose question it replaces: a code, or ``"all"`` and ``"none"`` for
        a number of children.
    right : str
        Right of the convention's article 12 that a kind of support serves; empty if none.
    implies : mapping of str to str
        What it says of other variables: their codes by name.
    """

    code: str
    sv: str
    en: str
    mark: Mark = "S"
    aliases: tuple[str, ...] = ()
    parent: str | None = None
    parent_until: tuple[int, str] | None = None
    since: int | None = None
    until: int | None = None
    sensitive: bool = False
    ages: tuple[int, int] | None = None
    form: Text | None = None
    gives: Mapping[str, str] = field(default_factory=dict)
    right: str = ""
    implies: Mapping[str, str] = field(default_factory=dict)

    def label_in(self, year: int, lang: str) -> str:
        """Return its label in the form of ``year``."""
        return self.form.label(lang) if self.form and form_of(year) else self.label(lang)

    def parent_in(self, year: int) -> str:
        """Return the coarser code in ``year``, or the code itself."""
        if self.parent_until and year <= self.parent_until[0]:
            return self.parent_until[1]
        return self.parent or self.code

    def is_listed(self, year: int) -> bool:
        """Say whether it may be answered in ``year``."""
        return (self.since or year) <= year <= (self.until or year)


@dataclass(frozen=True)
class Variable(Labelled):
    """One question of the form.

    Parameters
    ----------
    name : str
        Column name; multi-select variables have one column per code, ``name__code``.
    grain : str
        Name of the sheet that it stands on, from `grains`.
    kind : {"code", "multi", "yes_no", "count", "days", "sek", "text_code"}
        Type of the answer.
    sv, en : str
        Heading in the form.
    sensitivity : {"direct", "quasi", "plain"}
        Whether it identifies a person directly, together with others, or not.
    codes : str, optional
        Name of its code list.
    since, until : int, optional
        First and last support year asked.
    minimum, maximum, default : int, optional
        Limits of a number (inclusive) and the value of an empty cell.
    required, optional : bool
        A row without it is held; an empty cell is no gap.
    must : bool
        A sheet without the question is held, and a row whose answer cannot be read.
    sensitive : bool
        0 % or 100 % in a group needs a decision.
    asked_if : mapping of str to str
        Asked only where another variable has this code.
    open_if, none_if : mapping of str to str, str
        Closed where a column does not have this code, or this number is 0; answers are no contradiction.
    never : mapping of str to mapping of str to str
        By code, codes of other variables that no accepted row has beside it.
    picks : str
        Multi-select variable of which it is one answer; an optional one does not say "no" to the others.
    """

    name: str
    grain: str
    kind: Kind
    sv: str
    en: str
    mark: Mark
    sensitivity: Literal["direct", "quasi", "plain"]
    codes: str | None = None
    help_sv: str = ""
    help_en: str = ""
    unit: str | None = None
    since: int | None = None
    until: int | None = None
    minimum: int | None = None
    maximum: int | None = None
    default: int | None = None
    required: bool = False
    must: bool = False
    optional: bool = False
    sensitive: bool = False
    asked_if: Mapping[str, str] = field(default_factory=dict)
    open_if: Mapping[str, str] = field(default_factory=dict)
    none_if: str = ""
    never: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    picks: str = ""

    def help(self, lang: str) -> str:
        """Return the guidance in ``lang``, empty if there is none."""
        return self.help_sv if lang == "sv" else self.help_en

    def is_asked(self, year: int) -> bool:
        """Say whether the form of ``year`` asked it."""
        return (self.since or year) <= year <= (self.until or year)

    @property
    def holds_rows(self) -> bool:
        """Whether a row whose answer cannot be read is held: nobody is counted without it."""
        return self.must or self.required or self.default is not None

    @property
    def is_number(self) -> bool:
        """Whether the answer is a number."""
        return self.kind in ("count", "days", "sek")

    @property
    def limits(self) -> tuple[int, int]:
        """Least and largest number that may be answered."""
        return self.minimum or 0, 10**9 if self.maximum is None else self.maximum

    @property
    def must_be_known(self) -> bool:
        """Whether a number may not be unknown."""
        return self.required or self.default is not None


@dataclass(frozen=True)
class Derived(Labelled):
    """A variable that tables use and nobody is asked.

    Parameters
    ----------
    sources : tuple of str
        Clean columns that it is computed from.
    by : {"parent", "map", "pairs"}
        Rule; see ``resources/codebook/derived.toml``.
    pairs : tuple of (str, str, str)
        For ``"pairs"``: first matching row decides, ``"*"`` matches anything.
    """

    name: str
    codes: str
    sv: str
    en: str
    sources: tuple[str, ...] = field(metadata=key("from"))
    by: Literal["parent", "map", "pairs"]
    mapping: Mapping[str, str] = field(default_factory=dict, metadata=key("map"))
    pairs: tuple[tuple[str, str, str], ...] = ()


@dataclass(frozen=True)
class Codebook:
    """Every variable, code list and derived variable.

    Parameters
    ----------
    variables : tuple of Variable
        In the order of the form; this order is the order of all tables and columns.
    lists : mapping of str to tuple of Code
        Code lists by name.
    derived : tuple of Derived
        In the order in which they are computed.
    special : mapping of str to Code
        ``unknown``, ``blank``, ``not_asked`` and ``total``.
    common : mapping of str to tuple of str
        Codes of a list that are answered most, in that order.
    """

    variables: tuple[Variable, ...]
    lists: Mapping[str, tuple[Code, ...]]
    derived: tuple[Derived, ...]
    special: Mapping[str, Code]
    common: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    _by_grain: dict[tuple[str, int | None], dict[str, tuple[Variable, Code | None]]] = field(
        default_factory=dict, init=False, repr=False, compare=False
    )

    @property
    def ages(self) -> dict[str, tuple[int, int]]:
        """Lowest and highest age of each age band, in whole years, both included."""
        return {code.code: code.ages for code in self.lists["age_band"] if code.ages}

    def of_grain(self, grain: str, year: int | None = None) -> tuple[Variable, ...]:
        """Return the variables of a sheet, in order; with ``year`` only those asked then."""
        return tuple(v for v in self.variables if v.grain == grain and (year is None or v.is_asked(year)))

    def variable(self, name: str, grain: str | None = None) -> Variable | Derived:
        """Return a variable, or a derived one, by name; without ``grain`` that of whichever rows have it.

        A variable of persons comes before a derived one, and both before those of other sheets.

        Raises
        ------
        KeyError
            If there is none.
        """
        first = next(iter(grains.load()))
        named = [variable for variable in self.variables if variable.name == name]
        own = [variable for variable in named if variable.grain == (grain or first)]
        derived = [rule for rule in self.derived if rule.name == name]
        found: list[Variable | Derived] = [*own, *derived, *([] if grain else named)]
        if not found:
            raise KeyError(name)
        return found[0]

    def source_of(self, derived: Derived, grain: str) -> str | None:
        """Return the variable of a sheet that a derived one follows from by its parents, if one does."""
        codes = self.variable(derived.sources[0]).codes
        named = (variable.name for variable in self.of_grain(grain) if variable.codes == codes)
        return next(named, None) if derived.by == "parent" else None

    def codes(self, variable: Variable | Derived, year: int | None = None) -> tuple[Code, ...]:
        """Return the codes of a variable in codebook order; yes and no for a yes/no variable."""
        name = "yes_no" if getattr(variable, "kind", "code") == "yes_no" else variable.codes
        if name is None:
            return ()
        return tuple(c for c in self.lists[name] if year is None or c.is_listed(year))

    def implied(self) -> list[tuple[str, str, str, str]]:
        """Return what codes of persons say of other variables: variable, code, other variable, its code."""
        return [
            (one.name, code.code, other, implied)
            for one in self.of_grain(next(iter(grains.load())))
            for code in self.codes(one)
            for other, implied in code.implies.items()
        ]

    def answers(self, variable: Variable, year: int | None = None) -> tuple[Code, ...]:
        """Return what one cell may say: the codes (yes and no for multi-select), unknown last."""
        codes = self.lists["yes_no"] if variable.kind == "multi" else self.codes(variable, year)
        return (*codes, self.special["unknown"])

    def columns(self, variable: Variable, year: int | None = None) -> dict[str, Code | None]:
        """Return the column names of a variable, each with its code if multi-select, in order."""
        if variable.kind != "multi":
            return {variable.name: None}
        return {f"{variable.name}__{code.code}": code for code in self.codes(variable, year)}

    def grain_columns(self, grain: str, year: int | None = None) -> dict[str, tuple[Variable, Code | None]]:
        """Return every column of a sheet with its variable and (for multi-select) its code, in order."""
        known = self._by_grain.get((grain, year))
        if known is None:
            known = self._by_grain[grain, year] = {
                column: (variable, code)
                for variable in self.of_grain(grain, year)
                for column, code in self.columns(variable, year).items()
            }
        return dict(known)

    def heading(self, column: str, lang: str, grain: str | None = None, year: int = 0) -> str:
        """Return a column's heading, ``"Form: tiggeri"`` if multi-select; with ``year`` that of its form."""
        name, _, code = column.partition("__")
        variable, asked = self.variable(name, grain), form_of(year).get(column)
        if asked and grain == GRAIN:
            return asked.label(lang)
        if not code:
            return variable.label(lang)
        return f"{variable.label(lang)}: {self.code(variable, code).label_in(year, lang)}"

    def code(self, variable: Variable | Derived, code: str) -> Code:
        """Return a code of a variable, or a special code.

        Raises
        ------
        KeyError
            If the variable has no such code.
        """
        if code in self.special:
            return self.special[code]
        for candidate in chain(self.codes(variable), *self.lists.values()):  # a parent is of a coarser list
            if candidate.code == code:
                return candidate
        raise KeyError(code)

    def label(self, name: str, code: str, lang: str, grain: str | None = None) -> str:
        """Return the label of a code of the variable or column ``name``."""
        return self.code(self.variable(name.partition("__")[0], grain), code).label(lang)

    def spellings(self, variable: Variable) -> dict[str, str]:
        """Return every accepted spelling of an answer, normalised, with its code (``unknown`` included)."""
        accepted: dict[str, str] = {}
        for code in self.answers(variable):
            said = (code.form.sv, code.form.en) if code.form else ()
            for spelling in (code.code, code.sv, code.en, *said, *code.aliases):
                key = normalise_text(spelling)
                if accepted.setdefault(key, code.code) != code.code:
                    name, expected = f"{variable.name}: {key}", "one code per spelling"
                    raise SettingsError("E-010", name=name, file="codebook", expected=expected)
        return accepted


@cache
def load() -> Codebook:
    """Return the codebook that the package carries.

    Raises
    ------
    SettingsError
        E-010 with file and key of a word that nothing defines, or of an entry that contradicts another.
    """
    read = {
        name: read_entry(_CodeList, entry, file, name)
        for file in ("codes.toml", "countries.toml")
        for name, entry in _said(file).items()
    }
    lists = {name: entry.codes for name, entry in read.items()}
    common = {name: entry.common for name, entry in read.items() if entry.common}
    special = {
        code: read_entry(Code, entry, "special.toml", code, code=code)
        for code, entry in _said("special.toml").items()
    }
    require_known((*SPECIAL_CODES, "total"), special, "special.toml", "-")
    variables = _listed(Variable, "variables.toml", "variable")
    book = Codebook(variables, lists, _listed(Derived, "derived.toml", "derived"), special, common)
    require_defined(book)
    return book


@dataclass(frozen=True)
class _CodeList:
    codes: tuple[Code, ...]
    common: tuple[str, ...] = ()


def _said(file: str) -> dict[str, Any]:
    return read_packaged(resource("codebook", file))


def _listed(kind: type[Entry], file: str, name: str) -> tuple[Entry, ...]:
    said = _said(file)[name]
    return tuple(read_entry(kind, entry, file, str(entry.get("name", "-"))) for entry in said)
