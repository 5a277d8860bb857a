"""The sheet Check: sums, problems and gaps, counted by formulas while the member types; colours likewise.

Enters: grids and the cells that fill them. Leaves: one sheet whose formulas carry their true stored results,
so that a reader that does not calculate sees what Excel and LibreOffice will show.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
from xlsxwriter import Workbook
from xlsxwriter.worksheet import Worksheet

from platform_utils.form.expressions import (
    Answered,
    AnyRow,
    Expression,
    Says,
    Started,
    Within,
    all_of,
    any_of,
)  # fmt: skip
from platform_utils.form.grid import Grid, list_name
from platform_utils.form.rules import Rule, rules_of
from platform_utils.form.seen import Answers, Form, Typed
from platform_utils.form.style import Sheet, Styles, set_up_page
from platform_utils.messages import catalogue, label
from platform_utils.spec.codebook import Variable
from platform_utils.spec.form_of_year import GRAIN

_HELPER = 9
"""Hidden column, 0-based: filled cells of each row on the person sheet."""

_BELOW = 2000
_FEW = 0.8
"""Share answered below which a question is coloured."""

_SUMS: tuple[tuple[str, str, Expression, str, int], ...] = (
    ("rows", GRAIN, Started(), "", 1),
    ("persons", GRAIN, Started(), "person_count", 1),
    ("direct", GRAIN, Says("role", "direct"), "person_count", 1),
    ("children", GRAIN, Started(), "children_count", 0),
    ("programme", "programme", Started(), "", 1),
    ("sek", "programme", Started(), "amount_sek", 0),
    ("totals", "total", Started(), "person_count", 0),
)
"""Key of the label, sheet, rows, column that is added up (else rows), and what an empty cell of it counts."""

_WIDTHS = (15, 30, 62, 9, 8, 8, 62, 8)


@dataclass(frozen=True)
class Control:
    """What the sheet counts: the grids, and the cells that fill them."""

    grids: Mapping[str, Grid]
    typed: Mapping[str, Typed]
    has_member: bool

    @classmethod
    def of(
        cls, grids: Mapping[str, Grid], tables: Mapping[str, pd.DataFrame], *, has_member: bool
    ) -> Control:
        """Return what a form with these cells counts; ``has_member`` where the cover names the member."""
        typed = {grain: Typed(grid, tables.get(grain)) for grain, grid in grids.items()}
        return cls(grids, typed, has_member)

    @property
    def case(self) -> Grid:
        """The sheet of persons."""
        return self.grids[GRAIN]

    @property
    def lang(self) -> str:
        """Language of the form."""
        return self.case.lang

    def form(self, grain: str) -> Form:
        """Return the form seen from one sheet."""
        name = label("L-template-sheet-check", self.lang)
        return Form(self.grids, grain, f"{name}!$J${self.case.first_row}:$J${self.case.last_row}")

    def numbers(self, grain: str, column: str, otherwise: int) -> np.ndarray:
        """Return the whole numbers of a column that lie within its limits, and another number elsewhere."""
        answers = Answers(self.typed, grain, self.case.year)
        return np.where(answers.whole(column), answers.rows.number(column), otherwise)

    def holds(self, expression: Expression, grain: str) -> np.ndarray:
        """Return the rows of a sheet for which an expression holds."""
        return expression.holds(Answers(self.typed, grain, self.case.year))


def colour_cells(sheet: Worksheet, styles: Styles, control: Control, grain: str) -> None:
    """Colour cells while the member types: red what is an error, yellow what is to be looked at."""
    grid, form = control.grids[grain], replace(control.form(grain), in_row=True)
    for rule in rules_of(grid.year):
        for column, broken in rule.checks if rule.grain == grain else ():
            place = list(grid.columns).index(column or grid.told[0])
            look = styles["bad" if rule.severity == "error" else "gap"]
            shown = {"type": "formula", "criteria": f"={broken.formula(form)}>0", "format": look}
            sheet.conditional_format(grid.first_row - 1, place, grid.last_row - 1, place, shown)


@dataclass(frozen=True)
class _Line:
    """One line of the sheet: texts of its cells, the two formulas, and their results."""

    sheet: str
    column: str
    what: str
    severity: str
    do: str
    code: str
    count: str
    first: str
    counted: int
    first_row: int | str


def write_control(workbook: Workbook, styles: Styles, control: Control) -> None:
    """Write the sheet Check."""
    lang = control.lang
    sheet = workbook.add_worksheet(label("L-template-sheet-check", lang), Sheet)
    _write_helper(sheet, control)
    for position, width in enumerate(_WIDTHS):
        sheet.set_column(position, position, width)
    styles.write_title(sheet, label("L-template-title-check", lang), label("L-template-lead-check", lang))
    row = _write_sums(sheet, styles, control)
    first = row + 3
    row, found = _write_lines(sheet, styles, control, first)
    last, found["gap"] = _write_gaps(sheet, styles, control, row + 1)
    _write_verdict(sheet, styles, lang, {"rules": (first + 1, row), "gaps": (row + 4, last + 1)}, found)
    sheet.freeze_panes(3, 0)
    sheet.fit_to_pages(1, 0)
    sheet.print_area(0, 0, last, len(_WIDTHS) - 1)
    set_up_page(sheet, control.case.year, lang, margin=0.4)


def _write_helper(sheet: Worksheet, control: Control) -> None:
    grid, counts = control.case, control.typed[GRAIN].filled_counts()
    first, last = grid.letter(grid.told[0]), grid.letter(grid.told[-1])
    for offset in range(grid.rows):
        row = grid.first_row + offset
        value = int(counts[offset]) if offset < len(counts) else 0
        sheet.write_formula(row - 1, _HELPER, f"=COUNTA({grid.sheet}!{first}{row}:{last}{row})", None, value)
    sheet.set_column(_HELPER, _HELPER, None, None, {"hidden": True})


def _write_sums(sheet: Worksheet, styles: Styles, control: Control) -> int:
    lang, first = control.lang, 4
    sums, count = (label(f"L-template-check-{key}", lang) for key in ("sums", "count"))
    styles.write_heads(sheet, first, (sums, "", "", "", count))
    for row, (key, grain, which, column, otherwise) in enumerate(_SUMS, start=first + 1):
        form, number, times = control.form(grain), np.array(1), "1"
        if column:
            times = f"IF({form.whole(column)},{form.cells(column)},{otherwise})"
            number = control.numbers(grain, column, otherwise)
        sheet.merge_range(row, 0, row, 3, label(f"L-template-check-sum-{key}", lang), styles["cell"])
        value = int((control.holds(which, grain) * number).sum())
        _write_number(sheet, styles, (row, 4), f"SUM({which.formula(form)}*{times})", value)
    return first + len(_SUMS)


def _write_number(
    sheet: Worksheet, styles: Styles, at: tuple[int, int], formula: str, value: int | str
) -> None:
    sheet.write_array_formula(*at, *at, f"{{={formula}}}", styles["number"], value)


def _write_lines(sheet: Worksheet, styles: Styles, control: Control, row: int) -> tuple[int, dict[str, int]]:
    lang, first = control.lang, row
    heads = ("sheet", "question", "what", "kind", "count", "first", "do", "code")
    styles.write_heads(sheet, row - 1, [label(f"L-template-check-{key}", lang) for key in heads])
    found = {"error": 0, "warning": 0}
    rules = (_rule_line(control, r) for r in rules_of(control.case.year) if r.grain in control.grids)
    for line in (*_whole_form(control), *rules, *_typed_lines(control)):
        severity = label(f"L-template-check-{line.severity}", lang)
        texts = (line.sheet, line.column, line.what, severity, line.do, line.code)
        for position, text in zip((0, 1, 2, 3, 6, 7), texts, strict=True):
            sheet.write_string(row, position, text, styles["cell"])
        for position, formula, value in ((4, line.count, line.counted), (5, line.first, line.first_row)):
            _write_number(sheet, styles, (row, position), formula, value)
        longest = max(-(-len(line.what) // 70), -(-len(line.do) // 70), -(-len(line.column) // 34))
        sheet.set_row(row, 15 * max(1, longest) + 2)
        found[line.severity] += line.counted
        row += 1
    error = label("L-template-check-error", lang)
    for severity, style in ((f'$D{first + 1}="{error}"', "bad"), ("TRUE", "gap")):
        rule = {"type": "formula", "criteria": f"=AND($E{first + 1}>0,{severity})", "format": styles[style]}
        sheet.conditional_format(first, 0, row - 1, len(_WIDTHS) - 1, rule)
    return row, found


def _rule_line(control: Control, rule: Rule) -> _Line:
    grid, lang = control.grids[rule.grain], control.lang
    if rule.said:
        what, do = (label(f"L-template-check-{rule.said}{end}", lang) for end in ("", "-do"))
    else:
        main = _question(grid, rule.main) if rule.main else ""
        what, _, do = catalogue()[rule.code][lang].strip().format(main=main).split("\n")
    column = _question(grid, rule.checks[0][0]) if rule.checks[0][0] else ""
    places = [(c.formula(control.form(rule.grain)), control.holds(c, rule.grain)) for _, c in rule.checks]
    return _line(grid, (column, what, rule.severity, do, rule.code), places)


def _line(
    grid: Grid, texts: tuple[str, str, str, str, str], places: Sequence[tuple[str, np.ndarray]]
) -> _Line:
    """Return the line that counts places; ``texts`` are column, what, severity, what to do and code."""
    some = grid.range(grid.told[0])
    rows = [grid.first_row + int(np.flatnonzero(mask)[0]) for _, mask in places if mask.any()]
    firsts = ",".join(f"MIN(IF({formula},ROW({some}),9999999))" for formula, _ in places)
    return _Line(
        grid.sheet,
        *texts,
        count="+".join(f"SUM(1*{formula})" for formula, _ in places),
        first=f'IF(MIN({firsts})=9999999,"",MIN({firsts}))',
        counted=sum(int(mask.sum()) for _, mask in places),
        first_row=min(rows, default=""),
    )


def _question(grid: Grid, column: str) -> str:
    """Return the question that a column belongs to, in the words of the form."""
    name = column if column in grid.asked else column.partition("__")[0]
    return (
        grid.heading(name) if name in grid.columns else grid.book.variable(name, grid.grain).label(grid.lang)
    )


def _whole_form(control: Control) -> Iterator[_Line]:
    """Yield what concerns the whole form: an unnamed member, rows below the last one that is checked."""
    lang, case = control.lang, control.case
    cover = label("L-template-sheet-cover", lang)
    sheets = [GRAIN, *(grain for grain in control.grids if grain != GRAIN)]
    anything = any_of(AnyRow(grain) for grain in sheets)
    formula = f'1*({cover}!$B$4="")*{anything.formula(control.form(GRAIN))}'
    nameless = int(not control.has_member and any(control.typed[one].is_started().any() for one in sheets))
    what, _, do = catalogue()["E-226"][lang].strip().split("\n")
    texts = (cover, label("L-template-cover-member-id", lang), what, "error", do, "E-226")
    yield _Line(*texts, formula, f'IF({formula}>0,4,"")', nameless, 4 if nameless else "")
    letters = case.letter(case.told[0]), case.letter(case.told[-1])
    below = f"COUNTA({case.sheet}!${letters[0]}${case.last_row + 1}:${letters[1]}${case.last_row + _BELOW})"
    what, do = (label(f"L-template-check-below{end}", lang, row=case.last_row) for end in ("", "-do"))
    yield _Line(
        case.sheet, "", what, "warning", do, "", below, f'IF({below}>0,{case.last_row + 1},"")', 0, ""
    )


def _typed_lines(control: Control) -> Iterator[_Line]:
    """Yield what a pasted cell may hold: numbers outside their limits, answers outside their lists."""
    lang = control.lang
    for grain, grid in control.grids.items():
        groups: dict[tuple[str, str, str], list[tuple[str, np.ndarray]]] = {}
        for column, variable in grid.questions.items():
            if variable.kind == "text_code":
                continue
            key, title = "number" if variable.is_number else "outside-list", ""
            if grid.is_persons and not variable.is_number:
                title = label(f"L-template-theme-{grid.theme(column).name}", lang)
            severity = "error" if variable.holds_rows else "warning"
            groups.setdefault((key, title, severity), []).append(_unreadable(control, grain, variable))
        for (key, title, severity), places in groups.items():
            what, do = (label(f"L-template-check-{key}{end}", lang) for end in ("", "-do"))
            yield _line(grid, (title, what, severity, do, "E-203" if key != "number" else "E-204"), places)


def _unreadable(control: Control, grain: str, variable: Variable) -> tuple[str, np.ndarray]:
    """Return where a question's cells hold no answer that can be read, and how many of each row."""
    grid, typed, form = control.grids[grain], control.typed[grain], control.form(grain)
    first, *_ = columns = grid.columns_of(variable)
    if variable.is_number:
        special = Says(first, "blank", *(() if variable.must_be_known else ("unknown",)))
        good = Answered(first)
        formula = f"(1-{special.formula(form)})*(1-{good.formula(form)})"
        return formula, (~control.holds(special | good, grain)).astype(int)
    block = grid.range(first, columns[-1])
    wrong = [~typed.is_answered(c) & ~typed.is_code(c, "blank", "unknown") for c in columns]
    return f'({block}<>"")*(COUNTIF({list_name(variable)},{block}&"")=0)', np.sum(wrong, axis=0)


