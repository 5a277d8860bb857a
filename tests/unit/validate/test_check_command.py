import pandas as pd
import pytest

from platform_utils.cli import main
from platform_utils.returns import write_template


@pytest.fixture
def workbook(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("PLATFORM_UTILS_HOME", raising=False)

    def write(**cells):
        table = pd.DataFrame(
            {"person_code": ["P1"], "role": ["direkt utsatt"]} | {k: [v] for k, v in cells.items()}
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
    assert "Kvittot att rätta efter: svar.kvitto.xlsx" == printed[-1]
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
    (tmp_path / "svar.csv").write_text("Personkod;Roll;Kön\nP1;direkt utsatt;kvinna\n", encoding="utf-8")
    assert 2 == main(["check", "svar.csv", "--lang", "en"])
    assert "E-250 The year of svar.csv stands on no cover." in capsys.readouterr().err
    assert 0 == main(["check", "svar.csv", "--lang", "en", "--year", "2023"])
    assert "svar.csv             1             1             0" in capsys.readouterr().out


def test_a_password_file_that_is_not_there(tmp_path, monkeypatch, capsys):
    from platform_utils.cli.check import _password
    from platform_utils.errors import UsageError

    with pytest.raises(UsageError, match="E-251"):
        _password(tmp_path / "svar.xlsx", tmp_path / "none.txt", "sv")()
    (tmp_path / "key.txt").write_text("\ufeffhemligt ord\r\nannat\n", encoding="utf-8")
    assert "hemligt ord" == _password(tmp_path / "svar.xlsx", tmp_path / "key.txt", "sv")()
