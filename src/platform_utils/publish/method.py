"""How the figures were made, which marks stand in tables, whose figures they are, and how to cite them.

Enters: safe tables. Leaves: Markdown blocks; every number in them is a released one or a number of tables.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from importlib.metadata import version

from platform_utils.publish.cells import accept
from platform_utils.publish.facts import read_fact
from platform_utils.publish.inline import Shown
from platform_utils.publish.numbers import whole
from platform_utils.publish.table import source_text
from platform_utils.publish.words import has_text, say
from platform_utils.spec.safe import SafeTable

__all__ = ["how_made", "how_to_cite", "marks", "origin_mark"]


_SAME = (("rows", "rows"), ("corrections", "corrections"))


def origin_mark(source: str, lang: str) -> Shown:
    """Return the box that says whose figures these are: invented, a draft, or imported."""
    kind = {"demo": "demo", "members": "draft"}.get(source, "external")
    title, text = say("report", f"{kind}_title", lang), say("report", f"{kind}_text", lang)
    return Shown(f"::: {{.callout-warning}}\n## {title}\n\n{text}\n:::\n", f"{title}. {text}")


def marks(lang: str) -> Shown:
    """Return the legend of all marks, as a list."""
    keys = ("marks_hidden", "marks_not_asked", "marks_zero", "marks_unknown")
    return Shown("\n".join(f"- {say('report', key, lang)}" for key in keys) + "\n")


def how_made(years: Mapping[int, Mapping[str, SafeTable]], year: int, source: str, lang: str) -> Shown:
    """Return rules, hidden cells, rows and program behind a year's figures, as a list."""
    tables = [accept(table) for table in years[year].values()]
    hidden: Counter[str] = Counter()
    for table in tables:
        hidden.update(table.hidden)
    cells = sum(len(table.data) for table in tables)
    facts = {
        key: read_fact(name, years, year, lang).text
        for key, name in (("accepted", "rows_accepted"), ("held", "rows_held"), *_SAME)
    }
    rules = ", ".join(_rule(one, lang) for one in sorted({table.rule for table in tables}))
    items = [
        say(
            "report", "made_tables", lang, tables=len(tables), year=year,
            not_asked=sum(not table.asked for table in tables),
        ),
        say(
            "report", "made_rule", lang, rule=rules,
            hidden=whole(sum(hidden.values()), lang), cells=whole(cells, lang),
        ),
    ]  # fmt: skip
    if hidden:
        reasons = ", ".join(f"{_reason(key, lang)} {hidden[key]}" for key in sorted(hidden))
        items[-1] += " " + say("report", "made_reasons", lang, reasons=reasons)
    items.append(say("report", "made_rows", lang, **facts))
    items.append(
        say(
            "report",
            "made_program",
            lang,
            version=version("platform-utils"),
            source=source_text(source, lang),
        )
    )
    return Shown("\n".join(f"- {item}" for item in items) + "\n")


def how_to_cite(year: int, source: str, lang: str) -> Shown:
    """Return how the report is cited."""
    said = say("report", "cite", lang, year=year)
    return Shown((say("report", "cite_demo", lang) if source == "demo" else "") + said + "\n")


def _rule(name: str, lang: str) -> str:
    """Return a rule's short name with what it hides: ``A4`` hides counts of 1 to 3."""
    return say("report", "made_rule_one", lang, name=name, highest=int(name[1:]) - 1)


def _reason(key: str, lang: str) -> str:
    return say("report", f"reason_{key}" if has_text("report", f"reason_{key}") else "reason_other", lang)
