"""Let a folder out together with its ledger entry: both or neither, whenever we are ended.

Enters: files, and what enters them in the ledger. Leaves: the folder under its final name, never one that
was there. It stands whole under a name that nobody reads before the entry is made; what was broken off in
between is finished by the next run.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Mapping
from pathlib import Path

from platform_utils.errors import FileError
from platform_utils.paths import replace_folder
from platform_utils.protect.anchors import WAITING


def let_out(folder: Path, files: Mapping[str, bytes], enter: Callable[[], object]) -> None:
    """Write a folder, enter it in the ledger, and give it its name.

    Parameters
    ----------
    folder : Path
        Where it will stand.
    files : mapping of str to bytes
        Contents by name in it; they cannot be written again.
    enter : callable
        Enters it in the ledger, or raises: nothing goes out then.

    Raises
    ------
    FileError
        E-012 if the folder cannot be written, or is there already.
    """
    waiting = folder.with_name(f"{WAITING}{folder.name}")
    with replace_folder(waiting) as partial:
        for name, content in files.items():
            path = partial / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)
            path.chmod(0o444)
    try:
        enter()
    except Exception:
        shutil.rmtree(waiting, ignore_errors=True)
        raise
    _name(waiting, folder)


def finish_broken_off(among: Path, is_entered: Callable[[str], bool]) -> list[Path]:
    """Give their names to folders that are in the ledger and not yet out; remove those that are not in it.

    Parameters
    ----------
    among : Path
        Folder of the folders.
    is_entered : callable
        Says of a folder's name whether the ledger knows it.

    Returns
    -------
    list of Path
        Those that are out now, in order of name.
    """
    finished = []
    for waiting in sorted(among.glob(f"{WAITING}*")):
        folder = waiting.with_name(waiting.name.removeprefix(WAITING))
        if is_entered(folder.name):
            _name(waiting, folder)
            finished.append(folder)
        else:
            shutil.rmtree(waiting, ignore_errors=True)
    return finished


def is_out(folder: Path) -> bool:
    """Say whether a folder has its final name."""
    return not folder.name.startswith(WAITING)


def _name(waiting: Path, folder: Path) -> None:
    try:
        waiting.rename(folder)
    except OSError as error:
        raise FileError("E-012", file=folder.name) from error
