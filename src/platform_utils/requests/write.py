"""Write an answer as whoever asked can use it: one CSV per table and a page that explains them.

Enters: safe tables. Leaves: file names and bytes, the same for the same answer.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Mapping

from platform_utils.messages import label
from platform_utils.protect import DisclosureRule
from platform_utils.publish.words import code_label, population_of, variable_label
from platform_utils.requests.read import Request
from platform_utils.spec.safe import SafeTable

__all__ = ["written"]


def written(
    request: Request, source: str, tables: Iterable[SafeTable], rule: DisclosureRule
) -> Mapping[str, bytes]:
    """Return the files of an answer.

    Returns
    -------
    mapping of str to bytes
        ``<table>-<year>.csv`` (UTF-8 with a mark, as Excel expects) and ``README.md``.
    """
    asked = {f"request-{request.id}-{table.name}": table for table in request.tables}
    mark = label("L-mark-demo", request.lang) if source == "demo" else ""
    files: dict[str, bytes] = {}
    told = []
    for table in tables:
        name = f"{asked[table.name].name}-{table.universe.year}.csv"
        files[name] = _csv(table, request.lang, mark)
        told.append(_about(table, asked[table.name].why, name, request.lang))
    limits = ", ".join(f"{key}: {one.min_released}" for key, one in sorted(rule.classes.items()))
    who, expires = {"asked_by": request.asked_by, "purpose": request.purpose}, request.expires.isoformat()
    page = [
        label("L-request-title", request.lang, id=request.id),
        *([f"**{mark}**"] if mark else []),
        label("L-request-about", request.lang, ground=request.legal_ground, expires=expires, **who),
        label("L-request-marks", request.lang, limits=limits),
        *told,
        label("L-request-terms", request.lang),
    ]
    files["README.md"] = ("\n\n".join(page) + "\n").encode("utf-8")
    return dict(sorted(files.items()))


def _csv(table: SafeTable, lang: str, mark: str) -> bytes:
    """Write codes with their labels, then the count or its mark; demo data in a column of their own."""
    frame, text = table.data, io.StringIO()
    writer = csv.writer(text, lineterminator="\r\n")
    heads = [part for name in table.dimensions for part in (name, variable_label(name, lang))]
    writer.writerow([*heads, label("L-request-number", lang), *(["demo"] if mark else [])])
    for row in frame.itertuples(index=False):
        codes, count, hidden = row[: len(table.dimensions)], row[-2], row[-1]
        named = zip(table.dimensions, codes, strict=True)
        labels = [part for name, code in named for part in (code, code_label(name, code, lang))]
        writer.writerow([*labels, hidden or count, *([mark] if mark else [])])
    if not table.asked:
        writer.writerow([*[""] * len(heads), ".", *([mark] if mark else [])])
    return text.getvalue().encode("utf-8-sig")


def _about(table: SafeTable, why: str, name: str, lang: str) -> str:
    fields = {
        "file": name,
        "why": why,
        "universe": population_of(table.universe.name, lang),
        "year": table.universe.year,
        "rule": table.rule,
        "hidden": table.n_hidden,
        "cells": len(table.data),
    }
    return label("L-request-table", lang, **fields)
