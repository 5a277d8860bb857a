"""Everything that the members of one demo year know, before anybody types it into a form.

Enters: years and a seed. Leaves: persons with running codes that last over the years, and the other sheets,
as codes. Years are made in order, so that a person who continues keeps her code.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import pandas as pd

from platform_utils.demo.answers import Answers, complete, make_rows
from platform_utils.demo.deal import seeded
from platform_utils.demo.persons import make_persons
from platform_utils.demo.programme import make_programme
from platform_utils.demo.targets import DemoMember, YearTarget, demo_years, load_members, load_target
from platform_utils.spec import grains

_SAME = ["member_id", "role", "sex", "age_band", "origin_group", "origin_country"]
_CONTINUING = 0.08


@dataclass(frozen=True)
class DemoYear:
    """What members know about one year.

    Attributes
    ----------
    members : tuple of DemoMember
        On the list that year.
    tables : mapping of grain to DataFrame
        ``member_id`` and the columns that the form asked that year, as codes (``""`` is not answered).
    """

    year: int
    members: tuple[DemoMember, ...]
    tables: dict[str, pd.DataFrame]

    def by_member(self) -> dict[str, dict[str, pd.DataFrame]]:
        """Return each member's tables, without those that are empty."""
        parts: dict[str, dict[str, pd.DataFrame]] = {member.id: {} for member in self.members}
        for grain, table in self.tables.items():
            for member_id, part in table.groupby("member_id", sort=False):
                parts[str(member_id)][grain] = part.drop(columns="member_id")
        return parts


def make_years(years: Iterable[int], seed: int) -> Iterator[DemoYear]:
    """Yield the demo years asked for, in order. The same year is the same whichever others are asked for.

    Raises
    ------
    UsageError
        E-840 if the demo has no such year.
    """
    wanted = {load_target(year).year for year in years}
    before: pd.DataFrame | None = None
    used: dict[str, int] = {}
    for year in demo_years():
        if year > max(wanted, default=0):
            return
        target = load_target(year)
        before = case = _give_codes(make_persons(target, seed), before, used, year, seed)
        if year in wanted:
            members = tuple(member for member in load_members() if member.since <= year)
            tables = {
                "case": case,
                **make_programme(case, target, members, seed),
                "organisation": _make_organisations(members, year, seed),
                "total": _make_totals(members, target, seed),
            }
            for grain in grains.load():
                if grain not in tables:
                    tables[grain] = make_rows(grain, tables, year, seed)
            yield DemoYear(year, members, tables)


def _give_codes(
    case: pd.DataFrame, before: pd.DataFrame | None, used: dict[str, int], year: int, seed: int
) -> pd.DataFrame:
    """Give running codes; some persons whom the same member met the year before keep theirs."""
    case = case.copy()
    same = [column for column in _SAME if column in case]
    if before is not None and set(same) <= set(before.columns):
        rng = seeded(seed, year, "continuing")
        chosen = case.index[rng.random(len(case)) < _CONTINUING]
        again = case.loc[chosen, same].assign(place=lambda f: f.groupby(same).cumcount(), index=chosen)
        known = before[[*same, "person_code"]].assign(place=lambda f: f.groupby(same).cumcount())
        found = again.merge(known, on=[*same, "place"], how="inner")
        if "case_id" in case:
            found = found[case.loc[found["index"], "case_id"].to_numpy() == ""]
        case.loc[found["index"], "person_code"] = found["person_code"].to_numpy()
        for column, kept in (
            ("age_years", ""),
            ("first_contact_quarter", "earlier"),
            ("first_contact_month", ""),
        ):
            if column in case:
                case.loc[found["index"], column] = kept
    prefixes = {member.id: member.name.split()[1][:2].upper() for member in load_members()}
    new = case["person_code"] == ""
    for member_id, rows in case[new].groupby("member_id").groups.items():
        first = used.get(str(member_id), 0) + 1
        used[str(member_id)] = last = first + len(rows) - 1
        codes = [f"{prefixes[str(member_id)]}-{number:04d}" for number in range(first, last + 1)]
        case.loc[rows, "person_code"] = codes
    return case


def _make_organisations(members: tuple[DemoMember, ...], year: int, seed: int) -> pd.DataFrame:
    rng = seeded(seed, year, "organisations")
    rows = []
    for member in members:
        # drawn for those away as well: whoever returns, the others keep their numbers
        staff, grant, hours = (int(rng.integers(*limits)) for limits in ((1, 9), (2, 90), (5, 200)))
        size = 6 if member.largest else 1
        if member.has_returned(year):
            rows.append({
                "member_id": member.id, "membership_form": member.membership_form,
                "certified": "yes" if member.is_certified(year) else "no", "member_county": member.county,
                "staff_years": str(staff * size), "grant_sek": str(grant * 10_000 * size),
                "unpaid_hours": str(hours * 10 * size),
            })  # fmt: skip
    return complete(Answers(year, pd.DataFrame(rows), "organisation"), seed)


def _make_totals(members: tuple[DemoMember, ...], target: YearTarget, seed: int) -> pd.DataFrame:
    owner = next((member.id for member in members if target.year in member.totals), "")
    rows = [(owner, *cells) for cells in target.totals_only]
    columns = ["member_id", "role", "sex", "adult_or_child", "person_count"]
    return complete(Answers(target.year, pd.DataFrame(rows, columns=columns), "total"), seed)
