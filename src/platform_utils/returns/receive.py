"""Receive returns: read each file, write a reduced copy of it, and its receipt.

Enters: files as members sent them. Leaves: reduced copies under names of our own and ``receipts.toml``.
Rules: no file is ever copied; what was left out is listed by place; what was received is never changed.
"""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import replace
from pathlib import Path

from platform_utils.errors import FileError, UsageError
from platform_utils.lock import one_writer
from platform_utils.paths import Workspace, sweep_partials, write_whole
from platform_utils.returns.last_year import beside_last_year
from platform_utils.returns.passwords import Ask, load_keys, passwords_for
from platform_utils.returns.read import read_return
from platform_utils.returns.receipts import Receipt, load_members, load_receipts, write_receipts
from platform_utils.returns.reduced import SUFFIX, reduce_return, reduced_copy
from platform_utils.returns.source_file import check_readable, file_hash, file_name, is_ignored, known_words


def receive(
    files: Iterable[Path],
    *,
    workspace: Workspace,
    source: str,
    year: int,
    date: str,
    member: str | None = None,
    key_file: Path | None = None,
    ask: Ask | None = None,
) -> list[Receipt]:
    """Write reduced copies of returns into the workspace, and their receipts; of all of them, or of none.

    Traces of programs (``~$…``, ``.DS_Store``, ``Thumbs.db``) are passed over. A file with the bytes of
    one that was received before is kept as a duplicate; the same file under the same name is not
    received again. A file with new content replaces the member's earlier files that fill the same sheets;
    they stay, marked as replaced.

    Parameters
    ----------
    files : iterable of Path
        As they came; their names say nothing about who sent them.
    source : str
        ``"demo"`` or ``"members"``.
    year : int
        Support year; a cover sheet must name the same.
    date : str
        Day of receipt, ISO.
    member : str, optional
        Member of all the files; needed where a file has no cover.
    key_file : Path, optional
        Passwords; see `passwords`.
    ask : callable, optional
        Asked for the password of a file, by its name, if the key file has none that fits.

    Returns
    -------
    list of Receipt
        One for each file that was not passed over, in the order given.

    Raises
    ------
    UsageError
        E-137 for an unusable date, E-139 if there is no file.
    FileError
        E-101 to E-136 if one of the files cannot be received, E-011 if somebody else is writing.
    """
    paths = [path for path in files if not is_ignored(path)]
    if not paths:
        raise UsageError("E-139")
    try:
        day = dt.date.fromisoformat(date).isoformat()
    except (TypeError, ValueError) as error:
        raise UsageError("E-137", flag="--date") from error
    keys = load_keys(key_file)
    with one_writer(workspace):
        listed = {each.id for each in load_members(workspace, source, year)}
        seen: list[tuple[Receipt, str]] = []
        for path in paths:
            check_readable(path)
            name = file_name(path)
            passwords = passwords_for(keys, name, member or "", ask=ask)
            seen.append(_look_at(path, workspace, source, year, day, member, passwords))
            if seen[-1][0].member_id not in listed:
                raise FileError("E-132", file=name, year=year)
        receipts = list(load_receipts(workspace, source, year))
        given, copies = _enter(seen, receipts)
        folder = workspace.returns(source, year)
        sweep_partials(folder)
        for receipt, copy in copies:
            write_whole(folder / receipt.file, copy)
        if copies:
            write_receipts(workspace, source, year, receipts)
    return given


def _look_at(
    path: Path,
    workspace: Workspace,
    source: str,
    year: int,
    day: str,
    member: str | None,
    passwords: Iterable[str],
) -> tuple[Receipt, str]:
    """Read a file through to its last row; return its receipt and its reduced copy."""
    name = file_name(path)
    digest = file_hash(path, name)
    raw = reduce_return(read_return(path, year=year, member_id=member, password=passwords))
    if not raw.member_id:
        raise FileError("E-130", file=name)
    if file_hash(path, name) != digest:  # somebody is writing in it
        raise FileError("E-103", file=name)
    copy = reduced_copy(beside_last_year(raw, workspace, source))
    receipt = Receipt(
        file=f"{raw.member_id}-{year}-{digest[:8]}{SUFFIX}",
        received_as=known_words(name),
        sha256=digest,
        bytes=path.stat().st_size,
        member_id=raw.member_id,
        form_version=raw.form_version,
        grains=tuple(raw.tables),
        rows=sum(entry.rows for entry in raw.ledger) + sum(map(len, raw.tables.values())),
        received=day,
        kept_sha256=hashlib.sha256(copy.encode("utf-8")).hexdigest(),
        left_out=raw.left_out,
    )
    return receipt, copy


def _enter(
    seen: Sequence[tuple[Receipt, str]], receipts: list[Receipt]
) -> tuple[list[Receipt], list[tuple[Receipt, str]]]:
    """Add receipts in place; return the receipt of every file, and which copies are to be written."""
    given: list[Receipt] = []
    copies: list[tuple[Receipt, str]] = []
    for receipt, copy in seen:
        same = [earlier for earlier in receipts if earlier.sha256 == receipt.sha256]
        if any(earlier.member_id != receipt.member_id for earlier in same):
            raise FileError("E-136", file=receipt.received_as)
        again = next((earlier for earlier in same if earlier.received_as == receipt.received_as), None)
        if again is not None:
            given.append(replace(again, status="duplicate"))
            continue
        if same:
            stem, _, suffix = receipt.file.rpartition(".")
            kept = replace(receipt, file=f"{stem}-{len(same) + 1}.{suffix}", status="duplicate")
        else:
            kept = _replace_earlier(receipt, receipts)
        receipts.append(kept)
        given.append(kept)
        copies.append((kept, copy))
    return given, copies


def _replace_earlier(receipt: Receipt, receipts: list[Receipt]) -> Receipt:
    replaced = []
    for position, earlier in enumerate(receipts):
        same_sheets = set(earlier.grains) & set(receipt.grains)
        if earlier.status == "current" and earlier.member_id == receipt.member_id and same_sheets:
            receipts[position] = replace(earlier, status="replaced")
            replaced.append(earlier.file)
    return replace(receipt, replaces=tuple(replaced))
