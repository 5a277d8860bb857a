"""A safe table as a Markdown table that states title, unit, population, period and source.

Enters: safe tables, or cells as text. Leaves: Markdown with a caption, a label, notes and a legend of marks.
"""

from __future__ import annotations

from collections.abc import Sequence

from platform_utils.messages import has_text, say
from platform_utils.publish.cells import accept, lines, rows_together, what_is_left
from platform_utils.publish.inline import JOINER, Shown, whole
from platform_utils.publish.words import (
    asked_for,
    code_label,
    in_full,
    population_of,
    title_of,
    variable_label,
)
from platform_utils.spec.codebook import SPECIAL_CODES
from platform_utils.spec.counts import TOTAL, Universe
from platform_utils.spec.layout import parts_of
from platform_utils.spec.plan import load_plan
from platform_utils.spec.safe import HIDDEN, SafeTable

_WIDTHS, _MARKS = (44, 16, 16), (HIDDEN, ".", "–")


def show_table(table: SafeTable, lang: str, *, with_notes: bool = True) -> Shown:
    """Return a table with caption and notes; one not asked, not answered or all hidden is said in words.

    Parameters
    ----------
    table : SafeTable
        With no, one or two dimensions.
    with_notes : bool
        Whether its notes and the legend of marks stand under it.

    Raises
    ------
    DisclosureError
        E-650 for anything that is not a ``SafeTable``.
    """
    table = accept(table)
    if not table.asked:
        return not_asked(table, lang)
    if what_is_left(table) != "rows":
        return Shown(f"*{left_out(table, lang)}*\n")
    heading, body = cells_of(table, lang)
    notes = with_legend(notes_of(table, lang), [row for row, _ in body], lang) if with_notes else []
    bold = [_row(row, line) for row, line in body]
    return table_block(table.name, caption_of(table, "caption", lang), heading, bold, notes)


def show_crossing(tables: Sequence[SafeTable], lang: str) -> Shown:
    """Return tables of one question side by side: a column for each form of exploitation, the last for all.

    Rows that say of no answer, or of which no column shows anybody, are left out: the annex has them.
    """
    base = tables[-1]
    (dimension,) = base.dimensions
    forms = [load_plan().populations[table.universe.name].where for table in tables[:-1]]
    heading = [variable_label(dimension, lang)]
    heading += [
        code_label(
            "form", next(column.partition("__")[2] for column in where if column.startswith("form__")), lang
        )
        for where in forms
    ]
    body, told = [], False
    for (code,) in base.cells:
        numbers = [dict(zip(table.cells, table.counts, strict=True)).get((code,), 0) for table in tables]
        if code == TOTAL or any(numbers[:-1]) or (numbers[-1] and code not in SPECIAL_CODES):
            shown = [whole(number, lang) for number in numbers]
            body.append(_row([code_label(dimension, code, lang), *shown], code))
            told = told or (code != TOTAL and any(numbers[:-1]))
    if not told:
        return Shown("")
    caption = caption_of(base, "crossing_caption", lang)
    note = say("notes", "crossing", lang)
    heading.append(say("words", "everybody", lang))
    return table_block(f"{base.name}-by-form", caption, heading, body, [note])


def cells_of(table: SafeTable, lang: str) -> tuple[list[str], list[tuple[list[str], str]]]:
    """Return headings, and the cells of each row with its code."""
    return _crossed(table, lang) if len(table.dimensions) > 1 else _simple(table, lang)


def caption_of(table: SafeTable, key: str, lang: str) -> str:
    """Return title, population, period and source in one caption; that of a table has the unit too.

    Under a figure the population says that large cases are left out; the title is the whole table's.
    """
    name = table.name if key == "caption" else load_plan().by_key[table.name].whole or table.name
    return say("words", key, lang, title=title_of(name, lang), **about(table.universe, lang))


def about(universe: Universe, lang: str) -> dict[str, object]:
    """Return year, population, unit and source as captions have them."""
    unit, population = load_plan().units[universe.unit].label(lang), population_of(universe.name, lang)
    source = source_text(universe.source, lang)
    return {"year": universe.year, "population": population, "unit": unit, "source": source}


def with_legend(notes: Sequence[str], body: Sequence[Sequence[str]], lang: str) -> list[str]:
    """Return the notes of a table, and what marks mean where one stands in it."""
    there = any(cell.strip(JOINER) in _MARKS for row in body for cell in row)
    return [*notes, *([say("words", "legend", lang)] if there else [])]


def not_asked(table: SafeTable, lang: str) -> Shown:
    """Return the sentence that stands where a year did not ask."""
    what = asked_for(table.name, lang)
    text = say("words", "not_asked_table", lang, what=what, year=table.universe.year)
    return Shown(text + "\n")


def left_out(table: SafeTable, lang: str) -> str:
    """Return the sentence that stands where a table would be nothing but hidden numbers."""
    year, left = table.universe.year, what_is_left(table)
    if left == "nothing":
        return say("words", "nothing_table", lang, table=title_of(table.name, lang), year=year)
    title, total = title_of(table.name, lang), whole(table.count() or 0, lang)
    unit = load_plan().units[table.universe.unit].label(lang)
    if left == "unanswered":
        special = [line for line in lines(table, lang) if line.is_special and line.count != 0]
        how = ", ".join(f"{line.label} {line.number}" for line in special)
        return say("words", "unanswered_table", lang, table=title, year=year, total=total, unit=unit, how=how)
    return say("words", "only_total_table", lang, table=title, year=year, total=total, unit=unit)


