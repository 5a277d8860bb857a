"""acro's suppression as a peer: the same tables, hidden by acro, in an environment of its own.

acro needs pandas < 3, so this file imports nothing of ours. Make an environment beside the workspace
(python -m venv, pip install acro), export the counts with
``python benchmarks/attack_battery_peers.py --sets 20 --export FOLDER`` and run
``python benchmarks/acro_peer.py FOLDER`` there. It writes what acro releases to FOLDER/acro; attack that with
``python benchmarks/attack_battery_peers.py --attack FOLDER``.
"""

from __future__ import annotations

import contextlib
import io
import sys
from pathlib import Path

import pandas as pd
from acro import ACRO


def people_of(table):
    """Return one row per person of a table's inner cells."""
    dimensions = [column for column in table.columns if column != "count"]
    inner = table[(table[dimensions] != "total").all(axis=1)]
    rows = inner.loc[inner.index.repeat(inner["count"])]
    return rows[dimensions].reset_index(drop=True), dimensions


def released(rows, columns):
    """Return what acro would release of one cross-tabulation, one line per cell."""
    with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
        table = ACRO(suppress=True).crosstab(rows, columns)
    return pd.DataFrame(
        [(row, column, table.loc[row, column]) for row in table.index for column in table.columns],
        columns=[rows.name, columns.name, "count"],
    )


def main():
    """Let acro suppress each two-way table and its two one-way tables, and write what it would release."""
    folder = Path(sys.argv[1])
    (folder / "acro").mkdir(exist_ok=True)
    done = 0
    for path in sorted(folder.glob("*.csv")):
        table = pd.read_csv(path, dtype=str).assign(count=lambda frame: frame["count"].astype(int))
        people, dimensions = people_of(table)
        if len(dimensions) != 2 or "form" in dimensions:
            continue
        first, second = dimensions
        everybody = pd.Series("total", index=people.index)
        parts = [
            released(people[first], people[second]),
            released(people[first], everybody.rename(second)),
            released(people[second], everybody.rename(first)),
        ]
        pd.concat(parts)[[first, second, "count"]].to_csv(folder / "acro" / path.name, index=False)
        done += 1
    print(f"{done} tables suppressed by acro")


if __name__ == "__main__":
    main()