def _write_gaps(sheet: Worksheet, styles: Styles, control: Control, row: int) -> tuple[int, int]:
    lang, case = control.lang, control.case
    styles.write_ruled(sheet, row, label("L-template-check-gaps", lang), len(_WIDTHS) - 1)
    row += 1
    heads = ("theme", "", "question", "", "asked", "gap", "answered", "unknown")
    styles.write_heads(sheet, row, [key and label(f"L-template-check-{key}", lang) for key in heads])
    first, gaps = row + 1, 0
    for variable in case.book.of_grain(GRAIN, case.year):
        columns = case.columns_of(variable)
        is_shown = columns and (not case.asked or variable.name in case.asked)
        if variable.optional or variable.default is not None or variable.kind == "text_code" or not is_shown:
            continue
        row += 1
        theme = label(f"L-template-theme-{case.theme(columns[0]).name}", lang)
        sheet.merge_range(row, 0, row, 1, theme, styles["cell"])
        look = styles["cell_proposed" if case.is_proposed(columns[0]) else "cell"]
        sheet.merge_range(row, 2, row, 3, _question(case, columns[0]), look)
        gaps += _write_gap(sheet, styles, control, variable, columns, row)
    few = f"=AND(ISNUMBER($G{first + 1}),$G{first + 1}<{_FEW})"
    rule = {"type": "formula", "criteria": few, "format": styles["gap"]}
    sheet.conditional_format(first, 0, row, len(_WIDTHS) - 1, rule)
    return row, gaps


