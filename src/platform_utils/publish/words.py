"""Texts of tables, populations, notes and sentences, in two languages, from ``resources/i18n``."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from functools import cache
from typing import Any

from platform_utils.paths import resource
from platform_utils.spec import codebook
from platform_utils.spec.counts import TOTAL
from platform_utils.spec.layout import is_merged, parts_of, without

__all__ = ["code_label", "has_text", "in_full", "is_together", "load_texts", "say", "variable_label"]

_SHORT_ROW = 72
"""Letters of a merged row's name up to which all its codes are named in it."""
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
    """Return the label of a code of a dimension; special codes, margins and merged codes included.

    Examples
    --------
    >>> code_label("dropout_stage", "in_support+later", "en")
    'in support and protection + later'
    """
    book = codebook.load()
    if code in book.special or code == TOTAL:
        return book.special[code].label(lang)
    if is_merged(code):
        return _merged_label(dimension, code, lang)
    computed = load_texts("computed")
    if dimension in computed:
        return computed[dimension]["codes"][code][lang]
    return book.label(dimension, code, lang, _GRAINS.get(dimension, "case"))  # type: ignore[arg-type]


def is_together(dimension: str, code: str) -> bool:
    """Say whether a row stands for several codes of a dimension.

    Examples
    --------
    >>> is_together("origin_country", "other_eu"), is_together("origin_group", "other_eu")
    (True, False)
    """
    if is_merged(code):
        return True
    if code == TOTAL or dimension in load_texts("computed"):
        return False
    book = codebook.load()
    codes = book.codes(book.variable(dimension, _GRAINS.get(dimension, "case")))  # type: ignore[arg-type]
    return code in {one.parent for one in codes} - {one.code for one in codes}


def in_full(dimension: str, code: str, lang: str) -> str:
    """Return all that a merged row stands for, where its name does not say it; else nothing."""
    label, together = code_label(dimension, code, lang), _together(dimension, code, lang)
    if not together or label == together:
        return ""
    return say("words", "merged_in_full", lang, row=label, codes=together)


def _merged_label(dimension: str, code: str, lang: str) -> str:
    parent, named = without(code)
    if named:
        key = f"rest_of_{parent}"
        return say("words", key if has_text("words", key) else "rest_of", lang)
    together = _together(dimension, code, lang)
    if len(together) <= _SHORT_ROW:
        return together
    return say("words", "merged_many", lang, number=len(parts_of(code)))


def _together(dimension: str, code: str, lang: str) -> str:
    return " + ".join(code_label(dimension, part, lang) for part in parts_of(code))
