"""The frozen plan: what is asked, compared, tested and reported, fixed before outcomes are read.

Enters: a TOML file such as ``resources/pilot.toml``. Leaves: a ``Plan`` with the hash of the file. An unknown
setting is refused, not ignored: a misspelt plan would be another plan.
"""

from __future__ import annotations

import hashlib
import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from platform_utils.errors import FileError, SettingsError

__all__ = ["OUTCOMES", "TESTS", "KnownOutcome", "Plan", "read_plan"]

OUTCOMES = ("lost", "report")
TESTS = ("permutation", "boschloo", "barnard", "fisher")
INTERVALS = ("permutation", "newcombe", "miettinen_nurminen")
UNITS = ("member", "region", "person")
SENSITIVITY = ("e_value", "manski", "tipping_point", "misclassification", "leave_one_out", "person_level")
MOST_COVARIATES = 3
_MONTH = re.compile(r"\d{4}-(0[1-9]|1[0-2])")


@dataclass(frozen=True)
class KnownOutcome:
    """A published figure on an outcome, known when the plan was written."""

    years: str
    sv: str
    en: str
    source: str


@dataclass(frozen=True)
class Plan:
    """What the evaluation does. Field names follow the sections of ``resources/pilot.toml``.

    Parameters
    ----------
    sha256 : str
        Hash of the plan file, line ends as LF.
    """

    sha256: str
    version: str
    question: Mapping[str, str]
    exclude_reported_before: bool
    exclude_in_mmm: bool
    time_zero: str
    entry_column: str
    grace_days: int
    method: str
    unit: str
    windows: tuple[int, ...]
    primary_window: int
    contact_gap: int
    outcomes: tuple[str, ...]
    interval: str
    test: str
    level: float
    leaving_level: float
    leaving_tolerance: float
    covariates: tuple[str, ...]
    seed: int
    bootstrap_draws: int
    sensitivity: tuple[str, ...]
    report_sensitivity: tuple[float, float]
    programme_from: str
    closed_from: str
    reopened: str
    min_before: int
    min_closed: int
    risk_without: float
    risk_with: float
    entrants_per_year: int
    correlation: float
    unseen: float
    power_draws: int
    ethics_review: str
    ethics_approval: str
    known_outcomes: tuple[KnownOutcome, ...]


