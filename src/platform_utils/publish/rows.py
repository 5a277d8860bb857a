"""Rows of synthetic files are never called persons: texts about them say rows.

Enters: Markdown written about persons. Leaves: the same about rows. Pictures are left as they are.
"""

from __future__ import annotations

import re

from platform_utils.messages import texts
from platform_utils.publish.inline import Shown

__all__ = ["about_rows"]

_PICTURE = "(data:"


def about_rows(shown: Shown, lang: str) -> Shown:
    """Return a text in which every word for persons is one for rows.

    Examples
    --------
    >>> about_rows(Shown("Under 2020 fanns 12 personer."), "sv")
    Under 2020 fanns 12 rader.
    """
    return Shown(_worded(shown._repr_markdown_(), lang), _worded(repr(shown), lang))


def _worded(text: str, lang: str) -> str:
    lines = text.split("\n")
    return "\n".join(line if _PICTURE in line else _line(line, lang) for line in lines)


def _line(line: str, lang: str) -> str:
    for person, row in texts("rows")[lang].items():
        line = re.sub(rf"\b{person}\b", row, line)
    return line
