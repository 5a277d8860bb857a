"""Freezing a plan: its hash in an append-only ledger, and lodged outside before outcomes are read.

Enters: a plan, who froze it and when (the date is an argument: nothing here reads the clock). Leaves: whether
the evaluation may call itself planned; without both halves every page says exploratory. The ledger also
remembers that outcomes were read: a plan frozen or lodged after that stays exploratory.

It is a ledger of its own, beside the gate's: that one lists counts that readers have seen, for the attacker
to read; this one lists promises, and must be written before there is any count.
"""

from __future__ import annotations

import hashlib
import json
import tomllib
from dataclasses import dataclass
from pathlib import Path

from platform_utils.errors import FileError, NotSignedOff
from platform_utils.paths import write_atomically
from platform_utils.pilot.plan import Plan

__all__ = ["Registration", "freeze_plan", "note_opening", "read_registration"]


@dataclass(frozen=True)
class Registration:
    """Whether a plan was fixed before outcomes were read.

    Parameters
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
    """Enter the plan's hash in the ledger and return the new last link of its chain.

    Parameters
    ----------
    plan : Plan
        The plan as read.
    ledger : Path
        Append-only file of JSON lines; made if it does not exist.
    by, date : str
        Who freezes it, and the day (ISO).

    Returns
    -------
    str
        Hash of the new line, to be written down elsewhere.

    Raises
    ------
    NotSignedOff
        E-730 if this plan is in the ledger already, E-731 if the ledger's chain is broken.
    """
    entries = _ledger(ledger)
    if any(entry["plan_sha256"] == plan.sha256 for entry in _frozen(entries)):
        raise NotSignedOff("E-730", file=ledger.name)
    return _append(ledger, entries, "frozen", plan, by, date)


def note_opening(plan: Plan, ledger: Path, registration: Registration) -> None:
    """Enter in the ledger that outcomes have been read under a plan.

    Parameters
    ----------
    plan : Plan
        The plan as read.
    ledger : Path
        As in `freeze_plan`.
    registration : Registration
        How the plan stood when they were read. The same plan in the same standing is entered once.

    Raises
    ------
    NotSignedOff
        E-731 if the ledger's chain is broken.
    """
    kind = "opened-unplanned" if registration.exploratory else "opened"
    entries = _ledger(ledger)
    if not any((entry["kind"], entry["plan_sha256"]) == (kind, plan.sha256) for entry in entries):
        _append(ledger, entries, kind, plan, "", "")


def read_registration(
    plan: Plan, ledger: Path | None, receipt: Path | None, *, invented: bool = False
) -> Registration:
    """Return whether a plan is frozen and lodged, from the ledger and the outside receipt.

    Parameters
    ----------
    plan : Plan
        The plan as read now; one changed character and nothing matches.
    ledger : Path or None
        File of `freeze_plan`.
    receipt : Path or None
        TOML with ``plan_sha256``, ``date`` and either ``by`` (a second person) or ``registry`` and ``id``.
    invented : bool
        True for the demo's cohort: nobody's outcomes are in it, so earlier readings do not count.

    Returns
    -------
    Registration

    Raises
    ------
    NotSignedOff
        E-731 if the ledger's chain is broken.
    FileError
        E-732 if the receipt cannot be read or lacks a field.
    """
    entries = _ledger(ledger) if ledger is not None else []
    mine = [entry for entry in _frozen(entries) if entry["plan_sha256"] == plan.sha256]
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


def _frozen(entries: list[dict[str, str]]) -> list[dict[str, str]]:
    return [entry for entry in entries if entry["kind"] == "frozen"]


def _spoils(entry: dict[str, str], plan: Plan) -> bool:
    # outcomes read under no finished registration, or under another plan, were known to this one
    another = entry["kind"] == "opened" and entry["plan_sha256"] != plan.sha256
    return another or entry["kind"] == "opened-unplanned"


def _append(ledger: Path, entries: list[dict[str, str]], kind: str, plan: Plan, by: str, date: str) -> str:
    entry = {
        "by": by,
        "date": date,
        "kind": kind,
        "plan_sha256": plan.sha256,
        "previous": entries[-1]["link"] if entries else "",
    }
    entry["link"] = _link(entry)
    lines = [json.dumps(item, ensure_ascii=False, sort_keys=True) for item in [*entries, entry]]
    with write_atomically(ledger) as partial:
        partial.write_text("\n".join(lines) + "\n", encoding="utf-8", newline="\n")
    return entry["link"]


def _ledger(path: Path) -> list[dict[str, str]]:
    if not path.exists():
        return []
    entries: list[dict[str, str]] = []
    previous = ""
    for line in path.read_text(encoding="utf-8").splitlines():
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
    parts = [str(entry[key]) for key in ("previous", "kind", "plan_sha256", "by", "date")]
    return hashlib.sha256("\n".join(parts).encode("utf-8")).hexdigest()


def _receipt(path: Path) -> dict[str, str]:
    try:
        content = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise FileError("E-732", file=path.name) from error
    whole = "plan_sha256" in content and "date" in content
    if not whole or not ("by" in content or {"registry", "id"} <= set(content)):
        raise FileError("E-732", file=path.name)
    return {key: str(value) for key, value in content.items()}
