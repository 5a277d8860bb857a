"""The disclosure rules as data: which counts are hidden, with source and date of decision.

Enters: ``resources/disclosure.toml`` or a rule file of the same form. Leaves: frozen rules. A rule file
or a flag may be stricter than the rules that the package carries, never looser.
"""

from __future__ import annotations

import tomllib
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

from platform_utils.errors import SettingsError
from platform_utils.paths import resource
from platform_utils.spec import codebook
from platform_utils.spec.counts import TOTAL
from platform_utils.spec.entries import read_packaged
from platform_utils.spec.plan import load_plan

_ABOUT = ("decided", "source")
_BY_DIMENSION = ("minimum_by_dimension", "identifies_nobody")  # sections whose keys are dimensions
_MEMBERS = {"min_contributors", "min_without_largest"}  # a class without them has no such limit


@dataclass(frozen=True)
class ClassRule:
    """Limits of one class of tables.

    Attributes
    ----------
    name : str
        ``"A"`` or ``"B"``.
    min_released : int
        Smallest count of persons that is shown; 1 to ``min_released - 1`` are hidden.
    min_contributors : int
        Fewest members behind a shown count; 1 means no limit.
    min_without_largest : int
        What is left of a shown count without any one member's own rows: 0, or at least this.
        0 means no limit.
    """

    name: str
    min_released: int
    min_contributors: int
    min_without_largest: int
    source: str
    decided: date

    @property
    def short_name(self) -> str:
        """Class and smallest count shown, such as ``"A4"``."""
        return f"{self.name}{self.min_released}"


@dataclass(frozen=True)
class DisclosureRule:
    """All limits that a table is held to.

    Attributes
    ----------
    classes : mapping of str to ClassRule
        ``"A"`` and ``"B"``.
    maximum_dimensions, refused_beyond : int
        Most breakdowns of a class A table, and of any; conditions of its population count.
    protected_units, open_units, sum_units : frozenset of str
        Units of counts that are protected, that pass, and that follow the count under them.
    never_primary : frozenset of str
        Codes that are not hidden for their own sake in a question over a whole population.
    no_condition : frozenset of str
        Variables that mark whole populations.
    class_b_dimensions, refused_dimensions, sensitive : frozenset of str
        Dimensions that make a table class B; that no table may have; where 0 % and 100 % need a decision.
    identifies_nobody : mapping of str to frozenset of str
        Codes by dimension that count no exploited person.
    presumed : mapping of str to str
        Sensitive attributes that whoever has another is known to have, by that other.
    minimum_by_dimension : mapping of str to int
        Fewest persons from which a code of a dimension is named.
    """

    classes: Mapping[str, ClassRule]
    maximum_dimensions: int
    refused_beyond: int
    protected_units: frozenset[str]
    open_units: frozenset[str]
    sum_units: frozenset[str]
    never_primary: frozenset[str]
    no_condition: frozenset[str]
    identifies_nobody: Mapping[str, frozenset[str]]
    class_b_dimensions: frozenset[str]
    refused_dimensions: frozenset[str]
    sensitive: frozenset[str]
    presumed: Mapping[str, str]
    minimum_by_dimension: Mapping[str, int]
    max_min_released: int

    def breakdowns(self, dimensions: Iterable[str], universe: str) -> frozenset[str]:
        """Return the breakdowns of a table: its dimensions, and the conditions of its population."""
        population = load_plan().populations.get(universe)
        asked = (column.partition("__")[0] for column in (population.where if population else ()))
        return frozenset(dimensions) | (set(asked) - self.no_condition)

    def class_of(self, declared: str, dimensions: Iterable[str], universe: str) -> ClassRule:
        """Return the class of a table: B as soon as its breakdowns ask for it, whatever it declares."""
        asked = self.breakdowns(dimensions, universe)
        strict = len(asked) > self.maximum_dimensions or self.class_b_dimensions & asked
        return self.classes["B" if strict or declared != "A" else "A"]

    def is_open(self, dimensions: Sequence[str], codes: Sequence[str], universe: str) -> bool:
        """Say whether a cell is not hidden for its own sake: it says nothing about a person."""
        named = {d: code for d, code in zip(dimensions, codes, strict=True) if code != TOTAL}
        if any(code in self.identifies_nobody.get(dimension, ()) for dimension, code in named.items()):
            return True
        alone = len(self.breakdowns(named, universe)) == 1
        return alone and not self.never_primary.isdisjoint(named.values())

    def tighten(self, *, min_released: int | None = None) -> DisclosureRule:
        """Return a stricter profile.

        Parameters
        ----------
        min_released : int, optional
            Smallest count shown, in persons, for both classes; at most 10.

        Raises
        ------
        SettingsError
            E-407 if a class would become looser, or stricter than the profiles allow.
        """
        if min_released is None:
            return self
        tightened = {}
        for name, limits in self.classes.items():
            if not limits.min_released <= min_released <= self.max_min_released:
                if min_released < limits.min_released and min_released >= self.classes["A"].min_released:
                    tightened[name] = limits
                    continue
                raise SettingsError(
                    "E-407",
                    name="min_released",
                    lowest=self.classes["A"].min_released,
                    highest=self.max_min_released,
                )
            tightened[name] = replace(limits, min_released=min_released)
        return replace(self, classes=tightened)


