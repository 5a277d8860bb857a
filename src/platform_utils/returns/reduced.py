"""Reduce a return to what may be kept, write that as the workspace's own copy, and read it again.

Enters: a `RawReturn`. Leaves: one text file (JSON, a row a line) with the known sheets and columns, answers
as typed, original row numbers, what reading found and how many rows it set aside; the same return again. The
same return gives the same bytes. Reading it needs no password, and no part of the file that came is in it.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from platform_utils.errors import FileError
from platform_utils.returns.answers import PLAIN, may_be_kept
from platform_utils.spec.codebook import load
from platform_utils.spec.returns import PROVENANCE, Finding, LedgerEntry, RawReturn

SUFFIX = ".json"
_FORMAT = "reduced return 1"
_OF_THE_FILE = ("member_id", "year", "file")
"""Provenance that every row of a return shares."""


def reduce_return(raw: RawReturn) -> RawReturn:
    """Return a return without the cells that may not be kept; each is listed by place, and its row held."""
    lang = "en" if raw.form_version.endswith("-en") else "sv"
    said = {(one.sheet, one.row, one.variable) for one in raw.findings}  # held already, whatever stands there
    tables: dict[str, pd.DataFrame] = {}
    found: list[Finding] = []
    places: list[str] = []
    for grain, table in raw.tables.items():
        leave = {name: rows for name, rows in _unlisted(grain, table, raw) if rows.any()}
        tables[grain] = table.assign(**{name: table[name].mask(rows, "") for name, rows in leave.items()})
        for name, rows in leave.items():
            heading = load().heading(name, lang, grain, raw.year)
            for sheet, row in table.loc[rows, ["sheet", "row"]].itertuples(index=False, name=None):
                places.append(f"{sheet}!{row} {name}".removeprefix("!"))
                if (sheet, row, name) not in said:
                    found.append(Finding("E-159", raw.file, sheet, int(row), heading, variable=name))
    return replace(raw, tables=tables, findings=(*raw.findings, *found), left_out=(*raw.left_out, *places))


def _unlisted(grain: str, table: pd.DataFrame, raw: RawReturn) -> Iterator[tuple[str, np.ndarray]]:
    """Yield each column with the rows whose text may not be kept; distinct texts are looked at, not cells."""
    for name, (variable, _) in load().grain_columns(grain).items():
        if name not in table:
            continue
        texts = pa.array(table[name], pa.large_string())
        distinct = pc.unique(texts)
        if variable.is_number or variable.kind == "text_code":
            distinct = distinct.filter(pc.invert(pc.match_substring_regex(distinct, PLAIN)))
        unlisted = [
            text for text in distinct.to_pylist() if not may_be_kept(text, variable, raw.member_id, raw.year)
        ]
        yield name, pc.is_in(texts, value_set=pa.array(unlisted, texts.type)).to_numpy(zero_copy_only=False)


def reduced_copy(raw: RawReturn) -> str:
    """Return the text of the reduced copy of a return."""
    head = {
        "format": _FORMAT, "member_id": raw.member_id, "year": raw.year, "form_version": raw.form_version,
    }  # fmt: skip
    findings = [
        {"code": one.code, "sheet": one.sheet, "row": one.row, "column": one.column,
         "fields": dict(one.fields), "variable": one.variable}
        for one in raw.findings
    ]  # fmt: skip
    ledger = [[one.sheet, one.grain, one.reason, one.rows, one.detail] for one in raw.ledger]
    parts = [f"{_json(key)}: {_json(value)}" for key, value in head.items()]
    tables = (f"{_json(grain)}: {_lines(_rows(table))}" for grain, table in raw.tables.items())
    parts.append('"tables": {' + ", ".join(tables) + "}")
    for key, entries in (("findings", findings), ("ledger", ledger), ("left_out", raw.left_out)):
        parts.append(f"{_json(key)}: {_lines(map(_json, entries))}")
    return "{" + ",\n".join(parts) + "}\n"


def read_reduced(path: Path, file: str) -> RawReturn:
    """Read a return from its reduced copy; ``file`` is the name that its rows and findings bear.

    Raises
    ------
    FileError
        E-101, E-103 if the copy cannot be read, E-140 if it is not one that `reduced_copy` wrote.
    """
    try:
        said = json.loads(path.read_text(encoding="utf-8"))
        if said["format"] != _FORMAT:
            raise FileError("E-140", file=file)
        shared = {"member_id": said["member_id"], "year": said["year"], "file": file}
        return RawReturn(
            **shared,
            form_version=said["form_version"],
            tables={grain: _table(rows, shared) for grain, rows in said["tables"].items()},
            findings=tuple(Finding(file=file, **one) for one in said["findings"]),
            ledger=tuple(LedgerEntry(file, *one) for one in said["ledger"]),
            left_out=tuple(said["left_out"]),
        )
    except FileNotFoundError as error:
        raise FileError("E-101", file=file) from error
    except OSError as error:
        raise FileError("E-103", file=file) from error
    except (ValueError, KeyError, TypeError) as error:
        raise FileError("E-140", file=file) from error


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False)


def _lines(entries: Iterator[str]) -> str:
    return "[\n" + ",\n".join(entries) + "\n]"


def _rows(table: pd.DataFrame) -> Iterator[str]:
    """Yield the names of the columns, then each row: its sheet and number, then its answers."""
    answers = [name for name in table if name not in PROVENANCE]
    yield _json(["sheet", "row", *answers])
    columns = [table[name].tolist() for name in ("sheet", "row", *answers)]
    yield from map(_json, zip(*columns, strict=True))


def _table(rows: list[list[Any]], shared: Mapping[str, Any]) -> pd.DataFrame:
    names, body = rows[0], rows[1:]
    columns: dict[str, Any] = dict(zip(names, zip(*body, strict=True), strict=True))
    columns |= {name: [shared[name]] * len(body) for name in _OF_THE_FILE}
    ordered = [*(name for name in names if name not in PROVENANCE), *PROVENANCE]
    return pa.table(
        {
            name: pa.array(columns[name], pa.int64() if name in ("year", "row") else pa.large_string())
            for name in ordered
        }
    ).to_pandas()
