"""Count one table of the plan: cells, margin, and which member stands behind each cell.

Enters: the persons of a year and a planned table. Leaves: a ``CountTable``. Nothing is hidden here.
"""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from platform_utils.paths import SOURCES
from platform_utils.spec import codebook
from platform_utils.spec.codebook import SPECIAL_CODES, Derived, Variable
from platform_utils.spec.counts import NOT_ASKED, TOTAL, CountTable, Universe
from platform_utils.spec.plan import PlannedTable, TablePlan

__all__ = ["codes_of", "count_rows", "empty_table", "is_asked", "tally"]

_GRAINS: Mapping[str, str] = {
    "beneficiary": "programme",
    "nsp_intervention": "programme",
    "membership_form": "organisation",
}


def count_rows(
    planned: PlannedTable,
    plan: TablePlan,
    rows: pd.DataFrame,
    universe: Universe,
    weight: str = "person_count",
) -> CountTable:
    """Count rows by the dimensions of a table, weighted.

    Parameters
    ----------
    planned : PlannedTable
        What to count by; at most one of its dimensions is multi-select.
    plan : TablePlan
        Knows the codes of computed variables.
    rows : DataFrame
        The rows of the population, with ``member_id`` and ``weight``.
    universe : Universe
        Who is counted.
    weight : str
        Column that is summed.

    Returns
    -------
    CountTable
        With margins, zeros included, in codebook order; ``asked`` False if the year did not ask.
    """
    if not planned.dimensions:
        total = pd.DataFrame({"count": [int(rows[weight].sum())]})
        behind = rows.groupby("member_id", sort=True)[weight].sum().rename("count").reset_index()
        return _table(planned, universe, total, behind)
    if not is_asked(planned, rows, universe):
        return empty_table(planned, universe)
    long, multiple = _one_row_per_code(planned, rows, weight, universe.year)
    codes = [codes_of(name, plan, universe.year) for name in planned.dimensions]
    return tally(planned, universe, long, codes, weight, multiple=multiple)


def tally(
    planned: PlannedTable,
    universe: Universe,
    long: pd.DataFrame,
    codes: list[list[str]],
    weight: str,
    *,
    multiple: bool = False,
) -> CountTable:
    """Sum ``weight`` by the dimensions' columns, with margins, in the order of ``codes``.

    Parameters
    ----------
    planned : PlannedTable
        Names the dimensions.
    universe : Universe
        Who is counted.
    long : DataFrame
        One row per row and code, with ``member_id``; margins are ``"total"``.
    codes : list of list of str
        Codes of each dimension, in order; then codes that are not listed, special codes, the margin.
    weight : str
        Column that is summed.
    multiple : bool
        One person may stand in several rows.
    """
    names = list(planned.dimensions)
    behind = long.groupby([*names, "member_id"], sort=True)[weight].sum().rename("count").reset_index()
    found = long.groupby(names, sort=True)[weight].sum()
    levels = []
    for name, listed in zip(names, codes, strict=True):
        seen = set(long[name])
        kept = [code for code in listed if code in seen or not planned.present_only]
        new = sorted(seen - {*listed, *SPECIAL_CODES, TOTAL})
        levels.append([*kept, *new, *(code for code in SPECIAL_CODES if code in seen), TOTAL])
    index = (
        pd.MultiIndex.from_product(levels, names=names)
        if len(names) > 1
        else pd.Index(levels[0], name=names[0])
    )
    data = found.reindex(index, fill_value=0).rename("count").astype("int64").reset_index()
    return _table(planned, universe, data, behind, multiple=multiple)


def codes_of(name: str, plan: TablePlan, year: int) -> list[str]:
    """Return the codes of a variable, a derived or a computed one, in order, as of ``year``."""
    if name in plan.computed:
        return list(plan.computed[name])
    book = codebook.load()
    return [code.code for code in book.codes(book.variable(name, _GRAINS.get(name, "case")), year)]


def is_asked(planned: PlannedTable, rows: pd.DataFrame, universe: Universe) -> bool:
    """Say whether the year asked what the table shows: by the form, and by what was handed in.

    Of files that others published only their columns decide: our forms did not ask there.
    """
    book = codebook.load()
    by_form = universe.source in SOURCES
    for name in planned.dimensions:
        columns = [column for column in rows.columns if column == name or column.startswith(f"{name}__")]
        try:
            variable = book.variable(name)
            sources = variable.sources if isinstance(variable, Derived) else (name,)
        except KeyError:  # computed here
            sources = ()
        asked = [book.variable(source) for source in sources]
        if by_form and any(isinstance(one, Variable) and not one.is_asked(universe.year) for one in asked):
            return False
        if not columns:
            return False
        answered = (
            rows.loc[~rows["is_total"].astype(bool), columns] if "is_total" in rows.columns else rows[columns]
        )
        if len(answered) and (answered == NOT_ASKED).all(axis=None):
            return False
    return True


def empty_table(planned: PlannedTable, universe: Universe) -> CountTable:
    """Return the table of a year that did not ask."""
    columns = {name: pd.Series([], dtype="str") for name in planned.dimensions}
    data = pd.DataFrame(columns | {"count": pd.Series([], dtype="int64")})
    return _table(planned, universe, data, None, asked=False)


def _one_row_per_code(
    planned: PlannedTable, rows: pd.DataFrame, weight: str, year: int
) -> tuple[pd.DataFrame, bool]:
    book = codebook.load()
    multi = [name for name in planned.dimensions if name not in rows.columns]
    plain = [name for name in planned.dimensions if name not in multi]
    long = rows[[*plain, "member_id", weight]].assign(one=range(len(rows)))
    for name in multi:
        variable = book.variable(name)
        listed = book.columns(variable, year) if isinstance(variable, Variable) else {}
        long = _with_codes(long, rows[[column for column in listed if column in rows.columns]], name)
    for name in planned.dimensions:
        others = [other for other in planned.dimensions if other != name]
        margin = long.drop_duplicates(["one", *others]).assign(**{name: TOTAL})
        long = pd.concat([long, margin], ignore_index=True)
    for name in multi:
        long = long[long[name] != ""]
    return long.drop(columns="one"), bool(multi)


def _with_codes(long: pd.DataFrame, answers: pd.DataFrame, name: str) -> pd.DataFrame:
    """One row per code answered yes; rows without any yes take their special code, or none."""
    yes = answers == "yes"
    special = pd.Series("", index=answers.index, dtype="str")
    for code in ("not_asked", "blank", "unknown"):
        special = special.mask((answers == code).any(axis=1), code)
    parts = [long[yes[column]].assign(**{name: column.partition("__")[2]}) for column in answers.columns]
    without = ~yes.any(axis=1)
    return pd.concat([*parts, long[without].assign(**{name: special[without]})])


def _table(
    planned: PlannedTable,
    universe: Universe,
    data: pd.DataFrame,
    behind: pd.DataFrame | None,
    *,
    multiple: bool = False,
    asked: bool = True,
) -> CountTable:
    return CountTable(
        name=planned.key,
        universe=universe,
        dimensions=planned.dimensions,
        data=data,
        disclosure_class=planned.disclosure_class,
        multiple=multiple,
        asked=asked,
        contributors=behind if universe.source in SOURCES else None,  # others' files name no member
        notes=planned.notes,
    )
