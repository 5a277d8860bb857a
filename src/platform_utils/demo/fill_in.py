"""Fill in the returns of a demo year: every member in its own kind of file, before anything goes wrong.

Enters: what members know. Leaves: one ``DemoReturn`` per member that hands one in.
"""

from __future__ import annotations

import tomllib
import unicodedata
from collections.abc import Mapping
from functools import cache
from typing import Any

import pandas as pd

from platform_utils.demo.deal import seeded
from platform_utils.demo.pages import DemoReturn, Page, Row
from platform_utils.demo.spell import Speller
from platform_utils.demo.targets import DemoMember
from platform_utils.demo.write import ENCODINGS
from platform_utils.demo.year import DemoYear
from platform_utils.paths import resource
from platform_utils.returns import column_map
from platform_utils.returns.template_grid import HEADER_ROW
from platform_utils.spec import grains
from platform_utils.spec.codebook import load

__all__ = ["fill_in"]


def fill_in(demo: DemoYear, seed: int) -> list[DemoReturn]:
    """Return the returns of a year, one per member that hands one in, in the order of the members."""
    parts = demo.by_member()
    return [
        _fill_in_one(member, demo.year, parts[member.id], _styles()[member.id], seed)
        for member in demo.members
        if member.has_returned(demo.year)
    ]


def _fill_in_one(
    member: DemoMember, year: int, tables: Mapping[str, pd.DataFrame], style: Mapping[str, Any], seed: int
) -> DemoReturn:
    kind, lang = style["kind"], style["lang"]
    encoding = ENCODINGS[kind][0] if kind in ENCODINGS else "utf-8"
    rng = seeded(seed, year, member.id, "spelling")
    speller = Speller(lang, typed=style.get("typed", False), encoding=encoding, rng=rng)
    grains = ["case"] if kind in ENCODINGS else list(tables)
    pages = [_page(grain, tables[grain], year, style, speller) for grain in grains]
    name = style["name"].format(year=year)
    return DemoReturn(
        member_id=member.id,
        member_name=member.name,
        year=year,
        lang=lang,
        kind=kind,
        name=unicodedata.normalize("NFD", name) if style.get("decomposed_name") else name,
        received=f"{year + 1}-{style['received']}",
        pages=pages,
    )


def _page(grain: str, table: pd.DataFrame, year: int, style: Mapping[str, Any], speller: Speller) -> Page:
    book, lang = load(), style["lang"]
    columns = book.grain_columns(grain, year)
    if style["kind"] == "form":
        headings = {column: book.heading(column, lang, grain) for column in columns}
    else:
        headings = column_map(grain, year, lang)
    names = list(table.columns)
    rows = []
    for values in table.itertuples(index=False, name=None):
        truth = {name: value for name, value in zip(names, values, strict=True) if value != ""}
        cells = {name: speller.spell(columns[name][0], value) for name, value in truth.items()}
        rows.append(Row(cells=dict(cells), truth=truth))
    is_renamed = grain == "case" and "sheet" in style
    name = style["sheet"] if is_renamed else grains.load()[grain].sheet(lang)
    titles = [title.format(year=year) for title in style.get("titles", [])]
    header_row = HEADER_ROW if style["kind"] == "form" else 0
    return Page(grain, name, headings, rows, titles, header_row)


@cache
def _styles() -> dict[str, dict[str, Any]]:
    said = tomllib.loads(resource("demo", "files.toml").read_text(encoding="utf-8"))
    return {style["member"]: style for style in said["style"]}
