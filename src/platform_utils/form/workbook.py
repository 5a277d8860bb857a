"""Write the workbook that members fill in, and fill it.

Enters: year, language and, for filled forms, cells by grain. Leaves: one Excel file whose bytes depend on
nothing else. Rule: everything asked, offered and checked comes from the codebook.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Collection, Mapping
from datetime import datetime
from pathlib import Path

import pandas as pd
from xlsxwriter import Workbook
from xlsxwriter.utility import xl_col_to_name
from xlsxwriter.worksheet import Worksheet

from platform_utils.errors import ContractError, UsageError
from platform_utils.form.control import Control, colour_cells, write_control
from platform_utils.form.grid import Grid, asked_if, codes_of, write_grid
from platform_utils.form.style import Styles, set_up_page, settings
from platform_utils.messages import LANGUAGES, label
from platform_utils.paths import write_atomically
from platform_utils.spec import grains
from platform_utils.spec.codebook import Variable, load
from platform_utils.spec.form_columns import offered

_SPARE = 50
"""Empty rows kept below the rows that a filled form brings."""

_OTHERWISE = (1, 2, 3, 5, 6, 7, 8)
"""Rules of filling in that a form with folded questions says in other words."""


def write_template(
    path: Path,
    year: int,
    lang: str,
    *,
    member_id: str | None = None,
    member_name: str | None = None,
    tables: Mapping[str, pd.DataFrame] | None = None,
    desk: Mapping[str, str] | None = None,
    carries: Collection[str] = (),
) -> None:
    """Write the form of one year, empty or filled.

    Parameters
    ----------
    path : Path
        File to write (``.xlsx``); it appears whole or not at all.
    year : int
        Support year; decides which questions and answers the form has.
    lang : {"sv", "en"}
        Language of the form.
    member_id, member_name : str, optional
        Printed on the cover and locked there; without them the member fills them in.
    tables : mapping of grain to DataFrame, shape (n_rows, n_columns), optional
        Cells as they shall stand, by codebook column (``form__sexual``): texts in the form's language
        or numbers; missing values and ``""`` are empty cells. Nothing is checked or recoded.
    desk : mapping of str to str, optional
        ``deadline`` and ``contact`` as this desk's settings say them; what is not set is a blank line.
    carries : collection of str
        What the member carries, such as ``"nsp"``: its sheets stand there, and those that bring cells.

    Raises
    ------
    UsageError
        E-001 for an unknown language, E-190 for a year that no form exists for.
    ContractError
        E-191 if a table has a grain or column that the form of that year lacks.
    FileError
        E-012 if the file cannot be written.
    """
    if lang not in LANGUAGES:
        raise UsageError("E-001", lang=lang)
    first = settings().first_year
    if not first <= year <= 2100:
        raise UsageError("E-190", year=year, first=first)
    tables = dict(tables or {})
    grids = _grids(year, lang, tables, member_id or "", carries)
    with write_atomically(path) as partial:
        workbook = Workbook(str(partial), {"in_memory": True})
        workbook.set_properties(
            {
                "title": label("L-template-title-cover", lang, year=year),
                "comments": f"{year}-{lang}",
                "created": datetime(year, 1, 1),  # noqa: DTZ001 - Excel's dates have no zone, and this one is fixed
            }
        )
        styles = Styles(workbook)
        given = {"member-id": member_id or "", "member": member_name or "", **(desk or {})}
        _write_cover(workbook, styles, year, lang, given, grids).activate()
        _write_guidance(workbook, styles, grids)
        control = Control.of(grids, tables, has_member=member_id is not None)
        for grain, grid in grids.items():
            colour_cells(write_grid(workbook, styles, grid, tables.get(grain)), styles, control, grain)
        _write_code_lists(workbook, styles, grids)
        write_control(workbook, styles, control)
        workbook.close()


def _grids(
    year: int, lang: str, tables: Mapping[str, pd.DataFrame], member_id: str, carries: Collection[str]
) -> dict[str, Grid]:
    book, rows = load(), settings().rows
    grids: dict[str, Grid] = {}
    for name, grain in grains.load().items():
        if grain.carried and grain.carried not in carries and name not in tables:
            continue
        usual = 1 if grain.one_row else rows.get(name, rows["other"])
        needed = len(tables[name]) if name in tables else 0
        rows_needed = needed + _SPARE if needed > usual else usual
        grids[name] = Grid(name, year, lang, book, rows_needed, member_id)
    for name, table in tables.items():
        unknown = set(table.columns) - set(grids[name].columns) if name in grids else {"-"}
        if unknown:
            raise ContractError("E-191", grain=name, year=year, columns=", ".join(sorted(map(str, unknown))))
    return grids


def _write_cover(
    workbook: Workbook, styles: Styles, year: int, lang: str, given: Mapping[str, str], shown: Collection[str]
) -> Worksheet:
    """Write who hands in what for which year until when, and what is kept, by whom, until when."""
    sheet = workbook.add_worksheet(label("L-template-sheet-cover", lang))
    sheet.hide_gridlines(2)
    sheet.set_column(0, 0, 24)
    sheet.set_column(1, 1, 84)
    title, lead = label("L-template-title-cover", lang, year=year), label("L-template-lead-cover", lang)
    styles.write_title(sheet, title, lead)
    for row, key in enumerate(("member-id", "member"), start=3):
        said = label(f"L-template-cover-{key}", lang)
        sheet.write_string(row, 0, said, styles["label"])
        sheet.write_string(row, 1, given[key], styles["fixed" if given[key] else "entry"])
        help_ = {"input_title": said, "input_message": label(f"L-template-cover-{key}-help", lang)}
        sheet.data_validation(row, 1, row, 1, {"validate": "length", "criteria": "<=", "value": 120} | help_)
    told = {"year": year, "form-version": f"{year}-{lang}"}
    told |= {key: given.get(key, "") for key in ("deadline", "contact")}
    for row, (key, value) in enumerate(told.items(), start=5):
        sheet.write_string(row, 0, label(f"L-template-cover-{key}", lang), styles["label"])
        sheet.write(row, 1, value, styles["fixed"])
    row, until = 10, year + settings().keep_years
    for key in ("do", "kept", "by-whom", "until", "never"):
        sheet.write_string(row, 0, label(f"L-template-cover-{key}", lang), styles["label"])
        text = label(f"L-template-cover-{key}-text", lang, year=year, until=until, next=year + 1)
        sheet.write_string(row, 1, text, styles["fixed"])
        sheet.set_row(row, 15 * max(1, -(-len(text) // 84)) + 4)
        row += 1
    _write_contents(sheet, styles, lang, row + 1, shown)
    sheet.fit_to_pages(1, 0)
    set_up_page(sheet, year, lang, landscape=False)
    return sheet


def _write_contents(sheet: Worksheet, styles: Styles, lang: str, row: int, shown: Collection[str]) -> None:
    """Write every other sheet of the form with a link and what it holds."""
    styles.write_ruled(sheet, row, label("L-template-cover-contents", lang), 1)
    asked = [grain for name, grain in grains.load().items() if name in shown]
    of_grains = [(grain.sheet(lang), grain.contents.label(lang)) for grain in asked]
    guidance, *others = (
        (label(f"L-template-sheet-{key}", lang), label(f"L-template-contents-{key}", lang))
        for key in ("guidance", "lists", "check")
    )
    for place, (name, contents) in enumerate((guidance, *of_grains, *others), start=row + 1):
        sheet.write_url(place, 0, f"internal:'{name}'!A1", string=name)
        sheet.write_string(place, 1, contents, styles["text"])


def _write_guidance(workbook: Workbook, styles: Styles, grids: Mapping[str, Grid]) -> None:
    """Write the rules of filling in, the legend, and every question with its answers and its status."""
    grid = grids["case"]
    lang = grid.lang
    sheet = workbook.add_worksheet(label("L-template-sheet-guidance", lang))
    sheet.hide_gridlines(2)
    for position, width in enumerate((27, 34, 62, 24, 18)):
        sheet.set_column(position, position, width)
    styles.write_title(sheet, label("L-template-title-guidance", lang))
    row = 2
    for number in range(1, 11):
        short = "-short" if grid.asked and number in _OTHERWISE else ""
        text = label(f"L-template-guidance-{number}{short}", lang, year=grid.year)
        sheet.merge_range(row, 0, row, 4, f"{number}. {text}", styles["text"])
        sheet.set_row(row, 16 * -(-len(text) // 150) + 2)
        row += 1
    row = _write_legend(sheet, styles, grid, row + 1)
    heads = ("sheet", "question", "help", "answer", "must" if grid.asked else "status")
    styles.write_heads(sheet, row, [label(f"L-template-guidance-{key}", lang) for key in heads])
    for each in grids.values():
        for column, variable in each.questions.items():
            row += 1
            style = styles["cell_proposed" if each.is_proposed(column) else "cell"]
            asked = each.asked.get(variable.name)
            must = asked.must if asked else "must" if variable.required else "may"
            texts = (
                each.sheet,
                asked.label(lang) if asked else variable.label(lang),
                asked.how.label(lang) if asked else _explain(each, variable),
                label(f"L-template-kind-{variable.kind.replace('_', '-')}", lang),
                label(f"L-template-{must}" if grid.asked else f"L-template-mark-{variable.mark}", lang),
            )
            for position, text in enumerate(texts):
                sheet.write_string(row, position, text, style)
            sheet.set_row(row, 15 * max(1, -(-len(texts[2]) // 60), -(-len(texts[1]) // 32)) + 2)
    sheet.fit_to_pages(1, 0)
    set_up_page(sheet, grid.year, lang)


def _write_code_lists(workbook: Workbook, styles: Styles, grids: Mapping[str, Grid]) -> None:
    """Write every list of answers with its named range; the drop-downs read them from here."""
    grid = grids["case"]
    lang = grid.lang
    name = label("L-template-sheet-lists", lang)
    sheet = workbook.add_worksheet(name)
    lead = label(f"L-template-lead-lists{'-short' if grid.asked else ''}", lang)
    styles.write_title(sheet, label("L-template-title-lists", lang), lead)
    sheet.set_row(3, 48)
    quoted = f"'{name}'" if " " in name else name
    unknown = grid.book.special["unknown"].label(lang)
    position = 0
    for codes_name, headings in sorted(_lists(grids).items(), key=lambda item: item[0] == "country"):
        country = codes_name == "country"
        codes = _ordered(grid, codes_name)
        heads = [label("L-template-lists-yes-no", lang) if codes_name == "yes_no" else " / ".join(headings)]
        note = "L-template-lists-origin" if country else "L-template-guidance-status"
        heads.append(label(note, lang) if codes[0][1] else "")
        for at, head in enumerate(heads, start=position):
            sheet.write_string(3, at, head, styles["column"])
        for row, (text, note, proposed) in enumerate(codes, start=4):
            style = styles["cell_proposed" if proposed else "cell"]
            sheet.write_string(row, position, text, style)
            sheet.write_string(row, position + 1, note, style)
        last = 4 + len(codes)
        sheet.write_string(last, position, unknown, styles["cell"])
        sheet.write_blank(last, position + 1, None, styles["cell"])
        for ending, at in (("", position), *((("_group", position + 1),) if country else ())):
            letter = xl_col_to_name(at)
            workbook.define_name(f"lista_{codes_name}{ending}", f"={quoted}!${letter}$5:${letter}${last + 1}")
        longest = max(len(unknown), *(len(text) for text, _, _ in codes))
        sheet.set_column(position, position, min(max(14, longest), 36))
        sheet.set_column(position + 1, position + 1, 16 if codes[0][1] else 1)
        sheet.set_column(position + 2, position + 2, 2)
        position += 3
    sheet.freeze_panes(4, 0)
    sheet.repeat_rows(3)
    set_up_page(sheet, grid.year, lang)
    sheet.set_print_scale(60)


def _ordered(grid: Grid, name: str) -> list[tuple[str, str, bool]]:
    """Return the answers of a list in the order of its drop-down: text, note, whether proposed."""
    book, lang, year = grid.book, grid.lang, grid.year
    groups = {code.code: code.label_in(year, lang) for code in book.lists["origin_group"]}
    codes = offered(name, year)
    if name == "country":
        first = [code for code in codes if grid.asked and code.code in book.common[name]]
        rest = [code for code in codes if code not in first]
        codes = (*first, *sorted(rest, key=lambda code: _alphabetical(code.label(lang))))
    told = []
    for code in codes:
        note = "" if grid.asked else label(f"L-template-mark-{code.mark}", lang)
        note = groups[code.parent_in(year)] if name == "country" else note
        told.append((code.label_in(year, lang), note, code.mark == "I" and not grid.asked))
    return told


def _lists(grids: Mapping[str, Grid]) -> dict[str, list[str]]:
    """Return the lists that drop-downs offer, each with the questions that it stands under."""
    used: dict[str, list[str]] = {}
    for grid in grids.values():
        for column, variable in grid.questions.items():
            if variable.codes or variable.kind == "yes_no":
                headings = used.setdefault(codes_of(variable), [])
                said = grid.heading(column)
                if said not in headings and variable.kind == "code":
                    headings.append(said)
    return used


def _write_legend(sheet: Worksheet, styles: Styles, grid: Grid, row: int) -> int:
    lang = grid.lang
    styles.write_ruled(sheet, row, label("L-template-legend", lang), 4)
    row += 1
    themes = dict.fromkeys(grid.theme(column) for column in grid.columns)
    for theme in themes:
        sheet.write_string(row, 0, label(f"L-template-theme-{theme.name}", lang), styles.band(theme))
        for position, key in enumerate(() if grid.asked else ("header", "proposed"), start=1):
            style = styles.header(theme, proposed=key == "proposed")
            sheet.write_string(row, position, label(f"L-template-legend-{key}", lang), style)
        sheet.set_row(row, 18)
        row += 1
    return row + 1


def _explain(grid: Grid, variable: Variable) -> str:
    parts = [variable.help(grid.lang), *asked_if(grid, variable)]
    if variable.required:
        parts.append(label("L-template-required", grid.lang))
    if variable.optional:
        parts.append(label("L-template-optional", grid.lang))
    return " ".join(part for part in parts if part)


def _alphabetical(text: str) -> str:
    """Return a key that sorts å, ä and ö last and other accents with their letter, whatever the locale."""
    swedish = text.casefold().translate(str.maketrans("åäö", "{|}"))
    return "".join(c for c in unicodedata.normalize("NFD", swedish) if not unicodedata.combining(c))
