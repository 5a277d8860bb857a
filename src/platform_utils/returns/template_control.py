"""The sheet Check: sums, problems and gaps, counted by formulas while the member types.

Enters: grids and the cells that fill them. Leaves: one sheet whose formulas carry their true stored results,
so that a reader that does not calculate sees what Excel and LibreOffice will show.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd
from xlsxwriter import Workbook
from xlsxwriter.worksheet import Worksheet

from platform_utils.messages import label
from platform_utils.returns.template_conditions import Answers, Condition
from platform_utils.returns.template_grid import FIRST_ROW, Grid
from platform_utils.returns.template_rules import Rule, form_rules
from platform_utils.returns.template_style import Styles, set_up_page, theme_of
from platform_utils.spec.codebook import Variable

__all__ = ["write_control"]

_HELPER = 8
"""Hidden column, 0-based: filled cells of each row on the person sheet."""

_BELOW = 2000
_FEW = 0.8
"""Share answered below which a question is coloured."""


def write_control(
    workbook: Workbook,
    styles: Styles,
    grids: Mapping[str, Grid],
    tables: Mapping[str, pd.DataFrame],
    member_id: str | None,
) -> None:
    """Write the sheet Check; ``member_id`` is None where the cover does not name the member."""
    case = grids["case"]
    lang = case.lang
    name = label("L-template-sheet-check", lang)
    sheet = workbook.add_worksheet(name)
    answers = {grain: Answers(grid, tables.get(grain)) for grain, grid in grids.items()}
    started = answers["case"].started(f"{name}!$I${FIRST_ROW}:$I${case.last_row}")
    _write_helper(sheet, answers["case"])
    for position, width in enumerate((23, 66, 11, 9, 10, 62)):
        sheet.set_column(position, position, width)
    styles.write_title(sheet, label("L-template-title-check", lang), label("L-template-lead-check", lang))
    row = _write_sums(sheet, styles, answers, started)
    rules = form_rules(answers, started)
    first = row + 3
    row, found = _write_rules(sheet, styles, answers, rules, member_id, first)
    last, found["gap"] = _write_gaps(sheet, styles, answers["case"], started, row + 1)
    _write_verdict(sheet, styles, lang, {"rules": (first + 1, row), "gaps": (row + 4, last + 1)}, found)
    sheet.freeze_panes(3, 0)
    sheet.fit_to_pages(1, 0)
    sheet.print_area(0, 0, last, 5)
    set_up_page(sheet, case.year, lang, margin=0.4)


def _write_helper(sheet: Worksheet, case: Answers) -> None:
    grid = case.grid
    first, last = grid.letter(next(iter(grid.columns))), grid.letter(list(grid.columns)[-1])
    counts = case.filled_counts()
    for offset in range(grid.rows):
        row = FIRST_ROW + offset
        value = int(counts[offset]) if offset < len(counts) else 0
        sheet.write_formula(row - 1, _HELPER, f"=COUNTA({grid.sheet}!{first}{row}:{last}{row})", None, value)
    sheet.set_column(_HELPER, _HELPER, None, None, {"hidden": True})


def _write_sums(sheet: Worksheet, styles: Styles, answers: Mapping[str, Answers], started: Condition) -> int:
    case, programme, total = answers["case"], answers["programme"], answers["total"]
    lang = case.grid.lang
    persons = case.grid.range("person_count")
    numbers = np.where(np.isnan(case.numbers("person_count")), 1, case.numbers("person_count"))
    begun = started.mask()
    direct = case.says("role", "direct")
    weight = f"IF(ISNUMBER({persons}),{persons},1)"
    lines = {
        "rows": (f"SUM({started.formula}*1)", int(begun.sum())),
        "persons": (f"SUM({started.formula}*{weight})", int(numbers[begun].sum())),
        "direct": (f"SUM({direct.formula}*{weight})", int(numbers[direct.mask()].sum())),
        "children": (
            f"SUM({case.grid.range('children_count')})", int(np.nansum(case.numbers("children_count"))),
        ),
        "programme": (f"SUM({programme.started().formula}*1)", int(programme.started().mask().sum())),
        "sek": (
            f"SUM({programme.grid.range('amount_sek')})", int(np.nansum(programme.numbers("amount_sek"))),
        ),
        "totals": (
            f"SUM({total.grid.range('person_count')})", int(np.nansum(total.numbers("person_count"))),
        ),
    }  # fmt: skip
    row = 4
    sums, count = (label(f"L-template-check-{key}", lang) for key in ("sums", "count"))
    styles.write_heads(sheet, row, (sums, "", "", count))
    for key, (formula, value) in lines.items():
        row += 1
        sheet.merge_range(row, 0, row, 2, label(f"L-template-check-sum-{key}", lang), styles["cell"])
        sheet.write_array_formula(row, 3, row, 3, f"{{={formula}}}", styles["number"], value)
    return row


def _write_rules(
    sheet: Worksheet,
    styles: Styles,
    answers: Mapping[str, Answers],
    rules: list[Rule],
    member_id: str | None,
    row: int,
) -> tuple[int, dict[str, int]]:
    lang = answers["case"].grid.lang
    heads = ("sheet", "what", "kind", "count", "first", "do")
    styles.write_heads(sheet, row - 1, [label(f"L-template-check-{key}", lang) for key in heads])
    first = row
    error = label("L-template-check-error", lang)
    found = {"error": 0, "warning": 0}
    for line in (*_form_lines(answers, member_id), *(_rule_line(rule, answers) for rule in rules)):
        texts, count, value, first_row, row_value = line
        for position, text in enumerate(texts):
            sheet.write_string(row, (0, 1, 2, 5)[position], text, styles["cell"])
        sheet.write_array_formula(row, 3, row, 3, f"{{={count}}}", styles["number"], value)
        sheet.write_array_formula(row, 4, row, 4, f"{{={first_row}}}", styles["number"], row_value)
        sheet.set_row(row, 15 * max(1, -(-len(texts[1]) // 76), -(-len(texts[3]) // 72)) + 2)
        found["error" if texts[2] == error else "warning"] += value
        row += 1
    for severity, style in ((f'$C{first + 1}="{error}"', "bad"), ("TRUE", "gap")):
        rule = {"type": "formula", "criteria": f"=AND($D{first + 1}>0,{severity})", "format": styles[style]}
        sheet.conditional_format(first, 0, row - 1, 5, rule)
    return row, found


Line = tuple[tuple[str, str, str, str], str, int, str, int | str]


def _rule_line(rule: Rule, answers: Mapping[str, Answers]) -> Line:
    grid = answers[rule.grain].grid
    lang = grid.lang
    fields = {k: label(v, lang) if v.startswith("L-template-") else v for k, v in rule.fields.items()}
    texts = (
        grid.sheet,
        label(f"L-template-check-{rule.key}", lang, **fields),
        label(f"L-template-check-{rule.severity}", lang),
        label(f"L-template-check-{rule.key}-do", lang, **fields),
    )
    value, rows = 0, []
    for condition in rule.conditions:
        mask = condition.mask()
        value += int(mask.sum())
        broken = np.flatnonzero(mask.any(axis=1) if mask.ndim == 2 else mask)
        rows += [FIRST_ROW + int(broken[0])] if len(broken) else []
    counts = "+".join(f"SUM(1*{c.formula})" for c in rule.conditions)
    some = grid.range(next(iter(grid.columns)))
    firsts = ",".join(f"MIN(IF({c.formula},ROW({some}),9999999))" for c in rule.conditions)
    first_row = f'IF(MIN({firsts})=9999999,"",MIN({firsts}))'
    return texts, counts, value, first_row, min(rows) if rows else ""


def _form_lines(answers: Mapping[str, Answers], member_id: str | None) -> list[Line]:
    """Count what concerns the whole form: an unnamed member, rows below the last one that is checked."""
    case, total = answers["case"].grid, answers["total"].grid
    lang = case.lang
    cover, check = (label(f"L-template-sheet-{key}", lang) for key in ("cover", "check"))
    anything = f"(SUM({check}!$I${FIRST_ROW}:$I${case.last_row})+COUNTA({total.range('role')})>0)"
    missing = f'1*({cover}!$B$4="")*{anything}'
    begun = answers["case"].filled_counts().sum() + (answers["total"].texts("role") != "").sum() > 0
    nameless = int(member_id is None and bool(begun))
    error = label("L-template-check-error", lang)
    letters = case.letter("person_code"), case.letter(list(case.columns)[-1])
    below = f"COUNTA({case.sheet}!${letters[0]}${case.last_row + 1}:${letters[1]}${case.last_row + _BELOW})"
    nobody = [label(f"L-template-check-no-member{ending}", lang) for ending in ("", "-do")]
    named = (cover, nobody[0], error, nobody[1])
    fitting = label("L-template-check-below", lang, row=case.last_row)
    longer = (case.sheet, fitting, error, label("L-template-check-below-do", lang))
    return [
        (named, missing, nameless, f'IF({missing}>0,4,"")', 4 if nameless else ""),
        (longer, below, 0, f'IF({below}>0,{case.last_row + 1},"")', ""),
    ]


def _write_gaps(
    sheet: Worksheet, styles: Styles, case: Answers, started: Condition, row: int
) -> tuple[int, int]:
    lang = case.grid.lang
    styles.write_ruled(sheet, row, label("L-template-check-gaps", lang), 5)
    row += 1
    heads = ("theme", "question", "asked", "gap", "unknown", "answered")
    styles.write_heads(sheet, row, [label(f"L-template-check-{key}", lang) for key in heads])
    first, gaps = row + 1, 0
    variables = case.grid.book.of_grain("case", case.grid.year)
    themes = theme_of(variables)
    for variable in variables:
        if variable.optional or variable.default is not None or variable.kind == "text_code":
            continue
        row += 1
        sheet.write_string(
            row, 0, label(f"L-template-theme-{themes[variable.name].name}", lang), styles["cell"]
        )
        gaps += _write_gap(sheet, styles, case, started, variable, row)
    few = {
        "type": "formula",
        "criteria": f'=AND($F{first + 1}<>"",$F{first + 1}<{_FEW})',
        "format": styles["gap"],
    }
    sheet.conditional_format(first, 0, row, 5, few)
    return row, gaps


def _write_gap(
    sheet: Worksheet, styles: Styles, case: Answers, started: Condition, variable: Variable, row: int
) -> int:
    grid = case.grid
    columns = list(grid.book.columns(variable, grid.year))
    asked = started
    for name, code in variable.asked_if.items():
        asked = asked & case.says(name, code)
    if variable.name == "labour_branch":
        asked = asked & case.says("form__labour", "yes")
    if variable.name.startswith("children_") and variable.name != "children_count":
        asked = asked & case.within("children_count", 1, 10**9)
    gap = asked & ~case.any_filled(columns)
    sheet.write_string(
        row, 1, variable.label(grid.lang), styles["cell_proposed" if variable.mark == "I" else "cell"]
    )
    conditions = [asked, gap]
    if not variable.is_number:
        conditions.append(asked & case.any_says(columns, "unknown"))
    values = [int(condition.mask().sum()) for condition in conditions]
    for position, (condition, value) in enumerate(zip(conditions, values, strict=True), start=2):
        sheet.write_array_formula(
            row, position, row, position, f"{{=SUM(1*{condition.formula})}}", styles["number"], value
        )
    if variable.is_number:
        sheet.write_blank(row, 4, None, styles["number"])
    share = 1 - values[1] / values[0] if values[0] else ""
    excel = row + 1
    sheet.write_formula(row, 5, f'=IF(C{excel}=0,"",1-D{excel}/C{excel})', styles["share"], share)

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
        key: f'SUMIF($C${first}:$C${last},"{label(f"L-template-check-{key}", lang)}",$D${first}:$D${last})'
        for key in ("error", "warning")
    }
    counts["gap"] = f"SUM($D${top}:$D${bottom})"
    sheet.set_row(2, 28)
    for (left, right), (key, formula) in zip(((0, 1), (2, 4), (5, 5)), counts.items(), strict=True):
        text = label(f"L-template-check-verdict-{key}", lang)
        value = f"{text}: {found[key]}"
        if right > left:
            sheet.merge_range(2, left, 2, right, "", styles["verdict"])
        sheet.write_formula(2, left, f'="{text}: "&{formula}', styles["verdict"], value)
        bad = styles["bad" if key == "error" else "gap"]
        for sign, style in ((">", bad), ("=", styles["good"])):
            rule = {"type": "formula", "criteria": f"={formula}{sign}0", "format": style}
            sheet.conditional_format(2, left, 2, right, rule)
