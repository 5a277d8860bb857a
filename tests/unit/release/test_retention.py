"""Rows of years whose time is up: all that holds them goes, all that the gate let out stays, and a receipt says so."""

import datetime as dt
import tomllib

import pytest

from platform_utils.cli import main
from platform_utils.errors import UsageError
from platform_utils.paths import Workspace
from platform_utils.release import delete_rows, kept_until, years_over

GOES = {
    "data_raw/members/2018/M01-2018-aa.json", "data_raw/members/2018/corrections.toml", "data_raw/members/2018/keys.toml",
    "data_clean/members/restricted/2018/clean__case.parquet", "data_clean/members/restricted/2018/notebooks/x.ipynb",
    "data_clean/members/restricted/logs/clean-2018.txt", "data_clean/members/restricted/checkpoints/explore.ipynb",
    "data_clean/members/restricted/released/2018/1/2018/clean__case.parquet",
    "data_clean/members/restricted/released/2018/1/2017/clean__case.parquet",
    "data_clean/members/restricted/released/2019/1/2018/clean__case.parquet",
}  # fmt: skip
STAYS = {
    "_quarto.yml", "data_raw/members/2018/members.toml", "data_raw/members/2018/texts/sv.md", "data_raw/members/2018/exemptions.toml",
    "data_clean/members/controlled/2018/tables/role.parquet", "releases/members/2018-1/tables/2018/role.parquet",
    "data_raw/members/2019/receipts.toml", "data_clean/members/restricted/2019/clean__case.parquet",
    "data_clean/members/restricted/released/2019/1/2019/clean__case.parquet", "data_raw/members/pilot/cohort.csv",
    "data_raw/demo/2018/M01-2018-aa.json",
}  # fmt: skip
RECEIPTS = "data_raw/members/2018/receipts.toml"
DAY = dt.date(2024, 1, 1)


@pytest.fixture
def workspace(tmp_path, monkeypatch):
    for name in (*GOES, *STAYS, RECEIPTS):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("1234567890", encoding="utf-8")
    monkeypatch.setenv("PLATFORM_UTILS_HOME", str(tmp_path))
    return Workspace(tmp_path)


def there(workspace):
    found = (
        path.relative_to(workspace.root).as_posix() for path in workspace.root.rglob("*") if path.is_file()
    )
    return {name for name in found if not name.startswith(".setup/")}


def test_rows_are_kept_as_long_as_the_form_promises(workspace):
    assert dt.date(2023, 12, 31) == kept_until(2018)
    assert (2017,) == years_over(workspace, "members", dt.date(2023, 12, 31))
    assert (2017, 2018) == years_over(workspace, "members", DAY)


def test_all_that_holds_rows_goes_and_all_that_was_let_out_stays(workspace):
    done = delete_rows(workspace, "members", until=2018, day=DAY)
    after = {"data_raw/members/2018/deleted_receipts.toml", "data_raw/members/deletions.toml"}
    assert STAYS | after == there(workspace)
    assert [(2017, 2), (2018, 8)] == [(one.year, one.files) for one in done]
    receipt = tomllib.loads(workspace.deletions("members").read_text(encoding="utf-8"))["deletion"]
    expected = {"year": 2018, "deleted": "2024-01-01", "kept_until": "2023-12-31", "files": 8, "bytes": 80}
    assert expected == receipt[-1]
    assert (2019,) == workspace.years_with_returns("members")


def test_a_second_deletion_finds_nothing_and_the_receipt_of_the_first_stays(workspace):
    delete_rows(workspace, "members", until=2018, day=DAY)
    before = workspace.deletions("members").read_bytes()
    assert [] == delete_rows(workspace, "members", until=2018, day=DAY)
    assert before == workspace.deletions("members").read_bytes()


def test_nothing_goes_before_its_time(workspace):
    before = there(workspace)
    with pytest.raises(UsageError) as caught:
        delete_rows(workspace, "members", until=2019, day=DAY)
    assert ("E-860", 2019) == (caught.value.code, caught.value.fields["year"])
    assert before == there(workspace)


def test_the_command_names_the_years_first_and_then_deletes(workspace, capsys):
    how = ["delete-rows", "--until", "2018", "--source", "members", "--date", "2024-01-01", "--lang", "en"]
    assert 0 == main([*how, "--dry-run"])
    assert [
        "2017: to be deleted; kept until 2022-12-31",
        "2018: to be deleted; kept until 2023-12-31",
    ] == capsys.readouterr().out.splitlines()
    assert there(workspace) >= GOES
    assert 0 == main(how)
    assert "2018: 8 files with rows deleted (80 bytes)" in capsys.readouterr().out
    assert not there(workspace) & GOES
