"""Freeze a release: write everything at once under a new name, and never touch it again.

Enters: a release's files and the names of those who approve. Leaves: ``releases/<source>/<id>/``.
A mistake is a new release that names what it replaces.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, replace
from pathlib import Path

from platform_utils import pipeline, protect
from platform_utils.errors import FileError, SettingsError, UsageError
from platform_utils.paths import Workspace
from platform_utils.protect.anchors import ABOUT, CHECKSUMS
from platform_utils.release.contents import ABOUT_CHECKSUM, checksums, digest_of
from platform_utils.release.outgoing import finish_broken_off, is_out, let_out
from platform_utils.release.sign_off import Candidate, open_ledger, require_plain, sealed, signed_by_two
from platform_utils.spec.entries import read_entry, read_toml, written_entry
from platform_utils.spec.safe import SafeTable


@dataclass(frozen=True)
class Release:
    """A frozen release.

    Attributes
    ----------
    id : str
        ``"<year>-<number>"``.
    source : str
        Whose returns; ``"demo"`` means every figure is invented.
    date : str
        ISO date of the release, as given.
    digest : str
        Hash of its checksum file.
    signed_by : tuple of str
        Who approved; their keys and signatures stand in the ledger.
    replaces : str
        Release that it corrects, empty if none.
    reason : str
        Why it replaces that one, empty if it does not.
    head, length : str, int
        Hash and number of the ledger's last line once the release stood in it; none on one that is older.
    """

    id: str
    year: int
    source: str
    date: str
    digest: str
    signed_by: tuple[str, ...]
    replaces: str = ""
    reason: str = ""
    head: str = ""
    length: int = 0

    @property
    def edition(self) -> int:
        """1 for the first of its year."""
        return int(self.id.rpartition("-")[2])


def releases_of(workspace: Workspace, source: str, year: int | None = None) -> tuple[Release, ...]:
    """Return the frozen releases of a source, in order of year and number."""
    folders = [path.parent for path in workspace.releases(source).glob(f"*/{ABOUT}")]
    found = [read_release(folder) for folder in folders if is_out(folder)]
    chosen = [each for each in found if year in (None, each.year)]
    return tuple(sorted(chosen, key=lambda each: (each.year, each.edition)))


def find_release(workspace: Workspace, source: str, name: str = "") -> Path:
    """Return the folder of a release; of the newest if none is named.

    Raises
    ------
    FileError
        E-810 with those that there are.
    """
    known = [each.id for each in releases_of(workspace, source)]
    chosen = name or (known[-1] if known else "")
    if chosen not in known:
        raise FileError("E-810", known=", ".join(known) or "–")
    return workspace.releases(source) / chosen


def read_release(folder: Path) -> Release:
    """Return what a release says about itself.

    Raises
    ------
    FileError
        E-806 if the folder is no release.
    """
    try:
        return read_entry(Release, read_toml(folder / ABOUT), ABOUT, "release")
    except (OSError, ValueError, SettingsError) as error:
        raise FileError("E-806", release=folder.name) from error


def finish_release(workspace: Workspace, source: str, year: int) -> Release | None:
    """Let out what was broken off between ledger and folder; return the one of this year, if there is one."""
    entered = open_ledger(workspace, source).releases
    folders = finish_broken_off(workspace.releases(source), entered.__contains__)
    finished = [read_release(folder) for folder in folders]
    return next((each for each in finished if each.year == year), None)


def release_candidate(
    workspace: Workspace, source: str, year: int, files: Mapping[str, bytes], tables: Iterable[SafeTable]
) -> Candidate:
    """Return what a reader signs of a release, as the arguments of `freeze_release`, beside what is out."""
    ledger, release = open_ledger(workspace, source), _next(workspace, source, year, files)
    return Candidate.of(ledger, _ended(workspace, ledger, release, tables))


def freeze_release(
    workspace: Workspace,
    source: str,
    year: int,
    files: Mapping[str, bytes],
    tables: Iterable[SafeTable],
    *,
    date: str,
    replaces: str = "",
    reason: str = "",
) -> Release:
    """Freeze a release that two people have approved.

    Parameters
    ----------
    workspace, source, year
        Where.
    files : mapping of str to bytes
        From `collect`.
    tables : iterable of SafeTable
        What is released: it is attacked once more and entered in the ledger before it goes out, and the
        rows that it counts are kept.
    date : str
        ISO date.
    replaces, reason : str
        The release that this one corrects, and why.

    Returns
    -------
    Release
        The one that was broken off between ledger and folder, if there is one of this year: it is out then.

    Raises
    ------
    NotSignedOff
        E-804, E-805, E-836: each on what `release_candidate` gives.
    DisclosureError
        E-431 if an exemption has expired; E-435, E-439, E-447 as `pipeline.check_before_release`;
        E-437 if the ledger knows the release; E-436, E-460 to E-463 if it has been touched, as `open_ledger`.
    UsageError
        E-807 if a year that has a release gets another that does not say that it replaces the newest, and
        why; E-837 if the reason would name a person.
    """
    if finished := finish_release(workspace, source, year):
        return finished
    ledger, out = open_ledger(workspace, source), list(tables)
    release = replace(_next(workspace, source, year, files), date=date, reason=reason)
    if replaces != release.replaces or (replaces and not reason.strip()):
        raise UsageError("E-807", year=year, known=release.replaces or "–")
    require_plain(reason)
    ledger = signed_by_two(workspace, ledger, _ended(workspace, ledger, release, out))
    if out:
        day = dt.date.fromisoformat(date)
        pipeline.check_before_release(year, source, out, day, workspace=workspace)
        pipeline.keep_rows(year, source, release.edition, workspace=workspace)
    names = tuple(ledger.lines[-1].content["about"]["signed_by"])
    release = replace(release, signed_by=names, head=ledger.head, length=len(ledger.lines))
    let_out(workspace.releases(source) / release.id, _files_of(release, files), ledger.write)
    return release


def _next(workspace: Workspace, source: str, year: int, files: Mapping[str, bytes]) -> Release:
    """Return the next release of a year as far as it is known before anybody signs and lets it out."""
    earlier = [each.id for each in releases_of(workspace, source, year)]
    name, replaced = f"{year}-{len(earlier) + 1}", earlier[-1] if earlier else ""
    return Release(name, year, source, dt.date.min.isoformat(), digest_of(files), (), replaced)


def _ended(
    workspace: Workspace, ledger: protect.Ledger, release: Release, tables: Iterable[SafeTable]
) -> protect.Ledger:
    """Return the ledger in which a release ends; it begins with what others had made public already."""
    day = dt.date.fromisoformat(release.date)
    public = [SafeTable.read(path) for path in sorted(workspace.published_tables.glob("*.parquet"))]
    if public and not ledger.entries:
        ledger = ledger.with_release(public, release="published", day=day)
    news = _news(tables, release.year, ledger)
    ledger = ledger.with_release(news, release=release.id, day=day, edition=release.edition)
    return sealed(ledger, release.id, asdict(release), day=day)


def _news(tables: Iterable[SafeTable], year: int, ledger: protect.Ledger) -> list[SafeTable]:
    """Return the tables of a year, and those of years before it that are not out as they are."""
    out = [entry.content for entry in ledger.entries]
    return [each for each in tables if each.universe.year >= year or protect.content_of(each) not in out]


def _files_of(release: Release, files: Mapping[str, bytes]) -> dict[str, bytes]:
    """Return a release's files with their checksums, and what it says about itself with that one's."""
    said = {ABOUT: written_entry(asdict(release)).encode()}
    return {**files, CHECKSUMS: checksums(files).encode(), **said, ABOUT_CHECKSUM: checksums(said).encode()}
