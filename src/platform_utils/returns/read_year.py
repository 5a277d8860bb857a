"""Read every return of one year as it was received.

Enters: receipts and the files that they name. Leaves: `RawReturn` objects; of files that were replaced or
sent twice only the ledger, so that no row is lost from the account.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from pathlib import Path

from platform_utils.errors import FileError
from platform_utils.paths import SOURCES, Workspace
from platform_utils.returns.import_cases import read_imported
from platform_utils.returns.keys import Ask, load_keys, passwords_for
from platform_utils.returns.read import read_return
from platform_utils.returns.receipts import Receipt, load_receipts
from platform_utils.schemas.returns import LedgerEntry, RawReturn

__all__ = ["read_year"]

_REASONS = {"duplicate": "duplicate_file", "replaced": "replaced_file"}
_KEYS = "keys.toml"


def read_year(
    workspace: Workspace, source: str, year: int, *, key_file: Path | None = None, ask: Ask | None = None
) -> Iterator[RawReturn]:
    """Yield the returns of one year in the order of their receipts.

    Parameters
    ----------
    workspace, source, year
        Which year of whose returns.
    key_file : Path, optional
        Passwords of protected workbooks; ``keys.toml`` beside the receipts if not given and there. Only
        the analyst (or the demo) writes that file.
    ask : callable, optional
        Asked for the password of a file if the key file has none that fits.

    Yields
    ------
    RawReturn
        A replaced or duplicate file has no tables; its rows stand in the ledger. A published case file
        comes in several batches.

    Raises
    ------
    FileError
        E-101 if a file is gone, E-140 if it has changed since it was received, E-111 to E-113 for
        passwords, and what `read_return` raises.
    """
    folder = workspace.returns(source, year)
    beside = folder / _KEYS
    keys = load_keys(key_file or (beside if beside.is_file() else None))
    for receipt in load_receipts(workspace, source, year):
        if receipt.status in _REASONS:
            yield _set_aside(receipt, year)
            continue
        path = folder / receipt.file
        _check_unchanged(path, receipt)
        if source not in SOURCES:
            yield from read_imported(path, receipt, year)
            continue
        passwords = passwords_for(keys, receipt.received_as, receipt.file, receipt.member_id, ask=ask)
        yield read_return(path, year=year, member_id=receipt.member_id, password=passwords)


def _set_aside(receipt: Receipt, year: int) -> RawReturn:
    grain = receipt.grains[0] if receipt.grains else "case"
    entry = LedgerEntry(receipt.file, "", grain, _REASONS[receipt.status], receipt.rows)
    return RawReturn(receipt.member_id, year, receipt.file, receipt.form_version, {}, (), (entry,))


def _check_unchanged(path: Path, receipt: Receipt) -> None:
    try:
        with path.open("rb") as file:
            digest = hashlib.file_digest(file, "sha256").hexdigest()
    except FileNotFoundError as error:
        raise FileError("E-101", file=receipt.file) from error
    except OSError as error:
        raise FileError("E-103", file=receipt.file) from error
    if digest != receipt.sha256:
        raise FileError("E-140", file=receipt.file)
