"""Write a clean year into the restricted folder and read it back.

Enters: ``CleanYear``. Leaves: Parquet, the same bytes for the same rows, each file whole or not at all.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, fields
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from platform_utils.clean.combine import combine
from platform_utils.errors import FileError
from platform_utils.paths import write_atomically, write_whole
from platform_utils.spec import grains
from platform_utils.spec.clean import CleanYear
from platform_utils.spec.returns import Finding, LedgerEntry

_FIRST = ("case", "programme", "organisation", "total")
"""Grains of years that do not say which they have: rows kept by earlier editions of the program."""


def write_year(clean: CleanYear, folder: Path) -> tuple[Path, ...]:
    """Write a clean year; nothing half-written is ever visible under a final name.

    Returns
    -------
    tuple of Path
        Files written: ``clean__<table>.parquet``, findings, ledger, and last ``clean.json``.

    Raises
    ------
    FileError
        E-012 if a file cannot be written.
    """
    tables = {_name(grain.table): clean.tables[grain.name] for grain in grains.load().values()}
    tables |= {_name("recodes"): clean.recodes}
    tables |= {"findings": _findings_table(clean.findings), "ledger": _ledger_table(clean.ledger)}
    written = [_write(folder / f"{name}.parquet", table) for name, table in tables.items()]
    path = folder / "clean.json"
    about = {"source": clean.source, "year": clean.year, "grains": [*clean.tables]}
    write_whole(path, json.dumps(about) + "\n")
    return (*written, path)


def read_year(folder: Path) -> CleanYear:
    """Read a clean year back, equal to the one that was written.

    Raises
    ------
    FileError
        E-306 if a file is missing or is no clean year.
    """
    try:
        about = json.loads((folder / "clean.json").read_text(encoding="utf-8"))
        there = about.get("grains", _FIRST)
        tables = {
            name: _read(folder, _name(grain.table)) if name in there else combine((), name)
            for name, grain in grains.load().items()
        }
        recodes = _read(folder, _name("recodes"))
        findings = _read(folder, "findings", nullable=("row",))
        ledger = _read(folder, "ledger")
    except (OSError, ValueError, pa.ArrowException) as error:
        raise FileError("E-306", year=folder.name) from error
    return CleanYear(
        year=about["year"],
        source=about["source"],
        tables=tables,
        recodes=recodes,
        findings=tuple(_finding(**row) for row in _records(findings)),
        ledger=tuple(LedgerEntry(**row) for row in _records(ledger)),
    )


def _name(table: str) -> str:
    return f"clean__{table}"


def _write(path: Path, table: pd.DataFrame) -> Path:
    """Write a table without pandas' own metadata and without statistics: bytes depend on rows alone."""
    columns = pa.table({name: _to_arrow(values) for name, values in table.items()})
    with write_atomically(path) as partial:
        pq.write_table(columns, partial, compression="zstd", write_statistics=False)
    return path


def _to_arrow(values: pd.Series) -> pa.Array:
    array = pa.array(values, from_pandas=True)
    return array.cast(pa.string()) if pa.types.is_large_string(array.type) else array


def _read(folder: Path, name: str, nullable: tuple[str, ...] = ()) -> pd.DataFrame:
    """Read a table; whole numbers that may be missing are those with a status beside them."""
    table = pq.read_table(folder / f"{name}.parquet")
    frame = {}
    for column, cells in zip(table.column_names, table.columns, strict=True):
        is_nullable = column in nullable or f"{column}_status" in table.column_names
        frame[column] = cells.to_pandas(
            types_mapper={pa.int64(): pd.Int64Dtype()}.get if is_nullable else None
        )
    return pd.DataFrame(frame)


def _findings_table(findings: Sequence[Finding]) -> pd.DataFrame:
    texts = ("code", "severity", "file", "sheet", "column", "variable")
    columns = {name: [getattr(one, name) for one in findings] for name in texts}
    columns["fields"] = [json.dumps(dict(one.fields), ensure_ascii=False, sort_keys=True) for one in findings]
    frame = pd.DataFrame({name: pd.array(values, dtype="str") for name, values in columns.items()})
    return frame.assign(row=pd.array([one.row for one in findings], dtype="Int64"))


def _ledger_table(ledger: Sequence[LedgerEntry]) -> pd.DataFrame:
    names = [one.name for one in fields(LedgerEntry)]
    frame = pd.DataFrame([asdict(entry) for entry in ledger], columns=names)
    return frame.astype({name: "int64" if name == "rows" else "str" for name in names})


def _records(table: pd.DataFrame) -> list[dict[str, Any]]:
    return [dict(zip(table.columns, row, strict=True)) for row in table.itertuples(index=False, name=None)]


def _finding(*, severity: str, row: Any, fields: str, **said: str) -> Finding:  # noqa: ARG001 - the code says it
    return Finding(**said, row=None if pd.isna(row) else int(row), fields=json.loads(fields))
