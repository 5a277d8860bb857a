"""The commands template and import: what they print, where they write, how they refuse."""

import pytest
from python_calamine import CalamineWorkbook

from platform_utils.cli import main

HEADINGS = "yearOfRegistration,Datasource,gender,ageBroad,citizenship,isForcedLabour,isSexualExploit,CountryOfExploitation,new"
ROWS = ["2016,x,Female,18--20,0,1,,SE,", "2016,x,Male,,NA,0,1,US,", "2015,x,Male,,UA,0,1,US,"]


@pytest.fixture
def home(tmp_path, monkeypatch):
    (tmp_path / "_quarto.yml").touch()
    monkeypatch.setenv("PLATFORM_UTILS_HOME", str(tmp_path))
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_template_writes_beside_you_and_prints_the_name(home, capsys):
    assert 0 == main(["template", "2025", "--lang", "en", "--member", "M07"])
    assert "member_statistics_2025_M07.xlsx\n" == capsys.readouterr().out
    cover = (
        CalamineWorkbook.from_path(str(home / "member_statistics_2025_M07.xlsx"))
        .get_sheet_by_name("Cover")
        .to_python()
    )
    assert ["Member id", "M07"] in cover


def test_template_works_outside_a_workspace(tmp_path, monkeypatch, capsys):
    monkeypatch.delenv("PLATFORM_UTILS_HOME", raising=False)
    monkeypatch.chdir(tmp_path)
    assert 0 == main(["template", "2023", "--output", "form.xlsx"])
    assert (tmp_path / "form.xlsx").is_file()
    assert "form.xlsx\n" == capsys.readouterr().out


def test_template_refuses_a_year_without_a_form(home, capsys):
    assert 2 == main(["template", "1999", "--lang", "en"])
    assert capsys.readouterr().err.startswith("E-190 There is no form for the year 1999.")


def test_import_prints_a_receipt_in_which_every_row_has_a_place(home, capsys):
    (home / "cases.csv").write_text("\n".join([HEADINGS, *ROWS]) + "\n", encoding="utf-8")
    assert 0 == main(
        [
            "import",
            "cases.csv",
            "--crosswalk",
            "ctdc",
            "--year",
            "2016",
            "--date",
            "2025-01-31",
            "--lang",
            "en",
        ]
    )
    told = capsys.readouterr().out.splitlines()
    described = "platform_utils/resources/sources/ctdc.toml"
    assert told[:8] == [
        f"Read with the crosswalk ctdc_global (CTDC Global Dataset (k-anonymised)); described by {described}",
        "CTDC Global Dataset (k-anonymised): year 2016",
        "  3  rows read",
        "  2  rows taken, all of them with the role “directly exploited”",
        "  1  rows set aside: another year",
        "  0  rows set aside: no year stated",
        "  0  rows set aside: nothing in them",
        "  1  cells in citizenship redacted by the publisher, counted as unknown",
    ]
    assert "Columns not taken (not known to the crosswalk): new" in told
    assert "data_raw/external/ctdc/2016/receipts.toml" in told
    assert told[-1] == "Next: platform-utils report casefile 2016 --source external-ctdc"


def test_import_names_the_years_there_are(home, capsys):
    (home / "cases.csv").write_text("\n".join([HEADINGS, *ROWS]) + "\n", encoding="utf-8")
    assert 12 == main(["import", "cases.csv", "--year", "2020", "--lang", "en"])
    assert "Expected one of its years: 2015, 2016." in capsys.readouterr().err
    assert not (home / "data_raw").exists()
