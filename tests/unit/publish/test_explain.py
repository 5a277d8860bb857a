"""Fifty planted revisions: each cause is named, and the parts add up to the change."""

import sys
from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest

from platform_utils import protect
from platform_utils.count import Released, annual, annual_tables, with_movement
from platform_utils.publish.explain import EXPLAINED, explain_editions, explain_years, show_why
from platform_utils.spec.plan import load_plan
from platform_utils.spec.returns import Finding, LedgerEntry
from platform_utils.validate import Correction

sys.path.append(str(Path(__file__).parents[3] / "benchmarks"))
from invented_years import YEAR, clean_year, draw_year

NAMES = {"headline", "mass_case", "panel", "panel_last_year", "role", "moved", "moved_direct"}


@pytest.fixture(autouse=True)
def few_tables(monkeypatch):
    plan = load_plan()
    kept = replace(plan, tables=tuple(one for one in plan.tables if {one.key, one.whole} & NAMES))
    monkeypatch.setattr(annual, "load_plan", lambda: kept)


def draw(seed, year=YEAR, number=70):
    """A year of members with ten persons or so each, a file per member, no large case."""
    drawn = draw_year(number, 6 * seed + 2, year=year)
    rows = drawn.case.copy()
    rows["member_id"] = [f"M{at % 7:02d}" for at in range(len(rows))]
    return of_files(rows, year)


def of_files(rows, year=YEAR, findings=(), only=()):
    rows = rows.assign(file=rows["member_id"] + ".xlsx", row=range(2, len(rows) + 2)).reset_index(drop=True)
    ledger = [LedgerEntry(one, "Personer", "case", "accepted", 1) for one in sorted({*rows["file"], *only})]
    made = clean_year(rows, draw_year(20, 2).total.iloc[:0], year, ledger)
    programme = made.programme.assign(person_code="", beneficiary="", nsp_intervention="")
    return replace(made.with_tables(programme=programme), findings=tuple(findings))


def gated(tables):
    issued = protect.protect(protect.Demand(tables, protect.load_rule(), elsewhere=())).tables
    return {table.name: table for table in issued}


def keep(clean, at):
    """The same year without some rows; those that are left keep their numbers."""
    return clean.with_tables(case=clean.case.drop(index=at).reset_index(drop=True))


def revised(kind, clean, size):
    """Return both states of a year, and the corrections of the newer one."""
    case, at = clean.case, clean.case.index[clean.case["role"].eq("direct")][5 : 5 + size]
    some = case.loc[at]
    aimed = [
        Correction(n, "drop", "r", one.member_id, one.file, row=one.row)
        for n, one in enumerate(some.itertuples())
    ]
    if kind == "return":
        new = clean.case["member_id"].eq("M06")
        book = clean.member_year.assign(has_returned=clean.member_year["member_id"].ne("M06"))
        ledger = tuple(entry for entry in clean.ledger if entry.file != "M06.xlsx")
        return replace(keep(clean, case.index[new]).with_tables(organisation=book), ledger=ledger), clean, ()
    if kind == "corrected":
        return clean, keep(clean, at), aimed
    if kind == "recode":
        recoded = case.assign(role=case["role"].mask(case.index.isin(at), "child"))
        return clean.with_tables(case=recoded), clean, [Correction(1, "alias", "r", column="role")]
    if kind == "waiting":
        held = tuple(Finding("E-203", one.file, one.sheet, one.row) for one in some.itertuples())
        return replace(keep(clean, at), findings=held), clean, ()
    return clean, keep(clean, at), ()


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("kind", ["return", "corrected", "recode", "waiting", "rules"])
def test_a_planted_revision_of_an_edition_is_named(kind, seed):
    then, now, said = revised(kind, draw(seed), 4 + seed)
    before = gated(annual_tables({YEAR: then}, YEAR))
    counted = annual_tables({YEAR: now}, YEAR, said)
    after = gated(with_movement(counted, {YEAR: now}, {1: Released({YEAR: then})}, YEAR, said))
    for number in EXPLAINED:
        change = explain_editions([before, after], YEAR, number)
        assert change.now - change.before == sum(size for _, size in change.parts)
        expected = set() if (kind, number) == ("recode", "all.all") else {kind}
        alone = all(len(causes) == 1 for causes, _ in change.parts)  # else the gate has hidden a number
        assert expected == change.named if alone else expected <= change.named, (number, change)


def another_year(kind, clean, size):
    """Return the year after: the same persons, but for one planted cause."""
    after = of_files(clean.case.assign(year=YEAR), YEAR)
    case, book = after.case, after.member_year
    if kind == "reported":
        return of_files(case.assign(member_id=case["member_id"].replace("M06", "M66")))
    if kind == "large":
        large = case.iloc[:1].assign(person_count=40 + size, person_code="L", role="direct")
        return of_files(pd.concat([case, large], ignore_index=True))
    if kind == "form":
        return after.with_tables(organisation=book.assign(is_totals_only=book["member_id"].eq("M06")))
    more = case[case["member_id"].ne("M06")].iloc[:size]
    return of_files(pd.concat([case, more.assign(person_code="N")], ignore_index=True))


@pytest.mark.parametrize("seed", range(6))
@pytest.mark.parametrize(
    ("kind", "cause"), [("reported",) * 2, ("large",) * 2, ("form", "reported"), ("own",) * 2]
)
def test_a_planted_change_between_years_is_named(kind, cause, seed):
    then = draw(seed, YEAR - 1)
    case = then.case.drop(index=then.case.index[then.case["member_id"].eq("M06")][: seed % 3])
    now = another_year(kind, then.with_tables(case=case.reset_index(drop=True)), 4 + seed)
    years = {YEAR - 1: then, YEAR: now}
    tables = {
        YEAR - 1: gated(annual_tables({YEAR - 1: then}, YEAR - 1)),
        YEAR: gated(annual_tables(years, YEAR)),
    }
    change = explain_years(tables, YEAR - 1, YEAR)
    assert change.now - change.before == sum(size for _, size in change.parts)
    assert cause in change.named or not change.named - {"own"}, change


def test_two_causes_at_once_are_two_rows_and_a_small_one_is_told_with_the_last():
    clean = draw(1)
    _, now, said = revised("corrected", clean, 6)
    held = now.case.iloc[-2:]
    then = replace(
        keep(clean, clean.case.index[-2:]),
        findings=tuple(Finding("E-203", one.file, one.sheet, one.row) for one in held.itertuples()),
    )
    after = gated(
        with_movement(
            annual_tables({YEAR: now}, YEAR, said), {YEAR: now}, {1: Released({YEAR: then})}, YEAR, said
        )
    )
    change = explain_editions([gated(annual_tables({YEAR: then}, YEAR)), after], YEAR, "all.all")
    shown = show_why(change, "en", "2023-1", "demo")._repr_markdown_()
    assert sum(size for _, size in change.parts) == change.now - change.before == -4
    assert "+2" not in shown
    assert "together" in shown
