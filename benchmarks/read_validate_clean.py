"""27 received workbooks of 500 rows and 90 columns: read, validated and cleaned, against reading alone.

Both sides run in this process, one after the other, on the same files; the ratio is what counts.

    python benchmarks/read_validate_clean.py
"""

from __future__ import annotations

import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import pandas as pd

from platform_utils.clean import clean_year, summarise_ledger
from platform_utils.form import write_template
from platform_utils.paths import Workspace
from platform_utils.returns import load_members, read_year, receive
from platform_utils.spec import codebook
from platform_utils.validate import check_return

WORKBOOKS, ROWS, COLUMNS, YEAR = 27, 500, 90, 2023


def invent_rows(number: int, rows: int = ROWS, columns: int = COLUMNS) -> pd.DataFrame:
    """Return invented answers without contradictions: questions that depend on others stay empty."""
    rng = np.random.default_rng(number)
    book = codebook.load()
    table: dict[str, np.ndarray] = {}
    for name, (variable, code) in book.grain_columns("case", YEAR).items():
        if len(table) == columns:
            break
        if name == "person_code":
            table[name] = np.array([f"P{row:04d}" for row in range(rows)], object)
        elif name == "children_count":
            table[name] = rng.integers(0, 4, rows).astype(str).astype(object)
        elif variable.kind == "text_code" or variable.is_number or _depends(variable):
            table[name] = np.full(rows, "", object)
        else:
            codes = book.lists["yes_no"] if code else book.codes(variable, YEAR)
            answers = np.array([*(one.sv for one in codes), book.special["unknown"].sv], object)
            table[name] = answers[rng.integers(0, len(answers), rows)]
    return pd.DataFrame(table)


def _depends(variable: codebook.Variable) -> bool:
    return bool(variable.asked_if) or variable.name in (
        "labour_branch", "children_situation", "origin_country", "reflection_period_granted",
    )  # fmt: skip


def since(start: tuple[float, float]) -> tuple[float, float]:
    """Return seconds by the clock, and of the processor: those say more where others share the machine."""
    return time.perf_counter() - start[0], time.process_time() - start[1]


def main() -> int:
    """Print both times and their ratio."""
    with tempfile.TemporaryDirectory() as folder:
        workspace = Workspace(Path(folder))
        sent = [Path(folder) / f"M{number:02d}.xlsx" for number in range(1, WORKBOOKS + 1)]
        for number, path in enumerate(sent, start=1):
            tables = {"case": invent_rows(number)}
            write_template(path, YEAR, "sv", member_id=path.stem, member_name=path.stem, tables=tables)
        workspace.returns("demo", YEAR).mkdir(parents=True)
        listed = "".join(f'[[member]]\nid = "{path.stem}"\nname = "{path.stem}"\n' for path in sent)
        (workspace.returns("demo", YEAR) / "members.toml").write_text(listed, encoding="utf-8")
        receive(sent, workspace=workspace, source="demo", year=YEAR, date="2024-02-14")
        start = (time.perf_counter(), time.process_time())
        checked = [check_return(raw) for raw in read_year(workspace, "demo", YEAR)]
        members = load_members(workspace, "demo", YEAR)
        year = clean_year(checked, year=YEAR, source="demo", members=members)
        ours = since(start)
        start = (time.perf_counter(), time.process_time())
        for path in sent:
            pd.read_excel(path, sheet_name="Personer", header=3, dtype=str, engine="openpyxl")
        theirs = since(start)
    accepted = int(summarise_ledger(year.ledger)["accepted"].sum())
    print(f"{WORKBOOKS} workbooks x {ROWS} rows x {COLUMNS} columns, {accepted} rows accepted")
    print(f"{'':30}{'clock':>8}{'processor':>11}")
    print(f"{'read, validated, cleaned':30}{ours[0]:6.2f} s{ours[1]:9.2f} s")
    print(f"{'pandas.read_excel (openpyxl)':30}{theirs[0]:6.2f} s{theirs[1]:9.2f} s")
    print(f"{'ratio':30}{theirs[0] / ours[0]:6.1f}  {theirs[1] / ours[1]:9.1f}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
