"""Published case files: invented rows of both CTDC forms, every row accounted for."""

import pyarrow as pa
import pytest

from platform_utils.errors import ContractError, FileError, UsageError
from platform_utils.paths import Workspace
from platform_utils.returns import import_cases, read_year
from platform_utils.returns.crosswalk import choose_crosswalk, load_crosswalks
from platform_utils.returns.crosswalk_answers import cross_rows
from platform_utils.returns.crosswalk_read import Tally, open_case_file, read_case_year
from platform_utils.spec import codebook
from platform_utils.spec.returns import LedgerEntry

GLOBAL = [
    "", "yearOfRegistration", "Datasource", "gender", "ageBroad", "majorityEntry", "citizenship", "isForcedLabour",
    "isSexualExploit", "isSlaveryAndPractices", "typeOfLabourAgriculture", "typeOfLabourBegging", "typeOfLabourPeddling",
    "typeOfLabourOther", "meansOfControlThreats", "RecruiterRelationship", "CountryOfExploitation", "aColumnOfTomorrow",
]  # fmt: skip
SYNTHETIC = [
    "yearOfRegistration", "gender", "ageBroad", "majorityStatusAtExploit", "traffickMonths", "citizenship",
    "CountryOfExploitation", "meansOfControlThreats", "isForcedLabour", "isSexualExploit", "isOtherExploit",
    "typeOfLabourHospitality", "typeOfSexPornography", "recruiterRelationFamily",
]  # fmt: skip


def written(path, headings, rows, sign=",", encoding="utf-8"):
    lines = [
        sign.join(headings),
        *(sign.join(str(row.get(heading, "")) for heading in headings) for row in rows),
    ]
    path.write_text("\n".join(lines) + "\n", encoding=encoding)
    return path


def workspace(folder):
    (folder / "_quarto.yml").touch()
    return Workspace(folder)


def year_of(path, year, crosswalk="ctdc"):
    tally = Tally()
    batches = list(read_case_year(open_case_file(path, crosswalk), year=year, member_id="FILE", tally=tally))
    return batches, tally


def cells(name, *texts):
    columns = {name: pa.array(texts)}
    return cross_rows(columns, load_crosswalks()[0])


def test_a_row_of_the_global_dataset_becomes_codes(tmp_path):
    row = {
        "yearOfRegistration": 2016, "gender": "Female", "ageBroad": "18--20", "citizenship": "RO",
        "CountryOfExploitation": "SE", "isForcedLabour": 0, "isSexualExploit": 1,
    }  # fmt: skip
    (batch, aside), _ = year_of(written(tmp_path / "g.csv", GLOBAL, [row]), 2016)
    table = batch.tables["case"]
    expected = {
        "person_code": "r2", "role": "direct", "sex": "woman", "age_band": "18_26", "origin_country": "RO",
        "origin_group": "", "place__sweden": "yes", "place__abroad": "no", "form__labour": "no", "form__sexual": "yes",
        "form__other": "", "member_id": "FILE", "year": 2016, "file": "g.csv", "sheet": "", "row": 2,
    }  # fmt: skip
    assert expected == {name: table[name].tolist()[0] for name in expected}
    assert set(table.columns) <= {
        *codebook.load().grain_columns("case"),
        "member_id",
        "year",
        "file",
        "sheet",
        "row",
    }
    assert (batch.form_version, batch.is_crosswalked, aside.ledger) == ("crosswalk-ctdc_global", True, ())


def test_a_redacted_country_is_unknown_namibia_is_namibia_and_blank_is_blank():
    answers, counts = cells("citizenship", "0", "00", "NA", "", "NAM", "XX", "-99")
    assert ["unknown", "unknown", "NA", "", "NA", "unknown", ""] == list(answers["origin_country"])
    assert ["unknown", "unknown", "", "", "", "unknown", ""] == list(answers["origin_group"])
    assert {("redacted", "citizenship"): 2, ("outside", "citizenship"): 1} == dict(counts)


