"""The only speller of folder names, and the one way to write a file whole or not at all.

A workspace is the folder that holds ``_quarto.yml``. Access levels are folders: what people gave us
stands in ``data_raw``, person rows in ``restricted``, protected tables in ``controlled``.
"""

from __future__ import annotations

import errno
import os
import re
import shutil
import tempfile
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from platform_utils.errors import FileError, PlatformError, SettingsError, UsageError

SOURCES = ("demo", "members", "published")
_EXTERNAL = re.compile(r"external-[a-z0-9][a-z0-9-]*")
_HOME = "PLATFORM_UTILS_HOME"
_PARTIAL = ".partial-"
EXPLORE = "explore"
_OPEN = ("_extensions", "_quarto.yml", "notebooks", "releases", "reports")


@dataclass(frozen=True)
class Workspace:
    """The folders of one workspace; ``root`` is the one that holds ``_quarto.yml``."""

    root: Path

    @classmethod
    def find(cls, start: Path | None = None) -> Workspace:
        """Return the workspace named by ``PLATFORM_UTILS_HOME``, or the one around ``start``.

        Raises
        ------
        SettingsError
            E-002 if there is none.
        """
        named = os.environ.get(_HOME)
        try:
            first = (Path(named) if named else (start or Path.cwd())).resolve()
        except OSError as error:  # the working folder has been removed under us
            raise SettingsError("E-002", where=".") from error
        for folder in (first,) if named else (first, *first.parents):
            if (folder / "_quarto.yml").is_file():
                return cls(folder)
        raise SettingsError("E-002", where=first.name)

    def data_raw(self, source: str) -> Path:
        """Folder of what people gave us, per source."""
        check_source(source)
        if source in SOURCES:
            return self.root / "data_raw" / source
        return self.root / "data_raw" / "external" / source.removeprefix("external-")

    def books(self, source: str, name: object = "") -> Path:
        """Folder of the Platform's own books, or what stands in it: its register, applications, a year."""
        return self.data_raw(source) / "books" / str(name)

    def returns(self, source: str, year: object) -> Path:
        """Folder of one year's returns, and of what is declared about them."""
        return self.data_raw(source) / str(year)

    def years_with_returns(self, source: str) -> tuple[int, ...]:
        """Return the years that have received returns, in order."""
        found = (path.parent.name for path in self.data_raw(source).glob("*/receipts.toml"))
        return tuple(sorted(int(name) for name in found if name.isdigit()))

    def members(self, source: str, year: int) -> Path:
        """List of the members of a year."""
        return self.returns(source, year) / "members.toml"

    def receipts(self, source: str, year: object) -> Path:
        """Receipts of the files that came for a year, or of the applications among the books."""
        return self.returns(source, year) / "receipts.toml"

    def receipts_of_deleted(self, source: str, year: int) -> Path:
        """Receipts of a year whose rows have been deleted: it has no returns any more."""
        return self.returns(source, year) / "deleted_receipts.toml"

    def deletions(self, source: str) -> Path:
        """Receipt of every deletion of rows."""
        return self.data_raw(source) / "deletions.toml"

    def corrections(self, source: str, year: int, edition: int | None = None) -> Path:
        """Corrections that are declared for a year, or those that an edition of it was counted with."""
        kept = None if edition is None else self.released_rows(source, year, edition)
        return (kept or self.returns(source, year)) / "corrections.toml"

    def exemptions(self, source: str, year: int) -> Path:
        """Exemptions from the gate that are declared for a year."""
        return self.returns(source, year) / "exemptions.toml"

    def described(self, source: str) -> Path:
        """Return the description of a file of others."""
        return self.data_raw(source) / "source.toml"

    def own_words(self, source: str, year: int) -> Path:
        """Folder of what is written about one year, and of its edition."""
        return self.returns(source, year) / "texts"

    def routine(self, source: str, year: int) -> Path:
        """File of a year's steps and decisions, which people tick."""
        return self.returns(source, year) / "new_year.md"

    def new_year(self, source: str, year: int) -> Path:
        """Folder of what is prepared for a year's members: restricted."""
        return self.restricted(source, year) / "new_year"

    def cohort(self, source: str) -> Path:
        """Rows of the pilot's cohort."""
        return self.data_raw(source) / "pilot" / "cohort.csv"

    def evaluation(self, source: str) -> Path:
        """Folder of the pilot's stored evaluation, as it has passed the gate."""
        return self.controlled(source, "pilot") / "evaluation"

    @property
    def published(self) -> Path:
        """Folder of real figures that others have published, with their sources."""
        return self.root / "data_raw" / "published"

    @property
    def published_tables(self) -> Path:
        """Folder of those figures as the gate has admitted them."""
        return self.results / "published" / "controlled" / "tables"

    @property
    def results(self) -> Path:
        """Folder of what code made, from every source: all but the rows of releases comes back."""
        return self.root / "data_clean"

    def data_clean(self, source: str) -> Path:
        """Folder of what code made from one source, and of the rows that its releases counted."""
        check_source(source)
        return self.results / source

    def restricted(self, source: str, period: object) -> Path:
        """Folder of person rows, executed notebooks and run logs of a year, or of another period."""
        return self.data_clean(source) / "restricted" / str(period)

    def controlled(self, source: str, period: object) -> Path:
        """Folder of protected tables, facts and rendered drafts of a period."""
        return self.data_clean(source) / "controlled" / str(period)

    def released_rows(self, source: str, year: int, edition: int | None = None) -> Path:
        """Folder of the rows that each release of a year counted: restricted; nothing makes them again."""
        folder = self.restricted(source, "released") / str(year)
        return folder if edition is None else folder / str(edition)

    def edition_tables(self, source: str, year: int, edition: int) -> Path:
        """Return the folder of the protected tables of a year's edition, as they were released."""
        return self.releases(source) / f"{year}-{edition}" / "tables" / str(year)

    def drafts(self, source: str, period: object, engine: str = "embedded") -> Path:
        """Folder of rendered reports: from members' data restricted until the release is signed off.

        Another engine's files stand apart: a release takes none of them.
        """
        level = self.restricted if source == "members" else self.controlled
        folder = level(source, period) / "reports"
        return folder if engine == "embedded" else folder / engine

    def releases(self, source: str) -> Path:
        """Folder of ledger, sign-offs and frozen releases: append-only."""
        check_source(source)
        return self.root / "releases" / source

    def ledger(self, source: str) -> Path:
        """Return the ledger of everything that has been released from a source."""
        return self.releases(source) / "ledger.jsonl"

    def plan_book(self, source: str) -> Path:
        """Return the book of the pilot's frozen plans."""
        return self.releases(source) / "plans.jsonl"

    def plan_receipt(self, source: str) -> Path:
        """Return the receipt of a plan that is lodged outside the workspace."""
        return self.releases(source) / "plan_receipt.toml"

    @property
    def notebooks(self) -> Path:
        """Folder of the notebooks."""
        return self.root / "notebooks"

    def reports(self, lang: str) -> Path:
        """Folder of the Quarto documents in ``lang``."""
        return self.root / "reports" / lang

    @property
    def assets(self) -> Path:
        """Folder of fonts, styles and the Word reference document."""
        return self.root / "_extensions" / "platform"

    @property
    def desk(self) -> Path:
        """Folder of what this desk keeps for itself: the writer's lock, what is known of the code."""
        return self.root / ".setup"

    def bug(self, error: BaseException, source: str = "demo", name: str = "bug") -> PlatformError:
        """Keep a bug's traceback in the restricted folder; return one calm line, without its message."""
        log = self.restricted(source, "logs") / f"{name}.txt"
        write_whole(log, "".join(traceback.format_exception(error)))
        return PlatformError("E-020", kind=type(error).__name__, file=self.relative(log))

    def relative(self, path: Path) -> str:
        """Return ``path`` as people are shown it: from the workspace, with forward slashes.

        A folder of the workspace that is a link, to an encrypted volume for instance, keeps its name here.
        """
        spelled = (path.absolute(), self.root.absolute())
        for one, root in (spelled, (path.resolve(), self.root.resolve())):
            if one.is_relative_to(root) and ".." not in one.parts:
                return one.relative_to(root).as_posix()
        return path.name


