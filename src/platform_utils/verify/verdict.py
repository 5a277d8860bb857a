"""Verify what was released: all of it still there, the same again when rebuilt, and what its inputs are now.

Enters: a ledger, a frozen release. Leaves: the same ledger, or what of it has been touched; a verdict, and
the same in Markdown. Bytes decide first; where they differ, values and words do.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from platform_utils.errors import DisclosureError, FileError, NotReproducible, UsageError
from platform_utils.messages import label
from platform_utils.paths import Workspace
from platform_utils.protect import Ledger
from platform_utils.protect.anchors import ABOUT, CHECKSUMS, LEDGER, none_of_ours, released_folders
from platform_utils.publish import Shown
from platform_utils.release.contents import ABOUT_CHECKSUM, checksums, public_hashes
from platform_utils.release.freeze import read_release
from platform_utils.release.sign_off import open_ledger
from platform_utils.verify.compare import Difference, compare_files, compared_as
from platform_utils.verify.rebuild import nodes_of, rebuild
from platform_utils.workflow.state import Now, current_inputs

_MADE = ("reports", "evidence", "tables", "open_data")
"""Folders of a release whose files a rebuild makes; the others are copied."""
_FROM_TABLES = ("reports/", "evidence/", "open_data/")
_FEWEST = 16
"""Digits of a head that the minutes must hold: chance gives another of 16 once in 10^19."""


@dataclass(frozen=True)
class Verdict:
    """What a rebuild showed.

    Attributes
    ----------
    level : {"rows", "tables"}
        What it was rebuilt from.
    same : tuple of str
        Files with equal bytes.
    equal_by_value : tuple of str
        Files with other bytes and the same values and words.
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

    Raises
    ------
    NotReproducible
        E-808 if the release itself has been changed.
    DisclosureError
        E-436, E-460 to E-463 if the ledger, or what it says of any release, has been changed.
    FileError
        E-806 if the folder is no release.
    """
    release = read_release(folder)
    open_ledger(workspace, release.source)
    kept = check_untouched(folder)
    made, level = rebuild(workspace, release, kept, workers=workers)
    same: list[str] = []
    by_value: list[str] = []
    moved: list[Difference] = []
    for name, content in kept.items():
        if name.startswith("manifests/") or (level == "tables" and not name.startswith(_FROM_TABLES)):
            continue
        if made.get(name) == content:
            same.append(name)
        elif name not in made:
            moved.append(Difference(name, "is gone"))
        elif found := compare_files(name, content, made[name]):
            moved += found
        else:
            by_value.append(name)
    inputs: set[str] = set()
    for name, content in kept.items():
        if name.startswith("manifests/") and name in made:
            inputs |= _differing(json.loads(content)["inputs"], json.loads(made[name])["inputs"])
    return Verdict(level, tuple(same), tuple(by_value), tuple(moved), tuple(sorted(inputs)))


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
    files, wrong = _read_listed(folder, besides=ABOUT_CHECKSUM)
    said, own = checksums({ABOUT: (folder / ABOUT).read_bytes()}), folder / ABOUT_CHECKSUM
    if not (own.is_file() and own.read_bytes() == said.encode("utf-8")):
        wrong.append(ABOUT)
    if hashlib.sha256((folder / CHECKSUMS).read_bytes()).hexdigest() != about.digest:
        wrong.append(CHECKSUMS)
    _require_none(wrong, folder)
    return files


def _read_listed(folder: Path, besides: str = "") -> tuple[dict[str, bytes], list[str]]:
    """Return the files that a checksum file lists, and the names that are not as it says, gone or new."""
    try:
        lines = (folder / CHECKSUMS).read_bytes().decode("utf-8", errors="replace").splitlines()
    except OSError as error:
        raise FileError("E-806", release=folder.name) from error
    wanted = {name: digest for digest, _, name in (line.partition("  ") for line in lines)}
    files = {name: (folder / name).read_bytes() for name in wanted if (folder / name).is_file()}
    wrong = [
        n for n, digest in wanted.items() if n not in files or hashlib.sha256(files[n]).hexdigest() != digest
    ]
    known, found = {*wanted, CHECKSUMS, ABOUT, besides}, {}
    for path in folder.rglob("*"):  # an empty folder is listed nowhere, and a link shows what may change
        if path.is_symlink() or not path.is_dir() or not any(path.iterdir()):
            found[path.relative_to(folder).as_posix()] = path.is_symlink()
    return files, wrong + sorted(name for name, is_link in found.items() if is_link or name not in known)


def _require_none(wrong: list[str], folder: Path) -> None:
    if wrong:
        raise NotReproducible("E-808", release=folder.name, number=len(wrong), file=wrong[0])


def inputs_since(workspace: Workspace, folder: Path) -> tuple[str, ...]:
    """Return the inputs that differ from those of a release.

    Returns
    -------
    tuple of str
        Such as ``"data:data_raw/demo/2023/receipts.toml"``, ``"code:platform_utils.clean.ages"`` or
        ``"package:pandas"``; sorted. New and vanished ones too; not the ledger and
        the rows of releases, which every release, this one too, makes more of.

    Raises
    ------
    NotReproducible
        E-808 if the release itself has been changed.
    FileError
        E-806 if the folder is no release.
    """
    release, kept = read_release(folder), check_untouched(folder)
    now = Now(workspace)
    moved: set[str] = set()
    for node in nodes_of(workspace, release, kept, "rows"):
        content = kept.get(f"manifests/{node.name}.json")
        if content is not None:
            current = public_hashes(workspace, release.source, current_inputs(node, now, {}))
            moved |= _differing(json.loads(content)["inputs"], current)
    own = (workspace.ledger(release.source), workspace.released_rows(release.source, release.year))
    grown = tuple(f"data:{workspace.relative(path)}" for path in own)
    return tuple(sorted(name for name in moved if not name.startswith(grown)))


def _differing(then: Mapping[str, str], now: Mapping[str, str]) -> set[str]:
    """Return the inputs whose hash differs; what another node made is that node's input, not one of ours."""
    return {key for key in {*then, *now} if then.get(key) != now.get(key) and not key.startswith("node:")}


