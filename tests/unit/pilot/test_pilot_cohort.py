"""A cohort file that cannot be used: field and row are named, never a cell's content."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest

from platform_utils.cli import main
from platform_utils.demo.pilot import PilotTruth, make_pilot_cohort, write_pilot_cohort
from platform_utils.errors import ContractError
from platform_utils.messages import LANGUAGES, catalogue
from platform_utils.paths import resource
from platform_utils.pilot.cohort import check_cohort, cohort_columns, find_problems, read_cohort
from platform_utils.pilot.evaluate import evaluate
from platform_utils.pilot.plan import read_plan

ROOT = Path(__file__).parents[3]


@pytest.fixture(scope="module")
def plan():
    return read_plan(resource("pilot.toml"))


@pytest.fixture
def cohort():
    return make_pilot_cohort(PilotTruth(persons_per_year=8), seed=3)


@pytest.fixture
def desk(tmp_path, monkeypatch):
    (tmp_path / "_quarto.yml").write_text("project: {}\n", encoding="utf-8")
    monkeypatch.setenv("PLATFORM_UTILS_HOME", str(tmp_path))
    return tmp_path


@pytest.fixture
def quick(desk):
    path = desk / "quick.toml"
    text = resource("pilot.toml").read_text(encoding="utf-8")
    text = text.replace("draws = 400", "draws = 50")
    path.write_text(text, encoding="utf-8")
    return str(path)


def broken(cohort, column, row, value):
    cohort.loc[row, column] = value
    return cohort


BAD_CELLS = [
    ("follow_up_day", "-3", "E-707"),
    ("application_day", "-1", "E-707"),
    ("report_day", "-1", "E-708"),
    ("last_contact_day", "-20", "E-708"),
    ("report_day", "2019-03-04", "E-706"),
    ("last_contact_day", "4 mars", "E-706"),
    ("last_contact_day", "12.5", "E-706"),
    ("last_contact_day", "١٢", "E-706"),
    ("follow_up_day", "１２０", "E-706"),
    ("follow_up_day", "9999999", "E-724"),
    ("follow_up_day", "4015", "E-724"),
    ("exit_kind", "vanished", "E-709"),
    ("access", "ja", "E-709"),
    ("first_contact_month", "2019-13", "E-709"),
    ("first_contact_month", "2019-03-04", "E-709"),
    ("first_contact_month", "2999-01", "E-709"),
    ("first_contact_month", "1987-05", "E-709"),
    ("first_contact_month", "٢٠١٩-03", "E-709"),
    ("member_id", "", "E-718"),
    ("last_contact_day", "", "E-718"),
    ("last_contact_day", "3000", "E-714"),
    ("report_day", "3000", "E-714"),
    ("person_id", "19811228-9874", "E-726"),
    ("person_id", "811228-9874", "E-726"),
    ("region", "070-174 06 05", "E-726"),
    ("member_id", "m01", "E-721"),
    ("member_id", "M-1", "E-721"),
    ("member_id", "Ｍ01", "E-721"),
    ("member_id", "M0\u200b1", "E-743"),
    ("identified_by", "NGO", "E-709"),
    ("role", "Direct", "E-709"),
]


@pytest.mark.parametrize(("column", "value", "code"), BAD_CELLS)
def test_bad_cells_name_field_and_row_and_not_the_cell(plan, cohort, column, value, code):
    with pytest.raises(ContractError) as caught:
        check_cohort(broken(cohort, column, 4, value), plan)
    error = caught.value
    assert (code, column, "6") == (error.code, error.fields["column"], error.fields["rows"])
    assert [code] == [problem.code for problem in find_problems(cohort, plan)]
    for lang in LANGUAGES:
        assert column in error.text(lang)
        if len(value) > 2:
            assert value not in error.text(lang)


def test_the_whole_text_of_one_error(plan, cohort):
    with pytest.raises(ContractError) as caught:
        check_cohort(broken(cohort, "report_day", 4, "2019-03-04"), plan)
    expected = (
        'E-706 Not a whole number in column "report_day" (rows 6). Expected digits 0–9, for days counted from '
        "day 0 such as 14, not a date or text. Count the days and enter the number."
    )
    assert expected == caught.value.text("en")


def test_everything_wrong_is_said_at_once(plan, cohort):
    broken(cohort, "report_day", 4, "x")
    broken(cohort, "exit_kind", 5, "gone")
    broken(cohort, "follow_up_day", 6, "-2")
    found = {(problem.code, problem.fields["rows"]) for problem in find_problems(cohort, plan)}
    assert {("E-706", "6"), ("E-709", "7"), ("E-707", "8")} == found


def test_mmm_without_a_report(plan, cohort):
    row = cohort.index[(cohort["reported_before"] == "no") & (cohort["report_day"] == "")][0]
    cohort.loc[row, "exit_kind"] = "mmm"
    with pytest.raises(ContractError) as caught:
        check_cohort(cohort, plan)
    assert ("E-716", str(row + 2)) == (caught.value.code, caught.value.fields["rows"])


def test_a_report_after_the_move_to_mmm(plan, cohort):
    row = int(cohort.index[(cohort["exit_kind"] == "mmm") & (cohort["reported_before"] == "no")][0])
    cohort.loc[row, "mmm_day"] = str(int(cohort.loc[row, "report_day"]) - 1)
    with pytest.raises(ContractError) as caught:
        check_cohort(cohort, plan)
    assert ("E-723", str(row + 2)) == (caught.value.code, caught.value.fields["rows"])


def test_days_in_the_wrong_order_and_entry_without_access(plan, cohort):
    able = cohort.index[(cohort["access"] == "yes") & (cohort["start_day"] != "")][0]
    unable = cohort.index[cohort["access"] == "no"][0]
    last, row = int(cohort.loc[able, "start_day"]), str(able + 2)
    cohort["end_day"] = ""
    cases = [
        ("end_day", able, str(last - 1), ("E-727", "end_day", "start_day", row)),
        ("confirmation_day", able, "0", ("E-727", "confirmation_day", "application_day", row)),
        ("application_day", unable, "0", ("E-728", "application_day", None, str(unable + 2))),
    ]
    cohort.loc[able, "application_day"] = "1"
    for column, place, value, expected in cases:
        problem, *more = find_problems(broken(cohort.copy(), column, place, value), plan)
        found = (problem.code, *(problem.fields.get(name) for name in ("column", "other", "rows")))
        assert (expected, []) == (found, more)


@pytest.mark.parametrize("separator", [",", ";", "\t", "|"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
def test_separators_and_encodings_are_read_as_those_of_returns(tmp_path, plan, cohort, separator, encoding):
    path, cohort = tmp_path / "cohort.csv", cohort.assign(region="Malmö")
    cohort.to_csv(path, index=False, sep=separator, encoding=encoding)
    read = read_cohort(path)
    assert cohort.to_numpy().tolist() == read.to_numpy().tolist()
    assert [] == find_problems(read, plan)


def test_separators_after_the_last_cell_are_no_columns(tmp_path, plan, cohort):
    path = tmp_path / "cohort.csv"
    cohort.to_csv(path, index=False, sep=";")
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace("\n", ";;\n"), encoding="utf-8")
    assert [] == find_problems(read_cohort(path), plan)


def test_an_empty_group_and_no_events(plan, cohort):
    with pytest.raises(ContractError) as caught:
        evaluate(plan, cohort.assign(access="no", application_day="", confirmation_day="", start_day=""))
    assert ("E-710", "yes") == (caught.value.code, caught.value.fields["group"])
    quiet = cohort.assign(exit_kind="in_contact", report_day="", mmm_day="", follow_up_day="365")
    with pytest.raises(ContractError) as caught:
        evaluate(plan, quiet.assign(last_contact_day="365"))
    assert "E-711" == caught.value.code


def test_exit_statuses_of_plan_and_files(desk, capsys):
    plan = desk / "plan.toml"
    text = resource("pilot.toml").read_text(encoding="utf-8")
    plan.write_text(text.replace('test = "permutation"', 'test = "magic"'), encoding="utf-8")
    assert 10 == main(["evaluate", "--plan", str(plan), "--lang", "en"])
    assert 11 == main(["evaluate", "--plan", str(desk / "none.toml"), "--lang", "en"])
    assert 11 == main(["evaluate", "--data", str(desk / "none.csv"), "--lang", "en"])
    assert 2 == main(["evaluate", "--freeze", "--lang", "en"])
    told = capsys.readouterr()
    assert ["E-703", "E-700", "E-704", "E-733"] == [line[:5] for line in told.err.splitlines()]


def test_what_a_plan_can_see_is_said_and_printed_as_one_page(desk, capsys):
    shutil.copytree(ROOT / "_extensions", desk / "_extensions")
    shutil.copy(ROOT / "_quarto.yml", desk)
    plan = desk / "quick.toml"
    text = resource("pilot.toml").read_text(encoding="utf-8").replace("draws = 400", "draws = 50")
    plan.write_text(text.replace('outcomes = ["lost", "report"]', 'outcomes = ["report"]'), encoding="utf-8")
    words = [
        "power",
        "--plan",
        str(plan),
        "--members",
        "4",
        "--persons",
        "80",
        "--risks",
        "0.1,0.9",
        "--loss",
        "0",
    ]
    assert 0 == main([*words, "--correlation", "0", "--lang", "en"])
    told = capsys.readouterr().out.splitlines()
    assert told[0].startswith(
        "Supposed: 4 + 4 members with 80 + 80 persons, correlation 0 inside a member, 0 drop out"
    )
    assert "of 100 cohorts 100 give more, 0 fewer, 0 insufficient evidence, 0 no verdict" in told[1]
    assert re.fullmatch(r"Smallest rise in reports that is found in 80 of 100: [12]\d points\.", told[2])
    pages = [desk / line for line in told[3:]]
    assert [".html", ".pdf", ".docx"] == [page.suffix for page in pages]
    text = pages[0].read_text(encoding="utf-8")
    assert read_plan(plan).sha256 in text
    assert "Exploratory: the plan is not in the ledger." in text
    assert not list(desk.rglob("plans.jsonl"))
    assert 2 == main(["power", "--risks", "much", "--lang", "en"])


def test_a_report_shows_what_is_stored_and_touches_no_registry(desk, capsys):
    shutil.copytree(ROOT / "reports" / "en", desk / "reports" / "en")
    assert 11 == main(["report", "pilot", "--source", "members", "--lang", "en"])
    assert "E-740" in capsys.readouterr().err
    assert not list(desk.rglob("plans.jsonl"))


def test_freezing_by_the_command(desk, capsys):
    words = ["evaluate", "--freeze", "--by", "First Person", "--date", "2026-02-01", "--lang", "en"]
    assert 0 == main(words)
    assert (desk / "releases" / "demo" / "plans.jsonl").is_file()
    assert 15 == main(words)
    assert "E-730" in capsys.readouterr().err


def test_a_plan_frozen_after_outcomes_were_read_stays_exploratory(desk, quick, cohort, capsys):
    path, book = desk / "cohort.csv", desk / "releases" / "demo"
    cohort.to_csv(path, index=False)
    run = ["evaluate", "--plan", quick, "--data", str(path), "--lang", "en"]
    freeze = ["evaluate", "--plan", quick, "--freeze", "--by", "First Person", "--date", "2026-02-01"]
    sha256 = read_plan(Path(quick)).sha256
    assert 0 == main(freeze)
    receipt = f'plan_sha256 = "{sha256}"\nby = "Second Person"\ndate = "2026-02-02"\n'
    (book / "plan_receipt.toml").write_text(receipt, encoding="utf-8")
    capsys.readouterr()
    assert 0 == main(run)
    assert "Planned: frozen 2026-02-01" in capsys.readouterr().out
    (book / "plans.jsonl").unlink()
    assert 0 == main(run)
    assert "the plan is not in the ledger" in capsys.readouterr().out
    assert 0 == main(freeze)
    assert 0 == main(run)
    assert "outcomes had been read before" in capsys.readouterr().out


def test_nothing_on_screen_counts_persons(desk, quick, capsys):
    assert 0 == main(["evaluate", "--plan", quick, "--lang", "en"])
    told = capsys.readouterr().out
    assert "Invented data" in told
    assert "Exploratory" in told
    assert not (desk / "releases" / "demo" / "plans.jsonl").exists()
    assert told.index("Access by member") < told.index("these numbers cannot tell whether access")
    assert not re.search(r"\d+ persons", told)


def test_the_demo_file_says_what_is_true_in_it(tmp_path, plan):
    path = tmp_path / "cohort.csv"
    write_pilot_cohort(path, PilotTruth(lost_with=0.1, selection="hidden"), seed=5)
    check_cohort(read_cohort(path), plan)
    truth = (tmp_path / "cohort.truth.toml").read_text(encoding="utf-8")
    assert "lost_with = 0.1" in truth
    assert 'selection = "hidden"' in truth
    again = tmp_path / "again.csv"
    write_pilot_cohort(again, PilotTruth(lost_with=0.1, selection="hidden"), seed=5)
    assert path.read_bytes() == again.read_bytes()


def test_every_text_of_the_area_stands_in_both_languages():
    own = {key for key in catalogue() if key.startswith(("E-7", "L-pilot"))}
    assert len(own) > 90
    for key in own:
        assert {"sv", "en"} == set(catalogue()[key])


def test_the_page_on_the_file_names_every_column_and_code():
    page = (ROOT / "docs" / "pilot_cohort.md").read_text(encoding="utf-8")
    for name, column in cohort_columns().items():
        line = next(line for line in page.splitlines() if line.startswith(f"| `{name}` |"))
        said = [column.answers] if column.answers else column.codes
        assert all(f"`{code}`" in line for code in said)
