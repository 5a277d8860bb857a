"""Colours that appear in the cells of the person sheet while the member types.

Enters: a grid. Leaves: conditional formats: what would be an error is red, what is still to be answered
yellow. The sheet Check counts the same things; here one sees where they are.
"""

from __future__ import annotations

from collections.abc import Iterator

from xlsxwriter.worksheet import Worksheet

from platform_utils.returns.template_grid import FIRST_ROW, Grid
from platform_utils.returns.template_style import Styles
from platform_utils.spec.codebook import Variable

__all__ = ["write_marks"]


def write_marks(sheet: Worksheet, styles: Styles, grid: Grid) -> None:
    """Give the data cells their colours.

    Parameters
    ----------
    sheet : Worksheet
        The sheet of the grid.
    styles : Styles
        Formats; ``bad`` and ``gap`` are used.
    grid : Grid
        What stands where.
    """
    names = list(grid.columns)
    row = f"${grid.letter(names[0])}{FIRST_ROW}:${grid.letter(names[-1])}{FIRST_ROW}"
    for column, (variable, code) in grid.columns.items():
        position = names.index(column)
        for criteria, style in _marks(grid, column, variable, row, is_multi=code is not None):
            rule = {"type": "formula", "criteria": criteria, "format": styles[style]}
            sheet.conditional_format(FIRST_ROW - 1, position, grid.last_row - 1, position, rule)


def _marks(
    grid: Grid, column: str, variable: Variable, row: str, *, is_multi: bool
) -> Iterator[tuple[str, str]]:
    letter = grid.letter(column)
    cell = f"${letter}{FIRST_ROW}"
    if variable.required:
        yield f'=AND(COUNTA({row})>0,{cell}="")', "bad"
    if variable.name == "person_code" and grid.grain == "case":
        block = f"${letter}${FIRST_ROW}:${letter}${grid.last_row}"
        yield f'=AND({cell}<>"",COUNTIF({block},{cell}&"")>1)', "bad"
    if variable.is_number:
        low, high = variable.minimum or 0, variable.maximum
        yield f'=AND({cell}<>"",OR(NOT(ISNUMBER({cell})),{cell}<{low},{cell}>{high}))', "bad"
    for name, code in variable.asked_if.items():
        other = grid.book.variable(name)
        asked = f'${grid.letter(name)}{FIRST_ROW}="{grid.book.code(other, code).label(grid.lang)}"'
        if not (is_multi or variable.optional):
            yield f'=AND({asked},{cell}="")', "gap"
        if not is_multi:
            unknown = grid.book.special["unknown"].label(grid.lang)
            yield f'=AND({cell}<>"",{cell}<>"{unknown}",NOT({asked}))', "bad"
