"""A sheet of formulas, and one of twice as many: seconds of the processor, and their ratio.

    python benchmarks/many_formulas.py

Ends with 1 if 60,000 formulas take three seconds, or twice as many more than 2.3 times as long.
"""

from __future__ import annotations

import tempfile
import time
from pathlib import Path

import xlsxwriter

from platform_utils.returns import column_map, read_return

YEAR, COLUMNS, ROWS = 2024, 100, 600


def write(path: Path, rows: int) -> None:
    """Write a sheet of persons whose answers are formulas with their results."""
    with xlsxwriter.Workbook(path) as book:
        sheet = book.add_worksheet("Personer")
        sheet.write_row(0, 0, list(column_map("case", YEAR, "sv").values()))
        for row in range(1, rows + 1):
            sheet.write_row(row, 0, [f"P{row}", "direkt utsatt"])
            for column in range(2, 2 + COLUMNS):
                sheet.write_formula(row, column, f"=IF(A{row}=1,1,0)", None, "ja")


def seconds(path: Path) -> float:
    """Return the least of three readings."""
    taken = []
    for _ in range(3):
        start = time.process_time()
        read_return(path, year=YEAR, member_id="M07")
        taken.append(time.process_time() - start)
    return min(taken)


def main() -> int:
    """Print both times and their ratio."""
    with tempfile.TemporaryDirectory() as folder:
        found = []
        for times in (1, 2):
            path = Path(folder) / f"{times}.xlsx"
            write(path, times * ROWS)
            found.append(seconds(path))
            print(f"{times * ROWS * COLUMNS:>8,} formulas  {path.stat().st_size:>9,} B  {found[-1]:.2f} s")
    print(f"ratio {found[1] / found[0]:.2f}")
    return int(found[0] >= 3 or found[1] > 2.3 * found[0])


if __name__ == "__main__":
    raise SystemExit(main())
