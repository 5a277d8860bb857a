"""Any tables, with a small description: what ``audit`` and ``protect`` read.

Enters: CSV or Parquet files with one row per cell, and a TOML description (``docs/disclosure.*.md`` shows
one). Leaves: described tables, as a reader sees them or as counts to protect. Without a description a
column named ``count``, ``antal`` or ``n`` holds the counts and all other text columns are dimensions.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import Any

import pandas as pd

from platform_utils.errors import ContractError, FileError, SettingsError
from platform_utils.protect.attacker import Seen, SeenTable, Share
from platform_utils.protect.cells import Cell, cell_of, universe_key
from platform_utils.protect.foreign.description import COLUMNS, Description, read_description
from platform_utils.protect.foreign.written import NUMBERS, number_in, rows_of_text
from platform_utils.protect.links import Links
from platform_utils.spec.counts import TOTAL, CountTable, Universe, codes_in
from platform_utils.spec.safe import said_in

_MOST = 10**12  # more than all people and kronor: what is larger is a slip that no solver can add up
_COUNT_NAMES = ("count", "antal", "n", "person_count", "number", "freq", "value")
_TOTALS = ("total", "totalt", "all", "alla", "samtliga", "summa", "sum")
_MARKS = ("", "..", "x", "*", "c", "[c]", "-", "nan", "na", "<na>")


@dataclass(frozen=True)
class DescribedTable:
    """One file with its description.

    Attributes
    ----------
    name : str
        Name in answers.
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
        return codes_in(self.frame, self.dimensions)

    def cells(self) -> list[Cell]:
        """Return the cell of each row."""
        return [cell_of(self.universe, self.dimensions, codes, self.multiple) for codes in self.codes()]

    def seen(self, hidden: Seen) -> SeenTable:
        """Return what a reader sees; ``hidden`` is what is known of a hidden count.

        Raises
        ------
        ContractError
            E-401 if a count is not a whole number of at least 0; E-402 if a cell stands twice; E-404 if a
            share's whole is missing; E-449 if a share is none.
        """
        spread = int(self.said.get("rounded_to", 1)) // 2
        cells: dict[tuple[str, ...], Seen] = {}
        shares: dict[tuple[str, ...], Share] = {}
        rows = zip(self.codes(), self.frame["count"].tolist(), self.frame["share"].tolist(), strict=True)
        for position, (codes, text, share) in enumerate(rows, start=1):
            if codes in cells:
                raise ContractError("E-402", table=self.name, position=position)
            count = None if text is None else _whole(self.name, position, text)
            cells[codes] = hidden if count is None else Seen(max(0, count - spread), count + spread)
            if share is not None:
                shares[codes] = self._share(codes, share, position)
        for position, codes in enumerate(cells, start=1):
            if codes in shares and shares[codes].of not in cells:
                over = self.said.get("share_of", self.dimensions[-1])
                raise ContractError("E-404", table=self.name, position=position, dimension=over)
        key, multiple = universe_key(self.universe), frozenset(self.multiple)
        return SeenTable(self.name, key, self.universe.year, self.dimensions, multiple, cells, shares)

    @cached_property
    def _decimals(self) -> int:
        """How many decimals the shares are printed with: as many as the longest has."""
        texts = [text.replace(",", ".").strip(" %\u00a0") for text in self.frame["share"] if text is not None]
        return max((len(text.partition(".")[2]) for text in texts), default=0)

    def counted(self) -> CountTable:
        """Return the table as counts to protect.

        Raises
        ------
        ContractError
            E-401 if a count is missing or not a whole number of at least 0.
        """
        texts = enumerate(self.frame["count"].tolist(), start=1)
        return CountTable(
            self.name,
            self.universe,
            self.dimensions,
            self.frame[list(self.dimensions)].assign(
                count=[_whole(self.name, at, text) for at, text in texts]
            ),
            str(self.said.get("class", "A")),
            bool(self.multiple),
            contributors=self.contributors,
            multiple_dimensions=self.multiple,
        )

    def _share(self, codes: tuple[str, ...], text: str, position: int) -> Share:
        """Return a share in per cent as whole numbers over a base, half its last decimal to either side."""
        value = number_in(text, "share")
        if value is None:
            raise ContractError("E-449", table=self.name, position=position, column=self.said.get("share"))
        base = 200 * 10 ** int(self.said.get("share_decimals", self._decimals))
        at = self.dimensions.index(self.said.get("share_of", self.dimensions[-1]))
        middle = int(value * base / 100)
        return Share((*codes[:at], TOTAL, *codes[at + 1 :]), max(0, middle - 1), middle + 1, base)


