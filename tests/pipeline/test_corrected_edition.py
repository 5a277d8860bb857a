"""A year is released, corrected, and released again: what changed by too few is hidden, with both editions at hand."""

import json
import shutil
import subprocess
import sys
from dataclasses import replace
from datetime import date
from functools import partial

import pytest
import signing
from one_year import ROOT, YEAR, environment, lay_out

from platform_utils import clean, pipeline, publish, returns
from platform_utils.count import annual_tables
from platform_utils.errors import DisclosureError
from platform_utils.messages import label
from platform_utils.paths import Workspace
from platform_utils.protect import Demand, Ledger, load_rule, packaged_links, protect
from platform_utils.protect.attacker import put_together, see_table
from platform_utils.protect.attacker.reach import Reach
from platform_utils.protect.merge import Merge, merge_table
from platform_utils.release import collect, freeze_release
from platform_utils.spec.layout import join_codes

pytestmark = pytest.mark.xdist_group("corrected edition")

DAY = date(2019, 8, 15)


def freeze(place, files=None, **options):
    """Release what stands in a workspace now, approved by two."""
    files = files or {"reports/note.txt": b"figures"}
    tables = publish.read_released(place, "demo", YEAR)
    for name in ("A. Ett", "B. Två"):
        signing.sign_release(place, name, YEAR, files, tables)
    return freeze_release(place, "demo", YEAR, files, tables, date=DAY.isoformat(), **options)


def released_year(demo_years, place):
    """Count and release the year in a workspace of its own; return that and the clean rows.

    Whether there was a report is known of everybody: "unknown" comes from too few organisations to be shown.
    """
    place = Workspace(lay_out(place, demo_years.made().returns("demo", YEAR)))
    rows = pipeline.clean(YEAR, "demo", workspace=place)
    known = rows.case.assign(police_report=rows.case["police_report"].replace("unknown", "no"))
    rows = rows.with_tables(case=known)
    clean.write_year(rows, place.restricted("demo", YEAR))
    pipeline.count_and_protect(YEAR, "demo", workspace=place)
    freeze(place)
    return place, rows


@pytest.fixture(scope="module")
def released(demo_years, tmp_path_factory):
    """The year with every table of the plan."""
    return released_year(demo_years, tmp_path_factory.mktemp("edition") / "w")


@pytest.fixture(scope="module")
def few(counting_only):
    """A context in which only what the tests of one mechanism look at is counted."""
    return lambda: counting_only("headline", "police_report", "report_sexual", "moved", "moved_direct")


@pytest.fixture(scope="module")
def released_few(demo_years, tmp_path_factory, few):
    """The year with few tables."""
    with few():
        return released_year(demo_years, tmp_path_factory.mktemp("edition of few") / "w")


def counted_again(released, place, change):
    """Count a released year again in a copy of its workspace, with other answers."""
    clean.write_year(
        released[1].with_tables(case=change(released[1].case.copy())), place.restricted("demo", YEAR)
    )
    pipeline.count_and_protect(YEAR, "demo", workspace=place)
    return publish.read_tables(place, "demo", YEAR)


@pytest.fixture
def edition(released, tmp_path):
    """A copy of the workspace; a function that counts the released year again there with other answers."""
    place = Workspace(tmp_path / "w")
    shutil.copytree(released[0].root, place.root)
    return place, partial(counted_again, released, place)


@pytest.fixture
def edition_of_few(released_few, few, tmp_path):
    """The same with few tables."""
    place = Workspace(tmp_path / "w")
    shutil.copytree(released_few[0].root, place.root)
    with few():
        yield place, partial(counted_again, released_few, place)


def reports_instead(number):
    """Let some persons of the largest member have reported after all."""

    def change(case):
        largest = case["member_id"].mode()[0]
        at = case.index[case["police_report"].eq("no") & case["member_id"].eq(largest)][:number]
        case.loc[at, "police_report"] = "yes"
        return case

    return change


def without(number):
    return lambda case: case.iloc[number:].reset_index(drop=True)


def stored(place):
    folder = publish.tables_folder(place, "demo", YEAR)
    return {path.name: path.read_bytes() for path in sorted(folder.iterdir())}


