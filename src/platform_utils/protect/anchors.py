"""Open a ledger that nobody has shortened, exchanged or written anew: held against all that remembers it.

Enters: the folder of a source's releases. Leaves: its ledger, or a refusal that names what is missing and
what to restore. Every release and answer stores head and length of the ledger as it was once they stood in
it, a release also a copy of all before, and a signature the head on the day it was given. Whoever restores
the whole folder from an older copy restores these too: that is noticed by the head in the minutes only.
"""

from __future__ import annotations

import hashlib
from collections.abc import Container, Iterator
from pathlib import Path
from typing import Any

from platform_utils.errors import DisclosureError, FileError
from platform_utils.protect.ledger import Ledger
from platform_utils.spec.entries import read_toml
from platform_utils.spec.ledger_lines import READER, SEALED, SEEN

LEDGER = "ledger.jsonl"
ABOUT = "release.toml"
CHECKSUMS = "SHA256SUMS"
COPY = "ledger/ledger.jsonl"
"""What had been released before a release: the gate looked at both together."""
SIGN_OFFS = "sign_off"
ANSWERS = "requests"
WAITING = ".outgoing-"
"""A folder that was broken off between ledger and name is called so: the next command finishes it."""
_ANSWER = "request-"
_BESIDE = (ANSWERS, LEDGER, SIGN_OFFS, ".key", "plan_receipt.toml", "plans.jsonl", "register.csv")


def open_ledger(folder: Path) -> Ledger:
    """Return the ledger of ``releases/<source>``, whole and as long as anything there remembers it.

    Raises
    ------
    DisclosureError
        E-436 if the chain is broken; E-460 if a folder is not in it; E-461 if a head that was stored is not;
        E-462 if a folder is not what was entered; E-463 if a release was entered without signatures.
    """
    ledger = Ledger(folder / LEDGER)
    where = {"ledger": f"{folder.parent.name}/{folder.name}/{LEDGER}", "length": len(ledger.lines)}
    for name, place in released_folders(folder, ledger.releases):
        if name not in ledger.releases:
            raise DisclosureError("E-460", place=place.relative_to(folder).as_posix(), **where)
        _check_folder(ledger, name, place, where)
    for path in sorted((folder / SIGN_OFFS).glob("*/[!.]*.toml")):
        shown = path.relative_to(folder).as_posix()
        _check_head(ledger, _sign_off(path), shown, where)
    _check_sealed(ledger, where)
    return ledger


def released_folders(folder: Path, entered: Container[str]) -> Iterator[tuple[str, Path]]:
    """Yield each release's name in the ledger and its folder: whatever stands there counts as one.

    What waits for its name does once the ledger has ``entered`` it.
    """
    for among, before in ((folder, ""), (folder / ANSWERS, _ANSWER)):
        for place in sorted(among.glob("*/")):
            name = f"{before}{place.name.removeprefix(WAITING)}"
            is_own = not before and place.name in (SIGN_OFFS, ANSWERS)
            waits = place.name.startswith(WAITING) and name in entered
            if waits or not (is_own or place.name.startswith(".")):
                yield name, place


def none_of_ours(folder: Path, entered: Container[str]) -> Iterator[str]:
    """Yield what stands beside the releases and is none; what was broken off unfinished goes by itself."""
    there = {place for _, place in released_folders(folder, entered)} | {folder / name for name in _BESIDE}
    for path in sorted((*folder.glob("*"), *(folder / ANSWERS).glob("*"))):
        if path not in there and not path.name.startswith((WAITING, ".partial-")):
            yield path.relative_to(folder).as_posix()


def _check_folder(ledger: Ledger, name: str, place: Path, where: dict[str, Any]) -> None:
    """Hold a release's folder against the line that ended it; an older one has none."""
    shown = place.relative_to(place.parents[1]).as_posix()
    number, seal = ledger.seals.get(name, (0, None))
    said = _about(place, shown) if seal or (place / ABOUT).is_file() else {}
    _check_head(ledger, said, shown, where)
    copied = place / COPY
    if copied.is_file() and not _is_beginning(copied.read_bytes(), ledger):
        raise DisclosureError("E-461", place=f"{shown}/{COPY}", line=_lines_in(copied), head="–", **where)
    if seal is None:
        if said.get("head"):
            raise DisclosureError(
                "E-461", place=f"{shown}/{ABOUT}", line=said["length"], head=said["head"], **where
            )
        return
    about = {key: value for key, value in said.items() if key not in ("head", "length")}
    if (said.get("head"), said.get("length")) != (seal.hash, number) or about != seal.content["about"]:
        raise DisclosureError("E-462", place=shown, file=ABOUT)
    if _hash_of(place / CHECKSUMS) != about["digest"]:
        raise DisclosureError("E-462", place=shown, file=CHECKSUMS)


def _check_head(ledger: Ledger, said: dict[str, Any], shown: str, where: dict[str, Any]) -> None:
    head, length = said.get("head", ""), said.get("length", 0)
    if head and (not isinstance(length, int) or ledger.head_at(length) != head):
        raise DisclosureError("E-461", place=shown, line=length, head=str(head)[:16], **where)


def _check_sealed(ledger: Ledger, where: dict[str, Any]) -> None:
    """Refuse what was entered after the first reader without the end of its release: nobody signed it.

    Up to that end every line is of the release, or of what others had published when it went out.
    """
    signing = False
    for number, line in enumerate(ledger.lines, start=1):
        signing = signing or line.kind in (READER, SEALED)
        if signing and line.kind in SEEN:
            after = [one for one in ledger.lines[number : number + 1] if one.kind in (*SEEN, SEALED)]
            if not after or (line.kind != "published" and line.release != after[0].release):
                raise DisclosureError("E-463", release=line.release, ledger=where["ledger"], line=number)


def _is_beginning(copied: bytes, ledger: Ledger) -> bool:
    return ledger.path.is_file() and ledger.path.read_bytes().startswith(copied)


def _lines_in(path: Path) -> int:
    return path.read_bytes().count(b"\n")


def _about(place: Path, shown: str) -> dict[str, Any]:
    try:
        return read_toml(place / ABOUT)
    except (OSError, ValueError) as error:
        raise DisclosureError("E-462", place=shown, file=ABOUT) from error


def _sign_off(path: Path) -> dict[str, Any]:
    try:
        return read_toml(path)
    except (OSError, ValueError) as error:
        raise FileError("E-813", file=f"{path.parent.name}/{path.name}") from error


def _hash_of(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest() if path.is_file() else ""
