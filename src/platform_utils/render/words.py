"""The words that a rendered document gets without anybody writing them: Quarto's own, per language."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from functools import cache
from typing import Any

from platform_utils import paths

__all__ = ["generated_words"]


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


@cache
def _all() -> dict[str, dict[str, Any]]:
    return tomllib.loads(paths.resource("render", "words.toml").read_text(encoding="utf-8"))
