"""What has passed the gate, protected counts and estimates: all that a reader may see, and its files.

Enters: what ``protect`` decided, or a file that it wrote. Leaves: to ``publish``. Beside every folder of safe
files ``gate.json``, the gate's record, lists the hash of each; a file that is not in it with its hash is not
safe and is not read. Only ``protect`` makes these objects: a convention test reads all source for that.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any, Self, final

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from platform_utils.errors import DisclosureError, FileError
from platform_utils.paths import write_atomically, write_whole
from platform_utils.spec.counts import TOTAL, Universe

HIDDEN = ".."
"""The mark of a hidden count."""

RECORD = "gate.json"
_KEY = b"platform_utils"


@dataclass(frozen=True)
class _Safe:
    """What both kinds have: one text, and a file in the gate's record."""

    name: str
    universe: Universe
    rule: str

    def content_text(self) -> str:
        """Return everything it says as one JSON text."""
        said = {one.name: getattr(self, one.name) for one in fields(self)}
        return json.dumps(said, ensure_ascii=False, separators=(",", ":"), default=_as_json)

    def write(self, path: Path) -> None:
        """Write it as Parquet and enter its hash in the gate's record beside it; same content, same bytes.

        Raises
        ------
        FileError
            E-012 if the folder cannot be written.
        DisclosureError
            E-412 if the record beside it cannot be read.
        """
        kind = type(self).__name__
        said = {"kind": kind, "content": json.loads(self.content_text())}
        metadata = json.dumps(said, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
        table = pa.Table.from_pandas(self._cells(), preserve_index=False)
        with write_atomically(path) as partial:
            whole = table.replace_schema_metadata({_KEY: metadata.encode("utf-8")})
            pq.write_table(whole, partial, compression="none")
            digest = _digest(partial)
        files = _files(path.parent) if (path.parent / RECORD).exists() else {}
        files[path.name] = {"sha256": digest, "kind": kind, "rule": self.rule}
        write_whole(path.parent / RECORD, _record(files))

    @classmethod
    def read(cls, path: Path) -> Self:
        """Read what the gate has written.

        Raises
        ------
        DisclosureError
            E-411 if the file's hash is not in the gate's record; E-412 if there is no usable record.
        FileError
            E-420 if the file cannot be read.
        """
        try:
            digest = _digest(path)
        except OSError as error:
            raise FileError("E-420", file=path.name) from error
        entry = _files(path.parent).get(path.name)
        if entry is None or entry.get("sha256") != digest or entry.get("kind") != cls.__name__:
            raise DisclosureError("E-411", file=path.name)
        said = said_in(path)
        if said is None:
            raise FileError("E-420", file=path.name)
        universe = Universe(**said.pop("universe"))
        said.pop("hidden", None)  # earlier versions said why cells are hidden
        return cls(universe=universe, **{key: _frozen(value) for key, value in said.items()})

    def _cells(self) -> pd.DataFrame:
        raise NotImplementedError


@final
@dataclass(frozen=True)
class SafeTable(_Safe):
    """Protected counts.

    Attributes
    ----------
    universe, dimensions, multiple_dimensions, asked, notes
        As in ``CountTable``.
    cells, counts : tuple
        Codes of each row, and its count in the universe's unit, None if hidden.
    rule : str
        Name of the disclosure rule that was applied, such as ``"A4"``.
    origin : str
        ``"gate"``, or the source and address of a figure that was already public.
    """

    dimensions: tuple[str, ...]
    cells: tuple[tuple[str, ...], ...]
    counts: tuple[int | None, ...]
    multiple_dimensions: tuple[str, ...] = ()
    asked: bool = True
    notes: tuple[str, ...] = ()
    origin: str = "gate"

    @property
    def multiple(self) -> bool:
        """True when one person may stand in several rows."""
        return bool(self.multiple_dimensions)

    @property
    def n_hidden(self) -> int:
        """How many cells are hidden; why is never kept, since reasons narrow what a cell can be."""
        return self.counts.count(None) if self.origin == "gate" else 0

    def codes(self) -> dict[str, set[str]]:
        """Return the codes of each dimension that have a row."""
        return {d: {cell[at] for cell in self.cells} for at, d in enumerate(self.dimensions)}

    @property
    def data(self) -> pd.DataFrame:
        """A fresh frame of the cells: dimensions, ``count`` (Int64), ``mark`` (``""`` or ``".."``)."""
        mark = HIDDEN if self.origin == "gate" else ""
        marks = [mark if count is None else "" for count in self.counts]
        return self._cells().assign(mark=pd.array(marks, dtype="str"))

    def count(self, **cell: str) -> int | None:
        """Return the released count of a cell (a margin where a dimension is not named), None if hidden.

        Raises
        ------
        KeyError
            If the table has no such cell.
        """
        wanted = tuple(cell.get(dimension, TOTAL) for dimension in self.dimensions)
        if set(cell) <= set(self.dimensions) and wanted in self.cells:
            return self.counts[self.cells.index(wanted)]
        raise KeyError(f"{self.name} has no such cell ({', '.join(sorted(cell))})")

    def _cells(self) -> pd.DataFrame:
        columns: dict[str, object] = {
            dimension: pd.array([cell[place] for cell in self.cells], dtype="str")
            for place, dimension in enumerate(self.dimensions)
        }
        return pd.DataFrame(columns | {"count": pd.array(list(self.counts), dtype="Int64")})

    def __repr__(self) -> str:
        shown = sum(count is not None for count in self.counts)
        return f"<SafeTable {self.name} {self.universe.year}: {shown} of {len(self.counts)} cells shown>"


Years = Mapping[int, Mapping[str, SafeTable]]
"""Safe tables by year and name."""


@final
@dataclass(frozen=True)
class SafeEstimate(_Safe):
    """A protected estimate.

    Attributes
    ----------
    kind : {"difference", "ratio", "share", "test", "curve", "range", "withheld"}
        ``"withheld"`` where the counts under it may not be shown.
    shown : tuple of (str, int or str)
        Whole percentage points (``"estimate"``, ``"lower"``, ``"upper"``, ``"day_90"``); for ratios, tenths
        as text; for tests ``"p"``: ``"below"`` or ``"above"`` and ``"level"``.
    number : int or None
        Released count of persons that it rests on.
    why : str
        Empty, or why there is no estimate: ``"few"`` (fewer than the rule's smallest count).
    method : str
        Which interval or test, in words that can be looked up.
    """

    kind: str
    shown: tuple[tuple[str, int | str], ...] = ()
    number: int | None = None
    why: str = ""
    method: str = ""

    @property
    def values(self) -> Mapping[str, int | str]:
        """What is shown, by name."""
        return dict(self.shown)

    def _cells(self) -> pd.DataFrame:
        rows = [(key, str(value)) for key, value in self.shown]
        return pd.DataFrame(rows, columns=["key", "value"]).astype("str")

    def __repr__(self) -> str:
        return f"<SafeEstimate {self.name}: {self.kind}>"


def record_of(folder: Path, names: Collection[str]) -> bytes:
    """Return the gate's record of some files of a folder.

    Raises
    ------
    DisclosureError
        E-412 if there is no usable record.
    """
    return _record({name: entry for name, entry in _files(folder).items() if name in names})


def _record(files: Mapping[str, Any]) -> bytes:
    text = json.dumps({"format": 1, "files": files}, ensure_ascii=False, sort_keys=True, indent=1)
    return f"{text}\n".encode()


def said_in(path: Path) -> dict[str, Any] | None:
    """Return what a Parquet file says about itself, without trusting it; None if it says nothing."""
    try:
        return dict(json.loads((pq.read_schema(path).metadata or {})[_KEY])["content"])
    except (OSError, KeyError, ValueError, pa.ArrowException):
        return None


def _as_json(value: Universe | Mapping[str, int]) -> object:
    return vars(value) if isinstance(value, Universe) else list(value.items())


def _frozen(value: object) -> Any:
    return tuple(map(_frozen, value)) if isinstance(value, list) else value


def _digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def _files(folder: Path) -> dict[str, dict[str, str]]:
    try:
        record = json.loads((folder / RECORD).read_text(encoding="utf-8"))
        if record["format"] != 1:
            raise DisclosureError("E-412", file=RECORD)
        return {str(name): dict(entry) for name, entry in record["files"].items()}
    except (OSError, KeyError, TypeError, ValueError, AttributeError) as error:
        raise DisclosureError("E-412", file=RECORD) from error
