"""The findings are the planted faults, all of them and nothing else, and every row has one fate."""

import tomllib
from collections import Counter
from functools import cache

import pytest

from platform_utils import returns, validate

YEARS = range(2018, 2025)


def planted(workspace, year):
    path = workspace.returns("demo", year) / "planted_faults.toml"
    return tomllib.loads(path.read_text(encoding="utf-8"))["fault"]


def expected_findings(faults):
    """Faults of current files that must give a finding, as (file, sheet, row, variable, code)."""
    return Counter(
        (
            fault["file"],
            fault.get("sheet", ""),
            fault["row"] if fault["names_row"] else None,
            fault.get("variable", ""),
            fault["code"],
        )
        for fault in faults
        if fault["code"] != "none: handled" and not fault.get("is_replaced")
    )


def found(checked):
    return Counter(
        (finding.file, finding.sheet, finding.row, finding.variable, finding.code)
        for one in checked
        for finding in one.findings
    )


def check_all(raws, corrections=()):
    return [validate.check_return(raw, corrections=corrections) for raw in raws]


@pytest.fixture(scope="module")
def first_files(demo_years):
    """The first files of a year, checked before anybody has mended anything."""
    return cache(lambda year: check_all(demo_years.raw(year, corrected=False)))


@pytest.mark.parametrize("year", YEARS)
def test_findings_are_the_planted_faults_and_none_stands_on_a_clean_row(demo_years, year):
    assert expected_findings(planted(demo_years.made(), year)) == found(check_all(demo_years.raw(year)))


@pytest.mark.parametrize("year", YEARS)
def test_before_anything_is_sent_again_the_faults_of_the_first_files_are_found(demo_years, first_files, year):
    faults = [{**fault, "is_replaced": False} for fault in planted(demo_years.before(), year)]
    assert expected_findings(faults) == found(first_files(year))


@pytest.mark.parametrize("year", YEARS)
def test_the_rows_held_are_the_rows_listed_as_held(demo_years, first_files, year):
    listed = Counter(fault["grain"] for fault in planted(demo_years.before(), year) if fault.get("held"))
    held = Counter()
    for one in first_files(year):
        for entry in one.ledger:
            if entry.reason == "held":
                held[entry.grain] += entry.rows
    assert listed == held


@pytest.mark.parametrize("year", YEARS)
def test_after_corrections_and_new_files_no_row_is_held_and_no_correction_is_idle(demo_years, year):
    workspace = demo_years.made()
    corrections = validate.load_corrections(workspace.returns("demo", year) / "corrections.toml")
    checked = check_all(demo_years.raw(year), corrections)
    validate.require_all_applied(corrections, checked)
    assert [] == [entry for one in checked for entry in one.ledger if entry.reason == "held"]
    assert [] == [finding for one in checked for finding in one.findings if finding.severity == "error"]


def test_every_fault_of_real_life_is_planted(demo_years):
    kinds = Counter(fault["kind"] for year in YEARS for fault in planted(demo_years.made(), year))
    assert {
        "spellings_and_stray_characters", "byte_order_mark", "utf_16", "mac_roman", "cp1252_semicolons_decimal_commas",
        "decomposed_file_name", "old_form_version", "merged_title_rows", "totals_row", "blank_rows", "date_as_text",
        "date_serial_1900", "date_serial_1904", "date_cell_1904", "date_ambiguous", "sheet_renamed",
        "duplicate_file", "replaced_file", "role_missing", "returned_twice", "returned_twice_differently",
        "returned_by_two_members", "age_against_band", "unknown_code", "formula_with_result", "formula_without_result",
        "hidden_row", "totals_only", "new_spelling", "letters_in_amount", "form",
    } == set(kinds)  # fmt: skip


def test_ten_spellings_stand_outside_the_alias_tables_and_corrections_declare_them(demo_years):
    declared = {
        (one.column, one.expect)
        for year in YEARS
        for one in validate.load_corrections(demo_years.made().returns("demo", year) / "corrections.toml")
        if one.action == "alias"
    }
    assert 10 == len(declared)


def test_a_person_met_by_two_members_is_flagged_and_not_removed(demo_years):
    case = demo_years.clean(2023).case
    faults = [
        fault for fault in planted(demo_years.made(), 2023) if fault["kind"] == "returned_by_two_members"
    ]
    places = {(fault["file"], fault["row"]) for fault in faults}
    same = [row in places for row in zip(case["file"].astype(str), case["row"], strict=True)]
    assert [True, True] == case.loc[same, "is_possible_duplicate"].tolist()
    assert 2 == case.loc[same, "member_id"].nunique()


def test_stray_spellings_reach_the_files(demo_years):
    text = "".join(
        str(cell)
        for raw in demo_years.raw(2023)
        for table in raw.tables.values()
        for column in table
        for cell in table[column].unique()
    )
    for character in ("\u00a0", "\u00ad", "\u200b"):
        assert character in text


def test_every_file_has_a_receipt_and_those_who_have_not_returned_are_known(demo_years):
    workspace = demo_years.made()
    for year in YEARS:
        receipts = returns.load_receipts(workspace, "demo", year)
        statuses = Counter(receipt.status for receipt in receipts)
        folder = workspace.returns("demo", year)
        assert {receipt.file for receipt in receipts} == {
            p.name for p in folder.iterdir() if p.is_file() and p.suffix != ".toml"
        }
        faults = Counter(fault["kind"] for fault in planted(workspace, year))
        assert faults["duplicate_file"] == statuses["duplicate"]
        assert faults["replaced_file"] == statuses["replaced"]
    missing = {member.id for member in returns.missing_members(workspace, "demo", 2024)}
    assert {"M21", "M25", "M26", "M27"} == missing
