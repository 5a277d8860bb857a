"""The ledger of rows: what was accepted may still be merged, held or set aside, and every row is told once.

Enters: ledgers of checked returns, and what cleaning did with accepted rows. Leaves: one exact ledger.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import pandas as pd

from platform_utils.errors import ContractError
from platform_utils.spec.returns import REASONS, LedgerEntry


@dataclass(frozen=True)
class Move:
    """Accepted rows that met another fate in cleaning, as a ``LedgerEntry`` names it."""

    grain: str
    reason: str
    rows: pd.DataFrame
    detail: str = ""


def settle_ledger(
    entries: Iterable[LedgerEntry], moves: Sequence[Move], clean: Mapping[str, pd.DataFrame]
) -> tuple[LedgerEntry, ...]:
    """Return the ledger after cleaning, sorted by file, sheet, grain and fate.

    Parameters
    ----------
    entries : iterable of LedgerEntry
        Of all checked returns.
    clean : mapping of grain to DataFrame
        Rows that are left.

    Raises
    ------
    ContractError
        E-305 if the rows left are not those told as accepted.
    """
    told: Counter[tuple[str, str, str, str, str]] = Counter()
    for entry in entries:
        told[entry.file, entry.sheet, entry.grain, entry.reason, entry.detail] += entry.rows
    for move in moves:
        for (file, sheet), rows in _per_sheet(move.rows).items():
            told[file, sheet, move.grain, "accepted", ""] -= rows
            told[file, sheet, move.grain, move.reason, move.detail] += rows
    for grain, table in clean.items():
        left = _per_sheet(table)
        accepted = {key[:2]: rows for key, rows in told.items() if key[2:4] == (grain, "accepted") and rows}
        for key in sorted(set(left) | set(accepted)):
            if left.get(key, 0) != accepted.get(key, 0):
                raise ContractError("E-305", file=key[0], read=left.get(key, 0), told=accepted.get(key, 0))
    order = {reason: position for position, reason in enumerate(REASONS)}
    kept = sorted((key for key, rows in told.items() if rows), key=lambda k: (*k[:3], order[k[3]], k[4]))
    return tuple(LedgerEntry(*key[:4], rows=told[key], detail=key[4]) for key in kept)


def summarise_ledger(ledger: Iterable[LedgerEntry]) -> pd.DataFrame:
    """Return rows read, accepted, held, merged and set aside, per file.

    Returns
    -------
    DataFrame, shape (n_files, 6)
        ``file``, ``read``, ``accepted``, ``held``, ``merged``, ``set_aside`` (rows of sheets); read is the
        sum of the others.
    """
    sides = ("accepted", "held", "merged", "set_aside")
    files: dict[str, dict[str, int]] = {}
    for entry in ledger:
        files.setdefault(entry.file, dict.fromkeys(sides, 0))[REASONS[entry.reason]] += entry.rows
    rows = [{"file": file, "read": sum(files[file].values()), **files[file]} for file in sorted(files)]
    return pd.DataFrame(rows, columns=["file", "read", *sides])


def _per_sheet(rows: pd.DataFrame) -> dict[tuple[str, str], int]:
    if not len(rows):
        return {}
    counted = rows.groupby(["file", "sheet"], sort=True, observed=True).size().reset_index(name="rows")
    places = zip(counted["file"].astype("str"), counted["sheet"].astype("str"), strict=True)
    return dict(zip(places, counted["rows"].tolist(), strict=True))
