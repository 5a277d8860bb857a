"""Names of merged codes: each says what it stands for, so that a table explains itself wherever it is read.

``a+b`` is everybody with code a or code b. ``p-a-b`` is everybody whose code lies in p, except a and b: so a
row can stand for codes that must not be named one by one, such as countries from which few come.
"""

from __future__ import annotations

from collections.abc import Iterable

__all__ = ["all_but", "is_merged", "join_codes", "parts_of", "without"]

_AND, _EXCEPT = "+", "-"


def join_codes(codes: Iterable[str]) -> str:
    """Return the code that stands for several, in their order.

    Examples
    --------
    >>> join_codes(["in_support", "later"])
    'in_support+later'
    """
    return _AND.join(codes)


def all_but(parent: str, named: Iterable[str]) -> str:
    """Return the code that stands for all codes in ``parent`` except those named; ``parent`` if none is.

    Examples
    --------
    >>> all_but("third_country", ["NG", "TH"])
    'third_country-NG-TH'
    """
    return _EXCEPT.join([parent, *named])


def is_merged(code: str) -> bool:
    """Say whether a code stands for several."""
    return bool(parts_of(code) or without(code)[1])


def parts_of(code: str) -> tuple[str, ...]:
    """Return the codes that a joined code stands for; none if it is no joined code.

    Examples
    --------
    >>> parts_of("in_support+later"), parts_of("later"), parts_of("51+")
    (('in_support', 'later'), (), ())
    """
    parts = tuple(code.split(_AND))
    return parts if len(parts) > 1 and all(parts) else ()


def without(code: str) -> tuple[str, tuple[str, ...]]:
    """Return the parent of a code and the codes in it that it does not stand for; none if it is plain.

    Examples
    --------
    >>> without("third_country-NG-TH"), without("later")
    (('third_country', ('NG', 'TH')), ('later', ()))
    """
    parent, *named = code.split(_EXCEPT)
    return (parent, tuple(named)) if named and all([parent, *named]) else (code, ())
