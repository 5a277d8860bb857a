"""What readers are told of tables, populations, variables and codes, from the table plan and the codebook."""

from __future__ import annotations

from collections.abc import Collection

from platform_utils.errors import UsageError
from platform_utils.messages import has_text, say, texts
from platform_utils.spec import codebook
from platform_utils.spec.codebook import Derived, Variable
from platform_utils.spec.counts import TOTAL
from platform_utils.spec.layout import is_merged, parts_of, without
from platform_utils.spec.plan import Computed, load_plan
from platform_utils.spec.safe import Years
from platform_utils.spec.text import nearest

_SHORT_ROW = 72
"""Letters of a merged row's name up to which all its codes are named in it."""


def no_such(kind: str, key: str, known: Collection[str]) -> UsageError:
    """Return E-652: a document or a cell asks for what is not there; the nearest words that are."""
    return UsageError("E-652", key=key, kind=kind, nearest=", ".join(nearest(key, known)))


def title_of(table: str, lang: str) -> str:
    """Return the title of a table of the plan."""
    return load_plan().by_key[table].label(lang)


def population_of(universe: str, lang: str) -> str:
    """Return who is counted, as it stands in captions."""
    return load_plan().populations[universe].label(lang)


def asked_for(table: str, lang: str) -> str:
    """Return what the form asks for a table, as it stands inside a sentence."""
    planned = load_plan().by_key[table]
    label = variable_label(planned.dimensions[0], lang) if planned.dimensions else planned.label(lang)
    return label if label[1:2].isupper() else label[:1].lower() + label[1:]


def is_left_out(table: str, years: Years, year: int) -> bool:
    """Say whether a year would have a table that it does not show; a twin is told of with its whole.

    Of a year before the last, ``years`` holds only what is shown later.
    """
    plan, there = load_plan(), years.get(year)
    planned = plan.by_key[table]
    if not there or table in there or planned.whole or planned.measure.grain == "side":
        return False
    kept = table in plan.shown_later or year == max(years)
    return kept and (year - 1 in [*years] or not plan.compares(planned))


def left_out_of(years: Years, year: int, sections: Collection[str] = ()) -> list[str]:
    """Return the tables that are left out of a year, of some parts of the report or of all, in order."""
    own = [one.key for one in load_plan().tables if not sections or one.section in sections]
    return [key for key in own if is_left_out(key, years, year)]


def say_left_out(tables: Collection[str], year: int, lang: str) -> list[str]:
    """Return the notes that name tables left out of a year, one for each reason."""
    said = []
    for small, word in ((False, "left_out_tables"), (True, "too_few_tables")):
        own = [key for key in tables if small == bool(load_plan().by_key[key].at_least)]
        named = ", ".join(say("report", "quoted", lang, text=title_of(key, lang)) for key in own)
        told = say("words", word, lang, year=year, tables=named)
        said += [f"::: {{.table-note}}\n\n{told}\n\n:::\n"] if own else []
    return said


def is_present_only(table: str) -> bool:
    """Say whether a table leaves out codes that nobody has."""
    planned = load_plan().by_key.get(table)
    return planned is not None and planned.present_only


def no_answer_codes(table: str) -> tuple[str, ...]:
    """Return the codes of a table that are no answer, beside the special ones."""
    planned = load_plan().by_key.get(table)
    return planned.no_answer if planned is not None else ()


def variable_label(dimension: str, lang: str) -> str:
    """Return the heading of a dimension, in the field's words where they are better than the form's."""
    return (
        say("labels", dimension, lang) if has_text("labels", dimension) else _variable(dimension).label(lang)
    )


def code_label(dimension: str, code: str, lang: str, year: int = 9999) -> str:
    """Return the label of a code of a dimension in a year; special codes, margins and merged codes included.

    Examples
    --------
    >>> code_label("dropout_stage", "in_support+later", "en")
    'in support and protection + later'
    """
    book = codebook.load()
    if code in book.special:
        return book.special[code].label(lang)
    if is_merged(code):
        return _merged_label(dimension, code, lang)
    variable = _variable(dimension)
    if isinstance(variable, Computed):
        return variable.codes[code].label(lang)
    better = f"{variable.codes}.{code}"
    if variable.codes == "nsp_intervention":  # what the rules of the year call it
        called = sorted(
            key for key in texts("nsp") if key.startswith(f"called_{code}_") and key[-1].isdigit()
        )
        # what is older than any rules that have been found has the names of the first
        older = [key for key in called if int(key[-4:]) <= year]
        return say("nsp", (older or called[:1])[-1], lang)
    return (
        say("labels", better, lang) if has_text("labels", better) else book.code(variable, code).label(lang)
    )


def is_together(dimension: str, code: str) -> bool:
    """Say whether a row stands for several codes of a dimension.

    Examples
    --------
    >>> is_together("origin_country", "other_eu"), is_together("origin_group", "other_eu")
    (True, False)
    """
    if is_merged(code):
        return True
    variable = None if code == TOTAL else _variable(dimension)
    if variable is None or isinstance(variable, Computed):
        return False
    codes = codebook.load().codes(variable)
    return code in {one.parent for one in codes} - {one.code for one in codes}


def in_full(dimension: str, code: str, lang: str) -> str:
    """Return all that a merged row stands for, where its name does not say it; else nothing."""
    label, together = code_label(dimension, code, lang), _together(dimension, code, lang)
    if not together or label == together:
        return ""
    return say("words", "merged_in_full", lang, row=label, codes=together)


def _variable(dimension: str) -> Variable | Derived | Computed:
    return load_plan().computed.get(dimension) or codebook.load().variable(dimension)


def _merged_label(dimension: str, code: str, lang: str) -> str:
    parent, named = without(code)
    if named:
        return rest_label(parent, lang)
    together = _together(dimension, code, lang)
    if len(together) <= _SHORT_ROW:
        return together
    return say("words", "merged_many", lang, number=len(parts_of(code)))


def rest_label(dimension: str, lang: str) -> str:
    """Return the label of all codes of a dimension that are not named."""
    key = f"rest_of_{dimension}"
    return say("words", key if has_text("words", key) else "rest_of", lang)


def _together(dimension: str, code: str, lang: str) -> str:
    """Return the labels of merged codes; what stands before a colon in all of them is said once.

    Examples
    --------
    >>> _together("nsp_answer", "no_need+no_funds", "en")
    'refused: no need of the interventions + no funds left'
    """
    labels = [code_label(dimension, part, lang) for part in parts_of(code)]
    head, colon, _ = "".join(labels[:1]).partition(": ")
    said = head + colon if colon else ""
    return " + ".join([*labels[:1], *(one.removeprefix(said) for one in labels[1:])])
