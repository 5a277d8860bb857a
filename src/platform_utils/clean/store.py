"""Write a clean year into the restricted folder and read it back.

Enters: ``CleanYear``. Leaves: Parquet, the same bytes for the same rows, each file whole or not at all.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import astuple, fields
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from platform_utils.clean.assemble import assemble
from platform_utils.clean.members import Member
from platform_utils.clean.year import finished
from platform_utils.errors import FileError
from platform_utils.paths import write_atomically
from platform_utils.spec import grains
from platform_utils.spec.clean import CleanYear
from platform_utils.spec.returns import CheckedReturn, Finding, LedgerEntry

__all__ = ["LONG_ROWS", "read_year", "write_long_year", "write_year"]

LONG_ROWS = 100_000
"""Rows that a long year is written in at a time."""

_TABLE = "clean__{}"

_LONG: tuple[str, ...] = ("case", "programme", "total")


def write_year(clean: CleanYear, folder: Path) -> tuple[Path, ...]:
    """Write a clean year; nothing half-written is ever visible under a final name.

    Parameters
    ----------
    clean : CleanYear
        One year.
    folder : Path
        Restricted folder of the year.

    Returns
    -------
    tuple of Path
        Files written: ``clean__<table>.parquet``, findings, ledger, and last ``clean.json``.

    Raises
    ------
    FileError
        E-012 if a file cannot be written.
    """
    tables = {_TABLE.format(grain.table): clean.tables[name] for name, grain in grains.load().items()}
    tables |= {_TABLE.format("recodes"): clean.recodes}
    tables |= {"findings": _findings_table(clean.findings), "ledger": _ledger_table(clean.ledger)}
    written = [_write(folder / f"{name}.parquet", [table]) for name, table in tables.items()]
    return (*written, _write_about(folder, clean.source, clean.year))


def write_long_year(
    checked: Iterable[CheckedReturn],
    folder: Path,
    *,
    year: int,
    source: str,
    members: Iterable[Member],
    rows: int = LONG_ROWS,
) -> tuple[LedgerEntry, ...]:
    """Clean a year whose rows are many, and write it piece by piece: text is never held for all rows at once.

    The files hold what `write_year` of `clean_year` would hold, in row groups, codes dictionary-encoded.

    Parameters
    ----------
    checked : iterable of CheckedReturn
        Returns, or batches of one long return.
    folder : Path
        Restricted folder of the year.
    year, source, members
        As in `clean_year`.
    rows : int
        Rows of one piece.

    Returns
    -------
    tuple of LedgerEntry
        The ledger of the year.

    Raises
    ------
    ContractError, FileError
        As `clean_year` and `write_year`.
    """
    assembled = assemble(checked, year, members)
    for grain in _LONG:
        table = assembled.tables[grain]
        starts = range(0, max(1, len(table)), rows)
        pieces = (finished(table.iloc[start : start + rows], grain, year) for start in starts)
        _write(folder / f"clean__{grain}.parquet", pieces)
    _write(folder / "clean__member_year.parquet", [assembled.member_year])
    _write(folder / "clean__recodes.parquet", [assembled.recodes])
    _write(folder / "findings.parquet", [_findings_table(assembled.findings)])
    _write(folder / "ledger.parquet", [_ledger_table(assembled.ledger)])
    _write_about(folder, source, year)
    return assembled.ledger


def read_year(folder: Path) -> CleanYear:
    """Read a clean year back.

    Parameters
    ----------
    folder : Path
        Restricted folder of the year.

    Returns
    -------
    CleanYear
        Equal to the one that was written.

    Raises
    ------
    FileError
        E-306 if a file is missing or is no clean year.
    """
    try:
        about = json.loads((folder / "clean.json").read_text(encoding="utf-8"))
        tables = {
            name: _read(folder / f"{_TABLE.format(grain.table)}.parquet")
            for name, grain in grains.load().items()
        }
        recodes = _read(folder / f"{_TABLE.format('recodes')}.parquet")
        findings = _read(folder / "findings.parquet", nullable=("row",))
        ledger = _read(folder / "ledger.parquet")
    except (OSError, ValueError, pa.ArrowException) as error:
        raise FileError("E-306", year=folder.name) from error
    return CleanYear(
        year=about["year"],
        source=about["source"],
        tables=tables,
        recodes=recodes,
        findings=tuple(_finding(row) for row in _records(findings)),
        ledger=tuple(LedgerEntry(**row) for row in _records(ledger)),
    )


def _write(path: Path, pieces: Iterable[pd.DataFrame]) -> Path:
    """Write pieces of one table into one file, without pandas' own metadata: bytes depend on rows alone."""
    with write_atomically(path) as partial:
        writer = None
        try:
            for piece in pieces:
                table = pa.table({name: _to_arrow(values) for name, values in piece.items()})
                writer = writer or pq.ParquetWriter(
                    partial, table.schema, compression="zstd", write_statistics=False
                )
                writer.write_table(table)
        finally:
            if writer is not None:
                writer.close()
    return path