def check_source(source: str) -> None:
    """Refuse a source that is neither demo, members nor external.

    Raises
    ------
    UsageError
        E-003.
    """
    if source not in SOURCES and not _EXTERNAL.fullmatch(source):
        raise UsageError("E-003", source=source)


def resource(*parts: str) -> Path:
    """Return the path of a data file that the package carries, such as ``resource("disclosure.toml")``."""
    return Path(__file__).parent.joinpath("resources", *parts)


def child_environment(root: Path | None = None) -> dict[str, str]:
    """Return the environment of a process that we start, in which ``root`` is the workspace."""
    return {**os.environ, **({_HOME: str(root)} if root is not None else {})}


def is_open(name: str) -> bool:
    """Say whether a path from the workspace stands where nothing is that people gave us, or made from it.

    Examples
    --------
    >>> is_open("data_raw/published/README.md"), is_open("data_clean/members/controlled/2024/facts.json")
    (True, True)
    >>> is_open("data_raw/members/2024/receipts.toml"), is_open("receipts.toml")
    (False, False)
    """
    parts = name.split("/")
    if parts[0] == "data_raw":
        return parts[1:2] == ["published"]
    if parts[0] == "data_clean":
        return parts[2:3] == ["controlled"]
    return parts[0] in _OPEN


