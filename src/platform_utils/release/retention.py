"""How long rows of persons are kept, and their deletion: of released years only what the gate let out stays.

Enters: a workspace and a day. Leaves: fewer files, and a receipt in ``deletions.toml``. What goes is all that
holds rows: copies of returns, corrections, restricted folders, the rows that editions counted, also those
kept beside the year after. Tables, facts, receipts and releases stay, and a release is verified from them.
"""

from __future__ import annotations

import datetime as dt
import shutil
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

from platform_utils.errors import FileError, UsageError
from platform_utils.lock import one_writer
from platform_utils.paths import Workspace, resource, write_whole
from platform_utils.spec.entries import read_packaged, read_toml, written_entries


@dataclass(frozen=True)
class Deletion:
    """What was deleted of one support year: how many files and bytes, and when."""

    year: int
    deleted: str
    kept_until: str
    files: int
    bytes: int


def kept_until(year: int) -> dt.date:
    """Return the last day on which rows of a support year may be kept: what the form promises."""
    return dt.date(year + int(read_packaged(resource("template.toml"))["keep_years"]), 12, 31)


def years_over(workspace: Workspace, source: str, day: dt.date) -> tuple[int, ...]:
    """Return the years that still have rows and should not, in order."""
    return tuple(year for year in _years(workspace, source) if kept_until(year) < day)


def delete_rows(workspace: Workspace, source: str, *, until: int, day: dt.date) -> list[Deletion]:
    """Delete the rows of every year up to ``until``; those that a broken-off deletion has left, too.

    Raises
    ------
    UsageError
        E-860 if the time of one of them is not up on ``day``.
    FileError
        E-011 while somebody else writes, E-012 if something cannot be removed.
    """
    done = []
    with one_writer(workspace):
        years = [year for year in _years(workspace, source) if year <= until]
        for year in years:
            if kept_until(year) >= day:
                raise UsageError("E-860", year=year, until=kept_until(year))
        for year in years:
            found = {path for place in _places(workspace, source, year) for path in _files(place)}
            size = sum(path.stat().st_size for path in found)
            told = Deletion(year, day.isoformat(), kept_until(year).isoformat(), len(found), size)
            for place in _places(workspace, source, year):
                _remove(place)
            _enter(workspace, source, told)
            # last: from here on the year has no returns
            receipts = workspace.receipts(source, year)
            if receipts.is_file():
                receipts.rename(workspace.receipts_of_deleted(source, year))
            done.append(told)
    return done


def _years(workspace: Workspace, source: str) -> list[int]:
    """Return the years that have returns, or rows of persons, or rows that an edition counted."""
    restricted = workspace.restricted(source, 0).parent
    kept = (*restricted.glob("[0-9]*"), *restricted.glob("released/*/*/[0-9]*"))
    named = (path.name for path in kept if path.is_dir())
    return sorted({*workspace.years_with_returns(source), *(int(name) for name in named if name.isdigit())})


def _places(workspace: Workspace, source: str, year: int) -> Iterator[Path]:
    """Yield the folders and files that hold rows of a year, or what is declared about them."""
    about = (workspace.receipts, workspace.receipts_of_deleted, workspace.members, workspace.exemptions)
    stay = {one(source, year) for one in about}
    given = sorted(workspace.returns(source, year).glob("*"))  # a folder holds the year's own prose
    yield from (path for path in given if path.is_file() and path not in stay)
    yield workspace.restricted(source, year)
    # what a fault or an open notebook has kept may quote a row
    yield from sorted(workspace.restricted(source, "logs").glob(f"*{year}*"))
    yield workspace.restricted(source, "checkpoints")
    released = workspace.released_rows(source, year)
    yield released
    yield from sorted(released.parent.glob(f"*/*/{year}"))


def _files(place: Path) -> list[Path]:
    return [path for path in (place, *place.rglob("*")) if path.is_file()]


def _remove(place: Path) -> None:
    try:
        if place.is_dir():
            shutil.rmtree(place.resolve())  # may be a link to an encrypted volume
        if place.is_file() or place.is_symlink():
            place.unlink()
    except OSError as error:
        raise FileError("E-012", file=place.name) from error


def _enter(workspace: Workspace, source: str, told: Deletion) -> None:
    """Add a deletion to the receipt of all deletions, after those before it."""
    path = workspace.deletions(source)
    before = read_toml(path)["deletion"] if path.is_file() else []
    write_whole(path, written_entries("deletion", [*before, asdict(told)]))