@dataclass(frozen=True)
class Described:
    """All files of one call, in their order; ``options`` is ``[audit]`` of the description."""

    tables: tuple[DescribedTable, ...]
    links: Links
    options: Mapping[str, bool] = field(default_factory=dict)

    @property
    def dimensions(self) -> set[str]:
        """Names of all breakdowns."""
        return {dimension for table in self.tables for dimension in table.dimensions}


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
        E-444 if a file cannot be read.
    SettingsError
        E-441 if the description cannot be used.
    ContractError
        E-405 if a table lacks its columns, or has one twice; E-445 if a category is empty or not one of the
        table's; E-448 if two files have one name; E-449 if a share, a weight, an end or a true count is no
        number of its kind.
    """
    beside = Path(files[0]).parent / "tables.toml"
    path = description or (beside if beside.is_file() else None)
    described = Description() if path is None else read_description(Path(path))
    tables: dict[str, DescribedTable] = {}
    of: dict[str, Path] = {}
    for file in map(Path, files):
        table = _read(file, described.tables.get(file.name, {}))
        if table.name in tables:
            named = [str(Path(one.parent.name, one.name)) for one in (of[table.name], file)]
            raise ContractError("E-448", file=named[0], other=named[1])
        tables[table.name], of[table.name] = table, file
    if path is not None:
        for name in _not_there(described, list(tables.values()), Path(path).parent):
            raise SettingsError("E-441", file=Path(path).name, name=name)
    return Described(tuple(tables.values()), described.links, described.options)


def _not_there(said: Description, tables: Sequence[DescribedTable], folder: Path) -> Iterator[str]:
    """Yield what a description speaks of and no table has: a slip would only make the attack weaker."""
    codes: dict[str, set[str]] = {}
    for table in tables:
        for dimension in table.dimensions:
            codes.setdefault(dimension, set()).update(table.frame[dimension])
    for tree in said.links.refinements:
        if tree.fine not in codes:
            yield tree.fine
            continue
        parents = {parent for code, parent in tree.parent_of.items() if code in codes[tree.fine]}
        # above codes of the table stand its parents, in the same dimension or in another that is printed
        if not parents <= codes.get(tree.coarse, parents):
            yield "parents"
    given = {Path(str(table.said.get("file", ""))).name for table in tables}
    yield from (name for name in said.tables if name not in given and not (folder / name).is_file())
    used = {str(entry.get("universe", "all")) for entry in said.tables.values()}
    used |= {table.universe.name for table in tables}
    used |= {nested.within for nested in said.links.universes.values()}
    for name, nested in said.links.universes.items():
        if name not in used:
            yield f"universe.{name}"
        wrong = [d for d, code in nested.where.items() if code not in codes.get(d, {code})]
        if wrong:
            yield f"universe.{name}.where"


def _read(file: Path, described: Mapping[str, Any]) -> DescribedTable:
    frame = _frame(file)
    said = _said_by_file(file, described)
    name = str(said.get("name", file.stem))
    twice = list(frame.columns[frame.columns.duplicated()])
    if twice:
        raise ContractError("E-405", table=name, expected=f"1 × {twice[0]}")
    columns = {str(column).strip().casefold(): column for column in frame.columns}
    count = said.get("count") or next((columns[n] for n in _COUNT_NAMES if n in columns), "count")
    named = {key: said[key] for key in COLUMNS if key in said}
    reserved = {count, "mark", *named.values()}
    dimensions = tuple(said.get("dimensions") or [c for c in frame.columns if c not in reserved])
    needed: list[tuple[Any, Any]] = [(one, frame.columns) for one in (count, *dimensions, *named.values())]
    needed += [("share_of", dimensions)] if "share" in said and not dimensions else []
    over = [said["share_of"]] if "share_of" in said else []
    needed += [(one, dimensions) for one in (*said.get("multiple", ()), *over)]
    for column, among in needed:
        if column not in among:
            raise ContractError("E-405", table=name, expected=str(column))
    totals = {str(t).casefold() for t in said.get("totals", _TOTALS)}
    marks = {str(m).casefold() for m in said.get("marks", _MARKS)} | {""}
    table = pd.DataFrame(
        {str(d): _codes(name, frame, d, totals) for d in dimensions}, index=range(len(frame))
    )
    for key, column in {"count": count, **dict.fromkeys(COLUMNS), **named}.items():
        texts = [None] * len(frame) if column is None else _texts(frame[column], marks)
        wrong = [text is not None and number_in(text, key) is None for text in texts if key in NUMBERS]
        if any(wrong):
            raise ContractError("E-449", table=name, position=wrong.index(True) + 1, column=column)
        table[key] = pd.Series(texts, dtype=object)
    unit = str(said.get("unit", "persons"))
    universe = Universe(str(said.get("universe", "all")), int(said.get("year", 0)), "published", unit)
    read = DescribedTable(name, universe, tuple(map(str, dimensions)), table, said)
    behind = _behind(file, read, totals) if "contributors" in said else None
    _check_cells(read)
    return replace(read, contributors=behind)


def _codes(name: str, frame: pd.DataFrame, dimension: str, totals: set[str]) -> list[str]:
    codes = frame[dimension].fillna("").astype("str").str.strip().tolist()
    if "" in codes:
        position = codes.index("") + 1
        raise ContractError("E-445", table=name, position=position, dimension=str(dimension))
    return [TOTAL if code.casefold() in totals else code for code in codes]


def _behind(file: Path, table: DescribedTable, totals: set[str]) -> pd.DataFrame:
    """Return a table's cells by member, margins added where the file leaves them out."""
    path = file.with_name(str(table.said["contributors"]))
    frame = _frame(path)
    for column in (*table.dimensions, "member_id", "count"):
        if column not in frame.columns:
            raise ContractError("E-405", table=path.stem, expected=column)
    rows = pd.DataFrame({d: _codes(path.stem, frame, d, totals) for d in table.dimensions}, index=frame.index)
    counts = [_whole(path.stem, at, str(text)) for at, text in enumerate(frame["count"].tolist(), start=1)]
    rows = rows.assign(member_id=frame["member_id"].astype("str"), count=counts)
    known = set(table.codes())
    for position, codes in enumerate(codes_in(rows, table.dimensions), start=1):
        if codes not in known:
            where = ", ".join(table.dimensions)
            raise ContractError("E-445", table=path.stem, position=position, dimension=where)
    for dimension in table.dimensions:
        if dimension not in table.multiple and TOTAL not in set(rows[dimension]):
            keys = [*(d for d in table.dimensions if d != dimension), "member_id"]
            sums = rows.groupby(keys, sort=True, as_index=False)["count"].sum()
            rows = pd.concat([rows, sums.assign(**{dimension: TOTAL})], ignore_index=True)
    return rows


