"""Write a clean year into the restricted folder and read it back.

Enters: ``CleanYear``. Leaves: Parquet, the same bytes for the same rows, each file whole or not at all.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import astuple, fields
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from platform_utils.errors import FileError
from platform_utils.paths import write_atomically
from platform_utils.schemas.clean import CleanYear
from platform_utils.schemas.returns import Finding, LedgerEntry

__all__ = ["read_year", "write_year"]

_TABLES = ("case", "programme", "total", "member_year", "recodes")


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
    tables = {f"clean__{name}": getattr(clean, name) for name in _TABLES}
    tables["findings"] = _findings_table(clean.findings)
    tables["ledger"] = _ledger_table(clean.ledger)
    written = []
    for name, table in tables.items():
        path = folder / f"{name}.parquet"
        with write_atomically(path) as partial:
            pq.write_table(_to_arrow(table), partial, compression="zstd")
        written.append(path)
    path = folder / "clean.json"
    with write_atomically(path) as partial:
        partial.write_text(json.dumps({"source": clean.source, "year": clean.year}) + "\n", encoding="utf-8")
    return (*written, path)


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
        tables = {name: _read(folder / f"clean__{name}.parquet") for name in _TABLES}
        findings = _read(folder / "findings.parquet", nullable=("row",))
        ledger = _read(folder / "ledger.parquet")
    except (OSError, ValueError, pa.ArrowException) as error:
        raise FileError("E-306", year=folder.name) from error
    return CleanYear(
        year=about["year"],
        source=about["source"],
        **tables,
        findings=tuple(_finding(row) for row in _records(findings)),
        ledger=tuple(LedgerEntry(**row) for row in _records(ledger)),
    )


def _to_arrow(table: pd.DataFrame) -> pa.Table:
    """Return the columns without pandas' own metadata, so that the bytes depend on the rows alone."""
    arrays = {name: pa.array(table[name], from_pandas=True) for name in table.columns}
    plain = {
        name: array.cast(pa.string()) if pa.types.is_large_string(array.type) else array
        for name, array in arrays.items()
    }
    return pa.table(plain)


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
