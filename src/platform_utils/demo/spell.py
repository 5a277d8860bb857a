"""Type an answer as people type it: in two languages, with aliases, capitals and stray characters.

Enters: a code. Leaves: a spelling that the codebook's alias tables accept. Drop-downs give the label.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from functools import cache
from itertools import accumulate

import numpy as np

from platform_utils.spec.codebook import Variable, load

__all__ = ["Speller"]

_SOFT_HYPHEN, _ZERO_WIDTH, _HARD_SPACE = "\u00ad", "\u200b", "\u00a0"
_HABITS = {"label": 0.62, "alias": 0.16, "capitals": 0.1, "other language": 0.06, "stray": 0.06}
"""How often an answer is typed in which way."""


class Speller:
    """Spells the answers of one return.

    Parameters
    ----------
    lang : {"sv", "en"}
        Language of the form.
    typed : bool
        Written by hand; otherwise chosen from drop-downs.
    encoding : str
        What the file can hold.
    rng : Generator
        Decides which spelling.
    """

    def __init__(self, lang: str, *, typed: bool, encoding: str, rng: np.random.Generator) -> None:
        self.lang, self.typed, self.encoding = lang, typed, encoding
        self.other = "en" if lang == "sv" else "sv"
        self.draws: Iterator[float] = iter(())
        self.rng = rng

    def spell(self, variable: Variable, code: str) -> str | int:
        """Return what stands in the cell for a code (or number) of a variable; ``""`` stays empty."""
        if code == "" or variable.kind == "text_code":
            return code
        if variable.is_number:
            return int(code) if code.isdigit() else self._spell(variable, code)
        return self._spell(variable, code)

    def _spell(self, variable: Variable, code: str) -> str:
        label, aliases, translated = _spellings(variable.name, variable.grain, code, self.lang)
        if not self.typed:
            return label
        chance, limits = self._draw(), accumulate(_HABITS.values())
        habit = next((name for name, limit in zip(_HABITS, limits, strict=True) if chance < limit), "label")
        spelling = label
        if habit == "alias" and aliases:
            spelling = aliases[int(self._draw() * len(aliases))]
        elif habit == "capitals":
            spelling = label.upper() if self._draw() < 0.3 else label[:1].upper() + label[1:]
        elif habit == "other language":
            spelling = translated
        elif habit == "stray":
            spelling = self._stray(label)
        return spelling if _fits(spelling, self.encoding) else label

    def _stray(self, text: str) -> str:
        forms = [f" {text}  ", f"{text}{_HARD_SPACE}" if text.isascii() else f"{text} ", f"{text}."]
        if text.isascii() and len(text) > 3:
            forms.append(text[:2] + _SOFT_HYPHEN + text[2:])
        if self.encoding.startswith("utf"):
            forms += [text[:1] + _ZERO_WIDTH + text[1:], unicodedata.normalize("NFD", text)]
        return forms[int(self._draw() * len(forms))]

    def _draw(self) -> float:
        value = next(self.draws, None)
        if value is None:
            self.draws = iter(self.rng.random(4096).tolist())
            value = next(self.draws)
        return float(value)


@cache
def _fits(text: str, encoding: str) -> bool:
    try:
        text.encode(encoding)
    except UnicodeEncodeError:
        return False
    return True


@cache
def _spellings(name: str, grain: str, code: str, lang: str) -> tuple[str, tuple[str, ...], str]:
    book = load()
    variable = next(each for each in book.of_grain(grain) if each.name == name)
    if code == "unknown":
        found = book.special["unknown"]
    else:
        codes = book.lists["yes_no"] if variable.kind in ("multi", "yes_no") else book.codes(variable)
        found = next(each for each in codes if each.code == code)
    return found.label(lang), found.aliases, found.label("en" if lang == "sv" else "sv")