def show_verdict(verdict: Verdict, lang: str) -> Shown:
    """Return how many files of each kind are the same by bytes, by value, or not."""
    states = (verdict.same, verdict.equal_by_value, tuple(dict.fromkeys(each.file for each in verdict.moved)))
    counted = [Counter(name.partition("/")[0] for name in names) for names in states]
    heading = [label(f"L-verify-column-{key}", lang) for key in ("files", "bytes", "value", "moved")]
    rows = [[folder, *(str(count[folder]) for count in counted)] for folder in _MADE]
    rows = [row for row in rows if row[1:] != ["0", "0", "0"]]
    result = label("L-verify-reproduced" if verdict.is_reproduced else "L-verify-not-reproduced", lang)
    lines = [f"**{result}**", "", _row(heading), "|:--|--:|--:|--:|", *map(_row, rows)]
    notes = sorted({compared_as(name) for name in verdict.equal_by_value})
    lines += [f"\n{label(f'L-verify-as-{kind}', lang)}" for kind in notes]
    return Shown("\n".join(lines) + "\n")


def show_moved(verdict: Verdict, lang: str, kind: str, *, about: str = "", most: int = 8) -> Shown:
    """Return the places of one kind of file that moved, the first of them.

    Parameters
    ----------
    kind : str
        Folder of the release: ``"tables"``, ``"evidence"``, ``"reports"`` or ``"open_data"``.
    about : str
        Only places that name this, such as ``"fig-"``.
    """
    found = [each for each in verdict.moved if each.file.startswith(f"{kind}/") and about in each.place]
    lines = [f"- `{each.file.partition('/')[2]}`: {_plain(each.place)}" for each in found[:most]]
    lines, rest = lines or [label("L-verify-none", lang)], len(found) - most
    return Shown(
        "\n".join([*lines, *([label("L-verify-more", lang, number=rest)] if rest > 0 else [])]) + "\n"
    )


def show_inputs(verdict: Verdict, lang: str) -> Shown:
    """Return the inputs that moved."""
    lines = [f"- {label('L-verify-input', lang, what=f'`{what}`')}" for what in verdict.inputs]
    return Shown("\n".join(lines or [label("L-verify-no-input", lang)]) + "\n")


def _row(cells: list[str]) -> str:
    return f"| {' | '.join(cells)} |"


def _plain(place: str) -> str:
    return place.replace("\\n", " ").replace("|", "·").replace("*", "")


def check_all_releases(workspace: Workspace, source: str) -> Ledger:
    """Return the ledger, having looked at every folder that it names and at every file in them.

    Raises
    ------
    DisclosureError
        E-436, E-460 to E-463; E-464 if a release's folder is gone, E-462 if a file of one has been changed.
    """
    ledger = open_ledger(workspace, source)
    folder = workspace.releases(source)
    there = dict(released_folders(folder, ledger.releases))
    for name in none_of_ours(folder, ledger.releases):
        raise DisclosureError("E-460", place=name, ledger=LEDGER, length=len(ledger.lines))
    shown = {entry.release for entry in ledger.entries}
    for name, (_, seal) in ledger.seals.items():
        is_pages = "given" in seal.content["about"] and name not in shown  # members' own: restricted
        if name not in there and not is_pages:
            raise DisclosureError("E-464", release=name)
    for place in there.values():
        try:
            if place.parent.name == "requests":
                _require_none(_read_listed(place)[1], place)
            else:
                check_untouched(place)
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
