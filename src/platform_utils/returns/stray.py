"""Look at what stands outside the tables: title rows, and sheets that nobody asked for.

Enters: rows of text. Leaves: findings, or a refusal. Rule: a file that names a person anywhere is refused,
also where nothing is read.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from platform_utils.codebook import normalise_text
from platform_utils.codebook.variable import Grain
from platform_utils.errors import FileError
from platform_utils.messages import LANGUAGES, label
from platform_utils.returns.block import column_letter
from platform_utils.returns.column_maps import GRAINS
from platform_utils.returns.identity import find_identity, names_a_person
from platform_utils.returns.sheet import Sheet
from platform_utils.schemas.returns import Finding

__all__ = ["look_at_comments", "look_at_stray_sheet", "look_at_titles", "sheet_grain"]


def sheet_grain(name: str) -> Grain | None:
    """Return which sheet of the form a sheet's name says it is, or None."""
    for grain in GRAINS:
        if normalise_text(name) in {
            normalise_text(label(f"L-template-sheet-{grain}", lang)) for lang in LANGUAGES
        }:
            return grain
    return None


def look_at_titles(rows: Iterable[Sequence[str]], file: str, sheet: str) -> None:
    """Refuse a file with a personal number above its headings or on its cover.

    Raises
    ------
    FileError
        E-118.
    """
    for row, position, text in _cells(rows):
        if find_identity(text) == "E-118":
            raise FileError("E-118", file=file, sheet=sheet, row=row, column=column_letter(position))


def look_at_stray_sheet(sheet: Sheet, file: str) -> Iterator[Finding]:
    """Yield that a sheet is not read; refuse the file if it holds names, numbers or addresses of persons.

    Raises
    ------
    FileError
        E-118 to E-121.
    """
    for row, position, text in _cells(sheet.rows):
        where = {"file": file, "sheet": sheet.name, "row": row, "column": column_letter(position)}
        code = find_identity(text)
        if code:
            raise FileError(code, **where)
        if names_a_person(text) and row < len(sheet.rows) and sheet.rows[row][position].strip():
            raise FileError("E-119", **where)
    yield Finding("W-157", file, sheet.name)


def look_at_comments(texts: Iterable[str], file: str) -> None:
    """Refuse a file whose cell comments hold a personal number, a phone number or an e-mail address.

    Raises
    ------
    FileError
        E-118, E-120, E-121.
    """
    for text in texts:
        code = find_identity(text)
        if code:
            raise FileError(code, file=file, sheet="-", row="-", column=label("L-returns-comment", "en"))


def _cells(rows: Iterable[Sequence[str]]) -> Iterator[tuple[int, int, str]]:
    for number, row in enumerate(rows, start=1):
        for position, text in enumerate(row):
            if text:
                yield number, position, text[:1000]