def load_rule(path: Path | None = None, dimensions: Collection[str] = ()) -> DisclosureRule:
    """Return the rules that the package carries, or a stricter file of the same form.

    Parameters
    ----------
    path : Path, optional
        A rule file; what it does not name stays as the package has it.
    dimensions : collection of str
        What a file may name besides the codebook's variables: the breakdowns of the tables at hand.

    Raises
    ------
    SettingsError
        E-406 if the file cannot be read, or a value is of the wrong kind; E-407 if it loosens a limit, goes
        beyond the strictest, or has a key that no rule has.
    """
    packaged = _packaged()
    if path is None:
        return packaged
    try:
        said = tomllib.loads(Path(path).read_text(encoding="utf-8"))
        asked = _checked(packaged, _from(_merged(_packaged_toml(), said)))
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise SettingsError("E-406", file=Path(path).name) from error
    book = codebook.load()
    known = {one.name for one in book.variables} | {one.name for one in book.derived}
    known |= _named(packaged) | set(dimensions)
    for name in sorted(_named(asked) - known):  # a misspelt breakdown would be a limit that nothing meets
        raise SettingsError("E-407", name=name, lowest="-", highest="-")
    return asked


def _named(rule: DisclosureRule) -> set[str]:
    """Return the breakdowns that a rule names."""
    by_dimension = {*rule.minimum_by_dimension, *rule.identifies_nobody}
    return by_dimension | rule.class_b_dimensions | rule.refused_dimensions | rule.sensitive


def _packaged_toml() -> dict[str, Any]:
    return read_packaged(resource("disclosure.toml"))


@cache
def _packaged() -> DisclosureRule:
    return _from(_packaged_toml())


def _merged(base: dict[str, Any], said: dict[str, Any]) -> dict[str, Any]:
    unknown = sorted(set(said) - set(base))
    for section in sorted(set(said) & set(base)):
        if not isinstance(said[section], dict):
            raise TypeError(section)
        if section not in _BY_DIMENSION:
            known = set(base[section]) | (_MEMBERS if section in ("A", "B") else set())
            unknown += sorted(f"{section}.{key}" for key in set(said[section]) - known)
    if unknown:
        raise SettingsError("E-407", name=unknown[0], lowest="-", highest="-")
    return {key: entry | said.get(key, {}) for key, entry in base.items()}


def _number(value: object) -> int:
    """Return a limit: a whole number of at least 0, and nothing that only looks like one."""
    if not isinstance(value, int) or isinstance(value, bool) or value < 0:
        raise ValueError("a whole number of at least 0")
    return value


def _names(value: object) -> frozenset[str]:
    if not isinstance(value, list) or not all(isinstance(one, str) for one in value):
        raise ValueError("a list of names")
    return frozenset(value)