def test_a_year_counted_again_from_the_same_rows_is_the_same_bytes(edition, released):
    place, count = edition
    count(lambda case: case)
    assert stored(released[0]) == stored(place)


def test_two_corrected_persons_are_hidden_and_the_attacker_learns_nothing(edition, released):
    place, count = edition
    before = publish.read_tables(released[0], "demo", YEAR)
    after = count(reports_instead(2))
    report = {code: after["police_report"].count(police_report=code) for code in ("yes", "no", "total")}
    assert {"yes": None, "no": None, "total": 122} == report
    assert 2 == after["police_report"].n_hidden
    for name, table in after.items():
        shown = table.data.merge(
            before[name].data, on=list(table.dimensions) or ["mark"], suffixes=("", "_then")
        )
        both = shown["count"].notna() & shown["count_then"].notna()
        assert (shown.loc[both, "count"] == shown.loc[both, "count_then"]).all(), name
    earlier = Ledger(place.ledger("demo")).seen([YEAR])
    world = put_together(
        [*(see_table(t) for t in after.values() if t.universe.unit == "persons"), *earlier],
        packaged_links(YEAR),
    )
    reach, yes = Reach(world), before["police_report"].count(police_report="yes")
    group = world.index[("all", YEAR, frozenset({("role", "direct"), ("police_report", "yes")}))]
    assert all(reach.is_possible(((group, 1),), count) for count in range(yes - 3, yes + 4))
    pipeline.check_before_release(YEAR, "demo", list(after.values()), DAY, workspace=place)


def test_five_corrected_persons_are_shown_and_tables_of_other_rows_are_not_released(
    edition_of_few, released_few
):
    place, count = edition_of_few
    then = publish.read_tables(released_few[0], "demo", YEAR)["police_report"].count(police_report="yes")
    after = count(reports_instead(5))
    assert then + 5 == after["police_report"].count(police_report="yes")
    assert 0 == after["police_report"].n_hidden
    clean.write_year(released_few[1], place.restricted("demo", YEAR))
    with pytest.raises(DisclosureError, match=r"E-447 .*police_report"):
        freeze(place, replaces=f"{YEAR}-1", reason="five had reported")


def test_a_headline_that_lost_two_waits(edition_of_few):
    _, count = edition_of_few
    with pytest.raises(DisclosureError, match=r"E-439 .*headline"):
        count(without(2))


def test_six_who_went_are_told_by_what_did_it_and_go_out_with_the_rest(edition, released):
    place, count = edition
    after = count(without(6))
    assert 6 == after["moved"].count(moved_by="rules_out")
    change = publish.explain_editions(
        [publish.read_tables(released[0], "demo", YEAR), after], YEAR, "all.all"
    )
    assert (122, 116, frozenset({"rules"})) == (change.before, change.now, change.named)
    pipeline.check_before_release(YEAR, "demo", list(after.values()), DAY, workspace=place)


def test_one_who_came_and_one_who_went_are_two(edition_of_few):
    """The counts are the same; the persons are not."""
    _, count = edition_of_few

    def swap(case):
        largest = case["member_id"].mode()[0]
        at = [
            case.index[case["police_report"].eq(code) & case["member_id"].eq(largest)][0]
            for code in ("yes", "no")
        ]
        case.loc[at, "police_report"] = ["no", "yes"]
        return case

    assert 2 == count(swap)["police_report"].n_hidden


def test_without_the_rows_of_the_release_a_corrected_year_is_refused(edition_of_few):
    place, count = edition_of_few
    shutil.rmtree(place.released_rows("demo", YEAR))
    with pytest.raises(DisclosureError, match=f"E-446 .*{YEAR}-1/police_report"):
        count(reports_instead(5))


