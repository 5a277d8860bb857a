"""Bad cohort files on disk, through the command line: cause, column, row, remedy, status; nothing written."""

from __future__ import annotations

import io
import re
import zipfile

import pandas as pd
import pytest

from platform_utils.cli import main
from platform_utils.demo.pilot import PilotTruth, make_pilot_cohort
from platform_utils.lock import one_writer
from platform_utils.paths import Workspace

LETTERS = "Östergötland"
# a design that stops gives descriptive shares at once; rows 3 and 4 could and could not apply
BASE = make_pilot_cohort(PilotTruth(persons_per_year=8), seed=3).assign(
    time_zero_kind="first_contact", end_day="", region=LETTERS
)
ABLE, UNABLE, HEADINGS = 1, 2, list(BASE.columns)
SECRET = "Zelda"


def csv(frame=BASE, encoding="utf-8", **settings):
    return frame.to_csv(index=False, **settings).encode(encoding)


def with_cells(**cells):
    """The file with cells changed, each given as column = (row of the sheet, what stands there)."""
    frame = BASE.copy()
    for column, (row, value) in cells.items():
        frame.loc[row - 2, column] = value
    return csv(frame)


def with_columns(**columns):
    return csv(BASE.assign(**columns))


def edited(change):
    return change(csv().decode()).encode()


def workbook():
    kept = io.BytesIO()
    BASE.to_excel(kept, index=False, engine="xlsxwriter")
    return kept.getvalue()


