"""Dates in prose, in Swedish and English, without the locale of the desk."""

from __future__ import annotations

import datetime as dt
import re

from platform_utils.errors import ContractError
from platform_utils.render.words import generated_words

__all__ = ["format_date"]

_TOKEN = re.compile(r"YYYY|MMMM|MM|M|DD|D|\[[^\]]*\]")
_ISO = "YYYY-MM-DD"


def format_date(value: object, pattern: str | None, lang: str, document: str) -> str:
    """Return a document's date as its format writes it.

    Parameters
    ----------
    value : date or str
        From the front matter: a date, or ``YYYY-MM-DD``, or a text that stands as it is.
    pattern : str or None
        ``long``, ``iso``, or a pattern of ``D DD M MM MMMM YYYY``; None leaves the date as written.
    lang : str
        Language tag.
    document : str
        What messages call the document.

    Returns
    -------
    str

    Raises
    ------
    ContractError
        E-601 if the date is the clock's, or the pattern holds another token.

    Examples
    --------
    >>> format_date("2025-03-15", "D MMMM YYYY", "sv", "annual")
    '15 mars 2025'
    """
    if isinstance(value, dt.datetime):
        value = value.date()
    if isinstance(value, dt.date):
        day = value
    else:
        text = str(value).strip()
        if text in ("today", "now", "last-modified"):
            raise ContractError("E-601", document=document, feature=f"date: {text}")
        try:
            day = dt.date.fromisoformat(text)
        except ValueError:
            return text
    words = generated_words(lang)
    pattern = {None: _ISO, "iso": _ISO, "long": words["long"]}.get(pattern, pattern) or _ISO
    if re.search(r"[A-Za-z]", _TOKEN.sub("", pattern)):
        raise ContractError("E-601", document=document, feature=f"date-format: {pattern}")
    values = {
        "YYYY": f"{day.year:04d}",
        "MMMM": words["months"][day.month - 1],
        "MM": f"{day.month:02d}",
        "M": str(day.month),
        "DD": f"{day.day:02d}",
        "D": str(day.day),
    }
    return _TOKEN.sub(lambda match: values.get(match[0]) or match[0].strip("[]"), pattern)
