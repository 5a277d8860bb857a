"""Read every return of one year as it was received.

Enters: receipts and the files that they name. Leaves: `RawReturn` objects; of files that were replaced or
sent twice only the ledger, so that no row is lost from the account.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import partial
from pathlib import Path

from platform_utils.errors import FileError
from platform_utils.paths import SOURCES, Workspace
from platform_utils.returns.ahead import in_order
from platform_utils.returns.import_cases import read_imported
from platform_utils.returns.keys import Ask, load_keys, passwords_for
from platform_utils.returns.read import read_return
from platform_utils.returns.receipts import Receipt, load_receipts
from platform_utils.spec.returns import LedgerEntry, RawReturn

__all__ = ["read_year"]

_REASONS = {"duplicate": "duplicate_file", "replaced": "replaced_file"}


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
    beside = workspace.passwords(source, year)
    keys = load_keys(key_file or (beside if beside.is_file() else None))
    receipts = load_receipts(workspace, source, year)
    read = read_imported if source not in SOURCES else partial(_read_returned, keys=keys, ask=ask)
    tasks = [partial(_read, read, folder / receipt.file, receipt, year) for receipt in receipts]
    # one question at a time, and only about a file that is being read
    results = in_order(tasks) if ask is None else (task() for task in tasks)
    for returns in results:
        yield from returns


def _read(
    read: Callable[..., Iterable[RawReturn]], path: Path, receipt: Receipt, year: int
) -> Iterable[RawReturn]:
    if receipt.status in _REASONS:
        return [_set_aside(receipt, year)]
    _check_unchanged(path, receipt)
    return read(path, receipt, year)


def _read_returned(
    path: Path, receipt: Receipt, year: int, *, keys: Mapping[str, str], ask: Ask | None
) -> list[RawReturn]:
    passwords = passwords_for(keys, receipt.received_as, receipt.file, receipt.member_id, ask=ask)
    return [read_return(path, year=year, member_id=receipt.member_id, password=passwords)]


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
