"""Counts that have passed the gate: all that a reader may see, sealed against every later change.

Enters: what ``protect`` decided. Leaves: to ``publish``. A ``SafeTable`` arises in ``protect``, or by
``SafeTable.read`` from a file whose hash stands in the gate's record. It cannot be constructed, copied,
pickled, replaced, subclassed or edited; one that was forged refuses to be read.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple, NoReturn

import pandas as pd

from platform_utils.errors import DisclosureError
from platform_utils.spec import gate_record
from platform_utils.spec.counts import TOTAL, Universe
from platform_utils.spec.seal import Sealed

__all__ = ["HIDDEN", "SafeContent", "SafeTable"]

HIDDEN = ".."
"""The mark of a hidden count."""


class SafeContent(NamedTuple):
    """Everything a safe table says, in a form that cannot be changed."""

    name: str
    universe: Universe
    dimensions: tuple[str, ...]
    cells: tuple[tuple[str, ...], ...]
    counts: tuple[int | None, ...]
    rule: str
    multiple_dimensions: tuple[str, ...]
    asked: bool
    notes: tuple[str, ...]
    hidden: tuple[tuple[str, int], ...]
    origin: str

    def canonical(self) -> str:
        """Return the one text of this content."""
        fields = self._asdict() | {"universe": vars(self.universe)}
        return json.dumps(fields, ensure_ascii=False, separators=(",", ":"))


class SafeTable(Sealed):
    """Protected counts. Read its attributes; only the gate makes one.

    Attributes
    ----------
    name, universe, dimensions, multiple, multiple_dimensions, asked, notes
        As in ``CountTable``.
    data : DataFrame, shape (n_cells, n_dimensions + 2)
        A code per dimension, ``count`` (nullable whole number, in the universe's unit) and ``mark``
        (``""`` or ``".."``). A fresh copy at every access.
    rule : str
        Name of the disclosure rule that was applied, such as ``"A4"``.
    hidden : mapping of str to int
        How many cells were hidden, by reason. Which cell has which reason is never kept.
    origin : str
        ``"gate"``, or the source and address of a figure that was already public.
    """

    __slots__ = ()

    @property
    def _safe(self) -> SafeContent:
        return self._opened(SafeContent)

    @property
    def name(self) -> str:
        """Key of the table in the table plan."""
        return self._safe.name

    @property
    def universe(self) -> Universe:
        """Who is counted."""
        return self._safe.universe

    @property
    def dimensions(self) -> tuple[str, ...]:
        """Names of the variables, in order."""
        return self._safe.dimensions

    @property
    def rule(self) -> str:
        """Name of the disclosure rule that was applied."""
        return self._safe.rule

    @property
    def multiple(self) -> bool:
        """True when one person may stand in several rows."""
        return bool(self._safe.multiple_dimensions)

    @property
    def multiple_dimensions(self) -> tuple[str, ...]:
        """The dimensions in which one person may stand in several rows."""
        return self._safe.multiple_dimensions

    @property
    def asked(self) -> bool:
        """False when the year's form did not ask."""
        return self._safe.asked

    @property
    def notes(self) -> tuple[str, ...]:
        """Label keys of the notes under the table."""
        return self._safe.notes

    @property
    def hidden(self) -> Mapping[str, int]:
        """How many cells were hidden, by reason."""
        return dict(self._safe.hidden)

    @property
    def origin(self) -> str:
        """``"gate"``, or where the figure was already public."""
        return self._safe.origin

    @property
    def data(self) -> pd.DataFrame:
        """A fresh frame of the cells: dimensions, ``count`` (Int64), ``mark``."""
        content = self._safe
        columns: dict[str, object] = {
            dimension: pd.array([cell[place] for cell in content.cells], dtype="str")
            for place, dimension in enumerate(content.dimensions)
        }
        columns["count"] = pd.array(list(content.counts), dtype="Int64")
        mark = HIDDEN if content.origin == "gate" else ""
        marks = [mark if count is None else "" for count in content.counts]
        columns["mark"] = pd.array(marks, dtype="str")
        return pd.DataFrame(columns)

    def count(self, **cell: str) -> int | None:
        """Return the released count of a cell (a margin where a dimension is not named), None if hidden.

        Raises
        ------
        KeyError
            If the table has no such cell.
        """
        content = self._safe
        wanted = tuple(cell.get(dimension, TOTAL) for dimension in content.dimensions)
        if set(cell) <= set(content.dimensions):
            for codes, count in zip(content.cells, content.counts, strict=True):
                if codes == wanted:
                    return count
        raise KeyError(f"{content.name} has no such cell ({', '.join(sorted(cell))})")

    def content_text(self) -> str:
        """Return everything it says as one JSON text."""
        return self._safe.canonical()

    def write(self, path: Path) -> None:
        """Write the table as Parquet and enter its hash in the gate's record beside it.

        The same table always gives the same bytes.

        Raises
        ------
        FileError
            E-012 if the folder cannot be written.
        """
        content = self._safe
        said = json.loads(content.canonical())
        data = self.data.drop(columns="mark")
        gate_record.write_frame(Path(path), data, {"kind": "SafeTable", "content": said}, content.rule)

    @classmethod
    def read(cls, path: Path) -> SafeTable:
        """Read a table that the gate has written.

        Raises
        ------
        DisclosureError
            E-411 if the file's hash is not in the gate's record; E-412 if there is no usable record.
        FileError
            E-420 if the file cannot be read.
        """
        said = gate_record.read_content(Path(path), "SafeTable")
        return cls.seal_up(_content_from(said))

    def __eq__(self, other: object) -> bool:
        return isinstance(other, SafeTable) and self._safe == other._safe

    def __hash__(self) -> int:
        return hash(self._safe)

    def __repr__(self) -> str:
        content = self._safe
        shown = sum(count is not None for count in content.counts)
        cells = len(content.counts)
        return f"<SafeTable {content.name} {content.universe.year}: {shown} of {cells} cells shown>"

    def __setattr__(self, name: str, value: object) -> NoReturn:
        raise DisclosureError("E-413", kind="SafeTable")


def _content_from(said: Mapping[str, object]) -> SafeContent:
    fields = dict(said)
    fields["universe"] = Universe(**dict(fields["universe"]))  # type: ignore[call-overload]
    fields["dimensions"] = tuple(fields["dimensions"])  # type: ignore[arg-type]
    fields["cells"] = tuple(tuple(cell) for cell in fields["cells"])  # type: ignore[attr-defined]
    fields["counts"] = tuple(fields["counts"])  # type: ignore[arg-type]
    fields["multiple_dimensions"] = tuple(fields["multiple_dimensions"])  # type: ignore[arg-type]
    fields["notes"] = tuple(fields["notes"])  # type: ignore[arg-type]
    fields["hidden"] = tuple((key, value) for key, value in fields["hidden"])  # type: ignore[attr-defined]
    return SafeContent(**fields)  # type: ignore[arg-type]