def _is_closed(name: str) -> bool:
    """Say whether only their owner may read what stands at a path, by its name from the workspace."""
    parts = name.split("/")
    if parts[0] == "data_raw":
        return parts[1:2] == ["members"] or parts[2:3] == ["books"]
    if parts[0] == "data_clean":
        return parts[2:3] == ["restricted"]
    return parts[0] == ".setup"


def make_folder(folder: Path) -> None:
    """Make a folder and those above it; one that is restricted is closed from its first moment."""
    missing = [each for each in (folder, *folder.parents) if not each.exists()]
    for each in reversed(missing):
        each.mkdir(mode=0o700 if _stands_closed(each) else 0o777, exist_ok=True)
    if not folder.is_dir():
        raise NotADirectoryError(folder.name)


def _stands_closed(path: Path) -> bool:
    """Say whether a path lies where only its owner may read, in whichever workspace it stands."""
    parts = path.absolute().parts
    starts = [at for at, part in enumerate(parts) if part in ("data_raw", "data_clean", ".setup")]
    return any(_is_closed("/".join(parts[at:])) for at in starts)


def sweep_partials(folder: Path) -> None:
    """Remove what writers that were killed have left anywhere under ``folder``; none may be at work there."""
    seen: set[Path] = set()
    waiting = [folder]
    while waiting:
        place = waiting.pop()
        if place.resolve() in seen:
            continue
        seen.add(place.resolve())
        try:
            found = sorted(place.iterdir())
        except OSError:  # a file, or nothing, or not ours to read
            continue
        for inner in found:  # follows links: what is restricted may stand on another volume
            if not inner.name.startswith(_PARTIAL):
                waiting.append(inner)
            elif inner.is_dir() and not inner.is_symlink():
                shutil.rmtree(inner, ignore_errors=True)
            else:
                inner.unlink(missing_ok=True)


def unwritten(file: str, error: OSError) -> FileError:
    """Return what could not be written as an error: the disk is full (E-014), or something else (E-012)."""
    return FileError("E-014" if error.errno in (errno.ENOSPC, errno.EDQUOT) else "E-012", file=file)


@contextmanager
def write_atomically(path: Path) -> Iterator[Path]:
    """Give a temporary path beside ``path``; on success it takes the final name, else it is removed.

    Nothing half-written is ever visible under the final name.

    Raises
    ------
    FileError
        E-012 if the folder cannot be written, E-014 if the disk is full.
    """
    try:
        make_folder(path.parent)
        handle, name = tempfile.mkstemp(prefix=_PARTIAL, suffix=path.suffix, dir=path.parent)
        os.close(handle)
    except OSError as error:
        raise unwritten(path.name, error) from error
    partial = Path(name)
    try:
        yield partial
        with partial.open("r+b") as written:
            os.fsync(written.fileno())
        partial.chmod(0o600 if _stands_closed(path) else 0o644)
        partial.replace(path)
    except OSError as error:
        raise unwritten(path.name, error) from error
    finally:
        partial.unlink(missing_ok=True)


def write_whole(path: Path, content: str | bytes) -> None:
    """Write a file whole or not at all, texts alike on every system; errors as `write_atomically`."""
    with write_atomically(path) as partial:
        if isinstance(content, str):
            partial.write_text(content, encoding="utf-8", newline="\n")
        else:
            partial.write_bytes(content)


@contextmanager
def folder_for_a_while(among: Path) -> Iterator[Path]:
    """Give an empty folder that only we may read and that is gone afterwards.

    If we are killed, `sweep_partials` removes it: it must stand where the next writer sweeps.

    Raises
    ------
    FileError
        E-012 if the folder cannot be written.
    """
    try:
        make_folder(among)
        folder = Path(tempfile.mkdtemp(prefix=_PARTIAL, dir=among))
    except OSError as error:
        raise unwritten(among.name, error) from error
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def replace_folder(folder: Path) -> Iterator[Path]:
    """Give an empty folder beside ``folder``; on success it takes the final name and the old one is gone.

    Raises
    ------
    FileError
        E-012 if the folder cannot be written.
    """
    try:
        make_folder(folder.parent)
        partial = Path(tempfile.mkdtemp(prefix=_PARTIAL, dir=folder.parent))
        partial.chmod(0o700 if _stands_closed(folder) else 0o755)
    except OSError as error:
        raise unwritten(folder.name, error) from error
    try:
        yield partial
        shutil.rmtree(folder, ignore_errors=True)
        partial.replace(folder)
    except OSError as error:
        raise unwritten(folder.name, error) from error
    finally:
        shutil.rmtree(partial, ignore_errors=True)
