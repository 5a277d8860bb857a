"""Who came and who went in each cell of a year, since its rows were released.

Enters: the rows of a year as they are, and as they were. Leaves: the count tables, each with the persons who
make the difference. Both are counted as always, only that each person, and not the member, stands behind a
row: a person whose answer changed goes out of one cell and into another. Serves corrected editions.

A person is known again by member and person code. A code says nothing where a member has written most of
its rows anew, or has handed in totals before or after: its persons are then one pool, matched by their
answers and by their order, and only the change of the pool is certain.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

import pandas as pd

from platform_utils.count.annual import Declared, annual_tables, tables_of_sides
from platform_utils.count.rows import BEHIND, Rows
from platform_utils.count.sides import State, sides_of
from platform_utils.spec import grains
from platform_utils.spec.clean import CleanYear
from platform_utils.spec.counts import CountTable
from platform_utils.spec.grains import Grain

_POOL = "\t\t"
"""Stands between a pool and a person in it."""
_ABOUT_THE_ROW = ("person_code", "year", "file", "sheet", "row", "is_possible_duplicate")


@dataclass(frozen=True)
class Released:
    """What was counted in a release.

    Parameters
    ----------
    years : mapping of int to CleanYear
        The year and the one before it, as they were.
    corrections : sequence of Declared
        The corrections that the rows carried.
    """

    years: Mapping[int, CleanYear]
    corrections: Sequence[Declared] = ()


def with_movement(
    tables: Sequence[CountTable],
    years: Mapping[int, CleanYear],
    released: Mapping[int, Released],
    year: int,
    corrections: Iterable[Declared] = (),
) -> list[CountTable]:
    """Return the tables of a year with who came and who went.

    Parameters
    ----------
    tables : sequence of CountTable
        From `annual_tables` of ``years`` and ``year``.
    years : mapping of int to CleanYear
        The year and the one before it.
    released : mapping of int to Released
        What was counted in each edition of the year that is out.
    year : int
        Support year.
    corrections : iterable of Declared
        The corrections that the rows carry.

    Returns
    -------
    list of CountTable
        In the order given. Tables of the year before stay as they are; so does every table if nothing is out.
        If somebody has moved since the newest edition, tables that say by what stand after them.
    """
    said = tuple(corrections)
    moved: dict[str, list[pd.DataFrame]] = {}
    told: list[CountTable] = []
    for edition, before in sorted(released.items()):
        then, now = _named(before.years[year], years[year])
        old = {one.name: one for one in annual_tables({**before.years, year: then}, year, before.corrections)}
        for table in annual_tables({**years, year: now}, year, said):
            if table.universe.year == year:
                found = _moved(old.get(table.name), table).assign(since=edition)
                moved.setdefault(table.name, []).append(found)
        sides = sides_of(State(then, tuple(before.corrections)), State(now, said))
        told = tables_of_sides(Rows(years[year], corrections=said, sides=sides))
    return _with_moved(tables, moved) + told


def _with_moved(tables: Sequence[CountTable], moved: Mapping[str, list[pd.DataFrame]]) -> list[CountTable]:
    """Return tables with who has moved in each, where that is known."""
    return [
        replace(table, moved=pd.concat(moved[table.name], ignore_index=True))
        if table.name in moved
        else table
        for table in tables
    ]


def _moved(then: CountTable | None, now: CountTable) -> pd.DataFrame:
    """Return the persons of each cell that are there more, or less, than before."""
    keys = [*now.dimensions, "member_id"]
    empty = pd.DataFrame({key: pd.Series([], dtype="str") for key in keys}).assign(
        count=pd.Series([], dtype="int64")
    )
    gone = then.contributors if then is not None else None
    come = now.contributors
    both = pd.concat(
        [empty if gone is None else gone.assign(count=-gone["count"]), empty if come is None else come]
    )
    found = both.groupby(keys, sort=True)["count"].sum().reset_index()
    found = found[found["count"] != 0].rename(columns={"member_id": "person"}).reset_index(drop=True)
    person = found["person"].astype("str")
    pool = person.str.partition(_POOL)[0] if len(found) else person
    told = now.universe.unit != "rows"  # what was done to rows names files, not persons
    return found.assign(pool=pool if told else "")[[*now.dimensions, "person", "pool", "count"]]


def _named(then: CleanYear, now: CleanYear) -> tuple[CleanYear, CleanYear]:
    """Return both states of a year with a name for whoever stands behind each row, the same in both."""
    old, new = (_described(year) for year in (then, now))
    trusted = _trusted(old, new, {*then.total["member_id"], *now.total["member_id"]})
    contents = [frame.loc[~_is_sure(frame, trusted), "content"] for frame in (old, new)]
    alike = set(contents[0]) & set(contents[1])
    return _with_names(then, old, trusted, alike), _with_names(now, new, trusted, alike)


def _described(clean: CleanYear) -> pd.DataFrame:
    """Return member, code and answers of each person; the code is empty where it is no name."""
    case = clean.case
    answers = sorted(set(case.columns) - set(_ABOUT_THE_ROW))
    told = pd.util.hash_pandas_object(case[answers].astype("str"), index=False).astype("str")
    code = case["person_code"].astype("str")
    twice = case.duplicated(["member_id", "person_code"], keep=False)
    frame = pd.DataFrame({"member": case["member_id"].astype("str"), "code": code.mask(twice, "")})
    occurrence = told.groupby([frame["member"], told]).cumcount().astype("str")
    return frame.assign(content=frame["member"] + _POOL + "=" + told + "." + occurrence)


def _trusted(old: pd.DataFrame, new: pd.DataFrame, totals: set[str]) -> set[str]:
    """Return the members whose codes stand for the same persons: most who are in both said the same."""
    coded = [frame[frame["code"] != ""] for frame in (old, new)]
    both = coded[0].merge(coded[1], on=["member", "code"], suffixes=("_then", "_now"))
    same = both[both["content_then"] == both["content_now"]].groupby("member").size()
    sizes = [frame.groupby("member").size() for frame in coded]
    members = {*old["member"], *new["member"]} - totals
    return {
        member for member in members if 2 * same.get(member, 0) >= min(size.get(member, 0) for size in sizes)
    }


def _is_sure(frame: pd.DataFrame, trusted: set[str]) -> pd.Series:
    return frame["member"].isin(trusted) & (frame["code"] != "")


def _with_names(clean: CleanYear, frame: pd.DataFrame, trusted: set[str], alike: set[str]) -> CleanYear:
    sure, known = _is_sure(frame, trusted), frame["content"].isin(alike)
    left = frame[~sure & ~known]
    numbered = left["member"] + _POOL + left.groupby("member").cumcount().astype("str")
    name = (frame["member"] + "\t" + frame["code"]).where(sure, frame["content"])
    name = name.where(sure | known, numbered.reindex(frame.index))
    tables = {"case": clean.case.assign(**{BEHIND: name})}
    for sheet, grain in grains.load().items():
        if sheet in clean.tables and sheet not in ("case", "organisation"):  # behind those stands the member
            rows = clean.tables[sheet]
            tables[sheet] = rows.assign(**{BEHIND: _behind(rows, grain, trusted)})
    return clean.with_tables(**tables)


def _behind(rows: pd.DataFrame, grain: Grain, trusted: set[str]) -> pd.Series:
    """Return the person that each row of another sheet names, else the member's pool."""
    member = rows["member_id"].astype("str")
    if not grain.person:
        return member + _POOL + "totals"
    code = rows[grain.person].astype("str")
    between = (member.isin(trusted) & (code != "")).map({True: "\t", False: _POOL}).astype("str")
    return member + between + code
