"""Where everything stands on a sheet that members fill in, and the sheet itself.

Enters: the codebook's columns of one grain and year. Leaves: headings, drop-downs, input messages, number
checks, colours and, for filled forms, the cells. Rule: headings and drop-downs come from the codebook alone.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import pandas as pd
from xlsxwriter import Workbook
from xlsxwriter.utility import xl_col_to_name
from xlsxwriter.worksheet import Worksheet

from platform_utils.messages import label
from platform_utils.returns.template_style import A3, A4, Styles, set_up_page, theme_of
from platform_utils.spec import grains
from platform_utils.spec.codebook import Code, Codebook, Variable

__all__ = ["Grid", "list_name", "write_grid"]

BAND_ROW, HEADER_ROW, FIRST_ROW = 3, 4, 5
"""Rows of the sheet, 1-based as a person sees them."""


@dataclass(frozen=True)
class Grid:
    """One sheet of the form.

    Attributes
    ----------
    rows : int
        Data rows with drop-downs and checks.
    member_id : str
        Of the member who fills it in, if it is known: its codes may begin with it.
    """

    grain: str
    year: int
    lang: str
    book: Codebook
    rows: int
    member_id: str = ""
    columns: Mapping[str, tuple[Variable, Code | None]] = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "columns", self.book.grain_columns(self.grain, self.year))

    @property
    def sheet(self) -> str:
        """Name of the sheet."""
        return grains.load()[self.grain].sheet(self.lang)

    @property
    def last_row(self) -> int:
        """Last data row, 1-based."""
        return FIRST_ROW + self.rows - 1

    def letter(self, column: str) -> str:
        """Return the letter of a column, such as ``"D"``."""
        return xl_col_to_name(list(self.columns).index(column))

    def own_part(self, cell: str) -> str:
        """Return the formula of a person code without the member's id, which it may begin with."""
        return f'SUBSTITUTE({cell},"{self.member_id}","",1)' if self.member_id else f'({cell}&"")'

    def range(self, first: str, last: str | None = None) -> str:
        """Return the data cells of one column, or of neighbouring ones, as other sheets name them."""
        sheet = "'" + self.sheet.replace("'", "''") + "'" if " " in self.sheet else self.sheet
        return f"{sheet}!${self.letter(first)}${FIRST_ROW}:${self.letter(last or first)}${self.last_row}"

    def answers(self, column: str) -> list[str]:
        """Return what a drop-down offers, empty for numbers and identifiers; unknown comes last."""
        variable, _code = self.columns[column]
        if variable.is_number or variable.kind == "text_code":
            return []
        return [each.label(self.lang) for each in self.book.answers(variable, self.year)]

    def is_proposed(self, column: str) -> bool:
        """Say whether no source shows the question (or, for multi-select, the answer)."""
        variable, code = self.columns[column]
        return variable.mark == "I" or (code is not None and code.mark == "I")


def list_name(variable: Variable) -> str:
    """Return the named range of a variable's drop-down."""
    return "lista_" + ("yes_no" if variable.kind in ("multi", "yes_no") else str(variable.codes))


def write_grid(workbook: Workbook, styles: Styles, grid: Grid, table: pd.DataFrame | None) -> None:
    """Write one sheet: titles, bands, headings, unlocked data columns with checks, and the cells given."""
    sheet = workbook.add_worksheet(grid.sheet)
    lang, last = grid.lang, len(grid.columns) - 1
    grain = grains.load()[grid.grain]
    title = grain.title.label(lang).format(year=grid.year)
    sheet.write_string(0, 0, title, styles["title"])
    sheet.write_string(1, 0, grain.lead.label(lang), styles["lead"])
    sheet.set_row(0, 24, styles["plain"])
    sheet.set_row(1, 18, styles["plain"])
    sheet.set_row(BAND_ROW - 1, 18, styles["plain"])
    sheet.set_row(HEADER_ROW - 1, 15 * max(_lines(grid, column) for column in grid.columns) + 4)
    _write_headings(sheet, styles, grid)
    for position, column in enumerate(grid.columns):
        sheet.set_column(position, position, _width(grid, column), styles["data"])
        _check_cells(sheet, grid, position, column)
    if table is not None:
        _fill(sheet, styles, grid, table)
    begins_with_code = next(iter(grid.columns.values()))[0].kind == "text_code"
    sheet.freeze_panes(HEADER_ROW, int(begins_with_code))
    sheet.repeat_rows(BAND_ROW - 1, HEADER_ROW - 1)
    sheet.print_area(BAND_ROW - 1, 0, FIRST_ROW + max(_filled(table), min(grid.rows, 25)) - 2, last)
    sheet.set_header(f"&L&B{title}")
    if grid.grain == "case":
        sheet.repeat_columns(0, 0)
        sheet.set_print_scale(75)
    else:
        sheet.fit_to_pages(1, 0)
    set_up_page(sheet, grid.year, lang, paper=A3 if grid.grain == "case" else A4, margin=0.4)
    _write_marks(sheet, styles, grid)


def _write_headings(sheet: Worksheet, styles: Styles, grid: Grid) -> None:
    of_variable = theme_of(grid.book.of_grain(grid.grain, grid.year))
    columns = list(grid.columns.items())
    begins = ""
    for position, (column, (variable, _code)) in enumerate(columns):
        theme = of_variable[variable.name]
        heading = grid.book.heading(column, grid.lang, grid.grain)
        proposed = grid.is_proposed(column)
        sheet.write_string(HEADER_ROW - 1, position, heading, styles.header(theme, proposed=proposed))
        if grid.grain == "case":
            text = label(f"L-template-theme-{theme.name}", grid.lang) if theme.name != begins else ""
            sheet.write_string(BAND_ROW - 1, position, text, styles.band(theme))
            begins = theme.name


