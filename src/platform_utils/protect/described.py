"""Any tables, with a small description: what ``audit`` and ``protect`` read.

Enters: CSV or Parquet files with one row per cell, and a TOML description (``docs/disclosure.*.md`` shows
one). Leaves: described tables, as a reader sees them or as counts to protect. Without a description a
column named ``count``, ``antal`` or ``n`` holds the counts and all other text columns are dimensions.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path
from typing import Any

import pandas as pd

from platform_utils.errors import ContractError, FileError, SettingsError
from platform_utils.protect.attacker import Seen, SeenTable, Share
from platform_utils.protect.cells import Cell, cell_of
from platform_utils.protect.links import Links, Nested, Refinement
from platform_utils.schemas import gate_record
from platform_utils.schemas.counts import TOTAL, CountTable, Universe

__all__ = ["Described", "DescribedTable", "read_described"]

_COUNT_NAMES = ("count", "antal", "n", "person_count", "number", "freq", "value")
_TOTALS = ("total", "totalt", "all", "alla", "samtliga", "summa", "sum")
_MARKS = ("", "..", "x", "*", "c", "[c]", "-", "nan", "na", "<na>")
_KNOWN = (
    frozenset(("file", "name", "universe", "year", "unit", "dimensions", "count", "marks", "totals", "class"))
    | frozenset(
        ("multiple", "share", "share_decimals", "share_of", "rounded_to", "primary", "low", "high", "weight")
    )
    | frozenset(("must_show", "contributors", "true_count"))
)
_COLUMNS = ("share", "primary", "low", "high", "weight", "true_count")


@dataclass(frozen=True)
class DescribedTable:
    """One file with its description.

    Parameters
    ----------
    name : str
        Name in answers.
    universe : Universe
        Who is counted.
    dimensions : tuple of str
        Columns of codes.
    frame : DataFrame
        Codes (margins as ``"total"``), and the described columns as text.
    said : mapping
        The description.
    contributors : DataFrame or None
        Cells by member.
    """

    name: str
    universe: Universe
    dimensions: tuple[str, ...]
    frame: pd.DataFrame
    said: Mapping[str, Any]
    contributors: pd.DataFrame | None = None

    @property
    def multiple(self) -> tuple[str, ...]:
        """Dimensions in which one person may stand in several rows."""
        return tuple(self.said.get("multiple", ()))

    def codes(self) -> list[tuple[str, ...]]:
        """Return the codes of each row."""
        columns = [self.frame[dimension].tolist() for dimension in self.dimensions]
        return list(zip(*columns, strict=True)) if columns else [()] * len(self.frame)

    def cells(self) -> list[Cell]:
        """Return the cell of each row."""
        return [cell_of(self.universe, self.dimensions, codes, self.multiple) for codes in self.codes()]

    def seen(self, hidden: Seen) -> SeenTable:
        """Return what a reader sees; ``hidden`` is what is known of a hidden count.

        Raises
        ------
        ContractError
            E-401 if a count is not a whole number of at least 0.
        """
        base = int(self.said.get("rounded_to", 1))
        cells, shares = {}, {}
        counts = self.frame["count"].tolist()
        for position, (codes, text) in enumerate(zip(self.codes(), counts, strict=True), start=1):
            if codes in cells:
                raise ContractError("E-402", table=self.name, position=position)
            if text is None:
                cells[codes] = hidden
            else:
                count = _whole(self.name, position, text)
                spread = base // 2 if base > 1 else 0
                cells[codes] = Seen(max(0, count - spread), count + spread)
            share = self.frame["share"].tolist()[position - 1]
            if share is not None:
                shares[codes] = self._share(codes, share)
        universe = (
            self.universe.name
            if self.universe.unit == "persons"
            else f"{self.universe.name}:{self.universe.unit}"
        )
        multiple = frozenset(self.multiple)
        return SeenTable(self.name, universe, self.universe.year, self.dimensions, multiple, cells, shares)

    def counted(self) -> CountTable:
        """Return the table as counts to protect.

        Raises
        ------
        ContractError
            E-401 if a count is missing or not a whole number of at least 0.
        """
        counts = [
            _whole(self.name, position, text)
            for position, text in enumerate(self.frame["count"].tolist(), start=1)
        ]
        data = self.frame[list(self.dimensions)].assign(count=counts)
        return CountTable(
            self.name,
            self.universe,
            self.dimensions,
            data,
            str(self.said.get("class", "A")),
            bool(self.multiple),
            contributors=self.contributors,
            multiple_dimensions=self.multiple,
        )

    def _share(self, codes: tuple[str, ...], text: str) -> Share:
        decimals = int(self.said.get("share_decimals", 0))
        over = self.said.get("share_of", self.dimensions[-1])
        at = self.dimensions.index(over)
        value = Fraction(str(text).replace("%", "").replace(",", ".").replace("\u00a0", "").strip())
        base = 200 * 10**decimals
        middle = value * 2 * 10**decimals
        return Share((*codes[:at], TOTAL, *codes[at + 1 :]), max(0, int(middle) - 1), int(middle) + 1, base)


@dataclass(frozen=True)
class Described:
    """All files of one call.

    Parameters
    ----------
    tables : tuple of DescribedTable
        In the order of the files.
    links : Links
        Trees and universes that the description declares.
    options : mapping
        ``[audit]`` of the description.
    """

    tables: tuple[DescribedTable, ...]
    links: Links
    options: Mapping[str, Any] = field(default_factory=dict)


def read_described(files: Sequence[Path], description: Path | None = None) -> Described:
    """Read tables with their description.

    Parameters
    ----------
    files : sequence of Path
        CSV (comma or semicolon, UTF-8) or Parquet.
    description : Path, optional
        TOML; else ``tables.toml`` beside the first file, else none.

    Raises
    ------
    FileError
        E-420 if a file cannot be read.
    SettingsError
        E-441 if the description cannot be used.
    ContractError
        E-405 if a table lacks its columns.
    """
    beside = Path(files[0]).with_name("tables.toml")
    path = description or (beside if beside.is_file() else None)
    said: dict[str, Any] = {}
    if path is not None:
        try:
            said = tomllib.loads(Path(path).read_text(encoding="utf-8"))
        except (OSError, ValueError) as error:
            raise SettingsError("E-441", file=Path(path).name, name="TOML") from error
    entries = {Path(str(entry.get("file", ""))).name: entry for entry in said.get("table", [])}
    for entry in entries.values():
        unknown = sorted(set(entry) - _KNOWN)
        if unknown:
            raise SettingsError("E-441", file=Path(path or "").name, name=unknown[0])
    tables = tuple(_read(Path(file), entries.get(Path(file).name, {})) for file in files)
    trees = tuple(
        Refinement(
            str(tree["dimension"]),
            str(tree.get("coarse", tree["dimension"])),
            dict(tree["parents"]),
            nested="coarse" not in tree,
        )
        for tree in said.get("tree", [])
    )
    universes = {
        name: Nested(str(entry["within"]), dict(entry.get("where", {})))
        for name, entry in said.get("universe", {}).items()
    }
    return Described(tables, Links(trees, (), universes), dict(said.get("audit", {})))


def _read(file: Path, described: Mapping[str, Any]) -> DescribedTable:
    frame = _frame(file)
    said = _said_by_file(file, described)
    name = str(said.get("name", file.stem))
    columns = {str(column).strip().casefold(): column for column in frame.columns}
    count = said.get("count") or next((columns[n] for n in _COUNT_NAMES if n in columns), None)
    if count not in frame.columns:
        raise ContractError("E-405", table=name, expected=str(said.get("count", "count")))
    reserved = {count, "mark", *(said.get(key) for key in _COLUMNS)}
    dimensions = tuple(said.get("dimensions") or [c for c in frame.columns if c not in reserved])
    absent = [c for c in dimensions if c not in frame.columns]
    if absent:
        raise ContractError("E-405", table=name, expected=", ".join(dimensions))
    totals = {str(t).casefold() for t in said.get("totals", _TOTALS)}
    marks = {str(m).casefold() for m in said.get("marks", _MARKS)} | {""}
    table = pd.DataFrame(index=range(len(frame)))
    for dimension in dimensions:
        codes = frame[dimension].fillna("blank").astype("str").str.strip().tolist()
        table[str(dimension)] = [TOTAL if code.casefold() in totals else code for code in codes]
    table["count"] = _texts(frame[count], marks)
    for key in _COLUMNS:
        column = said.get(key)
        table[key] = _texts(
            frame[column] if column in frame.columns else pd.Series([None] * len(frame)), marks
        )
    unit = str(said.get("unit", "persons"))
    universe = Universe(str(said.get("universe", "all")), int(said.get("year", 0)), "published", unit)
    behind = None
    if "contributors" in said:
        behind = _frame(file.with_name(str(said["contributors"])))
        for dimension in dimensions:
            codes = behind[dimension].astype("str").tolist()
            behind[dimension] = [TOTAL if code.casefold() in totals else code for code in codes]
    return DescribedTable(name, universe, tuple(map(str, dimensions)), table, said, behind)


def _said_by_file(file: Path, said: Mapping[str, Any]) -> dict[str, Any]:
    """Return the description of a file that the gate wrote, which says everything itself."""
    if file.suffix.casefold() != ".parquet":
        return dict(said)
    content = gate_record.said_in(file)
    if content is None:
        return dict(said)
    universe = content["universe"]
    own = {key: content[key] for key in ("name", "dimensions")} | {"count": "count"}
    own |= {key: universe[key] for key in ("year", "unit")} | {"universe": universe["name"]}
    return own | {"multiple": content["multiple_dimensions"], "class": content["rule"][:1]} | dict(said)


def _frame(file: Path) -> pd.DataFrame:
    try:
        if file.suffix.casefold() == ".parquet":
            return pd.read_parquet(file).astype(object)
        return pd.read_csv(
            file, sep=None, engine="python", dtype=str, keep_default_na=False, encoding="utf-8-sig"
        )
    except (OSError, ValueError, UnicodeDecodeError, pd.errors.ParserError) as error:
        raise FileError("E-420", file=file.name) from error


def _texts(column: pd.Series, marks: set[str]) -> pd.Series:
    """Return a column as text, with None for a hidden or missing value."""
    cleaned = ["" if pd.isna(value) else str(value).strip() for value in column.tolist()]
    return pd.Series([None if text.casefold() in marks else text for text in cleaned], dtype=object)


def _whole(table: str, position: int, text: str | None) -> int:
    cleaned = "" if text is None else text.replace("\u00a0", "").replace(" ", "")
    try:
        number = float(cleaned)
    except ValueError as error:
        raise ContractError("E-401", table=table, position=position) from error
    if not number.is_integer() or number < 0:
        raise ContractError("E-401", table=table, position=position)
    return int(number)
