"""How others write tables: the usual kinds of CSV, and numbers as text.

Enters: text. Leaves: rows of cells, and numbers. What is not a number of its kind is none, never a guess.
"""

from __future__ import annotations

import csv
import math
import re
from fractions import Fraction

NUMBERS = ("share", "low", "high", "weight", "true_count")
"""What `number_in` reads: a share in per cent, ends and true counts of persons, a cost."""

_DELIMITERS = ",;\t|"
_DECIMAL = re.compile(r"[0-9]{1,15}(\.[0-9]{1,15})?")


def rows_of_text(text: str) -> list[list[str]]:
    r"""Return the rows of a CSV text, header first, all as long as it; empty lines are left out.

    Parameters
    ----------
    text : str
        Cells apart by comma, semicolon, tab or bar, whichever cuts all rows alike; one column needs none.

    Raises
    ------
    ValueError
        If there is no header, or a row has more cells than it.

    Examples
    --------
    >>> rows_of_text("sex;count\nwoman;5\n")
    [['sex', 'count'], ['woman', '5']]
    >>> rows_of_text("count\n12\n")
    [['count'], ['12']]
    """
    cut = [_cut(text, delimiter) for delimiter in _DELIMITERS]
    # most columns where every row has as many; else most in the header
    rows = max(cut, key=lambda rows: (len({len(row) for row in rows}) == 1 < len(rows[0]), len(rows[0])))
    header = [name.strip() for name in rows[0]]
    while len(header) > 1 and not header[-1]:
        header.pop()
    if any(cell.strip() for row in rows for cell in row[len(header) :]):
        raise ValueError("more cells than the header")
    width = len(header)
    return [header, *([*row, *[""] * width][:width] for row in rows[1:])]


def number_in(text: str, kind: str) -> Fraction | None:
    """Return a number, or None if ``text`` is not one of its kind.

    Parameters
    ----------
    text : str
        Digits, with a decimal comma or point; a share may have a per cent sign.
    kind : str
        One of `NUMBERS`: a share is 0 to 100; an end or a true count is whole; none is negative.

    Examples
    --------
    >>> number_in("12,5 %", "share")
    Fraction(25, 2)
    >>> number_in("2.5", "true_count") is None
    True
    """
    cleaned = text.replace(",", ".").replace("\u00a0", "").replace(" ", "")
    if kind == "share":
        cleaned = cleaned.removesuffix("%")
    if kind == "weight" and _is_positive(cleaned):
        return Fraction(float(cleaned))
    number = Fraction(cleaned) if _DECIMAL.fullmatch(cleaned) else None
    if number is None or (kind == "share" and number > 100):
        return None
    return None if kind in ("low", "high", "true_count") and number.denominator != 1 else number


def _cut(text: str, delimiter: str) -> list[list[str]]:
    try:
        rows = list(csv.reader(text.splitlines(keepends=True), delimiter=delimiter, skipinitialspace=True))
    except csv.Error as error:
        raise ValueError("not CSV") from error
    kept = [row for row in rows if any(cell.strip() for cell in row)]
    if not kept:
        raise ValueError("no header")
    return kept


def _is_positive(text: str) -> bool:
    try:
        return math.isfinite(float(text)) and float(text) >= 0
    except ValueError:
        return False