def _to_arrow(values: pd.Series) -> pa.Array:
    if isinstance(values.array, pd.Categorical):
        names = pa.array(values.array.categories.tolist(), pa.string())
        return pa.DictionaryArray.from_arrays(pa.array(values.array.codes), names)
    array = pa.array(values, from_pandas=True)
    return array.cast(pa.string()) if pa.types.is_large_string(array.type) else array


def _write_about(folder: Path, source: str, year: int) -> Path:
    path = folder / "clean.json"
    with write_atomically(path) as partial:
        partial.write_text(json.dumps({"source": source, "year": year}) + "\n", encoding="utf-8")
    return path


def _read(path: Path, nullable: tuple[str, ...] = ()) -> pd.DataFrame:
    table = pq.read_table(path)
    frame = {}
    for name, column in zip(table.column_names, table.columns, strict=True):
        if pa.types.is_dictionary(column.type):
            column = column.cast(pa.string())  # noqa: PLW2901
        is_nullable = name in nullable or f"{name}_status" in table.column_names
        frame[name] = column.to_pandas(
            types_mapper={pa.int64(): pd.Int64Dtype()}.get if is_nullable else None
        )
    return pd.DataFrame(frame)


def _findings_table(findings: Sequence[Finding]) -> pd.DataFrame:
    columns: dict[str, list[str]] = {
        "code": [one.code for one in findings],
        "severity": [one.severity for one in findings],
        "file": [one.file for one in findings],
        "sheet": [one.sheet for one in findings],
        "column": [one.column for one in findings],
        "variable": [one.variable for one in findings],
        "fields": [json.dumps(dict(one.fields), ensure_ascii=False, sort_keys=True) for one in findings],
    }
    frame = pd.DataFrame({name: pd.array(values, dtype="str") for name, values in columns.items()})
    rows = pd.array([one.row for one in findings], dtype="Int64")
    return frame.assign(row=rows)


def _ledger_table(ledger: Sequence[LedgerEntry]) -> pd.DataFrame:
    names = [one.name for one in fields(LedgerEntry)]
    frame = pd.DataFrame([astuple(entry) for entry in ledger], columns=names)
    return frame.astype({name: "int64" if name == "rows" else "str" for name in names})


def _records(table: pd.DataFrame) -> list[dict[str, Any]]:
    columns = {str(name): table[name].tolist() for name in table.columns}
    return [dict(zip(columns, row, strict=True)) for row in zip(*columns.values(), strict=True)]


def _finding(row: dict[str, Any]) -> Finding:
    return Finding(
        code=row["code"],
        file=row["file"],
        sheet=row["sheet"],
        row=None if pd.isna(row["row"]) else int(row["row"]),
        column=row["column"],
        fields=json.loads(row["fields"]),
        variable=row["variable"],
    )
