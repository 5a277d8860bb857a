"""Fifty planted revisions: each cause is named, and the parts add up to the change."""

import re
import sys
from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest
import signing

from platform_utils import protect
from platform_utils.cli import main
from platform_utils.count import Released, annual_tables, with_movement
from platform_utils.paths import Workspace
from platform_utils.publish import tables_folder
from platform_utils.publish.explain import EXPLAINED, explain_editions, explain_years, show_why
from platform_utils.release import freeze_release
from platform_utils.spec.returns import Finding, LedgerEntry
from platform_utils.validate import Correction

sys.path.append(str(Path(__file__).parents[3] / "benchmarks"))
from invented_years import YEAR, clean_year, draw_year


@pytest.fixture(autouse=True)
def few_tables(counting_only):
    with counting_only("headline", "mass_case", "panel", "panel_last_year", "role", "moved", "moved_direct"):
        yield


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


def by_loops(then, now):
    """How many more persons each cause makes, person by person; a large case stands for more than 16."""
    said = [
        {one.member_id: one.is_totals_only for one in clean.member_year.itertuples()} for clean in (then, now)
    ]
    parts = dict.fromkeys(("reported", "large", "own"), 0)
    for sign, clean in ((-1, then), (1, now)):
        for row in clean.case.itertuples():
            kind = "own" if said[0].get(row.member_id) == said[1].get(row.member_id) else "reported"
            parts["large" if row.person_count > 16 else kind] += sign * row.person_count
    return parts


@pytest.mark.parametrize("seed", range(6))
@pytest.mark.parametrize("kind", ["reported", "large", "form", "own"])
def test_a_planted_change_between_years_has_the_size_that_was_planted(kind, seed):
    then = draw(seed, YEAR - 1)
    case = then.case.drop(index=then.case.index[then.case["member_id"].eq("M06")][: 2 + seed % 3])
    now = another_year(kind, then.with_tables(case=case.reset_index(drop=True)), 4 + seed)
    years = {YEAR - 1: then, YEAR: now}
    tables = {
        YEAR - 1: gated(annual_tables({YEAR - 1: then}, YEAR - 1)),
        YEAR: gated(annual_tables(years, YEAR)),
    }
    change, planted = explain_years(tables, YEAR - 1, YEAR), by_loops(then, now)
    assert planted["reported" if kind == "form" else kind]
    told = [(sum(planted[cause.name] for cause in causes), size) for causes, size in change.parts]
    assert [] == [pair for pair in told if pair[0] != pair[1]], (planted, change)
    assert change.now - change.before == sum(planted.values())
    assert {*planted} == {cause.name for causes, _ in change.parts for cause in causes}


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


@pytest.fixture
def desk(tmp_path, monkeypatch):
    """A workspace with an edition of a year, a return that has come since, and the year before."""
    (tmp_path / "_quarto.yml").touch()
    monkeypatch.setenv("PLATFORM_UTILS_HOME", str(tmp_path))
    here = Workspace(tmp_path)
    then, now, _ = revised("return", draw(1), 5)
    last = of_files(draw(2, YEAR - 1).case, YEAR - 1)
    tables = {
        tmp_path / "edition": gated(annual_tables({YEAR: then}, YEAR)),
        tables_folder(here, "demo", YEAR - 1): gated(annual_tables({YEAR - 1: last}, YEAR - 1)),
        tables_folder(here, "demo", YEAR): gated(
            with_movement(
                annual_tables({YEAR - 1: last, YEAR: now}, YEAR),
                {YEAR: now},
                {1: Released({YEAR: then})},
                YEAR,
            )
        ),
    }
    for folder, own in tables.items():
        folder.mkdir(parents=True)
        for table in own.values():
            table.write(folder / f"{table.name}.parquet")
    for year in (YEAR - 1, YEAR):
        here.returns("demo", year).mkdir(parents=True)
        here.receipts("demo", year).touch()
    files = {f"tables/{YEAR}/{path.name}": path.read_bytes() for path in (tmp_path / "edition").iterdir()}
    for name in ("A. Ett", "B. Två"):
        signing.sign_release(here, name, YEAR, files)
    freeze_release(here, "demo", YEAR, files, (), date=f"{YEAR + 1}-08-15")
    return here, dict(now.case.groupby("member_id")["person_count"].sum().items())


def read_changes(said):
    """Return the rows of each table that a command printed: words, number."""
    rows = [re.fullmatch(r"(.+?)  (?:\*\*)?([+−]?[\d,]+)(?:\*\*)?", line) for line in said.splitlines()]
    tables = [[]]
    for row in filter(None, rows):
        tables[-1].append((row[1].strip("* "), int(row[2].replace("−", "-").replace(",", ""))))
        if row[1].startswith("**"):
            tables.append([])
    return tables[:-1]


def test_the_command_explains_an_edition_and_a_year_by_causes_that_add_up(desk, capsys):
    _, sizes = desk
    assert 0 == main(["explain", str(YEAR), "--since", f"{YEAR}-1", "--lang", "en"])
    said = capsys.readouterr().out
    for (_, before), *parts, (_, now) in read_changes(said):
        assert 0 < now - before == sum(size for _, size in parts)
        assert [now - before] == [size for words, size in parts if "returns that came in" in words]
    assert sizes["M06"] == read_changes(said)[0][-1][1] - read_changes(said)[0][0][1]
    assert 0 == main(["explain", str(YEAR), "--lang", "en"])  # the newest edition, unless said
    assert said == capsys.readouterr().out
    assert 0 == main(["explain", str(YEAR), "--since", str(YEAR - 1), "--lang", "en"])
    ((_, before), *parts, (_, now)), *_ = read_changes(capsys.readouterr().out)
    assert (70, sum(sizes.values())) == (before, now)
    assert now - before == sum(size for _, size in parts)


@pytest.mark.parametrize(
    ("year", "since", "said"),
    [
        (
            YEAR,
            f"{YEAR}-2",
            f"E-028 {YEAR} cannot be compared with that. Expected one of: {YEAR - 1}, {YEAR}-1.",
        ),
        (YEAR, "last", f"E-028 {YEAR} cannot be compared with that."),
        (YEAR - 1, "", f"E-029 There is nothing to compare {YEAR - 1} with."),
    ],
)
def test_what_cannot_be_compared_is_said_with_what_can(desk, capsys, year, since, said):
    assert 2 == main(["explain", str(year), "--lang", "en", *(["--since", since] if since else [])])
    assert capsys.readouterr().err.startswith(said)
