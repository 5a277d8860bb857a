"""Read a table from a text file, in batches.

Enters: a path. Leaves: its encoding, the first rows, and then all rows as columns of text with their row
numbers. A file that is a clean rectangle goes through Arrow's reader; from the first row that has too many or
too few cells on, Python's reader takes over, so that no row is lost and every row keeps its number. Rule: a
file of mixed encodings is refused, since its letters would have to be guessed.
"""

from __future__ import annotations

import csv
import io
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import IO

import numpy as np
import pyarrow as pa
import pyarrow.csv

from platform_utils.errors import FileError
from platform_utils.returns.budget import MOST_CELLS, MOST_COLUMNS_OF_ALL, MOST_ROWS
from platform_utils.returns.header import MOST_COLUMNS, match_row
from platform_utils.returns.source_file import file_name
from platform_utils.spec.encoding import find_encoding, pieces

_DELIMITERS = ";,\t|"
_HEAD = 120
_BLOCK = 1 << 20
_START = 1 << 21


@dataclass(frozen=True)
class TextTable:
    """A text file with a table in it.

    Attributes
    ----------
    head : list of list of str
        Its first rows, as many as are searched for headings.
    is_bounded : bool
        It is a return, and may have no more cells than any return has.
    """

    path: Path
    encoding: str
    delimiter: str
    head: list[list[str]]
    is_bounded: bool = False

    def batches(self, skipped: int, rows: int) -> Iterator[tuple[list[pa.Array], np.ndarray]]:
        """Yield columns and row numbers of everything after the first ``skipped`` rows.

        Raises
        ------
        FileError
            E-123 if quotation marks are not closed, E-126 if there are more than `MOST_ROWS` rows.
        """
        done = skipped
        for columns in self._columns(skipped, rows):
            count = len(columns[0])
            if done + count > MOST_ROWS + skipped:
                raise FileError("E-126", file=file_name(self.path), most=MOST_ROWS)
            yield columns, np.arange(done + 1, done + count + 1)
            done += count

    def _columns(self, skipped: int, rows: int) -> Iterator[list[pa.Array]]:
        width = max((len(row) for row in self.head[skipped - 1 :]), default=1)
        done = skipped
        lines = sum(1 + sum(cell.count("\n") for cell in row) for row in self.head[:skipped])
        if width > 1:
            try:
                for columns in self._rectangle(width, lines, rows):
                    yield columns
                    done += len(columns[0])
            except (pa.ArrowInvalid, UnicodeDecodeError):
                pass  # no rectangle from here on
            else:
                return
        with self._open() as file, _closed_quotes(file_name(self.path)):
            reader = csv.reader(file, delimiter=self.delimiter, strict=True)
            for _ in islice(reader, done):
                pass
            while found := list(islice(reader, rows)):
                widest = max(width, *(len(row) for row in found))
                if self.is_bounded and widest * len(found) > MOST_CELLS:
                    raise FileError("E-118", file=file_name(self.path), most=MOST_CELLS)
                padded = [row + [""] * (widest - len(row)) for row in found]
                yield [pa.array(column, pa.large_string()) for column in zip(*padded, strict=True)]

    def _rectangle(self, width: int, lines: int, rows: int) -> Iterator[list[pa.Array]]:
        names = [str(position) for position in range(width)]
        utf8 = self.encoding.startswith("utf-8")
        reader = pa.csv.open_csv(
            self.path,
            pa.csv.ReadOptions(
                column_names=names,
                skip_rows=lines,
                block_size=_BLOCK,
                encoding="utf8" if utf8 else self.encoding,
            ),
            pa.csv.ParseOptions(delimiter=self.delimiter, newlines_in_values=True, ignore_empty_lines=False),
            pa.csv.ConvertOptions(
                strings_can_be_null=False, column_types=dict.fromkeys(names, pa.large_string())
            ),
        )
        waiting: list[pa.RecordBatch] = []
        for batch in reader:
            waiting.append(batch)
            if sum(each.num_rows for each in waiting) >= rows:
                yield from _in_batches(waiting, rows)
                waiting = []
        yield from _in_batches(waiting, rows)

    def _open(self) -> IO[str]:
        encoding = "utf-8-sig" if self.encoding.startswith("utf-8") else self.encoding
        return self.path.open(encoding=encoding, newline="")


def open_text(path: Path, file: str) -> TextTable:
    """Say how a text file was saved and read its first rows.

    Raises
    ------
    FileError
        E-117 for mixed encodings, E-105 for binary content, E-123 for quotation marks that are not closed,
        E-116, E-118, E-126 if it is larger than any return.
    """
    encoding = find_encoding(path, file)
    counts = Counter[str]()
    for piece in pieces(path):
        counts.update({sign: piece.count(sign.encode()) for sign in f"{_DELIMITERS}\n"})
    if counts["\n"] > MOST_ROWS + _HEAD:
        raise FileError("E-126", file=file, most=MOST_ROWS)
    csv.field_size_limit(1 << 26)
    start = _first_lines(path, encoding, file)
    best: tuple[int, int, str, list[list[str]]] | None = None
    for order, delimiter in enumerate(_DELIMITERS):
        try:
            rows = list(islice(csv.reader(io.StringIO(start, newline=""), delimiter=delimiter), _HEAD))
        except csv.Error:
            continue
        headers = (match_row(row, 1) for row in rows)
        known = max((len(header.columns) for header in headers if header), default=0)
        if best is None or known > best[0]:
            best = (known, order, delimiter, rows)
    if best is None:
        raise FileError("E-123", file=file)
    _, _, delimiter, head = best
    width = max(map(len, head), default=0)
    if counts[delimiter] + counts["\n"] > MOST_CELLS or width * counts["\n"] > MOST_CELLS:
        raise FileError("E-118", file=file, most=MOST_CELLS)
    if width > MOST_COLUMNS_OF_ALL:
        raise FileError("E-116", file=file, sheet="-", count=width, most=MOST_COLUMNS)
    return TextTable(path, encoding, delimiter, head, is_bounded=True)


def _in_batches(read: list[pa.RecordBatch], rows: int) -> Iterator[list[pa.Array]]:
    """Yield what was read, at most so many rows at a time, each column in one piece."""
    if read:
        table = pa.Table.from_batches(read)
        for start in range(0, table.num_rows, rows):
            yield [column.combine_chunks() for column in table.slice(start, rows).columns]


def _first_lines(path: Path, encoding: str, file: str) -> str:
    """Return whole lines from the top, at least as many as are searched."""
    codec = "utf-8-sig" if encoding == "utf-8" else encoding
    try:
        with path.open(encoding=codec, newline="") as text:
            start = text.read(_START)
    except UnicodeDecodeError as error:
        raise FileError("E-117", file=file) from error
    if len(start) < _START:
        return start
    return start[: start.rfind("\n") + 1] or start


@contextmanager
def _closed_quotes(file: str) -> Iterator[None]:
    try:
        yield
    except csv.Error as error:
        raise FileError("E-123", file=file) from error
    except UnicodeDecodeError as error:
        raise FileError("E-117", file=file) from error