def no_table(key: str, year: int, lang: str) -> str:
    """Return the sentence that stands where a table is left out of a year."""
    planned = load_plan().by_key[key]
    word = "too_few_table" if planned.at_least else "left_out_table"
    fields = {"table": title_of(key, lang), "year": year - planned.year_before, "least": planned.at_least}
    return say("words", word, lang, **fields)


def source_text(source: str, lang: str) -> str:
    """Return what readers are told about where the figures come from."""
    return say("words", f"source_{source}", lang)


def table_block(
    name: str,
    caption: str,
    heading: Sequence[str],
    body: Sequence[Sequence[str]],
    notes: Sequence[str] = (),
    widths: Sequence[int] = (),
    numbers: Sequence[int] | None = None,
) -> Shown:
    """Return a table with the label ``tbl-<name>``; what readers are told under it stands in ``notes``.

    Parameters
    ----------
    heading, body, widths, numbers
        As in `markdown_table`.
    """
    parts = [markdown_table(heading, body, widths, numbers), f": {caption} {{#tbl-{name.replace('_', '-')}}}"]
    if notes:
        parts += ["::: {.table-note}", " ".join(notes), ":::"]
    plain = "\n".join([caption, *("  ".join(row) for row in [heading, *body])])
    return Shown("\n\n".join(parts) + "\n", plain)


def markdown_table(
    heading: Sequence[str],
    body: Sequence[Sequence[str]],
    widths: Sequence[int] = (),
    numbers: Sequence[int] | None = None,
) -> str:
    """Return a pipe table over the whole width: text to the left, numbers to the right.

    Parameters
    ----------
    widths : sequence of int, optional
        Relative widths, together more than 72; the first column is wider than the others if left out.
    numbers : sequence of int, optional
        Places of the columns that hold numbers; all but the first if left out.

    Examples
    --------
    >>> print(markdown_table(["Sex", "Number"], [["woman", "12"]]).splitlines()[2])
    | woman | 12 |
    """
    wide = tuple(widths) or (_WIDTHS if len(heading) == len(_WIDTHS) else _widths(len(heading)))
    right = set(range(1, len(heading)) if numbers is None else numbers)
    rules = [
        "-" * (width - 1) + ":" if place in right else ":" + "-" * (width - 1)
        for place, width in enumerate(wide)
    ]
    return "\n".join("| " + " | ".join(row) + " |" for row in [heading, rules, *body])


def plain_table(heading: Sequence[str], rule: str, rows: Sequence[Sequence[str]]) -> Shown:
    """Return a table without a caption, as notebooks show them; ``rule`` is the line under its heading."""
    lines = [f"| {' | '.join(row)} |" for row in (heading, *rows)]
    return Shown("\n".join([lines[0], rule, *lines[1:]]) + "\n")


def _widths(columns: int) -> tuple[int, ...]:
    other = max(9, (76 - 30) // max(1, columns - 1))
    return (30, *[other] * (columns - 1))


def _simple(table: SafeTable, lang: str) -> tuple[list[str], list[tuple[list[str], str]]]:
    counted, unit = load_plan().units[table.universe.unit], load_plan().units[table.universe.unit].label(lang)
    plain = counted.name in ("persons", "members")
    number = say("words", "column_count", lang) if plain else unit[:1].upper() + unit[1:]
    if not table.dimensions:
        heading = [say("report", "persons", lang), number]
        return heading, [([line.label, line.number], "") for line in lines(table, lang)]
    heading = [variable_label(table.dimensions[0], lang), number, say("words", "column_share", lang)]
    columns = 2 + counted.shares
    body = [([line.label, line.number, line.share][:columns], line.code) for line in lines(table, lang)]
    return heading[:columns], body


def _crossed(table: SafeTable, lang: str) -> tuple[list[str], list[tuple[list[str], str]]]:
    first, second = table.dimensions
    columns = list(dict.fromkeys(cell[1] for cell in table.cells))
    body = []
    for row in dict.fromkeys(cell[0] for cell in table.cells):
        numbers = [table.count(**{first: row, second: column}) for column in columns]
        shown = [whole(number, lang) for number in numbers]
        body.append(([code_label(first, row, lang), *shown], row))
    return [variable_label(first, lang), *(code_label(second, column, lang) for column in columns)], body


def _row(cells: list[str], code: str) -> list[str]:
    return [f"**{cell}**" for cell in cells] if code == TOTAL else cells


def notes_of(table: SafeTable, lang: str) -> list[str]:
    """Return what readers are told of a table, the legend of marks left out."""
    notes = [say("notes", note, lang) for note in table.notes if has_text("notes", note)]
    together = rows_together(table)
    if any(parts_of(code) for _, code in together):
        notes.append(say("notes", "together", lang))
    notes += [text for d, code in together if (text := in_full(d, code, lang))]
    if table.dimensions and "not_asked" in set(table.data[table.dimensions[0]]):
        notes.append(say("notes", "some_not_asked", lang))
    return notes