def named_codes(dimensions: Sequence[str], codes: Sequence[str]) -> dict[str, str]:
    """Return the codes of a cell by dimension, margins left out."""
    return {d: code for d, code in zip(dimensions, codes, strict=True) if code != TOTAL}


def _check_cells(table: DescribedTable) -> None:
    """Refuse a cell of the must-show list that the table does not have."""
    wanted = table.said.get("must_show", "total")
    there = [named_codes(table.dimensions, codes) for codes in table.codes()]
    for position, cell in enumerate(() if isinstance(wanted, str) else wanted, start=1):
        if named_codes([*cell], [*cell.values()]) not in there:
            raise ContractError("E-445", table=table.name, position=position, dimension="must_show")


def _said_by_file(file: Path, said: Mapping[str, Any]) -> dict[str, Any]:
    """Return the description of a file; one that the gate wrote says everything itself."""
    content = said_in(file) if file.suffix.casefold() == ".parquet" else None
    if content is None:
        return dict(said)
    universe = content["universe"]
    return {
        "name": content["name"],
        "dimensions": content["dimensions"],
        "count": "count",
        "year": universe["year"],
        "unit": universe["unit"],
        "universe": universe["name"],
        "multiple": content["multiple_dimensions"],
        "class": content["rule"][:1],
    } | dict(said)


def _frame(file: Path) -> pd.DataFrame:
    try:
        if file.suffix.casefold() == ".parquet" and file.is_file():
            return pd.read_parquet(file).astype(object)
        header, *rows = rows_of_text(file.read_text(encoding="utf-8-sig"))
        if not rows:
            raise FileError("E-444", file=str(file.name or file))
        return pd.DataFrame(rows, columns=header, dtype="str")
    except (OSError, ValueError) as error:
        raise FileError("E-444", file=str(file.name or file)) from error


def _texts(column: pd.Series, marks: set[str]) -> list[str | None]:
    """Return a column as text, with None for a hidden or missing value."""
    cleaned = ["" if pd.isna(value) else str(value).strip() for value in column.tolist()]
    return [None if text.casefold() in marks else text for text in cleaned]


def _whole(table: str, position: int, text: str | None) -> int:
    cleaned = "" if text is None else text.replace("\u00a0", "").replace(" ", "")
    try:
        number = float(cleaned)
    except ValueError as error:
        raise ContractError("E-401", table=table, position=position) from error
    if not number.is_integer() or not 0 <= number < _MOST:
        raise ContractError("E-401", table=table, position=position)
    return int(number)
