"""The rules of the support programme, each value with its source and the dates that sources give.

Enters: ``resources/nsp_rules.toml``, read strictly. Leaves: frozen definitions, and which of them may have
held in a month.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Literal

from platform_utils.paths import resource
from platform_utils.spec import codebook
from platform_utils.spec.entries import Labelled, Text, key, read_entry, read_packaged, require_known

_FILE = "nsp_rules.toml"
TOTAL_DAYS = "total"
"""What a limit of all days together is named."""


@dataclass(frozen=True)
class Source(Labelled):
    """Where a rule is printed."""

    name: str
    sv: str
    en: str
    address: str


@dataclass(frozen=True)
class Period:
    """Months, ``"YYYY-MM"``, both included, in which something may have held.

    Attributes
    ----------
    until : str
        Empty where nobody has said that it ended.
    version : str
        Name of the rules, for ``state`` version.
    """

    first: str = field(metadata=key("from"))
    state: Literal["version", "not_found", "closed"]
    source: str
    because: Text
    until: str = ""
    version: str = ""

    @property
    def name(self) -> str:
        """The version, or what stands in its place."""
        return self.version or self.state

    def has(self, month: str) -> bool:
        """Say whether a month lies in it."""
        return self.first <= month and (not self.until or month <= self.until)


@dataclass(frozen=True)
class Step:
    """One step of a case.

    Attributes
    ----------
    after : tuple of str
        Steps of which one must stand before it.
    not_with : tuple of str
        Steps that a case cannot have besides.
    """

    name: str
    by: Text
    after: tuple[str, ...] = ()
    not_with: tuple[str, ...] = ()
    ends: bool = False


@dataclass(frozen=True)
class Limit:
    """The most days of an intervention, or of all but those in ``outside``.

    Attributes
    ----------
    days, period_days, periods : int
        Of all its days, of one period, and how many periods; 0 where no source says.
    since : str
        Year or version that the source names.
    """

    version: str
    what: str
    days: int
    since: str
    source: str
    period_days: int = 0
    periods: int = 0
    outside: tuple[str, ...] = ()


@dataclass(frozen=True)
class Right:
    """Who may apply, or what comes first."""

    version: str
    what: Literal["certified_only", "society_first"]
    since: str
    source: str
    child: Literal["possible", "covered", "not_stated"] = "not_stated"


@dataclass(frozen=True)
class Rules:
    """All of it."""

    sources: Mapping[str, Source]
    periods: tuple[Period, ...]
    steps: tuple[Step, ...]
    limits: tuple[Limit, ...]
    rights: tuple[Right, ...]

    def may_hold(self, month: str) -> tuple[Period, ...]:
        """Return what may have held in a month, in order: versions, or what stands in their place."""
        return tuple(period for period in self.periods if period.has(month))

    def limits_of(self, version: str) -> tuple[Limit, ...]:
        """Return the limits of a version, in order."""
        return tuple(limit for limit in self.limits if limit.version == version)


@cache
def load_rules() -> Rules:
    """Return the rules that the package carries.

    Raises
    ------
    SettingsError
        E-010 with the entry and the word that cannot be used.
    """
    said = read_packaged(resource("nsp_rules.toml"))
    require_known(said, ("source", "period", "step", "limit", "right"), _FILE, "-")
    sources = {
        name: read_entry(Source, one, _FILE, f"source.{name}", name=name)
        for name, one in said["source"].items()
    }
    rules = Rules(
        sources,
        tuple(read_entry(Period, one, _FILE, "period") for one in said["period"]),
        tuple(read_entry(Step, one, _FILE, "step") for one in said["step"]),
        tuple(read_entry(Limit, one, _FILE, "limit") for one in said["limit"]),
        tuple(read_entry(Right, one, _FILE, "right") for one in said["right"]),
    )
    _check(rules)
    return rules


def _check(rules: Rules) -> None:
    """Refuse words that neither the codebook nor the file itself defines."""
    lists = codebook.load().lists
    codes = {
        name: [one.code for one in lists[name]] for name in ("nsp_intervention", "nsp_step", "rule_version")
    }
    steps = [*codes["nsp_step"]]
    kinds = [*codes["nsp_intervention"], TOTAL_DAYS]
    versions = codes["rule_version"]
    dated: tuple[Period | Limit | Right, ...] = (*rules.periods, *rules.limits, *rules.rights)
    for one in dated:
        require_known([one.source], rules.sources, _FILE, "source")
        require_known([one.version] if one.version else [], versions, _FILE, "version")
    for step in rules.steps:
        require_known([step.name, *step.after, *step.not_with], steps, _FILE, f"step {step.name}")
    for limit in rules.limits:
        require_known([limit.what, *limit.outside], kinds, _FILE, f"limit {limit.version}")