def test_where_it_happened_follows_from_the_country():
    answers, _ = cells("CountryOfExploitation", "SE", "SWE", "NA", "0", "")
    assert ["yes", "yes", "no", "unknown", ""] == list(answers["place__sweden"])
    assert ["no", "no", "yes", "unknown", ""] == list(answers["place__abroad"])


def test_a_blank_flag_is_not_a_no():
    answers, counts = cells("isSexualExploit", "1", "0", "", "-99", "2")
    assert ["yes", "no", "", "", "unknown"] == list(answers["form__sexual"])
    assert {("outside", "isSexualExploit"): 1} == dict(counts)


def test_a_kind_of_labour_says_labour_but_its_absence_says_nothing():
    columns = {
        "isForcedLabour": pa.array(["", "0", "", "0", "1"]),
        "typeOfLabourPeddling": pa.array(["1", "0", "0", "1", ""]),
        "typeOfLabourOther": pa.array(["", "0", "", "0", ""]),
    }
    answers, _ = cross_rows(columns, load_crosswalks()[0])
    assert ["yes", "no", "", "yes", "yes"] == list(answers["form__labour"])
    assert ["yes", "no", "", "yes", ""] == list(answers["labour_branch__other"])


def test_age_bands_that_cut_ours_are_adults_without_a_band():
    texts = ["", "0--8", "9--17", "09--17", "18--20", "21--23", "24--26", "27--29", "30--38", "39--47", "48+"]
    answers, counts = cells("ageBroad", *texts)
    expected = [
        "",
        "under_18",
        "under_18",
        "under_18",
        "18_26",
        "18_26",
        "18_26",
        "27_35",
        "adult",
        "36_50",
        "adult",
    ]
    assert expected == list(answers["age_band"])
    assert {} == dict(counts)


def test_every_code_that_a_crosswalk_gives_is_in_the_codebook():
    book = codebook.load()
    for crosswalk in load_crosswalks():
        for entry in crosswalk.codes:
            codes = {code.code for code in book.codes(book.variable(entry.to))}
            assert set(entry.map.values()) <= codes
        assert {"direct"} == set(crosswalk.constant.values())


def test_rows_of_other_years_and_of_none_are_set_aside_and_counted(tmp_path):
    years = [2016, "", 2015, 2016, "", "", 2002]
    rows = [
        {"yearOfRegistration": year, "gender": "Male", "traffickMonths": "61+ (5+ yrs)"} for year in years
    ]
    path = written(tmp_path / "s.csv", SYNTHETIC, [*rows, {}])
    batches, tally = year_of(path, 2016)
    assert [2, 5] == batches[0].tables["case"]["row"].tolist()
    assert (
        LedgerEntry("s.csv", "", "case", "blank_row", 1),
        LedgerEntry("s.csv", "", "case", "no_year", 3),
        LedgerEntry("s.csv", "", "case", "other_year", 2),
    ) == batches[-1].ledger
    assert ({"2016": 2, "": 3, "2015": 1, "2002": 1}, 1) == (dict(tally.years), tally.fates["blank_row"])


@pytest.mark.parametrize(("headings", "expected"), [(GLOBAL, "ctdc_global"), (SYNTHETIC, "ctdc_synthetic")])
def test_the_columns_say_which_edition_it_is(headings, expected):
    assert expected == choose_crosswalk("ctdc", headings, "x.csv").name
    assert expected == choose_crosswalk("ctdc", [heading.upper() for heading in headings], "x.csv").name


