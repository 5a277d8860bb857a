"""What a member gets back: its own numbers, what is released of all, and nothing of any other member."""

import html
import re
import shutil
import sys
from datetime import date
from pathlib import Path

import pandas as pd
import pytest
import signing

from platform_utils import publish
from platform_utils import year as steps
from platform_utils.cli import main
from platform_utils.errors import NotSignedOff
from platform_utils.paths import Workspace
from platform_utils.protect import Demand, Links, load_rule, protect
from platform_utils.release import freeze_release
from platform_utils.spec.counts import CountTable, Universe
from platform_utils.verify import check_all_releases
from platform_utils.year import feedback as pages
from platform_utils.year.feedback import beside_own

sys.path.append(str(Path(__file__).parents[3] / "benchmarks"))
from feedback_years import one_series

YEAR, DAY = 2018, date(2019, 9, 1)


@pytest.fixture(scope="module")
def place(demo_years, tmp_path_factory):
    """A workspace whose year is released as it stands, with nothing but its tables."""
    demo_years.safe(YEAR)
    made, here = demo_years.made(), Workspace(tmp_path_factory.mktemp("feedback"))
    demo_years.furnish(here)
    for folder in (made.returns("demo", YEAR), made.restricted("demo", YEAR)):
        shutil.copytree(folder, here.root / folder.relative_to(made.root))
    tables = publish.tables_folder(made, "demo", YEAR)
    files = {f"tables/{YEAR}/{path.name}": path.read_bytes() for path in tables.iterdir()}
    for name in ("A. Ett", "B. Två"):
        signing.sign_release(here, name, YEAR, files)
    freeze_release(here, "demo", YEAR, files, (), date="2019-08-15")
    return here


