"""What a document shows: Markdown that every format reads alike, never HTML and never a bare string."""

from __future__ import annotations

from platform_utils.spec.safe import HIDDEN

__all__ = ["JOINER", "Shown", "marked"]

JOINER = "\u2060"
"""Word joiner: without it after ``..`` a following full stop makes an ellipsis."""


class Shown:
    """A piece of Markdown, for use inline or as a block.

    Parameters
    ----------
    markdown : str
        What documents insert.
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
        return self._markdown

    def __repr__(self) -> str:
        return self._plain

    def __str__(self) -> str:
        return self._plain


def marked() -> str:
    """Return the mark of a hidden number as documents must write it."""
    return HIDDEN + JOINER
