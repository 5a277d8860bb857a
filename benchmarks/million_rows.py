"""One million CSV rows of 90 columns: read, validated, cleaned and written as Parquet, streamed.

Both sides run in this process, one after the other, on the same file; the peak of memory is taken before
``pandas.read_csv`` holds the whole file.

    python benchmarks/million_rows.py [rows]
"""

from __future__ import annotations

import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

import pandas as pd
from read_validate_clean import YEAR, invent_rows, since

from platform_utils.clean import write_long_year
from platform_utils.returns import read_batches
from platform_utils.returns.members import Member
from platform_utils.spec import codebook
from platform_utils.validate import check_return

BATCH = 50_000


def main(rows: int = 1_000_000) -> int:
    """Print both times, their ratio and the peak of memory."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "rows.csv"
        write_rows(path, rows)
        start = (time.perf_counter(), time.process_time())
        batches = read_batches(path, year=YEAR, member_id="M01", rows=BATCH)
        ledger = write_long_year(
            (check_return(batch) for batch in batches),
            Path(folder) / "year",
            year=YEAR,
            source="demo",
            members=[Member("M01", "M01")],
        )
        ours, peak = since(start), peak_memory()
        start = (time.perf_counter(), time.process_time())
        columns = pd.read_csv(path).shape[1]
        theirs = since(start)
        size = path.stat().st_size / 1e6
    counts: Counter[str] = Counter()
    for entry in ledger:
        counts[entry.reason] += entry.rows
    fates = ", ".join(f"{number} {reason}" for reason, number in counts.items())
    print(f"{rows} rows x {columns} columns, {size:.0f} MB: {fates}")
    print(f"{'':35}{'clock':>8}{'processor':>11}")
    print(f"{'read, validated, cleaned, written':35}{ours[0]:6.1f} s{ours[1]:9.1f} s, peak {peak}")
    print(f"{'pandas.read_csv':35}{theirs[0]:6.1f} s{theirs[1]:9.1f} s")
    print(f"{'ratio':35}{ours[0] / theirs[0]:6.1f}  {ours[1] / theirs[1]:9.1f}")
    return 0


def write_rows(path: Path, rows: int) -> None:
    """Write invented rows piece by piece; each person has a code of its own."""
    book = codebook.load()
    with path.open("w", encoding="utf-8", newline="") as file:
        for start in range(0, rows, BATCH):
            table = invent_rows(start, min(BATCH, rows - start))
            table["person_code"] = [f"P{number:07d}" for number in range(start, start + len(table))]
            headings = [book.heading(column, "sv") for column in table.columns]
            table.to_csv(file, index=False, header=headings if start == 0 else False, lineterminator="\n")


def peak_memory() -> str:
    """Return the most memory that this process has held, as text."""
    try:
        import resource
    except ImportError:  # Windows has no such count
        return "not counted on this system"
    unit = 1024**3 if sys.platform == "darwin" else 1024**2
    return f"{resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / unit:.2f} GiB"


if __name__ == "__main__":
    sys.exit(main(*map(int, sys.argv[1:2])))