def _asked(control: Control, variable: Variable) -> Expression:
    """Return the rows in which a question is asked: by the codebook, and by the form of the year."""
    question = control.case.asked.get(variable.name)
    parts: list[Expression] = [Started()]
    parts += [Says(*pair) for pair in (*variable.asked_if.items(), *variable.open_if.items())]
    if question and question.asked_of == "labour":
        parts.append(Says("form__labour", "yes"))
    if question and question.asked_of != "all":
        parts.append(Says("role", "direct"))
    if variable.name.startswith("children_") and variable.name != "children_count":
        parts.append(Within("children_count", 1, 10**9))
    return all_of(parts)


def _write_gap(
    sheet: Worksheet, styles: Styles, control: Control, variable: Variable, columns: Sequence[str], row: int
) -> int:
    asked = _asked(control, variable)
    gap = asked & all_of(Says(column, "blank") for column in columns)
    unknown = asked & any_of(Says(column, "unknown") for column in columns)
    values = [int(control.holds(one, GRAIN).sum()) for one in (asked, gap, unknown)]
    for position, one, value in zip((4, 5, 7), (asked, gap, unknown), values, strict=True):
        _write_number(sheet, styles, (row, position), f"SUM(1*{one.formula(control.form(GRAIN))})", value)
    share = 1 - values[1] / values[0] if values[0] else ""
    excel = row + 1
    sheet.write_formula(row, 6, f'=IF(E{excel}=0,"",1-F{excel}/E{excel})', styles["share"], share)
    return values[1]


