"""Load the codebook once, and answer questions about it."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

from platform_utils.codebook.text import normalise_text
from platform_utils.codebook.variable import SPECIAL_CODES, Code, Derived, Grain, Variable
from platform_utils.errors import SettingsError
from platform_utils.paths import resource

__all__ = ["Codebook", "load"]


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
    """

    variables: tuple[Variable, ...]
    lists: Mapping[str, tuple[Code, ...]]
    derived: tuple[Derived, ...]
    special: Mapping[str, Code]

    def of_grain(self, grain: Grain, year: int | None = None) -> tuple[Variable, ...]:
        """Return the variables of a sheet, in order; with ``year`` only those asked then."""
        return tuple(v for v in self.variables if v.grain == grain and (year is None or v.is_asked(year)))

    def variable(self, name: str, grain: Grain = "case") -> Variable | Derived:
        """Return a variable, or a derived one, by name.

        Raises
        ------
        KeyError
            If there is none.
        """
        for variable in self.variables:
            if variable.name == name and variable.grain == grain:
                return variable
        for derived in self.derived:
            if derived.name == name:
                return derived
        raise KeyError(name)

    def codes(self, variable: Variable | Derived, year: int | None = None) -> tuple[Code, ...]:
        """Return the codes of a variable in codebook order; yes and no for a yes/no variable."""
        name = "yes_no" if getattr(variable, "kind", "code") == "yes_no" else variable.codes
        if name is None:
            return ()
        return tuple(
            c for c in self.lists[name] if year is None or (c.since or year) <= year <= (c.until or year)
        )

    def columns(self, variable: Variable, year: int | None = None) -> dict[str, Code | None]:
        """Return the column names of a variable, each with its code if multi-select, in order."""
        if variable.kind != "multi":
            return {variable.name: None}
        return {f"{variable.name}__{code.code}": code for code in self.codes(variable, year)}

    def grain_columns(self, grain: Grain, year: int | None = None) -> dict[str, tuple[Variable, Code | None]]:
        """Return every column of a sheet with its variable and (for multi-select) its code, in order."""
        return {
            column: (variable, code)
            for variable in self.of_grain(grain, year)
            for column, code in self.columns(variable, year).items()
        }

    def heading(self, column: str, lang: str, grain: Grain = "case") -> str:
        """Return a column's heading in the form: ``"Form: tiggeri"`` for multi-select columns."""
        name, _, code = column.partition("__")
        variable = self.variable(name, grain)
        if not code:
            return variable.label(lang)
        return f"{variable.label(lang)}: {self.code(variable, code).label(lang)}"

    def code(self, variable: Variable | Derived, code: str) -> Code:
        """Return a code of a variable, or a special code.

        Raises
        ------
        KeyError
            If the variable has no such code.
        """
        if code in self.special:
            return self.special[code]
        for candidate in self.codes(variable):
            if candidate.code == code:
                return candidate
        for codes in self.lists.values():  # a parent code of a coarser list
            for candidate in codes:
                if candidate.code == code:
                    return candidate
        raise KeyError(code)

    def label(self, name: str, code: str, lang: str, grain: Grain = "case") -> str:
        """Return the label of a code of the variable or column ``name``."""
        return self.code(self.variable(name.partition("__")[0], grain), code).label(lang)

    def spellings(self, variable: Variable) -> dict[str, str]:
        """Return every accepted spelling of an answer, normalised, with its code (``unknown`` included)."""
        codes = self.lists["yes_no"] if variable.kind in ("multi", "yes_no") else self.codes(variable)
        accepted: dict[str, str] = {}
        for code in (*codes, self.special["unknown"]):
            for spelling in (code.code, code.sv, code.en, *code.aliases):
                key = normalise_text(spelling)
                if accepted.setdefault(key, code.code) != code.code:
                    raise SettingsError(
                        "E-010",
                        name=f"{variable.name}: {key}",
                        file="codebook",
                        expected="one code per spelling",
                    )
        return accepted


@cache
def load() -> Codebook:
    """Return the codebook that the package carries.

    Raises
    ------
    SettingsError
        E-010 if a variable names a code list that does not exist.
    """
    lists = {
        name: _codes(entry["codes"])
        for name, entry in (_toml("codes.toml") | _toml("countries.toml")).items()
    }
    variables = tuple(Variable(**entry) for entry in _toml("variables.toml")["variable"])
    derived = tuple(_derived(entry) for entry in _toml("derived.toml")["derived"])
    special = {
        code: Code(code=code, sv=entry["sv"], en=entry["en"], aliases=tuple(entry.get("aliases", ())))
        for code, entry in _toml("special.toml").items()
    }
    named: tuple[Variable | Derived, ...] = (*variables, *derived)
    for variable in named:
        if variable.codes is not None and variable.codes not in lists:
            raise SettingsError("E-010", name=variable.name, file="codebook", expected="a known code list")
    if not set(SPECIAL_CODES) <= set(special):
        raise SettingsError("E-010", name="special", file="special.toml", expected="all special codes")
    return Codebook(variables, lists, derived, special)


def _codes(entries: list[dict]) -> tuple[Code, ...]:
    return tuple(
        Code(
            **{key: value for key, value in entry.items() if key not in ("aliases", "parent_until")},
            aliases=tuple(entry.get("aliases", ())),
            parent_until=tuple(entry["parent_until"]) if "parent_until" in entry else None,
        )
        for entry in entries
    )


def _derived(entry: dict) -> Derived:
    return Derived(
        name=entry["name"],
        codes=entry["codes"],
        sv=entry["sv"],
        en=entry["en"],
        sources=tuple(entry["from"]),
        by=entry["by"],
        mapping=entry.get("map", {}),
        pairs=tuple(tuple(row) for row in entry.get("pairs", ())),
    )


def _toml(name: str) -> dict:
    return tomllib.loads(resource("codebook", name).read_text(encoding="utf-8"))