def bomb():
    kept = io.BytesIO()
    with zipfile.ZipFile(kept, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("cohort.csv", b"0" * 20_000_000)
    return kept.getvalue()


def second(line):
    """The file with one more line below its headings."""
    return edited(lambda text: text.replace("\n", f"\n{line}\n", 1))


EVERY = "2, 3, 4, 5, 6, 7, 8, 9, 10, 11 … (80)"
QUIET = dict.fromkeys(
    ("application_day", "confirmation_day", "start_day", "report_day", "mmm_day"), ""
) | {"exit_kind": "in_contact", "time_zero_kind": "eligibility"}  # fmt: skip
UNDATED = BASE[["person_id", "access"]].assign(reported="no", lost="yes")

# file: (content, exit status, then code and what its text must say, one pair per problem)
BAD = {
    "personal_number": (with_cells(person_id=(6, "19811228-9874")), 12, ("E-726", '"person_id" (rows 6)')),
    "m01_beside_M01": (with_cells(member_id=(6, "m05")), 12, ("E-721", '"member_id" (rows 6)')),
    "end_before_start": (
        with_cells(end_day=(3, "3")), 12, ("E-727", '"end_day" before the day in column "start_day" (rows 3)'),
    ),
    "application_after_follow_up": (
        with_cells(application_day=(3, "3000"), confirmation_day=(3, "")), 12, ("E-714", '"application_day" (rows 3)'),
    ),
    "application_without_access": (
        with_cells(application_day=(4, "3")), 12, ("E-728", '"application_day" for a person without access (rows 4)'),
    ),
    "month_2999": (with_cells(first_contact_month=(6, "2999-01")), 12, ("E-709", '"first_contact_month" (rows 6)')),
    "follow_up_9999999": (with_cells(follow_up_day=(6, "9999999")), 12, ("E-724", '"follow_up_day" (rows 6)')),
    "unknown_columns": (with_columns(notes="x", weight="1"), 12, ("E-725", "(columns AE, AF)")),
    "arabic_digits": (with_cells(last_contact_day=(6, "١٢")), 12, ("E-706", '"last_contact_day" (rows 6)')),
    "short_follow_up": (
        with_columns(**QUIET, follow_up_day="60", last_contact_day="60"), 12,
        ("E-729", "is followed for 120 days"),
    ),
    "decimal_comma": (with_cells(last_contact_day=(6, "12,5")), 12, ("E-706", '"last_contact_day" (rows 6)')),
    "decimal_comma_in_money": (with_columns(sek_used="1,5"), 12, ("E-742", f'"sek_used" (rows {EVERY})')),
    "quoted_newline": (
        with_cells(rule_version=(6, "2017\n2022"), last_contact_day=(8, "x")), 12,
        ("E-709", '"rule_version" (rows 6)'), ("E-706", '"last_contact_day" (rows 8)'),
    ),
    "empty": (b"", 11, ("E-739", "bad.csv has nobody in it")),
    "blank": (b"\n \n", 11, ("E-739", "bad.csv has nobody in it")),
    "headings_only": (",".join(HEADINGS).encode(), 11, ("E-739", "bad.csv has nobody in it")),
    "id_twice": (with_cells(person_id=(7, BASE["person_id"][4])), 12, ("E-715", "(rows 6, 7)")),
    "row_twice": (csv(pd.concat([BASE, BASE.iloc[[3]]])), 12, ("E-712", "(rows 5, 82)")),
    "blank_id": (with_cells(person_id=(6, " ")), 12, ("E-718", '"person_id" (rows 6)')),
    "two_heading_rows": (second(",".join(HEADINGS)), 12, ("E-736", "(rows 1, 2)")),
    "translated_heading_row": (second(",".join(["Rubrik"] * len(HEADINGS))), 12, ("E-741", "(rows 2)")),
    "title_above": (edited(lambda text: "Kohort\n" + text), 12, ("E-736", "(rows 2")),
    "total_below": (
        edited(lambda text: text + "Summa 80," + "," * (len(HEADINGS) - 2) + "\n"), 12, ("E-741", "(rows 82)"),
    ),
    "note_below": (edited(lambda text: text + "Summa,80\n"), 12, ("E-719", "(rows 82). Expected 30 cells")),
    "workbook": (workbook(), 11, ("E-735", "(xlsx, ods, zip)")),
    "bomb": (bomb(), 11, ("E-735", "(xlsx, ods, zip)")),
    "pdf": (b"%PDF-1.4\n\xe2\xe3", 11, ("E-735", "(pdf)")),
    "nul": (edited(lambda text: text.replace("DEMO", "D\0MO")), 11, ("E-735", "(NUL)")),
    "mixed_encodings": (csv() + "å,".encode("latin-1"), 11, ("E-117", "several encodings")),
    "web_page": (b"<html>\n<td>person_id</td>\n", 12, ("E-737", "docs/pilot_cohort.md")),
    "spaces_between": (csv(sep=" "), 12, ("E-737", "docs/pilot_cohort.md")),
    "open_quote": (edited(lambda text: text.replace("DEMO", '"DEMO', 1)), 12, ("E-738", "(row 2)")),
    "endless_cell": (with_cells(role=(6, "x" * 200_000)), 12, ("E-738", "(row 6)")),
    "nan": (
        with_cells(exit_kind=(6, "NaN"), last_contact_day=(7, "nan")), 12,
        ("E-709", '"exit_kind" (rows 6)'), ("E-706", '"last_contact_day" (rows 7)'),
    ),
    "negative_day": (with_cells(follow_up_day=(6, "-3")), 12, ("E-707", '"follow_up_day" (rows 6)')),
    "outcome_before_zero": (with_cells(report_day=(6, "-3")), 12, ("E-708", '"report_day" (rows 6)')),
    "fraction": (with_cells(last_contact_day=(6, "12.0")), 12, ("E-706", '"last_contact_day" (rows 6)')),
    "excel_date": (with_cells(report_day=(6, "43525")), 12, ("E-724", '"report_day" (rows 6)')),
    "date": (with_cells(report_day=(6, "2019-03-04")), 12, ("E-706", '"report_day" (rows 6)')),
    "formula": (with_cells(member_id=(6, "=A2&B2")), 12, ("E-743", '"member_id" (rows 6)')),
    "name_as_id": (with_cells(person_id=(6, f"{SECRET} Q")), 12, ("E-743", '"person_id" (rows 6)')),
    "name_as_heading": (with_columns(**{f"{SECRET} Q": "x"}), 12, ("E-725", "(columns AE)")),
    "name_in_a_code": (with_cells(identified_by=(6, f"{SECRET} på Socialen")), 12, ("E-709", '"identified_by" (rows 6)')),
    "mail": (
        with_cells(role=(6, "nora@example.org")), 12, ("E-726", '"role" (rows 6)'), ("E-709", '"role" (rows 6)'),
    ),
    "column_twice": (edited(lambda text: text.replace("asylum", "access", 1)), 12, ("E-717", "(columns G, AB)")),
    "capital_headings": (
        csv(BASE.rename(columns={"access": "Access"})), 12, ("E-705", "access"), ("E-725", "(columns G)"),
    ),
    "column_missing": (csv(BASE.drop(columns=["exit_kind", "threat"])), 12, ("E-705", "exit_kind, threat")),
    "ja_nej": (with_columns(access="ja"), 12, ("E-709", f'"access" (rows {EVERY}). Expected yes, no')),
    "unknown_group": (with_cells(access=(6, "perhaps")), 12, ("E-709", '"access" (rows 6). Expected yes, no')),
    "one_group": (
        with_columns(**QUIET | {"access": "no"}), 12, ("E-710", "access = yes"),
    ),
    "undated_ja_nej": (
        csv(UNDATED.assign(lost="ja")), 12, ("E-709", f'"lost" (rows {EVERY}). Expected yes, no'),
    ),
    "undated_personal_number": (
        csv(UNDATED.assign(person_id=[f"811228-9874 {n}" for n in range(80)])), 12,
        ("E-726", '"person_id"'), ("E-743", '"person_id"'),
    ),
}  # fmt: skip

# the same persons, saved as spreadsheets elsewhere save them
SAME = {
    "tabs": csv(sep="\t"),
    "semicolons": csv(sep=";"),
    "separator_said": b"sep=,\n" + csv(),
    "utf16": csv(encoding="utf-16"),
    "mark": csv(encoding="utf-8-sig"),
    "latin1": csv(encoding="latin-1"),
    "crlf": csv(lineterminator="\r\n"),
    "hard_spaces": with_cells(access=(2, "yes\xa0")),
}


@pytest.fixture(scope="module")
def desk(tmp_path_factory):
    """A desk where the same file in its plain form has been evaluated."""
    home = tmp_path_factory.mktemp("desk")
    (home / "_quarto.yml").write_text("project: {}\n", encoding="utf-8")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PLATFORM_UTILS_HOME", str(home))
        (home / "bad.csv").write_bytes(csv())
        assert 0 == evaluate(home / "bad.csv")
        yield home


def evaluate(path, source="members"):
    return main(["evaluate", "--data", str(path), "--source", source, "--lang", "en"])


def kept(home):
    return {path: path.read_bytes() for path in home.rglob("*") if path.is_file() and path.name != "bad.csv"}


@pytest.mark.parametrize("name", BAD)
def test_a_bad_file_is_refused_with_cause_place_and_remedy_and_the_older_result_stays(desk, capsys, name):
    content, status, *expected = BAD[name]
    before = kept(desk)
    (desk / "bad.csv").write_bytes(content)
    assert status == evaluate(desk / "bad.csv")
    told = capsys.readouterr()
    assert "" == told.out
    assert [code for code, _ in expected] == re.findall(r"^(E-\d{3}) ", told.err, re.MULTILINE)
    for line, (_, said) in zip(told.err.splitlines(), expected, strict=True):
        assert said in line
        # what, expected, do this
        assert re.fullmatch(r"E-\d{3} .+\. Expected .+\. .+\.", line)
    for secret in (SECRET, "9874", "nora", "2019-03-04", "perhaps", "43525"):
        assert secret not in told.err
    assert before == kept(desk)


@pytest.mark.parametrize("name", ["none.csv", "folder.csv", "loop.csv"])
def test_what_is_no_file_is_named(desk, capsys, name):
    (desk / "folder.csv").mkdir(exist_ok=True)
    if not (desk / "loop.csv").is_symlink():
        (desk / "loop.csv").symlink_to(desk / "loop.csv")
    before = kept(desk)
    assert 11 == evaluate(desk / name)
    assert re.match(
        rf"E-704 \S*{name} is not there, is a folder, or may not be read\.", capsys.readouterr().err
    )
    assert before == kept(desk)


def test_another_writer_in_the_workspace_is_waited_for(desk, capsys):
    before = kept(desk)
    with one_writer(Workspace(desk)):
        assert 11 == evaluate(desk / "bad.csv")
    assert "E-011" == capsys.readouterr().err[:5]
    assert before == kept(desk)


@pytest.mark.parametrize("name", SAME)
def test_however_it_was_saved_the_result_is_the_same(desk, capsys, name):
    before = kept(desk)
    (desk / "bad.csv").write_bytes(SAME[name])
    assert 0 == evaluate(desk / "bad.csv")
    capsys.readouterr()
    assert before == kept(desk)


@pytest.mark.parametrize(
    ("members", "cause"),
    [
        (["M01", "M02", "M03", "M04"] * 20, "Some units met persons both with and without access"),
        ("M01", "Some units met persons both with and without access"),
        ([f"M{number % 2}" for number in range(80)], "Some units met"),
    ],
)
def test_members_that_cannot_be_compared_give_shares_only_and_say_why(desk, capsys, members, cause):
    (desk / "bad.csv").write_bytes(with_columns(member_id=members, time_zero_kind="eligibility"))
    assert 0 == evaluate(desk / "bad.csv", "demo")
    told = capsys.readouterr().out
    verdict = told[told.index("Descriptive shares only") :]
    assert [True] == [cause in line for line in verdict.splitlines() if line.startswith("- ")]
    assert "Correct column access" in verdict
    assert "another unit in the plan" in verdict