@pytest.fixture(scope="module")
def two(demo_years):
    """The member with the most rows, and one in the middle."""
    behind = demo_years.counts(YEAR)["headline"].contributors.sort_values("count")["member_id"]
    return [behind.iloc[-1], behind.iloc[len(behind) // 2]]


@pytest.fixture(scope="module")
def given(place, two):
    return steps.write_feedback(place, "demo", YEAR, two)


def pairs_of(page):
    """Own and everybody's number of each row of the figures, by the row's words; spelled here on its own."""
    table = page.split('id="tbl-figures"')[1].split("</table>")[0].split("<tbody>")[1]
    rows = [re.findall(r"<t[hd][^>]*>(.*?)</t[hd]>", row, re.DOTALL) for row in table.split("<tr>")[1:]]
    plain = [[re.sub(r"<[^>]*>|\u2060", "", cell) for cell in row] for row in rows]
    return {what: (own, everybody) for what, own, everybody in plain}


def number_of(text):
    return None if text == ".." else int(text)


def test_own_numbers_are_own_rows_and_what_is_hidden_stays_hidden(given, two, demo_years):
    safe, seen = demo_years.safe(YEAR), set()
    for member in two:
        case = demo_years.clean(YEAR).case
        mine = case[case["member_id"].eq(member) & case["role"].eq("direct")]
        page = (given.folder / f"{member}.en.html").read_text(encoding="utf-8")
        pairs = pairs_of(page)
        for name in ("police_report", "identified_by_group"):
            for (code,), count in zip(safe[name].cells, safe[name].counts, strict=True):
                words = f"{publish.table.title_of(name, 'en')}: {publish.table.code_label(name, code, 'en')}"
                if words in pairs:
                    own, everybody = map(number_of, pairs[words])
                    assert own == int(mine.loc[mine[name].eq(code), "person_count"].sum())
                    assert everybody in (count, None)
                    assert (everybody is None) == (count is None or 0 < count - own < 4)
                    seen.add(everybody)
        assert "DEMO DATA" in page
        assert member in page
        assert not [one for one in set(case["member_id"]) - {member} if re.search(rf"\b{one}\b", page)]
    assert len(seen) > 2


def planted(dimension, counts, strictness):
    """A table of which each code's number stands on members' own rows, as the gate lets it out."""
    behind = [(code, member, n) for code, own in counts.items() for member, n in own.items()]
    frame = pd.DataFrame(behind, columns=[dimension, "member_id", "count"])
    frame = pd.concat(
        [frame, frame.groupby("member_id", as_index=False)["count"].sum().assign(**{dimension: "total"})]
    )
    data = frame.groupby(dimension, as_index=False, sort=False)["count"].sum()
    who = Universe("direct", YEAR, "demo")
    table = CountTable(dimension, who, (dimension,), data, strictness, contributors=frame)
    (safe,) = protect(Demand([table], load_rule(), links=Links(), elsewhere=())).tables
    return table, safe


def test_a_number_that_would_give_away_others_is_hidden_by_the_gate_or_left_out_of_the_page():
    many, few = {"M01": 9, "M02": 8, "M03": 7, "M04": 6}, {"M01": 6, "M02": 1, "M03": 1}
    counts = {"stockholm": few, "syd": many, "vast": many}
    table, safe = planted("police_region", counts, "B")
    assert safe.count(police_region="stockholm") is None  # M01 would know of two others
    table, safe = planted("sex", {"woman": few, "man": many}, "A")
    assert 8 == safe.count(sex="woman")  # class A asks nothing of members: no page sets it beside M01's six
    told = pages._Year(YEAR, "demo", "2018-1", {"sex": table}, {"sex": safe}, (), None, ())
    found = [line for line in pages._figures(told, "M01", 4, "en").splitlines() if "woman" in line]
    assert [["6", "..\u2060"]] == [[cell.strip() for cell in line.split("|")[2:4]] for line in found]
    assert "| 8 |" in pages._figures(told, "M02", 4, "en")
    assert "left out for 2018" in pages._figures(
        told, "M02", 4, "en"
    ) and "“Directly exploited persons by sex”" not in pages._figures(told, "M02", 4, "en")
    bare = pages._Year(YEAR, "demo", "2018-1", {}, {"police_region": safe}, (), None, ())
    assert "|" not in pages._figures(bare, "M01", 4, "en")
    assert [None, 8, 8, None] == [
        beside_own(own, everybody, 4) for own, everybody in ((6, 8), (8, 8), (4, 8), (0, 3))
    ]


def test_only_the_owner_may_read_and_the_same_pages_have_the_same_bytes(place, two, given):
    files = sorted(given.folder.iterdir())
    assert [
        f"{m}.{lang}.{kind}" for m in sorted(two) for lang in ("en", "sv") for kind in ("html", "pdf")
    ] == [path.name for path in files]
    assert {0o600} == {path.stat().st_mode & 0o777 for path in files}
    assert 0o700 == given.folder.stat().st_mode & 0o777
    assert given == steps.write_feedback(place, "demo", YEAR, two)


def test_a_name_is_shown_as_it_is_written_and_does_nothing(place, two, given):
    name = "1. Jouren *Nord* [x](y.html) `{python} 1+1` <b> | # -- $y$ @fig-x"
    listed = place.members("demo", YEAR)
    kept = listed.read_text(encoding="utf-8")
    listed.write_text(re.sub(rf'(id = "{two[0]}"\nname = ).*', rf"\1'{name}'", kept), encoding="utf-8")
    page = pages.write_feedback(place, "demo", YEAR, two[:1]).folder / f"{two[0]}.sv.html"
    assert f"<strong>{html.escape(name, quote=False)}</strong>" in page.read_text(encoding="utf-8")
    listed.write_text(kept, encoding="utf-8")
    assert given == steps.write_feedback(place, "demo", YEAR, two)


def test_killed_half_way_the_pages_that_were_there_stay_and_nothing_half_is_left(
    place, two, given, monkeypatch
):
    before, render, left = {p.name: p.read_bytes() for p in given.folder.iterdir()}, pages.render, [3]

    def fail(*args, **options):
        left[0] -= 1
        if not left[0]:
            raise KeyboardInterrupt
        return render(*args, **options)

    monkeypatch.setattr(pages, "render", fail)
    with pytest.raises(KeyboardInterrupt):
        steps.write_feedback(place, "demo", YEAR, two)
    assert before == {p.name: p.read_bytes() for p in given.folder.iterdir()}
    assert [] == list(given.folder.parent.glob(".partial-*"))


def test_one_pair_of_signatures_lets_the_set_out_and_the_ledger_keeps_who_was_given_what(place, given):
    with pytest.raises(NotSignedOff, match="E-804"):
        steps.give_feedback(given, day=DAY, workspace=place)
    ledger = signing.enrol(place, "A. Ett", "B. Två")
    for name in ("A. Ett", "B. Två"):
        candidate = given.candidate(ledger)
        key = signing.open_reader(ledger, name), signing.demo_key(name)
        signing.write_sign_off(place, "demo", candidate.signed(*key, day=DAY, reason="read"))
    assert "feedback-2018-1" == steps.give_feedback(given, day=DAY, workspace=place)
    assert "feedback-2018-1" == steps.give_feedback(given, day=DAY, workspace=place)
    kept = check_all_releases(place, "demo")
    _, seal = kept.seals["feedback-2018-1"]
    assert len(kept.lines) == len(ledger.lines) + 1
    assert given.hashes == seal.content["about"]["given"]
    assert all(value.startswith("keyed:") for value in given.hashes.values())
    assert "2018-1" == seal.content["about"]["beside"]
    assert sorted(["A. Ett", "B. Två"]) == seal.content["about"]["signed_by"]


def test_a_year_that_is_not_released_gets_no_pages(demo_years, monkeypatch, capsys):
    demo_years.safe(YEAR)
    monkeypatch.setenv("PLATFORM_UTILS_HOME", str(demo_years.made().root))
    assert 11 == main(["feedback", str(YEAR)])
    assert "E-842" in capsys.readouterr().err
    assert not (demo_years.made().restricted("demo", YEAR) / "feedback").exists()


def test_the_pages_of_three_years_narrow_no_hidden_count_for_the_member_that_reads_them():
    told = one_series(60, 2, "", (2022, 2023))
    assert [] == [*told.leaks, *told.open]
    assert min(told.sums["asked inside"], told.sums["withheld beside own"])


def test_a_page_that_prints_a_hidden_number_is_found(monkeypatch):
    monkeypatch.setattr(pages, "beside_own", lambda own, everybody, _least: everybody or own + 1)
    told = one_series(60, 2, "", (2023,))
    assert [line for line in told.leaks if "not in the edition" in line]
