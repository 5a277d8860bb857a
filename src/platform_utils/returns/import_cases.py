"""Import a year of a case file that others published: copy it in, count its rows, write its receipt.

Enters: a file and a crosswalk. Leaves: the file unchanged in ``data_raw/external``, with ``receipts.toml``
and ``members.toml`` as a year of returns has them, so that every later stage runs as it does on returns.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from platform_utils.lock import one_writer
from platform_utils.paths import Workspace, write_atomically
from platform_utils.returns.crosswalk import Crosswalk
from platform_utils.returns.crosswalk_read import CaseFile, Tally, open_case_file, read_case_year
from platform_utils.returns.receipts import Receipt, write_receipts
from platform_utils.returns.source_file import file_hash
from platform_utils.spec.returns import RawReturn

__all__ = ["MEMBER_ID", "Imported", "import_cases", "read_imported"]

MEMBER_ID = "FILE"
"""The whole file stands in for one member."""


@dataclass(frozen=True)
class Imported:
    """The receipt of one import.

    Attributes
    ----------
    taken : int
        Rows of that year.
    other_years, without_year, empty_rows : int
        Rows set aside. Rows read = taken + these three.
    redacted, outside : mapping of str to int
        Cells of the rows taken, by column.
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
    taken: int
    other_years: int
    without_year: int
    empty_rows: int
    redacted: Mapping[str, int]
    outside: Mapping[str, int]
    columns_taken: tuple[str, ...]
    columns_missing: tuple[str, ...]
    columns_left: Mapping[str, str | None] = field(default_factory=dict)

    @property
    def source(self) -> str:
        """Source under which the rows are known from here on."""
        return f"external-{self.crosswalk.source}"


def import_cases(
    path: Path, *, crosswalk: str, year: int, workspace: Workspace, date: str, lang: str = "en"
) -> Imported:
    """Copy a published case file into the workspace and account for every row of it.

    Parameters
    ----------
    path : Path
        The file as it was downloaded; it is not changed.
    crosswalk : str
        A crosswalk, or a family such as ``"ctdc"``: then the file's columns decide.
    year : int
        Year of registration to take.
    date : str
        Day of import, ISO; it stands in the receipt and nowhere else.
    lang : {"sv", "en"}
        Language of the reasons in the result.

    Raises
    ------
    FileError
        E-011, E-012, E-101, E-103, E-105, E-117 if a file cannot be read or written, E-126 if it has too many
        rows.
    UsageError, ContractError
        E-320 to E-323 if no crosswalk fits or no row is of that year.
    """
    opened = open_case_file(path, crosswalk)
    chosen = opened.crosswalk
    source = f"external-{chosen.source}"
    digest = file_hash(path, opened.file)
    kept = f"{chosen.name}-{digest[:12]}{path.suffix.lower() or '.csv'}"
    tally = Tally()
    taken = sum(len(raw.tables.get("case", ())) for raw in _rows(opened, year, kept, tally))
    rows = sum(tally.years.values()) + tally.empty_rows
    receipt = Receipt(
        file=kept,
        received_as=opened.file,
        sha256=digest,
        bytes=path.stat().st_size,
        member_id=MEMBER_ID,
        form_version=chosen.form_version,
        grains=("case",),
        rows=rows,
        received=date,
    )
    with one_writer(workspace):
        with write_atomically(workspace.returns(source, year) / kept) as partial:
            shutil.copyfile(path, partial)
        with write_atomically(workspace.members(source, year)) as partial:
            name = json.dumps(chosen.label(lang), ensure_ascii=False)
            text = f'[[member]]\nid = "{MEMBER_ID}"\nname = {name}\n'
            partial.write_text(text, encoding="utf-8", newline="\n")
        write_receipts(workspace, source, year, [receipt])
    columns = {column: opened.position(column) is not None for column in chosen.taken}
    used = {column.casefold() for column in columns}
    without = tally.years[""]
    return Imported(
        crosswalk=chosen,
        year=year,
        receipt=receipt,
        taken=taken,
        other_years=rows - taken - without - tally.empty_rows,
        without_year=without,
        empty_rows=tally.empty_rows,
        redacted=tally.of("redacted"),
        outside=tally.of("outside"),
        columns_taken=tuple(column for column, there in columns.items() if there),
        columns_missing=tuple(column for column, there in columns.items() if not there),
        columns_left={
            heading: chosen.reason_not_taken(heading, lang)
            for heading in opened.headings
            if heading and heading.casefold() not in used
        },
    )


def read_imported(path: Path, receipt: Receipt, year: int) -> Iterator[RawReturn]:
    """Yield the rows of an imported file again, from its copy in the workspace.

    Parameters
    ----------
    receipt : Receipt
        Its ``form_version`` names the crosswalk.

    Raises
    ------
    FileError, UsageError, ContractError
        As in `import_cases`.
    """
    opened = open_case_file(path, receipt.form_version.removeprefix("crosswalk-"))
    return _rows(opened, year, receipt.file, Tally())


def _rows(opened: CaseFile, year: int, file: str, tally: Tally) -> Iterator[RawReturn]:
    return read_case_year(opened, year=year, member_id=MEMBER_ID, file=file, tally=tally)
