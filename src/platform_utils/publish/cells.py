"""A safe table as lines that people read: label, number, share; in codebook order.

Enters: a ``SafeTable`` and nothing else. Leaves: lines. Shares are taken of released counts only.
"""

from __future__ import annotations

from dataclasses import dataclass

from platform_utils.codebook import SPECIAL_CODES
from platform_utils.errors import DisclosureError
from platform_utils.publish.inline import marked
from platform_utils.publish.numbers import percent, whole
from platform_utils.publish.plan import is_present_only
from platform_utils.publish.words import code_label, say
from platform_utils.schemas.counts import TOTAL
from platform_utils.schemas.safe import SafeTable

__all__ = ["Line", "accept", "lines"]


@dataclass(frozen=True)
class Line:
    """One row of a table with one dimension.

    Parameters
    ----------
    code : str
        Code, ``"total"`` or ``"others"`` (codes that are not named one by one).
    label : str
        What readers see.
    count : int, optional
        Released count; None is hidden.
    base : int, optional
        Released total that a share is taken of; None is hidden.
    lang : {"sv", "en"}
        Language of numbers.
    """

    code: str
    label: str
    count: int | None
    base: int | None
    lang: str

    @property
    def is_total(self) -> bool:
        """Whether the line is the margin."""
        return self.code == TOTAL

    @property
    def is_special(self) -> bool:
        """Whether the line says that something is not known."""
        return self.code in SPECIAL_CODES

    @property
    def number(self) -> str:
        """The count as readers see it."""
        return marked() if self.count is None else whole(self.count, self.lang)

    @property
    def share(self) -> str:
        """The share of the total, in whole per cent."""
        if self.count is None or self.base is None:
            return marked()
        return percent(self.count, self.base, self.lang) if self.base else "–"


def accept(table: object) -> SafeTable:
    """Return the table if the gate has made it.

    Raises
    ------
    DisclosureError
        E-650 for anything that is not a ``SafeTable``.
    """
    if not isinstance(table, SafeTable):
        raise DisclosureError("E-650", kind=type(table).__name__)
    return table


def lines(table: SafeTable, lang: str) -> list[Line]:
    """Return the lines of a table with at most one dimension, the margin last.

    Hidden codes of a long list (countries) are not named: they make one line together.

    Raises
    ------
    DisclosureError
        E-650 for anything that is not a ``SafeTable``.
    """
    table = accept(table)
    counts = table.data["count"].tolist()
    if not table.dimensions:
        count = _known(counts[0]) if counts else None
        return [Line(TOTAL, code_label("", TOTAL, lang), count, count, lang)]
    (dimension,) = table.dimensions
    codes = table.data[dimension].tolist()
    released = dict(zip(codes, map(_known, counts), strict=True))
    base = released.get(TOTAL)
    kept, others = [], False
    for code, count in released.items():
        if is_present_only(table.name) and count is None and code not in (*SPECIAL_CODES, TOTAL):
            others = True
            continue
        kept.append(Line(code, code_label(dimension, code, lang), count, base, lang))
    if others:
        place = next((n for n, line in enumerate(kept) if line.is_special or line.is_total), len(kept))
        kept.insert(place, Line("others", say("words", "others", lang), None, base, lang))
    return kept


def _known(count: object) -> int | None:
    return count if isinstance(count, int) else None
