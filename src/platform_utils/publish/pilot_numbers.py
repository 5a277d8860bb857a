"""Numbers and codes of the pilot's documents as each language writes them.

Enters: rounded values that the gate has released, or None; codes of a plan or a cohort. Leaves: text.
"""

from __future__ import annotations

from platform_utils.messages import catalogue, label
from platform_utils.publish.inline import marked

__all__ = ["as_decimal", "as_percent", "named", "signed"]


def named(kind: str, code: str, lang: str) -> str:
    """Return the words for a code of a plan or a cohort; a code that has none is shown as it is.

    Examples
    --------
    >>> named("code", "third_country", "en"), named("code", "lower_saxony", "en")
    ('third country', 'lower saxony')
    """
    key = f"L-pilot-{kind}-{code}"
    return label(key, lang) if key in catalogue() else code.replace("_", " ")


def as_percent(lang: str, value: int | str | None) -> str:
    """Return a whole per cent, or the mark of a hidden number.

    Examples
    --------
    >>> as_percent("en", 12)
    '12%'
    """
    if value is None:
        return marked()
    return f"{value}%" if lang == "en" else f"{value}\u00a0%"


def signed(value: int | str) -> str:
    """Return percentage points with their sign, a true minus included.

    Examples
    --------
    >>> signed(14), signed(0)
    ('+14', '0')
    """
    number = int(value)
    return f"+{number}" if number > 0 else f"\u2212{-number}" if number < 0 else "0"


def as_decimal(lang: str, value: int | str) -> str:
    """Return a number with the decimal mark of the language.

    Examples
    --------
    >>> as_decimal("sv", "0.14")
    '0,14'
    """
    return str(value).replace(".", ",") if lang == "sv" else str(value)
