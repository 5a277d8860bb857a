"""What a document tells of itself before it says anything else, and what it refuses to be told.

Enters: report, period, source and language. Leaves: a Markdown block that both engines read: title with its
year, the mark that runs over every page, the name of the files; and the box that says whose figures they are.
"""

from __future__ import annotations

import ast
import sys
from typing import Any

from platform_utils.config import quarto_profiles
from platform_utils.errors import UsageError
from platform_utils.messages import LANGUAGES, label, say
from platform_utils.paths import Workspace
from platform_utils.publish.inline import Shown
from platform_utils.spec.reports import Period, Report, load_reports

_FILES = {"pdf": "PDF", "docx": "Word", "xlsx": "Excel", "ods": "ODS", "csv": "CSV"}
_MARKS = {"demo": "L-mark-demo", "members": "L-mark-draft"}
_INJECTED = "# Injected Parameters"
"""First line of the cell that Quarto puts after the one that declares parameters."""


def show_opening(report: str, period: Period, source: str, lang: str, more: str = "") -> Shown:
    """Return what a document tells of itself, and the box that says whose figures these are.

    Parameters
    ----------
    more : str
        What else runs over every page.
    """
    said, box = show_says(report, period, source, lang, more), show_box(source, lang)
    parts = (said, show_links(report, period, lang), box)
    return Shown("\n".join(one._repr_markdown_() for one in parts), repr(box))


def show_links(report: str, period: Period, lang: str) -> Shown:
    """Return where a document stands in the other language and as other files; web pages alone show it."""
    reports, other = load_reports(), next(one for one in LANGUAGES if one != lang)
    about = reports[report]

    def files(one: Report) -> list[str]:
        return [f"[{_FILES[end]}]({one.stem(period)}.{lang}.{end})" for end in one.formats if end in _FILES]

    def page(one: Report, name: str) -> str:
        return f"[{say('report', name, lang)}]({one.stem(period)}.{lang}.html)"

    there = [other] if about.document(Workspace.find(), other).is_file() else []
    shown = [f"[{say('report', 'language', one)}]({about.stem(period)}.{one}.html)" for one in there]
    shown += [*([page(reports[about.goes_with], "to_report")] if about.goes_with else []), *files(about)]
    beside = (one for one in reports.values() if one.goes_with == report)
    shown += [f"{page(one, 'to_tables')} ({', '.join(files(one))})" for one in beside]
    listed = f"::: {{.on-screen}}\n\n{' · '.join(shown)}\n\n:::"
    return Shown(f':::: {{.content-visible when-format="html"}}\n\n{listed}\n\n::::\n')


def show_says(report: str, period: Period, source: str, lang: str, more: str = "") -> Shown:
    """Return title, running mark and name of the files alone."""
    mark = " · ".join(filter(None, (label(_MARKS[source], lang) if source in _MARKS else "", more)))
    return Shown(says(report, period, lang, mark=mark), "")


def show_box(source: str, lang: str) -> Shown:
    """Return the box that says whose figures these are: invented, a draft, or imported."""
    kind = {"demo": "demo", "members": "draft"}.get(source, "external")
    title, text = say("report", f"{kind}_title", lang), say("report", f"{kind}_text", lang)
    return Shown(f"::: {{.callout-warning}}\n## {title}\n\n{text}\n:::\n", f"{title}. {text}")


def says(report: str, period: Period, lang: str, **fields: str) -> str:
    """Return the block by which a document says title, mark and name of its files; ``fields`` are others."""
    about = load_reports()[report]
    told = {"title": about.title(period, lang), "mark": "", "name": f"{about.stem(period)}.{lang}"} | fields
    pairs = " ".join(f'{key}="{_quoted(text)}"' for key, text in told.items() if text)
    return f"::: {{.document-says {pairs}}}\n:::\n"


def check_told(source: str, document: str) -> None:
    """Refuse what Quarto lets pass: a parameter that the document does not have, members' data in the open.

    Elsewhere parameters are refused before a document runs.

    Parameters
    ----------
    document : str
        What messages call the document.

    Raises
    ------
    UsageError
        E-504 for a parameter that the document does not declare, E-505 for one of another type, E-664 for
        members' data outside Quarto's profile ``members``, which writes into the restricted folder.
    """
    profiles = quarto_profiles()
    if profiles is None:
        return
    if source == "members" and "members" not in profiles:
        raise UsageError("E-664", document=document)
    declared, given = _parameters()
    for name, value in given.items():
        if name not in declared:
            raise UsageError("E-504", name=name, document=document, known=", ".join(declared) or "-")
        expected = type(declared[name])
        if declared[name] is not None and type(value) is not expected:
            got = type(value).__name__
            raise UsageError("E-505", name=name, document=document, got=got, expected=expected.__name__)


def _parameters() -> tuple[dict[str, Any], dict[str, Any]]:
    """Return the parameters that the running document declares, and those that Quarto was given for it."""
    cells: list[str] = getattr(sys.modules["__main__"], "In", [])
    at = next((i for i, cell in enumerate(cells) if _INJECTED in cell.splitlines()), None)
    return ({}, {}) if at is None else (_assigned(cells[at - 1]), _assigned(cells[at]))


def _assigned(cell: str) -> dict[str, Any]:
    assigned = (each for each in ast.parse(cell).body if isinstance(each, ast.Assign))
    return {ast.unparse(each.targets[0]): ast.literal_eval(each.value) for each in assigned}


def _quoted(text: str) -> str:
    return text.replace("\\", "\\\\").replace('"', '\\"')
