"""Texts of tables, populations, notes and sentences, in two languages, from ``resources/i18n``."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from functools import cache
from typing import Any

from platform_utils import codebook
from platform_utils.paths import resource
from platform_utils.schemas.counts import TOTAL

__all__ = ["code_label", "has_text", "load_texts", "say", "variable_label"]

_GRAINS = {"beneficiary": "programme", "nsp_intervention": "programme", "membership_form": "organisation"}


@cache
def load_texts(name: str) -> Mapping[str, Mapping[str, Any]]:
    """Return one file of texts: ``{"role": {"sv": ..., "en": ...}}``."""
    return tomllib.loads(resource("i18n", f"{name}.toml").read_text(encoding="utf-8"))


def say(name: str, key: str, lang: str, /, **fields: object) -> str:
    """Return the text ``key`` of the file ``name`` with its fields.

    Raises
    ------
    KeyError
        If there is no such text.
    """
    text = load_texts(name)[key][lang]
    return text.format(**fields) if fields else text


def has_text(name: str, key: str) -> bool:
    """Say whether the file ``name`` has a text ``key``."""
    return key in load_texts(name)


def variable_label(dimension: str, lang: str) -> str:
    """Return the heading of a dimension: the codebook's, or that of a computed variable."""
    computed = load_texts("computed")
    if dimension in computed:
        return computed[dimension][lang]
    return codebook.load().variable(dimension, _GRAINS.get(dimension, "case")).label(lang)  # type: ignore[arg-type]


def code_label(dimension: str, code: str, lang: str) -> str:
    """Return the label of a code of a dimension, special codes and margins included."""
    book = codebook.load()
    if code in book.special or code == TOTAL:
        return book.special[code].label(lang)
    computed = load_texts("computed")
    if dimension in computed:
        return computed[dimension]["codes"][code][lang]
    return book.label(dimension, code, lang, _GRAINS.get(dimension, "case"))  # type: ignore[arg-type]
