"""Read the next files while the caller works on this one.

Enters: reading that does not depend on what was read before. Leaves: the same results in the same order.
Workbooks and text files are unpacked by compiled code that lets other threads run, so cores add up.
"""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TypeVar

__all__ = ["in_order", "read_ahead"]

_Read = TypeVar("_Read")
_MOST = 4  # files that are held in memory at a time


def in_order(tasks: Iterable[Callable[[], _Read]]) -> Iterator[_Read]:
    """Yield what each task returns, in the order given, a few tasks at a time.

    Parameters
    ----------
    tasks : iterable of callable
        Taken one by one; what a task raises is raised at its place.

    Examples
    --------
    >>> list(in_order([lambda: "first", lambda: "second"]))
    ['first', 'second']
    """
    workers = min(_MOST, os.cpu_count() or 1)
    waiting: deque[Future[_Read]] = deque()
    with ThreadPoolExecutor(workers) as readers:
        for task in tasks:
            waiting.append(readers.submit(task))
            if len(waiting) > workers:
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()


def read_ahead(batches: Iterator[_Read]) -> Iterator[_Read]:
    """Yield batches, reading the next one while the caller works on this one."""
    with ThreadPoolExecutor(max_workers=1) as reader:
        following = reader.submit(next, batches, None)
        while (batch := following.result()) is not None:
            following = reader.submit(next, batches, None)
            yield batch
