"""Two people's word that a release may go out: who, what exactly, when, and why.

Enters: a digest and a name. Leaves: a small file beside the releases. A signature holds for one digest.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path

from platform_utils.errors import FileError, NotSignedOff, SettingsError, UsageError
from platform_utils.paths import Workspace, write_atomically
from platform_utils.spec.entries import read_entry, read_toml, written_entry
from platform_utils.spec.text import normalise_text

__all__ = ["DECISIONS", "SignOff", "read_sign_offs", "require_two", "write_sign_off"]

DECISIONS = ("approve", "change", "reject")


@dataclass(frozen=True)
class SignOff:
    """One person's decision on one digest.

    Attributes
    ----------
    decision : {"approve", "change", "reject"}
    date : str
        ISO date; given by the person, never read from the clock.
    digest : str
        What was looked at.
    """

    name: str
    decision: str
    reason: str
    date: str
    digest: str


def write_sign_off(workspace: Workspace, source: str, sign_off: SignOff) -> Path:
    """Store a decision; a person's later decision on the same digest takes the place of the earlier.

    Raises
    ------
    UsageError
        E-803 if the decision, name, reason or date is missing or unknown.
    """
    fields = vars(sign_off)
    if sign_off.decision not in DECISIONS or not all(str(value).strip() for value in fields.values()):
        raise UsageError("E-803", decisions=", ".join(DECISIONS))
    person = hashlib.sha256(normalise_text(sign_off.name).encode("utf-8")).hexdigest()[:12]
    path = _folder(workspace, source) / sign_off.digest[:16] / f"{person}.toml"
    with write_atomically(path) as partial:
        partial.write_text(written_entry(fields), encoding="utf-8", newline="\n")
    return path


def read_sign_offs(workspace: Workspace, source: str, digest: str) -> tuple[SignOff, ...]:
    """Return the decisions on a digest, by name.

    Raises
    ------
    FileError
        E-813 if one is torn: it might have been a refusal.
    """
    folder = _folder(workspace, source) / digest[:16]
    found = [_read(path) for path in sorted(folder.glob("[!.]*.toml"))]
    return tuple(sorted((each for each in found if each.digest == digest), key=lambda each: each.name))


def require_two(sign_offs: tuple[SignOff, ...], digest: str) -> tuple[str, ...]:
    """Return the names of those who approve.

    Raises
    ------
    NotSignedOff
        E-804 without two different names, E-805 if somebody asks for a change or rejects.
    """
    if any(each.decision != "approve" for each in sign_offs):
        raise NotSignedOff("E-805", digest=digest[:16])
    names = {normalise_text(each.name): each.name for each in sign_offs}
    if len(names) < 2:
        raise NotSignedOff("E-804", digest=digest[:16], number=len(names))
    return tuple(sorted(names.values()))


def _read(path: Path) -> SignOff:
    try:
        return read_entry(SignOff, read_toml(path), path.name, "sign_off")
    except (OSError, ValueError, SettingsError) as error:
        raise FileError("E-813", file=f"{path.parent.name}/{path.name}") from error


def _folder(workspace: Workspace, source: str) -> Path:
    return workspace.releases(source) / "sign_off"
