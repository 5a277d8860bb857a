"""Answers as one tidy table: a row is a count of one cell of one table in one year.

Enters: safe tables, or an answer that has been handed over. Leaves: a frame with ``COLUMNS``, the same from
either, so that what was written on invented persons runs on the answer.
"""

from __future__ import annotations

import hashlib
import io
import zipfile
import zlib
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Protocol

import pandas as pd

from platform_utils.errors import FileError, UsageError
from platform_utils.protect.anchors import CHECKSUMS
from platform_utils.spec.counts import TOTAL
from platform_utils.spec.safe import SafeTable

TABLES = "tables.csv"
_LARGEST = 200_000_000
COLUMNS = {
    "table": "str",
    "year": "int64",
    "population": "str",
    "variable_1": "str",
    "code_1": "str",
    "variable_2": "str",
    "code_2": "str",
    "person_count": "Int64",
    "mark": "str",
    "share": "Int64",
    "source": "str",
    "edition": "str",
}
"""Column and type. ``share`` is in whole per cent of the year's total of the table (of the column, where two
variables are crossed); ``mark`` is ``..`` for a hidden number and ``.`` for a question that was not asked."""


class Asked(Protocol):
    """A question, as far as an answer needs it."""

    @property
    def name(self) -> str: ...  # noqa: D102
    @property
    def population(self) -> str: ...  # noqa: D102
    @property
    def dimensions(self) -> tuple[str, ...]: ...  # noqa: D102
    @property
    def years(self) -> tuple[int, ...]: ...  # noqa: D102


def tidy(tables: Iterable[SafeTable], names: Mapping[str, str], edition: str) -> pd.DataFrame:
    """Return safe tables as one tidy frame.

    Parameters
    ----------
    names : mapping of str to str
        Under which name each table was asked for, by its own.
    edition : str
        What the counts are from, such as ``"request-2026-07"`` or ``"draft"``.
    """
    rows: list[dict[str, object]] = []
    for table in tables:
        variables = (*table.dimensions, "", "")[:2]
        head = {"table": names[table.name], "year": table.universe.year, "population": table.universe.name}
        tail = {"source": table.universe.source, "edition": edition}
        cells = (
            zip(table.cells, table.counts, table.data["mark"], strict=True)
            if table.asked
            else [((), None, ".")]
        )
        known = dict(zip(table.cells, table.counts, strict=True))
        for cell, count, mark in cells:
            codes = (*cell, *[TOTAL] * (len(table.dimensions) - len(cell)), "", "")[:2]
            base = known.get((TOTAL, *cell[1:]) if cell else ())
            rows.append(
                head
                | {"variable_1": variables[0], "code_1": codes[0]}
                | {"variable_2": variables[1], "code_2": codes[1]}
                | {"person_count": count, "mark": mark, "share": _per_cent(count, base)}
                | tail
            )
    return pd.DataFrame(rows, columns=list(COLUMNS)).astype(COLUMNS)


def _per_cent(count: int | None, base: int | None) -> int | None:
    return (200 * count + base) // (2 * base) if count is not None and base else None


def to_csv(frame: pd.DataFrame) -> bytes:
    """Return a tidy frame as CSV: UTF-8 with a mark, as Excel expects, and its line ends."""
    return frame.to_csv(index=False, lineterminator="\r\n").encode("utf-8-sig")


def tidy_answer(path: Path) -> Callable[[Asked], pd.DataFrame]:
    """Read an answer that was handed over; return what gives the rows of a question.

    Raises
    ------
    FileError
        E-873 if it cannot be read, or a file in it is not the one that was handed over.
    """
    try:
        with zipfile.ZipFile(path) as packed:
            if sum(one.file_size for one in packed.infolist()) > _LARGEST:
                raise FileError("E-873", file=path.name)
            said = {name: packed.read(name) for name in packed.namelist()}
        sums = [line.partition("  ") for line in said[CHECKSUMS].decode("utf-8").splitlines()]
        is_whole = all(hashlib.sha256(said[name]).hexdigest() == digest for digest, _, name in sums)
        if not is_whole or TABLES not in {name for *_, name in sums}:
            raise FileError("E-873", file=path.name)
        empty = {name: [""] for name in ("person_count", "share")}
        text = io.StringIO(said[TABLES].decode("utf-8-sig"))
        frame = pd.read_csv(text, dtype=COLUMNS, keep_default_na=False, na_values=empty)[[*COLUMNS]]
    except (OSError, KeyError, ValueError, RuntimeError, zipfile.BadZipFile, zlib.error) as error:
        raise FileError("E-873", file=path.name) from error

    def of(question: Asked) -> pd.DataFrame:
        variables = (*question.dimensions, "", "")[:2]
        same = frame["population"].eq(question.population) & frame["year"].isin(question.years)
        for place, name in enumerate(variables, start=1):
            same &= frame[f"variable_{place}"].eq(name)
        found = frame[same]
        if set(found["year"]) != set(question.years):
            there = ", ".join(sorted(frame["table"].unique()))
            raise UsageError("E-872", file=path.name, table=question.name, tables=there)
        return found.reset_index(drop=True)

    return of
