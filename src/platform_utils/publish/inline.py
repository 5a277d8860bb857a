"""What a document shows: Markdown that every format reads alike, and numbers as readers write them.

Never HTML, and never a bare string. Swedish numbers have U+00A0 between thousands and before the per cent
sign; English ones have commas, and no space.
"""

from __future__ import annotations

import re

from platform_utils.config import in_lab
from platform_utils.spec.safe import HIDDEN

JOINER = "\u2060"
"""Word joiner: without it after ``..`` a following full stop makes an ellipsis."""
_NBSP = "\u00a0"
_QUARTO = (
    (re.compile(r"^:::.*\n?", re.MULTILINE), ""),
    (re.compile(r"^: (.*?)(?: \{#[^{}]*\})?$", re.MULTILINE), r"*\1*"),
    (re.compile(r"(?<!!)\[([^\[\]]*)\]\{[^{}]*\}"), r"\1"),
    (re.compile(r"(?<=\))\{[^{}]*\}|[ \t]*\{[#.][\w-][^{}]*\}$", re.MULTILINE), ""),
)
_MINUS, _SIGN = "\u2212", re.compile(r"[!#-&(-/:-@\[-`{-~]")


class Shown:
    """A piece of Markdown, for use inline or as a block.

    Parameters
    ----------
    plain : str, optional
        What a terminal shows; the Markdown itself if left out.

    Examples
    --------
    >>> Shown("**12** av 30", "12 av 30")
    12 av 30
    """

    def __init__(self, markdown: str, plain: str | None = None) -> None:
        self._markdown = markdown
        self._plain = markdown if plain is None else plain

    def _repr_markdown_(self) -> str:
        return _on_screen(self._markdown) if in_lab() else self._markdown

    def __repr__(self) -> str:
        return self._plain

    def __str__(self) -> str:
        return self._plain


def _on_screen(markdown: str) -> str:
    """Return Markdown without what only Quarto and pandoc read: captions become text, fences and marks go."""
    for pattern, instead in _QUARTO:
        markdown = pattern.sub(instead, markdown)
    return markdown


def escaped(text: str) -> str:
    r"""Return a text that others have written as Markdown that shows its letters and does nothing.

    Examples
    --------
    >>> print(escaped("Jouren *Nord* `x`"))
    Jouren \*Nord\* \`x\`
    """
    return _SIGN.sub(r"\\\g<0>", text)


def marked() -> str:
    """Return the mark of a hidden number as documents must write it."""
    return HIDDEN + JOINER


def whole(number: int | None, lang: str) -> str:
    r"""Return a whole number with its thousands set apart; the mark of a hidden one.

    Examples
    --------
    >>> whole(2544827, "en")
    '2,544,827'
    >>> whole(2544827, "sv").split("\N{NO-BREAK SPACE}") == ["2", "544", "827"]
    True
    """
    if number is None:
        return marked()
    text = f"{abs(number):,}"
    return (_MINUS if number < 0 else "") + (text if lang == "en" else text.replace(",", _NBSP))


def signed(number: int, lang: str) -> str:
    """Return a whole number with its sign; nothing has none."""
    return f"{'+' if number > 0 else ''}{whole(number, lang)}"


def percent(part: int | None, base: int | None, lang: str) -> str:
    """Return a share in whole per cent, halves upwards; a dash of nothing, the mark where one is hidden.

    Examples
    --------
    >>> percent(95, 122, "en")
    '78%'
    >>> percent(1, 500, "en")
    '<1%'
    """
    if part is None or base is None:
        return marked()
    if not base:
        return "–"
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
