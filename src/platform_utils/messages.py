"""The one catalogue of texts that people see, in Swedish and English.

Each file in ``resources/messages`` belongs to one stage: codes of errors, labels of the screen. Each file in
``resources/i18n`` is a group of texts that documents are put together from. An entry has ``sv`` and ``en``.
Texts name file, sheet, row and column through ``{fields}``; no field may hold a cell's content.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from typing import Any

LANGUAGES = ("sv", "en")
_RESOURCES = files("platform_utils") / "resources"


@cache
def catalogue() -> dict[str, dict[str, str]]:
    """Return every entry by its code: ``{"E-203": {"sv": ..., "en": ...}}``.

    Raises
    ------
    ValueError
        If a code stands in two files.
    """
    entries: dict[str, dict[str, str]] = {}
    for file in sorted((_RESOURCES / "messages").iterdir(), key=lambda item: item.name):
        for code, entry in tomllib.loads(file.read_text(encoding="utf-8")).items():
            if code in entries:
                raise ValueError(f"message code {code} stands twice")
            entries[code] = entry
    return entries


def text(code: str, lang: str, /, **fields: object) -> str:
    """Return the text of ``code`` in ``lang`` with its fields, the code first."""
    return f"{code} {label(code, lang, **fields)}"


def label(key: str, lang: str, /, **fields: object) -> str:
    """Return a text of the catalogue without its code: headings, receipts, progress lines."""
    return catalogue()[key][lang].format(**{name: _spoken(each, lang) for name, each in fields.items()})


class _Comma(float):
    """A number with a decimal comma."""

    def __format__(self, spec: str) -> str:
        return super().__format__(spec).replace(".", ",")


def _spoken(value: Any, lang: str) -> Any:
    """Return a field as a language says it: by its label where it has one, a decimal with its mark."""
    if isinstance(value, tuple):
        return ", ".join(str(_spoken(one, lang)) for one in value)
    if hasattr(value, "label"):
        return value.label(lang)
    return _Comma(value) if lang == "sv" and isinstance(value, float) else value


@cache
def texts(group: str) -> Mapping[str, Mapping[str, Any]]:
    """Return one group of texts for documents: ``{"panel": {"sv": ..., "en": ...}}``."""
    file = _RESOURCES / "i18n" / f"{group}.toml"
    return tomllib.loads(file.read_text(encoding="utf-8"))


def say(group: str, key: str, lang: str, /, **fields: object) -> str:
    """Return a text of a group with its fields.

    Raises
    ------
    KeyError
        If there is no such text.
    """
    said = texts(group)[key][lang]
    return said.format(**fields) if fields else said


def has_text(group: str, key: str) -> bool:
    """Say whether a group has a text."""
    return key in texts(group)