def test_an_answer_that_went_out_since_the_run_stops_a_release(edition_of_few):
    """Two of a population reported and are hidden with one other cell; an answer tells that one before."""
    place, count = edition_of_few
    shutil.rmtree(place.releases("demo"))
    table = count(only_two_reported)["report_sexual"]
    hidden = table.data.loc[table.data["mark"].ne(""), "police_report"]
    (other,) = set(hidden) - {"yes"}
    pipeline.check_before_release(
        YEAR, "demo", publish.read_tables(place, "demo", YEAR).values(), DAY, workspace=place
    )
    rows = clean.read_year(place.restricted("demo", YEAR))
    counted = {one.name: one for one in annual_tables({YEAR: rows}, YEAR)}["report_sexual"]
    codes = [code for code in counted.data["police_report"] if code not in (other, "total")]
    answer = merge_table(
        replace(counted, name="answer"),
        Merge("answer", "police_report", dict.fromkeys(codes, join_codes(codes))),
    )
    ledger = Ledger(place.ledger("demo"))
    ledger.add(protect(Demand([answer], load_rule())).tables, release="request-2019-01", day=DAY)
    with pytest.raises(DisclosureError, match=r"E-435 .*request-2019-01/answer.*report_sexual"):
        freeze(place)
    assert [] == list(place.releases("demo").glob(f"{YEAR}-*"))


def only_two_reported(case):
    case.loc[case.index[case["police_report"].eq("yes")][2:], "police_report"] = "no"
    silent = case.groupby("member_id", sort=False)["police_report"].cumcount().lt(3) & case[
        "police_report"
    ].eq("no")
    case.loc[silent, "police_report"] = "unknown"
    return case


EXEMPTION = """
[[exemption]]
universe = "direct"
year = {year}
codes = {{ police_report = "yes" }}
reason = "identifies_nobody"
source = "Decided at the meeting of 3 May, item 4"
approved_by = {names}
expires = {expires}
"""


def exempt(place, names=("A. Ett", "B. Två"), expires="2019-12-31"):
    path = place.returns("demo", YEAR) / "exemptions.toml"
    path.write_text(EXEMPTION.format(year=YEAR, names=json.dumps(names), expires=expires), encoding="utf-8")


def test_an_exempted_cell_is_shown_until_the_exemption_expires(edition_of_few):
    place, count = edition_of_few
    shutil.rmtree(place.releases("demo"))

    assert count(only_two_reported)["police_report"].count(police_report="yes") is None
    exempt(place)
    assert 2 == count(only_two_reported)["police_report"].count(police_report="yes")
    exempt(place, expires="2019-08-14")
    with pytest.raises(DisclosureError, match="E-431"):
        freeze(place)
    exempt(place)
    assert f"{YEAR}-1" == freeze(place).id


def test_an_exemption_needs_two_names(edition_of_few):
    place, count = edition_of_few
    exempt(place, names=("A. Ett", "a. ett "))
    with pytest.raises(DisclosureError, match="E-430"):
        count(lambda case: case)


def run(place, *command):
    """Run a command in a process of its own."""
    done = subprocess.run(
        [sys.executable, "-m", "platform_utils", *command, "--source", "demo"],
        env=environment(place.root),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def build(place):
    run(place, "report", "annual", str(YEAR), "--lang", "sv", "--to", "html")
    return collect(place, "demo", YEAR)


def test_a_corrected_release_is_built_frozen_and_verified(edition, released):
    (place, _), answers = edition, released[1].case
    for name in ("src", "pyproject.toml", "README.md", "LICENSE"):
        (place.root / name).symlink_to(ROOT / name)
    declared = place.returns("demo", YEAR) / "corrections.toml"
    raw = next(one for one in returns.read_year(place, "demo", YEAR) if one.member_id == "M01").tables["case"]
    wrong = raw[
        raw["row"].isin(
            answers.loc[answers["police_report"].eq("no") & answers["file"].eq(raw["file"].iloc[0]), "row"]
        )
    ]
    with declared.open("a", encoding="utf-8") as file:
        for row in wrong.head(5).to_dict("records"):
            said = {key: row[key] for key in ("member_id", "file", "sheet", "row")} | {
                "action": "set", "column": "police_report", "expect": row["police_report"], "value": "yes",
                "reason": "The member had mixed up two columns.",
            }  # fmt: skip
            file.write(
                "\n[[correction]]\n" + "".join(f"{key} = {json.dumps(v)}\n" for key, v in said.items())
            )
    second = freeze(place, build(place), replaces=f"{YEAR}-1", reason="five had reported")
    assert (f"{YEAR}-2", 2) == (second.id, Ledger(place.ledger("demo")).newest(YEAR))
    said = run(place, "verify", second.id, "--lang", "en")
    assert label("L-verify-level-rows", "en", release=second.id) in said
