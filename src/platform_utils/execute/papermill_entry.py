"""What papermill finds under ``--engine platform-utils``: our engine, loaded when it is asked for something.

papermill loads every registered engine whenever it is imported, by our own engine too; so nothing is
imported here.
"""

from __future__ import annotations

from typing import Any


class _Passing(type):
    """Answers for a class that is loaded only now."""

    def __getattr__(cls, name: str) -> Any:
        from platform_utils.execute.engine import PlatformEngine

        return getattr(PlatformEngine, name)


class Entry(metaclass=_Passing):
    """Stands in for `engine.PlatformEngine` until papermill calls it."""
