"""The frozen plan: what is asked, compared, tested and reported, fixed before outcomes are read.

Enters: a TOML file such as ``resources/pilot.toml``; who froze it and when (nothing here reads the clock).
Leaves: a ``Plan`` with the hash of the file, and whether the evaluation may call itself planned: that needs
the hash in an append-only ledger, one of its own, and with somebody outside, both before outcomes were read.
An unknown setting is refused, not ignored: a misspelt plan would be another plan.
"""

from __future__ import annotations

import hashlib
import json
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import MISSING, dataclass, field, fields
from pathlib import Path
from typing import Any, NamedTuple

from platform_utils.errors import FileError, NotSignedOff, SettingsError
from platform_utils.paths import write_whole
from platform_utils.pilot.cohort import MONTH, covariate_codes

# whole units can only be permuted; persons are independent of each other, and have exact tests
_PERMUTED = ("permutation",)
_TESTS = {"person": ("boschloo", "barnard", "fisher"), "member": _PERMUTED, "region": _PERMUTED}
_INTERVALS = {"person": ("newcombe", "miettinen_nurminen")}
_SENSITIVITY = (
    "e_value", "manski", "tipping_point", "misclassification", "leave_one_out", "person_level", "gray",
    "bayes",
)  # fmt: skip


@dataclass(frozen=True)
class KnownOutcome:
    """A published figure on an outcome, known when the plan was written."""

    years: str
    sv: str
    en: str
    source: str


class _Rule(NamedTuple):
    """What a setting may be, how that is said, and how it is kept."""

    fits: Callable[[Any], bool]
    expected: str
    keep: Callable[[Any], Any]


def _one_of(*choices: str) -> _Rule:
    return _Rule(lambda value: isinstance(value, str) and value in choices, ", ".join(choices), str)


def _some_of(*choices: str, least: int = 0) -> _Rule:
    def fits(value: Any) -> bool:
        distinct = isinstance(value, list) and len(set(map(str, value))) == len(value) >= least
        return distinct and all(item in choices for item in value)

    return _Rule(fits, ", ".join(choices), tuple)


def _whole(low: int, high: int) -> _Rule:
    # bool is a kind of int
    return _Rule(lambda value: type(value) is int and low <= value <= high, f"{low}–{high}", int)


def _number(low: float, high: float) -> _Rule:
    return _Rule(lambda value: type(value) in (int, float) and low <= value <= high, f"{low}–{high}", float)


def _is_known(item: Any) -> bool:
    return isinstance(item, dict) and set(item) == {"years", "sv", "en", "source"}


_FLAG = _Rule(lambda value: isinstance(value, bool), "true, false", bool)
_TEXT = _Rule(lambda value: isinstance(value, str), "…", str)
_MONTH = _Rule(lambda value: isinstance(value, str) and bool(MONTH.fullmatch(value)), "YYYY-MM", str)
_WINDOWS = _Rule(
    lambda value: (
        isinstance(value, list)
        and all(type(day) is int and 0 < day <= 730 for day in value)
        and [] != sorted(set(value)) == value
        and len(value) <= 6
    ),
    "30 < 60 < 90 < 180 (1–730, 1–6)",
    tuple,
)
_COVARIATES = _Rule(
    lambda value: (
        isinstance(value, list)
        and len(set(map(str, value))) == len(value) <= 3
        and set(map(str, value)) <= set(covariate_codes())
    ),
    "0–3 coded columns of docs/pilot_cohort.md",
    tuple,
)
_SHARES = _Rule(
    lambda value: isinstance(value, list) and len(value) == 2 and all(map(_number(0.5, 1).fits, value)),
    "0.5–1, 0.5–1",
    lambda value: tuple(map(float, value)),
)
_KNOWN = _Rule(
    lambda value: isinstance(value, list) and all(map(_is_known, value)),
    "[[known_outcomes]]: years, sv, en, source",
    lambda value: tuple(KnownOutcome(**{key: str(said) for key, said in item.items()}) for item in value),
)


