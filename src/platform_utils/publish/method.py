"""How the figures were made: rules, marks, origin, what was left out; for the analyst, what was looked at.

Enters: safe tables; the layouts that the table-set designer looked at. Leaves: Markdown blocks; every number
in them is a released one or a number of tables. What is left out is read off the safe tables themselves, so
that the list says nothing that they do not show.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from importlib.metadata import version

from platform_utils import messages
from platform_utils.messages import say
from platform_utils.publish.cells import accept, rows_together, what_is_left
from platform_utils.publish.inline import Shown, whole
from platform_utils.publish.sentences import write_sentence
from platform_utils.publish.table import plain_table, source_text
from platform_utils.publish.words import asked_for, code_label, in_full, left_out_of, say_left_out, title_of
from platform_utils.spec.disclosure import load_rule
from platform_utils.spec.layout import Layout
from platform_utils.spec.plan import load_plan
from platform_utils.spec.safe import SafeTable, Years


def marks(lang: str, *, left_out: bool = False) -> Shown:
    """Return what the marks mean, on one line; ``left_out`` if a number may be of a table not shown."""
    keys = ("hidden_or_left" if left_out else "hidden", "not_asked", "nobody", "zero", "unknown")
    return Shown(" · ".join(say("report", f"marks_{key}", lang) for key in keys) + ".")


def how_made(years: Years, year: int, source: str, lang: str) -> Shown:
    """Return rules, hidden cells, rows and program behind a year's figures, as a list."""
    tables = [accept(table) for table in years[year].values()]
    not_asked = sum(not table.asked for table in tables)
    cells = whole(sum(len(table.data) for table in tables), lang)
    rules = ", ".join(
        say("report", "made_rule_one", lang, name=rule, highest=int(rule[1:]) - 1)  # A4 hides 1 to 3
        for rule in sorted({table.rule for table in tables})
    )
    dots = whole(sum(table.n_hidden for table in tables), lang)
    rule = say("report", "made_rule", lang, rule=rules, hidden=dots, cells=cells)
    rows = [write_sentence(key, years, year, lang) for key in ("made_rows", "made_corrections")]
    left = len(left_out_of(years, year))
    made = {"tables": len(tables), "year": year, "not_asked": not_asked, "left": left}
    program = {"version": version("platform-utils"), "source": source_text(source, lang)}
    return _listed(
        [
            say("report", "made_tables_left" if left else "made_tables", lang, **made),
            rule,
            " ".join(filter(None, rows)),
            say("report", "made_program", lang, **program),
        ]
    )


def hidden_counts(tables: Mapping[str, SafeTable], lang: str) -> Shown:
    """Return which counts of persons a year's tables do not show, in the words of the rules."""
    held = {key: accept(table).rule for key, table in tables.items() if table.universe.unit == "persons"}
    strict = [key for key, rule in held.items() if not rule.startswith("A")]
    rule = load_rule()
    by_nature = [
        key
        for key, planned in load_plan().by_key.items()
        if key in strict
        and (planned.disclosure_class == "B" or rule.class_b_dimensions.intersection(planned.dimensions))
    ]
    by = list(dict.fromkeys(asked_for(key, lang) for key in by_nature if load_plan().by_key[key].dimensions))
    highest = {rule[0]: int(rule[1:]) - 1 for rule in held.values()}  # A4 hides 1 to 3
    said = say("report", "hidden_counts", lang, highest=highest.get("A", 0))
    if by:
        quoted = [say("report", "quoted", lang, text=name) for name in by]
        listed = say("report", "or", lang).join(filter(None, (", ".join(quoted[:-1]), quoted[-1])))
        said += say("report", "hidden_counts_strict", lang, by=listed, highest=highest["B"])
    members = whole(rule.classes["B"].min_contributors, lang)
    sentences = [f"{said}."]
    if by:
        left = whole(rule.classes["B"].min_without_largest, lang)
        sentences += [
            say("report", "hidden_counts_members", lang, members=members, left=left),
            say("report", "hidden_counts_deep", lang, deep=rule.maximum_dimensions + 1),
        ]
    sentences += [
        say("report", "hidden_counts_named", lang, text=asked_for(key, lang), least=least)
        for key, least in rule.minimum_by_dimension.items()
        if key in held
    ]
    sentences.append(say("report", "hidden_counts_unknown", lang, members=members))
    return Shown(" ".join(sentences) + "\n")


