"""A safe table as lines that people read: label, number, share; in codebook order.

Enters: a ``SafeTable`` and nothing else. Leaves: lines. Shares are taken of released counts only.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from platform_utils.errors import DisclosureError
from platform_utils.publish.inline import percent, whole
from platform_utils.publish.words import (
    code_label,
    is_present_only,
    is_together,
    no_answer_codes,
    rest_label,
)
from platform_utils.spec.codebook import SPECIAL_CODES
from platform_utils.spec.counts import TOTAL
from platform_utils.spec.layout import parts_of
from platform_utils.spec.safe import SafeTable


@dataclass(frozen=True)
class Line:
    """One row of a table with one dimension.

    Parameters
    ----------
    code : str
        Code, ``"total"`` or ``"others"`` (codes that are not named one by one).
    count, base : int, optional
        Released count, and the released total that a share is taken of; None is hidden.
    together : bool
        Whether the line stands for several codes.
    no_answer : bool
        Whether the plan says that the code is no answer.
    """

    code: str
    label: str
    count: int | None
    base: int | None
    lang: str
    together: bool = False
    no_answer: bool = False

    @property
    def is_total(self) -> bool:
        """Whether the line is the margin."""
        return self.code == TOTAL

    @property
    def is_special(self) -> bool:
        """Whether the line says that something is not known."""
        return self.no_answer or self.code in SPECIAL_CODES

    @property
    def number(self) -> str:
        """The count as readers see it."""
        return whole(self.count, self.lang)

    @property
    def share(self) -> str:
        """The share of the total, in whole per cent."""
        return percent(self.count, self.base, self.lang)


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


def count_of(table: SafeTable, cell: Mapping[str, str]) -> int | None:
    """Return the released count of a cell; None if it is hidden, or stands in a row together with others.

    Raises
    ------
    KeyError
        If nobody in the table can have these codes.
    """
    try:
        return table.count(**cell)
    except KeyError:
        for dimension, row in rows_together(table):
            if dimension in cell and (not parts_of(row) or cell[dimension] in parts_of(row)):
                return None
        raise


def rows_together(table: SafeTable) -> list[tuple[str, str]]:
    """Return dimension and code of each row that stands for several codes."""
    return [(d, code) for d in table.dimensions for code in table.data[d].unique() if is_together(d, code)]


def what_is_left(table: SafeTable) -> Literal["rows", "unanswered", "total", "nothing"]:
    """Say what a table shows: rows with somebody in them, no answer, its total alone, or not even that."""
    data = accept(table).data
    if not table.dimensions:
        return "rows"
    margin = (data[list(table.dimensions)] == TOTAL).all(axis=1)
    no_answer = [*SPECIAL_CODES, *no_answer_codes(table.name)]
    answers = data[~margin & ~data[table.dimensions[0]].isin([*no_answer, TOTAL])]
    nobody = answers["count"].eq(0).fillna(False).all() and data.loc[margin, "count"].fillna(0).gt(0).all()
    if nobody and len(table.dimensions) == 1:
        return "unanswered"
    if not data["mark"].ne("").any():
        return "rows"
    if data.loc[~margin, "count"].fillna(0).gt(0).any():
        return "rows"
    return "total" if data.loc[margin, "mark"].eq("").all() else "nothing"


def lines(table: SafeTable, lang: str) -> list[Line]:
    """Return the lines of a table with at most one dimension, the margin last.

    Hidden codes of a long list (countries) are not named: they make one line together, and rows that stand
    for all the others come after those that are named.

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
        together = is_together(dimension, code)
        label = code_label(dimension, code, lang, table.universe.year)
        unanswered = code in no_answer_codes(table.name)
        kept.append(Line(code, label, count, base, lang, together, unanswered))
    if others:
        kept.append(Line("others", rest_label(dimension, lang), None, base, lang, together=True))
    if is_present_only(table.name):
        kept.sort(key=lambda line: (line.is_total, line.is_special, line.together))
    return kept


def _known(count: object) -> int | None:
    return count if isinstance(count, int) else None
