"""Numbers as Swedish and English readers write them.

Swedish: U+00A0 between thousands and before the per cent sign. English: commas, and no space.
"""

from __future__ import annotations

__all__ = ["percent", "signed_percent", "whole"]

_NBSP = "\u00a0"
_MINUS = "\u2212"


def whole(number: int, lang: str) -> str:
    r"""Return a whole number with its thousands set apart.

    Examples
    --------
    >>> whole(2544827, "en")
    '2,544,827'
    >>> whole(2544827, "sv").split("\N{NO-BREAK SPACE}") == ["2", "544", "827"]
    True
    """
    text = f"{abs(number):,}"
    return (_MINUS if number < 0 else "") + (text if lang == "en" else text.replace(",", _NBSP))


def percent(part: int, base: int, lang: str) -> str:
    """Return a share in whole per cent, halves upwards; a share below a half per cent is said as such.

    Examples
    --------
    >>> percent(95, 122, "en")
    '78%'
    >>> percent(1, 500, "en")
    '<1%'
    """
    points = (200 * part + base) // (2 * base)
    sign = "" if lang == "en" else _NBSP
    if part > 0 and points == 0:
        return f"<1{sign}%"
    if part < base and points == 100:
        return f">99{sign}%"
    return f"{whole(points, lang)}{sign}%"


def signed_percent(now: int, before: int, lang: str) -> str:
    """Return the change from ``before`` to ``now`` in whole per cent with its sign.

    Examples
    --------
    >>> signed_percent(253, 140, "en")
    '+81%'
    """
    change = 100 * (now - before)
    points = (2 * abs(change) + before) // (2 * before)
    sign = "" if not points else ("+" if change > 0 else _MINUS)
    return f"{sign}{whole(points, lang)}{'' if lang == 'en' else _NBSP}%"