def _write_marks(sheet: Worksheet, styles: Styles, grid: Grid) -> None:
    """Colour cells while the member types: red what is an error, yellow what is still to be answered."""
    names = list(grid.columns)
    row = f"${grid.letter(names[0])}{FIRST_ROW}:${grid.letter(names[-1])}{FIRST_ROW}"
    for position, (column, (variable, code)) in enumerate(grid.columns.items()):
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
        other = grid.book.variable(name, grid.grain)
        asked = f'${grid.letter(name)}{FIRST_ROW}="{grid.book.code(other, code).label(grid.lang)}"'
        if not (is_multi or variable.optional):
            yield f'=AND({asked},{cell}="")', "gap"
        if not is_multi:
            unknown = grid.book.special["unknown"].label(grid.lang)
            yield f'=AND({cell}<>"",{cell}<>"{unknown}",NOT({asked}))', "bad"


def _width(grid: Grid, column: str) -> float:
    """Wide enough for the longest word of the heading and for most answers."""
    heading = grid.book.heading(column, grid.lang, grid.grain)
    words = max(len(word) for word in heading.replace("-", "- ").split())
    shown = sorted(len(answer) for answer in grid.answers(column))
    usual = shown[len(shown) * 3 // 4] if shown else 8
    return max(9.0, min(24.0, usual * 1.05), words * 1.12 + 1)


def _lines(grid: Grid, column: str) -> int:
    """Return how many lines the heading takes in its column, word by word."""
    room, lines, used = _width(grid, column) / 1.1, 1, 0.0
    for word in grid.book.heading(column, grid.lang, grid.grain).split():
        if used and used + 1 + len(word) > room:
            lines, used = lines + 1, 0.0
        used += len(word) + (1 if used else 0)
    return lines


def _check_cells(sheet: Worksheet, grid: Grid, position: int, column: str) -> None:
    variable, _code = grid.columns[column]
    rule: dict[str, object]
    if variable.is_number:
        low, high = variable.minimum or 0, variable.maximum
        rule = {"validate": "integer", "criteria": "between", "minimum": low, "maximum": high}
        expected = label("L-template-expected-number", grid.lang, low=low, high=high)
    elif variable.kind == "text_code":
        cell = f"{xl_col_to_name(position)}{FIRST_ROW}"
        own = grid.own_part(cell)
        digits = f"SUMPRODUCT(--ISNUMBER(--MID({own},ROW($1:$9),1)))"
        case, most, signs = ("", 5, 5) if grid.grain != "case" else (f"EXACT({cell},UPPER({cell})),", 4, 3)
        within = f"LEN({own})-{digits}<={signs},ABS({digits}-{(most + 1) / 2})<={(most - 1) / 2}"
        rule = {"validate": "custom", "value": f"=AND({case}{within})"}  # a child abroad is NO-0012-b1
        expected = label("L-template-expected-code", grid.lang)
    else:
        rule = {"validate": "list", "source": f"={list_name(variable)}"}
        expected = label("L-template-expected-list", grid.lang)
    rule |= {
        "input_title": _shorten(variable.label(grid.lang), 32),
        "input_message": _shorten(_message(grid, column), 255),
        "error_title": label("L-template-error-title", grid.lang),
        "error_message": _shorten(expected, 255),
    }
    sheet.data_validation(FIRST_ROW - 1, position, grid.last_row - 1, position, rule)


def _message(grid: Grid, column: str) -> str:
    """Say what a cell asks: proposed or not, the answer, the help, and when it is asked."""
    variable, code = grid.columns[column]
    parts = [label("L-template-proposed", grid.lang)] if grid.is_proposed(column) else []
    if code is not None:
        parts.append(f"{code.label(grid.lang)}?")
    parts.append(variable.help(grid.lang))
    for name, needed in variable.asked_if.items():
        other = grid.book.variable(name, grid.grain)
        asked = {"question": other.label(grid.lang), "answer": grid.book.code(other, needed).label(grid.lang)}
        parts.append(label("L-template-asked-if", grid.lang, **asked))
    if variable.is_number:
        limits = {"low": variable.minimum or 0, "high": variable.maximum}
        parts.append(label("L-template-number-between", grid.lang, **limits))
    elif variable.kind != "text_code":
        key = "yes-no" if variable.kind in ("multi", "yes_no") else "choose"
        parts.append(label(f"L-template-{key}", grid.lang))
    return " ".join(part for part in parts if part)


def _shorten(text: str, length: int) -> str:
    return text if len(text) <= length else text[: length - 1].rstrip() + "…"


def _fill(sheet: Worksheet, styles: Styles, grid: Grid, table: pd.DataFrame) -> None:
    style = styles["data"]
    for position, column in enumerate(grid.columns):
        if column not in table:
            continue
        for row, value in enumerate(cells(table[column]), start=FIRST_ROW - 1):
            if isinstance(value, str):
                if value:
                    sheet.write_string(row, position, value, style)
            else:
                sheet.write_number(row, position, value, style)


def cells(values: pd.Series) -> Sequence[str | float]:
    """Return a column as the form holds it: text, numbers, and ``""`` for whatever is missing.

    Examples
    --------
    >>> cells(pd.Series(["ja", None, 3, float("nan")], dtype=object))
    ['ja', '', 3, '']
    """
    missing = values.isna()
    return ["" if gone else value for value, gone in zip(values.tolist(), missing.tolist(), strict=True)]


def _filled(table: pd.DataFrame | None) -> int:
    return 0 if table is None else len(table)
