"""One cell as text: what a person sees, without judging it.

Enters: what a workbook stores. Leaves: text; numbers lose a superfluous ``.0``, dates become ISO.
"""

from __future__ import annotations

from datetime import date, datetime, time, timedelta

__all__ = ["is_date", "to_text"]


def to_text(value: object) -> str:
    """Return a stored value as text.

    Examples
    --------
    >>> to_text(3.0), to_text(0.1 + 0.2), to_text(True), to_text(date(2023, 3, 4)), to_text(None)
    ('3', '0.3', 'yes', '2023-03-04', '')
    """
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() and abs(value) < 1e15 else format(value, ".15g")
    if isinstance(value, datetime):
        return value.date().isoformat() if value.time() == time() else value.isoformat(" ", "seconds")
    if isinstance(value, (date, time)):
        return value.isoformat()
    return "" if value is None else str(value)


def is_date(value: object) -> bool:
    """Say whether a stored value is a date, a time or a span of time."""
    return isinstance(value, (date, time, timedelta))
