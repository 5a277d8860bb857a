"""Verify a release: untouched since it was frozen, and the same again when rebuilt.

Enters: a frozen release. Leaves: a verdict. Bytes decide first; where they differ, values and words do.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from platform_utils.errors import FileError, NotReproducible
from platform_utils.paths import Workspace
from platform_utils.release.contents import ABOUT, ABOUT_CHECKSUM, CHECKSUMS, checksums
from platform_utils.release.freeze import read_release
from platform_utils.verify.compare import Difference, compare_files
from platform_utils.verify.rebuild import rebuild

__all__ = ["Verdict", "check_untouched", "verify_release"]

_FROM_TABLES = ("reports/", "evidence/", "open_data/")


@dataclass(frozen=True)
class Verdict:
    """What a rebuild showed.

    Parameters
    ----------
    level : {"rows", "tables"}
        What it was rebuilt from.
    same : tuple of str
        Files with equal bytes.
    equal_by_value : tuple of str
        Files with other bytes and the same values and words.
    moved : tuple of Difference
        What is not the same.
    inputs : tuple of str
        Inputs of the manifests whose hash differs.
    """

    level: str
    same: tuple[str, ...]
    equal_by_value: tuple[str, ...]
    moved: tuple[Difference, ...]
    inputs: tuple[str, ...]

    @property
    def is_reproduced(self) -> bool:
        """Whether nothing that a reader sees has moved."""
        return not self.moved


def verify_release(workspace: Workspace, folder: Path, *, workers: int = 1) -> Verdict:
    """Rebuild a release in an empty folder and compare.

    Parameters
    ----------
    workspace : Workspace
        Where documents, and perhaps rows, are.
    folder : Path
        The frozen release.
    workers : int
        How many nodes at the same time.

    Raises
    ------
    NotReproducible
        E-808 if the release itself has been changed.
    FileError
        E-806 if the folder is no release.
    """
    release = read_release(folder)
    kept = check_untouched(folder)
    made, level = rebuild(workspace, release, kept, workers=workers)
    names = [
        n for n in kept if not n.startswith("manifests/") and (level == "rows" or n.startswith(_FROM_TABLES))
    ]
    same = tuple(name for name in names if made.get(name) == kept[name])
    moved: list[Difference] = []
    by_value: list[str] = []
    for name in names:
        if name in same:
            continue
        found = compare_files(name, kept[name], made[name]) if name in made else [Difference(name, "is gone")]
        moved += found
        by_value += [] if found else [name]
    return Verdict(level, same, tuple(by_value), tuple(moved), _moved_inputs(kept, made))


def check_untouched(folder: Path) -> dict[str, bytes]:
    """Return a release's files by name, having checked each against its checksum file.

    What a release says about itself, such as who signed it, has a checksum file of its own.

    Raises
    ------
    FileError
        E-806 if the folder is no release, or has no checksum file.
    NotReproducible
        E-808 naming the first file that differs, is gone or was added.
    """
    about = read_release(folder)
    try:
        lines = (folder / CHECKSUMS).read_bytes().decode("utf-8", errors="replace").splitlines()
    except OSError as error:
        raise FileError("E-806", release=folder.name) from error
    wanted = {name: digest for digest, _, name in (line.partition("  ") for line in lines)}
    files = {name: (folder / name).read_bytes() for name in wanted if (folder / name).is_file()}
    wrong = [
        n for n, digest in wanted.items() if n not in files or hashlib.sha256(files[n]).hexdigest() != digest
    ]
    own = {CHECKSUMS, ABOUT, ABOUT_CHECKSUM}
    there = {path.relative_to(folder).as_posix() for path in folder.rglob("*") if not path.is_dir()}
    wrong += sorted(there - wanted.keys() - own)
    said = {ABOUT: (folder / ABOUT).read_bytes()}
    if not _holds(folder / ABOUT_CHECKSUM, checksums(said)):
        wrong.append(ABOUT)
    if hashlib.sha256((folder / CHECKSUMS).read_bytes()).hexdigest() != about.digest:
        wrong.append(CHECKSUMS)
    if wrong:
        raise NotReproducible("E-808", release=folder.name, number=len(wrong), file=wrong[0])
    return files


def _holds(path: Path, text: str) -> bool:
    return path.is_file() and path.read_bytes() == text.encode("utf-8")


def _moved_inputs(kept: Mapping[str, bytes], made: Mapping[str, bytes]) -> tuple[str, ...]:
    moved: set[str] = set()
    for name, content in kept.items():
        if name.startswith("manifests/") and name in made:
            then, now = json.loads(content)["inputs"], json.loads(made[name])["inputs"]
            moved |= {
                key for key in {*then, *now} if then.get(key) != now.get(key) and not key.startswith("node:")
            }
    return tuple(sorted(moved))