def read_plan(path: Path) -> Plan:
    """Read a plan and refuse anything in it that is missing, misspelt or impossible.

    Parameters
    ----------
    path : Path
        TOML file in the form of ``resources/pilot.toml``.

    Returns
    -------
    Plan

    Raises
    ------
    FileError
        E-700 if the file cannot be read as TOML.
    SettingsError
        E-702 for a setting that is missing, unknown or outside its range; E-703 for an unknown test.
    """
    try:
        content = path.read_bytes()
        raw = tomllib.loads(content.decode("utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise FileError("E-700", file=path.name) from error
    reader = _Reader(raw, path.name)
    plan = _plan(reader, hashlib.sha256(content.replace(b"\r\n", b"\n")).hexdigest())
    reader.finish()
    return plan


class _Reader:
    """Takes settings out of a plan one by one; what is left over at the end is unknown."""

    def __init__(self, raw: dict[str, Any], file: str) -> None:
        self.file = file
        self.left: dict[str, Any] = {}
        for key, value in raw.items():
            if isinstance(value, dict):
                self.left.update({f"{key}.{inner}": item for inner, item in value.items()})
            else:
                self.left[key] = value

    def refuse(self, name: str, expected: str) -> SettingsError:
        return SettingsError("E-702", file=self.file, name=name, expected=expected)

    def take(self, name: str, kind: type, expected: str) -> Any:
        value = self.left.pop(name, None)
        right = isinstance(value, kind) and not (kind is int and isinstance(value, bool))
        if not right:
            raise self.refuse(name, expected)
        return value

    def number(self, name: str, low: float, high: float) -> float:
        value = self.left.pop(name, None)
        if isinstance(value, bool) or not isinstance(value, int | float) or not low <= value <= high:
            raise self.refuse(name, f"{low}–{high}")
        return float(value)

    def whole(self, name: str, low: int, high: int) -> int:
        expected = f"{low}–{high}"
        value = self.take(name, int, expected)
        if not low <= value <= high:
            raise self.refuse(name, expected)
        return int(value)

    def choice(self, name: str, choices: tuple[str, ...]) -> str:
        expected = ", ".join(choices)
        value = self.take(name, str, expected)
        if value not in choices:
            raise self.refuse(name, expected)
        return str(value)

    def choices(self, name: str, choices: tuple[str, ...]) -> tuple[str, ...]:
        expected = ", ".join(choices)
        values = self.take(name, list, expected)
        if len(set(map(str, values))) != len(values) or any(value not in choices for value in values):
            raise self.refuse(name, expected)
        return tuple(values)

    def month(self, name: str) -> str:
        value = self.take(name, str, "YYYY-MM")
        if not _MONTH.fullmatch(value):
            raise self.refuse(name, "YYYY-MM")
        return str(value)

    def finish(self) -> None:
        if self.left:
            raise self.refuse(min(self.left), "–")


def _plan(reader: _Reader, sha256: str) -> Plan:
    test = reader.take("analysis.test", str, ", ".join(TESTS))
    if test not in TESTS:
        raise SettingsError("E-703", file=reader.file, allowed=", ".join(TESTS))
    unit = reader.choice("groups.unit", UNITS)
    if unit != "person" and test != "permutation":
        raise SettingsError("E-703", file=reader.file, allowed="permutation")
    reader.choice("groups.contrast", ("access",))
    reader.choice("analysis.estimand", ("risk_difference",))
    reader.choice("analysis.correction", ("holm",))
    reader.choice("second_design.kind", ("interrupted_series",))
    reader.choice("ethics.law", ("2003:460",))
    windows = reader.take("windows.days", list, "30, 60, 90, 180")
    if not windows or not all(isinstance(day, int) and 0 < day <= 730 for day in windows):
        raise reader.refuse("windows.days", "1–730")
    if sorted(set(windows)) != windows:
        raise reader.refuse("windows.days", "30 < 60 < 90 < 180")
    primary = reader.whole("windows.primary", windows[0], windows[-1])
    if primary not in windows:
        raise reader.refuse("windows.primary", ", ".join(map(str, windows)))
    outcomes = reader.choices("analysis.outcomes", OUTCOMES)
    if not outcomes:
        raise reader.refuse("analysis.outcomes", ", ".join(OUTCOMES))
    covariates = reader.take("analysis.covariates", list, f"0–{MOST_COVARIATES}")
    if len(covariates) > MOST_COVARIATES or not all(isinstance(name, str) for name in covariates):
        raise reader.refuse("analysis.covariates", f"0–{MOST_COVARIATES}")
    seen = reader.take("sensitivity.report_sensitivity", list, "0.5–1, 0.5–1")
    if len(seen) != 2 or not all(isinstance(x, int | float) and 0.5 <= x <= 1 for x in seen):
        raise reader.refuse("sensitivity.report_sensitivity", "0.5–1, 0.5–1")
    known = tuple(
        KnownOutcome(**{key: str(item[key]) for key in ("years", "sv", "en", "source")})
        for item in reader.take("known_outcomes", list, "[[known_outcomes]]")
        if _is_known(item, reader)
    )
    closed_from, reopened = reader.month("second_design.closed_from"), reader.month("second_design.reopened")
    programme_from = reader.month("second_design.programme_from")
    if not programme_from < closed_from < reopened:
        raise reader.refuse("second_design.closed_from", "programme_from < closed_from < reopened")
    return Plan(
        sha256=sha256,
        version=reader.take("version", str, "1"),
        question={lang: reader.take(f"question.{lang}", str, "sv, en") for lang in ("sv", "en")},
        exclude_reported_before=reader.take("population.exclude_reported_before", bool, "true, false"),
        exclude_in_mmm=reader.take("population.exclude_in_mmm", bool, "true, false"),
        time_zero=reader.choice("time_zero.kind", ("eligibility",)),
        entry_column=reader.choice("strategies.entry_column", ("application_day", "start_day")),
        grace_days=reader.whole("strategies.grace_days", 1, windows[-1]),
        method=reader.choice("strategies.method", ("clone", "landmark")),
        unit=unit,
        windows=tuple(windows),
        primary_window=primary,
        contact_gap=reader.whole("windows.contact_gap", 1, 365),
        outcomes=outcomes,
        interval=reader.choice("analysis.interval", INTERVALS if unit == "person" else ("permutation",)),
        test=test,
        level=reader.number("analysis.level", 0.001, 0.2),
        leaving_level=reader.number("analysis.leaving_level", 0.0, 1.0),
        leaving_tolerance=reader.number("analysis.leaving_tolerance", 0.0, 1.0),
        covariates=tuple(covariates),
        seed=reader.whole("analysis.seed", 0, 2**31),
        bootstrap_draws=reader.whole("analysis.bootstrap_draws", 0, 10_000),
        sensitivity=reader.choices("sensitivity.analyses", SENSITIVITY),
        report_sensitivity=(float(seen[0]), float(seen[1])),
        programme_from=programme_from,
        closed_from=closed_from,
        reopened=reopened,
        min_before=reader.whole("second_design.min_before", 24, 240),
        min_closed=reader.whole("second_design.min_closed", 12, 240),
        risk_without=reader.number("power.risk_without", 0.0, 1.0),
        risk_with=reader.number("power.risk_with", 0.0, 1.0),
        entrants_per_year=reader.whole("power.entrants_per_year", 1, 10_000),
        correlation=reader.number("power.correlation", 0.0, 0.9),
        unseen=reader.number("power.unseen", 0.0, 0.9),
        power_draws=reader.whole("power.draws", 50, 100_000),
        ethics_review=reader.choice("ethics.review", ("owed", "not_owed")),
        ethics_approval=reader.take("ethics.approval", str, "…"),
        known_outcomes=known,
    )


def _is_known(item: object, reader: _Reader) -> bool:
    if not isinstance(item, dict) or set(item) != {"years", "sv", "en", "source"}:
        raise reader.refuse("known_outcomes", "years, sv, en, source")
    return True
