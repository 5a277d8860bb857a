"""Inline expressions: ``{python} expr`` between single back-ticks, found as Quarto finds them."""

from __future__ import annotations

import re

__all__ = ["inline_expressions"]

_PATTERN = re.compile(r"(^|[^`])`\{python\}[ \t]+([^`]+)`", re.MULTILINE)


def inline_expressions(markdown: str) -> tuple[str, ...]:
    """List the expressions that stand in a piece of Markdown.

    Parameters
    ----------
    markdown : str
        The source of one Markdown cell.

    Returns
    -------
    tuple of str
        In order of appearance, each as often as it stands there.

    Examples
    --------
    >>> inline_expressions("In `{python} year`, `{python} n` persons; `python x` is code.")
    ('year', 'n')
    """
    return tuple(match[2].strip() for match in _PATTERN.finditer(markdown))