def how_to_cite(title: str, source: str, lang: str) -> Shown:
    """Return how the report is cited."""
    said = say("report", "cite", lang, title=title)
    return Shown((say("report", "cite_demo", lang) if source == "demo" else "") + said + "\n")


def show_left_out(years: Years, year: int, lang: str) -> Shown:
    """Return which rows stand together and what is not shown of the tables of a year, as a list."""
    together, empty, dotted, tables = [], [], 0, years[year]
    for key in [key for key in load_plan().by_key if key in tables]:
        table = accept(tables[key])
        if what_is_left(table) in ("total", "nothing"):
            empty.append(_empty(table, lang))
            continue
        dotted += bool(table.n_hidden)
        if rows := rows_together(table):
            title = title_of(key, lang)
            together.append(say("report", "left_out_row", lang, table=title, rows=_named(rows, lang)))
    parts = []
    for key, listed in (("together", together), ("empty", empty)):
        if listed:
            parts += [say("report", f"left_out_{key}", lang), "\n".join(f"- {one}" for one in listed)]
    parts += say_left_out(left_out_of(years, year), year, lang)
    if dotted:
        parts.append(say("report", "left_out_dotted", lang, tables=dotted))
    return Shown("\n\n".join(parts or [say("report", "left_out_none", lang)]) + "\n")


def show_overview(tables: Iterable[SafeTable], lang: str) -> Shown:
    """Return all tables of a year at a glance, for the analyst: rule, cells shown, cells hidden.

    Raises
    ------
    DisclosureError
        E-650 for anything that is not a ``SafeTable``.
    """
    rows = []
    for table in map(accept, tables):
        hidden = int(table.data["mark"].ne("").sum())
        shown = str(len(table.data) - hidden) if table.asked else messages.label("L-overview-not-asked", lang)
        rows.append([title_of(table.name, lang), table.rule, shown, str(hidden)])
    headings = [messages.label(f"L-overview-{key}", lang) for key in ("table", "rule", "shown", "hidden")]
    return plain_table(headings, "|:--|:--|--:|--:|", rows)


def show_alternatives(layouts: Iterable[Layout], lang: str) -> Shown:
    """Return what the designer looked at and what each alternative shows: for the analyst only."""
    rows = []
    for layout in layouts:
        merged = "; ".join(code_label(layout.dimension, code, lang) for code in layout.rows)
        said = merged or messages.label(f"L-layout-{layout.form}", lang)
        chosen = messages.label("L-layout-yes" if layout.chosen else "L-layout-no", lang)
        rows.append([title_of(layout.table, lang), said, str(layout.alone), str(layout.shown), chosen])
    keys = ("table", "layout", "alone", "shown", "chosen")
    return plain_table(
        [messages.label(f"L-layout-{key}", lang) for key in keys], "|:--|:--|--:|--:|:--|", rows
    )


def _listed(items: Iterable[str]) -> Shown:
    return Shown("\n".join(f"- {item}" for item in items if item) + "\n")


def _empty(table: SafeTable, lang: str) -> str:
    title, year = title_of(table.name, lang), table.universe.year
    if what_is_left(table) == "nothing":
        return say("report", "left_out_nothing", lang, table=title, year=year)
    unit = load_plan().units[table.universe.unit].label(lang)
    total = whole(table.count() or 0, lang)
    return say("report", "left_out_total", lang, table=title, year=year, total=total, unit=unit)


def _named(rows: list[tuple[str, str]], lang: str) -> str:
    full = [in_full(dimension, code, lang) for dimension, code in rows]
    named = "; ".join(f"*{code_label(dimension, code, lang)}*" for dimension, code in rows)
    return " ".join([f"{named}.", *filter(None, full)])
