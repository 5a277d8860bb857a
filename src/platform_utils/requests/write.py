"""Write an answer as whoever asked can use it: one tidy table, the words for its codes, a page that explains.

Enters: safe tables. Leaves: file names and bytes, the same for the same answer. What names a day (citation,
metadata) is written when the answer is handed over.
"""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

import pandas as pd

from platform_utils.messages import label, say
from platform_utils.paths import resource
from platform_utils.protect import DisclosureRule
from platform_utils.publish.words import code_label, population_of, variable_label
from platform_utils.publish.workbook import front, sheet_of, to_ods, to_xlsx
from platform_utils.requests.read import AskedTable, Request
from platform_utils.requests.tidy import TABLES, tidy, to_csv
from platform_utils.spec.plan import load_plan
from platform_utils.spec.safe import SafeTable

_EPOCH = (1980, 1, 1, 0, 0, 0)
_LICENCE = "CC BY 4.0"
_LICENCE_ADDRESS = "https://creativecommons.org/licenses/by/4.0/"
_CRATE = "ro-crate-metadata.json"
_KINDS = {
    TABLES: "text/csv",
    "tables.xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "tables.ods": "application/vnd.oasis.opendocument.spreadsheet",
}


@dataclass(frozen=True)
class Going:
    """An answer on the day on which it goes: what a citation and the metadata say of it."""

    request: Request
    day: date
    readers: tuple[str, ...]
    tables: tuple[SafeTable, ...]


def written(
    request: Request,
    source: str,
    tables: Iterable[SafeTable],
    rule: DisclosureRule,
    sent: Mapping[str, bytes],
) -> dict[str, bytes]:
    """Return the files of an answer.

    Parameters
    ----------
    sent : mapping of str to bytes
        The request and, where there is one, the notebook that asks, as they came.

    Returns
    -------
    dict of str to bytes
        ``tables.csv`` (UTF-8 with a mark, as Excel expects), the same tables as ``.xlsx`` and ``.ods``,
        ``codebook.csv``, ``README.md``, ``METHOD.md``, and what was sent.
    """
    by_name = {f"request-{request.id}-{table.name}": table for table in request.tables}
    tables = tuple(tables)
    mark = label("L-mark-demo", request.lang) if source == "demo" else ""
    demo = {"demo": mark} if mark else {}
    names = {key: table.name for key, table in by_name.items()}
    frame = tidy(tables, names, f"request-{request.id}").assign(**demo)
    words = _codebook(frame, request.lang).assign(**demo)
    told = [(by_name[table.name], table) for table in tables]
    texts = {"README.md": _page(request, told, rule, mark), "METHOD.md": _method(request, rule, mark)}
    files = {TABLES: to_csv(frame), "codebook.csv": to_csv(words), **_workbooks(request, told, mark), **sent}
    files |= {name: text.encode("utf-8") for name, text in texts.items()}
    return dict(sorted(files.items()))


def going_out(going: Going) -> dict[str, bytes]:
    """Return what is written on the day: how to cite it (text and BibTeX), and metadata as an RO-Crate."""
    request, day = going.request, going.day.isoformat()
    fields = {"id": request.id, "day": day, "year": going.day.year, "licence": _LICENCE}
    cite = label("L-request-cite", request.lang, years=", ".join(map(str, request.years)), **fields)
    crate = json.dumps(_crate(going), ensure_ascii=False, indent=1, sort_keys=True)
    return {"CITATION.md": f"{cite}\n".encode(), _CRATE: f"{crate}\n".encode()}