_NEVER: Any = object()


def _setting(name: str, rule: _Rule, default: Any = _NEVER) -> Any:
    # what has a default may be left out: plans that were frozen before it was asked for stay readable
    given = {} if default is _NEVER else {"default": default}
    return field(metadata={"name": name, "rule": rule}, **given)


@dataclass(frozen=True)
class Plan:
    """What the evaluation does: each field with the setting of the file that gives it.

    Attributes
    ----------
    sha256 : str
        Hash of the plan file, line ends as LF.
    entered_at_once : float or None
        Largest share of entrants on day 0 that waiting can give; None: what the grace period gives.
    """

    sha256: str
    question: Mapping[str, str]
    known_reading: Mapping[str, str]
    unit: str
    windows: tuple[int, ...]
    primary_window: int
    grace_days: int
    interval: str
    test: str
    version: str = _setting("version", _TEXT)
    exclude_reported_before: bool = _setting("population.exclude_reported_before", _FLAG)
    exclude_in_mmm: bool = _setting("population.exclude_in_mmm", _FLAG)
    time_zero: str = _setting("time_zero.kind", _one_of("eligibility"))
    entry_column: str = _setting("strategies.entry_column", _one_of("application_day", "start_day"))
    method: str = _setting("strategies.method", _one_of("clone", "landmark"))
    contact_gap: int = _setting("windows.contact_gap", _whole(1, 365))
    outcomes: tuple[str, ...] = _setting("analysis.outcomes", _some_of("lost", "report", least=1))
    level: float = _setting("analysis.level", _number(0.001, 0.2))
    leaving_level: float = _setting("analysis.leaving_level", _number(0.0, 1.0))
    covariates: tuple[str, ...] = _setting("analysis.covariates", _COVARIATES)
    seed: int = _setting("analysis.seed", _whole(0, 2**31))
    sensitivity: tuple[str, ...] = _setting("sensitivity.analyses", _some_of(*_SENSITIVITY))
    report_sensitivity: tuple[float, float] = _setting("sensitivity.report_sensitivity", _SHARES)
    programme_from: str = _setting("second_design.programme_from", _MONTH)
    closed_from: str = _setting("second_design.closed_from", _MONTH)
    reopened: str = _setting("second_design.reopened", _MONTH)
    min_before: int = _setting("second_design.min_before", _whole(24, 240))
    min_closed: int = _setting("second_design.min_closed", _whole(12, 240))
    risk_without: float = _setting("power.risk_without", _number(0.0, 1.0))
    risk_with: float = _setting("power.risk_with", _number(0.0, 1.0))
    entrants_per_year: int = _setting("power.entrants_per_year", _whole(1, 10_000))
    correlation: float = _setting("power.correlation", _number(0.0, 0.9))
    unseen: float = _setting("power.unseen", _number(0.0, 0.9))
    power_draws: int = _setting("power.draws", _whole(50, 100_000))
    ethics_review: str = _setting("ethics.review", _one_of("owed", "not_owed"))
    ethics_approval: str = _setting("ethics.approval", _TEXT)
    known_outcomes: tuple[KnownOutcome, ...] = _setting("known_outcomes", _KNOWN)
    relevant: float = _setting("analysis.relevant", _number(0.01, 1.0), 0.10)
    risk_lost: float = _setting("power.risk_lost", _number(0.0, 1.0), 0.20)
    entered_at_once: float | None = _setting("strategies.entered_at_once", _number(0.0, 1.0), None)

    @property
    def unit_column(self) -> str:
        """Column of the cohort that names the unit of assignment."""
        return {"member": "member_id", "region": "region", "person": "person_id"}[self.unit]


# said in the file for its readers; there is one way to do each
_FIXED = {
    "groups.contrast": "access",
    "analysis.estimand": "risk_difference",
    "analysis.correction": "holm",
    "second_design.kind": "interrupted_series",
    "ethics.law": "2003:460",
}


