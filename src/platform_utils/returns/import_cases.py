"""Import a year of a case file that others published: copy it in, count its rows, add its receipt.

Enters: a file and a crosswalk. Leaves: the file unchanged in ``data_raw/external``, with ``receipts.toml``
and ``members.toml`` as a year of returns has them, so that every later stage runs as it does on returns; the
crosswalk beside it, if it is not the package's; above the years ``source.toml``, which says what the file is.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from platform_utils.errors import FileError, SettingsError
from platform_utils.lock import one_writer
from platform_utils.paths import Workspace, write_atomically, write_whole
from platform_utils.returns.crosswalk import Crosswalk
from platform_utils.returns.crosswalk_read import (
    CaseFile,
    Tally,
    member_of,
    open_case_file,
    read_case_year,
)
from platform_utils.returns.receipts import Receipt, load_members, load_receipts, write_receipts
from platform_utils.returns.source_file import file_hash
from platform_utils.spec.entries import read_entry, read_packaged, written_entries
from platform_utils.spec.returns import Member, RawReturn
from platform_utils.spec.sources import Source, packaged_source

MEMBER_ID = "FILE"
"""Whoever stands behind rows that name nobody: a file without such a column is one member."""

_STAMP = "crosswalk-"


@dataclass(frozen=True)
class Imported:
    """The receipt of one import.

    Attributes
    ----------
    receipt : Receipt
        ``replaces`` names files of the same year that no longer count.
    tally : Tally
        What became of every row, and cells that say nothing.
    columns_taken : tuple of str
        Columns of the file that were used.
    columns_missing : tuple of str
        Columns of the crosswalk that the file lacks.
    columns_left : mapping of str to str or None
        Columns of the file that were not used, and why, in the language asked; None if not known.
    """

    crosswalk: Crosswalk
    year: int
    receipt: Receipt
    tally: Tally
    columns_taken: tuple[str, ...]
    columns_missing: tuple[str, ...]
    columns_left: Mapping[str, str | None] = field(default_factory=dict)

    @property
    def source(self) -> str:
        """Source under which the rows are known from here on."""
        return f"external-{self.crosswalk.source}"


def import_cases(
    path: Path,
    *,
    crosswalk: str,
    year: int,
    workspace: Workspace,
    date: str,
    lang: str = "en",
    say: Callable[[Crosswalk, str], None] | None = None,
) -> Imported:
    """Copy a published case file into the workspace and account for every row of it.

    Parameters
    ----------
    path : Path
        The file as it was downloaded; it is not changed.
    crosswalk : str
        A crosswalk, a family such as ``"ctdc"`` (then the file's columns decide), or the path of one.
    year : int
        Year of registration to take.
    date : str
        Day of import, ISO; it stands in the receipt and nowhere else.
    lang : {"sv", "en"}
        Language of the reasons in the result.
    say : callable, optional
        Told before anything is read which crosswalk and which description are used.

    Raises
    ------
    FileError
        E-011, E-012, E-101, E-103, E-117, E-329 if a file cannot be read or written, E-126 if it has too many
        rows.
    SettingsError
        E-010 if crosswalk or description cannot be used, E-325 if nothing says what the file is.
    UsageError, ContractError
        E-320 to E-323 if no crosswalk fits or no row is of that year.
    """
    opened = open_case_file(path, crosswalk)
    chosen = opened.crosswalk
    described = _described(workspace, chosen, crosswalk)
    if say is not None:
        packaged = described == packaged_source(chosen.source)
        say(chosen, "/".join(described.parts[-4:]) if packaged else workspace.relative(described))
    digest = opened.digest
    version = chosen.form_version.removeprefix(_STAMP)
    receipt = Receipt(
        file=f"{version}-{digest[:12]}{path.suffix.lower() or '.csv'}",
        received_as=opened.file,
        sha256=digest,
        bytes=path.stat().st_size,
        member_id=MEMBER_ID,
        form_version=chosen.form_version,
        grains=("case",),
        rows=0,
        received=date,
    )
    tally = Tally()
    for _ in read_case_year(opened, year=year, member_id=MEMBER_ID, file=receipt.file, tally=tally):
        pass
    receipt = replace(receipt, rows=sum(tally.fates.values()))
    with one_writer(workspace):
        own = Path(crosswalk) if chosen.digest else None
        receipt = _keep(workspace, path, receipt, (chosen, year), tally, (described, own))
    columns = {column: opened.position(column) is not None for column in chosen.taken}
    used = {column.casefold() for column in columns}
    return Imported(
        crosswalk=chosen,
        year=year,
        receipt=receipt,
        tally=tally,
        columns_taken=tuple(column for column, there in columns.items() if there),
        columns_missing=tuple(column for column, there in columns.items() if not there),
        columns_left={
            heading: chosen.reason_not_taken(heading, lang)
            for heading in opened.headings
            if heading and heading.casefold() not in used
        },
    )


def read_imported(path: Path, receipt: Receipt, year: int) -> Iterator[RawReturn]:
    """Yield the rows of an imported file again, from its copy; errors as in `import_cases`."""
    opened = _opened(path, receipt)
    return read_case_year(opened, year=year, member_id=MEMBER_ID, file=receipt.file, tally=Tally())


def open_imported(workspace: Workspace, source: str, year: int) -> list[CaseFile]:
    """Return the files of a year that count, opened as they came.

    Raises
    ------
    FileError
        E-101 if there is none, E-140 if one has changed since, and what `import_cases` raises.
    """
    folder, found = workspace.returns(source, year), []
    for receipt in load_receipts(workspace, source, year):
        if receipt.status == "current":
            if file_hash(folder / receipt.file, receipt.file) != receipt.sha256:
                raise FileError("E-140", file=receipt.file)
            found.append(_opened(folder / receipt.file, receipt))
    if not found:
        raise FileError("E-101", file=workspace.relative(workspace.receipts(source, year)))
    return found


def _opened(path: Path, receipt: Receipt) -> CaseFile:
    """Open a kept file; its receipt names the crosswalk, kept beside it if it is not the package's."""
    own = path.with_name(f"{receipt.form_version}.toml")
    crosswalk = str(own) if own.is_file() else receipt.form_version.removeprefix(_STAMP)
    return open_case_file(path, crosswalk, receipt.received_as)


def _described(workspace: Workspace, chosen: Crosswalk, crosswalk: str) -> Path:
    """Return the description of a file: the workspace's, the one beside its crosswalk, or the package's."""
    kept = workspace.described(f"external-{chosen.source}")
    beside = [Path(crosswalk).with_name("source.toml")] if chosen.digest else []
    for path in (kept, *beside, packaged_source(chosen.source)):
        if path.is_file():
            read_entry(Source, read_packaged(path), path.name, "source")
            return path
    raise SettingsError("E-325", file=workspace.relative(kept))


def _keep(
    workspace: Workspace,
    path: Path,
    receipt: Receipt,
    what: tuple[Crosswalk, int],
    tally: Tally,
    words: tuple[Path, Path | None],
) -> Receipt:
    """Write file, crosswalk, description and members, and last the receipt, after those that are there."""
    (chosen, year), (described, own) = what, words
    source = f"external-{chosen.source}"
    folder = workspace.returns(source, year)
    receipts = list(load_receipts(workspace, source, year))
    same = (receipt.sha256, receipt.form_version)
    for earlier in receipts:
        if earlier.status == "current" and (earlier.sha256, earlier.form_version) == same:
            return earlier
    gone = [
        one
        for one in receipts
        if one.status == "current" and (chosen.several == "replace" or one.form_version != same[1])
    ]
    copies = {folder / receipt.file: path, workspace.described(source): described}
    if own is not None:
        copies[folder / f"{receipt.form_version}.toml"] = own
    for copy, original in copies.items():
        if copy != original:
            with write_atomically(copy) as partial:
                shutil.copyfile(original, partial)
    known = {one.id: one for one in load_members(workspace, source, year)} if receipts else {}
    for name in tally.members:
        whole = Member(MEMBER_ID, chosen.sv)
        one = whole if name in chosen.blank else Member(member_of(name), name)
        known.setdefault(one.id, one)
    told = ({"id": one.id, "name": one.name} for _, one in sorted(known.items()))
    write_whole(workspace.members(source, year), written_entries("member", told))
    receipts = [replace(one, status="replaced") if one in gone else one for one in receipts]
    receipt = replace(receipt, replaces=tuple(one.file for one in gone))
    write_receipts(workspace, source, year, [*receipts, receipt])
    return receipt
