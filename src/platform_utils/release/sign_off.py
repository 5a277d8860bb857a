"""Two readers' word that a release may go out: who, what exactly, when, and why, each under a key of its own.

Enters: what is about to go out, and a key. Leaves: a small file beside the releases, and in the ledger the
signatures of what went. A signature covers every file, the gate's record and the tables among them, every
line that the ledger gets, and the ledger as it was then; it cannot cover what is said on the day alone.
"""

from __future__ import annotations

import copy
import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import date
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from platform_utils import protect
from platform_utils.errors import DisclosureError, FileError, NotSignedOff, SettingsError, UsageError
from platform_utils.guard.identity import find_identity
from platform_utils.paths import Workspace, write_whole
from platform_utils.protect import Ledger, digest_of_contents
from platform_utils.protect.ledger import Entry
from platform_utils.release.readers import DEMO_READERS, Reader, demo_key, is_signed, public_of, readers_of
from platform_utils.spec.entries import read_entry, read_toml, written_entry
from platform_utils.spec.ledger_lines import SEALED

DECISIONS = ("approve", "change", "reject")
_CONTEXT = "platform-utils sign-off, form"
_FORM = 2
"""Form 1 covers what the tables show; form 2 each line whole, and what the release says of itself."""
_ON_THE_DAY = ("date", "reason", "signed_by", "head", "length")


@dataclass(frozen=True)
class SignOff:
    """One reader's decision on one set of files.

    Attributes
    ----------
    decision : {"approve", "change", "reject"}
    date : str
        ISO date; given by the person, never read from the clock.
    digest : str
        Hash of the files that were looked at.
    tables : str
        Hash of every line that the ledger will get; in form 1 of what it holds of the tables.
    head, length : str, int
        The ledger when it was signed.
    key, signature : str
        Public half and signature, hexadecimal; empty on one that was given before readers had keys.
    """

    name: str
    decision: str
    reason: str
    date: str
    digest: str
    source: str = ""
    tables: str = ""
    head: str = ""
    length: int = 0
    key: str = ""
    signature: str = ""
    form: int = 1

    @property
    def signed_text(self) -> str:
        """Exactly what the signature is under."""
        said = {**asdict(self), "signature": "", "context": f"{_CONTEXT} {self.form}"}
        del said["form"]  # older ones do not say it
        return json.dumps(said, ensure_ascii=False, sort_keys=True, separators=(",", ":"))

    def covers(self, candidate: Candidate) -> bool:
        """Say whether it was given on these files and lines."""
        signed = (self.source, self.digest, self.tables, self.form)
        return signed == (candidate.source, candidate.digest, candidate.tables, candidate.form)

    def is_of(self, ledger: Ledger, readers: Mapping[str, Reader], line: int) -> bool:
        """Say whether a reader signed it who might sign a release that ends on a line, beside this ledger."""
        reader = readers.get(self.key)
        return (
            reader is not None
            and reader.name == self.name
            and reader.may_sign(line, self.source)
            and self.length < line
            and ledger.head_at(self.length) == self.head
            and is_signed(self.signed_text, self.signature, self.key)
        )


@dataclass(frozen=True)
class Candidate:
    """What is about to go out, as a signature covers it; fields as in `SignOff`."""

    source: str
    digest: str
    tables: str
    head: str
    length: int
    form: int = _FORM

    @classmethod
    def of(cls, ledger: Ledger, ended: Ledger) -> Candidate:
        """Return what `sealed` would end, beside what is out already."""
        lines, about = ended.lines[len(ledger.lines) :], ended.lines[-1].content["about"]
        return cls(about["source"], about["digest"], _digest(lines), ledger.head, len(ledger.lines))

    def signed(
        self, reader: Reader, key: Ed25519PrivateKey, *, day: date, reason: str, decision: str = "approve"
    ) -> SignOff:
        """Return a reader's signed decision on it.

        Raises
        ------
        UsageError
            E-803 if the decision or the reason is missing or unknown; E-837 as `require_plain`.
        """
        if decision not in DECISIONS or not reason.strip():
            raise UsageError("E-803", decisions=", ".join(DECISIONS))
        require_plain(reason)
        said = SignOff(
            reader.name, decision, reason, day.isoformat(), **asdict(self), key=public_of(key), signature=""
        )
        return replace(said, signature=key.sign(said.signed_text.encode("utf-8")).hex())


def require_plain(reason: str) -> None:
    """Refuse a reason that would name a person, in a ledger that is kept for ever.

    Raises
    ------
    UsageError
        E-837.
    """
    if find_identity(reason):
        raise UsageError("E-837")


def sign_as_demo_readers(workspace: Workspace, ledger: Ledger, candidate: Candidate, *, day: date) -> None:
    """Store the approval of both demo readers, whom the ledger knows already: of what is invented alone."""
    known = {one.key: one for one in readers_of(ledger)}
    for name in DEMO_READERS:
        key = demo_key(name)
        reason = "Demo data: nobody has read it."
        signed = candidate.signed(known[public_of(key)], key, day=day, reason=reason)
        write_sign_off(workspace, candidate.source, signed)


def write_sign_off(workspace: Workspace, source: str, sign_off: SignOff) -> Path:
    """Store a decision; a reader's later decision on the same files takes the place of the earlier."""
    person = hashlib.sha256(sign_off.key.encode("ascii")).hexdigest()[:12]
    path = _folder(workspace, source) / sign_off.digest[:16] / f"{person}.toml"
    write_whole(path, written_entry(vars(sign_off)))
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


