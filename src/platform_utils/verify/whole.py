"""Is everything that was released still there, as it was: ledger, heads, signatures, folders, every file.

Enters: a workspace. Leaves: its ledger, or a refusal that names what is missing and what to restore.
"""

from __future__ import annotations

import hashlib
import re
from pathlib import Path

from platform_utils.errors import DisclosureError, FileError, NotReproducible, UsageError
from platform_utils.paths import Workspace
from platform_utils.protect import Ledger
from platform_utils.protect.anchors import ABOUT, CHECKSUMS, released_folders
from platform_utils.release import open_ledger
from platform_utils.verify.verdict import check_untouched

_FEWEST = 16
"""Digits of a head that the minutes must hold: chance gives another of 16 once in 10^19."""


def check_all_releases(workspace: Workspace, source: str) -> Ledger:
    """Return the ledger, having looked at every folder that it names and at every file in them.

    Raises
    ------
    DisclosureError
        E-436, E-460 to E-463; E-464 if a release's folder is gone, E-462 if a file of one has been changed.
    """
    ledger = open_ledger(workspace, source)
    folder = workspace.releases(source)
    there = dict(released_folders(folder))
    for name in ledger.seals:
        if name not in there and not _is_waiting(folder, name):
            raise DisclosureError("E-464", release=name)
    for place in there.values():
        try:
            (_check_answer if _is_answer(place) else check_untouched)(place)
        except (FileError, NotReproducible) as error:
            changed = str(error.fields.get("file", ABOUT))
            raise DisclosureError(
                "E-462", place=place.relative_to(folder).as_posix(), file=changed
            ) from error
    return ledger


def line_of_head(ledger: Ledger, head: str) -> int:
    """Return the line that has a head, from 1; 0 for the head of an empty ledger.

    Parameters
    ----------
    head : str
        At least its first 16 hexadecimal digits, in any case, with spaces or without.

    Raises
    ------
    UsageError
        E-466 if it is none.
    DisclosureError
        E-465 if the ledger has never had it.
    """
    digits = re.sub(r"\s", "", head).casefold()
    if not re.fullmatch(rf"[0-9a-f]{{{_FEWEST},64}}", digits):
        raise UsageError("E-466", number=_FEWEST)
    for length in range(len(ledger.lines), -1, -1):
        if (ledger.head_at(length) or "").startswith(digits):
            return length
    raise DisclosureError("E-465", head=digits[:_FEWEST], length=len(ledger.lines), ledger=ledger.path.name)


def _is_waiting(folder: Path, name: str) -> bool:
    """Say whether a folder was broken off between ledger and name: the next command finishes it."""
    return any(
        path.name == f".outgoing-{name.removeprefix('request-')}" for path in folder.rglob(".outgoing-*")
    )


def _is_answer(place: Path) -> bool:
    return place.parent.name == "requests"


def _check_answer(place: Path) -> None:
    """Hold an answer's files against its checksum file.

    Raises
    ------
    NotReproducible
        E-808 naming the first that differs, is gone or was added.
    """
    listed = place / CHECKSUMS
    if not listed.is_file():
        raise FileError("E-806", release=place.name)
    pairs = (line.partition("  ") for line in listed.read_text(encoding="utf-8").splitlines())
    wanted = {name: digest for digest, _, name in pairs}
    there = {path.relative_to(place).as_posix() for path in place.rglob("*") if not path.is_dir()}
    wrong = sorted((there ^ wanted.keys()) - {ABOUT, CHECKSUMS})
    wrong += [n for n in sorted(there & wanted.keys()) if _hash_of(place / n) != wanted[n]]
    if wrong:
        raise NotReproducible("E-808", release=place.name, number=len(wrong), file=wrong[0])


def _hash_of(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()
