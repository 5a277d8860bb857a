"""Where everything stands on a sheet that members fill in, and the sheet itself.

Enters: the columns of one grain and year. Leaves: headings, drop-downs, input messages, number checks,
colours and, for filled forms, the cells. Rule: headings and drop-downs come from the codebook alone.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

import pandas as pd
from xlsxwriter import Workbook
from xlsxwriter.utility import xl_col_to_name
from xlsxwriter.worksheet import Worksheet

from platform_utils.form.style import A3, A4, Sheet, Styles, Theme, set_up_page, settings, theme_of
from platform_utils.messages import label
from platform_utils.spec import grains
from platform_utils.spec.codebook import Code, Codebook, Variable
from platform_utils.spec.form_columns import form_columns, offered
from platform_utils.spec.form_of_year import GRAIN, Question, form_of

BAND_ROW, HEADER_ROW = 3, 4
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
    columns : mapping of column to (Variable, Code or None)
        From left to right.
    """

    grain: str
    year: int
    lang: str
    book: Codebook
    rows: int
    member_id: str = ""
    columns: Mapping[str, tuple[Variable, Code | None]] = field(init=False)

    def __post_init__(self) -> None:
        asked = dict(form_columns(self.grain, self.year))
        object.__setattr__(self, "columns", asked)
        if self.asked:  # what is folded stands after the last visible question of its theme
            themes = list(dict.fromkeys(one.theme for one in self.asked.values()))
            place = {name: place for place, name in enumerate(dict.fromkeys((*self.asked, *asked)))}
            by_theme = sorted(
                asked, key=lambda c: (themes.index(self.theme(c).name), c not in self.asked, place[c])
            )
            object.__setattr__(self, "columns", {name: asked[name] for name in by_theme})

    @cached_property
    def asked(self) -> Mapping[str, Question]:
        """The visible questions, where the form of the year has such."""
        return form_of(self.year) if self.is_persons else {}

    @property
    def told(self) -> list[str]:
        """The columns that say something: all but a code that stands there before anybody writes."""
        return [c for c in self.columns if c not in self.asked or self.asked[c].must != "prefilled"]

    @cached_property
    def questions(self) -> Mapping[str, Variable]:
        """Every question by its first column, from left to right."""
        firsts: dict[str, str] = {}
        for column, (variable, _) in self.columns.items():
            firsts.setdefault(variable.name, column)
        return {column: self.columns[column][0] for column in firsts.values()}

    def columns_of(self, variable: Variable) -> list[str]:
        """Return the columns of a question, from left to right; none if the form does not have it."""
        return [column for column, (one, _) in self.columns.items() if one.name == variable.name]

    @property
    def is_persons(self) -> bool:
        """Whether it is the sheet of persons."""
        return self.grain == GRAIN

    @property
    def code_limits(self) -> tuple[int, int]:
        """Most digits and most other signs of a running code; elsewhere a child abroad is NO-0012-b1."""
        return (4, 3) if self.is_persons else (5, 5)

    @property
    def sheet(self) -> str:
        """Name of the sheet."""
        return grains.load()[self.grain].sheet(self.lang)

    @property
    def first_row(self) -> int:
        """First data row, 1-based: under the example, if there is one."""
        return HEADER_ROW + 1 + bool(self.asked)

    @property
    def last_row(self) -> int:
        """Last data row, 1-based."""
        return self.first_row + self.rows - 1

    @cached_property
    def _letters(self) -> Mapping[str, str]:
        return {column: xl_col_to_name(position) for position, column in enumerate(self.columns)}

    def letter(self, column: str) -> str:
        """Return the letter of a column, such as ``"D"``."""
        return self._letters[column]

    def theme(self, column: str) -> Theme:
        """Return the group of questions that a column belongs to."""
        if column in self.asked:
            return next(one for one in settings().themes if one.name == self.asked[column].theme)
        return theme_of(self.book.of_grain(self.grain, self.year))[column.partition("__")[0]]

    def heading(self, column: str) -> str:
        """Return a column's heading."""
        return self.book.heading(column, self.lang, self.grain, self.year)

    def text(self, column: str, code: str) -> str:
        """Return the text that says a code in a cell of the column; ``"blank"`` is an empty one."""
        if code == "blank":
            return ""
        variable = self.columns[column][0]
        answers = {one.code: one for one in self.book.answers(variable)}
        return answers[code].label_in(self.year, self.lang)

    def no_code(self, cell: str) -> str:
        """Return the formula that holds where a cell is no running code of the member's."""
        own = f'SUBSTITUTE({cell},"{self.member_id}","",1)' if self.member_id else f'({cell}&"")'
        digits = "+".join(f'LEN({own})-LEN(SUBSTITUTE({own},"{digit}",""))' for digit in range(10))
        most, signs = self.code_limits
        case = f"(1-EXACT({cell},UPPER({cell})))" if self.is_persons else "0"
        within = f"(ABS({digits}-{(most + 1) / 2})>{(most - 1) / 2})+(LEN({own})-({digits})>{signs})"
        return f"(({within}+{case})>0)"

    def range(self, first: str, last: str | None = None) -> str:
        """Return the data cells of one column, or of neighbouring ones, as other sheets name them."""
        sheet = "'" + self.sheet.replace("'", "''") + "'" if " " in self.sheet else self.sheet
        return f"{sheet}!${self.letter(first)}${self.first_row}:${self.letter(last or first)}${self.last_row}"

    def answers(self, column: str) -> list[str]:
        """Return what a drop-down offers, empty for numbers and identifiers; unknown comes last."""
        variable, _code = self.columns[column]
        if variable.is_number or variable.kind == "text_code":
            return []
        codes = offered(codes_of(variable), self.year)
        return [one.label_in(self.year, self.lang) for one in (*codes, self.book.special["unknown"])]

    def is_proposed(self, column: str) -> bool:
        """Say whether no source shows the question (or, for multi-select, the answer)."""
        variable, code = self.columns[column]
        return not self.asked and (variable.mark == "I" or (code is not None and code.mark == "I"))