def packed(files: Mapping[str, bytes]) -> bytes:
    """Return files as a zip file: same files, same bytes."""
    text = io.BytesIO()
    with zipfile.ZipFile(text, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in sorted(files.items()):
            entry = zipfile.ZipInfo(name, _EPOCH)
            entry.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(entry, content)
    return text.getvalue()


def _page(
    request: Request, told: Iterable[tuple[AskedTable, SafeTable]], rule: DisclosureRule, mark: str
) -> str:
    limits = ", ".join(f"{key}: {one.min_released}" for key, one in sorted(rule.classes.items()))
    who, expires = {"asked_by": request.asked_by, "purpose": request.purpose}, request.expires.isoformat()
    parts = [
        label("L-request-title", request.lang, id=request.id),
        *([f"**{mark}**"] if mark else []),
        label("L-request-about", request.lang, ground=request.legal_ground, expires=expires, **who),
        label("L-request-marks", request.lang, limits=limits),
        *(_about(table, asked, request.lang) for asked, table in told),
        label("L-request-again", request.lang, id=request.id),
        label("L-request-terms", request.lang),
    ]
    return "\n\n".join(parts) + "\n"


def _workbooks(request: Request, told: Iterable[tuple[AskedTable, SafeTable]], mark: str) -> dict[str, bytes]:
    """Return the tables as workbooks, a sheet each, as in the annex of the report."""
    lang, title = request.lang, label("L-request-title", request.lang, id=request.id).lstrip("# ")
    sheets = []
    for number, (asked, table) in enumerate(told, start=1):
        named = " × ".join(variable_label(name, lang) for name in asked.dimensions)
        what = named or say("ask", "persons", lang)
        sheets.append(sheet_of(number, table, what, lang, what=what))
    cover = [title, *([mark] if mark else []), request.purpose, label("L-request-terms", lang)]
    whole = [*front(cover, sheets, (), lang), *sheets]
    year = max(request.years)
    return {"tables.xlsx": to_xlsx(whole, title, year), "tables.ods": to_ods(whole)}


def _method(request: Request, rule: DisclosureRule, mark: str) -> str:
    """Return how the figures were made: counting, hiding with its limits, what makes years unlike."""
    lang = request.lang
    text = resource("ask", f"method.{lang}.md").read_text(encoding="utf-8")
    limits = [
        label("L-request-limit", lang, **vars(one) | {"highest": one.min_released - 1})
        for one in rule.classes.values()
    ]
    first, *_, last = (*request.years, request.years[-1])
    breaks = [f"- {one.year}: {one.label(lang)}" for one in load_plan().breaks if first < one.year <= last]
    said = breaks or [f"- {say('ask', 'no_break', lang)}"]
    text += f"\n**{mark}**\n" if mark else ""
    return text.replace("{limits}", "\n".join(limits)).replace("{breaks}", "\n".join(said))


def _about(table: SafeTable, asked: AskedTable, lang: str) -> str:
    fields = {
        "name": asked.name,
        "why": asked.why,
        "universe": population_of(table.universe.name, lang),
        "year": table.universe.year,
        "rule": table.rule,
        "hidden": table.n_hidden,
        "cells": len(table.cells),
    }
    return label("L-request-table", lang, **fields)


def _codebook(frame: pd.DataFrame, lang: str) -> pd.DataFrame:
    """Return the words for every variable and code that an answer has."""
    used = {
        (line[f"variable_{place}"], line[f"code_{place}"])
        for line in frame.to_dict("records")
        for place in (1, 2)
        if line[f"variable_{place}"]
    }
    rows = [
        (name, variable_label(name, lang), code, code_label(name, code, lang)) for name, code in sorted(used)
    ]
    return pd.DataFrame(rows, columns=["variable", "question", "code", "answer"])


def _crate(going: Going) -> dict[str, object]:
    """Return the metadata as an RO-Crate: what it is, who may use it how, and how it came to be."""
    from rocrate.rocrate import ContextEntity, DataEntity, ROCrate

    request, day, crate = going.request, going.day.isoformat(), ROCrate()
    name = label("L-request-title", request.lang, id=request.id).lstrip("# ")
    licence = {"@type": "CreativeWork", "name": _LICENCE}
    root: dict[str, Any] = {
        "identifier": f"request-{request.id}",
        "name": name,
        "description": request.purpose,
        "datePublished": day,
        "license": crate.add(ContextEntity(crate, _LICENCE_ADDRESS, licence)),
    }
    titles = "; ".join(dict.fromkeys(table.name for table in request.tables))
    span = f"{request.years[0]}/{request.years[-1]}"
    for file, kind in _KINDS.items():
        said = {"@type": "File", "name": titles, "encodingFormat": kind, "temporalCoverage": span}
        crate.add(DataEntity(crate, file, said))
    acts = [
        ("#request", "AskAction", request.purpose, request.asked_by, None),
        *((f"#review-{n}", "ReviewAction", name, one, day) for n, one in enumerate(going.readers, start=1)),
        *((f"#sign-{n}", "AuthorizeAction", name, one, day) for n, one in enumerate(going.readers, start=1)),
        ("#release", "GiveAction", name, "", day),
    ]
    for key, kind, text, agent, when in acts:
        about: dict[str, Any] = {"@type": kind, "name": text, "object": {"@id": "./"}}
        about |= {"description": agent} if agent else {}
        done = ContextEntity(crate, key, about | ({"endTime": when} if when else {}))
        root.setdefault("mentions", []).append(crate.add(done))
    for key, value in root.items():
        crate.root_dataset[key] = value
    return dict(crate.metadata.generate())