def _write_verdict(
    sheet: Worksheet,
    styles: Styles,
    lang: str,
    lines: Mapping[str, tuple[int, int]],
    found: Mapping[str, int],
) -> None:
    """Say on top how many errors, warnings and gaps there are; ``lines`` are 1-based first and last rows."""
    (first, last), (top, bottom) = lines["rules"], lines["gaps"]
    counts = {
        key: f'SUMIF($D${first}:$D${last},"{label(f"L-template-check-{key}", lang)}",$E${first}:$E${last})'
        for key in ("error", "warning")
    }
    counts["gap"] = f"SUM($F${top}:$F${bottom})"
    sheet.set_row(2, 28)
    for (left, right), (key, formula) in zip(((0, 1), (2, 2), (3, 7)), counts.items(), strict=True):
        text = label(f"L-template-check-verdict-{key}", lang)
        if right > left:
            sheet.merge_range(2, left, 2, right, "", styles["verdict"])
        sheet.write_formula(2, left, f'="{text}: "&{formula}', styles["verdict"], f"{text}: {found[key]}")
        bad = styles["bad" if key == "error" else "gap"]
        for sign, style in ((">", bad), ("=", styles["good"])):
            rule = {"type": "formula", "criteria": f"={formula}{sign}0", "format": style}
            sheet.conditional_format(2, left, 2, right, rule)