def read_plan(path: Path) -> Plan:
    """Read a plan and refuse anything in it that is missing, misspelt or impossible.

    Raises
    ------
    FileError
        E-700 if the file cannot be read as TOML.
    SettingsError
        E-702 for a setting that is missing, unknown or outside its range; E-703 for a test that is unknown or
        does not fit the unit.
    """
    try:
        content = path.read_bytes()
        raw = tomllib.loads(content.decode("utf-8-sig"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise FileError("E-700", file=path.name) from error
    left = {key: value for key, value in raw.items() if not isinstance(value, dict)}
    for key in raw.keys() - left.keys():
        left |= {f"{key}.{inner}": item for inner, item in raw[key].items()}

    def take(name: str, rule: _Rule) -> Any:
        value = left.pop(name, None)
        if not rule.fits(value):
            raise SettingsError("E-702", file=path.name, name=name, expected=rule.expected)
        return rule.keep(value)

    unit = take("groups.unit", _one_of("member", "region", "person"))
    test, intervals = left.pop("analysis.test", None), _INTERVALS.get(unit, _PERMUTED)
    if test not in _TESTS[unit]:
        raise SettingsError("E-703", file=path.name, allowed=", ".join(_TESTS[unit]))
    for name, only in _FIXED.items():
        take(name, _one_of(only))
    settings = {
        item.name: take(item.metadata["name"], item.metadata["rule"])
        for item in fields(Plan)
        if item.metadata and (item.default is MISSING or item.metadata["name"] in left)
    }
    windows = take("windows.days", _WINDOWS)
    primary = take("windows.primary", _Rule(lambda day: day in windows, ", ".join(map(str, windows)), int))
    plan = Plan(
        sha256=hashlib.sha256(content.replace(b"\r\n", b"\n")).hexdigest(),
        question={lang: take(f"question.{lang}", _TEXT) for lang in ("sv", "en")},
        known_reading={lang: left.pop(f"known_reading.{lang}", "") for lang in ("sv", "en")},
        grace_days=take("strategies.grace_days", _whole(1, primary)),
        unit=unit,
        windows=windows,
        primary_window=primary,
        interval=take("analysis.interval", _one_of(*intervals)),
        test=test,
        **settings,
    )
    if not plan.programme_from < plan.closed_from < plan.reopened:
        expected = "programme_from < closed_from < reopened"
        raise SettingsError("E-702", file=path.name, name="second_design.closed_from", expected=expected)
    if left:
        raise SettingsError("E-702", file=path.name, name=min(left), expected="–")
    return plan


@dataclass(frozen=True)
class Registration:
    """Whether a plan was fixed before outcomes were read.

    Attributes
    ----------
    frozen_by, frozen_on : str
        Who entered the plan's hash in the ledger, and when (ISO date); empty if nobody did.
    lodged_with, lodged_on : str
        Second person or registry, and when; empty if nowhere.
    reason : str
        Label key of what is missing; empty if nothing.
    """

    frozen_by: str = ""
    frozen_on: str = ""
    lodged_with: str = ""
    lodged_on: str = ""
    reason: str = "L-pilot-not-frozen"

    @property
    def exploratory(self) -> bool:
        """True unless the plan is in the ledger and lodged outside."""
        return bool(self.reason)


def freeze_plan(plan: Plan, ledger: Path, by: str, date: str) -> str:
    """Enter the plan's hash in the ledger and return the new last link of its chain, to be written down.

    Parameters
    ----------
    ledger : Path
        Append-only file of JSON lines; made if it does not exist. ``date`` is ISO.

    Raises
    ------
    NotSignedOff
        E-730 if this plan is in the ledger already, E-731 if the ledger's chain is broken.
    """
    entries = _ledger(ledger)
    if any((entry["kind"], entry["plan_sha256"]) == ("frozen", plan.sha256) for entry in entries):
        raise NotSignedOff("E-730", file=ledger.name)
    return _append(ledger, entries, {"kind": "frozen", "plan_sha256": plan.sha256, "by": by, "date": date})


def note_opening(plan: Plan, ledger: Path, registration: Registration) -> None:
    """Enter in the ledger that outcomes have been read under a plan; once for the same plan and standing."""
    kind = "opened-unplanned" if registration.exploratory else "opened"
    entries = _ledger(ledger)
    if not any((entry["kind"], entry["plan_sha256"]) == (kind, plan.sha256) for entry in entries):
        _append(ledger, entries, {"kind": kind, "plan_sha256": plan.sha256, "by": "", "date": ""})


def read_registration(
    plan: Plan, ledger: Path | None, receipt: Path | None, *, invented: bool = False
) -> Registration:
    """Return whether a plan is frozen and lodged, from the ledger and the outside receipt.

    Parameters
    ----------
    receipt : Path or None
        TOML with ``plan_sha256``, ``date`` and either ``by`` (a second person) or ``registry`` and ``id``.
    invented : bool
        True for the demo's cohort: nobody's outcomes are in it, so earlier readings do not count.

    Raises
    ------
    NotSignedOff
        E-731 if the ledger's chain is broken.
    FileError
        E-732 if the receipt cannot be read or lacks a field.
    """
    entries = _ledger(ledger) if ledger is not None else []
    mine = [e for e in entries if (e["kind"], e["plan_sha256"]) == ("frozen", plan.sha256)]
    if not mine:
        return Registration()
    by, on = mine[0]["by"], mine[0]["date"]
    if receipt is None:
        return Registration(by, on, reason="L-pilot-not-lodged")
    content = _receipt(receipt)
    with_whom = content.get("by") or f"{content['registry']} {content['id']}"
    if content["plan_sha256"] != plan.sha256:
        return Registration(by, on, reason="L-pilot-lodged-other-plan")
    if with_whom.strip().casefold() == by.strip().casefold():
        return Registration(by, on, reason="L-pilot-lodged-same-person")
    if not invented and any(_spoils(entry, plan) for entry in entries):
        return Registration(by, on, reason="L-pilot-opened-before")
    return Registration(by, on, with_whom, content["date"], reason="")


def _spoils(entry: dict[str, str], plan: Plan) -> bool:
    # outcomes read under no finished registration, or under another plan, were known to this one
    another = entry["kind"] == "opened" and entry["plan_sha256"] != plan.sha256
    return another or entry["kind"] == "opened-unplanned"


def _append(ledger: Path, entries: list[dict[str, str]], new: dict[str, str]) -> str:
    entry = {**new, "previous": entries[-1]["link"] if entries else ""}
    entry["link"] = _link(entry)
    lines = [json.dumps(item, ensure_ascii=False, sort_keys=True) for item in [*entries, entry]]
    write_whole(ledger, "\n".join(lines) + "\n")
    return entry["link"]


def _ledger(path: Path) -> list[dict[str, str]]:
    entries, previous = list[dict[str, str]](), ""
    for line in path.read_text(encoding="utf-8").splitlines() if path.exists() else ():
        try:
            entry = json.loads(line)
            whole = entry["previous"] == previous and entry["link"] == _link(entry)
        except (ValueError, KeyError, TypeError) as error:
            raise NotSignedOff("E-731", file=path.name) from error
        if not whole:
            raise NotSignedOff("E-731", file=path.name)
        previous = entry["link"]
        entries.append(entry)
    return entries


def _link(entry: dict[str, str]) -> str:
    # each line's hash holds the one before it: no line can be changed or taken out without a trace
    parts = [str(entry[key]) for key in ("previous", "kind", "plan_sha256", "by", "date")]
    return hashlib.sha256("\n".join(parts).encode("utf-8")).hexdigest()


def _receipt(path: Path) -> dict[str, str]:
    try:
        content = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise FileError("E-732", file=path.name) from error
    if not {"plan_sha256", "date"} <= set(content) or not (
        "by" in content or {"registry", "id"} <= set(content)
    ):
        raise FileError("E-732", file=path.name)
    return {key: str(value) for key, value in content.items()}