def codes_of(variable: Variable) -> str:
    """Return the list that a cell's answer is chosen from."""
    return "yes_no" if variable.kind in ("multi", "yes_no") else str(variable.codes)


def list_name(variable: Variable) -> str:
    """Return the named range of a variable's drop-down."""
    return f"lista_{codes_of(variable)}"


def quoted(text: str) -> str:
    """Return a text as formulas hold it."""
    return '"' + text.replace('"', '""') + '"'


def write_grid(workbook: Workbook, styles: Styles, grid: Grid, table: pd.DataFrame | None) -> Worksheet:
    """Write one sheet: titles, bands, headings, unlocked data columns with checks, and the cells given."""
    sheet = workbook.add_worksheet(grid.sheet, Sheet)
    lang, last = grid.lang, len(grid.columns) - 1
    grain, is_short = grains.load()[grid.grain], bool(grid.asked)
    title = grain.title.label(lang).format(year=grid.year)
    sheet.write_string(0, 0, title, styles["title"])
    lead = label("L-template-lead-short", lang) if is_short else grain.lead.label(lang)
    sheet.write_string(1, 0, lead, styles["lead"])
    if is_short:
        sheet.set_default_row(21)
    for row, height in enumerate((24, 18, 18)):
        sheet.set_row(row, height, styles["plain"])
    shown = [column for column in grid.columns if column in grid.asked or not is_short]
    sheet.set_row(HEADER_ROW - 1, 15 * max(_lines(grid, column) for column in shown) + 4)
    _write_headings(sheet, styles, grid)
    for position, column in enumerate(grid.columns):
        after_folded = bool(position) and is_short and list(grid.columns)[position - 1] not in grid.asked
        folded = {"level": 1, "hidden": True} if is_short and column not in shown else {}
        outline = folded or ({"collapsed": True} if after_folded else {})
        sheet.set_column(position, position, _width(grid, column), styles["data"], outline)
        _check_cells(sheet, grid, position, column)
    _fill(sheet, styles, grid, table)
    begins_with_code = next(iter(grid.columns.values()))[0].kind == "text_code"
    sheet.freeze_panes(grid.first_row - 1, int(begins_with_code))
    sheet.repeat_rows(BAND_ROW - 1, HEADER_ROW - 1)
    filled = 0 if table is None else len(table)
    sheet.print_area(BAND_ROW - 1, 0, grid.first_row + max(filled, min(grid.rows, 27)) - 2, last)
    sheet.set_header(f"&L&B{title}")
    if grid.is_persons:
        sheet.repeat_columns(0, 0)
    if grid.is_persons and not is_short:
        sheet.set_print_scale(75)
    else:
        sheet.fit_to_pages(1 + is_short, 0)
    if is_short:
        sheet.set_column(last + 1, last + 1, 2, None, {"collapsed": True})
    # Excel opens no folded group on a protected sheet: the headings of a short form are kept by their checks
    paper = A3 if grid.is_persons and not is_short else A4
    set_up_page(sheet, grid.year, lang, paper=paper, margin=0.4, is_locked=not is_short)
    return sheet


def _write_headings(sheet: Worksheet, styles: Styles, grid: Grid) -> None:
    begins = ""
    for position, column in enumerate(grid.columns):
        theme, asked = grid.theme(column), grid.asked.get(column)
        look = styles.header(theme, proposed=grid.is_proposed(column))
        sheet.write_string(HEADER_ROW - 1, position, grid.heading(column), look)
        if not grid.is_persons:
            continue
        text = label(f"L-template-theme-{theme.name}", grid.lang) if theme.name != begins else ""
        begins = theme.name
        if asked:
            text = label(f"L-template-{asked.must}", grid.lang)
            example = styles["example"]
            sheet.write(HEADER_ROW, position, _example(grid, column, asked), example)
        band = styles["must"] if asked and asked.must == "must" else styles.band(theme)
        sheet.write_string(BAND_ROW - 1, position, text, band)
    if grid.asked:
        sheet.set_row(HEADER_ROW, 45)
        keep = {
            "validate": "custom",
            "value": "=FALSE",
            "error_title": label("L-template-error-title", grid.lang),
        }
        keep["error_message"] = label("L-template-keep-headings", grid.lang)
        sheet.data_validation(HEADER_ROW - 1, 0, HEADER_ROW, len(grid.columns) - 1, keep)


