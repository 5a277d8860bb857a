"""Look at what stands outside the tables: title rows, and sheets that nobody asked for.

Enters: rows of text. Leaves: findings, or a refusal. Rule: a file that names a person anywhere is refused,
also where nothing is read.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence

from platform_utils.errors import FileError
from platform_utils.messages import LANGUAGES
from platform_utils.returns.block import column_letter
from platform_utils.returns.identity import find_identity, names_a_person
from platform_utils.returns.sheet import Sheet
from platform_utils.spec import grains
from platform_utils.spec.returns import Finding
from platform_utils.spec.text import normalise_text

__all__ = ["look_at_comments", "look_at_stray_sheet", "look_at_titles", "sheet_grain"]

_COMMENTS = re.compile(r"(?:.*/)?(?:comments?|threadedComment|drawing)[^/]*\.xml", re.IGNORECASE)
_ENDS = re.compile(rb"</(?:\w+:)?(?:comment|threadedComment|p|author|sp)>")
_TAGS = re.compile(rb"<[^>]*>")
_ANNOTATION = re.compile(rb"<office:annotation[\s>](.*?)</office:annotation>", re.DOTALL)


def sheet_grain(name: str) -> str | None:
    """Return which sheet of the form a sheet's name says it is, or None."""
    for grain in grains.load().values():
        if normalise_text(name) in {normalise_text(grain.sheet(lang)) for lang in LANGUAGES}:
            return grain.name
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
            raise FileError("E-118", file=file, sheet=sheet or "-", row=row, column=column_letter(position))


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


def look_at_comments(parts: Mapping[str, bytes], file: str) -> None:
    """Refuse a file whose comments or text boxes hold what names a person.

    Parameters
    ----------
    parts : mapping of str to bytes
        Inflated parts of an ``.xlsx`` or ``.ods``.
    file : str
        Its name, for messages.

    Raises
    ------
    FileError
        E-125.
    """
    for name, content in parts.items():
        if _COMMENTS.fullmatch(name):
            text = _TAGS.sub(b"", _ENDS.sub(b" ", content)).decode("utf-8", "replace")
            if find_identity(text):
                raise FileError("E-125", file=file)
        elif name == "content.xml":
            for match in _ANNOTATION.finditer(content):
                if find_identity(_TAGS.sub(b"", _ENDS.sub(b" ", match[1])).decode("utf-8", "replace")):
                    raise FileError("E-125", file=file)


def _cells(rows: Iterable[Sequence[str]]) -> Iterator[tuple[int, int, str]]:
    for number, row in enumerate(rows, start=1):
        for position, text in enumerate(row):
            if text:
                yield number, position, text
