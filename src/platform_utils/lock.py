"""Let one writer at a time into a workspace.

Enters: a workspace. Leaves: a lock that ends with the process that holds it, so that none goes stale.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import IO

from platform_utils.errors import FileError
from platform_utils.paths import Workspace, close_restricted, make_folder, sweep_partials

__all__ = ["one_writer"]

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
        raise FileError("E-012", file=workspace.relative(path)) from error
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