def _with_derived(names: frozenset[str]) -> frozenset[str]:
    """Return dimensions and what is derived from them, which may show no more than what it is made from."""
    found = set(names)
    for derived in codebook.load().derived:  # in the order in which they are computed
        if found & set(derived.sources):
            found.add(derived.name)
    return frozenset(found)


def _from(said: Mapping[str, Any]) -> DisclosureRule:
    limits = {
        name: ClassRule(
            name=name,
            min_released=_number(said[name]["min_released"]),
            min_contributors=_number(said[name].get("min_contributors", 1)),
            min_without_largest=_number(said[name].get("min_without_largest", 0)),
            source=str(said[name]["source"]),
            decided=said[name]["decided"],
        )
        for name in ("A", "B")
    }
    by_dimension = {k: _number(v) for k, v in said["minimum_by_dimension"].items() if k not in _ABOUT}
    open_units, sum_units = (_names(said["units"][key]) for key in ("open", "sums"))
    return DisclosureRule(
        classes=limits,
        maximum_dimensions=_number(said["A"]["maximum_dimensions"]),
        refused_beyond=_number(said["A"]["refused_beyond"]),
        protected_units=frozenset(load_plan().units) - open_units - sum_units,
        open_units=open_units,
        sum_units=sum_units,
        never_primary=_names(said["never_primary"]["codes"]),
        no_condition=_names(said["no_condition"]["names"]),
        identifies_nobody={
            key: _names(codes) for key, codes in said["identifies_nobody"].items() if key not in _ABOUT
        },
        class_b_dimensions=_with_derived(_names(said["class_b_dimensions"]["names"])),
        refused_dimensions=_names(said["refused_dimensions"]["names"]),
        sensitive=_with_derived(_names(said["sensitive"]["names"])),
        presumed=dict(said["sensitive"]["presumed"]),
        minimum_by_dimension=by_dimension,
        max_min_released=_number(said["limits"]["max_min_released"]),
    )


def _checked(packaged: DisclosureRule, asked: DisclosureRule) -> DisclosureRule:
    numbers = [("max_min_released", packaged.max_min_released, asked.max_min_released)]
    for name in ("maximum_dimensions", "refused_beyond"):
        numbers += [(name, -getattr(packaged, name), -getattr(asked, name))]
    for name, was in packaged.classes.items():
        new = asked.classes[name]
        numbers += [
            (f"{name}.{key}", getattr(was, key), getattr(new, key))
            for key in ("min_released", "min_contributors", "min_without_largest")
        ]
    for dimension, least in packaged.minimum_by_dimension.items():
        numbers.append((dimension, least, asked.minimum_by_dimension.get(dimension, 0)))
    for name, was_value, new_value in numbers:
        if new_value < was_value:
            raise SettingsError("E-407", name=name, lowest=abs(was_value), highest=packaged.max_min_released)
    for name, limits in asked.classes.items():
        if limits.min_released > asked.max_min_released:
            least, most = packaged.classes[name].min_released, asked.max_min_released
            raise SettingsError("E-407", name=f"{name}.min_released", lowest=least, highest=most)
    wider = [
        ("units.open", packaged.open_units >= asked.open_units),
        ("units.sums", packaged.sum_units >= asked.sum_units),
        ("never_primary", packaged.never_primary >= asked.never_primary),
        ("no_condition", packaged.no_condition >= asked.no_condition),
        (
            "identifies_nobody",
            all(
                codes <= packaged.identifies_nobody.get(dimension, frozenset())
                for dimension, codes in asked.identifies_nobody.items()
            ),
        ),
        ("class_b_dimensions", packaged.class_b_dimensions <= asked.class_b_dimensions),
        ("refused_dimensions", packaged.refused_dimensions <= asked.refused_dimensions),
        ("sensitive", packaged.sensitive <= asked.sensitive),
        ("sensitive.presumed", packaged.presumed.items() >= asked.presumed.items()),
    ]
    for name, is_stricter in wider:
        if not is_stricter:
            raise SettingsError("E-407", name=name, lowest="-", highest="-")
    return asked
