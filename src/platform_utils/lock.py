"""Let one writer at a time into a workspace, and nobody but its owner into what is restricted.

Enters: a workspace. Leaves: a lock that ends with the process that holds it, so that none goes stale; modes
0700 and 0600 on members' and restricted folders, locks and logs.
"""

from __future__ import annotations

import os
import stat
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO

from platform_utils.errors import FileError
from platform_utils.paths import Workspace, make_folder, sweep_partials, unwritten

_NAME = "writer.lock"


@contextmanager
def one_writer(workspace: Workspace) -> Iterator[None]:
    """Hold the workspace's lock while writing.

    The operating system holds the lock for the open file and frees it when the process ends, however it
    ends: the file itself may stay and means nothing.

    Whoever takes it also removes what a killed writer has left half-written among the results, and closes
    what is restricted, before writing and after.

    Raises
    ------
    FileError
        E-011 if another process holds it, E-012 if the lock file cannot be made.
    """
    path = workspace.desk / _NAME
    try:
        make_folder(path.parent)
        file = path.open("a+b")
    except OSError as error:
        raise unwritten(workspace.relative(path), error) from error
    with file:
        try:
            _take(file)
        except OSError as error:
            raise FileError("E-011", file=workspace.relative(path)) from error
        try:
            sweep_partials(workspace.results)
            close_restricted(workspace)
            yield
        finally:
            close_restricted(workspace)
            _release(file)


def _restricted_paths(workspace: Workspace) -> Iterator[tuple[Path, int]]:
    """Yield every folder and file that is closed to others, with the mode that it should have."""
    roots = [workspace.data_raw("members"), workspace.books("demo"), workspace.desk]
    roots += workspace.results.glob("*/restricted")
    for root in roots:
        if root.is_dir():
            yield root.resolve(), 0o700  # may be a link to an encrypted volume
        for folder, folders, files in os.walk(root):
            yield from ((Path(folder, name), 0o700) for name in folders)
            yield from ((Path(folder, name), 0o600) for name in files)


def stands_open(workspace: Workspace) -> tuple[str, ...]:
    """Return the restricted folders and files that others than their owner may read, from the workspace.

    Where the system has no such modes (Windows), nothing is named: there the folder's own rights count.
    """
    if os.name != "posix":
        return ()
    return tuple(
        sorted(workspace.relative(path) for path, _ in _restricted_paths(workspace) if _is_wide(path))
    )


def close_restricted(workspace: Workspace) -> None:
    """Close members' and restricted folders, locks and logs to all but their owner, whatever the umask."""
    if os.name != "posix":
        return
    for path, mode in _restricted_paths(workspace):
        if _is_wide(path):
            with suppress(OSError):  # not ours, or gone: `stands_open` names it
                path.chmod(mode)


def _is_wide(path: Path) -> bool:
    try:
        mode = path.lstat().st_mode
    except OSError:
        return False
    return not stat.S_ISLNK(mode) and bool(mode & 0o077)


if sys.platform == "win32":
    import msvcrt

    def _take(file: IO[bytes]) -> None:
        file.seek(0)
        msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)

    def _release(file: IO[bytes]) -> None:
        file.seek(0)
        msvcrt.locking(file.fileno(), msvcrt.LK_UNLCK, 1)

else:
    import fcntl

    def _take(file: IO[bytes]) -> None:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)

    def _release(file: IO[bytes]) -> None:
        fcntl.flock(file, fcntl.LOCK_UN)
