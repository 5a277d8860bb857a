"""A safe table as a Markdown table that states title, unit, population, period and source."""

from __future__ import annotations

from collections.abc import Sequence

from platform_utils.publish.cells import accept, lines, what_is_left
from platform_utils.publish.inline import Shown, marked
from platform_utils.publish.numbers import whole
from platform_utils.publish.plan import asked_for
from platform_utils.publish.words import code_label, has_text, in_full, is_together, say, variable_label
from platform_utils.spec.counts import TOTAL
from platform_utils.spec.merged import parts_of
from platform_utils.spec.safe import SafeTable

__all__ = ["caption_of", "left_out", "markdown_table", "no_table", "note_block", "show_table", "source_text"]

_WIDTHS = (44, 16, 16)


def show_table(table: SafeTable, lang: str) -> Shown:
    """Return a table with caption, notes and legend; a question not asked, or all hidden, is said in words.

    Parameters
    ----------
    table : SafeTable
        With no, one or two dimensions.
    lang : {"sv", "en"}
        Language of labels and numbers.

    Returns
    -------
    Shown
        Markdown with the id ``tbl-<name>``.

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
    heading, body = _crossed(table, lang) if len(table.dimensions) > 1 else _simple(table, lang)
    parts = [
        markdown_table(heading, body),
        f": {caption_of(table, lang)} {{#tbl-{table.name.replace('_', '-')}}}",
        note_block(_notes(table, lang), lang),
    ]
    plain = "\n".join([caption_of(table, lang), *("  ".join(row) for row in [heading, *body])])
    return Shown("\n\n".join(parts) + "\n", plain)


def not_asked(table: SafeTable, lang: str) -> Shown:
    """Return the sentence that stands where a year did not ask."""
    what = asked_for(table.name, lang)
    text = say("words", "not_asked_table", lang, what=what, year=table.universe.year)
    return Shown(text + "\n")


def left_out(table: SafeTable, lang: str) -> str:
    """Return the sentence that stands where a table would be nothing but hidden numbers."""
    year = table.universe.year
    if what_is_left(table) == "nothing":
        return no_table(table.name, year, lang)
    title, total = say("tables", table.name, lang), whole(table.count() or 0, lang)
    unit = say("words", f"unit_{table.universe.unit}", lang)
    return say("words", "only_total_table", lang, table=title, year=year, total=total, unit=unit)


def no_table(key: str, year: int, lang: str) -> str:
    """Return the sentence that stands where nothing of a table can be shown."""
    return say("words", "left_out_table", lang, table=say("tables", key, lang), year=year)


def caption_of(table: SafeTable, lang: str) -> str:
    """Return title, unit, population, period and source in one caption."""
    return say(
        "words",
        "caption",
        lang,
        title=say("tables", table.name, lang),
        unit=say("words", f"unit_{table.universe.unit}", lang),
        population=say("universes", table.universe.name, lang),
        year=table.universe.year,
        source=source_text(table.universe.source, lang),
    )


def source_text(source: str, lang: str) -> str:
    """Return what readers are told about where the figures come from."""
    key = source if source in ("demo", "members", "published") else "external"
    return say("words", f"source_{key}", lang)


def markdown_table(
    heading: Sequence[str],
    body: Sequence[Sequence[str]],
    widths: Sequence[int] = (),
    numbers: Sequence[int] | None = None,
) -> str:
    """Return a pipe table over the whole width: text to the left, numbers to the right.

    Parameters
    ----------
    heading : sequence of str
        One per column.
    body : sequence of sequence of str
        Rows.
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


def note_block(notes: Sequence[str], lang: str) -> str:
    """Return the notes under a table, and the legend of its marks."""
    legend = say("words", "legend", lang)
    return "\n\n".join(["::: {.table-note}", " ".join([*notes, legend]), ":::"])


def _widths(columns: int) -> tuple[int, ...]:
    other = max(9, (76 - 30) // max(1, columns - 1))
    return (30, *[other] * (columns - 1))


def _simple(table: SafeTable, lang: str) -> tuple[list[str], list[list[str]]]:
    number = say("words", "column_sek" if table.universe.unit == "sek" else "column_count", lang)
    named = variable_label(table.dimensions[0], lang) if table.dimensions else say("report", "persons", lang)
    heading = [named, number, say("words", "column_share", lang)]
    if not table.dimensions:
        return heading[:2], [[line.label, line.number] for line in lines(table, lang)]
    body = []
    for line in lines(table, lang):
        cells = [line.label, line.number, line.share]
        body.append([f"**{cell}**" for cell in cells] if line.is_total else cells)
    return heading, body


def _crossed(table: SafeTable, lang: str) -> tuple[list[str], list[list[str]]]:
    first, second = table.dimensions
    data = table.data
    columns = list(dict.fromkeys(data[second]))
    rows = list(dict.fromkeys(data[first]))
    body = []
    for row in rows:
        numbers = [table.count(**{first: row, second: column}) for column in columns]
        cells = [code_label(first, row, lang)]
        cells += [marked() if number is None else whole(number, lang) for number in numbers]
        body.append([f"**{cell}**" for cell in cells] if row == TOTAL else cells)
    return [variable_label(first, lang), *(code_label(second, column, lang) for column in columns)], body


def _notes(table: SafeTable, lang: str) -> list[str]:
    notes = [say("notes", note, lang) for note in table.notes if has_text("notes", note)]
    together = [
        (d, code) for d in table.dimensions for code in table.data[d].unique() if is_together(d, code)
    ]
    if any(parts_of(code) for _, code in together):
        notes.append(say("notes", "together", lang))
    notes += [text for d, code in together if (text := in_full(d, code, lang))]
    if table.dimensions and "not_asked" in set(table.data[table.dimensions[0]]):
        notes.append(say("notes", "some_not_asked", lang))
    if any(count is None for count in (line.count for line in _all_lines(table, lang))):
        notes.append(say("notes", "hidden", lang))
    return notes


def _all_lines(table: SafeTable, lang: str) -> list:
    return lines(table, lang) if len(table.dimensions) <= 1 else []