def _example(grid: Grid, column: str, asked: Question) -> str | int:
    variable = grid.columns[column][0]
    if variable.kind == "text_code":
        return label("L-template-example", grid.lang)
    if variable.is_number:
        return int(asked.example)
    return grid.text(column, asked.example) if asked.example else ""


def _width(grid: Grid, column: str) -> float:
    """Wide enough for the longest word of the heading and for most answers."""
    words = max(len(word) for word in grid.heading(column).replace("-", "- ").split())
    shown = sorted(len(answer) for answer in grid.answers(column))
    usual = shown[len(shown) * 3 // 4] if shown else 8
    return max(9.0, min(14.0 if grid.asked else 24.0, usual * 1.05), words * 1.12 + 1)


def _lines(grid: Grid, column: str) -> int:
    """Return how many lines the heading takes in its column, word by word."""
    room, lines, used = _width(grid, column) / 1.1, 1, 0.0
    for word in grid.heading(column).split():
        if used and used + 1 + len(word) > room:
            lines, used = lines + 1, 0.0
        used += len(word) + (1 if used else 0)
    return lines


def _check_cells(sheet: Worksheet, grid: Grid, position: int, column: str) -> None:
    variable, _code = grid.columns[column]
    cell = f"{xl_col_to_name(position)}{grid.first_row}"
    rule: dict[str, object] = {"validate": "custom"}
    if variable.is_number:
        low, high = variable.limits
        within = f"AND({cell}>={low},{cell}<={high},{cell}=INT({cell}))"
        unknown = "FALSE" if variable.must_be_known else f"{cell}={quoted(grid.text(column, 'unknown'))}"
        rule["value"] = f"=IF(ISNUMBER({cell}),{within},{unknown})"
        expected = label("L-template-expected-number", grid.lang, low=low, high=high)
    elif variable.kind == "text_code":
        rule["value"] = f"=NOT({grid.no_code(cell)})"
        expected = label("L-template-expected-code", grid.lang)
    else:
        rule = {"validate": "list", "source": f"={list_name(variable)}"}
        expected = label("L-template-expected-list", grid.lang)
    rule |= {
        "input_title": _shorten(grid.heading(column), 32),
        "input_message": _shorten(_message(grid, column), 255),
        "error_title": label("L-template-error-title", grid.lang),
        "error_message": _shorten(expected, 255),
    }
    sheet.data_validation(grid.first_row - 1, position, grid.last_row - 1, position, rule)


def _message(grid: Grid, column: str) -> str:
    """Say what a cell asks: how to answer, or what the codebook says of it."""
    if column in grid.asked:
        return grid.asked[column].how.label(grid.lang)
    variable, code = grid.columns[column]
    parts = [label("L-template-proposed", grid.lang)] if grid.is_proposed(column) else []
    if code is not None:
        parts.append(f"{code.label_in(grid.year, grid.lang)}?")
    parts += [variable.help(grid.lang), *asked_if(grid, variable)]
    if variable.is_number:
        low, high = variable.limits
        parts.append(label("L-template-number-between", grid.lang, low=low, high=high))
    elif variable.kind != "text_code":
        key = "yes-no" if variable.kind in ("multi", "yes_no") else "choose"
        parts.append(label(f"L-template-{key}", grid.lang))
    return " ".join(part for part in parts if part)


def asked_if(grid: Grid, variable: Variable) -> Iterator[str]:
    """Yield in which case a question is asked, in the words of the codebook."""
    for name, needed in variable.asked_if.items():
        other = grid.book.variable(name, grid.grain)
        answer = grid.book.code(other, needed).label_in(grid.year, grid.lang)
        yield label("L-template-asked-if", grid.lang, question=other.label(grid.lang), answer=answer)


def _shorten(text: str, length: int) -> str:
    return text if len(text) <= length else text[: length - 1].rstrip() + "…"


def _fill(sheet: Worksheet, styles: Styles, grid: Grid, table: pd.DataFrame | None) -> None:
    style = styles["data"]
    given = {} if table is None else {str(name): cells(table[name]) for name in table}
    if grid.asked:
        prefilled = [f"P{number:03d}" for number in range(1, min(grid.rows, settings().prefilled) + 1)]
        own = given.get(next(iter(grid.columns)), ())
        given[next(iter(grid.columns))] = [*own, *prefilled[len(own) :]]
    for position, column in enumerate(grid.columns):
        for row, value in enumerate(given.get(column, ()), start=grid.first_row - 1):
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
