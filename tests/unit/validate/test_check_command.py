import pandas as pd
import pytest

from platform_utils.cli import main
from platform_utils.form import write_template


@pytest.fixture
def workbook(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("PLATFORM_UTILS_HOME", raising=False)

    def write(**cells):
        table = pd.DataFrame(
            {"person_code": ["P1"], "role": ["direkt utsatt"], "form__sexual": ["ja"]}
            | {k: [v] for k, v in cells.items()}
        )
        write_template(
            tmp_path / "svar.xlsx", 2023, "sv", member_id="M07", member_name="Exempel", tables={"case": table}
        )

    return write


def test_a_good_return_ends_with_0_and_a_receipt(workbook, tmp_path, capsys):
    workbook(sex="kvinna")
    assert 0 == main(["check", "svar.xlsx", "--lang", "sv"])
    printed = capsys.readouterr().out.splitlines()
    assert "Kontroll av svar.xlsx (medlem M07, år 2023)" == printed[0]
    assert "Inget att åtgärda hittades." in printed
    assert ["Kvittot att rätta efter: svar.kvitto.xlsx", "räknade personer: 1"] == printed[-2:]
    assert (tmp_path / "svar.kvitto.xlsx").is_file()


def test_a_held_row_ends_with_12_and_says_where_without_the_content(workbook, tmp_path, capsys):
    workbook(sex="hemligt")
    assert 12 == main(["check", "svar.xlsx", "--lang", "en"])
    printed = capsys.readouterr().out
    assert 'E-203  Personer · column "Kön" · row 5' in printed
    assert "hemligt" not in printed
    assert (tmp_path / "svar.receipt.xlsx").is_file()


def test_the_receipt_can_stand_elsewhere(workbook, tmp_path):
    workbook()
    assert 0 == main(["check", "svar.xlsx", "--lang", "sv", "--receipt", "ut.xlsx"])
    assert ["svar.xlsx", "ut.xlsx"] == sorted(path.name for path in tmp_path.iterdir())


def test_a_table_without_a_cover_needs_its_year(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    asked = "Personkod;Roll;Kön;Åldersgrupp;Ursprung;Form: tiggeri;Första kontakt genom;Polisanmälan;Antal egna barn"
    answers = "P1;direkt utsatt;kvinna;18–26 år;tredjeland;ja;socialtjänst;nej;0"
    (tmp_path / "svar.csv").write_text(f"{asked}\n{answers}\n", encoding="utf-8")
    assert 2 == main(["check", "svar.csv", "--lang", "en"])
    assert "E-250 The year of svar.csv stands on no cover." in capsys.readouterr().err
    assert 0 == main(["check", "svar.csv", "--lang", "en", "--year", "2023"])
    assert "svar.csv             1             1             0" in capsys.readouterr().out


def test_what_is_no_return_is_said_before_its_year_is_asked_for(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "annat.csv").write_text("Datum;Belopp\n2023-01-01;5\n", encoding="utf-8")
    (tmp_path / "omslag.csv").write_text("Medlems-id;M07\nÅr;2023\n", encoding="utf-8")
    assert [11, 11] == [main(["check", name, "--lang", "sv"]) for name in ("annat.csv", "omslag.csv")]
    said = capsys.readouterr().err
    assert ("E-114" in said, "en CSV-fil innehåller ett enda blad" in said, "E-250" in said) == (
        True,
        True,
        False,
    )


def test_a_password_file_that_is_not_there(tmp_path, monkeypatch, capsys):
    from platform_utils.cli.check import _password
    from platform_utils.errors import UsageError

    with pytest.raises(UsageError, match="E-251"):
        _password(tmp_path / "svar.xlsx", tmp_path / "none.txt", "sv")()
    (tmp_path / "key.txt").write_text("\ufeffhemligt ord\r\nannat\n", encoding="utf-8")
    assert "hemligt ord" == _password(tmp_path / "svar.xlsx", tmp_path / "key.txt", "sv")()