def test_what_does_not_fit_is_refused(tmp_path):
    with pytest.raises(UsageError) as caught:
        choose_crosswalk("iom", GLOBAL, "x.csv")
    assert caught.value.text() == (
        'E-320 There is no crosswalk "iom". Expected one of ctdc, ctdc_global, ctdc_synthetic, uk_nrm. '
        "Pass --crosswalk with one of them."
    )
    with pytest.raises(ContractError) as caught:
        choose_crosswalk("ctdc", ["yearOfRegistration", "gender"], "x.csv")
    assert ("E-321", "ageBroad") == (caught.value.code, str(caught.value.fields["columns"]).split(", ")[0])
    shared = [
        "yearOfRegistration",
        "gender",
        "ageBroad",
        "citizenship",
        "isForcedLabour",
        "isSexualExploit",
        "CountryOfExploitation",
    ]
    with pytest.raises(ContractError) as caught:
        choose_crosswalk("ctdc", shared, "x.csv")
    assert caught.value.code == "E-322"
    assert choose_crosswalk("ctdc_global", shared, "x.csv").name == "ctdc_global"
    with pytest.raises(ContractError) as caught:
        year_of(written(tmp_path / "g.csv", GLOBAL, [{"yearOfRegistration": 2015}]), 2016)
    assert ("E-323", "2015") == (caught.value.code, caught.value.fields["known"])
    with pytest.raises(FileError) as caught:
        open_case_file(tmp_path / "gone.csv", "ctdc")
    assert caught.value.code == "E-101"
    (tmp_path / "empty.csv").touch()
    with pytest.raises(ContractError) as caught:
        open_case_file(tmp_path / "empty.csv", "ctdc")
    assert caught.value.code == "E-321"


@pytest.mark.parametrize(("sign", "encoding"), [(",", "utf-8-sig"), ("\t", "utf-8"), (";", "utf-16")])
def test_other_ways_to_save_it_are_read(tmp_path, sign, encoding):
    path = written(
        tmp_path / "s.txt",
        SYNTHETIC,
        [{"yearOfRegistration": 2016, "citizenship": "NAM", "traffickMonths": "x"}],
        sign,
        encoding,
    )
    batches, _ = year_of(path, 2016)
    assert ["NA"] == batches[0].tables["case"]["origin_country"].tolist()


def test_an_import_keeps_the_file_and_accounts_for_every_row(tmp_path):
    rows = [
        {"yearOfRegistration": year, "citizenship": "0", "gender": "Female"}
        for year in (2016, 2016, 2015, 2014)
    ]
    path = written(tmp_path / "The_Global_Dataset.csv", GLOBAL, rows)
    place = workspace(tmp_path)
    done = import_cases(path, crosswalk="ctdc", year=2016, workspace=place, date="2025-01-31", lang="sv")
    assert (4, {"taken": 2, "other_year": 2}) == (done.receipt.rows, dict(+done.tally.fates))
    assert ("external-ctdc", {("redacted", "citizenship"): 2}) == (done.source, dict(done.tally.cells))
    assert done.columns_left["meansOfControlThreats"] == "kodboken frågar inte efter kontrollmedel"
    assert done.columns_left["aColumnOfTomorrow"] is None
    assert "isOrganRemoval" in done.columns_missing
    kept = place.returns("external-ctdc", 2016) / done.receipt.file
    assert kept.read_bytes() == path.read_bytes()
    again = list(read_year(place, "external-ctdc", 2016))
    assert [2] == [len(raw.tables["case"]) for raw in again if raw.tables]
    assert {done.receipt.file} == {raw.file for raw in again}


def test_importing_again_replaces_nothing_but_the_receipt(tmp_path):
    path = written(tmp_path / "g.csv", GLOBAL, [{"yearOfRegistration": 2016}])
    place = workspace(tmp_path)
    first = import_cases(path, crosswalk="ctdc", year=2016, workspace=place, date="2025-01-31")
    before = {p.name: p.read_bytes() for p in place.returns("external-ctdc", 2016).iterdir()}
    second = import_cases(path, crosswalk="ctdc", year=2016, workspace=place, date="2025-01-31")
    assert (first.receipt, first.tally) == (second.receipt, second.tally)
    assert before == {p.name: p.read_bytes() for p in place.returns("external-ctdc", 2016).iterdir()}
