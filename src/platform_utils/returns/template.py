"""Write the workbook that members fill in, and fill it.

Enters: year, language and, for filled forms, cells by grain. Leaves: one Excel file whose bytes depend on
nothing else. Rule: everything asked, offered and checked comes from the codebook.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from pathlib import Path

import pandas as pd
from xlsxwriter import Workbook

from platform_utils.errors import ContractError, UsageError
from platform_utils.messages import LANGUAGES, label
from platform_utils.paths import write_atomically
from platform_utils.returns.template_control import write_control
from platform_utils.returns.template_grid import Grid, write_grid
from platform_utils.returns.template_marks import write_marks
from platform_utils.returns.template_pages import write_code_lists, write_cover, write_guidance
from platform_utils.returns.template_style import Styles, settings
from platform_utils.spec import grains
from platform_utils.spec.codebook import load

__all__ = ["write_template"]

_SPARE = 50
"""Empty rows kept below the rows that a filled form brings."""


def write_template(
    path: Path,
    year: int,
    lang: str,
    *,
    member_id: str | None = None,
    member_name: str | None = None,
    tables: Mapping[str, pd.DataFrame] | None = None,
) -> None:
    """Write the form of one year, empty or filled.

    Parameters
    ----------
    path : Path
        File to write (``.xlsx``); it appears whole or not at all.
    year : int
        Support year; decides which questions and answers the form has.
    lang : {"sv", "en"}
        Language of the form.
    member_id, member_name : str, optional
        Printed on the cover and locked there; without them the member fills them in.
    tables : mapping of grain to DataFrame, shape (n_rows, n_columns), optional
        Cells as they shall stand, by codebook column (``form__sexual``): texts in the form's language
        or numbers; missing values and ``""`` are empty cells. Nothing is checked or recoded.

    Raises
    ------
    UsageError
        E-001 for an unknown language, E-190 for a year that no form exists for.
    ContractError
        E-191 if a table has a grain or column that the form of that year lacks.
    FileError
        E-012 if the file cannot be written.
    """
    if lang not in LANGUAGES:
        raise UsageError("E-001", lang=lang)
    first = settings()["first_year"]
    if not first <= year <= 2100:
        raise UsageError("E-190", year=year, first=first)
    tables = dict(tables or {})
    grids = _grids(year, lang, tables)
    with write_atomically(path) as partial:
        workbook = Workbook(str(partial), {"in_memory": True})
        workbook.set_properties(
            {
                "title": label("L-template-title-cover", lang, year=year),
                "comments": f"{year}-{lang}",
                "created": datetime(year, 1, 1),  # noqa: DTZ001 - Excel's dates have no zone, and this one is fixed
            }
        )
        styles = Styles(workbook)
        write_cover(workbook, styles, year, lang, member_id=member_id, member_name=member_name).activate()
        write_guidance(workbook, styles, grids)
        for grain, grid in grids.items():
            write_marks(write_grid(workbook, styles, grid, tables.get(grain)), styles, grid)
        write_code_lists(workbook, styles, grids)
        write_control(workbook, styles, grids, tables, member_id)
        workbook.close()


def _grids(year: int, lang: str, tables: Mapping[str, pd.DataFrame]) -> dict[str, Grid]:
    book = load()
    rows: Mapping[str, int] = settings()["rows"]
    grids: dict[str, Grid] = {}
    for grain in grains.load():
        table = tables.get(grain)
        needed = 0 if table is None else len(table)
        spare = _SPARE if needed > rows[grain] else 0
        grids[grain] = Grid(grain, year, lang, book, max(rows[grain], needed + spare))
        unknown = sorted(set() if table is None else set(table.columns) - set(grids[grain].columns))
        if unknown:
            raise ContractError("E-191", grain=grain, year=year, columns=", ".join(map(str, unknown)))
    if set(tables) - set(grids):
        raise ContractError(
            "E-191", grain=", ".join(sorted(set(tables) - set(grids))), year=year, columns="-"
        )
    return grids
