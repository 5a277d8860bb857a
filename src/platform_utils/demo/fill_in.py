"""Fill in the returns of a demo year: every member in its own kind of file, before anything goes wrong.

Enters: what members know. Leaves: one ``DemoReturn`` per member that hands one in. Answers are typed as
people type them: in two languages, with aliases, capitals and stray characters; drop-downs give the label.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from functools import cache
from itertools import accumulate
from typing import Any

import numpy as np
import pandas as pd

from platform_utils.demo.answers import has_own_entry
from platform_utils.demo.deal import seeded
from platform_utils.demo.targets import DemoMember
from platform_utils.demo.write import ENCODINGS, Cell, DemoReturn, Page, Row
from platform_utils.demo.year import DemoYear
from platform_utils.form.grid import HEADER_ROW
from platform_utils.paths import resource
from platform_utils.returns import column_map
from platform_utils.spec import grains
from platform_utils.spec.codebook import Code, Variable, load
from platform_utils.spec.entries import read_packaged

_SOFT_HYPHEN, _ZERO_WIDTH, _HARD_SPACE = "\u00ad", "\u200b", "\u00a0"
_HABITS = {"label": 0.62, "alias": 0.16, "capitals": 0.1, "other language": 0.06, "stray": 0.06}
"""How often an answer is typed in which way."""


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
    # one generator for what the demo has a story for; a column with an entry of its own disturbs nothing
    rng = seeded(seed, year, member.id, "spelling")
    pages = []
    for grain in ["case"] if style["kind"] in ENCODINGS else tables:
        generators = {
            column: seeded(seed, year, member.id, grain, column) if has_own_entry(column, grain) else rng
            for column in map(str, tables[grain])
        }
        pages.append(_page(grain, tables[grain], year, style, generators))
    name = style["name"].format(year=year)
    return DemoReturn(
        member_id=member.id,
        member_name=member.name,
        year=year,
        lang=style["lang"],
        kind=style["kind"],
        name=unicodedata.normalize("NFD", name) if style.get("decomposed_name") else name,
        received=f"{year + 1}-{style['received']}",
        pages=pages,
    )


def _page(
    grain: str, table: pd.DataFrame, year: int, style: Mapping[str, Any],
    generators: Mapping[str, np.random.Generator],
) -> Page:  # fmt: skip
    book, lang, is_form = load(), style["lang"], style["kind"] == "form"
    asked = book.grain_columns(grain, year)
    headings = (
        {column: book.heading(column, lang, grain) for column in asked}
        if is_form
        else column_map(grain, year, lang)
    )
    rows = []
    for values in table.to_dict("records"):
        truth = {str(name): str(code) for name, code in values.items() if code != ""}
        cells: dict[str, Cell] = {
            name: _typed(asked[name][0], code, style, generators[name]) for name, code in truth.items()
        }
        rows.append(Row(cells=cells, truth=truth))
    name = style["sheet"] if grain == "case" and "sheet" in style else grains.load()[grain].sheet(lang)
    titles = [title.format(year=year) for title in style.get("titles", [])]
    return Page(grain, name, headings, rows, titles, HEADER_ROW if is_form else len(titles) + 1)


def _typed(variable: Variable, code: str, style: Mapping[str, Any], rng: np.random.Generator) -> str | int:
    """Return what stands in the cell for a code (or number) of a variable."""
    if variable.kind == "text_code":
        return code
    if variable.is_number and code.isdigit():
        return int(code)
    said, lang = _code(variable.name, variable.grain, code), style["lang"]
    label = said.label(lang)
    if not style.get("typed"):
        return label
    encoding = ENCODINGS[style["kind"]][0] if style["kind"] in ENCODINGS else "utf-8"
    chance, limits = rng.random(), accumulate(_HABITS.values())
    habit = next((name for name, limit in zip(_HABITS, limits, strict=True) if chance < limit), "label")
    spelling = label
    if habit == "alias" and said.aliases:
        spelling = said.aliases[int(rng.random() * len(said.aliases))]
    elif habit == "capitals":
        spelling = spelling.upper() if rng.random() < 0.3 else spelling[:1].upper() + spelling[1:]
    elif habit == "other language":
        spelling = said.label("en" if lang == "sv" else "sv")
    elif habit == "stray":
        forms = _strays(spelling, encoding)
        spelling = forms[int(rng.random() * len(forms))]
    return spelling if _fits(spelling, encoding) else label


def _strays(text: str, encoding: str) -> list[str]:
    forms = [f" {text}  ", f"{text}{_HARD_SPACE}" if text.isascii() else f"{text} ", f"{text}."]
    if text.isascii() and len(text) > 3:
        forms.append(text[:2] + _SOFT_HYPHEN + text[2:])
    if encoding.startswith("utf"):
        forms += [text[:1] + _ZERO_WIDTH + text[1:], unicodedata.normalize("NFD", text)]
    return forms


@cache
def _fits(text: str, encoding: str) -> bool:
    try:
        text.encode(encoding)
    except UnicodeEncodeError:
        return False
    return True


@cache
def _code(name: str, grain: str, code: str) -> Code:
    (variable,) = (each for each in load().of_grain(grain) if each.name == name)
    return next(each for each in load().answers(variable) if each.code == code)


@cache
def _styles() -> dict[str, dict[str, Any]]:
    said = read_packaged(resource("demo", "files.toml"))
    return {style["member"]: style for style in said["style"]}