def require_two(
    sign_offs: Sequence[SignOff], candidate: Candidate, ledger: Ledger, day: date
) -> tuple[SignOff, ...]:
    """Return the approvals, of at least two keys, by name.

    Raises
    ------
    NotSignedOff
        E-804 without two different keys, E-805 if somebody asks for a change or rejects, E-836 if a signature
        is not that of an open key of the ledger, has let something out already, or was given on other lines,
        beside another ledger or after ``day``; and if the ledger has grown since the last of them.
    """
    about = {"digest": candidate.digest[:16]}
    if any(each.decision != "approve" for each in sign_offs):
        raise NotSignedOff("E-805", **about)
    readers = {one.key: one for one in readers_of(ledger)}
    used = {each["signature"] for _, seal in ledger.seals.values() for each in seal.content["signed"]}
    signed = {each.key: each for each in sign_offs if each.key}
    for each in signed.values():
        if each.signature in used or not (
            each.covers(candidate)
            and each.is_of(ledger, readers, len(ledger.lines) + 1)
            and each.date <= day.isoformat()
        ):
            raise NotSignedOff("E-836", name=each.name, **about)
    if len(signed) < 2:
        raise NotSignedOff("E-804", number=len(signed), **about)
    newest = max(signed.values(), key=lambda each: each.length)
    if newest.length != candidate.length:
        raise NotSignedOff("E-836", name=newest.name, **about)
    return tuple(sorted(signed.values(), key=lambda each: each.name))


def signed_by_two(workspace: Workspace, ledger: Ledger, ended: Ledger) -> Ledger:
    """Return the ledger in which a release is `sealed` with two signatures; errors as `require_two`."""
    candidate, end, bare = Candidate.of(ledger, ended), ended.lines[-1], copy.copy(ended)
    found = read_sign_offs(workspace, candidate.source, candidate.digest)
    signed = require_two(found, candidate, ledger, end.day)
    bare.lines = ended.lines[:-1]
    about = end.content["about"] | {"signed_by": [each.name for each in signed]}
    return sealed(bare, end.release, about, signed, day=end.day)


def sealed(
    ledger: Ledger, release: str, about: Mapping[str, object], signed: Sequence[SignOff] = (), *, day: date
) -> Ledger:
    """Return the ledger in which a release ends: what it says about itself, and who signed it.

    Head and length are those of this very line, so they are no part of what it says.
    """
    said = {name: value for name, value in about.items() if name not in ("head", "length")}
    content = json.loads(json.dumps({"about": said, "signed": [asdict(each) for each in signed]}))
    return ledger.with_line(SEALED, content, day=day, release=release)


def _digest(lines: Sequence[Entry]) -> str:
    """Return one hash of a release's lines, its end among them, but for chain, signatures and the day."""
    said = []
    for line in lines:
        content = line.content
        if line.kind == SEALED:
            content = {name: v for name, v in content["about"].items() if name not in _ON_THE_DAY}
        said.append({**vars(line), "content": content, "day": "", "before": "", "hash": ""})
    return digest_of_contents(said)


def open_ledger(workspace: Workspace, source: str) -> Ledger:
    """Return the ledger of a source, as long as all that remembers it and signed throughout.

    Raises
    ------
    DisclosureError
        E-436, E-460 to E-463.
    """
    ledger = protect.open_ledger(workspace.releases(source))
    check_signatures(ledger, source)
    return ledger


def check_signatures(ledger: Ledger, source: str) -> None:
    """Hold every release that the ledger ended against the signatures under it.

    Raises
    ------
    DisclosureError
        E-463 naming the release.
    """
    readers = {one.key: one for one in readers_of(ledger)}
    used: set[str] = set()
    for number, seal, lines in ledger.ended():
        name, about = seal.release, seal.content["about"]
        shown = digest_of_contents(line.content for line in lines if line.release == name)
        by_form = {1: shown, _FORM: _digest((*lines, seal))}
        try:
            given = [read_entry(SignOff, each, ledger.path.name, name) for each in seal.content["signed"]]
        except SettingsError:
            given = []
        good = {
            each.key
            for each in given
            if each.decision == "approve" and each.tables == by_form.get(each.form)
            if (each.source, each.digest) == (source, about.get("digest"))
            if each.is_of(ledger, readers, number) and each.signature not in used
            if each.form == 1 or _is_dated((*lines, seal), each.date)
        }
        used |= {each.signature for each in given}
        named = sorted(each.name for each in given) == sorted(about.get("signed_by", ()))
        beside = max((each.length for each in given if each.form > 1), default=number - 1 - len(lines))
        is_next = beside == number - 1 - len(lines)
        if len(good) < 2 or len(good) != len(given) or not (named and is_next):
            raise DisclosureError("E-463", release=name, ledger=ledger.path.name, line=number)


def _is_dated(lines: Sequence[Entry], signed: str) -> bool:
    """Say whether a release bears one day, and not one before a signature."""
    day = lines[-1].day.isoformat()
    said = {line.day.isoformat() for line in lines} | {lines[-1].content["about"].get("date")}
    return said == {day} and signed <= day


def _read(path: Path) -> SignOff:
    try:
        return read_entry(SignOff, read_toml(path), path.name, "sign_off")
    except (OSError, ValueError, SettingsError) as error:
        raise FileError("E-813", file=f"{path.parent.name}/{path.name}") from error


def _folder(workspace: Workspace, source: str) -> Path:
    return workspace.releases(source) / "sign_off"
