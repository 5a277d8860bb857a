"""The one catalogue of texts that people see on screen, in Swedish and English.

Each file in ``resources/messages`` belongs to one stage; each entry has a code, ``sv`` and ``en``.
Texts name file, sheet, row and column through ``{fields}``; no field may hold a cell's content.
"""

from __future__ import annotations

import tomllib
from functools import cache
from importlib.resources import files

__all__ = ["LANGUAGES", "catalogue", "label", "text"]

LANGUAGES = ("sv", "en")


@cache
def catalogue() -> dict[str, dict[str, str]]:
    """Return every entry by its code: ``{"E-203": {"sv": ..., "en": ...}}``.

    Raises
    ------
    ValueError
        If a code stands in two files.
    """
    entries: dict[str, dict[str, str]] = {}
    folder = files("platform_utils") / "resources" / "messages"
    for file in sorted(folder.iterdir(), key=lambda item: item.name):
        for code, entry in tomllib.loads(file.read_text(encoding="utf-8")).items():
            if code in entries:
                raise ValueError(f"message code {code} stands twice")
            entries[code] = entry
    return entries


def text(code: str, lang: str, /, **fields: object) -> str:
    """Return the text of ``code`` in ``lang`` with its fields, the code first."""
    return f"{code} {catalogue()[code][lang].format(**fields)}"


def label(key: str, lang: str, /, **fields: object) -> str:
    """Return a text of the catalogue without its code: headings, receipts, progress lines."""
    return catalogue()[key][lang].format(**fields)
