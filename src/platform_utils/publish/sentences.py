"""Sentences that hold numbers: whole texts in two languages, each with variants for years that differ.

Enters: keys of ``sentences.toml`` and the released numbers of a year. Leaves: the first variant of each
whose numbers are shown and whose claims are true. What no variant can say is not said: the table shows why.
"""

from __future__ import annotations

from platform_utils.messages import say, texts
from platform_utils.publish.claims import FIELD, Numbers, fill
from platform_utils.publish.words import no_such
from platform_utils.spec.safe import Years


def write_sentence(key: str, years: Years, year: int, lang: str) -> str:
    """Return the sentence ``key`` of ``sentences.toml``; nothing if none of its variants can stand.

    Parameters
    ----------
    key : str
        Key of the sentence; one with ``_large`` after it says the same of all persons, and follows it in a
        year with large cases.
    years : mapping of int to mapping of str to SafeTable
        The tables by year and name.
    year : int
        Year of the report.
    lang : {"sv", "en"}
        Language.

    Raises
    ------
    UsageError
        E-652 if there is no such sentence, or it names a fact that does not exist.
    """
    if key not in texts("sentences"):
        raise no_such("sentence", key, texts("sentences"))
    numbers = Numbers(years, year, lang)
    also = f"{key}_large"
    said = _written(key, numbers)
    follows = said and numbers.has_large() and also in texts("sentences")
    return " ".join(filter(None, [said, _written(also, numbers) if follows else ""]))


def _of_all(text: str, lang: str) -> str:
    """Say that a text counts large cases too: inside it where it is one sentence, else after it."""
    stop = "." * text.rstrip("*").endswith(".")
    if text.endswith(stop) and ". " not in text:
        return f"{text.removesuffix('.')}{say('claims', 'large_inside', lang)}{stop}"
    return f"{text} {say('claims', 'large_included', lang)}"


def _written(key: str, numbers: Numbers) -> str:
    variants = texts("sentences")[key][numbers.lang]
    for one in [variants] if isinstance(variants, str) else variants:
        text, wrong = fill(one, numbers)
        if not wrong:
            mixed = any(numbers.includes_large(field[1]) for field in FIELD.finditer(one) if not field[2])
            return _of_all(text, numbers.lang) if mixed else text
    return ""
