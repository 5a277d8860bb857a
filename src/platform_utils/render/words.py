"""What a rendered document gets without anybody writing it: Quarto's own words per language, dates in prose.

Dates follow no locale of the desk.
"""

from __future__ import annotations

import datetime as dt
import re
import tomllib
from collections.abc import Mapping
from functools import cache
from typing import Any

from platform_utils import paths
from platform_utils.errors import ContractError

__all__ = ["format_date", "generated_words"]

_TOKEN = re.compile(r"YYYY|MMMM|MM|M|DD|D|\[[^\]]*\]")
_ISO = "YYYY-MM-DD"


def generated_words(lang: str) -> Mapping[str, Any]:
    """Return the generated words of a language.

    Parameters
    ----------
    lang : str
        A language tag; what is neither Swedish nor English gets the English words, as Quarto does.

    Returns
    -------
    mapping of str to str
        ``fig``, ``tbl``, ``sec``, ``eq``, ``toc``, callout kinds and more; ``months`` is a list.

    Examples
    --------
    >>> generated_words("sv")["tbl"]
    'Tabell'
    """
    table = _all()
    return table.get(lang.split("-", maxsplit=1)[0].casefold(), table["en"])


def format_date(value: object, pattern: str | None, lang: str) -> str:
    """Return a document's date as its format writes it.

    Parameters
    ----------
    value : date or str
        From the front matter: a date, or ``YYYY-MM-DD``, or a text that stands as it is.
    pattern : str or None
        ``long``, ``iso``, or a pattern of ``D DD M MM MMMM YYYY``; None is ``iso``.

    Raises
    ------
    ContractError
        E-601 if the date is the clock's, or the pattern holds another token.

    Examples
    --------
    >>> format_date("2025-03-15", "D MMMM YYYY", "sv")
    '15 mars 2025'
    """
    text = str(value.date() if isinstance(value, dt.datetime) else value).strip()
    if text in ("today", "now", "last-modified"):
        raise ContractError("E-601", feature=f"date: {text}")
    try:
        day = dt.date.fromisoformat(text)
    except ValueError:
        return text
    words = generated_words(lang)
    pattern = {None: _ISO, "iso": _ISO, "long": words["long"]}.get(pattern, pattern) or _ISO
    if re.search(r"[A-Za-z]", _TOKEN.sub("", pattern)):
        raise ContractError("E-601", feature=f"date-format: {pattern}")
    values = {
        "YYYY": f"{day.year:04d}",
        "MMMM": words["months"][day.month - 1],
        "MM": f"{day:%m}",
        "M": str(day.month),
        "DD": f"{day:%d}",
        "D": str(day.day),
    }
    return _TOKEN.sub(lambda match: values.get(match[0]) or match[0].strip("[]"), pattern)


@cache
def _all() -> dict[str, dict[str, Any]]:
    return tomllib.loads(paths.resource("render", "words.toml").read_text(encoding="utf-8"))
